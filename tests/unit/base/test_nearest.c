#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/nearest.h"

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "ownerId", "OWNERID", 0 },
		{ "userId", "ownerId", 3 },
		{ "permision", "permissions", 2 },
		{ "expierDate", "expireDate", 1 },
		{ "ab", "ba", 1 },
		{ "abc", "ca", 3 },
		{ "kitten", "sitting", 3 },
		{ "\xc3\xa4", "a", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str a = str_from(rows[i].a), b = str_from(rows[i].b);

		assert_int_equal(nearest_distance(a, b), rows[i].distance);
		assert_int_equal(nearest_distance(b, a), rows[i].distance);
	}
}

static void test_length(void **state)
{
	char word[NEAREST_WORD_MAX + 1];

	(void)state;
	memset(word, 'x', sizeof(word));
	assert_int_equal(
	    nearest_distance((struct str){ word, NEAREST_WORD_MAX }, STR("")), NEAREST_WORD_MAX);
	assert_int_equal(
	    nearest_distance((struct str){ word, NEAREST_WORD_MAX + 1 }, STR("")), UINT_MAX);
	assert_int_equal(
	    nearest_distance(STR(""), (struct str){ word, NEAREST_WORD_MAX + 1 }), UINT_MAX);
}

static void test_offers(void **state)
{
	struct nearest nearest = { .word = STR("userId") };
	char word[NEAREST_WORD_MAX + 1] = { 0 };

	(void)state;
	nearest_offer(&nearest, (struct str){ word, sizeof(word) });
	assert_null(nearest.best.data);
	nearest_offer(&nearest, STR("permissions"));
	nearest_offer(&nearest, STR("ownerId"));
	nearest_offer(&nearest, STR("id"));
	assert_true(str_equal(nearest.best, STR("ownerId")));
	assert_int_equal(nearest.distance, 3);
	nearest = (struct nearest){ .word = STR("uses") };
	nearest_offer(&nearest, STR("UserID"));
	nearest_offer(&nearest, STR("UsesLeft"));
	assert_true(str_equal(nearest.best, STR("UsesLeft")));
}

static void test_likely(void **state)
{
	struct nearest nearest = { .word = STR("lst") };

	(void)state;
	assert_false(nearest_is_likely(&nearest));
	nearest_offer(&nearest, STR("list"));
	assert_true(nearest_is_likely(&nearest));
	nearest = (struct nearest){ .word = STR("nonsense") };
	nearest_offer(&nearest, STR("clients"));
	assert_false(nearest_is_likely(&nearest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_likely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
