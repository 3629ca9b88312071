#include "auth/epoch.h"

#include <stdatomic.h>

#include "base/shared_file.h"

struct epoch {
	struct shared_file_header header;
	_Atomic uint64_t value;
	_Atomic uint64_t told;     /* last database counter plus one; 0 = none yet */
	_Atomic int64_t last_poll; /* monotonic microseconds */
};

static const struct shared_file epoch_file = {
	.name = "clientele.epoch",
	.layout = 1,
	.size = sizeof(struct epoch),
};

struct epoch *epoch_open(const char *directory)
{
	return shared_file_map(&epoch_file, directory);
}

void epoch_close(struct epoch *epoch)
{
	shared_file_unmap(epoch);
}

uint64_t epoch_value(const struct epoch *epoch)
{
	return atomic_load(&epoch->value);
}

void epoch_advance(struct epoch *epoch)
{
	atomic_fetch_add(&epoch->value, 1);
}

bool epoch_claim_poll(struct epoch *epoch, int64_t now, int64_t interval)
{
	int64_t last = atomic_load(&epoch->last_poll);

	/*
	 * Others may have read the clock a little later. A time far ahead was left by an earlier
	 * boot: the clock starts again with the machine.
	 */
	if (last != 0 && now - last < interval && last - now < interval)
		return false;
	return atomic_compare_exchange_strong(&epoch->last_poll, &last, now);
}

void epoch_follow(struct epoch *epoch, uint64_t database_counter)
{
	if (atomic_exchange(&epoch->told, database_counter + 1) != database_counter + 1)
		epoch_advance(epoch);
}
