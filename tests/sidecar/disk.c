/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Disk: what the disk alone takes to keep a record: bytes written over zeros that were synced before, and synced, one
 * after the other, as the log does it. What a recorded answer waits for cannot be less.
 *
 *   disk FILE COUNT BYTES
 *
 * Prints syncs a second and p50, p99, p99.9 in microseconds. The file is made and removed again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FILE_BYTES = 64 << 20, BYTES = 1 << 20 };

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int fill(int file)
{
	static char zeros[BYTES];

	for (off_t at = 0; at < FILE_BYTES; at += BYTES)
		if (pwrite(file, zeros, BYTES, at) != BYTES)
			return 0;
	return fsync(file) == 0;
}

static int by_size(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

static int measure(int file, size_t count, size_t bytes, double *took)
{
	static char data[BYTES];
	double began = now_us(), total;
	off_t at = 0;

	memset(data, 'r', sizeof data);
	for (size_t i = 0; i < count; i++) {
		double from = now_us();

		if (at + (off_t)bytes > FILE_BYTES)
			at = 0;
		if (pwrite(file, data, bytes, at) != (ssize_t)bytes || fdatasync(file) != 0)
			return 0;
		at += (off_t)bytes;
		took[i] = now_us() - from;
	}
	total = now_us() - began;
	qsort(took, count, sizeof *took, by_size);
	printf("%.0f syncs/s, p50 %.0f, p99 %.0f, p99.9 %.0f us\n", (double)count * 1e6 / total, took[count / 2],
	       took[(size_t)(0.99 * (double)(count - 1))], took[(size_t)(0.999 * (double)(count - 1))]);
	return 1;
}

int main(int argc, char **argv)
{
	size_t count = argc == 4 ? strtoul(argv[2], NULL, 10) : 0, bytes = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	double *took = calloc(count + 1, sizeof *took);
	int file, good;

	if (!count || !bytes || bytes > BYTES || !took) {
		fprintf(stderr, "usage: disk FILE COUNT BYTES\n");
		return 2;
	}
	file = open(argv[1], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	good = file >= 0 && fill(file) && measure(file, count, bytes, took);
	if (!good)
		perror(argv[1]);
	if (file >= 0)
		unlink(argv[1]);
	free(took);
	return good ? 0 : 1;
}
