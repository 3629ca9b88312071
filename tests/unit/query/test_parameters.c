#include "../lib/rows.h"
#include "query/parameters.h"

static const struct limits limits = { .parameters = 5 };

static const struct parameter table[] = {
	{ .name = "term", .kind = PARAMETER_TEXT, .most = 4 },
	{ .name = "offset", .kind = PARAMETER_INTEGER, .most = 100 },
	{ .name = "count", .kind = PARAMETER_INTEGER, .least = 1, .most = 1000, .fallback = 25 },
	{ .name = "all", .kind = PARAMETER_BOOLEAN },
	{ .name = "columns", .kind = PARAMETER_TEXT_LIST, .most = 4 },
};

static const struct parameter demanded[] = {
	{ .name = "q", .kind = PARAMETER_TEXT, .most = 4, .required = true },
	{ .name = "take", .kind = PARAMETER_INTEGER, .most = 100 },
};

static struct arena *arena;
static struct error error;
static struct parameters parameters;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 1 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static int read_query(struct str query, bool strict)
{
	arena_reset(arena);
	error_init(&error, arena);
	return parameters_read(
	    arena, &limits, query, table, ROWS(table), strict, "apiKey", &parameters, &error);
}

/* All parameters that were sent, or all faults, as one text. */
static const char *describe_result(int result)
{
	const char *text = "";

	if (result != 0) {
		for (const struct fault *fault = error.faults; fault != NULL; fault = fault->next)
			text = arena_printf(arena, "%s%s: %s;", text, fault->path, fault->message);
		return text;
	}
	for (size_t i = 0; i < ROWS(table); i++) {
		const struct parameter_value *value = parameters_get(&parameters, table[i].name);

		if (!value->sent)
			continue;
		text = arena_printf(arena, "%s%s=", text, table[i].name);
		if (table[i].kind == PARAMETER_TEXT)
			text = arena_printf(
			    arena, "%s'" STR_FORMAT "'", text, STR_ARGUMENTS(value->text));
		else if (table[i].kind != PARAMETER_TEXT_LIST)
			text = arena_printf(arena, "%s%lld", text, (long long)value->integer);
		for (unsigned j = 0; j < value->item_count; j++)
			text = arena_printf(
			    arena, "%s[" STR_FORMAT "]", text, STR_ARGUMENTS(value->items[j]));
		text = arena_printf(arena, "%s;", text);
	}
	return text;
}

