#include "../lib/rows.h"
#include "base/zone.h"
#include "codec/reader.h"
#include "codec/writer.h"

#define INSTANCE "http://www.w3.org/2001/XMLSchema-instance"
#define SCHEMA "http://www.w3.org/2001/XMLSchema"
#define ARRAYS "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
#define CONTRACT " xmlns:i=\"" INSTANCE "\" xmlns=\"urn:x\""
#define SERIALIZER " xmlns:xsd=\"" SCHEMA "\" xmlns:xsi=\"" INSTANCE "\""

/* The three kinds of families: their XML differs. */
static const struct family contract = { .name = "contract",
	.xml_style = XML_DATA_CONTRACT,
	.xml_namespace = "urn:x",
	.xml_pascal_case = true,
	.json_time = TIMESTAMP_LOCAL,
	.xml_time = TIMESTAMP_OFFSET,
	.xml_date_as_time = true };
static const struct family serializer = { .name = "serializer",
	.xml_style = XML_SERIALIZER,
	.json_time = TIMESTAMP_UTC,
	.xml_time = TIMESTAMP_UTC };
static const struct family bare = { .name = "bare",
	.xml_style = XML_DATA_CONTRACT,
	.json_time = TIMESTAMP_OFFSET,
	.xml_time = TIMESTAMP_OFFSET };

static int use_zone(void **state)
{
	(void)state;
	return zone_set("America/Denver") ? 0 : -1;
}

static const struct enumerator words[] = { { 0, "Family" }, { 1, "Facility" } };
static const struct enumeration enumeration = { "Kind", words, 2 };

static void write_nothing(struct writer *writer)
{
	writer_object_begin(writer, "thing");
	writer_object_end(writer);
}

static void write_members(struct writer *writer)
{
	writer_object_begin(writer, "thing");
	writer_integer(writer, "id", -5);
	writer_boolean(writer, "isGood", true);
	writer_boolean(writer, "isBad", false);
	writer_text(writer, "Name", STR("a<b>&\"c'/"));
	writer_text(writer, "empty", STR(""));
	writer_text(writer, "none", (struct str){ NULL, 0 });
	writer_null(writer, "nil");
	writer_object_end(writer);
}

static void write_nulls(struct writer *writer)
{
	writer_object_begin(writer, "thing");
	writer_null(writer, "a");
	writer_null(writer, "b");
	writer_object_end(writer);
}

static void write_nested(struct writer *writer)
{
	writer_object_begin(writer, "thing");
	writer_object_begin(writer, "part");
	writer_integer(writer, "x", 1);
	writer_object_begin(writer, "deep");
	writer_object_end(writer);
	writer_object_end(writer);
	writer_array_begin(writer, "items", "itemType");
	writer_object_begin(writer, NULL);
	writer_integer(writer, "y", 2);
	writer_object_end(writer);
	writer_object_begin(writer, NULL);
	writer_object_end(writer);
	writer_array_end(writer);
	writer_array_begin(writer, "noItems", "itemType");
	writer_array_end(writer);
	writer_array_begin(writer, "texts", "string");
	writer_text(writer, NULL, STR("a"));
	writer_integer(writer, NULL, 1);
	writer_boolean(writer, NULL, true);
	writer_array_end(writer);
	writer_object_end(writer);
}

static void write_array(struct writer *writer)
{
	writer_array_begin(writer, NULL, "thing");
	writer_object_begin(writer, NULL);
	writer_integer(writer, "x", 1);
	writer_object_end(writer);
	writer_object_begin(writer, NULL);
	writer_integer(writer, "x", 2);
	writer_object_end(writer);
	writer_array_end(writer);
}

static void write_empty_array(struct writer *writer)
{
	writer_array_begin(writer, NULL, "thing");
	writer_array_end(writer);
}

static void write_integer(struct writer *writer)
{
	writer_root_integer(writer, 42);
}

