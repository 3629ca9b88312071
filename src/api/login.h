/*
 * Users who log in with a password: at the token endpoint, and to the console.
 */
#ifndef CLIENTELE_API_LOGIN_H
#define CLIENTELE_API_LOGIN_H

#include "auth/attempt.h"
#include "auth/session.h"
#include "op/operation.h"

/* What is wrong with what somebody has shown. */
enum login_fault {
	LOGIN_WRONG,        /* no such user, or another password: which one is not told */
	LOGIN_CODE_MISSING, /* the user has a second factor */
	LOGIN_CODE_WRONG,
	LOGIN_CODES_SHUT, /* so many were wrong that a recovery code is needed */
};

struct login {
	struct str name, password;
	struct str code; /* of the second factor; data == NULL: none came */
	/* Fills the error; `sentence` says what is wrong. Returns -1. */
	int (*refuse)(struct error *error, enum login_fault fault, const char *sentence);
};

/*
 * Finds and checks the user, and puts what session_open() asks again into the grant: user, hash of
 * the password, and a new one where that is due. The user is the actor from then on. Of a refused
 * login the grant names the user, too, where there is such a one. Errors: that of refuse(),
 * ERROR_TOO_MANY, ERROR_BUSY, the database's.
 */
int login_check(struct operation *operation, const struct login *login, struct session_grant *grant,
    struct error *error) MUST_CHECK;

/*
 * The same of a user who has shown something else than a password: the second factor alone. `user`
 * is a row of oauth_login_view, `attempt` was begun.
 */
int login_check_factor(struct operation *operation, const struct login *login,
    const struct row *user, struct attempt *attempt, struct session_grant *grant,
    struct error *error) MUST_CHECK;

#endif
