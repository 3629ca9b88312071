#include "op/query.h"

#include "db/query_sql.h"
#include "op/generic.h"
#include "op/list.h"
#include "record/row_count.h"

const struct parameter op_query_parameters[8] = { OP_QUERY_PARAMETERS };

enum total_mode { TOTAL_EXACT, TOTAL_ESTIMATE, TOTAL_NONE };

/* One list being answered. */
struct list {
	struct operation *operation;
	struct row *keys; /* what the captures say */
	struct query query;
	struct selection *selection;
	struct filter *filter;
	struct sort sort;
	struct cursor after;
	uint64_t identity; /* of the list, for its cursors */
	enum total_mode total_mode;
	bool count_only;
	bool more; /* there is a further page */
	struct row_list rows;
	struct list_answer answer;
};

static struct str find_text(const struct operation *operation, const char *name)
{
	const struct parameter_value *value = parameters_get_if_any(&operation->parameters, name);

	return value != NULL ? value->text : (struct str){ NULL, 0 };
}

static int64_t find_integer(const struct operation *operation, const char *name, int64_t fallback)
{
	const struct parameter_value *value = parameters_get_if_any(&operation->parameters, name);

	return value != NULL ? value->integer : fallback;
}

static void read_total_mode(struct list *list, struct error *error)
{
	static const char *const words[] = { "exact", "estimate", "none" };
	struct str text = str_trim(find_text(list->operation, "total"));

	for (unsigned i = 0; i < COUNT_OF(words); i++) {
		if (str_equal_ignore_case(text, str_from(words[i]))) {
			list->total_mode = (enum total_mode)i;
			return;
		}
	}
	if (text.length > 0)
		error_add_fault(
		    error, "total", "The parameter total must be exact, estimate or none.");
}

/* Pages belong together when they are of the same path, filter and order. */
static uint64_t identify(const struct operation *operation)
{
	uint64_t identity = cursor_identify(0, str_from(operation->route->path));

	for (unsigned i = 0; i < operation->route->key_count; i++)
		identity = cursor_identify(identity, operation->captures[i]);
	identity = cursor_identify(identity, str_trim(find_text(operation, "filter")));
	return cursor_identify(identity, str_trim(find_text(operation, "sort")));
}

/* Reads all parameters; their faults are reported together. */
static int read_query(struct list *list, struct error *error)
{
	struct operation *operation = list->operation;
	const struct resource *resource = operation->route->resource;
	const struct sight *sight = &operation->context.sight;
	const struct parameter_value *after =
	    parameters_get_if_any(&operation->parameters, "after");
	bool failed = false, sorted;

	failed |= filter_read(operation->context.arena, sight, &operation->context.settings->limits,
		      resource, find_text(operation, "filter"), &list->filter, error) != 0;
	sorted = sort_read(operation->context.arena, sight, resource, find_text(operation, "sort"),
		     &list->sort, error) == 0;
	failed |= !sorted;
	failed |= selection_read(operation->context.arena, sight, resource,
		      find_text(operation, "select"), find_text(operation, "include"),
		      &list->selection, error) != 0;
	list->identity = identify(operation);
	if (after != NULL && after->sent && sorted)
		failed |=
		    cursor_read(operation->context.settings->seal_keys, operation->context.arena,
			after->text, list->identity, &list->sort, &list->after, error) != 0;
	read_total_mode(list, error);
	list->count_only = find_integer(operation, "countOnly", false) != 0;
	list->query = (struct query){
		.resource = resource,
		.selection = list->selection,
		.filter = list->filter,
		.sort = &list->sort,
		.after = after != NULL && after->sent ? &list->after : NULL,
		.take = find_integer(operation, "take", QUERY_TAKE_DEFAULT),
		.skip = find_integer(operation, "skip", 0),
	};
	return failed || error->fault_count > 0 ? -1 : 0;
}

