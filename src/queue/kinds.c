#include "queue/kinds.h"

#include <stddef.h>

#include "base/timestamp.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)

/* As Standard Webhooks proposes it: ten attempts over three days. */
static const int64_t webhook_steps[] = { 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR,
	14 * HOUR, 20 * HOUR, 24 * HOUR };

const struct queue_kind queue_kinds[QUEUE_KIND__MAX] = {
	[QUEUE_MAIL] = { .name = "mail",
	    .title = "(SELECT m.subject FROM mail_message m WHERE m.id = q.content_id)",
	    .words = { [QUEUE_WAITING] = "queued", [QUEUE_DONE] = "sent", [QUEUE_DEAD] = "failed" },
	    /* Above the longest mail_timeout, with room for a slow database, too. */
	    .lease = 10 * 60 * MICROSECONDS_PER_SECOND,
	    .delay = QUEUE_OPTION(mail_delay),
	    .delay_most = QUEUE_OPTION(mail_delay_most),
	    .retries = QUEUE_OPTION(mail_retries),
	    .retention = { [QUEUE_DONE] = QUEUE_OPTION(mail_retention),
		[QUEUE_DEAD] = QUEUE_OPTION(mail_retention) } },
	[QUEUE_WEBHOOK] = { .name = "webhook",
	    .title = "(SELECT d.type FROM webhook_delivery d WHERE d.id = q.content_id)",
	    .words = { [QUEUE_WAITING] = "waiting",
		[QUEUE_DONE] = "delivered",
		[QUEUE_DEAD] = "failed" },
	    /* Above the longest webhook_timeout, with room for a slow database, too. */
	    .lease = 5 * MINUTE * MICROSECONDS_PER_SECOND,
	    .steps = webhook_steps,
	    .step_count = sizeof(webhook_steps) / sizeof(webhook_steps[0]),
	    .pause = 30,
	    .retries = QUEUE_OPTION(webhook_retries),
	    .retention = { [QUEUE_DONE] = QUEUE_OPTION(webhook_retention),
		[QUEUE_DEAD] = QUEUE_OPTION(webhook_retention) } },
};
