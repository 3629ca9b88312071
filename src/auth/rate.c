#include "auth/rate.h"

#include <stdatomic.h>
#include <time.h>

#include "base/shared_file.h"
#include "base/timestamp.h"

#define SETS 2048 /* power of two */
#define WAYS 8
#define WINDOW ((int64_t)RATE_WINDOW * MICROSECONDS_PER_SECOND)

/* When all that a key has used will have come back; microseconds since boot. */
struct slot {
	_Atomic int64_t key; /* 0 = free */
	_Atomic int64_t full_at;
};

struct rates {
	struct shared_file_header header;
	struct slot slots[SETS][WAYS];
};

static const struct shared_file rates_file = {
	.name = "clientele.rates",
	.layout = 1,
	.size = sizeof(struct rates),
};

struct rates *rates_open(const char *directory)
{
	return shared_file_map(&rates_file, directory);
}

void rates_close(struct rates *rates)
{
	shared_file_unmap(rates);
}

static int64_t microseconds_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * MICROSECONDS_PER_SECOND + now.tv_nsec / 1000;
}

/* The key's slot, or the one of its set that was quiet for longest: then it begins anew. */
static struct slot *take_slot(struct rates *rates, int64_t key)
{
	struct slot *set = rates->slots[(uint64_t)key & (SETS - 1)], *chosen = set;
	int64_t before;

	for (unsigned i = 0; i < WAYS; i++) {
		if (atomic_load(&set[i].key) == key)
			return &set[i];
		if (atomic_load(&set[i].full_at) < atomic_load(&chosen->full_at))
			chosen = &set[i];
	}
	before = atomic_load(&chosen->key);
	if (atomic_compare_exchange_strong(&chosen->key, &before, key))
		atomic_store(&chosen->full_at, 0);
	return chosen;
}

static int64_t round_up_seconds(int64_t microseconds)
{
	return (microseconds + MICROSECONDS_PER_SECOND - 1) / MICROSECONDS_PER_SECOND;
}

int rates_count(
    struct rates *rates, int64_t key, int64_t limit, struct rate_state *state, struct error *error)
{
	struct slot *slot = take_slot(rates, key);
	int64_t now = microseconds_now(), cost = WINDOW / limit;
	int64_t before = atomic_load(&slot->full_at), after;
	bool allowed;

	do {
		/* What lies further ahead than a window was left by an earlier boot. */
		int64_t begin = before < now || before > now + 2 * WINDOW ? now : before;

		allowed = begin + cost <= now + WINDOW;
		after = allowed ? begin + cost : begin;
	} while (!atomic_compare_exchange_weak(&slot->full_at, &before, after));
	*state = (struct rate_state){
		.limit = limit,
		.remaining = (now + WINDOW - after) / cost,
		.reset = round_up_seconds(after - now),
	};
	if (allowed)
		return 0;
	return error_set_wait(error, ERROR_TOO_MANY, round_up_seconds(after + cost - now - WINDOW),
	    "This key may send %lld requests per minute; try again later.", (long long)limit);
}
