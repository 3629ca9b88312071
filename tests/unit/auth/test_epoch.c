#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/epoch.h"

static char directory[] = "/tmp/clientele-epoch-XXXXXX";
static char file[64];

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/clientele.epoch", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(file);
	return rmdir(directory);
}

static void run_process(void (*work)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Of the test that runs; its processes close what they have inherited. */
static struct epoch *inherited;

static void advance_once(void)
{
	struct epoch *epoch = epoch_open(directory);

	if (epoch == NULL)
		_exit(1);
	epoch_advance(epoch);
	epoch_close(epoch);
	epoch_close(inherited);
}

/* Two processes that know of each other by the directory only. */
static void test_file(void **state)
{
	struct stat status;
	uint64_t before;

	(void)state;
	inherited = epoch_open(directory);
	assert_non_null(inherited);
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	before = epoch_value(inherited);
	run_process(advance_once);
	assert_int_equal(epoch_value(inherited), before + 1);
	epoch_close(inherited);
	inherited = epoch_open(directory);
	assert_int_equal(epoch_value(inherited), before + 1);
	epoch_close(inherited);
}

static void advance_inherited(void)
{
	epoch_advance(inherited);
	epoch_close(inherited);
}

static void test_anonymous(void **state)
{
	static const char *const none[] = { NULL, "" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		inherited = epoch_open(none[i]);
		assert_non_null(inherited);
		assert_int_equal(epoch_value(inherited), 0);
		run_process(advance_inherited);
		assert_int_equal(epoch_value(inherited), 1);
		epoch_close(inherited);
	}
}

static void test_no_directory(void **state)
{
	(void)state;
	assert_null(epoch_open("/nonexistent/directory"));
}

static void test_claim(void **state)
{
	struct epoch *epoch = epoch_open(NULL);

	(void)state;
	assert_true(epoch_claim_poll(epoch, 5000000, 1000000));
	assert_false(epoch_claim_poll(epoch, 5000000, 1000000));
	assert_false(epoch_claim_poll(epoch, 5999999, 1000000));
	assert_true(epoch_claim_poll(epoch, 6000000, 1000000));
	assert_false(epoch_claim_poll(epoch, 5999990, 1000000)); /* a clock read a little earlier */
	/* After a reboot the clock begins again. */
	assert_true(epoch_claim_poll(epoch, 1000, 1000000));
	assert_false(epoch_claim_poll(epoch, 2000, 1000000));
	epoch_close(epoch);
}

/* Of several processes that ask at one time, one gets the interval. */
static void test_claim_once(void **state)
{
	enum { ROUNDS = 40, PROCESSES = 4 };

	(void)state;
	inherited = epoch_open(NULL);
	for (int64_t round = 1; round <= ROUNDS; round++) {
		int gate[2];
		int claims = 0;
		int status;
		char byte;

		assert_int_equal(pipe(gate), 0);
		for (int i = 0; i < PROCESSES; i++) {
			if (fork() == 0) {
				bool claimed;

				close(gate[1]);
				(void)!read(gate[0], &byte, 1);
				claimed = epoch_claim_poll(inherited, round * 1000 + i, 1000);
				epoch_close(inherited);
				_exit(claimed);
			}
		}
		close(gate[0]);
		close(gate[1]);
		while (wait(&status) > 0)
			claims += WEXITSTATUS(status);
		assert_int_equal(claims, 1);
	}
	epoch_close(inherited);
}

static void test_follow(void **state)
{
	struct epoch *epoch = epoch_open(NULL);

	(void)state;
	assert_true(epoch_follow(epoch, 0)); /* the first that was told */
	assert_int_equal(epoch_value(epoch), 1);
	assert_false(epoch_follow(epoch, 0));
	assert_int_equal(epoch_value(epoch), 1);
	assert_false(epoch_follow(epoch, 7));
	assert_int_equal(epoch_value(epoch), 2);
	assert_false(epoch_follow(epoch, 7));
	assert_false(epoch_follow(epoch, 7));
	assert_int_equal(epoch_value(epoch), 2);
	epoch_close(epoch);
}

/* --- marks --- */

static struct mark a_mark(enum mark_kind kind, uint8_t number)
{
	struct mark mark = { .kind = kind };

	mark.subject.bytes[15] = number;
	return mark;
}

/* A token of user 1, session 2 and client 3. */
static bool token_holds(const struct epoch *epoch, struct epoch_stamp *stamp)
{
	const struct mark subjects[] = { a_mark(MARK_USER, 1), a_mark(MARK_SESSION, 2),
		a_mark(MARK_CLIENT, 3) };

	return epoch_holds(epoch, stamp, subjects, 3);
}

static void test_marks(void **state)
{
	static const struct {
		enum mark_kind kind;
		uint8_t number;
		bool holds;
	} rows[] = {
		{ MARK_USER, 1, false },
		{ MARK_SESSION, 2, false },
		{ MARK_CLIENT, 3, false },
		{ MARK_ACCOUNT, 1, true },
		{ MARK_USER, 2, true },
		{ MARK_SESSION, 1, true },
		{ MARK_CLIENT, 1, true },
		{ MARK_KEY, 1, true },
		{ MARK_KEY, 2, true },
	};
	struct epoch *epoch = epoch_open(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct epoch_stamp before = epoch_stamp(epoch), after, unmoved = before;
		const struct mark mark = a_mark(rows[i].kind, rows[i].number);

		assert_true(token_holds(epoch, &before));
		assert_true(epoch_unchanged(epoch, &before));
		epoch_mark(epoch, &mark);
		after = epoch_stamp(epoch);
		assert_false(epoch_unchanged(epoch, &before));
		assert_int_equal(token_holds(epoch, &before), rows[i].holds);
		/* What was read since has it in it; what does not hold never does again. */
		assert_true(token_holds(epoch, &after));
		assert_int_equal(token_holds(epoch, &unmoved), rows[i].holds);
		assert_int_equal(before.marks, rows[i].holds ? after.marks : after.marks - 1);
		assert_int_equal(epoch_value(epoch), 0);
	}
	epoch_close(epoch);
}

static void test_marks_of_keys(void **state)
{
	struct mark one = mark_of_key(1), other = mark_of_key(256), again = mark_of_key(1);
	struct epoch *epoch = epoch_open(NULL);
	struct epoch_stamp stamp = epoch_stamp(epoch);

	(void)state;
	assert_true(mark_equal(&one, &again));
	assert_false(mark_equal(&one, &other));
	assert_int_equal(one.subject.bytes[15], 1);
	assert_int_equal(other.subject.bytes[14], 1);
	epoch_mark(epoch, &other);
	assert_true(epoch_holds(epoch, &stamp, &one, 1));
	epoch_mark(epoch, &one);
	assert_false(epoch_holds(epoch, &stamp, &one, 1));
	epoch_close(epoch);
}

/* As many marks as there is room for are told apart; with one more nobody knows. */
static void test_more_marks_than_there_is_room_for(void **state)
{
	const struct mark other = a_mark(MARK_SESSION, 9), own = a_mark(MARK_SESSION, 2);
	struct epoch *epoch = epoch_open(NULL);
	struct epoch_stamp stamp, used;

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		stamp = used = epoch_stamp(epoch);
		for (unsigned i = 0; i < EPOCH_MARKS; i++)
			epoch_mark(epoch, &other);
		assert_true(token_holds(epoch, &used));
		assert_int_equal(used.marks, stamp.marks + EPOCH_MARKS);
		epoch_mark(epoch, &other);
		assert_false(token_holds(epoch, &stamp));
		assert_true(token_holds(epoch, &used));
	}
	/* The first and the last of a full memory. */
	stamp = used = epoch_stamp(epoch);
	epoch_mark(epoch, &own);
	for (unsigned i = 1; i < EPOCH_MARKS; i++)
		epoch_mark(epoch, &other);
	assert_false(token_holds(epoch, &stamp));
	stamp = epoch_stamp(epoch);
	for (unsigned i = 1; i < EPOCH_MARKS; i++)
		epoch_mark(epoch, &other);
	epoch_mark(epoch, &own);
	assert_false(token_holds(epoch, &stamp));
	assert_int_equal(epoch_value(epoch), 0);
	epoch_close(epoch);
}

