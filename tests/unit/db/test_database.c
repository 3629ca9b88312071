#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "../lib/server.h"
#include "db/database.h"
#include "db/migrate.h"
#include "schema/resource.h"

#define DATABASE "unit"
#define DEADLOCK "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'told so'"

/* What each test gets: settings, a database on them, an arena and an error. */
struct scene {
	struct settings settings;
	struct database *database;
	struct arena *arena;
	struct error error;
};

static int begin(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->settings = server_settings(DATABASE);
	scene->database = database_new(&scene->settings);
	scene->arena = arena_new(65536, 16 << 20);
	error_init(&scene->error, scene->arena);
	server_run(DATABASE,
	    "DROP TABLE IF EXISTS child, parent, kinds;"
	    "CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40), UNIQUE KEY "
	    "parent_name (name)) ENGINE=InnoDB CHARSET utf8mb4;"
	    "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT NOT NULL, CONSTRAINT "
	    "child_parent "
	    "FOREIGN KEY (parent_id) REFERENCES parent (id)) ENGINE=InnoDB;"
	    "CREATE TABLE kinds (id INT PRIMARY KEY, i BIGINT, r DOUBLE, t LONGTEXT, b "
	    "VARBINARY(300), u UUID, "
	    "m DATETIME(6), d DATE, n DECIMAL(19,4), big BIGINT UNSIGNED) ENGINE=InnoDB CHARSET "
	    "utf8mb4;");
	*state = scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;

	database_free(scene->database);
	arena_free(scene->arena);
	free(scene);
	return 0;
}

static int execute(struct scene *scene, const char *sql)
{
	struct outcome outcome;

	error_clear(&scene->error);
	return database_execute(scene->database, sql, NULL, 0, &outcome, &scene->error);
}

static int select_number(struct scene *scene, const char *sql, int64_t *number)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER };
	struct result result;

	error_clear(&scene->error);
	if (database_select(
		scene->database, scene->arena, sql, NULL, 0, kinds, 1, &result, &scene->error) < 0)
		return -1;
	assert_int_equal(result.count, 1);
	*number = result.rows[0][0].integer;
	return 0;
}

static int64_t number(struct scene *scene, const char *sql)
{
	int64_t value = -1;

	if (select_number(scene, sql, &value) < 0)
		fail_msg("%s", scene->error.detail);
	return value;
}

static int64_t milliseconds_since(int64_t begun)
{
	return (timestamp_monotonic() - begun) / 1000;
}

/* One value of each kind goes in and comes out again. */
static void check_round_trip(struct scene *scene, const char *column, struct bind value)
{
	char insert[200], select[200];
	struct bind parameters[] = { BIND_INT(1), value };
	enum bind_kind kinds[] = { value.kind };
	struct outcome outcome;
	struct result result;
	struct bind *found;

	snprintf(insert, sizeof(insert), "REPLACE INTO kinds (id, %s) VALUES (?, ?)", column);
	snprintf(select, sizeof(select), "SELECT %s FROM kinds WHERE id = ?", column);
	if (database_execute(scene->database, insert, parameters, 2, &outcome, &scene->error) < 0 ||
	    database_select(scene->database, scene->arena, select, parameters, 1, kinds, 1, &result,
		&scene->error) < 0)
		fail_msg("%s: %s", column, scene->error.detail);
	assert_int_equal(result.count, 1);
	found = result.rows[0];
	assert_int_equal(found->kind, value.kind);
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
	struct scene *scene = *state;
	static const struct {
		const char *column;
		enum bind_kind kind;
		int64_t integer;
	} numbers[] = {
		{ "i", BIND_INTEGER, 0 },
		{ "i", BIND_INTEGER, -1 },
		{ "i", BIND_INTEGER, INT64_MAX },
		{ "i", BIND_INTEGER, INT64_MIN },
		{ "m", BIND_TIME, 0 },
		{ "m", BIND_TIME, INT64_C(1566656122000001) },
		{ "m", BIND_TIME, INT64_C(1582934400999999) }, /* 29 February */
		{ "m", BIND_TIME, -1 },
		{ "m", BIND_TIME, TIMESTAMP_MINIMUM },
		{ "m", BIND_TIME, TIMESTAMP_MAXIMUM },
		{ "d", BIND_DATE, 0 },
		{ "d", BIND_DATE, INT64_C(-86400000000) },
		{ "d", BIND_DATE, INT64_C(1582934400000000) },
		{ "d", BIND_DATE, TIMESTAMP_MINIMUM },
	};
	static const size_t lengths[] = { 0, 1, 255, 256, 257, 300, 65535, 1000000 };
	static const char *const columns[] = { "i", "r", "t", "b", "u", "m", "d", "n" };
	static const enum bind_kind kinds[] = { BIND_INTEGER, BIND_REAL, BIND_TEXT, BIND_BINARY,
		BIND_UUID, BIND_TIME, BIND_DATE, BIND_TEXT };
	char *bytes = malloc(1000000);

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		check_round_trip(scene, numbers[i].column,
		    (struct bind){ .kind = numbers[i].kind, .integer = numbers[i].integer });
	for (size_t i = 0; i < COUNT_OF(columns); i++)
		check_round_trip(
		    scene, columns[i], (struct bind){ .kind = kinds[i], .null = true });
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		memset(bytes, 'x', lengths[i]);
		check_round_trip(scene, "t", BIND_STR(((struct str){ bytes, lengths[i] })));
		random_bytes(bytes, lengths[i]);
		if (lengths[i] <= 300)
			check_round_trip(
			    scene, "b", BIND_BYTES(((struct str){ bytes, lengths[i] })));
	}
	check_round_trip(scene, "t", BIND_STR(STR("\xf0\x9f\xa6\x8a 'quoted' \\ \"\n\xc3\xa9")));
	check_round_trip(scene, "n", BIND_STR(STR("-123456789012345.6789")));
	check_round_trip(scene, "r", (struct bind){ .kind = BIND_REAL, .real = -1.25e300 });
	check_round_trip(scene, "u", BIND_ID(uuid_random()));
	free(bytes);
}

