#include "../lib/rows.h"
#include "schema/resource.h"

static const struct field fields[] = {
	{ STRING("name", "name", 10) },
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY },
	{ STRING("secret", "secret", 10), .flags = FIELD_WRITEONLY },
	{ INT32("count", NULL), .flags = FIELD_READONLY | FIELD_ON_DEMAND, .expression = "1" },
	{ STRING("made", NULL, 10), .flags = FIELD_NOT_STORED },
	{ STRING("hash", "hash", 10), .flags = FIELD_HIDDEN },
	{ INT32("Part", "part"), .flags = FIELD_KEY | FIELD_READONLY },
};

static const struct resource resource = { .name = "thing", .table = "thing", FIELDS(fields) };

static void test_field(void **state)
{
	static const struct {
		const char *name;
		int exact, folded;
	} rows[] = {
		{ "name", 0, 0 },
		{ "Name", -1, 0 },
		{ "Part", 6, 6 },
		{ "part", -1, 6 },
		{ "nam", -1, -1 },
		{ "names", -1, -1 },
		{ "", -1, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		expect_int(i, resource_field(&resource, rows[i].name), rows[i].exact);
		if (rows[i].exact >= 0)
			expect_int(i, (int)resource_member(&resource, rows[i].name), rows[i].exact);
		expect_int(i, resource_field_ignore_case(&resource, str_from(rows[i].name)),
		    rows[i].folded);
	}
}

static void test_key(void **state)
{
	(void)state;
	assert_int_equal(resource_key(&resource), 1);
}

static void test_default_mask(void **state)
{
	(void)state;
	assert_int_equal(resource_default_mask(&resource),
	    FIELD_BIT(0) | FIELD_BIT(1) | FIELD_BIT(5) | FIELD_BIT(6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_default_mask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
