#include "record/list.h"

#include "db/query_bounds.h"
#include "record/row_count.h"
#include "record/select.h"

static long long longest_time(const struct context *context, const struct record_list *list)
{
	int64_t most = context->settings->list_timeout;
	int64_t heavy = context->settings->list_heavy_timeout;

	return list->weight == GATE_HEAVY && heavy < most ? heavy : most;
}

static void limit_time(struct sql *sql, long long seconds)
{
	sql_append(sql, "SET STATEMENT max_statement_time = ");
	sql_append_number(sql, seconds);
	sql_append(sql, " FOR ");
}

/* Begins the statement of a list: one that nobody waits long for has a time that it may take. */
static void begin_list(struct context *context, const struct record_list *list, struct sql *sql)
{
	sql_init(sql, context->arena);
	if (!list->patient)
		limit_time(sql, longest_time(context, list));
}

static int refuse_usual(long long seconds, const char *advice, struct error *error)
{
	return error_set_wait(error, ERROR_BUSY, seconds,
	    "The list takes the database longer than %lld seconds; %s.", seconds, advice);
}

/* Tells who has asked for a heavy list by what it would not have been one. */
static int refuse_long(const struct record_list *list, long long seconds, struct error *error)
{
	struct buf members = { 0 };
	int result;

	if (list->weight != GATE_HEAVY)
		return refuse_usual(seconds, "narrow the filter, or sort by fewer members", error);
	query_bounds_print_members(&members, list->query.resource);
	buf_append_char(&members, '\0');
	result = members.failed
		     ? error_out_of_memory(error)
		     : error_set_wait(error, ERROR_BUSY, seconds,
			   "The list takes the database longer than %lld seconds. Among so many "
			   "rows, filter and sort by one of these members: %s.",
			   seconds, members.data);
	buf_free(&members);
	return result;
}

/* Whether the statement has failed because it took longer than it may: that is counted, and the
 * error is to be filled anew. */
static bool was_late(struct context *context, struct error *error)
{
	if (database_fault(context->database) != DATABASE_FAULT_TIMEOUT)
		return false;
	if (context->guard != NULL)
		gate_count(context->guard->gate, GATE_EVENT_LIST_TIMEOUT);
	error_clear(error);
	return true;
}

static int run_list(struct context *context, const struct record_list *list, const struct sql *sql,
    struct result *result, struct error *error)
{
	if (sql_run_select(sql, context->database, result, error) == 0)
		return 0;
	if (list->patient || !was_late(context, error))
		return -1;
	return refuse_long(list, longest_time(context, list), error);
}

void record_begin_bounded(const struct context *context, struct sql *sql)
{
	sql_init(sql, context->arena);
	limit_time(sql, context->settings->list_timeout);
}

int record_run_bounded(struct context *context, const struct sql *sql, const char *advice,
    struct result *result, struct error *error)
{
	if (sql_run_select(sql, context->database, result, error) == 0)
		return 0;
	return was_late(context, error)
		   ? refuse_usual(context->settings->list_timeout, advice, error)
		   : -1;
}

/* The texts of a row go with the memory of its page. */
static int end_page(struct record_page *page, const struct record_list *list,
    const struct query_sql *query_sql, const struct bind *last, struct error *error)
{
	page->more = last != NULL;
	if (last == NULL)
		return 0;
	query_sql_cursor(query_sql, last, &page->last);
	return cursor_keep(list->query.sort, &page->last, &page->texts)
		   ? 0
		   : error_set_detail(
			 error, ERROR_INTERNAL, "a row's place in its order is too long");
}

/* Whether every row of the table belongs to the list: nothing adds a condition. */
static bool is_whole_table(const struct context *context, const struct record_list *list)
{
	const struct resource *resource = list->query.resource;
	struct sql conditions;

	sql_init(&conditions, context->arena);
	record_where_asked(context, &conditions, resource);
	record_where_set(&conditions, &list->set);
	return list->query.filter == NULL && !conditions.has_condition &&
	       resource->condition == NULL && resource->from == NULL;
}

/* The number of all rows, where the table's counter tells it: read with the page. */
static const char *total_beside(struct context *context, const struct record_list *list)
{
	const struct resource *resource = list->query.resource;

	return list->counted && resource->counted && is_whole_table(context, list)
		   ? row_count_sql(context->arena, resource->table)
		   : NULL;
}

static void take_total(
    struct record_page *page, const struct query_sql *query_sql, const struct result *result)
{
	struct bind total = { .null = true };

	if (result->count > 0)
		total = query_sql_beside(query_sql, result->rows[0]);
	page->has_total = !total.null;
	page->total = total.integer;
}

int record_fetch_page(struct context *context, const struct record_list *list,
    struct record_page *page, struct error *error)
{
	struct query query = list->query;
	const struct bind *last = NULL;
	struct query_sql query_sql;
	struct result result;
	struct row_list rows;
	struct sql sql;

	query.beside = total_beside(context, list);
	begin_list(context, list, &sql);
	sql.bounded = query.selection->bounded;
	if (record_select_page(context, list->followed ? RECORD_FOLLOWED : RECORD_ASKED, &query_sql,
		&sql, &query, error) != 0)
		return -1;
	record_where_set(&sql, &list->set);
	query_sql_end_page(&query_sql);
	if (run_list(context, list, &sql, &result, error) != 0)
		return -1;
	if (result.count > query.take) {
		result.count = (unsigned)query.take;
		last = result.rows[result.count - 1];
	}
	if (record_load(context, query.selection, &result, &rows, error) != 0)
		return -1;
	page->rows = rows;
	take_total(page, &query_sql, &result);
	return end_page(page, list, &query_sql, last, error);
}

