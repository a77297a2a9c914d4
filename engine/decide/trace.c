/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/decide/trace.h"

void trace_key(struct trace *trace, enum trace_kind kind, uint32_t number, uint32_t state, uint32_t generation,
	       const uint8_t *key, uint32_t key_size)
{
	uint8_t *at;

	if (!trace || !(at = trace_room(trace, kind, 7 + key_size)))
		return;
	put_le16(at, (uint16_t)number);
	at[2] = (uint8_t)state;
	put_le32(at + 3, generation);
	if (key_size)
		memcpy(at + 7, key, key_size);
}

void trace_scan(struct trace *trace, uint32_t scan, bool open_ended, uint32_t rows)
{
	uint8_t *at;

	if (!trace || !(at = trace_room(trace, TRACE_SCAN, 5)))
		return;
	put_le16(at, (uint16_t)scan);
	at[2] = open_ended;
	put_le16(at + 3, (uint16_t)rows);
}
