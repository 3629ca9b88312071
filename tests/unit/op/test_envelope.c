#include "../lib/rows.h"
#include "op/envelope.h"

static struct arena *arena;
static struct error error;
static struct response response;

static const struct route route = { .body_name = "dto" };
static const struct route plain_route = { .path = "/x" };
static const struct contract capitals = { .family = { .name = "capitals",
					      .xml_style = XML_DATA_CONTRACT,
					      .xml_pascal_case = true,
					      .error = { .xml_root = "Error",
						  .message = "Message",
						  .faults = "ModelState",
						  .fault_prefix = true } } };
static const struct contract camel = { .family = { .name = "camel",
					   .xml_style = XML_DATA_CONTRACT,
					   .xml_pascal_case = true,
					   .error = { .xml_root = "Error",
					       .message = "message",
					       .faults = "modelState",
					       .fault_prefix = true } } };
static const struct contract bare = {
	.family = { .name = "bare",
	    .xml_style = XML_SERIALIZER,
	    .error = { .xml_root = "Error", .message = "message", .faults = "errors" } }
};

static struct request request = { .method = METHOD_GET, .id = "id-1" };
static struct answer answer;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 1 << 20);
	error_init(&error, arena);
	request.method = METHOD_GET;
	answer = (struct answer){ .media = { MEDIA_JSON, "application/json" },
		.contract = &capitals,
		.route = &route,
		.request = &request,
		.arena = arena };
	return 0;
}

static int end(void **state)
{
	(void)state;
	response_free(&response);
	arena_free(arena);
	return 0;
}

static void expect_error(size_t row, const struct contract *contract, const struct route *of,
    const char *json, const char *xml)
{
	answer.contract = contract;
	answer.route = of;
	answer.media = (struct media){ MEDIA_JSON, "application/json" };
	envelope_error(&response, &answer, &error);
	expect_str(row, buf_str(&response.body), json);
	answer.media = (struct media){ MEDIA_XML, "application/xml" };
	envelope_error(&response, &answer, &error);
	expect_str(row, buf_str(&response.body), xml);
	assert_true(response.has_body);
}

static void test_messages(void **state)
{
	(void)state;
	error.code = ERROR_NOT_FOUND;
	expect_error(0, &capitals, &route, "{\"Message\":\"The item was not found.\"}",
	    "<Error><Message>The item was not found.</Message></Error>");
	expect_error(1, &bare, NULL, "{\"message\":\"The item was not found.\"}",
	    "<Error><message>The item was not found.</message></Error>");
	error_set(&error, ERROR_CONFLICT, "Taken: <%s>.", "a");
	expect_error(2, &camel, &route, "{\"message\":\"Taken: <a>.\"}",
	    "<Error><Message>Taken: &lt;a&gt;.</Message></Error>");
	assert_int_equal(response.status, 409);
	/* What only the log may see stays there. */
	error_clear(&error);
	error_set_detail(&error, ERROR_INTERNAL, "secret");
	expect_error(3, &bare, NULL, "{\"message\":\"An error has occurred.\"}",
	    "<Error><message>An error has occurred.</message></Error>");
}

static void test_faults(void **state)
{
	(void)state;
	error_add_fault(&error, "ClientCode", "The ClientCode field is required.");
	expect_error(0, &capitals, &route,
	    "{\"Message\":\"The request is invalid.\",\"ModelState\":{\"dto.ClientCode\":"
	    "[\"The ClientCode field is required.\"]}}",
	    "<Error><Message>The request is invalid.</Message><ModelState><dto.ClientCode>"
	    "The ClientCode field is required.</dto.ClientCode></ModelState></Error>");
	expect_error(1, &capitals, &plain_route,
	    "{\"Message\":\"The request is invalid.\",\"ModelState\":{\"ClientCode\":"
	    "[\"The ClientCode field is required.\"]}}",
	    "<Error><Message>The request is invalid.</Message><ModelState><ClientCode>"
	    "The ClientCode field is required.</ClientCode></ModelState></Error>");
	/* Several of one member stand together, in the order of the first. */
	error_add_fault(&error, "Nums[0]", "A.");
	error_add_fault(&error, "ClientCode", "B & C.");
	error_add_fault(&error, "", "Whole.");
	expect_error(2, &camel, &route,
	    "{\"message\":\"The request is invalid.\",\"modelState\":{\"dto.ClientCode\":"
	    "[\"The ClientCode field is required.\",\"B & C.\"],\"dto.Nums[0]\":[\"A.\"],"
	    "\"dto\":[\"Whole.\"]}}",
	    "<Error><Message>The request is invalid.</Message><ModelState><dto.ClientCode>"
	    "The ClientCode field is required. B &amp; C.</dto.ClientCode>"
	    "<dto.Nums_x005B_0_x005D_>A.</dto.Nums_x005B_0_x005D_><dto>Whole.</dto></ModelState></"
	    "Error>");
	expect_error(3, &bare, &route,
	    "{\"message\":\"The request is invalid.\",\"errors\":{\"ClientCode\":"
	    "[\"The ClientCode field is required.\",\"B & C.\"],\"Nums[0]\":[\"A.\"],"
	    "\"body\":[\"Whole.\"]}}",
	    "<Error><message>The request is invalid.</message><errors><ClientCode>"
	    "The ClientCode field is required. B &amp; C.</ClientCode>"
	    "<Nums_x005B_0_x005D_>A.</Nums_x005B_0_x005D_><body>Whole.</body></errors></Error>");
}

