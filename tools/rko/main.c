/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rko/compile.h>
int main(int argc, char **argv)
{
	struct rko_compiler *c;
	enum rko_status s;
	rko_compiler_new(&c);
	for (int i = 2; i < argc; i++)
		rko_compiler_add(c, argv[i]);
	s = rko_compiler_run(c, RKO_STAGE_IMAGE);
	fputs(rko_compiler_messages(c, RKO_MESSAGES_TEXT, 0, getenv("NOTES") != NULL), stdout);
	printf("%s: %zu errors\n", rko_status_word(s), rko_compiler_errors(c));
	if (s == RKO_OK) {
		size_t n;
		const void *image = rko_compiler_image(c, &n);
		FILE *f = fopen("/tmp/policy.image", "wb");
		fwrite(image, 1, n, f);
		fclose(f);
		printf("%s%zu bytes\n", rko_compiler_report(c), n);
	}
	if (strcmp(argv[1], "dump") == 0)
		puts(rko_compiler_dump(c, RKO_STAGE_IMAGE));
	rko_compiler_free(c);
	return s;
}