static void test_many_rows(void **state)
{
	struct scene *scene = *state;
	static const enum bind_kind kinds[] = { BIND_INTEGER, BIND_TEXT };
	struct result result;

	assert_int_equal(database_select(scene->database, scene->arena,
			     "SELECT seq, REPEAT('y', seq) FROM seq_1_to_1000 ORDER BY seq", NULL,
			     0, kinds, 2, &result, &scene->error),
	    0);
	assert_int_equal(result.count, 1000);
	for (unsigned i = 0; i < result.count; i++) {
		assert_int_equal(result.rows[i][0].integer, i + 1);
		assert_int_equal(result.rows[i][1].text.length, i + 1);
		assert_int_equal(result.rows[i][1].text.data[i], 'y');
	}
	assert_int_equal(database_select(scene->database, scene->arena, "SELECT id, t FROM kinds",
			     NULL, 0, kinds, 2, &result, &scene->error),
	    0);
	assert_int_equal(result.count, 0);
}

static void test_statements_that_do_not_fit(void **state)
{
	struct scene *scene = *state;
	const struct bind one[] = { BIND_INT(1) };
	struct result result;
	const struct {
		const char *sql;
		unsigned parameters, columns;
		enum bind_kind kind;
	} rows[] = {
		{ "SELECT 1 WHERE 1 = ?", 0, 1, BIND_INTEGER },
		{ "SELECT 1", 1, 1, BIND_INTEGER },
		{ "SELECT 1", 0, 2, BIND_INTEGER },
		{ "SELECT misspelt FROM parent", 0, 1, BIND_INTEGER },
		{ "SELEC 1", 0, 1, BIND_INTEGER },
		{ "SELECT 18446744073709551615", 0, 1, BIND_INTEGER },
		{ "SELECT 'no identifier'", 0, 1, BIND_UUID },
		{ "DO 1", 0, 1, BIND_INTEGER },
	};

	for (size_t i = 0; i < 2 * COUNT_OF(rows); i++) {
		enum bind_kind kind[] = { rows[i / 2].kind, BIND_INTEGER };

		error_clear(&scene->error);
		assert_int_equal(
		    (i % 2 == 0 ? database_select : database_select_once)(scene->database,
			scene->arena, rows[i / 2].sql, one, rows[i / 2].parameters, kind,
			rows[i / 2].columns, &result, &scene->error),
		    -1);
		assert_int_equal(scene->error.code, ERROR_INTERNAL);
		assert_null(scene->error.message);
		assert_int_equal(database_fault(scene->database), DATABASE_FAULT_OTHER);
		assert_int_equal(number(scene, "SELECT 7"), 7);
	}
}

static void test_outcome(void **state)
{
	struct scene *scene = *state;
	struct bind name[] = { BIND_STR(STR("a")) };
	struct outcome outcome;

	assert_int_equal(database_execute(scene->database, "INSERT INTO parent (name) VALUES (?)",
			     name, 1, &outcome, &scene->error),
	    0);
	assert_int_equal(outcome.affected, 1);
	assert_true(outcome.insert_id > 0);
	/* Rows matched count, whether or not they change. */
	assert_int_equal(
	    database_execute(scene->database, "UPDATE parent SET name = ? WHERE name = 'a'", name,
		1, &outcome, &scene->error),
	    0);
	assert_int_equal(outcome.affected, 1);
	assert_int_equal(database_execute(scene->database, "DELETE FROM parent WHERE name = 'b'",
			     NULL, 0, &outcome, &scene->error),
	    0);
	assert_int_equal(outcome.affected, 0);
	assert_int_equal(
	    database_execute(scene->database, "DELETE FROM parent", NULL, 0, NULL, &scene->error),
	    0);
}

static void test_faults(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *sql;
		enum error_code code;
		enum database_fault fault;
		const char *key;
	} rows[] = {
		{ "INSERT INTO parent (id, name) VALUES (5, 'secret')", ERROR_CONFLICT,
		    DATABASE_FAULT_DUPLICATE, "parent_name" },
		{ "INSERT INTO parent (id, name) VALUES (1, 'secret2')", ERROR_CONFLICT,
		    DATABASE_FAULT_DUPLICATE, "PRIMARY" },
		{ "DELETE FROM parent WHERE id = 1", ERROR_IN_USE, DATABASE_FAULT_REFERENCED,
		    "child_parent" },
		{ "INSERT INTO child VALUES (2, 99)", ERROR_INVALID, DATABASE_FAULT_NO_PARENT,
		    "child_parent" },
		{ "INSERT INTO kinds (id, d) VALUES (9, '2023-02-30')", ERROR_INVALID,
		    DATABASE_FAULT_OTHER, "" },
		{ "INSERT INTO parent (name) VALUES (REPEAT('s', 41))", ERROR_INVALID,
		    DATABASE_FAULT_OTHER, "" },
	};

	assert_int_equal(execute(scene, "INSERT INTO parent (id, name) VALUES (1, 'secret')"), 0);
	assert_int_equal(execute(scene, "INSERT INTO child VALUES (1, 1)"), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(execute(scene, rows[i].sql), -1);
		assert_int_equal(scene->error.code, rows[i].code);
		assert_int_equal(database_fault(scene->database), rows[i].fault);
		assert_string_equal(database_fault_key(scene->database), rows[i].key);
		assert_null(scene->error.message);
		assert_null(strstr(scene->error.detail, "secret"));
		assert_null(strstr(scene->error.detail, "2023"));
		assert_null(strstr(scene->error.detail, "INSERT"));
	}
	assert_int_equal(execute(scene, "DELETE FROM child"), 0);
	assert_int_equal(database_fault(scene->database), DATABASE_FAULT_NONE);
	assert_string_equal(database_fault_key(scene->database), "");
}

