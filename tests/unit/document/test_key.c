#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "../lib/license.h"
#include "base/base64.h"
#include "document/key.h"

#define SNK_MODULUS                                                                              \
	"xNVUYiHa-n4lWSr3uzVYIyLxnUYkcdDI45vmM3-rS28xZ8S7NH2reRKEXLm8cdEEEA38nbCQRP33O3MEVkqxNs" \
	"Sul-BG-FvDuO6QjI6r00GXw6kMsBGSay5caafYZSs-hQ2F-EmoK45j9YHcPKJaPp_iAc_Lm5DcUYb8nIpMbg0"

/* RFC 8032, 7.1, test 1, as RFC 8037, appendix A has it. */
#define ED25519_PEM                                                          \
	"-----BEGIN PRIVATE KEY-----\n"                                      \
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n" \
	"-----END PRIVATE KEY-----\n"
#define ED25519_ID "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 16, 1 << 24);
	return arena == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct signing_key *import(struct str bytes, const char *password)
{
	struct signing_key *key;
	struct error error;

	error_init(&error, arena);
	if (signing_key_import(bytes, password, &key, &error) != 0)
		fail_msg("%s", error.faults->message);
	return key;
}

/* What an import is refused with: the member, and a part of the sentence. */
static void refuse(struct str bytes, const char *password, const char *path, const char *words)
{
	struct signing_key *key = NULL;
	struct error error;

	error_init(&error, arena);
	assert_int_equal(signing_key_import(bytes, password, &key, &error), -1);
	assert_null(key);
	assert_string_equal(error.faults->path, path);
	if (strstr(error.faults->message, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.faults->message, words);
}

/* RFC 8037, A.3 and A.4. */
static void test_ed25519(void **state)
{
	struct signing_key *key = import(STR(ED25519_PEM), NULL);
	struct buf out = { 0 }, text = { 0 };

	(void)state;
	assert_int_equal(signing_key_algorithm(key), KEY_ED25519);
	assert_string_equal(signing_key_id(key), ED25519_ID);
	assert_true(signing_key_sign(key, SIGNATURE_PLAIN,
	    STR("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"), &out));
	key_append_base64url(&text, out.data, out.length);
	assert_string_equal(text.data,
	    "hgyY0il_MGCjP0JzlnLWG1PPOt7-"
	    "09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
	buf_truncate(&out, 0);
	assert_true(signing_key_jwk(key, &out));
	assert_string_equal(out.data,
	    "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"11qYAYKxCrfVS_"
	    "7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
	    "\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"" ED25519_ID "\"}");
	buf_free(&out);
	buf_free(&text);
	signing_key_free(key);
}

/* RFC 8032, 7.1: tests 1 to 3. */
static void test_rfc_8032(void **state)
{
	static const struct {
		const char *secret; /* behind the head of PKCS #8, in base64 of the whole */
		struct str message;
		const char *signature; /* the beginning, hexadecimal */
	} rows[] = {
		{ "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g", BYTES(""),
		    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" },
		{ "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7", BYTES("\x72"),
		    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" },
		{ "MC4CAQAwBQYDK2VwBCIEIMWqjfQ/n4N77bdELzHct7Fm04U1B28JS4XOOi4LRFj3",
		    BYTES("\xaf\x82"),
		    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct signing_key *key = import(str_from(rows[i].secret), NULL);
		struct buf out = { 0 }, text = { 0 };

		assert_true(signing_key_sign(key, SIGNATURE_PLAIN, rows[i].message, &out));
		assert_int_equal(out.length, 64);
		for (size_t byte = 0; byte < 32; byte++)
			buf_printf(&text, "%02x", (unsigned char)out.data[byte]);
		expect_str(i, buf_str(&text), rows[i].signature);
		buf_free(&out);
		buf_free(&text);
		signing_key_free(key);
	}
}

static void test_snk(void **state)
{
	char bytes[BASE64_DECODED_MAX(sizeof(TEST_SNK))];
	struct buf jwk = { 0 };
	struct signing_key *key;
	size_t length;

	(void)state;
	assert_true(base64_decode(STR(TEST_SNK), bytes, &length));
	assert_int_equal(length, 596);
	key = import((struct str){ bytes, length }, NULL);
	assert_int_equal(signing_key_bits(key), 1024);
	assert_true(signing_key_jwk(key, &jwk));
	assert_non_null(strstr(jwk.data, "\"n\":\"" SNK_MODULUS "\""));
	signing_key_free(key);
	buf_free(&jwk);
	refuse((struct str){ bytes, length - 1 }, NULL, "data", "cut");
	/* p with one bit changed: n is not p times q. */
	bytes[20 + 128 + 3] ^= 1;
	refuse((struct str){ bytes, length }, NULL, "data", "n is not p times q");
	bytes[20 + 128 + 3] ^= 1;
	bytes[0] = 6;
	refuse((struct str){ bytes, length }, NULL, "data", "head");
	bytes[11] = '1';
	refuse((struct str){ bytes, length }, NULL, "data", "public key alone");
}

/* --- what libcrypto writes --- */

static struct str written(BIO *bio)
{
	char *data = NULL;
	long length = BIO_get_mem_data(bio, &data);
	struct str copy = arena_str(arena, (struct str){ data, (size_t)length });

	BIO_free(bio);
	return copy;
}

static struct str pem_of(EVP_PKEY *pkey, const char *password)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(
	    PEM_write_bio_PKCS8PrivateKey(bio, pkey, password != NULL ? EVP_aes_256_cbc() : NULL,
		NULL, 0, NULL, (void *)password),
	    1);
	return written(bio);
}

static struct str der_of(EVP_PKEY *pkey, const char *password)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (password != NULL)
		assert_int_equal(i2d_PKCS8PrivateKey_bio(
				     bio, pkey, EVP_aes_256_cbc(), NULL, 0, NULL, (void *)password),
		    1);
	else
		assert_int_equal(i2d_PKCS8PrivateKey_bio(bio, pkey, NULL, NULL, 0, NULL, NULL), 1);
	return written(bio);
}

static struct str pfx_of(EVP_PKEY *pkey, const char *password)
{
	PKCS12 *store = PKCS12_create(password, "name", pkey, NULL, NULL, 0, 0, 0, 0, 0);
	BIO *bio = BIO_new(BIO_s_mem());

	assert_non_null(store);
	assert_int_equal(i2d_PKCS12_bio(bio, store), 1);
	PKCS12_free(store);
	return written(bio);
}

static struct str public_of(EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
	return written(bio);
}

static struct str base64_of(struct str bytes)
{
	struct buf text = { 0 };
	struct str copy;

	base64_append(&text, bytes.data, bytes.length);
	copy = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

static struct str joined(struct str a, const char *b)
{
	return str_from(arena_printf(arena, STR_FORMAT "%s", STR_ARGUMENTS(a), b));
}

/* Each form of each algorithm is the same key. */
static void test_forms(void **state)
{
	EVP_PKEY *keys[] = { EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
		EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048),
		EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") };

	(void)state;
	for (size_t i = 0; i < ROWS(keys); i++) {
		const struct {
			struct str bytes;
			const char *password;
		} forms[] = {
			{ pem_of(keys[i], NULL), NULL },
			{ pem_of(keys[i], NULL), "not needed" },
			{ pem_of(keys[i], "word"), "word" },
			{ der_of(keys[i], NULL), NULL },
			{ der_of(keys[i], "word"), "word" },
			{ pfx_of(keys[i], "word"), "word" },
			{ base64_of(der_of(keys[i], NULL)), NULL },
			{ base64_of(pem_of(keys[i], NULL)), NULL },
			{ base64_of(pfx_of(keys[i], "word")), "word" },
		};
		struct signing_key *first = import(forms[0].bytes, NULL);

		for (size_t j = 1; j < ROWS(forms); j++) {
			struct signing_key *key = import(forms[j].bytes, forms[j].password);

			assert_string_equal(signing_key_id(key), signing_key_id(first));
			signing_key_free(key);
		}
		signing_key_free(first);
		EVP_PKEY_free(keys[i]);
	}
}

static void test_refused(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_PKEY *small = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)768);
	EVP_PKEY *curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

	(void)state;
	refuse(pem_of(key, "word"), NULL, "password", "required");
	refuse(pem_of(key, "word"), "wrong", "password", "cannot be decrypted");
	refuse(der_of(key, "word"), NULL, "password", "required");
	refuse(der_of(key, "word"), "wrong", "password", "cannot be decrypted");
	refuse(pfx_of(key, "word"), NULL, "password", "required");
	refuse(pfx_of(key, "word"), "wrong", "password", "cannot be decrypted");
	refuse(public_of(key), NULL, "data", "public key");
	refuse(joined(pem_of(key, NULL), "rubbish"), NULL, "data", "follows the key");
	refuse(
	    str_from(arena_printf(arena, "%s\n%s", pem_of(key, NULL).data, pem_of(key, NULL).data)),
	    NULL, "data", "follows the key");
	refuse(joined(pem_of(key, NULL), public_of(key).data), NULL, "data", "follows the key");
	refuse(pem_of(small, NULL), NULL, "data", "it has 768");
	refuse(pem_of(curve, NULL), NULL, "data", "P-256");
	refuse(pem_of(other, NULL), NULL, "data", "only Ed25519, RSA and EC");
	refuse(STR("rubbish"), NULL, "data", "PEM, DER");
	refuse(STR(""), NULL, "data", "PEM, DER");
	refuse((struct str){ der_of(key, NULL).data, 20 }, NULL, "data", "PEM, DER");
	EVP_PKEY_free(key);
	EVP_PKEY_free(small);
	EVP_PKEY_free(curve);
	EVP_PKEY_free(other);
}

/* A new key is stored as text, and is the same when it is read again. */
static void test_make(void **state)
{
	(void)state;
	for (enum key_algorithm i = 0; i < KEY_ALGORITHM__MAX; i++) {
		struct signing_key *key = signing_key_make(i, KEY_RSA_LEAST), *again;
		struct buf private = { 0 }, public = { 0 }, jwk = { 0 }, same = { 0 };
		enum key_algorithm found;

		assert_non_null(key);
		assert_int_equal(signing_key_algorithm(key), i);
		assert_true(signing_key_private(key, &private));
		again = signing_key_open(buf_str(&private));
		assert_non_null(again);
		assert_string_equal(signing_key_id(again), signing_key_id(key));
		assert_true(signing_key_public(key, &public));
		assert_null(strstr(public.data, "PRIVATE"));
		assert_true(signing_key_jwk(key, &jwk));
		assert_true(signing_key_public_jwk(buf_str(&public), &same));
		assert_string_equal(jwk.data, same.data);
		assert_true(key_algorithm_find(str_from(key_algorithm_info(i)->name), &found));
		assert_int_equal(found, i);
		buf_free(&private);
		buf_free(&public);
		buf_free(&jwk);
		buf_free(&same);
		signing_key_free(again);
		signing_key_free(key);
	}
	assert_null(signing_key_open(STR("")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_rfc_8032),
		cmocka_unit_test(test_snk),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_make),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
