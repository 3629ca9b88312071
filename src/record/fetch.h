/*
 * Reading rows, and following their relations.
 */
#ifndef CLIENTELE_RECORD_FETCH_H
#define CLIENTELE_RECORD_FETCH_H

#include "query/select.h"
#include "record/context.h"

/*
 * Leaves of a row what the caller chose: besides it, what was needed to make it was fetched.
 * record_load() has done it.
 */
void record_narrow(struct row *row, const struct selection *selection);

/*
 * The one row whose members equal those present in `keys`. ERROR_NOT_FOUND when there is none, or
 * it is not the actor's own and the actor may see no others.
 */
int record_fetch_one(struct context *context, const struct resource *resource, uint64_t mask,
    const struct row *keys, struct row **row, struct error *error) MUST_CHECK;

/* The same row, locked until the transaction ends. */
int record_fetch_locked(struct context *context, const struct resource *resource, uint64_t mask,
    const struct row *keys, struct row **row, struct error *error) MUST_CHECK;

/*
 * Runs what reads of a stored resource need, and finds nothing: whether its columns are there. The
 * statement is not prepared. Errors as database_select().
 */
int record_try(struct database *database, struct arena *arena, const struct resource *resource,
    struct error *error) MUST_CHECK;

/* Follows the relations of `mask` for rows that were fetched: one query per relation. */
int record_follow(struct context *context, const struct resource *resource, uint64_t mask,
    const struct row_list *rows, struct error *error) MUST_CHECK;

#endif