static int begin_total(
    struct context *context, const struct record_list *list, struct sql *sql, struct error *error)
{
	struct query_sql query_sql;

	if (record_select_total(context, &query_sql, sql, &list->query, error) != 0)
		return -1;
	record_where_set(sql, &list->set);
	query_sql_end_total(&query_sql);
	return 0;
}

static int count_rows(
    struct context *context, const struct record_list *list, int64_t *count, struct error *error)
{
	struct result result;
	struct sql sql;

	begin_list(context, list, &sql);
	if (begin_total(context, list, &sql, error) != 0 ||
	    run_list(context, list, &sql, &result, error) != 0)
		return -1;
	*count = result.rows[0][0].integer;
	return 0;
}

/* A member of EXPLAIN, which prints numbers as text. */
static double explained(struct arena *arena, const struct bind *cell, double fallback)
{
	struct value value;
	const char *reason;
	const struct field any = { .name = "" };
	const struct node node = { .kind = NODE_TEXT, .text = cell->text };

	if (cell->null ||
	    !field_type_info(FIELD_DOUBLE)->parse(arena, &any, BODY_FORM, &node, &value, &reason))
		return fallback;
	return value.real;
}

/* What the optimizer expects to find, without looking. */
static int estimate_filtered(
    struct context *context, const struct record_list *list, int64_t *count, struct error *error)
{
	enum { COLUMN_ROWS = 8, COLUMN_FILTERED = 9, COLUMNS = 11 };
	enum bind_kind kinds[COLUMNS];
	struct result result;
	double rows = 1;
	struct sql sql;

	for (unsigned i = 0; i < COLUMNS; i++)
		kinds[i] = BIND_TEXT;
	sql_init(&sql, context->arena);
	sql_append(&sql, "EXPLAIN EXTENDED ");
	if (begin_total(context, list, &sql, error) != 0)
		return -1;
	sql.columns = kinds;
	sql.column_count = COLUMNS;
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	for (unsigned i = 0; i < result.count; i++)
		rows *= explained(context->arena, &result.rows[i][COLUMN_ROWS], 0) *
			explained(context->arena, &result.rows[i][COLUMN_FILTERED], 100) / 100;
	*count = (int64_t)(rows + 0.5);
	return 0;
}

static int estimate_table(
    struct context *context, const struct resource *resource, int64_t *count, struct error *error)
{
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql,
	    "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
	    "AND TABLE_NAME = ?");
	sql_bind(&sql, BIND_STR(str_from(resource->table)));
	sql_result(&sql, BIND_INTEGER);
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	*count = result.count > 0 && !result.rows[0][0].null ? result.rows[0][0].integer : 0;
	return 0;
}

/* As its counter says, or else as the database expects. */
static int find_size(
    struct context *context, const struct resource *resource, int64_t *rows, struct error *error)
{
	bool known = false;

	if (resource->counted && row_count_read(context->database, context->arena, resource->table,
				     rows, &known, error) != 0)
		return -1;
	return known ? 0 : estimate_table(context, resource, rows, error);
}

static struct query_bounds find_bounds(const struct record_list *list)
{
	const struct sql *where = list->set.where;

	return query_bounds(&list->query, list->set.keys, where != NULL && where->has_condition);
}

/* What no index serves is heavy in a large table. */
static int weigh_by_size(struct context *context, const struct record_list *list,
    enum gate_weight *weight, struct error *error)
{
	int64_t rows, least = context->settings->list_heavy_rows;

	/* What is the actor's own is little. */
	if (least == 0 || context->own_rows_only)
		return 0;
	if (find_size(context, list->query.resource, &rows, error) != 0)
		return -1;
	if (rows >= least)
		*weight = GATE_HEAVY;
	return 0;
}

int record_weigh_page(struct context *context, const struct record_list *list, bool total,
    enum gate_weight *weight, struct error *error)
{
	struct query_bounds bounds = find_bounds(list);
	bool page = bounds.page || list->query.take == 0;

	*weight = page && (bounds.total || !total) ? GATE_LIGHT : GATE_UNKNOWN;
	return page ? 0 : weigh_by_size(context, list, weight, error);
}

int record_weigh_total(struct context *context, const struct record_list *list,
    enum gate_weight *weight, struct error *error)
{
	*weight = list->weight;
	if (list->weight == GATE_HEAVY || find_bounds(list).total)
		return 0;
	return weigh_by_size(context, list, weight, error);
}

int record_count_list(struct context *context, const struct record_list *list, bool estimate,
    int64_t *count, struct error *error)
{
	const struct resource *resource = list->query.resource;
	bool known = false, whole = is_whole_table(context, list);

	if (whole && resource->counted &&
	    row_count_read(
		context->database, context->arena, resource->table, count, &known, error) != 0)
		return -1;
	if (known)
		return 0;
	if (!estimate)
		return count_rows(context, list, count, error);
	return whole ? estimate_table(context, resource, count, error)
		     : estimate_filtered(context, list, count, error);
}
