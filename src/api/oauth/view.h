/*
 * What the endpoints look up: rows of joined tables, with the members that one question needs. They
 * are on the way of each token, so that each is one statement.
 */
#ifndef CLIENTELE_API_OAUTH_VIEW_H
#define CLIENTELE_API_OAUTH_VIEW_H

#include "record/rows.h"

/* A user who logs in by name and password, or by a link. */
enum {
	LOGIN_USER,
	LOGIN_NAME,
	LOGIN_HASH,
	LOGIN_ENABLED,
	LOGIN_FACTOR, /* secret of the second factor, sealed; null = the user has none */
	LOGIN_FACTOR_STEP,
	LOGIN_FACTOR_FAILURES
};

/* A secret that counts, of a client that may log in; the newest first. */
enum {
	SECRET_CLIENT,
	SECRET_NUMBER,
	SECRET_HASH,
	SECRET_USER,
	SECRET_CLIENT_NAME,
	SECRET_SCOPE, /* upper bound of the client */
	SECRET_GRANTS /* JSON list of the grants that it may use; empty = all */
};

/* A token, whether or not it counts, with its session and whom that is of. */
enum {
	TOKEN_HASH,
	TOKEN_SESSION,
	TOKEN_REFRESHES,
	TOKEN_CREATED,
	TOKEN_EXPIRES,
	TOKEN_USED,
	TOKEN_GRANT_TYPE,
	TOKEN_CLIENT,
	TOKEN_USER,
	TOKEN_USER_NAME,
	TOKEN_ENABLED, /* user and client may log in */
	TOKEN_SCOPE,
	TOKEN_CLIENT_SCOPE /* upper bound of the client */
};

/* An initial access token, whether or not it counts. */
enum {
	INITIAL_ID,
	INITIAL_HASH,
	INITIAL_USER,
	INITIAL_SCOPE,
	INITIAL_CLIENTS_EXPIRE,
	INITIAL_USES_LEFT,
	INITIAL_USE_COUNT,
	INITIAL_LAST_USED,
	INITIAL_COUNTS /* it may be used, and its user may log in */
};

extern const struct resource oauth_login_view;
extern const struct resource oauth_secret_view;
extern const struct resource oauth_token_view;
extern const struct resource oauth_initial_view;

/* Text of a member; data == NULL where it is null or empty. */
struct str oauth_view_text(const struct row *row, unsigned member);

#endif
