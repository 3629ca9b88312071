/*
 * Batches within their transaction.
 */
#include "record/audit.h"
#include "record/batch.h"
#include "record/rows.h"

/* One statement reads or logs so many rows, as long as they need no more memory than that. */
#define CHUNK_ROWS 64
#define CHUNK_MEMORY (1024 * 1024)

#define FAULTS_MOST 1000 /* of one answer, of all rows */

/*
 * Some rows that follow each other. What they have in common is done once: the statements that read
 * what is stored, and write the logs.
 */
struct chunk {
	struct batch *batch;
	unsigned first, end; /* rows from `first` on, without `end` */
	size_t memory;       /* bytes of the arena that were used when it began */
	bool together;       /* the rows are stored, and not read yet */
};

/* Takes the next row into the chunk; false where that has enough. */
static bool take_next(const struct context *context, struct chunk *chunk)
{
	if (chunk->end == chunk->batch->count || chunk->end - chunk->first == CHUNK_ROWS ||
	    (chunk->end > chunk->first &&
		arena_used(context->arena) - chunk->memory > CHUNK_MEMORY))
		return false;
	chunk->end++;
	return true;
}

/* The same of rows that nobody is told of one by one. */
static int store_told(struct context *context, void *data, struct error *error)
{
	struct chunk *chunk = data;
	struct batch *batch = chunk->batch;
	struct record_change *changes[CHUNK_ROWS];
	unsigned count = 0;

	for (chunk->end = chunk->first; take_next(context, chunk);) {
		struct batch_row *row = &batch->rows[chunk->end - 1];

		row->error = row->before;
		if (row->error.code == ERROR_NONE)
			changes[count++] = &row->change;
	}
	return count > 0 ? record_insert_all(context, batch->record, changes, count, error) : 0;
}

/* New rows, without a savepoint for each: where one is refused, all of them are to be undone. */
static int store_together(struct context *context, void *data, struct error *error)
{
	struct chunk *chunk = data;
	struct batch *batch = chunk->batch;

	for (chunk->end = chunk->first; take_next(context, chunk);) {
		struct batch_row *row = &batch->rows[chunk->end - 1];

		row->error = row->before;
		if (row->error.code == ERROR_NONE &&
		    record_insert_row(context, batch->record, &row->change, error) != 0)
			return -1;
	}
	return 0;
}

static int change_row(struct context *context, void *data, struct error *error)
{
	const struct chunk *chunk = data;

	return record_update(
	    context, chunk->batch->record, &chunk->batch->rows[chunk->end - 1].change, error);
}

/* Each by itself. Returns -1 where nothing can be done for the other rows either. */
static int store_each(struct context *context, struct chunk *chunk, struct error *error)
{
	struct batch *batch = chunk->batch;

	for (chunk->end = chunk->first; take_next(context, chunk);) {
		struct batch_row *row = &batch->rows[chunk->end - 1];
		int result;

		row->error = row->before;
		if (row->error.code != ERROR_NONE)
			continue;
		result = row->changes
			     ? record_attempt(context, change_row, chunk, &row->error)
			     : record_insert(context, batch->record, &row->change, &row->error);
		if (result != 0 && !record_may_go_on(context, &row->error)) {
			*error = row->error;
			return -1;
		}
	}
	return 0;
}

static bool has_changes(const struct batch *batch)
{
	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->rows[i].changes)
			return true;
	}
	return false;
}

/* As a rule no row is refused, and none needs a savepoint of its own. */
static int store_rows(struct context *context, struct chunk *chunk, struct error *error)
{
	chunk->together = false;
	if (has_changes(chunk->batch))
		return store_each(context, chunk, error);
	if (record_attempt(context, context->told ? store_told : store_together, chunk, error) ==
	    0) {
		chunk->together = true;
		return 0;
	}
	if (!record_may_go_on(context, error))
		return -1;
	error_clear(error);
	return store_each(context, chunk, error);
}

static struct row *find_stored(
    const struct resource *resource, const struct row_list *rows, const struct row *key)
{
	unsigned number = resource_key(resource);

	for (unsigned i = 0; i < rows->count; i++) {
		if (row_compare(rows->rows[i], key, number) == 0)
			return rows->rows[i];
	}
	return NULL;
}

/* What the rows have become that nothing has told of, in one statement for all of them. */
static int read_stored(
    struct context *context, const struct chunk *chunk, struct row_list *rows, struct error *error)
{
	const struct resource *resource = chunk->batch->record->resource;
	unsigned key = resource_key(resource), count = 0;
	struct value *keys =
	    arena_alloc_array(context->arena, chunk->end - chunk->first, sizeof(keys[0]));

