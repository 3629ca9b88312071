/*
 * Formats of rows alone: CSV and JSON Lines.
 */
#include "../lib/rows.h"
#include "codec/row.h"

static const struct enumerator kinds[] = { { 0, "Family" }, { 1, "Facility" } };
static const struct enumeration kind_enumeration = { "Kind", kinds, 2 };

static const struct field address_fields[] = {
	{ STRING("city", "city", 64) },
	{ STRING("zip", "zip", 16) },
};
static const struct resource address = {
	.name = "address", .type_name = "Address", FIELDS(address_fields)
};

static const struct field child_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY },
	{ STRING("name", "name", 64) },
	{ OBJECT("address", &address) },
};
static const struct resource child = {
	.name = "child", .type_name = "Child", FIELDS(child_fields)
};

enum {
	ID,
	NAME,
	GOOD,
	PRICE,
	RATIO,
	MOMENT,
	DAY,
	KIND,
	UNIQUE,
	TAGS,
	PORTS,
	EXTRA,
	ANY,
	HASH,
	HINT,
	LATER,
	PART,
	CHILD,
	CHILDREN
};

static const struct field fields[] = {
	[ID] = { INT32("id", "id"), .flags = FIELD_KEY },
	[NAME] = { STRING("name", "name", 64) },
	[GOOD] = { BOOLEAN("isGood", "good") },
	[PRICE] = { DECIMAL("price", "price") },
	[RATIO] = { DOUBLE("ratio", "ratio") },
	[MOMENT] = { DATETIME("moment", "moment") },
	[DAY] = { DATE("day", "day") },
	[KIND] = { ENUM("kind", "kind", &kind_enumeration) },
	[UNIQUE] = { UUID("unique", "unique") },
	[TAGS] = { STRING_LIST("tags", "tags", 9) },
	[PORTS] = { INT32_LIST("ports", "ports", 9) },
	[EXTRA] = { MAP("extra", "extra") },
	[ANY] = { SCALAR("any", "any") },
	[HASH] = { STRING("hash", "hash", 64), .flags = FIELD_HIDDEN },
	[HINT] = { INT32("hint", "hint"), .flags = FIELD_XML_ONLY },
	[LATER] = { INT32("later", "later"), .flags = FIELD_OMIT_ABSENT },
	[PART] = { OBJECT("part", &address) },
	[CHILD] = { ONE("child", &child, "id", "id"), .flags = FIELD_OMIT_ABSENT },
	[CHILDREN] = { MANY("children", &child, "id", "id"), .flags = FIELD_OMIT_ABSENT },
};
static const struct resource thing = { .name = "thing", .type_name = "Thing", FIELDS(fields) };

static const struct family family = { .name = "family",
	.xml_style = XML_DATA_CONTRACT,
	.xml_sorted = true,
	.json_time = TIMESTAMP_UTC,
	.xml_time = TIMESTAMP_OFFSET };

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 1024 * 1024);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* As record_sample() makes them: of all members but relations, nothing but nulls. */
static struct row *make_columns(void)
{
	struct row *columns = row_new(arena, &thing);

	for (unsigned i = 0; i < COUNT_OF(fields); i++) {
		if (i != LATER && fields[i].relation == NULL)
			row_set_null(columns, i);
	}
	row_set_row(columns, PART, row_new(arena, &address));
	return columns;
}

static void expect_list(size_t number, enum media_format format, const struct row *columns,
    struct row *const *rows, unsigned count, const char *expected)
{
	struct buf out = { 0 };
	struct writer writer;

	writer_init(&writer, format, &family, &out);
	writer_rows_begin(&writer, NULL, columns);
	/* They come in pieces. */
	row_write_items(&writer, columns->resource, rows, count / 2);
	row_write_items(&writer, columns->resource, rows + count / 2, count - count / 2);
	writer_rows_end(&writer);
	assert_int_equal(writer.depth, 0);
	assert_false(out.failed);
	expect_str(number, buf_str(&out), expected);
	buf_free(&out);
}

#define HEAD                                                                      \
	"id,name,isGood,price,ratio,moment,day,kind,unique,tags,ports,extra,any," \
	"part.city,part.zip\r\n"

static struct row *fill_row(void)
{
	struct row *row = row_new(arena, &thing), *part = row_new(arena, &address);

