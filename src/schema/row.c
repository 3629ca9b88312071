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

struct row *row_with(
    struct arena *arena, const struct resource *resource, unsigned field, const struct value *value)
{
	struct row *row = row_new(arena, resource);

	if (row == NULL)
		return NULL;
	row->values[field] = *value;
	row->present = FIELD_BIT(field);
	return row;
}

/* Puts copies in the place of what a copied value points at. False when the arena is exhausted. */
static bool copy_value(struct arena *arena, enum value_kind kind, struct value *value)
{
	struct row_list list;

	if (value->null)
		return true;
	if (kind == VALUE_ROW) {
		value->row = row_copy(arena, value->row);
		return value->row != NULL;
	}
	if (kind != VALUE_LIST || value->list.count == 0)
		return true;
	list = value->list;
	value->list.rows = arena_alloc_array(arena, list.count, sizeof(*list.rows));
	for (unsigned i = 0; value->list.rows != NULL && i < list.count; i++) {
		value->list.rows[i] = row_copy(arena, list.rows[i]);
		if (value->list.rows[i] == NULL)
			return false;
	}
	return value->list.rows != NULL;
}

struct row *row_copy(struct arena *arena, const struct row *row)
{
	struct row *copy = row_new(arena, row->resource);

	if (copy == NULL)
		return NULL;
	copy->present = row->present;
	copy->narrowed = row->narrowed;
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		copy->values[i] = row->values[i];
		if (row_has(row, i) &&
		    !copy_value(arena, field_holds(&row->resource->fields[i]), &copy->values[i]))
			return NULL;
	}
	return copy;
}

struct row *row_narrow(struct arena *arena, const struct row *row, uint64_t mask)
{
	struct row *narrow = row_new(arena, row->resource);

	if (narrow == NULL)
		return NULL;
	narrow->narrowed = true;
	narrow->present = row->present & mask;
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if (row_has(narrow, i))
			narrow->values[i] = row->values[i];
	}
	return narrow;
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

int row_word(const struct row *row, unsigned field)
{
	const struct enumerator *found =
	    row_filled(row, field) ? enumeration_find(row->resource->fields[field].enumeration,
					 row->values[field].text)
				   : NULL;

	return found != NULL ? found->number : 0;
}

void row_set_value(struct row *row, unsigned field, const struct value *value)
{
	row->values[field] = *value;
	row->present |= FIELD_BIT(field);
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

int row_compare(const struct row *a, const struct row *b, unsigned field)
{
	return field_type_info(a->resource->fields[field].type)
	    ->compare(&a->values[field], &b->values[field]);
}

void row_make_key(struct row *row)
{
	unsigned key = resource_key(row->resource);
	struct value (*make)(void) = field_type_info(row->resource->fields[key].type)->make;

	if (make == NULL || row_has(row, key))
		return;
	row->values[key] = make();
	row->present |= FIELD_BIT(key);
}

struct str row_print_value(
    struct arena *arena, const struct field *field, const struct value *value)
{
	const struct print_style style = { .time = TIMESTAMP_UTC };
	struct buf text = { 0 };
	struct str copy;

	if (field_type_info(field->type)->print == NULL)
		return value->text;
	field_type_info(field->type)->print(&text, field, value, &style);
	copy = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

struct str row_print_key(
    struct arena *arena, const struct resource *resource, const struct value *key)
{
	return row_print_value(arena, &resource->fields[resource_key(resource)], key);
}

bool row_alike(const struct row *a, const struct row *b)
{
	if (a->present != b->present)
		return false;
	for (unsigned i = 0; i < a->resource->field_count; i++) {
		if (a->resource->fields[i].object == NULL || !row_has(a, i))
			continue;
		if (a->values[i].null != b->values[i].null ||
		    (!a->values[i].null && !row_alike(a->values[i].row, b->values[i].row)))
			return false;
	}
	return true;
}
