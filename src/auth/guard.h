/*
 * What all workers of the machine know together about callers: kept in files of the runtime
 * directory and in shared memory, opened once by the supervisor, used by its children.
 */
#ifndef CLIENTELE_AUTH_GUARD_H
#define CLIENTELE_AUTH_GUARD_H

#include "auth/gate.h"
#include "auth/known.h"
#include "auth/nonce.h"
#include "auth/rate.h"
#include "auth/secret.h"
#include "auth/throttle.h"
#include "base/settings.h"

struct guard {
	struct throttle *throttle;
	struct known_set *known;
	const char *directory; /* of guard_join(): where `known` is, once it is needed */
	struct gate *gate;
	struct rates *rates;
	struct nonces *nonces;
	struct secret_memo *memo;           /* of this process */
	uint8_t pool_key[32];               /* random, in no file; the same in all workers */
	char dummy_hash[PASSWORD_HASH_MAX]; /* of nobody's password, at today's cost */
};

/* NULL with errno set on failure. */
struct guard *guard_open(const char *directory);
void guard_close(struct guard *guard);

/*
 * What a command needs of it: the pool of this machine learns of keys that the command makes, and
 * what takes long waits for nobody. Without a runtime directory no pool runs here, and nobody
 * learns of anything. The functions below that take a guard take this one; what is within it is
 * not to be used otherwise. Only a key that is made touches the directory, whose name must outlive
 * the guard. NULL with errno set on failure.
 */
struct guard *guard_join(const char *directory);

/* What the options say, for this process. `workers` is the size of the pool. */
void guard_configure(struct guard *guard, const struct settings *settings, unsigned workers);

/*
 * password_hash() and password_verify() behind the gate. Return 0, or -1 with ERROR_BUSY when too
 * many are at work.
 */
int guard_hash_password(struct guard *guard, struct str password, char hash[PASSWORD_HASH_MAX],
    struct error *error) MUST_CHECK;
int guard_verify_password(struct guard *guard, struct str password, const char *hash, bool *right,
    struct error *error) MUST_CHECK;

/*
 * A key or token was made: it works at once, even from where many wrong ones come. A pool that is
 * not told finds out by itself, within seconds.
 */
void guard_make_known(struct guard *guard, struct str credential);

/* secret_verify() with the worker's memory; behind the gate only when it is slow. */
int guard_verify_secret(struct guard *guard, struct str secret, const char *hash, bool *right,
    struct error *error) MUST_CHECK;

#endif
