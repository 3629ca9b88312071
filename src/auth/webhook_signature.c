#include "auth/webhook_signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/uuid.h"

#define MADE_LENGTH 32 /* bytes of a new key */
#define DIGEST_LENGTH 32

struct key {
	char bytes[BASE64_DECODED_MAX(WEBHOOK_SECRET_MAX)];
	size_t length;
};

void webhook_secret_make(char secret[WEBHOOK_SECRET_MAX + 1])
{
	uint8_t bytes[MADE_LENGTH];
	struct buf text = { 0 };

	random_bytes(bytes, sizeof(bytes));
	buf_append_text(&text, WEBHOOK_SECRET_PREFIX);
	base64_append(&text, bytes, sizeof(bytes));
	if (text.failed)
		abort();
	snprintf(secret, WEBHOOK_SECRET_MAX + 1, "%s", text.data);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	OPENSSL_cleanse(text.data, text.length);
	buf_free(&text);
}

static bool decode_secret(struct str secret, struct key *key)
{
	struct str prefix = STR(WEBHOOK_SECRET_PREFIX);

	return secret.length <= WEBHOOK_SECRET_MAX && str_starts_with(secret, prefix) &&
	       base64_decode(
		   str_slice(secret, prefix.length, secret.length), key->bytes, &key->length) &&
	       key->length >= WEBHOOK_KEY_LEAST && key->length <= WEBHOOK_KEY_MOST;
}

bool webhook_secret_is_good(struct str secret)
{
	struct key key;
	bool good = decode_secret(secret, &key);

	OPENSSL_cleanse(&key, sizeof(key));
	return good;
}

static bool compute_digest(
    const struct key *key, struct str signed_text, uint8_t digest[DIGEST_LENGTH])
{
	unsigned length = 0;

	return HMAC(EVP_sha256(), key->bytes, (int)key->length,
		   (const unsigned char *)signed_text.data, signed_text.length, digest,
		   &length) != NULL &&
	       length == DIGEST_LENGTH;
}

bool webhook_sign(
    struct str secret, struct str id, int64_t seconds, struct str body, struct buf *out)
{
	uint8_t digest[DIGEST_LENGTH];
	struct buf text = { 0 };
	struct key key;
	bool good = decode_secret(secret, &key);

	buf_printf(&text, STR_FORMAT ".%lld.", STR_ARGUMENTS(id), (long long)seconds);
	buf_append_str(&text, body);
	good = good && !text.failed && compute_digest(&key, buf_str(&text), digest);
	if (good) {
		buf_append_text(out, out->length > 0 ? " v1," : "v1,");
		base64_append(out, digest, sizeof(digest));
	}
	OPENSSL_cleanse(&key, sizeof(key));
	buf_free(&text);
	return good;
}
