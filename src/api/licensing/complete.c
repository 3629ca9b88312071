/*
 * What several resources need before a row of theirs is stored.
 */
#include "api/licensing/licensing.h"
#include "base/identifier.h"

const char *licensing_check_filled(struct str text)
{
	return str_trim(text).length > 0 ? NULL : "text that is not blank";
}

int licensing_draw(struct operation *operation, struct row *row, unsigned field, const char *format,
    struct error *error)
{
	struct buf drawn = { 0 };
	struct str text;

	if (row_has(row, field))
		return 0;
	identifier_make(str_from(format), &drawn);
	text = arena_str(operation->arena, buf_str(&drawn));
	buf_free(&drawn);
	if (text.data == NULL)
		return operation_out_of_memory(error);
	row_set_text(row, field, text);
	operation->made |= FIELD_BIT(field);
	return 0;
}

void licensing_clear_zero_references(struct row *row)
{
	const struct resource *resource = row->resource;

	for (unsigned i = 0; i < resource->reference_count; i++) {
		unsigned number =
		    (unsigned)resource_field(resource, resource->references[i].member);
		const struct field *field = &resource->fields[number];

		if (field->type == FIELD_INT32 && row_filled(row, number) &&
		    row->values[number].integer == 0 &&
		    !(field->flags & (FIELD_READONLY | FIELD_REQUIRED)))
			row_set_null(row, number);
	}
}
