/*
 * Credentials of requests: where a key or token may stand, and what must come with it.
 */
#ifndef CLIENTELE_API_CREDENTIAL_H
#define CLIENTELE_API_CREDENTIAL_H

#include "auth/hawk.h"
#include "op/operation.h"

/* Secrets of this program that the checks need. */
struct credential_keys {
	uint8_t hawk[HAWK_KEY_LENGTH];
};

void credential_derive_keys(struct credential_keys *keys, const struct settings *settings);

/*
 * The key or token that a request brings by a way that its family and route take, not looked at
 * yet; empty = none. `*cookie` tells whether it stood in the cookie, which counts where nothing
 * else came. Lives in the request or the arena.
 */
struct str credential_find(const struct operation *operation, bool *cookie);

/*
 * Where requests may be signed: one that is must be signed rightly, with the key that it shows. The
 * body was read before, so that it can be checked too. ERROR_UNAUTHENTICATED, ERROR_TOO_MANY,
 * ERROR_BUSY.
 */
int credential_check(const struct credential_keys *keys, const struct operation *operation,
    const struct principal *principal, struct str key, struct error *error) MUST_CHECK;

#endif
