#include "op/idempotency.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "auth/key.h"

#define KEY_LONGEST 64
#define LIFETIME (INT64_C(24) * 3600 * MICROSECONDS_PER_SECOND)
#define NONCE_LENGTH 12
#define TAG_LENGTH 16
#define CIPHER_KEY_LENGTH 32

/* What identifies a repetition, and what opens its stored answer. */
struct replay {
	uint8_t key_hash[KEY_HASH_LENGTH];     /* caller and Idempotency-Key: the row's key */
	uint8_t request_hash[KEY_HASH_LENGTH]; /* method, path, query and body */
	struct str secret;                     /* text that only the caller has */
};

static bool key_is_good(struct str key)
{
	for (size_t i = 0; i < key.length; i++) {
		if (key.data[i] <= 0x20 || key.data[i] >= 0x7F)
			return false;
	}
	return key.length > 0 && key.length <= KEY_LONGEST;
}

static struct str caller_secret(const struct operation *operation)
{
	const struct request *request = operation->request;

	if (request->api_key.length > 0)
		return request->api_key;
	return request->authorization.length > 0 ? request->authorization : request->query;
}

static void identify(struct operation *operation, struct replay *replay)
{
	const struct request *request = operation->request;
	struct buf text = { 0 };

	replay->secret = str_from(arena_printf(operation->arena, STR_FORMAT "\n" STR_FORMAT,
	    STR_ARGUMENTS(caller_secret(operation)), STR_ARGUMENTS(request->idempotency_key)));
	buf_append_text(&text, "idempotency\n");
	buf_append_str(&text, replay->secret);
	key_hash(buf_str(&text), replay->key_hash);
	buf_reset(&text, SIZE_MAX);
	buf_printf(&text, "%s\n%s\n" STR_FORMAT "\n" STR_FORMAT "\n", request->method_name,
	    request->path, STR_ARGUMENTS(request->query),
	    STR_ARGUMENTS(negotiate_media_type(request->content_type)));
	buf_append_str(&text, request->body);
	key_hash(buf_str(&text), replay->request_hash);
	buf_free(&text);
}

static bool derive_key(const struct replay *replay, uint8_t key[CIPHER_KEY_LENGTH])
{
	static const unsigned char purpose[] = "stored answer";
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t length = CIPHER_KEY_LENGTH;
	bool good = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
		    EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1 &&
		    EVP_PKEY_CTX_set1_hkdf_key(context, (const unsigned char *)replay->secret.data,
			(int)replay->secret.length) == 1 &&
		    EVP_PKEY_CTX_add1_hkdf_info(context, purpose, sizeof(purpose) - 1) == 1 &&
		    EVP_PKEY_derive(context, key, &length) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

/* AES-256-GCM in either direction over nonce, text and tag laid out one after the other. */
static struct str seal(struct arena *arena, const struct replay *replay, struct str plain)
{
	uint8_t key[CIPHER_KEY_LENGTH];
	char *sealed = arena_alloc(arena, NONCE_LENGTH + plain.length + TAG_LENGTH);
	unsigned char *out = (unsigned char *)sealed;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int length = 0;
	bool good = sealed != NULL && cipher != NULL && derive_key(replay, key);

	if (good) {
		random_bytes(out, NONCE_LENGTH);
		good = EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
		       EVP_EncryptUpdate(cipher, out + NONCE_LENGTH, &length,
			   (const unsigned char *)plain.data, (int)plain.length) == 1 &&
		       EVP_EncryptFinal_ex(cipher, out + NONCE_LENGTH + length, &length) == 1 &&
		       EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_LENGTH,
			   out + NONCE_LENGTH + plain.length) == 1;
	}
	EVP_CIPHER_CTX_free(cipher);
	OPENSSL_cleanse(key, sizeof(key));
	return good ? (struct str){ sealed, NONCE_LENGTH + plain.length + TAG_LENGTH }
		    : (struct str){ NULL, 0 };
}

static struct str unseal(struct arena *arena, const struct replay *replay, struct str sealed)
{
	uint8_t key[CIPHER_KEY_LENGTH];
	size_t plain_length = sealed.length - NONCE_LENGTH - TAG_LENGTH;
	char *plain =
	    sealed.length > NONCE_LENGTH + TAG_LENGTH ? arena_alloc(arena, plain_length + 1) : NULL;
	const unsigned char *in = (const unsigned char *)sealed.data;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int length = 0;
	bool good = plain != NULL && cipher != NULL && derive_key(replay, key) &&
		    EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, in) == 1 &&
		    EVP_DecryptUpdate(cipher, (unsigned char *)plain, &length, in + NONCE_LENGTH,
			(int)plain_length) == 1 &&
		    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_LENGTH,
			(void *)(in + NONCE_LENGTH + plain_length)) == 1 &&
		    EVP_DecryptFinal_ex(cipher, (unsigned char *)plain + length, &length) == 1;

	EVP_CIPHER_CTX_free(cipher);
	OPENSSL_cleanse(key, sizeof(key));
	return good ? (struct str){ plain, plain_length } : (struct str){ NULL, 0 };
}

static struct bind hash_bind(const uint8_t hash[KEY_HASH_LENGTH])
{
	return BIND_BYTES(((struct str){ (const char *)hash, KEY_HASH_LENGTH }));
}

