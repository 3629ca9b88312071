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

#include "auth/attempt.h"

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
	static const char *const names[] = { "clientele.throttle", "clientele.known" };
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

static struct throttle_counter of_address(enum throttle_scope scope, const char *address)
{
	return (struct throttle_counter){ .scope = scope,
		.address = throttle_address(str_from(address)) };
}

static struct throttle_counter of_user(unsigned number)
{
	struct uuid id = { { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
	    1 } };

	return (struct throttle_counter){ .scope = THROTTLE_BY_OWNER, .owner = throttle_user(&id) };
}

static bool refused(struct throttle *throttle, struct throttle_counter counter)
{
	char seconds[32];

	error_clear(&error);
	if (throttle_check(throttle, &counter, &error) == 0)
		return false;
	assert_int_equal(error.code, ERROR_TOO_MANY);
	assert_in_range(error.retry_after, 1, WINDOW);
	snprintf(seconds, sizeof(seconds), "in %d second", (int)error.retry_after);
	assert_non_null(strstr(error.message, seconds));
	return true;
}

static void fail_often(struct throttle *throttle, struct throttle_counter counter)
{
	for (unsigned i = 1; i <= FAILURES; i++) {
		assert_false(refused(throttle, counter));
		assert_int_equal(throttle_fail(throttle, &counter), i == FAILURES);
	}
}

static void test_addresses(void **state)
{
	static const struct {
		const char *failed, *other, *printed;
		bool same;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.7", "::ffff:192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.2", "192.0.2.3", "192.0.2.2", false },
		{ "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::/64", true },
		{ "2001:db8:1:3::1", "2001:db8:1:4::1", "2001:db8:1:3::/64", false },
		{ "", "unix:", "local", false },
	};
	struct throttle *throttle = open_throttle();
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct throttle_counter failed = of_address(THROTTLE_BY_ADDRESS, rows[i].failed);

		fail_often(throttle, failed);
		if (refused(throttle, of_address(THROTTLE_BY_ADDRESS, rows[i].other)) !=
		    rows[i].same)
			fail_msg("row %zu: \"%s\"", i, rows[i].other);
		throttle_address_print(&failed.address, &text);
		assert_true(str_equal(buf_str(&text), str_from(rows[i].printed)));
		buf_reset(&text, 0);
	}
	/* The scopes are apart. */
	assert_false(refused(throttle, of_address(THROTTLE_BY_LOOKUP, "192.0.2.1")));
	buf_free(&text);
	throttle_close(throttle);
}

static void test_right_credentials(void **state)
{
	struct throttle *throttle = open_throttle();
	struct throttle_counter carol = of_user(1);

	(void)state;
	for (unsigned i = 0; i < FAILURES - 1; i++)
		assert_false(throttle_fail(throttle, &carol));
	throttle_clear(throttle, &carol);
	fail_often(throttle, carol);
	/* Whoever knows the password as well waits like everybody else. */
	throttle_clear(throttle, &carol);
	assert_true(refused(throttle, carol));
	throttle_configure(throttle, 0, WINDOW);
	assert_false(refused(throttle, carol));
	throttle_close(throttle);
}

static void test_processes_and_time(void **state)
{
	struct throttle *throttle = open_throttle();
	struct throttle_counter dora = of_user(2), emil = of_user(3);
	pid_t children[FAILURES];

	(void)state;
	for (unsigned i = 0; i < FAILURES; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			(void)throttle_fail(throttle, &dora);
			(void)kill(getpid(), SIGKILL);
		}
	}
	for (unsigned i = 0; i < FAILURES; i++)
		(void)waitpid(children[i], NULL, 0);
	throttle_close(throttle);
	throttle = open_throttle();
	assert_true(refused(throttle, dora));
	(void)throttle_fail(throttle, &emil);
	(void)throttle_fail(throttle, &emil);
	(void)sleep(WINDOW + 1);
	assert_false(refused(throttle, dora));
	/* The first two are forgotten. */
	assert_false(throttle_fail(throttle, &emil));
	assert_false(refused(throttle, emil));
	throttle_close(throttle);
}

