/*
 * Golden tests: what a list asks for, and the statement that it becomes. Each file of
 * tests/golden/query holds cases of "name: text" lines, parted by blank lines. After a wanted
 * change run the program with GOLDEN_UPDATE=1 and read the difference.
 */
#include "../lib/catalogue.h"
#include "../lib/golden.h"
#include "../lib/rows.h"
#include "../lib/source.h"

#include <dirent.h>

#include "db/query_sql.h"

#define GOLDEN_FOLDER "tests/golden/query"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 64 << 20);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* One case: the lines that are given, by name. */
struct query_case {
	struct str resource, filter, sort, select, include, after, take, skip, total;
};

static void read_line(struct query_case *given, struct str line)
{
	const struct {
		const char *name;
		struct str *text;
	} names[] = {
		{ "resource", &given->resource },
		{ "filter", &given->filter },
		{ "sort", &given->sort },
		{ "select", &given->select },
		{ "include", &given->include },
		{ "after", &given->after },
		{ "take", &given->take },
		{ "skip", &given->skip },
		{ "total", &given->total },
	};
	size_t colon = str_find(line, ':');

	for (size_t i = 0; i < ROWS(names); i++) {
		if (str_equal(str_slice(line, 0, colon), str_from(names[i].name)))
			*names[i].text = str_trim(str_slice(line, colon + 1, line.length));
	}
}

/* Long texts by their beginning, which ends behind a whole character, and their length. */
static void print_text(struct buf *out, struct str text)
{
	struct str shown = str_slice(text, 0, 16);

	if (text.length <= 64) {
		buf_append_json_string(out, text);
		return;
	}
	shown.length = str_utf8_valid(shown);
	buf_append_json_string(out, shown);
	buf_printf(out, " … %zu bytes", text.length);
}

static void print_bind(struct buf *out, const struct bind *bind)
{
	char uuid[UUID_TEXT_LENGTH];

	if (bind->null) {
		buf_append_text(out, "NULL");
		return;
	}
	switch (bind->kind) {
	case BIND_INTEGER:
		buf_append_int64(out, bind->integer);
		break;
	case BIND_REAL:
		buf_printf(out, "%g", bind->real);
		break;
	case BIND_TIME:
		timestamp_print(out, bind->integer, TIMESTAMP_UTC);
		break;
	case BIND_DATE:
		timestamp_print(out, bind->integer, TIMESTAMP_DATE_ONLY);
		break;
	case BIND_UUID:
		uuid_print(&bind->uuid, uuid);
		buf_append(out, uuid, sizeof(uuid));
		break;
	default:
		print_text(out, bind->text);
		break;
	}
}

static void print_sql(struct buf *out, const char *title, const struct sql *sql)
{
	assert_false(sql->failed);
	buf_printf(out, "%s: %s\n", title, sql->text);
	if (sql->bind_count > 0)
		buf_append_text(out, "binds:");
	for (unsigned i = 0; i < sql->bind_count; i++) {
		buf_append_text(out, i > 0 ? ", " : " ");
		print_bind(out, &sql->binds[i]);
	}
	if (sql->bind_count > 0)
		buf_append_char(out, '\n');
}

/* What the relations of a selection read, level by level. */
static void print_relations(struct buf *out, const char *path, const struct selection *selection)
{
	for (unsigned i = 0; i < selection->resource->field_count; i++) {
		const struct selection *part = selection->parts[i];
		const char *name = selection->resource->fields[i].name;
		struct sql sql;

		if (part == NULL || selection->resource->fields[i].relation == NULL)
			continue;
		sql_init(&sql, arena);
		sql_select(&sql, part->resource, part->fetched);
		name = arena_printf(arena, "%s%s%s", path, path[0] != '\0' ? "." : "", name);
		print_sql(out, name, &sql);
		print_relations(out, name, part);
	}
}

/* "a | b | null": values of the cursor in the order of the sort keys. */
static void read_cursor(const struct sort *sort, struct str text, struct cursor *cursor)
{
	for (unsigned i = 0; i < sort->count; i++) {
		const struct field *field = path_field(&sort->keys[i].path);
		const char *reason;
		struct str part;
		struct node node = { .kind = NODE_TEXT };

		assert_true(str_next(&text, '|', &part));
		node.text = str_trim(part);
		cursor->values[i].null = str_equal(node.text, STR("null"));
		if (!cursor->values[i].null)
			assert_true(field_type_info(field->type)
					->parse(arena, field, BODY_FORM, &node, &cursor->values[i],
					    &reason));
	}
}

static int64_t number(struct str text, int64_t fallback)
{
	int64_t value;

	return str_to_int64(text, &value) ? value : fallback;
}

