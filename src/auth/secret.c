#include "auth/secret.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/key.h"
#include "base/digest.h"

#define SHA256_PREFIX "{sha256}"
#define SHA256_PREFIX_LENGTH (sizeof(SHA256_PREFIX) - 1)
#define SHA256_TEXT_LENGTH (SHA256_PREFIX_LENGTH + 2 * KEY_HASH_LENGTH)
#define RANDOM_LENGTH 43
#define MEMO_SLOTS 512 /* power of two */
#define MEMO_PROBES 4

struct secret_memo {
	/* SHA-256 of hash, NUL and secret; all zero = free. */
	uint8_t pairs[MEMO_SLOTS][KEY_HASH_LENGTH];
	unsigned next; /* which probe gives way when all are taken */
};

struct secret_memo *secret_memo_new(void)
{
	return calloc(1, sizeof(struct secret_memo));
}

void secret_memo_free(struct secret_memo *memo)
{
	free(memo);
}

static void digest_pair(struct str secret, const char *hash, uint8_t digest[KEY_HASH_LENGTH])
{
	const struct str parts[] = { { hash, strlen(hash) + 1 }, secret };

	digest_parts(parts, sizeof(parts) / sizeof(parts[0]), digest);
}

static size_t memo_slot(const uint8_t digest[KEY_HASH_LENGTH], size_t probe)
{
	return (((size_t)digest[0] << 8 | digest[1]) + probe) & (MEMO_SLOTS - 1);
}

static bool memo_has(const struct secret_memo *memo, const uint8_t digest[KEY_HASH_LENGTH])
{
	bool found = false;

	for (size_t i = 0; memo != NULL && i < MEMO_PROBES; i++)
		found |=
		    CRYPTO_memcmp(memo->pairs[memo_slot(digest, i)], digest, KEY_HASH_LENGTH) == 0;
	return found;
}

static void memo_keep(struct secret_memo *memo, const uint8_t digest[KEY_HASH_LENGTH])
{
	static const uint8_t none[KEY_HASH_LENGTH];
	size_t slot;

	if (memo == NULL)
		return;
	slot = memo_slot(digest, memo->next++ % MEMO_PROBES);
	for (size_t i = 0; i < MEMO_PROBES; i++) {
		if (memcmp(memo->pairs[memo_slot(digest, i)], none, sizeof(none)) == 0) {
			slot = memo_slot(digest, i);
			break;
		}
	}
	memcpy(memo->pairs[slot], digest, KEY_HASH_LENGTH);
}

void secret_make(const char *prefix, char secret[SECRET_TEXT_MAX])
{
	size_t length = strnlen(prefix, SECRET_TEXT_MAX - RANDOM_LENGTH - 1);

	memcpy(secret, prefix, length);
	random_text(secret + length, RANDOM_LENGTH, RANDOM_BASE64URL);
}

static void hash_random(struct str secret, char hash[SHA256_TEXT_LENGTH + 1])
{
	uint8_t digest[KEY_HASH_LENGTH];

	key_hash(secret, digest);
	memcpy(hash, SHA256_PREFIX, SHA256_PREFIX_LENGTH + 1);
	digest_print(digest, sizeof(digest), hash + SHA256_PREFIX_LENGTH);
	explicit_bzero(digest, sizeof(digest));
}

bool secret_is_random(const char *hash)
{
	return strncmp(hash, SHA256_PREFIX, SHA256_PREFIX_LENGTH) == 0;
}

int secret_hash(struct str secret, bool random, char hash[PASSWORD_HASH_MAX], struct error *error)
{
	if (!random)
		return password_hash(secret, hash, error);
	hash_random(secret, hash);
	return 0;
}

bool secret_verify(struct secret_memo *memo, struct str secret, const char *hash)
{
	char text[SHA256_TEXT_LENGTH + 1];
	uint8_t digest[KEY_HASH_LENGTH];

	if (secret_is_random(hash)) {
		hash_random(secret, text);
		return strlen(hash) == SHA256_TEXT_LENGTH &&
		       CRYPTO_memcmp(text, hash, SHA256_TEXT_LENGTH) == 0;
	}
	digest_pair(secret, hash, digest);
	if (memo_has(memo, digest))
		return true;
	if (!password_verify(secret, hash))
		return false;
	memo_keep(memo, digest);
	return true;
}

bool secret_is_quick(const struct secret_memo *memo, struct str secret, const char *hash)
{
	uint8_t digest[KEY_HASH_LENGTH];

	if (secret_is_random(hash))
		return true;
	digest_pair(secret, hash, digest);
	return memo_has(memo, digest);
}
