#include "cli/import_store.h"

uint64_t import_exchangeable(const struct resource *resource)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < resource->unique_count; i++) {
		const struct unique_key *unique = &resource->uniques[i];
		int member = resource_field(resource, unique->member);

		if (unique->alone && !(resource->fields[member].flags &
					 (FIELD_KEY | FIELD_REQUIRED | FIELD_NOT_NULL)))
			mask |= FIELD_BIT(member);
	}
	return mask;
}

const struct record *import_record(const struct import_store *store)
{
	return store->header->kind->record;
}

unsigned import_key(const struct import_store *store)
{
	return resource_member(import_record(store)->resource, store->header->kind->key);
}

/* --- lines as a batch --- */

struct row *import_copy_key(const struct import_store *store, const struct import_line *line)
{
	unsigned key = import_key(store);

	return row_with(
	    store->context->arena, import_record(store)->resource, key, &line->row->values[key]);
}

/* What a new row must have, and what holds between its members. */
static void check_new(const struct record *record, const struct row *row, struct error *error)
{
	const struct resource *resource = record->resource;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if ((resource->fields[i].flags & FIELD_REQUIRED) && !row_filled(row, i))
			error_add_fault(error, resource->fields[i].name,
			    "The %s field is required.", resource->fields[i].name);
	}
	record_check(record, row, true, error);
}

/* Finds out which of the lines are new, and looks at these once more. */
static int find_rows(const struct import_store *store, struct batch *batch, struct error *error)
{
	if (record_batch_find(store->context, batch, import_key(store), error) != 0)
		return -1;
	for (unsigned i = 0; i < batch->count; i++) {
		struct batch_row *row = &batch->rows[i];

		if (!row->changes)
			check_new(batch->record, row->change.sent, &row->before);
	}
	return 0;
}

struct batch *import_make_batch(const struct import_store *store, struct import_line *const *lines,
    unsigned count, struct error *error)
{
	struct arena *arena = store->context->arena;
	struct batch *batch =
	    record_batch_new(store->context, import_record(store), BATCH_EACH, count);

	for (unsigned i = 0; batch != NULL && i < count; i++)
		batch->rows[i].change =
		    (struct record_change){ .keys = import_copy_key(store, lines[i]),
			    .sent = row_copy(arena, lines[i]->row) };
	if (batch == NULL || arena_exhausted(arena)) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	return find_rows(store, batch, error) == 0 ? batch : NULL;
}

/* --- what came of it --- */

/* Whether another row has a text that the line wants, and may yet leave it. */
static bool is_taken(const struct resource *resource, const struct error *error)
{
	int member = error->code == ERROR_CONFLICT && error->faults != NULL
			 ? resource_field(resource, error->faults->path)
			 : -1;

	return member >= 0 && (import_exchangeable(resource) & FIELD_BIT(member)) != 0;
}

void import_note_results(const struct import_store *store, const struct batch *batch,
    struct import_line *const *lines, struct arena *arena)
{
	for (unsigned i = 0; i < batch->count; i++) {
		const struct batch_row *row = &batch->rows[i];

		lines[i]->added = !row->changes;
		lines[i]->taken = is_taken(batch->record->resource, &row->error);
		if (row->error.code != ERROR_NONE)
			import_add_error(arena, store->header, lines[i], &row->error);
	}
}

/* --- a batch by itself --- */

/*
 * Leaves the lines whose row is gone, or was to be made by a line that was refused: they are tried
 * again. Returns their number.
 */
static unsigned keep_missing(const struct batch *batch, struct import_line **lines)
{
	unsigned count = 0;

	for (unsigned i = 0; i < batch->count; i++) {
		if (!batch->rows[i].changes || batch->rows[i].error.code != ERROR_NOT_FOUND)
			continue;
		lines[i]->faults = lines[i]->last_fault = NULL;
		lines[count++] = lines[i];
	}
	return count;
}

int import_store_batch(const struct import_store *store, struct import_line *const *lines,
    unsigned count, struct arena *arena, struct error *error)
{
	const struct arena_mark mark = arena_mark(store->context->arena);
	struct import_line **left =
	    arena_alloc_array(store->context->arena, count, sizeof(struct import_line *));
	unsigned left_count = 0;

	if (left == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < count; i++) {
		if (!lines[i]->refused)
			left[left_count++] = lines[i];
	}
	while (left_count > 0) {
		struct batch *batch = import_make_batch(store, left, left_count, error);

		if (batch == NULL || record_batch_run(store->context, batch, false, error) != 0)
			return -1;
		import_note_results(store, batch, left, arena);
		left_count = keep_missing(batch, left);
	}
	arena_go_back(store->context->arena, &mark);
	return 0;
}
