/*
 * The audit log: every change of a row, who has made it, from where and under which request, and
 * what the row was before and is now, written in the transaction of the change itself, so that
 * there is no change without its entry. Nothing but the end of its retention removes one.
 *
 * Of families that show their changes to callers as a log of their own (family.logged, /v1/log),
 * the same texts make the entry of that log, which callers may delete.
 */
#ifndef CLIENTELE_RECORD_AUDIT_H
#define CLIENTELE_RECORD_AUDIT_H

#include "record/context.h"

/* Table of the audit log. */
#define AUDIT_TABLE "audit_entry"

/* Table of the log that callers see; it has a row counter, so whoever writes there counts too. */
#define LOG_TABLE "log_entry"

enum audit_action {
	AUDIT_INSERT,
	AUDIT_UPDATE,
	AUDIT_DELETE,
};

/*
 * Writes the entry of a changed row, unless its resource says why not (resource.unaudited).
 * `before` is NULL for an insert, `after` for a delete; for an update both are needed and only the
 * members that differ are kept, and without any there is no entry. Only members that are present
 * count. Hidden members are left out, the values of secret ones replaced by FIELD_MASK. The row's
 * key is taken from `after`, else from `before`. Must run in the transaction that changes the row.
 * Returns 0, or -1 with the database's error.
 */
int audit_record(struct context *context, enum audit_action action, const struct resource *resource,
    const struct row *before, const struct row *after, struct error *error) MUST_CHECK;

/*
 * Lets the entries of what follows in this transaction wait, `most` of them, for audit_write(),
 * which writes them in a few statements for each log: of many changes that are alike. They live in
 * the arena; further ones are written at once. Where an attempt fails, its own are gone. What still
 * waits at the end of record_transaction() is written there.
 */
int audit_hold(struct context *context, unsigned most, struct error *error) MUST_CHECK;
int audit_write(struct context *context, struct error *error) MUST_CHECK;

/* A change that is no single row's, or whose row no resource has. */
struct audit_event {
	enum audit_action action;
	enum area area;   /* what it tells of; AREA_NONE where that may be anything */
	const char *what; /* as a resource is called: "role list of user", "log" */
	struct str key;   /* of the row that it hangs on; empty = of none */
	/* A JSON object with more, in which nothing is secret; empty = none. */
	struct str detail;
	int64_t count; /* how many rows were changed together; 0 = that is not what it is about */
	bool placed;   /* context.audit_place is to be known when it returns */
};

/* The same for such a change. */
int audit_record_event(
    struct context *context, const struct audit_event *event, struct error *error) MUST_CHECK;

/*
 * The same for a change of several rows that are alike: the entry has their number, and the members
 * that name them (NULL = none do).
 */
int audit_record_rows(struct context *context, enum audit_action action,
    const struct resource *resource, const struct row *keys, int64_t count,
    struct error *error) MUST_CHECK;

/* A row's change, as audit_record() has it. */
struct audit_change {
	enum audit_action action;
	const struct row *before, *after;
};

/* The same of rows of one resource, in few statements however many there are. */
int audit_record_all(struct context *context, const struct audit_change *changes, unsigned count,
    struct error *error) MUST_CHECK;

/*
 * The same of each row of a set that was changed as a whole: `before` and `after` are all of its
 * rows. Rows that differ in nothing but members that change by themselves (FIELD_UNTAGGED) leave
 * none.
 */
int audit_record_difference(struct context *context, const struct row_list *before,
    const struct row_list *after, struct error *error) MUST_CHECK;

/*
 * Puts another number of rows into the entry of a deletion that goes on, and into the member
 * "deleted" of its detail in the log. `place` is context.audit_place after it was written.
 */
int audit_recount(struct context *context, const struct audit_place *place, int64_t count,
    struct error *error) MUST_CHECK;

/*
 * Adds the condition that entries of the log tell of what the caller may read. Without an area they
 * tell of anything, so that only those see them who may read everything.
 */
void audit_where_seen(const struct context *context, struct sql *sql);

#endif
