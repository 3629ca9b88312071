#include <stdlib.h>

#include "../lib/rows.h"
#include "http/request.h"

#define BODY_LIMIT 40000
#define VARIABLES_MAX 16

static struct arena *arena;
static struct error error;
static struct request request;
static struct buf body;
static struct settings settings;

/* A body that arrives in pieces. */
struct source {
	size_t left, piece, taken;
	bool breaks; /* fails after the last byte instead of ending */
};

static ssize_t read_source(void *context, char *out, size_t size)
{
	struct source *source = context;
	size_t count = size < source->piece ? size : source->piece;

	if (source->left < count)
		count = source->left;
	if (count == 0)
		return source->breaks ? -1 : 0;
	for (size_t i = 0; i < count; i++)
		out[i] = (char)('a' + (source->taken + i) % 26);
	source->left -= count;
	source->taken += count;
	return (ssize_t)count;
}

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 1 << 20);
	error_init(&error, arena);
	settings = (struct settings){ .base_path = "",
		.limits = { .body_bytes = BODY_LIMIT, .query_bytes = 50 } };
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	buf_free(&body);
	return 0;
}

/* Reads a request; `variables` ends with NULL. */
static int read_with(const char *const *variables, struct source *source)
{
	char *environment[VARIABLES_MAX + 1] = { NULL };
	struct exchange_input input = { .environment = environment,
		.read_body = source != NULL ? read_source : NULL,
		.context = source };

	buf_reset(&body, 1 << 20);
	for (unsigned i = 0; i < VARIABLES_MAX && variables[i] != NULL; i++)
		environment[i] = arena_copy(arena, variables[i], strlen(variables[i]));
	return request_read(&request, arena, &settings, &input, &body, &error);
}

#define READ(...) read_with((const char *const[]){ __VA_ARGS__, NULL }, NULL)

