#include <stdlib.h>

#include "../lib/rows.h"

static void test_append(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_int_equal(buf_str(&buf).length, 0);
	buf_append(&buf, NULL, 0);
	buf_append(&buf, "a\0b", 3);
	buf_append_str(&buf, STR("c"));
	buf_append_text(&buf, "de");
	buf_append_char(&buf, '!');
	buf_printf(&buf, "%03d%s", 7, "x");
	assert_int_equal(buf.length, 11);
	assert_memory_equal(buf.data, "a\0bcde!007x", 12);
	assert_false(buf.failed);
	buf_free(&buf);
	assert_null(buf.data);
	buf_append_text(&buf, "again");
	assert_string_equal(buf.data, "again");
	buf_free(&buf);
}

static void test_grow(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_append_char(&buf, (char)('a' + i % 26));
	assert_int_equal(buf.length, 10000);
	assert_int_equal(buf.data[9999], 'a' + 9999 % 26);
	assert_int_equal(buf.data[10000], '\0');
	buf_printf(&buf, "%5000d", 1);
	assert_int_equal(buf.length, 15000);
	buf_free(&buf);
}

static void test_int64(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ -1, "-1" },
		{ 1000000, "1000000" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf buf = { 0 };

		buf_append_int64(&buf, rows[i].value);
		expect_str(i, buf_str(&buf), rows[i].text);
		buf_free(&buf);
	}
}

/* The limit counts bytes without the NUL; after a failure nothing more is taken. */
static void test_limit(void **state)
{
	struct buf buf = { .limit = 10 };

	(void)state;
	buf_append_text(&buf, "0123456789");
	assert_false(buf.failed);
	assert_int_equal(buf.length, 10);
	buf_append(&buf, NULL, 0);
	assert_false(buf.failed);
	buf_reset(&buf, 1024);
	buf_append_text(&buf, "01234567");
	for (int i = 0; i < 400; i++)
		buf_append_char(&buf, 'x');
	assert_true(buf.failed);
	assert_true(buf.length <= 256);
	buf_append_char(&buf, 'y');
	assert_null(memchr(buf.data, 'y', buf.length));
	buf_reset(&buf, 1024);
	assert_false(buf.failed);
	assert_int_equal(buf.length, 0);
	buf_printf(&buf, "%400d", 1);
	assert_true(buf.failed);
	assert_int_equal(buf.length, 0);
	buf_free(&buf);
	assert_int_equal(buf.limit, 10);
}

/* A limit holds for every append, also where the memory would be there. */
static void test_limit_is_exact(void **state)
{
	struct buf buf = { .limit = 10 };

	(void)state;
	buf_append_text(&buf, "01234567890");
	assert_true(buf.failed);
	assert_int_equal(buf.length, 0);
	buf_reset(&buf, 1024);
	buf_append_text(&buf, "0123456789");
	buf_append_char(&buf, 'x');
	assert_true(buf.failed);
	assert_int_equal(buf.length, 10);
	buf_free(&buf);
}

static void test_reserve(void **state)
{
	static const size_t impossible[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 5,
		SIZE_MAX / 2 + 2 };
	struct buf buf = { 0 };

	(void)state;
	buf_append_text(&buf, "12345");
	assert_true(buf_reserve(&buf, 100000));
	assert_true(buf.capacity > 100005);
	for (size_t i = 0; i < ROWS(impossible); i++) {
		buf.failed = false;
		expect_int(i, buf_reserve(&buf, impossible[i]), false);
		expect_int(i, buf.failed, true);
	}
	assert_string_equal(buf.data, "12345");
	buf_free(&buf);
}

static void test_reset(void **state)
{
	struct buf buf = { 0 };
	char *memory;

	(void)state;
	buf_reset(&buf, 16);
	buf_append_text(&buf, "abc");
	memory = buf.data;
	buf_reset(&buf, 4096);
	assert_ptr_equal(buf.data, memory);
	assert_string_equal(buf.data, "");
	buf_append_text(&buf, "abc");
	buf_reset(&buf, 16);
	assert_null(buf.data);
	assert_int_equal(buf.capacity, 0);
}

