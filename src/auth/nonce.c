#include "auth/nonce.h"

#include <stdatomic.h>

#include "base/shared_file.h"

#define SETS 8192 /* power of two */
#define WAYS 16
#define WAIT_SECONDS 5

/* 48 bits of the digest, and the moment until which it counts, modulo 2^16 seconds; 0 = free. */
struct nonces {
	struct shared_file_header header;
	_Atomic uint64_t entries[SETS][WAYS];
};

static const struct shared_file nonces_file = {
	.name = "clientele.nonces",
	.layout = 1,
	.size = sizeof(struct nonces),
};

struct nonces *nonces_open(const char *directory)
{
	return shared_file_map(&nonces_file, directory);
}

void nonces_close(struct nonces *nonces)
{
	shared_file_unmap(nonces);
}

/* Whether an entry still counts: its moment is ahead by less than half of the circle. */
static bool is_live(uint64_t entry, int64_t now)
{
	uint16_t ahead = (uint16_t)((uint16_t)entry - (uint16_t)now);

	return entry != 0 && ahead > 0 && ahead < 0x8000;
}

static unsigned count_entry(_Atomic uint64_t *set, uint64_t entry)
{
	unsigned count = 0;

	for (unsigned i = 0; i < WAYS; i++)
		count += atomic_load(&set[i]) == entry;
	return count;
}

int nonces_use(struct nonces *nonces, const uint8_t digest[32], int64_t now, int64_t until,
    struct error *error)
{
	_Atomic uint64_t *set;
	uint64_t bits, entry;

	memcpy(&bits, digest, sizeof(bits));
	set = nonces->entries[bits & (SETS - 1)];
	memcpy(&bits, digest + sizeof(bits), sizeof(bits));
	entry = bits << 16 | (uint16_t)until;
	if (count_entry(set, entry) > 0)
		return 0;
	for (unsigned i = 0; i < WAYS; i++) {
		uint64_t before = atomic_load(&set[i]);

		if (is_live(before, now) ||
		    !atomic_compare_exchange_strong(&set[i], &before, entry))
			continue;
		/* Another process may have put the same one into another place meanwhile. */
		return count_entry(set, entry) == 1;
	}
	return error_set_wait(
	    error, ERROR_BUSY, WAIT_SECONDS, "Too many signed requests at the same time.");
}