static const struct {
	const char *query;
	const char *strict;
	const char *lax; /* NULL = the same */
	bool strict_fails, lax_fails;
} rows[] = {
	{ "", "", NULL, false, false },
	{ "&&", "", NULL, false, false },
	{ "term=abc", "term='abc';", NULL, false, false },
	{ "TERM=abc&&Count=7", "term='abc';count=7;", NULL, false, false },
	{ "term=", "term='';", NULL, false, false },
	{ "term", "term='';", NULL, false, false },
	{ "t%65rm=a+b%2B", "term='a b+';", NULL, false, false },
	{ "term=%zz", "term='%zz';", NULL, false, false },
	{ "term=a=b", "term='a=b';", NULL, false, false },
	{ "term=\xC3\xA9%C3%A9\xE2\x82\xAC%e2%82%ac",
	    "term='\xC3\xA9\xC3\xA9\xE2\x82\xAC\xE2\x82\xAC';", NULL, false, false },
	{ "offset=0&count=1000", "offset=0;count=1000;", NULL, false, false },
	{ "offset=+7&count=%2B7", "offset=7;count=7;", NULL, false, false },
	{ "all=true", "all=1;", NULL, false, false },
	{ "all=FALSE", "all=0;", NULL, false, false },
	{ "columns=a&columns=b", "columns=[a][b];", NULL, false, false },
	{ "columns[]=a&columns[]=b", "columns=[a][b];", NULL, false, false },
	{ "columns[0]=a&Columns%5B1%5D=b", "columns=[a][b];", NULL, false, false },
	{ "apiKey=x", "", NULL, false, false },
	/* Faults, all at once. */
	{ "term=abcde", "term: The parameter term must be text of at most 4 characters.;", NULL,
	    true, true },
	{ "term=%ff", "term: The parameter term is not valid UTF-8 text.;", NULL, true, true },
	{ "term=a%00", "term: The parameter term is not valid UTF-8 text.;", NULL, true, true },
	{ "columns[0]=%C0%80", "columns: The parameter columns is not valid UTF-8 text.;", NULL,
	    true, true },
	{ "offset=-1&count=0&all=1",
	    "offset: The parameter offset must be an integer from 0 to 100.;"
	    "count: The parameter count must be an integer from 1 to 1000.;"
	    "all: The parameter all must be true or false.;",
	    NULL, true, true },
	{ "offset=", "offset: The parameter offset must be an integer from 0 to 100.;", NULL, true,
	    true },
	{ "offset=1.0", "offset: The parameter offset must be an integer from 0 to 100.;", NULL,
	    true, true },
	{ "offset=99999999999999999999",
	    "offset: The parameter offset must be an integer from 0 to 100.;", NULL, true, true },
	{ "all", "all: The parameter all must be true or false.;", NULL, true, true },
	/* Unknown and repeated ones: faults where the family is strict, else skipped. */
	{ "x=1", "x: The parameter x is unknown.;", "", true, false },
	{ "__=1", "__: The parameter __ is unknown.;", "", true, false },
	/* What scripts add against caches. */
	{ "_=1764000000&_=&_&%5F=2", "", NULL, false, false },
	{ "=1", ": The parameter  is unknown.;", "", true, false },
	{ "term[0]=a", "term[0]: The parameter term[0] is unknown.;", "", true, false },
	{ "columns[a]=a", "columns[a]: The parameter columns[a] is unknown.;", "", true, false },
	{ "columns.a=a", "columns.a: The parameter columns.a is unknown.;", "", true, false },
	{ "%ffx=1", ": The parameter  is unknown.;", "", true, false },
	{ "apiKey=x&APIKEY=y", "apiKey: The parameter apiKey was sent more than once.;", "", true,
	    false },
	{ "term=a&Term=b", "term: The parameter term was sent more than once.;", "term='a';", true,
	    false },
	{ "count=7&count=x", "count: The parameter count was sent more than once.;", "count=7;",
	    true, false },
	{ "a=1&b=2&count=x",
	    "a: The parameter a is unknown.;b: The parameter b is unknown.;"
	    "count: The parameter count must be an integer from 1 to 1000.;",
	    "count: The parameter count must be an integer from 1 to 1000.;", true, true },
	/* Too many: the limit counts all, known or not. */
	{ "columns=1&columns=2&columns=3&columns=4&columns=5", "columns=[1][2][3][4][5];", NULL,
	    false, false },
	{ "columns=1&columns=2&columns=3&columns=4&columns=5&columns=6",
	    "query: The query string has more than 5 parameters.;", NULL, true, true },
};

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int result = read_query(str_from(rows[i].query), true);

		expect_int(i, result, rows[i].strict_fails ? -1 : 0);
		expect_int(i, error.code, rows[i].strict_fails ? ERROR_INVALID : ERROR_NONE);
		expect_str(i, str_from(describe_result(result)), rows[i].strict);
		result = read_query(str_from(rows[i].query), false);
		expect_int(i, result, rows[i].lax_fails ? -1 : 0);
		expect_str(i, str_from(describe_result(result)),
		    rows[i].lax != NULL ? rows[i].lax : rows[i].strict);
	}
}

static void test_fallback(void **state)
{
	(void)state;
	assert_int_equal(read_query((struct str){ NULL, 0 }, true), 0);
	assert_int_equal(parameters_get(&parameters, "count")->integer, 25);
	assert_int_equal(parameters_get(&parameters, "offset")->integer, 0);
	assert_int_equal(parameters_get(&parameters, "all")->integer, 0);
	assert_false(parameters_get(&parameters, "count")->sent);
	assert_int_equal(parameters_get(&parameters, "columns")->item_count, 0);
}

