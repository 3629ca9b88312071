/*
 * What all workers of the machine know together about callers: kept in files of the runtime
 * directory, opened once by the supervisor, used by its children.
 */
#ifndef CLIENTELE_AUTH_GUARD_H
#define CLIENTELE_AUTH_GUARD_H

#include "auth/hash_slot.h"
#include "auth/nonce.h"
#include "auth/rate.h"
#include "auth/secret.h"
#include "auth/throttle.h"
#include "base/settings.h"

struct guard {
	struct throttle *throttle;
	struct hash_slots *hashes;
	struct rates *rates;
	struct nonces *nonces;
	struct secret_memo *memo;           /* of this process */
	char dummy_hash[PASSWORD_HASH_MAX]; /* of nobody's password, at today's cost */
};

/* NULL with errno set on failure. */
struct guard *guard_open(const char *directory);
void guard_close(struct guard *guard);

/* What the options say, for this process. `workers` is the size of the pool. */
void guard_configure(struct guard *guard, const struct settings *settings, unsigned workers);

/*
 * password_hash() and password_verify() in a slot of their own. Return 0, or -1 with
 * ERROR_UNAVAILABLE when too many are at work.
 */
int guard_hash_password(struct guard *guard, struct str password, char hash[PASSWORD_HASH_MAX],
    struct error *error) MUST_CHECK;
int guard_verify_password(struct guard *guard, struct str password, const char *hash, bool *right,
    struct error *error) MUST_CHECK;

/* The same with secret_verify(), which needs a slot for what it has not verified before only. */
int guard_verify_secret(struct guard *guard, struct str secret, const char *hash, bool *right,
    struct error *error) MUST_CHECK;

#endif
