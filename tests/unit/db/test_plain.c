#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../lib/server.h"
#include "base/zone.h"
#include "db/plain.h"
#include "schema/resource.h"

static struct settings settings;
static struct database *database;
static struct arena *arena;
static struct error error;

static int begin(void **state)
{
	(void)state;
	server_begin();
	server_make_schema("unit");
	server_run("unit",
	    "CREATE TABLE kinds (id INT AUTO_INCREMENT PRIMARY KEY, i BIGINT, r DOUBLE, t "
	    "LONGTEXT, "
	    "b LONGBLOB, u UUID, m DATETIME(6), d DATE, n DECIMAL(19,4), UNIQUE KEY kinds_i (i)) "
	    "ENGINE=InnoDB CHARSET utf8mb4 COLLATE utf8mb4_bin");
	settings = server_settings("unit");
	database = database_new(&settings);
	arena = arena_new(65536, 64 << 20);
	error_init(&error, arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	database_free(database);
	arena_free(arena);
	server_end();
	return 0;
}

/* Takes all room for prepared statements away, or gives so much. */
static void limit(unsigned most)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "SET GLOBAL max_prepared_stmt_count = %u", most);
	server_run(NULL, sql);
}

static void test_literals(void **state)
{
	static const struct {
		struct bind value;
		const char *literal;
	} rows[] = {
		{ { .kind = BIND_INTEGER, .integer = 5 }, "5" },
		{ { .kind = BIND_INTEGER, .integer = -5 }, "(-5)" },
		{ { .kind = BIND_INTEGER, .null = true }, "NULL" },
		{ { .kind = BIND_REAL, .real = 0.5 }, "(5.0000000000000000e-01)" },
		{ { .kind = BIND_TEXT, .text = { "a'b", 3 } }, "_utf8mb4 X'612762'" },
		{ { .kind = BIND_TEXT, .text = { "", 0 } }, "_utf8mb4 X''" },
		{ { .kind = BIND_BINARY, .text = { "\0\xff", 2 } }, "X'00FF'" },
		{ { .kind = BIND_TIME, .integer = 0 }, "TIMESTAMP'1970-01-01 00:00:00.000000'" },
		{ { .kind = BIND_DATE, .integer = 0 }, "DATE'1970-01-01'" },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&out, SIZE_MAX);
		assert_true(plain_print(&out, "?", &rows[i].value, 1));
		assert_string_equal(out.data, rows[i].literal);
	}
	buf_free(&out);
}

static void test_placeholders(void **state)
{
	static const struct {
		const char *sql, *text; /* NULL: not that many */
	} rows[] = {
		{ "SELECT ? FROM `a?` WHERE b = '?' AND c = ?",
		    "SELECT 1 FROM `a?` WHERE b = '?' AND c = 2" },
		{ "SELECT 'it''s ?', \"?\", ?, ?", "SELECT 'it''s ?', \"?\", 1, 2" },
		{ "SELECT '\\'?', ?, ?", "SELECT '\\'?', 1, 2" },
		{ "SELECT ?", NULL },
		{ "SELECT ?, ?, ?", NULL },
		{ "SELECT 1", NULL },
	};
	const struct bind values[] = { BIND_INT(1), BIND_INT(2) };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&out, SIZE_MAX);
		assert_int_equal(plain_print(&out, rows[i].sql, values, 2), rows[i].text != NULL);
		if (rows[i].text != NULL)
			assert_string_equal(out.data, rows[i].text);
	}
	buf_free(&out);
}