static void test_session(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(
	    number(scene,
		"SELECT @@time_zone = '+00:00' AND @@tx_isolation = 'READ-COMMITTED' "
		"AND @@sql_mode LIKE '%STRICT_ALL_TABLES%' AND @@innodb_lock_wait_timeout "
		"= 5 AND @@character_set_client = 'utf8mb4' AND @@autocommit"),
	    1);
}

static void test_count(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(database_ready(scene->database, &scene->error), 0);
	assert_int_equal(database_count(scene->database), 0);
	number(scene, "SELECT 1");
	assert_int_equal(execute(scene, "DELETE FROM parent"), 0);
	assert_int_equal(database_count(scene->database), 2);
	database_count_reset(scene->database);
	assert_int_equal(database_count(scene->database), 0);
}

static void test_small_memory(void **state)
{
	struct scene *scene = *state;
	struct arena *small = arena_new(4096, 8192);
	static const enum bind_kind kinds[] = { BIND_TEXT };
	struct result result;

	assert_int_equal(
	    database_select(scene->database, small, "SELECT REPEAT('x', 200) FROM seq_1_to_1000",
		NULL, 0, kinds, 1, &result, &scene->error),
	    -1);
	assert_int_equal(scene->error.code, ERROR_UNAVAILABLE);
	arena_reset(small);
	assert_int_equal(database_select(scene->database, small, "SELECT REPEAT('x', 20000)", NULL,
			     0, kinds, 1, &result, &scene->error),
	    -1);
	assert_int_equal(number(scene, "SELECT 3"), 3);
	assert_true(database_connected(scene->database));
	arena_free(small);
}

static int64_t status_value(const char *name)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
	    "SELECT variable_value FROM information_schema.global_status WHERE variable_name = "
	    "'%s'",
	    name);
	return atoll(server_value(NULL, sql));
}

static void test_statement_cache(void **state)
{
	struct scene *scene = *state;
	int64_t prepared;
	char sql[64];

	scene->settings.database_statements = 4;
	database_free(scene->database);
	scene->database = database_new(&scene->settings);
	for (int i = 0; i < 10; i++) {
		snprintf(sql, sizeof(sql), "SELECT %d", i);
		assert_int_equal(number(scene, sql), i);
	}
	assert_int_equal(status_value("Prepared_stmt_count"), 4);
	prepared = status_value("Com_stmt_prepare");
	for (int i = 0; i < 100; i++) {
		snprintf(sql, sizeof(sql), "SELECT %d", 6 + i % 4);
		assert_int_equal(number(scene, sql), 6 + i % 4);
	}
	assert_int_equal(status_value("Com_stmt_prepare"), prepared);
	/* The one unused for longest is gone, the others are not. */
	number(scene, "SELECT 100");
	number(scene, "SELECT 7");
	number(scene, "SELECT 8");
	number(scene, "SELECT 9");
	assert_int_equal(status_value("Com_stmt_prepare"), prepared + 1);
	number(scene, "SELECT 6");
	assert_int_equal(status_value("Com_stmt_prepare"), prepared + 2);
}

/*
 * Statements keep their columns bound, in memory that they share: none must find what another one
 * has left there, nor what was there before it grew.
 */
static void test_statements_in_turns(void **state)
{
	static const enum bind_kind texts[] = { BIND_TEXT, BIND_INTEGER, BIND_TIME };
	static const enum bind_kind bytes[] = { BIND_INTEGER, BIND_BINARY, BIND_UUID };
	static const enum bind_kind other[] = { BIND_TEXT, BIND_TEXT, BIND_TEXT };
	static const char *const first =
	    "SELECT REPEAT('x', 300), 7, CAST('2024-02-29 01:02:03' AS DATETIME(6))";
	static const char *const second = "SELECT 5, REPEAT(UNHEX('00FF'), 200), "
					  "CAST('53a15dd6-8768-4aa5-9ba6-770d614daeab' AS UUID)";
	enum bind_kind many[70];
	struct scene *scene = *state;
	struct result result;
	struct buf wide = { 0 };

	buf_append_text(&wide, "SELECT ");
	for (unsigned i = 0; i < COUNT_OF(many); i++) {
		many[i] = BIND_INTEGER;
		buf_printf(&wide, "%s%u", i > 0 ? ", " : "", i);
	}
	for (unsigned round = 0; round < 4; round++) {
		assert_int_equal(database_select(scene->database, scene->arena, first, NULL, 0,
				     texts, 3, &result, &scene->error),
		    0);
		assert_int_equal(result.rows[0][0].text.length, 300);
		assert_int_equal(strspn(result.rows[0][0].text.data, "x"), 300);
		assert_int_equal(result.rows[0][1].integer, 7);
		assert_int_equal(result.rows[0][2].integer, INT64_C(1709168523000000));
		assert_int_equal(database_select(scene->database, scene->arena, second, NULL, 0,
				     bytes, 3, &result, &scene->error),
		    0);
		assert_int_equal(result.rows[0][0].integer, 5);
		assert_int_equal(result.rows[0][1].text.length, 400);
		assert_memory_equal(result.rows[0][1].text.data + 396, "\0\xFF\0\xFF", 4);
		assert_int_equal(result.rows[0][2].uuid.bytes[0], 0x53);
		assert_int_equal(database_select(scene->database, scene->arena, first, NULL, 0,
				     other, 3, &result, &scene->error),
		    0);
		assert_true(str_equal(result.rows[0][1].text, STR("7")));
		if (round != 1)
			continue;
		assert_int_equal(database_select(scene->database, scene->arena, wide.data, NULL, 0,
				     many, COUNT_OF(many), &result, &scene->error),
		    0);
		assert_int_equal(result.rows[0][69].integer, 69);
	}
	buf_free(&wide);
}

