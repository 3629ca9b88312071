/*
 * What is signed, and by whom: vectors of others, each changed byte, and what must be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clientele_verify.h>

#include "signer.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define DUMP_SIZE 4096

/* The public key of Keygen's demonstration account (keygen-sh/keygen-go, keygen_test.go). */
#define KEYGEN_KEY "e8601e48b69383ba520245fd07971e983d06d22c4257cfd82304601479cee788"
/* keygen-sh/example-python-cryptographic-license-files, README.md */
#define KEYGEN_SECRET "B10760-1B177D-656D1F-C03298-9AF89E-V3"
#define KEYGEN_MOMENT 1700000000 /* in the time for which its file is good */

static struct clientele_keys *keys_of(const char *text, unsigned flags)
{
	struct clientele_keys *keys = clientele_keys_new();

	assert_non_null(keys);
	assert_int_equal(clientele_keys_add(keys, text, strlen(text), flags), CLIENTELE_VALID);
	return keys;
}

static struct clientele_options in_2026(void)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;

	options.now = 1780000000;
	return options;
}

static void add_line(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_line(char *out, const char *format, ...)
{
	size_t length = strlen(out);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(out + length, DUMP_SIZE - length, format, arguments);
	va_end(arguments);
}

/* Everything that a license says, as text. */
static void dump_license(const struct clientele_license *license, char out[DUMP_SIZE])
{
	out[0] = '\0';
	for (int i = 0; i < CLIENTELE_TEXT__MAX; i++) {
		const char *text = clientele_license_text(license, (enum clientele_text)i);

		if (i != CLIENTELE_FORMAT && i != CLIENTELE_ALGORITHM && text != NULL)
			add_line(out, "text %d: %s\n", i, text);
	}
	for (int i = 0; i < CLIENTELE_TIME__MAX; i++)
		add_line(out, "time %d: %lld\n", i,
		    (long long)clientele_license_time(license, (enum clientele_time)i));
	add_line(out, "seats: %lld\n", (long long)clientele_license_seats(license));
	for (int l = 0; l < CLIENTELE_LIST__MAX; l++) {
		enum clientele_list list = (enum clientele_list)l;

		for (size_t i = 0; i < clientele_license_count(license, list); i++) {
			const struct clientele_item *item =
			    clientele_license_item(license, list, i);

			add_line(out, "item %d: %s %s %s %s %s %lld %.*s", l,
			    item->name ? item->name : "-", item->id ? item->id : "-",
			    item->value ? item->value : "-",
			    item->description ? item->description : "-",
			    item->key ? item->key : "-", (long long)item->expires,
			    (int)item->data_length, item->data ? (const char *)item->data : "");
			for (size_t p = 0; p < item->property_count; p++)
				add_line(out, " %s=%s", item->properties[p].name,
				    item->properties[p].value);
			add_line(out, "\n");
		}
	}
}

static enum clientele_result result_of(
    const struct clientele_keys *keys, const char *text, size_t length, const char *secret)
{
	struct clientele_options options = in_2026();

	options.secret = secret;
	return clientele_verify(keys, text, length, &options, NULL);
}

static void expect_result(
    const struct clientele_keys *keys, const char *text, enum clientele_result expected)
{
	struct clientele_options options = in_2026();
	struct clientele_license *license;
	enum clientele_result result =
	    clientele_verify(keys, text, strlen(text), &options, &license);

	if (result != expected)
		fail_msg("%s (%s) instead of %s: %s", clientele_result_name(result),
		    clientele_license_detail(license), clientele_result_name(expected), text);
	assert_int_equal(clientele_license_result(license), expected);
	assert_true(strlen(clientele_license_detail(license)) > 10);
	/* What nobody has signed rightly is not shown. */
	if (expected != CLIENTELE_VALID && expected < CLIENTELE_CLOCK_TAMPERED) {
		for (int i = 0; i < CLIENTELE_TEXT__MAX; i++)
			assert_null(clientele_license_text(license, (enum clientele_text)i));
		assert_int_equal(clientele_license_count(license, CLIENTELE_FEATURES), 0);
		assert_int_equal(clientele_license_seats(license), 0);
	}
	clientele_license_free(license);
}

static void expect_signed(char *text, enum clientele_result expected)
{
	struct clientele_keys *keys = keys_of(SIGNER_JWK, 0);

	expect_result(keys, text, expected);
	clientele_keys_free(keys);
	free(text);
}

/*
 * Changes each byte of a document in turn. It is refused then; or, where `harmless` is not NULL,
 * says the same as before: there are bytes that nobody has signed, and these are counted.
 */
static void change_each_byte(
    const struct clientele_keys *keys, const char *name, const char *secret, unsigned *harmless)
{
	static const char changes[] = { 0x01, 0x20, (char)0x80 };
	struct clientele_options options = in_2026();
	char expected[DUMP_SIZE], found[DUMP_SIZE], *text;
	struct clientele_license *license;
	size_t length;

	text = signer_read_file(name, &length);
	options.secret = secret;
	assert_int_equal(clientele_verify(keys, text, length, &options, &license), CLIENTELE_VALID);
	dump_license(license, expected);
	clientele_license_free(license);
	for (size_t i = 0; i < length * ROWS(changes); i++) {
		char before = text[i / ROWS(changes)];
		enum clientele_result result;

		text[i / ROWS(changes)] = (char)(before ^ changes[i % ROWS(changes)]);
		result = clientele_verify(keys, text, length, &options, &license);
		dump_license(license, found);
		clientele_license_free(license);
		if (result == CLIENTELE_VALID) {
			if (harmless == NULL)
				fail_msg("%s: byte %zu may be changed", name, i / ROWS(changes));
			assert_string_equal(found, expected);
			*harmless += 1;
		} else {
			assert_true(result < CLIENTELE_CLOCK_TAMPERED);
		}
		text[i / ROWS(changes)] = before;
	}
	free(text);
}

/* babelfornet/license-file-console-example, ClientFile.licenses and the key of its Program.cs. */
static void test_published_sample(void **state)
{
	size_t length, key_length;
	char *key = signer_read_file("tests/golden/vectors/pub.pem", &key_length);
	char *text = signer_read_file("tests/golden/vectors/ClientFile.licenses", &length);
	struct clientele_options options = in_2026();
	struct clientele_keys *keys = clientele_keys_new();
	struct clientele_license *license;
	unsigned harmless = 0;

	(void)state;
	/* 1,024 bits and SHA-1: only who asks for it gets it. */
	assert_int_equal(clientele_keys_add(keys, key, key_length, 0), CLIENTELE_KEY_WEAK);
	assert_int_equal(clientele_keys_count(keys), 0);
	assert_int_equal(clientele_verify(keys, text, length, NULL, NULL), CLIENTELE_KEY_UNKNOWN);
	assert_int_equal(
	    clientele_keys_add(keys, key, key_length, CLIENTELE_KEYS_LEGACY), CLIENTELE_VALID);
	assert_int_equal(clientele_verify(keys, text, length, &options, &license), CLIENTELE_VALID);
	assert_string_equal(clientele_license_text(license, CLIENTELE_ID), "licE719B");
	assert_string_equal(clientele_license_text(license, CLIENTELE_TYPE), "Enterprise");
	assert_string_equal(clientele_license_text(license, CLIENTELE_LICENSEE_COMPANY), "ACME");
	assert_string_equal(
	    clientele_license_text(license, CLIENTELE_LICENSEE_CONTACT), "info@acme.com");
	assert_string_equal(clientele_license_text(license, CLIENTELE_PRODUCT_ID), "P01");
	assert_string_equal(clientele_license_text(license, CLIENTELE_ALGORITHM), "RS1");
	assert_true(clientele_license_time(license, CLIENTELE_ISSUED) == 1685428747);
	assert_true(clientele_license_is_type(license, "Enterprise"));
	assert_false(clientele_license_is_type(license, "Basic"));
	clientele_license_free(license);
	/* White space and the declaration are not signed; everything else is. */
	change_each_byte(keys, "tests/golden/vectors/ClientFile.licenses", NULL, &harmless);
	assert_in_range(harmless, 1, 300);
	clientele_keys_free(keys);
	free(key);
	free(text);
}

/* The same text in other encodings, without the white space or with more of it. */
static void test_encodings(void **state)
{
	size_t length, key_length, narrow = 3;
	char *key = signer_read_file("tests/golden/vectors/pub.pem", &key_length);
	char *text = signer_read_file("tests/golden/vectors/ClientFile.licenses", &length);
	struct clientele_keys *keys = keys_of(key, CLIENTELE_KEYS_LEGACY);
	char *other = malloc(length + 8);

	(void)state;
	for (size_t i = 0; i < length; i++)
		other[i] = text[i ^ 1];
	assert_int_equal(result_of(keys, other, length, NULL), CLIENTELE_VALID);
	assert_int_equal(result_of(keys, other, length - 1, NULL), CLIENTELE_MALFORMED);
	memcpy(other, "\xef\xbb\xbf", 3);
	for (size_t i = 2; i < length; i += 2) {
		if (text[i] != '\r')
			other[narrow++] = text[i];
	}
	assert_int_equal(result_of(keys, other, narrow, NULL), CLIENTELE_VALID);
	assert_int_equal(result_of(keys, other + 3, narrow - 3, NULL), CLIENTELE_VALID);
	/* A mark of one encoding before a text of another. */
	memcpy(other + 1, "\xff\xfe", 2);
	assert_int_equal(result_of(keys, other + 1, narrow - 1, NULL), CLIENTELE_MALFORMED);
	clientele_keys_free(keys);
	free(key);
	free(text);
	free(other);
}

/* Each format, signed by the other implementation of docs/license-formats.md. */
static void test_each_format(void **state)
{
	static const struct {
		const char *name, *format, *secret;
		bool unsigned_bytes; /* line ends of armour, and spelling of serials */
	} rows[] = {
		{ "tests/golden/documents/license.xml", "xml", NULL, true },
		{ "tests/golden/documents/dsig.xml", "xml-dsig", NULL, true },
		{ "tests/golden/documents/license.jwt", "jws", NULL, true },
		{ "tests/golden/documents/license.lic", "license-file", NULL, false },
		{ "tests/golden/documents/encrypted.lic", "license-file", "K7Q2M-ZX94T-HW8PD-3NVRB",
		    false },
		{ "tests/golden/documents/serial.txt", "serial", NULL, true },
	};
	struct clientele_options options = in_2026();
	struct clientele_keys *keys = keys_of(SIGNER_JWK, 0);

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct clientele_license *license;
		bool serial = strcmp(rows[i].format, "serial") == 0;
		unsigned harmless = 0;
		size_t length;
		char *text = signer_read_file(rows[i].name, &length);

		options.secret = rows[i].secret;
		options.product = "P01";
		assert_int_equal(
		    clientele_verify(keys, text, length, &options, &license), CLIENTELE_VALID);
		assert_string_equal(
		    clientele_license_text(license, CLIENTELE_FORMAT), rows[i].format);
		assert_string_equal(clientele_license_text(license, CLIENTELE_KEY_ID), SIGNER_ID);
		assert_string_equal(clientele_license_text(license, CLIENTELE_ID), "lic7F02C9D1");
		assert_string_equal(clientele_license_text(license, CLIENTELE_MODE), "activation");
		assert_int_equal(clientele_license_seats(license), 5);
		assert_true(clientele_license_is_type(license, "Enterprise"));
		assert_false(clientele_license_is_type(license, "enterprise"));
		assert_int_equal(clientele_license_has_feature(license, "Export"), !serial);
		assert_false(clientele_license_has_feature(license, "export"));
		assert_true(clientele_license_time(license, CLIENTELE_EXPIRES) ==
			    (serial ? 1801440000 : 1801389600));
		clientele_license_free(license);
		/* Of these, the line end behind the document, and upper and lower case. */
		change_each_byte(
		    keys, rows[i].name, rows[i].secret, rows[i].unsigned_bytes ? &harmless : NULL);
		assert_true(harmless < (serial ? 4 * length : 12));
		free(text);
	}
	clientele_keys_free(keys);
}