static const struct {
	const char *base, *script, *path, *uri;
	const char *segments; /* each in brackets; NULL = no valid path */
} paths[] = {
	/* As nginx hands paths over. */
	{ "", "/v1/a", "", "/v1/a", "[v1][a]" },
	{ "", "", "/v1/a", "/v1/a?x=/y", "[v1][a]" },
	{ "", "/v1", "/a", "/v1/a", "[v1][a]" },
	{ "", "", "/", "/", "" },
	{ "", "", "/a/", "/a/", "[a]" },
	{ "", "", "/a//", "/a//", NULL },
	{ "", "", "//a", "//a", NULL },
	{ "", "", "/a//b", "/a//b", NULL },
	{ "", "", "//", "//", NULL },
	/* The raw path tells what the decoded one hides. */
	{ "", "", "/a/b/c", "/a/b%2Fc", "[a][b/c]" },
	{ "", "", "/a/b/c/", "/a/b%2fc/", "[a][b/c]" },
	{ "", "", "/a b", "/a%20b", "[a b]" },
	{ "", "", "/a+b", "/a+b", "[a+b]" },
	{ "", "", "/a5", "/a%35", "[a5]" },
	{ "", "", "/a%2Fb", "/a%252Fb", "[a%2Fb]" },
	{ "", "", "/a%zz", "/a%zz", "[a%zz]" },
	{ "", "", "/a/b", "/a%2Fb", "[a/b]" },
	{ "", "", "/\xC3\xA9", "/%C3%A9", "[\xC3\xA9]" },
	{ "", "", "/a?b", "/a%3Fb", "[a?b]" },
	{ "", "", "/a/..", "/a/..", "[a][..]" },
	/* The raw one does not end in the path, or is not there: the path itself counts. */
	{ "", "", "/a/b", "/other", "[a][b]" },
	{ "", "", "/a/b", "/a//b", "[a][b]" }, /* a web server that merges slashes */
	{ "", "", "/a/b", "", "[a][b]" },
	{ "", "", "/a%41", "", "[a%41]" },
	{ "", "", "", "/a/b%2Fc", "[a][b/c]" },
	{ "", "", "", "", NULL },
	/* Absolute form. */
	{ "", "", "/a/b", "http://host/a/b?c", "[a][b]" },
	{ "", "", "/a/b c", "https://host:8080/a/b%20c", "[a][b c]" },
	{ "", "", "", "http://host/a", "[a]" },
	{ "", "", "", "http://host", NULL },
	{ "", "", "", "*", NULL },
	/* Base prefix. */
	{ "/registry", "/registry", "/a", "/registry/a", "[a]" },
	{ "/registry", "", "/registry/a", "/registry/a", "[a]" },
	{ "/registry/", "", "/Registry/a%2Fb", "/Registry/a%252Fb", "[a%2Fb]" },
	{ "/registry", "", "/registry/a/b", "/registry/a%2Fb", "[a/b]" },
	{ "/registry", "", "/registry/", "/registry/", "" },
	{ "/registry", "", "/registrya", "/registrya", "[registrya]" },
	{ "/registry", "", "/a", "/a", "[a]" },
	{ "/registry", "", "/a", "/outer/a", "[a]" },
	{ "/", "", "/a", "/a", "[a]" },
	/* The metadata of an issuer with a path. */
	{ "/registry", "", "/.well-known/name/registry", "/.well-known/name/registry",
	    "[.well-known][name]" },
	{ "/registry/", "/.well-known", "/Name/Registry/", "/.well-known/Name/Registry/",
	    "[.well-known][Name]" },
	{ "/a/b", "", "/.well-known/name/a/b", "/.well-known/name/a/b", "[.well-known][name]" },
	{ "/a/b", "", "/.well-known/name/a", "/.well-known/name/a", "[.well-known][name][a]" },
	{ "/registry", "", "/registry/.well-known/name", "/registry/.well-known/name",
	    "[.well-known][name]" },
	{ "", "", "/.well-known/name/", "/.well-known/name/", "[.well-known][name]" },
	{ "", "", "/.well-known/name/registry", "/.well-known/name/registry",
	    "[.well-known][name][registry]" },
	{ "/registry", "", "/.well-known", "/.well-known", "[.well-known]" },
	{ "/registry", "", "/.well-known/registry", "/.well-known/registry",
	    "[.well-known][registry]" },
	/* Bytes that no path has. */
	{ "", "", "/a\x01", "/a%01", NULL },
	{ "", "", "", "/a%00b", NULL },
	{ "", "", "/a\n", "/a%0A", NULL },
	{ "", "", "/a\x7F", "/a%7F", NULL },
	{ "", "", "/a\xFF", "/a%FF", NULL },
	{ "", "", "/\xC0\xAF", "/%C0%AF", NULL },
	{ "", "", "/\xED\xA0\x80", "/%ED%A0%80", NULL },
	{ "", "", "a/b", "a/b", NULL },
	/* Segments have a number that they may not pass. */
	{ "", "", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "",
	    "[1][2][3][4][5][6][7][8][9][10][11][12][13][14][15][16]" },
	{ "", "", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/", "",
	    "[1][2][3][4][5][6][7][8][9][10][11][12][13][14][15][16]" },
	{ "", "", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "", NULL },
};

static void test_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(paths); i++) {
		struct buf segments = { 0 };

		arena_reset(arena);
		settings.base_path = paths[i].base;
		expect_int(i,
		    READ(arena_printf(arena, "SCRIPT_NAME=%s", paths[i].script),
			arena_printf(arena, "PATH_INFO=%s", paths[i].path),
			arena_printf(arena, "REQUEST_URI=%s", paths[i].uri)),
		    0);
		expect_int(i, request.path_valid, paths[i].segments != NULL);
		assert_non_null(request.path);
		if (paths[i].segments == NULL)
			continue;
		buf_append_text(&segments, "");
		for (unsigned j = 0; j < request.segment_count; j++)
			buf_printf(
			    &segments, "[" STR_FORMAT "]", STR_ARGUMENTS(request.segments[j]));
		expect_str(i, buf_str(&segments), paths[i].segments);
		buf_free(&segments);
	}
}

