#include "../lib/rows.h"
#include "base/zone.h"
#include "schema/resource.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 64 << 20);
	return zone_set("America/Denver") ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct enumerator words[] = { { 0, "Family" }, { 1, "Facility" }, { -5, "Other" } };
static const struct enumeration enumeration = { "Kind", words, COUNT_OF(words) };

static const struct field fields[] = {
	[FIELD_BOOLEAN] = { BOOLEAN("m", "m") },
	[FIELD_INT32] = { INT32("m", "m") },
	[FIELD_INT64] = { INT64("m", "m") },
	[FIELD_DOUBLE] = { DOUBLE("m", "m") },
	[FIELD_DECIMAL] = { DECIMAL("m", "m") },
	[FIELD_STRING] = { STRING("m", "m", 3) },
	[FIELD_UUID] = { UUID("m", "m") },
	[FIELD_DATETIME] = { DATETIME("m", "m") },
	[FIELD_DATE] = { DATE("m", "m") },
	[FIELD_ENUM] = { ENUM("m", "m", &enumeration) },
	[FIELD_CODE] = { CODE("m", "m", &enumeration) },
	[FIELD_STRING_LIST] = { STRING_LIST("m", "m", 3) },
	[FIELD_INT32_LIST] = { INT32_LIST("m", "m", 3) },
	[FIELD_MAP] = { MAP("m", "m") },
};

/* A value's text as JSON has it, or as XML has it. */
static struct str print_value(const struct field *field, const struct value *value, bool xml)
{
	const struct field_type_info *type = field_type_info(field->type);
	const struct print_style style = { .time = xml ? TIMESTAMP_OFFSET : TIMESTAMP_UTC,
		.date_as_time = xml,
		.enum_as_name = xml };
	struct buf buf = { 0 };
	struct str text;

	if (type->print == NULL)
		return value->text;
	type->print(&buf, field, value, &style);
	text = arena_str(arena, buf_str(&buf));
	buf_free(&buf);
	return text;
}

struct scalar {
	enum field_type type;
	enum body_format format;
	enum node_kind kind;
	const char *text;
	const char *json; /* the value printed; NULL = refused */
};

#define J BODY_JSON
#define X BODY_XML
#define F BODY_FORM
#define D_FORM "53a15dd6-8768-4aa5-9ba6-770d614daeab"

