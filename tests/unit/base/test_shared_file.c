#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/shared_file.h"

struct content {
	struct shared_file_header header;
	unsigned char bytes[20000];
};

static const struct shared_file first = {
	.name = "f", .layout = 1, .size = sizeof(struct content)
};
static const struct shared_file next = { .name = "f", .layout = 2, .size = sizeof(struct content) };
static const struct shared_file longer = {
	.name = "f", .layout = 1, .size = sizeof(struct content) + 1
};
static const struct shared_file exclusive = {
	.name = "e", .layout = 1, .size = sizeof(struct content), .exclusive = true
};

static char directory[] = "/tmp/clientele-shared-XXXXXX";
static char path[64];

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/f", directory);
	return 0;
}

static int tear_down(void **state)
{
	char other[64];

	(void)state;
	snprintf(other, sizeof(other), "%s/e", directory);
	(void)unlink(path);
	(void)unlink(other);
	return rmdir(directory);
}

/* Maps it, compares its first byte, and sets that. */
static struct content *expect(const struct shared_file *file, unsigned char byte, unsigned char set)
{
	struct content *content = shared_file_map(file, directory);

	if (content == NULL)
		fail_msg("%s", strerror(errno));
	assert_int_equal(content->bytes[0], byte);
	content->bytes[0] = set;
	return content;
}

static void test_kept_between_processes(void **state)
{
	struct stat status;

	(void)state;
	shared_file_unmap(expect(&first, 0, 7));
	shared_file_unmap(expect(&first, 7, 7));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	/* No holes: none of it can be missing later. */
	assert_true(status.st_blocks * 512 >= status.st_size);
}

/* What is stale is made anew, and who has the old one keeps it. */
static void test_stale(void **state)
{
	static const struct shared_file *const others[] = { &next, &longer, &first };
	const struct shared_file *former = &first;

	(void)state;
	shared_file_unmap(expect(&first, 7, 7));
	for (unsigned i = 0; i < 3; i++) {
		struct content *old = expect(former, former == &first && i == 0 ? 7 : 9, 7);

		shared_file_unmap(expect(others[i], 0, 9));
		assert_int_equal(old->bytes[0], 7);
		shared_file_unmap(old);
		former = others[i];
	}
}

static void overwrite(off_t at, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, length, at), (ssize_t)length);
	assert_int_equal(close(fd), 0);
}

static void test_every_part_of_the_header_counts(void **state)
{
	static const size_t places[] = {
		offsetof(struct shared_file_header, magic),
		offsetof(struct shared_file_header, layout),
		offsetof(struct shared_file_header, size),
		offsetof(struct shared_file_header, boot_id),
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)unlink(path);
		shared_file_unmap(expect(&first, 0, 5));
		overwrite((off_t)places[i], "\x55", 1);
		shared_file_unmap(expect(&first, 0, 5));
	}
	/* Ones that other programs have left, shorter and longer. */
	(void)unlink(path);
	overwrite(0, "something else", 14);
	shared_file_unmap(expect(&first, 0, 5));
	(void)unlink(path);
	overwrite((off_t)sizeof(struct content) + 100, "x", 1);
	shared_file_unmap(expect(&first, 0, 5));
}

static void test_mend(void **state)
{
	struct content *content = expect(&first, 5, 6);
	const char *name = "";

	(void)state;
	assert_int_equal(shared_file_mend(&name), 0);
	assert_int_equal(content->bytes[0], 6);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(shared_file_mend(&name), 1);
	assert_string_equal(name, "f");
	assert_int_equal(content->bytes[0], 0);
	assert_int_equal(content->bytes[sizeof(content->bytes) - 1], 0);
	content->bytes[0] = 6;
	overwrite(0, "\0\0\0\0", 4);
	assert_int_equal(shared_file_mend(&name), 1);
	assert_int_equal(content->bytes[0], 0);
	assert_false(shared_file_damaged());
	content->bytes[0] = 6;
	assert_int_equal(truncate(path, 10000), 0);
	assert_true(shared_file_damaged());
	assert_int_equal(shared_file_mend(&name), 1);
	assert_int_equal(content->bytes[0], 0);
	assert_int_equal(content->bytes[15000], 0);
	shared_file_unmap(content);
}

static volatile sig_atomic_t refilled;

static void on_bus_error(int number)
{
	int count = shared_file_refill();

	(void)number;
	if (count == 0)
		_exit(1);
	refilled = count;
}

