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

const char *key_check(struct str key)
{
	static const char expected[] = "a key of 16 to 63 letters, digits and other visible ASCII "
				       "characters";

	if (key.length < KEY_SHORTEST || key.length >= KEY_TEXT_MAX)
		return expected;
	for (size_t i = 0; i < key.length; i++) {
		if (key.data[i] <= ' ' || key.data[i] > '~')
			return expected;
	}
	return NULL;
}

size_t key_shown_length(struct str key)
{
	size_t third = key.length / 3;

	return third < KEY_PREFIX_LENGTH ? third : KEY_PREFIX_LENGTH;
}
