/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Starts a program as systemd does, for its tests: with a listening Unix socket as descriptor 3 and a place to tell
 * how it is. Prints what it tells, a line each, until it ends; then the exit code.
 *
 *   activate SOCKET NOTIFY-SOCKET PROGRAM [ARGUMENT]…
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_socket(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	if (fd < 0 || strlen(path) >= sizeof address.sun_path)
		return -1;
	strcpy(address.sun_path, path);
	unlink(path);
	return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static void become(int listening, const char *notify, char **argv)
{
	char pid[16];

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("NOTIFY_SOCKET", notify, 1);
	if (dup2(listening, 3) == 3)
		execv(argv[0], argv);
	_exit(127);
}

static pid_t child;

static void pass_on(int signal)
{
	kill(child, signal);
}

int main(int argc, char **argv)
{
	struct timeval tick = { .tv_usec = 100000 };
	int listening, notices, status = 0;

	if (argc < 4)
		return 2;
	listening = open_socket(argv[1], SOCK_STREAM);
	notices = open_socket(argv[2], SOCK_DGRAM);
	if (listening < 0 || notices < 0 || listen(listening, 16) < 0)
		return 2;
	setsockopt(notices, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
	child = fork();
	if (child == 0)
		become(listening, argv[2], argv + 3);
	signal(SIGTERM, pass_on);
	signal(SIGHUP, pass_on);
	for (;;) {
		char text[512];
		ssize_t got = recv(notices, text, sizeof text - 1, 0);

		if (got > 0) {
			printf("%.*s\n", (int)got, text);
			fflush(stdout);
		} else if (waitpid(child, &status, WNOHANG) == child) {
			break;
		}
	}
	printf("exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
