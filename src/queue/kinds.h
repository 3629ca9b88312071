/*
 * All kinds of the queue. Who puts something in is in a room above, a family or the records; who
 * does it is a consumer of the server.
 */
#ifndef CLIENTELE_QUEUE_KINDS_H
#define CLIENTELE_QUEUE_KINDS_H

#include "queue/kind.h"

enum queue_kind_number {
	/* A mail to one recipient. The content is its message (mail_message), the payload the
	 * address. */
	QUEUE_MAIL,
	/* An event for one webhook. The content is its delivery (webhook_delivery), the target the
	 * number of the webhook. */
	QUEUE_WEBHOOK,
	QUEUE_KIND__MAX
};

extern const struct queue_kind queue_kinds[QUEUE_KIND__MAX];

#endif
