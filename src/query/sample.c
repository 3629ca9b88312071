#include "query/sample.h"

#include "query/path.h"
#include "schema/example.h"

static const struct print_style style;

/* What callers usually ask for, else what there is beside the key. */
static const struct field *find_member(struct arena *arena, const struct resource *resource)
{
	const struct field *found = NULL;

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!path_compares(field) || field_example(arena, resource, field, &style) == NULL)
			continue;
		if (field->flags & FIELD_TYPICAL)
			return field;
		if (found == NULL || (found->flags & FIELD_KEY))
			found = field;
	}
	return found;
}

const char *sample_filter(struct arena *arena, const struct resource *resource)
{
	const struct field *member = find_member(arena, resource);

	return member != NULL ? arena_printf(arena, "%s = %s", member->name,
				    field_example(arena, resource, member, &style))
			      : NULL;
}

const char *sample_sort(struct arena *arena, const struct resource *resource)
{
	const struct field *member = find_member(arena, resource);

	return member != NULL ? arena_printf(arena, "%s desc", member->name) : NULL;
}

const char *sample_select(struct arena *arena, const struct resource *resource)
{
	const struct field *member = find_member(arena, resource);

	return member != NULL ? member->name : NULL;
}
