#define _GNU_SOURCE 1
#include "server/fastcgi.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/timestamp.h"
#include "server/incoming.h"
#include "server/outgoing.h"
#include "server/peer_set.h"
#include "server/record.h"
#include "server/reply.h"

/* How long the next bytes of a request that has just come are waited for, each time and in all,
 * before its connection has to wait among the others. */
#define NEXT_BYTES_MILLISECONDS 3
#define PATIENCE (MICROSECONDS_PER_SECOND / 40)
/* How long a draining worker goes on keeping connections that are in use, and waits for those that
 * are not. */
#define DRAIN_KEEPING (10 * MICROSECONDS_PER_SECOND)
#define DRAIN_IDLE (10 * MICROSECONDS_PER_SECOND)
/* How long a kept connection must have been quiet before a draining worker closes it. */
#define DRAIN_QUIET (MICROSECONDS_PER_SECOND / 4)
#define DRAIN_POLL_MILLISECONDS 50
/* What one read takes, and how many one connection may have before the others' turn. */
#define READ_LENGTH ((size_t)64 * 1024)
#define READS_MAX 16
/* Connections that are accepted one after another before those that wait have their turn. */
#define ACCEPTED_IN_A_ROW 16
/* After a look for a connection that found none, so many requests at most go by without one. */
#define LOOKS_LEFT_OUT 16

/* So much of an answer in parts has the time that a short answer has: a longer one has more. */
#define SEND_PORTION ((size_t)1024 * 1024)

/* Answers that wait for their peers to read on: how many, and their bytes. More are waited for. */
#define SENDING_MAX 64
#define SENDING_HELD ((size_t)64 * 1024 * 1024)

/* An answer whose peer does not read as fast as it was written. */
struct sending {
	struct peer connection;
	bool keep;
	int64_t deadline;
	struct outgoing outgoing;
};

struct fastcgi {
	int listener; /* -1 when it is no longer watched */
	bool draining;
	bool prefer_listener;
	bool prefer_queue;
	bool hot;          /* the last wait brought a request: there may be another */
	unsigned in_a_row; /* connections that were accepted since others had their turn */
	unsigned leave_out, left_out; /* looks for one: how many, and how many were already */
	int64_t read_timeout;         /* microseconds */
	int64_t send_timeout;
	int64_t last_activity;
	int64_t drain_started;

	/* The request in hand. */
	struct peer current;
	size_t body_read;
	int64_t send_left; /* microseconds that this portion of its answer may wait for the peer */
	size_t portion_sent; /* bytes of the portion */
	_Atomic int64_t *progress;
	bool pipelined; /* something came behind it */
	int64_t started;
	char *environment[INCOMING_PARAMETERS_MAX + 1];

	const struct handover *handover; /* NULL = kept connections are nobody else's */
	struct peer_set waiting;
	unsigned sending_count;
	struct sending sending[SENDING_MAX];
	unsigned char bytes[READ_LENGTH];
};

struct fastcgi *fastcgi_new(
    int listener, int64_t read_timeout, int64_t send_timeout, size_t body_limit)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct fastcgi *fastcgi = calloc(1, sizeof(*fastcgi));

	(void)sigaction(SIGPIPE, &ignore, NULL);
	if (fastcgi == NULL)
		return NULL;
	fastcgi->listener = listener;
	fastcgi->read_timeout = read_timeout * MICROSECONDS_PER_SECOND;
	fastcgi->send_timeout = send_timeout * MICROSECONDS_PER_SECOND;
	fastcgi->waiting.body_limit = body_limit;
	return fastcgi;
}

void fastcgi_share(struct fastcgi *fastcgi, const struct handover *handover)
{
	fastcgi->handover = handover;
}

void fastcgi_step_back(struct fastcgi *fastcgi)
{
	if (fastcgi->handover != NULL && fastcgi->waiting.count > 0)
		peer_set_hand_over(&fastcgi->waiting, fastcgi->handover);
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
	return (fastcgi->waiting.count == 0 && fastcgi->sending_count == 0) ||
	       timestamp_monotonic() - fastcgi->last_activity > DRAIN_IDLE;
}

