#include "../lib/rows.h"
#include "http/response.h"

static struct response response;
static struct request request = { .method = METHOD_GET, .id = "id-1" };

static void test_status(void **state)
{
	static const struct {
		enum error_code code;
		int status;
	} rows[] = {
		{ ERROR_NONE, 200 },
		{ ERROR_MALFORMED, 400 },
		{ ERROR_INVALID, 400 },
		{ ERROR_UNAUTHENTICATED, 401 },
		{ ERROR_FORBIDDEN, 403 },
		{ ERROR_NO_ROUTE, 404 },
		{ ERROR_NOT_FOUND, 404 },
		{ ERROR_METHOD, 405 },
		{ ERROR_CONFLICT, 409 },
		{ ERROR_IN_USE, 409 },
		{ ERROR_STALE, 412 },
		{ ERROR_TOO_LARGE, 413 },
		{ ERROR_URI_TOO_LONG, 414 },
		{ ERROR_MEDIA_TYPE, 415 },
		{ ERROR_MISMATCH, 422 },
		{ ERROR_TOO_MANY, 429 },
		{ ERROR_INTERNAL, 500 },
		{ ERROR_BUSY, 503 },
		{ ERROR_UNAVAILABLE, 503 },
		{ ERROR_OUTCOME_UNKNOWN, 503 },
	};

	(void)state;
	assert_int_equal(ROWS(rows), ERROR__MAX);
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, response_status(rows[i].code), rows[i].status);
}

static void test_header(void **state)
{
	(void)state;
	response_reset(&response);
	response_header(&response, "Location", STR("/a\r\nX: y\x7F\t"));
	assert_string_equal(response.headers.data, "Location: /aX: y\r\n");
	response_reset(&response);
	assert_int_equal(response.headers.length, 0);
	assert_int_equal(response.status, 0);
}

static void test_go_back(void **state)
{
	struct response_mark mark;

	(void)state;
	response_reset(&response);
	mark = response_mark(&response);
	response_go_back(&response, &mark); /* there is nothing yet */
	response_header(&response, "A", STR("b"));
	buf_append_text(&response.body, "{");
	mark = response_mark(&response);
	response.status = 201;
	response.has_body = true;
	response.content_type = "text/plain";
	response_header(&response, "Location", STR("/x"));
	buf_append_text(&response.body, "}");
	response_go_back(&response, &mark);
	assert_int_equal(response.status, 0);
	assert_false(response.has_body);
	assert_null(response.content_type);
	expect_str(0, buf_str(&response.headers), "A: b\r\n");
	expect_str(1, buf_str(&response.body), "{");
	assert_int_equal(response.body.data[1], '\0');
}

#define ALWAYS "Vary: Accept\r\nCache-Control: no-store\r\nX-Request-Id: id-1\r\n"

