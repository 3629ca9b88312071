#include <stdio.h>

#include "../lib/rows.h"
#include "db/sql.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 64 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct field fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY },
	{ STRING("name", "name", 100) },
	{ STRING("notes", "notes", 100000) },
	{ DATETIME("madeAt", "made_at") },
	{ BOOLEAN("open", "open") },
	{ UUID("guid", "guid") },
	{ STRING("secret", "secret", 100), .flags = FIELD_MASKED },
	{ INT32("twice", NULL), .expression = "{}.id * 2" },
	{ STRING("code", "c.code", 10) },
	{ DOUBLE("size", "size") },
};
static const struct resource one = { .name = "one", .table = "one", FIELDS(fields) };
static const struct resource two = { .name = "two", .table = "two", FIELDS(fields) };
static const struct resource few = {
	.name = "few", .table = "one", .fields = fields + 1, .field_count = 2
};

static struct sql select_of(const struct resource *resource, uint64_t mask, uint64_t bounded)
{
	struct sql sql;

	sql_init(&sql, arena);
	sql.bounded = bounded;
	sql_select(&sql, resource, mask);
	assert_false(sql.failed);
	assert_int_equal(strlen(sql.text), sql.length);
	return sql;
}

static void test_kept(void **state)
{
	const uint64_t all = FIELD_BIT(COUNT_OF(fields)) - 1;
	struct sql sql;

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		sql = select_of(&one, all, FIELD_BIT(2));
		assert_string_equal(sql.text,
		    "SELECT t.id, t.name, LEFT(t.notes, 16385), t.made_at, t.open, t.guid, "
		    "IF(t.secret IS NULL, NULL, '********'), t.id * 2, c.code, t.size FROM one t");
		assert_int_equal(sql.column_count, COUNT_OF(fields));
		for (unsigned i = 0; i < sql.column_count; i++)
			expect_int(i, sql.columns[i], field_type_info(fields[i].type)->bind);
		sql = select_of(&one, FIELD_BIT(0) | FIELD_BIT(2), 0);
		assert_string_equal(sql.text, "SELECT t.id, t.notes FROM one t");
		sql = select_of(&two, FIELD_BIT(0) | FIELD_BIT(2), 0);
		assert_string_equal(sql.text, "SELECT t.id, t.notes FROM two t");
		sql = select_of(&few, FIELD_BIT(0), 0);
		assert_string_equal(sql.text, "SELECT t.name FROM one t");
	}
}

/* What follows is appended to a copy: the next one begins as the first did. */
static void test_copied(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		struct sql sql = select_of(&one, FIELD_BIT(0), 0);

		sql_where(&sql, "TRUE");
		sql_result(&sql, BIND_TEXT);
		assert_string_equal(sql.text, "SELECT t.id FROM one t WHERE TRUE");
		assert_int_equal(sql.column_count, 2);
	}
}

/* More shapes than there is room for, in turns. */
static void test_many(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (uint64_t mask = 1; mask < FIELD_BIT(COUNT_OF(fields)); mask++) {
			struct sql sql = select_of(&one, mask, 0);
			unsigned number = 0;

			expect_int(mask, sql.column_count, __builtin_popcountll(mask));
			for (unsigned i = 0; i < COUNT_OF(fields); i++) {
				if (mask & FIELD_BIT(i))
					expect_int(mask, sql.columns[number++],
					    field_type_info(fields[i].type)->bind);
			}
			expect_int(mask, strstr(sql.text, "t.guid") != NULL, (mask >> 5) & 1);
		}
		arena_reset(arena);
	}
}

/* Nothing is kept of a statement that found no room. */
static void test_no_memory(void **state)
{
	struct arena *small = arena_new(1200, 1200);
	struct sql sql;

	(void)state;
	sql_init(&sql, small);
	sql_select(&sql, &two, FIELD_BIT(COUNT_OF(fields)) - 1);
	assert_true(sql.failed);
	arena_free(small);
	sql = select_of(&two, FIELD_BIT(COUNT_OF(fields)) - 1, 0);
	assert_non_null(strstr(sql.text, "t.size FROM two t"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_copied),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
