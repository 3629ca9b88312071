/*
 * Reading rows, and following their relations.
 */
#define _GNU_SOURCE 1
#include "record/fetch.h"

#include <stdlib.h>

#include "record/select.h"

/* Values of one query: far below the 65,535 that a statement may bind. */
#define VALUES_AT_ONCE 8192

static int compare_values(const void *a, const void *b, void *type)
{
	return ((const struct field_type_info *)type)->compare(a, b);
}

/* Different values of one member over all rows, nulls left out; the member may not be fetched. */
static unsigned gather(
    struct context *context, const struct row_list *rows, unsigned member, struct value **values)
{
	const struct field_type_info *type;
	unsigned count = 0, kept = 0;

	*values = arena_alloc_array(context->arena, rows->count, sizeof(**values));
	if (*values == NULL || rows->count == 0)
		return 0;
	type = field_type_info(rows->rows[0]->resource->fields[member].type);
	for (unsigned i = 0; i < rows->count; i++) {
		if (row_filled(rows->rows[i], member))
			(*values)[count++] = rows->rows[i]->values[member];
	}
	if (count > 1)
		qsort_r(*values, count, sizeof(**values), compare_values, (void *)(uintptr_t)type);
	for (unsigned i = 0; i < count; i++) {
		if (kept == 0 || type->compare(&(*values)[kept - 1], &(*values)[i]) != 0)
			(*values)[kept++] = (*values)[i];
	}
	return kept;
}

/* Targets of one value: they come ordered by the foreign member, so they stand together. */
struct run {
	const struct value *value;
	unsigned first, count;
};

static int compare_runs(const void *a, const void *b, void *type)
{
	return ((const struct field_type_info *)type)
	    ->compare(((const struct run *)a)->value, ((const struct run *)b)->value);
}

/* Cuts the targets into runs, sorted by value: the database's order need not be that of memory. */
static unsigned find_runs(const struct row_list *targets, unsigned foreign,
    const struct field_type_info *type, struct run *runs)
{
	unsigned count = 0;

	for (unsigned i = 0; i < targets->count; i++) {
		const struct value *value = &targets->rows[i]->values[foreign];

		if (count > 0 && type->compare(runs[count - 1].value, value) == 0)
			runs[count - 1].count++;
		else
			runs[count++] = (struct run){ value, i, 1 };
	}
	if (count > 1)
		qsort_r(runs, count, sizeof(runs[0]), compare_runs, (void *)(uintptr_t)type);
	return count;
}

