/*
 * The map of an import: which keys rows have here that had others there.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/licensing/licensing.h"
#include "cli/csv_file.h"
#include "cli/move_state.h"
#include "cli/output_file.h"
#include "record/rows.h"

#define KNOWN                                                                   \
	(FIELD_BIT(LICENSING_IMPORT_KEY) | FIELD_BIT(LICENSING_IMPORT_TARGET) | \
	    FIELD_BIT(LICENSING_IMPORT_DIGEST))
#define IDENTITY_TABLE "-"

static int compare(struct str a, struct str b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static struct str key_of(const struct row *row)
{
	return row->values[LICENSING_IMPORT_KEY].text;
}

static int compare_rows(const void *a, const void *b)
{
	return compare(key_of(*(struct row *const *)a), key_of(*(struct row *const *)b));
}

static struct row *make_row(const struct move *move, const char *table, struct str key)
{
	struct row *row = row_new(move->context->arena, &licensing_import_view);

	if (row == NULL)
		return NULL;
	row_set_text(row, LICENSING_IMPORT_SOURCE, move->name);
	row_set_text(row, LICENSING_IMPORT_TABLE, str_from(table));
	if (key.data != NULL)
		row_set_text(row, LICENSING_IMPORT_KEY, key);
	return row;
}

/* The rows of the map for those keys, in their order. */
static int find_keys(struct move *move, const char *table, const struct value *keys, unsigned count,
    struct row_list *found, struct error *error)
{
	struct record_set set = { .resource = &licensing_import_view };
	struct sql where;

	*found = (struct row_list){ NULL, 0 };
	if (count == 0)
		return 0;
	set.keys = make_row(move, table, (struct str){ NULL, 0 });
	if (set.keys == NULL)
		return error_out_of_memory(error);
	sql_init(&where, move->context->arena);
	sql_where_in(&where, set.resource, LICENSING_IMPORT_KEY, keys, count);
	set.where = &where;
	if (record_fetch_all(move->context, &set, KNOWN, found, error) != 0)
		return -1;
	if (found->count > 0)
		qsort(found->rows, found->count, sizeof(found->rows[0]), compare_rows);
	return 0;
}

