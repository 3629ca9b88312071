/*
 * The query language: the first byte chooses the parameter, the rest is its text. Whatever is taken
 * becomes a statement with as many values as question marks.
 */
#include "../unit/lib/catalogue.h"
#include "fuzz.h"

#include <stdlib.h>

#include "db/query_sql.h"

#define TEXT_LONGEST 65536

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* A refusal names the parameter and tells the position within its text. */
static void check_refusal(const struct error *error, const char *parameter, struct str text)
{
	const struct fault *fault = error->faults;
	const char *position;

	if (error->code == ERROR_UNAVAILABLE)
		return;
	require(error->code == ERROR_INVALID && error->fault_count == 1);
	require(strcmp(fault->path, parameter) == 0);
	require(str_utf8_valid(str_from(fault->message)) == strlen(fault->message));
	position = strstr(fault->message, "position ");
	require(position != NULL);
	require(atol(position + 9) >= 1);
	require((size_t)atol(position + 9) <= str_utf8_length(text) + 1);
}

static unsigned count_marks(const char *text)
{
	unsigned count = 0;

	for (; *text != '\0'; text++)
		count += *text == '?';
	return count;
}

static void check_statement(struct arena *arena, const struct query *query)
{
	struct query_sql query_sql;
	struct error error;
	struct sql sql;

	error_init(&error, arena);
	sql_init(&sql, arena);
	if (query_sql_begin_page(&query_sql, &sql, query, &error) != 0)
		return;
	query_sql_end_page(&query_sql);
	if (!sql.failed)
		require(count_marks(sql.text) == sql.bind_count);
	sql_init(&sql, arena);
	require(query_sql_begin_total(&query_sql, &sql, query, &error) == 0);
	query_sql_end_total(&query_sql);
	if (!sql.failed)
		require(count_marks(sql.text) == sql.bind_count);
}

/* What is printed is a filter again, unless its parentheses have become too many. */
static void check_print(struct arena *arena, const struct filter *filter)
{
	struct buf first = { 0 }, second = { 0 };
	struct filter *again;
	struct error error;

	error_init(&error, arena);
	filter_print(&first, filter);
	require(!first.failed && str_utf8_valid(buf_str(&first)) == first.length);
	if (filter_read(arena, &catalogue_sight, NULL, &catalogue_item, buf_str(&first), &again,
		&error) == 0) {
		filter_print(&second, again);
		require(str_equal(buf_str(&first), buf_str(&second)));
	} else {
		require(arena_exhausted(arena) ||
			strstr(error.faults->message, "nesting goes 32 deep") != NULL);
	}
	buf_free(&first);
	buf_free(&second);
}

static void run_query(struct arena *arena, uint8_t choice, struct str text)
{
	const struct str none = { NULL, 0 };
	struct selection *selection = NULL;
	struct filter *filter = NULL;
	struct cursor after;
	struct error error;
	struct sort sort;
	static struct seal_keys *keys;
	struct query query = { .resource = &catalogue_item, .sort = &sort, .take = 10 };

	if (keys == NULL)
		keys = seal_keys_make();
	require(keys != NULL);
	error_init(&error, arena);
	if (filter_read(arena, &catalogue_sight, NULL, &catalogue_item,
		choice % 5 == 0 ? text : none, &filter, &error) != 0) {
		check_refusal(&error, "filter", text);
		return;
	}
	if (filter != NULL)
		check_print(arena, filter);
	if (sort_read(arena, &catalogue_sight, &catalogue_item, choice % 5 == 1 ? text : none,
		&sort, &error) != 0) {
		check_refusal(&error, "sort", text);
		return;
	}
	if (selection_read(arena, &catalogue_sight, &catalogue_item, choice % 5 == 2 ? text : none,
		choice % 5 == 3 ? text : none, &selection, &error) != 0) {
		check_refusal(&error, choice % 5 == 2 ? "select" : "include", text);
		return;
	}
	if (choice % 5 == 4) {
		if (cursor_read(keys, arena, text, 0, &sort, &after, &error) != 0)
			return;
		query.after = &after;
	}
	query.filter = filter;
	query.selection = selection;
	query.skip = choice >= 128 ? QUERY_DEEP_SKIP : 0;
	check_statement(arena, &query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct str text = { (const char *)data + 1, size > 0 ? size - 1 : 0 };

	if (arena == NULL)
		arena = arena_new(1 << 16, 32 << 20);
	/* Parameters are valid text of bounded length: read_parameters sees to it. */
	if (arena == NULL || size == 0 || text.length > TEXT_LONGEST ||
	    str_utf8_valid(text) < text.length || str_find(text, '\0') < text.length)
		return 0;
	arena_reset(arena);
	run_query(arena, data[0], text);
	return 0;
}
