/*
 * Offline use: what a machine writes, and what its state lets it use.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clientele_verify.h>

#include "signer.h"

#define HEADER "{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\"}"
#define MAY_2026 1780000000
#define DAY 86400
#define KEY_LENGTH 43

static char folder[] = "/tmp/clientele-offline-XXXXXX", state_path[64];

static int begin(void **state)
{
	(void)state;
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	assert_non_null(mkdtemp(folder));
	snprintf(state_path, sizeof(state_path), "%s/state", folder);
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(state_path);
	return rmdir(folder);
}

static struct clientele_offline offline_of(const char *machine)
{
	struct clientele_offline offline = CLIENTELE_OFFLINE_INIT;

	offline.state = state_path;
	offline.machine = machine;
	offline.client = "Paint";
	offline.now = MAY_2026;
	return offline;
}

static char *request_of(const struct clientele_offline *offline)
{
	char *text;

	assert_int_equal(clientele_offline_request(offline, &text), CLIENTELE_VALID);
	assert_non_null(text);
	return text;
}

static int digit_of(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *found = strchr(digits, c);

	return c != 0 && found != NULL ? (int)(found - digits) : -1;
}

/* The payload of a file: its lines joined, the second part decoded. */
static char *payload_of(const char *file)
{
	char *payload = calloc(1, strlen(file) + 1);
	const char *c = strchr(file, '\n');
	unsigned value = 0, bits = 0, part = 0;
	size_t length = 0;

	assert_non_null(payload);
	for (; part < 2 && strncmp(c, "-----", 5) != 0; c++) {
		part += *c == '.';
		if (part != 1 || digit_of(*c) < 0)
			continue;
		value = (value << 6 | (unsigned)digit_of(*c)) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			payload[length++] = (char)(value >> bits & 0xff);
		}
	}
	return payload;
}

static void find_key(const char *file, char key[KEY_LENGTH + 1])
{
	char *payload = payload_of(file);
	const char *found = strstr(payload, "\"machineKey\":\"");

	assert_non_null(found);
	memcpy(key, found + strlen("\"machineKey\":\""), KEY_LENGTH);
	key[KEY_LENGTH] = 0;
	free(payload);
}

/* The license that a server would sign for that key. */
static char *document_of(const char *key, const char *machine)
{
	char payload[1000];

	snprintf(payload, sizeof(payload),
	    "{\"license\":{\"id\":\"lic2\",\"expireDate\":\"2026-06-30T00:00:00Z\","
	    "\"restrictions\":["
	    "{\"name\":\"Hardware\",\"properties\":{\"hardwareKey\":\"%s\"}},{\"name\":\"Offline\","
	    "\"expireDate\":\"2026-06-30T00:00:00Z\",\"properties\":{\"licenseId\":\"lic1\","
	    "\"machineKey\":\"%s\"}}]}}",
	    machine, key);
	return signer_jws(HEADER, payload);
}

static struct clientele_license *check_document(
    const char *text, const char *state, int64_t now, enum clientele_result expected)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_keys *keys = clientele_keys_new();
	struct clientele_license *license;

	assert_int_equal(
	    clientele_keys_add(keys, SIGNER_JWK, strlen(SIGNER_JWK), 0), CLIENTELE_VALID);
	options.now = now;
	options.machine = "M-1";
	options.state = state;
	assert_string_equal(
	    clientele_result_name(clientele_verify(keys, text, strlen(text), &options, &license)),
	    clientele_result_name(expected));
	clientele_keys_free(keys);
	return license;
}

