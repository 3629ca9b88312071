#include "../lib/rows.h"
#include "base/zone.h"
#include "codec/reader.h"
#include "codec/row.h"

#define INSTANCE "http://www.w3.org/2001/XMLSchema-instance"
#define GUID "53a15dd6-8768-4aa5-9ba6-770d614daeab"

static const struct limits limits = { .body_values = 1000, .body_depth = 10, .parameters = 100 };
static const struct family sorted = { .xml_style = XML_DATA_CONTRACT,
	.xml_namespace = "urn:example:things",
	.xml_pascal_case = true,
	.xml_sorted = true,
	.json_time = TIMESTAMP_UTC,
	.xml_time = TIMESTAMP_UTC };
static const struct family declared = {
	.xml_style = XML_SERIALIZER, .json_time = TIMESTAMP_UTC, .xml_time = TIMESTAMP_UTC
};

static const char *check_even(struct str text)
{
	return text.length % 2 == 0 ? NULL : "an even number of characters";
}

static const struct enumerator words[] = { { 0, "Family" }, { 1, "Facility" } };
static const struct enumeration enumeration = { "Kind", words, 2 };

static const struct field part_fields[] = {
	{ BOOLEAN("open", "open"), .flags = FIELD_NOT_NULL },
	{ INT32("size", "size"), .flags = FIELD_REQUIRED },
};
static const struct resource part = { .name = "part", .type_name = "Part", FIELDS(part_fields) };

static const struct field child_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY },
	{ INT32("owner", "owner"), .flags = FIELD_HIDDEN },
};
static const struct resource child = {
	.name = "child", .type_name = "Child", FIELDS(child_fields)
};

enum {
	ID,
	NAME,
	OWNER,
	KIND,
	CODE_WORD,
	PORT,
	START,
	PIN,
	FIXED,
	PART,
	CHILD,
	CHILDREN,
	ITEMS,
	XML_ONLY,
	HASH,
	LATER
};

static const struct field fields[] = {
	[ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY },
	[NAME] = { STRING("name", "name", 5), .flags = FIELD_REQUIRED },
	[OWNER] = { UUID("ownerId", "owner_id"), .flags = FIELD_REQUIRED },
	[KIND] = { ENUM("kind", "kind", &enumeration), .flags = FIELD_NOT_NULL },
	[CODE_WORD] = { STRING("word", "word", 9), .flags = FIELD_NOT_NULL, .check = check_even },
	[PORT] = { INT32("port", "port"), .least = 0, .most = 65535 },
	[START] = { DATETIME("start", "start") },
	[PIN] = { INT32("pin", "pin"), .least = 0, .most = 9999, .flags = FIELD_SECRET },
	[FIXED] = { STRING("fixed", "fixed", 9), .flags = FIELD_CREATE_ONLY },
	[PART] = { OBJECT("part", &part) },
	[CHILD] = { ONE("child", &child, "port", "id") },
	[CHILDREN] = { MANY("children", &child, "port", "owner"), .flags = FIELD_READONLY },
	[ITEMS] = { INT32_LIST("items", "items", 3) },
	[XML_ONLY] = { INT32("hint", "hint"), .flags = FIELD_XML_ONLY },
	[HASH] = { STRING("hash", "hash", 9), .flags = FIELD_HIDDEN },
	[LATER] = { INT32("later", NULL), .flags = FIELD_READONLY | FIELD_OMIT_ABSENT,
	    .expression = "1" },
};
static const struct resource resource = { .name = "thing", .type_name = "Thing", FIELDS(fields) };

static struct arena *arena;
static struct error error;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 4 << 20);
	return zone_set("UTC") ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct node *read_body(enum body_format format, const char *text)
{
	static const struct xml_root roots[] = { { "Thing", NULL }, { "ArrayOfThing", NULL } };
	struct body body;
	int result;

	if (format == BODY_JSON)
		result = json_read(arena, &limits, str_from(text), &body, &error);
	else if (format == BODY_XML)
		result = xml_read(arena, &limits, str_from(text), roots, 2, &body, &error);
	else
		result = form_read(arena, &limits, str_from(text), &body, &error);
	if (result != 0)
		fail_msg("%s: %s", text, error.message);
	return body.root;
}

