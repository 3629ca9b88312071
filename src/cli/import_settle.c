/*
 * The end of a file: lines that waited, and texts that go round among the rows of a file.
 */
#include "cli/import_store.h"
#include "record/rows.h"

#define CHUNK 500 /* lines that are looked up together */

/* --- texts that rows leave --- */

/* The rows of the lines that are there, with what they may have to leave. */
static int fetch_rows(const struct import_store *store, struct import_line *const *lines,
    unsigned count, struct row_list *rows, struct error *error)
{
	const struct resource *resource = import_record(store)->resource;
	struct arena *arena = store->context->arena;
	struct value *keys = arena_alloc_array(arena, count, sizeof(keys[0]));
	unsigned key = import_key(store);

	if (keys == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < count; i++)
		keys[i] = lines[i]->row->values[key];
	return record_fetch_among(store->context, resource, key, keys, count,
	    FIELD_BIT(key) | import_exchangeable(resource), rows, error);
}

static bool is_same(const struct row *a, const struct row *b, unsigned member)
{
	return row_filled(a, member) && row_filled(b, member) && row_compare(a, b, member) == 0;
}

/* The members that the row leaves, since it is to be given others. NULL when memory runs out. */
static struct row *leave_members(
    const struct import_store *store, const struct row *stored, const struct row *wanted)
{
	struct row *cleared = row_new(store->context->arena, stored->resource);
	uint64_t mask = import_exchangeable(stored->resource);

	for (unsigned i = 0; cleared != NULL && mask >> i != 0; i++) {
		if (((mask >> i) & 1) && row_has(wanted, i) && row_filled(stored, i) &&
		    !is_same(stored, wanted, i))
			row_set_null(cleared, i);
	}
	return cleared;
}

/* Adds to the batch what the line's row leaves, if it is that of the line. */
static bool add_cleared(const struct import_store *store, const struct row *stored,
    const struct import_line *line, struct batch *batch)
{
	struct batch_row *row = &batch->rows[batch->count];

	if (!is_same(stored, line->row, import_key(store)))
		return true;
	row->change = (struct record_change){ .keys = import_copy_key(store, line),
		.sent = leave_members(store, stored, line->row) };
	row->changes = true;
	if (row->change.sent == NULL || row->change.keys == NULL)
		return false;
	batch->count += row->change.sent->present != 0;
	return true;
}

/*
 * Takes from the rows that are there what they are to be given anew and others may want; what
 * cannot be taken is told when the row is stored.
 */
static int clear_rows(const struct import_store *store, struct import_line *const *lines,
    unsigned count, struct error *error)
{
	struct row_list rows;
	struct batch *batch;

	if (fetch_rows(store, lines, count, &rows, error) != 0)
		return -1;
	batch = record_batch_new(store->context, import_record(store), BATCH_EACH, count + 1);
	if (batch == NULL)
		return error_out_of_memory(error);
	batch->count = 0;
	for (unsigned i = 0; i < rows.count; i++) {
		for (unsigned j = 0; j < count; j++) {
			if (!add_cleared(store, rows.rows[i], lines[j], batch))
				return error_out_of_memory(error);
		}
	}
	return record_batch_store(store->context, batch, error);
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
	return clear_rows(waiting->store, lines, count, error);
}

/* Rows are prepared here, too: how many wait is known at the end of the file only. */
static int store_chunk(const struct waiting *waiting, struct import_line *const *lines,
    unsigned count, struct error *error)
{
	struct context *context = waiting->store->context;
	struct batch *batch = import_make_batch(waiting->store, lines, count, error);

	if (batch == NULL || record_batch_prepare(context, batch, error) != 0 ||
	    record_batch_store(context, batch, error) != 0)
		return -1;
	import_note_results(waiting->store, batch, lines, waiting->wait->arena);
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