/* A stored answer is: media type, NUL, header lines, NUL, body. */
static int answer_again(
    struct operation *operation, const struct replay *replay, struct error *error)
{
	static const char query[] =
	    "SELECT request_hash, status, response FROM idempotency WHERE key_hash = ?";
	static const enum bind_kind columns[] = { BIND_BINARY, BIND_INTEGER, BIND_BINARY };
	const struct bind key = hash_bind(replay->key_hash);
	struct response *response = operation->response;
	struct str plain, media, headers;
	struct result result;

	if (database_select(operation->database, operation->arena, query, &key, 1, columns,
		COUNT_OF(columns), &result, error) != 0)
		return -1;
	if (result.count == 0) {
		gate_count(operation->guard->gate, GATE_EVENT_REPEATED);
		return error_set(
		    error, ERROR_BUSY, "The first request is still under way; try again.");
	}
	if (result.rows[0][0].text.length != KEY_HASH_LENGTH ||
	    CRYPTO_memcmp(result.rows[0][0].text.data, replay->request_hash, KEY_HASH_LENGTH) != 0)
		return error_set(error, ERROR_MISMATCH, "%s", error_code_message(ERROR_MISMATCH));
	plain = unseal(operation->arena, replay, result.rows[0][2].text);
	if (!str_next(&plain, '\0', &media) || !str_next(&plain, '\0', &headers))
		return error_set_detail(error, ERROR_INTERNAL, "a stored answer cannot be opened");
	response_reset(response);
	response->status = (int)result.rows[0][1].integer;
	response->has_body = plain.length > 0;
	response->content_type =
	    arena_printf(operation->arena, STR_FORMAT "; charset=utf-8", STR_ARGUMENTS(media));
	buf_append_str(&response->headers, headers);
	buf_append_str(&response->body, plain);
	response_header(response, "Idempotency-Replayed", STR("true"));
	return 0;
}

static int store_answer(
    struct operation *operation, const struct replay *replay, struct error *error)
{
	static const char update[] =
	    "UPDATE idempotency SET status = ?, response = ? WHERE key_hash = ?";
	const struct response *response = operation->response;
	struct buf plain = { 0 };
	struct str sealed;
	struct outcome outcome;

	buf_append(&plain, operation->answer.media.type, strlen(operation->answer.media.type) + 1);
	buf_append_str(&plain, buf_str(&response->headers));
	buf_append_char(&plain, '\0');
	buf_append_str(&plain, buf_str(&response->body));
	sealed = seal(operation->arena, replay, buf_str(&plain));
	buf_free(&plain);
	if (sealed.data == NULL)
		return error_set_detail(error, ERROR_INTERNAL, "an answer cannot be stored");
	const struct bind parameters[] = { BIND_INT(response->status), BIND_BYTES(sealed),
		hash_bind(replay->key_hash) };

	return database_execute(
	    operation->database, update, parameters, COUNT_OF(parameters), &outcome, error);
}

static int run_once(struct operation *operation, void *context, struct error *error)
{
	static const char expire[] =
	    "DELETE FROM idempotency WHERE key_hash = ? AND expires_at <= ?";
	static const char insert[] =
	    "INSERT INTO idempotency (key_hash, request_hash, status, response, "
	    "expires_at) VALUES (?, ?, 0, '', ?)";
	const struct replay *replay = context;
	int64_t now = timestamp_now();
	const struct bind old[] = { hash_bind(replay->key_hash), BIND_MOMENT(now) };
	const struct bind row[] = { hash_bind(replay->key_hash), hash_bind(replay->request_hash),
		BIND_MOMENT(now + LIFETIME) };
	struct outcome outcome;

	response_reset(operation->response);
	if (database_execute(operation->database, expire, old, COUNT_OF(old), &outcome, error) != 0)
		return -1;
	if (database_execute(operation->database, insert, row, COUNT_OF(row), &outcome, error) !=
	    0) {
		if (database_fault(operation->database) != DATABASE_FAULT_DUPLICATE)
			return -1;
		error_clear(error);
		return answer_again(operation, replay, error);
	}
	if (operation->route->run(operation, error) != 0)
		return -1;
	return store_answer(operation, replay, error);
}

/* Every answer kept takes some older ones away, so that the table does not grow for ever. What goes
 * wrong here is no concern of the caller, whose request is done. */
static void drop_outlived(struct operation *operation)
{
	static const char outlived[] =
	    "DELETE FROM idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT 10";
	const struct bind now = BIND_MOMENT(timestamp_now());
	struct outcome outcome;
	struct error ignored;

	error_init(&ignored, operation->arena);
	if (database_execute(operation->database, outlived, &now, 1, &outcome, &ignored) != 0)
		error_clear(&ignored);
}

int idempotency_run(struct operation *operation, struct error *error)
{
	struct replay replay;

	if (!key_is_good(operation->request->idempotency_key))
		return error_add_fault(error, "Idempotency-Key",
		    "The Idempotency-Key must be 1 to %d printable characters without blanks.",
		    KEY_LONGEST);
	identify(operation, &replay);
	if (operation_transaction(operation, run_once, &replay, error) != 0)
		return -1;
	drop_outlived(operation);
	return 0;
}
