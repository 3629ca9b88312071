/*
 * The queue as its operators see it: what waits, what was given up, and a second chance for that.
 */
#ifndef CLIENTELE_QUEUE_ADMIN_H
#define CLIENTELE_QUEUE_ADMIN_H

#include "queue/queue.h"

/* Columns of a list, in its order. */
enum queue_column {
	QUEUE_COLUMN_ID,
	QUEUE_COLUMN_KIND,
	QUEUE_COLUMN_STATE,
	QUEUE_COLUMN_TARGET,
	QUEUE_COLUMN_PAYLOAD,
	QUEUE_COLUMN_TITLE,
	QUEUE_COLUMN_ATTEMPTS,
	QUEUE_COLUMN_CREATED,
	QUEUE_COLUMN_DUE, /* of what waits */
	QUEUE_COLUMN_FINISHED,
	QUEUE_COLUMN_ERROR, /* null where none was met */
	QUEUE_COLUMN__MAX
};

/* The oldest items of a kind in a state, at most `most`. Errors as database_select(). */
int queue_list(struct database *database, struct arena *arena, const struct queue_kind *kind,
    enum queue_state state, int64_t most, struct result *result, struct error *error) MUST_CHECK;

/* How many items of a kind there are in a state. Errors as database_select(). */
int queue_count(struct database *database, struct arena *arena, const struct queue_kind *kind,
    enum queue_state state, int64_t *count, struct error *error) MUST_CHECK;

/* Rows of one statement: a cluster takes a transaction as a whole. */
#define QUEUE_PORTION 1000

/*
 * Puts dead letters of a kind back, with all their attempts: the one with that number, or the first
 * QUEUE_PORTION (`id` NULL), after which they are dead no more. `*count` is set to how many these
 * were. Errors as database_execute().
 */
int queue_replay(struct database *database, const struct queue_kind *kind, const int64_t *id,
    int64_t *count, struct error *error) MUST_CHECK;

/* The same, but deletes them. */
int queue_discard(struct database *database, const struct queue_kind *kind, const int64_t *id,
    int64_t *count, struct error *error) MUST_CHECK;

/*
 * Deletes all items of a target, in whichever state: it is not there any more. Runs in the caller's
 * transaction. Errors as database_execute().
 */
int queue_forget(struct database *database, const struct queue_kind *kind, struct str target,
    struct error *error) MUST_CHECK;

/*
 * Puts the item with that content back, with all its attempts, whether it was done or given up.
 * Returns 1, 0 when there is none that has ended, -1 with an error as database_execute().
 */
int queue_repeat(struct database *database, const struct queue_kind *kind, struct uuid content,
    struct error *error) MUST_CHECK;

/* Condition, with one moment to bind, that an item of the kind was in a final state before it. */
const char *queue_finished_before(
    struct arena *arena, const struct queue_kind *kind, enum queue_state state);

#endif
