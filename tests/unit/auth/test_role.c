#include "../lib/rows.h"
#include "auth/role.h"

#define R PERMISSION_READ
#define U PERMISSION_UPDATE
#define D PERMISSION_DELETE
#define C PERMISSION_CREATE
#define ALL PERMISSION_ALL

#define WHOLE(id, name, title, unknown) [AREA_##id] = ALL,

/* What each role may do, area by area; areas that are not named: nothing. */
static const struct {
	const char *role;
	uint8_t areas[AREA__MAX];
} rows[] = {
	{ "Administrator", { AREAS(WHOLE) } },
	{ "LicenseManager", { [AREA_MAIL] = R | C,
				[AREA_FREE_MAIL] = C,
				[AREA_LICENSES] = ALL,
				[AREA_PRODUCTS] = ALL,
				[AREA_RESOURCES] = ALL,
				[AREA_WEBHOOKS] = ALL,
				[AREA_SIGNING_KEYS] = ALL,
				[AREA_LOG] = R } },
	{ "Sales", { [AREA_MAIL] = R | C,
		       [AREA_CUSTOMERS] = ALL,
		       [AREA_ORDERS] = ALL,
		       [AREA_LICENSES] = R | U | C,
		       [AREA_PRODUCTS] = R,
		       [AREA_RESOURCES] = R,
		       [AREA_SIGNING_KEYS] = R,
		       [AREA_LOG] = R } },
	{ "Customer", { [AREA_OWN] = R | U | D } },
	{ "Application",
	    { [AREA_ACTIVATION] = ALL, [AREA_DISCOVERY] = ALL, [AREA_SIGNING_KEYS] = R } },
	{ "HostingManager", { [AREA_HOSTING] = ALL } },
	{ "DelegateManager", { [AREA_DELEGATES] = ALL } },
	{ "AccountManager", { [AREA_ACCOUNTS] = ALL } },
	{ "Delegate", { [AREA_OWN_GROUPS] = ALL } },
};

static void test_permissions(void **state)
{
	unsigned count;

	(void)state;
	role_table(&count);
	assert_int_equal(count, ROWS(rows));
	for (size_t i = 0; i < ROWS(rows); i++) {
		int role = role_find(str_from(rows[i].role));

		expect_int(i, role >= 0, true);
		for (int area = 0; area < AREA__MAX; area++)
			expect_int(i, role_permissions(UINT32_C(1) << role, (enum area)area),
			    rows[i].areas[area]);
	}
}

static void test_union(void **state)
{
	uint32_t customer = UINT32_C(1) << role_find(STR("Customer"));
	uint32_t sales = UINT32_C(1) << role_find(STR("sales"));

	(void)state;
	assert_int_equal(role_permissions(0, AREA_OWN), 0);
	assert_int_equal(role_permissions(customer | sales, AREA_OWN), R | U | D);
	assert_int_equal(role_permissions(customer | sales, AREA_LICENSES), R | U | C);
	assert_int_equal(role_permissions(UINT32_MAX, AREA_LICENSES), ALL);
	/* Bits that are no role give nothing. */
	assert_int_equal(role_permissions(UINT32_C(1) << 31, AREA_OWN), 0);
}

static void test_find(void **state)
{
	(void)state;
	assert_int_equal(role_find(STR("administrator")), 0);
	assert_int_equal(role_find(STR("ADMINISTRATOR")), 0);
	assert_int_equal(role_find(STR("Admin")), -1);
	assert_int_equal(role_find(STR("")), -1);
}

static void test_names(void **state)
{
	struct arena *arena = arena_new(1024, 4096);
	uint32_t customer = UINT32_C(1) << role_find(STR("Customer"));
	uint32_t sales = UINT32_C(1) << role_find(STR("Sales"));

	(void)state;
	assert_true(str_equal(role_names(arena, 0), STR("[]")));
	assert_true(str_equal(role_names(arena, customer), STR("[\"Customer\"]")));
	assert_true(str_equal(role_names(arena, customer | sales),
	    role_find(STR("Customer")) < role_find(STR("Sales"))
		? STR("[\"Customer\",\"Sales\"]")
		: STR("[\"Sales\",\"Customer\"]")));
	/* Bits that are no role have no name. */
	assert_true(str_equal(role_names(arena, UINT32_C(1) << 31), STR("[]")));
	arena_free(arena);
}

static void test_table(void **state)
{
	unsigned count;
	const struct role *table = role_table(&count);

	(void)state;
	assert_true(count <= 32);
	for (unsigned i = 0; i < count; i++) {
		struct uuid id, other;

		assert_true(uuid_parse(str_from(table[i].id), &id));
		assert_non_null(table[i].doc);
		assert_int_equal(role_find(str_from(table[i].name)), i);
		for (unsigned j = 0; j < i; j++) {
			assert_true(uuid_parse(str_from(table[j].id), &other));
			assert_false(uuid_equal(&id, &other));
		}
	}
	assert_null(area_name(AREA_NONE));
	assert_false(area_skips_unknown(AREA_NONE));
	assert_false(area_skips_unknown(AREA_CREDENTIALS));
	assert_true(area_skips_unknown(AREA_LICENSES));
	for (int area = AREA_NONE + 1; area < AREA__MAX; area++) {
		assert_non_null(area_name((enum area)area));
		for (int other = AREA_NONE + 1; other < area; other++)
			assert_string_not_equal(
			    area_name((enum area)area), area_name((enum area)other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_union),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
