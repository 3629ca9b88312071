/*
 * An answer on its way out, to a peer that may not read: without waiting, and what is left of it.
 */
#ifndef CLIENTELE_SERVER_OUTGOING_H
#define CLIENTELE_SERVER_OUTGOING_H

#include "base/buf.h"
#include "server/record.h"

enum outgoing_progress {
	OUTGOING_DONE,
	OUTGOING_BLOCKED, /* the peer takes no more now */
	OUTGOING_LOST,    /* the peer has gone */
};

/* Sends what the peer takes at once. */
enum outgoing_progress outgoing_send(int fd, struct record_output *output);

/* The same, for at most so many microseconds: OUTGOING_LOST when the peer took longer. */
enum outgoing_progress outgoing_send_waiting(
    int fd, struct record_output *output, int64_t microseconds);

/* What is left of an answer, in memory of its own. */
struct outgoing {
	struct buf rest;
	size_t sent;
};

/* Takes over what is left. False without memory: nothing is held then. */
bool outgoing_keep(struct outgoing *outgoing, struct record_output *output);
void outgoing_free(struct outgoing *outgoing);

/* Sends what the peer takes of it at once. */
enum outgoing_progress outgoing_go_on(struct outgoing *outgoing, int fd);

#endif
