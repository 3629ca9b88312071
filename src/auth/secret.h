/*
 * Secrets of programs: client secrets, and the clientSecret of API keys. What was made here is
 * random and kept as SHA-256; what a caller chose is kept as passwords are, which makes it slow to
 * check. A worker therefore remembers, without the secrets themselves, which pairs it has verified.
 */
#ifndef CLIENTELE_AUTH_SECRET_H
#define CLIENTELE_AUTH_SECRET_H

#include "auth/password.h"

#define SECRET_LONGEST 50 /* longest one that a caller may choose, in characters */
#define SECRETS_MOST 2    /* valid ones of a client at the same time */
#define SECRET_GRACE_LONGEST (365 * 24 * 60 * 60) /* seconds beside its successor */
#define SECRET_TEXT_MAX 64                        /* one that is made here, with its NUL */
#define SECRET_CLIENT_PREFIX "cst_"

struct secret_memo;

/* What one worker remembers: a fixed number of pairs. NULL when there is no memory. */
struct secret_memo *secret_memo_new(void);
void secret_memo_free(struct secret_memo *memo);

/* Makes a secret: `prefix` and 43 random characters of base64url (258 bits). The caller wipes it.
 */
void secret_make(const char *prefix, char secret[SECRET_TEXT_MAX]);

/*
 * Hashes a secret: `random` for one from secret_make(), which gives "{sha256}" and 64 hexadecimal
 * digits, else as password_hash() does, in a place of auth/gate where requests are served. 0,
 * or -1 with ERROR_INTERNAL. `hash` is NUL-terminated.
 */
int secret_hash(
    struct str secret, bool random, char hash[PASSWORD_HASH_MAX], struct error *error) MUST_CHECK;

/* True for the hash of a secret that was made here. */
bool secret_is_random(const char *hash);

/*
 * True when the secret fits the hash; compares in constant time. A pair that fits is remembered in
 * `memo`, which may be NULL.
 */
bool secret_verify(struct secret_memo *memo, struct str secret, const char *hash);

/*
 * True when secret_verify() has no slow hash to compute for this pair: whoever serves requests
 * takes a place of auth/gate otherwise. Says nothing about whether the secret fits.
 */
bool secret_is_quick(const struct secret_memo *memo, struct str secret, const char *hash);

#endif
