#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/handover.h"

static struct handover queue;
static struct arena *arena;

static int set_up(void **state)
{
	struct error error;

	(void)state;
	arena = arena_new(4096, 65536);
	error_init(&error, arena);
	return handover_open(&queue, &error);
}

static int tear_down(void **state)
{
	(void)state;
	handover_close(&queue);
	arena_free(arena);
	return 0;
}

static ino_t inode(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return status.st_ino;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* So many pipes, of which the reading ends go together. */
static void make_pipes(int *fds, ino_t *inodes, unsigned count)
{
	int ends[2];

	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(pipe(ends), 0);
		fds[i] = ends[0];
		inodes[i] = inode(ends[0]);
		close(ends[1]);
	}
}

/* What goes together comes together, in the order in which it was given, closed on exec. */
static void test_in_order(void **state)
{
	static const unsigned counts[] = { 1, HANDOVER_MAX, 2 };
	ino_t inodes[3][HANDOVER_MAX];
	int fds[HANDOVER_MAX];

	(void)state;
	assert_int_equal(handover_take(&queue, fds), 0);
	for (unsigned i = 0; i < 3; i++) {
		make_pipes(fds, inodes[i], counts[i]);
		assert_true(handover_give(&queue, fds, counts[i]));
		for (unsigned j = 0; j < counts[i]; j++)
			assert_false(is_open(fds[j]));
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(handover_take(&queue, fds), counts[i]);
		for (unsigned j = 0; j < counts[i]; j++) {
			assert_int_equal(inode(fds[j]), inodes[i][j]);
			assert_int_equal(fcntl(fds[j], F_GETFD), FD_CLOEXEC);
			close(fds[j]);
		}
	}
	assert_int_equal(handover_take(&queue, fds), 0);
}

/* A full queue takes no more: what it refuses stays open, and what it has comes still. */
static void test_full(void **state)
{
	unsigned given = 0, taken = 0;
	int fds[HANDOVER_MAX];
	ino_t inode_of;

	(void)state;
	for (;;) {
		make_pipes(fds, &inode_of, 1);
		if (!handover_give(&queue, fds, 1))
			break;
		given++;
		assert_true(given < 1000000);
	}
	assert_true(is_open(fds[0]));
	close(fds[0]);
	while (handover_take(&queue, fds) == 1) {
		taken++;
		close(fds[0]);
	}
	assert_true(given > 0);
	assert_int_equal(taken, given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
