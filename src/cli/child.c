#define _GNU_SOURCE 1
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Descriptors in the order in which they are put in place; all others are closed on exec. */
static int add_actions(
    posix_spawn_file_actions_t *actions, enum child_pipe pipe, int end, int other, int extra)
{
	int piped = pipe == CHILD_READ ? STDOUT_FILENO : STDIN_FILENO;
	int rest = pipe == CHILD_READ ? STDIN_FILENO : STDOUT_FILENO;
	int failure = 0;

	if (extra >= 0)
		failure = posix_spawn_file_actions_adddup2(actions, extra, CHILD_EXTRA_FD);
	if (failure == 0)
		failure = posix_spawn_file_actions_adddup2(actions, end, piped);
	if (failure == 0 && other >= 0)
		failure = posix_spawn_file_actions_adddup2(actions, other, rest);
	else if (failure == 0)
		failure = posix_spawn_file_actions_addopen(actions, rest, "/dev/null", O_RDWR, 0);
	return failure;
}

static int spawn(struct child *child, const char *const *arguments, enum child_pipe pipe, int end,
    int other, int extra)
{
	posix_spawn_file_actions_t actions;
	int failure = posix_spawn_file_actions_init(&actions);

	if (failure != 0)
		return failure;
	failure = add_actions(&actions, pipe, end, other, extra);
	if (failure == 0)
		failure = posix_spawnp(&child->pid, child->program, &actions, NULL,
		    (char *const *)(uintptr_t)arguments, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return failure;
}

int child_start(struct child *child, const char *const *arguments, enum child_pipe pipe, int other,
    int extra, struct error *error)
{
	int ends[2], ours = pipe == CHILD_READ ? 0 : 1, failure;

	*child = (struct child){ .program = arguments[0], .pid = -1, .fd = -1 };
	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set_detail(error, ERROR_UNAVAILABLE, "pipe: %s", strerror(errno));
	/* A program that ends early shows by its status, not by a signal that ends us. */
	(void)signal(SIGPIPE, SIG_IGN);
	failure = spawn(child, arguments, pipe, ends[1 - ours], other, extra);
	(void)close(ends[1 - ours]);
	child->fd = ends[ours];
	if (failure == 0)
		return 0;
	(void)close(child->fd);
	child->fd = -1;
	if (failure == ENOENT)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "the program %s is not installed", child->program);
	return error_set_detail(
	    error, ERROR_UNAVAILABLE, "start %s: %s", child->program, strerror(failure));
}

void child_read_text(const struct child *child, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;

	while ((got = read(child->fd, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = '\0';
}

/* Status of the ended program, as wait() gives it; -1 when it cannot be had. */
static int wait_for(struct child *child)
{
	int status;

	if (child->fd >= 0)
		(void)close(child->fd);
	child->fd = -1;
	while (waitpid(child->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return status;
}

int child_finish(struct child *child, struct error *error)
{
	int status = wait_for(child);

	if (status == 0)
		return 0;
	if (WIFSIGNALED(status))
		return error_set_detail(error, ERROR_UNAVAILABLE, "%s was killed by signal %d",
		    child->program, WTERMSIG(status));
	return error_set_detail(error, ERROR_UNAVAILABLE,
	    "%s failed with status %d; see its message above", child->program, WEXITSTATUS(status));
}

void child_abandon(struct child *child)
{
	if (child->pid > 0)
		(void)wait_for(child);
}