/* Files of Keygen's own server. */
static void test_keygen(void **state)
{
	static const char *const locked[] = { "kg_0_license.pem", "kg_1_machine.pem",
		"kg_2_license.pem" };
	struct clientele_keys *keys = keys_of(KEYGEN_KEY, 0);
	struct clientele_options options = in_2026();
	struct clientele_license *license;
	char path[80], *text;
	size_t length;

	(void)state;
	for (size_t i = 0; i < ROWS(locked); i++) {
		snprintf(path, sizeof(path), "tests/golden/vectors/keygen/%s", locked[i]);
		text = signer_read_file(path, &length);
		assert_int_equal(result_of(keys, text, length, NULL), CLIENTELE_SECRET_REQUIRED);
		assert_int_equal(
		    result_of(keys, text, length, KEYGEN_SECRET), CLIENTELE_DECRYPTION_FAILED);
		/* A license's file called a machine's, and the other way round. */
		memcpy(strstr(text, "BEGIN ") + 6, i == 1 ? "LICENSE" : "MACHINE", 7);
		memcpy(strstr(text, "END ") + 4, i == 1 ? "LICENSE" : "MACHINE", 7);
		assert_int_equal(result_of(keys, text, length, NULL), CLIENTELE_SIGNATURE_INVALID);
		free(text);
	}
	text = signer_read_file("tests/golden/vectors/keygen/license.lic", &length);
	options.secret = KEYGEN_SECRET;
	assert_int_equal(
	    clientele_verify(keys, text, length, &options, &license), CLIENTELE_EXPIRED);
	assert_true(clientele_license_time(license, CLIENTELE_EXPIRES) == CLIENTELE_NEVER);
	assert_true(clientele_license_time(license, CLIENTELE_FILE_EXPIRES) == 1758921047);
	clientele_license_free(license);
	options.now = KEYGEN_MOMENT;
	assert_int_equal(clientele_verify(keys, text, length, &options, &license), CLIENTELE_VALID);
	assert_string_equal(
	    clientele_license_text(license, CLIENTELE_ID), "7bb84d91-919e-4bf6-8b58-bc204c3797a7");
	assert_string_equal(
	    clientele_license_text(license, CLIENTELE_PRODUCT_NAME), "Python Example");
	assert_true(clientele_license_has_feature(license, "DEMO_ENTITLEMENT"));
	assert_int_equal(clientele_license_seats(license), 3);
	clientele_license_free(license);
	for (size_t i = 0; i < length; i += 61) {
		text[i] ^= 1;
		assert_int_not_equal(
		    clientele_verify(keys, text, length, &options, NULL), CLIENTELE_VALID);
		text[i] ^= 1;
	}
	clientele_keys_free(keys);
	free(text);
}

