#include "record/rows.h"

#include "db/query_sql.h"
#include "record/audit.h"
#include "record/row_count.h"

/* What the caller has said, and what holds for the actor. */
static void where_set(struct context *context, struct sql *sql, const struct record_set *set)
{
	if (set->keys != NULL)
		sql_where_row(sql, set->keys);
	if (set->where != NULL)
		sql_where_all(sql, set->where);
	record_where_own(context, sql, set->resource);
}

static bool is_bounded(const struct record_set *set)
{
	return (set->keys != NULL && set->keys->present != 0) ||
	       (set->where != NULL && set->where->has_condition);
}

int record_count(
    struct context *context, const struct record_set *set, int64_t *count, struct error *error)
{
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_count(&sql, set->resource);
	where_set(context, &sql, set);
	if (sql.failed)
		return error_out_of_memory(error);
	if (database_select(context->database, context->arena, sql.text, sql.binds, sql.bind_count,
		sql.columns, sql.column_count, &result, error) != 0)
		return -1;
	*count = result.rows[0][0].integer;
	return 0;
}

int record_exists(
    struct context *context, const struct record_set *set, bool *exists, struct error *error)
{
	uint64_t mask = FIELD_BIT(resource_key(set->resource));
	struct row_list rows;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_select(&sql, set->resource, mask);
	where_set(context, &sql, set);
	sql_limit(&sql, 1, 0);
	if (record_fetch(context, &sql, set->resource, mask, &rows, error) != 0)
		return -1;
	*exists = rows.count > 0;
	return 0;
}

int record_require(struct context *context, const struct record_set *set, struct error *error)
{
	bool exists;

	if (record_exists(context, set, &exists, error) != 0)
		return -1;
	if (!exists)
		return error_set(
		    error, ERROR_NOT_FOUND, "The %s was not found.", set->resource->name);
	return 0;
}

static int fetch_set(struct context *context, const struct record_set *set,
    const struct selection *selection, bool locked, struct row_list *rows, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	sql.bounded = selection->bounded;
	sql_select(&sql, set->resource, selection->fetched);
	where_set(context, &sql, set);
	if (set->order_by != NULL)
		sql_order_runs(
		    &sql, set->resource, (unsigned)resource_field(set->resource, set->order_by));
	else
		sql_order(&sql, set->resource, set->keys != NULL ? set->keys->present : 0);
	if (set->most > 0)
		sql_limit(&sql, set->most, 0);
	if (locked)
		sql_append(&sql, " FOR UPDATE");
	return record_fetch_selection(context, &sql, selection, rows, error);
}

int record_fetch_all(struct context *context, const struct record_set *set, uint64_t mask,
    struct row_list *rows, struct error *error)
{
	struct selection selection;

	selection_begin(&selection, set->resource, mask);
	return fetch_set(context, set, &selection, false, rows, error);
}

int record_find(struct context *context, const struct record_set *set, uint64_t mask,
    struct row **row, struct error *error)
{
	struct row_list rows;

	*row = NULL;
	if (record_fetch_all(context, set, mask, &rows, error) != 0)
		return -1;
	if (rows.count > 0)
		*row = rows.rows[0];
	return 0;
}

int record_find_by(struct context *context, const struct resource *resource, unsigned member,
    const struct value *value, uint64_t mask, struct row **row, struct error *error)
{
	const struct record_set set = { .resource = resource,
		.keys = row_with(context->arena, resource, member, value) };

	return set.keys != NULL ? record_find(context, &set, mask, row, error)
				: error_out_of_memory(error);
}

/* Rows that are held at once. */
#define PIECE 1000

/* A list that is read piece by piece. */
struct pieces {
	const struct record_set *set;
	struct selection selection;
	struct sort sort;
	struct query query;        /* of the next piece; without `after` behind the last one */
	struct cursor last;        /* where the piece before ended */
	struct cursor_texts texts; /* of `last` */
};

static int begin_pieces(struct context *context, const struct record_set *set, uint64_t mask,
    struct pieces *pieces, struct error *error)
{
	pieces->set = set;
	selection_begin_list(&pieces->selection, set->resource, mask);
	pieces->query = (struct query){ .resource = set->resource,
		.selection = &pieces->selection,
		.sort = &pieces->sort,
		.take = PIECE };
	if (set->order_by != NULL)
		return sort_read(context->arena, &context->sight, set->resource,
		    str_from(set->order_by), &pieces->sort, error);
	sort_own(set->resource, set->keys != NULL ? set->keys->present : 0, &pieces->sort);
	return 0;
}

/* Notes where the next piece begins; the texts of a row go with the memory of its piece. */
static int keep_place(struct pieces *pieces, const struct query_sql *query_sql,
    const struct bind *record, struct error *error)
{
	query_sql_cursor(query_sql, record, &pieces->last);
	pieces->query.after = &pieces->last;
	return cursor_keep(&pieces->sort, &pieces->last, &pieces->texts)
		   ? 0
		   : error_set_detail(
			 error, ERROR_INTERNAL, "a row's place in its order is too long");
}

static int fetch_piece(
    struct context *context, struct pieces *pieces, struct row_list *rows, struct error *error)
{
	struct query_sql query_sql;
	struct result result;
	struct sql sql;
	bool more;

