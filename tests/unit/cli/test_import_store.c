/*
 * Lines of an import in the database, of any resource: new rows and changed ones, what a new one
 * must have, and what is refused alone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../lib/rows.h"
#include "../lib/server.h"
#include "api/delegates/delegates.h"
#include "cli/import_store.h"

#define DATABASE "import"
#define FIELDS_MAX 8
#define LINES_MAX 8

static const struct import_kind groups = { .record = &delegate_group_record, .key = "id" };
static const struct import_kind persons = {
	.record = &delegate_person_record,
	.key = "clientId",
	.others = "userDefinedFields",
	.others_name_most = 255,
	.others_text_most = 4000,
};
/* The same, of rows that are named by another member. */
static const struct import_kind by_code = { .record = &delegate_person_record,
	.key = "clientCode" };

static struct settings settings;
static struct database *database;
static struct arena *arena, *lines_arena;
static struct error error;
static struct context context;
static struct import_header header;
static struct import_store store = { &context, &header };

static int begin(void **state)
{
	(void)state;
	server_make_schema(DATABASE);
	settings = server_settings(DATABASE);
	database = database_new(&settings);
	arena = arena_new(65536, 64 << 20);
	lines_arena = arena_new(65536, 64 << 20);
	error_init(&error, arena);
	context = (struct context){ .arena = arena,
		.settings = &settings,
		.database = database,
		.actor = { .kind = ACTOR_OPERATOR },
		.sight = sight_of_everything() };
	return 0;
}

static int end(void **state)
{
	(void)state;
	database_free(database);
	arena_free(lines_arena);
	arena_free(arena);
	return 0;
}

static struct csv_file_record split(const char *text, unsigned line, struct str fields[FIELDS_MAX])
{
	struct csv_file_record record = { .line = line, .fields = fields };
	struct str rest = str_from(text);

	while (record.count < FIELDS_MAX && str_next(&rest, '|', &fields[record.count]))
		record.count++;
	return record;
}

/* Reads a header and lines, each of them "a|b"; NULL ends them. Returns the number of lines. */
static unsigned read_lines(
    const struct import_kind *kind, const char *const *texts, struct import_line *lines[LINES_MAX])
{
	struct str fields[FIELDS_MAX];
	struct csv_file_record record = split(texts[0], 1, fields);
	unsigned count = 0;

	assert_null(import_read_header(lines_arena, kind, &record, &header));
	for (; texts[count + 1] != NULL; count++) {
		record = split(texts[count + 1], count + 2, fields);
		lines[count] = arena_alloc(lines_arena, sizeof(*lines[count]));
		import_read_line(lines_arena, &header, &record, lines[count]);
	}
	return count;
}

/* What became of the lines: "added", "changed", or "column reason". */
static const char *results(struct import_line *const *lines, unsigned count)
{
	static char text[1000];
	size_t length = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct import_fault *fault = lines[i]->faults;

		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s%s%s",
		    i > 0 ? "; " : "", fault != NULL ? fault->column : "",
		    fault != NULL && fault->column[0] != '\0' ? " " : "",
		    fault != NULL     ? fault->reason
		    : lines[i]->added ? "added"
				      : "changed");
	}
	return text;
}

