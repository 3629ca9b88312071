#include "../lib/body.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WITH_NUL(text) .body = (text), .length = sizeof(text) - 1

/* A root in no namespace, as XmlSerializer has it, and one in a DataContract namespace. */
static const struct xml_root roots[] = {
	{ "R", NULL },
	{ "D", "urn:d" },
};

#define XSI " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\""
#define ARRAYS " xmlns:a=\"http://schemas.microsoft.com/2003/10/Serialization/Arrays\""
#define FOUND(position) "Line 1, column " position " of the XML body: "

static int read_xml(struct arena *arena, const struct limits *limits, struct str text,
    struct body *body, struct error *error)
{
	return xml_read(arena, limits, text, roots, COUNT(roots), body, error);
}

static const struct body_case good[] = {
	/* Nothing. */
	{ .body = "", .tree = "-" },
	{ .body = " \r\n\t", .tree = "-" },
	{ .body = "\xEF\xBB\xBF", .tree = "-" },
	{ .body = "<R" XSI " i:nil=\"true\"/>", .tree = "-" },
	{ .body = "<R" XSI " i:nil=\"1\"><A>1</A></R>", .tree = "-" },
	/* Root and members. */
	{ .body = "<R/>", .tree = "{}" },
	{ .body = "<R></R>", .tree = "{}" },
	{ .body = " <R > </R > \n", .tree = "{}" },
	{ .body = "<R><A>1</A><B>x y</B><A>2</A></R>", .tree = "{A:\"1\",B:\"x y\",A:\"2\"}" },
	{ .body = "<R>\n  <A> 1 </A>\n</R>", .tree = "{A:\" 1 \"}" },
	{ .body = "<R>stray<A>1</A>text</R>", .tree = "{A:\"1\"}" },
	{ .body = "<R>only text</R>", .tree = "{}" },
	{ .body = "<R><A/><B></B><C> </C></R>", .tree = "{A:\"\",B:\"\",C:\" \"}" },
	{ .body = "<R><A><B>1</B><C><E>2</E></C></A></R>", .tree = "{A:{B:\"1\",C:{E:\"2\"}}}" },
	{ .body = "<R><L><s>a</s><s>b</s></L></R>", .tree = "{L:{s:\"a\",s:\"b\"}}" },
	{ .body = "<R><A>x<B>1</B>y</A></R>", .tree = "{A:{B:\"1\"}}" },
	{ .body = "<R><A b=\"1\" c='2'>1</A></R>", .tree = "{A:\"1\"}" },
	/* Text. */
	{ .body = "<R><A><![CDATA[<&]]>]]&gt;</A></R>", .tree = "{A:\"<&]]>\"}" },
	{ .body = "<R><A>&lt;&amp;&gt;&quot;&apos;</A></R>", .tree = "{A:\"<&>\"'\"}" },
	{ .body = "<R><A>&#65;&#x42;&#x20AC;&#x1F600;</A></R>",
	    .tree = "{A:\"AB\xE2\x82\xAC\xF0\x9F\x98\x80\"}" },
	{ .body = "<R><A>\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80</A></R>",
	    .tree = "{A:\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}" },
	{ .body = "<R><A>a<!-- <B>no</B> -->b</A><!-- x --></R><!-- end -->",
	    .tree = "{A:\"ab\"}" },
	{ .body = "<R><A>a\r\nb\rc&#13;</A></R>", .tree = "{A:\"a\nb\nc\r\"}" },
	{ .body = "<R><\xC3\xA9>1</\xC3\xA9></R>", .tree = "{\xC3\xA9:\"1\"}" },
	/* Only quotes inside tags delimit attributes. */
	{ .body = "<R><A b='\"' c=\"'>\">\"x'</A><!-- \" --><![CDATA[']]></R>",
	    .tree = "{A:\"\"x'\"}" },
	{ .body = "<R><!----><A><![CDATA[]]]]><![CDATA[>]]></A></R>", .tree = "{A:\"]]>\"}" },
	/* Declaration and byte order mark. */
	{ .body = "<?xml version=\"1.0\"?><R/>", .tree = "{}" },
	{ .body = "<?xml version='1.0' encoding='utf-8'?>\n<R/>", .tree = "{}" },
	{ .body = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><R/>",
	    .tree = "{}" },
	{ .body = "<?xml version=\"1.0\" encoding=\"Utf-8\"?><R/>", .tree = "{}" },
	{ .body = "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><R><A>1</A></R>",
	    .tree = "{A:\"1\"}" },
	/* Namespaces. */
	{ .body = "<R xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"" XSI "><A>1</A></R>",
	    .tree = "{A:\"1\"}" },
	{ .body = "<D xmlns=\"urn:d\"><A>1</A></D>", .tree = "{A:\"1\"}" },
	{ .body = "<p:D xmlns:p=\"urn:d\"><p:A>1</p:A><A>2</A></p:D>", .tree = "{A:\"1\"}" },
	{ .body = "<D xmlns=\"urn:d\"><A xmlns=\"\">1</A><q:B xmlns:q=\"urn:d\">2</q:B></D>",
	    .tree = "{B:\"2\"}" },
	{ .body = "<R><x:A xmlns:x=\"urn:x\"><A>1</A><R><A>2</A></R></x:A><B>3</B></R>",
	    .tree = "{B:\"3\"}" },
	{ .body = "<R><A>1<x:B xmlns:x=\"urn:x\">no<C/></x:B>2</A></R>", .tree = "{A:\"12\"}" },
	/* Lists and dictionaries have a namespace of their own, below DataContract members only. */
	{ .body = "<D xmlns=\"urn:d\"><L" ARRAYS "><a:int>1</a:int><a:int>2</a:int></L></D>",
	    .tree = "{L:{int:\"1\",int:\"2\"}}" },
	{ .body = "<D xmlns=\"urn:d\"><M" ARRAYS "><a:KeyValueOfstringanyType><a:Key>k</a:Key>"
		  "<a:Value>v</a:Value></a:KeyValueOfstringanyType></M></D>",
	    .tree = "{M:{KeyValueOfstringanyType:{Key:\"k\",Value:\"v\"}}}" },
	{ .body = "<D xmlns=\"urn:d\"" ARRAYS "><a:A>1</a:A></D>", .tree = "{}" },
	{ .body = "<R><L" ARRAYS "><a:int>1</a:int></L></R>", .tree = "{L:\"\"}" },
	/* Null. */
	{ .body = "<R" XSI "><A i:nil=\"true\"/><B i:nil=\"1\"></B><C i:nil=\"false\"/></R>",
	    .tree = "{A:null,B:null,C:\"\"}" },
	{ .body = "<R" XSI "><A i:nil=\" true \"/><B i:nil=\"0\">x</B><C i:nil=\"True\">y</C></R>",
	    .tree = "{A:null,B:\"x\",C:\"y\"}" },
	{ .body = "<R" XSI "><A i:nil=\"true\">x<B>1</B></A><C>2</C></R>",
	    .tree = "{A:null,C:\"2\"}" },
	{ .body = "<R><A nil=\"true\">x</A></R>", .tree = "{A:\"x\"}" },
	{ .body = "<R xmlns:i=\"urn:i\"><A i:nil=\"true\">x</A></R>", .tree = "{A:\"x\"}" },
};