static void test_table_changes_under_statement(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 0);
	assert_int_equal(execute(scene, "INSERT INTO parent (name) VALUES ('n')"), 0);
	server_run(DATABASE, "ALTER TABLE parent ADD COLUMN extra INT NOT NULL DEFAULT 3 FIRST");
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 1);
	server_run(DATABASE,
	    "DROP TABLE child, parent; CREATE TABLE parent (name VARCHAR(10) PRIMARY KEY)");
	assert_int_equal(execute(scene, "INSERT INTO parent (name) VALUES ('n')"), 0);
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 1);
}

/* Work for a transaction: statements, then a result; some runs are made to fail. */
struct work {
	struct scene *scene;
	const char *first, *second;
	int fail_runs; /* so many runs execute `trouble` between the two */
	const char *trouble;
	bool swallow;   /* the error of `trouble` is ignored */
	bool kill;      /* the trouble is a killed connection */
	bool kill_last; /* … after the last statement */
	int status;
	int runs;
};

static void kill_connection(struct scene *scene)
{
	char sql[64];
	int64_t id = 0;
	static const enum bind_kind kinds[] = { BIND_INTEGER };
	struct result result;

	assert_int_equal(database_select(scene->database, scene->arena, "SELECT CONNECTION_ID()",
			     NULL, 0, kinds, 1, &result, &scene->error),
	    0);
	id = result.rows[0][0].integer;
	snprintf(sql, sizeof(sql), "KILL HARD CONNECTION %lld", (long long)id);
	server_run(NULL, sql);
	/* It is gone when the list of processes no longer has it. */
	snprintf(sql, sizeof(sql), "SELECT id FROM information_schema.processlist WHERE id = %lld",
	    (long long)id);
	while (server_value(NULL, sql)[0] != '\0')
		usleep(1000);
}

static int do_work(void *context, struct error *error)
{
	struct work *work = context;
	struct database *database = work->scene->database;
	bool in_trouble = work->runs++ < work->fail_runs;

	if (database_execute(database, work->first, NULL, 0, NULL, error) < 0)
		return -1;
	if (in_trouble && work->kill)
		kill_connection(work->scene);
	if (in_trouble && work->trouble != NULL &&
	    database_execute(database, work->trouble, NULL, 0, NULL, error) < 0 && !work->swallow)
		return -1;
	if (database_execute(database, work->second, NULL, 0, NULL, error) < 0 && !work->swallow)
		return -1;
	if (work->swallow)
		error_clear(error);
	if (in_trouble && work->kill_last)
		kill_connection(work->scene);
	return work->status < 0 ? error_set(error, ERROR_NOT_FOUND, "Not today.") : 0;
}

static void test_transaction(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *name;
		struct work work;
		int status, runs, rows;
		enum error_code code;
	} rows[] = {
		/* As a node of a cluster may do it; first, since later ones find the statements
		 * prepared. */
		{ "ended in silence before a statement is prepared",
		    { .fail_runs = 1, .trouble = "ROLLBACK" }, 0, 2, 2, ERROR_NONE },
		{ "success", { .fail_runs = 0 }, 0, 1, 2, ERROR_NONE },
		{ "the work refuses", { .status = -1 }, -1, 1, 0, ERROR_NOT_FOUND },
		{ "one deadlock", { .fail_runs = 1, .trouble = DEADLOCK }, 0, 2, 2, ERROR_NONE },
		{ "five deadlocks", { .fail_runs = 5, .trouble = DEADLOCK }, 0, 6, 2, ERROR_NONE },
		{ "too many deadlocks", { .fail_runs = 6, .trouble = DEADLOCK }, -1, 6, 0,
		    ERROR_UNAVAILABLE },
		{ "a deadlock that the work ignores",
		    { .fail_runs = 2, .trouble = DEADLOCK, .swallow = true }, 0, 3, 2, ERROR_NONE },
		{ "a duplicate that the work ignores",
		    { .fail_runs = 1,
			.trouble = "INSERT INTO parent (name) VALUES ('first')",
			.swallow = true },
		    0, 1, 2, ERROR_NONE },
		{ "a duplicate",
		    { .fail_runs = 9, .trouble = "INSERT INTO parent (name) VALUES ('first')" }, -1,
		    1, 0, ERROR_CONFLICT },
		{ "a killed connection", { .fail_runs = 1, .kill = true }, 0, 2, 2, ERROR_NONE },
		{ "a killed connection, ignored", { .fail_runs = 1, .kill = true, .swallow = true },
		    0, 2, 2, ERROR_NONE },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct work work = rows[i].work;
		int status;

		work.scene = scene;
		work.first = "INSERT INTO parent (name) VALUES ('first')";
		work.second = "INSERT INTO parent (name) VALUES ('second')";
		assert_int_equal(execute(scene, "DELETE FROM parent"), 0);
		error_clear(&scene->error);
		status = database_transaction(scene->database, do_work, &work, &scene->error);
		if (status != rows[i].status || work.runs != rows[i].runs ||
		    scene->error.code != rows[i].code)
			fail_msg("%s: status %d, %d runs, code %d, %s", rows[i].name, status,
			    work.runs, scene->error.code,
			    scene->error.detail != NULL ? scene->error.detail : "");
		assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), rows[i].rows);
		/* Nothing is left open: another connection sees the same. */
		assert_int_equal(
		    atoi(server_value(DATABASE, "SELECT COUNT(*) FROM parent")), rows[i].rows);
	}
}

