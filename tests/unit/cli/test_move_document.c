/* Documents of other programs as tables: where rows stand, what they are called, what is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/move_columns.h"
#include "cli/move_document.h"
#include "codec/reader.h"

static const struct move_column owner_columns[] = {
	COLUMN("name", "name"),
	COLUMN("more", "more"),
	IGNORED("seen"),
};

static const struct move_column thing_columns[] = {
	COLUMN("part/size", "size"),
	COLUMN("tags", "tags"),
};

static const char *const renames[] = { "ownerId", "id", NULL };

static const struct move_table tables[] = {
	{ .name = "Owners",
	    .keys = { "id" },
	    COLUMNS(owner_columns),
	    .paths = "[] answer/owners[] .",
	    .renames = renames,
	    .flag = "owners" },
	{ .name = "Things",
	    .keys = { MOVE_PARENT, "code" },
	    COLUMNS(thing_columns),
	    .within = "Owners",
	    .paths = "things[] box/things[]" },
	{ .name = "Visits",
	    .keys = { "id" },
	    .paths = "visits[]",
	    .newest = "at",
	    .flag = "visits" },
};

static const struct xml_root roots[] = { { "Answer", NULL } };

static const struct move_documents documents = {
	.holds = "list of owners",
	.ignored = "total",
	.roots = roots,
	.root_count = COUNT_OF(roots),
};

static const struct move_kind kind = {
	.name = "a test",
	.documents = &documents,
	.first = "Owners",
	.tables = tables,
	.table_count = COUNT_OF(tables),
};

enum { OWNERS, THINGS, VISITS, WHOLE };

/* What is left of a kind whose root is an object, not a row. */
static const struct move_table envelope_tables[] = {
	{ .name = "Owners",
	    .keys = { "id" },
	    COLUMNS(owner_columns),
	    .paths = "answer/owners[] owners[]",
	    .renames = renames },
};

static const struct move_kind envelope = {
	.name = "a test",
	.documents = &documents,
	.first = "Owners",
	.tables = envelope_tables,
	.table_count = COUNT_OF(envelope_tables),
};

static struct move_source *open_text(struct arena *arena, const struct move_kind *of,
    const char *text, unsigned table, struct error *error)
{
	char name[] = "/tmp/document.XXXXXX";
	struct move_document_file file = { name, table < WHOLE ? &of->tables[table] : NULL };
	int descriptor = mkstemp(name);
	struct move_source *source;

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
	close(descriptor);
	error_init(error, arena);
	source = move_document_open(arena, of, &file, 1, error);
	unlink(name);
	return source;
}

static int take_row(void *data, const struct str *cells, struct error *error)
{
	(void)error;
	buf_printf(data, STR_FORMAT ";", STR_ARGUMENTS(cells[0]));
	return 0;
}

/* Rows as "a,b;", "-" for null. */
static void check_rows(struct move_source *source, const char *sql, const char *expected)
{
	struct buf rows = { 0 };
	struct error error;

	error_init(&error, NULL);
	assert_int_equal(move_source_select(source, sql, 1, take_row, &rows, &error), 0);
	buf_append_char(&rows, '\0');
	assert_string_equal(rows.data, expected);
	buf_free(&rows);
}

#define OWNER_ROWS                                                                              \
	"SELECT COALESCE(id,'-') || ',' || COALESCE(name,'-') || ',' || COALESCE(more,'-') || " \
	"CASE WHEN `/differs` THEN '!' ELSE '' END || CASE `/times` WHEN 1 THEN '' ELSE "       \
	"`/times` END FROM Owners ORDER BY `/row`"
#define THING_ROWS                                                                              \
	"SELECT COALESCE(`/parent`,'-') || ',' || COALESCE(code,'-') || ',' || "                \
	"COALESCE(`part/size`,'-') || ',' || COALESCE(tags,'-') || COALESCE(`/fault`,'') FROM " \
	"Things ORDER BY `/row`"

