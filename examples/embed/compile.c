/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Compiles policies in the process and opens what comes of them. docs/embedding.md goes through it.
 *
 *   cc compile.c $(pkg-config --cflags --libs rkoc) -o compile
 *   ./compile policies/
 *
 * librkoc holds all of librko: a program links the one or the other, never both.
 */
#include <stdio.h>

#include <rko/compile.h>
#include <rko/policy.h>

/* The policy of some files and folders; NULL after its messages. */
static struct rko_policy *compile(char **paths, int count)
{
	struct rko_compiler *compiler;
	struct rko_policy *policy = NULL;
	struct rko_fault fault;
	const char *messages;
	const void *image;
	size_t size;

	if (rko_compiler_new(&compiler) != RKO_OK)
		return NULL;
	for (int i = 0; i < count; i++)
		rko_compiler_add(compiler, paths[i]);
	if (rko_compiler_run(compiler, RKO_STAGE_IMAGE) == RKO_OK) {
		image = rko_compiler_image(compiler, &size);
		if (rko_policy_from(image, size, &policy, &fault) != RKO_OK)	/* copies the image */
			fprintf(stderr, "%s\n", fault.text);
	}
	messages = rko_compiler_messages(compiler, RKO_MESSAGES_TEXT, 20, 0);
	fputs(messages ? messages : "", stderr);
	rko_compiler_free(compiler);
	return policy;
}

int main(int argc, char **argv)
{
	struct rko_policy *policy = compile(argv + 1, argc - 1);

	if (!policy)
		return 4;
	for (uint32_t i = 0; i < rko_policy_questions(policy); i++) {
		struct rko_question_about about;

		rko_question_about(policy, i, RKO_EN, &about);
		printf("%s: %u rules, at most %u rows looked up, at most %u nodes walked for a candidate\n", about.name,
		       about.rules, about.most_fetches, about.most_steps);
	}
	rko_policy_unref(policy);
	return 0;
}
