/* SPDX-License-Identifier: EUPL-1.2 */
/* Making: an empty log and its key. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/audit/folder.h"
#include "engine/decide/policy.h"

static bool is_empty(int folder)
{
	int file = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = file < 0 ? NULL : fdopendir(file);
	struct dirent *entry;
	bool empty = true;

	if (!dir) {
		if (file >= 0)
			close(file);
		return false;
	}
	errno = 0;
	while (empty && (entry = readdir(dir)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	empty = empty && !errno;
	closedir(dir);
	return empty;
}

/* A key is never written over another file. */
static enum rko_status put_key(int folder, const char *key_file, const struct note_key *key)
{
	const struct audit_io *io = &audit_io_system;
	int file = io->openat(key_file ? AT_FDCWD : folder, key_file ? key_file : "key", O_WRONLY | O_CREAT | O_EXCL,
			      0600);
	char text[RKO_AUDIT_KEY_TEXT + 1];
	enum rko_status status;

	if (file < 0)
		return errno == EEXIST ? RKO_ARGUMENT : io_status();
	note_key_secret_text(key, text);
	strcat(text, "\n");
	status = io_write(io, file, text, strlen(text), 0);
	sodium_memzero(text, sizeof text);
	if (status == RKO_OK && io->fsync(file) != 0)
		status = io_status();
	close(file);
	return status;
}

static enum rko_status put_log(int folder, const struct note_key *key)
{
	char public[RKO_AUDIT_KEY_TEXT], text[FOLDER_LOG_BYTES];
	int length;

	note_key_text(key, public);
	length = snprintf(text, sizeof text, "rko-audit 1\norigin %s\nkey %s\n", key->origin, public);
	return io_put(&audit_io_system, folder, "log", text, (size_t)length, 0600);
}

enum rko_status rko_audit_init(const char *path, const char *origin, const char *key_file,
			       struct rko_fault *fault)
{
	struct note_key key;
	enum rko_status status;
	int folder;

	if (fault)
		fault->text[0] = '\0';
	if (sodium_init() < 0 || !note_is_origin(text_from(origin))) {
		fault_say(fault, "a log's origin is printable ASCII without blanks and `+`, of at most %d bytes",
			  RKO_AUDIT_NAME_BYTES);
		return RKO_ARGUMENT;
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		fault_say(fault, "%s: %s", path, strerror(errno));
		return io_status();
	}
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || !is_empty(folder)) {
		status = folder < 0 && errno != ENOTDIR ? RKO_IO : RKO_ARGUMENT;
		fault_say(fault, "%s: %s", path, status == RKO_IO ? strerror(errno) : "a log is made in an empty folder");
		if (folder >= 0)
			close(folder);
		return status;
	}
	note_key_make(&key, text_from(origin));
	status = put_key(folder, key_file, &key);
	if (status == RKO_OK)
		status = put_log(folder, &key);
	note_key_forget(&key);
	if (status == RKO_ARGUMENT)
		fault_say(fault, "%s: there is a file already, and no key is written over one", key_file);
	else if (status != RKO_OK)
		fault_say(fault, "%s: %s", path, strerror(errno));
	close(folder);
	return status;
}
