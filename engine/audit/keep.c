/* SPDX-License-Identifier: EUPL-1.2 */
/* Keep: the images of the policies by which decisions were made, so that they can be made again. */
#include "engine/audit/open_log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "engine/decide/policy.h"

static enum rko_status keep_image(struct rko_audit *audit, const struct rko_policy *policy)
{
	const struct writer *writer = &audit->writer;
	const struct audit_io *io = writer->io;
	const uint8_t *digest = policy->image.head->digest;
	char path[IMAGE_PATH];
	enum rko_status status;
	int folder;

	image_path(digest, path);
	if (io->mkdirat(writer->folder.file, "images", 0700) == 0 ? io->fsync(writer->folder.file) != 0 : errno != EEXIST)
		return io_status();
	folder = io->openat(writer->folder.file, "images", O_RDONLY | O_DIRECTORY, 0);
	if (folder < 0)
		return io_status();
	/* A file of this name is whole: it was renamed into its place. That it stays there is made sure of. */
	if (faccessat(writer->folder.file, path, R_OK, 0) == 0)
		status = io->fsync(folder) == 0 ? RKO_OK : io_status();
	else
		status = io_put(io, folder, path + sizeof "images/" - 1, policy->bytes, policy->size, 0600);
	close(folder);
	return status;
}

enum rko_status rko_audit_keep(struct rko_audit *audit, struct rko_policy *policy)
{
	enum rko_status status = RKO_OK;

	pthread_mutex_lock(&audit->keeping);
	if (audit->kept != policy)
		status = keep_image(audit, policy);
	if (status == RKO_OK && audit->kept != policy) {
		rko_policy_unref(audit->kept);
		audit->kept = rko_policy_ref(policy);
	}
	pthread_mutex_unlock(&audit->keeping);
	return status;
}
