/*
 * Batches of an import on their way into the database.
 */
#include "cli/move_state.h"
#include "record/audit.h"

/* The key that a row has here, as the map says it. */
static struct row *read_target(struct move_line *line)
{
	const struct resource *resource = line->table->record->resource;
	struct row *keys = row_new(line->arena, resource);
	struct str rest = line->target, part;

	for (unsigned i = 0; keys != NULL && i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		struct node node = { .kind = NODE_TEXT };
		struct value value = { .null = false };
		const char *reason;

		if (!(field->flags & FIELD_KEY))
			continue;
		if (!str_next(&rest, '|', &part))
			return NULL;
		node.text = part;
		if (!field_type_info(field->type)
			 ->parse(line->arena, field, BODY_FORM, &node, &value, &reason))
			return NULL;
		row_set_value(keys, i, &value);
	}
	return keys;
}

struct str move_store_key(struct move *move, const struct row *key)
{
	const struct resource *resource = key->resource;
	struct buf text = { 0 };
	struct str copy;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (!(resource->fields[i].flags & FIELD_KEY) || !row_has(key, i))
			continue;
		if (text.length > 0)
			buf_append_char(&text, '|');
		buf_append_str(&text,
		    row_print_value(move->context->arena, &resource->fields[i], &key->values[i]));
	}
	copy = arena_str(move->arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

/* What is stored, and the lines that it is made of. */
struct storing {
	struct move *move;
	struct batch *batch;
	struct move_line **lines;
};

static int tell_row(struct context *context, void *data, const struct batch *batch, unsigned number,
    struct error *error)
{
	struct storing *storing = data;
	const struct batch_row *row = &batch->rows[number];

	(void)context;
	if (row->error.code != ERROR_NONE || row->changes || row->change.key == NULL)
		return 0;
	storing->lines[number]->target = move_store_key(storing->move, row->change.key);
	return storing->lines[number]->target.data != NULL ? 0 : error_out_of_memory(error);
}

/* One entry tells of all rows of a batch. */
static int write_entry(
    const struct storing *storing, enum audit_action action, bool changes, struct error *error)
{
	const struct move *move = storing->move;
	const struct batch *batch = storing->batch;
	const struct resource *resource = move->table->record->resource;
	struct buf detail = { 0 };
	struct writer writer;
	struct str first = { NULL, 0 }, last = { NULL, 0 };
	int64_t count = 0;
	int result;

	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->rows[i].error.code != ERROR_NONE || batch->rows[i].changes != changes)
			continue;
		if (count++ == 0)
			first = storing->lines[i]->target;
		last = storing->lines[i]->target;
	}
	if (count == 0 || resource->unaudited != NULL)
		return 0;
	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_text(&writer, "import", move->name);
	writer_text(&writer, "table", str_from(move->table->name));
	writer_integer(&writer, "rows", count);
	writer_text(&writer, "first", first);
	writer_text(&writer, "last", last);
	writer_object_end(&writer);
	result = detail.failed ? error_out_of_memory(error)
			       : audit_record_event(move->context,
				     &(const struct audit_event){ .action = action,
					 .area = resource->area,
					 .what = resource_audit_name(resource),
					 .detail = buf_str(&detail),
					 .count = count },
				     error);
	buf_free(&detail);
	return result;
}

static int store_batch(struct context *context, void *data, struct error *error)
{
	struct storing *storing = data;
	struct move *move = storing->move;
	int result;

	context->told = !move->table->by_rows;
	result = record_batch_store(context, storing->batch, error);
	context->told = false;
	if (result != 0 || move_map_store(move, storing->batch, storing->lines, error) != 0)
		return -1;
	if (move->table->by_rows)
		return 0;
	return write_entry(storing, AUDIT_INSERT, false, error) != 0 ||
		       write_entry(storing, AUDIT_UPDATE, true, error) != 0
		   ? -1
		   : 0;
}

static bool make_change(struct move_line *line, struct batch_row *row)
{
	row->changes = line->target.length > 0;
	row->change.sent = line->row;
	row->change.keys = row->changes ? read_target(line) : line->keys;
	return !row->changes || row->change.keys != NULL;
}

static void make_own(const struct move_line *line, struct batch_row *row)
{
	row->changes = line->target.length > 0;
	row->change.sent = line->row;
}

static int copy_error(struct error *error, const struct error *from)
{
	error_copy(error, from);
	return -1;
}

/* Rows that have no table: one by one. */
static int store_each(struct context *context, void *data, struct error *error)
{
	struct storing *storing = data;
	struct move *move = storing->move;

	for (unsigned i = 0; i < storing->batch->count; i++) {
		struct batch_row *row = &storing->batch->rows[i];

		error_init(&row->error, move->arena);
		if (move->table->store(context, row->change.sent, &row->error) == 0)
			storing->lines[i]->target = move_store_key(move, row->change.sent);
		else if (!error_is_refusal(row->error.code))
			return copy_error(error, &row->error);
	}
	return move_map_store(move, storing->batch, storing->lines, error);
}

/* Reasons of the database and of rules that look into it. */
static void take_errors(const struct storing *storing)
{
	const struct batch *batch = storing->batch;

	for (unsigned i = 0; i < batch->count; i++) {
		const struct batch_row *row = &batch->rows[i];
		struct move_line *line = storing->lines[i];
		const struct error *error =
		    row->before.code != ERROR_NONE ? &row->before : &row->error;

		if (error->code == ERROR_NONE)
			continue;
		if (error->code == ERROR_NOT_FOUND && row->changes)
			line->refused = "was deleted here";
		else if (error->faults != NULL)
			line->refused = arena_printf(
			    line->arena, "%s: %s", error->faults->path, error->faults->message);
		else
			line->refused = arena_printf(line->arena, "%s",
			    error->message != NULL ? error->message
						   : error_code_message(error->code));
	}
}

int move_store_lines(
    struct move *move, struct move_line **lines, unsigned count, struct error *error)
{
	struct storing storing = { .move = move, .lines = lines };
	struct batch *batch =
	    record_batch_new(move->context, move->table->record, BATCH_EACH, count);

	if (batch == NULL)
		return error_out_of_memory(error);
	storing.batch = batch;
	batch->tell = tell_row;
	batch->data = &storing;
	for (unsigned i = 0; i < count; i++) {
		if (move->table->store != NULL)
			make_own(lines[i], &batch->rows[i]);
		else if (!make_change(lines[i], &batch->rows[i]))
			return error_set_detail(error, ERROR_INTERNAL,
			    "the map has a key of %s that cannot be read", move->table->name);
	}
	if (move->table->store == NULL && record_batch_prepare(move->context, batch, error) != 0)
		return -1;
	if (record_transaction(move->context, move->table->store != NULL ? store_each : store_batch,
		&storing, error) != 0)
		return -1;
	take_errors(&storing);
	return 0;
}
