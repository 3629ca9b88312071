/*
 * API keys: made here, shown once, kept as SHA-256.
 */
#ifndef CLIENTELE_AUTH_KEY_H
#define CLIENTELE_AUTH_KEY_H

#include "base/uuid.h"

#define KEY_HASH_LENGTH 32
#define KEY_TEXT_MAX 64     /* longest key made here, with its NUL */
#define KEY_PREFIX_LENGTH 8 /* characters kept for display: "api_ab12" */

/* Makes a key: `prefix` and 24 random lower-case letters and digits (124 bits). */
void key_make(const char *prefix, char key[KEY_TEXT_MAX]);

/* SHA-256 of a secret text. */
void key_hash(struct str secret, uint8_t hash[KEY_HASH_LENGTH]);

#endif
