#include "record/rows.h"

#include "record/audit.h"
#include "record/list.h"
#include "record/row_count.h"
#include "record/select.h"
#include "record/tally.h"

void record_where_set(struct sql *sql, const struct record_set *set)
{
	if (set->keys != NULL)
		sql_where_row(sql, set->keys);
	if (set->where != NULL)
		sql_where_all(sql, set->where);
}

static bool is_bounded(const struct record_set *set)
{
	return (set->keys != NULL && set->keys->present != 0) ||
	       (set->where != NULL && set->where->has_condition);
}

int record_count(
    struct context *context, const struct record_set *set, int64_t *count, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	record_select_count(context, &sql, set->resource);
	record_where_set(&sql, set);
	return sql_run_count(&sql, context->database, count, error);
}

static int find_any(struct context *context, enum record_reach reach, const struct record_set *set,
    bool *exists, struct error *error)
{
	uint64_t mask = FIELD_BIT(resource_key(set->resource));
	struct row_list rows;
	struct sql sql;

	sql_init(&sql, context->arena);
	record_select(context, reach, &sql, set->resource, mask);
	record_where_set(&sql, set);
	sql_limit(&sql, 1, 0);
	if (record_fetch(context, &sql, set->resource, mask, &rows, error) != 0)
		return -1;
	*exists = rows.count > 0;
	return 0;
}

int record_exists(
    struct context *context, const struct record_set *set, bool *exists, struct error *error)
{
	return find_any(context, RECORD_ASKED, set, exists, error);
}

static int require_any(struct context *context, enum record_reach reach,
    const struct record_set *set, struct error *error)
{
	bool exists;

	if (find_any(context, reach, set, &exists, error) != 0)
		return -1;
	if (!exists)
		return resource_not_found(set->resource, error);
	return 0;
}

int record_require(struct context *context, const struct record_set *set, struct error *error)
{
	return require_any(context, RECORD_ASKED, set, error);
}

int record_require_seen(struct context *context, const struct record_set *set, struct error *error)
{
	return require_any(context, RECORD_FOLLOWED, set, error);
}

static int fetch_set(struct context *context, const struct record_set *set,
    const struct selection *selection, bool locked, struct row_list *rows, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	sql.bounded = selection->bounded;
	record_select(context, RECORD_ASKED, &sql, set->resource, selection->fetched);
	record_where_set(&sql, set);
	if (set->order_by != NULL)
		sql_order_runs(&sql, set->resource, resource_member(set->resource, set->order_by));
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

int record_find_selected(struct context *context, const struct record_set *set,
    const struct selection *selection, struct row **row, struct error *error)
{
	struct row_list rows;

	*row = NULL;
	if (fetch_set(context, set, selection, false, &rows, error) != 0)
		return -1;
	if (rows.count > 0)
		*row = rows.rows[0];
	return 0;
}

int record_find(struct context *context, const struct record_set *set, uint64_t mask,
    struct row **row, struct error *error)
{
	struct selection selection;

	selection_begin(&selection, set->resource, mask);
	return record_find_selected(context, set, &selection, row, error);
}

int record_find_by(struct context *context, const struct resource *resource, unsigned member,
    const struct value *value, uint64_t mask, struct row **row, struct error *error)
{
	const struct record_set set = { .resource = resource,
		.keys = row_with(context->arena, resource, member, value) };

	return set.keys != NULL ? record_find(context, &set, mask, row, error)
				: error_out_of_memory(error);
}

int record_fetch_among(struct context *context, const struct resource *resource, unsigned member,
    const struct value *values, unsigned count, uint64_t mask, struct row_list *rows,
    struct error *error)
{
	struct sql where;

	*rows = (struct row_list){ NULL, 0 };
	if (count == 0)
		return 0;
	sql_init(&where, context->arena);
	sql_where_in(&where, resource, member, values, count);
	return record_fetch_all(context,
	    &(struct record_set){ .resource = resource, .where = &where }, mask, rows, error);
}

/* Rows that are held at once. */
#define PIECE 1000

/* The first piece of a set. */
static int begin_pieces(struct context *context, const struct record_set *set,
    struct selection *selection, uint64_t mask, struct sort *sort, struct record_list *list,
    struct error *error)
{
	selection_begin_list(selection, set->resource, mask);
	*list = (struct record_list){ .set = *set,
		.query = { .resource = set->resource, .selection = selection, .sort = sort },
		.patient = true };
	if (set->order_by != NULL)
		return sort_read(context->arena, &context->sight, set->resource,
		    str_from(set->order_by), sort, error);
	sort_own(set->resource, set->keys != NULL ? set->keys->present : 0, sort);
	return 0;
}

int record_each(struct context *context, const struct record_set *set, uint64_t mask,
    int (*each)(void *data, const struct row_list *rows, struct error *error), void *data,
    struct error *error)
{
	struct selection selection;
	struct record_list list;
	struct record_page page;
	struct arena_mark mark;
	int64_t left = set->most > 0 ? set->most : INT64_MAX;
	struct sort sort;

	if (begin_pieces(context, set, &selection, mask, &sort, &list, error) != 0)
		return -1;
	mark = arena_mark(context->arena);
	do {
		arena_go_back(context->arena, &mark);
		list.query.take = left < PIECE ? left : PIECE;
		if (record_fetch_page(context, &list, &page, error) != 0 ||
		    each(data, &page.rows, error) != 0)
			return -1;
		list.query.after = &page.last;
		left -= page.rows.count;
	} while (page.more && left > 0);
	return 0;
}

int record_fetch_all_locked(struct context *context, const struct record_set *set, uint64_t mask,
    struct row_list *rows, struct error *error)
{
	struct selection selection;

	selection_begin(&selection, set->resource, mask);
	return fetch_set(context, set, &selection, true, rows, error);
}

/* Which rows a change of the set is about. */
static void where_changed(
    const struct context *context, struct sql *sql, const struct record_set *set)
{
	if (set->resource->condition != NULL)
		sql_where_own(sql, set->resource->condition);
	record_where_set(sql, set);
	record_where_asked(context, sql, set->resource);
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
	where_changed(context, sql, set);
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
	struct sql sql, rows;

	if (resource->cascade_count > 0)
		return error_set_detail(error, ERROR_INTERNAL,
		    "rows go with those of %s, and must be counted off", resource->name);
	sql_init(&rows, context->arena);
	where_changed(context, &rows, set);
	if (tally_take_off(context, resource, &rows, error) != 0)
		return -1;
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
	if (record_check_asked(context, values, error) != 0)
		return -1;
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
