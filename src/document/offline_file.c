#include "document/offline_file.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/base64.h"
#include "codec/reader.h"

#define PUBLIC_KEY_BYTES 32
#define SIGNATURE_BYTES 64

static const struct {
	const char *begin, *end;
	const char *header; /* the only one: what it would say otherwise, nobody needs */
} kinds[] = {
	[OFFLINE_REQUEST] = { "-----BEGIN LICENSE REQUEST-----", "-----END LICENSE REQUEST-----",
	    "{\"alg\":\"EdDSA\",\"typ\":\"license-request+jwt\"}" },
	[OFFLINE_RECEIPT] = { "-----BEGIN LICENSE RECEIPT-----", "-----END LICENSE RECEIPT-----",
	    "{\"alg\":\"EdDSA\",\"typ\":\"license-receipt+jwt\"}" },
};

/* Bytes of base64url without padding; data is NULL where it is none, or memory is out. */
static struct str decode_url(struct arena *arena, struct str text)
{
	char *digits = arena_alloc(arena, text.length + 4);
	char *bytes = arena_alloc(arena, BASE64_DECODED_MAX(text.length + 4));
	size_t length = 0, decoded;

	if (digits == NULL || bytes == NULL)
		return (struct str){ NULL, 0 };
	for (; length < text.length; length++) {
		if (strchr("+/= \t\r\n", text.data[length]) != NULL)
			return (struct str){ NULL, 0 };
		digits[length] = text.data[length] == '-'   ? '+'
				 : text.data[length] == '_' ? '/'
							    : text.data[length];
	}
	while (length % 4 != 0)
		digits[length++] = '=';
	if (!base64_decode((struct str){ digits, length }, bytes, &decoded))
		return (struct str){ NULL, 0 };
	return (struct str){ bytes, decoded };
}

/* What stands between the lines, without its line ends. */
static struct str take_armoured(struct arena *arena, enum offline_file_kind kind, struct str text)
{
	struct str begin = str_from(kinds[kind].begin), end = str_from(kinds[kind].end);
	char *digits = arena_alloc(arena, text.length + 1);
	size_t length = 0;

	text = str_trim(text);
	if (digits == NULL || text.length < begin.length + end.length ||
	    !str_starts_with(text, begin) || !str_ends_with(text, end))
		return (struct str){ NULL, 0 };
	text = str_slice(text, begin.length, text.length - begin.length - end.length);
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] != '\n' && text.data[i] != '\r')
			digits[length++] = text.data[i];
	}
	return (struct str){ digits, length };
}

static const struct node *read_payload(
    struct arena *arena, const struct limits *limits, struct str text)
{
	struct error error;
	struct body body;

	error_init(&error, arena);
	if (json_read(arena, limits, text, &body, &error) != 0 || body.root == NULL ||
	    body.root->kind != NODE_OBJECT)
		return NULL;
	return body.root;
}

const char *offline_file_read(struct arena *arena, const struct limits *limits,
    enum offline_file_kind kind, struct str text, struct offline_file *file)
{
	struct str rest, header, payload;
	size_t length;

	if (text.length > OFFLINE_FILE_MOST)
		return "is too large";
	rest = take_armoured(arena, kind, text);
	if (rest.data == NULL)
		return "must be a whole file, its first and its last line included";
	length = rest.length;
	file->signed_text = rest;
	if (!str_next(&rest, '.', &header) || !str_next(&rest, '.', &payload))
		return "is damaged";
	file->signed_text.length = length - rest.length - 1;
	header = decode_url(arena, header);
	payload = decode_url(arena, payload);
	file->signature = decode_url(arena, rest);
	if (header.data == NULL || payload.data == NULL ||
	    file->signature.length != SIGNATURE_BYTES)
		return "is damaged";
	if (!str_equal(header, str_from(kinds[kind].header)))
		return "is of another kind or version";
	file->payload = read_payload(arena, limits, payload);
	return file->payload != NULL ? NULL : "holds no JSON object";
}

static bool has_signature_of(EVP_PKEY *key, const struct offline_file *file)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestVerify(context, (const unsigned char *)file->signature.data,
			file->signature.length, (const unsigned char *)file->signed_text.data,
			file->signed_text.length) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

bool offline_file_is_signed(struct arena *arena, const struct offline_file *file, struct str key)
{
	struct str bytes = decode_url(arena, key);
	EVP_PKEY *public_key;
	bool good;

	if (key.length != MACHINE_KEY_LENGTH || bytes.length != PUBLIC_KEY_BYTES)
		return false;
	public_key = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, (const unsigned char *)bytes.data, bytes.length);
	good = public_key != NULL && has_signature_of(public_key, file);
	EVP_PKEY_free(public_key);
	ERR_clear_error();
	return good;
}
