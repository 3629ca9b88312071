/*
 * Licenses as license files in armour: format 4.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/base64.h"
#include "base/digest.h"
#include "codec/reader.h"
#include "document/content.h"
#include "document/format.h"

#define BEGIN "-----BEGIN LICENSE FILE-----\n"
#define END "-----END LICENSE FILE-----\n"
#define LINE 60 /* digits of base64 */
#define FLOATING 2
#define PLAIN "base64"
#define ENCRYPTED "aes-256-gcm"
#define IV_LENGTH 12
#define TAG_LENGTH 16

/* --- armour --- */

static void append_armour(struct buf *out, struct str enc, struct str signature, const char *how,
    const struct signing_key *key)
{
	struct buf json = { 0 }, digits = { 0 };

	buf_append_text(&json, "{\"enc\":\"");
	buf_append_str(&json, enc);
	buf_append_text(&json, "\",\"sig\":\"");
	base64_append(&json, signature.data, signature.length);
	buf_printf(&json, "\",\"alg\":\"%s+%s\"}", how,
	    key_algorithm_info(signing_key_algorithm(key))->file);
	base64_append(&digits, json.data, json.length);
	buf_append_text(out, BEGIN);
	for (size_t i = 0; i < digits.length; i += LINE) {
		buf_append_str(out, str_slice(buf_str(&digits), i, LINE));
		buf_append_char(out, '\n');
	}
	buf_append_text(out, END);
	out->failed = out->failed || json.failed || digits.failed;
	buf_free(&json);
	buf_free(&digits);
}

static int append_signed(struct buf *out, struct buf *enc, const char *how,
    const struct signing_key *key, struct error *error)
{
	struct buf text = { 0 }, signature = { 0 };
	bool good;

	buf_append_text(&text, "license/");
	buf_append_str(&text, buf_str(enc));
	good = !text.failed && !enc->failed &&
	       signing_key_sign(key, SIGNATURE_DER, buf_str(&text), &signature);
	append_armour(out, buf_str(enc), buf_str(&signature), how, key);
	buf_free(&text);
	buf_free(&signature);
	buf_free(enc);
	return good && !out->failed ? 0 : document_fail(error);
}

/* --- making --- */

static void write_value(
    struct writer *writer, const char *name, const struct row *row, const char *member)
{
	unsigned number = row != NULL ? resource_member(row->resource, member) : 0;

	if (row != NULL && row_filled(row, number))
		writer_value(writer, name, &row->resource->fields[number], &row->values[number]);
	else
		writer_null(writer, name);
}

static int64_t integer_of(const struct row *row, const char *member)
{
	unsigned number = resource_member(row->resource, member);

	return row_filled(row, number) ? row->values[number].integer : 0;
}

static void write_attributes(struct writer *writer, const struct row *license)
{
	unsigned product = resource_member(license->resource, "product");

	writer_object_begin(writer, "attributes");
	write_value(writer, "name",
	    row_filled(license, product) ? license->values[product].row : NULL, "name");
	write_value(writer, "expiry", license, "expireDate");
	if (integer_of(license, "maxAllowedSites") > 0)
		writer_integer(writer, "maxMachines", integer_of(license, "maxAllowedSites"));
	else
		writer_null(writer, "maxMachines");
	writer_boolean(writer, "floating", integer_of(license, "licensingMode") == FLOATING);
	content_write(writer, "license", license);
	writer_object_end(writer);
}

static void append_payload(const struct document *document, struct buf *out)
{
	struct buf issued = { 0 };
	struct writer writer;

	timestamp_print(&issued, document->now, TIMESTAMP_UTC);
	writer_init(&writer, MEDIA_JSON, NULL, out);
	writer_object_begin(&writer, NULL);
	writer_object_begin(&writer, "data");
	writer_text(&writer, "type", STR("licenses"));
	write_value(&writer, "id", document->license, "licenseId");
	write_attributes(&writer, document->license);
	writer_object_end(&writer);
	writer_object_begin(&writer, "meta");
	writer_text(&writer, "issued", buf_str(&issued));
	writer_null(&writer, "expiry");
	writer_null(&writer, "ttl");
	writer_object_end(&writer);
	writer_object_end(&writer);
	buf_free(&issued);
}

