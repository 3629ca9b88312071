/*
 * What several resources need before a row of theirs is stored.
 */
#include "api/licensing/licensing.h"
#include "base/identifier.h"

int licensing_draw(struct context *context, struct row *row, unsigned field, const char *format,
    struct error *error)
{
	struct buf drawn = { 0 };
	struct str text;

	if (row_has(row, field))
		return 0;
	identifier_make(str_from(format), &drawn);
	text = arena_str(context->arena, buf_str(&drawn));
	buf_free(&drawn);
	if (text.data == NULL)
		return error_out_of_memory(error);
	row_set_text(row, field, text);
	context->made |= FIELD_BIT(field);
	return 0;
}
