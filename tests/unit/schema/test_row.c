#include "../lib/rows.h"
#include "schema/row.h"

enum { ID, ACTIVE, NAME, PART, OTHER };

static const struct field part_fields[] = { { INT32("x", "x") } };
static const struct resource part = { .name = "part", FIELDS(part_fields) };
static const struct field fields[] = {
	[ID] = { UUID("id", "id") },
	[ACTIVE] = { BOOLEAN("active", "active") },
	[NAME] = { STRING("name", "name", 10) },
	[PART] = { OBJECT("part", &part) },
	[OTHER] = { INT32("other", "other") },
};
static const struct resource resource = { .name = "thing", FIELDS(fields) };

static void test_new(void **state)
{
	struct arena *arena = arena_new(4096, 8192);
	struct row *row = row_new(arena, &resource);

	(void)state;
	assert_ptr_equal(row->resource, &resource);
	assert_int_equal(row->present, 0);
	for (unsigned i = 0; i < COUNT_OF(fields); i++) {
		assert_true(row->values[i].null);
		assert_false(row_has(row, i));
		assert_false(row_filled(row, i));
	}
	while (row_new(arena, &resource) != NULL)
		;
	assert_true(arena_exhausted(arena));
	arena_free(arena);
}

static void test_set(void **state)
{
	struct arena *arena = arena_new(4096, 8192);
	struct row *row = row_new(arena, &resource);
	struct row *child = row_new(arena, &part);
	struct uuid id = uuid_random();

	(void)state;
	row_set_uuid(row, ID, id);
	row_set_boolean(row, ACTIVE, true);
	row_set_text(row, NAME, STR("abc"));
	row_set_row(row, PART, child);
	assert_int_equal(row->present, 0xF);
	assert_true(uuid_equal(&row->values[ID].uuid, &id));
	assert_true(row->values[ACTIVE].boolean);
	expect_str(0, row->values[NAME].text, "abc");
	assert_ptr_equal(row->values[PART].row, child);
	assert_false(row_has(row, OTHER));
	row_set_integer(row, OTHER, INT64_MIN);
	assert_true(row_filled(row, OTHER));
	assert_true(row->values[OTHER].integer == INT64_MIN);
	row_set_null(row, OTHER);
	assert_true(row_has(row, OTHER));
	assert_false(row_filled(row, OTHER));
	row_set_row(row, PART, NULL);
	assert_true(row_has(row, PART));
	assert_false(row_filled(row, PART));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
