#include "../lib/rows.h"
#include "codec/xml_text.h"

static void test_rows(void **state)
{
	static const struct {
		struct str text;
		const char *expected;
	} rows[] = {
		{ BYTES(""), "" },
		{ BYTES("plain"), "plain" },
		{ BYTES("a<b>&c\"'"), "a&lt;b&gt;&amp;c\"'" },
		{ BYTES("\t\n\r"), "\t\n&#xD;" },
		{ BYTES("a\0b\x0B\x1F"), "a\xEF\xBF\xBD"
					 "b\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ BYTES("\xEF\xBF\xBE.\xEF\xBF\xBF"), "\xEF\xBF\xBD.\xEF\xBF\xBD" },
		{ BYTES("\xEF\xBF\xBD\xEF\xBC\xA1"), "\xEF\xBF\xBD\xEF\xBC\xA1" },
		{ BYTES("\xEF\xBF"), "\xEF\xBF" },
		{ BYTES("\xF0\x9F\x98\x80\x7F"), "\xF0\x9F\x98\x80\x7F" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf out = { 0 };

		buf_append_text(&out, "");
		xml_text_append(&out, rows[i].text);
		expect_str(i, buf_str(&out), rows[i].expected);
		buf_free(&out);
	}
}

/* Bytes that stay, and bytes that do not, each by itself and between others. */
static void test_bytes(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		char text[] = { 'a', (char)byte, 'z' };
		bool kept = byte != '&' && byte != '<' && byte != '>' &&
			    (byte >= 0x20 || byte == '\t' || byte == '\n');
		struct buf out = { 0 };

		xml_text_append(&out, (struct str){ text, sizeof(text) });
		expect_int(byte, out.length == sizeof(text) && out.data[1] == (char)byte, kept);
		expect_int(byte, out.data[0] == 'a' && out.data[out.length - 1] == 'z', true);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
