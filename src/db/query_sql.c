#include "db/filter_sql.h"
#include "db/query_bounds.h"

/* Number of the join behind `parent` and `field`, made where it is missing; too many: 0. */
static unsigned join_number(
    struct query_sql *query_sql, unsigned parent, const struct field *field, bool *overflow)
{
	for (unsigned i = 0; i < query_sql->join_count; i++) {
		if (query_sql->joins[i].parent == parent && query_sql->joins[i].field == field)
			return i + 1;
	}
	if (query_sql->join_count == QUERY_JOINS_MAX) {
		*overflow = true;
		return 0;
	}
	query_sql->joins[query_sql->join_count++] = (struct query_join){ field, parent };
	return query_sql->join_count;
}

/* Number of the join that has the member at the path's end; 0 = the resource itself. */
static unsigned path_join(struct query_sql *query_sql, const struct path *path, bool *overflow)
{
	unsigned number = 0;

	for (unsigned i = 0; i < path->step_count; i++) {
		if (path->steps[i]->relation != NULL)
			number = join_number(query_sql, number, path->steps[i], overflow);
	}
	return number;
}

static void join_filter(struct query_sql *query_sql, const struct filter *filter, bool *overflow)
{
	if (filter->path.step_count > 0)
		path_join(query_sql, &filter->path, overflow);
	for (const struct filter *child = filter->children; child != NULL; child = child->next)
		join_filter(query_sql, child, overflow);
}

static void join_sort(struct query_sql *query_sql, bool *overflow)
{
	const struct sort *sort = query_sql->query->sort;

	for (unsigned i = 0; i < sort->count; i++)
		path_join(query_sql, &sort->keys[i].path, overflow);
}

static const char *alias(const struct query_sql *query_sql, unsigned join)
{
	return join == 0 ? SQL_OWN : arena_printf(query_sql->sql->arena, "r%u", join);
}

static void append_column(struct query_sql *query_sql, const struct field *field, unsigned join)
{
	struct sql *sql = query_sql->sql;

	if (join == 0) {
		sql_column(sql, field);
	} else if (field->expression != NULL) {
		sql_append_as(sql, alias(query_sql, join), field->expression);
	} else {
		sql_append(sql, alias(query_sql, join));
		sql_append(sql, ".");
		sql_append(sql, field->column);
	}
}

void query_sql_path(struct query_sql *query_sql, const struct path *path)
{
	bool overflow = false;

	append_column(query_sql, path_field(path), path_join(query_sql, path, &overflow));
}

static void append_joins(struct query_sql *query_sql)
{
	struct sql *sql = query_sql->sql;

	for (unsigned i = 0; i < query_sql->join_count; i++) {
		const struct query_join *join = &query_sql->joins[i];
		const struct relation *relation = join->field->relation;
		const struct resource *owner =
		    join->parent == 0 ? query_sql->query->resource
				      : query_sql->joins[join->parent - 1].field->relation->target;
		const struct resource *target = relation->target;

		sql_append(sql, " LEFT JOIN ");
		sql_append(sql, target->table);
		sql_append(sql, " ");
		sql_append(sql, alias(query_sql, i + 1));
		sql_append(sql, " ON ");
		append_column(
		    query_sql, &target->fields[resource_field(target, relation->foreign)], i + 1);
		sql_append(sql, " = ");
		append_column(query_sql, &owner->fields[resource_field(owner, relation->local)],
		    join->parent);
		if (target->condition != NULL) {
			sql_append(sql, " AND ");
			sql_append_as(sql, alias(query_sql, i + 1), target->condition);
		}
	}
}

/* A decimal sent as text would be compared as a binary fraction. */
void query_sql_value(
    struct query_sql *query_sql, const struct field *field, const struct value *value)
{
	const char *text = field_type_info(field->type)->sql_value;

	sql_append(query_sql->sql, text != NULL ? text : "?");
	sql_bind(query_sql->sql, sql_bind_of(field, value));
}

/* What the rows are sorted by: nothing else may stand in the order and in comparisons with cursors.
 */
static void append_sort_key(struct query_sql *query_sql, const struct sort_key *key)
{
	struct sql *sql = query_sql->sql;

	if (key->text_max > 0)
		sql_append(sql, "LEFT(");
	query_sql_path(query_sql, &key->path);
	if (key->text_max > 0)
		sql_append(sql, arena_printf(sql->arena, ", %u)", key->text_max));
}

