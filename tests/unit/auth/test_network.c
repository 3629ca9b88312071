#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/rows.h"
#include "auth/network.h"

static void test_networks(void **state)
{
	static const struct {
		const char *network;
		const char *address;
		bool contained;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/24", "::ffff:192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "192.0.2.4/31", "192.0.2.5", true },
		{ "192.0.2.4/31", "192.0.2.6", false },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "192.0.2.1", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::1", "::1", true },
		{ "::1", "", false },
		{ "::1", "unix:", false },
		{ "::ffff:192.0.2.0/120", "192.0.2.9", true },
	};
	struct network network;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!network_parse(str_from(rows[i].network), &network))
			fail_msg("row %zu: %s cannot be read", i, rows[i].network);
		if (network_contains(&network, str_from(rows[i].address)) != rows[i].contained)
			fail_msg("row %zu: %s in %s", i, rows[i].address, rows[i].network);
	}
}

static void test_faults(void **state)
{
	static const char *const rows[] = { "", "/", "/8", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.1/8",
		"10.0.0/8", "10.0.0.0/08x", "10.0.0.0/0000", "::/129", "2001:db8::1/32",
		"example.org", "1", "10.0.0.0/8/8",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd/128" };
	struct network network;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (network_parse(str_from(rows[i]), &network))
			fail_msg("\"%s\" was taken", rows[i]);
	}
}

static void test_lists(void **state)
{
	static const char *const printed[] = { "[]", "[\"10.0.0.0/8\",\"::1\"]",
		"[\"0.0.0.0/0\",\"192.0.2.7\",\"2001:db8::/32\",\"::/0\"]" };
	static const char *const refused[] = { "[\"nothing\"]", "", "null", "[", "[\"::1\",\"\"]",
		"[\"::1\" \"::2\"]", "[\"::1\",]", "[12]", "[null]", "{\"a\":\"::1\"}", "\"::1\"" };
	struct arena *arena = arena_new(4096, 65536);
	struct network_list list;
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(printed) / sizeof(printed[0]); i++) {
		assert_true(network_list_parse(arena, str_from(printed[i]), &list));
		buf_reset(&text, 0);
		network_list_print(&list, &text);
		assert_true(str_equal(buf_str(&text), str_from(printed[i])));
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(network_list_parse(arena, str_from(refused[i]), &list));
	buf_reset(&text, 0);
	for (unsigned i = 0; i <= NETWORK_LIST_MAX; i++)
		buf_append_text(&text, i == 0 ? "[\"::1\"" : ",\"::1\"");
	buf_append_char(&text, ']');
	assert_false(network_list_parse(arena, buf_str(&text), &list));
	assert_true(network_list_parse(arena, STR(" [ \"10.0.0.0\\/8\" , \"\\u003a:1\" ]"), &list));
	buf_reset(&text, 0);
	network_list_print(&list, &text);
	assert_true(str_equal(buf_str(&text), STR("[\"10.0.0.0/8\",\"::1\"]")));
	arena_free(arena);
	buf_free(&text);
}

static void test_within(void **state)
{
	static const struct {
		const char *inner, *outer;
		bool within;
	} rows[] = {
		{ "10.1.0.0/16", "10.0.0.0/8", true },
		{ "10.0.0.0/8", "10.0.0.0/8", true },
		{ "10.0.0.0/8", "10.1.0.0/16", false },
		{ "192.0.2.7", "192.0.2.0/24", true },
		{ "192.0.3.7", "192.0.2.0/24", false },
		{ "::ffff:192.0.2.0/120", "192.0.2.0/24", true },
		{ "192.0.2.0/24", "::/0", true },
		{ "::/0", "0.0.0.0/0", false },
		{ "2001:db8::/33", "2001:db8::/32", true },
		{ "2001:db9::1", "2001:db8::/32", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network inner, outer;

		assert_true(network_parse(str_from(rows[i].inner), &inner));
		assert_true(network_parse(str_from(rows[i].outer), &outer));
		assert_int_equal(network_within(&inner, &outer), rows[i].within);
	}
}

static void test_allows(void **state)
{
	static const struct {
		const char *networks, *address;
		bool allowed;
	} rows[] = {
		{ "127.0.0.0/8,::1", "127.0.0.1", true },
		{ "127.0.0.0/8,::1", "::1", true },
		{ "127.0.0.0/8, ::1 ", "::1", true },
		{ "127.0.0.0/8,::1", "::ffff:127.0.0.1", true },
		{ "127.0.0.0/8,::1", "126.255.255.255", false },
		{ "127.0.0.0/8,::1", "::2", false },
		{ "127.0.0.0/8,::1", "", false },
		{ "127.0.0.0/8,::1", "localhost", false },
		{ "127.0.0.0/8,::1", "127.0.0.1,10.0.0.1", false },
		{ "", "127.0.0.1", false },
		{ ",", "127.0.0.1", false },
		{ "nonsense,10.0.0.0/8", "10.1.2.3", true },
		{ "0.0.0.0/0", "10.1.2.3", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (network_allows(str_from(rows[i].networks), str_from(rows[i].address)) !=
		    rows[i].allowed)
			fail_msg("row %u", i);
	}
}

/* Where webhooks may go. */
static void test_public(void **state)
{
	static const struct {
		const char *address;
		bool is_public;
	} rows[] = {
		{ "8.8.8.8", true },
		{ "9.255.255.255", true },
		{ "11.0.0.0", true },
		{ "100.63.255.255", true },
		{ "100.128.0.0", true },
		{ "172.15.255.255", true },
		{ "172.32.0.0", true },
		{ "192.167.255.255", true },
		{ "223.255.255.255", true },
		{ "2606:4700::1111", true },
		{ "::ffff:8.8.8.8", true },
		{ "64:ff9b::8.8.8.8", true },
		{ "0.0.0.0", false },
		{ "0.1.2.3", false },
		{ "10.0.0.1", false },
		{ "10.255.255.255", false },
		{ "100.64.0.1", false },
		{ "127.0.0.1", false },
		{ "127.255.255.254", false },
		{ "169.254.169.254", false },
		{ "172.16.0.1", false },
		{ "172.31.255.255", false },
		{ "192.0.0.8", false },
		{ "192.0.2.1", false },
		{ "192.88.99.1", false },
		{ "192.168.1.1", false },
		{ "198.18.0.1", false },
		{ "198.19.255.255", false },
		{ "198.51.100.1", false },
		{ "203.0.113.1", false },
		{ "224.0.0.1", false },
		{ "240.0.0.1", false },
		{ "255.255.255.255", false },
		{ "::", false },
		{ "::1", false },
		{ "::127.0.0.1", false },
		{ "::ffff:127.0.0.1", false },
		{ "::ffff:10.1.2.3", false },
		{ "::ffff:169.254.169.254", false },
		{ "64:ff9b::127.0.0.1", false },
		{ "64:ff9b::a9fe:a9fe", false },
		{ "64:ff9b:1::1", false },
		{ "100::1", false },
		{ "2001::1", false },
		{ "2001:db8::1", false },
		{ "2002:7f00:1::1", false },
		{ "3fff::1", false },
		{ "fc00::1", false },
		{ "fd12:3456::1", false },
		{ "fe80::1", false },
		{ "fec0::1", false },
		{ "ff02::1", false },
		{ "", false },
		{ "localhost", false },
		{ "8.8.8.8/32", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		if (network_is_public(str_from(rows[i].address)) != rows[i].is_public)
			fail_msg("%s", rows[i].address);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_allows),
		cmocka_unit_test(test_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