	sql_init(&sql, context->arena);
	sql.bounded = pieces->selection.bounded;
	if (query_sql_begin_page(&query_sql, &sql, &pieces->query, error) != 0)
		return -1;
	where_set(context, &sql, pieces->set);
	query_sql_end_page(&query_sql);
	if (sql.failed)
		return error_out_of_memory(error);
	if (database_select(context->database, context->arena, sql.text, sql.binds, sql.bind_count,
		sql.columns, sql.column_count, &result, error) != 0)
		return -1;
	more = result.count > PIECE;
	if (more)
		result.count = PIECE;
	pieces->query.after = NULL;
	if (record_load(context, &pieces->selection, &result, rows, error) != 0)
		return -1;
	return more ? keep_place(pieces, &query_sql, result.rows[PIECE - 1], error) : 0;
}

int record_each(struct context *context, const struct record_set *set, uint64_t mask,
    int (*each)(void *data, const struct row_list *rows, struct error *error), void *data,
    struct error *error)
{
	struct pieces pieces;
	struct arena_mark mark;
	struct row_list rows;

	if (begin_pieces(context, set, mask, &pieces, error) != 0)
		return -1;
	mark = arena_mark(context->arena);
	do {
		arena_go_back(context->arena, &mark);
		if (fetch_piece(context, &pieces, &rows, error) != 0 ||
		    each(data, &rows, error) != 0)
			return -1;
	} while (pieces.query.after != NULL);
	return 0;
}

int record_fetch_all_locked(struct context *context, const struct record_set *set, uint64_t mask,
    struct row_list *rows, struct error *error)
{
	struct selection selection;

	selection_begin(&selection, set->resource, mask);
	return fetch_set(context, set, &selection, true, rows, error);
}

/* Runs the statement that changes the set, once its beginning is made, and tells of it. */
static int change_set(struct context *context, struct sql *sql, const struct record_set *set,
    enum audit_action action, int64_t *count, struct error *error)
{
	const struct resource *resource = set->resource;
	struct outcome outcome;

	if (!is_bounded(set))
		return error_set_detail(
		    error, ERROR_INTERNAL, "a change of every %s", resource->name);
	if (resource->condition != NULL)
		sql_where_own(sql, resource->condition);
	where_set(context, sql, set);
	if (record_execute(context, sql, resource, &outcome, error) != 0)
		return -1;
	*count = (int64_t)outcome.affected;
	if (set->told || *count == 0)
		return 0;
	return audit_record_rows(context, action, resource, set->keys, *count, error);
}

int record_delete_all(
    struct context *context, const struct record_set *set, int64_t *count, struct error *error)
{
	const struct resource *resource = set->resource;
	struct sql sql;

	if (resource->cascade_count > 0)
		return error_set_detail(error, ERROR_INTERNAL,
		    "rows go with those of %s, and must be counted off", resource->name);
	sql_init(&sql, context->arena);
	sql_delete(&sql, resource);
	if (change_set(context, &sql, set, AUDIT_DELETE, count, error) != 0)
		return -1;
	return resource->counted ? row_count_add(context, resource->table, -*count, error) : 0;
}

/* A value that is stored in another way than a column of the table would be lost here. */
static bool is_plain(const struct row *values)
{
	for (unsigned i = 0; i < values->resource->field_count; i++) {
		const struct field *field = &values->resource->fields[i];

		if (row_has(values, i) && ((field->column == NULL && field->object == NULL) ||
					      (field->flags & (FIELD_ENCRYPTED | FIELD_KEY))))
			return false;
	}
	return true;
}

int record_update_all(struct context *context, const struct record_set *set,
    const struct row *values, int64_t *count, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	if (!is_plain(values) || sql_update(&sql, values) == 0)
		return error_set_detail(error, ERROR_INTERNAL,
		    "values of %s that no set can be given", set->resource->name);
	return change_set(context, &sql, set, AUDIT_UPDATE, count, error);
}

int record_add_parts(struct context *context, const struct row_list *rows, struct error *error)
{
	const struct resource *resource;
	struct outcome outcome;
	struct sql sql;

	if (rows->count == 0)
		return 0;
	resource = rows->rows[0]->resource;
	for (unsigned i = 0; i < rows->count; i++) {
		row_make_key(rows->rows[i]);
		if (rows->rows[i]->present != rows->rows[0]->present)
			return error_set_detail(error, ERROR_INTERNAL,
			    "rows of %s that differ in their members", resource->name);
	}
	sql_init(&sql, context->arena);
	sql_insert_all(&sql, rows);
	if (record_execute(context, &sql, resource, &outcome, error) != 0)
		return -1;
	return resource->counted ? row_count_add(context, resource->table, rows->count, error) : 0;
}

int record_add_part(struct context *context, struct row *row, struct error *error)
{
	return record_add_parts(context, &(struct row_list){ &row, 1 }, error);
}

int record_put_part(struct context *context, const struct row *row, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	if (row->resource->counted)
		return error_set_detail(error, ERROR_INTERNAL,
		    "rows of %s are counted, so they are added", row->resource->name);
	sql_init(&sql, context->arena);
	sql_put(&sql, row);
	return record_execute(context, &sql, row->resource, &outcome, error);
}
