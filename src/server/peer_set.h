/*
 * Connections that have brought nothing or a part of a request, and those that the web server
 * keeps: a bounded set, which occupies nobody but for a little memory.
 */
#ifndef CLIENTELE_SERVER_PEER_SET_H
#define CLIENTELE_SERVER_PEER_SET_H

#include <poll.h>

#include "server/handover.h"
#include "server/peer.h"

#define PEER_SET_MAX 128

struct peer_set {
	size_t body_limit; /* of a request */
	unsigned count;
	unsigned turn; /* behind the one that was served last */
	struct peer peers[PEER_SET_MAX];
};

/*
 * Lets a connection wait. A full set gives up the one whose request has been awaited longest, never
 * one that is kept for the next request; so does one that holds too much memory, since honest peers
 * are quick.
 */
void peer_set_add(struct peer_set *set, const struct peer *connection);

/* Takes a connection out; the last one takes its place. */
struct peer peer_set_take(struct peer_set *set, unsigned index);

/* Closes the one whose request has been awaited longest, if that is so many microseconds. */
bool peer_set_close_late(struct peer_set *set, int64_t patience);

/*
 * For draining. Closing a connection right after its answer would lose the request that the web
 * server may just be sending on it, so only those are closed that are kept and have been quiet for
 * so many microseconds.
 */
void peer_set_close_quiet(struct peer_set *set, int64_t quiet);

/* Hands all over that are kept and wait for a request; those that find no room stay. */
void peer_set_hand_over(struct peer_set *set, const struct handover *handover);

/* Whether there is room for connections that another worker hands over, and takes some. */
bool peer_set_has_room(const struct peer_set *set);
void peer_set_take_over(struct peer_set *set, const struct handover *handover);

/*
 * Closes kept connections whose peers have closed them. `polled` is of all connections, in their
 * order; true when they have changed their places.
 */
bool peer_set_close_gone(struct peer_set *set, const struct pollfd *polled);

/* The first readable connection, beginning behind the one that was served last. -1 when there is
 * none. `polled` has one for each. */
int peer_set_readable(struct peer_set *set, const struct pollfd *polled);

/* Closes all. */
void peer_set_drop(struct peer_set *set);

#endif
