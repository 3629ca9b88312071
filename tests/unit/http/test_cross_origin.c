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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_good),
		cmocka_unit_test(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