/* The answer is out, or lost. */
static void end_sending(struct fastcgi *fastcgi, unsigned index, bool sent)
{
	struct sending done = fastcgi->sending[index];

	fastcgi->sending[index] = fastcgi->sending[--fastcgi->sending_count];
	outgoing_free(&done.outgoing);
	done.connection.since = timestamp_monotonic();
	if (sent && done.keep)
		peer_set_add(&fastcgi->waiting, &done.connection);
	else
		peer_drop(&done.connection);
}

void fastcgi_free(struct fastcgi *fastcgi)
{
	if (fastcgi == NULL)
		return;
	while (fastcgi->sending_count > 0)
		end_sending(fastcgi, 0, false);
	peer_set_drop(&fastcgi->waiting);
	free(fastcgi);
}

static ssize_t read_body(void *context, char *out, size_t size)
{
	struct fastcgi *fastcgi = context;
	struct str body = buf_str(&fastcgi->current.incoming.body);
	struct str part = str_slice(body, fastcgi->body_read, size);

	if (part.length > 0)
		memcpy(out, part.data, part.length);
	fastcgi->body_read += part.length;
	return (ssize_t)part.length;
}

void fastcgi_show_progress(struct fastcgi *fastcgi, _Atomic int64_t *progress)
{
	fastcgi->progress = progress;
}

/* A peer that has taken a portion of an answer is given time for the next one. */
static void count_sent(struct fastcgi *fastcgi, size_t length)
{
	if (fastcgi->progress != NULL)
		atomic_store_explicit(
		    fastcgi->progress, timestamp_monotonic(), memory_order_relaxed);
	fastcgi->portion_sent += length;
	if (fastcgi->portion_sent < SEND_PORTION)
		return;
	fastcgi->portion_sent = 0;
	fastcgi->send_left = fastcgi->send_timeout;
}

/*
 * A worker waits here for one peer, so all parts of a portion together have the time that any other
 * answer has for its way to a peer that does not read.
 */
static bool send_part(void *context, struct str part)
{
	struct fastcgi *fastcgi = context;
	struct peer *connection = &fastcgi->current;
	struct record_output output;
	int64_t begun = timestamp_monotonic();
	enum outgoing_progress progress;

	if (part.length == 0)
		return true;
	record_begin_part(&output, connection->incoming.request_id, part);
	progress = outgoing_send_waiting(connection->fd, &output, fastcgi->send_left);
	fastcgi->send_left -= timestamp_monotonic() - begun;
	if (progress != OUTGOING_DONE)
		return false;
	count_sent(fastcgi, part.length);
	return true;
}

/* Puts what is left of an answer aside, so that a peer that does not read holds nobody. False when
 * there is no room for it. */
static bool put_aside(struct fastcgi *fastcgi, bool keep, struct record_output *output)
{
	struct sending *sending = &fastcgi->sending[fastcgi->sending_count];
	size_t held = output->content.length;

	for (unsigned i = 0; i < fastcgi->sending_count; i++)
		held += fastcgi->sending[i].outgoing.rest.capacity;
	if (fastcgi->sending_count == SENDING_MAX || held > SENDING_HELD)
		return false;
	*sending = (struct sending){ .connection = fastcgi->current,
		.keep = keep,
		.deadline = timestamp_monotonic() + fastcgi->send_timeout };
	fastcgi->sending_count++;
	if (!outgoing_keep(&sending->outgoing, output))
		end_sending(fastcgi, fastcgi->sending_count - 1, false);
	return true;
}

/* Goes on with all answers that wait. FASTCGI_REQUEST means that none has ended, so that all have
 * their places still. From the last one on, since one that has ended changes places with it. */
static enum fastcgi_event send_on(struct fastcgi *fastcgi, const struct pollfd *polled)
{
	int64_t now = timestamp_monotonic();
	enum fastcgi_event event = FASTCGI_REQUEST;

