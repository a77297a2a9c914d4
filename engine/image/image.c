/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/image/image.h"

#include <sodium.h>
#include <stddef.h>

void image_digest(const void *bytes, size_t size, uint8_t digest[IMAGE_DIGEST_BYTES])
{
	static const uint8_t zero[IMAGE_DIGEST_BYTES];
	const size_t at = offsetof(struct image_head, digest);
	const unsigned char *data = bytes;
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, IMAGE_DIGEST_BYTES);
	crypto_generichash_update(&state, data, at);
	crypto_generichash_update(&state, zero, sizeof zero);
	crypto_generichash_update(&state, data + at + sizeof zero, size - at - sizeof zero);
	crypto_generichash_final(&state, digest, IMAGE_DIGEST_BYTES);
}

const char *image_label_text(const struct image *image, const struct image_label *label, unsigned lang,
			     uint32_t name)
{
	static const uint8_t next[IMAGE_LANGS][IMAGE_LANGS] = { { 0, 2, 1 }, { 1, 0, 2 }, { 2, 0, 1 } };

	for (int i = 0; i < IMAGE_LANGS; i++)
		if (label->in[next[lang][i]])
			return image_string(image, label->in[next[lang][i]]);
	return image_string(image, name);
}