/* RFC 7515, A.2 and A.3, and RFC 8037, A.4: signed rightly, but no licenses. */
#define CLAIMS                                                                           \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc1" \
	"9yb290Ijp0cnVlfQ"

static const struct {
	const char *key, *text;
} published[] = {
	{ "{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHm"
	  "fHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo"
	  "9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQ"
	  "Y4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
	  "TW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}",
	    "eyJhbGciOiJSUzI1NiJ9." CLAIMS
	    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
	    "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIAR"
	    "NPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvh"
	    "J1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
	    "IoypGlUPQGe77Rw" },
	{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
	    "eyJhbGciOiJFUzI1NiJ9." CLAIMS
	    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5dj"
	    "xLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q" },
	{ SIGNER_JWK,
	    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG"
	    "1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg" },
};

static void test_published_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(published); i++) {
		struct clientele_keys *keys = keys_of(published[i].key, 0);
		char *text = strdup(published[i].text);

		expect_result(keys, text, CLIENTELE_NOT_A_LICENSE);
		for (char *c = text; *c != '\0'; c++) {
			enum clientele_result result;

			*c ^= 1;
			result = result_of(keys, text, strlen(text), NULL);
			if (result == CLIENTELE_NOT_A_LICENSE || result == CLIENTELE_VALID)
				fail_msg("%zu: %s", (size_t)(c - text), text);
			*c ^= 1;
		}
		/* A key of another kind is not even tried. */
		clientele_keys_free(keys);
		keys = keys_of(published[(i + 1) % ROWS(published)].key, 0);
		expect_result(keys, text, CLIENTELE_ALGORITHM_REFUSED);
		clientele_keys_free(keys);
		free(text);
	}
}