static void append_is_null(struct query_sql *query_sql, unsigned number, const char *test)
{
	query_sql_path(query_sql, &query_sql->query->sort->keys[number].path);
	sql_append(query_sql->sql, test);
}

static void append_after(struct query_sql *query_sql, unsigned number);

/* Behind a null: in ascending order all that is none, in descending order nothing but equals. */
static void append_after_null(struct query_sql *query_sql, unsigned number, bool last)
{
	bool descending = query_sql->query->sort->keys[number].descending;

	if (last) {
		append_is_null(
		    query_sql, number, descending ? " IS NULL AND FALSE" : " IS NOT NULL");
		return;
	}
	sql_append(query_sql->sql, descending ? "" : "(");
	append_is_null(query_sql, number, descending ? " IS NULL AND " : " IS NOT NULL OR ");
	if (!descending)
		append_is_null(query_sql, number, " IS NULL AND ");
	append_after(query_sql, number + 1);
	sql_append(query_sql->sql, descending ? "" : ")");
}

/* The column compared with the cursor's value. */
static void append_compared(struct query_sql *query_sql, unsigned number, const char *comparison)
{
	const struct sort_key *key = &query_sql->query->sort->keys[number];

	append_sort_key(query_sql, key);
	sql_append(query_sql->sql, comparison);
	query_sql_value(
	    query_sql, path_field(&key->path), &query_sql->query->after->values[number]);
}

/*
 * The rows behind the cursor, from sort key `number` on: a > ? OR a = ? AND id > ?. Written out,
 * since MariaDB does not use an index for comparisons of whole rows, and in this form since it
 * makes ranges of (a, id) from it: with a >= ? AND (a > ? OR id > ?) it reads all rows of one `a`.
 */
static void append_after(struct query_sql *query_sql, unsigned number)
{
	const struct sort *sort = query_sql->query->sort;
	const struct sort_key *key = &sort->keys[number];
	bool last = number + 1 == sort->count;
	bool nulls_follow = key->descending && path_may_be_null(&key->path);

	if (query_sql->query->after->values[number].null) {
		append_after_null(query_sql, number, last);
		return;
	}
	if (!last || nulls_follow)
		sql_append(query_sql->sql, "(");
	append_compared(query_sql, number, key->descending ? " < " : " > ");
	if (!last) {
		sql_append(query_sql->sql, " OR ");
		append_compared(query_sql, number, " = ");
		sql_append(query_sql->sql, " AND ");
		append_after(query_sql, number + 1);
	}
	if (nulls_follow) {
		sql_append(query_sql->sql, " OR ");
		append_is_null(query_sql, number, " IS NULL");
	}
	if (!last || nulls_follow)
		sql_append(query_sql->sql, ")");
}

static void append_order(struct query_sql *query_sql)
{
	const struct sort *sort = query_sql->query->sort;

	sql_append(query_sql->sql, " ORDER BY ");
	for (unsigned i = 0; i < sort->count; i++) {
		if (i > 0)
			sql_append(query_sql->sql, ", ");
		append_sort_key(query_sql, &sort->keys[i]);
		if (sort->keys[i].descending)
			sql_append(query_sql->sql, " DESC");
	}
}

static int begin_query(struct query_sql *query_sql, struct sql *sql, const struct query *query,
    bool sorted, struct error *error)
{
	bool overflow = false;

	*query_sql = (struct query_sql){ .query = query, .sql = sql };
	if (query->filter != NULL)
		join_filter(query_sql, query->filter, &overflow);
	if (sorted)
		join_sort(query_sql, &overflow);
	if (overflow)
		return error_add_fault(error, "filter",
		    "The filter and the sort use more than %d relations.", QUERY_JOINS_MAX);
	return 0;
}

static void append_from(struct query_sql *query_sql)
{
	sql_append(query_sql->sql, " FROM ");
	sql_tables(query_sql->sql, query_sql->query->resource);
	append_joins(query_sql);
	if (query_sql->query->resource->condition != NULL)
		sql_where_own(query_sql->sql, query_sql->query->resource->condition);
}