static const struct scalar scalars[] = {
	/* Booleans: bare in JSON, xsd:boolean in XML, words of any case in forms. */
	{ FIELD_BOOLEAN, J, NODE_BOOLEAN, "true", "true" },
	{ FIELD_BOOLEAN, J, NODE_BOOLEAN, "false", "false" },
	{ FIELD_BOOLEAN, J, NODE_TEXT, "true", NULL },
	{ FIELD_BOOLEAN, J, NODE_TEXT, "", NULL },
	{ FIELD_BOOLEAN, J, NODE_NUMBER, "1", NULL },
	{ FIELD_BOOLEAN, J, NODE_ARRAY, "", NULL },
	{ FIELD_BOOLEAN, J, NODE_OBJECT, "", NULL },
	{ FIELD_BOOLEAN, X, NODE_TEXT, "true", "true" },
	{ FIELD_BOOLEAN, X, NODE_TEXT, " false\n", "false" },
	{ FIELD_BOOLEAN, X, NODE_TEXT, "1", "true" },
	{ FIELD_BOOLEAN, X, NODE_TEXT, "0", "false" },
	{ FIELD_BOOLEAN, X, NODE_TEXT, "True", NULL },
	{ FIELD_BOOLEAN, X, NODE_TEXT, "2", NULL },
	{ FIELD_BOOLEAN, X, NODE_TEXT, "", NULL },
	{ FIELD_BOOLEAN, F, NODE_TEXT, "true", "true" },
	{ FIELD_BOOLEAN, F, NODE_TEXT, "FALSE", "false" },
	{ FIELD_BOOLEAN, F, NODE_TEXT, "on", NULL },
	{ FIELD_BOOLEAN, F, NODE_TEXT, "1", NULL },
	/* Integers: as numbers and as text, blanks and a sign allowed, never cut or rounded. */
	{ FIELD_INT32, J, NODE_NUMBER, "6", "6" },
	{ FIELD_INT32, J, NODE_NUMBER, "-6", "-6" },
	{ FIELD_INT32, J, NODE_TEXT, "6", "6" },
	{ FIELD_INT32, J, NODE_TEXT, " 6 ", "6" },
	{ FIELD_INT32, J, NODE_TEXT, "+6", "6" },
	{ FIELD_INT32, J, NODE_TEXT, "007", "7" },
	{ FIELD_INT32, J, NODE_NUMBER, "2147483647", "2147483647" },
	{ FIELD_INT32, J, NODE_NUMBER, "-2147483648", "-2147483648" },
	{ FIELD_INT32, J, NODE_NUMBER, "2147483648", NULL },
	{ FIELD_INT32, J, NODE_NUMBER, "-2147483649", NULL },
	{ FIELD_INT32, J, NODE_NUMBER, "18446744073709551622", NULL },
	{ FIELD_INT32, J, NODE_NUMBER, "6.0", NULL },
	{ FIELD_INT32, J, NODE_TEXT, "6.0", NULL },
	{ FIELD_INT32, J, NODE_NUMBER, "1e2", NULL },
	{ FIELD_INT32, J, NODE_BOOLEAN, "true", NULL },
	{ FIELD_INT32, J, NODE_TEXT, "", NULL },
	{ FIELD_INT32, J, NODE_TEXT, "0x10", NULL },
	{ FIELD_INT32, J, NODE_ARRAY, "", NULL },
	{ FIELD_INT32, J, NODE_OBJECT, "", NULL },
	{ FIELD_INT32, X, NODE_TEXT, " +1 ", "1" },
	{ FIELD_INT32, X, NODE_TEXT, "1.0", NULL },
	{ FIELD_INT32, X, NODE_TEXT, "", NULL },
	{ FIELD_INT32, F, NODE_TEXT, "12", "12" },
	{ FIELD_INT32, F, NODE_TEXT, "abc", NULL },
	{ FIELD_INT64, J, NODE_NUMBER, "9223372036854775807", "9223372036854775807" },
	{ FIELD_INT64, J, NODE_NUMBER, "-9223372036854775808", "-9223372036854775808" },
	{ FIELD_INT64, J, NODE_NUMBER, "9223372036854775808", NULL },
	{ FIELD_INT64, J, NODE_NUMBER, "1.5", NULL },
	/* Binary fractions come back as the shortest text of the same number. */
	{ FIELD_DOUBLE, J, NODE_NUMBER, "0.1", "0.1" },
	{ FIELD_DOUBLE, J, NODE_NUMBER, "0.30000000000000004", "0.30000000000000004" },
	{ FIELD_DOUBLE, J, NODE_NUMBER, "1.50", "1.5" },
	{ FIELD_DOUBLE, J, NODE_NUMBER, "-2e3", "-2000" },
	{ FIELD_DOUBLE, J, NODE_TEXT, " 2.5 ", "2.5" },
	{ FIELD_DOUBLE, J, NODE_NUMBER, "1E400", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "NaN", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "INF", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "inf", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "0x1p3", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "1,5", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, ".5", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "5.", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "1e", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "-", NULL },
	{ FIELD_DOUBLE, J, NODE_TEXT, "", NULL },
	{ FIELD_DOUBLE, J, NODE_BOOLEAN, "true", NULL },
	{ FIELD_DOUBLE, X, NODE_TEXT, "NaN", NULL },
	/* Money is exact and printed shortest. */
	{ FIELD_DECIMAL, J, NODE_NUMBER, "19.90", "19.9" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "19.9000", "19.9" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "100", "100" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "100.0000", "100" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "0.1", "0.1" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "-0.5", "-0.5" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "-0.00", "0" },
	{ FIELD_DECIMAL, J, NODE_TEXT, "+007.10", "7.1" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "999999999999999.9999", "999999999999999.9999" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "1000000000000000", NULL },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "0.00001", "0" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "1e2", "100" },
	{ FIELD_DECIMAL, J, NODE_NUMBER, "7.700000000000001", "7.7" },
	{ FIELD_DECIMAL, X, NODE_TEXT, " 1.5E3 ", "1500" },
	{ FIELD_DECIMAL, F, NODE_TEXT, "1e3", "1000" },
	{ FIELD_DECIMAL, J, NODE_TEXT, "1.", NULL },
	{ FIELD_DECIMAL, J, NODE_TEXT, "", NULL },
	{ FIELD_DECIMAL, J, NODE_TEXT, "1 000", NULL },
	/* Text: numbers are taken as sent; length counts characters. */
	{ FIELD_STRING, J, NODE_TEXT, "abc", "abc" },
	{ FIELD_STRING, J, NODE_TEXT, "", "" },
	{ FIELD_STRING, J, NODE_TEXT, " a ", " a " },
	{ FIELD_STRING, J, NODE_NUMBER, "5", "5" },
	{ FIELD_STRING, J, NODE_NUMBER, "1.5", "1.5" },
	{ FIELD_STRING, J, NODE_TEXT, "\xF0\x9F\x98\x80\xC3\xA9\xE2\x82\xAC",
	    "\xF0\x9F\x98\x80\xC3\xA9\xE2\x82\xAC" },
	{ FIELD_STRING, J, NODE_TEXT, "abcd", NULL },
	{ FIELD_STRING, J, NODE_NUMBER, "1234", NULL },
	{ FIELD_STRING, J, NODE_BOOLEAN, "true", NULL },
	{ FIELD_STRING, J, NODE_ARRAY, "", NULL },
	{ FIELD_STRING, J, NODE_OBJECT, "", NULL },
	{ FIELD_STRING, X, NODE_TEXT, "yes", "yes" },
	{ FIELD_STRING, X, NODE_TEXT, "1.0", "1.0" },
	{ FIELD_STRING, X, NODE_OBJECT, "", NULL },
	/* GUIDs in every form, answered in one. */
	{ FIELD_UUID, J, NODE_TEXT, "53A15DD687684AA59BA6770D614DAEAB", D_FORM },
	{ FIELD_UUID, J, NODE_TEXT, "{" D_FORM "}", D_FORM },
	{ FIELD_UUID, J, NODE_TEXT, " (" D_FORM ") ", D_FORM },
	{ FIELD_UUID, J, NODE_TEXT, "", NULL },
	{ FIELD_UUID, J, NODE_TEXT, "x", NULL },
	{ FIELD_UUID, J, NODE_NUMBER, "5", NULL },
	/* Moments and days. */
	{ FIELD_DATETIME, J, NODE_TEXT, "2024-12-23T12:16:59.1468079-07:00",
	    "2024-12-23T19:16:59.146807Z" },
	{ FIELD_DATETIME, J, NODE_TEXT, "2024-12-23T12:16:59", "2024-12-23T19:16:59Z" },
	{ FIELD_DATETIME, J, NODE_TEXT, "2024-12-23", "2024-12-23T07:00:00Z" },
	{ FIELD_DATETIME, J, NODE_NUMBER, "1566656122", NULL },
	{ FIELD_DATETIME, J, NODE_TEXT, "2024-02-30", NULL },
	{ FIELD_DATETIME, J, NODE_TEXT, "", NULL },
	{ FIELD_DATETIME, J, NODE_TEXT, "2024-12-23T24:00:00", NULL },
	{ FIELD_DATE, J, NODE_TEXT, "2024-12-23", "2024-12-23" },
	{ FIELD_DATE, J, NODE_TEXT, "2024-12-23T23:00:00-07:00", "2024-12-23" },
	{ FIELD_DATE, X, NODE_TEXT, "2024-12-23T00:00:00-07:00", "2024-12-23" },
	{ FIELD_DATE, J, NODE_TEXT, "12/23/2024", "2024-12-23" },
	{ FIELD_DATE, J, NODE_TEXT, "23/12/2024", NULL },
	{ FIELD_DATE, J, NODE_NUMBER, "20241223", NULL },
	/* Enumerations by number and by name; numbers that are none of them are refused. */
	{ FIELD_ENUM, J, NODE_NUMBER, "1", "1" },
	{ FIELD_ENUM, J, NODE_NUMBER, "-5", "-5" },
	{ FIELD_ENUM, J, NODE_TEXT, "1", "1" },
	{ FIELD_ENUM, J, NODE_TEXT, "facility", "1" },
	{ FIELD_ENUM, X, NODE_TEXT, " Family ", "0" },
	{ FIELD_ENUM, J, NODE_NUMBER, "2", NULL },
	{ FIELD_ENUM, J, NODE_TEXT, "Famil", NULL },
	{ FIELD_ENUM, J, NODE_TEXT, "", NULL },
	{ FIELD_ENUM, J, NODE_NUMBER, "1.0", NULL },
	{ FIELD_ENUM, J, NODE_BOOLEAN, "true", NULL },
	{ FIELD_CODE, J, NODE_TEXT, "FAMILY", "Family" },
	{ FIELD_CODE, J, NODE_TEXT, "Facility", "Facility" },
	{ FIELD_CODE, J, NODE_TEXT, "0", NULL },
	{ FIELD_CODE, J, NODE_NUMBER, "0", NULL },
	{ FIELD_CODE, J, NODE_TEXT, "", NULL },
};

