/*
 * Hawk: requests signed with a shared secret (HMAC-SHA256 over time, nonce, method, target, host,
 * port and body), as the hosting API that is re-implemented here has it: the key is derived from
 * the secret by PBKDF2, the id is the API key.
 */
#ifndef CLIENTELE_AUTH_HAWK_H
#define CLIENTELE_AUTH_HAWK_H

#include "auth/nonce.h"
#include "base/error.h"

#define HAWK_KEY_LENGTH 16
#define HAWK_SKEW 60 /* seconds that clocks may differ */

/* What is signed, as the caller sees it. */
struct hawk_request {
	const char *method;
	struct str target; /* path and query, raw */
	struct str host;   /* host[:port] */
	bool https;
	struct str content_type;
	struct str body;
};

/* PBKDF2-HMAC-SHA256, salt "hawk", 500 rounds. */
void hawk_derive_key(struct str secret, uint8_t key[HAWK_KEY_LENGTH]);

/* True when an Authorization header is of this kind. */
bool hawk_is(struct str authorization);

/* The id of a header; empty when it cannot be read. */
struct str hawk_id(struct str authorization);

/*
 * Checks a header against the request: form, MAC, time, body, and that its nonce is new. `now` is
 * in seconds since 1970. Returns 0, or -1 with ERROR_UNAUTHENTICATED and its challenge (*forged is
 * true where the MAC was wrong, which is a try to guess the secret), or ERROR_BUSY when no more
 * nonces can be remembered.
 */
int hawk_check(const uint8_t key[HAWK_KEY_LENGTH], struct nonces *nonces, struct str authorization,
    const struct hawk_request *request, int64_t now, bool *forged, struct error *error) MUST_CHECK;

#endif