/* What is present, as JSON without the members that are not; or the faults. */
static const char *describe_row(const struct row *row)
{
	const char *text = "";

	for (const struct fault *fault = error.faults; fault != NULL; fault = fault->next)
		text = arena_printf(arena, "%s%s: %s\n", text, fault->path, fault->message);
	for (unsigned i = 0; error.faults == NULL && i < row->resource->field_count; i++) {
		const struct field *field = &row->resource->fields[i];
		struct buf out = { 0 };
		struct writer writer;

		if (!row_has(row, i))
			continue;
		writer_init(&writer, MEDIA_JSON, &declared, &out);
		if (field->object != NULL && !row->values[i].null)
			buf_append_text(&out, describe_row(row->values[i].row));
		else
			writer_value(&writer, NULL, field, &row->values[i]);
		text = arena_printf(arena, "%s%s=%s;", text, field->name, out.data);
		buf_free(&out);
	}
	return text;
}

#define BASE "\"name\":\"n\",\"ownerId\":\"" GUID "\""
#define READ_BASE "name=\"n\";ownerId=\"" GUID "\";"
#define J BODY_JSON
#define X BODY_XML
#define F BODY_FORM
#define INSERT ROW_READ_INSERT
#define UPDATE ROW_READ_UPDATE

static const struct {
	enum body_format format;
	enum row_read_mode mode;
	const char *body;
	const char *result;
	bool fails;
} rows[] = {
	/* What is taken, and what is not looked at. */
	{ J, INSERT, "{" BASE "}", READ_BASE, false },
	{ J, INSERT, "{\"NAME\":\"n\",\"OwnerID\":\"{" GUID "}\"}", READ_BASE, false },
	{ J, INSERT, "{\"name\":1,\"name\":\"n\",\"ownerId\":\"" GUID "\"}", READ_BASE, false },
	{ J, INSERT,
	    "{" BASE
	    ",\"unknown\":[{}],\"id\":5,\"hash\":5,\"later\":{},\"child\":5,\"children\":5}",
	    READ_BASE, false },
	{ J, INSERT, "{" BASE ",\"port\":null,\"start\":null,\"fixed\":\"f\"}",
	    READ_BASE "port=null;start=null;fixed=\"f\";", false },
	{ J, UPDATE, "{\"fixed\":\"f\",\"port\":7}", "port=7;", false },
	{ J, UPDATE, "{}", "", false },
	{ J, UPDATE, "{\"fixed\":5,\"kind\":\"Facility\",\"items\":[1]}", "kind=1;items=[1];",
	    false },
	{ J, INSERT, "{" BASE ",\"part\":{\"size\":1,\"open\":true}}",
	    READ_BASE "part=open=true;size=1;;", false },
	{ J, UPDATE, "{\"part\":{\"open\":true}}", "part=open=true;;", false },
	{ J, UPDATE, "{\"part\":null}", "part=null;", false },
	{ J, UPDATE, "{\"hint\":5}", "hint=5;", false },
	/* Required, not null, blank. */
	{ J, INSERT, "{}",
	    "name: The name field is required.\nownerId: The ownerId field is required.\n", true },
	{ J, INSERT, "{\"name\":null,\"ownerId\":null}",
	    "name: The name field is required.\nownerId: The ownerId field is required.\n", true },
	{ J, INSERT, "{\"name\":\" \\t\",\"ownerId\":\"" GUID "\"}",
	    "name: The name field is required.\n", true },
	{ J, UPDATE, "{\"name\":\"\"}", "name: The name field is required.\n", true },
	{ J, UPDATE, "{\"name\":null,\"kind\":null,\"word\":null}",
	    "name: The name field is required.\nkind: The kind field must not be null.\n", true },
	/* As if absent: a null that an optional text cannot be, and from PHP an object as a list.
	 */
	{ J, INSERT, "{" BASE ",\"word\":null}", READ_BASE, false },
	{ J, UPDATE, "{\"word\":null,\"start\":\"\",\"part\":[]}", "start=null;part=;", false },
	/* Every fault at once, in the table's order, with paths. */
	{ J, INSERT,
	    "{\"name\":\"toolong\",\"ownerId\":\"x\",\"kind\":7,\"word\":\"odd\",\"port\":65536,"
	    "\"start\":\"never\",\"pin\":10000,\"part\":{\"open\":1},\"items\":[1,2,3,4],\"hint\":"
	    "\"x\"}",
	    "name: The name field must be text of at most 5 characters.\n"
	    "ownerId: The ownerId field must be a GUID.\n"
	    "kind: The kind field must be Family or Facility.\n"
	    "word: The word field must be an even number of characters.\n"
	    "port: The port field must be an integer from 0 to 65535.\n"
	    "start: The start field must be a date and time such as 2026-01-31T12:00:00Z.\n"
	    "pin: The pin field must be an integer from 0 to 9999.\n"
	    "part.open: The open field must be true or false.\n"
	    "part.size: The size field is required.\n"
	    "items: The items field must be a list of at most 3 integers.\n"
	    "hint: The hint field must be an integer from -2147483648 to 2147483647.\n",
	    true },
	{ J, UPDATE, "{\"part\":5}", "part: The part field must be an object.\n", true },
	{ J, UPDATE, "{\"part\":[1]}", "part: The part field must be an object.\n", true },
	{ J, UPDATE, "{\"part\":\"\"}", "part: The part field must be an object.\n", true },
	{ J, UPDATE, "[]", ": An object is expected here.\n", true },
	{ J, UPDATE, "[[]]", ": An object is expected here.\n", true },
	{ J, UPDATE, "5", ": An object is expected here.\n", true },
	{ J, UPDATE, "\"\"", ": An object is expected here.\n", true },
	/* XML: exact names by the family's rule, any order, the first one wins. */
	{ X, INSERT,
	    "<Thing><Port>7</Port><OwnerId>" GUID "</OwnerId><Name>n</Name><Name>m</Name></Thing>",
	    READ_BASE "port=7;", false },
	{ X, UPDATE, "<Thing><name>n</name><PORT>5</PORT></Thing>", "", false },
	{ X, UPDATE, "<Thing />", "", false },
	{ X, UPDATE, "<Thing><Part /></Thing>", "part=;", false },
	{ X, UPDATE, "<Thing><Part>\n</Part></Thing>", "part=;", false },
	{ X, UPDATE, "<Thing><Part><Open>1</Open></Part></Thing>", "part=open=true;;", false },
	{ X, UPDATE, "<Thing><Part>text</Part></Thing>",
	    "part: The part field must be an object.\n", true },
	{ X, UPDATE, "<Thing><Items><int>1</int></Items></Thing>", "items=[1];", false },
	{ X, UPDATE, "<Thing><Items /></Thing>", "items=[];", false },
	{ X, UPDATE,
	    "<Thing xmlns:i=\"" INSTANCE "\"><Port i:nil=\"true\" /><Name i:nil=\"1\" /></Thing>",
	    "name: The name field is required.\n", true },
	{ X, UPDATE, "<Thing><Port></Port></Thing>", "port=null;", false },
	/* Forms: their own sentences for what cannot be null by itself. */
	{ F, INSERT, "name=n&ownerId=" GUID, READ_BASE, false },
	{ F, INSERT, "NAME=n&name=m&ownerid=" GUID "&port=&fixed=",
	    READ_BASE "port=null;fixed=null;", false },
	{ F, INSERT, "port=7",
	    "name: The name field is required.\n"
	    "ownerId: The ownerId property is required.\n",
	    true },
	{ F, INSERT, "name=&ownerId=",
	    "name: The name field is required.\n"
	    "ownerId: A value is required.\n",
	    true },
	{ F, UPDATE, "kind=&word=", "kind: A value is required.\n", true },
	{ F, UPDATE, "port=x&start=y&ownerId=z&kind=w&name=toolong",
	    "name: The name field must be text of at most 5 characters.\n"
	    "ownerId: The value 'z' is not valid for ownerId.\n"
	    "kind: The value 'w' is not valid for kind.\n"
	    "port: The value 'x' is not valid for port.\n"
	    "start: The value 'y' is not valid for start.\n",
	    true },
	/* A secret is not repeated. */
	{ F, UPDATE, "pin=hush", "pin: The pin field must be an integer from 0 to 9999.\n", true },
	{ F, UPDATE, "port=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "port: The port field must be an integer from 0 to 65535.\n", true },
	{ F, UPDATE, "part.open=true&part[size]=3&items[]=1&items[]=2",
	    "part=open=true;size=3;;items=[1,2];", false },
};

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct node *root;
		struct row *row = NULL;
		int result;

		arena_reset(arena);
		error_init(&error, arena);
		root = read_body(rows[i].format, rows[i].body);
		result = row_read(arena, &sorted, &resource, rows[i].mode, rows[i].format, root, "",
		    &row, &error);
		expect_int(i, result, rows[i].fails ? -1 : 0);
		expect_int(i, error.code, rows[i].fails ? ERROR_INVALID : ERROR_NONE);
		expect_str(i, str_from(describe_row(row)), rows[i].result);
	}
}