static void test_rows(void **state)
{
	static const struct {
		const char *text, *owners, *things;
	} rows[] = {
		{ "[{\"id\":1,\"name\":\"a\",\"more\":{\"b\":[true,null]}},{\"ID\":\"2\"}]",
		    "1,a,{\"b\":[true,null]};2,-,-;", "" },
		{ "{\"id\":1}\n{\"id\":2,\"id\":3}", "1,-,-;3,-,-;", "" },
		{ "[{\"things\":[{\"code\":\"x\",\"part\":{\"size\":4},\"tags\":[\"a\"]},5],"
		  "\"id\":1,\"box\":{\"things\":[{\"code\":\"y\"}]}}]",
		    "1,-,-;", "1,y,-,-;1,x,4,[\"a\"];1,-,-,-is no object with members;" },
		/* One key is one row; what differs is known. */
		{ "[{\"id\":1,\"name\":\"a\",\"seen\":1},{\"ownerId\":1,\"more\":\"b\",\"seen\":2}"
		  "]",
		    "1,a,b2;", "" },
		{ "[{\"id\":1,\"name\":\"a\"},{\"id\":2},{\"id\":1,\"name\":\"b\"}]",
		    "1,b,-!2;2,-,-;", "" },
		/* What nobody knows is one column, whatever it holds. */
		{ "[{\"id\":1,\"x\":{\"a\":1}},{\"id\":1,\"x\":{\"b\":2}}]", "1,-,-2;", "" },
		/* Without a key, all are kept, to be refused. */
		{ "[{\"name\":\"a\"},{\"name\":\"a\",\"id\":\"\"},{\"id\":null}]",
		    "-,a,-;-,a,-;-,-,-;", "" },
		{ "id,name\r\n1,\"a, \"\"b\"\"\"\r\n2,\r\n", "1,a, \"b\",-;2,-,-;", "" },
		{ "\xEF\xBB\xBFOWNERID,name\n1,a\n1,b\n", "1,b,-!2;", "" },
		{ "[]", "", "" },
	};
	struct arena *arena = arena_new(1 << 16, 1 << 24);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error error;
		struct move_source *source = open_text(arena, &kind, rows[i].text, WHOLE, &error);

		assert_non_null(source);
		check_rows(source, OWNER_ROWS, rows[i].owners);
		check_rows(source, THING_ROWS, rows[i].things);
		assert_null(move_document_left(source));
		move_source_close(source);
	}
	arena_free(arena);
}

/* The place of a row is its line; another file has rows of one table alone. */
static void test_places_and_files_of_a_table(void **state)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	struct error error;
	struct move_source *source =
	    open_text(arena, &kind, "[\n{\"id\":1},\n{\"things\":[\n{}]}]", WHOLE, &error);

	(void)state;
	check_rows(source, "SELECT substr(`/place`, -2) FROM Owners", ":2;:3;");
	check_rows(source, "SELECT substr(`/place`, -2) FROM Things", ":3;");
	move_source_close(source);
	source = open_text(arena, &kind,
	    "[{\"id\":1,\"at\":\"2026-02\",\"n\":1},{\"id\":1,\"at\":\"2026-01\",\"n\":2}]", VISITS,
	    &error);
	check_rows(source, "SELECT at || n || `/differs` || `/times` FROM Visits", "2026-02101;");
	check_rows(source, "SELECT COUNT(*) FROM Owners", "0;");
	move_source_close(source);
	source = open_text(arena, &kind, "id,at\n1,5\n", VISITS, &error);
	check_rows(source, "SELECT id || at FROM Visits", "15;");
	move_source_close(source);
	arena_free(arena);
}

