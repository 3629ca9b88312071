#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/password.h"
#include "schema/resource.h"

static void test_hash_and_verify(void **state)
{
	static const struct str passwords[] = { { "", 0 }, { "correct horse", 13 },
		{ "\xc3\xa9\xf0\x9f\xa6\x8a", 6 } };
	struct arena *arena = arena_new(4096, 1 << 20);
	struct error error;
	char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];

	(void)state;
	error_init(&error, arena);
	for (size_t i = 0; i < COUNT_OF(passwords); i++) {
		assert_int_equal(password_hash(passwords[i], hash, &error), 0);
		assert_int_equal(password_hash(passwords[i], again, &error), 0);
		assert_memory_equal(hash, "$y$", 3);
		assert_string_not_equal(hash, again);
		assert_true(password_verify(passwords[i], hash));
		assert_true(password_verify(passwords[i], again));
		assert_false(password_verify(STR("wrong"), hash));
	}
	arena_free(arena);
}

static void test_refused_passwords(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 20);
	struct error error;
	char hash[PASSWORD_HASH_MAX];
	char *longest = malloc(600);

	(void)state;
	memset(longest, 'x', 600);
	error_init(&error, arena);
	assert_int_equal(password_hash((struct str){ "a\0b", 3 }, hash, &error), -1);
	assert_int_equal(error.code, ERROR_INTERNAL);
	error_clear(&error);
	assert_int_equal(password_hash((struct str){ longest, 512 }, hash, &error), -1);
	error_clear(&error);
	assert_int_equal(password_hash((struct str){ longest, 511 }, hash, &error), 0);
	assert_true(password_verify((struct str){ longest, 511 }, hash));
	assert_false(password_verify((struct str){ longest, 510 }, hash));
	assert_false(password_verify((struct str){ longest, 600 }, hash));
	free(longest);
	arena_free(arena);
}