static void test_request(void **state)
{
	const struct clientele_property parts[] = { { "cpu", "a\"b" }, { "disk", "c\n" } };
	struct clientele_offline offline = offline_of("M-\xc3\xbc");
	char *text, *payload;
	struct stat status;

	(void)state;
	offline.client_name = "PC of Anna";
	offline.user_key = "K7Q2M";
	offline.product = "P01";
	offline.version = "1.2";
	offline.components = parts;
	offline.component_count = 2;
	text = request_of(&offline);
	assert_int_equal(strncmp(text, "-----BEGIN LICENSE REQUEST-----\n", 32), 0);
	assert_non_null(strstr(text, "\n-----END LICENSE REQUEST-----\n"));
	payload = payload_of(text);
	assert_non_null(strstr(payload,
	    "\"time\":\"2026-05-28T20:26:40Z\",\"machineId\":\"M-\xc3\xbc\",\"clientId\":\"Paint\","
	    "\"userKey\":\"K7Q2M\",\"clientName\":\"PC of Anna\",\"productId\":\"P01\","
	    "\"productVersion\":\"1.2\",\"components\":{\"cpu\":\"a\\\"b\",\"disk\":\"c\\u000a\"}"
	    "}"));
	free(payload);
	clientele_text_free(text);
	/* Nobody else reads the key. */
	assert_int_equal(stat(state_path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	offline.flags = CLIENTELE_HIDE_USER_KEY;
	text = request_of(&offline);
	payload = payload_of(text);
	assert_null(strstr(payload, "K7Q2M"));
	/* sha256sum of the same. */
	assert_non_null(strstr(payload,
	    "\"userKeyHash\":"
	    "\"60d11e46b97837b1b8900ef57f5943bac90e3533a1e3f57fb01eeab3f7f540de\""));
	free(payload);
	clientele_text_free(text);
}

static void test_requests_that_are_refused(void **state)
{
	static char large[40000];
	struct clientele_offline offline = offline_of(NULL);
	char *text;

	(void)state;
	assert_int_equal(clientele_offline_request(NULL, &text), CLIENTELE_STATE_UNKNOWN);
	assert_int_equal(clientele_offline_request(&offline, &text), CLIENTELE_MACHINE_REQUIRED);
	offline = offline_of("");
	assert_int_equal(clientele_offline_request(&offline, &text), CLIENTELE_MACHINE_REQUIRED);
	offline = offline_of("\xff");
	assert_int_equal(clientele_offline_request(&offline, &text), CLIENTELE_MALFORMED);
	offline = offline_of("M-1");
	offline.components = &(const struct clientele_property){ "cpu", NULL };
	offline.component_count = 1;
	assert_int_equal(clientele_offline_request(&offline, &text), CLIENTELE_MALFORMED);
	memset(large, 'x', sizeof(large) - 1);
	offline = offline_of(large);
	assert_int_equal(clientele_offline_request(&offline, &text), CLIENTELE_TOO_LARGE);
	assert_null(text);
	offline = offline_of("M-1");
	offline.state = "/nonexistent/state";
	assert_int_equal(clientele_offline_request(&offline, &text), CLIENTELE_STATE_UNKNOWN);
}

/* From the request to the receipt, and to the next request. */
static void test_life(void **state)
{
	struct clientele_offline offline = offline_of("M-1");
	char key[KEY_LENGTH + 1], again[KEY_LENGTH + 1];
	char *text = request_of(&offline), *document, *receipt, *other;
	struct clientele_license *license;

	(void)state;
	find_key(text, key);
	clientele_text_free(text);
	text = request_of(&offline);
	find_key(text, again);
	assert_string_equal(key, again);
	clientele_text_free(text);
	document = document_of(key, "M-1");
	license = check_document(document, state_path, MAY_2026, CLIENTELE_VALID);
	assert_true(clientele_license_time(license, CLIENTELE_FILE_EXPIRES) == 1782777600);
	/* As long as the file lives, and with any option that leaves the state out. */
	clientele_license_free(
	    check_document(document, state_path, MAY_2026 + 60 * DAY, CLIENTELE_EXPIRED));
	clientele_license_free(check_document(document, NULL, MAY_2026, CLIENTELE_VALID));
	assert_int_equal(clientele_offline_receipt(&offline, license, &receipt), CLIENTELE_VALID);
	assert_int_equal(strncmp(receipt, "-----BEGIN LICENSE RECEIPT-----\n", 32), 0);
	text = payload_of(receipt);
	assert_non_null(
	    strstr(text, "\"machineId\":\"M-1\",\"clientId\":\"Paint\",\"licenseId\":\"lic1\""));
	free(text);
	/* The same one again, though the key is gone; and the license is refused here. */
	offline.now += DAY;
	assert_int_equal(clientele_offline_receipt(&offline, license, &other), CLIENTELE_VALID);
	assert_string_equal(receipt, other);
	clientele_text_free(receipt);
	clientele_text_free(other);
	clientele_license_free(license);
	clientele_license_free(check_document(document, state_path, MAY_2026, CLIENTELE_RETURNED));
	/* A new request has a new key, for which the old file is none. */
	text = request_of(&offline);
	find_key(text, again);
	assert_string_not_equal(key, again);
	clientele_text_free(text);
	license = check_document(document, state_path, MAY_2026, CLIENTELE_RETURNED);
	assert_int_equal(
	    clientele_offline_receipt(&offline, license, &receipt), CLIENTELE_NOT_OFFLINE);
	clientele_license_free(license);
	/* Without its state, a machine has nothing. */
	unlink(state_path);
	clientele_license_free(check_document(document, state_path, MAY_2026, CLIENTELE_RETURNED));
	free(document);
}

static void write_state(const char *text, size_t length)
{
	FILE *file = fopen(state_path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void test_states_that_are_none(void **state)
{
	static const char *const texts[] = { "", "x", "clientele-offline 1 ",
		"clientele-offline 1 abc\n", "clientele-offline 2 ",
		"clientele-offline 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nmore",
		"clientele-offline 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!\n",
		"clientele-offline 1 returned ", "clientele-offline 1 returned abc\n-----BEGIN",
		"clientele-offline 1 returned AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" };
	struct clientele_offline offline = offline_of("M-1");
	char *document = document_of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "M-1"), *text;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_state(texts[i], strlen(texts[i]));
		assert_int_equal(
		    clientele_offline_request(&offline, &text), CLIENTELE_STATE_UNKNOWN);
		clientele_license_free(
		    check_document(document, state_path, MAY_2026, CLIENTELE_STATE_UNKNOWN));
	}
	write_state((const char[70000]){ 'c' }, 70000);
	assert_int_equal(clientele_offline_request(&offline, &text), CLIENTELE_STATE_UNKNOWN);
	free(document);
}

/* A license that was not checked out needs no state, and gives nothing up. */
static void test_other_licenses(void **state)
{
	struct clientele_offline offline = offline_of("M-1");
	char *document = signer_jws(HEADER, "{\"license\":{\"id\":\"lic1\"}}"), *text;
	struct clientele_license *license =
	    check_document(document, state_path, MAY_2026, CLIENTELE_VALID);

	(void)state;
	assert_int_equal(
	    clientele_offline_receipt(&offline, license, &text), CLIENTELE_NOT_OFFLINE);
	assert_int_equal(clientele_offline_receipt(&offline, NULL, &text), CLIENTELE_NOT_OFFLINE);
	assert_null(text);
	clientele_text_free(NULL);
	clientele_license_free(license);
	free(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_request, begin, end),
		cmocka_unit_test_setup_teardown(test_requests_that_are_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_life, begin, end),
		cmocka_unit_test_setup_teardown(test_states_that_are_none, begin, end),
		cmocka_unit_test_setup_teardown(test_other_licenses, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
