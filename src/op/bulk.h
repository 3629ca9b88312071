/*
 * Bulks: a list of new rows in one request, each with a result of its own.
 *
 * The answer has a result for each row of the body, in order: its number, the status that it would
 * have alone, and the stored row or what is wrong with it. The whole is 201 where all are stored,
 * 207 where some were refused each by itself; where it is all or nothing, a refusal is an error of
 * the family as any other, with the faults of all rows.
 */
#ifndef CLIENTELE_OP_BULK_H
#define CLIENTELE_OP_BULK_H

#include "op/operation.h"

/* Most rows of one bulk. */
#define BULK_ROWS_MOST 1000

/* Statuses of the whole answer. */
#define BULK_STATUS_ALL 201
#define BULK_STATUS_SOME 207

/* Parameters `mode`, `return` and `dryRun`. */
extern const struct parameter op_bulk_parameters[3];

/*
 * What envelopes say besides the results, which are the payload that is called BULK_RESULTS: under
 * these names, which stand behind that one in any order.
 */
#define BULK_RESULTS "results"
#define BULK_REFUSED "rowsFailed"
#define BULK_STORED "rowsStored"

/*
 * POST of a list: reads the rows, lets the rules complete them, stores them in one transaction, and
 * answers with the results.
 */
int op_bulk(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * For the documentation: a result, as a resource that is called by the route's and made in the
 * arena. `faults` is the resource of the errors' faults. NULL when the arena is exhausted.
 */
const struct resource *op_bulk_describe(
    struct arena *arena, const struct route *route, const struct resource *faults);

#endif
