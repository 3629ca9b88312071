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

static void run(void (*work)(void))
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
	run(advance_once);
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
		run(advance_inherited);
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
	epoch_follow(epoch, 0);
	assert_int_equal(epoch_value(epoch), 1);
	epoch_follow(epoch, 0);
	assert_int_equal(epoch_value(epoch), 1);
	epoch_follow(epoch, 7);
	assert_int_equal(epoch_value(epoch), 2);
	epoch_follow(epoch, 7);
	epoch_follow(epoch, 7);
	assert_int_equal(epoch_value(epoch), 2);
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
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