static void test_required(void **state)
{
	static const struct {
		const char *query, *fault; /* NULL = none */
	} cases[] = {
		{ "", "The parameter q is required." },
		{ "take=7", "The parameter q is required." },
		{ "q=a", NULL },
		{ "Q=", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		error_init(&error, arena);
		expect_int(i,
		    parameters_read(arena, &limits, str_from(cases[i].query), demanded,
			ROWS(demanded), true, NULL, &parameters, &error),
		    cases[i].fault != NULL ? -1 : 0);
		if (cases[i].fault != NULL)
			expect_str(i, str_from(error.faults->message), cases[i].fault);
	}
}

static void test_list_max(void **state)
{
	static const struct limits many = { .parameters = 1000 };
	struct buf query = { 0 };

	(void)state;
	for (int i = 0; i < PARAMETER_LIST_MAX; i++)
		buf_printf(&query, "columns[%d]=x&", i);
	error_init(&error, arena);
	assert_int_equal(parameters_read(arena, &many, buf_str(&query), table, ROWS(table), true,
			     NULL, &parameters, &error),
	    0);
	assert_int_equal(parameters_get(&parameters, "columns")->item_count, PARAMETER_LIST_MAX);
	buf_append_text(&query, "columns=y");
	assert_int_equal(parameters_read(arena, &many, buf_str(&query), table, ROWS(table), true,
			     NULL, &parameters, &error),
	    -1);
	assert_string_equal(error.faults->message, "The parameter columns takes at most 64 items.");
	buf_free(&query);
}

/* A name that is very long is shown cut at a character. */
static void test_long_name(void **state)
{
	struct buf query = { 0 };

	(void)state;
	buf_append_char(&query, 'x');
	for (int i = 0; i < 100; i++)
		buf_append_text(&query, "\xC3\xA9");
	assert_int_equal(read_query(buf_str(&query), true), -1);
	assert_int_equal(strlen(error.faults->path), 63);
	assert_int_equal(
	    str_utf8_valid(str_from(error.faults->message)), strlen(error.faults->message));
	buf_free(&query);
}

/* A request without memory left is an error, never a query without parameters. */
static void test_exhausted(void **state)
{
	struct arena *small = arena_new(1024, 1024);
	struct buf query = { 0 };
	static const struct parameter one[] = { { .name = "a", .kind = PARAMETER_BOOLEAN } };
	static const struct parameter list[] = {
		{ .name = "a", .kind = PARAMETER_TEXT_LIST, .most = 100 },
	};

	(void)state;
	buf_printf(&query, "a=true&b=%2000d", 1);
	error_init(&error, small);
	parameters = (struct parameters){ 0 };
	while (arena_alloc(small, 64) != NULL)
		;
	assert_int_equal(parameters_read(small, &limits, buf_str(&query), one, 1, false, NULL,
			     &parameters, &error),
	    -1);
	assert_int_not_equal(error.code, ERROR_NONE);
	buf_free(&query);
	arena_free(small);
	small = arena_new(3000, 3000);
	error_init(&error, small);
	while (arena_used(small) < 2700)
		arena_alloc(small, 16);
	assert_int_equal(
	    parameters_read(small, &limits,
		STR("b=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "&a=true"),
		one, 1, false, NULL, &parameters, &error),
	    -1);
	assert_int_equal(error.code, ERROR_TOO_LARGE);
	error_clear(&error);
	assert_int_equal(
	    parameters_read(small, &limits, STR("a=x"), list, 1, false, NULL, &parameters, &error),
	    -1);
	assert_int_equal(error.code, ERROR_TOO_LARGE);
	arena_free(small);
}

static void test_find(void **state)
{
	static const char *const finds[][2] = {
		{ "apiKey=x", "x" },
		{ "a=1&APIkey=x%20y&apiKey=z", "x y" },
		{ "apiKey=", "" },
		{ "apiKey", "" },
		{ "xapiKey=1", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(finds); i++)
		expect_str(i, parameters_find(arena, str_from(finds[i][0]), "apiKey"), finds[i][1]);
	assert_null(parameters_find(arena, (struct str){ NULL, 0 }, "apiKey").data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_fallback),
		cmocka_unit_test(test_required),
		cmocka_unit_test(test_list_max),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_exhausted),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
