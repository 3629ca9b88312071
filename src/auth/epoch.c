#include "auth/epoch.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/shared_file.h"

#define EPOCH_FILE_NAME "clientele.epoch"

/* What the file holds. All zero is a valid beginning. */
struct epoch_memory {
	_Atomic uint64_t value;
	_Atomic uint64_t told;     /* last database counter plus one; 0 = none yet */
	_Atomic int64_t last_poll; /* monotonic microseconds */
};

struct epoch {
	struct epoch_memory *memory;
};

struct epoch *epoch_open(const char *directory)
{
	struct epoch *epoch = malloc(sizeof(*epoch));
	int saved;

	if (epoch == NULL)
		return NULL;
	epoch->memory = shared_file_map(directory, EPOCH_FILE_NAME, sizeof(*epoch->memory));
	if (epoch->memory != NULL)
		return epoch;
	saved = errno;
	free(epoch);
	errno = saved;
	return NULL;
}

void epoch_close(struct epoch *epoch)
{
	if (epoch == NULL)
		return;
	shared_file_unmap(epoch->memory, sizeof(*epoch->memory));
	free(epoch);
}

uint64_t epoch_value(const struct epoch *epoch)
{
	return atomic_load(&epoch->memory->value);
}

void epoch_advance(struct epoch *epoch)
{
	atomic_fetch_add(&epoch->memory->value, 1);
}

bool epoch_claim_poll(struct epoch *epoch, int64_t now, int64_t interval)
{
	int64_t last = atomic_load(&epoch->memory->last_poll);

	/*
	 * Others may have read the clock a little later. A time far ahead was left by an earlier
	 * boot: the clock starts again with the machine.
	 */
	if (last != 0 && now - last < interval && last - now < interval)
		return false;
	return atomic_compare_exchange_strong(&epoch->memory->last_poll, &last, now);
}

void epoch_follow(struct epoch *epoch, uint64_t database_counter)
{
	if (atomic_exchange(&epoch->memory->told, database_counter + 1) != database_counter + 1)
		epoch_advance(epoch);
}