static void test_print(void **state)
{
	static const struct {
		int status;
		bool has_body;
		enum method method;
		const char *content_type;
		const char *expected;
	} rows[] = {
		{ 200, true, METHOD_GET, NULL,
		    "Status: 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
		    "Content-Length: 2\r\n" ALWAYS "A: b\r\n\r\n{}" },
		{ 200, true, METHOD_HEAD, NULL,
		    "Status: 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
		    "Content-Length: 2\r\n" ALWAYS "A: b\r\n\r\n" },
		{ 201, true, METHOD_POST, "text/plain",
		    "Status: 201 Created\r\nContent-Type: text/plain\r\nContent-Length: "
		    "2\r\n" ALWAYS "A: b\r\n\r\n{}" },
		{ 204, true, METHOD_DELETE, NULL,
		    "Status: 204 No Content\r\n" ALWAYS "A: b\r\n\r\n" },
		{ 304, true, METHOD_GET, NULL,
		    "Status: 304 Not Modified\r\n" ALWAYS "A: b\r\n\r\n" },
		{ 204, false, METHOD_OPTIONS, NULL,
		    "Status: 204 No Content\r\n" ALWAYS "A: b\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf out = { 0 };

		response_reset(&response);
		response.status = rows[i].status;
		response.has_body = rows[i].has_body;
		response.media_type = "application/json";
		response.content_type = rows[i].content_type;
		buf_append_text(&response.body, "{}");
		response_header(&response, "A", STR("b"));
		request.method = rows[i].method;
		response_print(&response, &request, &out);
		expect_str(i, buf_str(&out), rows[i].expected);
		buf_free(&out);
	}
}

/* What a web server was sent in parts; it goes after some of them. */
struct web_server {
	struct buf got;
	unsigned parts, most;
};

static void begin_parts(void *context)
{
	(void)context;
	response_header(&response, "Last", STR("moment"));
}

static bool send_part(void *context, struct str part)
{
	struct web_server *server = context;

	buf_append_str(&server->got, part);
	return ++server->parts <= server->most;
}

/* A body of `length` bytes, more than is held where `pieces` > 1. */
static void print_in_pieces(
    struct web_server *server, enum method method, unsigned pieces, struct buf *rest)
{
	const struct response_sink sink = {
		.begin = begin_parts, .send = send_part, .context = server
	};

	response_reset(&response);
	response.status = 200;
	response.has_body = true;
	response.media_type = "application/json";
	response.sink = &sink;
	request.method = method;
	for (unsigned i = 0; i < pieces; i++) {
		for (unsigned j = 0; j < 20000; j++)
			buf_append_text(&response.body, "0123456789");
		if (i + 1 < pieces && !response_flush(&response, &request))
			break;
	}
	response_print(&response, &request, rest);
	response.sink = NULL;
}

static void test_parts(void **state)
{
	static const char head[] = "Status: 200 OK\r\nContent-Type: application/json; "
				   "charset=utf-8\r\n" ALWAYS "Last: moment\r\n\r\n";
	static const struct {
		enum method method;
		unsigned pieces, most, parts;
		size_t got, rest;
	} rows[] = {
		{ METHOD_GET, 1, 9, 0, 0, 200000 },      /* whole, with its head */
		{ METHOD_GET, 3, 9, 3, 400000, 200000 }, /* head and two parts, then the rest */
		{ METHOD_HEAD, 3, 9, 1, 0, 0 },          /* only the head, at once */
		{ METHOD_GET, 3, 2, 3, 400000, 0 },      /* gone after the first part */
		{ METHOD_GET, 3, 0, 1, 0, 0 },           /* gone at once */
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct web_server server = { .most = rows[i].most };
		struct buf rest = { 0 };

		print_in_pieces(&server, rows[i].method, rows[i].pieces, &rest);
		assert_int_equal(server.parts, rows[i].parts);
		assert_int_equal(response.broken, rows[i].parts > rows[i].most);
		assert_int_equal(response.sent, server.got.length);
		if (server.parts > 0) {
			assert_true(str_starts_with(buf_str(&server.got), str_from(head)));
			assert_int_equal(server.got.length, strlen(head) + rows[i].got);
			assert_int_equal(rest.length, rows[i].rest);
		} else {
			assert_true(rest.length > rows[i].rest);
			assert_non_null(strstr(rest.data, "Content-Length: 200000\r\n"));
		}
		buf_free(&server.got);
		buf_free(&rest);
	}
}

/* A body goes to a sink of bodies, as a whole where it is taken, and without a head. */
static void test_body_only(void **state)
{
	static const struct {
		unsigned pieces, most;
		bool finished;
		size_t got;
	} rows[] = {
		{ 1, 9, true, 200000 },
		{ 3, 9, true, 600000 },
		{ 3, 1, false, 400000 },
		{ 3, 0, false, 200000 },
		{ 1, 0, false, 200000 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct web_server server = { .most = rows[i].most };
		const struct response_sink sink = { .begin = begin_parts,
			.send = send_part,
			.context = &server,
			.body_only = true };

		response_reset(&response);
		response.sink = &sink;
		request.method = METHOD_GET;
		for (unsigned j = 0; j < rows[i].pieces; j++) {
			for (unsigned k = 0; k < 20000; k++)
				buf_append_text(&response.body, "0123456789");
			if (j + 1 < rows[i].pieces && !response_flush(&response, &request))
				break;
		}
		assert_int_equal(response_finish(&response), rows[i].finished);
		expect_int(i, (int64_t)server.got.length, (int64_t)rows[i].got);
		assert_true(str_starts_with(buf_str(&server.got), STR("0123456789")));
		assert_int_equal(response.headers.length, 0);
		response.sink = NULL;
		buf_free(&server.got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_go_back),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_body_only),
	};
	int result = cmocka_run_group_tests(tests, NULL, NULL);

	response_free(&response);
	return result;
}