static void test_advance_ends_all(void **state)
{
	struct epoch *epoch = epoch_open(NULL), *other = epoch_open(NULL);
	struct epoch_stamp stamp = epoch_stamp(epoch), none = { 0 };

	(void)state;
	assert_false(token_holds(epoch, &none));
	epoch_advance(epoch);
	assert_false(token_holds(epoch, &stamp));
	/* Another memory in the same place, as after a cut, knows nothing of what was. */
	stamp = epoch_stamp(epoch);
	epoch_advance(other);
	assert_false(token_holds(other, &stamp));
	epoch_close(epoch);
	epoch_close(other);
}

enum { WRITERS = 4, WRITTEN = 50000 };

static void write_marks(void)
{
	const struct mark other = a_mark(MARK_SESSION, 9);

	for (int i = 0; i < WRITTEN; i++)
		epoch_mark(inherited, &other);
	epoch_close(inherited);
}

/*
 * Several processes write at once, round after round: each mark has its place, or all credentials
 * go; no writer stays behind, and what is read is whole.
 */
static void test_marks_of_many_processes(void **state)
{
	const struct mark own = a_mark(MARK_SESSION, 2);
	struct epoch_stamp stamp;
	int status;

	(void)state;
	inherited = epoch_open(NULL);
	for (int i = 0; i < WRITERS; i++) {
		if (fork() == 0) {
			write_marks();
			_exit(0);
		}
	}
	do {
		/* Of its own it is never told falsely that nothing has come. */
		stamp = epoch_stamp(inherited);
		epoch_mark(inherited, &own);
		assert_false(token_holds(inherited, &stamp));
	} while (epoch_mark_count(inherited) < WRITERS * WRITTEN);
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	stamp = epoch_stamp(inherited);
	epoch_mark(inherited, &(struct mark){ .kind = MARK_KEY });
	assert_true(token_holds(inherited, &stamp));
	epoch_mark(inherited, &own);
	assert_false(token_holds(inherited, &stamp));
	epoch_close(inherited);
}