/* Work that puts its changes off. */
struct later {
	struct scene *scene;
	const char *trouble; /* put off behind them */
	int fail_runs;       /* in so many runs; otherwise nothing is */
	unsigned changes;
	size_t length; /* of a name */
	bool attempt;  /* part of the changes are of an attempt that fails */
	int runs;
	unsigned seen; /* rows before the end */
};

static void put_off(struct later *later, unsigned number, struct error *error)
{
	char name[8];
	struct buf text = { 0 };
	struct bind value;

	snprintf(name, sizeof(name), "n%u", number);
	buf_append_text(&text, name);
	while (text.length < later->length)
		buf_append_char(&text, 'x');
	value = BIND_STR(buf_str(&text));
	assert_int_equal(
	    database_put_off(later->scene->database,
		"INSERT INTO kinds (id, t) VALUES ((SELECT COUNT(*) FROM parent) + ?, ?)",
		(struct bind[]){ BIND_INT(number), value }, 2, error),
	    0);
	/* The values were copied. */
	memset(text.data, '-', text.length);
	buf_free(&text);
}

static int refuse_change(void *data, struct error *error)
{
	struct later *later = data;

	put_off(later, 1000, error);
	return error_set(error, ERROR_NOT_FOUND, "Not today.");
}

static int change_later(void *data, struct error *error)
{
	struct later *later = data;
	struct database *database = later->scene->database;

	for (unsigned i = 0; i < later->changes; i++)
		put_off(later, i, error);
	later->seen = (unsigned)number(later->scene, "SELECT COUNT(*) FROM kinds");
	if (later->attempt) {
		assert_int_equal(database_attempt(database, refuse_change, later, error), -1);
		error_clear(error);
	}
	return later->runs++ < later->fail_runs
		   ? database_put_off(database, later->trouble, NULL, 0, error)
		   : 0;
}

/* They run with COMMIT, or none of them does. */
static void test_put_off(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *name;
		struct later later;
		int status, runs, rows;
		unsigned seen;
		unsigned statements; /* with the count of rows; of the last run */
		enum error_code code;
	} rows[] = {
		{ "nothing", { .changes = 0 }, 0, 1, 0, 0, 1, ERROR_NONE },
		{ "one", { .changes = 1 }, 0, 1, 1, 0, 2, ERROR_NONE },
		{ "as many as wait", { .changes = 16 }, 0, 1, 16, 0, 2, ERROR_NONE },
		{ "more", { .changes = 18 }, 0, 1, 18, 2, 4, ERROR_NONE },
		{ "long ones", { .changes = 3, .length = 60000 }, 0, 1, 3, 1, 3, ERROR_NONE },
		{ "one that is too long", { .changes = 1, .length = 200000 }, 0, 1, 1, 1, 2,
		    ERROR_NONE },
		{ "an attempt that failed", { .changes = 2, .attempt = true }, 0, 1, 2, 0, 2,
		    ERROR_NONE },
		{ "two deadlocks", { .changes = 2, .trouble = DEADLOCK, .fail_runs = 2 }, 0, 3, 2,
		    0, 0, ERROR_NONE },
		{ "too many deadlocks", { .changes = 2, .trouble = DEADLOCK, .fail_runs = 9 }, -1,
		    6, 0, 0, 0, ERROR_UNAVAILABLE },
		{ "a duplicate",
		    { .changes = 2,
			.trouble = "INSERT INTO kinds (id) VALUES (1)",
			.fail_runs = 9 },
		    -1, 1, 0, 0, 0, ERROR_CONFLICT },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct later later = rows[i].later;
		int status;

		later.scene = scene;
		assert_int_equal(execute(scene, "DELETE FROM kinds"), 0);
		error_clear(&scene->error);
		database_count_reset(scene->database);
		status = database_transaction(scene->database, change_later, &later, &scene->error);
		if (status != rows[i].status || later.runs != rows[i].runs ||
		    later.seen != rows[i].seen || scene->error.code != rows[i].code ||
		    (rows[i].statements != 0 &&
			database_count(scene->database) != rows[i].statements))
			fail_msg("%s: status %d, %d runs, %u seen, code %d, %u statements",
			    rows[i].name, status, later.runs, later.seen, scene->error.code,
			    database_count(scene->database));
		assert_int_equal(
		    atoi(server_value(DATABASE, "SELECT COUNT(*) FROM kinds")), rows[i].rows);
		assert_int_equal(
		    atoi(server_value(DATABASE, "SELECT COUNT(*) FROM kinds WHERE t LIKE 'n%'")),
		    rows[i].rows);
	}
	/* A table may change under the statement that was prepared for them. */
	server_run(DATABASE, "ALTER TABLE kinds ADD COLUMN more INT FIRST");
	assert_int_equal(execute(scene, "DELETE FROM kinds"), 0);
	assert_int_equal(database_transaction(scene->database, change_later,
			     &(struct later){ .scene = scene, .changes = 1 }, &scene->error),
	    0);
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM kinds"), "1");
	/* Elsewhere they run at once. */
	assert_int_equal(database_put_off(scene->database, "INSERT INTO kinds (id) VALUES (99)",
			     NULL, 0, &scene->error),
	    0);
	assert_string_equal(
	    server_value(DATABASE, "SELECT COUNT(*) FROM kinds WHERE id = 99"), "1");
}

