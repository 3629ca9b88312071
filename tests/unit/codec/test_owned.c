/*
 * Members that are more than a value: owned lists, masked secrets, maps of texts.
 */
#include "../lib/rows.h"
#include "codec/reader.h"
#include "codec/row.h"

static const struct limits limits = { .body_values = 1000, .body_depth = 10, .parameters = 100 };
static const struct family family = { .xml_style = XML_DATA_CONTRACT,
	.xml_namespace = "urn:example:things",
	.xml_pascal_case = true,
	.xml_sorted = true };

static const struct field item_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY },
	{ STRING("name", "name", 3), .flags = FIELD_REQUIRED },
	{ INT32("thingId", "thing_id"), .flags = FIELD_REQUIRED },
};
static const struct resource item = { .name = "item", .type_name = "Item", FIELDS(item_fields) };

enum { ID, SECRET, WORDS, ITEMS, OTHERS };

static const struct field fields[] = {
	[ID] = { INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY },
	[SECRET] = { STRING("secret", "secret", 20), .flags = FIELD_MASKED },
	[WORDS] = { STRING_MAP("words", "words") },
	[ITEMS] = { MANY("items", &item, "id", "thingId"), .flags = FIELD_OWNED, .max = 2 },
	[OTHERS] = { MANY("others", &item, "id", "thingId") },
};
static const struct resource resource = { .name = "thing", .type_name = "Thing", FIELDS(fields) };

static struct arena *arena;
static struct error error;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 4 << 20);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct row *read(enum body_format format, const char *text)
{
	static const struct xml_root root = { "Thing", "urn:example:things" };
	struct body body;
	struct row *row;

	arena_reset(arena);
	error_init(&error, arena);
	assert_int_equal(format == BODY_XML
			     ? xml_read(arena, &limits, str_from(text), &root, 1, &body, &error)
			     : json_read(arena, &limits, str_from(text), &body, &error),
	    0);
	if (row_read(arena, &family, &resource, ROW_READ_UPDATE, format, body.root, "thing", &row,
		&error) != 0)
		return NULL;
	return row;
}

#define XML(inside) "<Thing xmlns=\"urn:example:things\">" inside "</Thing>"

static void test_lists(void **state)
{
	static const struct {
		enum body_format format;
		const char *text;
		int count; /* -1: not there */
		const char *path, *message;
	} rows[] = {
		{ BODY_JSON, "{}", -1, NULL, NULL },
		{ BODY_JSON, "{\"items\":null}", -1, NULL, NULL },
		{ BODY_JSON, "{\"items\":[]}", 0, NULL, NULL },
		{ BODY_JSON, "{\"items\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", 2, NULL, NULL },
		{ BODY_JSON, "{\"items\":[{\"name\":\"a\",\"thingId\":\"what\"}]}", 1, NULL, NULL },
		{ BODY_JSON, "{\"others\":[{\"name\":7}]}", -1, NULL, NULL },
		{ BODY_XML, XML("<Items />"), 0, NULL, NULL },
		{ BODY_XML, XML("<Items><Item><Name>a</Name></Item></Items>"), 1, NULL, NULL },
		{ BODY_JSON, "{\"items\":[{\"name\":\"a\"},{}]}", 0, "thing.items[1].name",
		    "The name field is required." },
		{ BODY_JSON, "{\"items\":[{\"name\":\"long\"}]}", 0, "thing.items[0].name",
		    "The name field must be text of at most 3 characters." },
		{ BODY_JSON, "{\"items\":{\"name\":\"a\"}}", 0, "thing.items",
		    "A list is expected here." },
		{ BODY_JSON, "{\"items\":[1]}", 0, "thing.items[0]",
		    "An object is expected here." },
		{ BODY_JSON, "{\"items\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]}", 0,
		    "thing.items", "The items field must have at most 2 items." },
		{ BODY_XML, XML("<Items><Item><Name>long</Name></Item></Items>"), 0,
		    "thing.items[0].name", "The name field must be text of at most 3 characters." },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct row *row = read(rows[i].format, rows[i].text);

		if (rows[i].path != NULL) {
			assert_null(row);
			assert_int_equal(error.fault_count, 1);
			expect_str(i, str_from(error.faults->path), rows[i].path);
			expect_str(i, str_from(error.faults->message), rows[i].message);
			continue;
		}
		assert_non_null(row);
		assert_false(row_has(row, OTHERS));
		expect_int(i, row_has(row, ITEMS) ? (int)row->values[ITEMS].list.count : -1,
		    rows[i].count);
		for (int j = 0; j < rows[i].count; j++)
			assert_false(row_has(row->values[ITEMS].list.rows[j], 2));
	}
}

