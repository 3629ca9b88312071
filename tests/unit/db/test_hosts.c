#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "db/hosts.h"
#include "schema/resource.h"

static void test_read(void **state)
{
	static const struct {
		const char *list, *socket;
		bool valid;
		unsigned count;
		struct host first, last;
	} rows[] = {
		{ "", "/run/s", true, 1, { .socket = "/run/s" }, { .socket = "/run/s" } },
		{ "  ", "/run/s", true, 1, { .socket = "/run/s" }, { .socket = "/run/s" } },
		{ NULL, "/run/s", true, 1, { .socket = "/run/s" }, { .socket = "/run/s" } },
		{ "a", "/run/s", true, 1, { .name = "a", .port = 3306 },
		    { .name = "a", .port = 3306 } },
		{ "a:1,b:65535", "", true, 2, { .name = "a", .port = 1 },
		    { .name = "b", .port = 65535 } },
		{ " a , /run/t ", "", true, 2, { .name = "a", .port = 3306 },
		    { .socket = "/run/t" } },
		{ "[::1]:33,[fe80::2]", "", true, 2, { .name = "::1", .port = 33 },
		    { .name = "fe80::2", .port = 3306 } },
		{ "", "", false, 1, { .port = 0 }, { .port = 0 } },
		{ "a:0", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "a:65536", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "a:", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "a:x", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "a b", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "a;b", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "a,,b", "", false, 1, { .port = 0 }, { .port = 0 } },
		{ ":3306", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "[::1", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "[::1]x", "", false, 0, { .port = 0 }, { .port = 0 } },
		{ "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a", "", false, 16, { .port = 0 },
		    { .port = 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct settings settings = { .database_hosts = rows[i].list,
			.database_socket = rows[i].socket };
		struct hosts hosts;

		assert_int_equal(hosts_read(&hosts, &settings, 0), rows[i].valid);
		assert_int_equal(hosts.count, rows[i].count);
		if (!rows[i].valid)
			continue;
		assert_string_equal(hosts.list[0].name, rows[i].first.name);
		assert_string_equal(hosts.list[0].socket, rows[i].first.socket);
		assert_int_equal(hosts.list[0].port,
		    rows[i].first.name[0] != '\0' ? rows[i].first.port : hosts.list[0].port);
		assert_string_equal(hosts.list[hosts.count - 1].name, rows[i].last.name);
		assert_string_equal(hosts.list[hosts.count - 1].socket, rows[i].last.socket);
	}
}

static const char *next_name(struct hosts *hosts, int64_t now, uint32_t *tried)
{
	struct host *host = hosts_next(hosts, now, tried);

	return host != NULL ? host->name : "-";
}

static void test_turns(void **state)
{
	struct settings settings = { .database_hosts = "a,b,c" };
	struct hosts hosts;
	uint32_t tried = 0;

	(void)state;
	assert_true(hosts_read(&hosts, &settings, 4));
	assert_string_equal(next_name(&hosts, 0, &tried), "b");
	assert_string_equal(next_name(&hosts, 0, &tried), "c");
	assert_string_equal(next_name(&hosts, 0, &tried), "a");
	assert_string_equal(next_name(&hosts, 0, &tried), "-");
	tried = 0;
	assert_string_equal(next_name(&hosts, 0, &tried), "b");
}

static void test_bad_hosts_rest(void **state)
{
	struct settings settings = { .database_hosts = "a,b,c" };
	struct hosts hosts;
	uint32_t tried = 0;

	(void)state;
	assert_true(hosts_read(&hosts, &settings, 0));
	hosts_set_bad(&hosts.list[0], 100);
	assert_string_equal(next_name(&hosts, 100, &tried), "b");
	assert_string_equal(next_name(&hosts, 100, &tried), "c");
	/* Others were tried: the resting one is not waited for. */
	assert_string_equal(next_name(&hosts, 100, &tried), "-");
	tried = 0;
	assert_string_equal(next_name(&hosts, 100 + HOSTS_REST, &tried), "a");

	/* All rest: the one that has rested longest gets one try. */
	hosts_set_bad(&hosts.list[0], 300);
	hosts_set_bad(&hosts.list[1], 200);
	hosts_set_bad(&hosts.list[2], 400);
	tried = 0;
	assert_string_equal(next_name(&hosts, 500, &tried), "b");
	assert_string_equal(next_name(&hosts, 500, &tried), "-");
}

static void test_another_host(void **state)
{
	struct settings settings = { .database_hosts = "a,b" };
	struct hosts hosts;

	(void)state;
	assert_true(hosts_read(&hosts, &settings, 0));
	assert_true(hosts_have_other(&hosts, &hosts.list[0], 100));
	hosts_set_bad(&hosts.list[1], 100);
	assert_false(hosts_have_other(&hosts, &hosts.list[0], 100));
	assert_true(hosts_have_other(&hosts, &hosts.list[1], 100));
	assert_true(hosts_have_other(&hosts, &hosts.list[0], 100 + HOSTS_REST));
}

static const struct {
	const char *list;
	bool local;
} local_rows[] = {
	{ "/run/mysqld/mysqld.sock", true },
	{ "localhost", true },
	{ "LocalHost:3307", true },
	{ "127.0.0.1", true },
	{ "127.255.0.9:3306", true },
	{ "[::1]:3306", true },
	{ "128.0.0.1", false },
	{ "12.0.0.1", false },
	{ "[::2]", false },
	{ "[::ffff:10.0.0.1]", false },
	{ "127.1", false },
	{ "localhost.example.org", false },
	{ "db1.example.org", false },
};

static void test_local(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(local_rows) / sizeof(local_rows[0]); i++) {
		struct settings settings = { .database_hosts = local_rows[i].list };
		bool socket = local_rows[i].list[0] == '/';
		struct hosts hosts;

		assert_true(hosts_read(&hosts, &settings, 0));
		if (host_is_local(&hosts.list[0]) != local_rows[i].local)
			fail_msg("%s", local_rows[i].list);
		settings.database_tls = DATABASE_TLS_AUTO;
		assert_int_equal(host_wants_tls(&hosts.list[0], &settings), !local_rows[i].local);
		settings.database_tls = DATABASE_TLS_ON;
		assert_int_equal(host_wants_tls(&hosts.list[0], &settings), !socket);
		settings.database_tls = DATABASE_TLS_OFF;
		assert_false(host_wants_tls(&hosts.list[0], &settings));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_bad_hosts_rest),
		cmocka_unit_test(test_another_host),
		cmocka_unit_test(test_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
