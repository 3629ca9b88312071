#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "auth/key.h"
#include "auth/secret.h"
#include "schema/resource.h"

/* SHA-256 of "abc" (FIPS 180-2). */
#define ABC "{sha256}ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct fixture {
	struct arena *arena;
	struct secret_memo *memo;
	struct error error;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture.arena = arena_new(4096, 1 << 20);
	fixture.memo = secret_memo_new();
	error_init(&fixture.error, fixture.arena);
	*state = &fixture;
	return fixture.memo == NULL;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	secret_memo_free(fixture->memo);
	arena_free(fixture->arena);
	return 0;
}

static void test_make(void **state)
{
	static const struct {
		const char *prefix;
		size_t length;
	} rows[] = {
		{ SECRET_CLIENT_PREFIX, 47 },
		{ "", 43 },
		{ "a_prefix_longer_than_fits", 63 },
	};
	char secret[SECRET_TEXT_MAX], other[SECRET_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t prefix;

		secret_make(rows[i].prefix, secret);
		secret_make(rows[i].prefix, other);
		assert_int_equal(strlen(secret), rows[i].length);
		assert_string_not_equal(secret, other);
		prefix = strlen(secret) - 43;
		assert_memory_equal(secret, rows[i].prefix, prefix);
		assert_int_equal(strspn(secret + prefix, RANDOM_BASE64URL), 43);
	}
	assert_int_equal(strlen(RANDOM_BASE64URL), 64);
	assert_true(4 + 43 <= SECRET_LONGEST);
}

static void test_random(void **state)
{
	struct fixture *fixture = *state;
	char hash[PASSWORD_HASH_MAX];

	assert_int_equal(secret_hash(STR("abc"), true, hash, &fixture->error), 0);
	assert_string_equal(hash, ABC);
	assert_true(secret_is_quick(fixture->memo, STR("abc"), hash));
	assert_true(secret_is_quick(NULL, STR("wrong"), hash));
	assert_true(secret_verify(fixture->memo, STR("abc"), hash));
	assert_true(secret_verify(NULL, STR("abc"), hash));
}

static void test_chosen(void **state)
{
	struct fixture *fixture = *state;
	char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];

	assert_int_equal(secret_hash(STR("abc"), false, hash, &fixture->error), 0);
	assert_int_equal(secret_hash(STR("abc"), false, again, &fixture->error), 0);
	assert_memory_equal(hash, "$y$", 3);
	assert_false(secret_is_quick(fixture->memo, STR("abc"), hash));
	assert_false(secret_verify(fixture->memo, STR("abd"), hash));
	assert_false(secret_is_quick(fixture->memo, STR("abd"), hash));
	assert_true(secret_verify(fixture->memo, STR("abc"), hash));
	/* Remembered is the pair, neither the secret nor the hash. */
	assert_true(secret_is_quick(fixture->memo, STR("abc"), hash));
	assert_false(secret_is_quick(fixture->memo, STR("abd"), hash));
	assert_false(secret_is_quick(fixture->memo, STR("abc"), again));
	assert_false(secret_is_quick(NULL, STR("abc"), hash));
	assert_true(secret_verify(fixture->memo, STR("abc"), hash));
	assert_true(secret_verify(NULL, STR("abc"), hash));
}

static void test_none(void **state)
{
	static const char *const hashes[] = { "", "*0", "{sha256}", "{sha256}ba7816bf", ABC "0",
		"{sha256}BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "$y$j9T$" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(hashes); i++) {
		assert_false(secret_verify(fixture->memo, STR("abc"), hashes[i]));
		assert_false(secret_verify(fixture->memo, STR(""), hashes[i]));
	}
	assert_false(secret_verify(fixture->memo, STR(""), ABC));
	assert_false(secret_verify(fixture->memo, STR("abcd"), ABC));
}

/* More pairs than the memory holds push each other out, and nothing else happens. */
static void test_full(void **state)
{
	/* The cheapest method that crypt() knows, so that the test is quick. */
	static const char hash[] =
	    "$5$rounds=1000$saltsalt$azOwbpkvuuBKkE82dQPwTsQE8JyT9Fflpr9aKid3aT9";
	struct fixture *fixture = *state;
	unsigned quick = 0;

	assert_true(password_verify(STR("password"), hash));
	assert_true(secret_verify(fixture->memo, STR("password"), hash));
	assert_true(secret_is_quick(fixture->memo, STR("password"), hash));
	for (unsigned i = 0; i < 1500; i++) {
		char secret[SECRET_TEXT_MAX], own[PASSWORD_HASH_MAX];

		(void)snprintf(secret, sizeof(secret), "secret-%u", i);
		assert_int_equal(secret_hash(str_from(secret), true, own, &fixture->error), 0);
		assert_true(secret_verify(fixture->memo, str_from(secret), own));
		quick += secret_is_quick(fixture->memo, str_from(secret), own);
	}
	assert_int_equal(quick, 1500);
	/* Random ones need no place in it. */
	assert_true(secret_is_quick(fixture->memo, STR("password"), hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_make, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_random, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_chosen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
