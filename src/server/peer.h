/*
 * One connection of a web server to the pool: its place, and answers to what is no request.
 */
#ifndef CLIENTELE_SERVER_PEER_H
#define CLIENTELE_SERVER_PEER_H

#include "server/incoming.h"

struct peer {
	int fd;
	bool kept;     /* has been answered before */
	int64_t since; /* when it was accepted, answered last, or the request began to arrive */
	struct incoming incoming;
};

/* Whether a request is awaited from it, or a part of one has come: it may not take its time. */
bool peer_is_arriving(const struct peer *peer);

/* Closes it and forgets what came. */
void peer_drop(struct peer *peer);

/* The same, after a request that is refused: tells the operator why, and the peer where it can. */
void peer_refuse(struct peer *peer, enum incoming_event event);

/* Answers to what is no request. False when the connection is to be closed. */
bool peer_answer(struct peer *peer, enum incoming_event event);

#endif
