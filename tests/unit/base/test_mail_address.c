#include "../lib/rows.h"
#include "base/base64.h"
#include "base/mail_address.h"

static void test_addresses(void **state)
{
	static const struct {
		struct str text;
		bool good;
	} rows[] = {
		{ BYTES("ada@example.com"), true },
		{ BYTES("a.b+c_d-e'f@mail.example.co.uk"), true },
		{ BYTES("root@localhost"), true },
		{ BYTES("x@127.0.0.1"), true },
		{ BYTES(""), false },
		{ BYTES("ada"), false },
		{ BYTES("@example.com"), false },
		{ BYTES("ada@"), false },
		{ BYTES("ada@example."), false },
		{ BYTES("ada@.example.com"), false },
		{ BYTES("ada@exa mple.com"), false },
		{ BYTES("ada@@example.com"), false },
		{ BYTES("a@b@c"), false },
		{ BYTES(".ada@example.com"), false },
		{ BYTES("ada.@example.com"), false },
		{ BYTES("a..b@example.com"), false },
		{ BYTES("ada@-example.com"), false },
		{ BYTES("ada@example-.com"), false },
		{ BYTES("ada@example.com\r\nBcc: eve@example.com"), false },
		{ BYTES("ada@example.com\n"), false },
		{ BYTES("ada\r\n@example.com"), false },
		{ BYTES("ada@example.com>"), false },
		{ BYTES("<ada@example.com"), false },
		{ BYTES("\"a b\"@example.com"), false },
		{ BYTES("ada@[127.0.0.1]"), false },
		{ BYTES("ada@ex\0ample.com"), false },
		{ BYTES("a\0da@example.com"), false },
		{ BYTES("ada@exämple.com"), true },
		{ BYTES("ada@EXÄMPLE.com"), true },
		{ BYTES("ada@xn--exmple-cua.com"), true },
		{ BYTES("ada@exämple.com."), false },
		{ BYTES("ada@exämple..com"), false },
		{ BYTES("ada@exämple.com:25"), false },
		{ BYTES("ädä@example.com"), false },
		{ BYTES("ada@ex\xff.com"), false },
		{ BYTES("ada,eve@example.com"), false },
		{ BYTES("ada@example.com,eve@example.com"), false },
		{ BYTES("ada@example.com SIZE=1"), false },
		{ BYTES("1234567890123456789012345678901234567890123456789012345678901234@a.b"),
		    true },
		{ BYTES("12345678901234567890123456789012345678901234567890123456789012345@a.b"),
		    false },
		{ BYTES("a@123456789012345678901234567890123456789012345678901234567890123.b"),
		    true },
		{ BYTES("a@1234567890123456789012345678901234567890123456789012345678901234.b"),
		    false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, mail_address_is_good(rows[i].text), rows[i].good);
}

/* Addresses that belong together have their numbers in common. */
static const struct {
	const char *text;
	unsigned same;
	const char *ascii, *unicode; /* NULL = as it is */
} written[] = {
	{ "x@münchen.de", 1, "x@xn--mnchen-3ya.de", NULL },
	{ "x@MÜNCHEN.de", 1, "x@xn--mnchen-3ya.de", "x@münchen.de" },
	{ "X@XN--MNCHEN-3YA.DE", 1, NULL, "X@münchen.de" },
	{ "x@mu\xcc\x88nchen.de", 1, "x@xn--mnchen-3ya.de", "x@münchen.de" },
	{ "y@münchen.de", 2, "y@xn--mnchen-3ya.de", NULL },
	{ "x@münchen.example", 3, "x@xn--mnchen-3ya.example", NULL },
	{ "x@muenchen.de", 4, NULL, NULL },
	{ "X@Muenchen.DE", 4, NULL, NULL },
	{ "x@büro.münchen.de", 5, "x@xn--bro-hoa.xn--mnchen-3ya.de", NULL },
	{ "x@büro.xn--mnchen-3ya.de", 5, "x@xn--bro-hoa.xn--mnchen-3ya.de", "x@büro.münchen.de" },
	{ "ü@münchen.de", 6, "ü@xn--mnchen-3ya.de", NULL },
	{ "no address", 7, NULL, NULL },
	{ "münchen.de", 8, NULL, NULL },
	{ "xn--mnchen-3ya.de", 9, NULL, NULL },
	{ "x@münchen..de", 10, NULL, NULL },
};

static void test_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(written); i++) {
		for (size_t j = 0; j < ROWS(written); j++)
			if (mail_address_same(str_from(written[i].text),
				str_from(written[j].text)) != (written[i].same == written[j].same))
				fail_msg("%s and %s", written[i].text, written[j].text);
	}
}