static const struct body_case bad[] = {
	/* The root. */
	{ .body = "<X/>",
	    .message = FOUND("1") "the root element must be <R> in no namespace or <D> in "
				  "the namespace \"urn:d\", found <X> in no namespace." },
	{ .body = "<r/>", .message = FOUND("1") "the root element must be" },
	{ .body = "<D/>", .message = FOUND("1") "the root element must be" },
	{ .body = "<R xmlns=\"urn:d\"/>",
	    .message =
		FOUND("1") "the root element must be <R> in no namespace or <D> in the namespace "
			   "\"urn:d\", found <R> in the namespace \"urn:d\"." },
	{ .body = "<D xmlns=\"urn:D\"/>", .message = FOUND("1") "the root element must be" },
	{ .body = "<D xmlns=\"urn:d \"/>", .message = FOUND("1") "the root element must be" },
	/* What is refused on sight. */
	{ .body = "<!DOCTYPE R><R/>", .message = FOUND("12") "a document type declaration" },
	{ .body = "<!DOCTYPE R [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><R><A>&e;</A></R>",
	    .message = FOUND("13") "a document type declaration" },
	{ .body = "<!DOCTYPE R SYSTEM \"http://localhost/x.dtd\"><R/>",
	    .message = FOUND("44") "a document type declaration" },
	{ .body = "<!DOCTYPE R [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">"
		  "<!ENTITY c \"&b;&b;&b;&b;\">]><R>&c;</R>",
	    .message = FOUND("13") "a document type declaration" },
	{ .body = "<?x y?><R/>", .message = FOUND("1") "processing instructions are not allowed." },
	{ .body = "<R><?x y?></R>", .message = FOUND("4") "processing instructions" },
	{ .body = "<R/><?x?>", .message = FOUND("5") "processing instructions" },
	{ .body = "<?xml version=\"1.1\"?><R/>",
	    .message = FOUND("1") "only XML version 1.0 is supported." },
	{ .body = "<?xml version=\"2.0\"?><R/>", .message = FOUND("1") "only XML version 1.0" },
	{ .body = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><R/>",
	    .message = FOUND("1") "only the encoding UTF-8 is supported." },
	{ .body = "<?xml version=\"1.0\" encoding=\"utf-16\"?><R/>",
	    .message = FOUND("1") "only the encoding UTF-8" },
	{ .body = "<?xml version=\"1.0\" encoding=\"us-ascii\"?><R/>",
	    .message = FOUND("1") "only the encoding UTF-8" },
	/* Syntax. */
	{ .body = "<R>", .message = FOUND("4") "no element found." },
	{ .body = "<R", .message = FOUND("1") "unclosed token." },
	{ .body = "<R></X>", .message = FOUND("6") "mismatched tag." },
	{ .body = "<R></r>", .message = FOUND("6") "mismatched tag." },
	{ .body = "<R/><R/>", .message = FOUND("5") "junk after document element." },
	{ .body = "<R/>x", .message = FOUND("5") "junk after document element." },
	{ .body = "x<R/>", .message = FOUND("2") "not well-formed (invalid token)." },
	{ .body = "{\"a\":1}", .message = FOUND("1") "not well-formed" },
	{ .body = "<!-- only -->", .message = FOUND("14") "no element found." },
	{ .body = " <?xml version=\"1.0\"?><R/>",
	    .message = FOUND("2") "XML or text declaration not" },
	{ .body = "<R><p:A/></R>", .message = FOUND("4") "unbound prefix." },
	{ .body = "<R a=\"1\" a=\"2\"/>", .message = FOUND("10") "duplicate attribute." },
	{ .body = "<R xmlns:p=\"urn:x\" xmlns:q=\"urn:x\" p:a=\"\" q:a=\"\"/>",
	    .message = FOUND("1") "duplicate attribute." },
	{ .body = "<R a=1/>", .message = FOUND("6") "not well-formed (invalid token)." },
	{ .body = "<R><A>&undefined;</A></R>", .message = FOUND("7") "undefined entity." },
	{ .body = "<R><A>&</A></R>", .message = FOUND("8") "not well-formed" },
	{ .body = "<R><A>]]></A></R>", .message = FOUND("9") "not well-formed" },
	{ .body = "<R><A>&#0;</A></R>", .message = FOUND("7") "reference to invalid character" },
	{ .body = "<R><A>&#x1;</A></R>", .message = FOUND("7") "reference to invalid character" },
	{ .body = "<R><A>&#xD800;</A></R>",
	    .message = FOUND("7") "reference to invalid character" },
	{ .body = "<R><A>&#x110000;</A></R>",
	    .message = FOUND("7") "reference to invalid character" },
	{ .body = "<R><A>\x01</A></R>", .message = FOUND("7") "not well-formed" },
	{ .body = "<R><A>\xEF\xBF\xBF</A></R>", .message = FOUND("7") "not well-formed" },
	{ WITH_NUL("<R><A>\0</A></R>"), .message = FOUND("7") "zero bytes are not allowed." },
	{ WITH_NUL("<R/>\0"), .message = FOUND("5") "zero bytes are not allowed." },
	{ WITH_NUL("<\0R\0/\0>\0"), .message = FOUND("2") "zero bytes are not allowed." },
	{ WITH_NUL("\0<\0R\0/\0>"), .message = FOUND("1") "zero bytes are not allowed." },
	/* Bytes. */
	{ .body = "<R><A>\xE9</A></R>", .message = FOUND("7") "this is not valid UTF-8." },
	{ .body = "<R><A>\xC0\x80</A></R>", .message = FOUND("7") "this is not valid UTF-8." },
	{ .body = "<R><A>\xED\xA0\x80</A></R>", .message = FOUND("7") "this is not valid UTF-8." },
	{ WITH_NUL("\xFF\xFE<\0R\0/\0>\0"), .message = FOUND("1") "this is not valid UTF-8." },
	/* Positions count lines, and characters rather than bytes. */
	{ .body = "<R>\n  <A>1</A>\n  <B>2</C>\n</R>",
	    .message = "Line 3, column 9 of the XML body: mismatched tag." },
	{ .body = "<R><A>\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80</B></R>",
	    .message = FOUND("12") "mismatched" },
	{ .body = "\xEF\xBB\xBF<X/>", .message = FOUND("1") "the root element must be" },
};

