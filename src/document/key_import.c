/*
 * Private keys as other programs keep them.
 */
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "base/base64.h"
#include "document/key_state.h"

/* What came of an attempt to read one form. */
enum import {
	IMPORT_NONE, /* it is not of this form */
	IMPORT_KEY,
	IMPORT_FAULT, /* it is, and an error says what is wrong */
};

struct reading {
	struct str bytes;
	const char *password; /* NULL = none */
	bool asked;           /* for a password */
	EVP_PKEY *pkey;
	struct error *error;
};

static enum import fail_data(struct reading *reading, const char *what)
{
	(void)error_add_fault(
	    reading->error, "data", "The data field must be a private key: %s.", what);
	return IMPORT_FAULT;
}

static enum import fail_password(struct reading *reading)
{
	(void)error_add_fault(reading->error, "password",
	    reading->password != NULL ? "The data cannot be decrypted with this password."
				      : "The password field is required: the data is encrypted.");
	return IMPORT_FAULT;
}

/* Only the form's own padding may stand behind a key. */
static bool is_blank(struct str rest)
{
	return str_trim(rest).length == 0;
}

/* --- PEM --- */

static int give_password(char *buffer, int size, int writing, void *context)
{
	struct reading *reading = context;
	size_t length;

	(void)writing;
	reading->asked = true;
	if (reading->password == NULL)
		return -1;
	length = strlen(reading->password);
	if (length > (size_t)size)
		return -1;
	memcpy(buffer, reading->password, length);
	return (int)length;
}

static struct str rest_of(BIO *bio)
{
	char *data = NULL;
	long length = BIO_get_mem_data(bio, &data);

	return (struct str){ data, (size_t)length };
}

static enum import read_pem(struct reading *reading)
{
	static const struct str mark = { "-----BEGIN ", 11 };
	enum import found = IMPORT_KEY;
	BIO *bio;

	if (!str_starts_with(str_trim(reading->bytes), mark))
		return IMPORT_NONE;
	bio = BIO_new_mem_buf(reading->bytes.data, (int)reading->bytes.length);
	if (bio == NULL)
		return fail_data(reading, "memory is out");
	reading->pkey = PEM_read_bio_PrivateKey(bio, NULL, give_password, reading);
	if (reading->pkey == NULL && reading->asked)
		found = fail_password(reading);
	else if (reading->pkey == NULL)
		found = fail_data(reading,
		    "the PEM text holds a public key or a certificate alone, or is damaged");
	else if (!is_blank(rest_of(bio)))
		found = fail_data(reading, "something else follows the key");
	BIO_free(bio);
	return found;
}

/* --- DER --- */

/* Length of the first DER value: 0 where the bytes begin with none. */
static size_t der_length(struct str bytes)
{
	const unsigned char *data = (const unsigned char *)bytes.data;
	long length;
	int tag, class;

	if (bytes.length == 0 || data[0] != 0x30 ||
	    (ASN1_get_object(&data, &length, &tag, &class, (long)bytes.length) & 0x80) != 0)
		return 0;
	return (size_t)(data - (const unsigned char *)bytes.data) + (size_t)length;
}

static enum import read_encrypted(struct reading *reading, X509_SIG *encrypted)
{
	PKCS8_PRIV_KEY_INFO *info;

	if (reading->password == NULL)
		return fail_password(reading);
	info = PKCS8_decrypt(encrypted, reading->password, (int)strlen(reading->password));
	if (info == NULL)
		return fail_password(reading);
	reading->pkey = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	return reading->pkey != NULL ? IMPORT_KEY : fail_data(reading, "its kind is not known");
}

static enum import read_store(struct reading *reading, PKCS12 *store)
{
	X509 *certificate = NULL;
	const char *password = reading->password != NULL ? reading->password : "";

	if (PKCS12_verify_mac(store, password, -1) != 1 &&
	    !(password[0] == '\0' && PKCS12_verify_mac(store, NULL, 0) == 1))
		return fail_password(reading);
	if (PKCS12_parse(store, password, &reading->pkey, &certificate, NULL) != 1)
		return fail_data(reading, "the PKCS #12 file is damaged");
	X509_free(certificate);
	return reading->pkey != NULL
		   ? IMPORT_KEY
		   : fail_data(reading, "the PKCS #12 file has certificates alone");
}