static void write_null(struct writer *writer)
{
	writer_root_null(writer, "thing");
}

static void write_plain(struct writer *writer)
{
	writer->plain_root = true;
	writer_object_begin(writer, "Error");
	writer_text(writer, "message", STR("No."));
	writer_text(writer, "empty", STR(""));
	writer_object_begin(writer, "faults");
	writer->plain_names = true;
	writer_text(writer, "dto.code", STR("x"));
	writer->plain_names = false;
	writer_object_end(writer);
	writer_object_end(writer);
}

/* Characters: JSON escapes, XML has U+FFFD for what it cannot carry. */
static void write_characters(struct writer *writer)
{
	writer_object_begin(writer, "thing");
	writer_text(writer, "a", STR("\t\n\r\x01\x7F"));
	writer_text(writer, "b", STR("\xE2\x80\xA8\xC2\x85\xC3\xA9\xF0\x9F\x98\x80"));
	writer_text(writer, "c", STR("\xEF\xBF\xBD[\xEF\xBF\xBE\xEF\xBF\xBF]]>"));
	writer_object_end(writer);
}

static const struct {
	void (*write)(struct writer *writer);
	const char *json, *contract, *serializer;
} documents[] = {
	{ write_nothing, "{}", "<thing" CONTRACT " />", "<thing" SERIALIZER " />" },
	{ write_members,
	    "{\"id\":-5,\"isGood\":true,\"isBad\":false,\"Name\":\"a<b>&\\\"c'/\",\"empty\":\"\","
	    "\"none\":\"\",\"nil\":null}",
	    "<thing" CONTRACT "><Id>-5</Id><IsGood>true</IsGood><IsBad>false</IsBad>"
	    "<Name>a&lt;b&gt;&amp;\"c'/</Name><Empty></Empty><None></None><Nil i:nil=\"true\" "
	    "/></thing>",
	    "<thing" SERIALIZER "><id>-5</id><isGood>true</isGood><isBad>false</isBad>"
	    "<Name>a&lt;b&gt;&amp;\"c'/</Name><empty /><none /></thing>" },
	{ write_nulls, "{\"a\":null,\"b\":null}",
	    "<thing" CONTRACT "><A i:nil=\"true\" /><B i:nil=\"true\" /></thing>",
	    "<thing" SERIALIZER " />" },
	{ write_nested,
	    "{\"part\":{\"x\":1,\"deep\":{}},\"items\":[{\"y\":2},{}],\"noItems\":[],"
	    "\"texts\":[\"a\",1,true]}",
	    "<thing" CONTRACT "><Part><X>1</X><Deep /></Part><Items><itemType><Y>2</Y></itemType>"
	    "<itemType /></Items><NoItems /><Texts><string>a</string><string>1</string>"
	    "<string>true</string></Texts></thing>",
	    "<thing" SERIALIZER "><part><x>1</x><deep /></part><items><itemType><y>2</y></itemType>"
	    "<itemType /></items><noItems /><texts><string>a</string><string>1</string>"
	    "<string>true</string></texts></thing>" },
	{ write_array, "[{\"x\":1},{\"x\":2}]",
	    "<ArrayOfthing" CONTRACT
	    "><thing><X>1</X></thing><thing><X>2</X></thing></ArrayOfthing>",
	    "<ArrayOfthing" SERIALIZER
	    "><thing><x>1</x></thing><thing><x>2</x></thing></ArrayOfthing>" },
	{ write_empty_array, "[]", "<ArrayOfthing" CONTRACT " />",
	    "<ArrayOfthing" SERIALIZER " />" },
	{ write_integer, "42",
	    "<int xmlns=\"http://schemas.microsoft.com/2003/10/Serialization/\">42</int>", NULL },
	{ write_null, "null", "<thing i:nil=\"true\"" CONTRACT " />", NULL },
	{ write_plain, "{\"message\":\"No.\",\"empty\":\"\",\"faults\":{\"dto.code\":\"x\"}}",
	    "<Error><Message>No.</Message><Empty></Empty><Faults><dto.code>x</dto.code></Faults></"
	    "Error>",
	    "<Error><message>No.</message><empty></empty><faults><dto.code>x</dto.code></faults></"
	    "Error>" },
	{ write_characters,
	    "{\"a\":\"\\t\\n\\r\\u0001\\u007f\",\"b\":\"\\u2028\\u0085\xC3\xA9\xF0\x9F\x98\x80\","
	    "\"c\":\"\xEF\xBF\xBD[\xEF\xBF\xBE\xEF\xBF\xBF]]>\"}",
	    "<thing" CONTRACT
	    "><A>\t\n&#xD;\xEF\xBF\xBD\x7F</A><B>\xE2\x80\xA8\xC2\x85\xC3\xA9\xF0\x9F\x98\x80</B>"
	    "<C>\xEF\xBF\xBD[\xEF\xBF\xBD\xEF\xBF\xBD]]&gt;</C></thing>",
	    "<thing" SERIALIZER
	    "><a>\t\n&#xD;\xEF\xBF\xBD\x7F</a><b>\xE2\x80\xA8\xC2\x85\xC3\xA9\xF0\x9F\x98\x80</b>"
	    "<c>\xEF\xBF\xBD[\xEF\xBF\xBD\xEF\xBF\xBD]]&gt;</c></thing>" },
};

