#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "db/history.h"

static const struct uuid first = { { 1 } }, second = { { 2 } }, third = { { 3 } };

static char directory[] = "/tmp/clientele-history-XXXXXX";
static char path[64], elsewhere[64], log_name[64];

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/clientele.history", directory);
	snprintf(elsewhere, sizeof(elsewhere), "%s/none", directory);
	snprintf(log_name, sizeof(log_name), "%s/log", directory);
	return log_open(log_name, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(log_name);
	return rmdir(directory);
}

/* Nothing is known, and the log is empty. */
static int begin(void **state)
{
	(void)state;
	(void)unlink(path);
	/* Another directory, so that the file is looked for again. */
	(void)history_open(elsewhere);
	(void)truncate(log_name, 0);
	return log_reopen();
}

static unsigned log_lines(void)
{
	FILE *file = fopen(log_name, "r");
	unsigned count = 0;
	int byte;

	assert_non_null(file);
	while ((byte = getc(file)) != EOF)
		count += byte == '\n';
	(void)fclose(file);
	return count;
}

static enum history_verdict judge(struct uuid state, int64_t seqno,
    const struct galera_position *before, struct history_view *view)
{
	return history_judge(
	    directory, &(struct galera_position){ true, state, seqno }, "db1:3306", before, view);
}

static int64_t mark(void)
{
	struct history_view view;

	assert_int_equal(history_look(directory, &view), 0);
	return view.mark.seqno;
}

static void test_the_mark_only_grows(void **state)
{
	struct history_view view;

	(void)state;
	assert_int_equal(mark(), 0);
	assert_int_equal(judge(first, 10, NULL, &view), HISTORY_FITS);
	assert_int_equal(judge(first, 12, NULL, &view), HISTORY_FITS);
	assert_int_equal(judge(first, 12, NULL, &view), HISTORY_FITS);
	assert_int_equal(judge(first, 11, NULL, &view), HISTORY_BEHIND);
	assert_int_equal(view.mark.seqno, 12);
	assert_true(uuid_equal(&view.mark.uuid, &first));
	assert_false(view.latched);
	assert_int_equal(mark(), 12);
	assert_int_equal(log_lines(), 0);
}

/* While a node catches up, others move the mark: it is held against the one from before. */
static void test_a_node_that_lags(void **state)
{
	struct galera_position before;
	struct history_view view;

	(void)state;
	assert_int_equal(judge(first, 20, NULL, &view), HISTORY_FITS);
	assert_int_equal(judge(first, 15, NULL, &view), HISTORY_BEHIND);
	before = view.mark;
	assert_int_equal(judge(first, 30, NULL, &view), HISTORY_FITS);
	assert_int_equal(judge(first, 21, &before, &view), HISTORY_FITS);
	assert_int_equal(mark(), 30);
	assert_int_equal(judge(first, 31, &before, &view), HISTORY_FITS);
	assert_int_equal(mark(), 31);
}

static void test_the_latch(void **state)
{
	struct history_view view;
	uint64_t news;

	(void)state;
	assert_int_equal(judge(first, 20, NULL, &view), HISTORY_FITS);
	news = history_news();
	assert_int_equal(judge(first, 15, NULL, &view), HISTORY_BEHIND);
	assert_int_equal(judge(first, 15, &view.mark, &view), HISTORY_REFUSED);
	assert_true(view.latched);
	assert_int_equal(view.refused.seqno, 15);
	assert_string_equal(view.host, "db1:3306");
	assert_true(view.since > 0);
	assert_true(history_news() != news);
	/* Grown past the mark, it is still the other one; and so is everything. */
	assert_int_equal(judge(first, 25, NULL, &view), HISTORY_REFUSED);
	assert_int_equal(judge(first, 20, NULL, &view), HISTORY_REFUSED);
	assert_int_equal(judge(second, 1, NULL, &view), HISTORY_REFUSED);
	assert_int_equal(view.mark.seqno, 20);
	assert_int_equal(log_lines(), 1);

	news = history_news();
	assert_int_equal(
	    history_accept(directory, &(struct galera_position){ true, first, 17 }), 0);
	assert_true(history_news() != news);
	assert_int_equal(mark(), 17);
	assert_int_equal(judge(first, 18, NULL, &view), HISTORY_FITS);
	assert_false(view.latched);
	assert_int_equal(view.host[0], '\0');
}