static struct node *scalar(
    struct node *parent, enum node_kind kind, const char *name, const char *text)
{
	struct node *node = node_new(arena, parent, kind, str_from(name));

	node->text = str_from(text);
	return node;
}

static void test_scalars(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(scalars); i++) {
		const struct scalar *row = &scalars[i];
		const struct field *field = &fields[row->type];
		const struct node *node;
		struct value value = { .null = false };
		const char *reason = NULL;
		bool good;

		arena_reset(arena);
		node = scalar(NULL, row->kind, "m", row->text);
		good = field_type_info(row->type)->parse(
		    arena, field, row->format, node, &value, &reason);
		expect_int(i, good, row->json != NULL);
		if (good)
			expect_str(i, print_value(field, &value, false), row->json);
		else
			assert_non_null(reason);
	}
}

static void test_ranges(void **state)
{
	static const struct field port = { INT32("port", "port"), .least = 0, .most = 65535 };
	static const struct {
		const char *text;
		bool good;
	} rows[] = { { "0", true }, { "65535", true }, { "-1", false }, { "65536", false } };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct value value;
		const char *reason;

		expect_int(i,
		    field_type_info(FIELD_INT32)
			->parse(arena, &port, J, scalar(NULL, NODE_NUMBER, "port", rows[i].text),
			    &value, &reason),
		    rows[i].good);
		if (!rows[i].good)
			assert_string_equal(reason, "an integer from 0 to 65535");
	}
}

