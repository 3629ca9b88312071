/*
 * SELECTs of rows for an actor. They are begun here and nowhere else, with the rule which rows that
 * one has: nobody can forget it. For the sources of the record; all others ask by the sets of
 * record/rows.h, by keys with record/fetch.h, and by queries with record/list.h.
 */
#ifndef CLIENTELE_RECORD_SELECT_H
#define CLIENTELE_RECORD_SELECT_H

#include "db/query_sql.h"
#include "record/fetch.h"

/* What leads the actor to rows. */
enum record_reach {
	RECORD_ASKED, /* it asks for them: all that there are, or its own where it is let in so */
	RECORD_FOLLOWED, /* another row names them, or they another: those that it may see */
	RECORD_PART,     /* they belong to a row that it has */
};

/* "SELECT … FROM … [WHERE …]" of the fields in `mask`, as sql_select(). */
void record_select(const struct context *context, enum record_reach reach, struct sql *sql,
    const struct resource *resource, uint64_t mask);

/* "SELECT COUNT(*) FROM … [WHERE …]" of rows that are asked for, as sql_count(). */
void record_select_count(
    const struct context *context, struct sql *sql, const struct resource *resource);

/*
 * The page of a query, and its total, as query_sql_begin_page() and query_sql_begin_total() do;
 * other conditions and the end follow.
 */
int record_select_page(const struct context *context, enum record_reach reach,
    struct query_sql *query_sql, struct sql *sql, const struct query *query,
    struct error *error) MUST_CHECK;
int record_select_total(const struct context *context, struct query_sql *query_sql, struct sql *sql,
    const struct query *query, struct error *error) MUST_CHECK;

/* Adds the rule alone, to a statement that changes rows. */
void record_where_asked(
    const struct context *context, struct sql *sql, const struct resource *resource);

/*
 * Whether the actor may give rows these values: who is let in for own rows only writes members with
 * FIELD_OWNER_CHANGES, and what it cannot send: keys that say which row it is, and what only the
 * program sets. ERROR_FORBIDDEN with a fault for each of the others.
 */
int record_check_asked(
    const struct context *context, const struct row *values, struct error *error) MUST_CHECK;

/*
 * Runs a finished SELECT of `mask` and makes rows of it; follows the relations in the mask with one
 * query each. Rows live in the arena.
 */
int record_fetch(struct context *context, struct sql *sql, const struct resource *resource,
    uint64_t mask, struct row_list *rows, struct error *error) MUST_CHECK;

/*
 * The same with a tree of members: what it fetches must be what the statement selects. Relations
 * are followed with one query for each relation of the tree, whatever the number of rows.
 */
int record_fetch_selection(struct context *context, struct sql *sql,
    const struct selection *selection, struct row_list *rows, struct error *error) MUST_CHECK;

/* The same of records that were read already. */
int record_load(struct context *context, const struct selection *selection,
    const struct result *result, struct row_list *rows, struct error *error) MUST_CHECK;

#endif
