#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "server/shared.h"

#define LOOKS 100000
#define LONG_AGO 1
#define NOW INT64_C(1000000000000)

static struct shared_slot slot;
static atomic_bool done;

/* Takes a request, after one that was long ago, again and again. */
static void *work(void *context)
{
	while (!atomic_load(&done)) {
		shared_slot_set(&slot, WORKER_BUSY, NOW);
		shared_slot_set(&slot, WORKER_IDLE, 0);
	}
	return context;
}

/* Whoever looks never sees it busy with anything but the request that it has. */
static void test_state_and_start_are_one(void **state)
{
	unsigned busy = 0, wrong = 0;
	pthread_t thread;

	(void)state;
	shared_slot_set(&slot, WORKER_BUSY, LONG_AGO);
	shared_slot_set(&slot, WORKER_IDLE, 0);
	assert_int_equal(pthread_create(&thread, NULL, work, NULL), 0);
	while (busy < LOOKS) {
		struct shared_work seen = shared_slot_work(&slot);

		busy += seen.state == WORKER_BUSY;
		wrong += (seen.state == WORKER_BUSY) != (seen.started == NOW);
	}
	atomic_store(&done, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(wrong, 0);
}

static void test_all_states(void **state)
{
	(void)state;
	for (int i = 0; i < WORKER_STATE__MAX; i++) {
		shared_slot_set(&slot, (enum worker_state)i, i * INT64_C(1000000007));
		assert_int_equal(shared_slot_work(&slot).state, i);
		assert_int_equal(shared_slot_work(&slot).started, i * INT64_C(1000000007));
	}
	/* What no program has written is nobody's state. */
	atomic_store(&slot.work, UINT64_MAX);
	assert_int_equal(shared_slot_work(&slot).state, WORKER_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state_and_start_are_one),
		cmocka_unit_test(test_all_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