static const struct {
	enum body_format format;
	const char *body;
	const char *result; /* faults, or the number of rows */
} lists[] = {
	{ J, "[]", "0" },
	{ J, "[{" BASE "},{" BASE "}]", "2" },
	{ J, "[{" BASE "},{},5,{" BASE ",\"part\":{}}]",
	    "[1].name: The name field is required.\n[1].ownerId: The ownerId field is required.\n"
	    "[2]: An object is expected here.\n[3].part.size: The size field is required.\n" },
	{ J, "{}", ": A list is expected here.\n" },
	{ J, "5", ": A list is expected here.\n" },
	{ X, "<ArrayOfThing />", "0" },
	{ X,
	    "<ArrayOfThing><Thing><Name>n</Name><OwnerId>" GUID
	    "</OwnerId></Thing><Other /></ArrayOfThing>",
	    "1" },
	{ X, "<ArrayOfThing><Other /><Thing /></ArrayOfThing>",
	    "[0].name: The name field is required.\n[0].ownerId: The ownerId field is "
	    "required.\n" },
	{ F, "[0].name=n&[0].ownerId=" GUID, "1" },
	{ F, "name=n", ": A list is expected here.\n" },
};

static void test_read_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(lists); i++) {
		const struct node *root;
		struct row_list list = { 0 };
		int result;

		arena_reset(arena);
		error_init(&error, arena);
		root = read_body(lists[i].format, lists[i].body);
		result = row_read_list(
		    arena, &sorted, &resource, INSERT, lists[i].format, root, "", &list, &error);
		expect_int(i, result, error.faults != NULL ? -1 : 0);
		expect_str(i,
		    str_from(
			result == 0 ? arena_printf(arena, "%u", list.count) : describe_row(NULL)),
		    lists[i].result);
	}
}

