/*
 * A real listening socket, a child that serves it, and peers of every kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "server/fastcgi.h"

#define BEGIN "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"
#define BEGIN_FILTER "\1\1\0\1\0\10\0\0\0\3\0\0\0\0\0\0"
#define BEGIN_UNKNOWN "\1\1\0\1\0\10\0\0\0\11\0\0\0\0\0\0"
#define PARAMS_END "\1\4\0\1\0\0\0\0"
#define INPUT_END "\1\5\0\1\0\0\0\0"
#define ABORT "\1\2\0\1\0\0\0\0"
#define BYTES(text) (text), sizeof(text) - 1

#define HEAD "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\4\0\1\0\4\0\0\1\1Ab" PARAMS_END
#define HEAD_KEEP "\1\1\0\1\0\10\0\0\0\1\1\0\0\0\0\0\1\4\0\1\0\4\0\0\1\1Ab" PARAMS_END

#define SEND_TIMEOUT 5 /* seconds: enough for the answers below, also under valgrind */
#define READ_TIMEOUT 1
#define BODY_LIMIT ((size_t)1 << 20)

static char path[64];
static pid_t server;

/* Answers "A=<value> body=<length>"; parameter B asks for a large answer, U leaves the body unread.
 */
static void answer(const struct exchange_input *input, struct buf *out)
{
	static char body[1 << 16];
	const char *first = input->environment[0] != NULL ? input->environment[0] : "";
	ssize_t count, total = 0;

	if (strcmp(first, "U=b") == 0) {
		buf_append_text(out, "unread");
		return;
	}
	if (strcmp(first, "B=b") == 0) {
		while (out->length < 3000000)
			buf_append_text(out, "0123456789abcdef");
		return;
	}
	while ((count = input->read_body(input->context, body, sizeof(body))) > 0)
		total += count;
	buf_printf(out, "%s body=%d%s", first, (int)total, count < 0 ? " broken" : "");
}

static volatile sig_atomic_t stop_wanted;

static void on_term(int number)
{
	(void)number;
	stop_wanted = 1;
}

static void serve(int listener)
{
	struct fastcgi *fastcgi = fastcgi_new(listener, READ_TIMEOUT, SEND_TIMEOUT, BODY_LIMIT);
	struct sigaction action = { .sa_handler = on_term };
	struct exchange_input input;
	struct buf out = { 0 };
	sigset_t blocked, open_mask;

	sigaction(SIGTERM, &action, NULL);
	sigemptyset(&open_mask);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	while (!fastcgi_drained(fastcgi)) {
		if (stop_wanted) {
			stop_wanted = 0;
			fastcgi_drain(fastcgi, true);
		}
		if (fastcgi_wait(fastcgi, &open_mask, 200, &input) != FASTCGI_REQUEST)
			continue;
		buf_reset(&out, SIZE_MAX);
		answer(&input, &out);
		(void)fastcgi_respond(fastcgi, buf_str(&out));
	}
	buf_free(&out);
	fastcgi_free(fastcgi);
	_exit(0);
}

static int set_up(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	snprintf(path, sizeof(path), "/tmp/clientele-fastcgi-%ld", (long)getpid());
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 64), 0);
	server = fork();
	if (server == 0)
		serve(listener);
	close(listener);
	return 0;
}

static int tear_down(void **state)
{
	int status = 0;

	(void)state;
	unlink(path);
	if (server > 0) {
		kill(server, SIGTERM);
		waitpid(server, &status, 0);
	}
	return status;
}

