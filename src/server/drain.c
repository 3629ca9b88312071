#include "server/drain.h"

#include <stddef.h>

#include "base/timestamp.h"

/* For what comes after the work: its result is stored, connections are closed. */
#define MARGIN 5 /* seconds */

/* What a process must be allowed to end, beyond drain_timeout; a request is bounded by that. */
static const struct {
	size_t work; /* offset in struct settings of its longest time, in seconds; 0 = none */
} kinds[DRAIN__MAX] = {
	[DRAIN_MAILER] = { offsetof(struct settings, mail_timeout) },
};

int64_t drain_time(enum drain_kind kind, const struct settings *settings)
{
	const char *place = (const char *)settings + kinds[kind].work;
	int64_t work = kinds[kind].work != 0 ? *(const int64_t *)(const void *)place + MARGIN : 0;

	return (work > settings->drain_timeout ? work : settings->drain_timeout) *
	       MICROSECONDS_PER_SECOND;
}