/* More faults than are kept are still a failure. */
/* Who has the other members, or makes them, reads some alone, whoever may send these. */
static void test_read_members(void **state)
{
	static const char text[] =
	    "{\"id\":\"" GUID "\",\"name\":\"a\",\"hash\":\"h\",\"fixed\":\"f\","
	    "\"port\":70000,\"children\":[{\"id\":1}]}";
	const uint64_t chosen = FIELD_BIT(ID) | FIELD_BIT(NAME) | FIELD_BIT(HASH) |
				FIELD_BIT(FIXED) | FIELD_BIT(CHILDREN);
	struct row *row;

	(void)state;
	arena_reset(arena);
	error_init(&error, arena);
	assert_int_equal(row_read_members(arena, &sorted, &resource, UPDATE, J, read_body(J, text),
			     "", chosen, &row, &error),
	    0);
	/* Rows that no change of this one writes stay out. */
	assert_int_equal(row->present, chosen & ~FIELD_BIT(CHILDREN));
	assert_int_equal(
	    row_read(arena, &sorted, &resource, UPDATE, J, read_body(J, text), "", &row, &error),
	    -1);
	assert_string_equal(error.faults->path, "port");
	assert_null(error.faults->next);
	error_clear(&error);
	/* A member that must be there is looked for where it is one of them. */
	assert_int_equal(row_read_members(arena, &sorted, &resource, INSERT, J,
			     read_body(J, "{\"hash\":\"h\"}"), "", chosen, &row, &error),
	    -1);
	assert_string_equal(error.faults->path, "name");
	assert_null(error.faults->next);
}

