/*
 * One request to the receiver of a webhook: by TLS, to a public address, without redirects, and
 * with a bound on what is read of the answer.
 */
#ifndef CLIENTELE_SERVER_WEBHOOK_REQUEST_H
#define CLIENTELE_SERVER_WEBHOOK_REQUEST_H

#include "base/arena.h"
#include "base/settings.h"
#include "queue/queue.h"

/* What is sent. */
struct webhook_message {
	struct str url;
	struct str id;         /* of the message, whatever is tried again */
	int64_t seconds;       /* when it is sent, of Unix time */
	struct str signatures; /* as the header has them */
	struct str body;       /* JSON */
};

/* What came of it. */
struct webhook_reply {
	int64_t status;                /* of HTTP; 0 = there was no answer */
	int64_t wait;                  /* seconds that the receiver asks for (Retry-After) */
	bool refused;                  /* by us: the address is not public */
	char reason[QUEUE_REASON_MAX]; /* unless the status is 2xx: why not, without the address */
	/* Beginning of what the receiver says, in the arena, as text: WEBHOOK_RESPONSE_MAX
	 * characters at most; empty where it is not kept (option webhook_responses). */
	struct str body;
};

/* A connection that is kept between requests. NULL without memory. */
struct webhook_connection;

struct webhook_connection *webhook_connection_new(const struct settings *settings);
void webhook_connection_free(struct webhook_connection *connection);

/*
 * Sends a message and waits for the answer, webhook_timeout at most. Returns 0 with *reply filled,
 * -1 when memory is out.
 */
int webhook_post(struct webhook_connection *connection, struct arena *arena,
    const struct webhook_message *message, struct webhook_reply *reply) MUST_CHECK;

#endif
