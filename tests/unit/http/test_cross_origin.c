#include <stdio.h>

#include "../lib/rows.h"
#include "http/cross_origin.h"

static const struct {
	const char *text;
	bool good;
} origins[] = {
	{ "https://app.example.org", true },
	{ "http://localhost:8080", true },
	{ "https://[::1]:8443", true },
	{ "", false },
	{ "*", false },
	{ "null", false },
	{ "https://", false },
	{ "https://App.example.org", false },
	{ "https://app.example.org/", false },
	{ "https://app.example.org/a", false },
	{ "https://*.example.org", false },
	{ "app.example.org", false },
	{ "ftp://app.example.org", false },
};

static void test_is_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(origins); i++) {
		if (cross_origin_is_good(str_from(origins[i].text)) != origins[i].good)
			fail_msg("%s", origins[i].text);
	}
}

/* Whatever header the program reads, pages may send, or there is a reason why not. */
static void test_headers(void **state)
{
	static const char *const others[] = {
		"HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", /* need no permission */
		"HTTP_ACCESS_CONTROL_REQUEST_METHOD", "HTTP_COOKIE", "HTTP_HOST", "HTTP_ORIGIN",
		"HTTP_SEC_FETCH_SITE", "HTTP_USER_AGENT", /* are the browser's own */
		"HTTP_X_CSRF_TOKEN",                      /* goes with a cookie */
	};
	struct settings settings = { .cors_origins = "https://a.example" };
	struct request request = { .method = METHOD_OPTIONS,
		.origin = STR("https://a.example"),
		.asked_method = STR("PUT") };
	struct response response = { 0 };
	const char *name;

	(void)state;
	cross_origin_write(&response, &settings, &request, STR("GET, PUT"));
	for (unsigned i = 0; (name = request_variable_name(i)) != NULL; i++) {
		char header[64];
		bool other = strncmp(name, "HTTP_", 5) != 0;

		for (size_t j = 0; j < ROWS(others); j++)
			other = other || strcmp(name, others[j]) == 0;
		if (other)
			continue;
		snprintf(header, sizeof(header), " %s", name + 5);
		for (char *byte = header; *byte != '\0'; byte++)
			*byte = *byte == '_' ? '-' : *byte;
		if (!str_contains_ignore_case(buf_str(&response.headers), str_from(header)))
			fail_msg("pages may not send%s", header);
	}
	response_free(&response);
}

/* Pages may read each header that an answer has, but for those that are for the browser. */
static void test_exposed(void **state)
{
	const struct settings settings = { .cors_origins = "https://a.example" };
	const struct request request = { .method = METHOD_GET, .origin = STR("https://a.example") };
	struct response response = { 0 };

	(void)state;
	response_header(&response, "Hello-Interval", STR("30: no, 31"));
	response_speak(&response);
	response_header(&response, "Set-Cookie", STR("a=b"));
	response_header(&response, "Of-Tomorrow", STR("x"));
	cross_origin_write(&response, &settings, &request, STR(""));
	assert_true(str_ends_with(buf_str(&response.headers),
	    STR("Access-Control-Expose-Headers: X-Request-Id, Hello-Interval, Content-Language, "
		"Of-Tomorrow\r\n")));
	response_free(&response);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_good),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_exposed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
