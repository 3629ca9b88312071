/*
 * Lists as callers ask for them: of a set, the rows that a query finds, page by page, and how many
 * there are. Their statements end in time (options list_timeout and list_heavy_timeout).
 */
#ifndef CLIENTELE_RECORD_LIST_H
#define CLIENTELE_RECORD_LIST_H

#include "db/query_sql.h"
#include "record/rows.h"

/* A list. `order_by` and `most` of the set do not count: the query has its own. */
struct record_list {
	struct record_set set;
	struct query query; /* of the same resource */
	bool followed;      /* rows that the actor sees, as what others lead to (record/select.h) */
	bool patient;       /* a statement may take as long as any other: nobody waits for it */
	bool counted;       /* a page has its total, where a counter of the table knows it */
	enum gate_weight weight; /* those of a heavy one end sooner: record_weigh_page() */
};

/*
 * Tells what the database must read for a page. Heavy: many rows for few, since no index serves the
 * filter and the order, and the table is large (option list_heavy_rows). Light: an index serves
 * them, and the number of all rows too where `total`. Errors: the database's.
 */
int record_weigh_page(struct context *context, const struct record_list *list, bool total,
    enum gate_weight *weight, struct error *error) MUST_CHECK;

/* The same of the number of all rows, before it is counted. */
int record_weigh_total(struct context *context, const struct record_list *list,
    enum gate_weight *weight, struct error *error) MUST_CHECK;

/*
 * The same limits for a statement that a family writes itself: "SET STATEMENT … FOR " in front of
 * it, and its run. ERROR_BUSY with what to do, a sentence without its full stop, where it takes
 * longer than option list_timeout; else as sql_run_select().
 */
void record_begin_bounded(const struct context *context, struct sql *sql);
int record_run_bounded(struct context *context, const struct sql *sql, const char *advice,
    struct result *result, struct error *error) MUST_CHECK;

struct record_page {
	struct row_list rows; /* in the arena */
	bool more;            /* a row stands behind them */
	bool has_total;
	int64_t total;      /* rows on all pages, where `has_total` */
	struct cursor last; /* where they end, where `more`; it lives as long as the page */
	struct cursor_texts texts;
};

/*
 * The page of a list, which may be in the place of the one before: query.after may be its `last`.
 * Where there is an error, the page stays as it was. Errors: those of the query, as
 * query_sql_begin_page(); ERROR_BUSY where a statement takes too long; else as database_select().
 */
int record_fetch_page(struct context *context, const struct record_list *list,
    struct record_page *page, struct error *error) MUST_CHECK;

/*
 * How many rows there are on all pages: as the table's counter says, where the list is all of the
 * table and there is one; else by counting, or with `estimate` by what the database expects.
 */
int record_count_list(struct context *context, const struct record_list *list, bool estimate,
    int64_t *count, struct error *error) MUST_CHECK;

#endif