/* A list's items keep the name before the bracket; callers' own names become good elements. */
static void test_keys(void **state)
{
	static const struct {
		const char *path, *prefixed, *element;
	} rows[] = {
		{ "[1].Port", "dto[1].Port", "dto_x005B_1_x005D_.Port" },
		{ "1a", "dto.1a", "dto.1a" },
		{ "a b", "dto.a b", "dto.a_x0020_b" },
		{ "a:b", "dto.a:b", "dto.a_x003A_b" },
		{ "<", "dto.<", "dto._x003C_" },
		{ "\xC3\x97", "dto.\xC3\x97", "dto._x00D7_" },
		{ "\xE2\x82\xAC", "dto.\xE2\x82\xAC", "dto._x20AC_" },
		{ "\xF0\x9F\x98\x80", "dto.\xF0\x9F\x98\x80", "dto._x0001F600_" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		error_init(&error, arena);
		error_add_fault(&error, rows[i].path, "X.");
		expect_error(i, &capitals, &route,
		    arena_printf(arena,
			"{\"Message\":\"The request is "
			"invalid.\",\"ModelState\":{\"%s\":[\"X.\"]}}",
			rows[i].prefixed),
		    arena_printf(arena,
			"<Error><Message>The request is invalid.</Message><ModelState><%s>X.</%s>"
			"</ModelState></Error>",
			rows[i].element, rows[i].element));
	}
	error_init(&error, arena);
	error_add_fault(&error, "1-a", "X.");
	expect_error(9, &bare, NULL,
	    "{\"message\":\"The request is invalid.\",\"errors\":{\"1-a\":[\"X.\"]}}",
	    "<Error><message>The request is "
	    "invalid.</message><errors><_x0031_-a>X.</_x0031_-a></errors>"
	    "</Error>");
}

/* A body that cannot be read is a fault of the body. */
static void test_malformed(void **state)
{
	(void)state;
	error_set(&error, ERROR_MALFORMED, "Line 1: no.");
	expect_error(0, &capitals, &route,
	    "{\"Message\":\"The request is invalid.\",\"ModelState\":{\"dto\":[\"Line 1: no.\"]}}",
	    "<Error><Message>The request is invalid.</Message><ModelState><dto>Line 1: no.</dto>"
	    "</ModelState></Error>");
	assert_int_equal(response.status, 400);
	expect_error(1, &bare, &route,
	    "{\"message\":\"The request is invalid.\",\"errors\":{\"body\":[\"Line 1: no.\"]}}",
	    "<Error><message>The request is invalid.</message><errors><body>Line 1: "
	    "no.</body></errors>"
	    "</Error>");
}

#define LANGUAGE_HEADERS "Content-Language: en\r\nVary: Accept-Language\r\n"

static void test_error_headers(void **state)
{
	(void)state;
	error.code = ERROR_UNAUTHENTICATED;
	envelope_error(&response, &answer, &error);
	assert_non_null(strstr(response.headers.data, "WWW-Authenticate: Bearer"));
	error.code = ERROR_UNAVAILABLE;
	envelope_error(&response, &answer, &error);
	assert_non_null(strstr(response.headers.data, "Retry-After: "));
	assert_null(strstr(response.headers.data, "WWW-Authenticate"));
	error.code = ERROR_OUTCOME_UNKNOWN;
	envelope_error(&response, &answer, &error);
	assert_string_equal(response.headers.data, "Outcome: unknown\r\n" LANGUAGE_HEADERS);
	request.idempotency_key = STR("key");
	envelope_error(&response, &answer, &error);
	assert_non_null(strstr(response.headers.data, "Outcome: unknown\r\n"));
	assert_non_null(strstr(response.headers.data, "Retry-After: "));
	request.idempotency_key = STR("");
	error.code = ERROR_METHOD;
	answer.methods = 1u << METHOD_GET;
	envelope_error(&response, &answer, &error);
	assert_string_equal(
	    response.headers.data, "Allow: GET, HEAD, OPTIONS\r\n" LANGUAGE_HEADERS);
}

static void write_own(struct writer *writer, const struct answer *of, const struct error *what)
{
	(void)of;
	writer_object_begin(writer, "Own");
	writer_integer(writer, "code", what->code);
	writer_object_end(writer);
}

static const char *begin_own(struct writer *writer, const struct answer *of)
{
	writer_object_begin(writer, of->payload_type);
	return "payload";
}

static void end_own(struct writer *writer, const struct answer *of)
{
	(void)of;
	writer_object_end(writer);
}

static void test_envelope(void **state)
{
	static const struct contract own = { .family = { .name = "own" },
		.write_error = write_own,
		.begin_answer = begin_own,
		.end_answer = end_own };
	struct writer writer;
	const char *name;

	(void)state;
	error.code = ERROR_NOT_FOUND;
	expect_error(0, &own, NULL, arena_printf(arena, "{\"code\":%d}", ERROR_NOT_FOUND),
	    arena_printf(arena,
		"<Own xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"><code>%d</code></Own>",
		ERROR_NOT_FOUND));
	response_reset(&response);
	answer.media.format = MEDIA_JSON;
	answer.payload_type = "T";
	name = envelope_begin(&response, &answer, &writer);
	writer_integer(&writer, name, 5);
	envelope_end(&response, &answer, &writer);
	assert_string_equal(response.body.data, "{\"payload\":5}");
	response_reset(&response);
	answer.contract = &bare;
	assert_null(envelope_begin(&response, &answer, &writer));
	envelope_end(&response, &answer, &writer);
	assert_true(response.has_body);
}

/* What a web server was sent in parts; it goes after some of them. */
struct web_server {
	struct buf got;
	unsigned parts, most;
};

static void begin_parts(void *context)
{
	(void)context;
}

static bool send_part(void *context, struct str part)
{
	struct web_server *server = context;

	buf_append_str(&server->got, part);
	return ++server->parts <= server->most;
}

/* What was sent cannot be taken back: nothing of the error is sent behind it. */
static void test_error_behind_parts(void **state)
{
	struct web_server server = { .most = 9 };
	const struct response_sink sink = {
		.begin = begin_parts, .send = send_part, .context = &server
	};
	struct buf rest = { 0 };

	(void)state;
	error_init(&error, arena);
	response_reset(&response);
	response.status = 200;
	response.has_body = true;
	response.media_type = "application/json";
	request.id = "1";
	response.sink = &sink;
	request.method = METHOD_GET;
	for (unsigned j = 0; j < 20000; j++)
		buf_append_text(&response.body, "0123456789");
	assert_true(response_flush(&response, &request));
	error_set(&error, ERROR_UNAVAILABLE, "Gone.");
	envelope_error(&response, &answer, &error);
	response_print(&response, &request, &rest);
	assert_int_equal(rest.length, 0);
	assert_int_equal(response.status, 503);
	assert_true(response.broken);
	response.sink = NULL;
	buf_free(&server.got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_messages, begin, end),
		cmocka_unit_test_setup_teardown(test_faults, begin, end),
		cmocka_unit_test_setup_teardown(test_keys, begin, end),
		cmocka_unit_test_setup_teardown(test_malformed, begin, end),
		cmocka_unit_test_setup_teardown(test_error_headers, begin, end),
		cmocka_unit_test_setup_teardown(test_envelope, begin, end),
		cmocka_unit_test_setup_teardown(test_error_behind_parts, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
