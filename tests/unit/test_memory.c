/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Memory that runs out in the middle of a compile. Two ways: the k-th piece that is asked of malloc is refused, for
 * every k; and the bound on the memory of one compile is set to ever more bytes, so that it is passed at a great many
 * places. Each time the compile ends with a status, says what there is to say, and gives everything back (which the
 * leak check of the sanitizer build sees).
 *
 * The arena, the buffers and the driver of the compiler are compiled into this test with an allocator that can
 * refuse; the rest of the compiler takes its memory from them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned long asked;	/* pieces so far */
static unsigned long refused;	/* the one that is refused, counting from 1; 0: none */

static void *counted_calloc(size_t count, size_t size)
{
	return ++asked == refused ? NULL : calloc(count, size);
}

static void *counted_realloc(void *old, size_t size)
{
	return ++asked == refused ? NULL : realloc(old, size);
}

#define calloc counted_calloc
#define realloc counted_realloc
#include "engine/base/arena.c"
#include "engine/base/buf.c"
#include "dsl/compile.c"
#undef calloc
#undef realloc

static const char *const paths[] = { "tests/corpus/base/kirjasto.rko", "tests/corpus/base/kunnittain.rko" };

/* A little of everything, so that each pass of the compiler has something to do. */
static const char policy[] =
	"policy lainat  version \"1\"\n"
	"  uses kirjasto\n"
	"parameter aika : duration  allows 14 days .. 28 days = 21 days\n"
	"window laina-aika of laina = [begins - 7 days, ends + 1 month]\n"
	"set paperi = { kirja, nuotti }\n"
	"chapter lainaus\n"
	"link kortti = the kortti [asiakas]\n"
	"link laina = each laina [asiakas]  at most 16\n"
	"link kielto = some kielto [asiakas]  at most 8\n"
	"define palvelu : taso\n"
	"  case laaja when kanava = tiski\n"
	"    except perus when asiakas.esto\n"
	"  case perus otherwise\n"
	"table katto : asiakas.ryhmä, nide.laji -> at most taso  blank none  cite KL \"9 §\"\n"
	"  columns kirja nuotti\n"
	"  row aikuinen laaja perus\n"
	"  row lapsi    pending .\n"
	"judgement ehjä by kirjasto per nide\n"
	"  asks fi \"Onko nide ehjä?\" sv \"Är det helt?\" en \"Is it whole?\"\n"
	"rule a  grant lainaa  when kortti is current and nide.laji in paperi and palvelu = laaja  cite KL \"9 §\"\n"
	"exception b to a  withhold  when some kielto with (kielto.laji = nide.laji)  cite KL \"9 §\"\n"
	"exception c to b  grant  when ehjä  cite KL \"9 §\"\n"
	"rule d  grant uusi  when laina exists and within laina-aika of laina and before laina.begins + aika  cite KL \"9 §\"\n"
	"rule e  grant varaa  when katto[asiakas.ryhmä, nide.laji] has perus  cite KL \"9 §\"\n"
	"rule f  prohibit varaa  when nide.tila = kadonnut  cite OHJE \"2\"\n"
	"duty g of kirjasto on lainaa granted  due laina.ends + 14 days  cite KL \"9 §\"\n"
	"  says fi \"Kuitti.\" sv \"Kvitto.\" en \"Receipt.\"\n"
	"law h  never granted varaa when nide.tila = kadonnut and on or after 2026-01-01 and before 2026-12-31  cite KL \"9 §\"\n"
	"example \"i\"\n"
	"  ask varaa on 2026-06-01 with nide.tila = kadonnut expect forbidden by f\n";

/* The same with something wrong in each statement: messages take memory too. */
static const char wrong_policy[] =
	"policy lainat  version \"1\"\n"
	"  uses kirjasto, olematon\n"
	"chapter lainaus\n"
	"link kortti = the kortti [nide]\n"
	"rule a  grant lainaa  when nide.laji = kirjaa  cite KL \"9 §\"\n"
	"rule a  grant lainaa  when nide.laja = kirja  cite KL \"99 §\"\n"
	"exception b to c  withhold  when asiakas.esto\n"
	"rule d  grant lainata  when not (nide.hankittu = nide.laji)  cite KL \"9 §\"\n";

struct result {
	enum rko_status status;
	size_t errors;
	bool too_little;		/* RKO0116 was said */
	char *messages;			/* as text; NULL where memory ran out */
	void *image;
	size_t size;
	size_t reserved;
};

static void result_release(struct result *result)
{
	free(result->messages);
	free(result->image);
}

static enum rko_status add_all(struct rko_compiler *compiler, const char *text)
{
	enum rko_status status = RKO_OK;

	for (size_t i = 0; i < sizeof paths / sizeof paths[0] && status == RKO_OK; i++)
		status = rko_compiler_add(compiler, paths[i]);
	if (status == RKO_OK)
		status = rko_compiler_add_text(compiler, "lainat.rko", text, strlen(text));
	return status;
}

/* A whole compile, with messages and a dump. `max`: bytes it may use, 0 for what is usual. */
static struct result compile(const char *text, size_t max)
{
	struct result result = { .status = RKO_OK };
	struct rko_compiler *compiler = NULL;
	const char *messages;
	const void *image;