/* Calls for each key column: "t.id" in the inner select, "t.id = k.id" to join it. */
static void append_keys(struct query_sql *query_sql, const char *separator, bool joined)
{
	const struct resource *resource = query_sql->query->resource;
	bool first = true;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (!(resource->fields[i].flags & FIELD_KEY))
			continue;
		sql_append(query_sql->sql, first ? "" : separator);
		sql_column(query_sql->sql, &resource->fields[i]);
		if (joined) {
			sql_append(query_sql->sql, " = k.");
			sql_append(query_sql->sql, resource->fields[i].column);
		}
		first = false;
	}
}

/* Whether the keys are columns of the resource's own table. */
static bool has_plain_keys(const struct resource *resource)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if ((field->flags & FIELD_KEY) &&
		    (field->column == NULL || strchr(field->column, '.') != NULL))
			return false;
	}
	return true;
}

/*
 * Whether the keys of the page are found first, and its rows looked up behind them: what is skipped
 * or sorted is narrow then. A sort keeps as many rows as the page has, and no whole one.
 */
static bool is_deep(const struct query *query)
{
	if (!has_plain_keys(query->resource))
		return false;
	return query->skip >= QUERY_DEEP_SKIP ||
	       (query->resource->index_count > 0 && !query_bounds(query, NULL, false).order);
}

int query_sql_begin_page(
    struct query_sql *query_sql, struct sql *sql, const struct query *query, struct error *error)
{
	if (begin_query(query_sql, sql, query, true, error) != 0)
		return -1;
	query_sql->deep = is_deep(query);
	sql_select_members(sql, query->resource, query->selection->fetched);
	if (sql->failed)
		return 0;
	query_sql->sort_column = sql->column_count;
	for (unsigned i = 0; i < query->sort->count; i++) {
		const struct sort_key *key = &query->sort->keys[i];

		sql_append(sql, ", ");
		append_sort_key(query_sql, key);
		sql_result(sql, field_type_info(path_field(&key->path)->type)->bind);
	}
	if (query->beside != NULL) {
		sql_append(sql, ", ");
		sql_append(sql, query->beside);
		sql_result(sql, BIND_INTEGER);
	}
	if (query_sql->deep) {
		sql_append(sql, " FROM (SELECT ");
		append_keys(query_sql, ", ", false);
	}
	append_from(query_sql);
	return 0;
}

void query_sql_end_page(struct query_sql *query_sql)
{
	const struct query *query = query_sql->query;

	if (query->filter != NULL) {
		sql_where(query_sql->sql, "");
		filter_sql(query_sql, query->filter);
	}
	if (query->after != NULL) {
		sql_where(query_sql->sql, "");
		append_after(query_sql, 0);
	}
	append_order(query_sql);
	sql_limit(query_sql->sql, query->take + 1, query->skip);
	if (!query_sql->deep)
		return;
	sql_append(query_sql->sql, ") k JOIN (");
	sql_tables(query_sql->sql, query->resource);
	sql_append(query_sql->sql, ") ON ");
	append_keys(query_sql, " AND ", true);
	append_joins(query_sql);
	append_order(query_sql);
}

int query_sql_begin_total(
    struct query_sql *query_sql, struct sql *sql, const struct query *query, struct error *error)
{
	if (begin_query(query_sql, sql, query, false, error) != 0)
		return -1;
	sql_result(sql, BIND_INTEGER);
	sql_append(sql, "SELECT COUNT(*)");
	append_from(query_sql);
	return 0;
}

void query_sql_end_total(struct query_sql *query_sql)
{
	if (query_sql->query->filter == NULL)
		return;
	sql_where(query_sql->sql, "");
	filter_sql(query_sql, query_sql->query->filter);
}

struct bind query_sql_beside(const struct query_sql *query_sql, const struct bind *record)
{
	const struct query *query = query_sql->query;

	return query->beside != NULL ? record[query_sql->sort_column + query->sort->count]
				     : (struct bind){ .kind = BIND_INTEGER, .null = true };
}

void query_sql_cursor(
    const struct query_sql *query_sql, const struct bind *record, struct cursor *cursor)
{
	const struct sort *sort = query_sql->query->sort;

	for (unsigned i = 0; i < sort->count; i++)
		cursor->values[i] = sql_value_of(
		    path_field(&sort->keys[i].path), &record[query_sql->sort_column + i]);
}
