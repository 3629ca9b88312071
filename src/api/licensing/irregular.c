#include "api/licensing/irregular.h"

#include "db/query_sql.h"
#include "query/sort.h"
#include "record/row_count.h"

#define CHUNK_BLOCK ((size_t)256 * 1024)
#define CHUNK_MEMORY ((size_t)4 * 1024 * 1024)

static const struct field result_fields[] = { HIDDEN_LINK };

const struct resource licensing_result_resource = {
	.name = "result",
	.type_name = "Result",
	FIELDS(result_fields),
	.doc = "The result.",
};

int irregular_done(struct operation *operation, const char *message, struct error *error)
{
	const struct row *answer = row_new(operation->context.arena, &licensing_result_resource);

	if (answer == NULL)
		return error_out_of_memory(error);
	operation->answer.message = message;
	operation_answer_members(operation, answer);
	return 0;
}

bool irregular_moment(
    struct operation *operation, const char *name, int64_t *moment, struct error *error)
{
	const struct parameter_value *value = parameters_get(&operation->parameters, name);

	if (!value->sent)
		return false;
	if (timestamp_parse(str_trim(value->text), moment))
		return true;
	error_add_fault(
	    error, name, "The parameter %s must be a time such as 2026-01-31T12:00:00Z.", name);
	return false;
}

static int find_rows(struct operation *operation, const struct irregular_deletion *deletion,
    struct result *result, struct error *error)
{
	const struct resource *resource = deletion->resource;
	struct selection selection;
	struct sort sort;
	const struct query query = {
		.resource = resource,
		.selection = &selection,
		.filter = deletion->filter,
		.sort = &sort,
		.take = IRREGULAR_CHUNK,
	};
	struct query_sql query_sql;
	struct sql sql;

	selection_begin(&selection, resource, FIELD_BIT(resource_key(resource)));
	sort_own(resource, 0, &sort);
	sql_init(&sql, operation->context.arena);
	if (query_sql_begin_page(&query_sql, &sql, &query, error) != 0)
		return -1;
	deletion->narrow(&sql, deletion->context);
	query_sql_end_page(&query_sql);
	if (sql.failed)
		return error_out_of_memory(error);
	return database_select(operation->context.database, operation->context.arena, sql.text,
	    sql.binds, sql.bind_count, sql.columns, sql.column_count, result, error);
}

static int delete_rows(struct operation *operation, const struct irregular_deletion *deletion,
    int64_t *count, struct error *error)
{
	const struct resource *resource = deletion->resource;
	struct value *keys =
	    arena_alloc_array(operation->context.arena, IRREGULAR_CHUNK, sizeof(*keys));
	struct outcome outcome = { 0 };
	struct result result;
	unsigned found = 0;
	struct sql sql;

	*count = 0;
	if (keys == NULL)
		return error_out_of_memory(error);
	if (find_rows(operation, deletion, &result, error) != 0)
		return -1;
	for (; found < result.count && found < IRREGULAR_CHUNK; found++)
		keys[found].integer = result.rows[found][0].integer;
	if (found == 0)
		return 0;
	sql_init(&sql, operation->context.arena);
	sql_delete(&sql, resource);
	sql_where_in(&sql, resource, resource_key(resource), keys, found);
	if (record_execute(&operation->context, &sql, resource, &outcome, error) != 0)
		return -1;
	if (resource->counted && row_count_add(&operation->context, resource->table,
				     -(int64_t)outcome.affected, error) != 0)
		return -1;
	*count = found;
	return 0;
}

int irregular_delete(struct operation *operation, const struct irregular_deletion *deletion,
    int64_t *count, struct error *error)
{
	struct arena *whole = operation->context.arena;
	struct arena *chunk = arena_new(CHUNK_BLOCK, CHUNK_MEMORY);
	int result;

	if (chunk == NULL)
		return error_out_of_memory(error);
	/* Chunk after chunk in the request's own memory would fill it. */
	operation->context.arena = chunk;
	result = delete_rows(operation, deletion, count, error);
	operation->context.arena = whole;
	arena_free(chunk);
	return result;
}
