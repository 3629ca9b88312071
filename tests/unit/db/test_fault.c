#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "db/connection.h"
#include "db/fault.h"
#include "schema/resource.h"

static void test_info(void **state)
{
	static const struct {
		unsigned number;
		enum database_fault fault;
		enum error_code code;
		bool no_effect;
	} rows[] = {
		{ 1062, DATABASE_FAULT_DUPLICATE, ERROR_CONFLICT, false },
		{ 1586, DATABASE_FAULT_DUPLICATE, ERROR_CONFLICT, false },
		{ 1451, DATABASE_FAULT_REFERENCED, ERROR_IN_USE, false },
		{ 1452, DATABASE_FAULT_NO_PARENT, ERROR_INVALID, false },
		{ 1213, DATABASE_FAULT_RETRY, ERROR_UNAVAILABLE, false },
		{ 1205, DATABASE_FAULT_RETRY, ERROR_UNAVAILABLE, false },
		{ 1020, DATABASE_FAULT_RETRY, ERROR_UNAVAILABLE, false },
		{ 1047, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, true },
		{ 1180, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, false },
		{ 1290, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, true },
		{ 2002, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, true },
		{ 2006, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, true },
		{ 2013, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, false },
		{ FAILURE_HISTORY, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, true },
		{ 3159, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, true },
		{ 1969, DATABASE_FAULT_TIMEOUT, ERROR_UNAVAILABLE, false },
		{ 3024, DATABASE_FAULT_TIMEOUT, ERROR_UNAVAILABLE, false },
		{ 1, DATABASE_FAULT_OTHER, ERROR_UNAVAILABLE, false },
		{ 1021, DATABASE_FAULT_OTHER, ERROR_UNAVAILABLE, false },
		{ 1118, DATABASE_FAULT_OTHER, ERROR_TOO_LARGE, false },
		{ 1153, DATABASE_FAULT_OTHER, ERROR_TOO_LARGE, false },
		{ 1206, DATABASE_FAULT_OTHER, ERROR_UNAVAILABLE, false },
		{ 1264, DATABASE_FAULT_OTHER, ERROR_INVALID, false },
		{ 1366, DATABASE_FAULT_OTHER, ERROR_INVALID, false },
		{ 1406, DATABASE_FAULT_OTHER, ERROR_INVALID, false },
		{ 4025, DATABASE_FAULT_OTHER, ERROR_INVALID, false },
		{ 1054, DATABASE_FAULT_OTHER, ERROR_INTERNAL, false },
		{ 1698, DATABASE_FAULT_LOST, ERROR_UNAVAILABLE, true },
		{ 0, DATABASE_FAULT_OTHER, ERROR_INTERNAL, false },
		{ 99999, DATABASE_FAULT_OTHER, ERROR_INTERNAL, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct fault_info *info = fault_info(rows[i].number);

		assert_int_equal(info->fault, rows[i].fault);
		assert_int_equal(info->code, rows[i].code);
		assert_int_equal(info->no_effect, rows[i].no_effect);
	}
}

/* The table is searched by bisection: every number up to the highest finds its own row or none. */
static void test_info_is_sorted(void **state)
{
	unsigned found = 0;

	(void)state;
	for (unsigned number = 1; number < 5000; number++) {
		const struct fault_info *info = fault_info(number);

		assert_true(info->number == 0 || info->number == number);
		found += info->number == number;
	}
	assert_int_equal(
	    found, 84); /* all rows of the table: one in the wrong place is not found */
}

static void test_key(void **state)
{
	static const struct {
		unsigned number;
		const char *message, *key;
	} rows[] = {
		{ 1062, "Duplicate entry 'x' for key 'user_user_name'", "user_user_name" },
		{ 1062, "Duplicate entry 'it's' for key 'PRIMARY'", "PRIMARY" },
		{ 1062, "Duplicate entry 'a for key 'fake' b' for key 'real'", "real" },
		{ 1062, "Duplicate entry", "" },
		{ 1451,
		    "Cannot delete or update a parent row: a foreign key constraint fails "
		    "(`d`.`t`, CONSTRAINT "
		    "`t_owner` FOREIGN KEY (`x`) REFERENCES `y` (`id`))",
		    "t_owner" },
		{ 1452,
		    "Cannot add or update a child row: a foreign key constraint fails (`d`.`t`, "
		    "CONSTRAINT "
		    "`t_group` FOREIGN KEY (`x`) REFERENCES `y` (`id`))",
		    "t_group" },
		{ 1054, "Unknown column for key 'x'", "" },
		{ 1062,
		    "Duplicate entry 'x' for key "
		    "'a123456789b123456789c123456789d123456789e123456789f123456789g123456789'",
		    "a123456789b123456789c123456789d123456789e123456789f123456789g123" },
	};
	char key[FAULT_KEY_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fault_key(rows[i].number, rows[i].message, key);
		assert_string_equal(key, rows[i].key);
	}
}

static void test_redact(void **state)
{
	static const struct {
		unsigned number;
		const char *message, *text;
	} rows[] = {
		{ 1062, "Duplicate entry 'secret' for key 'a_key'",
		    "Duplicate entry for key 'a_key'" },
		{ 1366, "Incorrect string value: '\\xF0' for column `d`.`t`.`c` at row 1",
		    "Incorrect string value: '?' for column `d`.`t`.`c` at row 1" },
		{ 1292, "Incorrect datetime value: 'O'Brien' for column `c`",
		    "Incorrect datetime value: '?' for column `c`" },
		{ 1292, "Incorrect datetime value: 'cut", "Incorrect datetime value: '?'" },
		{ 1406, "Data too long for column 'name' at row 1",
		    "Data too long for column 'name' at row 1" },
		{ 1213, "Deadlock found", "Deadlock found" },
		{ 1005, "Can't create table `d`.`t` (errno: 121)",
		    "Can't create table `d`.`t` (errno: 121)" },
		{ 3, "Error writing file '/secret' (Errcode: 28)",
		    "Error writing file '?' (Errcode: 28)" },
		{ 1, "Can't create/write to file '/se'cr't' (Errcode: 2)",
		    "Can't create/write to file '?' (Errcode: 2)" },
		{ 1292, "Incorrect value: 'it's a 'sec'ret'' isn't one",
		    "Incorrect value: '?' isn't one" },
		{ 1292, "Incorrect value: 'don't tell", "Incorrect value: '?'" },
		{ 2003, "Can't connect to server on 'h' (111)",
		    "Can't connect to server on 'h' (111)" },
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fault_redact(rows[i].number, rows[i].message, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
	fault_redact(1213, "Deadlock found", text, 9);
	assert_string_equal(text, "Deadlock");
}

static void test_report(void **state)
{
	struct arena *arena = arena_new(4096, 1 << 20);
	struct error error;

	(void)state;
	error_init(&error, arena);
	assert_int_equal(
	    fault_report(1062, "23000", "Duplicate entry 'secret' for key 'k'", &error), -1);
	assert_int_equal(error.code, ERROR_CONFLICT);
	assert_null(error.message);
	assert_string_equal(
	    error.detail, "database error 1062 (23000): Duplicate entry for key 'k'");
	error_clear(&error);
	assert_int_equal(fault_report(1153, "08S01",
			     "Got a packet bigger than 'max_allowed_packet' bytes", &error),
	    -1);
	assert_int_equal(error.code, ERROR_TOO_LARGE);
	assert_non_null(strstr(error.message, "max_allowed_packet"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_info_is_sorted),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_redact),
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
