/*
 * Users who log in with a password: at the token endpoint, and to the console.
 */
#ifndef CLIENTELE_API_LOGIN_H
#define CLIENTELE_API_LOGIN_H

#include "auth/session.h"
#include "op/operation.h"

struct login {
	struct str name, password;
	/* Fills the error of a name or a password that is wrong, which one is not told. */
	int (*refuse)(struct error *error);
};

/*
 * Finds and checks the user, and puts what session_open() asks again into the grant: user, hash of
 * the password, and a new one where that is due. The user is the actor from then on. Errors: that
 * of refuse(), ERROR_TOO_MANY, ERROR_BUSY, the database's.
 */
int login_check(struct operation *operation, const struct login *login, struct session_grant *grant,
    struct error *error) MUST_CHECK;

#endif