static void test_good(void **state)
{
	(void)state;
	body_run(read_xml, good, COUNT(good));
}

static void test_bad(void **state)
{
	(void)state;
	body_run(read_xml, bad, COUNT(bad));
}

static void check_repeat(
    const char *before, const char *part, size_t count, const char *after, const char *message)
{
	struct str text = body_repeat(before, part, count, after);

	assert_string_equal(body_message(read_xml, &body_limits, text), message);
	free((char *)text.data);
}

static void test_depth(void **state)
{
	struct str closed;

	(void)state;
	closed = body_repeat("", "</A>", 31, "</R>");
	check_repeat("<R>", "<A>", 31, closed.data, "");
	check_repeat("<R>", "<A>", 32, closed.data,
	    FOUND("97") "too many levels of nesting; at most 32 are allowed.");
	free((char *)closed.data);
	/* A subtree that is skipped counts as well. */
	closed = body_repeat("", "</x:A>", 31, "</R>");
	check_repeat("<R xmlns:x=\"urn:x\">", "<x:A>", 31, closed.data, "");
	check_repeat("<R xmlns:x=\"urn:x\">", "<x:A>", 32, closed.data,
	    FOUND("175") "too many levels of nesting; at most 32 are allowed.");
	free((char *)closed.data);
}