/* Names that fill the table do not open the door again. */
static void test_flood(void **state)
{
	struct throttle *throttle = open_throttle();
	unsigned forgotten = 0;

	(void)state;
	throttle_configure(throttle, FAILURES, 3600);
	for (unsigned i = 0; i < 64; i++) {
		struct throttle_counter victim = of_user(1000 + i);

		for (unsigned j = 0; j < FAILURES; j++)
			(void)throttle_fail(throttle, &victim);
	}
	for (unsigned i = 0; i < 200000; i++) {
		struct throttle_counter flood = of_user(10000 + i);

		(void)throttle_fail(throttle, &flood);
	}
	for (unsigned i = 0; i < 64; i++) {
		struct throttle_counter victim = of_user(1000 + i);

		error_clear(&error);
		if (throttle_check(throttle, &victim, &error) == 0)
			forgotten++;
	}
	assert_int_equal(forgotten, 0);
	throttle_close(throttle);
}

static void count_entry(void *context, const struct throttle_entry *entry)
{
	unsigned *counts = context;

	counts[entry->counter.scope] += 1 + (entry->refused ? 100 : 0);
}

static void test_list_and_forget(void **state)
{
	static const struct throttle_owner anybody;
	static const struct throttle_address anywhere;
	struct throttle *throttle = throttle_open(NULL);
	struct throttle_counter key = of_address(THROTTLE_BY_BOTH, "198.51.100.1");
	struct throttle_counter address = of_address(THROTTLE_BY_LOOKUP, "198.51.100.1");
	unsigned counts[THROTTLE_SCOPE__MAX] = { 0 };

	(void)state;
	assert_non_null(throttle);
	throttle_configure(throttle, FAILURES, 3600);
	key.owner = throttle_key(INT64_C(0x1122334455));
	assert_int_equal(throttle_key_number(&key.owner), INT64_C(0x1122334455));
	(void)throttle_fail(throttle, &key);
	for (unsigned i = 0; i < FAILURES; i++)
		(void)throttle_fail(throttle, &address);
	key.scope = THROTTLE_BY_OWNER;
	(void)throttle_fail(throttle, &key);
	throttle_list(throttle, count_entry, counts);
	assert_int_equal(counts[THROTTLE_BY_BOTH], 1);
	assert_int_equal(counts[THROTTLE_BY_LOOKUP], 101);
	assert_int_equal(counts[THROTTLE_BY_OWNER], 1);
	assert_int_equal(throttle_forget(throttle, &address.address, &anybody), 2);
	assert_int_equal(throttle_wait(throttle, &address), 0);
	assert_int_equal(throttle_forget(throttle, &anywhere, &key.owner), 1);
	assert_int_equal(throttle_forget(throttle, &anywhere, &anybody), 0);
	throttle_close(throttle);
}

/* --- attempts --- */

static struct guard *open_guard(void)
{
	const struct settings settings = { .throttle_failures = FAILURES,
		.throttle_window = 3600,
		.gate_share = 50,
		.gate_wait_milliseconds = 100 };
	struct guard *guard = guard_open(NULL);

	assert_non_null(guard);
	guard_configure(guard, &settings, 4);
	return guard;
}

/* What the caller is told at the end. */
static enum error_code conclude(struct attempt *attempt, bool right)
{
	if (right) {
		attempt_succeed(attempt);
		return ERROR_NONE;
	}
	error_set(&error, ERROR_UNAUTHENTICATED, "No.");
	assert_int_equal(attempt_fail(attempt, &error), -1);
	return error.code;
}

/* One look-up; returns what the caller is told. */
static enum error_code look_up(
    struct guard *guard, const char *address, const char *key, bool right)
{
	uint8_t hash[KEY_HASH_LENGTH];
	struct attempt attempt;

	error_clear(&error);
	key_hash(str_from(key), hash);
	if (attempt_begin_lookup(&attempt, guard, str_from(address), hash, &error) != 0)
		return error.code;
	return conclude(&attempt, right);
}

static void test_right_keys_are_never_refused(void **state)
{
	struct guard *guard = open_guard();
	uint8_t fresh[KEY_HASH_LENGTH];
	unsigned looked = 0;
	char key[32];

	(void)state;
	assert_int_equal(look_up(guard, "10.0.0.1", "old", true), ERROR_NONE);
	for (unsigned i = 0; i < FAILURES; i++)
		assert_int_equal(look_up(guard, "10.0.0.1", "x", false), ERROR_UNAUTHENTICATED);
	key_hash(STR("fresh"), fresh);
	known_add(guard->known, fresh);
	for (unsigned i = 0; i < 10000; i++) {
		struct attempt attempt;
		uint8_t hash[KEY_HASH_LENGTH];

		snprintf(key, sizeof(key), "guess %u", i);
		key_hash(str_from(key), hash);
		error_clear(&error);
		looked += attempt_begin_lookup(&attempt, guard, STR("10.0.0.1"), hash, &error) == 0;
		if (i % 1000 != 0)
			continue;
		assert_int_equal(look_up(guard, "10.0.0.1", "old", true), ERROR_NONE);
		/* Revoked meanwhile: not right any more, and no guess either. */
		assert_int_equal(look_up(guard, "10.0.0.1", "old", false), ERROR_UNAUTHENTICATED);
		assert_int_equal(look_up(guard, "10.0.0.1", "fresh", true), ERROR_NONE);
		assert_int_equal(look_up(guard, "10.0.0.1", "y", false), ERROR_TOO_MANY);
	}
	/* A few in a second, and those that the filter mistakes. */
	assert_in_range(looked, 0, 100);
	assert_int_equal(look_up(guard, "10.0.0.2", "z", false), ERROR_UNAUTHENTICATED);
	guard_close(guard);
}

