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
#include <unistd.h>

#include "base/own_file.h"

#define SERVICE 65534 /* any user but root */

static char directory[] = "/tmp/clientele-own-XXXXXX";

static const char *in(const char *name)
{
	static char path[2][128];
	static unsigned turn;

	turn = 1 - turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", directory, name);
	return path[turn];
}

static void make(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL || mkdir(in("trusted"), 0755) != 0 ||
	    mkdir(in("service"), 0755) != 0)
		return -1;
	return geteuid() == 0 ? chown(in("service"), SERVICE, SERVICE) : 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command); /* NOLINT(cert-env33-c): a name of our own */
}

static void expect_open(const char *path, int flags)
{
	int fd = own_file_open(path, flags, 0600);

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(close(fd), 0);
}

static void expect_refusal(const char *path, int flags, int reason)
{
	int fd = own_file_open(path, flags, 0600);

	if (fd >= 0)
		fail_msg("%s was opened", path);
	assert_int_equal(errno, reason);
}

/* Whoever can change only what is theirs anyhow may use links and pipes as they like. */
static void test_trusted(void **state)
{
	(void)state;
	make(in("target"), "kept");
	assert_int_equal(symlink(in("target"), in("trusted/link")), 0);
	assert_int_equal(link(in("target"), in("trusted/hard")), 0);
	expect_open(in("trusted/link"), O_RDONLY);
	expect_open(in("trusted/hard"), O_RDWR);
	expect_open(in("trusted/new"), O_WRONLY | O_CREAT);
	expect_refusal(in("trusted/absent"), O_RDONLY, ENOENT);
	expect_refusal(in("absent/file"), O_RDONLY | O_CREAT, ENOENT);
	expect_open("/dev/null", O_WRONLY);
}

static void test_folder_of_the_service(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(symlink(in("target"), in("service/link")), 0);
	assert_int_equal(link(in("target"), in("service/hard")), 0);
	assert_int_equal(mkfifo(in("service/pipe"), 0666), 0);
	make(in("service/stranger"), "");
	assert_int_equal(chown(in("service/stranger"), SERVICE - 1, SERVICE), 0);
	for (unsigned i = 0; i < 3; i++) {
		static const int flags[] = { O_RDONLY, O_WRONLY | O_CREAT | O_APPEND,
			O_RDWR | O_CREAT | O_TRUNC };

		expect_refusal(in("service/link"), flags[i], ELOOP);
		expect_refusal(in("service/hard"), flags[i], EPERM);
		expect_refusal(in("service/stranger"), flags[i], EPERM);
	}
	expect_refusal(in("service/pipe"), O_RDWR, EPERM);
	expect_refusal(in("service/pipe"), O_WRONLY, ENXIO); /* at once: nobody reads */
	expect_open(in("service/new"), O_WRONLY | O_CREAT);
	make(in("service/own"), "text");
	assert_int_equal(chown(in("service/own"), SERVICE, SERVICE), 0);
	expect_open(in("service/own"), O_RDONLY);
	expect_open(in("service/own"), O_WRONLY | O_TRUNC);
}

static off_t size_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

static void test_truncates_what_it_may(void **state)
{
	(void)state;
	assert_int_equal(size_of(in("target")), 4);
	if (geteuid() == 0)
		assert_int_equal(size_of(in("service/own")), 0);
}

static void test_unlink(void **state)
{
	struct stat status;

	(void)state;
	make(in("trusted/mine"), "1");
	assert_int_equal(stat(in("trusted/mine"), &status), 0);
	make(in("trusted/other"), "2");
	assert_int_equal(rename(in("trusted/other"), in("trusted/mine")), 0);
	own_file_unlink(in("trusted/mine"), &status);
	assert_int_equal(access(in("trusted/mine"), F_OK), 0);
	assert_int_equal(stat(in("trusted/mine"), &status), 0);
	own_file_unlink(in("trusted/mine"), &status);
	assert_int_equal(access(in("trusted/mine"), F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trusted),
		cmocka_unit_test(test_folder_of_the_service),
		cmocka_unit_test(test_truncates_what_it_may),
		cmocka_unit_test(test_unlink),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
