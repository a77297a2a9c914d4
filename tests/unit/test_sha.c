/* SPDX-License-Identifier: EUPL-1.2 */
/* SHA-256: the known answers of FIPS 180-4, in one piece and in many; what a log's chain makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "engine/audit/frame.h"
#include "engine/audit/sha.h"

enum { MILLION = 1000000 };

static const struct known {
	const char *data, *hash;
} knowns[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",	/* 448 bits */
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",	/* 896 bits */
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};
static const char million[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static void is(struct hash hash, const char *hex)
{
	char found[2 * HASH_BYTES + 1];

	assert_string_equal(sodium_bin2hex(found, sizeof found, hash.at, HASH_BYTES), hex);
}

static char *letters(size_t size)
{
	char *data = malloc(size);

	assert_non_null(data);
	memset(data, 'a', size);
	return data;
}

static void answers_are_those_of_the_standard(void **state)
{
	char *data = letters(MILLION);

	(void)state;
	for (size_t i = 0; i < sizeof knowns / sizeof knowns[0]; i++)
		is(sha_of(knowns[i].data, strlen(knowns[i].data)), knowns[i].hash);
	is(sha_of(NULL, 0), knowns[0].hash);
	is(sha_of(data, MILLION), million);
	free(data);
}

static void pieces_are_as_the_whole(void **state)
{
	char *data = letters(MILLION);
	struct sha pieces;

	(void)state;
	for (size_t i = 0; i < sizeof knowns / sizeof knowns[0]; i++) {
		size_t size = strlen(knowns[i].data);

		for (size_t cut = 0; cut <= size; cut++) {
			sha_init(&pieces);
			sha_add(&pieces, knowns[i].data, cut);
			sha_add(&pieces, NULL, 0);
			sha_add(&pieces, knowns[i].data + cut, size - cut);
			is(sha_end(&pieces), knowns[i].hash);
		}
	}
	sha_init(&pieces);
	for (size_t at = 0, step = 0; at < MILLION; at += step) {
		step = step % 131 + 1 < MILLION - at ? step % 131 + 1 : MILLION - at;
		sha_add(&pieces, data + at, step);
	}
	is(sha_end(&pieces), million);
	free(data);
}

/* Two states at a time, and data at any address. */
static void states_do_not_know_of_each_other(void **state)
{
	const size_t size = strlen(knowns[3].data);
	struct sha one, other;
	char room[8 + 112];

	(void)state;
	for (size_t shift = 0; shift < 8; shift++) {
		memcpy(room + shift, knowns[3].data, size);
		sha_init(&one);
		sha_add(&one, room + shift, 70);
		sha_init(&other);
		sha_add(&other, "ab", 2);
		sha_add(&one, room + shift + 70, size - 70);
		sha_add(&other, "c", 1);
		is(sha_end(&one), knowns[3].hash);
		is(sha_end(&other), knowns[1].hash);
	}
}

/*
 * The chain and the root of three records, worked out by another program from what docs/audit.md says: what is hashed
 * of a frame, and how, never changes.
 */
static void frames_are_chained_as_ever(void **state)
{
	static const char *const bodies[] = { "", "first", "the second record" };
	static const char *const chains[] = {
		"1facc93cb010378079659f38d7f38b5ee6a81ffb740cba997c0b1c87374f755e",
		"270ad999e16c2abeecf3140ed494fe105c1126dd0442acfa7ae451cc83878b5d",
		"eb5ebb0a965732cfe4212f52e68719f39e6f42aa09daf7bf7b023c1ff564feb8",
	};
	struct front front = { 0 };
	uint8_t at[FRAME_HEAD + 24];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		memcpy(at + FRAME_HEAD, bodies[i], strlen(bodies[i]));
		frame_write(at, strlen(bodies[i]), i, 1783677600000000000 + i, &front);
		is(front.chain, chains[i]);
		assert_memory_equal(at + 8, front.chain.at, HASH_BYTES);
	}
	is(merkle_root(&front.tree), "d288bdb019a00362baffddfda059ba5fe5422c6eed7880ada5a380af427b863e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_those_of_the_standard),
		cmocka_unit_test(pieces_are_as_the_whole),
		cmocka_unit_test(states_do_not_know_of_each_other),
		cmocka_unit_test(frames_are_chained_as_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