static void test_many_faults(void **state)
{
	struct node *root;
	struct row_list list;

	(void)state;
	arena_reset(arena);
	error_init(&error, arena);
	root = node_new(arena, NULL, NODE_ARRAY, STR(""));
	for (int i = 0; i < 200; i++)
		node_new(arena, root, NODE_OBJECT, STR(""));
	assert_int_equal(
	    row_read_list(arena, &sorted, &resource, INSERT, J, root, "", &list, &error), -1);
	assert_int_equal(error.fault_count, ERROR_FAULTS_MAX);
}

/* Where memory ends, the request ends: no row is taken for complete. */
static void test_exhausted(void **state)
{
	static const enum body_format formats[] = { J, X };

	(void)state;
	for (size_t size = 256; size < 8192; size += 16) {
		for (size_t i = 0; i < ROWS(formats); i++) {
			struct arena *small = arena_new(size, size);
			struct row *row;
			const struct node *root;
			int result;

			arena_reset(arena);
			error_init(&error, arena);
			root = read_body(formats[i], formats[i] == J
							 ? "{\"port\":\"x\",\"items\":[1,2]}"
							 : "<Thing><Port>x</Port></Thing>");
			error_init(&error, small);
			result = row_read(
			    small, &sorted, &resource, UPDATE, formats[i], root, "", &row, &error);
			assert_int_equal(result, -1);
			assert_true(error.code == ERROR_TOO_LARGE || error.code == ERROR_INVALID);
			arena_free(small);
		}
	}
}

static void expect_written(size_t number, enum media_format format, const struct family *family,
    const struct row *row, const char *expected)
{
	struct buf out = { 0 };
	struct writer writer;

	writer_init(&writer, format, family, &out);
	writer.plain_root = true;
	row_write(&writer, "Thing", row);
	expect_str(number, buf_str(&out), expected);
	buf_free(&out);
}

/* Order and names by the family; what was not fetched is null, or left out where the table says so.
 */