/* One login; returns what the caller is told, with the hash never computed where it is refused. */
static enum error_code log_in(
    struct guard *guard, const char *address, const char *name, unsigned user, bool right)
{
	const struct str none = { NULL, 0 };
	struct uuid id = { { (uint8_t)user } };
	struct attempt attempt;

	error_clear(&error);
	if (attempt_begin_name(&attempt, guard, str_from(address), str_from(name), none, &error) !=
	    0)
		return error.code;
	if (user != 0)
		attempt_set_owner(&attempt, throttle_user(&id));
	if (attempt_check(&attempt, &error) != 0)
		return error.code;
	return conclude(&attempt, right);
}

static void test_owners_are_counted_not_names(void **state)
{
	static const char *const forms[] = { "robot", "robot ", "ROBOT" };
	struct guard *guard = open_guard();
	char address[32];

	(void)state;
	assert_int_equal(log_in(guard, "10.1.0.9", "robot", 7, true), ERROR_NONE);
	for (unsigned i = 0; i < FAILURES; i++) {
		snprintf(address, sizeof(address), "10.1.0.%u", i);
		assert_int_equal(log_in(guard, address, forms[i], 7, false), ERROR_UNAUTHENTICATED);
	}
	assert_int_equal(log_in(guard, "10.1.0.8", "robot\u00ad", 7, true), ERROR_TOO_MANY);
	/* Where it was right before, others' failures do not count. */
	assert_int_equal(log_in(guard, "10.1.0.9", "robot", 7, true), ERROR_NONE);
	for (unsigned i = 0; i < FAILURES; i++)
		assert_int_equal(
		    log_in(guard, "10.1.0.9", "nobody", 0, false), ERROR_UNAUTHENTICATED);
	assert_int_equal(log_in(guard, "10.1.0.9", "nobody else", 0, false), ERROR_TOO_MANY);
	assert_int_equal(log_in(guard, "10.1.0.9", "other", 8, true), ERROR_TOO_MANY);
	/* A name that was somebody's is no way to have nobody's password hashed. */
	assert_int_equal(log_in(guard, "10.1.0.9", "robot", 0, false), ERROR_TOO_MANY);
	for (unsigned i = 0; i < FAILURES; i++)
		assert_int_equal(
		    log_in(guard, "10.1.0.9", "robot", 7, false), ERROR_UNAUTHENTICATED);
	assert_int_equal(log_in(guard, "10.1.0.9", "robot", 7, true), ERROR_TOO_MANY);
	guard_close(guard);
}

/* --- the gate --- */

#define WORKERS 4

static struct gate *open_gate(int64_t wait)
{
	const struct gate_limits limits = {
		.workers = WORKERS,
		.hashes = 1,
		.heavy = 2,
		.share = 2,
		.heavy_share = 1,
		.wait_milliseconds = wait,
	};
	struct gate *gate = gate_open();

	assert_non_null(gate);
	gate_configure(gate, &limits);
	return gate;
}

static void begin_as(struct gate *gate, const char *address, const char *caller)
{
	gate_begin(gate, str_from(address));
	if (caller != NULL)
		gate_set_caller(gate, caller, strlen(caller));
}

/*
 * A worker that enters and stays in until it is killed. Returns its process when it is in, or in
 * the queue where `queued`.
 */
