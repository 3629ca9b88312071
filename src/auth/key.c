#include "auth/key.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define RANDOM_LENGTH 24

void key_make(const char *prefix, char key[KEY_TEXT_MAX])
{
	size_t length = strnlen(prefix, KEY_TEXT_MAX - RANDOM_LENGTH - 1);

	memcpy(key, prefix, length);
	random_text(key + length, RANDOM_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
}

void key_hash(struct str secret, uint8_t hash[KEY_HASH_LENGTH])
{
	/* Without its digest no credential can be told from another: there is no way to go on. */
	if (EVP_Digest(secret.length > 0 ? secret.data : "", secret.length, hash, NULL,
		EVP_sha256(), NULL) != 1)
		abort();
}