static void test_forms(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 16);

	(void)state;
	for (size_t i = 0; i < ROWS(written); i++) {
		struct str text = str_from(written[i].text), forms[MAIL_ADDRESS_FORMS];
		unsigned count = mail_address_forms(arena, text, forms);
		bool several = written[i].ascii != NULL || written[i].unicode != NULL;

		expect_int(i, count, several ? 2 : 1);
		if (several) {
			expect_str(i, forms[0],
			    written[i].unicode != NULL ? written[i].unicode : written[i].text);
			if (written[i].ascii != NULL)
				expect_str(i, forms[1], written[i].ascii);
		}
		expect_str(i, mail_address_ascii(arena, text),
		    written[i].ascii != NULL ? written[i].ascii : written[i].text);
	}
	arena_free(arena);
}

static void test_any(void **state)
{
	static const struct {
		struct str text;
		bool good;
	} rows[] = {
		{ BYTES("ada@example.com"), true },
		{ BYTES("ädä@exämple.com"), true },
		{ BYTES("\"a\"@example.com"), true },
		{ BYTES("ada@localhost"), true },
		{ BYTES("ada@[127.0.0.1]"), true },
		{ BYTES("ada@[]"), false },
		{ BYTES("ada"), false },
		{ BYTES("@example.com"), false },
		{ BYTES("ada@"), false },
		{ BYTES("ada@example.com."), false },
		{ BYTES("ada@example..com"), false },
		{ BYTES("ada@ex ample.com"), false },
		{ BYTES("ada@ex_ample.com"), false },
		{ BYTES("a@b@c"), false },
		{ BYTES("ada@ex\0ample.com"), false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, mail_address_check_any(rows[i].text) == NULL, rows[i].good);
}

static void test_lines(void **state)
{
	static const struct {
		struct str text;
		bool good;
	} rows[] = {
		{ BYTES(""), true },
		{ BYTES("Your license – grüße"), true },
		{ BYTES("a\tb"), false },
		{ BYTES("a\nBcc: x@y"), false },
		{ BYTES("a\rb"), false },
		{ BYTES("a\0b"), false },
		{ BYTES("a\x7f"), false },
		{ BYTES("a\xc2\x85"
			"b"),
		    false },
		{ BYTES("a\xc2\xa0"
			"b"),
		    true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, mail_text_is_line(rows[i].text), rows[i].good);
}

static void test_header_text(void **state)
{
	static const struct {
		struct str text;
		const char *header;
	} rows[] = {
		{ BYTES("Your license"), "Your license" },
		{ BYTES("Grüße"), "=?UTF-8?B?R3LDvMOfZQ==?=" },
		{ BYTES("a\r\nBcc: x"), "=?UTF-8?B?YSAgQmNjOiB4?=" },
		{ BYTES("=?UTF-8?B?eA==?="), "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=" },
		{ BYTES("äöüäöüäöüäöüäöüäöüäöüäöü"),
		    "=?UTF-8?B?w6TDtsO8w6TDtsO8w6TDtsO8w6TDtsO8w6TDtsO8w6TDtsO8w6TDtsO8w6Q=?=\r\n "
		    "=?UTF-8?B?w7bDvA==?=" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf out = { 0 };

		mail_text_append(&out, rows[i].text);
		expect_str(i, buf_str(&out), rows[i].header);
		buf_free(&out);
	}
}

static void test_named_addresses(void **state)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{ "", "a@b.c" },
		{ "Ada", "\"Ada\" <a@b.c>" },
		{ "Ada \"Countess\" \\", "\"Ada \\\"Countess\\\" \\\\\" <a@b.c>" },
		{ "Ada <x@y>, Eve", "\"Ada <x@y>, Eve\" <a@b.c>" },
		{ "Zoë", "=?UTF-8?B?Wm/Dqw==?= <a@b.c>" },
		{ "x\r\nBcc: y", "=?UTF-8?B?eCAgQmNjOiB5?= <a@b.c>" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf out = { 0 };

		mail_address_append(&out, str_from(rows[i].name), STR("a@b.c"));
		expect_str(i, buf_str(&out), rows[i].text);
		buf_free(&out);
	}
}

static void test_servers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		const char *host;
		unsigned port;
	} rows[] = {
		{ "mail.example.com", true, "mail.example.com", 0 },
		{ "mail.example.com:2525", true, "mail.example.com", 2525 },
		{ "127.0.0.1:25", true, "127.0.0.1", 25 },
		{ "[::1]", true, "::1", 0 },
		{ "[fe80::1]:587", true, "fe80::1", 587 },
		{ "", false, "", 0 },
		{ ":25", false, "", 0 },
		{ "a:", false, "", 0 },
		{ "a:0", false, "", 0 },
		{ "a:65536", false, "", 0 },
		{ "a:25x", false, "", 0 },
		{ "smtp://a", false, "", 0 },
		{ "a/b", false, "", 0 },
		{ "[::1", false, "", 0 },
		{ "[]:25", false, "", 0 },
		{ "[::1]25", false, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str host;
		unsigned port;

		expect_int(
		    i, mail_server_parse(str_from(rows[i].text), &host, &port), rows[i].good);
		if (rows[i].good) {
			expect_str(i, host, rows[i].host);
			expect_int(i, port, rows[i].port);
		}
	}
}

static void test_base64(void **state)
{
	static const struct {
		struct str bytes;
		const char *text;
	} rows[] = {
		{ BYTES(""), "" },
		{ BYTES("f"), "Zg==" },
		{ BYTES("fo"), "Zm8=" },
		{ BYTES("foo"), "Zm9v" },
		{ BYTES("foobar"), "Zm9vYmFy" },
		{ BYTES("\0\xff\x80"), "AP+A" },
		{ BYTES("\xff\xff\xff"), "////" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf out = { 0 };
		char decoded[32];
		size_t length;

		base64_append(&out, rows[i].bytes.data, rows[i].bytes.length);
		expect_str(i, buf_str(&out), rows[i].text);
		assert_true(base64_decode(str_from(rows[i].text), decoded, &length));
		if (!str_equal((struct str){ decoded, length }, rows[i].bytes))
			fail_msg("row %zu: decoded wrongly", i);
		buf_free(&out);
	}
}

static void test_base64_forms(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "Zm9v\r\nYmFy\n", true },
		{ " Z g = = ", true },
		{ "Zg", false },
		{ "Zg=", false },
		{ "Zg===", false },
		{ "Zg==Zg==", false },
		{ "=", false },
		{ "====", false },
		{ "Z===", false },
		{ "Zm9v!", false },
		{ "Zm-_", false },
		{ "Zm9vY", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str text = str_from(rows[i].text);
		char decoded[BASE64_DECODED_MAX(32)];
		size_t length;

		expect_int(i, base64_decode(text, decoded, &length), rows[i].good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_header_text),
		cmocka_unit_test(test_named_addresses),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