	row_set_integer(row, ID, -7);
	row_set_text(row, NAME, STR("Anna"));
	row_set_boolean(row, GOOD, true);
	row_set_text(row, PRICE, STR("-19.9000"));
	row->values[RATIO] = (struct value){ .real = -0.5 };
	row->present |= FIELD_BIT(RATIO);
	row_set_integer(row, MOMENT, INT64_C(1566656122500000));
	row_set_integer(row, DAY, INT64_C(1734912000000000));
	row_set_integer(row, KIND, 1);
	row_set_uuid(row, UNIQUE, (struct uuid){ { 0x53 } });
	row_set_text(row, TAGS, STR("[\"a,b\",\"\\\"\"]"));
	row_set_text(row, PORTS, STR("[1,-2]"));
	row_set_text(row, EXTRA, STR("{\"k\":null}"));
	row_set_text(row, ANY, STR("-5"));
	row_set_text(row, HASH, STR("never shown"));
	row_set_integer(row, HINT, 5);
	row_set_integer(row, LATER, 6);
	row_set_text(part, 0, STR("Ulm"));
	row_set_text(part, 1, STR("89073"));
	row_set_row(row, PART, part);
	return row;
}

/* Every type; hidden members and those of XML have no column, nor have members beside them. */
static void test_types(void **state)
{
	struct row *const rows[] = { fill_row(), row_new(arena, &thing) };

	(void)state;
	expect_list(0, MEDIA_CSV, make_columns(), rows, 2,
	    HEAD "-7,Anna,true,-19.9,-0.5,2019-08-24T14:15:22.5Z,2024-12-23,1,"
		 "53000000-0000-0000-0000-000000000000,\"[\"\"a,b\"\",\"\"\\\"\"\"\"]\","
		 "\"[1,-2]\",\"{\"\"k\"\":null}\",-5,Ulm,89073\r\n"
		 ",,,,,,,,,,,,,,\r\n");
	expect_list(1, MEDIA_CSV, make_columns(), NULL, 0, HEAD);
}

#define CHILD_LINE "{\"id\":null,\"name\":\"a\\nb\\r\\u2028\xC3\xA9\",\"address\":null}\n"

static void test_lines(void **state)
{
	struct row *row = fill_row(), *child_row = row_new(arena, &child);
	struct row *const children[] = { child_row, child_row, child_row };
	const struct row *columns = row_new(arena, &child);

	(void)state;
	expect_list(0, MEDIA_JSON_LINES, make_columns(), &row, 1,
	    "{\"id\":-7,\"name\":\"Anna\",\"isGood\":true,\"price\":-19.9,\"ratio\":-0.5,"
	    "\"moment\":\"2019-08-24T14:15:22.5Z\",\"day\":\"2024-12-23\",\"kind\":1,"
	    "\"unique\":\"53000000-0000-0000-0000-000000000000\",\"tags\":[\"a,b\",\"\\\"\"],"
	    "\"ports\":[1,-2],\"extra\":{\"k\":null},\"any\":-5,\"later\":6,"
	    "\"part\":{\"city\":\"Ulm\",\"zip\":\"89073\"}}\n");
	row_set_text(child_row, 1, STR("a\nb\r\xE2\x80\xA8\xC3\xA9"));
	expect_list(1, MEDIA_JSON_LINES, columns, children, 0, "");
	expect_list(2, MEDIA_JSON_LINES, columns, children, 1, CHILD_LINE);
	expect_list(3, MEDIA_JSON_LINES, columns, children, 3, CHILD_LINE CHILD_LINE CHILD_LINE);
}

#define WIDE_EQUALS "\xEF\xBC\x9D"
#define WIDE_PLUS "\xEF\xBC\x8B"
#define WIDE_MINUS "\xEF\xBC\x8D"
#define WIDE_AT "\xEF\xBC\xA0"