static enum import read_der(struct reading *reading)
{
	const unsigned char *start = (const unsigned char *)reading->bytes.data, *data;
	size_t length = der_length(reading->bytes);
	enum import found;
	X509_SIG *encrypted;
	PKCS12 *store;

	if (length == 0 || length > reading->bytes.length)
		return IMPORT_NONE;
	if (length < reading->bytes.length)
		return fail_data(reading, "something else follows the key");
	data = start;
	store = d2i_PKCS12(NULL, &data, (long)length);
	if (store != NULL) {
		found = read_store(reading, store);
		PKCS12_free(store);
		return found;
	}
	data = start;
	reading->pkey = d2i_AutoPrivateKey(NULL, &data, (long)length);
	if (reading->pkey != NULL)
		return IMPORT_KEY;
	data = start;
	encrypted = d2i_X509_SIG(NULL, &data, (long)length);
	if (encrypted == NULL)
		return fail_data(
		    reading, "the DER holds a public key or a certificate alone, or is damaged");
	found = read_encrypted(reading, encrypted);
	X509_SIG_free(encrypted);
	return found;
}

/* --- key blobs of Windows --- */

#define BLOB_HEAD 20      /* bytes before the numbers */
#define BLOB_PRIVATE 0x07 /* PRIVATEKEYBLOB */
#define BLOB_VERSION 0x02
#define BLOB_MARK_PLACE 8
#define BLOB_HALVES 9 /* of the modulus, that its numbers take together */

/* The numbers of a blob behind the exponent, each with its length in sixteenths of the bits. */
enum blob_number { BLOB_N, BLOB_P, BLOB_Q, BLOB_DP, BLOB_DQ, BLOB_QINV, BLOB_D, BLOB_NUMBER__MAX };

static const struct {
	unsigned halves; /* of the modulus */
	const char *parameter;
} blob_numbers[BLOB_NUMBER__MAX] = {
	[BLOB_N] = { 2, OSSL_PKEY_PARAM_RSA_N },
	[BLOB_P] = { 1, OSSL_PKEY_PARAM_RSA_FACTOR1 },
	[BLOB_Q] = { 1, OSSL_PKEY_PARAM_RSA_FACTOR2 },
	[BLOB_DP] = { 1, OSSL_PKEY_PARAM_RSA_EXPONENT1 },
	[BLOB_DQ] = { 1, OSSL_PKEY_PARAM_RSA_EXPONENT2 },
	[BLOB_QINV] = { 1, OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
	[BLOB_D] = { 2, OSSL_PKEY_PARAM_RSA_D },
};

static uint32_t little_endian(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static EVP_PKEY *rsa_of(BIGNUM *const numbers[BLOB_NUMBER__MAX], BIGNUM *exponent)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *parameters = NULL;
	EVP_PKEY *pkey = NULL;
	bool good = builder != NULL && context != NULL &&
		    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1;

	for (unsigned i = 0; good && i < BLOB_NUMBER__MAX; i++)
		good = numbers[i] != NULL &&
		       OSSL_PARAM_BLD_push_BN(builder, blob_numbers[i].parameter, numbers[i]) == 1;
	if (good)
		parameters = OSSL_PARAM_BLD_to_param(builder);
	if (parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, parameters) != 1)
		pkey = NULL;
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(context);
	return pkey;
}

static EVP_PKEY *rsa_of_blob(const unsigned char *data, unsigned bits)
{
	BIGNUM *numbers[BLOB_NUMBER__MAX] = { NULL };
	BIGNUM *exponent = BN_lebin2bn(data + 16, 4, NULL);
	const unsigned char *place = data + BLOB_HEAD;
	EVP_PKEY *pkey;

	for (unsigned i = 0; i < BLOB_NUMBER__MAX; i++) {
		int length = (int)(blob_numbers[i].halves * bits / 16);

		numbers[i] = BN_lebin2bn(place, length, NULL);
		place += length;
	}
	pkey = exponent != NULL ? rsa_of(numbers, exponent) : NULL;
	for (unsigned i = 0; i < BLOB_NUMBER__MAX; i++)
		BN_clear_free(numbers[i]);
	BN_free(exponent);
	return pkey;
}

