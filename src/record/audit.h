/*
 * The audit log: what the API changes, who did it, and what the row was before and is now, written
 * in the transaction of the change itself, so that there is no change without its entry.
 */
#ifndef CLIENTELE_RECORD_AUDIT_H
#define CLIENTELE_RECORD_AUDIT_H

#include "record/context.h"

/* Table of the log; it has a row counter, so whoever writes there counts too. */
#define AUDIT_TABLE "log_entry"

enum audit_action {
	AUDIT_INSERT,
	AUDIT_UPDATE,
	AUDIT_DELETE,
};

/*
 * Every entry has the area of what it tells of, and /v1/log shows it to those who may read there.
 *
 * Writes one entry for a changed row. `before` is NULL for an insert, `after` for a delete; for an
 * update both are needed and only the members that differ are kept. Only members that are present
 * count. Hidden members are left out, the values of secret ones replaced by FIELD_MASK. The row's
 * key is taken from `after`, else from `before`. Must run in the transaction that changes the row.
 * Returns 0, or -1 with the database's error.
 */
int audit_record(struct context *context, enum audit_action action, const struct resource *resource,
    const struct row *before, const struct row *after, struct error *error) MUST_CHECK;

/*
 * The same for a change that is no single row's: `what` names it in the message ("role list of
 * user", "log"), `key` is the row it hangs on (empty = none), `detail` is a JSON object with more
 * (empty = none). `area` is what it tells of; AREA_NONE where that may be anything.
 */
int audit_record_event(struct context *context, enum audit_action action, enum area area,
    const char *what, struct str key, struct str detail, struct error *error) MUST_CHECK;

/*
 * The same for a change of several rows that are alike: the entry has their number, and the key
 * that is among the members that name them (NULL = none do).
 */
int audit_record_rows(struct context *context, enum audit_action action,
    const struct resource *resource, const struct row *keys, int64_t count,
    struct error *error) MUST_CHECK;

/*
 * Adds the condition that entries tell of what the caller may read. Without an area they tell of
 * anything, so that only those see them who may read everything.
 */
void audit_where_seen(const struct context *context, struct sql *sql);

#endif
