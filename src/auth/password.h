/*
 * Secrets that people choose: hashed with libxcrypt.
 */
#ifndef CLIENTELE_AUTH_PASSWORD_H
#define CLIENTELE_AUTH_PASSWORD_H

#include "base/error.h"

#define PASSWORD_HASH_MAX 384
#define PASSWORD_LONGEST 511 /* bytes: more would be cut by crypt() */

/* Hashes with yescrypt and a random salt. 0, or -1 with ERROR_INTERNAL. `hash` is NUL-terminated.
 */
int password_hash(
    struct str password, char hash[PASSWORD_HASH_MAX], struct error *error) MUST_CHECK;

/* True when the password fits the hash (any method libxcrypt knows); constant-time compare. */
bool password_verify(struct str password, const char *hash);

/* True for a well-formed bcrypt hash ($2a$, $2b$, $2y$ with cost 04–31 and 53 characters). */
bool password_is_bcrypt(struct str hash);

#endif
