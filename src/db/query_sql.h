/*
 * SQL of list queries: the typed trees of query/ as text with bound values.
 *
 * To-one relations that a filter or order looks into are joined (LEFT JOIN, aliases r1, r2, …),
 * each once. A statement is begun and ended by two calls, so that conditions of the operation can
 * be added between them with sql_where().
 */
#ifndef CLIENTELE_DB_QUERY_SQL_H
#define CLIENTELE_DB_QUERY_SQL_H

#include "db/sql.h"
#include "query/cursor.h"
#include "query/filter.h"
#include "query/select.h"

#define QUERY_JOINS_MAX 24

/* From this skip on, and where no index has the order, the page's keys are found first and its rows
 * looked up behind them. */
#define QUERY_DEEP_SKIP 1000

struct query {
	const struct resource *resource;
	const struct selection *selection;
	const struct filter *filter; /* NULL = all rows */
	const struct sort *sort;
	const struct cursor *after; /* NULL = from the beginning */
	int64_t take, skip;
	const char
	    *beside; /* SQL of a number that each record of the page ends with; NULL = none */
};

/* A relation that a path goes through. */
struct query_join {
	const struct field *field;
	unsigned parent; /* number of the join that has the field; 0 = the resource itself */
};

struct query_sql {
	const struct query *query;
	struct sql *sql;
	struct query_join joins[QUERY_JOINS_MAX]; /* number n is at n - 1, alias "rn" */
	unsigned join_count;
	bool deep;            /* in two steps, see QUERY_DEEP_SKIP */
	unsigned sort_column; /* where the values of the sort keys begin in a record */
};

/*
 * SELECT of one page and one row more, with the values of the sort keys behind the members of the
 * selection. Returns 0, or -1 with a fault when filter and order look into too many relations.
 */
int query_sql_begin_page(struct query_sql *query_sql, struct sql *sql, const struct query *query,
    struct error *error) MUST_CHECK;
void query_sql_end_page(struct query_sql *query_sql);

/* SELECT COUNT(*) of all pages. */
int query_sql_begin_total(struct query_sql *query_sql, struct sql *sql, const struct query *query,
    struct error *error) MUST_CHECK;
void query_sql_end_total(struct query_sql *query_sql);

/* The number beside a record of the page; null where there is none. */
struct bind query_sql_beside(const struct query_sql *query_sql, const struct bind *record);

/* The values of the sort keys in a record of the page. */
void query_sql_cursor(
    const struct query_sql *query_sql, const struct bind *record, struct cursor *cursor);

#endif