static void print_case(struct buf *out, const struct query_case *given)
{
	const struct resource *resource =
	    given->resource.data != NULL ? catalogue_find(given->resource) : &catalogue_item;
	struct query_sql query_sql;
	struct selection *selection = NULL;
	struct filter *filter = NULL;
	struct cursor after;
	struct error error;
	struct sort sort;
	struct sql sql;
	struct query query;

	error_init(&error, arena);
	if (filter_read(arena, &catalogue_sight, NULL, resource, given->filter, &filter, &error) !=
		0 ||
	    sort_read(arena, &catalogue_sight, resource, given->sort, &sort, &error) != 0 ||
	    selection_read(arena, &catalogue_sight, resource, given->select, given->include,
		&selection, &error) != 0)
		fail_msg(STR_FORMAT ": %s", STR_ARGUMENTS(given->filter), error.faults->message);
	if (given->after.length > 0)
		read_cursor(&sort, given->after, &after);
	query = (struct query){ .resource = resource,
		.selection = selection,
		.filter = filter,
		.sort = &sort,
		.after = given->after.length > 0 ? &after : NULL,
		.take = number(given->take, 100),
		.skip = number(given->skip, 0) };
	sql_init(&sql, arena);
	if (given->total.length > 0) {
		assert_int_equal(query_sql_begin_total(&query_sql, &sql, &query, &error), 0);
		query_sql_end_total(&query_sql);
	} else {
		assert_int_equal(query_sql_begin_page(&query_sql, &sql, &query, &error), 0);
		query_sql_end_page(&query_sql);
	}
	print_sql(out, "sql", &sql);
	print_relations(out, "", selection);
}

/* The file as it should be: all given lines and comments as they are, the results anew. */
static void print_file(struct buf *out, struct str text)
{
	struct query_case given = { .resource = { NULL, 0 } };
	bool open = false, result = false;
	struct str line;

	while (text.length > 0) {
		size_t length = str_find(text, '\n');

		line = str_slice(text, 0, length);
		text = str_slice(text, length + 1, text.length);
		if (line.length == 0 && open)
			print_case(out, &given);
		if (line.length == 0) {
			given = (struct query_case){ .resource = { NULL, 0 } };
			open = result = false;
		}
		result = result || str_starts_with(line, STR("sql:"));
		if (result)
			continue;
		buf_append_str(out, line);
		buf_append_char(out, '\n');
		if (line.length > 0 && line.data[0] != '#') {
			read_line(&given, line);
			open = true;
		}
	}
	if (open)
		print_case(out, &given);
}

static void check_file(const char *name)
{
	struct buf kept = { 0 }, made = { 0 };

	golden_read(name, &kept);
	print_file(&made, buf_str(&kept));
	golden_check(name, &made);
	buf_free(&kept);
	buf_free(&made);
}

static void test_golden(void **state)
{
	DIR *files = opendir(source_path(GOLDEN_FOLDER));
	struct dirent *entry;
	unsigned count = 0;

	(void)state;
	assert_non_null(files);
	while ((entry = readdir(files)) != NULL) {
		if (!str_ends_with(str_from(entry->d_name), STR(".txt")))
			continue;
		check_file(arena_printf(arena, "%s/%s", GOLDEN_FOLDER, entry->d_name));
		count++;
	}
	closedir(files);
	assert_true(count > 0);
}

/* Paths through more relations than a statement joins. */
static void test_joins(void **state)
{
	static struct field fields[QUERY_JOINS_MAX + 2];
	static struct resource many = {
		.name = "hub",
		.area = AREA_PRODUCTS,
		.table = "hub",
		.fields = fields,
		.field_count = COUNT_OF(fields),
	};
	static const struct relation home = { &catalogue_country, "id", "id" };
	struct query query = { .resource = &many };
	struct query_sql query_sql;
	struct buf text = { 0 };
	struct filter *filter;
	struct error error;
	struct sort sort;
	struct sql sql;

	(void)state;
	fields[0] = (struct field){ INT32("id", "id"), .flags = FIELD_KEY };
	for (unsigned i = 1; i < COUNT_OF(fields); i++) {
		fields[i] = (struct field){
			.name = arena_printf(arena, "c%u", i), .type = FIELD_ONE, .relation = &home
		};
		buf_printf(&text, "%sc%u.code = 'x'", i > 1 ? " or " : "", i);
	}
	error_init(&error, arena);
	assert_int_equal(
	    filter_read(arena, &catalogue_sight, NULL, &many, buf_str(&text), &filter, &error), 0);
	assert_int_equal(sort_read(arena, &catalogue_sight, &many, STR(""), &sort, &error), 0);
	query.filter = filter;
	query.sort = &sort;
	sql_init(&sql, arena);
	assert_int_equal(query_sql_begin_total(&query_sql, &sql, &query, &error), -1);
	assert_string_equal(
	    error.faults->message, "The filter and the sort use more than 24 relations.");
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_joins),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
