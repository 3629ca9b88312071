#include "../lib/body.h"

#include <stdlib.h>

#define WITH_NUL(text) .body = (text), .length = sizeof(text) - 1
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct body_case good[] = {
	/* Nothing. */
	{ .body = "", .tree = "-" },
	{ .body = " \t\r\n ", .tree = "-" },
	{ .body = "null", .tree = "-" },
	{ .body = "\n null \n", .tree = "-" },
	{ .body = "\xEF\xBB\xBF", .tree = "-" },
	{ .body = "\xEF\xBB\xBFnull", .tree = "-" },
	/* Scalars alone, with and without something behind them. */
	{ .body = "true", .tree = "true" },
	{ .body = " false ", .tree = "false" },
	{ .body = "0", .tree = "#0" },
	{ .body = "12 ", .tree = "#12" },
	{ .body = "\"\"", .tree = "\"\"" },
	{ .body = "\"null\"", .tree = "\"null\"" },
	/* Shapes. */
	{ .body = "{}", .tree = "{}" },
	{ .body = "[]", .tree = "[]" },
	{ .body = "\xEF\xBB\xBF{\"a\":1}", .tree = "{a:#1}" },
	{ .body = " { \"a\" :\t[ 1 , null,\r\n{} ] , \"b\":{\"c\":false} } ",
	    .tree = "{a:[#1,null,{}],b:{c:false}}" },
	{ .body = "{\"b\":1,\"a\":2,\"c\":3}", .tree = "{b:#1,a:#2,c:#3}" },
	{ .body = "{\"\":1}", .tree = "{:#1}" },
	/* Members twice: exact repetitions merge, others stay for the look-up to choose from. */
	{ .body = "{\"a\":1,\"b\":2,\"a\":3}", .tree = "{a:#3,b:#2}" },
	{ .body = "{\"a\":1,\"A\":2}", .tree = "{a:#1,A:#2}" },
	{ .body = "{\"a\":[1,2],\"a\":null}", .tree = "{a:null}" },
	/* Numbers keep their text. */
	{ .body = "[0,-1,1.50,1e3,1E+3,1.0e-7,-0.0,0e1]",
	    .tree = "[#0,#-1,#1.50,#1e3,#1E+3,#1.0e-7,#-0.0,#0e1]" },
	{ .body = "[2147483647,2147483648,-2147483649]",
	    .tree = "[#2147483647,#2147483648,#-2147483649]" },
	{ .body = "[999999999999999999,-999999999999999999]",
	    .tree = "[#999999999999999999,#-999999999999999999]" },
	{ .body = "[9223372036854775807,9223372036854775808,-9223372036854775808]",
	    .tree = "[#9223372036854775807,#9223372036854775808,#-9223372036854775808]" },
	{ .body = "{\"a\":18446744073709551616,\"b\":-9223372036854775809}",
	    .tree = "{a:#18446744073709551616,b:#-9223372036854775809}" },
	{ .body = "123456789012345678901234567890", .tree = "#123456789012345678901234567890" },
	{ .body = "[-0,[-0],{\"a\":-0}]", .tree = "[#-0,[#-0],{a:#-0}]" },
	{ .body = "-0", .tree = "#-0" },
	{ .body = "-0 ", .tree = "#-0" },
	{ .body = "[12345678901234567890.5,1E400]", .tree = "[#12345678901234567890.5,#1E400]" },
	{ .body = "{\"12345678901234567890\":\"12345678901234567890\",\"a\":12345678901234567890}",
	    .tree = "{12345678901234567890:\"12345678901234567890\",a:#12345678901234567890}" },
	{ .body = "{\"a\":12345678901234567890,\"a\":2}", .tree = "{a:#2}" },
	{ .body = "{\"a\":1,\"b\":2,\"\\u0061\":{\"c\":3,\"c\":4},\"b\":[]}",
	    .tree = "{a:{c:#4},b:[]}" },
	/* Strings. */
	{ .body = "\"\\\"\\\\\\/\\n\\r\\t\"", .tree = "\"\"\\/\n\r\t\"" },
	{ .body = "\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"",
	    .tree = "\"A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"" },
	{ .body = "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\"",
	    .tree = "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\"" },
	{ .body = "\"\\u007f\\u0080\\uFFFD\"", .tree = "\"\x7F\xC2\x80\xEF\xBF\xBD\"" },
	/* Pairs whose character has the lower 16 bits of half a pair. */
	{ .body = "[\"\\udb36\\uddc5\",-0,\"a\\uD836\\uDC00\\ud836\\udfff\"]",
	    .tree = "[\"\xF3\x9D\xA7\x85\",#-0,\"a\xF0\x9D\xA0\x80\xF0\x9D\xAF\xBF\"]" },
	{ .body = "\"\\u0009\\u000a\\u000D\"", .tree = "\"\t\n\r\"" },
	{ .body = "\"it's /* no */ // comment, NaN\"",
	    .tree = "\"it's /* no */ // comment, NaN\"" },
	{ .body = "{\"\\u0061\":1}", .tree = "{a:#1}" },
	{ .body = "{\"$type\":\"x\",\"__proto__\":{}}", .tree = "{$type:\"x\",__proto__:{}}" },
};

static const struct body_case bad[] = {
	/* Truncated and trailing. */
	{ .body = "{",
	    .message = "Line 1, column 2 of the JSON body: expected a member name in double "
		       "quotes, found the end of the body." },
	{ .body = "[",
	    .message = "Line 1, column 2 of the JSON body: expected a value, found the end" },
	{ .body = "{\"a\"", .message = "Line 1, column 5 of the JSON body: expected ':' after" },
	{ .body = "{\"a\":", .message = "Line 1, column 6 of the JSON body: expected a value" },
	{ .body = "{\"a\":1",
	    .message = "Line 1, column 7 of the JSON body: expected ',' or '}', found "
		       "the end of the body." },
	{ .body = "[1", .message = "Line 1, column 3 of the JSON body: expected ',' or ']'" },
	{ .body = "\"a",
	    .message = "Line 1, column 3 of the JSON body: expected a closing double" },
	{ .body = "\"a\\", .message = "Line 1, column 4 of the JSON body: expected one of" },
	{ .body = "tru",
	    .message = "Line 1, column 1 of the JSON body: expected a value, found 't'." },
	{ .body = "{} {}",
	    .message = "Line 1, column 4 of the JSON body: expected the end of the body" },
	{ .body = "{}x",
	    .message = "Line 1, column 3 of the JSON body: expected the end of the body, "
		       "found 'x'." },
	{ .body = "null null", .message = "Line 1, column 6 of the JSON body: expected the end" },
	{ .body = "1 2", .message = "Line 1, column 3 of the JSON body: expected the end" },
	{ .body = "truefalse", .message = "Line 1, column 5 of the JSON body: expected the end" },
	{ .body = "]",
	    .message = "Line 1, column 1 of the JSON body: expected a value, found ']'." },
	{ .body = "[}",
	    .message = "Line 1, column 2 of the JSON body: expected a value, found '}'." },
	{ .body = "{]", .message = "Line 1, column 2 of the JSON body: expected a member name" },
	{ .body = "[1}", .message = "Line 1, column 3 of the JSON body: expected ',' or ']'" },
	/* Laxities. */
	{ .body = "[1,]",
	    .message = "Line 1, column 4 of the JSON body: expected a value, found ']'." },
	{ .body = "{\"a\":1,}",
	    .message = "Line 1, column 8 of the JSON body: expected a member name" },
	{ .body = "[,1]",
	    .message = "Line 1, column 2 of the JSON body: expected a value, found ','." },
	{ .body = "[1 2]", .message = "Line 1, column 4 of the JSON body: expected ',' or ']'" },
	{ .body = "'a'",
	    .message = "Line 1, column 1 of the JSON body: expected a value, found '''." },
	{ .body = "{'a':1}",
	    .message = "Line 1, column 2 of the JSON body: expected a member name" },
	{ .body = "{a:1}",
	    .message = "Line 1, column 2 of the JSON body: expected a member name in "
		       "double quotes, found 'a'." },
	{ .body = "{1:1}", .message = "Line 1, column 2 of the JSON body: expected a member name" },
	{ .body = "{null:1}",
	    .message = "Line 1, column 2 of the JSON body: expected a member name" },
	{ .body = "{\"a\" 1}", .message = "Line 1, column 6 of the JSON body: expected ':'" },
	{ .body = "NaN",
	    .message = "Line 1, column 1 of the JSON body: expected a value, found 'N'." },
	{ .body = "[Infinity]", .message = "Line 1, column 2 of the JSON body: expected a value" },
	{ .body = "[-Infinity]", .message = "Line 1, column 3 of the JSON body: expected a digit" },
	{ .body = "True", .message = "Line 1, column 1 of the JSON body: expected a value" },
	{ .body = "NULL", .message = "Line 1, column 1 of the JSON body: expected a value" },
	{ .body = "undefined", .message = "Line 1, column 1 of the JSON body: expected a value" },
	{ .body = "/* x */ 1", .message = "Line 1, column 1 of the JSON body: expected a value" },
	{ .body = "{} // x", .message = "Line 1, column 4 of the JSON body: expected the end" },
	{ .body = "[1] # x", .message = "Line 1, column 5 of the JSON body: expected the end" },
	{ .body = "\v1",
	    .message = "Line 1, column 1 of the JSON body: expected a value, found a "
		       "control character." },
	{ .body = "\xC2\xA0[]",
	    .message = "Line 1, column 1 of the JSON body: expected a value, found "
		       "a character outside ASCII." },
	{ .body = "{}\xEF\xBB\xBF",
	    .message = "Line 1, column 3 of the JSON body: expected the end" },
	/* Numbers. */
	{ .body = "[1.]", .message = "Line 1, column 4 of the JSON body: expected a digit after" },
	{ .body = "[.5]",
	    .message = "Line 1, column 2 of the JSON body: expected a value, found '.'." },
	{ .body = "[01]",
	    .message = "Line 1, column 2 of the JSON body: a number must not have leading zeros" },
	{ .body = "[-01]",
	    .message = "Line 1, column 3 of the JSON body: a number must not have leading zeros" },
	{ .body = "[00]",
	    .message = "Line 1, column 2 of the JSON body: a number must not have leading zeros" },
	{ .body = "[+1]",
	    .message = "Line 1, column 2 of the JSON body: expected a value, found '+'." },
	{ .body = "[-]",
	    .message = "Line 1, column 3 of the JSON body: expected a digit, found ']'." },
	{ .body = "-",
	    .message = "Line 1, column 2 of the JSON body: expected a digit, found the end" },
	{ .body = "[1e]", .message = "Line 1, column 4 of the JSON body: expected a digit of the" },
	{ .body = "[1e+]",
	    .message = "Line 1, column 5 of the JSON body: expected a digit of the" },
	{ .body = "[1.e1]",
	    .message = "Line 1, column 4 of the JSON body: expected a digit after" },
	{ .body = "[0x10]", .message = "Line 1, column 3 of the JSON body: expected ',' or ']'" },
	{ .body = "[1-2]", .message = "Line 1, column 3 of the JSON body: expected ',' or ']'" },
	{ .body = "[1.2.3]", .message = "Line 1, column 5 of the JSON body: expected ',' or ']'" },
	{ .body = "[1_000]", .message = "Line 1, column 3 of the JSON body: expected ',' or ']'" },
	/* Strings. */
	{ .body = "\"a\nb\"", .message = "Line 1, column 3 of the JSON body: control characters" },
	{ .body = "\"\t\"", .message = "Line 1, column 2 of the JSON body: control characters" },
	{ .body = "\"\x1F\"", .message = "Line 1, column 2 of the JSON body: control characters" },
	{ .body = "\"\\x41\"", .message = "Line 1, column 3 of the JSON body: expected one of" },
	{ .body = "\"\\'\"", .message = "Line 1, column 3 of the JSON body: expected one of" },
	{ .body = "\"\\U0041\"", .message = "Line 1, column 3 of the JSON body: expected one of" },
	{ .body = "\"\\u12\"", .message = "Line 1, column 6 of the JSON body: expected four hex" },
	{ .body = "\"\\u12g4\"",
	    .message = "Line 1, column 6 of the JSON body: expected four hex" },
	{ .body = "\"\\u", .message = "Line 1, column 4 of the JSON body: expected four hex" },
	{ .body = "\"\\u0000\"",
	    .message =
		"Line 1, column 2 of the JSON body: the character U+0000 cannot be stored." },
	{ .body = "\"\\u0001\"",
	    .message = "Line 1, column 2 of the JSON body: the character U+0001" },
	{ .body = "\"a\\b\"",
	    .message = "Line 1, column 3 of the JSON body: the character U+0008" },
	{ .body = "\"a\\f\"",
	    .message = "Line 1, column 3 of the JSON body: the character U+000C" },
	{ .body = "\"\\u001F\"",
	    .message = "Line 1, column 2 of the JSON body: the character U+001F" },
	{ .body = "\"\\ufffe\"",
	    .message = "Line 1, column 2 of the JSON body: the character U+FFFE" },
	{ .body = "{\"\xEF\xBF\xBE\":1}",
	    .message = "Line 1, column 3 of the JSON body: the character U+FFFE" },
	{ .body = "\"a\xEF\xBF\xBF\"",
	    .message = "Line 1, column 3 of the JSON body: the character U+FFFF" },
	{ .body = "{\"ClientCode\\u0000zz\":1}",
	    .message = "Line 1, column 13 of the JSON body: the "
		       "character U+0000" },
	{ .body = "\"\\ud800\"",
	    .message = "Line 1, column 2 of the JSON body: half of a surrogate" },
	{ .body = "\"\\ud800x\"",
	    .message = "Line 1, column 2 of the JSON body: half of a surrogate" },
	{ .body = "\"\\ud800\\n\"",
	    .message = "Line 1, column 2 of the JSON body: half of a surrogate" },
	{ .body = "\"\\ud800\\u0041\"", .message = "Line 1, column 2 of the JSON body: half of a" },
	{ .body = "\"\\ud800\\ud800\"", .message = "Line 1, column 2 of the JSON body: half of a" },
	{ .body = "\"\\ud800\\u12\"",
	    .message = "Line 1, column 12 of the JSON body: expected four hex" },
	{ .body = "\"\\udc00\"", .message = "Line 1, column 2 of the JSON body: second half of a" },
	{ .body = "{\"a\":\"\\udfff\\ud800\"}",
	    .message = "Line 1, column 7 of the JSON body: second" },
	/* Bytes. */
	{ WITH_NUL("\0"),
	    .message = "Line 1, column 1 of the JSON body: zero bytes are not allowed." },
	{ WITH_NUL("{}\0"),
	    .message = "Line 1, column 3 of the JSON body: zero bytes are not allowed." },
	{ WITH_NUL("\"a\0b\""),
	    .message = "Line 1, column 3 of the JSON body: zero bytes are not allowed." },
	{ WITH_NUL("{\"a\0b\":1}"),
	    .message = "Line 1, column 4 of the JSON body: zero bytes are not allowed." },
	{ WITH_NUL("\"\\\0\""),
	    .message = "Line 1, column 3 of the JSON body: zero bytes are not allowed." },
	{ .body = "\"\xC0\x80\"",
	    .message = "Line 1, column 2 of the JSON body: this is not valid UTF-8." },
	{ .body = "\"\xED\xA0\x80\"",
	    .message = "Line 1, column 2 of the JSON body: this is not valid" },
	{ .body = "\"\xF4\x90\x80\x80\"",
	    .message = "Line 1, column 2 of the JSON body: this is not" },
	{ .body = "\"\xFF\"",
	    .message = "Line 1, column 2 of the JSON body: this is not valid UTF-8." },
	{ .body = "\"\xC3",
	    .message = "Line 1, column 2 of the JSON body: this is not valid UTF-8." },
	{ .body = "\xFF\xFE{",
	    .message = "Line 1, column 1 of the JSON body: this is not valid UTF-8." },
	{ WITH_NUL("\xEF\xBB\xBF\xEF\xBB\xBF{}"), .message =
						      "Line 1, column 1 of the JSON body: expected "
						      "a value, found a character outside" },
	/* Positions count lines, and characters rather than bytes. */
	{ .body = "{\n  \"a\": 1,\n  \"b\": x\n}",
	    .message = "Line 3, column 8 of the JSON body: "
		       "expected a value, found 'x'." },
	{ .body = "[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\",x]",
	    .message = "Line 1, column 8 of the JSON body: expected a value, found 'x'." },
	{ .body = "\xEF\xBB\xBFx",
	    .message = "Line 1, column 1 of the JSON body: expected a value" },
	{ .body = "[1,\r\n2,\r\n3,\r\n]",
	    .message = "Line 4, column 1 of the JSON body: expected" },
};

static void test_good(void **state)
{
	(void)state;
	body_run(json_read, good, COUNT(good));
}

static void test_bad(void **state)
{
	(void)state;
	body_run(json_read, bad, COUNT(bad));
}

/* Checks one text, made of `count` parts, against the message it must end in ("" = accepted). */
static void check_repeat(
    const char *before, const char *part, size_t count, const char *after, const char *message)
{
	struct str text = body_repeat(before, part, count, after);

	assert_string_equal(body_message(json_read, &body_limits, text), message);
	free((char *)text.data);
}

static void test_depth(void **state)
{
	static const char objects[] =
	    "Line 1, column 161 of the JSON body: too many levels of nesting; "
	    "at most 32 are allowed.";
	static const char arrays[] = "Line 1, column 33 of the JSON body: too many levels of "
				     "nesting; at most 32 are allowed.";
	struct str closed;

	(void)state;
	closed = body_repeat("", "]", 32, "");
	check_repeat("", "[", 32, closed.data, "");
	check_repeat("", "[", 33, "", arrays);
	free((char *)closed.data);
	closed = body_repeat("1", "]", 32, "");
	check_repeat("", "[", 32, closed.data, "");
	free((char *)closed.data);
	closed = body_repeat("null", "}", 32, "");
	check_repeat("", "{\"a\":", 32, closed.data, "");
	check_repeat("", "{\"a\":", 33, closed.data, objects);
	free((char *)closed.data);
}

static void test_values(void **state)
{
	(void)state;
	/* The array itself is a value too. */
	check_repeat("[", "1,", 9998, "1]", "");
	check_repeat("[", "1,", 9999, "1]",
	    "Line 1, column 20000 of the JSON body: too many values; at most 10000 are allowed.");
	check_repeat("{", "\"a\":{},", 9998, "\"b\":{}}", "");
	check_repeat("{", "\"a\":{},", 9999, "\"b\":{}}",
	    "Line 1, column 69999 of the JSON body: too many values; at most 10000 are allowed.");
	check_repeat("[", "[],", 9998, "[]]", "");
	check_repeat("[", "12345678901234567890,", 9998, "-0]", "");
}

/* A look-up finds the last of several members, in whatever case they were sent. */
static void test_member(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 20);
	struct error error;
	struct body body;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(json_read(arena, &body_limits,
			     STR("{\"Name\":\"a\",\"x\":1,\"NAME\":\"b\"}"), &body, &error),
	    0);
	assert_int_equal(body.format, BODY_JSON);
	assert_int_equal(body.root->child_count, 3);
	assert_true(str_equal(node_member(body.root, BODY_JSON, STR("name"))->text, STR("b")));
	arena_free(arena);
}