/* What page and total have in common besides the filter. */
static int add_conditions(struct list *list, struct sql *sql, struct error *error)
{
	const struct operation *operation = list->operation;

	for (unsigned i = 0; i < list->keys->resource->field_count; i++) {
		if (row_has(list->keys, i))
			sql_where_field(sql, list->keys->resource, i, &list->keys->values[i]);
	}
	record_where_own(&operation->context, sql, list->keys->resource);
	if (operation->route->narrow != NULL)
		return operation->route->narrow(list->operation, sql, error);
	return 0;
}

static int run_query(
    struct operation *operation, const struct sql *sql, struct result *result, struct error *error)
{
	if (sql->failed)
		return error_out_of_memory(error);
	return database_select(operation->context.database, operation->context.arena, sql->text,
	    sql->binds, sql->bind_count, sql->columns, sql->column_count, result, error);
}

static int fetch_page(struct list *list, struct error *error)
{
	struct operation *operation = list->operation;
	struct query_sql query_sql;
	struct result result;
	struct cursor last;
	struct sql sql;

	sql_init(&sql, operation->context.arena);
	sql.bounded = list->selection->bounded;
	if (query_sql_begin_page(&query_sql, &sql, &list->query, error) != 0 ||
	    add_conditions(list, &sql, error) != 0)
		return -1;
	query_sql_end_page(&query_sql);
	if (list_select(operation, &sql, &result, error) != 0)
		return -1;
	if (result.count > list->query.take) {
		result.count = (unsigned)list->query.take;
		query_sql_cursor(&query_sql, result.rows[result.count - 1], &last);
		list->answer.next_cursor = cursor_print(operation->context.settings->seal_keys,
		    operation->context.arena, list->identity, &list->sort, &last)
					       .data;
		if (list->answer.next_cursor == NULL)
			return error_out_of_memory(error);
		list->more = true;
	}
	return record_load(&operation->context, list->selection, &result, &list->rows, error);
}

/* A page that does not fit says what helps; waiting does not. */
static int refuse_page(const struct list *list, struct error *error)
{
	if (!arena_exhausted(list->operation->context.arena))
		return -1;
	error_clear(error);
	return error_set(error, ERROR_TOO_LARGE,
	    "The page is larger than one answer may be (option limit_request_memory). Ask for "
	    "fewer rows with take, or for fewer members with select.");
}

static int begin_total(
    struct list *list, struct query_sql *query_sql, struct sql *sql, struct error *error)
{
	if (query_sql_begin_total(query_sql, sql, &list->query, error) != 0 ||
	    add_conditions(list, sql, error) != 0)
		return -1;
	query_sql_end_total(query_sql);
	return 0;
}

