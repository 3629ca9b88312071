/*
 * The supervisor's worker processes: started, watched, replaced, made to leave.
 */
#ifndef CLIENTELE_SERVER_POOL_H
#define CLIENTELE_SERVER_POOL_H

#include <sys/types.h>

#include "server/worker.h"

/* One process, in the slot of the scoreboard with the same number. */
struct pool_worker {
	pid_t pid; /* 0 = free */
	unsigned generation;
	int64_t started;     /* monotonic microseconds */
	int64_t drain_until; /* killed then; 0 = not told to leave */
	bool killed;         /* for taking too long */
};

struct pool {
	const struct settings *settings; /* of the workers to come */
	struct shared *shared;
	struct epoch *epoch;
	struct guard *guard;
	int listener;
	unsigned generation;
	unsigned failures;  /* in a row: workers that died at their start */
	int64_t next_start; /* not before; monotonic microseconds */
	int64_t last_failure;
	bool stopping;
	struct pool_worker workers[SHARED_SLOTS];
};

/* Number of workers that the settings ask for. */
unsigned pool_size(const struct settings *settings);

/*
 * Starts what is missing of the current generation, unless it is too soon after failures. In the
 * new process it does not return.
 */
void pool_start_missing(struct pool *pool, int64_t now);

/* Takes note of a process that has ended, and logs why; false when it was no worker. */
bool pool_bury(struct pool *pool, pid_t pid, int status, int64_t now);

/* Kills workers whose request or draining has taken too long. */
void pool_enforce_deadlines(struct pool *pool, int64_t now);

/* Begins a new generation; the old one serves on until pool_retire_old(). */
void pool_renew(struct pool *pool);

/* Tells workers of older generations to leave once all of the current one serve, or some do after a
 * while. */
void pool_retire_old(struct pool *pool, int64_t now);

/* Tells all to leave; nothing is started any more. */
void pool_stop(struct pool *pool, int64_t now);

/* Sends a signal to all. */
void pool_signal(const struct pool *pool, int number);

/* Workers of the current generation that have begun to serve, and all processes there are. */
unsigned pool_serving(const struct pool *pool);

/* Whether all that should serve does, and nobody is about to leave. */
bool pool_settled(const struct pool *pool);
unsigned pool_alive(const struct pool *pool);

#endif
