#include "../lib/body.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WITH_NUL(text) .body = (text), .length = sizeof(text) - 1
#define AT(position) "Line 1, column " position " of the form body: "

static const struct body_case good[] = {
	/* Nothing. */
	{ .body = "", .tree = "-" },
	{ .body = " \r\n", .tree = "-" },
	{ .body = "&", .tree = "-" },
	{ .body = "&&&", .tree = "-" },
	{ .body = "=", .tree = "-" },
	{ .body = "=1", .tree = "-" },
	/* Plain names. */
	{ .body = "a=1", .tree = "{a:\"1\"}" },
	{ .body = "a=1&b=2&a=3", .tree = "{a:\"1\",b:\"2\",a:\"3\"}" },
	{ .body = "a=1&&b=2&", .tree = "{a:\"1\",b:\"2\"}" },
	{ .body = "&a=1", .tree = "{a:\"1\"}" },
	{ .body = "a=b=c", .tree = "{a:\"b=c\"}" },
	{ .body = "a=", .tree = "{a:null}" },
	{ .body = "a", .tree = "{a:null}" },
	{ .body = "a&b=&c=1", .tree = "{a:null,b:null,c:\"1\"}" },
	{ .body = "a= ", .tree = "{a:\" \"}" },
	{ .body = "a=null&b=true&c=5", .tree = "{a:\"null\",b:\"true\",c:\"5\"}" },
	{ .body = "a;b=1;2", .tree = "{a;b:\"1;2\"}" },
	/* Escapes. */
	{ .body = "a=x+y%20z%2B", .tree = "{a:\"x y z+\"}" },
	{ .body = "a+b=1", .tree = "{a b:\"1\"}" },
	{ .body = "%61=%62", .tree = "{a:\"b\"}" },
	{ .body = "a=%c3%A9%E2%82%ac%f0%9f%98%80",
	    .tree = "{a:\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}" },
	{ .body = "a=\xC3\xA9", .tree = "{a:\"\xC3\xA9\"}" },
	{ .body = "a=%&b=%z&c=%zz&d=%4&e=%4z&f=%%41",
	    .tree = "{a:\"%\",b:\"%z\",c:\"%zz\",d:\"%4\",e:\"%4z\",f:\"%A\"}" },
	{ .body = "a=%26%3D", .tree = "{a:\"&=\"}" },
	{ .body = "a%3Db=1", .tree = "{a=b:\"1\"}" },
	{ .body = "a=%0D%0A%09%7F%C2%85", .tree = "{a:\"\r\n\t\x7F\xC2\x85\"}" },
	{ .body = "a=%2541", .tree = "{a:\"%41\"}" },
	{ .body = "a=%EF%BB%BF", .tree = "{a:\"\xEF\xBB\xBF\"}" },
	/* Objects. */
	{ .body = "a.b=1&a.c=2", .tree = "{a:{b:\"1\",c:\"2\"}}" },
	{ .body = "a[b]=1&a[c]=2", .tree = "{a:{b:\"1\",c:\"2\"}}" },
	{ .body = "a.b=1&x=0&A[C]=2&a.b=3", .tree = "{a:{b:\"1\",C:\"2\",b:\"3\"},x:\"0\"}" },
	{ .body = "a%5Bb%5D=1", .tree = "{a:{b:\"1\"}}" },
	{ .body = "a.b.c=1&a[b][d]=2&a.b[e]=3&a[b].f=4",
	    .tree = "{a:{b:{c:\"1\",d:\"2\",e:\"3\",f:\"4\"}}}" },
	{ .body = "a[b.c]=1", .tree = "{a:{b.c:\"1\"}}" },
	{ .body = "a[ ]=1&a[-1]=2&a[0x1]=3", .tree = "{a:{ :\"1\",-1:\"2\",0x1:\"3\"}}" },
	{ .body = "a]=1&b]c=2", .tree = "{a]:\"1\",b]c:\"2\"}" },
	{ .body = "a.=1&.b=2&c..d=3", .tree = "{a:{:\"1\"},:{b:\"2\"},c:{:{d:\"3\"}}}" },
	/* Lists. */
	{ .body = "a[]=1&a[]=2", .tree = "{a:[\"1\",\"2\"]}" },
	{ .body = "a[]=&a[]", .tree = "{a:[null,null]}" },
	{ .body = "a[0]=1&a[1]=2", .tree = "{a:[\"1\",\"2\"]}" },
	{ .body = "a[1]=2&A[0]=1", .tree = "{a:[\"1\",\"2\"]}" },
	{ .body = "a[2]=3&a[0]=1&a[1]=2", .tree = "{a:[\"1\",\"2\",\"3\"]}" },
	{ .body = "a[00]=1&a[01]=2", .tree = "{a:[\"1\",\"2\"]}" },
	{ .body = "a[0]=1&a[0]=2", .tree = "{a:[\"1\"]}" },
	{ .body = "a[0]=1&a[2]=3", .tree = "{a:[\"1\"]}" },
	{ .body = "a[1]=2", .tree = "{a:[]}" },
	{ .body = "a[999999999]=1&a[99999999999999999999999]=2&a[0]=3", .tree = "{a:[\"3\"]}" },
	{ .body = "a[0]=1&a[]=2", .tree = "{a:[\"1\",\"2\"]}" },
	{ .body = "a[0][b]=1&a[0].c=2&a[1].b=3", .tree = "{a:[{b:\"1\",c:\"2\"},{b:\"3\"}]}" },
	{ .body = "a[1].b=2&a[0].b=1", .tree = "{a:[{b:\"1\"},{b:\"2\"}]}" },
	{ .body = "a[][b]=1&a[][b]=2", .tree = "{a:[{b:\"1\"},{b:\"2\"}]}" },
	{ .body = "a[0][0]=1&a[0][1]=2&a[1][]=3", .tree = "{a:[[\"1\",\"2\"],[\"3\"]]}" },
	{ .body = "a.b[0].c[1]=y&a.b[0].c[0]=x", .tree = "{a:{b:[{c:[\"x\",\"y\"]}]}}" },
	{ .body = "D[0].Key=a&D[0].Value=b", .tree = "{D:[{Key:\"a\",Value:\"b\"}]}" },
	{ .body = "a=1,2", .tree = "{a:\"1,2\"}" },
	/* The root as a list. */
	{ .body = "[0].a=1&[1].a=2&[0].b=3", .tree = "[{a:\"1\",b:\"3\"},{a:\"2\"}]" },
	{ .body = "[]=1&[]=2", .tree = "[\"1\",\"2\"]" },
	{ .body = "[a]=1", .tree = "{a:\"1\"}" },
	{ .body = "[0]=1&a=2", .tree = "[\"1\"]" },
	{ .body = "a=2&[0]=1", .tree = "{a:\"2\"}" },
	/* Contradictions: scalars stand beside objects and lists, items have one kind only. */
	{ .body = "a=1&a.b=2&a[0]=3", .tree = "{a:\"1\",a:{b:\"2\"},a:[\"3\"]}" },
	{ .body = "a[0]=1&a[0].b=2", .tree = "{a:[\"1\"]}" },
	{ .body = "a[0].b=1&a[0]=2", .tree = "{a:[{b:\"1\"}]}" },
	{ .body = "a[0].b=1&a[0][0]=2", .tree = "{a:[{b:\"1\"}]}" },
};