static int connect_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void send_bytes(int fd, const char *bytes, size_t length)
{
	assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

static void send_body_record(int fd, size_t length)
{
	static char content[65535];
	unsigned char header[8] = { 1, 5, 0, 1, (unsigned char)(length >> 8), (unsigned char)length,
		0, 0 };

	send_bytes(fd, (const char *)header, sizeof(header));
	send_bytes(fd, content, length);
}

/* Reads one answer (to END_REQUEST, or to the end of the connection) into `out`. */
static void receive(int fd, struct buf *out, unsigned *protocol_status)
{
	unsigned char header[8], content[65536];

	*protocol_status = UINT32_MAX;
	buf_reset(out, SIZE_MAX);
	while (recv(fd, header, sizeof(header), MSG_WAITALL) == (ssize_t)sizeof(header)) {
		size_t length = (size_t)header[4] << 8 | header[5];

		if (length > 0 && recv(fd, content, length, MSG_WAITALL) != (ssize_t)length)
			return;
		if (header[1] == 6)
			buf_append(out, (char *)content, length);
		if (header[1] == 3) {
			*protocol_status = content[4];
			return;
		}
	}
}

static bool closed(int fd, int milliseconds)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&polled, 1, milliseconds) == 1 && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

/* A request that must be answered sooner than after `seconds`: nothing that went before may hold
 * the server, which has a timeout of as many for it. */
static void assert_serves_before(int seconds)
{
	int fd = connect_server();
	struct buf out = { 0 };
	unsigned status;
	int64_t start = timestamp_monotonic();

	send_bytes(fd, BYTES(HEAD INPUT_END));
	receive(fd, &out, &status);
	assert_int_equal(status, 0);
	assert_string_equal(out.data, "A=b body=0");
	assert_true(closed(fd, 1000));
	assert_true(timestamp_monotonic() - start < seconds * MICROSECONDS_PER_SECOND);
	buf_free(&out);
	close(fd);
}

static void assert_serves(void)
{
	assert_serves_before(READ_TIMEOUT);
}

static void test_bodies(void **state)
{
	static const size_t sizes[] = { 0, 1, 8000, 8192, 65535, 200000, BODY_LIMIT, BODY_LIMIT + 1,
		3000000 };
	struct buf out = { 0 };

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int fd = connect_server();
		size_t left = sizes[i];
		char wanted[64];
		unsigned status;

		send_bytes(fd, BYTES(HEAD));
		while (left > 0) {
			size_t part = left < 65535 ? left : 65535;

			send_body_record(fd, part);
			left -= part;
		}
		send_bytes(fd, BYTES(INPUT_END));
		receive(fd, &out, &status);
		/* Of what is too long, one byte more than the limit tells that it is. */
		snprintf(wanted, sizeof(wanted), "A=b body=%zu",
		    sizes[i] > BODY_LIMIT ? BODY_LIMIT + 1 : sizes[i]);
		assert_string_equal(out.data, wanted);
		assert_int_equal(status, 0);
		close(fd);
	}
	buf_free(&out);
}

/* Bytes that arrive one by one make the same request. */
static void test_single_bytes(void **state)
{
	static const char whole[] = HEAD INPUT_END;
	int fd = connect_server();
	struct buf out = { 0 };
	unsigned status;

	(void)state;
	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		send_bytes(fd, whole + i, 1);
		usleep(200);
	}
	receive(fd, &out, &status);
	assert_string_equal(out.data, "A=b body=0");
	buf_free(&out);
	close(fd);
}

/* Peers that bring nothing do not delay others, and are closed in time. */
static void test_silent(void **state)
{
	int silent[200];
	int fds = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		silent[i] = connect_server();
		if (i % 50 == 0)
			assert_serves();
	}
	assert_serves();
	for (int i = 0; i < 200; i++) {
		fds += closed(silent[i], READ_TIMEOUT * 1000 + 2000);
		close(silent[i]);
	}
	assert_int_equal(fds, 200);
	assert_serves();
}

