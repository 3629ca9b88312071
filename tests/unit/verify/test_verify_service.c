/*
 * What the service signs, the library of vendors verifies, and finds the same in it.
 */
#include "../lib/license.h"
#include "api/contracts.h"
#include "api/licensing/licensing.h"
#include "codec/reader.h"
#include "codec/row.h"
#include "document/format.h"
#include "document/key.h"
#include "document/offline_file.h"

#include <stdio.h>
#include <stdlib.h>

#include <clientele_verify.h>

static struct arena *arena;

/* Keys of each kind, and one that is marked legacy. */
enum { ED25519, RSA, EC, LEGACY, KEYS };
static struct signing_key *keys[KEYS];

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 16, 1 << 26);
	keys[ED25519] = signing_key_make(KEY_ED25519, 0);
	keys[RSA] = signing_key_make(KEY_RSA, KEY_RSA_LEAST);
	keys[EC] = signing_key_make(KEY_EC, 0);
	keys[LEGACY] = signing_key_make(KEY_RSA, KEY_RSA_LEAST);
	for (size_t i = 0; i < KEYS; i++) {
		if (keys[i] == NULL)
			return -1;
	}
	return arena == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		signing_key_free(keys[i]);
	arena_free(arena);
	return 0;
}

/* A document of that key, or false where its format is none for the key. */
static bool make_document(const char *members, int format, int key, struct buf *out)
{
	const struct document_format *row = document_format(format);
	const struct document document = { .arena = arena,
		.license =
		    license_read(arena, arena_printf(arena, "{\"format\":%d,%s}", format, members)),
		.key = keys[key],
		.legacy = key == LEGACY,
		.now = INT64_C(1780000000000000) };
	bool suited =
	    (row->algorithms & KEY_ALGORITHM_BIT(signing_key_algorithm(keys[key]))) != 0 &&
	    (key != LEGACY || row->takes_legacy);
	struct error error;

	error_init(&error, arena);
	buf_reset(out, out->capacity);
	if (document_make(&document, out, &error) != 0 && suited)
		fail_msg("format %d: %s", format, error.faults->message);
	return suited;
}

/* The public half, as PEM or as a JWK. */
static struct clientele_keys *public_keys(int key, bool jwk)
{
	struct clientele_keys *result = clientele_keys_new();
	struct buf text = { 0 };

	assert_true(jwk ? signing_key_jwk(keys[key], &text) : signing_key_public(keys[key], &text));
	assert_int_equal(clientele_keys_add(result, text.data, text.length,
			     key == LEGACY ? CLIENTELE_KEYS_LEGACY : 0),
	    CLIENTELE_VALID);
	assert_string_equal(clientele_keys_id(result, 0), signing_key_id(keys[key]));
	buf_free(&text);
	return result;
}

static struct clientele_license *verify(
    const struct clientele_keys *public, const struct buf *text, enum clientele_result expected)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_license *license;

	options.now = 1780000000;
	options.product = "P 1";
	options.skip = CLIENTELE_SKIP_MACHINE;
	if (clientele_verify(public, text->data, text->length, &options, &license) != expected)
		fail_msg("%s: %s", clientele_license_detail(license), text->data);
	return license;
}

/* Whatever a member may hold. */
#define TEXT "\\u00e9 \\ud83d\\ude00 <a href=\\\"x\\\">&amp; 'b' ]]> \\t\\n\\r x"
#define TEXT_MEANT "\xc3\xa9 \xf0\x9f\x98\x80 <a href=\"x\">&amp; 'b' ]]> \t\n\r x"

static const char members[] =
    "\"licenseId\":\"L-1\",\"licenseType\":\"Full\",\"licensingMode\":2,\"maxAllowedSites\":7,"
    "\"issueDate\":\"2026-01-31T10:00:00.123456Z\",\"expireDate\":\"2027-01-31T10:00:00Z\","
    "\"supportExpireDate\":\"2026-07-01T00:00:00Z\","
    "\"licensee\":{\"name\":\"" TEXT
    "\",\"company\":\"ACME\",\"contactInfo\":\"a@b.c\",\"url\":\"u\"},"
    "\"product\":{\"id\":\"P 1\",\"name\":\"" TEXT
    "\",\"version\":\"[1.0-2.0]\",\"copyright\":\"c\","
    "\"url\":\"u\",\"description\":\"" TEXT "\"},\"components\":[\"" TEXT "\",\"two\"],"
    "\"assemblies\":[{\"name\":\"A\",\"version\":\"1.*\",\"culture\":\"de\",\"publicKeyToken\":"
    "\"t\"}],"
    "\"fields\":[{\"name\":\"f\",\"value\":\"" TEXT "\"}],"
    "\"features\":[{\"id\":\"F1\",\"name\":\"one\",\"description\":\"" TEXT "\",\"key\":\"k\","
    "\"expireDate\":\"2026-03-01T00:00:00Z\",\"data\":\"AAECAw==\"},{\"id\":\"F2\",\"name\":"
    "\"two\"}],"
    "\"restrictions\":[{\"id\":\"R1\",\"name\":\"Hardware\",\"properties\":{\"hardwareKey\":\"M "
    "1\","
    "\"other\":\"" TEXT "\"},\"customXmlContent\":\" text <a b='c'> d<e/>f &amp; </a> \"}]";

