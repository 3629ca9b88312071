/*
 * Many rows of one resource in one transaction, each with a result of its own: bulks of the API,
 * and imports.
 *
 * A batch is read and prepared first, then stored: both tell of each row what is wrong with it, and
 * go on with the next one. What the rows have in common is done once: row counters, revocations,
 * and the look at an actor who mints; and for some dozens of them at once, what reads stored rows
 * and writes the logs. The rules of a row may run twice within a transaction: where one of the
 * dozens is refused, they are stored again, each by itself.
 */
#ifndef CLIENTELE_RECORD_BATCH_H
#define CLIENTELE_RECORD_BATCH_H

#include "record/record.h"

enum batch_mode {
	BATCH_ALL,  /* where one row is refused, nothing is stored */
	BATCH_EACH, /* each row that is not refused is stored */
};

struct batch_row {
	/* Of a new row, or of one that is there: see `changes`. */
	struct record_change change;
	bool changes; /* the row that change.keys name is there, and is changed */
	/*
	 * What was wrong with it before the transaction (ERROR_NONE: nothing): whoever has read it
	 * may fill it, and record_batch_prepare() does. Such a row is not stored.
	 */
	struct error before;
	/* What came of it: ERROR_NONE = it is stored. Lives in the arena behind the transaction. */
	struct error error;
};

struct batch {
	const struct record *record;
	enum batch_mode mode;
	struct batch_row *rows;
	unsigned count;
	/*
	 * Called within the transaction for each row, in order, when it is known what has come of
	 * it: of a stored one, while change.row and change.stored are there (new rows that
	 * context.told is set for have no change.stored); their memory goes back later, with what
	 * this function has taken of the arena. Called anew from the first row on where the
	 * transaction is replayed. NULL = nobody asks.
	 */
	int (*tell)(struct context *context, void *data, const struct batch *batch, unsigned number,
	    struct error *error);
	void *data; /* for `tell` */

	unsigned stored, refused; /* come out */
};

/* A batch of rows without values, in the arena. NULL when it is exhausted. */
struct batch *record_batch_new(
    struct context *context, const struct record *record, enum batch_mode mode, unsigned count);

/*
 * Looks for rows that change.keys name by a member that tells rows apart, and lets `changes` say
 * which of them are there: for rows that are changed where they are there, and else made. Of
 * several with the same value, those behind the first one are changes in any case. Reads once for
 * all of them.
 */
int record_batch_find(
    struct context *context, struct batch *batch, unsigned member, struct error *error) MUST_CHECK;

/* record_prepare() of each row that nothing is wrong with. To be called before the transaction. */
int record_batch_prepare(
    struct context *context, struct batch *batch, struct error *error) MUST_CHECK;

/*
 * Stores the rows. Must run in a transaction. Where it is all or nothing and some are refused, that
 * is the error: it has the faults of all of them, the first 1,000, whose paths begin with
 * "[number]" of the row. An error that is none of a single row is one of the batch.
 */
int record_batch_store(
    struct context *context, struct batch *batch, struct error *error) MUST_CHECK;

/*
 * Adds to `error` what is wrong with one row, under paths that begin with its number: "[3].name".
 * What has no faults is one of the whole row, "[3]".
 */
void record_batch_name_faults(const struct error *refusal, unsigned number, struct error *error);

/*
 * Both, in a transaction of its own. A trial does everything and stores nothing; it cannot be part
 * of another transaction.
 */
int record_batch_run(
    struct context *context, struct batch *batch, bool trial, struct error *error) MUST_CHECK;

#endif
