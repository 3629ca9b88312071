#include "../lib/rows.h"
#include "base/timestamp.h"
#include "base/uuid.h"

#define D_FORM "53a15dd6-8768-4aa5-9ba6-770d614daeab"
#define N_FORM "53a15dd687684aa59ba6770d614daeab"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ D_FORM, true },
		{ N_FORM, true },
		{ "{" D_FORM "}", true },
		{ "(" D_FORM ")", true },
		{ "53A15DD6-8768-4AA5-9BA6-770D614DAEAB", true },
		{ " \t" D_FORM "\r\n", true },
		{ " {" D_FORM "} ", true },
		{ "", false },
		{ "{}", false },
		{ "{" D_FORM ")", false },
		{ "(" D_FORM "}", false },
		{ "}" D_FORM "{", false },
		{ "{" D_FORM, false },
		{ D_FORM "}", false },
		{ "{" N_FORM "}", false },
		{ "((" D_FORM "))", false },
		{ D_FORM "0", false },
		{ "53a15dd6-8768-4aa5-9ba6-770d614daea", false },
		{ "53a15dd6-8768-4aa5-9ba6-770d614daeag", false },
		{ "53a15dd68768-4aa5-9ba6-770d614daeab", false },
		{ "53a15dd-68768-4aa5-9ba6-770d614daeab", false },
		{ "53a15dd6-8768-4aa5-9ba6 770d614daeab", false },
		{ "53a15dd687684aa59ba6770d614daea", false },
		{ "53a15dd687684aa59ba6770d614daeabc", false },
		{ "0x53a15dd6", false },
		{ "{ 53a15dd6-8768-4aa5-9ba6-770d614daeab }", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char text[UUID_TEXT_LENGTH];
		struct uuid uuid;

		expect_int(i, uuid_parse(str_from(rows[i].text), &uuid), rows[i].good);
		if (!rows[i].good)
			continue;
		uuid_print(&uuid, text);
		expect_str(i, (struct str){ text, sizeof(text) }, D_FORM);
	}
}

static void test_random(void **state)
{
	struct uuid first = uuid_random();

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct uuid uuid = uuid_random();

		assert_int_equal(uuid.bytes[6] >> 4, 4);
		assert_int_equal(uuid.bytes[8] >> 6, 2);
		assert_false(uuid_equal(&first, &uuid));
		assert_false(uuid_is_zero(&uuid));
	}
}

/* The first 48 bits are milliseconds; later ones are greater, byte by byte. */
static void test_new(void **state)
{
	struct uuid before = uuid_new();

	(void)state;
	for (int i = 0; i < 100; i++) {
		int64_t earliest = timestamp_now() / 1000, made = 0, latest;
		struct uuid uuid = uuid_new();

		latest = timestamp_now() / 1000;
		for (unsigned j = 0; j < 6; j++)
			made = made << 8 | uuid.bytes[j];
		assert_in_range(made, earliest, latest);
		assert_int_equal(uuid.bytes[6] >> 4, 7);
		assert_int_equal(uuid.bytes[8] >> 6, 2);
		assert_true(memcmp(before.bytes, uuid.bytes, 8) <= 0);
		assert_memory_not_equal(before.bytes + 8, uuid.bytes + 8, 8);
		before = uuid;
		while (timestamp_now() / 1000 == latest)
			(void)uuid_random();
	}
}

static void test_equal(void **state)
{
	struct uuid zero = { { 0 } }, one = { { 0 } };

	(void)state;
	assert_true(uuid_is_zero(&zero));
	one.bytes[15] = 1;
	assert_false(uuid_is_zero(&one));
	assert_false(uuid_equal(&zero, &one));
	assert_true(uuid_equal(&one, &one));
}

static void test_random_bytes(void **state)
{
	unsigned char bytes[1000] = { 0 };
	unsigned zeros = 0;

	(void)state;
	random_bytes(bytes, 0);
	assert_int_equal(bytes[0], 0);
	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		zeros += bytes[i] == 0;
	assert_true(zeros < 50);
}

/* Every letter of the alphabet comes about equally often, and no other. */
static void test_random_text(void **state)
{
	static char text[26001];
	unsigned counts[256] = { 0 };

	(void)state;
	random_text(text, 26000, RANDOM_ALPHANUMERIC_LOWER);
	assert_int_equal(strlen(text), 26000);
	for (size_t i = 0; i < 26000; i++)
		counts[(unsigned char)text[i]]++;
	for (int byte = 0; byte < 256; byte++) {
		if (byte != 0 && strchr(RANDOM_ALPHANUMERIC_LOWER, byte) != NULL)
			assert_in_range(counts[byte], 500, 950); /* 722 on average */
		else
			assert_int_equal(counts[byte], 0);
	}
	random_text(text, 0, RANDOM_HEX_LOWER);
	assert_string_equal(text, "");
	random_text(text, 5, "a");
	assert_string_equal(text, "aaaaa");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_random_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