static void test_values(void **state)
{
	static const char many[] =
	    FOUND("40000") "too many elements and attributes; at most 10000 are "
			   "allowed.";

	(void)state;
	check_repeat("<R>", "<A/>", 9999, "</R>", "");
	check_repeat("<R>", "<A/>", 10000, "</R>", many);
	check_repeat("<R>", "<A b=\"\"/>", 4999, "<A/></R>", "");
	check_repeat("<R>", "<A b=\"\"/>", 4999, "<A/><A/></R>",
	    FOUND("44999") "too many elements and attributes; at most 10000 are allowed.");
	check_repeat("<R>", "<A xmlns:p=\"x\"/>", 4999, "<A/></R>", "");
	check_repeat("<R>", "<A xmlns:p=\"x\"/>", 5000, "</R>",
	    FOUND("79988") "too many elements and attributes; at most 10000 are allowed.");
}

/* `count` attributes, or declarations, with different names on the root. */
static struct str attributes(const char *prefix, size_t count)
{
	struct buf out = { 0 };

	buf_append_text(&out, "<R");
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, " %s%zu=\"x\"", prefix, i);
	buf_append_text(&out, "/>");
	return buf_str(&out);
}

static void test_attributes(void **state)
{
	static const char *const prefixes[] = { "a", "xmlns:a" };

	(void)state;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		struct str text = attributes(prefixes[i], 64);

		assert_string_equal(body_message(read_xml, &body_limits, text), "");
		free((char *)text.data);
		text = attributes(prefixes[i], 65);
		assert_string_equal(body_message(read_xml, &body_limits, text),
		    FOUND("1") "too many attributes of one element; at most 64 are allowed.");
		free((char *)text.data);
	}
}

/* Comments and CDATA sections may hold as many quotes as they like, and so may text. */
static void test_quotes(void **state)
{
	(void)state;
	check_repeat("<R><!-- <A ", "b=\"\" ", 200, "> --></R>", "");
	check_repeat("<R><A><![CDATA[<A ", "b=\"\" ", 200, "]></A>]]></A></R>", "");
	check_repeat("<R><A>", "b='' ", 200, "</A></R>", "");
	check_repeat("<R><!----><A ", "b='' ", 200, "</A></R>",
	    FOUND("11") "too many attributes of one element; at most 64 are allowed.");
}

