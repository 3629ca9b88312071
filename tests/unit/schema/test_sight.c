#include "../lib/rows.h"
#include "schema/sight.h"

static const struct field plain[] = { { INT32("id", "id") } };
static const struct resource orders = { .name = "orders",
	.area = AREA_ORDERS,
	.owner = OWNER_CUSTOMER,
	.owner_condition = "{}.customer_id = ?",
	FIELDS(plain) };
static const struct resource licenses = {
	.name = "licenses", .area = AREA_LICENSES, FIELDS(plain)
};
static const struct resource forgotten = {
	.name = "forgotten", .owner_condition = "{}.id = ?", FIELDS(plain)
};

#define ORDERS AREA_BIT(AREA_ORDERS)
#define LICENSES AREA_BIT(AREA_LICENSES)
#define CUSTOMER OWNER_BIT(OWNER_CUSTOMER)
#define DELEGATE OWNER_BIT(OWNER_DELEGATE)

static const struct {
	struct sight sight;
	const struct resource *resource;
	enum sight_rows rows;
} rows[] = {
	{ { 0 }, &orders, SIGHT_NONE },
	{ { .areas = LICENSES }, &orders, SIGHT_NONE },
	{ { .areas = ORDERS }, &orders, SIGHT_ALL },
	{ { .own = CUSTOMER }, &orders, SIGHT_OWN },
	{ { .areas = ORDERS, .own = CUSTOMER }, &orders, SIGHT_ALL },
	{ { .own = CUSTOMER }, &licenses, SIGHT_NONE },
	{ { .areas = LICENSES | ORDERS }, &licenses, SIGHT_ALL },
	{ { .own = DELEGATE }, &orders, SIGHT_NONE },
	{ { .own = CUSTOMER | DELEGATE }, &orders, SIGHT_OWN },
	{ { .areas = UINT32_MAX, .own = UINT32_MAX }, &forgotten, SIGHT_NONE },
};

static void test_may_see(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct field related = { ONE("one", rows[i].resource, "id", "id") };
		const struct field part = { MANY("many", rows[i].resource, "id", "id"),
			.flags = FIELD_OWNED };

		expect_int(i, sight_may_see(&rows[i].sight, rows[i].resource), rows[i].rows);
		expect_int(i, sight_may_follow(&rows[i].sight, &related), rows[i].rows);
		expect_int(i, sight_may_follow(&rows[i].sight, &part), SIGHT_ALL);
		expect_int(i, sight_may_follow(&rows[i].sight, &plain[0]), SIGHT_ALL);
	}
}

static void test_whole(void **state)
{
	struct sight sight = { .areas = UINT32_MAX };

	(void)state;
	assert_true(sight_is_whole(&sight));
	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
		sight.areas = UINT32_MAX & ~AREA_BIT(area);
		assert_false(sight_is_whole(&sight));
	}
	sight.areas = UINT32_MAX & ~AREA_BIT(AREA_NONE);
	assert_true(sight_is_whole(&sight));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_may_see),
		cmocka_unit_test(test_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