static void check_item(const struct clientele_license *license, bool xml)
{
	const struct clientele_item *item =
	    clientele_license_find(license, CLIENTELE_FEATURES, "one");

	assert_string_equal(item->description, TEXT_MEANT);
	assert_string_equal(item->key, "k");
	assert_int_equal(item->data_length, 4);
	assert_memory_equal(item->data, "\0\1\2\3", 4);
	assert_true(item->expired && item->expires == 1772323200);
	item = clientele_license_item(license, CLIENTELE_ASSEMBLIES, 0);
	assert_string_equal(clientele_item_property(item, "publicKeyToken"), "t");
	item = clientele_license_find(license, CLIENTELE_RESTRICTIONS, "Hardware");
	assert_string_equal(clientele_item_property(item, "other"), TEXT_MEANT);
	assert_string_equal(clientele_item_property(item, xml ? "a" : "customXmlContent"),
	    xml ? "<a b=\"c\"> d<e />f &amp; </a>" : " text <a b='c'> d<e/>f &amp; </a> ");
}

static void check_license(const struct clientele_license *license, bool xml)
{
	assert_string_equal(clientele_license_text(license, CLIENTELE_TYPE), "Full");
	assert_string_equal(clientele_license_text(license, CLIENTELE_LICENSEE_NAME), TEXT_MEANT);
	assert_string_equal(clientele_license_text(license, CLIENTELE_LICENSEE_CONTACT), "a@b.c");
	assert_string_equal(clientele_license_text(license, CLIENTELE_PRODUCT_NAME), TEXT_MEANT);
	assert_string_equal(
	    clientele_license_text(license, CLIENTELE_PRODUCT_DESCRIPTION), TEXT_MEANT);
	assert_string_equal(
	    clientele_license_text(license, CLIENTELE_PRODUCT_VERSION), "[1.0-2.0]");
	assert_string_equal(clientele_license_text(license, CLIENTELE_MACHINE), "M 1");
	assert_string_equal(clientele_license_field(license, "f"), TEXT_MEANT);
	assert_string_equal(
	    clientele_license_item(license, CLIENTELE_COMPONENTS, 0)->name, TEXT_MEANT);
	assert_true(clientele_license_time(license, CLIENTELE_ISSUED) == 1769853600);
	assert_true(clientele_license_time(license, CLIENTELE_EXPIRES) == 1801389600);
	assert_true(clientele_license_time(license, CLIENTELE_SUPPORT_EXPIRES) == 1782864000);
	assert_false(clientele_license_has_feature(license, "one"));
	assert_true(clientele_license_has_feature(license, "two"));
	check_item(license, xml);
}

static void test_each_format_and_key(void **state)
{
	struct buf text = { 0 };
	unsigned made = 0;

	(void)state;
	for (int format = 0; document_format(format) != NULL; format++) {
		for (int key = 0; key < KEYS; key++) {
			struct clientele_keys *public = public_keys(key, made % 2 == 0);
			struct clientele_license *license;
			size_t middle;

			if (!make_document(members, format, key, &text)) {
				clientele_keys_free(public);
				continue;
			}
			license = verify(public, &text, CLIENTELE_VALID);
			assert_string_equal(clientele_license_text(license, CLIENTELE_ID), "L-1");
			assert_string_equal(
			    clientele_license_text(license, CLIENTELE_MODE), "floating");
			assert_int_equal(clientele_license_seats(license), 7);
			assert_true(clientele_license_is_type(license, "Full"));
			if (format != 3)
				check_license(license, format < 2);
			clientele_license_free(license);
			made++;
			/* Nobody else's key, and no other text. */
			clientele_keys_free(public);
			public = public_keys((key + 1) % KEYS, false);
			license = verify(public, &text,
			    clientele_verify(public, text.data, text.length, NULL, NULL));
			assert_null(clientele_license_text(license, CLIENTELE_ID));
			clientele_license_free(license);
			clientele_keys_free(public);
			public = public_keys(key, false);
			middle = text.length / 2;
			text.data[middle] ^= 1;
			assert_int_not_equal(
			    clientele_verify(public, text.data, text.length, NULL, NULL),
			    CLIENTELE_VALID);
			clientele_keys_free(public);
		}
	}
	/* XML with four keys, JWS and files with three, serials with one. */
	assert_int_equal(made, 4 + 4 + 3 + 1 + 3);
	buf_free(&text);
}

