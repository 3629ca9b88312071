#include "../lib/rows.h"

static void test_from_and_slice(void **state)
{
	static const struct {
		size_t start, length;
		const char *expected;
	} rows[] = {
		{ 0, 5, "hello" },
		{ 0, 0, "" },
		{ 1, 3, "ell" },
		{ 3, 10, "lo" },
		{ 3, SIZE_MAX, "lo" },
		{ 5, 1, "" },
		{ 6, 1, "" },
		{ SIZE_MAX, SIZE_MAX, "" },
	};
	struct str none = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_str(
		    i, str_slice(STR("hello"), rows[i].start, rows[i].length), rows[i].expected);
	assert_int_equal(str_from(NULL).length, 0);
	assert_int_equal(str_from("abc").length, 3);
	assert_null(str_slice(none, 0, 5).data);
	assert_int_equal(str_slice(none, 3, 5).length, 0);
}

/* What each comparison says of two texts. */
static void test_compare(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal, folded, starts, starts_folded, ends, contains;
	} rows[] = {
		{ "", "", true, true, true, true, true, true },
		{ "a", "", false, false, true, true, true, true },
		{ "", "a", false, false, false, false, false, false },
		{ "a", "a", true, true, true, true, true, true },
		{ "a", "A", false, true, false, true, false, true },
		{ "abc", "ab", false, false, true, true, false, true },
		{ "abc", "bc", false, false, false, false, true, true },
		{ "aBc", "Bc", false, false, false, false, true, true },
		{ "abc", "B", false, false, false, false, false, true },
		{ "abc", "abcd", false, false, false, false, false, false },
		{ "[", "{", false, false, false, false, false, false },
		{ "@", "`", false, false, false, false, false, false },
		{ "\xC3\xA9", "\xC3\x89", false, false, false, false, false, false },
		{ "Content", "content", false, true, false, true, false, true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str a = str_from(rows[i].a), b = str_from(rows[i].b);

		expect_int(i, str_equal(a, b), rows[i].equal);
		expect_int(i, str_equal_ignore_case(a, b), rows[i].folded);
		expect_int(i, str_starts_with(a, b), rows[i].starts);
		expect_int(i, str_starts_with_ignore_case(a, b), rows[i].starts_folded);
		expect_int(i, str_ends_with(a, b), rows[i].ends);
		expect_int(i, str_contains_ignore_case(a, b), rows[i].contains);
	}
}

static void test_find(void **state)
{
	(void)state;
	assert_int_equal(str_find(STR("a=b=c"), '='), 1);
	assert_int_equal(str_find(STR("abc"), '='), 3);
	assert_int_equal(str_find(STR(""), '='), 0);
	assert_int_equal(str_find((struct str){ NULL, 0 }, '='), 0);
	assert_int_equal(str_find(STR("a\0b"), '\0'), 1);
	assert_int_equal(str_find(STR("\xC3\xA9"), '\xA9'), 1);
}

static void test_trim(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ " ", "" },
		{ "a", "a" },
		{ " \t\r\na b\n\r\t ", "a b" },
		{ "\va\f", "\va\f" },
		{ "\xC2\xA0 a", "\xC2\xA0 a" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_str(i, str_trim(str_from(rows[i][0])), rows[i][1]);
	assert_int_equal(str_trim((struct str){ NULL, 0 }).length, 0);
}

static void test_next(void **state)
{
	static const struct {
		const char *text;
		const char *parts; /* each in brackets */
		const char *words;
	} rows[] = {
		{ "", "[]", "" },
		{ "a", "[a]", "[a]" },
		{ "a,,b", "[a][][b]", "[a][b]" },
		{ ",", "[][]", "" },
		{ "a,", "[a][]", "[a]" },
		{ ",a", "[][a]", "[a]" },
		{ " a\tbc , d ", "[ a\tbc ][ d ]", "[a][bc][d]" },
	};
	struct str none = { NULL, 0 }, part;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str rest = str_from(rows[i].text), text = rest;
		struct buf parts = { 0 }, words = { 0 };

		while (str_next(&rest, ',', &part))
			buf_printf(&parts, "[" STR_FORMAT "]", STR_ARGUMENTS(part));
		while (str_next_word(&text, &part))
			buf_printf(&words, "[" STR_FORMAT "]", STR_ARGUMENTS(part));
		expect_str(i, buf_str(&parts), rows[i].parts);
		expect_str(i, buf_str(&words), rows[i].words);
		buf_free(&parts);
		buf_free(&words);
	}
	assert_false(str_next(&none, ',', &part));
	assert_false(str_next_word(&none, &part));
}

static void test_to_int64(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t value;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "-12", true, -12 },
		{ "+7", true, 7 },
		{ "007", true, 7 },
		{ "00000000000000000000000000000012", true, 12 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "+", false, 0 },
		{ "--1", false, 0 },
		{ "+-1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "1.0", false, 0 },
		{ "1e2", false, 0 },
		{ "0x10", false, 0 },
		{ "12a", false, 0 },
		{ "\xD9\xA1", false, 0 },
	};
	int64_t value;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		expect_int(i, str_to_int64(str_from(rows[i].text), &value), rows[i].good);
		if (rows[i].good)
			expect_int(i, value, rows[i].value);
	}
	assert_false(str_to_int64(STR("1\0"), &value));
}

