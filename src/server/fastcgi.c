#define _GNU_SOURCE 1
#include "server/fastcgi.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "server/record.h"

/* How long a new connection may take to bring its first bytes before it has to wait among the
 * others. */
#define FIRST_BYTES_MILLISECONDS 3
/* How long a draining worker goes on keeping connections that are in use, and waits for those that
 * are not. */
#define DRAIN_KEEPING (10 * MICROSECONDS_PER_SECOND)
#define DRAIN_IDLE (10 * MICROSECONDS_PER_SECOND)
/* How long a kept connection must have been quiet before a draining worker closes it. */
#define DRAIN_QUIET (MICROSECONDS_PER_SECOND / 4)
#define DRAIN_POLL_MILLISECONDS 50
/* How long the rest of a body that nobody wants may take. */
#define DISCARD_SECONDS 2
/* As much as libfcgi reads at once: what is seen whole here costs it one read. */
#define PEEK_LENGTH 8192

struct waiting {
	int fd;
	bool kept;     /* has been answered before; else it has brought nothing yet */
	int64_t since; /* when it was accepted, or answered last */
};

struct fastcgi {
	int listener; /* -1 when it is no longer watched */
	bool draining;
	bool prefer_listener;
	bool hot;             /* the last wait brought a request: there may be another */
	int64_t read_timeout; /* seconds */
	int64_t send_timeout;
	int64_t last_activity;
	int64_t drain_started;

	/* The request in hand. */
	FCGX_Request request;
	int fd;
	bool broken;    /* its body broke off */
	bool pipelined; /* more than it has been sent, and libfcgi will have lost that */
	int64_t started;

	unsigned count;
	unsigned turn;
	struct waiting waiting[FASTCGI_WAITING_MAX];
};

/*
 * The guard: libfcgi reads with plain read(), so when the time is over, the signal's handler ends
 * the reading side of the socket; reads then see its end. Works whenever the signal comes.
 */
static volatile sig_atomic_t guarded_fd = -1;
static volatile sig_atomic_t guard_expired;

static void on_alarm(int number)
{
	int saved = errno;

	(void)number;
	guard_expired = 1;
	if (guarded_fd >= 0)
		(void)shutdown(guarded_fd, SHUT_RD);
	errno = saved;
}