static const struct {
	const char *bytes;
	size_t length;
} bad_rows[] = {
	{ BYTES("G") },
	{ BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n") },
	{ BYTES("\0\0\0\0\0\0\0\0\0\0\0\0") },
	{ BYTES("\1\1\0\0\0\10\0\0\0\1\0\0\0\0\0\0") }, /* request id 0 */
	{ BYTES("\1\1\0\1\0\7\0\0\0\1\0\0\0\0\0\0") },  /* short begin */
	{ BYTES("\1\4\0\1\0\0\0\0") },                  /* parameters first */
	{ BYTES(BEGIN INPUT_END PARAMS_END) },          /* input before parameters end */
	{ BYTES(
	    BEGIN "\1\4\0\1\0\4\0\0\377\377\377\377" PARAMS_END INPUT_END) }, /* absurd lengths */
	{ BYTES(BEGIN
	    "\1\4\0\1\0\2\0\0\100\1" PARAMS_END INPUT_END) }, /* name longer than the record */
	{ BYTES(BEGIN ABORT) },
	{ BYTES(BEGIN ABORT INPUT_END) },
	/* What was announced is never allocated: 2^31-1 bytes, as name and as value. */
	{ BYTES(BEGIN "\1\4\0\1\0\5\0\0\377\377\377\377\1" PARAMS_END INPUT_END) },
	{ BYTES(BEGIN "\1\4\0\1\0\6\0\0\1\377\377\377\377A" PARAMS_END INPUT_END) },
	{ BYTES(BEGIN "\1\4\0\1\0\6\0\0\1\377\377\377\377A") },
	{ BYTES("\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\4\0\1\0\4\0\0\1\1Ab") }, /* parameters without
										 their end */
	{ BYTES(BEGIN "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"
		      "\1\377\0\1\0\0\0\0") },
};

static void test_malformed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		int fd = connect_server();
		struct buf out = { 0 };
		unsigned status;

		send_bytes(fd, bad_rows[i].bytes, bad_rows[i].length);
		receive(fd, &out, &status);
		if (out.length > 0)
			fail_msg("row %u was answered", i);
		if (!closed(fd, READ_TIMEOUT * 1000 + 2000))
			fail_msg("row %u stays open", i);
		buf_free(&out);
		close(fd);
		assert_serves();
	}
}

/* Peers that stop in the middle: in the parameters, in the body, by closing or by silence. */
static void test_stopping(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} rows[] = {
		{ BYTES("\1\1\0") },
		{ BYTES(BEGIN) },
		{ BYTES(BEGIN "\1\4\0\1\0\4\0\0\1") },
		{ BYTES(HEAD) },
		{ BYTES(HEAD "\1\5\0\1\0\100\0\0xyz") },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = connect_server();
		int64_t start = timestamp_monotonic();

		send_bytes(fd, rows[i].bytes, rows[i].length);
		close(fd);
		assert_serves();
		fd = connect_server();
		send_bytes(fd, rows[i].bytes, rows[i].length);
		/* Held up, but no longer than the timeout. */
		while (recv(fd, (char[256]){ 0 }, 256, 0) > 0)
			;
		assert_true(
		    timestamp_monotonic() - start < (READ_TIMEOUT + 1) * MICROSECONDS_PER_SECOND);
		close(fd);
		assert_serves();
	}
}

/* A peer that sends a byte now and then does not hold the server longer than a silent one. */
static void test_trickle(void **state)
{
	int fd = connect_server();
	int64_t start = timestamp_monotonic();
	int i = 0;

	(void)state;
	send_bytes(fd, BYTES(HEAD "\1\5\0\1\100\0\0\0"));
	while (send(fd, "x", 1, MSG_NOSIGNAL) == 1 && i++ < 100)
		usleep(50000);
	assert_true(timestamp_monotonic() - start < (READ_TIMEOUT + 1) * MICROSECONDS_PER_SECOND);
	close(fd);
	assert_serves();
}

static void test_roles(void **state)
{
	static const char *const begins[] = { BEGIN_FILTER, BEGIN_UNKNOWN };

	(void)state;
	for (int i = 0; i < 2; i++) {
		int fd = connect_server();
		struct buf out = { 0 };
		unsigned status;

		send_bytes(fd, begins[i], 16);
		receive(fd, &out, &status);
		assert_int_equal(status, 3);
		assert_true(closed(fd, 1000));
		buf_free(&out);
		close(fd);
	}
}