/* As many members as one body may have, each name twice: the last values, in the first places. */
static void test_many_members(void **state)
{
	enum { NAMES = 4999 };
	struct arena *arena = arena_new(4096, 16 << 20);
	struct buf text = { 0 };
	struct error error;
	struct body body;
	int64_t number = NAMES;

	(void)state;
	buf_append_char(&text, '{');
	for (int i = 0; i < 2 * NAMES; i++)
		buf_printf(&text, "%s\"m%d\":%d", i > 0 ? "," : "", i * 7 % NAMES, i);
	buf_append_char(&text, '}');
	error_init(&error, arena);
	assert_int_equal(json_read(arena, &body_limits, buf_str(&text), &body, &error), 0);
	assert_int_equal(body.root->child_count, NAMES);
	for (const struct node *member = body.root->children; member != NULL;
	     member = member->next, number++) {
		struct str expected = str_from(arena_printf(arena, "%d", (int)number));

		assert_true(str_equal(member->text, expected));
		assert_ptr_equal(member->parent, body.root);
		assert_true(member->next != NULL || body.root->last_child == member);
	}
	assert_int_equal(number, 2 * NAMES);
	buf_free(&text);
	arena_free(arena);
}

/* What this program has stored, with characters that bodies may not have. */
static void test_stored(void **state)
{
	static const struct {
		const char *text;
		const char *tree; /* NULL = this is none */
	} rows[] = {
		{ "{\"a\":[1,\"x\",null],\"b\":true}", "{a:[#1,\"x\",null],b:true}" },
		{ "null", "null" },
		{ " \"a\\u0001\\b\\uFFFF\" ", "\"a\x01\b\xEF\xBF\xBF\"" },
		{ "\"\xEF\xBF\xBE\"", "\"\xEF\xBF\xBE\"" },
		{ "", NULL },
		{ "  ", NULL },
		{ "[1] x", NULL },
		{ "\"\\ud800\"", NULL },
		{ "\"\x01\"", NULL },
		{ "\"\xFF\"", NULL },
	};
	struct arena *arena = arena_new(4096, 65536);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct body body = { .root = (struct node *)json_read_stored(
					 arena, str_from(rows[i].text)) };
		struct buf tree = { 0 };

		body_print(&tree, &body);
		assert_string_equal(tree.data, rows[i].tree != NULL ? rows[i].tree : "-");
		buf_free(&tree);
	}
	assert_int_equal(json_read_stored(arena, STR("\"\\u0000\""))->text.length, 1);
	arena_free(arena);
}