static void test_json_string(void **state)
{
	static const struct {
		struct str text;
		const char *expected;
	} rows[] = {
		{ BYTES(""), "\"\"" },
		{ { NULL, 0 }, "\"\"" },
		{ BYTES("plain"), "\"plain\"" },
		{ BYTES("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"" },
		{ BYTES("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"" },
		{ BYTES("\0\x01\x0B\x1F"), "\"\\u0000\\u0001\\u000b\\u001f\"" },
		{ BYTES("~\x7F"), "\"~\\u007f\"" },
		{ BYTES("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
		    "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"" },
		{ BYTES("a\xC2\x85z"), "\"a\\u0085z\"" },
		{ BYTES("\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0"), "\"\\u0080\\u009b\\u009f\xC2\xA0\"" },
		{ BYTES("\xE2\x80\xA8-\xE2\x80\xA9"), "\"\\u2028-\\u2029\"" },
		{ BYTES("\xE2\x80\xA7\xE2\x80\xAA"), "\"\xE2\x80\xA7\xE2\x80\xAA\"" },
		{ BYTES("<&>'"), "\"<&>'\"" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf buf = { 0 };

		buf_append_json_string(&buf, rows[i].text);
		expect_str(i, buf_str(&buf), rows[i].expected);
		buf_free(&buf);
	}
}

/* The rule of the header, byte by byte. */
static void escape_slowly(struct buf *out, struct str text)
{
	static const char letters[] = "btn?fr";

	buf_append_char(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		struct str rest = str_slice(text, i, text.length);

		if (byte == '"' || byte == '\\') {
			buf_printf(out, "\\%c", byte);
		} else if (byte >= 0x08 && byte <= 0x0D && byte != 0x0B) {
			buf_printf(out, "\\%c", letters[byte - 0x08]);
		} else if (byte < 0x20 || byte == 0x7F) {
			buf_printf(out, "\\u%04x", byte);
		} else if (byte == 0xC2 && rest.length > 1 && (unsigned char)rest.data[1] <= 0x9F) {
			buf_printf(out, "\\u%04x", (unsigned char)rest.data[1]);
			i++;
		} else if (str_starts_with(rest, STR("\xE2\x80\xA8")) ||
			   str_starts_with(rest, STR("\xE2\x80\xA9"))) {
			buf_printf(out, "\\u20%02x", (unsigned char)rest.data[2] - 0x80);
			i += 2;
		} else {
			buf_append_char(out, (char)byte);
		}
	}
	buf_append_char(out, '"');
}

static void check_escapes(size_t row, struct str text)
{
	struct buf quick = { 0 }, slow = { 0 };

	buf_append_json_string(&quick, text);
	escape_slowly(&slow, text);
	assert_true(quick.length >= 2);
	if (!str_equal(buf_str(&quick), buf_str(&slow)))
		fail_msg("row %zu: got %s, expected %s", row, quick.data, slow.data);
	buf_free(&quick);
	buf_free(&slow);
}

/* Each byte at each place of a word and behind it, and all sorts of characters, whole and broken.
 */
static void test_json_string_places(void **state)
{
	static const char *const pieces[] = { "a", "z", "\"", "\\", "\n", "\x1B", "\x7F", "\xC2",
		"\xC2\x85", "\xC3\xA9", "\xE2", "\xE2\x80", "\xE2\x80\xA8", "\xE2\x80\xA9",
		"\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xFF", "eight by", "/", "!", "#", "[", "]",
		"\x20" };
	uint32_t random = 1;
	char text[64];

	(void)state;
	for (size_t place = 0; place < 20; place++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			memset(text, 'x', sizeof(text));
			text[place] = (char)byte;
			for (size_t length = place + 1; length <= 24; length++)
				check_escapes(byte, (struct str){ text, length });
		}
	}
	for (size_t row = 0; row < 20000; row++) {
		struct buf mixed = { 0 };

		for (unsigned i = 0; i < row % 13; i++) {
			random = random * 1664525 + 1013904223;
			buf_append_text(&mixed, pieces[(random >> 16) % ROWS(pieces)]);
		}
		/* Memory of its very size: nothing behind it may be read. */
		if (mixed.length > 0) {
			char *exact = malloc(mixed.length);

			assert_non_null(exact);
			memcpy(exact, mixed.data, mixed.length);
			check_escapes(row, (struct str){ exact, mixed.length });
			free(exact);
		}
		buf_free(&mixed);
	}
}

static void test_visible(void **state)
{
	static const struct {
		struct str text;
		const char *expected;
	} rows[] = {
		{ BYTES(""), "" },
		{ BYTES("Anna ~"), "Anna ~" },
		{ BYTES("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
		    "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80" },
		{ BYTES("\0\x01\x1B[1m\x1F \x7F"), "???[1m? ?" },
		{ BYTES("a\r\n\tb"), "a???b" },
		{ BYTES("\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0"), "???\xC2\xA0" },
		{ BYTES("\xD8\x9B\xD8\x9C"), "\xD8\x9B?" },
		{ BYTES("\xE2\x80\x8D\xE2\x80\x8E\xE2\x80\x8F\xE2\x80\x90"),
		    "\xE2\x80\x8D??\xE2\x80\x90" },
		{ BYTES("\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xAE\xE2\x80\xAF"),
		    "\xE2\x80\xA7??\xE2\x80\xAF" },
		{ BYTES("\xE2\x81\xA5\xE2\x81\xA6\xE2\x81\xA9\xE2\x81\xAA"),
		    "\xE2\x81\xA5??\xE2\x81\xAA" },
		{ BYTES("a\xFF\xC3 \xE2\x82"), "a?? ??" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf buf = { 0 };

		buf_append_visible(&buf, rows[i].text);
		expect_str(i, buf_str(&buf), rows[i].expected);
		buf_free(&buf);
	}
}

static void test_cut(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_append_cut(&buf, STR("abc"), 3);
	buf_append_cut(&buf, STR("-\xC3\xA9\xC3\xA9"), 4);
	expect_str(0, buf_str(&buf), "abc-\xC3\xA9\xE2\x80\xA6 (5 bytes)");
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_int64),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limit_is_exact),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_json_string),
		cmocka_unit_test(test_json_string_places),
		cmocka_unit_test(test_visible),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
