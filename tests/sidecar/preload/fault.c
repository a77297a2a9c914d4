/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Faults on demand, for tests of a whole process: loaded before it (LD_PRELOAD), it looks for files in the folder
 * RKOD_FAULTS whenever a call could fail.
 *
 *   sync-fails        fdatasync() and fsync() give EIO
 *   write-fails       pwrite() gives ENOSPC
 *   sync-slow         they take three seconds
 *   clock-back        the wall clock goes back by as many seconds as the file has bytes
 *   clock-ahead       or forward
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

	if (!folder || snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return -1;
	return stat(path, &about) == 0 ? (long)about.st_size : -1;
}

static int sync_fault(void)
{
	struct timespec pause = { 3, 0 };

	if (fault("sync-fails") >= 0) {
		errno = EIO;
		return -1;
	}
	if (fault("sync-slow") >= 0)
		nanosleep(&pause, NULL);
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
	long back = fault("clock-back"), ahead = fault("clock-ahead");

	if (result == 0 && id == CLOCK_REALTIME)
		now->tv_sec += (ahead > 0 ? ahead : 0) - (back > 0 ? back : 0);
	return result;
}