static void expect_document(size_t row, void (*write)(struct writer *writer),
    enum media_format format, const struct family *family, const char *expected)
{
	struct buf out = { 0 };
	struct writer writer;

	writer_init(&writer, format, family, &out);
	write(&writer);
	assert_int_equal(writer.depth, 0);
	expect_str(row, buf_str(&out), expected);
	buf_free(&out);
}

static void test_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(documents); i++) {
		expect_document(i, documents[i].write, MEDIA_JSON, &contract, documents[i].json);
		expect_document(i, documents[i].write, MEDIA_JSON, &serializer, documents[i].json);
		expect_document(i, documents[i].write, MEDIA_XML, &contract, documents[i].contract);
		if (documents[i].serializer != NULL)
			expect_document(
			    i, documents[i].write, MEDIA_XML, &serializer, documents[i].serializer);
	}
}

static void test_no_namespace(void **state)
{
	(void)state;
	expect_document(0, write_nothing, MEDIA_XML, &bare, "<thing xmlns:i=\"" INSTANCE "\" />");
}

/* A document is appended to what stands in the buffer. */
static void test_append(void **state)
{
	struct buf out = { 0 };
	struct writer writer;

	(void)state;
	buf_append_text(&out, "x");
	writer_init(&writer, MEDIA_JSON, &bare, &out);
	write_nothing(&writer);
	assert_string_equal(out.data, "x{}");
	buf_free(&out);
}

#define T_SUMMER INT64_C(1566656122500000) /* 2019-08-24T14:15:22.5Z */
#define T_WINTER INT64_C(1734981419146808) /* 2024-12-23T19:16:59.146808Z */
#define DAY INT64_C(1734912000000000)      /* 2024-12-23 */
#define D_FORM "53a15dd6-8768-4aa5-9ba6-770d614daeab"
#define MAP_OPEN " xmlns:d2p1=\"" ARRAYS "\">"
#define ENTRY(key, type, text)                                                            \
	"<d2p1:KeyValueOfstringanyType><d2p1:Key>" key                                    \
	"</d2p1:Key><d2p1:Value xmlns:d4p1=\"" SCHEMA "\" i:type=\"d4p1:" type "\">" text \
	"</d2p1:Value></d2p1:KeyValueOfstringanyType>"

