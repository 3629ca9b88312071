#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/timestamp.h"
#include "db/host_board.h"
#include "schema/resource.h"

#define SECOND MICROSECONDS_PER_SECOND

static void list(struct host_board *board, const char *names, int64_t now)
{
	struct settings settings = { .database_hosts = names };
	struct hosts hosts;

	assert_true(hosts_read(&hosts, &settings, 0));
	host_board_list(board, &hosts, 0, now);
}

static void assert_verdict(const struct host_entry *entry, enum host_state state, enum host_why why,
    bool tried, int64_t since)
{
	struct host_verdict verdict = host_entry_verdict(entry);

	assert_int_equal(verdict.state, state);
	assert_int_equal(verdict.why, why);
	assert_int_equal(verdict.tried, tried);
	assert_int_equal(verdict.since, since);
}

static void test_verdicts(void **state)
{
	static struct host_board board;
	struct host_entry *entry;

	(void)state;
	list(&board, "a,b:1", 10);
	entry = host_board_find(&board, "b:1");
	assert_non_null(entry);
	assert_null(host_board_find(&board, "c:3306"));
	assert_verdict(entry, HOST_UNPROVEN, HOST_WHY_NONE, false, 10);
	assert_int_equal(host_entry_pending(entry), 10 + SECOND);

	assert_true(host_entry_praise(entry, 20));
	assert_false(host_entry_praise(entry, 30));
	assert_verdict(entry, HOST_GOOD, HOST_WHY_NONE, false, 20);
	assert_int_equal(host_entry_pending(entry), 0);

	/* A connection from before it was found good tells nothing. */
	assert_false(host_board_blame(&board, entry, HOST_WHY_SILENT, false, 19, 40));
	assert_verdict(entry, HOST_GOOD, HOST_WHY_NONE, false, 20);
	assert_true(host_board_blame(&board, entry, HOST_WHY_SILENT, false, 20, 40));
	assert_verdict(entry, HOST_BAD, HOST_WHY_SILENT, false, 40);
	assert_int_equal(host_entry_pending(entry), 40 + SECOND);
	assert_int_equal(atomic_load(&entry->failures), 1);

	/* It is bad since then, whatever is found out later; nobody waits once it was tried. */
	assert_false(host_board_blame(&board, entry, HOST_WHY_REFUSED, true, 50, 60));
	assert_verdict(entry, HOST_BAD, HOST_WHY_REFUSED, true, 40);
	assert_int_equal(host_entry_pending(entry), 0);
	assert_false(host_board_blame(&board, entry, HOST_WHY_SILENT, false, 70, 80));
	assert_verdict(entry, HOST_BAD, HOST_WHY_SILENT, true, 40);
	assert_int_equal(atomic_load(&entry->failures), 1);
	assert_true(host_entry_praise(entry, 90));
	assert_verdict(entry, HOST_GOOD, HOST_WHY_NONE, false, 90);
}

/* Who still uses a host of the configuration before keeps its entry; its place is taken at need. */
static void test_lists(void **state)
{
	static struct host_board board;
	static const char all[] = "a0,a1,a2,a3,a4,a5,a6,a7,a8,a9,a10,a11,a12,a13,a14,a15";
	static const char others[] = "b0,b1,b2,b3,b4,b5,b6,b7,b8,b9,b10,b11,b12,b13,b14,b15";
	struct host_entry *entry;

	(void)state;
	list(&board, all, 1);
	assert_true(host_entry_praise(host_board_find(&board, "a3:3306"), 2));
	list(&board, others, 3);
	entry = host_board_find(&board, "a3:3306");
	assert_non_null(entry);
	assert_false(atomic_load(&entry->listed));
	assert_verdict(entry, HOST_GOOD, HOST_WHY_NONE, false, 2);
	list(&board, "a3,c", 4);
	assert_true(atomic_load(&entry->listed));
	assert_verdict(entry, HOST_GOOD, HOST_WHY_NONE, false, 2);
	assert_verdict(host_board_find(&board, "c:3306"), HOST_UNPROVEN, HOST_WHY_NONE, false, 4);
	/* The oldest one had to go. */
	assert_null(host_board_find(&board, "a0:3306"));
	assert_non_null(host_board_find(&board, "b15:3306"));
}