static void test_get_values(void **state)
{
	static const char question[] = "\1\11\0\0\0\20\0\0\16\0FCGI_MAX_CONNS";
	unsigned char bytes[64];
	int fd = connect_server();
	struct buf out = { 0 };
	unsigned status;

	(void)state;
	send_bytes(fd, question, sizeof(question) - 1);
	usleep(100000);
	assert_in_range(recv(fd, bytes, sizeof(bytes), 0), 8 + 2 + 15, 64);
	assert_int_equal(bytes[1], 10);
	assert_memory_equal(bytes + 10, "FCGI_MAX_CONNS1", 15);
	send_bytes(fd, BYTES(HEAD INPUT_END));
	receive(fd, &out, &status);
	assert_string_equal(out.data, "A=b body=0");
	buf_free(&out);
	close(fd);
}

/* A body that the application does not read costs the web server neither its answer nor time. */
static void test_unread_body(void **state)
{
	int fd = connect_server();
	struct buf out = { 0 };
	unsigned status;

	(void)state;
	send_bytes(fd, BYTES(BEGIN "\1\4\0\1\0\4\0\0\1\1Ub" PARAMS_END));
	for (int i = 0; i < 2; i++)
		send_body_record(fd, 65535);
	send_bytes(fd, BYTES(INPUT_END));
	receive(fd, &out, &status);
	assert_string_equal(out.data, "unread");
	assert_true(closed(fd, 1000));
	close(fd);
	assert_serves();
	buf_free(&out);
}

/*
 * Hundreds of peers that stop in the middle of parameters or body, and go on bit by bit: others are
 * answered at once all the time, and all of them are closed in time.
 */
static void test_many_parts(void **state)
{
	static const char parameters[] = BEGIN "\1\4\0\1\77\377\0\0\377\377\377\377";
	static const char body[] = HEAD "\1\5\0\1\377\377\0\0xyz";
	int fds[300], kept[2];
	struct buf out = { 0 };
	unsigned status, i, closed_fds = 0;

	(void)state;
	for (i = 0; i < 2; i++) {
		kept[i] = connect_server();
		send_bytes(kept[i], BYTES(HEAD_KEEP INPUT_END));
		receive(kept[i], &out, &status);
	}
	send_bytes(kept[0], BYTES(HEAD_KEEP)); /* stops in the middle, too */
	for (i = 0; i < 300; i++) {
		fds[i] = connect_server();
		if (i % 2 == 0)
			send_bytes(fds[i], BYTES(parameters));
		else
			send_bytes(fds[i], BYTES(body));
		if (i % 50 == 0)
			assert_serves();
	}
	for (int round = 0; round < 10; round++) {
		for (i = 0; i < 300; i++)
			(void)send(fds[i], "x", 1, MSG_NOSIGNAL);
		assert_serves();
		usleep(50000);
	}
	for (i = 0; i < 300; i++) {
		closed_fds += closed(fds[i], READ_TIMEOUT * 1000 + 2000);
		close(fds[i]);
	}
	assert_int_equal(closed_fds, 300);
	assert_true(closed(kept[0], READ_TIMEOUT * 1000 + 2000));
	send_bytes(kept[1], BYTES(HEAD_KEEP INPUT_END));
	receive(kept[1], &out, &status);
	assert_string_equal(out.data, "A=b body=0");
	assert_serves();
	for (i = 0; i < 2; i++)
		close(kept[i]);
	buf_free(&out);
}

/* Bodies that are half there hold only so much memory together: the oldest are given up. */
static void test_held_memory(void **state)
{
	int fds[40], closed_fds = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		fds[i] = connect_server();
		send_bytes(fds[i], BYTES(HEAD));
		for (int j = 0; j < 8; j++) {
			static char content[65535];
			char header[8] = { 1, 5, 0, 1, (char)0xff, (char)0xff, 0, 0 };

			(void)send(fds[i], header, sizeof(header), MSG_NOSIGNAL);
			(void)send(fds[i], content, sizeof(content), MSG_NOSIGNAL);
		}
	}
	assert_serves();
	for (int i = 0; i < 40; i++) {
		closed_fds += closed(fds[i], 0);
		assert_true(i < 38 || !closed(fds[i], 0));
		close(fds[i]);
	}
	assert_in_range(closed_fds, 10, 38);
	assert_serves();
}

