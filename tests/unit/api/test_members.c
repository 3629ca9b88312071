/*
 * Who may see what: a line for each stored member that takes text in tests/golden/members.txt. The
 * black-box test writes a word into each of them and looks for it in all that callers get.
 */
#include "../lib/golden.h"
#include "../lib/rows.h"
#include "../lib/tables.h"
#include "auth/role.h"

#define GOLDEN_FILE "tests/golden/members.txt"

static const char *kind_of(const struct field *field)
{
	switch (field->type) {
	case FIELD_STRING:
		return "text";
	case FIELD_STRING_LIST:
		return "list";
	case FIELD_MAP:
	case FIELD_STRING_MAP:
		return "map";
	case FIELD_SCALAR:
		return "scalar";
	default:
		return NULL;
	}
}

/* What becomes of it in an answer to who may read the row. */
static const char *shown(const struct field *field)
{
	if (field->flags & FIELD_HIDDEN)
		return "hidden";
	return field->flags & (FIELD_WRITEONLY | FIELD_MASKED) ? "never" : "shown";
}

/* The table that an alias stands for, in "a t JOIN b c ON …". */
static struct str table_of(const struct resource *resource, struct str alias)
{
	struct str rest = str_from(resource->from), word, before = { NULL, 0 };

	while (str_next(&rest, ' ', &word)) {
		if (str_equal(word, alias))
			return before;
		before = word;
	}
	fail_msg("%s: no table is called " STR_FORMAT, resource->name, STR_ARGUMENTS(alias));
	return alias;
}

static void print_member(
    struct buf *out, const struct resource *owner, const struct field *field, enum area area)
{
	struct str column = str_from(field->column), table = str_from(owner->table);
	size_t dot = str_find(column, '.');

	if (dot < column.length) {
		table = table_of(owner, str_slice(column, 0, dot));
		column = str_slice(column, dot + 1, column.length);
	}
	buf_printf(out, "%-*.*s  %-*.*s  %-6s  %-6s  %s\n", 24, (int)table.length, table.data, 46,
	    (int)column.length, column.data, kind_of(field), shown(field), area_name(area));
}

/* `owner` has the table; `resource` is it, or a part of it. */
static void print_members(
    struct buf *out, const struct resource *owner, const struct resource *resource)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (field->object != NULL)
			print_members(out, owner, field->object);
		if (kind_of(field) != NULL && field->column != NULL && !(field->flags & FIELD_KEY))
			print_member(out, owner, field, resource->area);
	}
}

/* Tables that are shown to different readers, each with the reason. */
static const struct {
	const char *table, *reason;
} apart[] = {
	{ "discovery_group", "applications see their own, whose identifier they know; "
			     "administrators list all" },
	{ "discovery_client", "as their groups" },
	{ "user", "managers of accounts see those of theirs; administrators list all" },
};

static bool is_apart(const char *table)
{
	for (size_t i = 0; i < ROWS(apart); i++) {
		if (strcmp(apart[i].table, table) == 0)
			return true;
	}
	return false;
}

/* Two resources may show one table, to the same readers. */
static bool is_printed(
    const struct table_entry *entries, unsigned number, const struct resource *resource)
{
	for (unsigned i = 0; i < number; i++) {
		if (strcmp(entries[i].resource->table, resource->table) != 0)
			continue;
		if (!is_apart(resource->table))
			assert_int_equal(entries[i].resource->area, resource->area);
		if (entries[i].resource->fields == resource->fields)
			return true;
	}
	return false;
}

static void test_golden(void **state)
{
	static struct table_entry entries[TABLES_MAX];
	unsigned count = tables_collect(entries);
	struct buf made = { 0 };

	(void)state;
	buf_printf(
	    &made, "%-24s  %-46s  %-6s  %-6s  %s\n", "TABLE", "COLUMN", "KIND", "SHOWN", "AREA");
	for (unsigned i = 0; i < count; i++) {
		if (!is_printed(entries, i, entries[i].resource))
			print_members(&made, entries[i].resource, entries[i].resource);
	}
	golden_check(GOLDEN_FILE, &made);
	buf_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