/* --- what was read --- */

static void test_seen(void **state)
{
	struct epoch *epoch = epoch_open(NULL);

	(void)state;
	assert_int_equal(epoch_seen(epoch, 4711), 0);
	epoch_note_seen(epoch, 4711, 5, 1);
	assert_int_equal(epoch_seen(epoch, 4711), 5);
	epoch_note_seen(epoch, 4711, INT64_MAX, 2);
	assert_int_equal(epoch_seen(epoch, 4711), INT64_MAX);
	assert_int_equal(epoch_seen(epoch, INT64_MAX), 0);
	/* Others of the same set: the one that was noted longest ago goes. */
	for (int i = 1; i <= 7; i++)
		epoch_note_seen(epoch, 4711 + i * 65536, i, 2 + i);
	assert_int_equal(epoch_seen(epoch, 4711), INT64_MAX);
	epoch_note_seen(epoch, 4711, 6, 20);
	epoch_note_seen(epoch, 4711 + 8 * 65536, 8, 21);
	assert_int_equal(epoch_seen(epoch, 4711), 6);
	assert_int_equal(epoch_seen(epoch, 4711 + 65536), 0);
	for (int i = 2; i <= 8; i++)
		assert_int_equal(epoch_seen(epoch, 4711 + i * 65536), i);
	epoch_close(epoch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_anonymous),
		cmocka_unit_test(test_no_directory),
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_claim_once),
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_marks_of_keys),
		cmocka_unit_test(test_more_marks_than_there_is_room_for),
		cmocka_unit_test(test_advance_ends_all),
		cmocka_unit_test(test_marks_of_many_processes),
		cmocka_unit_test(test_seen),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
