/*
 * Bulks of a family whose envelope takes one payload: results and numbers stand in an object of
 * their own. tests/blackbox/test_bulk.py has those that stand beside each other.
 */
#include "../lib/queries.h"
#include "../lib/server.h"
#include "codec/reader.h"
#include "op/bulk.h"

static struct resource item; /* with a unique code */
static struct record record = { .resource = &item };

static const struct unique_key uniques[] = {
	{ .index = "item_code", .member = "code", .alone = true },
};

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE, "ALTER TABLE item ADD UNIQUE KEY item_code (code)");
	item = catalogue_item;
	item.uniques = uniques;
	item.unique_count = COUNT_OF(uniques);
	return result;
}

/* The answer's body; NULL with the error in queries->error. */
static const char *send(struct queries *queries, const char *query, const char *body)
{
	const struct limits limits = {
		.body_bytes = 1 << 20, .body_values = 10000, .body_depth = 8
	};

	queries_prepare(queries, &item, NULL, NULL);
	queries->request.method = METHOD_POST;
	queries->route = (struct route){ .method = METHOD_POST,
		.path = "/catalogue/bulk",
		.shape = SHAPE_BULK,
		.resource = &item,
		.record = &record,
		.body = &item,
		.answer_type = "BulkAnswer",
		.flags = ROUTE_BODY_LIST,
		PARAMETERS(op_bulk_parameters) };
	assert_int_equal(json_read(queries->arena, &limits, str_from(body),
			     &queries->operation.body, &queries->error),
	    0);
	return queries_run(queries, query);
}

static const char *stored(void)
{
	return server_value(
	    QUERIES_DATABASE, "SELECT IFNULL(GROUP_CONCAT(code ORDER BY id), '') FROM item");
}

static void test_wrapped(void **state)
{
	struct queries *queries = *state;

	assert_string_equal(send(queries, "", "[{\"code\":\"a\",\"stock\":1},{\"code\":\"b\"}]"),
	    "{\"rows\":{\"results\":["
	    "{\"index\":0,\"status\":201,\"row\":{\"id\":1,\"code\":\"a\"}},"
	    "{\"index\":1,\"status\":201,\"row\":{\"id\":2,\"code\":\"b\"}}],"
	    "\"rowsFailed\":0,\"rowsStored\":2}}");
	assert_int_equal(queries->response.status, 201);
	/* Numbers of rows that were undone are not given again. */
	assert_string_equal(
	    send(queries, "mode=each", "[{\"code\":\"c\"},{\"stock\":1},{\"code\":\"a\"}]"),
	    "{\"rows\":{\"results\":["
	    "{\"index\":0,\"status\":201,\"row\":{\"id\":5,\"code\":\"c\"}},"
	    "{\"index\":1,\"status\":400,\"message\":\"The request is invalid.\","
	    "\"errors\":{\"[1].code\":[\"The code field is required.\"]}},"
	    "{\"index\":2,\"status\":409,\"message\":\"The code is already in use.\","
	    "\"errors\":{\"[2].code\":[\"The code is already in use.\"]}}],"
	    "\"rowsFailed\":2,\"rowsStored\":1}}");
	assert_int_equal(queries->response.status, 207);
	assert_string_equal(stored(), "a,b,c");
}

/* Nothing of an answer that was begun stays where it becomes an error. */
static void test_refused(void **state)
{
	struct queries *queries = *state;

	assert_null(send(queries, "", "[{\"code\":\"a\"},{\"code\":\"a\"},{\"code\":\"b\"}]"));
	assert_int_equal(queries->error.code, ERROR_CONFLICT);
	assert_string_equal(queries->error.faults->path, "[1].code");
	assert_null(queries->error.faults->next);
	assert_string_equal(stored(), "");

	envelope_error(&queries->response, &queries->operation.answer, &queries->error);
	assert_string_equal(queries->response.body.data,
	    "{\"message\":\"1 of 3 rows cannot be stored, so none was.\","
	    "\"errors\":{\"[1].code\":[\"The code is already in use.\"]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_wrapped, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_refused, begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
