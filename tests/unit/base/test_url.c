#include "../lib/rows.h"
#include "base/url.h"

static const struct {
	struct str text;
	bool good;
} host_rows[] = {
	{ { "example.org", 11 }, true },
	{ { "a", 1 }, true },
	{ { "_", 1 }, true },
	{ { "my_host-1.example.org.:8443", 27 }, true },
	{ { "192.0.2.1:80", 12 }, true },
	{ { "[2001:db8::1]", 13 }, true },
	{ { "[::1]:65535", 11 }, true },
	{ { "", 0 }, false },
	{ { ":80", 3 }, false },
	{ { "a:", 2 }, false },
	{ { "a:0", 3 }, false },
	{ { "a:65536", 7 }, false },
	{ { "a:-1", 4 }, false },
	{ { "a:80:80", 7 }, false },
	{ { "a b", 3 }, false },
	{ { "a/b", 3 }, false },
	{ { "a@b", 3 }, false },
	{ { "a\"b", 3 }, false },
	{ { "a\r\nb", 4 }, false },
	{ { "a\0b", 3 }, false },
	{ { "a?b", 3 }, false },
	{ { "<a>", 3 }, false },
	{ { "\303\244", 2 }, false },
	{ { "[::1", 4 }, false },
	{ { "[]", 2 }, false },
	{ { "[::1]80", 7 }, false },
	{ { "::1", 3 }, false },
};

static void test_hosts(void **state)
{
	char longest[264];

	(void)state;
	for (unsigned i = 0; i < ROWS(host_rows); i++) {
		if (url_host_is_good(host_rows[i].text) != host_rows[i].good)
			fail_msg("row %u", i);
	}
	memset(longest, 'a', sizeof(longest));
	assert_true(url_host_is_good((struct str){ longest, 262 }));
	assert_false(url_host_is_good((struct str){ longest, 263 }));
}

static const struct {
	const char *text;
	const char *path; /* NULL = not good */
} base_rows[] = {
	{ "https://example.org", "" },
	{ "http://127.0.0.1:8080", "" },
	{ "https://example.org/registry", "/registry" },
	{ "https://example.org:8443/a/b-c_d.e~f%20", "/a/b-c_d.e~f%20" },
	{ "https://[::1]/x", "/x" },
	{ "", NULL },
	{ "example.org", NULL },
	{ "//example.org", NULL },
	{ "ftp://example.org", NULL },
	{ "https://", NULL },
	{ "https:///x", NULL },
	{ "https://example.org/", NULL },
	{ "https://example.org/x/", NULL },
	{ "https://example.org/x?y", NULL },
	{ "https://example.org?x", NULL },
	{ "https://example.org/x#y", NULL },
	{ "https://user@example.org", NULL },
	{ "https://example.org/a b", NULL },
	{ "https://example.org/\"", NULL },
	{ "https://example.org//a", NULL },
	{ "https://example.org/a//b", NULL },
	{ "https://example.org/a/../b", NULL },
	{ "https://example.org/.", NULL },
	{ "https://example.org/.a/..b", "/.a/..b" },
};

static void test_bases(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS(base_rows); i++) {
		struct str text = str_from(base_rows[i].text);

		if (url_base_is_good(text) != (base_rows[i].path != NULL))
			fail_msg("row %u", i);
		if (base_rows[i].path != NULL &&
		    !str_equal(url_base_path(text), str_from(base_rows[i].path)))
			fail_msg("row %u: another path", i);
	}
}

static void test_encoded(void **state)
{
	static const struct {
		const char *text, *encoded;
	} rows[] = {
		{ "", "" },
		{ "aZ09-._", "aZ09-._" },
		{ "a b&c=d", "a%20b%26c%3Dd" },
		{ "%~+/?#\"<>", "%25%7E%2B%2F%3F%23%22%3C%3E" },
		{ "\xC3\xA9\n", "%C3%A9%0A" },
	};

	(void)state;
	for (unsigned i = 0; i < ROWS(rows); i++) {
		struct buf out = { 0 };

		buf_append_text(&out, "x");
		url_append_encoded(&out, str_from(rows[i].text));
		expect_str(i, str_slice(buf_str(&out), 1, out.length), rows[i].encoded);
		buf_free(&out);
	}
}

static const struct {
	const char *text;
	const char *host; /* NULL = not good */
} target_rows[] = {
	{ "https://example.org", "example.org" },
	{ "https://example.org/", "example.org" },
	{ "http://127.0.0.1:8080/a/b?c=d&e=%20", "127.0.0.1:8080" },
	{ "https://example.org?a=b/c", "example.org" },
	{ "https://[::1]:8443/a", "[::1]:8443" },
	{ "https://example.org/a/../b/", "example.org" },
	{ "", NULL },
	{ "example.org/a", NULL },
	{ "HTTPS://example.org", NULL },
	{ "file:///etc/passwd", NULL },
	{ "gopher://example.org/", NULL },
	{ "https://", NULL },
	{ "https:///a", NULL },
	{ "https://user@example.org/", NULL },
	{ "https://user:word@example.org/", NULL },
	{ "https://example.org/#a", NULL },
	{ "https://example.org/a b", NULL },
	{ "https://example.org/a\r\nHost: b", NULL },
	{ "https://example.org/\303\244", NULL },
	{ "https://example.org:0/", NULL },
	{ "https://example.org\\@example.com/", NULL },
};

static void test_targets(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS(target_rows); i++) {
		struct str text = str_from(target_rows[i].text);

		if (url_target_is_good(text) != (target_rows[i].host != NULL))
			fail_msg("row %u", i);
		if (target_rows[i].host != NULL &&
		    !str_equal(url_target_host(text), str_from(target_rows[i].host)))
			fail_msg("row %u", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encoded),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_bases),
		cmocka_unit_test(test_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
