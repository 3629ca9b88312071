/*
 * The supervisor's child processes: started, watched, replaced, made to leave, each as the table of
 * its kind says.
 */
#ifndef CLIENTELE_SERVER_CHILDREN_H
#define CLIENTELE_SERVER_CHILDREN_H

#include "server/child.h"
#include "server/shared.h"

/* One process, in the slot with its number. */
struct child {
	pid_t pid; /* 0 = free */
	unsigned post;
	unsigned generation;
	int64_t started;     /* monotonic microseconds, as all here */
	int64_t drain;       /* what the settings that it has give it; a reload may shorten it */
	int64_t leave_until; /* killed then; 0 = not told to leave */
	bool killed;         /* for taking too long */
};

/* All of one kind. */
struct child_group {
	struct child list[CHILD_SLOTS];
	int64_t next_at_post[CHILD_SLOTS]; /* no start before */
	int64_t next_start;                /* the same for all posts */
	int64_t last_failure;
	unsigned failures; /* in a row */
};

struct children {
	struct child_context context; /* of those to come; its numbers are filled in at the start */
	unsigned generation;
	bool stopping; /* nothing is started any more */
	struct child_group groups[CHILD__MAX];
};

/*
 * What is to be done at this moment: starts what is missing, unless it is too soon after failures,
 * makes those leave that a reload has replaced, kills what takes too long, and tells the
 * scoreboard. In a new process it does not return. Returns when it wants to be called again; 0 =
 * when something happens.
 */
int64_t children_keep(struct children *children, int64_t now);

/* Takes note of a process that has ended, and logs why. */
void children_bury(struct children *children, pid_t pid, int status, int64_t now);

/* Begins a new generation, with the settings that are in the context now. */
void children_renew(struct children *children, int64_t now);

/* Tells all to leave. */
void children_stop(struct children *children, int64_t now);

/* Sends a signal to all but those that hold nothing. */
void children_signal(const struct children *children, int number);

/* Processes that there are; those of this generation that answer callers. */
unsigned children_alive(const struct children *children);
unsigned children_serving(struct children *children);

/* Whether all that should serve does, and nobody is about to leave. */
bool children_settled(struct children *children);

/* How long those that run may take to leave, in microseconds. */
int64_t children_drain(const struct children *children);

#endif
