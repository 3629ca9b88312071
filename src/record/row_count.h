/*
 * Row counters: how many rows a table has, kept by those who insert and delete, so that the total
 * of an unfiltered list costs the same at any size.
 *
 * Table row_count has one row per table and shard; the total is their sum. Each connection adds to
 * a shard of its own, so that writers do not wait for each other. Shard -1 is the base: it is made
 * by the migration, and a table without one is not counted here.
 *
 * Rows that go because their parent goes are not seen by who deletes the parent: its resource names
 * them in `cascades`, and row_count_before_delete() counts them off.
 */
#ifndef CLIENTELE_RECORD_ROW_COUNT_H
#define CLIENTELE_RECORD_ROW_COUNT_H

#include "record/context.h"

/*
 * Adds `change` to the counter of a table, which must live as long as the context; nothing to do
 * for 0. Must run in the transaction that inserts or deletes the rows: where that is one of
 * record_transaction(), it is written at its end.
 */
int row_count_add(
    struct context *context, const char *table, int64_t change, struct error *error) MUST_CHECK;

/* The same at once, for who has no context: best as the last statement but the commit. */
int row_count_add_now(
    struct database *database, const char *table, int64_t change, struct error *error) MUST_CHECK;

/* Writes what was added in the running transaction, as record_transaction() does at its end, in
 * one statement. */
int row_count_write(struct context *context, struct error *error) MUST_CHECK;

/*
 * Before the row that `keys` name is deleted, in the same transaction: locks it, and counts off the
 * rows of counted tables that go with it. Nothing to do for resources without such.
 */
int row_count_before_delete(struct context *context, const struct resource *resource,
    const struct row *keys, struct error *error) MUST_CHECK;

/*
 * SQL of the number of rows of the table, for a column of another SELECT; null where it has no
 * counter. In the arena; empty when that is exhausted. The table is one of a resource.
 */
const char *row_count_sql(struct arena *arena, const char *table);

/* Rows of the table; *known is false where it has no counter. */
int row_count_read(struct database *database, struct arena *arena, const char *table,
    int64_t *total, bool *known, struct error *error) MUST_CHECK;

#endif