static void test_write(void **state)
{
	struct row *row, *child_row, *part_row;
	struct row *children[1];

	(void)state;
	arena_reset(arena);
	row = row_new(arena, &resource);
	child_row = row_new(arena, &child);
	part_row = row_new(arena, &part);
	expect_written(0, MEDIA_JSON, &declared, row,
	    "{\"id\":null,\"name\":null,\"ownerId\":null,\"kind\":null,\"word\":null,\"port\":null,"
	    "\"start\":null,\"pin\":null,\"fixed\":null,\"part\":null,\"child\":null,\"children\":"
	    "null,"
	    "\"items\":null}");
	row_set_text(row, NAME, STR("n"));
	row_set_integer(row, KIND, 1);
	row_set_text(row, HASH, STR("secret"));
	row_set_integer(row, XML_ONLY, 5);
	row_set_integer(row, LATER, 6);
	row_set_integer(child_row, 0, 7);
	row_set_integer(child_row, 1, 8);
	row_set_boolean(part_row, 0, true);
	row_set_row(row, PART, part_row);
	row_set_row(row, CHILD, child_row);
	children[0] = child_row;
	row->values[CHILDREN] = (struct value){ .list = { children, 1 } };
	row->present |= FIELD_BIT(CHILDREN);
	expect_written(1, MEDIA_JSON, &sorted, row,
	    "{\"id\":null,\"name\":\"n\",\"ownerId\":null,\"kind\":1,\"word\":null,\"port\":null,"
	    "\"start\":null,\"pin\":null,\"fixed\":null,\"part\":{\"open\":true,\"size\":null},"
	    "\"child\":{\"id\":7},\"children\":[{\"id\":7}],\"items\":null,\"later\":6}");
	expect_written(2, MEDIA_XML, &declared, row,
	    "<Thing><id xsi:nil=\"true\" /><name>n</name><ownerId xsi:nil=\"true\" "
	    "/><kind>Facility</kind>"
	    "<port xsi:nil=\"true\" /><start xsi:nil=\"true\" /><pin xsi:nil=\"true\" />"
	    "<part><open>true</open><size xsi:nil=\"true\" /></part><child><id>7</id></child>"
	    "<children><Child><id>7</id></Child></children><hint>5</hint><later>6</later></Thing>");
	expect_written(3, MEDIA_XML, &sorted, row,
	    "<Thing><Child><Id>7</Id></Child><Children><Child><Id>7</Id></Child></Children>"
	    "<Fixed i:nil=\"true\" /><Hint>5</Hint><Id i:nil=\"true\" />"
	    "<Items xmlns:d2p1=\"http://schemas.microsoft.com/2003/10/Serialization/Arrays\" "
	    "i:nil=\"true\" />"
	    "<Kind>Facility</Kind><Later>6</Later><Name>n</Name><OwnerId i:nil=\"true\" />"
	    "<Part><Open>true</Open><Size i:nil=\"true\" /></Part><Pin i:nil=\"true\" />"
	    "<Port i:nil=\"true\" /><Start i:nil=\"true\" /><Word i:nil=\"true\" /></Thing>");
}

/* Members sort by the bytes of their names: capitals, underscore, small letters. */
static void test_order(void **state)
{
	static const struct field names[] = { { INT32("b", "a") }, { INT32("_x", "a") },
		{ INT32("Z2", "a") }, { INT32("a", "a") }, { INT32("Z10", "a") },
		{ INT32("B", "a") }, { INT32("Z1", "a") }, { INT32("A", "a") } };
	static const struct resource many = { .type_name = "T", FIELDS(names) };
	static const struct family family = { .xml_style = XML_DATA_CONTRACT,
		.xml_namespace = "urn:example:things",
		.xml_sorted = true };
	struct buf out = { 0 };
	struct writer writer;
	struct row *row;

	(void)state;
	arena_reset(arena);
	row = row_new(arena, &many);
	for (unsigned i = 0; i < COUNT_OF(names); i++)
		row_set_integer(row, i, 1);
	writer_init(&writer, MEDIA_XML, &family, &out);
	writer.plain_root = true;
	row_write(&writer, "T", row);
	expect_str(0, buf_str(&out),
	    "<T><A>1</A><B>1</B><Z1>1</Z1><Z10>1</Z10><Z2>1</Z2><_x>1</_x><a>1</a><b>1</b></T>");
	buf_free(&out);
}