/* A level too many, and an arena that is too small. */
static void test_stored_limits(void **state)
{
	struct str closed = body_repeat("", "]", 65, "");
	struct str deep = body_repeat("", "[", 65, closed.data);
	struct str long_list = body_repeat("[", "1,", 10000, "1]");
	struct arena *arena = arena_new(4096, 65536);

	(void)state;
	assert_null(json_read_stored(arena, deep));
	assert_non_null(json_read_stored(arena, str_slice(deep, 1, deep.length - 2)));
	assert_null(json_read_stored(arena, long_list));
	free((char *)closed.data);
	free((char *)deep.data);
	free((char *)long_list.data);
	arena_free(arena);
}

/* A list, value by value; errors tell the place in the whole text. */
static void test_cursor(void **state)
{
	static const struct limits limits = { .body_values = 10, .body_depth = 3 };
	static const struct {
		const char *text;
		unsigned values;
		const char *fault;
	} rows[] = {
		{ "\xEF\xBB\xBF [ {\"a\":1} ,\n[2]", 2, NULL },
		{ "[\n\"\\u0000\",\n  x", 1, "Line 3, column 3" },
		{ "[[[[[1]]]]", 0, "Line 1, column 5" },
		{ "[1,2,", 2, "Line 1, column 6" },
	};
	struct arena *arena = arena_new(4096, 65536);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json_cursor cursor;
		struct error error;
		struct node *node;
		unsigned values = 0;

		error_init(&error, arena);
		assert_int_equal(json_cursor_open(&cursor, str_from(rows[i].text), &error), 0);
		assert_int_equal(json_cursor_take(&cursor, '[', "'['", &error), 0);
		while (json_cursor_read(&cursor, arena, &limits, &node, &error) == 0) {
			values++;
			if (json_cursor_peek(&cursor) != ',')
				break;
			assert_int_equal(json_cursor_take(&cursor, ',', "','", &error), 0);
		}
		assert_int_equal(values, rows[i].values);
		if (rows[i].fault == NULL)
			assert_int_equal(error.code, ERROR_NONE);
		else
			assert_non_null(strstr(error.message, rows[i].fault));
	}
	arena_free(arena);
}

