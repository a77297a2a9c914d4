/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Io: the calls of the system by which a log is written, in one table, so that a test can make any of them fail,
 * stop short, or be the last one before the process dies.
 */
#ifndef RKO_AUDIT_IO_H
#define RKO_AUDIT_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <rko/status.h>

/* As the system's own calls; -1 and errno. `now` gives nanoseconds since 1970. */
struct audit_io {
	int (*openat)(int folder, const char *path, int flags, mode_t mode);
	ssize_t (*pwrite)(int file, const void *data, size_t size, off_t at);
	int (*fdatasync)(int file);
	int (*fsync)(int file);
	int (*fallocate)(int file, int mode, off_t at, off_t size);
	int (*ftruncate)(int file, off_t size);
	int (*renameat)(int from_folder, const char *from, int to_folder, const char *to);
	int (*mkdirat)(int folder, const char *path, mode_t mode);
	int (*unlinkat)(int folder, const char *path, int flags);
	int64_t (*now)(void);
};

extern const struct audit_io audit_io_system;

/* RKO_AUDIT_FULL when errno says that there is no room, else RKO_IO. */
enum rko_status io_status(void);
/* All of it, whatever pieces the system takes. RKO_IO, RKO_AUDIT_FULL. */
enum rko_status io_write(const struct audit_io *io, int file, const void *data, size_t size, uint64_t at);
/* Reads all of it; fewer bytes when the file ends. Negative: errno. */
ssize_t io_read(int file, void *data, size_t size, uint64_t at);
/*
 * A file of a folder that is there whole or not at all, whatever happens: written beside itself, synced, renamed,
 * and the folder synced.
 */
enum rko_status io_put(const struct audit_io *io, int folder, const char *name, const void *data, size_t size,
		       mode_t mode);
/*
 * Opens a file of a folder for reading, by its own name and not by a link. -1: errno; EINVAL when it is no file: the log may
 * come from anywhere, and a pipe in it would be waited for.
 */
int io_open(int folder, const char *name, uint64_t *ret_size);
/* All of a file, with a NUL behind it; free() it. NULL: errno. EFBIG when it is longer than `most`. */
char *io_get(int folder, const char *name, size_t most, size_t *ret_size);

#endif
