#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "db/timing.h"

static const struct {
	const char *sql, *fingerprint;
} rows[] = {
	{ "", "" },
	{ "COMMIT", "COMMIT" },
	{ "SELECT a FROM t WHERE b = ?", "SELECT a FROM t WHERE b = ?" },
	{ "SELECT a FROM t WHERE b IN (?)", "SELECT a FROM t WHERE b IN (?)" },
	{ "SELECT a FROM t WHERE b IN (?, ?, ?) AND c = ?",
	    "SELECT a FROM t WHERE b IN (?, ...) AND c = ?" },
	{ "INSERT INTO t (a, b) VALUES (?, ?), (?, ?), (?, ?) ON DUPLICATE KEY UPDATE a = ?",
	    "INSERT INTO t (a, b) VALUES (?, ...), ... ON DUPLICATE KEY UPDATE a = ?" },
	{ "INSERT INTO t VALUES (?, NULL), (?, NULL)", "INSERT INTO t VALUES (?, NULL), ..." },
	{ "VALUES (?), (?, ?)", "VALUES (?), (?, ...)" },
	{ "SELECT f(), ()", "SELECT f(), ()" },
	{ "SELECT (SELECT (?", "SELECT (SELECT (?" },
};

static void test_fingerprints(void **state)
{
	char out[TIMING_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		timing_fingerprint(rows[i].sql, out, sizeof(out));
		assert_string_equal(out, rows[i].fingerprint);
	}
}

static void test_cut(void **state)
{
	char sql[4096], out[40];

	(void)state;
	for (size_t length = 0; length < 200; length++) {
		memset(sql, 'x', length);
		snprintf(sql + length, sizeof(sql) - length, "?, ?, ?, (?), (?)");
		timing_fingerprint(sql, out, sizeof(out));
		assert_true(strlen(out) < sizeof(out));
		assert_memory_equal(out, sql, length < 30 ? length : 30);
	}
}

static void test_slowest(void **state)
{
	struct timing_statement slowest[TIMING_SLOWEST];
	struct timing timing = { 0 };

	(void)state;
	timing_add(&timing, "a", 10);
	timing_add(&timing, "b IN (?, ?)", 30);
	timing_add(&timing, "c", 20);
	timing_add(&timing, "b IN (?, ?, ?)", 1);
	timing_add(&timing, "e", 15);
	timing_add(&timing, "e", 100);
	assert_int_equal(timing.microseconds, 176);
	assert_int_equal(timing_slowest(&timing, slowest), 3);
	assert_string_equal(slowest[0].sql, "e");
	assert_int_equal(slowest[0].microseconds, 115);
	assert_int_equal(slowest[0].runs, 2);
	assert_string_equal(slowest[1].sql, "b IN (?, ...)");
	assert_int_equal(slowest[1].microseconds, 31);
	assert_int_equal(slowest[1].runs, 2);
	assert_string_equal(slowest[2].sql, "c");
	timing_reset(&timing);
	assert_int_equal(timing.microseconds, 0);
	assert_int_equal(timing_slowest(&timing, slowest), 0);
	timing_add(&timing, "a", 1);
	assert_int_equal(timing_slowest(&timing, slowest), 1);
	assert_string_equal(slowest[0].sql, "a");
	assert_int_equal(slowest[0].microseconds, 1);
}

/* The fastest of those that are kept makes room for a slower one, whatever its length. */
static void test_kept(void **state)
{
	struct timing_statement slowest[TIMING_SLOWEST];
	struct timing timing = { 0 };
	char sql[2 * TIMING_SQL];

	(void)state;
	for (int i = 0; i < TIMING_KEPT; i++) {
		snprintf(sql, sizeof(sql), "statement %d", i);
		timing_add(&timing, sql, 10 + i);
	}
	timing_add(&timing, "faster than all", 9);
	assert_int_equal(timing.kept[0].microseconds, 10);
	memset(sql, 'x', sizeof(sql) - 1);
	sql[sizeof(sql) - 1] = '\0';
	timing_add(&timing, sql, 100);
	timing_add(&timing, sql, 100);
	assert_int_equal(timing_slowest(&timing, slowest), 3);
	assert_int_equal(slowest[0].microseconds, 200);
	assert_int_equal(strspn(slowest[0].sql, "x"), strlen(slowest[0].sql));
	assert_string_equal(slowest[1].sql, "statement 7");
	assert_string_equal(slowest[2].sql, "statement 6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_slowest),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
