/*
 * Entity tags: one that cannot be computed is an error, and none that fits other rows.
 */
#include <openssl/evp.h>

#include "../lib/queries.h"
#include "../lib/server.h"
#include "op/generic.h"

#define ZEROS "\"00000000000000000000000000000000-j\""

/* Takes all digests away, or gives them back. */
static void allow_digests(bool allow)
{
	assert_int_equal(EVP_set_default_properties(NULL, allow ? "" : "provider=none"), 1);
}

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE, "INSERT INTO item (id, code) VALUES (1, 'a'), (2, 'b')");
	return result;
}

static int end(void **state)
{
	allow_digests(true);
	return queries_end(state);
}

static int get(struct queries *queries, const char *id)
{
	queries_prepare(queries, &catalogue_item, "id", id);
	queries->route.flags = ROUTE_ETAG;
	return op_get(&queries->operation, &queries->error);
}

static void test_get(void **state)
{
	struct queries *queries = *state;
	struct str headers;

	assert_int_equal(get(queries, "1"), 0);
	assert_false(queries->response.headers.failed);
	headers = buf_str(&queries->response.headers);
	assert_true(str_contains_ignore_case(headers, STR("ETag: \"")));
	assert_false(str_contains_ignore_case(headers, STR(ZEROS)));
	allow_digests(false);
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(get(queries, i == 1 ? "1" : "2"), 0);
		assert_true(queries->response.headers.failed);
		assert_false(
		    str_contains_ignore_case(buf_str(&queries->response.headers), STR("ETag")));
	}
}

static int check_tags(struct queries *queries, const char *if_match)
{
	struct operation *operation = &queries->operation;
	struct record_change change = { 0 };
	struct row *keys;

	queries_prepare(queries, &catalogue_item, "id", "1");
	queries->request.if_match = str_from(if_match);
	assert_int_equal(operation_read_keys(operation, &keys, &queries->error), 0);
	assert_int_equal(
	    record_fetch_one(&operation->context, &catalogue_item,
		resource_default_mask(&catalogue_item), keys, &change.before, &queries->error),
	    0);
	operation_expect_tag(operation, &change);
	return change.expect(&operation->context, &change, &queries->error);
}

/* Not even the tag that all rows would share counts as theirs, nor "*". */
static void test_if_match(void **state)
{
	static const char *const tags[] = { ZEROS, "\"\"", "*" };
	struct queries *queries = *state;

	assert_int_equal(check_tags(queries, "*"), 0);
	assert_int_equal(check_tags(queries, ZEROS), -1);
	assert_int_equal(queries->error.code, ERROR_STALE);
	allow_digests(false);
	for (size_t i = 0; i < ROWS(tags); i++) {
		expect_int(i, check_tags(queries, tags[i]), -1);
		expect_int(i, queries->error.code, ERROR_BUSY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_get, begin, end),
		cmocka_unit_test_setup_teardown(test_if_match, begin, end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
