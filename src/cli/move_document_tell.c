/*
 * What people should know of documents as a whole.
 */
#include "cli/move_document.h"
#include "cli/move_state.h"

#define COLUMNS_MOST 50 /* told of one table */

/* --- members --- */

static bool is_known_column(struct arena *arena, const struct move_table *table, struct str name)
{
	struct str quoted = str_from(arena_printf(arena, "`" STR_FORMAT "`", STR_ARGUMENTS(name)));

	if (str_starts_with(name, STR("/")) || move_document_has_column(table, name))
		return true;
	for (size_t i = 0; i < COUNT_OF(table->keys) && table->keys[i] != NULL; i++) {
		if (str_equal_ignore_case(name, str_from(table->keys[i])))
			return true;
	}
	/* An expression looks at it. */
	for (unsigned i = 0; i < table->column_count; i++) {
		if (!move_is_name(table->columns[i].sql) &&
		    str_contains_ignore_case(str_from(table->columns[i].sql), quoted))
			return true;
	}
	return table->newest != NULL && str_equal_ignore_case(name, str_from(table->newest));
}

static void tell_columns(struct move *move, const struct move_table *table)
{
	struct arena *arena = move->session->arena;
	unsigned count = 0;

	for (unsigned i = 0; i < move->source->name_count; i++) {
		const struct move_name *name = &move->source->names[i];

		if (!str_equal_ignore_case(name->table, str_from(table->name)) ||
		    is_known_column(arena, table, name->column))
			continue;
		if (++count <= COLUMNS_MOST)
			move_report_note(move, table->name,
			    arena_printf(arena,
				"the member " STR_FORMAT " is not known here, and was left out",
				STR_ARGUMENTS(name->column)));
	}
	if (count > COLUMNS_MOST)
		move_report_note(move, table->name,
		    arena_printf(arena, "%u other members are not known here, either",
			count - COLUMNS_MOST));
}

/* --- rows that are there several times --- */

struct telling {
	struct move *move;
	const struct move_table *table;
};

static int take_twice(void *data, const struct str *cells, struct error *error)
{
	struct telling *telling = data;
	bool two = telling->table->keys[1] != NULL;
	struct str second = two ? cells[1] : STR("");
	const char *text = arena_printf(telling->move->session->arena,
	    STR_FORMAT "%s" STR_FORMAT " is there " STR_FORMAT
		       " times with different values; the last ones count",
	    STR_ARGUMENTS(cells[0]), two ? "|" : "", STR_ARGUMENTS(second),
	    STR_ARGUMENTS(cells[2]));

	(void)error;
	move_report_note(telling->move, telling->table->name, text);
	return 0;
}

static int tell_twice(struct move *move, const struct move_table *table, struct error *error)
{
	struct telling telling = { move, table };
	const char *second = table->keys[1] != NULL ? table->keys[1] : table->keys[0];
	const char *sql = arena_printf(move->session->arena,
	    "SELECT `%s`, `%s`, `" MOVE_DOCUMENT_TIMES "` FROM `%s` WHERE `" MOVE_DOCUMENT_DIFFERS
	    "` ORDER BY `" MOVE_ROW "`",
	    table->keys[0], second, table->name);

	return move_source_select(move->source, sql, 3, take_twice, &telling, error);
}

int move_document_tell(struct move *move, struct error *error)
{
	const struct move_document_left *left = move_document_left(move->source);

	for (; left != NULL; left = left->next)
		move_report_note(move, left->path, "this is not known here, and was left out");
	for (unsigned i = 0; i < move->kind->table_count; i++) {
		const struct move_table *table = &move->kind->tables[i];

		if (!move_source_has(move->source, table->name, NULL))
			continue;
		if (table->record != NULL)
			tell_columns(move, table);
		if (tell_twice(move, table, error) != 0)
			return -1;
	}
	return 0;
}
