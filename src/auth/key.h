/*
 * API keys: made here, shown once, kept as SHA-256.
 */
#ifndef CLIENTELE_AUTH_KEY_H
#define CLIENTELE_AUTH_KEY_H

#include "base/uuid.h"

#define KEY_HASH_LENGTH 32
#define KEY_TEXT_MAX 64     /* longest key made here, with its NUL */
#define KEY_SHORTEST 16     /* of those made elsewhere */
#define KEY_PREFIX_LENGTH 8 /* characters kept for display: "api_ab12" */

/* Makes a key: `prefix` and 24 random lower-case letters and digits (124 bits). */
void key_make(const char *prefix, char key[KEY_TEXT_MAX]);

/*
 * NULL for a text that can be a key although it was made elsewhere, else what it must be: long
 * enough not to be guessed, of characters that any header can carry.
 */
const char *key_check(struct str key);

/* Characters of it that may be kept for display: fewer of a short one, which they would give away.
 */
size_t key_shown_length(struct str key);

/* SHA-256 of a secret text. */
void key_hash(struct str secret, uint8_t hash[KEY_HASH_LENGTH]);

#endif