#define HEADER "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"kid\":\"" SIGNER_ID "\"}"
#define PAYLOAD "{\"license\":{\"id\":\"L1\"}}"

#define DEEP10 "[[[[[[[[[["
#define DEEP "{\"license\":" DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10

/* What libraries of JWS have been tricked by. */
static void test_refused_jws(void **state)
{
	static const struct {
		const char *header, *payload;
		enum clientele_result result;
	} rows[] = {
		{ HEADER, PAYLOAD, CLIENTELE_VALID },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\"}", PAYLOAD, CLIENTELE_VALID },
		{ "{\"alg\":\"none\",\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"NONE\",\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"HS256\",\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"eddsa\",\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"RS256\",\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"ES256\",\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"typ\":\"license+jwt\"}", PAYLOAD, CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":1,\"typ\":\"license+jwt\"}", PAYLOAD, CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":[\"EdDSA\"],\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"crit\":[\"exp\"]}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"crit\":[]}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"b64\":false}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"jwk\":" SIGNER_JWK "}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"jku\":\"https://example.com\"}",
		    PAYLOAD, CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"x5c\":[]}", PAYLOAD,
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\",\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_MALFORMED },
		{ "{\"alg\":\"none\",\"\\u0061lg\":\"EdDSA\",\"typ\":\"license+jwt\"}", PAYLOAD,
		    CLIENTELE_MALFORMED },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"kid\":\"another\"}", PAYLOAD,
		    CLIENTELE_KEY_UNKNOWN },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"kid\":7}", PAYLOAD,
		    CLIENTELE_MALFORMED },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\",\"kid\":\"\"}", PAYLOAD,
		    CLIENTELE_MALFORMED },
		{ "[\"EdDSA\"]", PAYLOAD, CLIENTELE_MALFORMED },
		{ "{\"alg\":\"EdDSA\",}", PAYLOAD, CLIENTELE_MALFORMED },
		{ "{\"alg\":\"EdDSA\"} x", PAYLOAD, CLIENTELE_MALFORMED },
		{ "", PAYLOAD, CLIENTELE_MALFORMED },
		/* A token for something else, of the same key. */
		{ "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\"}", PAYLOAD, CLIENTELE_NOT_A_LICENSE },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}", PAYLOAD, CLIENTELE_NOT_A_LICENSE },
		{ "{\"alg\":\"EdDSA\"}", PAYLOAD, CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"sub\":\"L1\"}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"license\":\"L1\"}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"license\":{},\"license\":{}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"license\":{\"id\":\"a\",\"id\":\"b\"}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"license\":{\"id\":\"\\ud800\"}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"license\":{\"id\":\"a\\u0000b\"}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"license\":{\"id\":\"\xff\"}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"license\":{\"expireDate\":\"soon\"}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"license\":{\"expireDate\":7}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"exp\":\"7\",\"license\":{}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"exp\":1e9,\"license\":{}}", CLIENTELE_NOT_A_LICENSE },
		{ HEADER, "{\"exp\":1300819380,\"license\":{}}", CLIENTELE_EXPIRED },
		{ HEADER, "{\"exp\":1300819380.75,\"license\":{}}", CLIENTELE_EXPIRED },
		{ HEADER, "{\"nbf\":2000000000,\"license\":{}}", CLIENTELE_NOT_YET_VALID },
		{ HEADER, DEEP, CLIENTELE_TOO_LARGE },
		{ HEADER, "", CLIENTELE_NOT_A_LICENSE },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_signed(signer_jws(rows[i].header, rows[i].payload), rows[i].result);
}

