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
 * What a request brings by a way that its family and route take, not looked at yet: a key or token,
 * which may be empty; else the cookie; else the certificate that the web server has verified. Sets
 * text, cookie, certificate and hosting; text is empty where there is none, and lives in the
 * request or the arena.
 */
void credential_find(const struct operation *operation, struct credential *credential);

/*
 * Where requests may be signed: one that is must be signed rightly, with the key that it shows. The
 * body was read before, so that it can be checked too. ERROR_UNAUTHENTICATED, ERROR_TOO_MANY,
 * ERROR_BUSY.
 */
int credential_check(const struct credential_keys *keys, const struct operation *operation,
    const struct principal *principal, struct str key, struct error *error) MUST_CHECK;

#endif
