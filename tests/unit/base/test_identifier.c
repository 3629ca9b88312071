#include "../lib/rows.h"
#include "base/identifier.h"

static void test_good(void **state)
{
	static const struct {
		const char *format;
		bool good;
	} rows[] = {
		{ "lic{HEX:8}", true },
		{ "{TOKEN:5}-{TOKEN:5}-{TOKEN:5}-{TOKEN:5}", true },
		{ "actk_{token:12}", true },
		{ "{hex:1}", true },
		{ "{HEX:64}", true },
		{ "x{HEX:64}", false },
		{ "{HEX:40}{HEX:25}", false },
		{ "", false },
		{ "fixed", false },
		{ "{HEX:0}", false },
		{ "{HEX:-1}", false },
		{ "{HEX:}", false },
		{ "{HEX}", false },
		{ "{Hex:8}", false },
		{ "{WORD:8}{HEX:8}", false },
		{ "{HEX:8", false },
		{ "{HEX:8}}", false },
		{ "{HEX:99999999999999999999}", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, identifier_format_is_good(str_from(rows[i].format)), rows[i].good);
}

/* Whether each character of the text is one that the pattern's character at its place stands for.
 */
static bool fits(struct str text, const char *pattern)
{
	static const struct {
		char mark;
		const char *alphabet;
	} marks[] = {
		{ 'H', "0123456789ABCDEF" },
		{ 'h', "0123456789abcdef" },
		{ 'T', "23456789ABCDEFGHJKLMNPQRSTUVWXYZ" },
		{ 't', "0123456789abcdefghijklmnopqrstuvwxyz" },
	};

	for (size_t i = 0; i < text.length; i++) {
		const char *alphabet = NULL;

		for (size_t j = 0; j < ROWS(marks); j++) {
			if (marks[j].mark == pattern[i])
				alphabet = marks[j].alphabet;
		}
		if (alphabet != NULL ? strchr(alphabet, text.data[i]) == NULL
				     : text.data[i] != pattern[i])
			return false;
	}
	return text.length == strlen(pattern);
}

static void test_make(void **state)
{
	static const struct {
		const char *format, *pattern;
	} rows[] = {
		{ "k{HEX:8}", "kHHHHHHHH" },
		{ "{hex:3}/{TOKEN:5}-{token:2}", "hhh/TTTTT-tt" },
		{ "{WORD:2}{HEX:2}", "{WORD:2}HH" },
		{ "C-{TOKEN:30}", "C-TTTTTTTTTTTTTTTTTTTTTTTTTTTTTT" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf first = { 0 }, second = { 0 };

		identifier_make(str_from(rows[i].format), &first);
		if (!fits(buf_str(&first), rows[i].pattern))
			fail_msg("row %zu: got \"%s\"", i, first.data);
		do {
			buf_reset(&second, SIZE_MAX);
			identifier_make(str_from(rows[i].format), &second);
		} while (str_equal(buf_str(&first), buf_str(&second)));
		buf_free(&first);
		buf_free(&second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