static const struct body_case bad[] = {
	{ .body = "a[=1", .message = AT("1") "expected ']' after '[' in a name." },
	{ .body = "a[b=1", .message = AT("1") "expected ']' after '[' in a name." },
	{ .body = "x=1&a[0=1", .message = AT("5") "expected ']' after '[' in a name." },
	{ .body = "a[b][c=1", .message = AT("1") "expected ']' after '[' in a name." },
	{ .body = "a%5B=1", .message = AT("1") "expected ']'" },
	{ .body = "x=1&&[", .message = AT("6") "expected ']'" },
	{ .body = "a[b]c=1",
	    .message = AT("1") "expected '[', '.' or the end of the name after ']'." },
	{ .body = "a[b]]=1", .message = AT("1") "expected '[', '.' or the end" },
	{ .body = "a=b%01", .message = AT("1") "the character U+0001 cannot be stored." },
	{ .body = "a=b%1Fc", .message = AT("1") "the character U+001F cannot be stored." },
	{ .body = "a=%EF%BF%BE", .message = AT("1") "the character U+FFFE cannot be stored." },
	{ .body = "%EF%BF%BFa=1", .message = AT("1") "the character U+FFFF cannot be stored." },
	{ .body = "a=%00", .message = AT("1") "the character U+0000 cannot be stored." },
	{ .body = "x=1&a%00b=1", .message = AT("5") "the character U+0000 cannot be stored." },
	{ WITH_NUL("a=\0"), .message = AT("1") "the character U+0000" },
	{ .body = "a=%C0%80", .message = AT("1") "this parameter is not valid UTF-8." },
	{ .body = "a=1&b=%ED%A0%80", .message = AT("5") "this parameter is not valid UTF-8." },
	{ .body = "a=1&b=%F4%90%80%80", .message = AT("5") "this parameter is not valid UTF-8." },
	{ .body = "%FF=1", .message = AT("1") "this parameter is not valid UTF-8." },
	{ .body = "a=\xE9", .message = AT("1") "this parameter is not valid UTF-8." },
	{ .body = "\xC3\xA9=1&a=%C3", .message = AT("5") "this parameter is not valid UTF-8." },
	{ .body = "a=1\n&b[=2", .message = "Line 2, column 2 of the form body: expected ']'" },
};

static void test_good(void **state)
{
	(void)state;
	body_run(form_read, good, COUNT(good));
}

static void test_bad(void **state)
{
	(void)state;
	body_run(form_read, bad, COUNT(bad));
}

static void check_repeat(const struct limits *limits, const char *before, const char *part,
    size_t count, const char *after, const char *message)
{
	struct str text = body_repeat(before, part, count, after);

	assert_string_equal(body_message(form_read, limits, text), message);
	free((char *)text.data);
}