/* A request with more parameters than are looked at is answered, and costs nobody else. */
static void test_too_large(void **state)
{
	int fd = connect_server();
	struct buf out = { 0 };
	unsigned status;

	(void)state;
	send_bytes(fd, BYTES(BEGIN));
	for (int i = 0; i < 3; i++) {
		static char content[65535];
		char header[8] = { 1, 4, 0, 1, (char)0xff, (char)0xff, 0, 0 };

		(void)send(fd, header, sizeof(header), MSG_NOSIGNAL);
		(void)send(fd, content, sizeof(content), MSG_NOSIGNAL);
	}
	receive(fd, &out, &status);
	assert_int_equal(status, 0);
	assert_memory_equal(out.data, "Status: 431 ", 12);
	buf_free(&out);
	close(fd);
	assert_serves();
}

/* A second request on a connection in use is refused by its number, and the first goes on. */
static void test_multiplexed(void **state)
{
	unsigned char end[16];
	struct buf out = { 0 };
	unsigned status;
	int fd = connect_server();

	(void)state;
	send_bytes(fd, BYTES(BEGIN "\1\1\0\2\0\10\0\0\0\1\0\0\0\0\0\0"));
	assert_int_equal(recv(fd, end, sizeof(end), MSG_WAITALL), sizeof(end));
	assert_memory_equal(end, "\1\3\0\2\0\10\0\0\0\0\0\0\1\0\0\0", 16);
	send_bytes(fd, BYTES("\1\4\0\2\0\4\0\0\1\1Zz\1\377\0\2\0\0\0\0"));
	send_bytes(fd, BYTES("\1\4\0\1\0\4\0\0\1\1Ab" PARAMS_END INPUT_END));
	receive(fd, &out, &status);
	assert_string_equal(out.data, "A=b body=0");
	buf_free(&out);
	close(fd);
}

/* A request taken back is ended; its connection is good for the next one. */
static void test_aborted(void **state)
{
	struct buf out = { 0 };
	unsigned status;
	int fd = connect_server();

	(void)state;
	send_bytes(fd, BYTES(HEAD_KEEP "\1\5\0\1\0\2\0\0xy" ABORT));
	receive(fd, &out, &status);
	assert_int_equal(status, 0);
	assert_int_equal(out.length, 0);
	send_bytes(fd, BYTES(ABORT HEAD_KEEP INPUT_END));
	receive(fd, &out, &status);
	assert_string_equal(out.data, "A=b body=0");
	buf_free(&out);
	close(fd);
}

static void test_large_answer(void **state)
{
	struct buf out = { 0 };
	unsigned status;
	int fd = connect_server();

	(void)state;
	send_bytes(fd, BYTES(BEGIN "\1\4\0\1\0\4\0\0\1\1Bb" PARAMS_END INPUT_END));
	usleep(100000); /* the socket's buffer is full by now */
	receive(fd, &out, &status);
	assert_int_equal(status, 0);
	assert_int_equal(out.length, 3000000);
	close(fd);
	/* A peer that does not read is given up, one that goes away too. */
	fd = connect_server();
	send_bytes(fd, BYTES(BEGIN "\1\4\0\1\0\4\0\0\1\1Bb" PARAMS_END INPUT_END));
	usleep(1300000);
	assert_serves();
	close(fd);
	fd = connect_server();
	send_bytes(fd, BYTES(BEGIN "\1\4\0\1\0\4\0\0\1\1Bb" PARAMS_END INPUT_END));
	close(fd);
	assert_serves();
	buf_free(&out);
}

