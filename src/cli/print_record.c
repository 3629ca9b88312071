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
		mask |= FIELD_BIT(resource_member(resource, members[i].of));
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
		unsigned number = resource_member(table->resource, table->members[i].of);

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

/* A list while its rows come. */
struct listing {
	struct session *session;
	struct table table;
	struct print_json json;    /* for programs */
	struct print_table people; /* or for people */
};

static int add_rows(void *data, const struct row_list *rows, struct error *error)
{
	struct listing *listing = data;

	for (unsigned i = 0; i < rows->count; i++) {
		const struct bind *values =
		    bind_columns(listing->session, &listing->table, rows->rows[i]);

		if (values == NULL)
			return error_out_of_memory(error);
		if (listing->session->json)
			add_record(&listing->json.writer, &listing->table, rows->rows[i], values);
		else
			print_table_add(&listing->people, values);
	}
	return 0;
}

static void begin_listing(struct listing *listing)
{
	const struct table *table = &listing->table;

	if (!listing->session->json) {
		print_table_begin(&listing->people, table->columns, table->count);
		return;
	}
	begin_document(&listing->json, table->resource);
	writer_array_begin(&listing->json.writer, NULL, "row");
}

static enum command_status end_listing(struct listing *listing)
{
	if (!listing->session->json)
		return print_table_end(listing->session, &listing->people);
	writer_array_end(&listing->json.writer);
	return print_json_end(listing->session, &listing->json);
}

enum command_status print_set(struct session *session, const struct record_set *set,
    const struct print_member *members, unsigned count)
{
	uint64_t mask = print_mask(session, set->resource, members, count);
	struct context *context = session_context(session);
	struct listing listing = { .session = session };

	if (context == NULL ||
	    make_table(session, set->resource, members, count, &listing.table) != 0)
		return session_error(session);
	begin_listing(&listing);
	if (record_each(context, set, mask, add_rows, &listing, &session->error) == 0)
		return end_listing(&listing);
	buf_free(&listing.json.text);
	buf_free(&listing.people.cells);
	return session_error(session);
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