static const struct run *find_run(const struct run *runs, unsigned count, const struct value *value,
    const struct field_type_info *type)
{
	unsigned low = 0, high = count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		int order = type->compare(runs[middle].value, value);

		if (order == 0)
			return &runs[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Gives each row its targets: one, or a slice of the list. */
static int attach(struct context *context, const struct row_list *rows, unsigned number,
    const struct row_list *targets, struct error *error)
{
	const struct field *field = &rows->rows[0]->resource->fields[number];
	const struct relation *relation = field->relation;
	unsigned local = resource_member(rows->rows[0]->resource, relation->local);
	unsigned foreign = resource_member(relation->target, relation->foreign);
	const struct field_type_info *type =
	    field_type_info(relation->target->fields[foreign].type);
	struct run *runs = arena_alloc_array(context->arena, targets->count, sizeof(runs[0]));
	unsigned count;

	if (runs == NULL)
		return error_out_of_memory(error);
	count = find_runs(targets, foreign, type, runs);
	for (unsigned i = 0; i < rows->count; i++) {
		struct row *row = rows->rows[i];
		const struct run *run = row_filled(row, local)
					    ? find_run(runs, count, &row->values[local], type)
					    : NULL;

		if (field_holds(field) == VALUE_ROW)
			row_set_row(row, number, run != NULL ? targets->rows[run->first] : NULL);
		else
			row_set_list(row, number,
			    run != NULL
				? (struct row_list){ targets->rows + run->first, run->count }
				: (struct row_list){ NULL, 0 });
	}
	return 0;
}

static int append_rows(struct context *context, struct row_list *rows, const struct row_list *more,
    struct error *error)
{
	struct row **all;

	if (rows->count == 0) {
		*rows = *more;
		return 0;
	}
	all = arena_alloc_array(context->arena, rows->count + more->count, sizeof(all[0]));
	if (all == NULL)
		return error_out_of_memory(error);
	memcpy(all, rows->rows, rows->count * sizeof(all[0]));
	if (more->count > 0)
		memcpy(all + rows->count, more->rows, more->count * sizeof(all[0]));
	rows->rows = all;
	rows->count += more->count;
	return 0;
}

static int fetch_targets(struct context *context, const struct field *field,
    const struct selection *part, const struct value *values, unsigned count,
    struct row_list *targets, struct error *error)
{
	const struct resource *target = field->relation->target;
	unsigned foreign = resource_member(target, field->relation->foreign);

	for (unsigned done = 0; done < count; done += VALUES_AT_ONCE) {
		unsigned now = count - done < VALUES_AT_ONCE ? count - done : VALUES_AT_ONCE;
		struct row_list more;
		struct sql sql;

		sql_init(&sql, context->arena);
		sql.bounded = part->bounded;
		record_select(context, (field->flags & FIELD_OWNED) ? RECORD_PART : RECORD_FOLLOWED,
		    &sql, target, part->fetched);
		sql_where_in(&sql, target, foreign, values + done, now);
		if (field_holds(field) == VALUE_LIST)
			sql_order_runs(&sql, target, foreign);
		if (record_fetch_selection(context, &sql, part, &more, error) != 0 ||
		    append_rows(context, targets, &more, error) != 0)
			return -1;
	}
	return 0;
}

static int follow(struct context *context, const struct resource *resource, unsigned number,
    const struct selection *part, const struct row_list *rows, struct error *error)
{
	const struct relation *relation = resource->fields[number].relation;
	unsigned local = resource_member(resource, relation->local);
	struct row_list targets = { NULL, 0 };
	struct selection ordinary;
	struct value *values;
	unsigned count = gather(context, rows, local, &values);

	if (values == NULL && rows->count > 0)
		return error_out_of_memory(error);
	if (part == NULL) {
		selection_begin(
		    &ordinary, relation->target, resource_default_mask(relation->target));
		part = &ordinary;
	}
	if (fetch_targets(
		context, &resource->fields[number], part, values, count, &targets, error) != 0)
		return -1;
	return attach(context, rows, number, &targets, error);
}

static int follow_all(struct context *context, const struct selection *selection,
    const struct row_list *rows, struct error *error)
{
	const struct resource *resource = selection->resource;

	for (unsigned i = 0; i < resource->field_count && rows->count > 0; i++) {
		if (!(selection->fetched & FIELD_BIT(i)) || resource->fields[i].relation == NULL)
			continue;
		if (follow(context, resource, i, selection->parts[i], rows, error) != 0)
			return -1;
	}
	return 0;
}

int record_follow(struct context *context, const struct resource *resource, uint64_t mask,
    const struct row_list *rows, struct error *error)
{
	struct selection selection;

	selection_begin(&selection, resource, mask);
	return follow_all(context, &selection, rows, error);
}

/* Values of which a beginning was read only, since the list does not show such large ones. */
static void leave_large(struct row *row, uint64_t bounded)
{
	for (; bounded != 0; bounded &= bounded - 1) {
		unsigned i = (unsigned)__builtin_ctzll(bounded);

		/* No text has more characters than bytes. */
		if (!row_filled(row, i) || row->values[i].text.length <= FIELD_LISTED_MAX ||
		    str_utf8_length(row->values[i].text) <= FIELD_LISTED_MAX)
			continue;
		row->present &= ~FIELD_BIT(i);
		row->left_out |= FIELD_BIT(i);
	}
}

void record_narrow(struct row *row, const struct selection *selection)
{
	row->narrowed = selection->narrowed;
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		const struct field *field = &row->resource->fields[i];
		bool shown = (selection->shown & FIELD_BIT(i)) != 0;

		if (selection->narrowed && !shown)
			row->present &= ~FIELD_BIT(i);
		else if (selection->narrowed && !row_has(row, i) && field->relation == NULL &&
			 !(field->flags & FIELD_OMIT_ABSENT))
			row_set_null(row, i);
		if (field->object != NULL && selection->parts[i] != NULL && row_filled(row, i))
			record_narrow(row->values[i].row, selection->parts[i]);
	}
}

/* Whether record_narrow() may change a row that was just read. */
static bool narrows(const struct selection *selection)
{
	bool narrows = selection->narrowed;

	for (unsigned i = 0; i < selection->resource->field_count; i++)
		narrows |=
		    selection->parts[i] != NULL && selection->resource->fields[i].object != NULL;
	return narrows;
}

int record_load(struct context *context, const struct selection *selection,
    const struct result *result, struct row_list *rows, struct error *error)
{
	const struct resource *resource = selection->resource;
	bool narrowing = narrows(selection);

	rows->count = 0;
	rows->rows = arena_alloc_array(context->arena, result->count, sizeof(rows->rows[0]));
	if (rows->rows == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < result->count; i++) {
		struct row *row =
		    sql_row(context->arena, resource, selection->fetched, result->rows[i]);

		if (row == NULL)
			return error_out_of_memory(error);
		leave_large(row, selection->bounded);
		rows->rows[rows->count++] = row;
	}
	if (follow_all(context, selection, rows, error) != 0)
		return -1;
	for (unsigned i = 0; narrowing && i < rows->count; i++)
		record_narrow(rows->rows[i], selection);
	return 0;
}

int record_fetch_selection(struct context *context, struct sql *sql,
    const struct selection *selection, struct row_list *rows, struct error *error)
{
	struct result result;

	if (sql_run_select(sql, context->database, &result, error) != 0)
		return -1;
	return record_load(context, selection, &result, rows, error);
}

int record_fetch(struct context *context, struct sql *sql, const struct resource *resource,
    uint64_t mask, struct row_list *rows, struct error *error)
{
	struct selection selection;

	selection_begin(&selection, resource, mask);
	return record_fetch_selection(context, sql, &selection, rows, error);
}

/*
 * A locking SELECT of joined tables locks the rows of all of them, in whatever order: of such a
 * resource, its own row is locked first, by itself. Where that is not there, no join finds it.
 */
static int lock_alone(
    struct context *context, const struct row *keys, bool *done, struct error *error)
{
	struct result result;
	struct sql sql;

	sql_init(&sql, context->arena);
	*done = sql_lock(&sql, keys);
	if (!*done)
		return 0;
	/* Rows of others are not locked, and cost what rows do that are not there. */
	record_where_asked(context, &sql, keys->resource);
	sql_append(&sql, " FOR UPDATE");
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	return result.count > 0 ? 0 : resource_not_found(keys->resource, error);
}

/* The one row of the keys: of one's own where the caller sees no others, locked for a change. */
static int fetch_named(struct context *context, const struct resource *resource, uint64_t mask,
    const struct row *keys, bool locked, struct row **row, struct error *error)
{
	bool alone = false;
	struct row_list rows;
	struct sql sql;

	if (locked && resource->from != NULL && lock_alone(context, keys, &alone, error) != 0)
		return -1;
	sql_init(&sql, context->arena);
	record_select(context, RECORD_ASKED, &sql, resource, mask);
	sql_where_row(&sql, keys);
	if (locked && !alone)
		sql_append(&sql, " FOR UPDATE");
	if (record_fetch(context, &sql, resource, mask, &rows, error) != 0)
		return -1;
	if (rows.count == 0)
		return resource_not_found(resource, error);
	*row = rows.rows[0];
	return 0;
}

int record_fetch_one(struct context *context, const struct resource *resource, uint64_t mask,
    const struct row *keys, struct row **row, struct error *error)
{
	return fetch_named(context, resource, mask, keys, false, row, error);
}

int record_fetch_locked(struct context *context, const struct resource *resource, uint64_t mask,
    const struct row *keys, struct row **row, struct error *error)
{
	return fetch_named(context, resource, mask, keys, true, row, error);
}

int record_try(struct database *database, struct arena *arena, const struct resource *resource,
    struct error *error)
{
	const struct value nobody = { .null = true };
	struct result result;
	struct sql sql;

	sql_init(&sql, arena);
	sql_select(&sql, resource, resource_default_mask(resource));
	sql_where_field(&sql, resource, resource_key(resource), &nobody);
	if (sql.failed)
		return error_out_of_memory(error);
	return database_select_once(database, arena, sql.text, sql.binds, sql.bind_count,
	    sql.columns, sql.column_count, &result, error);
}
