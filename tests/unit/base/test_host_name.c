#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/host_name.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define LABEL_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

static const struct {
	const char *text, *folded; /* NULL = no host name */
} rows[] = {
	{ "example.com", "example.com" },
	{ "EXAMPLE.Com", "example.com" },
	{ "example.com.", "example.com" },
	{ "localhost:8080", "localhost:8080" },
	{ "localhost:08080", "localhost:8080" },
	{ "127.0.0.1", "127.0.0.1" },
	{ "M\xC3\x9CNCHEN.example", "m\xC3\xBCnchen.example" },
	{ "m\xC3\xBCnchen.example", "m\xC3\xBCnchen.example" },
	{ "Mu\xCC\x88nchen.example", "m\xC3\xBCnchen.example" },
	{ "xn--mnchen-3ya.example", "m\xC3\xBCnchen.example" },
	{ "XN--MNCHEN-3YA.EXAMPLE:1", "m\xC3\xBCnchen.example:1" },
	{ "m\xC3\xBCnchen\xE3\x80\x82"
	  "example",
	    "m\xC3\xBCnchen.example" },
	{ "\xEF\xBC\xADY.example", "my.example" },
	{ "so\xC2\xAD"
	  "ft.example",
	    "soft.example" },
	{ "stra\xC3\x9F"
	  "e.example",
	    "stra\xC3\x9F"
	    "e.example" },
	{ "STRASSE.example", "strasse.example" },
	{ "r3---sn.example", "r3---sn.example" },
	{ "xn--i-7iq.ws", "xn--i-7iq.ws" },
	{ LABEL_63 ".example", LABEL_63 ".example" },
	{ "\xD0\xBF\xD1\x80\xD0\x98\xD0\x9C\xD0\xB5\xD1\x80",
	    "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xBC\xD0\xB5\xD1\x80" },
	{ "", NULL },
	{ ".", NULL },
	{ "a..b", NULL },
	{ ".a", NULL },
	{ "-a.example", NULL },
	{ "a b.example", NULL },
	{ "a_b.example", NULL },
	{ "a.example:0", NULL },
	{ "a.example:65536", NULL },
	{ "a.example:", NULL },
	{ "a.example:x", NULL },
	{ "x\xF0\x9F\x99\x82.ws", NULL },
	{ "\xE2\x80\x8D"
	  "abc.example",
	    NULL },
	{ "a" LABEL_63 ".example", NULL },
	{ LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".example", NULL },
	{ "\xC3\xBC/a", NULL },
};

static void test_fold(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf folded = { 0 }, again = { 0 };
		bool good = host_name_fold(str_from(rows[i].text), &folded);

		if (good != (rows[i].folded != NULL))
			fail_msg("row %zu: %s", i, rows[i].text);
		if (good) {
			assert_string_equal(folded.data, rows[i].folded);
			assert_true(host_name_fold(buf_str(&folded), &again));
			assert_string_equal(again.data, rows[i].folded);
		}
		buf_free(&folded);
		buf_free(&again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
