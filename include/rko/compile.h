/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The compiler (librkoc): policy texts in, messages and an image out.
 *
 *   struct rko_compiler *c;
 *   rko_compiler_new(&c);
 *   rko_compiler_add(c, "policies");
 *   if (rko_compiler_run(c, RKO_STAGE_IMAGE) == RKO_OK)
 *           image = rko_compiler_image(c, &size);
 *   fputs(rko_compiler_messages(c, RKO_MESSAGES_TEXT), stderr);
 *   rko_compiler_free(c);
 *
 * A compiler is used by one thread at a time. Everything it gives belongs to it and lives until it is freed.
 */
#ifndef RKO_COMPILE_H
#define RKO_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include <rko/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rko_compiler;

/* How far to go. Each stage needs the ones before it. */
enum rko_stage {
	RKO_STAGE_TOKENS,
	RKO_STAGE_AST,
	RKO_STAGE_CHECK,	/* names, types, citations */
	RKO_STAGE_RULES,	/* features and the rules over them */
	RKO_STAGE_DIAGRAM,	/* diagrams, analyses, laws, proof */
	RKO_STAGE_IMAGE,
};

enum rko_messages {
	RKO_MESSAGES_TEXT,
	RKO_MESSAGES_COLOUR,	/* the same for a terminal that shows colours */
	RKO_MESSAGES_JSON,
};

/* RKO_NO_MEMORY. */
enum rko_status rko_compiler_new(struct rko_compiler **ret_compiler);
/* Accepts NULL. */
void rko_compiler_free(struct rko_compiler *compiler);

/*
 * Adds a file, or every file ending in .rko in a folder and below it. What cannot be read becomes a message.
 * The order of calls does not matter. RKO_NO_MEMORY, RKO_ARGUMENT after a run.
 */
enum rko_status rko_compiler_add(struct rko_compiler *compiler, const char *path);
/* Adds a text; `name` stands for its path in messages. Both are copied. */
enum rko_status rko_compiler_add_text(struct rko_compiler *compiler, const char *name, const char *text,
				      size_t length);

/*
 * Runs once. RKO_POLICY_ERRORS when there is an error; a bound that was passed is one too, and a message says which.
 * RKO_NO_MEMORY when the machine's memory runs out.
 */
enum rko_status rko_compiler_run(struct rko_compiler *compiler, enum rko_stage stage);

size_t rko_compiler_errors(const struct rko_compiler *compiler);
size_t rko_compiler_warnings(const struct rko_compiler *compiler);
size_t rko_compiler_notes(const struct rko_compiler *compiler);
/* `most`: errors shown at the most, 0 for all. `notes`: show notes too. NULL when memory runs out. */
const char *rko_compiler_messages(struct rko_compiler *compiler, enum rko_messages form, size_t most, int notes);

/* What a stage came to, as text for people; the stage must have been run. NULL when it was not. */
const char *rko_compiler_dump(struct rko_compiler *compiler, enum rko_stage stage);
/* Sizes, cells, fetches: the build report, as text. NULL before RKO_STAGE_DIAGRAM. */
const char *rko_compiler_report(struct rko_compiler *compiler);

/* The image; NULL unless RKO_STAGE_IMAGE was run without errors. */
const void *rko_compiler_image(const struct rko_compiler *compiler, size_t *ret_size);

/*
 * The long form of a message: `code` is the number in RKO0417. Gives the title and sets *ret_text; NULL when
 * there is no such code.
 */
const char *rko_explain_code(unsigned code, const char **ret_text);
/* The number of the n-th code, counting from 0; 0 past the last. */
unsigned rko_code_at(size_t index);

/*
 * Lays out a policy text as the language likes it: only white space changes, and doing it twice changes nothing
 * more. `name` stands for the text's path in messages; `text` need not end in a NUL.
 *
 * RKO_OK: *ret_text is the layout, *ret_length its bytes without the NUL that follows; *ret_messages is NULL.
 * RKO_POLICY_ERRORS: the text does not parse, or is longer than a file may be; *ret_messages says why in words,
 * *ret_text is NULL. RKO_NO_MEMORY, RKO_INTERNAL (the layout would not have had the same words; nothing is given):
 * both are NULL. What is given belongs to the caller, who frees it with free().
 */
enum rko_status rko_format(const char *name, const char *text, size_t length, char **ret_text,
			   size_t *ret_length, char **ret_messages);

#ifdef __cplusplus
}
#endif

#endif