static char *changed(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from), *result = malloc(strlen(text) + strlen(to) + 1);

	assert_non_null(at);
	sprintf(result, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	free(text);
	return result;
}

/* One text has one form only. */
static void test_malformed_jws(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = { { ".", ".=" }, { ".", "=." }, { ".", ". " },
		{
		    ".",
		    "..",
		},
		{ ".", "" }, { ".", "\n." }, { "e", "%65" } };
	char *text;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct clientele_keys *keys = keys_of(SIGNER_JWK, 0);

		text = changed(signer_jws(HEADER, PAYLOAD), rows[i].from, rows[i].to);
		assert_true(result_of(keys, text, strlen(text), NULL) < CLIENTELE_CLOCK_TAMPERED);
		assert_int_not_equal(result_of(keys, text, strlen(text), NULL), CLIENTELE_VALID);
		clientele_keys_free(keys);
		free(text);
	}
	/* Unused bits of the last digit. */
	text = signer_jws(HEADER, PAYLOAD);
	text[strlen(text) - 1]++;
	expect_signed(text, CLIENTELE_MALFORMED);
	/* A signature of 63 bytes, and none. */
	text = signer_jws(HEADER, PAYLOAD);
	text[strlen(text) - 2] = '\0';
	expect_signed(text, CLIENTELE_SIGNATURE_INVALID);
	text = signer_jws(HEADER, PAYLOAD);
	strrchr(text, '.')[1] = '\0';
	expect_signed(text, CLIENTELE_SIGNATURE_INVALID);
	text = signer_jws(HEADER, PAYLOAD);
	*strrchr(text, '.') = '\0';
	expect_signed(text, CLIENTELE_SIGNATURE_INVALID);
}

#define TEN(text) text text text text text text text text text text
#define DEEP_BEGIN TEN(TEN("<a>"))
#define DEEP_END TEN(TEN("</a>"))

#define LICENSE "<License Id=\"L1\" />"
#define SIGNATURE \
	"<Signature><Algorithm name=\"Ed25519\" /><SignatureValue>%s</SignatureValue></Signature>"

