/*
 * Lists of the queue and changes of its dead letters, for all kinds and for one in its own words.
 */
#ifndef CLIENTELE_CLI_QUEUE_VIEW_H
#define CLIENTELE_CLI_QUEUE_VIEW_H

#include "cli/print.h"
#include "cli/session.h"
#include "queue/admin.h"
#include "queue/kinds.h"
#include "record/audit.h"

struct queue_view {
	const struct queue_kind *kind; /* NULL = all, or the one of the flag --kind */
	/* What the states are called; NULL = as in the table. */
	const char *const *words;
	const char *state_flag; /* the flag that names one */
	const struct print_column *columns;
	const enum queue_column *sources; /* what stands in each of the columns */
	unsigned column_count;
	const char *item, *an_item, *items; /* for messages */
};

/* Prints the items in the state that the flag names, dead letters by default. */
enum command_status queue_view_list(struct session *session, const struct queue_view *view);

/* What becomes of dead letters. */
struct queue_change {
	/* queue_replay() or queue_discard(). */
	int (*change)(struct database *database, const struct queue_kind *kind, const int64_t *id,
	    int64_t *count, struct error *error);
	enum audit_action action;
	const char *said; /* "3 items %s" */
};

extern const struct queue_change queue_change_replay, queue_change_discard;

/*
 * Changes the dead letters whose numbers are the operands, or all with --all, in portions, each
 * with its entry in the audit log.
 */
enum command_status queue_view_change(
    struct session *session, const struct queue_view *view, const struct queue_change *change);

#endif
