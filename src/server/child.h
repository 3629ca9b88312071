/*
 * Kinds of the supervisor's child processes, as data: what one runs, how many there are and when,
 * how long one may take to leave, and when another one follows.
 */
#ifndef CLIENTELE_SERVER_CHILD_H
#define CLIENTELE_SERVER_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/settings.h"

/* In the order in which they are started: workers wait for what probers find. */
enum child_number { CHILD_PROBER, CHILD_WORKER, CHILD_MAILER, CHILD_DELIVERER, CHILD__MAX };

/* Processes of one kind, those on their way out included. */
#define CHILD_SLOTS 1024

/* Why a process was replaced. */
enum leave_reason {
	LEAVE_PLANNED, /* by itself, done; or told to */
	LEAVE_EXIT,    /* by itself, with a fault */
	LEAVE_SIGNAL,
	LEAVE_DEADLINE, /* killed: its request or its draining took too long */
	LEAVE_REASON__MAX
};

/* What a process is given; all of it outlives the process. */
struct child_context {
	const struct settings *settings;
	struct shared *shared;
	struct epoch *epoch;
	struct guard *guard;
	int listener;
	const struct handover *handover; /* of kept connections */
	pid_t supervisor;
	unsigned post;   /* which of those that shall be there it is */
	unsigned number; /* of its slot: no other one of the kind that lives has it */
};

/* What a reload means to those that run. */
enum child_renewal {
	RENEW_AFTER,   /* each leaves, and then another one takes its post */
	RENEW_BESIDE,  /* they leave when new ones serve */
	RENEW_AT_ONCE, /* they hold nothing, and are killed, also when the pool stops */
};

struct child_kind {
	const char *name; /* in the log, in status and metrics */
	/* Runs in the new process; its result is the exit status, 0 = as planned. */
	int (*run)(const struct child_context *context);
	/* Whether there shall be one at that post, with the settings and what is shared. */
	bool (*wanted)(const struct child_context *context, unsigned post);
	unsigned posts;      /* at most CHILD_SLOTS */
	bool keeps_listener; /* else it is closed: held open, it would outlive the supervisor */
	enum child_renewal renewal;
	/* Offset in struct settings of what it may take beyond drain_timeout, in seconds; 0 =
	 * nothing. */
	size_t work;
	/* One that fails sooner than `early` after its start (microseconds, as the rest) delays the
	 * next start of its kind by delay_first, and twice as long each time up to delay_most. */
	int64_t early, delay_first, delay_most;
	int64_t pause; /* least time between two starts at one post */
	/* Events of the log; NULL = nothing is said. `left_event` is of level left_level when that
	 * was planned. */
	const char *started_event, *left_event, *later_event, *stuck_event, *overdue_event;
	enum log_level left_level;
	/* What its entry in the scoreboard needs before a start and after an end. */
	void (*clear)(const struct child_context *context);
	void (*begin)(const struct child_context *context, pid_t pid); /* 0 = before the start */
	/* Whether it answers callers by now; NULL = it has none. */
	bool (*serves)(const struct child_context *context);
	/* Since when it is at work on something that takes too long; 0 = it is not. */
	int64_t (*overdue)(const struct child_context *context, int64_t now);
	/* What it has done, and the word for that; NULL = nobody counts. */
	uint64_t (*done)(const struct child_context *context);
	const char *done_name;
};

extern const struct child_kind child_kinds[CHILD__MAX];

/* How long one that was told to leave may go on, in microseconds; never less than what it has begun
 * may take. */
int64_t child_drain(const struct child_kind *kind, const struct settings *settings);

#endif
