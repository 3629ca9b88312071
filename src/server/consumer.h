/*
 * A process beside the workers that does what waits in the queue, one item of its kind after the
 * other, so that no request ever waits for somebody else's server.
 */
#ifndef CLIENTELE_SERVER_CONSUMER_H
#define CLIENTELE_SERVER_CONSUMER_H

#include <signal.h>
#include <sys/types.h>

#include "queue/kinds.h"
#include "queue/queue.h"
#include "record/context.h"
#include "server/shared.h"

struct consumer {
	const struct consumer_kind *what;
	const struct queue_kind *kind;
	const struct settings *settings;
	struct shared *shared;
	struct epoch *epoch;           /* for what it revokes */
	struct shared_queue *counters; /* for what the metrics say */
	struct database *database;
	struct arena *arena; /* emptied after each item */
	void *own;           /* of the kind */
	int64_t next_count, next_tidy;
	sigset_t signals;
	bool stopping;
	bool database_away; /* said so already */
};

/* What has come of an attempt. */
struct consumer_result {
	/* QUEUE_DONE, QUEUE_WAITING (to be tried again) or QUEUE_DEAD (in vain). */
	enum queue_state state;
	int64_t
	    wait; /* of one that waits: not before that many seconds, however short the kind's */
	char reason[QUEUE_REASON_MAX]; /* why it is not done, in one line */
};

/* What a kind of consumer does in its own way, and how the log calls it. */
struct consumer_kind {
	enum queue_kind_number queue;
	const char *name;                      /* as the audit log calls it */
	const char *process_name;              /* at most 15 bytes */
	const char *failed_event;              /* the process could not start */
	const char *done_event, *undone_event; /* of an item */
	const char *waits_event;               /* for the database */
	/* Makes what the process needs, and says that it started; false without memory. */
	bool (*open)(struct consumer *consumer);
	void (*close)(struct consumer *consumer);
	/*
	 * Does one item. Returns 0 with *result filled, which is QUEUE_WAITING without a reason
	 * before. Returns -1 with the database's error; the item falls due again then.
	 */
	int (*deliver)(struct consumer *consumer, const struct queue_item *item,
	    struct consumer_result *result, struct error *error);
	/* What else is stored, in the same transaction, when an item is given up; may be NULL. */
	int (*bury)(
	    struct consumer *consumer, const struct queue_verdict *verdict, struct error *error);
	/* When nothing is due: lets go what should not be held; may be NULL. */
	void (*rest)(struct consumer *consumer);
	/* At the start, and once in a minute; may be NULL. */
	int (*tidy)(struct consumer *consumer, struct error *error);
};

/* What its process reads and changes rows with, as the actor that it is. */
struct context consumer_context(struct consumer *consumer);

/* Runs in the new process until SIGTERM; its result is the exit status. */
int consumer_run(const struct consumer_kind *what, const struct child_context *context);

#endif
