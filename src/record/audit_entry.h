/*
 * Entries of the audit log, and of the log that callers see, on their way into their tables.
 */
#ifndef CLIENTELE_RECORD_AUDIT_ENTRY_H
#define CLIENTELE_RECORD_AUDIT_ENTRY_H

#include "record/audit.h"

/* What both logs tell of one change. Texts of JSON are made once; without data there is none. */
struct audit_entry {
	int64_t moment;
	enum audit_action action;
	enum area area;
	const char *what;
	struct str key;
	struct str before, after, detail;
	int64_t count;
	bool placed;    /* its numbers are asked for: it is written at once */
	bool unchanged; /* what was stored had been stored before: only callers see that */
};

/*
 * Writes the entries, at once or with those that wait (audit_hold()). Their moment is set, and
 * those that tell of no change may go. Returns 0, or -1 with the database's error.
 */
int audit_store(struct context *context, struct audit_entry *entries, unsigned count,
    struct error *error) MUST_CHECK;

#endif
