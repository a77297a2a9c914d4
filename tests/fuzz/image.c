/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Image bytes: the door (I2). What is wrong is refused; what is accepted decides hundreds of requests on facts that it
 * was not made for, explains them, and can be shown. The digest is put right first: an attacker can compute one too.
 *
 * An input is an image; or it is changes of the words of an image that is compiled anew (what most of the kept ones are).
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/decide/policy.h"
#include "engine/image/image.h"
#include "tests/fuzz/lib/fuzz.h"

enum { ROUNDS = 100, CLOSER = 25, PATCHES_MOST = 16 };

static struct rko_facts *library, *empty;

static void decide(struct rko_policy *policy, size_t size)
{
	struct rko_session *session;

	if (rko_session_open(policy, library, &session, NULL) != RKO_OK)
		HOLDS(rko_session_open(policy, empty, &session, NULL) == RKO_OK, "no session on an empty store");
	fuzz_ask(policy, session, ROUNDS, CLOSER, size);
	rko_session_close(session);
}

/* Inputs ------------------------------------------------------------------------------------------ */

struct given {
	uint8_t *bytes;
	size_t size;
};

static struct given bases[2];

static const size_t element_bytes[] = {
#define SECTION(member, type) sizeof(type),
#include "engine/image/sections.def"
#undef SECTION
};

/* One change of a word: of which section, which word, how, and by what. */
static void patch(struct given *image, struct fuzz_bytes *input)
{
	struct image_head *head = (struct image_head *)image->bytes;
	uint32_t section = fuzz_take(input, 1) % IMAGE_SECTIONS, number = fuzz_take(input, 2), how = fuzz_take(input, 1);
	uint32_t value = fuzz_take(input, 2), room = (uint32_t)(image->size - head->section[section].at) / 4;
	uint32_t words = (uint32_t)(head->section[section].count * element_bytes[section] / 4);
	uint32_t row = (uint32_t)element_bytes[section] / 4, *word;

	if (words > room)	/* its count was changed before */
		words = room;
	if (!words)
		return;
	word = (uint32_t *)(image->bytes + head->section[section].at) + number % words;
	switch (how % 8) {
	case 0:
		*word = value;
		break;
	case 1:
		*word += value;
		break;
	case 2:
		*word -= value;
		break;
	case 3:
		*word ^= 1u << value % 32;
		break;
	case 4:
		*word = value % 2 ? IMAGE_NONE : IMAGE_NOBODY;
		break;
	case 5:
		*word = IMAGE_TERMINAL | value;
		break;
	case 6:		/* as another row has it there */
		*word = ((uint32_t *)(image->bytes + head->section[section].at))[(number + value * (row ? row : 1)) % words];
		break;
	case 7:		/* one element less or more than there is */
		head->section[section].count += value % 2 ? 1u : -1u;
		break;
	}
}

/* Whole images, and changes of images that are made anew: they outlive a change of the format. */
static struct given image_of(struct fuzz_bytes input)
{
	struct given image = { 0 };
	const struct given *base;

	if (input.left >= 8 && memcmp(input.at, IMAGE_MAGIC, 8) == 0) {
		image = (struct given){ malloc(input.left), input.left };
		memcpy(image.bytes, input.at, input.left);
	} else {
		base = &bases[fuzz_take(&input, 1) % 2];
		image = (struct given){ malloc(base->size), base->size };
		memcpy(image.bytes, base->bytes, base->size);
		for (int n = 0; n < PATCHES_MOST && input.left; n++)
			patch(&image, &input);
	}
	if (image.size >= sizeof(struct image_head))
		image_digest(image.bytes, image.size, image.bytes + offsetof(struct image_head, digest));
	return image;
}

static void begin(void)
{
	struct rko_policy *policy = policy_compile(NULL, "tests/common/library.rko");
	char *yaml = file_read("tests/common/library.yaml", NULL), *folder = folder_new();

	library = facts_new(fuzz_folder());
	facts_load(library, policy, yaml);
	free(yaml);
	/* An open store needs its files no more. */
	empty = facts_new(folder);
	folder_remove(folder);
	rko_policy_unref(policy);
	bases[0].bytes = image_compile(NULL, "tests/common/library.rko", &bases[0].size);
	bases[1].bytes = image_compile(NULL, "examples/documents", &bases[1].size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rko_policy *policy = NULL;
	struct rko_fault fault = { "" };
	enum rko_status status;
	struct buf dump = { 0 };
	struct given image;

	if (!library)
		begin();
	image = image_of((struct fuzz_bytes){ data, size });
	status = rko_policy_from(image.bytes, image.size, &policy, &fault);
	free(image.bytes);
	if (status != RKO_OK) {
		HOLDS(fault.text[0] && !policy, "refused, and no reason");
		HOLDS(status == RKO_IMAGE_INVALID || status == RKO_IMAGE_VERSION, "the door ends with %s",
		      rko_status_word(status));
		return 0;
	}
	image_dump(&dump, &policy->image);
	buf_release(&dump);
	decide(policy, size);
	rko_policy_unref(policy);
	return 0;
}