/* Cells of texts: what is quoted, and what is no formula any more; kept NULL = the same. */
static const struct {
	const char *text, *cell, *kept;
} texts[] = {
	{ "", "\"\"", NULL },
	{ "a", "a", NULL },
	{ "a b", "a b", NULL },
	{ " a", "\" a\"", NULL },
	{ "a ", "\"a \"", NULL },
	{ " ", "\" \"", NULL },
	{ "a,b", "\"a,b\"", NULL },
	{ "\"", "\"\"\"\"", NULL },
	{ "\"\"", "\"\"\"\"\"\"", NULL },
	{ "say \"hi\"!", "\"say \"\"hi\"\"!\"", NULL },
	{ "a\rb", "\"a\rb\"", NULL },
	{ "a\nb", "\"a\nb\"", NULL },
	{ "a\r\nb\r\n", "\"a\r\nb\r\n\"", NULL },
	{ ";", "\";\"", NULL },
	{ "a;=1", "\"a;=1\"", NULL },
	{ "a\tb", "\"a\tb\"", NULL },
	{ "null", "null", NULL },
	{ "1", "1", NULL },
	{ "\xC3\xA9\xF0\x9F\x98\x80", "\xC3\xA9\xF0\x9F\x98\x80", NULL },
	/* In the middle nothing begins. */
	{ "a=1", "a=1", NULL },
	{ "1-2", "1-2", NULL },
	{ "anna@example.org", "anna@example.org", NULL },
	{ "O'Neill", "O'Neill", NULL },
	{ "=1+1", "\"'=1+1\"", "=1+1" },
	{ "=", "\"'=\"", "=" },
	{ "+49 731", "\"'+49 731\"", "+49 731" },
	{ "-5", "\"'-5\"", "-5" },
	{ "@SUM(A1)", "\"'@SUM(A1)\"", "@SUM(A1)" },
	{ "\ta", "\"'\ta\"", "\"\ta\"" },
	{ "\ra", "\"'\ra\"", "\"\ra\"" },
	{ "\na", "\"'\na\"", "\"\na\"" },
	{ "=\"x\",1", "\"'=\"\"x\"\",1\"", "\"=\"\"x\"\",1\"" },
	{ WIDE_EQUALS "1", "\"'" WIDE_EQUALS "1\"", WIDE_EQUALS "1" },
	{ WIDE_PLUS, "\"'" WIDE_PLUS "\"", WIDE_PLUS },
	{ WIDE_MINUS, "\"'" WIDE_MINUS "\"", WIDE_MINUS },
	{ WIDE_AT, "\"'" WIDE_AT "\"", WIDE_AT },
	/* So that one apostrophe can be taken away from all that have one. */
	{ "'", "\"''\"", "'" },
	{ "'=1", "\"''=1\"", "'=1" },
	{ "''", "\"'''\"", "''" },
};

static void test_texts(void **state)
{
	struct row *columns = row_new(arena, &address), *row = row_new(arena, &address);

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		const char *kept = texts[i].kept != NULL ? texts[i].kept : texts[i].cell;
		struct buf expected = { 0 };

		row_set_text(row, 0, str_from(texts[i].text));
		buf_printf(&expected, "city,zip\r\n%s,\r\n", texts[i].cell);
		expect_list(i, MEDIA_CSV, columns, &row, 1, expected.data);
		buf_reset(&expected, SIZE_MAX);
		buf_printf(&expected, "city,zip\r\n%s,\r\n", kept);
		expect_list(i, MEDIA_CSV_KEPT, columns, &row, 1, expected.data);
		buf_free(&expected);
	}
}

/* Scalars that are stored as JSON: texts are texts, numbers are none. */
static void test_scalars(void **state)
{
	static const struct {
		const char *json, *cell;
	} scalars[] = {
		{ "\"a\"", "a" },
		{ "\"\"", "\"\"" },
		{ "\"-5\"", "\"'-5\"" },
		{ "-5", "-5" },
		{ "1.50", "1.50" },
		{ "true", "true" },
		{ "null", "" },
		{ "\"a\\u0022,\\n\"", "\"a\"\",\n\"" },
	};
	static const struct field any_fields[] = { { INT32("id", "id") },
		{ SCALAR("any", "any") } };
	static const struct resource any = { .type_name = "Any", FIELDS(any_fields) };

	(void)state;
	for (size_t i = 0; i < ROWS(scalars); i++) {
		struct row *row = row_new(arena, &any);
		struct buf expected = { 0 };

		row_set_text(row, 1, str_from(scalars[i].json));
		buf_printf(&expected, "id,any\r\n,%s\r\n", scalars[i].cell);
		expect_list(i, MEDIA_CSV, row_new(arena, &any), &row, 1, expected.data);
		buf_free(&expected);
	}
}

#define CHILD_CELL                                                             \
	"{\"\"id\"\":1,\"\"name\"\":\"\"=x\"\",\"\"address\"\":{\"\"city\"\":" \
	"\"\"a\\\"\"b\"\",\"\"zip\"\":null}}"

