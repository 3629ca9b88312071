/*
 * Rows of resources: aligned columns for people, and for programs the objects of the API.
 */
#include "api/contracts.h"
#include "cli/print.h"
#include "cli/session.h"
#include "codec/row.h"

/* What is printed of rows of one resource. */
struct table {
	const struct resource *resource;
	const struct print_member *members;
	unsigned count;
	struct print_column *columns;
};

uint64_t print_mask(const struct session *session, const struct resource *resource,
    const struct print_member *members, unsigned count)
{
	uint64_t mask = session->json ? resource_default_mask(resource) : 0;

	for (unsigned i = 0; i < count; i++)
		mask |= FIELD_BIT(resource_field(resource, members[i].of));
	return mask;
}

static int make_table(struct session *session, const struct resource *resource,
    const struct print_member *members, unsigned count, struct table *table)
{
	*table = (struct table){ .resource = resource, .members = members, .count = count };
	table->columns = arena_alloc_array(session->arena, count, sizeof(table->columns[0]));
	if (table->columns == NULL)
		return error_out_of_memory(&session->error);
	for (unsigned i = 0; i < count; i++)
		table->columns[i] = members[i].column;
	return 0;
}

/* Values of the columns; NULL when memory runs out. */
static struct bind *bind_columns(
    struct session *session, const struct table *table, const struct row *row)
{
	struct bind *values = arena_alloc_array(session->arena, table->count, sizeof(values[0]));

	for (unsigned i = 0; values != NULL && i < table->count; i++) {
		unsigned number = (unsigned)resource_field(table->resource, table->members[i].of);

		values[i] = sql_bind_of(&table->resource->fields[number], &row->values[number]);
		values[i].null = !row_filled(row, number);
	}
	return values;
}

/* Whether the object of the API has a member of the column's name. */
static bool is_shown(const struct resource *resource, const struct print_column *column)
{
	int number = resource_field(resource, column->member);

	return number >= 0 && !(resource->fields[number].flags & FIELD_HIDDEN);
}

static void add_record(struct writer *writer, const struct table *table, const struct row *row,
    const struct bind *values)
{
	writer_object_begin(writer, NULL);
	for (unsigned i = 0; i < row->resource->field_count; i++)
		row_write_member(writer, row, i);
	for (unsigned i = 0; i < table->count; i++) {
		if (!is_shown(table->resource, &table->columns[i]))
			print_add_column(writer, &table->columns[i], &values[i]);
	}
	writer_object_end(writer);
}

/* Begins a document whose values are written as the family of the resource does. */
static void begin_document(struct print_json *json, const struct resource *resource)
{
	const struct family *family = contracts_family(resource);

	print_json_begin(json);
	if (family != NULL)
		json->writer.style.time = family->json_time;
}

static enum command_status print_objects(struct session *session, const struct table *table,
    const struct row_list *rows, const struct result *result)
{
	struct print_json json;

	begin_document(&json, table->resource);
	writer_array_begin(&json.writer, NULL, "row");
	for (unsigned i = 0; i < rows->count; i++)
		add_record(&json.writer, table, rows->rows[i], result->rows[i]);
	writer_array_end(&json.writer);
	return print_json_end(session, &json);
}

static int bind_rows(struct session *session, const struct table *table,
    const struct row_list *rows, struct result *result)
{
	result->count = rows->count;
	result->rows = arena_alloc_array(session->arena, rows->count, sizeof(result->rows[0]));
	if (result->rows == NULL)
		return error_out_of_memory(&session->error);
	for (unsigned i = 0; i < rows->count; i++) {
		result->rows[i] = bind_columns(session, table, rows->rows[i]);
		if (result->rows[i] == NULL)
			return error_out_of_memory(&session->error);
	}
	return 0;
}

enum command_status print_set(struct session *session, const struct record_set *set,
    const struct print_member *members, unsigned count)
{
	uint64_t mask = print_mask(session, set->resource, members, count);
	struct context *context = session_context(session);
	struct result result;
	struct row_list rows;
	struct table table;

	if (context == NULL ||
	    record_fetch_listed(context, set, mask, &rows, &session->error) != 0 ||
	    make_table(session, set->resource, members, count, &table) != 0 ||
	    bind_rows(session, &table, &rows, &result) != 0)
		return session_error(session);
	return session->json ? print_objects(session, &table, &rows, &result)
			     : print_rows(session, table.columns, count, &result);
}

enum command_status print_record(struct session *session, const struct row *row,
    const struct print_member *members, unsigned count)
{
	const struct bind *values;
	struct print_json json;
	struct table table;

	if (make_table(session, row->resource, members, count, &table) != 0)
		return session_error(session);
	values = bind_columns(session, &table, row);
	if (values == NULL)
		return session_fail(session, "Out of memory.");
	if (!session->json)
		return print_lines(session, table.columns, count, values);
	begin_document(&json, row->resource);
	add_record(&json.writer, &table, row, values);
	return print_json_end(session, &json);
}
