#include "cli/import_store.h"

#include "record/batch.h"

#define CHUNK 500 /* lines that are looked up together */

/* Members whose value only one row may have, and which a row may be without. */
static uint64_t exchangeable(const struct resource *resource)
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

static const struct record *record_of(const struct import_store *store)
{
	return store->header->kind->record;
}

static unsigned key_of(const struct import_store *store)
{
	return (unsigned)resource_field(record_of(store)->resource, store->header->kind->key);
}

/* --- lines as a batch --- */

/* The row's key alone. NULL when memory runs out. */
static struct row *copy_key(const struct import_store *store, const struct import_line *line)
{
	struct row *keys = row_new(store->context->arena, record_of(store)->resource);
	unsigned key = key_of(store);

	if (keys != NULL) {
		keys->values[key] = line->row->values[key];
		keys->present = FIELD_BIT(key);
	}
	return keys;
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
	if (record_batch_find_by(store->context, batch, key_of(store), error) != 0)
		return -1;
	for (unsigned i = 0; i < batch->count; i++) {
		struct batch_row *row = &batch->rows[i];

		if (!row->changes)
			check_new(batch->record, row->change.sent, &row->before);
	}
	return 0;
}

/* A batch that changes the rows that are there and adds the others. NULL with an error. */
static struct batch *make_batch(const struct import_store *store, struct import_line *const *lines,
    unsigned count, struct error *error)
{
	struct arena *arena = store->context->arena;
	struct batch *batch = record_batch_new(store->context, record_of(store), BATCH_EACH, count);

	for (unsigned i = 0; batch != NULL && i < count; i++)
		batch->rows[i].change = (struct record_change){ .keys = copy_key(store, lines[i]),
			.sent = row_copy(arena, lines[i]->row) };
	if (batch == NULL || arena_exhausted(arena)) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	return find_rows(store, batch, error) == 0 ? batch : NULL;
}

/*
 * Takes from the rows that are there what they are to be given anew and others may want; what
 * cannot be taken is told when the row is stored.
 */
static int clear_rows(
    const struct import_store *store, const struct batch *batch, struct error *error)
{
	const struct resource *resource = batch->record->resource;
	uint64_t mask = exchangeable(resource);
	struct batch *clear =
	    record_batch_new(store->context, batch->record, BATCH_EACH, batch->count);

	if (clear == NULL)
		return error_out_of_memory(error);
	clear->count = 0;
	for (unsigned i = 0; i < batch->count; i++) {
		const struct record_change *change = &batch->rows[i].change;
		struct batch_row *row = &clear->rows[clear->count];

		if (!batch->rows[i].changes || (change->sent->present & mask) == 0)
			continue;
		row->changes = true;
		row->change = (struct record_change){ .keys = change->keys,
			.sent = row_new(store->context->arena, resource) };
		if (row->change.sent == NULL)
			return error_out_of_memory(error);
		for (unsigned j = 0; j < resource->field_count; j++) {
			if (change->sent->present & mask & FIELD_BIT(j))
				row_set_null(row->change.sent, j);
		}
		clear->count++;
	}
	return record_batch_store(store->context, clear, error);
}

/* Whether another row has a text that the line wants, and may yet leave it. */
static bool is_taken(const struct resource *resource, const struct error *error)
{
	int member = error->code == ERROR_CONFLICT && error->faults != NULL
			 ? resource_field(resource, error->faults->path)
			 : -1;

	return member >= 0 && (exchangeable(resource) & FIELD_BIT(member)) != 0;
}

/* Notes in the lines what came of the batch. */
static void note_results(const struct import_store *store, const struct batch *batch,
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
		struct batch *batch = make_batch(store, left, left_count, error);

		if (batch == NULL || record_batch_run(store->context, batch, false, error) != 0)
			return -1;
		note_results(store, batch, left, arena);
		left_count = keep_missing(batch, left);
	}
	arena_go_back(store->context->arena, &mark);
	return 0;
}

/* --- all that waited --- */

struct waiting {
	const struct import_store *store;
	const struct import_wait *wait;
	bool trial;        /* nothing is to stay */
	bool refused_more; /* lines have been found that cannot be stored with the others */
};

/* What a former attempt has found may be gone. */
static void begin_lines(const struct import_wait *wait)
{
	for (unsigned i = 0; i < wait->count; i++) {
		struct import_line *line = wait->lines[i];

		if (!line->refused)
			line->faults = line->last_fault = NULL;
	}
}

static int clear_chunk(const struct waiting *waiting, struct import_line *const *lines,
    unsigned count, struct error *error)
{
	struct batch *batch = make_batch(waiting->store, lines, count, error);

	return batch != NULL ? clear_rows(waiting->store, batch, error) : -1;
}

/* Rows are prepared here, too: how many wait is known at the end of the file only. */
static int store_chunk(const struct waiting *waiting, struct import_line *const *lines,
    unsigned count, struct error *error)
{
	struct context *context = waiting->store->context;
	struct batch *batch = make_batch(waiting->store, lines, count, error);

	if (batch == NULL || record_batch_prepare(context, batch, error) != 0 ||
	    record_batch_store(context, batch, error) != 0)
		return -1;
	note_results(waiting->store, batch, lines, waiting->wait->arena);
	return 0;
}

/* Calls for all lines that take part, some at a time, whose memory goes back. */
static int each_chunk(const struct waiting *waiting,
    int (*work)(const struct waiting *waiting, struct import_line *const *lines, unsigned count,
	struct error *error),
    struct error *error)
{
	struct arena *arena = waiting->store->context->arena;
	const struct arena_mark mark = arena_mark(arena);
	struct import_line *lines[CHUNK];
	unsigned count = 0;

	for (unsigned i = 0; i < waiting->wait->count; i++) {
		struct import_line *line = waiting->wait->lines[i];

		if (!line->refused && !line->superseded)
			lines[count++] = line;
		if (count == 0 || (count < CHUNK && i + 1 < waiting->wait->count))
			continue;
		if (work(waiting, lines, count, error) != 0)
			return -1;
		arena_go_back(arena, &mark);
		count = 0;
	}
	return 0;
}

/*
 * One attempt to store all that waited, without those that were refused before. What a refused one
 * has, it keeps, and that may refuse others: any new one begins another attempt.
 */
static int store_waiting(struct context *context, void *data, struct error *error)
{
	struct waiting *waiting = data;
	const struct import_wait *wait = waiting->wait;

	(void)context;
	waiting->refused_more = false;
	begin_lines(wait);
	if (each_chunk(waiting, clear_chunk, error) != 0 ||
	    each_chunk(waiting, store_chunk, error) != 0)
		return -1;
	for (unsigned i = 0; i < wait->count; i++)
		waiting->refused_more |= !wait->lines[i]->refused && wait->lines[i]->faults != NULL;
	/* Any error rolls back; the caller knows this one. */
	return waiting->refused_more || waiting->trial ? error_set(error, ERROR_STALE, "Not yet.")
						       : 0;
}

int import_store_waiting(const struct import_store *store, const struct import_wait *wait,
    bool trial, struct error *error)
{
	struct waiting waiting = { .store = store, .wait = wait, .trial = trial };

	do {
		error_clear(error);
		if (record_transaction(store->context, store_waiting, &waiting, error) != 0 &&
		    error->code != ERROR_STALE)
			return -1;
		for (unsigned i = 0; i < wait->count; i++)
			wait->lines[i]->refused |= wait->lines[i]->faults != NULL;
	} while (waiting.refused_more);
	error_clear(error);
	return arena_exhausted(wait->arena) ? error_out_of_memory(error) : 0;
}