static void test_depth(void **state)
{
	static const char message[] = AT("1") "too many levels of nesting; at most 32 are allowed.";

	(void)state;
	check_repeat(&body_limits, "a", ".a", 31, "=1", "");
	check_repeat(&body_limits, "a", ".a", 32, "=1", message);
	check_repeat(&body_limits, "a", "[0]", 31, "=1", "");
	check_repeat(&body_limits, "a", "[0]", 32, "=1", message);
	check_repeat(&body_limits, "a", ".", 31, "=1", "");
	check_repeat(&body_limits, "a", ".", 32, "=1", message);
	check_repeat(&body_limits, "a", "[b]", 32, "=1", message);
	check_repeat(&body_limits, "", "[]", 33, "=1", message);
}

static void test_counts(void **state)
{
	struct limits few_values = body_limits;

	(void)state;
	check_repeat(&body_limits, "", "a=1&", 1000, "&&", "");
	check_repeat(&body_limits, "", "a=1&", 1000, "b",
	    AT("4001") "too many parameters; at most 1000 are allowed.");
	check_repeat(&body_limits, "", "&", 5000, "b", "");
	/* Objects and lists that keys call for count as values. */
	few_values.body_values = 100;
	check_repeat(&few_values, "", "a=1&", 99, "", "");
	check_repeat(&few_values, "", "a=1&", 100, "",
	    AT("397") "too many values; at most 100 are allowed.");
	check_repeat(&few_values, "", "a[][][].b=1&", 24, "", "");
	check_repeat(&few_values, "", "a[][][].b=1&", 25, "",
	    AT("289") "too many values; at most 100 are allowed.");
}

static void test_member(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 20);
	struct error error;
	struct body body;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(
	    form_read(arena, &body_limits, STR("Name=1&name=2&x=3"), &body, &error), 0);
	assert_int_equal(body.format, BODY_FORM);
	assert_true(str_equal(node_member(body.root, BODY_FORM, STR("NAME"))->text, STR("1")));
	arena_free(arena);
}

struct decoding {
	const char *text;
	bool plus;
	const char *decoded;
};

static const struct decoding decodings[] = {
	{ "", true, "" },
	{ "a+b%20c", true, "a b c" },
	{ "a+b%20c", false, "a+b c" },
	{ "%2f%2F%2B", false, "//+" },
	{ "%", true, "%" },
	{ "%4", true, "%4" },
	{ "%zz%4g%G4", true, "%zz%4g%G4" },
	{ "%%34%31", true, "%41" },
	{ "100%", false, "100%" },
};

static void test_decode(void **state)
{
	struct arena *arena = arena_new(4096, 65536);

	(void)state;
	for (size_t i = 0; i < COUNT(decodings); i++) {
		const struct decoding *row = &decodings[i];
		struct str found = form_decode(arena, str_from(row->text), row->plus);

		/* A NUL follows the text. */
		assert_string_equal(found.data, row->decoded);
		assert_int_equal(found.length, strlen(row->decoded));
	}
	assert_int_equal(form_decode(arena, STR("a%00b"), true).length, 3);
	assert_null(form_decode(arena, (struct str){ "x", 1 << 20 }, true).data);
	arena_free(arena);
}

static void test_arena_limit(void **state)
{
	(void)state;
	body_run_arena_limit(form_read, body_repeat("", "a[].b=text&", 1000, ""), 65536);
}

static const struct body_hostile hostile[] = {
	{ "1 MiB of a&", "", "a&", "", 524288, AT("2001") "too many parameters" },
	{ "1 MiB of &", "", "&", "", 1 << 20, "" },
	{ "1 MiB of =", "", "=", "", 1 << 20, "" },
	{ "1 MiB of %", "a=", "%", "", 1 << 20, "" },
	{ "1 MiB of %41", "", "%41", "", 349525, "" },
	{ "1 MiB of .", "", ".", "", 1 << 20, AT("1") "too many levels of nesting" },
	{ "1 MiB of []", "a", "[]", "", 524288, AT("1") "too many levels of nesting" },
	{ "1 MiB of [", "", "[", "", 1 << 20, AT("1") "expected ']'" },
	{ "1 MiB of ]", "", "]", "", 1 << 20, "" },
	{ "1 MiB of [0]&", "", "[0]&", "", 262144, AT("4001") "too many parameters" },
	{ "1 MiB index", "a[", "9", "]=1", 1 << 20, "" },
	{ "1,000 long names", "",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b[]=1&", "", 1000, "" },
	{ "8 MB value", "a=", "x", "", 8000000, "" },
};

static void test_hostile(void **state)
{
	struct buf out = { 0 };

	(void)state;
	body_run_hostile_rows(form_read, hostile, COUNT(hostile));
	for (int i = 999; i >= 0; i--)
		buf_printf(&out, "a[%d].name%d=1&", i, i);
	body_run_hostile(form_read, &body_limits, "1,000 items backwards", buf_str(&out), "");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First, while the peak of memory is still low. */
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_member),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_arena_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
