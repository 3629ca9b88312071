/*
 * Entity tags: one that cannot be computed is an error, and none that fits other rows.
 */
#include "../lib/queries.h"
#include "../lib/server.h"
#include "op/generic.h"

#define ZEROS "\"00000000000000000000000000000000-j\""

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE, "INSERT INTO item (id, code) VALUES (1, 'a'), (2, 'b')");
	return result;
}

/* Leaves nothing of the memory that tags are made in. */
static void fill_memory(struct arena *arena)
{
	for (size_t size = 4096; size > 0; size /= 2) {
		while (arena_alloc(arena, size) != NULL)
			;
	}
}

static struct row *fetch(struct queries *queries, const char *id)
{
	struct operation *operation = &queries->operation;
	struct row *keys, *row = NULL;

	queries_prepare(queries, &catalogue_item, "id", id);
	queries->route.flags = ROUTE_ETAG;
	assert_int_equal(operation_read_keys(operation, &keys, &queries->error), 0);
	assert_int_equal(record_fetch_one(&operation->context, &catalogue_item,
			     resource_default_mask(&catalogue_item), keys, &row, &queries->error),
	    0);
	return row;
}

static void test_answer(void **state)
{
	struct queries *queries = *state;
	struct str headers;

	operation_answer_row(&queries->operation, fetch(queries, "1"));
	assert_false(queries->response.headers.failed);
	headers = buf_str(&queries->response.headers);
	assert_true(str_contains_ignore_case(headers, STR("ETag: \"")));
	assert_false(str_contains_ignore_case(headers, STR(ZEROS)));
	for (unsigned i = 1; i <= 2; i++) {
		struct row *row = fetch(queries, i == 1 ? "1" : "2");

		fill_memory(queries->operation.context.arena);
		operation_answer_row(&queries->operation, row);
		assert_true(queries->response.headers.failed);
		assert_false(
		    str_contains_ignore_case(buf_str(&queries->response.headers), STR("ETag")));
	}
}

/* What is written to the body and what is digested apart from it are one state. */
static void test_formats(void **state)
{
	struct queries *queries = *state;
	struct record_change change = { .before = fetch(queries, "1") };
	struct str headers, tag;
	size_t begun;

	operation_answer_row(&queries->operation, change.before);
	headers = buf_str(&queries->response.headers);
	begun = str_find(headers, '"');
	tag = str_slice(headers, begun, headers.length);
	tag = str_slice(tag, 0, 1 + str_find(str_slice(tag, 1, tag.length), '"') + 1);
	queries->request.if_match = arena_str(queries->operation.context.arena, tag);
	operation_expect_tag(&queries->operation, &change);
	assert_int_equal(change.expect(&queries->operation.context, &change, &queries->error), 0);
	change.before = fetch(queries, "2");
	queries->request.if_match = arena_str(queries->operation.context.arena, tag);
	assert_int_equal(change.expect(&queries->operation.context, &change, &queries->error), -1);
	assert_int_equal(queries->error.code, ERROR_STALE);
}

static int check_tags(struct queries *queries, const char *if_match, bool memory)
{
	struct operation *operation = &queries->operation;
	struct record_change change = { .before = fetch(queries, "1") };

	queries->request.if_match = str_from(if_match);
	operation_expect_tag(operation, &change);
	if (!memory)
		fill_memory(operation->context.arena);
	return change.expect(&operation->context, &change, &queries->error);
}

/* Not even the tag that all rows would share counts as theirs, nor "*". */
static void test_if_match(void **state)
{
	static const char *const tags[] = { ZEROS, "\"\"", "*" };
	struct queries *queries = *state;

	assert_int_equal(check_tags(queries, "*", true), 0);
	assert_int_equal(check_tags(queries, ZEROS, true), -1);
	assert_int_equal(queries->error.code, ERROR_STALE);
	for (size_t i = 0; i < ROWS(tags); i++) {
		expect_int(i, check_tags(queries, tags[i], false), -1);
		expect_int(i, queries->error.code, ERROR_BUSY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_formats, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_if_match, begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