static const struct row *find_in(const struct row_list *rows, struct str key)
{
	unsigned low = 0, high = rows->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		int order = compare(key_of(rows->rows[middle]), key);

		if (order == 0)
			return rows->rows[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Guids there may be written in capitals. */
static bool is_long_enough(struct str key)
{
	return key.data != NULL && key.length <= LICENSING_IMPORT_KEY_MOST;
}

int move_map_find_lines(struct move *move, struct error *error)
{
	struct value *keys =
	    arena_alloc_array(move->context->arena, move->line_count, sizeof(keys[0]));
	struct row_list found;

	if (keys == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < move->line_count; i++)
		keys[i] = (struct value){ .text = move->lines[i].key };
	if (find_keys(move, move->table->name, keys, move->line_count, &found, error) != 0)
		return -1;
	for (unsigned i = 0; i < move->line_count; i++) {
		struct move_line *line = &move->lines[i];
		const struct row *row = find_in(&found, line->key);

		if (row == NULL)
			continue;
		line->target = arena_str(move->arena, row->values[LICENSING_IMPORT_TARGET].text);
		line->known = memcmp(row->values[LICENSING_IMPORT_DIGEST].text.data, line->digest,
				  sizeof(line->digest)) == 0;
	}
	return 0;
}

static void resolve_cell(
    struct move *move, struct move_line *line, unsigned number, const struct row_list *found)
{
	const struct move_column *column = &move->table->columns[number];
	struct str former = line->cells[number];
	const struct row *row = find_in(found, former);

	if (row != NULL) {
		line->cells[number] =
		    arena_str(move->arena, row->values[LICENSING_IMPORT_TARGET].text);
		return;
	}
	line->cells[number] = (struct str){ NULL, 0 };
	if (column->required)
		line->refused =
		    arena_printf(move->arena, "belongs to %s " STR_FORMAT ", which is not here",
			column->refers, STR_ARGUMENTS(str_slice(former, 0, 64)));
	else
		move_note(line, column->member,
		    arena_printf(move->arena,
			"is %s " STR_FORMAT ", which is not here; it was left out", column->refers,
			STR_ARGUMENTS(str_slice(former, 0, 64))));
}

int move_map_resolve(struct move *move, unsigned number, struct error *error)
{
	const struct move_column *column = &move->table->columns[number];
	struct value *keys =
	    arena_alloc_array(move->context->arena, move->line_count, sizeof(keys[0]));
	struct row_list found;
	unsigned count = 0;

	if (keys == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < move->line_count; i++) {
		if (is_long_enough(move->lines[i].cells[number]))
			keys[count++] = (struct value){ .text = move->lines[i].cells[number] };
	}
	if (find_keys(move, column->refers, keys, count, &found, error) != 0)
		return -1;
	for (unsigned i = 0; i < move->line_count; i++) {
		if (move->lines[i].cells[number].length > 0)
			resolve_cell(move, &move->lines[i], number, &found);
	}
	return 0;
}

static struct row *map_line(struct move *move, const struct move_line *line)
{
	struct row *row = make_row(move, line->table->name, line->key);

	if (row == NULL)
		return NULL;
	row_set_text(row, LICENSING_IMPORT_TARGET, line->target);
	row_set_text(row, LICENSING_IMPORT_DIGEST,
	    (struct str){ (const char *)line->digest, sizeof(line->digest) });
	return row;
}

int move_map_store(struct move *move, const struct batch *batch, struct move_line *const *lines,
    struct error *error)
{
	struct row_list added = { NULL, 0 };

	added.rows = arena_alloc_array(move->context->arena, batch->count, sizeof(added.rows[0]));
	if (added.rows == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < batch->count; i++) {
		struct row *row;

		if (batch->rows[i].error.code != ERROR_NONE)
			continue;
		row = map_line(move, lines[i]);
		if (row == NULL)
			return error_out_of_memory(error);
		if (!batch->rows[i].changes)
			added.rows[added.count++] = row;
		else if (record_put_part(move->context, row, error) != 0)
			return -1;
	}
	return record_add_parts(move->context, &added, error);
}

/* --- which installation it is --- */

struct identity {
	struct arena *arena;
	struct str text; /* empty = it has none */
};

static int take_identity(void *data, const struct str *cells, struct error *error)
{
	struct identity *identity = data;

	if (cells[0].length == 0 || cells[0].length > LICENSING_IMPORT_KEY_MOST)
		return 0;
	identity->text = arena_str(identity->arena, cells[0]);
	return identity->text.data != NULL ? 0 : error_out_of_memory(error);
}

static int compare_identity(struct move *move, struct str identity, struct error *error)
{
	struct value key = { .text = STR("identity") };
	struct row_list found;

	if (find_keys(move, IDENTITY_TABLE, &key, 1, &found, error) != 0)
		return -1;
	if (found.count == 0 ||
	    str_equal_ignore_case(found.rows[0]->values[LICENSING_IMPORT_TARGET].text, identity))
		return 0;
	return error_set_detail(error, ERROR_CONFLICT,
	    "rows of another installation were imported under the name \"" STR_FORMAT
	    "\"; give this one another name with --name",
	    STR_ARGUMENTS(move->name));
}

static int store_row(struct context *context, void *data, struct error *error)
{
	return record_put_part(context, data, error);
}

static int store_identity(struct move *move, struct str identity, struct error *error)
{
	static const uint8_t nothing[32];
	struct row *row = make_row(move, IDENTITY_TABLE, STR("identity"));

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_text(row, LICENSING_IMPORT_TARGET, identity);
	row_set_text(
	    row, LICENSING_IMPORT_DIGEST, (struct str){ (const char *)nothing, sizeof(nothing) });
	return record_transaction(move->context, store_row, row, error);
}

int move_map_check_identity(struct move *move, struct error *error)
{
	struct identity identity = { .arena = move->session->arena };

	if (move->kind->identity == NULL ||
	    !move_source_has(move->source, move->kind->identity_needs, NULL))
		return 0;
	if (move_source_select(
		move->source, move->kind->identity, 1, take_identity, &identity, error) != 0)
		return -1;
	if (identity.text.length == 0)
		return 0;
	if (compare_identity(move, identity.text, error) != 0)
		return -1;
	return move->dry_run ? 0 : store_identity(move, identity.text, error);
}

/* --- the file --- */

static int write_rows(void *data, const struct row_list *rows, struct error *error)
{
	FILE *stream = data;

	for (unsigned i = 0; i < rows->count; i++) {
		const struct row *row = rows->rows[i];
		struct str table = row->values[LICENSING_IMPORT_TABLE].text, key = key_of(row),
			   target = row->values[LICENSING_IMPORT_TARGET].text;

		if (str_equal_ignore_case(key, target) || str_equal(table, STR(IDENTITY_TABLE)))
			continue;
		fprintf(stream, STR_FORMAT "," STR_FORMAT "," STR_FORMAT "\r\n",
		    STR_ARGUMENTS(table), STR_ARGUMENTS(key), STR_ARGUMENTS(target));
	}
	return ferror(stream) ? error_set_detail(error, ERROR_INTERNAL,
				    "the map cannot be written (%s)", strerror(errno))
			      : 0;
}

static int write_map(struct move *move, FILE *stream)
{
	struct record_set set = { .resource = &licensing_import_view,
		.keys = row_with(move->context->arena, &licensing_import_view,
		    LICENSING_IMPORT_SOURCE, &(const struct value){ .text = move->name }) };

	if (set.keys == NULL)
		return error_out_of_memory(&move->session->error);
	fprintf(stream, "table,former,new\r\n");
	return record_each(move->context, &set, KNOWN | FIELD_BIT(LICENSING_IMPORT_TABLE),
	    write_rows, stream, &move->session->error);
}

enum command_status move_map_write(struct move *move, const char *name)
{
	struct output_file file;
	FILE *stream;
	int result;

	if (output_file_begin(&file, name) != 0)
		return session_fail(
		    move->session, "%s cannot be written (%s).", name, strerror(errno));
	stream = fdopen(dup(file.fd), "w");
	if (stream == NULL) {
		output_file_discard(&file);
		return session_fail(
		    move->session, "%s cannot be written (%s).", name, strerror(errno));
	}
	result = write_map(move, stream);
	if (fclose(stream) == 0 && result == 0 && output_file_keep(&file) == 0)
		return COMMAND_OK;
	if (result != 0) {
		output_file_discard(&file);
		return session_error(move->session);
	}
	return session_fail(move->session, "%s cannot be written (%s).", name, strerror(errno));
}
