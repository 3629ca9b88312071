#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/scope.h"
#include "auth/token.h"

/* Bits of the table's first four roles. */
#define ADMINISTRATOR 1u
#define CUSTOMER 2u
#define LICENSE_MANAGER 4u
#define SALES 8u

static void test_words(void **state)
{
	static const struct {
		const char *text;
		uint32_t roles;
		uint8_t permissions;
	} rows[] = {
		{ "", SCOPE_ALL_ROLES, PERMISSION_ALL },
		{ "   ", SCOPE_ALL_ROLES, PERMISSION_ALL },
		{ "Sales", SALES, PERMISSION_ALL },
		{ "sALES", SALES, PERMISSION_ALL },
		{ "read", SCOPE_ALL_ROLES, PERMISSION_READ },
		{ "read Sales  create Customer", SALES | CUSTOMER,
		    PERMISSION_READ | PERMISSION_CREATE },
	};
	struct scope scope;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(scope_parse(str_from(rows[i].text), &scope, NULL));
		assert_int_equal(scope.roles, rows[i].roles);
		assert_int_equal(scope.permissions, rows[i].permissions);
	}
}

static void test_unknown_words(void **state)
{
	struct scope scope;
	struct str unknown;

	(void)state;
	assert_false(scope_parse(STR("Sales Read more"), &scope, &unknown));
	assert_true(str_equal(unknown, STR("Read"))); /* permissions are written as they are */
	assert_false(scope_parse(STR("*"), &scope, NULL));
	assert_false(scope_parse(STR("none read"), &scope, NULL)); /* either or */
	assert_true(scope_parse(STR(" none "), &scope, NULL));
	assert_int_equal(scope.roles | scope.permissions, 0);
	assert_false(scope_parse(STR("Sales\tread"), &scope, NULL));
}

static void test_bounds(void **state)
{
	static const struct {
		const char *wanted, *bound;
		bool within;
		const char *effective; /* of a user with Sales and LicenseManager */
	} rows[] = {
		{ "", "", true, "LicenseManager Sales read update delete create" },
		{ "Sales read", "", true, "Sales read" },
		{ "", "Sales read", true, "Sales read" },
		{ "Sales", "Sales read", true, "Sales read" },
		{ "create", "Sales read", false, "" },
		{ "LicenseManager", "Sales", false, "" },
		{ "read", "Customer", true, "" }, /* the user is no customer */
		{ "Sales update", "Sales read update", true, "Sales update" },
	};
	struct scope wanted, bound;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = { 0 };

		assert_true(scope_parse(str_from(rows[i].wanted), &wanted, NULL));
		assert_true(scope_parse(str_from(rows[i].bound), &bound, NULL));
		if (scope_within(&wanted, &bound) != rows[i].within)
			fail_msg("row %zu: \"%s\" within \"%s\"", i, rows[i].wanted, rows[i].bound);
		wanted = scope_intersect(&wanted, &bound);
		scope_print(&wanted, SALES | LICENSE_MANAGER, &out);
		assert_true(str_equal(buf_str(&out), str_from(rows[i].effective)));
		buf_free(&out);
	}
}

static void test_words_are_read_as_they_were(void **state)
{
	static const char *const rows[] = { "", "Sales", "read", "Sales update",
		"Customer Sales create" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scope scope, again;
		struct buf out = { 0 };

		assert_true(scope_parse(str_from(rows[i]), &scope, NULL));
		scope_print_words(&scope, &out);
		assert_true(scope_parse(buf_str(&out), &again, NULL));
		assert_int_equal(again.roles, scope.roles);
		assert_int_equal(again.permissions, scope.permissions);
		buf_free(&out);
	}
}

static void test_tokens(void **state)
{
	static const char good[] = "cat_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm01-_";

	(void)state;
	assert_int_equal(sizeof(good) - 1, TOKEN_LENGTH);
	assert_true(token_is(TOKEN_ACCESS, str_from(good)));
	assert_false(token_is(TOKEN_REFRESH, str_from(good)));
	assert_false(token_is(TOKEN_ACCESS, str_slice(str_from(good), 0, TOKEN_LENGTH - 1)));
	assert_false(
	    token_is(TOKEN_ACCESS, STR("cat_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm01-+")));
	assert_false(token_is(TOKEN_ACCESS, STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_unknown_words),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_words_are_read_as_they_were),
		cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
