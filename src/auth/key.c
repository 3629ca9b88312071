#include "auth/key.h"

#include "base/digest.h"

#define RANDOM_LENGTH 24

void key_make(const char *prefix, char key[KEY_TEXT_MAX])
{
	size_t length = strnlen(prefix, KEY_TEXT_MAX - RANDOM_LENGTH - 1);

	memcpy(key, prefix, length);
	random_text(key + length, RANDOM_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
}

void key_hash(struct str secret, uint8_t hash[KEY_HASH_LENGTH])
{
	digest_text(secret, hash);
}