	for (unsigned i = fastcgi->sending_count; i-- > 0;) {
		struct sending *sending = &fastcgi->sending[i];
		enum outgoing_progress progress = OUTGOING_BLOCKED;

		if (polled[i].revents != 0) {
			progress = outgoing_go_on(&sending->outgoing, sending->connection.fd);
			fastcgi->last_activity = now;
		}
		if (progress == OUTGOING_BLOCKED && now < sending->deadline)
			continue;
		if (progress != OUTGOING_DONE)
			event = FASTCGI_LOST;
		else if (event == FASTCGI_REQUEST)
			event = FASTCGI_NOTHING;
		end_sending(fastcgi, i, progress == OUTGOING_DONE);
	}
	return event;
}

static enum fastcgi_event refuse_request(struct peer *connection, enum incoming_event event)
{
	peer_refuse(connection, event);
	return FASTCGI_REFUSED;
}

/*
 * nginx asks for connections to be kept, since only so it tells the end of an answer from the death
 * of a worker, but as it is shipped it keeps none, and says that by a parameter. Who closes first
 * saves the worker from watching for the end.
 */
static bool peer_will_close(char *const *environment)
{
	for (; *environment != NULL; environment++) {
		if (strcmp(*environment, FASTCGI_CONNECTION "=close") == 0)
			return true;
	}
	return false;
}

/* The request is whole: hands it to the application. */
static enum fastcgi_event begin_request(
    struct fastcgi *fastcgi, struct peer *connection, bool pipelined, struct exchange_input *input)
{
	enum incoming_event event =
	    incoming_environment(&connection->incoming, fastcgi->environment);

	if (event != INCOMING_REQUEST)
		return refuse_request(connection, event);
	if (connection->incoming.keep && peer_will_close(fastcgi->environment))
		connection->incoming.keep = false;
	fastcgi->current = *connection;
	fastcgi->body_read = 0;
	fastcgi->send_left = fastcgi->send_timeout;
	fastcgi->portion_sent = 0;
	fastcgi->pipelined = pipelined;
	fastcgi->started = timestamp_monotonic();
	input->environment = fastcgi->environment;
	input->read_body = read_body;
	input->send_part = send_part;
	input->context = fastcgi;
	fastcgi_step_back(fastcgi);
	return FASTCGI_REQUEST;
}

/* Deals with bytes that have come. FASTCGI_NOTHING means that there must be more. */
static enum fastcgi_event feed(
    struct fastcgi *fastcgi, struct peer *connection, size_t length, struct exchange_input *input)
{
	const unsigned char *bytes = fastcgi->bytes;

	while (length > 0) {
		size_t taken;
		enum incoming_event event =
		    incoming_feed(&connection->incoming, bytes, length, &taken);

		bytes += taken;
		length -= taken;
		switch (event) {
		case INCOMING_MORE:
			break;
		case INCOMING_REQUEST:
			return begin_request(fastcgi, connection, length > 0, input);
		case INCOMING_ROLE:
		case INCOMING_TOO_LARGE:
		case INCOMING_MALFORMED:
		case INCOMING_NO_MEMORY:
			return refuse_request(connection, event);
		default:
			if (!peer_answer(connection, event)) {
				peer_drop(connection);
				return FASTCGI_REFUSED;
			}
			break;
		}
	}
	return FASTCGI_NOTHING;
}

/* Waits a moment for more bytes, but no longer than `until`. */
static bool wait_for_more(const struct peer *connection, int64_t until)
{
	struct pollfd poll_fd = { .fd = connection->fd, .events = POLLIN };

	return timestamp_monotonic() < until && poll(&poll_fd, 1, NEXT_BYTES_MILLISECONDS) > 0;
}

/*
 * Reads from a connection that is in no list, until its request is whole or nothing comes; then it
 * waits among the others.
 */
static enum fastcgi_event take_request(
    struct fastcgi *fastcgi, struct peer *connection, struct exchange_input *input)
{
	int64_t now = timestamp_monotonic();
	/* One that has been waited for already is not waited for again. */
	int64_t patience = incoming_begun(&connection->incoming) ? now : now + PATIENCE;