/*
 * Peers that ask for large answers and do not read them hold nobody; who reads late has all of it,
 * on a connection that is good for another request.
 */
static void test_slow_readers(void **state)
{
	int fds[16];         /* as many as have room */
	const int late = 13; /* the others read, which has to be done within the timeout */
	struct buf out = { 0 };
	unsigned status;

	(void)state;
	for (int i = 0; i < 16; i++) {
		fds[i] = connect_server();
		send_bytes(fds[i], BYTES("\1\1\0\1\0\10\0\0\0\1\1\0\0\0\0\0"
					 "\1\4\0\1\0\4\0\0\1\1Bb" PARAMS_END INPUT_END));
	}
	assert_serves_before(SEND_TIMEOUT);
	for (int i = late; i < 16; i++) {
		receive(fds[i], &out, &status);
		assert_int_equal(status, 0);
		assert_int_equal(out.length, 3000000);
		send_bytes(fds[i], BYTES(HEAD INPUT_END));
		receive(fds[i], &out, &status);
		assert_string_equal(out.data, "A=b body=0");
	}
	assert_serves();
	for (int i = 0; i < late; i++) {
		/* Half of it is there, then the end. */
		(void)sleep(i == 0 ? SEND_TIMEOUT + 1 : 0);
		receive(fds[i], &out, &status);
		assert_int_equal(status, UINT32_MAX);
	}
	assert_serves();
	for (int i = 0; i < 16; i++)
		close(fds[i]);
	buf_free(&out);
}

/* Kept connections are answered again and again, occupy nobody, and do not starve new ones. */
static void test_kept(void **state)
{
	struct buf out = { 0 };
	unsigned status;
	int kept[20];

	(void)state;
	for (int i = 0; i < 20; i++)
		kept[i] = connect_server();
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 20; i++) {
			send_bytes(kept[i], BYTES(HEAD_KEEP));
			send_body_record(kept[i], 10);
			send_bytes(kept[i], BYTES(INPUT_END));
		}
		assert_serves();
		for (int i = 0; i < 20; i++) {
			receive(kept[i], &out, &status);
			assert_string_equal(out.data, "A=b body=10");
		}
	}
	for (int i = 0; i < 20; i++) {
		assert_false(closed(kept[i], 0));
		close(kept[i]);
	}
	assert_serves();
	buf_free(&out);
}

/*
 * Draining: what waits in the backlog is answered, a kept connection as long as it is used; when it
 * has been quiet for a moment the server leaves.
 */
static void test_drain(void **state)
{
	struct buf out = { 0 };
	unsigned status;
	int kept = connect_server();
	int backlog, result;

	(void)state;
	send_bytes(kept, BYTES(HEAD_KEEP INPUT_END));
	receive(kept, &out, &status);
	kill(server, SIGSTOP);
	backlog = connect_server();
	send_bytes(backlog, BYTES(HEAD INPUT_END));
	kill(server, SIGTERM);
	kill(server, SIGCONT);
	receive(backlog, &out, &status);
	assert_string_equal(out.data, "A=b body=0");
	assert_true(closed(backlog, 2000));
	for (int i = 0; i < 10; i++) {
		send_bytes(kept, BYTES(HEAD_KEEP INPUT_END));
		receive(kept, &out, &status);
		assert_string_equal(out.data, "A=b body=0");
		assert_int_equal(waitpid(server, &result, WNOHANG), 0);
		usleep(50000);
	}
	assert_true(closed(kept, 2000));
	assert_int_equal(waitpid(server, &result, 0), server);
	assert_int_equal(result, 0);
	server = -1;
	close(kept);
	close(backlog);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_single_bytes),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_stopping),
		cmocka_unit_test(test_trickle),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_get_values),
		cmocka_unit_test(test_unread_body),
		cmocka_unit_test(test_many_parts),
		cmocka_unit_test(test_held_memory),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_multiplexed),
		cmocka_unit_test(test_aborted),
		cmocka_unit_test(test_large_answer),
		cmocka_unit_test(test_slow_readers),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