/* A touch beyond the end of what was cut goes on, and the file then counts as damaged. */
static void test_refill(void **state)
{
	struct content *content = expect(&first, 0, 6);
	volatile char *last = (volatile char *)&content->bytes[sizeof(content->bytes) - 1];
	struct sigaction usual, action = { .sa_handler = on_bus_error };
	const char *name = "";

	(void)state;
	assert_int_equal(shared_file_refill(), 0);
	assert_int_equal(sigaction(SIGBUS, &action, &usual), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(truncate(path, i == 0 ? 0 : (off_t)sizeof(*content) / 2), 0);
		refilled = 0;
		*last = 7;
		assert_int_equal(refilled, 1);
		assert_true(shared_file_damaged());
		assert_int_equal(shared_file_mend(&name), 1);
		assert_int_equal(*last, 0);
		assert_false(shared_file_damaged());
	}
	assert_int_equal(sigaction(SIGBUS, &usual, NULL), 0);
	shared_file_unmap(content);
}

/* One that was removed is another one from then on, at the same place of memory. */
static void test_removed(void **state)
{
	struct content *content = expect(&first, 0, 6), *other;
	const char *name = "";

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_true(shared_file_damaged());
	assert_int_equal(shared_file_mend(&name), 1);
	assert_false(shared_file_damaged());
	assert_int_equal(content->bytes[0], 0);
	other = expect(&first, 0, 8);
	assert_int_equal(content->bytes[0], 8);
	shared_file_unmap(other);
	/* Where it cannot be made anew, what there is stays in use. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/nowhere/at/all", path), 0);
	assert_int_equal(shared_file_mend(&name), 0);
	assert_int_equal(content->bytes[0], 8);
	assert_int_equal(unlink(path), 0);
	shared_file_unmap(content);
}

static void test_exclusive(void **state)
{
	struct content *content = expect(&exclusive, 0, 1);
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		void *second = shared_file_map(&exclusive, directory);

		_exit(second == NULL && errno == EBUSY ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(content->bytes[0], 1);
	shared_file_unmap(content);
}

/* Nothing in it tells the boot that it was made in, so that none makes it stale. */
static void test_lasting(void **state)
{
	static const struct shared_file lasting = {
		.name = "f", .layout = 3, .size = sizeof(struct content), .lasting = true
	};
	struct content *content = expect(&lasting, 0, 7);

	(void)state;
	assert_int_equal(content->header.boot_id[0], '\0');
	shared_file_flush(content, false);
	shared_file_flush(content, true);
	shared_file_unmap(content);
	shared_file_unmap(expect(&lasting, 7, 0));
	content = expect(&first, 0, 0);
	assert_true(content->header.boot_id[0] != '\0' ||
		    access("/proc/sys/kernel/random/boot_id", R_OK) != 0);
	shared_file_unmap(content);
	/* Without a name there is no disk. */
	content = shared_file_map(&lasting, NULL);
	assert_non_null(content);
	shared_file_flush(content, true);
	shared_file_unmap(content);
}

/* Also between a process and its children, who have the descriptor from it; and the dead hold none.
 */
static void test_lock(void **state)
{
	enum { ROUNDS = 5000, PROCESSES = 3 };
	struct content *content = expect(&first, 0, 0);
	unsigned *counter = (unsigned *)(void *)&content->bytes[64];
	int status;

	(void)state;
	*counter = 0;
	for (unsigned p = 0; p < PROCESSES; p++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child > 0)
			continue;
		for (unsigned i = 0; i < ROUNDS; i++) {
			shared_file_lock(content);
			*(volatile unsigned *)counter += 1;
			shared_file_unlock(content);
		}
		shared_file_lock(content);
		_exit(0);
	}
	for (unsigned p = 0; p < PROCESSES; p++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	shared_file_lock(content);
	assert_int_equal(*counter, PROCESSES * ROUNDS);
	shared_file_unlock(content);
	shared_file_unmap(content);
}

static void test_links(void **state)
{
	(void)state;
	(void)unlink(path);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_null(shared_file_map(&first, directory));
	assert_int_equal(errno, ELOOP);
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_between_processes),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_every_part_of_the_header_counts),
		cmocka_unit_test(test_mend),
		cmocka_unit_test(test_refill),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_exclusive),
		cmocka_unit_test(test_lasting),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