	fastcgi->last_activity = now;
	for (unsigned reads = 0; reads < READS_MAX;) {
		bool begun = incoming_begun(&connection->incoming);
		ssize_t count =
		    recv(connection->fd, fastcgi->bytes, sizeof(fastcgi->bytes), MSG_DONTWAIT);
		enum fastcgi_event event;

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if (!wait_for_more(connection, patience))
				break;
			continue;
		}
		if (count <= 0) {
			event = peer_is_arriving(connection) ? FASTCGI_REFUSED : FASTCGI_NOTHING;
			peer_drop(connection);
			return event;
		}
		if (!begun && connection->kept)
			connection->since = now;
		event = feed(fastcgi, connection, (size_t)count, input);
		if (event != FASTCGI_NOTHING)
			return event;
		reads++;
	}
	peer_set_add(&fastcgi->waiting, connection);
	return FASTCGI_NOTHING;
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

static enum fastcgi_event take_new(struct fastcgi *fastcgi, int fd, struct exchange_input *input)
{
	struct peer connection = { .fd = fd, .since = timestamp_monotonic() };

	incoming_init(&connection.incoming, fastcgi->waiting.body_limit);
	return take_request(fastcgi, &connection, input);
}

static enum fastcgi_event serve_polled(
    struct fastcgi *fastcgi, const struct pollfd *polled, struct exchange_input *input)
{
	bool listener_ready = polled[fastcgi->waiting.count].revents != 0;
	int index = peer_set_readable(&fastcgi->waiting, polled);
	struct peer chosen;
	int fd;

	/* Both in turn, so that neither new nor kept connections starve. */
	fastcgi->prefer_listener = !fastcgi->prefer_listener;
	if (index >= 0 && !(listener_ready && fastcgi->prefer_listener)) {
		chosen = peer_set_take(&fastcgi->waiting, (unsigned)index);
		return take_request(fastcgi, &chosen, input);
	}
	fd = listener_ready ? accept_connection(fastcgi) : -1;
	return fd >= 0 ? take_new(fastcgi, fd, input) : FASTCGI_NOTHING;
}

/* While requests queue up, asking whether there is one would be a call for nothing. */
static bool accepts_at_once(struct fastcgi *fastcgi)
{
	if (fastcgi->listener < 0 || fastcgi->draining)
		return fastcgi->listener >= 0;
	if (!fastcgi->hot || fastcgi->sending_count > 0 ||
	    (fastcgi->waiting.count > 0 && ++fastcgi->in_a_row >= ACCEPTED_IN_A_ROW))
		return false;
	/* Where they do not queue up, looking is what would be for nothing. */
	return fastcgi->left_out++ >= fastcgi->leave_out;
}

/* Each look for nothing doubles the number of those that are left out next; one that finds a
 * connection ends that. */
static void note_look(struct fastcgi *fastcgi, bool found)
{
	fastcgi->left_out = 0;
	fastcgi->leave_out = found ? 0 : 2 * fastcgi->leave_out + 1;
	if (fastcgi->leave_out > LOOKS_LEFT_OUT)
		fastcgi->leave_out = LOOKS_LEFT_OUT;
}

static bool takes_over(const struct fastcgi *fastcgi)
{
	return fastcgi->handover != NULL && !fastcgi->draining &&
	       peer_set_has_room(&fastcgi->waiting);
}

enum fastcgi_event fastcgi_wait(
    struct fastcgi *fastcgi, const sigset_t *mask, int milliseconds, struct exchange_input *input)
{
	struct pollfd polled[PEER_SET_MAX + 2 + SENDING_MAX];
	struct pollfd *queue, *sending; /* behind connections that wait, and the listener */
	struct timespec timeout = { milliseconds / 1000, (long)(milliseconds % 1000) * 1000000 };
	enum fastcgi_event event;
	int fd, found;

