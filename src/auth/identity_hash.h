/*
 * Password hashes of ASP.NET Core Identity, version 3: base64 of the byte 1, then the digest (0
 * SHA-1, 1 SHA-256, 2 SHA-512), the iterations and the length of the salt, each four bytes with the
 * highest first, the salt, and what PBKDF2 (RFC 8018) makes of these. Programs of that framework
 * bring their users along with them.
 */
#ifndef CLIENTELE_AUTH_IDENTITY_HASH_H
#define CLIENTELE_AUTH_IDENTITY_HASH_H

#include "base/str.h"

/* What each such hash begins with. */
#define IDENTITY_HASH_PREFIX "AQAAAA"

/* Rounds of HMAC that one may cost: a second, as with the dearest of other kinds. */
#define IDENTITY_HASH_ROUNDS_MOST 1000000

/* Whether it is such a hash, in full, within those rounds. */
bool identity_hash_is_cheap(const char *hash);

/* Whether the password fits a hash that is one; constant-time compare. */
bool identity_hash_verify(struct str password, const char *hash);

#endif
