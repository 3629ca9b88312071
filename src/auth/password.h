/*
 * Secrets that people choose: hashed with libxcrypt.
 */
#ifndef CLIENTELE_AUTH_PASSWORD_H
#define CLIENTELE_AUTH_PASSWORD_H

#include "base/error.h"

#define PASSWORD_HASH_MAX 384
#define PASSWORD_LONGEST 511 /* bytes: more would be cut by crypt() */

/* The dearest hashes that are computed: some four times what password_hash() makes, or a second. */
#define PASSWORD_BCRYPT_LEAST 4
#define PASSWORD_BCRYPT_MOST 14
#define PASSWORD_SHA_ROUNDS_MOST 1000000
#define PASSWORD_SCRYPT_LOG2_MOST 14 /* of N; yescrypt and scrypt */
#define PASSWORD_SCRYPT_R_MOST 32

/* Hashes with yescrypt and a random salt. 0, or -1 with ERROR_INTERNAL. `hash` is NUL-terminated.
 */
int password_hash(
    struct str password, char hash[PASSWORD_HASH_MAX], struct error *error) MUST_CHECK;

/*
 * True when the password fits the hash; constant-time compare. False, without any work, for a hash
 * that password_is_affordable() does not take.
 */
bool password_verify(struct str password, const char *hash);

/*
 * True for a hash that may be computed for anybody who asks: bcrypt, yescrypt, scrypt, and SHA-256
 * and SHA-512 of crypt(3), within the limits above, and PBKDF2 of auth/identity_hash. Any other is
 * refused, whatever it would cost.
 */
bool password_is_affordable(const char *hash);

/* How many hashes this process has computed: what one request has cost is a difference of two. */
uint64_t password_computed(void);

/*
 * NULL for a well-formed bcrypt hash ($2a$, $2b$, $2y$ and 53 characters) of a cost within the
 * limits, else what it must be.
 */
const char *password_check_bcrypt(struct str hash);

/* The same of a hash that users bring along: of bcrypt, or of auth/identity_hash. */
const char *password_check_import(struct str hash);

#endif
