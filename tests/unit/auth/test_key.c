#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "auth/key.h"
#include "schema/resource.h"

static void test_make(void **state)
{
	static const struct {
		const char *prefix;
		size_t length;
	} rows[] = {
		{ "api_", 28 },
		{ "", 24 },
		{ "a_prefix_that_is_as_long_as_it_may_be_", 62 },
		{ "a_prefix_that_is_longer_than_it_may_be_______", 63 },
	};
	char key[KEY_TEXT_MAX], other[KEY_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t prefix;

		key_make(rows[i].prefix, key);
		key_make(rows[i].prefix, other);
		assert_int_equal(strlen(key), rows[i].length);
		assert_string_not_equal(key, other);
		prefix = strlen(key) - 24;
		assert_memory_equal(key, rows[i].prefix, prefix);
		assert_int_equal(strspn(key + prefix, RANDOM_ALPHANUMERIC_LOWER), 24);
	}
}

/* The examples of FIPS 180-2. */
static void test_hash(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	uint8_t hash[KEY_HASH_LENGTH];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		key_hash(str_from(rows[i].text), hash);
		for (size_t j = 0; j < sizeof(hash); j++)
			assert_int_equal(hash[j], str_hex_digit(rows[i].hex[2 * j]) * 16 +
						      str_hex_digit(rows[i].hex[2 * j + 1]));
	}
	key_hash((struct str){ NULL, 0 }, hash);
	assert_int_equal(hash[0], 0xe3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
