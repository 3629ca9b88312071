#include "base/seal.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "base/seal_keys.h"
#include "base/uuid.h"

#define VERSION 1
#define HEADER_LENGTH (1 + SEAL_ID_LENGTH)
#define NONCE_LENGTH 12
#define TAG_LENGTH 16

_Static_assert(
    SEAL_OVERHEAD == HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH, "overhead of a sealed value");

/* --- the cipher --- */

/* One piece, which may be empty: to the library nothing and "no more" are the same. */
static bool encrypt(EVP_CIPHER_CTX *cipher, unsigned char *out, struct str in)
{
	int length;

	return in.length == 0 || EVP_EncryptUpdate(cipher, out, &length,
				     (const unsigned char *)in.data, (int)in.length) == 1;
}

static bool decrypt(EVP_CIPHER_CTX *cipher, unsigned char *out, struct str in)
{
	int length;

	return in.length == 0 || EVP_DecryptUpdate(cipher, out, &length,
				     (const unsigned char *)in.data, (int)in.length) == 1;
}

/* nonce | ciphertext | tag, behind a copy of `head`. */
static struct str seal_behind(struct str head, const uint8_t key[SEAL_KEY_LENGTH],
    struct str associated, struct str plain, struct arena *arena)
{
	size_t whole = head.length + NONCE_LENGTH + plain.length + TAG_LENGTH;
	unsigned char *sealed = NULL, *out;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int length = 0;
	bool good = cipher != NULL && plain.length < INT_MAX - SEAL_OVERHEAD &&
		    associated.length < INT_MAX && (sealed = arena_alloc(arena, whole)) != NULL;

	if (good) {
		if (head.length > 0)
			memcpy(sealed, head.data, head.length);
		out = sealed + head.length;
		random_bytes(out, NONCE_LENGTH);
		good =
		    EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
		    encrypt(cipher, NULL, associated) &&
		    encrypt(cipher, out + NONCE_LENGTH, plain) &&
		    EVP_EncryptFinal_ex(cipher, out + NONCE_LENGTH + plain.length, &length) == 1 &&
		    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_LENGTH,
			out + NONCE_LENGTH + plain.length) == 1;
	}
	EVP_CIPHER_CTX_free(cipher);
	return good ? (struct str){ (const char *)sealed, whole } : (struct str){ NULL, 0 };
}

/* Of nonce | ciphertext | tag; data == NULL on failure. */
static struct str unseal_with(const uint8_t key[SEAL_KEY_LENGTH], struct str associated,
    struct str sealed, struct arena *arena)
{
	const unsigned char *in = (const unsigned char *)sealed.data;
	size_t plain = sealed.length - NONCE_LENGTH - TAG_LENGTH;
	unsigned char *out = NULL;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int length = 0;
	bool good = cipher != NULL && sealed.length >= NONCE_LENGTH + TAG_LENGTH &&
		    plain < INT_MAX && associated.length < INT_MAX &&
		    (out = arena_alloc(arena, plain + 1)) != NULL;

	if (good) {
		good = EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, in) == 1 &&
		       decrypt(cipher, NULL, associated) &&
		       decrypt(cipher, out, str_slice(sealed, NONCE_LENGTH, plain)) &&
		       EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_LENGTH,
			   (void *)(uintptr_t)(in + NONCE_LENGTH + plain)) == 1 &&
		       EVP_DecryptFinal_ex(cipher, out + plain, &length) == 1;
		out[plain] = '\0';
		if (!good)
			OPENSSL_cleanse(out, plain);
	}
	EVP_CIPHER_CTX_free(cipher);
	return good ? (struct str){ (const char *)out, plain } : (struct str){ NULL, 0 };
}

/* --- values --- */

/* What a value is bound to: its own head, and the place. */
static struct str bind_place(struct arena *arena, const uint8_t *head, struct str associated)
{
	char *text = arena_alloc(arena, HEADER_LENGTH + associated.length);

	if (text == NULL)
		return (struct str){ NULL, 0 };
	memcpy(text, head, HEADER_LENGTH);
	if (associated.length > 0)
		memcpy(text + HEADER_LENGTH, associated.data, associated.length);
	return (struct str){ text, HEADER_LENGTH + associated.length };
}

static struct str seal_by(const struct seal_key *key, enum seal_purpose purpose,
    struct str associated, struct str plain, struct arena *arena)
{
	uint8_t head[HEADER_LENGTH] = { VERSION };
	struct str place;

	memcpy(head + 1, key->id, SEAL_ID_LENGTH);
	place = bind_place(arena, head, associated);
	if (place.data == NULL)
		return place;
	return seal_behind((struct str){ (const char *)head, HEADER_LENGTH },
	    key->purposes[purpose], place, plain, arena);
}

struct str seal(const struct seal_keys *keys, enum seal_purpose purpose, struct str associated,
    struct str plain, struct arena *arena)
{
	return seal_by(&keys->keys[0], purpose, associated, plain, arena);
}

enum seal_state seal_under(struct seal_keys *keys, const char *id, enum seal_purpose purpose,
    struct str associated, struct str plain, struct arena *arena, struct str *sealed)
{
	const struct seal_key *key = seal_keys_look_for(keys, id);

	*sealed = (struct str){ NULL, 0 };
	if (key == NULL)
		return SEAL_NO_KEY;
	*sealed = seal_by(key, purpose, associated, plain, arena);
	return sealed->data != NULL ? SEAL_GOOD : SEAL_FAILED;
}

bool seal_id_of(struct str sealed, char id[SEAL_ID_TEXT])
{
	if (sealed.length < SEAL_OVERHEAD || sealed.data[0] != VERSION)
		return false;
	for (size_t i = 0; i < SEAL_ID_LENGTH; i++)
		(void)snprintf(id + 2 * i, 3, "%02x", (unsigned char)sealed.data[1 + i]);
	return true;
}

enum seal_state unseal(struct seal_keys *keys, enum seal_purpose purpose, struct str associated,
    struct str sealed, struct arena *arena, struct str *plain)
{
	char id[SEAL_ID_TEXT];
	const struct seal_key *key;
	struct str place;

	*plain = (struct str){ NULL, 0 };
	if (!seal_id_of(sealed, id))
		return SEAL_BROKEN;
	key = seal_keys_look_for(keys, id);
	if (key == NULL)
		return SEAL_NO_KEY;
	place = bind_place(arena, (const uint8_t *)sealed.data, associated);
	if (place.data == NULL)
		return SEAL_FAILED;
	*plain = unseal_with(
	    key->purposes[purpose], place, str_slice(sealed, HEADER_LENGTH, sealed.length), arena);
	if (plain->data != NULL)
		return SEAL_GOOD;
	return arena_exhausted(arena) ? SEAL_FAILED : SEAL_BROKEN;
}

const char *seal_state_text(enum seal_state state)
{
	switch (state) {
	case SEAL_GOOD:
		return "it is intact";
	case SEAL_NO_KEY:
		return "its key is not in the key file";
	case SEAL_BROKEN:
		return "it was changed or moved, or is not encrypted";
	default:
		return "out of memory";
	}
}