/* A connection lost at COMMIT: either replayed (it was not sent), or reported; never lost in
 * silence. */
static void test_lost_at_commit(void **state)
{
	struct scene *scene = *state;
	struct work work = { .scene = scene,
		.first = "INSERT INTO parent (name) VALUES ('first')",
		.second = "INSERT INTO parent (name) VALUES ('second')",
		.fail_runs = 1,
		.kill_last = true };

	if (database_transaction(scene->database, do_work, &work, &scene->error) == 0) {
		assert_int_equal(work.runs, 2);
		assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 2);
	} else {
		assert_int_equal(work.runs, 1);
		assert_int_equal(scene->error.code, ERROR_OUTCOME_UNKNOWN);
		assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 0);
	}
}

static int outer_work(void *context, struct error *error)
{
	struct work *work = context;

	return database_transaction(work->scene->database, do_work, work, error) < 0
		   ? -1
		   : error_set(error, ERROR_STALE, "No.");
}

static void test_transaction_inside_another(void **state)
{
	struct scene *scene = *state;
	struct work work = { .scene = scene,
		.first = "INSERT INTO parent (name) VALUES ('first')",
		.second = "INSERT INTO parent (name) VALUES ('second')" };

	assert_int_equal(
	    database_transaction(scene->database, outer_work, &work, &scene->error), -1);
	assert_int_equal(scene->error.code, ERROR_STALE);
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 0);
}

/* One row of several: what is done for it, and what becomes of it. */
struct trial {
	const char *before;  /* a change outside of the attempt */
	const char *trouble; /* behind a first change within it */
	bool refuse;         /* the attempt fails, whatever the database says */
	bool inner;          /* all of it in a second attempt within the first one */
	bool kill, kill_later;
};

struct tries {
	struct scene *scene;
	const struct trial *trial;
	unsigned runs;
	int status;
	bool stands;
};

static int try_change(void *context, struct error *error)
{
	struct tries *tries = context;
	struct database *database = tries->scene->database;
	const struct trial *trial = tries->trial;

	if (database_execute(
		database, "INSERT INTO parent (name) VALUES ('within')", NULL, 0, NULL, error) < 0)
		return -1;
	if (tries->runs == 1 && trial->kill)
		kill_connection(tries->scene);
	if (tries->runs == 1 && trial->trouble != NULL &&
	    database_execute(database, trial->trouble, NULL, 0, NULL, error) < 0)
		return -1;
	if (tries->runs == 1 && trial->kill_later)
		kill_connection(tries->scene);
	return trial->refuse ? error_set(error, ERROR_NOT_FOUND, "Not today.") : 0;
}

static int try_within(void *context, struct error *error)
{
	struct tries *tries = context;

	return database_attempt(tries->scene->database, try_change, tries, error);
}

static int try_one(void *context, struct error *error)
{
	struct tries *tries = context;
	struct database *database = tries->scene->database;

	tries->runs++;
	if (tries->trial->before != NULL &&
	    database_execute(database, tries->trial->before, NULL, 0, NULL, error) < 0)
		return -1;
	tries->status =
	    database_attempt(database, tries->trial->inner ? try_within : try_change, tries, error);
	tries->stands = database_transaction_stands(database);
	if (!tries->stands)
		return -1;
	error_clear(error);
	return database_execute(
	    database, "INSERT INTO parent (name) VALUES ('behind')", NULL, 0, NULL, error);
}

