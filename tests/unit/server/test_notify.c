#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/notify.h"

static int listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
	    0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void expect(int fd, const char *start)
{
	char text[512];
	ssize_t count = read(fd, text, sizeof(text) - 1);

	assert_true(count > 0);
	text[count] = '\0';
	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("%s", text);
}

static void test_sockets(void **state)
{
	char directory[] = "/tmp/clientele-notify-XXXXXX";
	char names[2][64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(names[0], sizeof(names[0]), "%s/socket", directory);
	snprintf(names[1], sizeof(names[1]), "@clientele-notify-%ld", (long)getpid());
	for (int i = 0; i < 2; i++) {
		int fd = listen_at(names[i]);

		assert_true(notify_wanted());
		notify_ready("4 workers");
		expect(fd, "READY=1\nSTATUS=4 workers\n");
		notify_reloading();
		expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
		notify_status("well");
		expect(fd, "STATUS=well\n");
		notify_stopping(65000000);
		expect(fd, "STOPPING=1\n");
		close(fd);
	}
	notify_status("nobody listens any more");
	unlink(names[0]);
	rmdir(directory);
}

static void test_unwanted(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_false(notify_wanted());
	notify_ready("");
	setenv("NOTIFY_SOCKET", "relative", 1);
	assert_false(notify_wanted());
	notify_ready("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_unwanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
