/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Folder: where a log lies (docs/audit.md): what its files are called, which log it is and by what key, and which
 * segments there are. Shared by those who write a log and those who read it.
 */
#ifndef RKO_AUDIT_FOLDER_H
#define RKO_AUDIT_FOLDER_H

#include <rko/audit.h>

#include "engine/audit/frame.h"
#include "engine/audit/io.h"
#include "engine/audit/note.h"

enum { FOLDER_NAME = 40, FOLDER_MONTH_NAME = 8, FOLDER_LOG_BYTES = 4096 };

struct folder {
	int file;			/* of the folder itself */
	struct note_key key;		/* public; the secret only when it was asked for */
	struct hash log;		/* of the file `log` */
};

struct segment_name {
	uint32_t month;
	uint64_t first;			/* number of its first record */
};

struct segment_list {
	struct segment_name *names;	/* in order; heap */
	size_t count;
};

/* RKO_AUDIT_MISSING, RKO_AUDIT_DAMAGED, RKO_IO. */
enum rko_status folder_open(const char *path, struct folder *ret_folder, struct rko_fault *fault);
void folder_close(struct folder *folder);
/* Takes the secret of the log's key. RKO_AUDIT_KEY, RKO_IO. */
enum rko_status folder_secret(struct folder *folder, const char *key_file, struct rko_fault *fault);

/* Takes the lock of the one who writes, on the open file `lock`; false: errno, EAGAIN when another has it. */
bool folder_lock(int file);
/* Whether somebody has it. Only asks: a reader never stands in a writer's way. */
bool folder_is_locked(const struct folder *folder);

/* What does not look like a segment is left out. RKO_IO, RKO_NO_MEMORY; RKO_AUDIT_DAMAGED: a number comes twice. */
enum rko_status folder_segments(const struct folder *folder, struct segment_list *ret_list);
void segment_list_free(struct segment_list *list);

/*
 * Each torn end in `aside/`: its path, and the number of the record that says so. Until `take` gives false: RKO_IO and its
 * errno. Taking the file away meanwhile is allowed.
 */
typedef bool folder_aside_fn(void *context, const char *path, uint64_t record);
enum rko_status folder_asides(const struct folder *folder, folder_aside_fn *take, void *context);

/* `2026-07/000000000000004711.seg`, `2026-07` */
void segment_path(const struct segment_name *name, char path[FOLDER_NAME]);
void month_path(uint32_t month, char path[FOLDER_MONTH_NAME]);
/* The month in Helsinki of a time in nanoseconds, such as 202607. */
uint32_t month_of(int64_t time);

/* The newest checkpoint that lies in the folder. False when there is none; *ret_fault says what is wrong with it. */
bool folder_checkpoint(const struct folder *folder, struct checkpoint *ret_checkpoint, enum note_fault *ret_fault);

/* `images/DIGEST.image` */
enum { IMAGE_PATH = 80 };
void image_path(const uint8_t digest[RKO_DIGEST_BYTES], char path[IMAGE_PATH]);

#endif