static void test_bytes(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		char lower = str_lower((char)byte);
		int digit = str_hex_digit((char)byte);

		assert_int_equal(
		    (unsigned char)lower, byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
		assert_int_equal((unsigned char)str_upper((char)byte),
		    byte >= 'a' && byte <= 'z' ? byte - 32 : byte);
		if (byte >= '0' && byte <= '9')
			assert_int_equal(digit, byte - '0');
		else if (lower >= 'a' && lower <= 'f')
			assert_int_equal(digit, lower - 'a' + 10);
		else
			assert_int_equal(digit, -1);
	}
}

static void test_utf8(void **state)
{
	static const struct {
		struct str text;
		size_t valid;
		size_t characters; /* of valid ones */
	} rows[] = {
		{ BYTES(""), 0, 0 },
		{ BYTES("abc"), 3, 3 },
		{ BYTES("a\0b"), 3, 3 },
		{ BYTES("\x7F"), 1, 1 },
		{ BYTES("\xC2\x80"), 2, 1 },
		{ BYTES("\xDF\xBF"), 2, 1 },
		{ BYTES("\xE0\xA0\x80"), 3, 1 },
		{ BYTES("\xED\x9F\xBF"), 3, 1 },
		{ BYTES("\xEE\x80\x80"), 3, 1 },
		{ BYTES("\xEF\xBF\xBF"), 3, 1 },
		{ BYTES("\xF0\x90\x80\x80"), 4, 1 },
		{ BYTES("\xF4\x8F\xBF\xBF"), 4, 1 },
		{ BYTES("x\xE2\x82\xACy"), 5, 3 },
		/* Not well-formed: the valid beginning counts. */
		{ BYTES("a\x80"), 1, 0 },
		{ BYTES("a\xBF"), 1, 0 },
		{ BYTES("\xC0\x80"), 0, 0 },
		{ BYTES("\xC1\xBF"), 0, 0 },
		{ BYTES("\xC2"), 0, 0 },
		{ BYTES("\xC2\x41"), 0, 0 },
		{ BYTES("\xE0\x9F\xBF"), 0, 0 },
		{ BYTES("\xE2\x82"), 0, 0 },
		{ BYTES("\xE2\x82\x41"), 0, 0 },
		{ BYTES("\xED\xA0\x80"), 0, 0 },
		{ BYTES("\xED\xBF\xBF"), 0, 0 },
		{ BYTES("\xF0\x8F\xBF\xBF"), 0, 0 },
		{ BYTES("\xF0\x90\x80"), 0, 0 },
		{ BYTES("\xF4\x90\x80\x80"), 0, 0 },
		{ BYTES("\xF5\x80\x80\x80"), 0, 0 },
		{ BYTES("\xFE"), 0, 0 },
		{ BYTES("\xFF"), 0, 0 },
		{ BYTES("ok\xF8\x88\x80\x80\x80"), 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		/* A copy of the exact size, so that a read beyond it is noticed. */
		struct buf copy = { 0 };
		struct str text;

		buf_append_str(&copy, rows[i].text);
		text = buf_str(&copy);
		expect_int(i, (int64_t)str_utf8_valid(text), (int64_t)rows[i].valid);
		if (rows[i].valid == rows[i].text.length)
			expect_int(i, (int64_t)str_utf8_length(text), (int64_t)rows[i].characters);
		buf_free(&copy);
	}
}

static void test_xml(void **state)
{
	static const struct {
		struct str text;
		size_t valid;
	} rows[] = {
		{ BYTES(""), 0 },
		{ BYTES("a\t\n\r\x7F"), 5 },
		{ BYTES("\xC2\x80\xC2\x85\xE2\x80\xA8"), 7 },
		{ BYTES("\xEF\xBF\xBD\xEF\xBE\xBF\xF0\x9F\xBF\xBE"), 10 },
		{ BYTES("a\0"), 1 },
		{ BYTES("ab\x08"), 2 },
		{ BYTES("\x0B"), 0 },
		{ BYTES("\x0C"), 0 },
		{ BYTES("\x1F"), 0 },
		{ BYTES("a\xEF\xBF\xBE"), 1 },
		{ BYTES("a\xEF\xBF\xBF"), 1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_int_equal(str_xml_valid(rows[i].text), rows[i].valid);
}

static void test_cut(void **state)
{
	static const struct {
		const char *text;
		size_t most;
		const char *cut;
	} rows[] = {
		{ "", 0, "" },
		{ "abc", 3, "abc" },
		{ "abc", 2, "ab" },
		{ "abc", 0, "" },
		{ "a\xC3\xA9z", 1, "a" },
		{ "a\xC3\xA9z", 2, "a" },
		{ "a\xC3\xA9z", 3, "a\xC3\xA9" },
		{ "\xF0\x9F\x98\x80", 3, "" },
		{ "\xF0\x9F\x98\x80", 4, "\xF0\x9F\x98\x80" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_str(i, str_cut(str_from(rows[i].text), rows[i].most), rows[i].cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_and_slice),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_to_int64),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