/* Another name tells for itself: that host alone is refused, and each name is logged once. */
static void test_another_name(void **state)
{
	struct history_view view;

	(void)state;
	assert_int_equal(judge(first, 20, NULL, &view), HISTORY_FITS);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(judge(second, 100, NULL, &view), HISTORY_REFUSED);
		assert_int_equal(judge(third, 1, NULL, &view), HISTORY_REFUSED);
	}
	assert_false(view.latched);
	assert_int_equal(log_lines(), 2);
	assert_int_equal(judge(first, 21, NULL, &view), HISTORY_FITS);
	assert_int_equal(
	    history_accept(directory, &(struct galera_position){ true, second, 100 }), 0);
	assert_int_equal(judge(first, 22, NULL, &view), HISTORY_REFUSED);
	assert_int_equal(judge(second, 101, NULL, &view), HISTORY_FITS);
}

static void test_another_process(void **state)
{
	struct history_view view;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(judge(first, 5, NULL, &view), HISTORY_FITS);
	child = fork();
	if (child == 0)
		_exit(judge(first, 9, NULL, &view) == HISTORY_FITS ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(mark(), 9);
	/* And of a later start. */
	(void)history_open(elsewhere);
	assert_int_equal(history_open(directory), HISTORY_FOUND);
	assert_int_equal(mark(), 9);
}

static void test_doubts(void **state)
{
	uint64_t news;

	(void)state;
	assert_int_equal(mark(), 0);
	news = history_news();
	assert_true(news > 0);
	history_doubt();
	assert_true(history_news() != news);
}

static void write_bytes(const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void test_files(void **state)
{
	static const char junk[4096] = "junk";
	struct history_view view;
	struct stat status;

	(void)state;
	assert_int_equal(history_open(directory), HISTORY_NEW);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(judge(first, 5, NULL, &view), HISTORY_FITS);
	(void)history_open(elsewhere);
	assert_int_equal(history_open(directory), HISTORY_FOUND);
	/* Cut, longer, or somebody else's: begun anew, and said so. */
	for (size_t length = 1; length <= sizeof(junk); length *= 64) {
		(void)history_open(elsewhere);
		write_bytes(junk, length);
		assert_int_equal(history_open(directory), HISTORY_DAMAGED);
		assert_int_equal(mark(), 0);
		assert_int_equal(judge(first, 5, NULL, &view), HISTORY_FITS);
	}
	(void)history_open(elsewhere);
	write_bytes(junk, (size_t)status.st_size);
	assert_int_equal(history_open(directory), HISTORY_DAMAGED);
	assert_int_equal(history_open(directory), HISTORY_FOUND);
}

static void test_without_a_file(void **state)
{
	struct history_view view;

	(void)state;
	/* Where no pool has run there is nothing to go by. */
	assert_int_equal(history_look(elsewhere, &view), 0);
	assert_int_equal(history_open(elsewhere), HISTORY_UNKEPT);
	assert_int_equal(errno, ENOENT);
	/* A file that is there and cannot be had is another thing. */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(history_judge(directory, &(struct galera_position){ true, first, 1 },
			     "db1", NULL, &view),
	    HISTORY_UNREADABLE);
	assert_int_equal(history_look(directory, &view), -1);
	assert_int_equal(
	    history_accept(directory, &(struct galera_position){ true, first, 1 }), -1);
	/* A pool goes on with memory alone. */
	assert_int_equal(history_open(directory), HISTORY_UNKEPT);
	assert_int_equal(judge(first, 7, NULL, &view), HISTORY_FITS);
	assert_int_equal(judge(first, 6, NULL, &view), HISTORY_BEHIND);
	assert_int_equal(rmdir(path), 0);
}

static void test_print(void **state)
{
	char text[HISTORY_POSITION_TEXT];

	(void)state;
	history_print(&(struct galera_position){ true, first, -1 }, text);
	assert_string_equal(text, "01000000-0000-0000-0000-000000000000:-1");
	history_print(&(struct galera_position){ true, first, INT64_MAX }, text);
	assert_string_equal(text, "01000000-0000-0000-0000-000000000000:9223372036854775807");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_the_mark_only_grows, begin),
		cmocka_unit_test_setup(test_a_node_that_lags, begin),
		cmocka_unit_test_setup(test_the_latch, begin),
		cmocka_unit_test_setup(test_another_name, begin),
		cmocka_unit_test_setup(test_another_process, begin),
		cmocka_unit_test_setup(test_doubts, begin),
		cmocka_unit_test_setup(test_files, begin),
		cmocka_unit_test_setup(test_without_a_file, begin),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