/* One member `m` of each type; XML NULL = the member is left out. */
static const struct {
	struct field field;
	struct value value;
	const char *json_utc; /* as the serializer family has it */
	const char *contract, *serializer;
	const char *json_local; /* as the contract family has it; NULL = the same */
} values[] = {
	{ { BOOLEAN("m", "m") }, { .boolean = true }, "true", "<M>true</M>", "<m>true</m>", NULL },
	{ { INT32("m", "m") }, { .integer = INT32_MIN }, "-2147483648", "<M>-2147483648</M>",
	    "<m>-2147483648</m>", NULL },
	{ { INT64("m", "m") }, { .integer = INT64_MAX }, "9223372036854775807",
	    "<M>9223372036854775807</M>", "<m>9223372036854775807</m>", NULL },
	{ { DOUBLE("m", "m") }, { .real = 0.1 }, "0.1", "<M>0.1</M>", "<m>0.1</m>", NULL },
	{ { DECIMAL("m", "m") }, { .text = { "19.9000", 7 } }, "19.9", "<M>19.9</M>", "<m>19.9</m>",
	    NULL },
	{ { DECIMAL("m", "m") }, { .text = { "100.0000", 8 } }, "100", "<M>100</M>", "<m>100</m>",
	    NULL },
	{ { DECIMAL("m", "m") }, { .text = { "100", 3 } }, "100", "<M>100</M>", "<m>100</m>",
	    NULL },
	{ { STRING("m", "m", 9) }, { .text = { "a<", 2 } }, "\"a<\"", "<M>a&lt;</M>",
	    "<m>a&lt;</m>", NULL },
	{ { STRING("m", "m", 9) }, { .text = { "", 0 } }, "\"\"", "<M></M>", "<m />", NULL },
	{ { UUID("m", "m") },
	    { .uuid = { { 0x53, 0xa1, 0x5d, 0xd6, 0x87, 0x68, 0x4a, 0xa5, 0x9b, 0xa6, 0x77, 0x0d,
		  0x61, 0x4d, 0xae, 0xab } } },
	    "\"" D_FORM "\"", "<M>" D_FORM "</M>", "<m>" D_FORM "</m>", NULL },
	{ { DATETIME("m", "m") }, { .integer = T_SUMMER }, "\"2019-08-24T14:15:22.5Z\"",
	    "<M>2019-08-24T08:15:22.5-06:00</M>", "<m>2019-08-24T14:15:22.5Z</m>",
	    "\"2019-08-24T08:15:22.5\"" },
	{ { DATETIME("m", "m") }, { .integer = T_WINTER }, "\"2024-12-23T19:16:59.146808Z\"",
	    "<M>2024-12-23T12:16:59.146808-07:00</M>", "<m>2024-12-23T19:16:59.146808Z</m>",
	    "\"2024-12-23T12:16:59.146808\"" },
	{ { DATE("m", "m") }, { .integer = DAY }, "\"2024-12-23\"",
	    "<M>2024-12-23T00:00:00-07:00</M>", "<m>2024-12-23</m>", NULL },
	{ { ENUM("m", "m", &enumeration) }, { .integer = 1 }, "1", "<M>Facility</M>",
	    "<m>Facility</m>", NULL },
	{ { ENUM("m", "m", &enumeration) }, { .integer = 7 }, "7", "<M>7</M>", "<m>7</m>", NULL },
	{ { CODE("m", "m", &enumeration) }, { .text = { "Family", 6 } }, "\"Family\"",
	    "<M>Family</M>", "<m>Family</m>", NULL },
	/* Lists. */
	{ { INT32_LIST("m", "m", 9) }, { .text = { "[1,-2]", 6 } }, "[1,-2]",
	    "<M" MAP_OPEN "<d2p1:int>1</d2p1:int><d2p1:int>-2</d2p1:int></M>",
	    "<m><int>1</int><int>-2</int></m>", NULL },
	{ { STRING_LIST("m", "m", 9) }, { .text = { "[\"a\",\"\",\"<\"]", 12 } },
	    "[\"a\",\"\",\"<\"]",
	    "<M" MAP_OPEN "<d2p1:string>a</d2p1:string><d2p1:string></d2p1:string>"
	    "<d2p1:string>&lt;</d2p1:string></M>",
	    "<m><string>a</string><string /><string>&lt;</string></m>", NULL },
	{ { STRING_LIST("m", "m", 9) }, { .text = { "[]", 2 } }, "[]",
	    "<M xmlns:d2p1=\"" ARRAYS "\" />", "<m />", NULL },
	/* Maps. */
	{ { MAP("m", "m") }, { .text = { "{}", 2 } }, "{}", "<M xmlns:d2p1=\"" ARRAYS "\" />", NULL,
	    NULL },
	{ { MAP("m", "m") },
	    { .text = BYTES("{\"k\":\"v\",\"i\":5,\"l\":5000000000,\"d\":1.50,\"b\":true,\"n\":"
			    "null,\"o\":{}}") },
	    "{\"k\":\"v\",\"i\":5,\"l\":5000000000,\"d\":1.50,\"b\":true,\"n\":null,\"o\":{}}",
	    "<M" MAP_OPEN ENTRY("k", "string", "v") ENTRY("i", "int", "5") ENTRY(
		"l", "long", "5000000000") ENTRY("d", "double", "1.50") ENTRY("b", "boolean",
		"true") "<d2p1:KeyValueOfstringanyType><d2p1:Key>n</d2p1:Key><d2p1:Value "
			"i:nil=\"true\" />"
			"</d2p1:KeyValueOfstringanyType><d2p1:KeyValueOfstringanyType><d2p1:Key>o</"
			"d2p1:Key>"
			"<d2p1:Value /></d2p1:KeyValueOfstringanyType></M>",
	    NULL, NULL },
	{ { MAP("m", "m") },
	    { .text = BYTES("{\"z\":-0,\"m\":-2147483649,\"h\":12345678901234567890,\"e\":1e400,"
			    "\"t\":\"\\u0001\\\"\\u20ac\"}") },
	    "{\"z\":-0,\"m\":-2147483649,\"h\":12345678901234567890,\"e\":1e400,"
	    "\"t\":\"\\u0001\\\"\\u20ac\"}",
	    "<M" MAP_OPEN ENTRY("z", "int", "-0") ENTRY("m", "long", "-2147483649")
		ENTRY("h", "long", "12345678901234567890") ENTRY("e", "double", "1e400")
		    ENTRY("t", "string", "\xEF\xBF\xBD\"\xE2\x82\xAC") "</M>",
	    NULL, NULL },
	{ { STRING_MAP("m", "m") }, { .text = BYTES("{\"a\":\"1\",\"b\":null}") },
	    "{\"a\":\"1\",\"b\":null}",
	    "<M" MAP_OPEN "<d2p1:KeyValueOfstringstring><d2p1:Key>a</d2p1:Key><d2p1:Value>1</"
	    "d2p1:Value></d2p1:KeyValueOfstringstring><d2p1:KeyValueOfstringstring><d2p1:Key>b</"
	    "d2p1:Key><d2p1:Value i:nil=\"true\" /></d2p1:KeyValueOfstringstring></M>",
	    NULL, NULL },
	/* What is no JSON leaves an empty element. */
	{ { MAP("m", "m") }, { .text = BYTES("{\"a\"") }, "{\"a\"",
	    "<M xmlns:d2p1=\"" ARRAYS "\" />", NULL, NULL },
	/* Nulls: i:nil; of what cannot be null by itself xsi:nil; else nothing. */
	{ { INT32("m", "m") }, { .null = true }, "null", "<M i:nil=\"true\" />",
	    "<m xsi:nil=\"true\" />", NULL },
	{ { DATETIME("m", "m") }, { .null = true }, "null", "<M i:nil=\"true\" />",
	    "<m xsi:nil=\"true\" />", NULL },
	{ { STRING("m", "m", 9) }, { .null = true }, "null", "<M i:nil=\"true\" />", "", NULL },
	{ { CODE("m", "m", &enumeration) }, { .null = true }, "null", "<M i:nil=\"true\" />", "",
	    NULL },
	{ { INT32_LIST("m", "m", 9) }, { .null = true }, "null",
	    "<M xmlns:d2p1=\"" ARRAYS "\" i:nil=\"true\" />", "", NULL },
	{ { MAP("m", "m") }, { .null = true }, "null",
	    "<M xmlns:d2p1=\"" ARRAYS "\" i:nil=\"true\" />", "", NULL },
};

