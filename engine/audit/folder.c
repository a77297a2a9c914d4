/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/date.h"
#include "engine/decide/policy.h"

/* Names ------------------------------------------------------------------------------------------- */

void month_path(uint32_t month, char path[FOLDER_MONTH_NAME])
{
	snprintf(path, FOLDER_MONTH_NAME, "%04u-%02u", month / 100 % 10000, month % 100);
}

void segment_path(const struct segment_name *name, char path[FOLDER_NAME])
{
	char month[FOLDER_MONTH_NAME];

	month_path(name->month, month);
	snprintf(path, FOLDER_NAME, "%s/%018llu.seg", month, (unsigned long long)name->first);
}

uint32_t month_of(int64_t time)
{
	day_t day = DAY_MIN;
	int year, month, number;

	zone_day(time / 1000000000, &day);
	day_to_civil(day, &year, &month, &number);
	return (uint32_t)(year * 100 + month);
}

void image_path(const uint8_t digest[RKO_DIGEST_BYTES], char path[IMAGE_PATH])
{
	char hex[2 * RKO_DIGEST_BYTES + 1];

	sodium_bin2hex(hex, sizeof hex, digest, RKO_DIGEST_BYTES);
	snprintf(path, IMAGE_PATH, "images/%s.image", hex);
}

/* Opening ----------------------------------------------------------------------------------------- */

/* rko-audit 1, origin …, key …; each on its line. */
static bool parse_log(struct folder *folder, const char *text, size_t size)
{
	struct note_key key;
	char origin[RKO_AUDIT_NAME_BYTES + 1], public[RKO_AUDIT_KEY_TEXT];
	int end = 0;

	if (sscanf(text, "rko-audit 1\norigin %128s\nkey %255s\n%n", origin, public, &end) != 2 ||
	    (size_t)end != size || !note_key_parse(text_from(public), &key) || strcmp(key.origin, origin) != 0)
		return false;
	folder->key = key;
	folder->log = sha_of(text, size);
	return true;
}

static enum rko_status read_log(struct folder *folder, const char *path, struct rko_fault *fault)
{
	size_t size;
	char *text = io_get(folder->file, "log", FOLDER_LOG_BYTES, &size);
	enum rko_status status = RKO_OK;

	if (!text && errno == ENOENT) {
		fault_say(fault, "%s: no audit log is here; `rko audit init` makes one", path);
		return RKO_AUDIT_MISSING;
	}
	if (!text && errno != EFBIG) {
		fault_say(fault, "%s/log: %s", path, strerror(errno));
		return RKO_IO;
	}
	if (!text || !parse_log(folder, text, size)) {
		fault_say(fault, "%s/log: this is not how a log says what it is; it was changed", path);
		status = RKO_AUDIT_DAMAGED;
	}
	free(text);
	return status;
}

enum rko_status folder_open(const char *path, struct folder *ret_folder, struct rko_fault *fault)
{
	struct folder folder = { .file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	enum rko_status status;

	if (folder.file < 0) {
		status = errno == ENOENT || errno == ENOTDIR ? RKO_AUDIT_MISSING : RKO_IO;
		fault_say(fault, "%s: %s", path, status == RKO_IO ? strerror(errno) :
			  "no audit log is here; `rko audit init` makes one");
		return status;
	}
	status = read_log(&folder, path, fault);
	if (status == RKO_OK)
		*ret_folder = folder;
	else
		close(folder.file);
	return status;
}

void folder_close(struct folder *folder)
{
	note_key_forget(&folder->key);
	close(folder->file);
}

static enum rko_status key_fault(struct rko_fault *fault, const char *file, const char *what)
{
	fault_say(fault, "%s: %s", file, what);
	return RKO_AUDIT_KEY;
}

enum rko_status folder_secret(struct folder *folder, const char *key_file, struct rko_fault *fault)
{
	const char *name = key_file ? key_file : "key";
	int at = key_file ? AT_FDCWD : folder->file;
	struct note_key key;
	struct stat about;
	enum rko_status status = RKO_OK;
	size_t size = 0;
	char *text;

