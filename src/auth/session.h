/*
 * Sessions: what one grant of the token endpoint gave, and its tokens. A session ends as a whole.
 *
 * A grant is checked first, which may take long (a password is hashed), and acted on later.
 * session_open() and session_refresh() are the only places where sessions, their tokens and
 * upgraded password hashes are stored: they lock what was checked and look at it again, so that a
 * password that is reset, or a client that is disabled in between, is seen.
 *
 * All functions must run in a transaction of the caller's. What they end they revoke: whoever gave
 * `revocations` announces them when the transaction is over. Rows are locked in this order: API
 * client, user, session; whoever changes one of them and ends sessions for it must lock it before
 * the sessions are looked at.
 */
#ifndef CLIENTELE_AUTH_SESSION_H
#define CLIENTELE_AUTH_SESSION_H

#include "auth/revocation.h"
#include "auth/second_factor.h"
#include "auth/secret.h"
#include "db/database.h"

/* What the database says under lock of user and client. */
struct session_state {
	uint32_t roles;           /* of the user, bit i = role i of role_table() */
	struct str client_scope;  /* upper bound of the client; empty = none */
	struct str client_grants; /* JSON list of the grants that it may use; empty = all */
	struct str session_scope; /* of the session that is refreshed, as it was asked for */
};

/* Grant type of the sessions of people who sign in with a browser: one token, in a cookie. */
#define SESSION_CONSOLE "console"
#define SESSION_AGENT_LONGEST 255

struct session_grant {
	struct uuid id;
	struct uuid user;
	struct uuid client; /* when has_client */
	bool has_client;
	bool of_owner; /* the user must be the one that the client acts for */
	const char *grant_type;
	struct str scope;   /* words as asked for */
	struct str address; /* of the caller */

	/* Of a console's session. */
	int64_t idle_seconds;  /* it ends without a request for so long; 0 = it does not */
	int64_t key_id;        /* API key that was shown, and bounds it; 0 = none */
	struct str user_agent; /* of the browser; empty = unknown */

	/* What was found and checked before the transaction. */
	int64_t secret_number;    /* of the client's secret that fitted */
	struct str secret_hash;   /* of it, as it was stored */
	struct str password_hash; /* as it was stored; data == NULL: no password was checked */
	struct str token_hash;    /* of the refresh token; for session_refresh() alone */

	/* Of a person, who has shown a second factor or has none. */
	bool of_person;
	struct second_factor_proof second_factor;

	struct str new_password_hash; /* replaces the stored one; data == NULL: it stays */
	bool refreshes;               /* a refresh token is given, too */

	/*
	 * Decides upon what was found under lock: refuses with an error, or lets the tokens be
	 * stored. May change `scope` of a new session, and `token_scope`.
	 */
	int (*admit)(void *context, const struct session_state *state, struct error *error);
	void *context;
	struct str token_scope; /* of this access token alone; data == NULL: the session's */

	int64_t ended; /* others that had to make room for this one; set by session_open() */
};

enum session_outcome {
	SESSION_FAILED = -1, /* with the error filled */
	SESSION_OPEN,        /* stored */
	SESSION_CHANGED,     /* nothing stored: what was checked is not so any more */
	SESSION_REUSED,      /* the refresh token was spent before: the session is ended */
};

/* What a program is given. To be wiped. */
struct session_tokens {
	char access[SECRET_TEXT_MAX];
	char refresh[SECRET_TEXT_MAX];           /* empty = none */
	int64_t access_expires, refresh_expires; /* moments */
};

/* Makes the texts and moments of a pair, or of an access token alone. Lifetimes in seconds. */
void session_make_tokens(int64_t access_lifetime, int64_t refresh_lifetime, bool refreshes,
    struct session_tokens *tokens);

/* The same of the one token of a console's session, which is tokens->access. */
void session_make_cookie(int64_t lifetime, struct session_tokens *tokens);

/*
 * Stores a session and its first tokens, and a new password hash with it. No user has more than
 * `most` sessions through one client, nor without one: those that would end first end now. Errors
 * as database_execute(), and those of admit().
 */
enum session_outcome session_open(struct database *database, struct arena *arena,
    struct session_grant *grant, int64_t most, const struct session_tokens *tokens,
    struct revocations *revocations, struct error *error) MUST_CHECK;

/*
 * Spends the refresh token of a session and stores the next tokens. One that was spent already is
 * in two hands, one of them a thief's: the whole session ends (RFC 6819 §5.2.2.3), except for so
 * many seconds of `grace` before any of the next tokens is used, since the answer may have got
 * lost. Whoever gets SESSION_REUSED commits.
 */
enum session_outcome session_refresh(struct database *database, struct arena *arena,
    const struct session_grant *grant, int64_t grace, const struct session_tokens *tokens,
    struct revocations *revocations, struct error *error) MUST_CHECK;

/*
 * Ends one session, all of a user but `kept` (all zero = none), or those that one secret of a
 * client opened (0 = any secret).
 */
int session_end(struct database *database, const struct uuid *session,
    struct revocations *revocations, struct error *error) MUST_CHECK;
int session_end_user(struct database *database, const struct uuid *user, const struct uuid *kept,
    struct revocations *revocations, struct error *error) MUST_CHECK;
int session_end_client(struct database *database, const struct uuid *client, int64_t secret_number,
    struct revocations *revocations, struct error *error) MUST_CHECK;

#endif
