#include "record/sample.h"

static struct row *sample_columns(
    struct arena *arena, const struct resource *resource, uint64_t mask)
{
	struct row *row = row_new(arena, resource);

	for (unsigned i = 0; row != NULL && i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		struct row *part;

		if (!(mask & FIELD_BIT(i)) || field->relation != NULL)
			continue;
		row_set_null(row, i);
		if (field->object == NULL)
			continue;
		part = sample_columns(arena, field->object, resource_default_mask(field->object));
		if (part == NULL)
			return NULL;
		row_set_row(row, i, part);
	}
	return row;
}

/* The row that a relation leads to; the rows of a list are no columns. */
static bool sample_relation(
    struct arena *arena, const struct selection *selection, struct row *row, unsigned number)
{
	const struct field *field = &selection->resource->fields[number];
	const struct selection *part = selection->parts[number];
	struct selection ordinary;
	struct row *target;

	if (field_holds(field) == VALUE_LIST) {
		row_set_list(row, number, (struct row_list){ NULL, 0 });
		return true;
	}
	if (part == NULL) {
		selection_begin(&ordinary, field->relation->target,
		    resource_default_mask(field->relation->target));
		part = &ordinary;
	}
	target = record_sample(arena, part);
	if (target != NULL)
		row_set_row(row, number, target);
	return target != NULL;
}

struct row *record_sample(struct arena *arena, const struct selection *selection)
{
	const struct resource *resource = selection->resource;
	struct row *row = sample_columns(arena, resource, selection->fetched);

	for (unsigned i = 0; row != NULL && i < resource->field_count; i++) {
		if ((selection->fetched & FIELD_BIT(i)) && resource->fields[i].relation != NULL &&
		    !sample_relation(arena, selection, row, i))
			return NULL;
	}
	if (row != NULL)
		record_narrow(row, selection);
	return row;
}
