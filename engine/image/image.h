/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Image: a verified file with its tables at hand. Knows neither facts nor rules' meaning; walks diagrams.
 */
#ifndef RKO_IMAGE_H
#define RKO_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <rko/status.h>

#include "engine/base/text.h"
#include "engine/image/format.h"

struct image {
	const struct image_head *head;
	size_t size;
#define SECTION(member, type) \
	const type *member; \
	uint32_t n_##member;
#include "engine/image/sections.def"
#undef SECTION
};

/* Why a file is no image: which check, and what it looked at. For messages; never trusted input. */
struct image_fault {
	unsigned check;			/* number of the check; see verify.c */
	const char *what;
	const char *section;
	uint32_t index;
};

/*
 * Looks at all of the bytes, which must stay where they are while the image is used. RKO_IMAGE_VERSION,
 * RKO_IMAGE_DIGEST, RKO_IMAGE_INVALID with *ret_fault filled.
 */
enum rko_status image_open(const void *bytes, size_t size, struct image *ret_image,
			   struct image_fault *ret_fault);

/* The digest that the head should carry. */
void image_digest(const void *bytes, size_t size, uint8_t digest[IMAGE_DIGEST_BYTES]);

static inline const char *image_string(const struct image *image, uint32_t at)
{
	return image->strings + at;
}

/* A code of a code set, by its number there. */
static inline const struct image_code *image_code_at(const struct image *image, uint32_t set, uint32_t code)
{
	return &image->codes[image->codesets[set].codes.first + code];
}

/* The text in a language (0 fi, 1 sv, 2 en); where it is not given, in another; else the name. */
const char *image_label_text(const struct image *image, const struct image_label *label, unsigned lang,
			     uint32_t name);

static inline bool image_is_terminal(uint32_t ref)
{
	return ref & IMAGE_TERMINAL;
}

static inline uint32_t image_value_of(uint32_t ref)
{
	return ref & ~IMAGE_TERMINAL;
}

/*
 * Follows a diagram of a plan when every feature's class is given. For the compiler's proof, for tests and
 * for callers that bind features themselves. Gives the terminal's value.
 */
static inline uint32_t image_walk(const struct image *image, const struct image_plan *plan, uint32_t ref,
				  const uint8_t *class_of)
{
	const uint32_t *words = image->nodes + plan->nodes.first;

	while (!image_is_terminal(ref))
		ref = words[ref + 1 + class_of[words[ref]]];
	return image_value_of(ref);
}

struct buf;
/* Everything in words, for `rko dump --after=image`. */
void image_dump(struct buf *out, const struct image *image);

#endif
