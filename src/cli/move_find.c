/*
 * Rows here that cells name, and that no import brings.
 */
#include "cli/move_state.h"
#include "record/rows.h"

struct finding {
	struct move *move;
	unsigned column;
	const struct resource *resource;
	struct str keys[MOVE_BATCH]; /* of the rows that lines name; data NULL = none yet */
};

static struct str *cell_of(const struct finding *finding, unsigned line)
{
	return &finding->move->lines[line].cells[finding->column];
}

static bool is_open(const struct finding *finding, unsigned line)
{
	return cell_of(finding, line)->length > 0 && finding->keys[line].data == NULL;
}

static bool read_value(
    struct arena *arena, const struct field *field, struct str text, struct value *value)
{
	const struct node node = { .kind = NODE_TEXT, .text = text };
	const char *reason = NULL;

	*value = (struct value){ .null = false };
	return field_type_info(field->type)->parse(arena, field, BODY_FORM, &node, value, &reason);
}

/* Texts compare as the database does: without regard to case. */
static bool is_same(const struct field *field, const struct value *a, const struct value *b)
{
	return field_holds(field) == VALUE_TEXT ? str_equal_ignore_case(a->text, b->text)
						: field_type_info(field->type)->compare(a, b) == 0;
}

static void take_found(struct finding *finding, unsigned member, const struct row_list *found)
{
	struct arena *arena = finding->move->arena;
	const struct resource *resource = finding->resource;
	const struct field *field = &resource->fields[member];
	unsigned key = resource_key(resource);

	for (unsigned i = 0; i < finding->move->line_count; i++) {
		struct value value;

		if (!is_open(finding, i) || !read_value(arena, field, *cell_of(finding, i), &value))
			continue;
		for (unsigned j = 0; j < found->count; j++) {
			const struct row *row = found->rows[j];

			if (is_same(field, &row->values[member], &value))
				finding->keys[i] =
				    row_print_key(arena, resource, &row->values[key]);
		}
	}
}

static int find_by(struct finding *finding, const char *name, struct error *error)
{
	struct move *move = finding->move;
	const struct resource *resource = finding->resource;
	unsigned member = resource_member(resource, name), count = 0;
	struct value *values =
	    arena_alloc_array(move->context->arena, move->line_count, sizeof(values[0]));
	struct row_list found;

	if (values == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < move->line_count; i++) {
		if (is_open(finding, i) && read_value(move->arena, &resource->fields[member],
					       *cell_of(finding, i), &values[count]))
			count++;
	}
	if (record_fetch_among(move->context, resource, member, values, count,
		FIELD_BIT(member) | resource_keys(resource), &found, error) != 0)
		return -1;
	take_found(finding, member, &found);
	return 0;
}

int move_find_cells(struct move *move, unsigned number, struct error *error)
{
	const struct move_column *column = &move->table->columns[number];
	struct finding *finding = arena_alloc(move->arena, sizeof(*finding));

	if (finding == NULL)
		return error_out_of_memory(error);
	*finding =
	    (struct finding){ .move = move, .column = number, .resource = column->finds->resource };
	for (size_t i = 0; i < COUNT_OF(column->finds->members); i++) {
		if (find_by(finding, column->finds->members[i], error) != 0)
			return -1;
	}
	for (unsigned i = 0; i < move->line_count; i++) {
		struct str *cell = cell_of(finding, i);

		if (is_open(finding, i))
			move_note(&move->lines[i], column->member,
			    arena_printf(move->arena,
				"is %s " STR_FORMAT ", who is not here; it was left out",
				finding->resource->name, STR_ARGUMENTS(str_slice(*cell, 0, 64))));
		*cell = finding->keys[i];
	}
	return 0;
}
