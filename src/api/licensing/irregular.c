#include "api/licensing/irregular.h"

#include "query/sort.h"
#include "record/list.h"

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
	operation->answer.message = message != NULL ? language_text(message) : NULL;
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
    struct row_list *rows, struct error *error)
{
	const struct resource *resource = deletion->resource;
	struct selection selection;
	struct record_page page;
	struct sql where;
	struct sort sort;
	const struct record_list list = {
		.set = { .resource = resource, .where = &where },
		.query = { .resource = resource,
		    .selection = &selection,
		    .filter = deletion->filter,
		    .sort = &sort,
		    .take = IRREGULAR_CHUNK },
		.patient = true,
	};

	selection_begin(&selection, resource, FIELD_BIT(resource_key(resource)));
	sort_own(resource, 0, &sort);
	sql_init(&where, operation->context.arena);
	deletion->narrow(&where, deletion->context);
	if (record_fetch_page(&operation->context, &list, &page, error) != 0)
		return -1;
	*rows = page.rows;
	return 0;
}

static int delete_rows(struct operation *operation, const struct irregular_deletion *deletion,
    int64_t *count, struct error *error)
{
	const struct resource *resource = deletion->resource;
	unsigned key = resource_key(resource), found;
	struct value *keys =
	    arena_alloc_array(operation->context.arena, IRREGULAR_CHUNK, sizeof(*keys));
	struct row_list rows;
	struct sql where;

	*count = 0;
	if (keys == NULL)
		return error_out_of_memory(error);
	if (find_rows(operation, deletion, &rows, error) != 0)
		return -1;
	for (found = 0; found < rows.count; found++)
		keys[found] = rows.rows[found]->values[key];
	if (found == 0)
		return 0;
	sql_init(&where, operation->context.arena);
	sql_where_in(&where, resource, key, keys, found);
	/* The number that was found: what others have deleted meanwhile is gone, too. */
	if (record_delete_all(&operation->context,
		&(struct record_set){ .resource = resource, .where = &where, .told = true }, count,
		error) != 0)
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
