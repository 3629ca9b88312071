#include "auth/principal.h"

#include <stdlib.h>

#include "auth/key.h"

#define CACHE_SLOTS 1024 /* power of two */
#define CACHE_PROBES 8
#define CACHE_LIFETIME (60 * MICROSECONDS_PER_SECOND)
#define KEY_LONGEST 256

struct slot {
	uint8_t hash[KEY_HASH_LENGTH];
	struct principal principal;
	int64_t until; /* monotonic; 0 = free */
};

struct principal_cache {
	struct epoch *epoch;
	uint64_t epoch_value; /* of all slots */
	struct slot slots[CACHE_SLOTS];
};

struct principal_cache *principal_cache_new(struct epoch *epoch)
{
	struct principal_cache *cache = calloc(1, sizeof(*cache));

	if (cache != NULL) {
		cache->epoch = epoch;
		cache->epoch_value = epoch_value(epoch);
	}
	return cache;
}

void principal_cache_free(struct principal_cache *cache)
{
	free(cache);
}

/* The hash is uniform, so its first bytes are as good as any other hash of it. */
static size_t first_slot(const uint8_t hash[KEY_HASH_LENGTH])
{
	return ((size_t)hash[0] << 8 | hash[1]) & (CACHE_SLOTS - 1);
}

static bool find(struct principal_cache *cache, const uint8_t hash[KEY_HASH_LENGTH], int64_t now,
    struct principal *principal)
{
	for (size_t i = 0; i < CACHE_PROBES; i++) {
		const struct slot *slot = &cache->slots[(first_slot(hash) + i) & (CACHE_SLOTS - 1)];

		if (slot->until > now && memcmp(slot->hash, hash, KEY_HASH_LENGTH) == 0) {
			*principal = slot->principal;
			return true;
		}
	}
	return false;
}

/* Takes a free or outlived slot, else the one that would be outlived first. */
static void keep(struct principal_cache *cache, const uint8_t hash[KEY_HASH_LENGTH], int64_t now,
    const struct principal *principal)
{
	struct slot *chosen = NULL;

	for (size_t i = 0; i < CACHE_PROBES; i++) {
		struct slot *slot = &cache->slots[(first_slot(hash) + i) & (CACHE_SLOTS - 1)];

		if (chosen == NULL || slot->until < chosen->until)
			chosen = slot;
	}
	memcpy(chosen->hash, hash, KEY_HASH_LENGTH);
	chosen->principal = *principal;
	chosen->until = now + CACHE_LIFETIME;
}

/* One row per role of the owner (one with NULL when there is none). */
static const char key_query[] = "SELECT k.id, k.owner_id, k.permissions, k.expires_at, r.role_id, "
				"COALESCE(u.customer_id, 0) "
				"FROM api_key k JOIN user u ON u.id = k.owner_id "
				"LEFT JOIN user_role r ON r.user_id = u.id "
				"WHERE k.key_hash = ? AND NOT k.revoked AND u.enabled";
static const enum bind_kind key_columns[] = { BIND_INTEGER, BIND_UUID, BIND_INTEGER, BIND_TIME,
	BIND_UUID, BIND_INTEGER };

static uint32_t role_bit(const struct uuid *id)
{
	unsigned count;
	const struct role *table = role_table(&count);

	for (unsigned i = 0; i < count; i++) {
		struct uuid known;

		if (uuid_parse(str_from(table[i].id), &known) && uuid_equal(&known, id))
			return UINT32_C(1) << i;
	}
	return 0;
}

static int look_up(struct database *database, struct arena *arena,
    const uint8_t hash[KEY_HASH_LENGTH], struct principal *principal, struct error *error)
{
	const struct bind parameter =
	    BIND_BYTES(((struct str){ (const char *)hash, KEY_HASH_LENGTH }));
	struct result result;

	if (database_select(database, arena, key_query, &parameter, 1, key_columns,
		sizeof(key_columns) / sizeof(key_columns[0]), &result, error) != 0)
		return -1;
	if (result.count == 0)
		return error_set_detail(error, ERROR_UNAUTHENTICATED, "no such key");
	*principal = (struct principal){
		.key_id = result.rows[0][0].integer,
		.user = result.rows[0][1].uuid,
		.permissions = (uint8_t)result.rows[0][2].integer,
		.expires = result.rows[0][3].null ? INT64_MAX : result.rows[0][3].integer,
		.customer_id = result.rows[0][5].integer,
	};
	for (unsigned i = 0; i < result.count; i++) {
		if (!result.rows[i][4].null)
			principal->roles |= role_bit(&result.rows[i][4].uuid);
	}
	return 0;
}

int principal_resolve(struct principal_cache *cache, struct database *database, struct arena *arena,
    struct str key, struct principal *principal, struct error *error)
{
	uint8_t hash[KEY_HASH_LENGTH];
	int64_t now = timestamp_monotonic();
	uint64_t current = epoch_value(cache->epoch);

	if (key.length == 0 || key.length > KEY_LONGEST)
		return error_set_detail(
		    error, ERROR_UNAUTHENTICATED, "no key, or one too long to be one");
	/* Read before the query: a revocation that comes in between makes the new entry worthless.
	 */
	if (current != cache->epoch_value) {
		memset(cache->slots, 0, sizeof(cache->slots));
		cache->epoch_value = current;
	}
	key_hash(key, hash);
	if (!find(cache, hash, now, principal)) {
		if (look_up(database, arena, hash, principal, error) != 0)
			return -1;
		keep(cache, hash, now, principal);
	}
	if (principal->expires <= timestamp_now())
		return error_set_detail(error, ERROR_UNAUTHENTICATED, "the key has expired");
	return 0;
}

bool principal_may(const struct principal *principal, enum area area, enum permission permission)
{
	return (role_permissions(principal->roles, area) & principal->permissions & permission) !=
	       0;
}