static void expect_member(
    size_t row, enum media_format format, const struct family *family, const char *member)
{
	struct buf out = { 0 }, expected = { 0 };
	struct writer writer;
	const char *namespaces = family == &contract ? CONTRACT : SERIALIZER;

	if (format == MEDIA_JSON)
		buf_printf(&expected, "{\"m\":%s}", member);
	else if (member[0] != '\0')
		buf_printf(&expected, "<R%s>%s</R>", namespaces, member);
	else
		buf_printf(&expected, "<R%s />", namespaces);
	writer_init(&writer, format, family, &out);
	writer_object_begin(&writer, "R");
	writer_value(&writer, "m", &values[row].field, &values[row].value);
	writer_object_end(&writer);
	expect_str(row, buf_str(&out), expected.data);
	buf_free(&out);
	buf_free(&expected);
}

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(values); i++) {
		expect_member(i, MEDIA_JSON, &serializer, values[i].json_utc);
		expect_member(i, MEDIA_JSON, &contract,
		    values[i].json_local != NULL ? values[i].json_local : values[i].json_utc);
		expect_member(i, MEDIA_XML, &contract, values[i].contract);
		if (values[i].serializer != NULL)
			expect_member(i, MEDIA_XML, &serializer, values[i].serializer);
	}
}

