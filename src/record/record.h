/*
 * The one place where rows change. What an API call, a command, an import and a background process
 * do to a row is the same: rules, references, owned lists, secrets, counts and the audit log.
 */
#ifndef CLIENTELE_RECORD_RECORD_H
#define CLIENTELE_RECORD_RECORD_H

#include "record/fetch.h"

struct record_change;

/*
 * The rules of a resource: what differs when its rows change. Each function returns 0, or -1 with
 * the error filled, whose faults name members of the row. All but `check` and `prepare` run inside
 * the transaction, and again when it is replayed: each time on a copy of the row as `prepare` has
 * left it.
 */
struct record {
	const struct resource *resource;
	/*
	 * Rules between members, looked at when the members' own rules have been, whether or not
	 * those were kept, so that all faults are reported at once. `insert` tells a new row from
	 * changes.
	 */
	void (*check)(const struct row *row, bool insert, struct error *error);
	/*
	 * Once, before the transaction and its locks: what takes long, such as hashing. What it
	 * has looked up may have changed when the row is stored: a later rule looks again. `key`
	 * is NULL for a new row.
	 */
	int (*prepare)(
	    struct context *context, const struct row *key, struct row *row, struct error *error);
	/* Before the row is stored: derive values, check other tables. */
	int (*before_insert)(struct context *context, struct row *row, struct error *error);
	/* The row is locked; change->before has the members that a list shows, and those owned that
	 * are sent. */
	int (*before_update)(struct context *context, const struct record_change *change,
	    struct row *row, struct error *error);
	int (*before_delete)(struct context *context, const struct row *key, struct error *error);
	/*
	 * After a row was stored: what belongs to it elsewhere. `sent` is what the caller and the
	 * rules gave, `key` names the stored row.
	 */
	int (*after_write)(struct context *context, const struct row *sent, const struct row *key,
	    bool insert, struct error *error);
};

/* One row's change: what goes in, and what comes out. */
struct record_change {
	/*
	 * Members that name the row. Of a new one, those that its maker does not choose; NULL =
	 * none.
	 */
	const struct row *keys;
	/* The values, not of a deletion. They stay as record_prepare() has left them. */
	struct row *sent;
	/*
	 * Asked whether a stored row may be changed as it now is; NULL = in any state. Two that
	 * ask for the same row wait for each other here: the second one sees the change.
	 */
	int (*expect)(
	    struct context *context, const struct record_change *change, struct error *error);
	const void *expected; /* for `expect` */

	/* What comes out; lives in the arena until the transaction is over. */
	struct row *key;    /* of a new row, as it is stored */
	struct row *row;    /* the copy of `sent` that was stored, with what the rules have made */
	struct row *before; /* as it was stored; not of a new one */
	struct row *stored; /* as it is stored now, with what is shown only once */
};

/* Looks at the rules between members; faults name the row's members. NULL rows have none. */
void record_check(
    const struct record *record, const struct row *row, bool insert, struct error *error);

/* To be called once before the transaction of an insert, or an update. */
int record_prepare(struct context *context, const struct record *record, bool insert,
    struct record_change *change, struct error *error) MUST_CHECK;

/*
 * Stores a new row with all that belongs to it. Must run in a transaction, of which it is an
 * attempt: where it fails, nothing of it is left (record_attempt()). Where a value that was drawn
 * is taken, it draws again.
 */
int record_insert(struct context *context, const struct record *record,
    struct record_change *change, struct error *error) MUST_CHECK;

/*
 * The two halves of record_insert(), for who stores many rows and reads all of them at once: what
 * stores the row, which leaves change.key, and change.stored where the statement has told what it
 * is; and what tells of it, once a `stored` of NULL was read by the key with the resource's default
 * members. No attempt: where one fails, all that it is a part of is to
 * be undone.
 */
int record_insert_row(struct context *context, const struct record *record,
    struct record_change *change, struct error *error) MUST_CHECK;
int record_insert_end(struct context *context, struct record_change *change, struct row *stored,
    struct error *error) MUST_CHECK;

/*
 * Stores new rows that an entry of the whole tells of (context.told): the first half of
 * record_insert() of each, in as few statements as they need. change.key comes out, change.stored
 * does not. No attempt, as above; faults may not tell which row it was.
 */
int record_insert_all(struct context *context, const struct record *record,
    struct record_change *const *changes, unsigned count, struct error *error) MUST_CHECK;

/* Merges what was sent into a stored row. Must run in a transaction. */
int record_update(struct context *context, const struct record *record,
    struct record_change *change, struct error *error) MUST_CHECK;

/*
 * Changes the row that `keys` name, or inserts it where there is none: each by its own rules. All
 * of the key is in `keys`, and record_prepare() was called as for an insert. Must run in a
 * transaction.
 */
int record_put(struct context *context, const struct record *record, struct record_change *change,
    struct error *error) MUST_CHECK;

/* Deletes a row. Must run in a transaction. */
int record_delete(struct context *context, const struct record *record,
    struct record_change *change, struct error *error) MUST_CHECK;

/* Runs a finished INSERT, UPDATE or DELETE. Refines duplicates and references by the resource's
 * table. */
int record_execute(struct context *context, struct sql *sql, const struct resource *resource,
    struct outcome *outcome, struct error *error) MUST_CHECK;

/* The same of a statement that ends with sql_returning(), and its rows. */
int record_execute_returning(struct context *context, struct sql *sql,
    const struct resource *resource, struct result *result, struct error *error) MUST_CHECK;

/*
 * Writes a row that others count or list by, so that transactions that claim it follow one another:
 * a mere lock holds in one server, and a cluster of them only compares what was written. `key` is
 * the value of the resource's key; `column` of its table holds a time, which grows with each claim.
 * ERROR_NOT_FOUND when there is no such row. Must run in the transaction that counts.
 */
int record_claim(struct context *context, const struct resource *resource, const char *column,
    const struct value *key, struct error *error) MUST_CHECK;

#endif