static int count_total(struct list *list, struct error *error)
{
	struct query_sql query_sql;
	struct result result;
	struct sql sql;

	sql_init(&sql, list->operation->context.arena);
	if (begin_total(list, &query_sql, &sql, error) != 0 ||
	    list_select(list->operation, &sql, &result, error) != 0)
		return -1;
	list->answer.total = result.rows[0][0].integer;
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
static int estimate_filtered(struct list *list, struct error *error)
{
	enum { COLUMN_ROWS = 8, COLUMN_FILTERED = 9, COLUMNS = 11 };
	struct operation *operation = list->operation;
	enum bind_kind kinds[COLUMNS];
	struct query_sql query_sql;
	struct result result;
	double rows = 1;
	struct sql sql;

	for (unsigned i = 0; i < COLUMNS; i++)
		kinds[i] = BIND_TEXT;
	sql_init(&sql, operation->context.arena);
	sql_append(&sql, "EXPLAIN EXTENDED ");
	if (begin_total(list, &query_sql, &sql, error) != 0)
		return -1;
	sql.columns = kinds;
	sql.column_count = COLUMNS;
	if (run_query(operation, &sql, &result, error) != 0)
		return -1;
	for (unsigned i = 0; i < result.count; i++)
		rows *= explained(operation->context.arena, &result.rows[i][COLUMN_ROWS], 0) *
			explained(operation->context.arena, &result.rows[i][COLUMN_FILTERED], 100) /
			100;
	list->answer.total = (int64_t)(rows + 0.5);
	return 0;
}

static int estimate_table(struct list *list, struct error *error)
{
	static enum bind_kind kinds[] = { BIND_INTEGER };
	struct operation *operation = list->operation;
	struct result result;
	struct sql sql;

	sql_init(&sql, operation->context.arena);
	sql_append(&sql,
	    "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
	    "AND TABLE_NAME = ?");
	sql_bind(&sql, BIND_STR(str_from(list->query.resource->table)));
	sql.columns = kinds;
	sql.column_count = COUNT_OF(kinds);
	if (run_query(operation, &sql, &result, error) != 0)
		return -1;
	list->answer.total =
	    result.count > 0 && !result.rows[0][0].null ? result.rows[0][0].integer : 0;
	return 0;
}

/* Whether every row of the table belongs to the list: nothing adds a condition. */
static int find_whole_table(struct list *list, bool *whole, struct error *error)
{
	struct sql conditions;

	sql_init(&conditions, list->operation->context.arena);
	if (add_conditions(list, &conditions, error) != 0)
		return -1;
	*whole = list->filter == NULL && !conditions.has_condition &&
		 list->query.resource->condition == NULL && list->query.resource->from == NULL;
	return 0;
}

/* True when the page shows the number of all rows by itself. */
static bool page_tells_total(const struct list *list)
{
	if (list->count_only || list->query.after != NULL || list->more)
		return false;
	return list->rows.count > 0 || (list->query.skip == 0 && list->query.take > 0);
}

static int find_total(struct list *list, struct error *error)
{
	struct operation *operation = list->operation;
	bool known = false, whole;

	if (list->total_mode == TOTAL_NONE && !list->count_only)
		return 0;
	list->answer.has_total = true;
	if (page_tells_total(list)) {
		list->answer.total = list->query.skip + list->rows.count;
		return 0;
	}
	if (find_whole_table(list, &whole, error) != 0)
		return -1;
	if (whole && list->query.resource->counted &&
	    row_count_read(operation->context.database, operation->context.arena,
		list->query.resource->table, &list->answer.total, &known, error) != 0)
		return -1;
	if (known)
		return 0;
	if (list->total_mode != TOTAL_ESTIMATE)
		return count_total(list, error);
	return whole ? estimate_table(list, error) : estimate_filtered(list, error);
}

const char *op_query_total_name(struct arena *arena, const struct resource *resource)
{
	const char *plural = resource->plural;

	if (resource->total_name != NULL || plural == NULL)
		return resource->total_name;
	return arena_printf(arena, "total%c%sCount",
	    plural[0] >= 'a' && plural[0] <= 'z' ? plural[0] - 'a' + 'A' : plural[0], plural + 1);
}

static void answer_rows(struct list *list)
{
	struct operation *operation = list->operation;
	const struct resource *resource = list->query.resource;

	list->answer.plural = resource->plural;
	list->answer.total_name = op_query_total_name(operation->context.arena, resource);
	list->answer.count = list->count_only ? list->answer.total : list->rows.count;
	operation->answer.list = &list->answer;
	operation_answer_list(operation, resource, &list->rows);
	operation->answer.list = NULL; /* it ends with this call */
}

/* What looks at many rows for each that it answers with. */
static bool is_heavy(const struct list *list)
{
	return filter_searches(list->filter) > 0 || list->query.skip >= QUERY_DEEP_SKIP;
}

int op_query(struct operation *operation, struct error *error)
{
	struct list list = { .operation = operation };

	if (operation_read_keys(operation, &list.keys, error) != 0)
		return -1;
	if (read_query(&list, error) != 0)
		return error->code == ERROR_NONE ? error_out_of_memory(error) : -1;
	if (gate_enter_list(operation->context.guard->gate, is_heavy(&list), error) != 0)
		return -1;
	if (!list.count_only && list.query.take > 0 && fetch_page(&list, error) != 0)
		return refuse_page(&list, error);
	if (list.rows.count == 0 && op_check_parent(operation, list.keys, error) != 0)
		return -1;
	if (find_total(&list, error) != 0)
		return -1;
	gate_leave(operation->context.guard->gate, GATE_LIST);
	answer_rows(&list);
	return 0;
}
