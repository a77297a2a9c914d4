/* SPDX-License-Identifier: EUPL-1.2 */
/* Expire: takes months away when their time is over, and leaves behind that it did. */
#include "engine/audit/open_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "engine/decide/policy.h"

/* A record of it and a checkpoint over that record are on the disk before anything goes. */
static enum rko_status record_expiry(struct rko_audit *audit, const struct segment_name *kept)
{
	struct writer *writer = &audit->writer;
	struct checkpoint signed_now;
	enum rko_status status;

	buf_reset(&writer->body);
	record_expired(&writer->body, kept->first, kept->month);
	status = buf_failed(&writer->body) ? RKO_NO_MEMORY : writer_put(writer, writer->body.at, writer->body.len);
	if (status == RKO_OK)
		status = commit_checkpoint(audit, &signed_now);
	if (status == RKO_OK)
		status = writer_flush(writer);
	return status == RKO_OK ? commit_publish(audit) : status;
}

struct kept {
	const struct writer *writer;
	uint64_t first;
};

/* A torn end goes with the record that says where it is. */
static bool take_aside(void *context, const char *path, uint64_t record)
{
	const struct kept *kept = context;

	return record >= kept->first || kept->writer->io->unlinkat(kept->writer->folder.file, path, 0) == 0;
}

/* The oldest first, so that what stays has no gap whenever this ends. */
static enum rko_status take_away(const struct writer *writer, const struct segment_list *list, size_t count)
{
	const struct audit_io *io = writer->io;
	struct kept kept = { writer, list->names[count].first };
	enum rko_status status;
	char path[FOLDER_NAME];

	for (size_t i = 0; i < count; i++) {
		segment_path(&list->names[i], path);
		if (io->unlinkat(writer->folder.file, path, 0) != 0)
			return io_status();
		month_path(list->names[i].month, path);
		if (list->names[i].month != list->names[i + 1].month)
			io->unlinkat(writer->folder.file, path, AT_REMOVEDIR);
	}
	status = folder_asides(&writer->folder, take_aside, &kept);
	return status != RKO_OK || io->fsync(writer->folder.file) == 0 ? status : io_status();
}

enum rko_status audit_expire(struct rko_audit *audit, uint32_t month, uint64_t *ret_first, size_t *ret_segments,
			     struct rko_fault *fault)
{
	struct segment_list list;
	enum rko_status status;
	size_t kept = 0;

	log_stop(audit);
	status = folder_segments(&audit->writer.folder, &list);
	if (status != RKO_OK) {
		fault_say(fault, "%s", rko_status_meaning(status));
		return status;
	}
	while (kept + 1 < list.count && list.names[kept].month < month)
		kept++;
	if (!kept || month > audit->writer.month) {
		fault_say(fault, kept ? "that month has not begun" : "no segment is older than that month, but for the one in use");
		status = RKO_ARGUMENT;
	} else {
		status = record_expiry(audit, &list.names[kept]);
		if (status == RKO_OK)
			status = take_away(&audit->writer, &list, kept);
		if (status != RKO_OK)
			fault_say(fault, "%s", errno ? strerror(errno) : rko_status_meaning(status));
		*ret_first = list.names[kept].first;
		*ret_segments = kept;
	}
	segment_list_free(&list);
	return status;
}