/* What is signed rightly, but not a license as it must be: attacks on readers of XML. */
static void test_refused_xml(void **state)
{
	static const struct {
		const char *content, *signature;
		enum clientele_result result;
	} rows[] = {
		{ LICENSE, SIGNATURE, CLIENTELE_VALID },
		/* Several licenses, one of them hidden in another element. */
		{ LICENSE LICENSE, SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"L1\"><License Id=\"L2\" /></License>", SIGNATURE,
		    CLIENTELE_MALFORMED },
		{ "<License Id=\"L1\"><Licenses /></License>", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"L1\"><Signature /></License>", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<Old>" LICENSE "</Old>", SIGNATURE, CLIENTELE_MALFORMED },
		{ "", SIGNATURE, CLIENTELE_MALFORMED },
		{ LICENSE "<Extra />", SIGNATURE, CLIENTELE_MALFORMED },
		{ LICENSE, SIGNATURE "<Extra />", CLIENTELE_MALFORMED },
		{ LICENSE, SIGNATURE SIGNATURE, CLIENTELE_MALFORMED },
		/* Prefixes and namespaces. */
		{ "<x:License Id=\"L1\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License xmlns=\"urn:x\" Id=\"L1\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License xmlns:x=\"urn:x\" Id=\"L1\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License xml:id=\"L2\" Id=\"L1\" />", SIGNATURE, CLIENTELE_MALFORMED },
		/* Comments, instructions, CDATA, entities of one's own. */
		{ LICENSE "<!-- -->", SIGNATURE, CLIENTELE_MALFORMED },
		{ LICENSE "<?x y?>", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"L1\"><![CDATA[x]]></License>", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"&x;\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"&#0;\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"&#xD800;\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"&#x110000;\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"&#x1F\" />", SIGNATURE, CLIENTELE_MALFORMED },
		/* Not well-formed. */
		{ "<License Id=\"L1\" Id=\"L1\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=L1 />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"<\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"L1\"Type=\"x\" />", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"L1\"></Licence>", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"L1\">]]></License>", SIGNATURE, CLIENTELE_MALFORMED },
		{ "<License Id=\"L1\">\x01</License>", SIGNATURE, CLIENTELE_MALFORMED },
		{ LICENSE "text", SIGNATURE, CLIENTELE_MALFORMED },
		{ LICENSE, "text" SIGNATURE, CLIENTELE_MALFORMED },
		/* The signature's element. */
		{ LICENSE,
		    "<Signature Id=\"x\"><Algorithm name=\"Ed25519\" /><SignatureValue>%s"
		    "</SignatureValue></Signature>",
		    CLIENTELE_MALFORMED },
		{ LICENSE,
		    "<Signature><Algorithm name=\"Ed25519\" /><SignatureValue>%s<!-- -->"
		    "</SignatureValue></Signature>",
		    CLIENTELE_MALFORMED },
		{ LICENSE,
		    "<Signature><Algorithm name=\"Ed25519\" /><SignatureValue>%s<x />"
		    "</SignatureValue></Signature>",
		    CLIENTELE_MALFORMED },
		{ LICENSE,
		    "<Signature><Algorithm name=\"Ed25519\" /><SignatureValue>%s A"
		    "</SignatureValue></Signature>",
		    CLIENTELE_MALFORMED },
		{ LICENSE,
		    "<Signature><SignatureValue>%s</SignatureValue>"
		    "<Algorithm name=\"Ed25519\" /></Signature>",
		    CLIENTELE_MALFORMED },
		{ LICENSE, "<Signature><SignatureValue>%s</SignatureValue></Signature>",
		    CLIENTELE_MALFORMED },
		{ LICENSE,
		    "<Signature><Algorithm name=\"Ed25519\" /><SignatureValue>%s"
		    "</SignatureValue><KeyInfo><KeyName>other</KeyName></KeyInfo></Signature>",
		    CLIENTELE_MALFORMED },
		{ LICENSE,
		    "<Signature><Algorithm name=\"RSA\" /><SignatureValue>%s"
		    "</SignatureValue></Signature>",
		    CLIENTELE_ALGORITHM_REFUSED },
		{ LICENSE,
		    "<Signature><Algorithm name=\"RSA\" hash=\"MD5\" /><SignatureValue>%s"
		    "</SignatureValue></Signature>",
		    CLIENTELE_ALGORITHM_REFUSED },
		{ LICENSE,
		    "<Signature><Algorithm name=\"none\" /><SignatureValue>%s"
		    "</SignatureValue></Signature>",
		    CLIENTELE_ALGORITHM_REFUSED },
		{ LICENSE,
		    "<Signature><Algorithm name=\"Ed25519\" x=\"y\" /><SignatureValue>%s"
		    "</SignatureValue></Signature>",
		    CLIENTELE_ALGORITHM_REFUSED },
		/* Signed rightly, and not to be understood. */
		{ "<License Id=\"L1\" expireDate=\"2027-02-29T00:00:00Z\" />", SIGNATURE,
		    CLIENTELE_NOT_A_LICENSE },
		{ "<License Id=\"L1\" maxAllowedSites=\"many\" />", SIGNATURE,
		    CLIENTELE_NOT_A_LICENSE },
		{ "<License Id=\"L1\"><Features><Feature name=\"x\"><Data>?</Data></Feature>"
		  "</Features></License>",
		    SIGNATURE, CLIENTELE_NOT_A_LICENSE },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_signed(signer_xml_as(rows[i].content, rows[i].signature), rows[i].result);
}

/* A vendor's own XML may be as deep as the service takes it, and no document deeper than that. */
static void test_depth(void **state)
{
	char content[2000];

	(void)state;
	for (int depth = 60; depth < 100; depth++) {
		snprintf(content, sizeof(content), "<License Id=\"L1\">%.*sx%.*s</License>",
		    3 * depth, DEEP_BEGIN, 4 * depth, DEEP_END);
		expect_signed(
		    signer_xml(content), depth <= 78 ? CLIENTELE_VALID : CLIENTELE_TOO_LARGE);
	}
}

/* A license that was signed, taken out of its place or changed. */
static void test_moved_xml(void **state)
{
	static const struct {
		const char *from, *to;
		enum clientele_result result;
	} rows[] = {
		{ "<Licenses>", "<?xml version=\"1.0\" encoding=\"utf-32\"?>\n<Licenses>\n",
		    CLIENTELE_VALID },
		{ "L1", "&#x4C;1", CLIENTELE_VALID },
		{ "Id=\"L1\" />", "Id = 'L1'></License>", CLIENTELE_VALID },
		{ "L1", "L2", CLIENTELE_SIGNATURE_INVALID },
		{ "L1\"", "L1\" type=\"Full\"", CLIENTELE_SIGNATURE_INVALID },
		{ "<License ", "<License Id=\"L2\" /><License ", CLIENTELE_MALFORMED },
		{ "<Licenses>", "<Licenses><Licenses>", CLIENTELE_MALFORMED },
		{ "<Licenses>", "<!DOCTYPE Licenses [<!ENTITY a \"b\">]><Licenses>",
		    CLIENTELE_MALFORMED },
		{ "<Licenses>", "<!-- --><Licenses>", CLIENTELE_MALFORMED },
		{ "<Licenses>", "<Licenses /><Licenses>", CLIENTELE_MALFORMED },
		{ "<Licenses>", "x<Licenses>", CLIENTELE_SIGNATURE_INVALID },
		{ "</Licenses>", "", CLIENTELE_MALFORMED },
		{ "</Licenses>", "</Licenses>x", CLIENTELE_MALFORMED },
		{ "<SignatureValue>", "<SignatureValue><!-- -->", CLIENTELE_MALFORMED },
		{ "<Licenses>", "<Licenses xmlns=\"http://www.w3.org/2000/09/xmldsig#\">",
		    CLIENTELE_MALFORMED },
		{ "<Signature>", "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">",
		    CLIENTELE_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *text = changed(signer_xml(LICENSE), rows[i].from, rows[i].to);

		/* Without its first character it is no XML at all. */
		if (text[0] == 'x') {
			struct clientele_keys *keys = keys_of(SIGNER_JWK, 0);

			assert_int_equal(
			    result_of(keys, text, strlen(text), NULL), CLIENTELE_MALFORMED);
			clientele_keys_free(keys);
			free(text);
			continue;
		}
		expect_signed(text, rows[i].result);
	}
}

/* XML-DSig: a digest that fits, and everything around it that does not. */
static void test_changed_dsig(void **state)
{
	static const struct {
		const char *from, *to;
		enum clientele_result result;
	} rows[] = {
		{ "Ada", "Eve", CLIENTELE_SIGNATURE_INVALID },
		{ "URI=\"\"", "URI=\"#x\"", CLIENTELE_SIGNATURE_INVALID },
		{ "#enveloped-signature", "#other", CLIENTELE_SIGNATURE_INVALID },
		{ "<Transforms>",
		    "<Transforms><Transform "
		    "Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\">"
		    "</Transform>",
		    CLIENTELE_SIGNATURE_INVALID },
		{ "<DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\">",
		    "<DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\">",
		    CLIENTELE_SIGNATURE_INVALID },
		{ "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
		    "http://www.w3.org/2000/09/xmldsig#hmac-sha1", CLIENTELE_ALGORITHM_REFUSED },
		{ "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
		    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
		    CLIENTELE_ALGORITHM_REFUSED },
		{ "</SignedInfo>", "</SignedInfo><Object></Object>", CLIENTELE_MALFORMED },
		{ "<KeyName>" SIGNER_ID, "<KeyName>another", CLIENTELE_KEY_UNKNOWN },
		{ "</KeyName>", "</KeyName><KeyValue></KeyValue>", CLIENTELE_MALFORMED },
		{ "<License ", "\n<License ", CLIENTELE_MALFORMED },
		{ "<License ", "<License  ", CLIENTELE_MALFORMED },
		{ "<Signature ", "<Signature Id=\"x\" ", CLIENTELE_MALFORMED },
		{ "<SignedInfo>", "<SignedInfo Id=\"x\">", CLIENTELE_SIGNATURE_INVALID },
	};
	size_t length;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_signed(changed(signer_read_file("tests/golden/documents/dsig.xml", &length),
				  rows[i].from, rows[i].to),
		    rows[i].result);
}

/* Typing errors are told by their group, and serials of any length are read. */
static void test_serials(void **state)
{
	static const unsigned char head[12] = { 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 };
	struct clientele_options options = in_2026();
	struct clientele_keys *keys = keys_of(SIGNER_JWK, 0);
	unsigned char bytes[80];
	struct clientele_license *license;
	char *text;
	size_t length;

	(void)state;
	memcpy(bytes, head, sizeof(head));
	memset(bytes + sizeof(head), 'A', 64);
	for (size_t id = 1; id <= 64; id++) {
		text = signer_serial(bytes, sizeof(head) + id);
		assert_int_equal(clientele_verify(keys, text, strlen(text), &options, &license),
		    CLIENTELE_VALID);
		assert_int_equal(strlen(clientele_license_text(license, CLIENTELE_ID)), id);
		assert_string_equal(clientele_license_text(license, CLIENTELE_MODE), "floating");
		assert_int_equal(clientele_license_seats(license), 7);
		assert_true(clientele_license_time(license, CLIENTELE_EXPIRES) == CLIENTELE_NEVER);
		clientele_license_free(license);
		free(text);
	}
	text = signer_read_file("tests/golden/documents/serial.txt", &length);
	for (size_t i = 0; i < length; i++)
		text[i] = text[i] == '0'   ? 'o'
			  : text[i] == '1' ? 'l'
			  : text[i] == '-' ? ' '
					   : text[i];
	assert_int_equal(result_of(keys, text, length, NULL), CLIENTELE_VALID);
	text[8] = text[8] == 'A' ? 'B' : 'A';
	assert_int_equal(
	    clientele_verify(keys, text, length, &options, &license), CLIENTELE_MALFORMED);
	assert_non_null(strstr(clientele_license_detail(license), "Group 2 "));
	clientele_license_free(license);
	free(text);
	/* Of another version, with another mode, and too short. */
	bytes[0] = 2;
	expect_signed(signer_serial(bytes, 20), CLIENTELE_NOT_A_LICENSE);
	bytes[0] = 1;
	bytes[1] = 3;
	expect_signed(signer_serial(bytes, 20), CLIENTELE_NOT_A_LICENSE);
	bytes[1] = 0;
	expect_signed(signer_serial(bytes, 10), CLIENTELE_MALFORMED);
	bytes[12] = 0xff;
	expect_signed(signer_serial(bytes, 20), CLIENTELE_NOT_A_LICENSE);
	clientele_keys_free(keys);
}

/* --- several threads --- */

#define THREADS 4
#define ROUNDS 50

/* What each thread verifies, with keys and a clock that all of them have. */
struct shared_work {
	const struct clientele_keys *keys;
	char *texts[3];
	struct clientele_options options;
};

static void *verify_often(void *context)
{
	const struct shared_work *work = context;
	size_t failed = 0;

	for (size_t i = 0; i < ROUNDS * ROWS(work->texts); i++) {
		const char *text = work->texts[i % ROWS(work->texts)];
		struct clientele_options options = work->options;
		struct clientele_license *license;

		options.now += (int64_t)i % 60;
		failed += clientele_verify(work->keys, text, strlen(text), &options, &license) !=
			  CLIENTELE_VALID;
		failed += strcmp(clientele_license_text(license, CLIENTELE_ID), "lic7F02C9D1") != 0;
		clientele_license_free(license);
	}
	return failed == 0 ? context : NULL;
}

static void test_threads(void **state)
{
	char folder[] = "/tmp/clientele-threads-XXXXXX", path[64];
	struct clientele_keys *keys = keys_of(SIGNER_JWK, 0);
	struct shared_work work = { .keys = keys, .options = in_2026() };
	static const char *const names[] = { "license.xml", "license.jwt", "serial.txt" };
	pthread_t threads[THREADS];
	size_t length;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/clock", folder);
	work.options.clock.file = path;
	for (size_t i = 0; i < ROWS(names); i++) {
		char name[64];

		snprintf(name, sizeof(name), "tests/golden/documents/%s", names[i]);
		work.texts[i] = signer_read_file(name, &length);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often, &work), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *good;

		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_ptr_equal(good, &work);
	}
	for (size_t i = 0; i < ROWS(names); i++)
		free(work.texts[i]);
	clientele_keys_free(keys);
	/* The clock's file is the only one that is left. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* What is no document at all. */
static void test_garbage(void **state)
{
	static const struct {
		const char *text;
		enum clientele_result result;
	} rows[] = {
		{ "", CLIENTELE_MALFORMED },
		{ " \n ", CLIENTELE_MALFORMED },
		{ "<", CLIENTELE_MALFORMED },
		{ "<a/>", CLIENTELE_MALFORMED },
		{ "?", CLIENTELE_MALFORMED },
		{ "...", CLIENTELE_MALFORMED },
		{ "0", CLIENTELE_MALFORMED },
		{ "\xff\xfe", CLIENTELE_MALFORMED },
		{ "\xff\xfe<", CLIENTELE_MALFORMED },
		{ "\xef\xbb\xbf", CLIENTELE_MALFORMED },
		{ "-----BEGIN LICENSE FILE-----", CLIENTELE_MALFORMED },
		{ "-----BEGIN LICENSE FILE-----\ne30=\n-----END LICENSE FILE-----",
		    CLIENTELE_MALFORMED },
		{ "-----BEGIN CERTIFICATE-----", CLIENTELE_FORMAT_UNSUPPORTED },
	};
	struct clientele_keys *keys = keys_of(SIGNER_JWK, 0);
	char *large = calloc(1, CLIENTELE_DOCUMENT_MAX + 1);

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_result(keys, rows[i].text, rows[i].result);
	assert_int_equal(
	    result_of(keys, large, CLIENTELE_DOCUMENT_MAX + 1, NULL), CLIENTELE_TOO_LARGE);
	memset(large, '<', CLIENTELE_DOCUMENT_MAX);
	assert_int_equal(result_of(keys, large, CLIENTELE_DOCUMENT_MAX, NULL), CLIENTELE_MALFORMED);
	/* Many parts are not many seconds, nor much memory. */
	for (size_t i = 0; i + 4 <= CLIENTELE_DOCUMENT_MAX; i += 4)
		memcpy(large + i, i == 0 ? "<ab>" : "<a/>", 4);
	assert_int_equal(result_of(keys, large, CLIENTELE_DOCUMENT_MAX, NULL), CLIENTELE_TOO_LARGE);
	assert_int_equal(
	    clientele_verify(NULL, "e30.e30.", 8, NULL, NULL), CLIENTELE_ALGORITHM_REFUSED);
	assert_int_equal(clientele_verify(NULL, NULL, 0, NULL, NULL), CLIENTELE_TOO_LARGE);
	clientele_keys_free(keys);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_sample),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_each_format),
		cmocka_unit_test(test_keygen),
		cmocka_unit_test(test_published_signatures),
		cmocka_unit_test(test_refused_jws),
		cmocka_unit_test(test_malformed_jws),
		cmocka_unit_test(test_refused_xml),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_moved_xml),
		cmocka_unit_test(test_changed_dsig),
		cmocka_unit_test(test_serials),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
