/*
 * FastCGI connections of one worker.
 *
 * The usual case costs four system calls: accept, one read, one send with all records, close. A
 * request is handed over when it is whole. Connections that have brought nothing or a part, and
 * those that the web server keeps, wait in a bounded set and occupy nobody but for a little memory,
 * which is bounded too. Arrival and sending are bounded in time: of an answer in parts, each
 * MiB. The worker waits for its peer meanwhile, and gives up one that does not read that much.
 */
#ifndef CLIENTELE_SERVER_FASTCGI_H
#define CLIENTELE_SERVER_FASTCGI_H

#include <signal.h>

#include "http/exchange.h"
#include "server/handover.h"

struct fastcgi;

/* The one parameter that is read here: with "close" the web server keeps no connection, whatever it
 * says otherwise, and the worker may close it after its answer. */
#define FASTCGI_CONNECTION "CONNECTION"

/*
 * Prepares for requests from a non-blocking listening socket, which stays the caller's. Timeouts in
 * seconds. Of a body that is longer than `body_limit` one byte more is handed over, and the rest is
 * read and dropped. NULL when there is no memory.
 */
struct fastcgi *fastcgi_new(
    int listener, int64_t read_timeout, int64_t send_timeout, size_t body_limit);
void fastcgi_free(struct fastcgi *fastcgi);

/* Shows there when a part of an answer was last taken by its peer: monotonic microseconds. */
void fastcgi_show_progress(struct fastcgi *fastcgi, _Atomic int64_t *progress);

/*
 * Shares kept connections with the others that serve the same listener: while a request is in hand
 * or the worker drains, they are theirs. NULL, as at the beginning, = with nobody. The queue stays
 * the caller's.
 */
void fastcgi_share(struct fastcgi *fastcgi, const struct handover *handover);

/* Hands kept connections over now, before something that takes time and is no request. */
void fastcgi_step_back(struct fastcgi *fastcgi);

/*
 * Stops listening. Kept connections that are shared are handed over. One that is not is answered on
 * and closed once it has been quiet for a quarter of a second; after ten seconds, with its next
 * answer, which may cost the request that its peer is just sending. With `empty_backlog`
 * connections already made to the listener are still taken.
 */
void fastcgi_drain(struct fastcgi *fastcgi, bool empty_backlog);

/* While draining: true when nothing waits any more, or nothing has come for ten seconds. */
bool fastcgi_drained(const struct fastcgi *fastcgi);

enum fastcgi_event {
	FASTCGI_NOTHING, /* time is over or a signal came */
	FASTCGI_REQUEST, /* `input` is filled; call fastcgi_respond() */
	FASTCGI_LOST,    /* the peer of an earlier answer had gone or did not read in time */
	FASTCGI_REFUSED, /* a connection without a whole request was dealt with */
};

/*
 * Waits for a request, at most `milliseconds`. Signals of the caller are let in by `mask`, the
 * mask of ppoll(), and only while there is nothing to do: while requests queue up the caller must
 * look for them itself. `input` is valid until fastcgi_respond().
 */
enum fastcgi_event fastcgi_wait(
    struct fastcgi *fastcgi, const sigset_t *mask, int milliseconds, struct exchange_input *input);

/* When the request of the last FASTCGI_REQUEST was whole: microseconds of the monotonic clock. */
int64_t fastcgi_started(const struct fastcgi *fastcgi);

/*
 * Sends a CGI response and ends the request; the connection is kept when the web server asked for
 * it and nothing is against it. What the peer does not take at once waits among the connections,
 * so that one that does not read holds nobody. Returns false when the peer had gone, or did not
 * read in time where there was no more room; later losses are FASTCGI_LOST.
 */
bool fastcgi_respond(struct fastcgi *fastcgi, struct str response);

/*
 * Instead of fastcgi_respond(), where parts were sent that the rest cannot follow: closes the
 * connection so that the web server breaks its answer off, too.
 */
void fastcgi_break_off(struct fastcgi *fastcgi);

#endif
