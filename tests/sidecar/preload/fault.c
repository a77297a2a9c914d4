/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Faults on demand, for tests of a whole process: loaded before it (LD_PRELOAD), it looks for files in the folder
 * RKOD_FAULTS whenever a call could fail.
 *
 *   sync-fails        fdatasync() and fsync() give EIO
 *   write-fails       pwrite() gives ENOSPC
 *   folder-fails      a folder cannot be read: EIO
 *   no-urandom        whoever opens /dev/urandom ends the process
 *   sync-slow         they take three seconds
 *   read-slow         read() of a file takes three seconds
 *   facts-fail        a transaction of the store cannot begin: EIO
 *   facts-full        nor here: every place for a reader is taken
 *   facts-slow        it takes three seconds
 *   clock-back        the wall clock goes back by as many seconds as the file has bytes
 *   clock-ahead       or forward
 *   boot-ahead        the clock since boot goes forward, and the wall clock does not
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* The file's size, or -1 when it is not there. Nothing is opened: the process may not open files any more. */
static long fault(const char *name)
{
	const char *folder = getenv("RKOD_FAULTS");
	char path[4096];
	struct stat about;
	int error = errno, found;

	if (!folder || snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return -1;
	found = stat(path, &about);
	errno = error;
	return found == 0 ? (long)about.st_size : -1;
}

static void pause_for(const char *name)
{
	struct timespec pause = { 3, 0 };

	if (fault(name) >= 0)
		nanosleep(&pause, NULL);
}

static int sync_fault(void)
{
	if (fault("sync-fails") >= 0) {
		errno = EIO;
		return -1;
	}
	pause_for("sync-slow");
	return 0;
}

#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

int fdatasync(int fd)
{
	return sync_fault() < 0 ? -1 : REAL(fdatasync)(fd);
}

int fsync(int fd)
{
	return sync_fault() < 0 ? -1 : REAL(fsync)(fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	if (fault("write-fails") >= 0) {
		errno = ENOSPC;
		return -1;
	}
	return REAL(pwrite)(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	return pwrite(fd, bytes, size, at);
}

int open(const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	if (fault("no-urandom") >= 0 && strcmp(path, "/dev/urandom") == 0)
		abort();
	return REAL(open)(path, flags, mode);
}

struct dirent *readdir(DIR *dir)
{
	if (fault("folder-fails") >= 0) {
		errno = EIO;
		return NULL;
	}
	return REAL(readdir)(dir);
}

struct dirent64 *readdir64(DIR *dir)
{
	if (fault("folder-fails") >= 0) {
		errno = EIO;
		return NULL;
	}
	return REAL(readdir64)(dir);
}

ssize_t read(int fd, void *to, size_t size)
{
	struct stat about;

	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
		pause_for("read-slow");
	return REAL(read)(fd, to, size);
}

/* Of LMDB, without its header: every decision begins with it. */
int mdb_txn_renew(void *txn);
int mdb_txn_renew(void *txn)
{
	enum { READERS_FULL = -30790 };

	if (fault("facts-fail") >= 0)
		return EIO;
	if (fault("facts-full") >= 0)
		return READERS_FULL;
	pause_for("facts-slow");
	return REAL(mdb_txn_renew)(txn);
}

/* GnuTLS asks for the time in this way. */
time_t time(time_t *ret_now)
{
	struct timespec now = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret_now)
		*ret_now = now.tv_sec;
	return now.tv_sec;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int result = REAL(clock_gettime)(id, now);
	long back = fault("clock-back"), ahead = fault("clock-ahead"), boot = fault("boot-ahead");

	if (result == 0 && id == CLOCK_REALTIME)
		now->tv_sec += (ahead > 0 ? ahead : 0) - (back > 0 ? back : 0);
	if (result == 0 && id == CLOCK_BOOTTIME && boot > 0)
		now->tv_sec += boot;
	return result;
}
