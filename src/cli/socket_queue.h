/*
 * How many callers wait at a listening unix socket: the kernel's socket diagnosis knows.
 */
#ifndef CLIENTELE_CLI_SOCKET_QUEUE_H
#define CLIENTELE_CLI_SOCKET_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct socket_queue {
	uint32_t waiting; /* connections that nobody has accepted */
	uint32_t most;    /* the backlog: more are refused */
};

/* Looks at the socket that listens at `path`. False when there is none, or the kernel does not
 * tell. */
bool socket_queue_read(const char *path, struct socket_queue *queue);

#endif
