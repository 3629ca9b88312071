#include "auth/known.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/shared_file.h"

#define BITS (UINT32_C(1) << 22) /* of a half; power of two */
#define WORDS (BITS / 64)
#define PROBES 4
#define MOST 150000 /* credentials of a half */
#define LOAD_INTERVAL MICROSECONDS_PER_SECOND
#define RELOAD_INTERVAL (300 * MICROSECONDS_PER_SECOND)

struct half {
	_Atomic uint64_t count;
	_Atomic uint64_t words[WORDS];
};

struct known_set {
	struct shared_file_header header;
	_Atomic unsigned current; /* half that is told what is new */
	_Atomic int64_t load_after;
	_Atomic int64_t next_load, next_reload;
	struct half halves[2];
};

static const struct shared_file known_file = {
	.name = "clientele.known",
	.layout = 1,
	.size = sizeof(struct known_set),
};

struct known_set *known_open(const char *directory)
{
	return shared_file_map(&known_file, directory);
}

void known_close(struct known_set *set)
{
	shared_file_unmap(set);
}

/* Places under the file's key: nobody can choose what meets others' bits. */
static void find_places(
    const struct known_set *set, const uint8_t digest[KNOWN_DIGEST_LENGTH], uint32_t places[PROBES])
{
	uint8_t text[SHARED_FILE_KEY + KNOWN_DIGEST_LENGTH], out[DIGEST_LENGTH];

	memcpy(text, set->header.key, SHARED_FILE_KEY);
	memcpy(text + SHARED_FILE_KEY, digest, KNOWN_DIGEST_LENGTH);
	digest_text((struct str){ (const char *)text, sizeof(text) }, out);
	memcpy(places, out, PROBES * sizeof(*places));
}

static bool half_has(const struct half *half, const uint32_t places[PROBES])
{
	for (unsigned i = 0; i < PROBES; i++) {
		uint32_t bit = places[i] & (BITS - 1);

		if (!(atomic_load_explicit(&half->words[bit / 64], memory_order_relaxed) >>
			    (bit % 64) &
			1))
			return false;
	}
	return true;
}

/* The other half is emptied and becomes the current one; what it still knew is told again. */
static void turn(struct known_set *set, unsigned current)
{
	struct half *other = &set->halves[1 - current];

	if (!atomic_compare_exchange_strong(&set->current, &current, 1 - current))
		return;
	for (unsigned i = 0; i < WORDS; i++)
		atomic_store_explicit(&other->words[i], 0, memory_order_relaxed);
	atomic_store(&other->count, 0);
	atomic_store(&set->load_after, 0);
}

void known_add(struct known_set *set, const uint8_t digest[KNOWN_DIGEST_LENGTH])
{
	unsigned current = atomic_load(&set->current) & 1;
	struct half *half = &set->halves[current];
	uint32_t places[PROBES];

	find_places(set, digest, places);
	if (half_has(half, places))
		return;
	for (unsigned i = 0; i < PROBES; i++) {
		uint32_t bit = places[i] & (BITS - 1);

		atomic_fetch_or_explicit(
		    &half->words[bit / 64], UINT64_C(1) << (bit % 64), memory_order_relaxed);
	}
	if (atomic_fetch_add(&half->count, 1) + 1 >= MOST)
		turn(set, current);
}

bool known_has(const struct known_set *set, const uint8_t digest[KNOWN_DIGEST_LENGTH])
{
	uint32_t places[PROBES];

	find_places(set, digest, places);
	return half_has(&set->halves[0], places) || half_has(&set->halves[1], places);
}

/* True for one caller when the moment has come, which is then moved on. */
static bool claim(_Atomic int64_t *moment, int64_t now, int64_t interval)
{
	int64_t next = atomic_load(moment);

	return (now >= next || next > now + interval) &&
	       atomic_compare_exchange_strong(moment, &next, now + interval);
}

/* True for one caller at a time, which shall read the keys that follow number *after. */
static bool claim_load(struct known_set *set, int64_t *after)
{
	int64_t now = timestamp_monotonic();

	if (!claim(&set->next_load, now, LOAD_INTERVAL))
		return false;
	if (claim(&set->next_reload, now, RELOAD_INTERVAL))
		atomic_store(&set->load_after, 0);
	*after = atomic_load(&set->load_after);
	return true;
}

int known_load(
    struct known_set *set, struct database *database, struct arena *arena, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_BINARY };
	struct bind after = BIND_INT(0);
	struct result result;

	if (!database_connected(database) || !claim_load(set, &after.integer))
		return 0;
	if (database_select(database, arena,
		"SELECT id, key_hash FROM api_key WHERE id > ? AND NOT revoked ORDER BY id "
		"LIMIT 1000",
		&after, 1, columns, 2, &result, error) != 0)
		return -1;
	for (unsigned i = 0; i < result.count; i++) {
		if (result.rows[i][1].text.length == KNOWN_DIGEST_LENGTH)
			known_add(set, (const uint8_t *)result.rows[i][1].text.data);
		after.integer = result.rows[i][0].integer;
	}
	atomic_store(&set->load_after, after.integer);
	return 0;
}