static pid_t start_worker(struct gate *gate, unsigned number, const char *address,
    const char *caller, enum gate_kind kind, bool queued)
{
	int ready[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		gate_attach(gate, number);
		begin_as(gate, address, caller);
		if (queued)
			(void)!write(ready[1], "q", 1);
		if ((kind == GATE_LIST ? gate_enter_list(gate, GATE_HEAVY, &error)
				       : gate_enter(gate, kind, &error)) == 0) {
			(void)!write(ready[1], "y", 1);
			(void)pause();
		}
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	if (queued)
		(void)usleep(30000);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return child;
}

static void end_worker(struct gate *gate, unsigned number, pid_t child)
{
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	gate_forget(gate, number);
}

static bool enters(struct gate *gate, enum gate_kind kind)
{
	error_clear(&error);
	if (gate_enter(gate, kind, &error) == 0) {
		gate_leave(gate, kind);
		return true;
	}
	assert_int_equal(error.code, ERROR_BUSY);
	assert_int_equal(error.retry_after, 1);
	return false;
}

/* A slot ends with its process; who waits enters then. */
static void test_gate_waits(void **state)
{
	struct gate *gate = open_gate(50);
	pid_t child;

	(void)state;
	assert_true(enters(gate, GATE_HASH)); /* this is no worker */
	child = start_worker(gate, 1, "10.0.0.1", NULL, GATE_HASH, false);
	gate_attach(gate, 0);
	begin_as(gate, "10.0.0.2", NULL);
	assert_false(enters(gate, GATE_HASH));
	assert_true(enters(gate, GATE_SESSION));
	end_worker(gate, 1, child);
	assert_true(enters(gate, GATE_HASH));
	gate_close(gate);
}

/* True when the process has ended by itself, within a time that is long only for a machine. */
static bool has_ended(pid_t child)
{
	for (unsigned i = 0; i < 1000; i++) {
		if (waitpid(child, NULL, WNOHANG) == child)
			return true;
		(void)usleep(10000);
	}
	return false;
}

static bool enters_list(struct gate *gate, bool heavy)
{
	error_clear(&error);
	if (gate_enter_list(gate, heavy ? GATE_HEAVY : GATE_UNKNOWN, &error) != 0) {
		assert_int_equal(error.code, ERROR_BUSY);
		assert_int_equal(error.retry_after, 1);
		return false;
	}
	assert_int_equal(gate_is_heavy(gate), heavy);
	gate_end(gate);
	return true;
}

static bool is_refused_as_heavy(struct gate *gate)
{
	return !enters_list(gate, true) && error.word != NULL &&
	       strcmp(error.word, "TOO_MANY_HEAVY_REQUESTS") == 0 && gate_is_heavy(gate);
}

static void test_gate_shares(void **state)
{
	struct gate *gate = open_gate(50);
	pid_t child;

	(void)state;
	child = start_worker(gate, 1, "10.0.0.1", "reader", GATE_LIST, false);
	gate_attach(gate, 0);
	begin_as(gate, "10.0.0.1", "reader");
	assert_false(enters_list(gate, true)); /* it had to wait */
	assert_null(error.word);
	/* Another caller from the same address has a share of its own. */
	begin_as(gate, "10.0.0.1", "another");
	assert_true(enters_list(gate, true));
	assert_true(enters(gate, GATE_BULK));
	begin_as(gate, "10.0.0.1", "reader");
	assert_true(enters_list(gate, false));
	/* The share is of all that is heavy. */
	assert_false(enters(gate, GATE_BULK));
	end_worker(gate, 1, child);
	assert_true(enters(gate, GATE_BULK));
	gate_close(gate);
}

/* Heavy requests of all callers together; what a worker held that died is there again. */
static void test_gate_heavy(void **state)
{
	static const enum gate_kind kinds[] = { GATE_LIST, GATE_BULK };
	struct gate *gate = open_gate(60000);
	pid_t children[2], newcomer;

	(void)state;
	children[0] = start_worker(gate, 1, "10.0.0.1", "one", kinds[0], false);
	children[1] = start_worker(gate, 2, "10.0.0.2", "two", kinds[1], false);
	gate_attach(gate, 0);
	begin_as(gate, "10.0.0.3", "three");
	assert_false(gate_is_heavy(gate));
	assert_true(is_refused_as_heavy(gate));
	begin_as(gate, "10.0.0.3", "three");
	assert_true(enters_list(gate, false));
	assert_true(enters(gate, GATE_HASH));
	assert_true(enters(gate, GATE_MAIL));
	for (unsigned i = 0; i < 2; i++) {
		end_worker(gate, 1 + i, children[i]);
		assert_true(enters_list(gate, true));
		children[i] = start_worker(gate, 1 + i, "10.0.0.4", "four", kinds[i], i == 1);
	}
	/* The caller has one that is in, and one that waits: that one gives way. */
	newcomer = start_worker(gate, 3, "10.0.0.5", "five", GATE_LIST, false);
	assert_true(has_ended(children[1]));
	assert_true(is_refused_as_heavy(gate));
	end_worker(gate, 1, children[0]);
	end_worker(gate, 3, newcomer);
	gate_close(gate);
}

/* Whether the caller's next list is heavy after one of that weight has taken long. */
static bool marks_caller(struct gate *gate, const char *caller, enum gate_weight weight)
{
	begin_as(gate, "10.0.0.1", caller);
	assert_int_equal(gate_enter_list(gate, weight, &error), 0);
	(void)usleep(1050000);
	gate_end(gate);
	begin_as(gate, "10.0.0.1", caller);
	assert_int_equal(gate_enter_list(gate, GATE_LIGHT, &error), 0);
	assert_false(gate_is_heavy(gate));
	gate_end(gate);
	begin_as(gate, "10.0.0.1", caller);
	assert_int_equal(gate_enter_list(gate, GATE_UNKNOWN, &error), 0);
	gate_end(gate);
	return gate_is_heavy(gate);
}

/* Where the database is slow to answer what is light, nobody is held to have asked for much. */
static void test_gate_marks(void **state)
{
	struct gate *gate = open_gate(50);

	(void)state;
	gate_attach(gate, 0);
	assert_true(marks_caller(gate, "long", GATE_UNKNOWN));
	assert_false(marks_caller(gate, "light", GATE_LIGHT));
	gate_close(gate);
}

/* One worker is kept free; who has nothing puts out one that waits of who has several. */
static void test_gate_reserve(void **state)
{
	struct gate *gate = open_gate(60000);
	pid_t children[3], newcomer;

	(void)state;
	children[0] = start_worker(gate, 1, "10.0.0.1", NULL, GATE_HASH, false);
	children[1] = start_worker(gate, 2, "10.0.0.1", NULL, GATE_HASH, true);
	children[2] = start_worker(gate, 3, "10.0.0.2", NULL, GATE_HASH, true);
	gate_attach(gate, 0);
	begin_as(gate, "10.0.0.1", NULL);
	assert_false(enters(gate, GATE_HASH));
	begin_as(gate, "10.0.0.2", NULL);
	assert_false(enters(gate, GATE_HASH));
	begin_as(gate, "10.0.0.3", NULL);
	assert_true(enters(gate, GATE_MAIL));
	gate_end(gate);
	newcomer = start_worker(gate, 0, "10.0.0.3", NULL, GATE_HASH, true);
	assert_true(has_ended(children[1])); /* it was refused */
	end_worker(gate, 0, newcomer);
	end_worker(gate, 1, children[0]);
	end_worker(gate, 3, children[2]);
	gate_close(gate);
}

/* A command has neither gate nor throttle; what it makes is known to the pool, if there is one. */
static void test_joined(void **state)
{
	const char *const directories[] = { directory, "/nonexistent" };
	struct known_set *known;
	uint8_t digest[KEY_HASH_LENGTH];
	char path[128];

	(void)state;
	/* Who only reads leaves no file behind, which might be another user's than the pool's. */
	snprintf(path, sizeof(path), "%s/clientele.known", directory);
	guard_close(guard_join(directory));
	assert_int_equal(access(path, F_OK), -1);
	known = known_open(directory);
	assert_non_null(known);
	for (unsigned i = 0; i < 2; i++) {
		struct guard *guard = guard_join(directories[i]);
		const struct str key = i == 0 ? STR("api_joined") : STR("api_alone");
		char hash[PASSWORD_HASH_MAX];
		bool right = false;

		assert_non_null(guard);
		key_hash(key, digest);
		assert_false(known_has(known, digest));
		guard_make_known(guard, key);
		assert_int_equal(known_has(known, digest), i == 0);
		assert_int_equal(
		    guard_hash_password(guard, STR("a long password"), hash, &error), 0);
		assert_int_equal(
		    guard_verify_password(guard, STR("a long password"), hash, &right, &error), 0);
		assert_true(right);
		guard_close(guard);
	}
	known_close(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_right_credentials),
		cmocka_unit_test(test_processes_and_time),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_list_and_forget),
		cmocka_unit_test(test_right_keys_are_never_refused),
		cmocka_unit_test(test_owners_are_counted_not_names),
		cmocka_unit_test(test_gate_waits),
		cmocka_unit_test(test_gate_shares),
		cmocka_unit_test(test_gate_heavy),
		cmocka_unit_test(test_gate_marks),
		cmocka_unit_test(test_gate_reserve),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
