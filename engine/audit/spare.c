/* SPDX-License-Identifier: EUPL-1.2 */
/* Spare: the thread that makes the next segment ready while this one is written. */
#include "engine/audit/open_log.h"

#include <sys/statvfs.h>

enum {
	PACE_NS = 4000000,		/* between two pieces of a segment */
	DISK_MARGIN = 1 << 20,		/* what a spare leaves on the disk, for what else the log writes */
};
static const uint64_t PAUSE_NS = 10000000000u;	/* after one that could not be made: each try takes from the disk what there is */

/* Takes the one that was made, or asks for one. */
void spare_look(struct rko_audit *audit)
{
	int file;

	if (!writer_wants_spare(&audit->writer))
		return;
	pthread_mutex_lock(&audit->mutex);
	file = audit->provided;
	audit->provided = -1;
	if (file < 0 && !audit->wanted && (!audit->refused || steady_ns() - audit->refused >= PAUSE_NS)) {
		audit->wanted = true;
		pthread_cond_signal(&audit->provide);
	}
	pthread_mutex_unlock(&audit->mutex);
	if (file >= 0)
		writer_take_spare(&audit->writer, file);
}

/* Slowly while there is time: until three quarters of the segment in use are full. */
static bool pace_spare(void *context)
{
	struct rko_audit *audit = context;
	uint64_t until = steady_ns() + PACE_NS;
	struct timespec at = { (time_t)(until / 1000000000u), (long)(until % 1000000000u) };
	bool on;

	pthread_mutex_lock(&audit->mutex);
	while (!audit->closing && audit->about.segment_free > audit->writer.segment_bytes / 4 &&
	       pthread_cond_timedwait(&audit->provide, &audit->mutex, &at) == 0)
		;
	on = !audit->closing;
	pthread_mutex_unlock(&audit->mutex);
	return on;
}

/* Not the last of the disk: the checkpoint beside the segments would fail for it while there is room for records. */
static bool has_room(const struct rko_audit *audit)
{
	struct statvfs disk;

	return fstatvfs(audit->writer.folder.file, &disk) != 0 ||
	       (uint64_t)disk.f_bavail * disk.f_frsize >= audit->writer.segment_bytes + DISK_MARGIN;
}

void *spare_run(void *context)
{
	struct rko_audit *audit = context;

	pthread_mutex_lock(&audit->mutex);
	while (!audit->closing) {
		int file;

		if (!audit->wanted || audit->provided >= 0) {
			pthread_cond_wait(&audit->provide, &audit->mutex);
			continue;
		}
		pthread_mutex_unlock(&audit->mutex);
		file = has_room(audit) ? writer_make_spare(&audit->writer.folder, audit->writer.segment_bytes, pace_spare, audit) : -1;
		pthread_mutex_lock(&audit->mutex);
		audit->refused = file < 0 ? steady_ns() : 0;
		audit->provided = file;
		audit->wanted = false;
	}
	pthread_mutex_unlock(&audit->mutex);
	return NULL;
}