	result.status = rko_compiler_new(&compiler);
	if (result.status != RKO_OK)
		return result;
	if (max)
		compiler->arena.max = max;
	result.status = add_all(compiler, text);
	if (result.status == RKO_OK)
		result.status = rko_compiler_run(compiler, RKO_STAGE_IMAGE);
	messages = rko_compiler_messages(compiler, RKO_MESSAGES_TEXT, 0, 1);
	if (messages) {
		result.messages = strdup(messages);
		result.too_little = strstr(messages, "RKO0116");
	}
	image = rko_compiler_image(compiler, &result.size);
	if (image) {
		result.image = malloc(result.size);
		memcpy(result.image, image, result.size);
	}
	rko_compiler_dump(compiler, RKO_STAGE_DIAGRAM);
	rko_compiler_report(compiler);
	result.errors = rko_compiler_errors(compiler);
	result.reserved = compiler->arena.reserved;
	rko_compiler_free(compiler);
	return result;
}

/* What comes of it with all the memory there is. */
static struct result whole(const char *text)
{
	refused = asked = 0;
	return compile(text, 0);
}

static void refuse_each(const char *text)
{
	struct result expected = whole(text);
	unsigned long pieces = asked;

	assert_true(pieces >= 6);	/* chunks of the arena, and the texts of messages */
	for (unsigned long k = 1; k <= pieces; k++) {
		struct result result;

		asked = 0;
		refused = k;
		result = compile(text, 0);
		refused = 0;
		assert_true(asked >= k);
		if (result.status == expected.status) {
			/* It ran out behind the run: in showing what came of it. */
			assert_int_equal(result.errors, expected.errors);
			assert_int_equal(result.size, expected.size);
			if (result.messages)
				assert_string_equal(result.messages, expected.messages);
		} else {
			assert_int_equal(result.status, RKO_NO_MEMORY);
			assert_null(result.image);
		}
		assert_false(result.too_little);
		result_release(&result);
	}
	result_release(&expected);
}

static void bound_each(const char *text)
{
	struct result expected = whole(text);
	size_t bounded = 0, step = expected.reserved / 400 / 16 * 16 + 16;

	for (size_t max = 16; max < expected.reserved; max += step) {
		struct result result = compile(text, max);

		if (result.status == RKO_NO_MEMORY) {
			/* Not even the texts fitted. */
			assert_true(max < 64 * 1024);
		} else if (result.too_little) {
			assert_int_equal(result.status, RKO_POLICY_ERRORS);
			assert_true(result.errors >= 1);
			assert_null(result.image);
			bounded++;
		} else {
			/* Enough, since the bound only makes the last pieces smaller. */
			assert_int_equal(result.status, expected.status);
			assert_int_equal(result.size, expected.size);
		}
		result_release(&result);
	}
	assert_true(bounded > 50);
	result_release(&expected);
}

static void test_good_refused(void **state)
{
	struct result expected = whole(policy);

	(void)state;
	assert_int_equal(expected.status, RKO_OK);
	assert_non_null(expected.image);
	result_release(&expected);
	refuse_each(policy);
}

static void test_wrong_refused(void **state)
{
	struct result expected = whole(wrong_policy);

	(void)state;
	assert_int_equal(expected.status, RKO_POLICY_ERRORS);
	assert_true(expected.errors >= 6);
	result_release(&expected);
	refuse_each(wrong_policy);
}

static void test_good_bounded(void **state)
{
	(void)state;
	bound_each(policy);
}

static void test_wrong_bounded(void **state)
{
	(void)state;
	bound_each(wrong_policy);
}

/* Whole folders are read while memory runs out: what was opened is closed. */
static void test_folder(void **state)
{
	(void)state;
	for (size_t max = 1024; max < 512 * 1024; max += 8 * 1024 + 16) {
		struct rko_compiler *compiler;
		enum rko_status status;

		assert_int_equal(rko_compiler_new(&compiler), RKO_OK);
		compiler->arena.max = max;
		status = rko_compiler_add(compiler, "policies");
		assert_true(status == RKO_OK || status == RKO_NO_MEMORY);
		if (max < 64 * 1024)
			assert_int_equal(status, RKO_NO_MEMORY);
		rko_compiler_free(compiler);
	}
	/* Descriptors that were left open would be counted on from. */
	{
		FILE *file = fopen("README.md", "r");

		if (!file)
			file = fopen("LICENSE", "r");
		assert_non_null(file);
		assert_true(fileno(file) < 16);
		fclose(file);
	}
}

/* The arena's own promise: `max` bytes and not one more. */
static void test_arena(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 4096);
	assert_non_null(arena_alloc(&arena, 4096));
	assert_null(arena_alloc(&arena, 1));
	assert_true(arena.exhausted && arena.at_max);
	arena_free(&arena);
	arena_init(&arena, 4096);
	assert_null(arena_alloc(&arena, 4097));
	assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_non_null(arena_alloc(&arena, 16));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_refused), cmocka_unit_test(test_wrong_refused),
		cmocka_unit_test(test_good_bounded), cmocka_unit_test(test_wrong_bounded),
		cmocka_unit_test(test_folder),	     cmocka_unit_test(test_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
