#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/guard.h"

#define FAILURES 3
#define WINDOW 2 /* seconds */

static char directory[] = "/tmp/clientele-guard-XXXXXX";
static struct arena *arena;
static struct error error;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(4096, 1 << 20);
	error_init(&error, arena);
	return arena != NULL && mkdtemp(directory) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "clientele.throttle", "clientele.hash" };
	char path[128];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		(void)unlink(path);
	}
	arena_free(arena);
	return rmdir(directory);
}

static struct throttle *open_throttle(void)
{
	struct throttle *throttle = throttle_open(directory);

	assert_non_null(throttle);
	throttle_configure(throttle, FAILURES, WINDOW);
	return throttle;
}

static bool refused(struct throttle *throttle, enum throttle_kind kind, const char *name)
{
	int status;

	error_clear(&error);
	status = throttle_check(throttle, kind, str_from(name), &error);
	if (status == 0)
		return false;
	assert_int_equal(error.code, ERROR_TOO_MANY);
	assert_in_range(error.retry_after, 1, WINDOW);
	return true;
}

static void fail_often(struct throttle *throttle, enum throttle_kind kind, const char *name)
{
	for (unsigned i = 1; i <= FAILURES; i++) {
		assert_false(refused(throttle, kind, name));
		assert_int_equal(throttle_fail(throttle, kind, str_from(name)), i == FAILURES);
	}
}

static void test_names(void **state)
{
	static const struct {
		enum throttle_kind kind;
		const char *failed, *other;
		bool same;
	} rows[] = {
		{ THROTTLE_ADDRESS, "192.0.2.1", "192.0.2.1", true },
		{ THROTTLE_ADDRESS, "192.0.2.7", "::ffff:192.0.2.7", true },
		{ THROTTLE_ADDRESS, "192.0.2.2", "192.0.2.3", false },
		{ THROTTLE_ADDRESS, "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true },
		{ THROTTLE_ADDRESS, "2001:db8:1:3::1", "2001:db8:1:4::1", false },
		{ THROTTLE_ADDRESS, "", "unix:", false },
		{ THROTTLE_USER, "Ann", "aNN", true },
		{ THROTTLE_USER, "bob", "bobby", false },
		{ THROTTLE_USER, "192.0.2.9", "192.0.2.99", false },
	};
	struct throttle *throttle = open_throttle();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fail_often(throttle, rows[i].kind, rows[i].failed);
		if (refused(throttle, rows[i].kind, rows[i].other) != rows[i].same)
			fail_msg("row %zu: \"%s\"", i, rows[i].other);
	}
	/* The kinds are apart. */
	assert_false(refused(throttle, THROTTLE_USER, "192.0.2.1"));
	assert_false(refused(throttle, THROTTLE_ADDRESS, "ann"));
	throttle_close(throttle);
}

static void test_right_credentials(void **state)
{
	struct throttle *throttle = open_throttle();

	(void)state;
	for (unsigned i = 0; i < FAILURES - 1; i++)
		assert_false(throttle_fail(throttle, THROTTLE_USER, STR("carol")));
	throttle_clear(throttle, THROTTLE_USER, STR("carol"));
	fail_often(throttle, THROTTLE_USER, "carol");
	/* Whoever knows the password as well waits like everybody else. */
	throttle_clear(throttle, THROTTLE_USER, STR("carol"));
	assert_true(refused(throttle, THROTTLE_USER, "carol"));
	throttle_configure(throttle, 0, WINDOW);
	assert_false(refused(throttle, THROTTLE_USER, "carol"));
	throttle_close(throttle);
}

static void test_processes_and_time(void **state)
{
	struct throttle *throttle = open_throttle();
	pid_t children[FAILURES];

	(void)state;
	for (unsigned i = 0; i < FAILURES; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			(void)throttle_fail(throttle, THROTTLE_USER, STR("dora"));
			(void)kill(getpid(), SIGKILL);
		}
	}
	for (unsigned i = 0; i < FAILURES; i++)
		(void)waitpid(children[i], NULL, 0);
	throttle_close(throttle);
	throttle = open_throttle();
	assert_true(refused(throttle, THROTTLE_USER, "dora"));
	(void)throttle_fail(throttle, THROTTLE_USER, STR("emil"));
	(void)throttle_fail(throttle, THROTTLE_USER, STR("emil"));
	(void)sleep(WINDOW + 1);
	assert_false(refused(throttle, THROTTLE_USER, "dora"));
	/* The first two are forgotten. */
	assert_false(throttle_fail(throttle, THROTTLE_USER, STR("emil")));
	assert_false(refused(throttle, THROTTLE_USER, "emil"));
	throttle_close(throttle);
}

/* Names that fill the table do not open the door again. */
static void test_flood(void **state)
{
	struct throttle *throttle = open_throttle();
	char name[32];
	unsigned forgotten = 0;

	(void)state;
	throttle_configure(throttle, FAILURES, 3600);
	for (unsigned i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "victim%u", i);
		for (unsigned j = 0; j < FAILURES; j++)
			(void)throttle_fail(throttle, THROTTLE_USER, str_from(name));
	}
	for (unsigned i = 0; i < 200000; i++) {
		snprintf(name, sizeof(name), "flood%u", i);
		(void)throttle_fail(throttle, THROTTLE_USER, str_from(name));
	}
	for (unsigned i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "victim%u", i);
		error_clear(&error);
		if (throttle_check(throttle, THROTTLE_USER, str_from(name), &error) == 0)
			forgotten++;
	}
	assert_int_equal(forgotten, 0);
	throttle_close(throttle);
}

static void take_and_wait(struct hash_slots *slots, int ready)
{
	if (hash_slot_take(slots, &error) == 0 && write(ready, "y", 1) == 1)
		(void)pause();
	_exit(1);
}

static void test_hash_slots(void **state)
{
	struct hash_slots *slots = hash_slots_open(directory);
	int ready[2];
	char byte;
	pid_t child;

	(void)state;
	assert_non_null(slots);
	assert_int_equal(pipe(ready), 0);
	hash_slots_configure(slots, 1);
	child = fork();
	if (child == 0)
		take_and_wait(slots, ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	error_clear(&error);
	assert_int_equal(hash_slot_take(slots, &error), -1);
	assert_int_equal(error.code, ERROR_UNAVAILABLE);
	assert_int_equal(error.retry_after, 1);
	hash_slots_configure(slots, 2);
	assert_int_equal(hash_slot_take(slots, &error), 0);
	hash_slot_give(slots);
	hash_slots_configure(slots, 1);
	/* A slot ends with its process. */
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	assert_int_equal(hash_slot_take(slots, &error), 0);
	hash_slot_give(slots);
	(void)close(ready[0]);
	(void)close(ready[1]);
	hash_slots_close(slots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_right_credentials),
		cmocka_unit_test(test_processes_and_time),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_hash_slots),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
