#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "auth/rate.h"

static struct arena *arena;
static struct error error;
static struct rates *rates;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(4096, 1 << 20);
	error_init(&error, arena);
	rates = rates_open(NULL);
	return arena != NULL && rates != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	rates_close(rates);
	arena_free(arena);
	return 0;
}

static void test_a_minute_at_once(void **state)
{
	struct rate_state told;

	(void)state;
	for (int i = 1; i <= 30; i++) {
		assert_int_equal(rates_count(rates, 1, 30, &told, &error), 0);
		assert_int_equal(told.limit, 30);
		assert_int_equal(told.remaining, 30 - i);
		assert_in_range(told.reset, 2 * i - 1, 2 * i);
	}
	assert_int_equal(rates_count(rates, 1, 30, &told, &error), -1);
	assert_int_equal(error.code, ERROR_TOO_MANY);
	assert_in_range(error.retry_after, 1, 2);
	assert_int_equal(told.remaining, 0);
	/* Another key has its own, in the same set of the table too. */
	error_clear(&error);
	assert_int_equal(rates_count(rates, 2, 30, &told, &error), 0);
	assert_int_equal(rates_count(rates, 1 + 2048, 30, &told, &error), 0);
	assert_int_equal(told.remaining, 29);
}

static void test_it_comes_back(void **state)
{
	struct rate_state told;
	int64_t refused = 0;

	(void)state;
	for (int i = 0; i < 600 + 30; i++)
		refused += rates_count(rates, 3, 600, &told, &error) != 0;
	assert_in_range(refused, 25, 30);
	error_clear(&error);
	(void)usleep(250000); /* 600 a minute are ten a second */
	assert_int_equal(rates_count(rates, 3, 600, &told, &error), 0);
	assert_int_equal(rates_count(rates, 3, 600, &told, &error), 0);
}

static void test_processes_count_together(void **state)
{
	struct rate_state told;
	pid_t children[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			for (unsigned j = 0; j < 10; j++) {
				if (rates_count(rates, 4, 41, &told, &error) != 0)
					_exit(1);
			}
			_exit(0);
		}
	}
	for (unsigned i = 0; i < 4; i++) {
		int status;

		(void)waitpid(children[i], &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(rates_count(rates, 4, 41, &told, &error), 0);
	assert_int_equal(told.remaining, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_minute_at_once),
		cmocka_unit_test(test_it_comes_back),
		cmocka_unit_test(test_processes_count_together),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