/* Prefixes tell the depth of the element. */
static void test_collection_depth(void **state)
{
	static const struct field map = { MAP("m", "m") };
	static const struct value value = { .text = { "{\"k\":\"v\"}", 9 } };
	struct buf out = { 0 };
	struct writer writer;

	(void)state;
	writer_init(&writer, MEDIA_XML, &contract, &out);
	writer_array_begin(&writer, NULL, "R");
	writer_object_begin(&writer, NULL);
	writer_value(&writer, "m", &map, &value);
	writer_object_end(&writer);
	writer_array_end(&writer);
	expect_str(0, buf_str(&out),
	    "<ArrayOfR" CONTRACT "><R><M xmlns:d3p1=\"" ARRAYS "\"><d3p1:KeyValueOfstringanyType>"
	    "<d3p1:Key>k</d3p1:Key><d3p1:Value xmlns:d5p1=\"" SCHEMA "\" i:type=\"d5p1:string\">v"
	    "</d3p1:Value></d3p1:KeyValueOfstringanyType></M></R></ArrayOfR>");
	buf_free(&out);
}

/* A tree comes out as it was read, in each layout, also below a writer's own scopes. */
static const struct {
	const char *json, *lines, *indented;
} trees[] = {
	{ "null", "null", "null" },
	{ "[]", "[]", "[\n]" },
	{ "{}", "{}", "{\n}" },
	{ "[1]", "[1]", "[\n\t1\n]" },
	{ "[{\"a\":[1,2]},[],-0.0e1]", "[{\"a\":[1,2]},\n [],\n -0.0e1]",
	    "[\n\t{\n\t\t\"a\":[\n\t\t\t1,\n\t\t\t2\n\t\t]\n\t},\n\t[\n\t],\n\t-0.0e1\n]" },
	{ "{\"a\":{\"b\":\"x/\\\"\\n\\u0001\"},\"\":true}",
	    "{\"a\":{\"b\":\"x/\\\"\\n\\u0001\"},\"\":true}",
	    "{\n\t\"a\":{\n\t\t\"b\":\"x/\\\"\\n\\u0001\"\n\t},\n\t\"\":true\n}" },
};

