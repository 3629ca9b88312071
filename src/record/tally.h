/*
 * Numbers of rows by hour and by day that are kept beside a table (resource.tally), so that what
 * asks for them over a long time need not read all rows.
 *
 * All rows before a moment are counted, none of those behind it: row_tally.counted_until, a whole
 * hour. Who asks for more moves it on (tally_extend()), and who deletes rows takes them off in the
 * same transaction (tally_take_off()). Both write the row of row_tally first, so that they follow
 * one another, in a cluster too. New rows are of now, and the last hours are not counted yet.
 *
 * What programs do that know nothing of this, tally_settle() finds: those of the release before
 * delete rows, and a clock that was wrong lets rows come late.
 */
#ifndef CLIENTELE_RECORD_TALLY_H
#define CLIENTELE_RECORD_TALLY_H

#include "record/context.h"

/* How long a request goes on counting what nobody has counted yet, in microseconds. */
#define TALLY_PATIENCE (MICROSECONDS_PER_SECOND / 4)

/* Column `hours` of the numbers. */
enum tally_length { TALLY_HOUR = 1, TALLY_DAY = 24 };

/* Before which moment all rows are counted: a whole hour. Errors as database_select(). */
int tally_read(struct context *context, const struct resource *resource, int64_t *until,
    struct error *error) MUST_CHECK;

/* The same as SQL, for a column of another SELECT. */
void tally_append_until(struct sql *sql, const struct resource *resource);

/*
 * Counts the rows before `end`, or before those that may still come if that is earlier, in portions
 * that keep nobody waiting, for no longer than `longest` microseconds or one portion. *until is how
 * far it came, also when it fails. Not within a transaction. Errors as database_transaction().
 */
int tally_extend(struct context *context, const struct resource *resource, int64_t end,
    int64_t longest, int64_t *until, struct error *error) MUST_CHECK;

/*
 * Both: what can be counted before `end` is, and a database that stores nothing now is read all the
 * same. Errors as tally_extend().
 */
int tally_catch_up(struct context *context, const struct resource *resource, int64_t end,
    int64_t longest, int64_t *until, struct error *error) MUST_CHECK;

/*
 * Takes off the rows that are about to be deleted: those that `rows` has conditions for, of the
 * alias SQL_OWN. Nothing to do for a resource without numbers. To be called in the transaction that
 * deletes them, before that. Errors as database_execute().
 */
int tally_take_off(struct context *context, const struct resource *resource, const struct sql *rows,
    struct error *error) MUST_CHECK;

/*
 * Counts all that can be counted, and compares the sum with the table's row counter: where it
 * differs, the numbers are thrown away and made anew. Numbers that have come to 0 go. Nothing to do
 * for a resource without numbers. Not within a transaction. Errors as database_transaction().
 */
int tally_settle(
    struct context *context, const struct resource *resource, struct error *error) MUST_CHECK;

#endif
