#include "../lib/rows.h"
#include "query/lexer.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 1 << 20);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* One letter for each kind of token, as they come. */
static const struct {
	const char *text, *kinds, *first;
} rows[] = {
	{ "", "", "" },
	{ " \t\r\n", "", "" },
	{ "name", "n", "name" },
	{ "_a1 b", "nn", "_a1" },
	{ "\"text\"", "t", "\"text\"" },
	{ "'it''s'", "t", "'it''s'" },
	{ "\"a\"\"b\" 'c'", "tt", "\"a\"\"b\"" },
	{ "\"a'b\"", "t", "\"a'b\"" },
	{ "12", "#", "12" },
	{ "-12.5e-3", "#", "-12.5e-3" },
	{ "1.5.2", "#s#", "1.5" },
	{ "1e", "#n", "1" },
	{ "1.", "#s", "1" },
	{ "- 1", "?#", "-" },
	{ "a==b", "nsn", "a" },
	{ "a=b", "nsn", "a" },
	{ "a<>b", "nsn", "a" },
	{ "a<=b", "nsn", "a" },
	{ "a>=1&&!b||c", "ns#ssnsn", "a" },
	{ "a.b(c,*)", "nsnsnsss", "a" },
	{ "a & b", "n?n", "a" },
	{ "a | b", "n?n", "a" },
	{ "\xC3\xA4", "?", "\xC3\xA4" },
	{ "\xE2\x82\xAC x", "?n", "\xE2\x82\xAC" },
	{ "\"open", "?", "\"open" },
	{ "'", "?", "'" },
	{ "\"a\"\"", "?", "\"a\"\"" },
	{ "x;", "n?", "x" },
};

static void test_kinds(void **state)
{
	static const char letters[] = { [TOKEN_NAME] = 'n',
		[TOKEN_TEXT] = 't',
		[TOKEN_NUMBER] = '#',
		[TOKEN_SIGN] = 's',
		[TOKEN_BROKEN] = '?' };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char kinds[32] = "";
		size_t count = 0;
		struct error error;
		struct lexer lexer;

		error_init(&error, arena);
		lexer_begin(&lexer, "filter", str_from(rows[i].text), arena, &error);
		expect_str(i, lexer.token.text, rows[i].first);
		for (; lexer.token.kind != TOKEN_END && count < 31; lexer_advance(&lexer))
			kinds[count++] = letters[lexer.token.kind];
		expect_str(i, str_from(kinds), rows[i].kinds);
	}
}

static void test_text(void **state)
{
	static const struct {
		const char *written, *text;
	} texts[] = {
		{ "\"\"", "" },
		{ "''", "" },
		{ "\"a b\"", "a b" },
		{ "'it''s'", "it's" },
		{ "''''", "'" },
		{ "\"\"\"\"\"\"", "\"\"" },
		{ "\"it's\"", "it's" },
		{ "'C:\\x'", "C:\\x" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct error error;
		struct lexer lexer;

		error_init(&error, arena);
		lexer_begin(&lexer, "filter", str_from(texts[i].written), arena, &error);
		assert_int_equal(lexer.token.kind, TOKEN_TEXT);
		expect_str(i, lexer_text(&lexer), texts[i].text);
	}
}

static void test_words(void **state)
{
	struct error error;
	struct lexer lexer;

	(void)state;
	error_init(&error, arena);
	lexer_begin(&lexer, "sort", STR("DeSc ,"), arena, &error);
	assert_true(lexer_is_word(&lexer, "desc"));
	assert_false(lexer_accept_word(&lexer, "asc"));
	assert_false(lexer_is_sign(&lexer, ","));
	assert_true(lexer_accept_word(&lexer, "desc"));
	assert_true(lexer_accept_sign(&lexer, ","));
	assert_int_equal(lexer.token.kind, TOKEN_END);
	lexer_fault(&lexer, &lexer.token, "a member");
	assert_string_equal(error.faults->path, "sort");
	assert_string_equal(error.faults->message,
	    "The sort is wrong at position 7: a member is expected, but it ends here.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