static enum import read_blob(struct reading *reading)
{
	const unsigned char *data = (const unsigned char *)reading->bytes.data;
	struct str mark = str_slice(reading->bytes, BLOB_MARK_PLACE, 4);
	unsigned bits;
	size_t length;

	if (str_equal(mark, STR("RSA1")))
		return fail_data(reading, "the key blob is a public key alone");
	if (!str_equal(mark, STR("RSA2")) || reading->bytes.length < BLOB_HEAD)
		return IMPORT_NONE;
	bits = little_endian(data + 12);
	if (data[0] != BLOB_PRIVATE || data[1] != BLOB_VERSION || bits % 16 != 0 || bits == 0 ||
	    bits > 16 * KEY_RSA_MOST)
		return fail_data(reading, "the key blob has a head that is not known");
	length = BLOB_HEAD + (size_t)bits / 16 * BLOB_HALVES;
	if (reading->bytes.length != length)
		return fail_data(reading, reading->bytes.length < length
					      ? "the key blob is cut"
					      : "something else follows the key");
	reading->pkey = rsa_of_blob(data, bits);
	return reading->pkey != NULL ? IMPORT_KEY : fail_data(reading, "its numbers do not fit");
}

/* --- any --- */

static enum import read_any(struct reading *reading)
{
	static enum import (*const forms[])(struct reading *) = { read_pem, read_blob, read_der };
	enum import found = IMPORT_NONE;

	for (size_t i = 0; found == IMPORT_NONE && i < sizeof(forms) / sizeof(forms[0]); i++)
		found = forms[i](reading);
	return found;
}

/* Files come as base64 where they are bytes. */
static enum import read_decoded(struct reading *reading)
{
	char *bytes = malloc(BASE64_DECODED_MAX(reading->bytes.length));
	struct reading decoded = *reading;
	enum import found = IMPORT_NONE;
	size_t length;

	if (bytes == NULL)
		return fail_data(reading, "memory is out");
	if (base64_decode(reading->bytes, bytes, &length) && length > 0) {
		decoded.bytes = (struct str){ bytes, length };
		found = read_any(&decoded);
		reading->pkey = decoded.pkey;
		OPENSSL_cleanse(bytes, length);
	}
	free(bytes);
	return found;
}

/* n = p * q, and all that belongs to it: a key that was damaged would sign what nobody verifies. */
static bool is_consistent(const EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new((EVP_PKEY *)pkey, NULL);
	bool good = context != NULL && EVP_PKEY_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

static enum import check_key(struct reading *reading)
{
	enum key_algorithm algorithm;
	int bits = EVP_PKEY_get_bits(reading->pkey);

	if (!key_algorithm_of(reading->pkey, &algorithm))
		return fail_data(
		    reading, "only Ed25519, RSA and EC on the curve P-256 sign licenses");
	if (algorithm == KEY_RSA && (bits < KEY_RSA_LEGACY || bits > KEY_RSA_MOST)) {
		(void)error_add_fault(reading->error, "data",
		    "The data field must be an RSA key of %d to %d bits; it has %d.",
		    KEY_RSA_LEGACY, KEY_RSA_MOST, bits);
		return IMPORT_FAULT;
	}
	return is_consistent(reading->pkey)
		   ? IMPORT_KEY
		   : fail_data(reading, "its numbers do not fit (n is not p times q)");
}

int signing_key_import(
    struct str bytes, const char *password, struct signing_key **key, struct error *error)
{
	struct reading reading = { .bytes = bytes, .password = password, .error = error };
	enum import found;

	*key = NULL;
	if (bytes.length > KEY_IMPORT_MOST)
		return error_add_fault(error, "data",
		    "The data field must be at most %d bytes long.", KEY_IMPORT_MOST);
	found = read_any(&reading);
	if (found == IMPORT_NONE)
		found = read_decoded(&reading);
	if (found == IMPORT_NONE)
		found = fail_data(&reading, "PEM, DER, PKCS #12, SNK, or base64 of one of them");
	if (found == IMPORT_KEY)
		found = check_key(&reading);
	if (found == IMPORT_KEY) {
		*key = signing_key_of(reading.pkey);
		ERR_clear_error();
		return *key != NULL ? 0 : error_out_of_memory(error);
	}
	EVP_PKEY_free(reading.pkey);
	ERR_clear_error();
	return -1;
}
