/*
 * One worker process: takes requests, one at a time, until it is told to leave.
 */
#ifndef CLIENTELE_SERVER_WORKER_H
#define CLIENTELE_SERVER_WORKER_H

#include <sys/types.h>

#include "auth/epoch.h"
#include "auth/guard.h"
#include "base/settings.h"
#include "server/child.h"
#include "server/shared.h"

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

/* The worker's place in the scoreboard. */
struct shared_slot *worker_slot(const struct child_context *context);

/* Number of workers that the settings ask for. */
unsigned worker_count(const struct settings *settings);

/* For the table of child processes; a worker has the slot of the scoreboard with its number. */
bool worker_wanted(const struct child_context *context, unsigned post);
int worker_run(const struct child_context *context);
void worker_clear(const struct child_context *context);
void worker_begin(const struct child_context *context, pid_t pid);
bool worker_serves(const struct child_context *context);
int64_t worker_overdue(const struct child_context *context, int64_t now);
uint64_t worker_served(const struct child_context *context);

#endif
