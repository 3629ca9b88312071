#include "../lib/rows.h"
#include "codec/json_lenient.h"
#include "codec/reader.h"

static const struct {
	const char *text, *expected;
} rows[] = {
	/* What is strict stays. */
	{ "", "" },
	{ "null", "null" },
	{ "{\"a\":[1,-2.5e3,true,\"x\\\"',]}\"],\"b\":{}}",
	    "{\"a\":[1,-2.5e3,true,\"x\\\"',]}\"],\"b\":{}}" },
	{ "\xEF\xBB\xBF{ }", "\xEF\xBB\xBF{ }" },
	/* Quotes. */
	{ "{'a':'b'}", "{\"a\":\"b\"}" },
	{ "['it\\'s \"x\"']", "[\"it's \\\"x\\\"\"]" },
	{ "[\"it\\'s\"]", "[\"it's\"]" },
	{ "['\\u00e9\\\\']", "[\"\\u00e9\\\\\"]" },
	{ "['\\\"']", "[\"\\\"\"]" },
	{ "'//,]'", "\"//,]\"" },
	{ "['a\n\tb\r\n']", "[\"a\\n\\tb\\r\\n\"]" },
	/* Names. */
	{ "{a:1}", "{\"a\":1}" },
	{ "{ $a_1 /* x */ : b, null:null}", "{ \"$a_1\"         : b, \"null\":null}" },
	/* Commas. */
	{ "[1,2,]", "[1,2 ]" },
	{ "{\"a\":1 , \n}", "{\"a\":1   \n}" },
	{ "{\"a\":[{},],}", "{\"a\":[{} ] }" },
	{ "[1,/* , */]", "[1        ]" },
	/* Comments. */
	{ "// x\n[1/* ] */]", "    \n[1       ]" },
	{ "/* a\nb */1", "    \n    1" },
	{ "1 // end", "1       " },
	/* What is wrong stays wrong. */
	{ "[,]", "[,]" },
	{ "[1,,]", "[1,,]" },
	{ "{,}", "{,}" },
	{ "{\"a\":,}", "{\"a\":,}" },
	{ ",]", ",]" },
	{ "[1,", "[1," },
	{ "'a", "\"a" },
	{ "'a\\", "\"a\\" },
	{ "'a\"", "\"a\\\"" },
	{ "/* a", "/* a" },
	{ "/", "/" },
	{ "{a b:1}", "{a b:1}" },
	{ "{1a:1}", "{1a:1}" },
	{ "[NaN,a]", "[NaN,a]" },
	{ "{a", "{a" },
};

static void test_make_strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct arena *arena = arena_new(4096, 1024 * 1024);

		expect_str(i, json_make_strict(arena, str_from(rows[i].text)), rows[i].expected);
		arena_free(arena);
	}
}

static void test_memory(void **state)
{
	struct arena *arena = arena_new(16, 16);

	(void)state;
	assert_null(json_make_strict(arena, STR("[1,2,3,4,5,6,7,8,9]")).data);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_strict),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