/* What is stored unprepared is what is read prepared, and the other way round. */
static void check_round_trip(const char *column, struct bind value, bool stored_plain)
{
	char insert[200], select[200];
	enum bind_kind kinds[] = { value.kind, BIND_INTEGER };
	struct bind parameters[] = { value, value };
	struct outcome outcome;
	struct result result;
	struct bind *found;

	snprintf(insert, sizeof(insert), "INSERT INTO kinds (%s) VALUES (?)", column);
	snprintf(
	    select, sizeof(select), "SELECT %s, %s <=> ? FROM kinds WHERE id = ?", column, column);
	limit(stored_plain ? 0 : 1000);
	if (database_execute(database, insert, parameters, 1, &outcome, &error) < 0)
		fail_msg("%s: %s", column, error.detail);
	assert_int_equal(outcome.affected, 1);
	parameters[1] = BIND_INT((int64_t)outcome.insert_id);
	limit(stored_plain ? 1000 : 0);
	if (database_select(database, arena, select, parameters, 2, kinds, 2, &result, &error) < 0)
		fail_msg("%s: %s", column, error.detail);
	assert_int_equal(result.count, 1);
	found = result.rows[0];
	assert_int_equal(found[1].integer, 1);
	assert_int_equal(found->null, value.null);
	if (value.null)
		return;
	if (value.kind == BIND_TEXT || value.kind == BIND_BINARY)
		assert_true(str_equal(found->text, value.text));
	else if (value.kind == BIND_UUID)
		assert_true(uuid_equal(&found->uuid, &value.uuid));
	else if (value.kind == BIND_REAL)
		assert_true(found->real == value.real);
	else
		assert_int_equal(found->integer, value.integer);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *column;
		struct bind value;
	} rows[] = {
		{ "i", { .kind = BIND_INTEGER, .integer = 0 } },
		{ "i", { .kind = BIND_INTEGER, .integer = -1 } },
		{ "i", { .kind = BIND_INTEGER, .integer = INT64_MAX } },
		{ "i", { .kind = BIND_INTEGER, .integer = INT64_MIN } },
		{ "i", { .kind = BIND_INTEGER, .null = true } },
		{ "r", { .kind = BIND_REAL, .real = 0.1 } },
		{ "r", { .kind = BIND_REAL, .real = -1.7976931348623157e308 } },
		{ "r", { .kind = BIND_REAL, .real = 2.2250738585072014e-308 } },
		{ "n", { .kind = BIND_TEXT, .text = { "-123456789012345.6789", 21 } } },
		{ "t", { .kind = BIND_TEXT, .text = { "", 0 } } },
		{ "t", { .kind = BIND_TEXT, .text = { "'; DROP TABLE kinds; -- \\", 25 } } },
		{ "t",
		    { .kind = BIND_TEXT, .text = { "\xf0\x9f\x99\x82 \xc3\xa9 ?'\"`\\\0x", 16 } } },
		{ "b", { .kind = BIND_BINARY, .text = { "\0'\xff\\\n", 5 } } },
		{ "m", { .kind = BIND_TIME, .integer = -1 } },
		{ "m", { .kind = BIND_TIME, .integer = 1774746000000000 } },
		{ "m", { .kind = BIND_TIME, .null = true } },
		{ "m", { .kind = BIND_TIME, .integer = TIMESTAMP_MAXIMUM } },
		{ "m", { .kind = BIND_TIME, .integer = TIMESTAMP_MINIMUM } },
		{ "d", { .kind = BIND_DATE, .integer = 86400000000 } },
	};

	(void)state;
	/* What the database has is UTC's, wherever we are. */
	assert_true(zone_set("Pacific/Auckland"));
	for (int i = 0; i < 2 * (int)COUNT_OF(rows); i++) {
		server_run("unit", "DELETE FROM kinds");
		check_round_trip(rows[i / 2].column, rows[i / 2].value, i % 2 == 0);
	}
	check_round_trip("u", BIND_ID(uuid_random()), true);
	check_round_trip("u", BIND_ID(uuid_random()), false);
	limit(16382);
	assert_true(zone_set("UTC"));
}

static int64_t number(const char *sql)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER };
	struct result result;

	error_clear(&error);
	if (database_select(database, arena, sql, NULL, 0, kinds, 1, &result, &error) < 0)
		fail_msg("%s: %s", sql, error.detail);
	return result.rows[0][0].integer;
}

static int64_t statements(void)
{
	return atoll(
	    server_value(NULL, "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS "
			       "WHERE VARIABLE_NAME = 'Prepared_stmt_count'"));
}

/* At the limit older statements give way; without any room, statements run without. */
static void test_limit(void **state)
{
	char sql[64];

	(void)state;
	database_free(database);
	database = database_new(&settings);
	limit(10);
	database_count_reset(database);
	for (int i = 0; i < 50; i++) {
		snprintf(sql, sizeof(sql), "SELECT %d", i);
		assert_int_equal(number(sql), i);
	}
	assert_int_equal(database_unprepared(database), 0);
	assert_in_range(statements(), 1, 9);
	limit(0);
	for (int i = 100; i < 110; i++) {
		snprintf(sql, sizeof(sql), "SELECT %d", i);
		assert_int_equal(number(sql), i);
	}
	assert_int_equal(database_unprepared(database), 10);
	assert_int_equal(statements(), 0);
	limit(16382);
	assert_int_equal(number("SELECT 7"), 7);
	assert_int_equal(database_unprepared(database), 10);
	assert_int_equal(statements(), 1);
}

static int insert_twice(void *context, struct error *found)
{
	const struct bind values[] = { BIND_INT(1) };
	struct outcome outcome;

	(void)context;
	if (database_execute(
		database, "INSERT INTO kinds (i) VALUES (?)", values, 1, &outcome, found) != 0)
		return -1;
	return database_execute(
	    database, "INSERT INTO kinds (i) VALUES (?) ", values, 1, &outcome, found);
}

/* Faults are those of prepared statements, and a transaction is one. */
static void test_faults(void **state)
{
	(void)state;
	server_run("unit", "DELETE FROM kinds");
	limit(0);
	error_clear(&error);
	assert_int_equal(database_transaction(database, insert_twice, NULL, &error), -1);
	assert_int_equal(error.code, ERROR_CONFLICT);
	assert_string_equal(database_fault_key(database), "kinds_i");
	assert_int_equal(number("SELECT COUNT(*) FROM kinds"), 0);
	error_clear(&error);
	assert_int_equal(
	    database_execute(database, "DELETE FROM nothing", NULL, 0, NULL, &error), -1);
	assert_int_equal(error.code, ERROR_INTERNAL);
	limit(16382);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_placeholders),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
