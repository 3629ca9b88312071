#define _GNU_SOURCE 1
#include "cli/apart.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const int ending[] = { SIGHUP, SIGINT, SIGTERM };

#define ENDING_COUNT (sizeof(ending) / sizeof(ending[0]))

static volatile sig_atomic_t apart; /* the process that works */

static void pass_on(int number)
{
	(void)kill((pid_t)apart, number);
}

static void pass_all_on(void)
{
	struct sigaction action = { .sa_handler = pass_on };

	(void)sigemptyset(&action.sa_mask);
	for (unsigned i = 0; i < ENDING_COUNT; i++)
		(void)sigaction(ending[i], &action, NULL);
}

/* fork(), with no moment in which a signal ends one of the two alone. */
static pid_t split_process(void)
{
	sigset_t held, former;
	pid_t process;

	(void)sigemptyset(&held);
	for (unsigned i = 0; i < ENDING_COUNT; i++)
		(void)sigaddset(&held, ending[i]);
	(void)sigprocmask(SIG_BLOCK, &held, &former);
	process = fork();
	if (process > 0) {
		apart = process;
		pass_all_on();
	}
	(void)sigprocmask(SIG_SETMASK, &former, NULL);
	return process;
}

int apart_run(int (*work)(void *data), void *data)
{
	pid_t process;
	int status;

	/* What stands in buffers must not come out twice. */
	(void)fflush(NULL);
	process = split_process();
	if (process < 0)
		return -1;
	if (process == 0) {
		status = work(data);
		(void)fflush(NULL);
		_exit(status);
	}
	while (waitpid(process, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	errno = EINTR;
	return -1;
}