static void test_lines(void **state)
{
	static const struct {
		const struct import_kind *kind;
		const char *texts[LINES_MAX];
		const char *results, *query, *stored;
	} rows[] = {
		{ &groups, { "id|name|groupType", "7|North|1", "8|South|0", "9||0", NULL },
		    "added; added; name is required",
		    "SELECT GROUP_CONCAT(id, name, group_type ORDER BY id) FROM delegate_group",
		    "7North1,8South0" },
		/* A new row must have what the file has not; one that is there keeps it. */
		{ &groups, { "id|phone", "7|555", "9|556", NULL },
		    "changed; The name field is required.",
		    "SELECT GROUP_CONCAT(id, name, phone ORDER BY id) FROM delegate_group",
		    "7North555" },
		{ &persons, { "clientId|clientCode|note", "1|a|x", "2|b|", "1|c|y", NULL },
		    "added; added; changed",
		    "SELECT GROUP_CONCAT(id, code, user_defined_fields ORDER BY id) FROM "
		    "delegate_client",
		    "1c{\"note\":\"y\"},2b{}" },
		/* The second line of a row makes it, where the first one has not. */
		{ &persons, { "clientId|clientCode|more", "3|b|z", "3|d|z", NULL },
		    "clientCode belongs to another client; added",
		    "SELECT CONCAT(code, user_defined_fields) FROM delegate_client WHERE id = 3",
		    "d{\"more\":\"z\"}" },
		{ &by_code, { "clientCode|firstName", "d|Ann", "c|Bo", NULL }, "changed; changed",
		    "SELECT GROUP_CONCAT(code, first_name ORDER BY id) FROM delegate_client",
		    "cBo,dAnn" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct import_line *lines[LINES_MAX];
		unsigned count = read_lines(rows[i].kind, rows[i].texts, lines);
		size_t used = arena_used(arena);

		assert_int_equal(import_store_batch(&store, lines, count, lines_arena, &error), 0);
		assert_string_equal(results(lines, count), rows[i].results);
		assert_string_equal(server_value(DATABASE, rows[i].query), rows[i].stored);
		assert_int_equal(arena_used(arena), used);
	}
}

static unsigned entries(void)
{
	return (unsigned)atoi(server_value(DATABASE, "SELECT COUNT(*) FROM audit_entry"));
}

/* Codes go round; a trial stores nothing, and neither does what it says of the others change. */
static void test_waiting(void **state)
{
	static const char *const texts[] = { "clientId|clientCode", "11|b", "12|a", "13|c", "14|e",
		NULL };
	struct import_line *lines[LINES_MAX];
	struct import_wait wait;
	unsigned count, before;

	(void)state;
	server_run(DATABASE, "DELETE FROM delegate_client; INSERT INTO delegate_client (id, code) "
			     "VALUES (11, 'a'), (12, 'b'), (14, 'e'), (15, 'c')");
	count = read_lines(&persons, texts, lines);
	assert_true(import_wait_begin(&wait));
	for (unsigned i = 0; i < count; i++)
		assert_true(import_wait_add(&wait, lines[i]));
	before = entries();
	for (int trial = 1; trial >= 0; trial--) {
		assert_int_equal(import_store_waiting(&store, &wait, trial, &error), 0);
		assert_string_equal(results(wait.lines, wait.count),
		    "changed; changed; clientCode belongs to another client; changed");
		assert_string_equal(
		    server_value(
			DATABASE, "SELECT GROUP_CONCAT(id, code ORDER BY id) FROM delegate_client"),
		    trial ? "11a,12b,14e,15c" : "11b,12a,14e,15c");
		/* The code that stays is not taken away first and leaves none; the others are, and
		 * given. */
		assert_int_equal(entries() - before, trial ? 0 : 2 * 2);
	}
	import_wait_end(&wait);
}

/* What is no line's fault ends the batch, and nothing of it is stored. */
static void test_failure(void **state)
{
	static const char *const texts[] = { "clientId|firstName", "21|a", "22|b", NULL };
	struct import_line *lines[LINES_MAX];
	unsigned count = read_lines(&persons, texts, lines);

	(void)state;
	server_run(DATABASE, "CREATE TRIGGER refuse BEFORE INSERT ON delegate_client FOR EACH ROW "
			     "IF NEW.id = 22 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not "
			     "this one'; END IF");
	assert_int_equal(import_store_batch(&store, lines, count, lines_arena, &error), -1);
	assert_non_null(strstr(error.detail, "not this one"));
	assert_string_equal(
	    server_value(DATABASE, "SELECT COUNT(*) FROM delegate_client WHERE id > 20"), "0");
	error_clear(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_failure),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, begin, end);
	server_end();
	return failed;
}
