/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/shut.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "tools/rkod/log.h"

static const char *word = "off";

/* Landlock ------------------------------------------------------------------------------------------ */

#define READ_FILES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_FILES (READ_FILES | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
		     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
		     LANDLOCK_ACCESS_FS_REFER)
/* Readers of the facts write into their lock file, which they make where there is none. */
#define FACTS_FILES (READ_FILES | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG)
/* What the second version of Landlock governs. The first lets nobody move files between folders, as the record does. */
#define GOVERNED (LANDLOCK_ACCESS_FS_REFER * 2 - 1)
enum { LANDLOCK_VERSION = 2 };

static bool allow(int rules, const char *path, unsigned long long access)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = access };
	bool good;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return false;
	good = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
	close(beneath.parent_fd);
	return good;
}

/* A file is replaced by renaming another over it, so what is allowed is its folder. */
static bool allow_folder_of(int rules, const char *path)
{
	char copy[PATH_MAX];

	if (strlen(path) >= sizeof copy)
		return false;
	strcpy(copy, path);
	return allow(rules, dirname(copy), READ_FILES);
}

/* Files that are read again at a reload: in their folders, and where links lead now. */
static bool allow_file(int rules, const char *path)
{
	char whole[PATH_MAX];

	return !path || (allow_folder_of(rules, path) && realpath(path, whole) && allow_folder_of(rules, whole));
}

static bool restrict_files(const struct config *config, const char *record_folder)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = GOVERNED };
	int rules;
	bool good;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < LANDLOCK_VERSION)
		return false;
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (rules < 0)
		return false;
	good = allow_file(rules, config->policy) && allow(rules, config->facts, FACTS_FILES) &&
	       (!*record_folder || allow(rules, record_folder, WRITE_FILES)) &&
	       (!config->audit_key || allow_folder_of(rules, config->audit_key)) &&
	       allow_file(rules, config->tls_certificate) && allow_file(rules, config->tls_key) &&
	       allow_file(rules, config->tls_client_ca);
	for (size_t i = 0; good && i < config->listens.count; i++) {
		char copy[PATH_MAX];

		if (strncmp(config->listens.text[i], "unix:", 5) != 0)
			continue;
		snprintf(copy, sizeof copy, "%s", config->listens.text[i] + 5);
		good = allow(rules, dirname(copy), LANDLOCK_ACCESS_FS_REMOVE_FILE);
	}
	good = good && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close(rules);
	return good;
}

/* seccomp ------------------------------------------------------------------------------------------- */

/* What libmicrohttpd, GnuTLS, LMDB, the record and the C library take while answering and reloading. */
static const char *const calls[] = {
	"accept4", "arch_prctl", "brk", "clock_getres", "clock_gettime", "clock_nanosleep", "clone", "clone3",
	"close", "dup", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "exit",
	"exit_group", "faccessat", "faccessat2", "fallocate", "fcntl", "fdatasync", "flock", "fstat", "fstatfs",
	"fsync", "ftruncate", "futex", "getcwd", "getdents64", "getegid", "geteuid", "getgid", "getpeername", "getpid", "getrandom",
	"getrusage", "getsockname", "getsockopt", "gettid", "getuid", "ioctl", "linkat", "lseek", "madvise",
	"membarrier", "mkdirat", "mmap", "mprotect", "mremap", "msync", "munmap", "nanosleep", "newfstatat",
	"open", "openat", "pipe2", "poll", "ppoll", "pread64", "prlimit64", "pwrite64", "pwritev", "read",
	"readlink", "readv", "recvfrom", "recvmsg", "rename", "renameat", "renameat2", "restart_syscall",
	"rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield",
	"sendfile", "sendmsg", "sendto", "set_robust_list", "set_tid_address", "setsockopt", "shutdown",
	"sigaltstack", "stat", "lstat", "statfs", "statx", "sync_file_range", "sysinfo", "tgkill", "uname",
	"unlink", "unlinkat", "write", "writev",
};

/* Everything else fails with EPERM, so that a library that tries something new fails closed and does not crash. */
static bool restrict_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool good = filter != NULL;

	for (size_t i = 0; good && i < sizeof calls / sizeof calls[0]; i++) {
		int number = seccomp_syscall_resolve_name(calls[i]);

		/* Some machines have no such call. */
		if (number != __NR_SCMP_ERROR && number >= 0)
			good = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) == 0;
	}
	good = good && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return good;
}

/* --------------------------------------------------------------------------------------------------- */

bool shut_in(const struct config *config, const char *record_folder)
{
	struct rlimit none = { 0, 0 };
	bool files, system_calls;

	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0) {
		fprintf(stderr, "rkod: core dumps cannot be switched off: %s\n", strerror(errno));
		return false;
	}
	if (config->confine == CONFINE_OFF) {
		LOG(LOG_WARNING, "not_confined", FIELD("setting", shown("confine=off")));
		return true;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		fprintf(stderr, "rkod: new privileges cannot be given up: %s\n", strerror(errno));
		return false;
	}
	files = restrict_files(config, record_folder);
	if (!files && config->confine == CONFINE_FULL) {
		fprintf(stderr, "rkod: Landlock is not to be had (%s), and confine is full; a kernel from 5.19 on has "
			"it, unless it was started without\n", strerror(errno));
		return false;
	}
	system_calls = restrict_calls();
	if (!system_calls && config->confine == CONFINE_FULL) {
		fprintf(stderr, "rkod: seccomp is not to be had, and confine is full\n");
		return false;
	}
	word = files && system_calls ? "full" : "reduced";
	LOG(files && system_calls ? LOG_INFO : LOG_WARNING, "confined", FIELD("landlock", files), FIELD("seccomp", system_calls));
	return true;
}

const char *shut_word(void)
{
	return word;
}