	if (fstatat(at, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
		return key_fault(fault, name, "the log's signing key is not there, or cannot be read");
	if (!S_ISREG(about.st_mode) || about.st_mode & 077)
		return key_fault(fault, name, "the signing key must be a file that only its owner may read: chmod 600");
	text = io_get(at, name, RKO_AUDIT_KEY_TEXT, &size);
	if (!text)
		return key_fault(fault, name, "the log's signing key cannot be read");
	if (size && text[size - 1] == '\n')
		size--;
	if (!note_key_secret_parse((struct text){ text, size }, &key))
		status = key_fault(fault, name, "this is not a signing key");
	else if (strcmp(key.origin, folder->key.origin) != 0 ||
		 memcmp(key.public, folder->key.public, sizeof key.public) != 0)
		status = key_fault(fault, name, "this is the key of another log");
	else
		folder->key = key;
	sodium_memzero(&key, sizeof key);
	sodium_memzero(text, size);
	free(text);
	return status;
}

/* The lock: of the open file, so that it goes with the process and not with any other closing of the file. */

bool folder_lock(int file)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(file, F_OFD_SETLK, &all) == 0;
}

bool folder_is_locked(const struct folder *folder)
{
	struct flock all = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int file = openat(folder->file, "lock", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool locked = file >= 0 && fcntl(file, F_OFD_GETLK, &all) == 0 && all.l_type != F_UNLCK;

	if (file >= 0)
		close(file);
	return locked;
}

/* Segments ---------------------------------------------------------------------------------------- */

static bool digits(const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

static bool is_month(const char *name, uint32_t *ret_month)
{
	if (strlen(name) != 7 || !digits(name, 4) || name[4] != '-' || !digits(name + 5, 2))
		return false;
	*ret_month = (uint32_t)(strtoul(name, NULL, 10) * 100 + strtoul(name + 5, NULL, 10));
	return true;
}

static bool is_segment(const char *name, uint64_t *ret_first)
{
	if (strlen(name) != 22 || !digits(name, 18) || strcmp(name + 18, ".seg") != 0)
		return false;
	*ret_first = strtoull(name, NULL, 10);
	return true;
}

static bool list_add(struct segment_list *list, uint32_t month, uint64_t first)
{
	if ((list->count & (list->count + 1)) == 0) {	/* full at 2^n - 1 */
		struct segment_name *more = realloc(list->names, (2 * list->count + 1) * sizeof *more);

		if (!more)
			return false;
		list->names = more;
	}
	list->names[list->count++] = (struct segment_name){ month, first };
	return true;
}

static DIR *open_folder(int at, const char *name)
{
	int file = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = file < 0 ? NULL : fdopendir(file);

	if (!dir && file >= 0)
		close(file);
	return dir;
}

static void close_folder(DIR *dir)
{
	int error = errno;

	closedir(dir);
	errno = error;
}

/* *ret_entry is NULL at the end. What cannot be read is not the end: records would seem to be gone. */
static enum rko_status next_entry(DIR *dir, struct dirent **ret_entry)
{
	errno = 0;
	*ret_entry = readdir(dir);
	return *ret_entry || !errno ? RKO_OK : RKO_IO;
}

static enum rko_status list_month(int folder, const char *name, uint32_t month, struct segment_list *list)
{
	DIR *dir = open_folder(folder, name);
	enum rko_status status;
	struct dirent *entry;
	uint64_t first;

	if (!dir)
		return RKO_IO;
	while ((status = next_entry(dir, &entry)) == RKO_OK && entry)
		if (is_segment(entry->d_name, &first) && !list_add(list, month, first)) {
			status = RKO_NO_MEMORY;
			break;
		}
	close_folder(dir);
	return status;
}

static int by_number(const void *a, const void *b)
{
	const struct segment_name *one = a, *other = b;

	return one->first < other->first ? -1 : one->first > other->first;
}

enum rko_status folder_segments(const struct folder *folder, struct segment_list *ret_list)
{
	struct segment_list list = { 0 };
	DIR *dir = open_folder(folder->file, ".");
	enum rko_status status = dir ? RKO_OK : RKO_IO;
	struct dirent *entry;
	uint32_t month;

	while (status == RKO_OK && (status = next_entry(dir, &entry)) == RKO_OK && entry)
		if (is_month(entry->d_name, &month))
			status = list_month(folder->file, entry->d_name, month, &list);
	if (dir)
		close_folder(dir);
	if (list.count)
		qsort(list.names, list.count, sizeof *list.names, by_number);
	for (size_t i = 1; i < list.count && status == RKO_OK; i++)
		if (list.names[i].first == list.names[i - 1].first || list.names[i].month < list.names[i - 1].month)
			status = RKO_AUDIT_DAMAGED;
	if (status != RKO_OK) {
		segment_list_free(&list);
		return status;
	}
	*ret_list = list;
	return RKO_OK;
}

void segment_list_free(struct segment_list *list)
{
	free(list->names);
	*list = (struct segment_list){ 0 };
}

enum rko_status folder_asides(const struct folder *folder, folder_aside_fn *take, void *context)
{
	DIR *dir = open_folder(folder->file, "aside");
	enum rko_status status;
	struct dirent *entry;
	char path[96];

	if (!dir)
		return errno == ENOENT ? RKO_OK : RKO_IO;
	while ((status = next_entry(dir, &entry)) == RKO_OK && entry) {
		if (!digits(entry->d_name, 18) || entry->d_name[18] != '-' ||
		    snprintf(path, sizeof path, "aside/%s", entry->d_name) >= (int)sizeof path)
			continue;
		if (!take(context, path, strtoull(entry->d_name, NULL, 10))) {
			status = RKO_IO;
			break;
		}
	}
	close_folder(dir);
	return status;
}

bool folder_checkpoint(const struct folder *folder, struct checkpoint *ret_checkpoint, enum note_fault *ret_fault)
{
	size_t size;
	char *text = io_get(folder->file, "checkpoint", RKO_AUDIT_CHECKPOINT_TEXT, &size);

	*ret_fault = NOTE_OK;
	if (!text) {
		if (errno == EIO || errno == EACCES || errno == EPERM || errno == ENOMEM || errno == EMFILE || errno == ENFILE)
			*ret_fault = NOTE_UNREADABLE;
		else if (errno != ENOENT)
			*ret_fault = NOTE_MALFORMED;
		return false;
	}
	*ret_fault = note_open(&folder->key, (struct text){ text, size }, ret_checkpoint);
	free(text);
	return *ret_fault == NOTE_OK;
}