static void test_method(void **state)
{
	static const struct {
		const char *sent;
		enum method method;
		const char *name;
	} rows[] = {
		{ "REQUEST_METHOD=GET", METHOD_GET, "GET" },
		{ "REQUEST_METHOD=get", METHOD_GET, "get" },
		{ "REQUEST_METHOD=HEAD", METHOD_HEAD, "HEAD" },
		{ "REQUEST_METHOD=POST", METHOD_POST, "POST" },
		{ "REQUEST_METHOD=PUT", METHOD_PUT, "PUT" },
		{ "REQUEST_METHOD=DELETE", METHOD_DELETE, "DELETE" },
		{ "REQUEST_METHOD=OPTIONS", METHOD_OPTIONS, "OPTIONS" },
		{ "REQUEST_METHOD=PATCH", METHOD_PATCH, "PATCH" },
		{ "REQUEST_METHOD=?", METHOD_OTHER, "?" },
		{ "REQUEST_METHOD=", METHOD_OTHER, "" },
		{ "REQUEST_METHOD=ABCDEFGHIJKLMNOPQRSTUVWXYZ", METHOD_OTHER, "ABCDEFGHIJKLMNOP" },
		{ "X=Y", METHOD_OTHER, "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		expect_int(i, READ(rows[i].sent), 0);
		expect_int(i, request.method, rows[i].method);
		expect_str(i, str_from(request.method_name), rows[i].name);
	}
	assert_string_equal(request_method_name(METHOD_DELETE), "DELETE");
}

static void test_variables(void **state)
{
	(void)state;
	assert_int_equal(READ("CONTENT_TYPE=text/xml", "HTTP_ACCEPT=a/b", "HTTP_ACCEPT=c/d",
			     "HTTP_X_REQUESTED_WITH=x", "HTTP_AUTHORIZATION=Bearer t",
			     "HTTP_X_API_KEY=k", "HTTP_IF_MATCH=\"m\"", "HTTP_IF_NONE_MATCH=*",
			     "HTTP_IDEMPOTENCY_KEY=i=j", "HTTP_HOST=h:1", "HTTPS=On",
			     "QUERY_STRING=a=b&c", "REMOTE_ADDR=::1", "SERVER_NAME=s", "BROKEN"),
	    0);
	expect_str(0, request.content_type, "text/xml");
	expect_str(1, request.accept, "a/b");
	expect_str(2, request.requested_with, "x");
	expect_str(3, request.authorization, "Bearer t");
	expect_str(4, request.api_key, "k");
	expect_str(5, request.if_match, "\"m\"");
	expect_str(6, request.if_none_match, "*");
	expect_str(7, request.idempotency_key, "i=j");
	expect_str(8, request.host, "h:1");
	expect_str(9, request.query, "a=b&c");
	expect_str(10, request.remote_address, "::1");
	assert_true(request.https);
	assert_int_equal(READ("SERVER_NAME=s"), 0);
	expect_str(11, request.host, "s");
	assert_false(request.https);
	assert_int_equal(request.body.length, 0);
	assert_false(request.body_broken);
}

static void test_id(void **state)
{
	static const struct {
		const char *sent;
		bool taken;
	} rows[] = {
		{ "a", true },
		{ "AZaz09._-", true },
		{ "1234567890123456789012345678901234567890123456789012345678901234", true },
		{ "12345678901234567890123456789012345678901234567890123456789012345", false },
		{ "", false },
		{ "a b", false },
		{ "a\"b", false },
		{ "a\nb", false },
		{ "\xC3\xA9", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_int_equal(
		    READ(arena_printf(arena, "HTTP_X_REQUEST_ID=%s", rows[i].sent)), 0);
		expect_int(i, strcmp(request.id, rows[i].sent) == 0, rows[i].taken);
		assert_in_range(strlen(request.id), 1, REQUEST_ID_MAX);
	}
	assert_int_equal(READ("X=Y"), 0);
	assert_int_equal(strlen(request.id), 24);
}

static void test_query_limit(void **state)
{
	(void)state;
	assert_int_equal(READ(arena_printf(arena, "QUERY_STRING=%050d", 0)), 0);
	assert_int_equal(READ(arena_printf(arena, "QUERY_STRING=%051d", 0), "REQUEST_METHOD=GET",
			     "PATH_INFO=/a"),
	    -1);
	assert_int_equal(error.code, ERROR_URI_TOO_LONG);
	assert_string_equal(error.message, "The query string is longer than 50 bytes.");
	/* Enough was read for an answer. */
	assert_int_equal(request.method, METHOD_GET);
	assert_int_equal(request.segment_count, 1);
}

static void test_body(void **state)
{
	static const struct {
		struct source source;
		const char *announced;
		size_t length; /* kept; of bodies that are not too large */
		bool too_large, broken;
	} rows[] = {
		{ { 0, 100, 0, false }, "", 0, false, false },
		{ { 0, 100, 0, false }, "0", 0, false, false },
		{ { 5, 100, 0, false }, "5", 5, false, false },
		{ { 5, 1, 0, false }, "", 5, false, false },
		{ { BODY_LIMIT, 7000, 0, false }, "40000", BODY_LIMIT, false, false },
		{ { BODY_LIMIT, 1 << 20, 0, false }, "", BODY_LIMIT, false, false },
		{ { BODY_LIMIT + 1, 7000, 0, false }, "40001", 0, true, false },
		{ { BODY_LIMIT + 1, 7000, 0, false }, "", 0, true, false },
		{ { 10 * BODY_LIMIT, 7000, 0, false }, "400000", 0, true, false },
		{ { 5, 100, 0, false }, "99999999999999999999999", 5, false, false },
		{ { 5, 100, 0, false }, "10", 5, false, true },
		{ { 5, 100, 0, true }, "10", 5, false, true },
		{ { 5, 100, 0, true }, "", 5, false, true },
		{ { 0, 100, 0, false }, "10", 0, false, true },
		{ { 5, 100, 0, false }, "x", 5, false, false },
		{ { 5, 100, 0, false }, "-1", 5, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct source source = rows[i].source;
		const char *variables[] = {
			arena_printf(arena, "CONTENT_LENGTH=%s", rows[i].announced), NULL
		};

		expect_int(i, read_with(variables, &source), 0);
		/* Read to the end, whatever becomes of it. */
		expect_int(i, (int64_t)source.left, 0);
		expect_int(i, request.body_too_large, rows[i].too_large);
		expect_int(i, request.body_broken, rows[i].broken);
		assert_true(request.body.length <= BODY_LIMIT);
		if (rows[i].too_large)
			continue;
		expect_int(i, (int64_t)request.body.length, (int64_t)rows[i].length);
		for (size_t j = 0; j < request.body.length; j++)
			expect_int(i, request.body.data[j], 'a' + (int)(j % 26));
		if (request.body.length > 0)
			expect_int(i, request.body.data[request.body.length], '\0');
	}
}

static void test_nothing(void **state)
{
	static const struct exchange_input none = { 0 };

	(void)state;
	assert_int_equal(request_read(&request, arena, &settings, &none, &body, &error), 0);
	assert_int_equal(request.method, METHOD_OTHER);
	assert_false(request.path_valid);
	assert_string_equal(request.path, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_path, begin, end),
		cmocka_unit_test_setup_teardown(test_method, begin, end),
		cmocka_unit_test_setup_teardown(test_variables, begin, end),
		cmocka_unit_test_setup_teardown(test_id, begin, end),
		cmocka_unit_test_setup_teardown(test_query_limit, begin, end),
		cmocka_unit_test_setup_teardown(test_body, begin, end),
		cmocka_unit_test_setup_teardown(test_nothing, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
