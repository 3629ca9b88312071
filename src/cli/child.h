/*
 * Programs that a command runs and talks to by one pipe.
 */
#ifndef CLIENTELE_CLI_CHILD_H
#define CLIENTELE_CLI_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

#define CHILD_EXTRA_FD 3 /* where a program finds `extra` */

struct child {
	const char *program; /* as it was started, for messages */
	pid_t pid;
	int fd; /* the caller's end of the pipe; -1 when it is closed */
};

enum child_pipe {
	CHILD_READ, /* the caller reads what the program writes */
	CHILD_FEED, /* the caller writes what the program reads */
};

/*
 * Starts a program of PATH, without a shell. Its other standard stream is `other` (-1 = /dev/null),
 * its errors go where ours go; `extra` (-1 = none) is its descriptor CHILD_EXTRA_FD. The caller
 * keeps both. On success the child must be finished. Returns 0, or -1 with ERROR_UNAVAILABLE and
 * what failed in the detail.
 */
int child_start(struct child *child, const char *const *arguments, enum child_pipe pipe, int other,
    int extra, struct error *error) MUST_CHECK;

/*
 * Reads what a program of CHILD_READ writes, until its end or until `text` is full; a NUL follows
 * it. `size` is that of `text`, at least 1.
 */
void child_read_text(const struct child *child, char *text, size_t size);

/*
 * Closes the pipe and waits for the program's end. Returns 0 when it ended well, or -1 with
 * ERROR_UNAVAILABLE and how it ended in the detail.
 */
int child_finish(struct child *child, struct error *error) MUST_CHECK;

/* The same for one whose result does not count any more. */
void child_abandon(struct child *child);

#endif