static void test_member(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 20);
	struct error error;
	struct body body;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(
	    read_xml(arena, &body_limits, STR("<R><A>1</A><a>2</a><A>3</A></R>"), &body, &error),
	    0);
	assert_int_equal(body.format, BODY_XML);
	assert_true(str_equal(body.root->name, STR("R")));
	assert_true(str_equal(node_member(body.root, BODY_XML, STR("A"))->text, STR("1")));
	assert_true(str_equal(node_member(body.root, BODY_XML, STR("a"))->text, STR("2")));
	assert_null(node_member(body.root, BODY_XML, STR("B")));
	arena_free(arena);
}

/* Names from the body that a message repeats are cut to a bearable length, between characters. */
static void test_long_root(void **state)
{
	struct str text = body_repeat("<xx", "\xC3\xA9", 5000, "/>");
	const char *message = body_message(read_xml, &body_limits, text);

	(void)state;
	assert_true(strlen(message) < 300);
	assert_int_equal(str_utf8_valid(str_from(message)), strlen(message));
	free((char *)text.data);
}

static void test_arena_limit(void **state)
{
	(void)state;
	body_run_arena_limit(
	    read_xml, body_repeat("<R>", "<A><B>text</B></A>", 4000, "</R>"), 262144);
}

static const struct body_hostile hostile[] = {
	{ "nesting 300", "<R>", "<A>", "", 300, FOUND("97") "too many levels of nesting" },
	{ "1 MiB of <A>", "<R>", "<A>", "", 349525, FOUND("97") "too many levels of nesting" },
	{ "1 MiB of <A/>", "<R>", "<A/>", "</R>", 262144, FOUND("40000") "too many elements" },
	{ "1 MiB of the same attribute", "<R", " a=\"\"", "/>", 209715,
	    FOUND("1") "too many attributes" },
	{ "1 MiB of references", "<R><A>", "&#65;", "</A></R>", 209715, "" },
	{ "1 MiB of CDATA sections", "<R><A>", "<![CDATA[x]]>", "</A></R>", 80659, "" },
	{ "1 MiB of comments", "<R>", "<!---->", "</R>", 149796, "" },
	{ "1 MiB of lines", "<R><A>", "\n", "</A></R>", 1 << 20, "" },
	{ "1 MiB of lines, then a fault", "<R>", "\n", "<", 1 << 20,
	    "Line 1048577, column 1 of the XML" },
	{ "1 MiB of comment openings", "<R>", "<!--", "", 262144, FOUND("12") "not well-formed" },
	{ "1 MiB name", "<", "R", "/>", 1 << 20, FOUND("1") "the root element must be" },
	{ "1 MiB attribute", "<R a=\"", "x", "\"/>", 1 << 20, "" },
	{ "1 MiB namespace", "<R xmlns=\"", "x", "\"/>", 1 << 20,
	    FOUND("1") "the root element must be" },
	{ "1 MiB tag without end", "<R a=\"", "x", "", 1 << 20, FOUND("1") "unclosed token." },
	{ "1 MiB text", "<R><A>", "x", "</A></R>", 1 << 20, "" },
	{ "8 MB text", "<R><A>", "x", "</A></R>", 8000000, "" },
	{ "8 MB comment", "<R><!--", "x", "--></R>", 8000000, "" },
	{ "8 MB attribute", "<R a=\"", "x", "\"/>", 8000000, "" },
};

static void test_hostile(void **state)
{
	static const char *const prefixes[] = { "a", "xmlns:a" };
	static const size_t counts[] = { 6000, 60000 };

	(void)state;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		for (size_t k = 0; k < COUNT(counts); k++) {
			struct str text = attributes(prefixes[i], counts[k]);

			body_run_hostile(read_xml, &body_limits, prefixes[i], text,
			    FOUND("1") "too many attributes of one element");
			free((char *)text.data);
		}
	}
	body_run_hostile_rows(read_xml, hostile, COUNT(hostile));
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
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_member),
		cmocka_unit_test(test_long_root),
		cmocka_unit_test(test_arena_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