static void test_reasons(void **state)
{
	static const struct {
		enum field_type type;
		const char *reason;
	} rows[] = {
		{ FIELD_BOOLEAN, "true or false" },
		{ FIELD_INT32, "an integer from -2147483648 to 2147483647" },
		{ FIELD_INT64, "an integer from -9223372036854775808 to 9223372036854775807" },
		{ FIELD_DOUBLE, "a number" },
		{ FIELD_DECIMAL, "a number with at most 15 digits before the point" },
		{ FIELD_STRING, "text of at most 3 characters" },
		{ FIELD_UUID, "a GUID" },
		{ FIELD_DATETIME, "a date and time such as 2026-01-31T12:00:00Z" },
		{ FIELD_DATE, "a date such as 2026-01-31" },
		{ FIELD_ENUM, "Family, Facility or Other" },
		{ FIELD_CODE, "Family, Facility or Other" },
		{ FIELD_STRING_LIST, "a list of at most 3 texts" },
		{ FIELD_INT32_LIST, "a list of at most 3 integers" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct node *node = scalar(NULL, NODE_TEXT, "m", "never right");
		struct value value;
		const char *reason = NULL;

		expect_int(i,
		    field_type_info(rows[i].type)
			->parse(arena, &fields[rows[i].type], J, node, &value, &reason),
		    false);
		expect_str(i, str_from(reason), rows[i].reason);
	}
}

/* XML prints names, local times with offset, and days as local midnights. */
static void test_print_xml(void **state)
{
	static const struct {
		enum field_type type;
		const char *text;
		const char *printed;
	} rows[] = {
		{ FIELD_ENUM, "1", "Facility" },
		{ FIELD_DATETIME, "2024-12-23T19:16:59.146808Z",
		    "2024-12-23T12:16:59.146808-07:00" },
		{ FIELD_DATETIME, "2024-07-01T00:00:00Z", "2024-06-30T18:00:00-06:00" },
		{ FIELD_DATE, "2024-12-23", "2024-12-23T00:00:00-07:00" },
		{ FIELD_DATE, "2024-07-01", "2024-07-01T00:00:00-06:00" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct field *field = &fields[rows[i].type];
		struct value value = { .null = false };
		const char *reason;

		expect_int(i,
		    field_type_info(rows[i].type)
			->parse(arena, field, J, scalar(NULL, NODE_TEXT, "m", rows[i].text), &value,
			    &reason),
		    true);
		expect_str(i, print_value(field, &value, true), rows[i].printed);
	}
}

/* An item, or with depth a child of the item before. */
struct item {
	enum node_kind kind;
	const char *name, *text;
};

struct collection {
	enum field_type type;
	enum body_format format;
	enum node_kind kind;
	const char *text;
	struct item items[5];
	const char *json; /* NULL = refused */
};

static const struct collection collections[] = {
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "", { { 0 } }, "[]" },
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "",
	    { { NODE_TEXT, "", "a\"b" }, { NODE_TEXT, "", "" } }, "[\"a\\\"b\",\"\"]" },
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "", { { NODE_NUMBER, "", "5" } }, "[\"5\"]" },
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "", { { NODE_BOOLEAN, "", "true" } }, NULL },
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "", { { NODE_NULL, "", "" } }, NULL },
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "", { { NODE_ARRAY, "", "" } }, NULL },
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "", { { NODE_OBJECT, "", "" } }, NULL },
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "",
	    { { NODE_TEXT, "", "1" }, { NODE_TEXT, "", "2" }, { NODE_TEXT, "", "3" } },
	    "[\"1\",\"2\",\"3\"]" },
	{ FIELD_STRING_LIST, J, NODE_ARRAY, "",
	    { { NODE_TEXT, "", "1" }, { NODE_TEXT, "", "2" }, { NODE_TEXT, "", "3" },
		{ NODE_TEXT, "", "4" } },
	    NULL },
	{ FIELD_STRING_LIST, J, NODE_TEXT, "a", { { 0 } }, NULL },
	{ FIELD_STRING_LIST, J, NODE_OBJECT, "", { { NODE_TEXT, "a", "b" } }, NULL },
	{ FIELD_INT32_LIST, J, NODE_ARRAY, "",
	    { { NODE_NUMBER, "", "1" }, { NODE_TEXT, "", " 2 " } }, "[1,2]" },
	{ FIELD_INT32_LIST, J, NODE_ARRAY, "", { { NODE_NUMBER, "", "1.5" } }, NULL },
	{ FIELD_INT32_LIST, J, NODE_ARRAY, "", { { NODE_NUMBER, "", "2147483648" } }, NULL },
	{ FIELD_INT32_LIST, J, NODE_ARRAY, "", { { NODE_TEXT, "", "" } }, NULL },
	{ FIELD_INT32_LIST, J, NODE_ARRAY, "", { { NODE_BOOLEAN, "", "true" } }, NULL },
	{ FIELD_INT32_LIST, J, NODE_NUMBER, "1", { { 0 } }, NULL },
	/* XML: the children, whatever they are called; no text between them. */
	{ FIELD_INT32_LIST, X, NODE_OBJECT, "",
	    { { NODE_TEXT, "int", "1" }, { NODE_TEXT, "int", "2" } }, "[1,2]" },
	{ FIELD_INT32_LIST, X, NODE_TEXT, "", { { 0 } }, "[]" },
	{ FIELD_INT32_LIST, X, NODE_TEXT, "\n  ", { { 0 } }, "[]" },
	{ FIELD_INT32_LIST, X, NODE_TEXT, "1,2", { { 0 } }, NULL },
	{ FIELD_STRING_LIST, X, NODE_TEXT, "a", { { 0 } }, NULL },
	{ FIELD_STRING_LIST, X, NODE_OBJECT, "", { { NODE_TEXT, "string", "" } }, "[\"\"]" },
	{ FIELD_STRING_LIST, X, NODE_OBJECT, "", { { NODE_OBJECT, "string", "" } }, NULL },
	/* Forms. */
	{ FIELD_INT32_LIST, F, NODE_ARRAY, "", { { NODE_TEXT, "", "1" }, { NODE_TEXT, "", "2" } },
	    "[1,2]" },
	{ FIELD_INT32_LIST, F, NODE_TEXT, "1", { { 0 } }, "[1]" },
	{ FIELD_INT32_LIST, F, NODE_TEXT, "1,2", { { 0 } }, NULL },
	{ FIELD_STRING_LIST, F, NODE_TEXT, "1,2", { { 0 } }, "[\"1,2\"]" },
	{ FIELD_INT32_LIST, F, NODE_OBJECT, "", { { NODE_TEXT, "b", "1" } }, NULL },
	/* Maps keep the kind of their values. */
	{ FIELD_MAP, J, NODE_OBJECT, "", { { 0 } }, "{}" },
	{ FIELD_MAP, J, NODE_OBJECT, "",
	    { { NODE_TEXT, "a\"", "x\n" }, { NODE_NUMBER, "b", "1.50" },
		{ NODE_BOOLEAN, "c", "true" }, { NODE_NULL, "d", "" } },
	    "{\"a\\\"\":\"x\\n\",\"b\":1.50,\"c\":true,\"d\":null}" },
	{ FIELD_MAP, J, NODE_OBJECT, "", { { NODE_OBJECT, "a", "" } }, NULL },
	{ FIELD_MAP, J, NODE_OBJECT, "", { { NODE_ARRAY, "a", "" } }, NULL },
	{ FIELD_MAP, J, NODE_ARRAY, "", { { 0 } }, "{}" },
	{ FIELD_MAP, J, NODE_ARRAY, "", { { NODE_TEXT, "", "a" } }, NULL },
	{ FIELD_STRING_MAP, J, NODE_ARRAY, "", { { 0 } }, "{}" },
	{ FIELD_MAP, J, NODE_TEXT, "a", { { 0 } }, NULL },
	{ FIELD_MAP, X, NODE_TEXT, "", { { 0 } }, "{}" },
	{ FIELD_MAP, X, NODE_OBJECT, "", { { NODE_TEXT, "a", "b" } }, NULL },
};

