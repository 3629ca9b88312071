/*
 * Kept connections that a worker hands over to the others, since it is about to be busy or to
 * leave. Between two requests nothing belongs to one but its descriptor, so whoever is idle can
 * take it: a request that comes on it waits for no slow one, and is lost with no worker that
 * leaves.
 */
#ifndef CLIENTELE_SERVER_HANDOVER_H
#define CLIENTELE_SERVER_HANDOVER_H

#include "base/error.h"

/* Connections that go together: a few, since who takes them serves one and hands on the rest. */
#define HANDOVER_MAX 8

/* The two ends of a queue in the kernel, which all workers share. Both are non-blocking. */
struct handover {
	int give, take;
};

/* Makes the queue. Returns 0, or -1 with ERROR_UNAVAILABLE. */
int handover_open(struct handover *handover, struct error *error) MUST_CHECK;
void handover_close(const struct handover *handover);

/* Puts up to HANDOVER_MAX connections into the queue and closes them here. False when it is full:
 * they stay the caller's. */
bool handover_give(const struct handover *handover, const int *fds, unsigned count);

/* Takes those that were given together; returns their number, 0 when nothing waits. */
unsigned handover_take(const struct handover *handover, int fds[HANDOVER_MAX]);

#endif