static void test_moves(void **state)
{
	static struct host_board board;
	unsigned granted = 0;

	(void)state;
	assert_true(host_board_claim_move(&board, 1));
	for (int64_t now = 1; now <= 60 * SECOND; now += SECOND / 100)
		granted += host_board_claim_move(&board, now);
	/* A pause of one to two seconds. */
	assert_in_range(granted, 29, 60);
}

static const struct {
	unsigned number;
	bool silent;
	enum host_why loss, connect;
} reasons[] = {
	{ 2003, false, HOST_WHY_REFUSED, HOST_WHY_REFUSED },
	{ 2002, true, HOST_WHY_REFUSED, HOST_WHY_SILENT },
	{ 2013, false, HOST_WHY_NONE, HOST_WHY_OTHER },
	{ 2013, true, HOST_WHY_SILENT, HOST_WHY_SILENT },
	{ 2006, false, HOST_WHY_NONE, HOST_WHY_OTHER },
	{ 1927, false, HOST_WHY_NONE, HOST_WHY_OTHER }, /* killed: the connection alone */
	{ 1047, false, HOST_WHY_CLUSTER, HOST_WHY_CLUSTER },
	{ 1180, false, HOST_WHY_NONE, HOST_WHY_OTHER }, /* of a COMMIT: the node may go on */
	{ 1047, true, HOST_WHY_CLUSTER, HOST_WHY_CLUSTER },
	{ 1045, false, HOST_WHY_ACCESS, HOST_WHY_ACCESS },
	{ 1040, false, HOST_WHY_FULL, HOST_WHY_FULL },
	{ 1053, false, HOST_WHY_STOPPING, HOST_WHY_STOPPING },
	{ 1290, false, HOST_WHY_READ_ONLY, HOST_WHY_READ_ONLY },
	{ 2005, false, HOST_WHY_UNKNOWN, HOST_WHY_UNKNOWN },
	{ 2007, false, HOST_WHY_VERSION, HOST_WHY_VERSION },
	{ 2026, false, HOST_WHY_TLS, HOST_WHY_TLS },
	{ 2048, true, HOST_WHY_HISTORY, HOST_WHY_HISTORY },
	{ 2050, true, HOST_WHY_DONOR, HOST_WHY_DONOR },
};

static void test_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		assert_int_equal(
		    host_why_of_loss(reasons[i].number, reasons[i].silent), reasons[i].loss);
		assert_int_equal(
		    host_why_of_connect(reasons[i].number, reasons[i].silent), reasons[i].connect);
	}
	for (unsigned i = 0; i < HOST_WHY__MAX; i++)
		assert_non_null(host_why_text((enum host_why)i));
	/* A full server serves those who are in. */
	assert_false(host_why_ends_connections(HOST_WHY_FULL));
	assert_true(host_why_ends_connections(HOST_WHY_SILENT));
}

/* Each worker begins at its own host; those of a lost one go to all that are left. */
static void test_spread(void **state)
{
	static struct host_board board;
	struct settings settings = { .database_hosts = "a,b,c" };
	unsigned first[3] = { 0 }, later[3] = { 0 };

	(void)state;
	list(&board, "a,b,c", 1);
	for (unsigned i = 0; i < 3; i++)
		host_entry_praise(&board.entries[i], 2);
	for (unsigned worker = 0; worker < 12; worker++) {
		const struct host_seat seat = { .board = &board, .number = worker };
		uint32_t tried = 0;
		struct hosts hosts;

		assert_true(hosts_read(&hosts, &settings, 0));
		hosts_join(&hosts, &seat);
		assert_ptr_equal(hosts_preferred(&hosts), &hosts.list[worker % 3]);
		first[hosts_next(&hosts, 3, &tried) - hosts.list]++;
		assert_true(
		    host_board_blame(&board, &board.entries[1], HOST_WHY_SILENT, true, 3, 3));
		tried = 0;
		later[hosts_next(&hosts, 3, &tried) - hosts.list]++;
		assert_non_null(hosts_next(&hosts, 3, &tried));
		assert_null(hosts_next(&hosts, 3, &tried));
		host_entry_praise(&board.entries[1], 2);
	}
	assert_int_equal(first[0], 4);
	assert_int_equal(first[1], 4);
	assert_int_equal(later[0], 6);
	assert_int_equal(later[1], 0);
}