	if (accepts_at_once(fastcgi)) {
		fd = accept_connection(fastcgi);
		note_look(fastcgi, fd >= 0);
		if (fd >= 0)
			return take_new(fastcgi, fd, input);
	}
	fastcgi->hot = false;
	fastcgi->in_a_row = 0;
	if (fastcgi->draining) {
		fastcgi_step_back(fastcgi);
		peer_set_close_quiet(&fastcgi->waiting, DRAIN_QUIET);
		timeout = (struct timespec){ 0, DRAIN_POLL_MILLISECONDS * 1000000 };
	}
	if (fastcgi_drained(fastcgi))
		return FASTCGI_NOTHING;
	if (peer_set_close_late(&fastcgi->waiting, fastcgi->read_timeout))
		return FASTCGI_REFUSED;
	for (unsigned i = 0; i < fastcgi->waiting.count; i++)
		polled[i] = (struct pollfd){ .fd = fastcgi->waiting.peers[i].fd, .events = POLLIN };
	/* A negative descriptor is passed over. */
	polled[fastcgi->waiting.count] =
	    (struct pollfd){ .fd = fastcgi->listener, .events = POLLIN };
	queue = polled + fastcgi->waiting.count + 1;
	*queue = (struct pollfd){ .fd = takes_over(fastcgi) ? fastcgi->handover->take : -1,
		.events = POLLIN };
	sending = queue + 1;
	for (unsigned i = 0; i < fastcgi->sending_count; i++)
		sending[i] =
		    (struct pollfd){ .fd = fastcgi->sending[i].connection.fd, .events = POLLOUT };
	found = ppoll(polled, (nfds_t)(sending - polled) + fastcgi->sending_count, &timeout, mask);
	if (found < 0)
		return FASTCGI_NOTHING;
	event = send_on(fastcgi, sending);
	if (event != FASTCGI_REQUEST)
		return event;
	fastcgi->hot = polled[fastcgi->waiting.count].revents != 0;
	if (found > 0 && peer_set_close_gone(&fastcgi->waiting, polled))
		return FASTCGI_NOTHING;
	/* In turn with those that are here, so that neither starve. */
	fastcgi->prefer_queue = queue->revents != 0 && !fastcgi->prefer_queue;
	if (fastcgi->prefer_queue) {
		peer_set_take_over(&fastcgi->waiting, fastcgi->handover);
		return FASTCGI_NOTHING;
	}
	return found > 0 ? serve_polled(fastcgi, polled, input) : FASTCGI_NOTHING;
}

int64_t fastcgi_started(const struct fastcgi *fastcgi)
{
	return fastcgi->started;
}

static bool may_keep(const struct fastcgi *fastcgi)
{
	if (!fastcgi->current.incoming.keep || fastcgi->pipelined ||
	    fastcgi->waiting.count == PEER_SET_MAX)
		return false;
	return !fastcgi->draining || fastcgi->handover != NULL ||
	       fastcgi->started - fastcgi->drain_started < DRAIN_KEEPING;
}

bool fastcgi_respond(struct fastcgi *fastcgi, struct str response)
{
	struct peer *connection = &fastcgi->current;
	struct record_output output;
	enum outgoing_progress progress;
	bool keep = may_keep(fastcgi);

	record_begin(&output, connection->incoming.request_id, response);
	incoming_clear(&connection->incoming);
	connection->kept = true;
	fastcgi->hot = true;
	progress = outgoing_send(connection->fd, &output);
	if (progress == OUTGOING_BLOCKED && put_aside(fastcgi, keep, &output))
		return true;
	if (progress == OUTGOING_BLOCKED)
		progress = outgoing_send_waiting(connection->fd, &output, fastcgi->send_timeout);
	connection->since = timestamp_monotonic();
	if (progress == OUTGOING_DONE && keep)
		peer_set_add(&fastcgi->waiting, connection);
	else
		peer_drop(connection);
	return progress == OUTGOING_DONE;
}

void fastcgi_break_off(struct fastcgi *fastcgi)
{
	fastcgi->hot = true;
	(void)reply_broken(
	    fastcgi->current.fd, fastcgi->current.incoming.request_id, fastcgi->send_timeout);
	peer_drop(&fastcgi->current);
}
