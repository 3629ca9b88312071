#include "op/total.h"

#include "op/list.h"
#include "record/row_count.h"

static int run_query(
    struct operation *operation, const struct sql *sql, struct result *result, struct error *error)
{
	if (sql->failed)
		return error_out_of_memory(error);
	return database_select(operation->context.database, operation->context.arena, sql->text,
	    sql->binds, sql->bind_count, sql->columns, sql->column_count, result, error);
}

static int begin_total(
    const struct stream *stream, struct query_sql *query_sql, struct sql *sql, struct error *error)
{
	if (query_sql_begin_total(query_sql, sql, &stream->query, error) != 0 ||
	    stream_where(stream, sql, error) != 0)
		return -1;
	query_sql_end_total(query_sql);
	return 0;
}

static int count_rows(const struct stream *stream, int64_t *total, struct error *error)
{
	struct query_sql query_sql;
	struct result result;
	struct sql sql;

	sql_init(&sql, stream->operation->context.arena);
	if (begin_total(stream, &query_sql, &sql, error) != 0 ||
	    list_select(stream->operation, &sql, &result, error) != 0)
		return -1;
	*total = result.rows[0][0].integer;
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
static int estimate_filtered(const struct stream *stream, int64_t *total, struct error *error)
{
	enum { COLUMN_ROWS = 8, COLUMN_FILTERED = 9, COLUMNS = 11 };
	struct operation *operation = stream->operation;
	enum bind_kind kinds[COLUMNS];
	struct query_sql query_sql;
	struct result result;
	double rows = 1;
	struct sql sql;

	for (unsigned i = 0; i < COLUMNS; i++)
		kinds[i] = BIND_TEXT;
	sql_init(&sql, operation->context.arena);
	sql_append(&sql, "EXPLAIN EXTENDED ");
	if (begin_total(stream, &query_sql, &sql, error) != 0)
		return -1;
	sql.columns = kinds;
	sql.column_count = COLUMNS;
	if (run_query(operation, &sql, &result, error) != 0)
		return -1;
	for (unsigned i = 0; i < result.count; i++)
		rows *= explained(operation->context.arena, &result.rows[i][COLUMN_ROWS], 0) *
			explained(operation->context.arena, &result.rows[i][COLUMN_FILTERED], 100) /
			100;
	*total = (int64_t)(rows + 0.5);
	return 0;
}

static int estimate_table(const struct stream *stream, int64_t *total, struct error *error)
{
	static enum bind_kind kinds[] = { BIND_INTEGER };
	struct operation *operation = stream->operation;
	struct result result;
	struct sql sql;

	sql_init(&sql, operation->context.arena);
	sql_append(&sql,
	    "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
	    "AND TABLE_NAME = ?");
	sql_bind(&sql, BIND_STR(str_from(stream->query.resource->table)));
	sql.columns = kinds;
	sql.column_count = COUNT_OF(kinds);
	if (run_query(operation, &sql, &result, error) != 0)
		return -1;
	*total = result.count > 0 && !result.rows[0][0].null ? result.rows[0][0].integer : 0;
	return 0;
}

/* Whether every row of the table belongs to the list: nothing adds a condition. */
static int find_whole_table(const struct stream *stream, bool *whole, struct error *error)
{
	struct sql conditions;

	sql_init(&conditions, stream->operation->context.arena);
	if (stream_where(stream, &conditions, error) != 0)
		return -1;
	*whole = stream->query.filter == NULL && !conditions.has_condition &&
		 stream->query.resource->condition == NULL && stream->query.resource->from == NULL;
	return 0;
}

/* True when the page shows the number of all rows by itself. */
static bool page_tells_total(const struct stream *stream)
{
	const struct query *query = &stream->query;

	if (!stream->whole || stream->more || query->after != NULL)
		return false;
	return stream->rows.count > 0 || (query->skip == 0 && query->take > 0);
}

int total_find(
    const struct stream *stream, enum total_mode mode, int64_t *total, struct error *error)
{
	const struct resource *resource = stream->query.resource;
	struct context *context = &stream->operation->context;
	bool known = false, whole;

	if (page_tells_total(stream)) {
		*total = stream->query.skip + stream->rows.count;
		return 0;
	}
	if (find_whole_table(stream, &whole, error) != 0)
		return -1;
	if (whole && resource->counted &&
	    row_count_read(
		context->database, context->arena, resource->table, total, &known, error) != 0)
		return -1;
	if (known)
		return 0;
	if (mode != TOTAL_ESTIMATE)
		return count_rows(stream, total, error);
	return whole ? estimate_table(stream, total, error)
		     : estimate_filtered(stream, total, error);
}
