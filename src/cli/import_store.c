#include "cli/import_store.h"

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

/* Several lines in one transaction. */
struct work {
	const struct import_store *store;
	struct import_line *const *lines;
	unsigned count;
	struct arena *arena; /* of their faults */
	bool trial;          /* nothing is to stay */
	bool refused_more;   /* lines have been found that cannot be stored with the others */
};

/* One of them. */
struct step {
	const struct import_store *store;
	struct import_line *line;
};

static const struct record *record_of(const struct step *step)
{
	return step->store->header->kind->record;
}

/* The row's key alone. NULL when memory runs out. */
static struct row *copy_key(struct context *context, const struct step *step)
{
	const struct resource *resource = record_of(step)->resource;
	unsigned key = (unsigned)resource_field(resource, step->store->header->kind->key);
	struct row *keys = row_new(context->arena, resource);

	if (keys != NULL) {
		keys->values[key] = step->line->row->values[key];
		keys->present = FIELD_BIT(key);
	}
	return keys;
}

/* What a new row must have, and what holds between its members. */
static int check_new(const struct record *record, const struct row *row, struct error *error)
{
	const struct resource *resource = record->resource;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if ((resource->fields[i].flags & FIELD_REQUIRED) && !row_filled(row, i))
			error_add_fault(error, resource->fields[i].name,
			    "The %s field is required.", resource->fields[i].name);
	}
	record_check(record, row, true, error);
	return error->code == ERROR_NONE ? 0 : -1;
}

/* Changes the row that is there, or adds it. */
static int store_line(struct context *context, void *data, struct error *error)
{
	const struct step *step = data;
	const struct record *record = record_of(step);
	struct row *keys = copy_key(context, step);
	struct record_change change = { .keys = keys,
		.sent = row_copy(context->arena, step->line->row) };

	if (keys == NULL || change.sent == NULL)
		return error_out_of_memory(error);
	step->line->added = false;
	change.sent->present &= ~keys->present;
	if (record_update(context, record, &change, error) == 0)
		return 0;
	if (error->code != ERROR_NOT_FOUND)
		return -1;
	error_clear(error);
	step->line->added = true;
	change = (struct record_change){ .sent = change.sent };
	change.sent->present |= keys->present;
	return check_new(record, change.sent, error) == 0
		   ? record_insert(context, record, &change, error)
		   : -1;
}

/* Takes from the row, if it is there, what it is to be given anew and others may want. */
static int clear_line(struct context *context, void *data, struct error *error)
{
	const struct step *step = data;
	const struct record *record = record_of(step);
	uint64_t mask = exchangeable(record->resource) & step->line->row->present;
	struct record_change change = { .keys = copy_key(context, step),
		.sent = row_new(context->arena, record->resource) };

	if (change.keys == NULL || change.sent == NULL)
		return error_out_of_memory(error);
	change.sent->present = mask;
	for (unsigned i = 0; i < record->resource->field_count; i++)
		change.sent->values[i].null = true;
	if (mask == 0 || record_update(context, record, &change, error) == 0)
		return 0;
	if (error->code != ERROR_NOT_FOUND)
		return -1;
	error_clear(error);
	return 0;
}

/* Whether another row has a text that the line wants, and may yet leave it. */
static bool is_taken(const struct step *step, const struct error *error)
{
	const struct resource *resource = record_of(step)->resource;
	int member = error->code == ERROR_CONFLICT && error->faults != NULL
			 ? resource_field(resource, error->faults->path)
			 : -1;

	return member >= 0 && (exchangeable(resource) & FIELD_BIT(member)) != 0;
}

/* What a former attempt has found may be gone. */
static void begin_lines(const struct work *work)
{
	for (unsigned i = 0; i < work->count; i++) {
		struct import_line *line = work->lines[i];

		line->taken = false;
		if (!line->refused)
			line->faults = line->last_fault = NULL;
	}
}

/*
 * Does `task` for each line. A refusal is the line's, and the others go on; memory goes back behind
 * each, whatever came of it.
 */
static int each_line(struct context *context, const struct work *work,
    int (*task)(struct context *context, void *data, struct error *error), struct error *error)
{
	const struct arena_mark mark = arena_mark(context->arena);

	for (unsigned i = 0; i < work->count; i++) {
		struct step step = { work->store, work->lines[i] };

		if (step.line->refused || step.line->superseded)
			continue;
		if (record_attempt(context, task, &step, error) != 0) {
			if (!record_may_go_on(context, error))
				return -1;
			step.line->taken = is_taken(&step, error);
			import_add_error(work->arena, work->store->header, step.line, error);
			error_clear(error);
		}
		arena_go_back(context->arena, &mark);
	}
	return 0;
}

static int store_batch(struct context *context, void *data, struct error *error)
{
	const struct work *work = data;

	begin_lines(work);
	return each_line(context, work, store_line, error);
}

int import_store_batch(const struct import_store *store, struct import_line *const *lines,
    unsigned count, struct arena *arena, struct error *error)
{
	struct work work = { .store = store, .lines = lines, .count = count, .arena = arena };

	return record_transaction(store->context, store_batch, &work, error);
}

/*
 * One attempt to store all that waited, without those that were refused before. What a refused one
 * has, it keeps, and that may refuse others: any new one begins another attempt.
 */
static int store_waiting(struct context *context, void *data, struct error *error)
{
	struct work *work = data;

	work->refused_more = false;
	begin_lines(work);
	if (each_line(context, work, clear_line, error) != 0)
		return -1;
	begin_lines(work);
	if (each_line(context, work, store_line, error) != 0)
		return -1;
	for (unsigned i = 0; i < work->count; i++)
		work->refused_more |= !work->lines[i]->refused && work->lines[i]->faults != NULL;
	/* Any error rolls back; the caller knows this one. */
	return work->refused_more || work->trial ? error_set(error, ERROR_STALE, "Not yet.") : 0;
}

int import_store_waiting(const struct import_store *store, const struct import_wait *wait,
    bool trial, struct error *error)
{
	struct work work = { .store = store,
		.lines = wait->lines,
		.count = wait->count,
		.arena = wait->arena,
		.trial = trial };

	do {
		error_clear(error);
		if (record_transaction(store->context, store_waiting, &work, error) != 0 &&
		    error->code != ERROR_STALE)
			return -1;
		for (unsigned i = 0; i < work.count; i++)
			work.lines[i]->refused |= work.lines[i]->faults != NULL;
	} while (work.refused_more);
	error_clear(error);
	return arena_exhausted(wait->arena) ? error_out_of_memory(error) : 0;
}
