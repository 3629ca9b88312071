/*
 * Reading rows, and following their relations.
 */
#define _GNU_SOURCE 1
#include "op/operation.h"

#include <stdlib.h>

/* Values of one member over all rows, nulls left out; the member may not be fetched. */
static unsigned gather(struct operation *operation, const struct row_list *rows, unsigned member,
    struct value **values)
{
	enum field_type type;
	unsigned count = 0;

	*values = arena_alloc_array(operation->arena, rows->count, sizeof(**values));
	if (*values == NULL || rows->count == 0)
		return 0;
	type = rows->rows[0]->resource->fields[member].type;
	for (unsigned i = 0; i < rows->count; i++) {
		const struct value *value = &rows->rows[i]->values[member];

		if (!row_filled(rows->rows[i], member))
			continue;
		/* Neighbours often share a parent; this keeps the usual list short without a set.
		 */
		if (count > 0 && field_type_info(type)->compare(&(*values)[count - 1], value) == 0)
			continue;
		(*values)[count++] = *value;
	}
	return count;
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
static int attach(struct operation *operation, const struct row_list *rows, unsigned number,
    const struct row_list *targets, struct error *error)
{
	const struct field *field = &rows->rows[0]->resource->fields[number];
	const struct relation *relation = field->relation;
	unsigned local = (unsigned)resource_field(rows->rows[0]->resource, relation->local);
	unsigned foreign = (unsigned)resource_field(relation->target, relation->foreign);
	const struct field_type_info *type =
	    field_type_info(relation->target->fields[foreign].type);
	struct run *runs = arena_alloc_array(operation->arena, targets->count, sizeof(runs[0]));
	unsigned count;

	if (runs == NULL)
		return operation_out_of_memory(error);
	count = find_runs(targets, foreign, type, runs);
	for (unsigned i = 0; i < rows->count; i++) {
		struct row *row = rows->rows[i];
		const struct run *run = row_filled(row, local)
					    ? find_run(runs, count, &row->values[local], type)
					    : NULL;

		if (field->type == FIELD_ONE)
			row_set_row(row, number, run != NULL ? targets->rows[run->first] : NULL);
		else
			row_set_list(row, number,
			    run != NULL
				? (struct row_list){ targets->rows + run->first, run->count }
				: (struct row_list){ NULL, 0 });
	}
	return 0;
}

static int follow(struct operation *operation, const struct resource *resource, unsigned number,
    const struct row_list *rows, struct error *error)
{
	const struct relation *relation = resource->fields[number].relation;
	unsigned local = (unsigned)resource_field(resource, relation->local);
	unsigned foreign = (unsigned)resource_field(relation->target, relation->foreign);
	struct row_list targets = { NULL, 0 };
	struct value *values;
	unsigned count = gather(operation, rows, local, &values);
	struct sql sql;

	if (values == NULL && rows->count > 0)
		return operation_out_of_memory(error);
	if (count > 0) {
		sql_init(&sql, operation->arena);
		sql_select(&sql, relation->target, resource_default_mask(relation->target));
		sql_where_in(&sql, relation->target, foreign, values, count);
		sql_append(&sql, " ORDER BY t.");
		sql_append(&sql, relation->target->fields[foreign].column);
		if (relation->target->order_by != NULL) {
			sql_append(&sql, ", ");
			sql_append(&sql, relation->target->order_by);
		}
		if (operation_fetch(operation, &sql, relation->target,
			resource_default_mask(relation->target), &targets, error) != 0)
			return -1;
	}
	return attach(operation, rows, number, &targets, error);
}

int operation_follow(struct operation *operation, const struct resource *resource, uint64_t mask,
    const struct row_list *rows, struct error *error)
{
	for (unsigned i = 0; i < resource->field_count && rows->count > 0; i++) {
		if (!(mask & FIELD_BIT(i)) || resource->fields[i].relation == NULL)
			continue;
		if (follow(operation, resource, i, rows, error) != 0)
			return -1;
	}
	return 0;
}

int operation_fetch(struct operation *operation, struct sql *sql, const struct resource *resource,
    uint64_t mask, struct row_list *rows, struct error *error)
{
	struct result result;

	if (sql->failed)
		return operation_out_of_memory(error);
	if (database_select(operation->database, operation->arena, sql->text, sql->binds,
		sql->bind_count, sql->columns, sql->column_count, &result, error) != 0)
		return -1;
	rows->count = 0;
	rows->rows = arena_alloc_array(operation->arena, result.count, sizeof(rows->rows[0]));
	if (rows->rows == NULL)
		return operation_out_of_memory(error);
	for (unsigned i = 0; i < result.count; i++) {
		struct row *row = sql_row(operation->arena, resource, mask, result.rows[i]);

		if (row == NULL)
			return operation_out_of_memory(error);
		rows->rows[rows->count++] = row;
	}
	if (operation_follow(operation, resource, mask, rows, error) != 0)
		return -1;
	if (resource->hooks.after_select != NULL)
		return resource->hooks.after_select(operation, rows->rows, rows->count, error);
	return 0;
}

uint64_t operation_mask(const struct operation *operation)
{
	const struct resource *resource = operation->route->resource;
	uint64_t mask = resource_default_mask(resource);

	for (const char *const *name = operation->route->include; name != NULL && *name != NULL;
	     name++)
		mask |= FIELD_BIT(resource_field(resource, *name));
	return mask;
}

int operation_fetch_one(struct operation *operation, const struct resource *resource, uint64_t mask,
    const struct row *keys, struct row **row, struct error *error)
{
	struct row_list rows;
	struct sql sql;

	sql_init(&sql, operation->arena);
	sql_select(&sql, resource, mask);
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (row_has(keys, i))
			sql_where_field(&sql, resource, i, &keys->values[i]);
	}
	if (operation_fetch(operation, &sql, resource, mask, &rows, error) != 0)
		return -1;
	if (rows.count == 0)
		return error_set(error, ERROR_NOT_FOUND, "The %s was not found.", resource->name);
	*row = rows.rows[0];
	return 0;
}
