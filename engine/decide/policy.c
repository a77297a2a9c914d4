/* SPDX-License-Identifier: EUPL-1.2 */
/* A policy, from an image that is verified first to the last who refers to it. */
#include "engine/decide/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/limits.h"

uint32_t policy_code(const struct rko_policy *policy, uint32_t set, struct text name)
{
	return map_get(&policy->codes[set], name);	/* MAP_NONE is IMAGE_NONE */
}

/* Opening ----------------------------------------------------------------------------------------- */

void fault_say(struct rko_fault *fault, const char *format, ...)
{
	va_list args;

	if (!fault)
		return;
	va_start(args, format);
	vsnprintf(fault->text, sizeof fault->text, format, args);
	va_end(args);
}

static enum rko_status prepare(struct rko_policy *policy, struct rko_fault *fault)
{
	struct image_fault why = { 0 };
	enum rko_status status = image_open(policy->bytes, policy->size, &policy->image, &why);
	jmp_buf escape;

	if (status == RKO_IMAGE_INVALID)
		fault_say(fault, "check %u of the image fails: %s (%s %u)", why.check, why.what,
		    why.section ? why.section : "head", why.index);
	else if (status != RKO_OK)
		fault_say(fault, "%s", rko_status_meaning(status));
	if (status != RKO_OK)
		return status;
	policy->arena.escape = &escape;
	if (setjmp(escape)) {
		policy->arena.escape = NULL;
		fault_say(fault, "%s", rko_status_meaning(RKO_NO_MEMORY));
		return RKO_NO_MEMORY;
	}
	policy_view(policy);
	policy->arena.escape = NULL;
	return RKO_OK;
}

static enum rko_status finish(struct rko_policy *policy, struct rko_policy **ret_policy, struct rko_fault *fault)
{
	enum rko_status status;

	policy->refs = 1;
	arena_init(&policy->arena, 256u << 20);
	status = prepare(policy, fault);
	if (status == RKO_OK)
		*ret_policy = policy;
	else
		rko_policy_unref(policy);
	return status;
}

enum rko_status rko_policy_open(const char *path, struct rko_policy **ret_policy, struct rko_fault *fault)
{
	struct rko_policy *policy;
	struct stat about;
	void *bytes;
	int file;

	if (fault)
		fault->text[0] = '\0';
	if (!path || !ret_policy)
		return RKO_ARGUMENT;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &about) < 0) {
		fault_say(fault, "%s: %s", path, strerror(errno));
		if (file >= 0)
			close(file);
		return RKO_IO;
	}
	if (!S_ISREG(about.st_mode) || about.st_size <= 0 || about.st_size > (off_t)LIMIT_IMAGE_BYTES) {
		fault_say(fault, "%s is not a file of at most %u bytes", path, LIMIT_IMAGE_BYTES);
		close(file);
		return RKO_IMAGE_INVALID;
	}
	bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	close(file);
	if (bytes == MAP_FAILED) {
		fault_say(fault, "%s: %s", path, strerror(errno));
		return errno == ENOMEM ? RKO_NO_MEMORY : RKO_IO;
	}
	policy = calloc(1, sizeof *policy);
	if (!policy) {
		munmap(bytes, (size_t)about.st_size);
		return RKO_NO_MEMORY;
	}
	policy->bytes = bytes;
	policy->size = (size_t)about.st_size;
	policy->mapped = true;
	return finish(policy, ret_policy, fault);
}

enum rko_status rko_policy_from(const void *image, size_t size, struct rko_policy **ret_policy,
				struct rko_fault *fault)
{
	struct rko_policy *policy;

	if (fault)
		fault->text[0] = '\0';
	if (!image || !size || !ret_policy || size > LIMIT_IMAGE_BYTES)
		return RKO_ARGUMENT;
	policy = calloc(1, sizeof *policy);
	if (!policy)
		return RKO_NO_MEMORY;
	policy->size = size;
	policy->bytes = aligned_alloc(64, (size + 63) / 64 * 64);
	if (!policy->bytes) {
		free(policy);
		return RKO_NO_MEMORY;
	}
	memcpy(policy->bytes, image, size);
	return finish(policy, ret_policy, fault);
}

struct rko_policy *rko_policy_ref(struct rko_policy *policy)
{
	__atomic_add_fetch(&policy->refs, 1, __ATOMIC_RELAXED);
	return policy;
}

void rko_policy_unref(struct rko_policy *policy)
{
	if (!policy || __atomic_sub_fetch(&policy->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (policy->mapped)
		munmap(policy->bytes, policy->size);
	else
		free(policy->bytes);
	arena_free(&policy->arena);
	free(policy);
}

unsigned rko_image_format(void)
{
	return IMAGE_FORMAT;
}
