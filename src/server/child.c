#include "server/child.h"

#include <stddef.h>

#include "base/timestamp.h"
#include "server/deliverer.h"
#include "server/mailer.h"
#include "server/prober.h"
#include "server/worker.h"

/* For what comes after the work: its result is stored, connections are closed. */
#define MARGIN 5 /* seconds */

static int run_mailer(const struct child_context *context)
{
	return consumer_run(&mailer_kind, context);
}

static bool wants_mailer(const struct child_context *context, unsigned post)
{
	(void)post;
	return context->settings->mail_server[0] != '\0';
}

static int run_deliverer(const struct child_context *context)
{
	return consumer_run(&deliverer_kind, context);
}

static bool wants_deliverer(const struct child_context *context, unsigned post)
{
	return post < context->settings->webhook_deliverers;
}

const struct child_kind child_kinds[CHILD__MAX] = {
	[CHILD_PROBER] = { .name = "prober",
	    .run = prober_run,
	    .wanted = prober_wanted,
	    .posts = HOST_BOARD_MAX,
	    .renewal = RENEW_AT_ONCE,
	    .pause = MICROSECONDS_PER_SECOND / 10,
	    .delay_first = MICROSECONDS_PER_SECOND / 10,
	    .delay_most = MICROSECONDS_PER_SECOND / 10,
	    .left_event = "prober left" },
	[CHILD_WORKER] = { .name = "worker",
	    .run = worker_run,
	    .wanted = worker_wanted,
	    .posts = CHILD_SLOTS,
	    .keeps_listener = true,
	    .renewal = RENEW_BESIDE,
	    .early = MICROSECONDS_PER_SECOND,
	    .delay_first = MICROSECONDS_PER_SECOND / 10,
	    .delay_most = 10 * MICROSECONDS_PER_SECOND,
	    .started_event = "worker started",
	    .left_event = "worker left",
	    .later_event = "workers restart later",
	    .stuck_event = "worker did not stop in time",
	    .overdue_event = "request over its deadline",
	    .left_level = LOG_LEVEL_INFO,
	    .clear = worker_clear,
	    .begin = worker_begin,
	    .serves = worker_serves,
	    .overdue = worker_overdue,
	    .done = worker_served,
	    .done_name = "requests" },
	[CHILD_MAILER] = { .name = "mailer",
	    .run = run_mailer,
	    .wanted = wants_mailer,
	    .posts = 1,
	    .work = offsetof(struct settings, mail_timeout),
	    .early = 30 * MICROSECONDS_PER_SECOND,
	    .delay_first = MICROSECONDS_PER_SECOND / 2,
	    .delay_most = 60 * MICROSECONDS_PER_SECOND,
	    .left_event = "mailer left",
	    .later_event = "mailer restarts later",
	    .stuck_event = "mailer did not stop in time",
	    .left_level = LOG_LEVEL_INFO },
	[CHILD_DELIVERER] = { .name = "deliverer",
	    .run = run_deliverer,
	    .wanted = wants_deliverer,
	    .posts = WEBHOOK_DELIVERERS_MOST,
	    .work = offsetof(struct settings, webhook_timeout),
	    .early = 30 * MICROSECONDS_PER_SECOND,
	    .delay_first = MICROSECONDS_PER_SECOND / 2,
	    .delay_most = 60 * MICROSECONDS_PER_SECOND,
	    .left_event = "deliverer left",
	    .later_event = "deliverer restarts later",
	    .stuck_event = "deliverer did not stop in time",
	    .left_level = LOG_LEVEL_INFO },
};

int64_t child_drain(const struct child_kind *kind, const struct settings *settings)
{
	const char *place = (const char *)settings + kind->work;
	int64_t work = kind->work != 0 ? *(const int64_t *)(const void *)place + MARGIN : 0;

	if (kind->renewal == RENEW_AT_ONCE)
		return 0;
	return (work > settings->drain_timeout ? work : settings->drain_timeout) *
	       MICROSECONDS_PER_SECOND;
}
