#include "schema/row.h"

struct row *row_new(struct arena *arena, const struct resource *resource)
{
	struct row *row =
	    arena_alloc(arena, sizeof(*row) + resource->field_count * sizeof(row->values[0]));

	if (row == NULL)
		return NULL;
	row->resource = resource;
	for (unsigned i = 0; i < resource->field_count; i++)
		row->values[i].null = true;
	return row;
}

/* Marks the field present and returns its value to be filled. */
static struct value *set(struct row *row, unsigned field, bool null)
{
	row->present |= FIELD_BIT(field);
	row->values[field].null = null;
	return &row->values[field];
}

struct row *row_merge(struct arena *arena, const struct row *row, const struct row *changes)
{
	struct row *merged = row_new(arena, row->resource);

	for (unsigned i = 0; merged != NULL && i < row->resource->field_count; i++)
		merged->values[i] = row_has(changes, i) ? changes->values[i] : row->values[i];
	if (merged != NULL)
		merged->present = row->present | changes->present;
	return merged;
}

void row_set_null(struct row *row, unsigned field)
{
	set(row, field, true);
}

void row_set_integer(struct row *row, unsigned field, int64_t value)
{
	set(row, field, false)->integer = value;
}

void row_set_boolean(struct row *row, unsigned field, bool value)
{
	set(row, field, false)->boolean = value;
}

void row_set_text(struct row *row, unsigned field, struct str value)
{
	set(row, field, false)->text = value;
}

void row_set_uuid(struct row *row, unsigned field, struct uuid value)
{
	set(row, field, false)->uuid = value;
}

void row_set_row(struct row *row, unsigned field, struct row *value)
{
	set(row, field, value == NULL)->row = value;
}

void row_set_list(struct row *row, unsigned field, struct row_list value)
{
	set(row, field, false)->list = value;
}
