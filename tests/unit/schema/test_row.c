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

static void test_copy(void **state)
{
	static const struct relation relation = { .target = &part };
	static const struct field owners[] = {
		{ STRING("name", "name", 10) },
		{ OBJECT("part", &part) },
		{ .name = "parts", .type = FIELD_MANY, .relation = &relation },
		{ INT32("other", "other") },
	};
	static const struct resource owner = { .name = "owner", FIELDS(owners) };
	struct arena *arena = arena_new(4096, 8192);
	struct row *row = row_new(arena, &owner), *child = row_new(arena, &part);
	struct row *items[] = { row_new(arena, &part), row_new(arena, &part) };
	struct row *copy;

	(void)state;
	row_set_text(row, 0, STR("a"));
	row_set_row(row, 1, child);
	row_set_list(row, 2, (struct row_list){ items, 2 });
	row_set_integer(child, 0, 1);
	row_set_integer(items[1], 0, 2);
	row->narrowed = true;
	copy = row_copy(arena, row);
	assert_int_equal(copy->present, 7);
	assert_true(copy->narrowed && copy->resource == &owner);
	assert_int_equal(copy->values[1].row->values[0].integer, 1);
	assert_int_equal(copy->values[2].list.count, 2);
	assert_int_equal(copy->values[2].list.rows[1]->values[0].integer, 2);
	/* What happens to the copy does not happen to the row. */
	row_set_text(copy, 0, STR("b"));
	row_set_integer(copy, 3, 9);
	row_set_integer(copy->values[1].row, 0, 9);
	row_set_integer(copy->values[2].list.rows[0], 0, 9);
	copy->values[2].list.rows[1] = NULL;
	expect_str(0, row->values[0].text, "a");
	assert_int_equal(row->present, 7);
	assert_int_equal(child->values[0].integer, 1);
	assert_false(row_has(items[0], 0));
	assert_ptr_equal(row->values[2].list.rows[1], items[1]);
	row_set_null(row, 1);
	row_set_list(row, 2, (struct row_list){ NULL, 0 });
	copy = row_copy(arena, row);
	assert_true(row_has(copy, 1) && !row_filled(copy, 1));
	assert_int_equal(copy->values[2].list.count, 0);
	while (row_copy(arena, row) != NULL)
		;
	arena_free(arena);
}

/* A key is drawn where it is missing and such a one can be. */
static void test_key(void **state)
{
	static const struct field numbered_fields[] = { { INT32("id", "id"), .flags = FIELD_KEY } };
	static const struct field drawn_fields[] = { { UUID("id", "id"), .flags = FIELD_KEY } };
	static const struct resource numbered = { .name = "numbered", FIELDS(numbered_fields) };
	static const struct resource drawn = { .name = "drawn", FIELDS(drawn_fields) };
	struct arena *arena = arena_new(4096, 8192);
	const struct value seven = { .integer = 7 }, given = { .uuid = { { 9 } } };
	struct row *row = row_with(arena, &resource, OTHER, &seven);

	(void)state;
	assert_int_equal(row->present, FIELD_BIT(OTHER));
	assert_int_equal(row->values[OTHER].integer, 7);
	row = row_new(arena, &numbered);
	row_make_key(row);
	assert_int_equal(row->present, 0);
	row = row_with(arena, &drawn, 0, &given);
	row_make_key(row);
	assert_true(uuid_equal(&row->values[0].uuid, &given.uuid));
	row = row_new(arena, &drawn);
	row_make_key(row);
	assert_true(row_filled(row, 0));
	assert_false(uuid_is_zero(&row->values[0].uuid));
	while (row_with(arena, &resource, OTHER, &seven) != NULL)
		;
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