/* Hashes made elsewhere; the last rows are none at all. */
static void test_verify(void **state)
{
	static const struct {
		const char *password, *hash;
		bool fits;
	} rows[] = {
		{ "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true },
		{ "U*V", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false },
		{ "U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true },
		{ "U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe", false },
		{ "Hello world!",
		    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/"
		    "O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdF"
		    "CoEOfaS35inz1",
		    true },
		{ "correct horse",
		    "AQAAAAAAAAPoAAAAEDAxMjM0NTY3ODlhYmNkZWZpR8Ta/"
		    "HlDvOBtvSPHj0Bo2ldRBBVbql48o3lpvfsb"
		    "jQ==",
		    true },
		{ "correct horse",
		    "AQAAAAEAACcQAAAAEDAxMjM0NTY3ODlhYmNkZWZMjaCu29XUdbmfPasFji1y2WuY6PltmzR3D2Pw0e"
		    "lF"
		    "Fw==",
		    true },
		{ "correct horses",
		    "AQAAAAEAACcQAAAAEDAxMjM0NTY3ODlhYmNkZWZMjaCu29XUdbmfPasFji1y2WuY6PltmzR3D2Pw0e"
		    "lF"
		    "Fw==",
		    false },
		{ "admin",
		    "AQAAAAIAAYagAAAAEOH9UqYgmQxzo4WIU0VwXqZQTMF5nlIfSNTk5+bCn8gqoYDovc4IVc/"
		    "fp0GmDuTe"
		    "gQ==",
		    true },
		{ "", "", false },
		{ "", "*0", false },
		{ "", "*1", false },
		{ "x", "plain", false },
		{ "x", "$9$unknown$", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(
		    password_verify(str_from(rows[i].password), rows[i].hash), rows[i].fits);
}

#define TAIL "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

static void test_check_bcrypt(void **state)
{
	static const struct {
		const char *hash;
		bool valid;
	} rows[] = {
		{ "$2a$05$" TAIL, true },
		{ "$2b$04$" TAIL, true },
		{ "$2y$14$" TAIL, true },
		{ "$2y$15$" TAIL, false },
		{ "$2y$31$" TAIL, false },
		{ "$2y$12$" TAIL, true },
		{ "$2x$05$" TAIL, false },
		{ "$2$05$0" TAIL, false },
		{ "$1a$05$" TAIL, false },
		{ "$2a$03$" TAIL, false },
		{ "$2a$32$" TAIL, false },
		{ "$2a$+5$" TAIL, false },
		{ "$2a$5$$" TAIL, false },
		{ "$2a$05." TAIL, false },
		{ "$2a$05$" TAIL "x", false },
		{ "$2a$05$", false },
		{ "", false },
		{ "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO=W", false },
		{ "$2a$05$CCCCCCCCCCCCCCCCCCCCC E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(
		    password_check_bcrypt(str_from(rows[i].hash)) == NULL, rows[i].valid);
	assert_string_equal(
	    password_check_bcrypt(STR("")), "a bcrypt hash ($2a$, $2b$ or $2y$) of cost 4 to 14");
}

#define IDENTITY "AQAAAAIAAYagAAAAE"
#define FILLING "h4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="

static void test_check_import(void **state)
{
	static const struct {
		const char *hash;
		bool valid;
	} rows[] = {
		{ "$2a$05$" TAIL, true },
		{ "$2a$15$" TAIL, false },
		{ IDENTITY "H" FILLING, true },
		{ IDENTITY "H" FILLING " ", true },
		{ IDENTITY "H", false },
		{ "AQAAAAIAD0JBAAAAEH" FILLING, false },
		{ "$y$j9T$saltsaltsaltsaltsalt..$", false },
		{ "AAAA", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(
		    password_check_import(str_from(rows[i].hash)) == NULL, rows[i].valid);
	assert_string_equal(password_check_import(STR("AQAAAAIAAYagAAAAE")),
	    "a bcrypt hash ($2a$, $2b$ or $2y$) of cost 4 to 14, or one of ASP.NET Core Identity "
	    "(version 3) of at most 1000000 iterations");
}

/* Dear ones are refused without being computed; "cheap" ones are computed once. */
static void test_cost(void **state)
{
	static const struct {
		const char *hash;
		bool cheap;
	} rows[] = {
		{ "$2y$04$" TAIL, true },
		{ "$2a$15$" TAIL, false },
		{ "$2y$31$" TAIL, false },
		{ "$2b$99$" TAIL, false },
		{ "$2y$", false },
		{ "$2x$04$" TAIL, false },
		{ "$y$j9T$saltsaltsaltsaltsalt..$", true },
		{ "$y$jBT$saltsaltsaltsaltsalt..$", true },
		{ "$y$jCT$saltsaltsaltsaltsalt..$", false },
		{ "$y$jKT$saltsaltsaltsaltsalt..$", false },
		{ "$y$j9U$saltsaltsaltsaltsalt..$", false },
		{ "$y$j9T5$saltsaltsaltsaltsalt..$", false }, /* a time, a ROM */
		{ "$y$j9", false },
		{ "$gy$j9T$saltsaltsaltsaltsalt..$", false },
		{ "$7$CU..../....salt$", true },
		{ "$7$DU..../....salt$", false },
		{ "$7$CV..../....salt$", false },
		{ "$7$CU/.../....salt$", false },
		{ "$7$CU....0....salt$", false },
		{ "$7$C", false },
		{ "$6$salt$", true },
		{ "$6$rounds=5001$salt$", true },
		{ "$6$rounds=1000001$salt$", false },
		{ "$6$rounds=999999999$salt$", false },
		{ "$5$rounds=99999999999999999999999$salt$", false },
		{ "$6$rounds=$salt$", false },
		{ "$6$rounds=-1$salt$", false },
		{ "$5$rounds=1000", true },
		{ "AQAAAAIAD0JAAAAAEH" FILLING, true },
		{ "AQAAAAAAD0JAAAAAEH" FILLING, false }, /* two blocks of SHA-1 */
		{ "AQAAAAIAD0JBAAAAEH" FILLING, false },
		{ "AQAAAAL/////AAAAEH" FILLING, false },
		{ "AQAAAAMAAAABAAAAEH" FILLING, false },
		{ "AQAAAAIAAAAAAAAAEH" FILLING, false },
		{ "AQAAAAIAAAAB/////3" FILLING, false },
		{ "AQAAAAIAAAABAAAAB3" FILLING, false },
		{ "AQAAAAIAAAABAAAAEHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=", false },
		{ "AQAAAAIAAAABAAAAEH" FILLING FILLING, false },
		{ "AQAAAA", false },
		{ "AgAAAAIAAAABAAAAEH" FILLING, false },
		{ "$1$salt$", false },
		{ "$sha1$4294967295$salt$", false },
		{ "$md5,rounds=4294967295$salt$", false },
		{ "_zzzzsalt", false },
		{ "ab", false },
		{ "*0", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint64_t before = password_computed();

		if (password_is_affordable(rows[i].hash) != rows[i].cheap)
			fail_msg("%s", rows[i].hash);
		assert_false(password_verify(STR("secret"), rows[i].hash));
		assert_int_equal(password_computed() - before, rows[i].cheap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_and_verify),
		cmocka_unit_test(test_refused_passwords),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_check_bcrypt),
		cmocka_unit_test(test_check_import),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