/* A license that says nothing but what it must, and identifiers of any length in serials. */
static void test_small_licenses(void **state)
{
	struct clientele_keys *public = public_keys(ED25519, true);
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct buf text = { 0 };

	(void)state;
	for (int length = 1; length <= 64; length++) {
		const char *json = arena_printf(arena, "\"licenseId\":\"%.*s\"", length,
		    "0123456789012345678901234567890123456789012345678901234567890123");

		for (int format = 0; document_format(format) != NULL; format++) {
			struct clientele_license *license;

			if (format != 3 && length > 1)
				continue;
			assert_true(make_document(json, format, ED25519, &text));
			assert_int_equal(
			    clientele_verify(public, text.data, text.length, &options, &license),
			    CLIENTELE_VALID);
			assert_int_equal(
			    strlen(clientele_license_text(license, CLIENTELE_ID)), length);
			assert_int_equal(clientele_license_seats(license), -1);
			clientele_license_free(license);
		}
	}
	clientele_keys_free(public);
	buf_free(&text);
}

static void test_encrypted_file(void **state)
{
	struct clientele_keys *public = public_keys(EC, false);
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct buf plain = { 0 }, text = { 0 };
	struct error error;

	(void)state;
	error_init(&error, arena);
	assert_true(make_document("\"licenseId\":\"L\"", 4, EC, &plain));
	assert_int_equal(
	    document_encrypt_file(arena, buf_str(&plain), STR("A-B"), keys[EC], &text, &error), 0);
	assert_int_equal(clientele_verify(public, text.data, text.length, &options, NULL),
	    CLIENTELE_SECRET_REQUIRED);
	options.secret = "A-C";
	assert_int_equal(clientele_verify(public, text.data, text.length, &options, NULL),
	    CLIENTELE_DECRYPTION_FAILED);
	options.secret = "A-B";
	assert_int_equal(
	    clientele_verify(public, text.data, text.length, &options, NULL), CLIENTELE_VALID);
	clientele_keys_free(public);
	buf_free(&plain);
	buf_free(&text);
}

/* --- what machines write --- */

static void test_machine_files(void **state)
{
	static const struct limits limits = {
		.body_bytes = OFFLINE_FILE_MOST, .body_depth = 32, .body_values = 1000
	};
	static const struct {
		const char *from, *to; /* one text in place of another */
		const char *fault;
	} changes[] = {
		{ "-----BEGIN", "----BEGIN", "must be a whole file" },
		{ "REQUEST-----\n", "RECEIPT-----\n", "must be a whole file" },
		{ ".", "!", "is damaged" },
		{ ".", "..", "is damaged" },
		{ "eyJh", "eyJi", "is of another kind or version" },
	};
	char folder[] = "/tmp/clientele-machine-XXXXXX";
	struct clientele_offline offline = CLIENTELE_OFFLINE_INIT;
	struct offline_file file;
	const char *path, *fault;
	struct str key, other;
	char *text;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = arena_printf(arena, "%s/state", folder);
	offline.state = path;
	offline.machine = "M-1";
	assert_int_equal(clientele_offline_request(&offline, &text), CLIENTELE_VALID);
	assert_null(offline_file_read(arena, &limits, OFFLINE_REQUEST, str_from(text), &file));
	assert_string_equal(arena_printf(arena, STR_FORMAT,
				STR_ARGUMENTS(node_find_text(file.payload, "machineId"))),
	    "M-1");
	key = node_find_text(file.payload, "machineKey");
	assert_true(offline_file_is_signed(arena, &file, key));
	/* Another key, texts that are none, and bytes that are not the same. */
	other = arena_str(arena, key);
	((char *)(uintptr_t)other.data)[5] = other.data[5] == 'A' ? 'B' : 'A';
	assert_false(offline_file_is_signed(arena, &file, other));
	assert_false(offline_file_is_signed(arena, &file, STR("")));
	assert_false(offline_file_is_signed(arena, &file, str_slice(key, 0, 42)));
	assert_false(offline_file_is_signed(
	    arena, &file, STR("+++++++++++++++++++++++++++++++++++++++++++")));
	file.signed_text.length--;
	assert_false(offline_file_is_signed(arena, &file, key));
	assert_non_null(offline_file_read(arena, &limits, OFFLINE_RECEIPT, str_from(text), &file));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *place = strstr(text, changes[i].from);
		const char *changed = arena_printf(arena, "%.*s%s%s", (int)(place - text), text,
		    changes[i].to, place + strlen(changes[i].from));
		fault =
		    offline_file_read(arena, &limits, OFFLINE_REQUEST, str_from(changed), &file);
		if (fault == NULL || strstr(fault, changes[i].fault) != fault)
			fail_msg("row %zu: %s", i, fault);
	}
	clientele_text_free(text);
	assert_int_equal(remove(path), 0);
	assert_int_equal(remove(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine_files),
		cmocka_unit_test(test_each_format_and_key),
		cmocka_unit_test(test_small_licenses),
		cmocka_unit_test(test_encrypted_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