static void test_arena_limit(void **state)
{
	(void)state;
	body_run_arena_limit(json_read,
	    body_repeat("[", "{\"a\":\"text\",\"b\":12345678901234567890},", 3000, "1]"), 262144);
}

static const struct body_hostile hostile[] = {
	{ "1 MiB of {},", "", "{},", "", 349526,
	    "Line 1, column 3 of the JSON body: expected the end" },
	{ "1 MiB of {}, in an array", "[", "{},", "{}]", 349526,
	    "Line 1, column 29999 of the JSON body: too many values" },
	{ "1 MiB of [],", "[", "[],", "[]]", 349526,
	    "Line 1, column 29999 of the JSON body: too many" },
	{ "1 MiB of 1,", "[", "1,", "1]", 524287,
	    "Line 1, column 20000 of the JSON body: too many" },
	{ "1 MiB of \"\":0,", "{", "\"\":0,", "\"\":0}", 209715,
	    "Line 1, column 50000 of the JSON body: too" },
	{ "nesting 300", "", "[", "", 300, "Line 1, column 33 of the JSON body: too many levels" },
	{ "1 MiB of [", "", "[", "", 1 << 20,
	    "Line 1, column 33 of the JSON body: too many levels" },
	{ "1 MiB of {\"a\":", "", "{\"a\":", "", 209715,
	    "Line 1, column 161 of the JSON body: too many" },
	{ "1 MiB of blanks", "", " ", "x", 1 << 20,
	    "Line 1, column 1048577 of the JSON body: expected" },
	{ "1 MiB of lines", "", "\n", "x", 1 << 20,
	    "Line 1048577, column 1 of the JSON body: expected" },
	{ "1 MiB string without end", "\"", "a", "", 1 << 20,
	    "Line 1, column 1048578 of the JSON body" },
	{ "1 MiB of escapes", "\"", "\\u0041", "", 174762,
	    "Line 1, column 1048574 of the JSON body" },
	{ "1 MiB of quotes", "", "\"", "", 1 << 20,
	    "Line 1, column 3 of the JSON body: expected the" },
	{ "1 MiB number", "-", "9", "", 1 << 20, "" },
	{ "1 MiB fraction", "0.", "9", "", 1 << 20, "" },
	{ "1 MiB exponent", "1e", "9", "", 1 << 20, "" },
	{ "1 MiB text", "\"", "a", "\"", 1 << 20, "" },
	{ "8 MB text", "\"", "a", "\"", 8000000, "" },
	{ "8 MB name", "{\"", "a", "\":1}", 8000000, "" },
	{ "8 MB number", "", "9", "", 8000000, "" },
	{ "10,000 empty objects", "[", "{},", "{}]", 9998, "" },
	{ "10,000 members of one name", "{", "\"a\":0,", "\"a\":0}", 9998, "" },
};

static void test_hostile(void **state)
{
	(void)state;
	body_run_hostile_rows(json_read, hostile, COUNT(hostile));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First, while the peak of memory is still low. */
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_member),
		cmocka_unit_test(test_many_members),
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_stored_limits),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_arena_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