static void test_write_list(void **state)
{
	static const struct {
		enum media_format format;
		const char *name;
		unsigned count;
		const char *expected;
	} written[] = {
		{ MEDIA_JSON, NULL, 0, "[]" },
		{ MEDIA_JSON, NULL, 2, "[{\"id\":1},{\"id\":2}]" },
		{ MEDIA_XML, NULL, 0, "<ArrayOfChild />" },
		{ MEDIA_XML, NULL, 2,
		    "<ArrayOfChild><Child><Id>1</Id></Child><Child><Id>2</Id></Child></"
		    "ArrayOfChild>" },
		{ MEDIA_XML, "list", 1, "<root><List><Child><Id>1</Id></Child></List></root>" },
		{ MEDIA_JSON, "list", 1, "{\"list\":[{\"id\":1}]}" },
	};
	struct row *items[2];

	(void)state;
	arena_reset(arena);
	for (unsigned i = 0; i < 2; i++) {
		items[i] = row_new(arena, &child);
		row_set_integer(items[i], 0, i + 1);
	}
	for (size_t i = 0; i < ROWS(written); i++) {
		struct buf out = { 0 };
		struct writer writer;

		writer_init(&writer, written[i].format, &sorted, &out);
		writer.plain_root = true;
		if (written[i].name != NULL)
			writer_object_begin(&writer, "root");
		row_write_list(&writer, written[i].name, &child, items, written[i].count);
		if (written[i].name != NULL)
			writer_object_end(&writer);
		expect_str(i, buf_str(&out), written[i].expected);
		buf_free(&out);
	}
}

/* A row, with its parts, of which chance says what is there, null, or left out. */
static struct row *random_row(const struct resource *of, uint64_t *random)
{
	struct row *row = row_new(arena, of);

	for (unsigned i = 0; i < of->field_count; i++) {
		const struct field *field = &of->fields[i];
		unsigned chance;

		*random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
		chance = (unsigned)(*random >> 61);
		if (chance == 0)
			row->left_out |= FIELD_BIT(i);
		if (chance > 1)
			row_set_null(row, i);
		if (chance < 4)
			continue;
		row->values[i].null = false;
		if (field->object != NULL)
			row->values[i].row = random_row(field->object, random);
		else if (field->type == FIELD_ONE)
			row->values[i].row = random_row(field->relation->target, random);
		else if (field_type_info(field->type)->lexical == LEXICAL_TEXT)
			row->values[i].text = STR("a\"b");
		else if (field_type_info(field->type)->lexical == LEXICAL_JSON)
			row->values[i].text = STR("[1,2]");
	}
	row->narrowed = (*random >> 32) % 2;
	return row;
}

/* A row as a whole is its members one by one, in the order in which they are declared. */
static void test_write_members(void **state)
{
	static const enum media_format formats[] = { MEDIA_JSON, MEDIA_XML };
	static const enum writer_layout layouts[] = { WRITER_COMPACT, WRITER_LINES,
		WRITER_INDENTED };
	uint64_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 1200; round++) {
		const struct row *row = random_row(&resource, &random);
		struct buf whole = { 0 }, parts = { 0 };
		struct writer writer;

		writer_init(&writer, formats[round % 2], &declared, &whole);
		writer.layout = layouts[round % 3];
		row_write(&writer, "Thing", row);
		writer_init(&writer, formats[round % 2], &declared, &parts);
		writer.layout = layouts[round % 3];
		writer_object_begin(&writer, "Thing");
		for (unsigned i = 0; i < resource.field_count; i++)
			row_write_member(&writer, row, i);
		writer_object_end(&writer);
		expect_str(round, buf_str(&whole), parts.data);
		for (unsigned i = 0; round % 2 == 0 && i < resource.field_count; i++) {
			const char *name = arena_printf(arena, "\"%s\":", fields[i].name);

			if (i != ID && strstr(name, "port") == NULL)
				expect_int(round, strstr(whole.data, name) != NULL,
				    row_shows(&writer, row, i));
		}
		buf_free(&whole);
		buf_free(&parts);
		arena_reset(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_list),
		cmocka_unit_test(test_read_members),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_exhausted),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_write_list),
		cmocka_unit_test(test_write_members),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
