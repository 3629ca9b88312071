/*
 * The queue: what waits to be done outside of a request, put there in the transaction that wants
 * it, claimed by one consumer at a time, tried again later, done or given up.
 *
 * Any number of machines may share it. Whoever claims an item moves its due moment to the end of a
 * lease, and nobody else sees it until then; should the holder die, it falls due again. An attempt
 * counts when it begins, so that an item which ends its consumer is given up as well.
 */
#ifndef CLIENTELE_QUEUE_QUEUE_H
#define CLIENTELE_QUEUE_QUEUE_H

#include "db/database.h"
#include "queue/kind.h"

#define QUEUE_TABLE "queue_item"
#define QUEUE_REASON_MAX 512

/* What is put into the queue. */
struct queue_entry {
	struct str target;   /* at most 64 bytes: what an order is kept within; empty = none */
	struct str once;     /* at most 64 bytes: of one kind never two with it; empty = none */
	struct uuid content; /* what it shares with others, in a table of its kind; zero = none */
	struct str payload;  /* what else its consumer needs to know */
	int64_t due;         /* not to be done before; 0 = at once */
};

/* What a consumer has claimed. Texts live in the arena it was read into. */
struct queue_item {
	int64_t id;
	int64_t attempt; /* 1 = the first */
	int64_t lease_end;
	struct uuid claim;
	struct str target;
	struct uuid content;
	struct str payload;
	int64_t created_at;
	/* All of its attempts have begun, and the last one has not ended: it can only be given up.
	 */
	bool spent;
};

/*
 * Puts entries (at least one) into the queue with one statement, in the caller's transaction. What
 * stands there already with the same `once` stays as it is. Errors as database_execute().
 */
int queue_put(struct database *database, struct arena *arena, const struct queue_kind *kind,
    const struct queue_entry *entries, unsigned count, struct error *error) MUST_CHECK;

/*
 * Claims the item that has been due for longest; of a kind that is in order, only the first of each
 * target counts. Returns 1 with `*item` filled, 0 when none is due, -1 with the database's error.
 */
int queue_claim(struct database *database, struct arena *arena, const struct queue_kind *kind,
    const struct settings *settings, struct queue_item *item, struct error *error) MUST_CHECK;

/* The statement by which it looks for an item of the kind, with the kind's name and a moment to
 * bind: tests ask the planner about it. */
const char *queue_due_statement(const struct queue_kind *kind);

/* What became of an attempt. */
struct queue_verdict {
	const struct queue_kind *kind;
	const struct queue_item *item;
	enum queue_state state; /* QUEUE_WAITING = to be tried again */
	int64_t due;            /* of one that waits */
	const char *reason;     /* why it is not done; kept in one line of text */
	int64_t now;
};

/*
 * Stores a verdict, in the caller's transaction if there is one, unless the lease has ended and
 * somebody else holds the item. Errors as database_execute().
 */
int queue_settle(
    struct database *database, const struct queue_verdict *verdict, struct error *error) MUST_CHECK;

/*
 * After an attempt that failed: leaves the other items of its target alone for as long as the kind
 * says, in the caller's transaction. Errors as database_execute().
 */
int queue_pause(
    struct database *database, const struct queue_verdict *verdict, struct error *error) MUST_CHECK;

#endif