int document_make_file(const struct document *document, struct buf *out, struct error *error)
{
	struct buf payload = { 0 }, enc = { 0 };

	append_payload(document, &payload);
	base64_append(&enc, payload.data, payload.length);
	enc.failed = enc.failed || payload.failed;
	buf_free(&payload);
	return append_signed(out, &enc, PLAIN, document->key, error);
}

/* --- encrypting --- */

static struct str decode(struct arena *arena, struct str text)
{
	char *bytes = arena_alloc(arena, BASE64_DECODED_MAX(text.length));
	size_t length;

	if (bytes == NULL || !base64_decode(text, bytes, &length))
		return STR("");
	return (struct str){ bytes, length };
}

/* The payload of a file that is not encrypted; empty where it is none. */
static struct str payload_of(struct arena *arena, struct str plain)
{
	struct str text = str_trim(plain);
	const struct node *json;
	const struct node *enc = NULL, *alg = NULL;

	if (!str_starts_with(text, STR(BEGIN)) ||
	    !str_ends_with(text, str_slice(STR(END), 0, sizeof(END) - 2)) ||
	    text.length < sizeof(BEGIN) + sizeof(END))
		return STR("");
	text = str_slice(text, sizeof(BEGIN) - 1, text.length - sizeof(BEGIN) - sizeof(END) + 3);
	json = json_read_stored(arena, decode(arena, text));
	if (json != NULL) {
		enc = node_member(json, BODY_JSON, STR("enc"));
		alg = node_member(json, BODY_JSON, STR("alg"));
	}
	return enc != NULL && alg != NULL && str_starts_with(alg->text, STR(PLAIN "+"))
		   ? decode(arena, enc->text)
		   : STR("");
}

struct cipher {
	uint8_t key[DIGEST_LENGTH];
	uint8_t iv[DIGEST_LENGTH]; /* the first IV_LENGTH bytes count */
	uint8_t tag[TAG_LENGTH];
};

/*
 * Each payload has an IV of its own, made of it and the key: the same file comes out each time, and
 * no two different ones share an IV.
 */
static void set_cipher(struct cipher *cipher, struct str payload, struct str user_key)
{
	struct str parts[] = { STR("clientele license file iv"),
		{ (const char *)cipher->key, sizeof(cipher->key) }, payload };

	digest_text(user_key, cipher->key);
	digest_parts(parts, COUNT_OF(parts), cipher->iv);
}

static bool encrypt(struct cipher *cipher, struct str payload, unsigned char *bytes)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int length = 0, end = 0;
	bool good =
	    context != NULL &&
	    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, cipher->key, cipher->iv) == 1 &&
	    EVP_EncryptUpdate(context, bytes, &length, (const unsigned char *)payload.data,
		(int)payload.length) == 1 &&
	    EVP_EncryptFinal_ex(context, bytes + length, &end) == 1 &&
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_LENGTH, cipher->tag) == 1;

	EVP_CIPHER_CTX_free(context);
	return good;
}

int document_encrypt_file(struct arena *arena, struct str plain, struct str user_key,
    const struct signing_key *key, struct buf *out, struct error *error)
{
	struct str payload = payload_of(arena, plain);
	unsigned char *bytes = arena_alloc(arena, payload.length + 1);
	struct cipher cipher;
	struct buf enc = { 0 };

	if (bytes == NULL)
		return error_out_of_memory(error);
	if (payload.length == 0)
		return error_set_word(error, ERROR_CONFLICT, "NOT_ENCRYPTABLE",
		    "The license is no license file of this server, so it cannot be encrypted.");
	set_cipher(&cipher, payload, user_key);
	if (!encrypt(&cipher, payload, bytes)) {
		OPENSSL_cleanse(&cipher, sizeof(cipher));
		return document_fail(error);
	}
	base64_append(&enc, bytes, payload.length);
	buf_append_char(&enc, '.');
	base64_append(&enc, cipher.iv, IV_LENGTH);
	buf_append_char(&enc, '.');
	base64_append(&enc, cipher.tag, TAG_LENGTH);
	OPENSSL_cleanse(&cipher, sizeof(cipher));
	return append_signed(out, &enc, ENCRYPTED, key, error);
}