/* Commands go by what a pool knows, as long as that leaves them a host. */
static void test_asked_by_commands(void **state)
{
	static struct host_board board;
	struct settings settings = { .database_hosts = "a,b" };
	uint32_t tried = 0;
	struct hosts hosts;

	(void)state;
	list(&board, "a,b", 1);
	hosts_ask(&board);
	host_board_blame(&board, &board.entries[0], HOST_WHY_SILENT, true, 2, 2);
	assert_true(hosts_read(&hosts, &settings, 0));
	assert_ptr_equal(hosts_next(&hosts, timestamp_monotonic(), &tried), &hosts.list[1]);
	assert_null(hosts_next(&hosts, timestamp_monotonic(), &tried));

	host_board_blame(&board, &board.entries[1], HOST_WHY_HISTORY, true, 2, 2);
	assert_true(hosts_read(&hosts, &settings, 0));
	tried = 0;
	assert_ptr_equal(hosts_next(&hosts, timestamp_monotonic(), &tried), &hosts.list[0]);
	assert_ptr_equal(hosts_next(&hosts, timestamp_monotonic(), &tried), &hosts.list[1]);
	hosts_ask(NULL);
}

static void test_waits(void **state)
{
	static struct host_board board;
	struct settings settings = { .database_hosts = "a,b" };
	const struct host_seat seat = { .board = &board, .number = 1 };
	struct host_entry *a, *b;
	struct hosts hosts;

	(void)state;
	assert_true(hosts_read(&hosts, &settings, 0));
	assert_int_equal(hosts_wait_until(&hosts), 0);
	list(&board, "a,b", SECOND);
	hosts_join(&hosts, &seat);
	a = host_board_find(&board, "a:3306"), b = host_board_find(&board, "b:3306");
	assert_int_equal(hosts_wait_until(&hosts), 2 * SECOND);
	/* Shortly for the preferred one, and not at all once another is good. */
	host_entry_praise(a, SECOND);
	assert_in_range(hosts_wait_until(&hosts), SECOND + 1, 2 * SECOND - 1);
	host_board_blame(&board, b, HOST_WHY_SILENT, false, SECOND, 3 * SECOND);
	assert_int_equal(hosts_wait_until(&hosts), 0);
	host_board_blame(&board, a, HOST_WHY_REFUSED, true, SECOND, 3 * SECOND);
	assert_int_equal(hosts_wait_until(&hosts), 4 * SECOND);
	host_board_blame(&board, b, HOST_WHY_SILENT, true, SECOND, 3 * SECOND);
	assert_int_equal(hosts_wait_until(&hosts), 0);
}

static void test_connect_timeout(void **state)
{
	(void)state;
	assert_int_equal(hosts_connect_timeout(&(struct settings){ .database_hosts = "" }), 5);
	assert_int_equal(hosts_connect_timeout(&(struct settings){ .database_hosts = "a" }), 5);
	assert_int_equal(hosts_connect_timeout(&(struct settings){ .database_hosts = "a,b" }), 1);
	assert_int_equal(hosts_connect_timeout(&(struct settings){
			     .database_hosts = "a,b", .database_connect_timeout = 7 }),
	    7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_asked_by_commands),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_connect_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
