/*
 * Who is calling: a credential resolved to its user, roles and permission bits.
 */
#ifndef CLIENTELE_AUTH_PRINCIPAL_H
#define CLIENTELE_AUTH_PRINCIPAL_H

#include "auth/epoch.h"
#include "auth/role.h"
#include "db/database.h"

struct principal {
	struct uuid user;
	int64_t key_id;
	int64_t customer_id; /* whose own rows the user may see; 0 = no customer's */
	uint32_t roles;      /* bit i = role i of role_table() */
	uint8_t permissions; /* of the key */
	int64_t expires;     /* moment, INT64_MAX = never */
};

struct principal_cache;

/* Credentials that one worker has seen. `epoch` must outlive it. */
struct principal_cache *principal_cache_new(struct epoch *epoch);
void principal_cache_free(struct principal_cache *cache);

/*
 * Resolves an API key: from the cache without a query while the revocation counter stands still,
 * else by one query. Returns 0, or -1 with ERROR_UNAUTHENTICATED (unknown, revoked, expired, owner
 * disabled: all alike) or the database's error.
 */
int principal_resolve(struct principal_cache *cache, struct database *database, struct arena *arena,
    struct str key, struct principal *principal, struct error *error) MUST_CHECK;

/* True when roles and key together allow it. */
bool principal_may(const struct principal *principal, enum area area, enum permission permission);

#endif
