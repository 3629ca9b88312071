#include "queue/kind.h"

#include "base/timestamp.h"

const char *queue_state_name(enum queue_state state)
{
	static const char *const names[QUEUE_STATE__MAX] = {
		[QUEUE_WAITING] = "waiting",
		[QUEUE_DONE] = "done",
		[QUEUE_DEAD] = "dead",
	};

	return names[state];
}

static int64_t option(const struct settings *settings, size_t offset)
{
	const char *place = (const char *)settings + offset;

	return *(const int64_t *)(const void *)place;
}

static int64_t step(const struct queue_kind *kind, int64_t attempts)
{
	int64_t last = kind->step_count;

	return kind->steps[(attempts < last ? attempts : last) - 1];
}

static int64_t doubled(
    const struct queue_kind *kind, const struct settings *settings, int64_t attempts)
{
	int64_t most = option(settings, kind->delay_most);
	int64_t delay = option(settings, kind->delay);

	while (--attempts > 0 && delay < most)
		delay *= 2;
	return delay < most ? delay : most;
}

int64_t queue_delay(
    const struct queue_kind *kind, const struct settings *settings, int64_t attempts)
{
	return MICROSECONDS_PER_SECOND *
	       (kind->step_count > 0 ? step(kind, attempts) : doubled(kind, settings, attempts));
}

int64_t queue_most_attempts(const struct queue_kind *kind, const struct settings *settings)
{
	return option(settings, kind->retries) + 1;
}
