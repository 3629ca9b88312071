#include "auth/identity_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/base64.h"

#define HEADER_LENGTH 13
#define SALT_LEAST 8
#define SALT_MOST 64
#define KEY_LEAST 16
#define KEY_MOST 64
#define BYTES_MOST (HEADER_LENGTH + SALT_MOST + KEY_MOST)
#define TEXT_MOST ((BYTES_MOST + 2) / 3 * 4)

struct identity_hash {
	unsigned char bytes[BASE64_DECODED_MAX(TEXT_MOST)];
	const EVP_MD *digest;
	size_t iterations, salt_length, key_length;
};

static size_t number_at(const unsigned char *bytes)
{
	return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static const EVP_MD *digest_of(size_t number)
{
	static const EVP_MD *(*const digests[])(void) = { EVP_sha1, EVP_sha256, EVP_sha512 };

	return number < sizeof(digests) / sizeof(digests[0]) ? digests[number]() : NULL;
}

static bool read_hash(const char *text, struct identity_hash *hash)
{
	size_t length = strnlen(text, TEXT_MOST + 1);

	if (length > TEXT_MOST ||
	    !base64_decode((struct str){ text, length }, (char *)hash->bytes, &length) ||
	    length < HEADER_LENGTH || hash->bytes[0] != 1)
		return false;
	hash->digest = digest_of(number_at(hash->bytes + 1));
	hash->iterations = number_at(hash->bytes + 5);
	hash->salt_length = number_at(hash->bytes + 9);
	if (hash->digest == NULL || hash->iterations == 0 || hash->salt_length < SALT_LEAST ||
	    hash->salt_length > SALT_MOST || length < HEADER_LENGTH + hash->salt_length + KEY_LEAST)
		return false;
	hash->key_length = length - HEADER_LENGTH - hash->salt_length;
	return hash->key_length <= KEY_MOST;
}

/* A key that is longer than the digest takes all iterations once more. */
static bool is_cheap(const struct identity_hash *hash)
{
	size_t size = (size_t)EVP_MD_get_size(hash->digest);
	size_t blocks = (hash->key_length + size - 1) / size;

	return hash->iterations <= IDENTITY_HASH_ROUNDS_MOST / blocks;
}

bool identity_hash_is_cheap(const char *text)
{
	struct identity_hash hash;

	return read_hash(text, &hash) && is_cheap(&hash);
}

bool identity_hash_verify(struct str password, const char *text)
{
	struct identity_hash hash;
	unsigned char made[KEY_MOST];
	const unsigned char *salt = hash.bytes + HEADER_LENGTH;
	bool same;

	if (!read_hash(text, &hash) || !is_cheap(&hash))
		return false;
	same = PKCS5_PBKDF2_HMAC(password.length > 0 ? password.data : "", (int)password.length,
		   salt, (int)hash.salt_length, (int)hash.iterations, hash.digest,
		   (int)hash.key_length, made) == 1 &&
	       CRYPTO_memcmp(made, salt + hash.salt_length, hash.key_length) == 0;
	OPENSSL_cleanse(made, sizeof(made));
	return same;
}
