/* SPDX-License-Identifier: EUPL-1.2 */
/* Spare: the thread that makes the next segment ready while this one is written. */
#include "engine/audit/open_log.h"

enum { PACE_NS = 4000000 };	/* between two pieces of a segment */

/* Takes the one that was made, or asks for one. */
void spare_look(struct rko_audit *audit)
{
	int file;

	if (!writer_wants_spare(&audit->writer))
		return;
	pthread_mutex_lock(&audit->mutex);
	file = audit->provided;
	audit->provided = -1;
	if (file < 0 && !audit->wanted) {
		audit->wanted = true;
		pthread_cond_signal(&audit->provide);
	}
	pthread_mutex_unlock(&audit->mutex);
	if (file >= 0)
		writer_take_spare(&audit->writer, file);
}

/* Slowly while there is time: until three quarters of the segment in use are full. */
static bool pace_spare(void *context)
{
	struct rko_audit *audit = context;
	uint64_t until = steady_ns() + PACE_NS;
	struct timespec at = { (time_t)(until / 1000000000u), (long)(until % 1000000000u) };
	bool on;

	pthread_mutex_lock(&audit->mutex);
	while (!audit->closing && audit->about.segment_free > audit->writer.segment_bytes / 4 &&
	       pthread_cond_timedwait(&audit->provide, &audit->mutex, &at) == 0)
		;
	on = !audit->closing;
	pthread_mutex_unlock(&audit->mutex);
	return on;
}

void *spare_run(void *context)
{
	struct rko_audit *audit = context;

	pthread_mutex_lock(&audit->mutex);
	while (!audit->closing) {
		int file;

		if (!audit->wanted || audit->provided >= 0) {
			pthread_cond_wait(&audit->provide, &audit->mutex);
			continue;
		}
		pthread_mutex_unlock(&audit->mutex);
		file = writer_make_spare(&audit->writer.folder, audit->writer.segment_bytes, pace_spare, audit);
		pthread_mutex_lock(&audit->mutex);
		audit->provided = file;
		audit->wanted = false;
	}
	pthread_mutex_unlock(&audit->mutex);
	return NULL;
}