static void expect_tree(
    size_t row, enum writer_layout layout, const struct node *tree, const char *expected)
{
	struct buf out = { 0 };
	struct writer writer;

	writer_init(&writer, MEDIA_JSON, &bare, &out);
	writer.layout = layout;
	writer_node(&writer, STR("root"), tree);
	assert_int_equal(writer.depth, 0);
	expect_str(row, buf_str(&out), expected);
	buf_free(&out);
}

static void test_trees(void **state)
{
	struct arena *arena = arena_new(4096, 65536);

	(void)state;
	for (size_t i = 0; i < ROWS(trees); i++) {
		const struct node *tree = json_read_stored(arena, str_from(trees[i].json));

		assert_non_null(tree);
		expect_tree(i, WRITER_COMPACT, tree, trees[i].json);
		expect_tree(i, WRITER_LINES, tree, trees[i].lines);
		expect_tree(i, WRITER_INDENTED, tree, trees[i].indented);
	}
	arena_free(arena);
}

/* JSON of no family has times in UTC. */
static void test_no_family(void **state)
{
	static const struct field moment = { DATETIME("m", "m") };
	static const struct value summer = { .integer = T_SUMMER }, nothing = { .null = true };
	struct buf out = { 0 };
	struct writer writer;

	(void)state;
	writer_init(&writer, MEDIA_JSON, NULL, &out);
	writer_object_begin(&writer, NULL);
	writer_value(&writer, "at", &moment, &summer);
	writer_value(&writer, "never", &moment, &nothing);
	writer_text(&writer, "name", STR("x"));
	writer_null(&writer, "none");
	writer_object_end(&writer);
	expect_str(0, buf_str(&out),
	    "{\"at\":\"2019-08-24T14:15:22.5Z\",\"never\":null,\"name\":\"x\",\"none\":null}");
	buf_free(&out);
}

static void test_tree_inside(void **state)
{
	struct arena *arena = arena_new(4096, 65536);
	const struct node *tree = json_read_stored(arena, STR("{\"x\":[1]}"));
	struct buf out = { 0 };
	struct writer writer;

	(void)state;
	writer_init(&writer, MEDIA_JSON, &bare, &out);
	writer_object_begin(&writer, NULL);
	writer_node(&writer, STR("a"), tree);
	writer_json(&writer, "b", STR("{ }"));
	writer_array_begin(&writer, "c", "item");
	writer_node(&writer, STR(""), tree);
	writer_node(&writer, STR(""), tree->children);
	writer_array_end(&writer);
	writer_object_end(&writer);
	expect_str(0, buf_str(&out), "{\"a\":{\"x\":[1]},\"b\":{ },\"c\":[{\"x\":[1]},[1]]}");
	buf_free(&out);
	arena_free(arena);
}

/* Too deep is a failure of the buffer, never a write beyond the scopes. */
static void test_depth(void **state)
{
	static const enum media_format formats[] = { MEDIA_JSON, MEDIA_XML };

	(void)state;
	for (size_t i = 0; i < ROWS(formats); i++) {
		struct buf out = { 0 };
		struct writer writer;

		writer_init(&writer, formats[i], &contract, &out);
		for (int depth = 0; depth < WRITER_DEPTH_MAX; depth++)
			writer_object_begin(&writer, "x");
		assert_false(out.failed);
		for (int depth = 0; depth < 3; depth++)
			writer_object_begin(&writer, "x");
		assert_true(out.failed);
		for (int depth = 0; depth < WRITER_DEPTH_MAX + 3; depth++)
			writer_object_end(&writer);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_no_namespace),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_collection_depth),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_tree_inside),
		cmocka_unit_test(test_no_family),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, use_zone, NULL);
}