	if (keys == NULL)
		return error_out_of_memory(error);
	for (unsigned i = chunk->first; i < chunk->end; i++) {
		const struct batch_row *row = &chunk->batch->rows[i];

		if (row->error.code == ERROR_NONE && row->change.stored == NULL)
			keys[count++] = row->change.key->values[key];
	}
	return record_fetch_among(context, resource, key, keys, count,
	    resource_default_mask(resource) | FIELD_BIT(key), rows, error);
}

/* The second half of rows that were stored together. */
static int end_together(struct context *context, const struct chunk *chunk, struct error *error)
{
	const struct resource *resource = chunk->batch->record->resource;
	struct row_list rows;

	/* Nobody is told of them one by one. */
	if (context->told)
		return 0;
	if (read_stored(context, chunk, &rows, error) != 0)
		return -1;
	for (unsigned i = chunk->first; i < chunk->end; i++) {
		struct batch_row *row = &chunk->batch->rows[i];
		struct row *stored = row->change.stored;

		if (row->error.code != ERROR_NONE)
			continue;
		if (stored == NULL)
			stored = find_stored(resource, &rows, row->change.key);
		if (stored == NULL)
			return resource_not_found(resource, error);
		if (record_insert_end(context, &row->change, stored, error) != 0)
			return -1;
	}
	return 0;
}

static int tell_rows(struct context *context, const struct chunk *chunk, struct error *error)
{
	struct batch *batch = chunk->batch;

	for (unsigned i = chunk->first; i < chunk->end; i++) {
		if (batch->rows[i].error.code == ERROR_NONE)
			batch->stored++;
		else
			batch->refused++;
		if (batch->tell != NULL && batch->tell(context, batch->data, batch, i, error) != 0)
			return -1;
	}
	return 0;
}

/* Gives back what the chunk has taken, all but what was wrong with its rows. */
static void forget_chunk(
    struct context *context, const struct chunk *chunk, const struct arena_mark *mark)
{
	struct error *errors[CHUNK_ROWS];
	unsigned count = 0;

	for (unsigned i = chunk->first; i < chunk->end; i++) {
		struct batch_row *row = &chunk->batch->rows[i];

		row->change.key = row->change.row = row->change.before = row->change.stored = NULL;
		if (row->error.code != ERROR_NONE && row->before.code == ERROR_NONE)
			errors[count++] = &row->error;
	}
	error_outlive(context->arena, mark, errors, count);
}

static int store_chunk(struct context *context, struct chunk *chunk, struct error *error)
{
	const struct arena_mark mark = arena_mark(context->arena);

	chunk->memory = arena_used(context->arena);
	if (audit_hold(context, CHUNK_ROWS, error) != 0 || store_rows(context, chunk, error) != 0 ||
	    (chunk->together && end_together(context, chunk, error) != 0) ||
	    audit_write(context, error) != 0 || tell_rows(context, chunk, error) != 0)
		return -1;
	forget_chunk(context, chunk, &mark);
	return 0;
}

void record_batch_name_faults(const struct error *refusal, unsigned number, struct error *error)
{
	struct arena *arena = error->arena;
	const char *row = arena_printf(arena, "[%u]", number);

	if (refusal->faults == NULL)
		error_add_fault(error, row, "%s",
		    refusal->message != NULL ? refusal->message
					     : error_code_message(refusal->code));
	for (const struct fault *fault = refusal->faults; fault != NULL; fault = fault->next) {
		bool joined = fault->path[0] == '\0' || fault->path[0] == '[';

		error_add_fault(error,
		    arena_printf(arena, "%s%s%s", row, joined ? "" : ".", fault->path), "%s",
		    fault->message);
	}
}

/* What is wrong with a row itself tells more than what stands in its way. */
static enum error_code choose_code(const struct batch *batch)
{
	enum error_code code = ERROR_NONE;

	for (unsigned i = 0; i < batch->count; i++) {
		enum error_code next = batch->rows[i].error.code;

		if (code == ERROR_NONE || next == ERROR_INVALID)
			code = next;
	}
	return code;
}

static int refuse_all(const struct batch *batch, struct error *error)
{
	error->code = choose_code(batch);
	error->fault_most = FAULTS_MOST;
	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->rows[i].error.code != ERROR_NONE)
			record_batch_name_faults(&batch->rows[i].error, i, error);
	}
	return error_set(error, error->code,
	    error->fault_count == FAULTS_MOST ? "%u of %u rows cannot be stored, so none was. "
						"There may be more faults than these."
					      : "%u of %u rows cannot be stored, so none was.",
	    batch->refused, batch->count);
}

int record_batch_store(struct context *context, struct batch *batch, struct error *error)
{
	struct chunk chunk = { .batch = batch };

	batch->stored = batch->refused = 0;
	for (; chunk.first < batch->count; chunk.first = chunk.end) {
		if (store_chunk(context, &chunk, error) != 0)
			return -1;
	}
	if (batch->refused > 0 && batch->mode == BATCH_ALL)
		return refuse_all(batch, error);
	return 0;
}
