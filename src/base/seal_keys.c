#include "base/seal_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/uuid.h"

#define DIGITS (2 * SEAL_KEY_LENGTH)

/* A key of its own for each thing that is derived from the secret. */
static bool derive(
    const uint8_t secret[SEAL_KEY_LENGTH], const char *what, uint8_t *out, size_t length)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	bool good = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
		    EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1 &&
		    EVP_PKEY_CTX_set1_hkdf_key(context, secret, SEAL_KEY_LENGTH) == 1 &&
		    EVP_PKEY_CTX_add1_hkdf_info(
			context, (const unsigned char *)what, (int)strlen(what)) == 1 &&
		    EVP_PKEY_derive(context, out, &length) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

static bool complete_key(struct seal_key *key)
{
	static const char *const purposes[SEAL_PURPOSE__MAX] = {
		[SEAL_FIELD] = "clientele field",
		[SEAL_CURSOR] = "clientele cursor",
		[SEAL_ANSWER] = "clientele answer",
		[SEAL_OPTION] = "clientele option",
	};
	bool good = derive(key->secret, "clientele key id", key->id, sizeof(key->id));

	for (size_t i = 0; i < SEAL_PURPOSE__MAX; i++)
		good = good && derive(key->secret, purposes[i], key->purposes[i], SEAL_KEY_LENGTH);
	for (size_t i = 0; i < SEAL_ID_LENGTH; i++)
		(void)snprintf(key->id_text + 2 * i, 3, "%02x", key->id[i]);
	return good;
}

const struct seal_key *seal_keys_find(const struct seal_keys *keys, const char *id)
{
	for (unsigned i = 0; i < keys->count; i++) {
		if (strcmp(keys->keys[i].id_text, id) == 0)
			return &keys->keys[i];
	}
	return NULL;
}

void seal_keys_free(struct seal_keys *keys)
{
	if (keys == NULL)
		return;
	free(keys->path);
	OPENSSL_cleanse(keys, sizeof(*keys));
	free(keys);
}

static bool read_digits(struct str line, uint8_t secret[SEAL_KEY_LENGTH])
{
	for (size_t i = 0; i < DIGITS; i += 2) {
		int high = line.length == DIGITS ? str_hex_digit(line.data[i]) : -1;
		int low = line.length == DIGITS ? str_hex_digit(line.data[i + 1]) : -1;

		if (high < 0 || low < 0)
			return false;
		secret[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* NULL, or what is wrong with a line that holds a key. */
static const char *take_line(struct seal_keys *keys, struct str line)
{
	struct seal_key *key = &keys->keys[keys->count];

	if (keys->count == SEAL_KEYS_MAX)
		return "there are too many keys";
	if (!read_digits(line, key->secret))
		return "expected 64 hexadecimal digits";
	if (!complete_key(key))
		return "the key cannot be used";
	if (seal_keys_find(keys, key->id_text) != NULL)
		return "the key appears twice";
	keys->count++;
	return NULL;
}

struct seal_keys *seal_keys_parse(struct str text, struct buf *reason)
{
	struct seal_keys *keys = calloc(1, sizeof(*keys));
	const char *fault = keys == NULL ? "out of memory" : NULL;
	struct str line;
	unsigned number = 0;

	while (fault == NULL && str_next(&text, '\n', &line)) {
		number++;
		line = str_trim(line);
		if (line.length > 0 && line.data[0] != '#')
			fault = take_line(keys, line);
	}
	if (fault != NULL)
		buf_printf(reason, "line %u: %s", number, fault);
	else if (keys->count == 0)
		buf_append_text(reason, "it contains no key");
	if (fault == NULL && keys->count > 0)
		return keys;
	seal_keys_free(keys);
	return NULL;
}

struct seal_keys *seal_keys_make(void)
{
	struct seal_keys *keys = calloc(1, sizeof(*keys));

	if (keys == NULL || seal_keys_add(keys))
		return keys;
	seal_keys_free(keys);
	return NULL;
}

bool seal_keys_add(struct seal_keys *keys)
{
	struct seal_key key;

	if (keys->count == SEAL_KEYS_MAX)
		return false;
	/* The id is short: one that is taken is drawn again. */
	do {
		random_bytes(key.secret, sizeof(key.secret));
		if (!complete_key(&key))
			return false;
	} while (seal_keys_find(keys, key.id_text) != NULL);
	memmove(keys->keys + 1, keys->keys, keys->count * sizeof(key));
	keys->keys[0] = key;
	keys->count++;
	OPENSSL_cleanse(&key, sizeof(key));
	return true;
}

bool seal_keys_remove(struct seal_keys *keys, const char *id)
{
	const struct seal_key *key = seal_keys_find(keys, id);
	size_t number;

	if (key == NULL || keys->count == 1)
		return false;
	number = (size_t)(key - keys->keys);
	memmove(keys->keys + number, keys->keys + number + 1,
	    (keys->count - number - 1) * sizeof(*key));
	keys->count--;
	OPENSSL_cleanse(&keys->keys[keys->count], sizeof(*key));
	return true;
}

unsigned seal_keys_count(const struct seal_keys *keys)
{
	return keys->count;
}

const char *seal_keys_id(const struct seal_keys *keys, unsigned number)
{
	return keys->keys[number].id_text;
}

bool seal_keys_have(struct seal_keys *keys, const char *id)
{
	return seal_keys_look_for(keys, id) != NULL;
}
