/*
 * Sessions: what one grant of the token endpoint gave, and its tokens. A session ends as a whole.
 * All functions must run in a transaction of the caller's; whoever ends sessions calls
 * revocation_raise() in it.
 */
#ifndef CLIENTELE_AUTH_SESSION_H
#define CLIENTELE_AUTH_SESSION_H

#include "auth/secret.h"
#include "db/database.h"

struct session_grant {
	struct uuid id;
	struct uuid user;
	struct uuid client;    /* when has_client */
	int64_t secret_number; /* of the client, that opened it */
	bool has_client;
	const char *grant_type;
	struct str scope;   /* words as asked for */
	struct str address; /* of the caller */
};

/* What a program is given. To be wiped. */
struct session_tokens {
	char access[SECRET_TEXT_MAX];
	char refresh[SECRET_TEXT_MAX];
	int64_t access_expires, refresh_expires; /* moments */
};

/* Makes the texts and moments of a pair. Lifetimes in seconds. */
void session_make_tokens(
    int64_t access_lifetime, int64_t refresh_lifetime, struct session_tokens *tokens);

/* Stores a session and its first tokens. Errors as database_execute(). */
int session_store(struct database *database, const struct session_grant *grant,
    const struct session_tokens *tokens, struct error *error) MUST_CHECK;

/*
 * Stores further tokens of a session; `scope` of the access token may be narrower than the
 * session's (data == NULL: the same).
 */
int session_add_tokens(struct database *database, const struct uuid *session, struct str scope,
    const struct session_tokens *tokens, struct error *error) MUST_CHECK;

/* Ends one session, all of a user, or those that one secret of a client opened (0 = any secret). */
int session_end(
    struct database *database, const struct uuid *session, struct error *error) MUST_CHECK;
int session_end_user(
    struct database *database, const struct uuid *user, struct error *error) MUST_CHECK;
int session_end_client(struct database *database, const struct uuid *client, int64_t secret_number,
    struct error *error) MUST_CHECK;

#endif
