#include "queue/kinds.h"

#include <stddef.h>

#include "base/timestamp.h"

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
};
