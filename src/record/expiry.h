/*
 * Rows that grow old by themselves, and go when their time has come: as data, and deleted in
 * portions.
 */
#ifndef CLIENTELE_RECORD_EXPIRY_H
#define CLIENTELE_RECORD_EXPIRY_H

#include "record/context.h"

/* One kind of them. Its SQL writes {} where the name of their table goes. */
struct expiry {
	const char *what; /* plural, in reports and in the audit log */
	/* Their resource, where they have one; else their table and what it tells of. */
	const struct resource *resource;
	const char *table;
	enum area area;
	const char *condition; /* with one moment to bind: rows before it go */
	const char *order;     /* the oldest first */
	/* Bytes of a row's long members, and of what goes with it; NULL = there are none. */
	const char *size;
	const char *stamp; /* a statement that notes since when rows are old; NULL = they know it */
	/* A statement before each portion, with the moment to bind: who knows such rows learns that
	 * they go. NULL = nobody does. */
	const char *tell;
	/* Offset in struct settings of the seconds that they are kept; 0 = until now. */
	size_t retention;
};

/* Table of the rows. */
const char *expiry_table(const struct expiry *kind);

/* Before which moment rows of the kind go; false when they are kept for ever. */
bool expiry_moment(const struct expiry *kind, const struct settings *settings, int64_t *moment);

/* How many rows would go. Returns 0, or -1 with the database's error. */
int expiry_count(struct context *context, const struct expiry *kind, int64_t moment, int64_t *count,
    struct error *error) MUST_CHECK;

/*
 * Deletes them, in transactions that are small enough for writers beside them, and for a cluster;
 * each has its entry in the audit log, with the number of rows. `*count` says how many went, also
 * when it fails. Returns 0, or -1 with the database's error.
 */
int expiry_delete(struct context *context, const struct expiry *kind, int64_t moment,
    int64_t *count, struct error *error) MUST_CHECK;

#endif