static void test_what_is_left(void **state)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	struct error error;
	struct move_source *source = open_text(arena, &envelope,
	    "{\"error\":null,\"total\":2,\"answer\":{\"owners\":[{\"id\":1,\"a/b\":2}],\"state\":"
	    "\"good\",\"none\":[]},\"Others\":[1]}",
	    WHOLE, &error);
	const struct move_document_left *left = move_document_left(source);

	(void)state;
	check_rows(source, OWNER_ROWS, "1,-,-;");
	assert_true(move_source_has(source, "Owners", "a~1b"));
	assert_string_equal(left->path, "answer/state");
	assert_string_equal(left->next->path, "Others");
	assert_null(left->next->next);
	move_source_close(source);
	arena_free(arena);
}

static void test_xml(void **state)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	struct error error;
	struct move_source *source = open_text(arena, &envelope,
	    "<Answer "
	    "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"><owners><Owner><id>1</id>"
	    "<name i:nil=\"true\"/></Owner><Owner><id>2</id><name>a &amp; b</name></Owner></owners>"
	    "<more>5</more></Answer>",
	    WHOLE, &error);

	(void)state;
	assert_non_null(source);
	check_rows(source, OWNER_ROWS, "1,-,-;2,a & b,-;");
	assert_string_equal(move_document_left(source)->path, "more");
	move_source_close(source);
	source = open_text(arena, &envelope, "<Answer><owners/></Answer>", WHOLE, &error);
	check_rows(source, OWNER_ROWS, "");
	move_source_close(source);
	arena_free(arena);
}

/* The text of a document with so many members, or a name of so many bytes. */
static const char *long_text(struct arena *arena, unsigned members, unsigned name)
{
	struct buf text = { 0 };
	const char *copy;

	buf_append_text(&text, "[{\"id\":1");
	for (unsigned i = 0; i < members; i++)
		buf_printf(&text, ",\"m%u\":1", i);
	buf_append_text(&text, ",\"");
	for (unsigned i = 0; i < name; i++)
		buf_append_char(&text, 'n');
	buf_append_text(&text, "\":1}]");
	copy = arena_copy(arena, text.data, text.length);
	buf_free(&text);
	return copy;
}

/* There are any number of members that nobody knows. */
static void test_many_members(void **state)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	const char *const texts[] = { long_text(arena, 600, 1), long_text(arena, 1, 300) };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct error error;
		struct move_source *source = open_text(arena, &kind, texts[i], WHOLE, &error);

		assert_non_null(source);
		check_rows(source, OWNER_ROWS, "1,-,-;");
		assert_string_equal(move_document_left(source)->path, "further members of Owners");
		assert_null(move_document_left(source)->next);
		assert_true(move_source_has(source, "Owners", "m0"));
		move_source_close(source);
	}
	arena_free(arena);
}

static void test_faults(void **state)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{ "", "it is empty" },
		{ "  \n", "it is empty" },
		{ "[{\"id\":1}", "Line 1, column 10" },
		{ "[{\"id\":1},\n{\"id\" 2}]", "Line 2, column 7" },
		{ "[{\"id\":1}]]", "Line 1, column 11" },
		{ "name\na\n", "there is no column \"id\"" },
		{ "id,\n", "a column has no name" },
		{ "id,Id\n", "the column \"Id\" is there twice" },
		{ "<Answer", "XML" },
		{ "<Other/>", "the root element must be" },
		{ "\xFF\xFEx", "UTF-16" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error error;

		assert_null(open_text(arena, &kind, rows[i].text, WHOLE, &error));
		assert_int_equal(error.code, ERROR_INVALID);
		assert_non_null(strstr(error.detail, rows[i].reason));
		assert_non_null(strstr(error.detail, "/tmp/document."));
	}
	for (unsigned i = 0; i < 2; i++) {
		struct error error;

		assert_null(open_text(
		    arena, &envelope, i == 0 ? "{}" : "{\"owners\":{\"id\":1}}", WHOLE, &error));
		assert_non_null(strstr(error.detail, "there is no list of owners in it"));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_places_and_files_of_a_table),
		cmocka_unit_test(test_what_is_left),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_many_members),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
