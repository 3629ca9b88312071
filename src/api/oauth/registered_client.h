/*
 * Clients that have registered themselves: their rows, and the rules of a registration.
 */
#ifndef CLIENTELE_API_OAUTH_REGISTERED_CLIENT_H
#define CLIENTELE_API_OAUTH_REGISTERED_CLIENT_H

#include "api/oauth/view.h"

enum {
	REGISTERED_ID,
	REGISTERED_NAME, /* drawn */
	REGISTERED_USER,
	REGISTERED_SCOPE,
	REGISTERED_CREATED,
	REGISTERED_ENABLED,
	REGISTERED_EXPIRES,
	REGISTERED_TOKEN_EXPIRES, /* that it manages itself with */
	REGISTERED_TOKEN_HASH,
	REGISTERED_METADATA,
	REGISTERED_USER_ENABLED,
	/* Of a new one, not stored in its row: its secret, and the token that allows it. */
	REGISTERED_SECRET_HASH,
	REGISTERED_INITIAL_TOKEN
};

extern const struct resource oauth_registered_client_resource;

/*
 * A new one uses its initial token up; ERROR_UNAUTHENTICATED when that does not count any more. A
 * changed or deleted one is revoked, so that tokens that are out bring no more than it has.
 */
extern const struct record oauth_registered_client_record;

/* The error of a token that is missing (not `sent`), or that does not count. Always returns -1. */
int oauth_refuse_registration_token(bool sent, struct error *error);

#endif
