/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int system_openat(int folder, const char *path, int flags, mode_t mode)
{
	return openat(folder, path, flags | O_CLOEXEC | O_NOFOLLOW, mode);
}

static int64_t system_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const struct audit_io audit_io_system = {
	.openat = system_openat,
	.pwrite = pwrite,
	.fdatasync = fdatasync,
	.fsync = fsync,
	.fallocate = fallocate,
	.ftruncate = ftruncate,
	.renameat = renameat,
	.mkdirat = mkdirat,
	.unlinkat = unlinkat,
	.now = system_now,
};

enum rko_status io_status(void)
{
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? RKO_AUDIT_FULL : RKO_IO;
}

enum rko_status io_write(const struct audit_io *io, int file, const void *data, size_t size, uint64_t at)
{
	const char *from = data;

	while (size) {
		ssize_t wrote = io->pwrite(file, from, size, (off_t)at);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote == 0)
			errno = EIO;
		if (wrote <= 0)
			return io_status();
		from += wrote;
		at += (uint64_t)wrote;
		size -= (size_t)wrote;
	}
	return RKO_OK;
}

ssize_t io_read(int file, void *data, size_t size, uint64_t at)
{
	char *to = data;
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(file, to + done, size - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

enum rko_status io_put(const struct audit_io *io, int folder, const char *name, const void *data, size_t size,
		       mode_t mode)
{
	char beside[160];
	enum rko_status status;
	int file, error;

	snprintf(beside, sizeof beside, "%s.new", name);
	file = io->openat(folder, beside, O_WRONLY | O_CREAT | O_TRUNC, mode);
	if (file < 0)
		return io_status();
	status = io_write(io, file, data, size, 0);
	if (status == RKO_OK && io->fsync(file) != 0)
		status = io_status();
	error = errno;
	close(file);
	errno = error;
	if (status == RKO_OK && (io->renameat(folder, beside, folder, name) != 0 || io->fsync(folder) != 0))
		status = io_status();
	return status;
}

int io_open(int folder, const char *name, uint64_t *ret_size)
{
	int file = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW), error;
	struct stat about;

	if (file < 0)
		return -1;
	error = fstat(file, &about) != 0 ? errno : S_ISREG(about.st_mode) ? 0 : EINVAL;
	if (error) {
		close(file);
		errno = error;
		return -1;
	}
	*ret_size = (uint64_t)about.st_size;
	return file;
}

char *io_get(int folder, const char *name, size_t most, size_t *ret_size)
{
	uint64_t size;
	int file = io_open(folder, name, &size);
	char *data = NULL;
	ssize_t got;

	if (file < 0)
		return NULL;
	if (size > most)
		errno = EFBIG;
	else
		data = malloc((size_t)size + 1);
	if (data) {
		got = io_read(file, data, (size_t)size, 0);
		if (got < 0) {
			free(data);
			data = NULL;
		} else {
			data[got] = '\0';
			*ret_size = (size_t)got;
		}
	}
	close(file);
	return data;
}