static void test_collections(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(collections); i++) {
		const struct collection *row = &collections[i];
		struct node *node;
		struct value value = { .null = false };
		const char *reason = NULL;
		bool good;

		arena_reset(arena);
		node = scalar(NULL, row->kind, "m", row->text);
		for (const struct item *item = row->items; item->name != NULL; item++)
			scalar(node, item->kind, item->name, item->text);
		good = field_type_info(row->type)->parse(
		    arena, &fields[row->type], row->format, node, &value, &reason);
		expect_int(i, good, row->json != NULL);
		if (good)
			expect_str(i, value.text, row->json);
		else
			assert_non_null(reason);
	}
}

/* Form values of one name are one list, wherever they stand among others. */
static void test_repeated_form_values(void **state)
{
	struct node *root = node_new(arena, NULL, NODE_OBJECT, STR(""));
	const struct node *first = scalar(root, NODE_TEXT, "m", "1");
	struct value value;
	const char *reason;

	(void)state;
	scalar(root, NODE_TEXT, "other", "9");
	scalar(root, NODE_TEXT, "M", "2");
	assert_true(field_type_info(FIELD_INT32_LIST)
			->parse(arena, &fields[FIELD_INT32_LIST], F, first, &value, &reason));
	expect_str(0, value.text, "[1,2]");
}

