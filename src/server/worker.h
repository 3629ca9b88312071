/*
 * One worker process: takes requests, one at a time, until it is told to leave.
 */
#ifndef CLIENTELE_SERVER_WORKER_H
#define CLIENTELE_SERVER_WORKER_H

#include <sys/types.h>

#include "auth/epoch.h"
#include "auth/guard.h"
#include "base/settings.h"
#include "server/shared.h"

/* What a worker is given; all of it outlives the worker. */
struct worker_context {
	const struct settings *settings;
	struct shared *shared;
	struct shared_slot *slot;
	struct epoch *epoch;
	struct guard *guard;
	int listener;
	pid_t supervisor;
	unsigned number; /* of its slot */
};

enum worker_exit {
	WORKER_EXIT_DONE,  /* told to leave, or max_requests reached */
	WORKER_EXIT_FAULT, /* could not start */
};

/*
 * Keeps secrets out of core files and from other processes of the same user, unless an option
 * allows dumps. For the supervisor too.
 */
void worker_forbid_dumps(const struct settings *settings);

/* Sets what a child of the supervisor may take: address space, and whether it dumps core. */
void worker_set_limits(const struct settings *settings);

/* Runs in the new process; its result is the exit status. */
enum worker_exit worker_run(const struct worker_context *context);

#endif