static void test_attempt(void **state)
{
	static const char before[] = "INSERT INTO parent (name) VALUES ('before')";
	static const char taken[] = "INSERT INTO parent (name) VALUES ('within')";
	struct scene *scene = *state;
	static const struct {
		const char *name;
		struct trial trial;
		int runs, status;
		const char *stored;
	} rows[] = {
		{ "success", { 0 }, 1, 0, "behind,within" },
		{ "success behind a change", { .before = before }, 1, 0, "before,behind,within" },
		{ "refused", { .refuse = true }, 1, -1, "behind" },
		{ "refused behind a change", { .before = before, .refuse = true }, 1, -1,
		    "before,behind" },
		{ "refused within an attempt", { .before = before, .refuse = true, .inner = true },
		    1, -1, "before,behind" },
		{ "a duplicate", { .before = before, .trouble = taken }, 1, -1, "before,behind" },
		{ "a deadlock", { .before = before, .trouble = DEADLOCK, .refuse = true }, 2, -1,
		    "before,behind" },
		{ "a deadlock in the first one", { .trouble = DEADLOCK }, 2, 0, "behind,within" },
		{ "a transaction that ended in silence",
		    { .before = before, .trouble = "ROLLBACK", .refuse = true }, 2, -1,
		    "before,behind" },
		{ "a killed connection",
		    { .before = before, .kill = true, .trouble = taken, .refuse = true }, 2, -1,
		    "before,behind" },
		{ "a connection that is killed before all is undone",
		    { .before = before, .kill_later = true, .refuse = true }, 2, -1,
		    "before,behind" },
		{ "the same in the first one", { .kill_later = true, .refuse = true }, 2, -1,
		    "behind" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tries tries = { .scene = scene, .trial = &rows[i].trial };
		const char *stored;

		assert_int_equal(execute(scene, "DELETE FROM parent"), 0);
		error_clear(&scene->error);
		assert_int_equal(
		    database_transaction(scene->database, try_one, &tries, &scene->error), 0);
		stored =
		    server_value(DATABASE, "SELECT GROUP_CONCAT(name ORDER BY name) FROM parent");
		if (tries.runs != (unsigned)rows[i].runs || tries.status != rows[i].status ||
		    strcmp(stored, rows[i].stored) != 0)
			fail_msg("%s: %u runs, status %d, %s", rows[i].name, tries.runs,
			    tries.status, stored);
		assert_false(database_transaction_stands(scene->database));
	}
}

/* What fails in one attempt takes nothing from those before it. */
static int try_three(void *context, struct error *error)
{
	static const char *const names[] = { "'one'", "'one'", "'two'" };
	struct tries *tries = context;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct trial trial = { .trouble = NULL, .refuse = i == 1 };

		tries->trial = &trial;
		tries->status = database_attempt(tries->scene->database, try_change, tries, error);
		error_clear(error);
		if (!database_transaction_stands(tries->scene->database) ||
		    database_execute(tries->scene->database,
			"UPDATE parent SET name = CONCAT(name, id) WHERE name = 'within'", NULL, 0,
			NULL, error) < 0)
			return -1;
	}
	return 0;
}

static void test_attempts(void **state)
{
	struct scene *scene = *state;
	struct tries tries = { .scene = scene };

	assert_int_equal(execute(scene, "DELETE FROM parent"), 0);
	assert_int_equal(database_attempt(scene->database, try_change, &tries, &scene->error), -1);
	assert_int_equal(scene->error.code, ERROR_INTERNAL);
	error_clear(&scene->error);
	assert_int_equal(
	    database_transaction(scene->database, try_three, &tries, &scene->error), 0);
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 2);
}

/* Two writers that take the same two rows in opposite order, until each has had its way. */
struct rival {
	pthread_t thread;
	struct settings settings;
	struct database *database;
	int first, second;
	int done, runs;
};

static int update_both(void *context, struct error *error)
{
	struct rival *rival = context;
	const struct bind first[] = { BIND_INT(rival->first) },
			  second[] = { BIND_INT(rival->second) };
	static const char sql[] = "UPDATE kinds SET i = i + 1 WHERE id = ?";

	rival->runs++;
	if (database_execute(rival->database, sql, first, 1, NULL, error) < 0)
		return -1;
	usleep(1000);
	return database_execute(rival->database, sql, second, 1, NULL, error);
}

static void *run_rival(void *context)
{
	struct rival *rival = context;
	struct arena *arena = arena_new(65536, 1 << 20);
	struct error error;

	error_init(&error, arena);
	rival->database = database_new(&rival->settings);
	for (int i = 0; i < 50; i++) {
		error_clear(&error);
		while (database_transaction(rival->database, update_both, rival, &error) < 0)
			error_clear(&error);
		rival->done++;
		arena_reset(arena);
	}
	database_free(rival->database);
	arena_free(arena);
	return NULL;
}

static void test_real_deadlocks(void **state)
{
	struct scene *scene = *state;
	struct rival rivals[2] = { { .settings = scene->settings, .first = 1, .second = 2 },
		{ .settings = scene->settings, .first = 2, .second = 1 } };

	assert_int_equal(execute(scene, "INSERT INTO kinds (id, i) VALUES (1, 0), (2, 0)"), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&rivals[i].thread, NULL, run_rival, &rivals[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(rivals[i].thread, NULL);
	assert_int_equal(number(scene, "SELECT SUM(i) FROM kinds"), 200);
	assert_true(rivals[0].runs + rivals[1].runs > 100);
	print_message("100 transactions took %d runs\n", rivals[0].runs + rivals[1].runs);
}

static void test_slow_statement(void **state)
{
	struct scene *scene = *state;
	int64_t begun, unused;

	scene->settings.database_read_timeout = 1;
	database_free(scene->database);
	scene->database = database_new(&scene->settings);
	assert_int_equal(database_ready(scene->database, &scene->error), 0);
	begun = timestamp_monotonic();
	assert_int_equal(
	    select_number(scene,
		"SELECT COUNT(*) FROM seq_1_to_100000 a, seq_1_to_100000 b WHERE RAND() < 2",
		&unused),
	    -1);
	assert_int_equal(scene->error.code, ERROR_UNAVAILABLE);
	assert_in_range(milliseconds_since(begun), 400, 8000);
	assert_int_equal(number(scene, "SELECT 1"), 1);
}

/* An idle connection that the server has closed costs the caller nothing. */
static void test_idle_connection_killed(void **state)
{
	struct scene *scene = *state;

	for (int i = 0; i < 3; i++) {
		number(scene, "SELECT COUNT(*) FROM parent");
		kill_connection(scene);
		assert_int_equal(execute(scene, "INSERT INTO parent (name) VALUES (UUID())"), 0);
	}
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 3);
}

static void check_outage(struct scene *scene, const char *how, void (*take_away)(void))
{
	int64_t begun, unused;

	assert_int_equal(number(scene, "SELECT 1"), 1);
	take_away();
	for (int i = 0; i < 3; i++) {
		begun = timestamp_monotonic();
		assert_int_equal(select_number(scene, "SELECT 1", &unused), -1);
		assert_int_equal(scene->error.code, ERROR_UNAVAILABLE);
		assert_null(scene->error.message);
		/* far below the timeout of a connect */
		assert_true(milliseconds_since(begun) < 2000);
		assert_false(database_connected(scene->database));
	}
	assert_int_equal(database_ready(scene->database, &scene->error), -1);
	assert_int_equal(database_schema_version(scene->database, &scene->error), -1);
	assert_true(database_errors(scene->database) > 0);
	server_start();
	begun = timestamp_monotonic();
	while (select_number(scene, "SELECT 1", &unused) < 0)
		usleep(1000);
	print_message("%s: works again %lld ms after the server\n", how,
	    (long long)milliseconds_since(begun));
	assert_true(milliseconds_since(begun) < 3000);
}

static void test_outage(void **state)
{
	check_outage(*state, "stopped", server_halt);
	check_outage(*state, "killed", server_kill);
}

static void restart(void)
{
	server_halt();
	server_start();
}

/* A restart between two calls is not noticed at all. */
static void test_restart_in_between(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 0);
	restart();
	assert_int_equal(execute(scene, "INSERT INTO parent (name) VALUES ('x')"), 0);
	restart();
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 1);
	assert_int_equal(database_ready(scene->database, &scene->error), 0);
	restart();
	assert_int_equal(database_ready(scene->database, &scene->error), 0);
	assert_int_equal(database_schema_version(scene->database, &scene->error), SCHEMA_VERSION);
}

