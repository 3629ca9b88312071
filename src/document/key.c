#include "document/key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/digest.h"
#include "document/key_state.h"

#define EC_CURVE "prime256v1"
#define EC_HALF 32          /* bytes of r, s and coordinates */
#define ED25519_LENGTH 32   /* bytes of a public key */
#define NUMBER_MOST 1024    /* bytes of a modulus */
#define SIGNATURE_MOST 1024 /* bytes */

static const struct key_algorithm_info algorithms[KEY_ALGORITHM__MAX] = {
	[KEY_ED25519] = { .name = "Ed25519",
	    .jose = "EdDSA",
	    .file = "ed25519",
	    .element = "name=\"Ed25519\"",
	    .xml_method = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519" },
	[KEY_RSA] = { .name = "RSA",
	    .jose = "RS256",
	    .file = "rsa-sha256",
	    .element = "name=\"RSA\" hash=\"SHA256\"",
	    .xml_method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" },
	[KEY_EC] = { .name = "EC",
	    .jose = "ES256",
	    .file = "ecdsa-p256",
	    .element = "name=\"ECDSA\" hash=\"SHA256\"",
	    .xml_method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" },
};

const struct key_algorithm_info *key_algorithm_info(enum key_algorithm algorithm)
{
	return &algorithms[algorithm];
}

bool key_algorithm_find(struct str name, enum key_algorithm *algorithm)
{
	for (*algorithm = 0; *algorithm < KEY_ALGORITHM__MAX; (*algorithm)++) {
		if (str_equal_ignore_case(name, str_from(algorithms[*algorithm].name)))
			return true;
	}
	return false;
}

void key_append_base64url(struct buf *out, const void *data, size_t length)
{
	size_t start = out->length;

	base64_append(out, data, length);
	while (out->length > start && out->data[out->length - 1] == '=')
		buf_truncate(out, out->length - 1);
	for (size_t i = start; i < out->length; i++) {
		if (out->data[i] == '+')
			out->data[i] = '-';
		else if (out->data[i] == '/')
			out->data[i] = '_';
	}
}

/* --- what a key is --- */

bool key_algorithm_of(const EVP_PKEY *pkey, enum key_algorithm *algorithm)
{
	char curve[64] = "";

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_ED25519:
		*algorithm = KEY_ED25519;
		return true;
	case EVP_PKEY_RSA:
		*algorithm = KEY_RSA;
		return true;
	case EVP_PKEY_EC:
		*algorithm = KEY_EC;
		return EVP_PKEY_get_utf8_string_param(
			   pkey, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof(curve), NULL) == 1 &&
		       strcmp(curve, EC_CURVE) == 0;
	default:
		return false;
	}
}

/* A number of the key in base64url, with as many bytes as it has, or as `length` says. */
static bool append_number(struct buf *out, const EVP_PKEY *pkey, const char *name, int length)
{
	unsigned char bytes[NUMBER_MOST];
	BIGNUM *number = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, name, &number) == 1;

	if (good && length == 0)
		length = BN_num_bytes(number);
	good = good && length <= NUMBER_MOST && BN_bn2binpad(number, bytes, length) == length;
	if (good)
		key_append_base64url(out, bytes, (size_t)length);
	BN_free(number);
	return good;
}

static bool append_rsa_members(struct buf *out, const EVP_PKEY *pkey)
{
	bool good;

	buf_append_text(out, "{\"e\":\"");
	good = append_number(out, pkey, OSSL_PKEY_PARAM_RSA_E, 0);
	buf_append_text(out, "\",\"kty\":\"RSA\",\"n\":\"");
	good = good && append_number(out, pkey, OSSL_PKEY_PARAM_RSA_N, 0);
	buf_append_text(out, "\"");
	return good;
}

static bool append_ec_members(struct buf *out, const EVP_PKEY *pkey)
{
	bool good;

	buf_append_text(out, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"");
	good = append_number(out, pkey, OSSL_PKEY_PARAM_EC_PUB_X, EC_HALF);
	buf_append_text(out, "\",\"y\":\"");
	good = good && append_number(out, pkey, OSSL_PKEY_PARAM_EC_PUB_Y, EC_HALF);
	buf_append_text(out, "\"");
	return good;
}

static bool append_ed25519_members(struct buf *out, const EVP_PKEY *pkey)
{
	unsigned char bytes[ED25519_LENGTH];
	size_t length = sizeof(bytes);
	bool good = EVP_PKEY_get_raw_public_key(pkey, bytes, &length) == 1;

	buf_append_text(out, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"");
	if (good)
		key_append_base64url(out, bytes, length);
	buf_append_text(out, "\"");
	return good;
}

/* The required members of a JWK in the order that a thumbprint wants, without the closing brace. */
static bool append_members(struct buf *out, enum key_algorithm algorithm, const EVP_PKEY *pkey)
{
	static bool (*const append[KEY_ALGORITHM__MAX])(struct buf *, const EVP_PKEY *) = {
		[KEY_ED25519] = append_ed25519_members,
		[KEY_RSA] = append_rsa_members,
		[KEY_EC] = append_ec_members,
	};

	return append[algorithm](out, pkey);
}

static bool set_id(struct signing_key *key)
{
	uint8_t digest[DIGEST_LENGTH];
	struct buf jwk = { 0 }, text = { 0 };
	bool good = append_members(&jwk, key->algorithm, key->pkey);

	buf_append_char(&jwk, '}');
	digest_text(buf_str(&jwk), digest);
	key_append_base64url(&text, digest, sizeof(digest));
	good = good && !jwk.failed && !text.failed && text.length == KEY_ID_LENGTH;
	if (good)
		memcpy(key->id, text.data, text.length + 1);
	buf_free(&jwk);
	buf_free(&text);
	return good;
}

struct signing_key *signing_key_of(EVP_PKEY *pkey)
{
	struct signing_key *key = pkey != NULL ? calloc(1, sizeof(*key)) : NULL;

	if (key != NULL) {
		key->pkey = pkey;
		if (key_algorithm_of(pkey, &key->algorithm) && set_id(key))
			return key;
	}
	free(key);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return NULL;
}

struct signing_key *signing_key_make(enum key_algorithm algorithm, unsigned bits)
{
	switch (algorithm) {
	case KEY_RSA:
		return signing_key_of(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits));
	case KEY_EC:
		return signing_key_of(EVP_PKEY_Q_keygen(NULL, NULL, "EC", EC_CURVE));
	default:
		return signing_key_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	}
}

