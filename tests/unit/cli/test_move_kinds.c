/* The tables of all programs to move in from: what they name exists, in the order that is needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/move_document.h"

#define PLACE_CELLS 2 /* beside the cells of a row of documents */

static void fail_table(const struct move_table *table, const char *what, const char *name)
{
	fail_msg("%s: %s %s", table->name, what, name);
}

/* Number of a table among those before `end`, or -1. */
static int find_table(const struct move_kind *kind, unsigned end, const char *name)
{
	for (unsigned i = 0; i < end; i++) {
		if (strcmp(kind->tables[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

static void check_column(
    const struct move_kind *kind, unsigned number, const struct move_column *column)
{
	const struct move_table *table = &kind->tables[number];
	const struct resource *resource = table->record->resource;
	int member = column->member != NULL ? resource_field(resource, column->member) : -1;

	if (column->member != NULL && member < 0)
		fail_table(table, "no such member", column->member);
	if (column->member == NULL && (column->refers != NULL || column->required))
		fail_table(table, "a column without a member is needed", column->sql);
	if (column->refers != NULL && find_table(kind, number, column->refers) < 0)
		fail_table(table, "refers to a table that does not come before", column->refers);
	if (column->finds != NULL) {
		for (size_t i = 0; i < COUNT_OF(column->finds->members); i++) {
			if (resource_field(column->finds->resource, column->finds->members[i]) < 0)
				fail_table(table, "finds by no member", column->finds->members[i]);
		}
	}
	if (column->needs != NULL && kind->documents != NULL)
		fail_table(table, "documents have all tables", column->needs);
}

static void check_members_once(const struct move_table *table)
{
	for (unsigned i = 0; i < table->column_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			if (strcmp(table->columns[i].sql, table->columns[j].sql) == 0)
				fail_table(table, "twice", table->columns[i].sql);
			if (table->columns[i].member != NULL && table->columns[j].member != NULL &&
			    strcmp(table->columns[i].member, table->columns[j].member) == 0)
				fail_table(table, "twice", table->columns[i].member);
		}
	}
}

static void check_document(const struct move_kind *kind, const struct move_table *table)
{
	int within = table->within != NULL ? find_table(kind, kind->table_count, table->within) : 0;
	bool names_parent = table->keys[0] != NULL && strcmp(table->keys[0], MOVE_PARENT) == 0;

	if (within < 0)
		fail_table(table, "stands within a table that there is not", table->within);
	if (table->paths == NULL)
		fail_table(table, "has no paths", "");
	if (names_parent && table->within == NULL)
		fail_table(table, "has no parent", "");
	for (const char *const *pair = table->renames; pair != NULL && *pair != NULL; pair += 2) {
		bool known = move_document_has_column(table, str_from(pair[1]));

		for (size_t i = 0; i < COUNT_OF(table->keys) && table->keys[i] != NULL; i++)
			known = known || strcmp(pair[1], table->keys[i]) == 0;
		if (!known)
			fail_table(table, "no such column", pair[1]);
	}
}

static void check_table(const struct move_kind *kind, unsigned number)
{
	const struct move_table *table = &kind->tables[number];
	unsigned keys = 0;

	if (find_table(kind, number, table->name) >= 0)
		fail_table(table, "twice", "");
	if (table->record == NULL) {
		assert_non_null(table->reason);
		return;
	}
	while (keys < COUNT_OF(table->keys) && table->keys[keys] != NULL)
		keys++;
	assert_true(keys > 0);
	assert_true(keys + table->column_count + PLACE_CELLS <= MOVE_CELLS_MAX);
	if (table->more != NULL && strstr(table->more, "WHERE") != NULL)
		assert_non_null(table->reason);
	for (unsigned i = 0; i < table->column_count; i++)
		check_column(kind, number, &table->columns[i]);
	check_members_once(table);
	if (kind->documents != NULL)
		check_document(kind, table);
}

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; move_kinds[i] != NULL; i++) {
		const struct move_kind *kind = move_kinds[i];

		assert_true(find_table(kind, kind->table_count, kind->first) >= 0);
		assert_true((kind->history == NULL) == (kind->migration == NULL));
		for (unsigned j = 0; j < kind->table_count; j++)
			check_table(kind, j);
	}
}

/* Each program has a name of its own in the map, and a command that is called so. */
static void test_labels(void **state)
{
	size_t commands = 0;

	(void)state;
	while (import_commands[commands].words != NULL)
		commands++;
	for (size_t i = 0; move_kinds[i] != NULL; i++) {
		size_t found = 0;

		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(move_kinds[i]->label, move_kinds[j]->label);
		for (size_t j = 0; j < commands; j++)
			found += strcmp(strrchr(import_commands[j].words, ' ') + 1,
				     move_kinds[i]->label) == 0;
		assert_int_equal(found, 1);
		assert_true(i < commands);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