static void test_schema_missing(void **state)
{
	struct scene *scene = *state;
	struct settings settings = server_settings("bare");
	struct database *bare = database_new(&settings);

	server_make_database("bare");
	assert_int_equal(database_ready(bare, &scene->error), -1);
	assert_int_equal(scene->error.code, ERROR_UNAVAILABLE);
	assert_int_equal(database_execute(bare, "DO 1", NULL, 0, NULL, &scene->error), -1);
	assert_int_equal(scene->error.code, ERROR_UNAVAILABLE);
	error_clear(&scene->error);
	assert_int_equal(database_schema_version(bare, &scene->error), 0);
	assert_int_equal(scene->error.code, ERROR_NONE);
	assert_int_equal(database_count(bare), 0);
	server_make_schema("bare");
	assert_int_equal(database_ready(bare, &scene->error), 0);
	assert_int_equal(database_schema_version(bare, &scene->error), SCHEMA_VERSION);
	database_free(bare);
}

static void test_hosts(void **state)
{
	struct scene *scene = *state;
	char hosts[400];
	static const struct {
		const char *format;
		bool usable;
	} rows[] = {
		{ "/nowhere/s,%s", true },
		{ "%s,/nowhere/s", true },
		{ "127.0.0.1:9,%s,/nowhere/s", true },
		{ "127.0.0.1:9,/nowhere/s", false },
		{ "broken:port", false },
		{ "no-such-name.invalid", false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct settings settings = scene->settings;
		struct database *database;

		snprintf(hosts, sizeof(hosts), rows[i].format, server_socket());
		settings.database_hosts = hosts;
		database = database_new(&settings);
		error_clear(&scene->error);
		assert_int_equal(database_ready(database, &scene->error), rows[i].usable ? 0 : -1);
		if (!rows[i].usable)
			assert_int_equal(scene->error.code, ERROR_UNAVAILABLE);
		database_free(database);
	}
}

/* A server that became read-only is an outage, and over as soon as it takes writes again. */
static void test_read_only_server(void **state)
{
	struct scene *scene = *state;

	server_run(NULL, "CREATE OR REPLACE USER plain; GRANT ALL ON unit.* TO plain");
	scene->settings.database_user = "plain";
	database_free(scene->database);
	scene->database = database_new(&scene->settings);
	assert_int_equal(execute(scene, "INSERT INTO parent (name) VALUES ('a')"), 0);
	server_run(NULL, "SET GLOBAL read_only = 1");
	assert_int_equal(execute(scene, "INSERT INTO parent (name) VALUES ('b')"), -1);
	assert_int_equal(scene->error.code, ERROR_UNAVAILABLE);
	assert_int_equal(number(scene, "SELECT COUNT(*) FROM parent"), 1);
	server_run(NULL, "SET GLOBAL read_only = 0");
	assert_int_equal(execute(scene, "INSERT INTO parent (name) VALUES ('b')"), 0);
}

static int begin_server(void **state)
{
	(void)state;
	server_make_schema(DATABASE);
	return 0;
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_kinds),
		SCENE(test_many_rows),
		SCENE(test_statements_that_do_not_fit),
		SCENE(test_outcome),
		SCENE(test_faults),
		SCENE(test_session),
		SCENE(test_count),
		SCENE(test_small_memory),
		SCENE(test_statement_cache),
		SCENE(test_statements_in_turns),
		SCENE(test_table_changes_under_statement),
		SCENE(test_transaction),
		SCENE(test_put_off),
		SCENE(test_lost_at_commit),
		SCENE(test_transaction_inside_another),
		SCENE(test_attempt),
		SCENE(test_attempts),
		SCENE(test_real_deadlocks),
		SCENE(test_slow_statement),
		SCENE(test_idle_connection_killed),
		SCENE(test_outage),
		SCENE(test_restart_in_between),
		SCENE(test_schema_missing),
		SCENE(test_hosts),
		SCENE(test_read_only_server),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, begin_server, NULL);
	server_end();
	return failed;
}