void signing_key_free(struct signing_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

enum key_algorithm signing_key_algorithm(const struct signing_key *key)
{
	return key->algorithm;
}

unsigned signing_key_bits(const struct signing_key *key)
{
	return (unsigned)EVP_PKEY_get_bits(key->pkey);
}

const char *signing_key_id(const struct signing_key *key)
{
	return key->id;
}

/* --- texts --- */

/* Appends what was written into memory that is wiped. */
static bool take_written(BIO *bio, int written, struct buf *out)
{
	char *data = NULL;
	long length = BIO_get_mem_data(bio, &data);

	if (written == 1)
		buf_append(out, data, (size_t)length);
	BIO_free(bio);
	return written == 1 && !out->failed;
}

bool signing_key_private(const struct signing_key *key, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	return bio != NULL &&
	       take_written(bio,
		   PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL), out);
}

bool signing_key_public(const struct signing_key *key, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return bio != NULL && take_written(bio, PEM_write_bio_PUBKEY(bio, key->pkey), out);
}

struct signing_key *signing_key_open(struct str text)
{
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.length);
	EVP_PKEY *pkey = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;

	BIO_free(bio);
	return signing_key_of(pkey);
}

bool signing_key_jwk(const struct signing_key *key, struct buf *out)
{
	bool good = append_members(out, key->algorithm, key->pkey);

	buf_printf(out, ",\"use\":\"sig\",\"alg\":\"%s\",\"kid\":\"%s\"}",
	    algorithms[key->algorithm].jose, key->id);
	return good && !out->failed;
}

bool signing_key_public_jwk(struct str pem, struct buf *out)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.length);
	struct signing_key *key =
	    signing_key_of(bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL);
	bool good = key != NULL && signing_key_jwk(key, out);

	BIO_free(bio);
	signing_key_free(key);
	return good;
}

/* --- signing --- */

/* r and s side by side, of the DER that libcrypto makes. */
static bool append_halves(struct buf *out, const unsigned char *der, size_t length)
{
	unsigned char halves[2 * EC_HALF];
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)length);
	bool good = signature != NULL &&
		    BN_bn2binpad(ECDSA_SIG_get0_r(signature), halves, EC_HALF) == EC_HALF &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(signature), halves + EC_HALF, EC_HALF) == EC_HALF;

	if (good)
		buf_append(out, (const char *)halves, sizeof(halves));
	ECDSA_SIG_free(signature);
	return good;
}

static const EVP_MD *digest_of(const struct signing_key *key, enum signature_form form)
{
	if (key->algorithm == KEY_ED25519)
		return NULL; /* the algorithm has its own */
	return key->algorithm == KEY_RSA && form == SIGNATURE_LEGACY ? EVP_sha1() : EVP_sha256();
}

bool signing_key_sign(
    const struct signing_key *key, enum signature_form form, struct str text, struct buf *out)
{
	unsigned char signature[SIGNATURE_MOST];
	size_t length = sizeof(signature);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool good = digest != NULL &&
		    EVP_DigestSignInit(digest, NULL, digest_of(key, form), NULL, key->pkey) == 1 &&
		    EVP_DigestSign(digest, signature, &length, (const unsigned char *)text.data,
			text.length) == 1;

	EVP_MD_CTX_free(digest);
	ERR_clear_error();
	if (good && key->algorithm == KEY_EC && form != SIGNATURE_DER)
		return append_halves(out, signature, length) && !out->failed;
	if (good)
		buf_append(out, (const char *)signature, length);
	return good && !out->failed;
}