static void test_mask(void **state)
{
	const struct row *row;

	(void)state;
	row = read(BODY_JSON, "{\"secret\":\"" FIELD_MASK "\"}");
	assert_false(row_has(row, SECRET));
	row = read(BODY_JSON, "{\"secret\":null}");
	assert_true(row_has(row, SECRET) && row->values[SECRET].null);
	row = read(BODY_JSON, "{\"secret\":\"new\"}");
	expect_str(0, row->values[SECRET].text, "new");
}

static void test_string_map(void **state)
{
	static const struct {
		enum body_format format;
		const char *text, *json, *xml;
	} rows[] = {
		{ BODY_JSON, "{\"words\":{\"a\":\"x\",\"b\":5,\"c\":true,\"d\":null}}",
		    "{\"a\":\"x\",\"b\":\"5\",\"c\":\"true\",\"d\":null}",
		    "<d2p1:KeyValueOfstringstring><d2p1:Key>a</d2p1:Key><d2p1:Value>x</d2p1:Value>"
		    "</d2p1:KeyValueOfstringstring>" },
		{ BODY_XML,
		    XML("<Words><KeyValueOfstringstring><Key>k</Key><Value>&lt;v</Value>"
			"</KeyValueOfstringstring></Words>"),
		    "{\"k\":\"<v\"}", "<d2p1:Value>&lt;v</d2p1:Value>" },
		{ BODY_JSON, "{\"words\":{\"a\":[]}}", NULL, NULL },
		{ BODY_JSON, "{\"words\":\"a\"}", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct row *row = read(rows[i].format, rows[i].text);
		struct writer writer;
		struct buf out = { 0 };

		if (rows[i].json == NULL) {
			expect_str(i, str_from(error.faults->message),
			    "The words field must be an object whose members are text or null.");
			continue;
		}
		expect_str(i, row->values[WORDS].text, rows[i].json);
		writer_init(&writer, MEDIA_XML, &family, &out);
		row_write(&writer, "Thing", row);
		if (strstr(out.data, rows[i].xml) == NULL)
			fail_msg("row %zu: %s", i, out.data);
		buf_free(&out);
	}
}

/* An item says which row it is; what can be no key is left aside, and faults nothing. */
static void test_keys_of_items(void **state)
{
	static const struct {
		enum body_format format;
		const char *text;
		int64_t key; /* 0 = none */
	} rows[] = {
		{ BODY_JSON, "{\"items\":[{\"id\":5,\"name\":\"a\"}]}", 5 },
		{ BODY_JSON, "{\"items\":[{\"ID\":\"5\",\"name\":\"a\"}]}", 5 },
		{ BODY_JSON, "{\"items\":[{\"name\":\"a\"}]}", 0 },
		{ BODY_JSON, "{\"items\":[{\"id\":null,\"name\":\"a\"}]}", 0 },
		{ BODY_JSON, "{\"items\":[{\"id\":\"\",\"name\":\"a\"}]}", 0 },
		{ BODY_JSON, "{\"items\":[{\"id\":[],\"name\":\"a\"}]}", 0 },
		{ BODY_XML, XML("<Items><Item><Id>5</Id><Name>a</Name></Item></Items>"), 5 },
		{ BODY_XML, XML("<Items><Item><Id /><Name>a</Name></Item></Items>"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct row *row = read(rows[i].format, rows[i].text);
		const struct row *first;

		assert_non_null(row);
		assert_int_equal(row->values[ITEMS].list.count, 1);
		first = row->values[ITEMS].list.rows[0];
		expect_int(i, row_has(first, 0) ? first->values[0].integer : 0, rows[i].key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_keys_of_items),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_string_map),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