/* Rows in rows: one has columns of its own, lists are JSON, and what is not there is empty. */
static void test_nested(void **state)
{
	struct row *columns = row_new(arena, &thing), *row = row_new(arena, &thing);
	struct row *other = row_new(arena, &thing), *child_columns = row_new(arena, &child);
	struct row *child_row = row_new(arena, &child), *place = row_new(arena, &address);
	struct row *const rows[] = { row, other };
	struct row *children[] = { child_row, child_row };

	(void)state;
	columns->narrowed = row->narrowed = other->narrowed = true;
	row_set_null(columns, ID);
	row_set_row(child_columns, 2, row_new(arena, &address));
	row_set_row(columns, CHILD, child_columns);
	row_set_list(columns, CHILDREN, (struct row_list){ NULL, 0 });
	row_set_integer(child_row, 0, 1);
	row_set_text(child_row, 1, STR("=x"));
	row_set_text(place, 0, STR("a\"b"));
	row_set_row(child_row, 2, place);
	row_set_integer(row, ID, 1);
	row_set_text(row, NAME, STR("not chosen"));
	row_set_row(row, CHILD, child_row);
	row_set_list(row, CHILDREN, (struct row_list){ children, 2 });
	row_set_integer(other, ID, 2);
	row_set_null(other, CHILD);
	row_set_list(other, CHILDREN, (struct row_list){ NULL, 0 });
	expect_list(0, MEDIA_CSV, columns, rows, 2,
	    "id,child.id,child.name,child.address.city,child.address.zip,children\r\n"
	    "1,1,\"'=x\",\"a\"\"b\",,\"[" CHILD_CELL "," CHILD_CELL "]\"\r\n"
	    "2,,,,,\"[]\"\r\n");
}

/* A value that is too large for a list leaves its cell empty. */
static void test_left_out(void **state)
{
	struct row *row = row_new(arena, &address);

	(void)state;
	row_set_text(row, 0, STR("cut"));
	row_set_text(row, 1, STR("1"));
	row->present &= ~FIELD_BIT(0);
	row->left_out |= FIELD_BIT(0);
	expect_list(0, MEDIA_CSV, row_new(arena, &address), &row, 1, "city,zip\r\n,1\r\n");
	expect_list(1, MEDIA_JSON_LINES, row_new(arena, &address), &row, 1, "{\"zip\":\"1\"}\n");
}

static void test_long(void **state)
{
	static char text[100000];
	struct row *row = row_new(arena, &address);
	struct buf expected = { 0 };

	(void)state;
	memset(text, '"', sizeof(text));
	row_set_text(row, 0, (struct str){ text, sizeof(text) });
	buf_append_text(&expected, "city,zip\r\n\"");
	for (size_t i = 0; i < sizeof(text); i++)
		buf_append_text(&expected, "\"\"");
	buf_append_text(&expected, "\",\r\n");
	expect_list(0, MEDIA_CSV, row_new(arena, &address), &row, 1, expected.data);
	buf_free(&expected);
}

/* What is no list of rows is JSON. */
static void test_document(void **state)
{
	static const enum media_format formats[] = { MEDIA_CSV, MEDIA_CSV_KEPT, MEDIA_JSON_LINES };

	(void)state;
	for (size_t i = 0; i < ROWS(formats); i++) {
		struct buf out = { 0 };
		struct writer writer;

		writer_init(&writer, formats[i], &family, &out);
		writer_object_begin(&writer, "Error");
		writer_text(&writer, "message", STR("=No."));
		writer_array_begin(&writer, "list", "item");
		writer_integer(&writer, NULL, 1);
		writer_integer(&writer, NULL, 2);
		writer_array_end(&writer);
		writer_object_end(&writer);
		expect_str(i, buf_str(&out), "{\"message\":\"=No.\",\"list\":[1,2]}");
		buf_free(&out);
	}
}

/* Where the memory ends, the list has failed. */
static void test_no_memory(void **state)
{
	static const enum media_format formats[] = { MEDIA_CSV, MEDIA_JSON_LINES };
	struct row *row = row_new(arena, &address);

	(void)state;
	row_set_text(row, 0, STR("a long text"));
	for (size_t i = 0; i < ROWS(formats); i++) {
		struct buf out = { .limit = 16 };
		struct writer writer;

		writer_init(&writer, formats[i], &family, &out);
		writer_rows_begin(&writer, NULL, row_new(arena, &address));
		row_write_items(&writer, &address, &row, 1);
		writer_rows_end(&writer);
		assert_true(out.failed);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
