#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/listener.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define PATH_107                                                                                   \
	"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *text;
	bool valid;
	enum listener_kind kind;
	const char *place; /* path or host */
	const char *port;
} address_rows[] = {
	{ "unix:/run/x.sock", true, LISTENER_UNIX, "/run/x.sock", "" },
	{ "unix:" PATH_107, true, LISTENER_UNIX, PATH_107, "" },
	{ "unix:" PATH_107 "a", false, LISTENER_UNIX, "", "" },
	{ "unix:x.sock", false, LISTENER_UNIX, "", "" },
	{ "unix:", false, LISTENER_UNIX, "", "" },
	{ "tcp:127.0.0.1:9000", true, LISTENER_TCP, "127.0.0.1", "9000" },
	{ "tcp:[::1]:9000", true, LISTENER_TCP, "::1", "9000" },
	{ "tcp:*:1", true, LISTENER_TCP, "", "1" },
	{ "tcp::65535", true, LISTENER_TCP, "", "65535" },
	{ "tcp:host:65536", false, LISTENER_TCP, "", "" },
	{ "tcp:host:0", false, LISTENER_TCP, "", "" },
	{ "tcp:host:", false, LISTENER_TCP, "", "" },
	{ "tcp:host", false, LISTENER_TCP, "", "" },
	{ "tcp:::1:9000", false, LISTENER_TCP, "", "" },
	{ "tcp:[::1:9000", false, LISTENER_TCP, "", "" },
	{ "tcp:[::1]9000", false, LISTENER_TCP, "", "" },
	{ "tcp:[::1]", false, LISTENER_TCP, "", "" },
	{ "udp:host:9000", false, LISTENER_TCP, "", "" },
	{ "", false, LISTENER_TCP, "", "" },
};

static void test_parse(void **state)
{
	(void)state;
	assert_int_equal(strlen(PATH_107), 107);
	for (unsigned i = 0; i < ROWS(address_rows); i++) {
		struct listener_address address;
		const char *reason = NULL;
		bool valid = listener_parse(str_from(address_rows[i].text), &address, &reason);

		if (valid != address_rows[i].valid)
			fail_msg("%s", address_rows[i].text);
		if (!valid) {
			assert_non_null(reason);
			continue;
		}
		assert_int_equal(address.kind, address_rows[i].kind);
		assert_string_equal(address.kind == LISTENER_UNIX ? address.path : address.host,
		    address_rows[i].place);
		assert_string_equal(address.port, address_rows[i].port);
	}
}

struct fixture {
	char directory[64];
	char path[96];
	char listen[128];
	struct settings settings;
	struct arena *arena;
	struct error error;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/clientele-listener-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->path, sizeof(fixture->path), "%s/s", fixture->directory);
	snprintf(fixture->listen, sizeof(fixture->listen), "unix:%s", fixture->path);
	fixture->settings = (struct settings){ .listen = fixture->listen,
		.listen_owner = "",
		.listen_group = "",
		.listen_mode = 0640,
		.listen_backlog = 16 };
	fixture->arena = arena_new(4096, 65536);
	error_init(&fixture->error, fixture->arena);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	rmdir(fixture->directory);
	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

static void assert_ready(int fd)
{
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(accept(fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
}

static void test_unix(void **state)
{
	struct fixture *fixture = *state;
	struct listener listener;
	struct stat status;

	assert_int_equal(listener_open(&listener, &fixture->settings, &fixture->error), 0);
	assert_false(listener.inherited);
	assert_ready(listener.fd);
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	listener_unlink(&listener);
	assert_int_equal(stat(fixture->path, &status), -1);
	listener_close(&listener);
	assert_int_equal(listener.fd, -1);
}

static void test_live_socket_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct listener first, second;
	struct stat status;

	assert_int_equal(listener_open(&first, &fixture->settings, &fixture->error), 0);
	assert_int_equal(listener_open(&second, &fixture->settings, &fixture->error), -1);
	assert_non_null(strstr(fixture->error.detail, "another server"));
	assert_int_equal(stat(fixture->path, &status), 0);
	listener_unlink(&first);
	listener_close(&first);
}

static void test_stale_socket_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct listener listener;

	assert_int_equal(listener_open(&listener, &fixture->settings, &fixture->error), 0);
	listener_close(&listener); /* as a killed process does: the name stays */
	assert_int_equal(listener_open(&listener, &fixture->settings, &fixture->error), 0);
	assert_ready(listener.fd);
	listener_unlink(&listener);
	listener_close(&listener);
}

static void test_other_file_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct listener listener;
	struct stat status;
	int fd = open(fixture->path, O_CREAT | O_WRONLY, 0600);

	close(fd);
	assert_int_equal(listener_open(&listener, &fixture->settings, &fixture->error), -1);
	assert_non_null(strstr(fixture->error.detail, "not a socket"));
	assert_int_equal(stat(fixture->path, &status), 0);
}

/* Opens some port of the host: another program may have any one of them. */
static int open_some_port(struct fixture *fixture, const char *host, struct listener *listener)
{
	for (int attempt = 0; attempt < 20; attempt++) {
		error_clear(&fixture->error);
		snprintf(fixture->listen, sizeof(fixture->listen), "%s%d", host,
		    20000 + ((int)getpid() + attempt * 131) % 12000);
		if (listener_open(listener, &fixture->settings, &fixture->error) == 0)
			return 0;
	}
	return -1;
}

static void test_tcp(void **state)
{
	static const char *const hosts[] = { "tcp:127.0.0.1:", "tcp:[::1]:" };
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < ROWS(hosts); i++) {
		struct listener listener;

		if (open_some_port(fixture, hosts[i], &listener) != 0) {
			/* Machines without IPv6 exist. */
			assert_int_equal(i, 1);
			continue;
		}
		assert_ready(listener.fd);
		listener_close(&listener);
	}
}

/* In a process of its own, as the descriptors 0 and 3 are replaced. */
static void inherit(const struct fixture *fixture, bool by_systemd)
{
	struct listener made, listener;
	struct error error = fixture->error;
	char pid[32];
	int bad = 0;

	if (listener_open(&made, &fixture->settings, &error) != 0)
		_exit(1);
	if (by_systemd) {
		snprintf(pid, sizeof(pid), "%ld", (long)getpid());
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", "1", 1);
		dup2(made.fd, 3);
	} else {
		dup2(made.fd, 0);
	}
	if (listener_open(&listener, &fixture->settings, &error) != 0)
		_exit(2);
	bad |= !listener.inherited || listener.path[0] != '\0';
	bad |= by_systemd ? listener.fd != 3 : listener.fd < 3;
	bad |= getenv("LISTEN_PID") != NULL || getenv("LISTEN_FDS") != NULL;
	bad |= (fcntl(listener.fd, F_GETFD) & FD_CLOEXEC) == 0;
	bad |= accept(listener.fd, NULL, NULL) != -1 || errno != EAGAIN;
	bad |= !by_systemd && read(0, pid, 1) != 0;
	_exit(bad ? 3 : 0);
}

static void test_inherited(void **state)
{
	for (int by_systemd = 0; by_systemd < 2; by_systemd++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			inherit(*state, by_systemd != 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

static void test_wrong_inheritance(void **state)
{
	struct fixture *fixture = *state;
	struct listener listener;

	/* Meant for another process: passed over. */
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	assert_int_equal(listener_open(&listener, &fixture->settings, &fixture->error), 0);
	assert_false(listener.inherited);
	listener_unlink(&listener);
	listener_close(&listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test_setup_teardown(test_unix, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_live_socket_is_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stale_socket_is_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_file_is_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tcp, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_inherited, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_inheritance, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
