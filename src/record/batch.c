#include "record/batch.h"

#include "record/rows.h"

struct batch *record_batch_new(
    struct context *context, const struct record *record, enum batch_mode mode, unsigned count)
{
	struct batch *batch = arena_alloc(context->arena, sizeof(*batch));

	if (batch == NULL)
		return NULL;
	batch->record = record;
	batch->mode = mode;
	batch->count = count;
	batch->rows = arena_alloc_array(context->arena, count, sizeof(batch->rows[0]));
	for (unsigned i = 0; batch->rows != NULL && i < count; i++)
		error_init(&batch->rows[i].before, context->arena);
	return batch->rows != NULL ? batch : NULL;
}

/* --- before the transaction --- */

/* The value that a row is named by; NULL = none. */
static const struct value *named_by(const struct batch *batch, unsigned number, unsigned member)
{
	const struct row *keys = batch->rows[number].change.keys;

	return keys != NULL && row_filled(keys, member) ? &keys->values[member] : NULL;
}

static bool same_name(
    const struct batch *batch, unsigned member, const struct value *a, const struct value *b)
{
	const struct field *field = &batch->record->resource->fields[member];

	return field_type_info(field->type)->compare(a, b) == 0;
}

static int read_named(struct context *context, const struct batch *batch, unsigned member,
    struct row_list *found, struct error *error)
{
	const struct resource *resource = batch->record->resource;
	struct value *names = arena_alloc_array(context->arena, batch->count, sizeof(names[0]));
	unsigned count = 0;

	if (names == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < batch->count; i++) {
		const struct value *value = named_by(batch, i, member);

		if (value != NULL)
			names[count++] = *value;
	}
	return record_fetch_among(
	    context, resource, member, names, count, FIELD_BIT(member), found, error);
}

/* Whether there is a row of that name, or will be one by then. */
static bool will_be_there(
    const struct batch *batch, unsigned number, unsigned member, const struct row_list *found)
{
	const struct value *value = named_by(batch, number, member);

	for (unsigned i = 0; i < found->count; i++) {
		if (same_name(batch, member, &found->rows[i]->values[member], value))
			return true;
	}
	for (unsigned i = 0; i < number; i++) {
		const struct value *earlier = named_by(batch, i, member);

		if (earlier != NULL && same_name(batch, member, earlier, value))
			return true;
	}
	return false;
}

int record_batch_find(
    struct context *context, struct batch *batch, unsigned member, struct error *error)
{
	struct row_list found;

	if (read_named(context, batch, member, &found, error) != 0)
		return -1;
	for (unsigned i = 0; i < batch->count; i++)
		batch->rows[i].changes =
		    named_by(batch, i, member) != NULL && will_be_there(batch, i, member, &found);
	return 0;
}

int record_batch_prepare(struct context *context, struct batch *batch, struct error *error)
{
	for (unsigned i = 0; i < batch->count; i++) {
		struct batch_row *row = &batch->rows[i];

		if (row->before.code != ERROR_NONE ||
		    record_prepare(
			context, batch->record, !row->changes, &row->change, &row->before) == 0)
			continue;
		if (!error_is_refusal(row->before.code)) {
			*error = row->before;
			return -1;
		}
	}
	return 0;
}

/* --- the whole --- */

static int run_batch(struct context *context, void *data, struct error *error)
{
	return record_batch_store(context, data, error);
}

int record_batch_run(struct context *context, struct batch *batch, bool trial, struct error *error)
{
	if (record_batch_prepare(context, batch, error) != 0)
		return -1;
	return trial ? record_trial(context, run_batch, batch, error)
		     : record_transaction(context, run_batch, batch, error);
}
