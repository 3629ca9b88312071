/*
 * Processes that try database hosts which are not known to be good, so that no worker has to: one
 * for each such host, from the moment that the board says so until the host serves. They hold no
 * data and are killed when they are no longer wanted.
 */
#ifndef CLIENTELE_SERVER_PROBER_H
#define CLIENTELE_SERVER_PROBER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/settings.h"
#include "server/shared.h"

struct probers {
	struct {
		pid_t pid;          /* 0 = none runs */
		int64_t next_start; /* not before; monotonic microseconds */
	} list[HOST_BOARD_MAX];     /* by the number of the board's entry */
	bool stopping;
};

/* Enters the hosts of the settings on the board. */
void probers_list(struct shared *shared, const struct settings *settings, int64_t now);

/*
 * Starts what is missing. In the new process it does not return; `listener` is closed there.
 * Returns when it wants to be called again, 0 = when the board changes.
 */
int64_t probers_keep(struct probers *probers, const struct settings *settings,
    struct shared *shared, int listener, int64_t now);

/* Takes note of a process that has ended; false when it was none of them. */
bool probers_bury(struct probers *probers, pid_t pid, int64_t now);

/* Ends all: they begin anew with other settings. */
void probers_renew(struct probers *probers);

/* The same for good. */
void probers_stop(struct probers *probers);

#endif