/* XML writes a map as elements with a Key and a Value; forms the same with indices. */
static void test_map_pairs(void **state)
{
	static const enum body_format formats[] = { X, F };

	(void)state;
	for (size_t i = 0; i < ROWS(formats); i++) {
		struct node *map =
		    node_new(arena, NULL, formats[i] == X ? NODE_OBJECT : NODE_ARRAY, STR("m"));
		struct node *entry =
		    node_new(arena, map, NODE_OBJECT, STR("KeyValueOfstringanyType"));
		struct value value;
		const char *reason;

		scalar(entry, NODE_TEXT, "Key", "color");
		scalar(entry, NODE_TEXT, "Value", "red");
		expect_int(i,
		    field_type_info(FIELD_MAP)->parse(
			arena, &fields[FIELD_MAP], formats[i], map, &value, &reason),
		    true);
		expect_str(i, value.text, "{\"color\":\"red\"}");
		entry = node_new(arena, map, NODE_OBJECT, STR("KeyValueOfstringanyType"));
		scalar(entry, NODE_TEXT, "Key", "no value");
		expect_int(i,
		    field_type_info(FIELD_MAP)->parse(
			arena, &fields[FIELD_MAP], formats[i], map, &value, &reason),
		    false);
	}
}

static void test_compare(void **state)
{
	static const struct {
		enum field_type type;
		const char *less, *more;
	} rows[] = {
		{ FIELD_BOOLEAN, "false", "true" },
		{ FIELD_INT32, "-5", "3" },
		{ FIELD_INT64, "-9223372036854775808", "9223372036854775807" },
		{ FIELD_DOUBLE, "-1.5", "0.25" },
		{ FIELD_STRING, "a", "ab" },
		{ FIELD_STRING, "a", "\xC3\xA9" },
		{ FIELD_STRING, "", "a" },
		{ FIELD_UUID, "00000000-0000-0000-0000-000000000001",
		    "ff000000-0000-0000-0000-000000000000" },
		{ FIELD_DATETIME, "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000001Z" },
		{ FIELD_DATE, "2023-12-31", "2024-01-01" },
		{ FIELD_ENUM, "-5", "1" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct field_type_info *type = field_type_info(rows[i].type);
		struct value less, more;
		const char *reason;

		assert_true(type->parse(arena, &fields[rows[i].type], F,
		    scalar(NULL, NODE_TEXT, "m", rows[i].less), &less, &reason));
		assert_true(type->parse(arena, &fields[rows[i].type], F,
		    scalar(NULL, NODE_TEXT, "m", rows[i].more), &more, &reason));
		expect_int(i, type->compare(&less, &more) < 0, true);
		expect_int(i, type->compare(&more, &less) > 0, true);
		expect_int(i, type->compare(&less, &less), 0);
	}
}

/* What other layers take for granted of every row of the table. */
static void test_table(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_TYPE__MAX; i++) {
		const struct field_type_info *type = field_type_info((enum field_type)i);

		assert_non_null(type->name);
		assert_non_null(type->openapi_type);
		if (type->lexical == LEXICAL_NESTED) {
			assert_int_equal(type->bind, BIND_NONE);
			continue;
		}
		assert_int_not_equal(type->bind, BIND_NONE);
		/* What filters compare has a single value; what has an order, or another name, too.
		 */
		assert_int_equal(type->literals != 0,
		    type->lexical != LEXICAL_JSON && type->bind != BIND_BINARY);
		assert_true(
		    type->literals != 0 ||
		    (!type->is_ordered && type->literal_name == NULL && !type->literal_reason));
		assert_true(type->text == TEXT_NONE || (type->literals & LITERAL_TEXT));
		assert_true(type->items == NULL || type->xml_item != NULL);
		assert_true(type->openapi_values == NULL || type->xml_item != NULL);
		assert_non_null(type->sql_types);
		assert_non_null(type->example);
		if (i != FIELD_BINARY)
			assert_non_null(type->parse);
		if (type->lexical == LEXICAL_LITERAL || type->lexical == LEXICAL_QUOTED)
			assert_non_null(type->print);
	}
}

static void test_enumeration(void **state)
{
	(void)state;
	assert_string_equal(enumeration_name(&enumeration, -5), "Other");
	assert_null(enumeration_name(&enumeration, 2));
	assert_null(enumeration_name(&enumeration, INT64_C(4294967296)));
	assert_int_equal(enumeration_find(&enumeration, STR("OTHER"))->number, -5);
	assert_null(enumeration_find(&enumeration, STR("Othe")));
	assert_null(enumeration_find(&enumeration, STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_print_xml),
		cmocka_unit_test(test_collections),
		cmocka_unit_test(test_repeated_form_values),
		cmocka_unit_test(test_map_pairs),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_enumeration),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
