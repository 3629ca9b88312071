/*
 * The entries of a set that was changed as a whole.
 */
#include <stdlib.h>

#include "record/audit.h"
#include "record/audit_row.h"

static int compare_keys(const struct row *a, const struct row *b)
{
	return row_compare(a, b, resource_key(a->resource));
}

static int compare_rows(const void *a, const void *b)
{
	return compare_keys(*(const struct row *const *)a, *(const struct row *const *)b);
}

/* The same rows in the order of their keys. NULL when memory is out. */
static const struct row **sort_by_key(struct arena *arena, const struct row_list *rows)
{
	const struct row **sorted =
	    arena_alloc_array(arena, (size_t)rows->count + 1, sizeof(sorted[0]));

	if (sorted == NULL)
		return NULL;
	for (unsigned i = 0; i < rows->count; i++)
		sorted[i] = rows->rows[i];
	sorted[rows->count] = NULL;
	qsort(sorted, rows->count, sizeof(sorted[0]), compare_rows);
	return sorted;
}

static bool is_changed_by_somebody(const struct row *before, const struct row *after)
{
	uint64_t mask = audit_row_changed(before, after);

	for (unsigned i = 0; i < after->resource->field_count; i++) {
		if (after->resource->fields[i].flags & FIELD_UNTAGGED)
			mask &= ~FIELD_BIT(i);
	}
	return mask != 0;
}

/* Adds the change of one row, of which either may be missing. */
static void add_change(struct audit_change *changes, unsigned *count, const struct row *before,
    const struct row *after)
{
	enum audit_action action = before == NULL  ? AUDIT_INSERT
				   : after == NULL ? AUDIT_DELETE
						   : AUDIT_UPDATE;

	if (action != AUDIT_UPDATE || is_changed_by_somebody(before, after))
		changes[(*count)++] = (struct audit_change){ action, before, after };
}

int audit_record_difference(struct context *context, const struct row_list *before,
    const struct row_list *after, struct error *error)
{
	const struct row **former = sort_by_key(context->arena, before);
	const struct row **now = sort_by_key(context->arena, after);
	struct audit_change *changes = arena_alloc_array(
	    context->arena, (size_t)before->count + after->count, sizeof(changes[0]));
	unsigned count = 0;

	if (former == NULL || now == NULL || changes == NULL)
		return error_out_of_memory(error);
	while (*former != NULL || *now != NULL) {
		int order = *former == NULL ? 1 : *now == NULL ? -1 : compare_keys(*former, *now);

		add_change(changes, &count, order <= 0 ? *former : NULL, order >= 0 ? *now : NULL);
		former += order <= 0;
		now += order >= 0;
	}
	return audit_record_all(context, changes, count, error);
}