static void guard_start(int fd, int64_t seconds)
{
	struct itimerval timer = { { 1, 0 }, { (time_t)seconds, 0 } };

	guard_expired = 0;
	guarded_fd = fd;
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void guard_stop(void)
{
	static const struct itimerval never;

	if (guarded_fd < 0)
		return;
	(void)setitimer(ITIMER_REAL, &never, NULL);
	guarded_fd = -1;
}

struct fastcgi *fastcgi_new(int listener, int64_t read_timeout, int64_t send_timeout)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct fastcgi *fastcgi = calloc(1, sizeof(*fastcgi));

	/* libfcgi leaves SIGPIPE alone when it is ignored already. */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	if (fastcgi == NULL || FCGX_Init() != 0) {
		free(fastcgi);
		return NULL;
	}
	(void)sigaction(SIGALRM, &action, NULL);
	fastcgi->listener = listener;
	fastcgi->fd = -1;
	fastcgi->read_timeout = read_timeout;
	fastcgi->send_timeout = send_timeout;
	/* No listening socket for libfcgi: after a fault its own accept fails at once. */
	(void)FCGX_InitRequest(&fastcgi->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	return fastcgi;
}

void fastcgi_free(struct fastcgi *fastcgi)
{
	if (fastcgi == NULL)
		return;
	for (unsigned i = 0; i < fastcgi->count; i++)
		(void)close(fastcgi->waiting[i].fd);
	free(fastcgi);
}

void fastcgi_drain(struct fastcgi *fastcgi, bool empty_backlog)
{
	fastcgi->draining = true;
	if (!empty_backlog)
		fastcgi->listener = -1;
	fastcgi->drain_started = timestamp_monotonic();
	fastcgi->last_activity = fastcgi->drain_started;
}

bool fastcgi_drained(const struct fastcgi *fastcgi)
{
	if (!fastcgi->draining || fastcgi->listener >= 0)
		return false;
	return fastcgi->count == 0 || timestamp_monotonic() - fastcgi->last_activity > DRAIN_IDLE;
}

static void forget(struct fastcgi *fastcgi, unsigned index)
{
	fastcgi->waiting[index] = fastcgi->waiting[--fastcgi->count];
}

static void close_waiting(struct fastcgi *fastcgi, unsigned index)
{
	(void)close(fastcgi->waiting[index].fd);
	forget(fastcgi, index);
}

/* Index of the connection that has been silent longest since it was accepted, or -1. */
static int oldest_silent(const struct fastcgi *fastcgi)
{
	int oldest = -1;

	for (unsigned i = 0; i < fastcgi->count; i++) {
		const struct waiting *candidate = &fastcgi->waiting[i];

		if (!candidate->kept &&
		    (oldest < 0 || candidate->since < fastcgi->waiting[oldest].since))
			oldest = (int)i;
	}
	return oldest;
}

/* Lets a connection wait. A full set gives up its oldest silent one, never a kept one. */
static void let_wait(struct fastcgi *fastcgi, int fd, bool kept, int64_t since)
{
	if (fastcgi->count == FASTCGI_WAITING_MAX) {
		int oldest = oldest_silent(fastcgi);

		if (oldest < 0) {
			(void)close(fd);
			return;
		}
		close_waiting(fastcgi, (unsigned)oldest);
	}
	fastcgi->waiting[fastcgi->count++] =
	    (struct waiting){ .fd = fd, .kept = kept, .since = since };
}

static bool close_silent(struct fastcgi *fastcgi)
{
	int oldest = oldest_silent(fastcgi);
	int64_t limit = fastcgi->read_timeout * MICROSECONDS_PER_SECOND;

	if (oldest < 0 || timestamp_monotonic() - fastcgi->waiting[oldest].since < limit)
		return false;
	close_waiting(fastcgi, (unsigned)oldest);
	return true;
}

/*
 * While draining. Closing a connection right after its answer would lose the request that the web
 * server may just be sending on it, so only quiet ones are closed.
 */
static void close_quiet(struct fastcgi *fastcgi)
{
	int64_t now = timestamp_monotonic();
	unsigned i = 0;
	char byte;

	while (i < fastcgi->count) {
		const struct waiting *candidate = &fastcgi->waiting[i];

		if (candidate->kept && now - candidate->since > DRAIN_QUIET &&
		    recv(candidate->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
			close_waiting(fastcgi, i);
		else
			i++;
	}
}

static ssize_t read_body(void *context, char *out, size_t size)
{
	struct fastcgi *fastcgi = context;
	int wanted = size < INT_MAX ? (int)size : INT_MAX;
	int count = FCGX_GetStr(out, wanted, fastcgi->request.in);

	if (count < wanted) {
		if (FCGX_GetError(fastcgi->request.in) != 0)
			fastcgi->broken = true;
		guard_stop();
	}
	return fastcgi->broken ? -1 : count;
}

static enum record_scan look(int fd, struct record_summary *summary)
{
	unsigned char bytes[PEEK_LENGTH];
	ssize_t count;

	do
		count = recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
	while (count < 0 && errno == EINTR);
	if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return RECORD_NOTHING;
	if (count <= 0)
		return RECORD_REFUSED;
	return record_scan(bytes, (size_t)count, summary);
}

static int milliseconds_until(int64_t moment)
{
	int64_t left = moment - timestamp_monotonic();

	return left > 0 ? (int)(left / 1000 + 1) : 0;
}

static bool send_records(struct fastcgi *fastcgi, struct record_output *output)
{
	int64_t deadline = 0;
	struct msghdr message = { 0 };

	while (record_next(output, &message.msg_iov, &message.msg_iovlen)) {
		ssize_t count = sendmsg(fastcgi->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd poll_fd = { .fd = fastcgi->fd, .events = POLLOUT };

		if (count >= 0) {
			record_sent(output, (size_t)count);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return false;
		if (deadline == 0)
			deadline =
			    timestamp_monotonic() + fastcgi->send_timeout * MICROSECONDS_PER_SECOND;
		if (poll(&poll_fd, 1, milliseconds_until(deadline)) == 0)
			return false;
	}
	return true;
}

/* Tells the web server that only responders live here. */
static enum fastcgi_event refuse_role(struct fastcgi *fastcgi, int fd, unsigned request_id)
{
	struct record_output output;

	fastcgi->fd = fd;
	record_begin_refusal(&output, request_id, FCGI_UNKNOWN_ROLE);
	(void)send_records(fastcgi, &output);
	(void)close(fd);
	fastcgi->fd = -1;
	return FASTCGI_REFUSED;
}

/*
 * Answers FCGI_GET_VALUES. libfcgi would do so only after the bytes that follow it. Whether the
 * peer takes the answer shows when it goes on.
 */
static enum fastcgi_event answer_values(struct fastcgi *fastcgi, int fd, size_t length)
{
	unsigned char bytes[PEEK_LENGTH];
	unsigned char answer[RECORD_VALUES_MAX];

	if (recv(fd, bytes, length, MSG_DONTWAIT) != (ssize_t)length) {
		(void)close(fd);
		return FASTCGI_REFUSED;
	}
	(void)send(fd, answer, record_answer_values(bytes, answer), MSG_NOSIGNAL | MSG_DONTWAIT);
	let_wait(fastcgi, fd, false, fastcgi->last_activity);
	return FASTCGI_NOTHING;
}

/* Hands a connection to libfcgi, which reads up to the end of the parameters. */
static enum fastcgi_event begin(
    struct fastcgi *fastcgi, int fd, enum record_scan scan, struct exchange_input *input)
{
	FCGX_Request *request = &fastcgi->request;

	fastcgi->fd = fd;
	fastcgi->broken = false;
	fastcgi->started = timestamp_monotonic();
	request->ipcFd = fd;
	request->keepConnection = 1; /* else the connection would be closed before it is read */
	request->detached = 1;       /* no lingering when libfcgi closes after a fault */
	fastcgi->pipelined = scan == RECORD_PIPELINED;
	if (scan == RECORD_PARTIAL)
		guard_start(fd, fastcgi->read_timeout);
	if (FCGX_Accept_r(request) < 0) {
		guard_stop();
		fastcgi->fd = -1;
		return FASTCGI_REFUSED;
	}
	/* libfcgi takes parameters that broke off between two of them for complete. */
	if (FCGX_GetError(request->in) != 0) {
		guard_stop();
		FCGX_Free(request, 0);
		(void)close(fd);
		fastcgi->fd = -1;
		return FASTCGI_REFUSED;
	}
	if (request->role != FCGI_RESPONDER) {
		guard_stop();
		FCGX_Free(request, 0);
		return refuse_role(fastcgi, fd, (unsigned)request->requestId);
	}
	input->environment = request->envp;
	input->read_body = read_body;
	input->context = fastcgi;
	return FASTCGI_REQUEST;
}

/* Deals with a readable connection that is in no list. */
static enum fastcgi_event take(
    struct fastcgi *fastcgi, int fd, bool kept, struct exchange_input *input)
{
	struct record_summary summary = { 0 };
	enum record_scan scan = look(fd, &summary);

	fastcgi->last_activity = timestamp_monotonic();
	if (scan == RECORD_NOTHING && !kept) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

		(void)poll(&poll_fd, 1, FIRST_BYTES_MILLISECONDS);
		scan = look(fd, &summary);
	}
	switch (scan) {
	case RECORD_NOTHING:
		let_wait(fastcgi, fd, kept, fastcgi->last_activity);
		return FASTCGI_NOTHING;
	case RECORD_VALUES:
		return answer_values(fastcgi, fd, summary.values_length);
	case RECORD_ROLE:
		return refuse_role(fastcgi, fd, summary.request_id);
	case RECORD_REFUSED:
		(void)close(fd);
		return kept ? FASTCGI_NOTHING : FASTCGI_REFUSED;
	default:
		return begin(fastcgi, fd, scan, input);
	}
}

static int accept_connection(struct fastcgi *fastcgi)
{
	int fd = accept4(fastcgi->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
		(void)poll(NULL, 0, 10); /* the listener stays readable: do not spin */
	else if (fastcgi->draining && (errno == EAGAIN || errno == EWOULDBLOCK))
		fastcgi->listener = -1;
	return -1;
}

/* The first readable connection, beginning behind the one that was served last. -1 when there is
 * none. */
static int readable(struct fastcgi *fastcgi, const struct pollfd *polled)
{
	for (unsigned i = 0; i < fastcgi->count; i++) {
		unsigned index = (fastcgi->turn + i) % fastcgi->count;

		if (polled[index].revents != 0) {
			fastcgi->turn = index + 1;
			return (int)index;
		}
	}
	return -1;
}

static enum fastcgi_event serve_polled(
    struct fastcgi *fastcgi, const struct pollfd *polled, struct exchange_input *input)
{
	bool listener_ready = polled[fastcgi->count].revents != 0;
	int index = readable(fastcgi, polled);
	struct waiting chosen;
	int fd;

	/* Both in turn, so that neither new nor kept connections starve. */
	fastcgi->prefer_listener = !fastcgi->prefer_listener;
	if (index >= 0 && !(listener_ready && fastcgi->prefer_listener)) {
		chosen = fastcgi->waiting[index];
		forget(fastcgi, (unsigned)index);
		return take(fastcgi, chosen.fd, chosen.kept, input);
	}
	fd = listener_ready ? accept_connection(fastcgi) : -1;
	return fd >= 0 ? take(fastcgi, fd, false, input) : FASTCGI_NOTHING;
}

enum fastcgi_event fastcgi_wait(
    struct fastcgi *fastcgi, const sigset_t *mask, int milliseconds, struct exchange_input *input)
{
	struct pollfd polled[FASTCGI_WAITING_MAX + 1];
	struct timespec timeout = { milliseconds / 1000, (long)(milliseconds % 1000) * 1000000 };
	int fd;

	/* While requests queue up, asking whether there is one would be a call for nothing. */
	if (fastcgi->listener >= 0 &&
	    ((fastcgi->hot && fastcgi->count == 0) || fastcgi->draining)) {
		fd = accept_connection(fastcgi);
		if (fd >= 0)
			return take(fastcgi, fd, false, input);
	}
	fastcgi->hot = false;
	if (fastcgi->draining) {
		close_quiet(fastcgi);
		timeout = (struct timespec){ 0, DRAIN_POLL_MILLISECONDS * 1000000 };
	}
	if (fastcgi_drained(fastcgi))
		return FASTCGI_NOTHING;
	if (close_silent(fastcgi))
		return FASTCGI_REFUSED;
	for (unsigned i = 0; i < fastcgi->count; i++)
		polled[i] = (struct pollfd){ .fd = fastcgi->waiting[i].fd, .events = POLLIN };
	/* A negative descriptor is passed over. */
	polled[fastcgi->count] = (struct pollfd){ .fd = fastcgi->listener, .events = POLLIN };
	if (ppoll(polled, fastcgi->count + 1, &timeout, mask) <= 0)
		return FASTCGI_NOTHING;
	return serve_polled(fastcgi, polled, input);
}

int64_t fastcgi_started(const struct fastcgi *fastcgi)
{
	return fastcgi->started;
}

/*
 * Reads what is left of the body: closing with unread bytes would reset the connection, and the web
 * server could lose the answer. nginx sends no more once it has an answer, and waits for the end of
 * it. Returns false when the connection cannot be kept.
 */
static bool discard_body(struct fastcgi *fastcgi)
{
	char trash[4096];
	bool on_its_way = guarded_fd >= 0;

	if (fastcgi->broken || FCGX_HasSeenEOF(fastcgi->request.in))
		return !fastcgi->broken;
	if (on_its_way) {
		(void)shutdown(fastcgi->fd, SHUT_WR);
		guard_start(fastcgi->fd, DISCARD_SECONDS);
	}
	while (read_body(fastcgi, trash, sizeof(trash)) == (ssize_t)sizeof(trash))
		;
	return !fastcgi->broken && !on_its_way;
}

static bool may_keep(const struct fastcgi *fastcgi)
{
	if (fastcgi->request.keepConnection == 0 || fastcgi->count == FASTCGI_WAITING_MAX)
		return false;
	return !fastcgi->draining || fastcgi->started - fastcgi->drain_started < DRAIN_KEEPING;
}

bool fastcgi_respond(struct fastcgi *fastcgi, struct str response)
{
	struct record_output output;
	bool keep = may_keep(fastcgi);
	bool sent;

	record_begin(&output, (unsigned)fastcgi->request.requestId, response);
	sent = send_records(fastcgi, &output);
	keep = sent && discard_body(fastcgi) && keep && !fastcgi->pipelined && guard_expired == 0;
	guard_stop();
	FCGX_Free(&fastcgi->request, 0);
	fastcgi->request.ipcFd = -1;
	if (keep)
		let_wait(fastcgi, fastcgi->fd, true, timestamp_monotonic());
	else
		(void)close(fastcgi->fd);
	fastcgi->fd = -1;
	fastcgi->hot = true;
	guard_expired = 0;
	return sent;
}
