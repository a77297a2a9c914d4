/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cell: shuts itself in as rkod does, and then tries what nobody inside may do, and what rkod must still be able to do.
 * Reports as TAP.
 *
 *   cell FOLDER		holding policy.image, facts/ and record/
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tools/rkod/shut.h"

static int tests;

static void say(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
}

static void refused(const char *what, long result)
{
	char text[160];

	snprintf(text, sizeof text, "%s is refused (%s)", what, result < 0 ? strerror(errno) : "it went through");
	say(result < 0 && (errno == EPERM || errno == EACCES), text);
}

static char *in(const char *folder, const char *name)
{
	static char paths[8][4096];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static void *thread(void *context)
{
	*(long *)context = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
	return NULL;
}

static void try_files(const char *folder)
{
	int fd = open(in(folder, "policy.image"), O_RDONLY);

	say(fd >= 0, "the policy can be read");
	fd = open(in(folder, "record/new"), O_RDWR | O_CREAT, 0600);
	say(fd >= 0 && pwrite(fd, "x", 1, 0) == 1 && fdatasync(fd) == 0, "the record can be written");
	say(mkdirat(AT_FDCWD, in(folder, "record/month"), 0700) == 0 &&
	    renameat(AT_FDCWD, in(folder, "record/new"), AT_FDCWD, in(folder, "record/month/new")) == 0,
	    "and moved to another folder of it");
	refused("reading /etc/passwd", open("/etc/passwd", O_RDONLY));
	refused("listing /", open("/", O_RDONLY | O_DIRECTORY));
	refused("writing the policy", open(in(folder, "policy.image"), O_WRONLY));
	refused("a new file beside the policy", open(in(folder, "new"), O_WRONLY | O_CREAT, 0600));
	refused("reading another process", open("/proc/1/environ", O_RDONLY));
	refused("moving the record out", renameat(AT_FDCWD, in(folder, "record/month/new"), AT_FDCWD, in(folder, "out")));
	refused("a link out of the record", symlink("/etc/passwd", in(folder, "record/link")));
}

static void try_calls(void)
{
	char name[] = "true", *const argv[] = { name, NULL };
	pthread_t other;
	long found = 0;

	refused("another program", execv("/bin/true", argv));
	refused("a socket", socket(AF_INET, SOCK_STREAM, 0));
	refused("a Unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
	refused("connecting", connect(0, NULL, 0));
	refused("tracing", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	refused("a signal to somebody", kill(1, 0));
	refused("mounting", mount("none", "/mnt", "tmpfs", 0, NULL));
	refused("another root", chroot("/"));
	refused("another user", syscall(SYS_setuid, 0));
	refused("another namespace", syscall(SYS_unshare, 0x10000000));
	refused("a key ring", syscall(SYS_keyctl, 0, 0, 0, 0, 0));
	refused("a BPF program", syscall(SYS_bpf, 0, NULL, 0));
	refused("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
	refused("reading another's memory", syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0));
	refused("setting the clock", syscall(SYS_clock_settime, 0, NULL));
	refused("another mode of a file", chmod("/tmp", 0777));
	refused("core dumps again", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	pthread_create(&other, NULL, thread, &found);
	pthread_join(other, NULL);
	say(found == EPERM, "threads that are started later are shut in too");
}

int main(int argc, char **argv)
{
	struct config config = { .confine = CONFINE_FULL };

	if (argc != 2)
		return 2;
	config.policy = strdup(in(argv[1], "policy.image"));
	config.facts = strdup(in(argv[1], "facts"));
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!shut_in(&config, in(argv[1], "record")))
		return 3;
	say(strcmp(shut_word(), "full") == 0, "Landlock and seccomp are there");
	try_files(argv[1]);
	try_calls();
	printf("1..%d\n", tests);
	return 0;
}
