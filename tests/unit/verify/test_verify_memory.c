/*
 * Memory that runs out at any moment: the linker puts the functions below in place of the C
 * library's, for the library and this file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clientele_verify.h>

#include "signer.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

/* How many more times there is memory; negative = always. */
static long left = -1;

static bool is_out(void)
{
	if (left == 0)
		return true;
	left -= left > 0;
	return false;
}

void *__wrap_malloc(size_t size)
{
	return is_out() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_out() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return is_out() ? NULL : __real_realloc(memory, size);
}

static void verify_with_little(char *text, size_t length, const struct clientele_keys *keys)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	enum clientele_result result = CLIENTELE_OUT_OF_MEMORY;
	long count;

	options.now = 1780000000;
	options.secret = "K7Q2M-ZX94T-HW8PD-3NVRB";
	for (count = 0; result == CLIENTELE_OUT_OF_MEMORY; count++) {
		struct clientele_license *license;

		left = count;
		result = clientele_verify(keys, text, length, &options, &license);
		left = -1;
		assert_int_equal(clientele_license_result(license),
		    license != NULL ? result : CLIENTELE_UNVERIFIED);
		assert_int_equal(clientele_license_text(license, CLIENTELE_ID) != NULL,
		    result == CLIENTELE_VALID);
		clientele_license_free(license);
	}
	/* Whenever there was enough, the license was valid. */
	assert_int_equal(result, CLIENTELE_VALID);
	assert_in_range(count, 5, 2000);
	free(text);
}

static void test_documents(void **state)
{
	static const char *const names[] = { "license.xml", "dsig.xml", "license.jwt",
		"license.lic", "encrypted.lic", "serial.txt" };
	struct clientele_keys *keys = clientele_keys_new();

	(void)state;
	assert_int_equal(
	    clientele_keys_add(keys, SIGNER_JWK, strlen(SIGNER_JWK), 0), CLIENTELE_VALID);
	for (size_t i = 0; i < ROWS(names); i++) {
		char path[64] = "tests/golden/documents/";
		size_t length;
		char *text = signer_read_file(strcat(path, names[i]), &length);

		verify_with_little(text, length, keys);
	}
	clientele_keys_free(keys);
}

static void test_keys(void **state)
{
	static const char *const texts[] = { SIGNER_JWK, "{\"keys\":[" SIGNER_JWK "]}",
		"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" };

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		enum clientele_result result = CLIENTELE_OUT_OF_MEMORY;

		for (long count = 0; result == CLIENTELE_OUT_OF_MEMORY; count++) {
			struct clientele_keys *keys = clientele_keys_new();

			left = count;
			result = clientele_keys_add(keys, texts[i], strlen(texts[i]), 0);
			left = -1;
			assert_int_equal(
			    clientele_keys_count(keys), result == CLIENTELE_VALID ? 1 : 0);
			clientele_keys_free(keys);
		}
		assert_int_equal(result, CLIENTELE_VALID);
	}
	left = 0;
	assert_null(clientele_keys_new());
	left = -1;
}

static bool is_refused_for_memory(enum clientele_result result)
{
	return result == CLIENTELE_OUT_OF_MEMORY || result == CLIENTELE_STATE_UNKNOWN;
}

/* Calls it with more and more memory. The text that comes in the end. */
static char *write_with_little(
    const struct clientele_offline *offline, const struct clientele_license *license)
{
	enum clientele_result result = CLIENTELE_OUT_OF_MEMORY;
	char *text = NULL;
	long count;

	for (count = 0; result != CLIENTELE_VALID; count++) {
		left = count;
		result = license == NULL ? clientele_offline_request(offline, &text)
					 : clientele_offline_receipt(offline, license, &text);
		left = -1;
		assert_int_equal(text != NULL, result == CLIENTELE_VALID);
		assert_true(result == CLIENTELE_VALID || is_refused_for_memory(result));
	}
	assert_in_range(count, 5, 2000);
	return text;
}

/* What the state says of its key: the license that a server would sign for it. */
static struct clientele_license *license_of_key(const char *key, const struct clientele_keys *keys)
{
	struct clientele_license *license;
	char payload[500], *document;

	snprintf(payload, sizeof(payload),
	    "{\"license\":{\"id\":\"L2\",\"restrictions\":[{\"name\":\"Offline\",\"properties\":{"
	    "\"licenseId\":\"L1\",\"machineKey\":\"%.43s\"}}]}}",
	    key);
	document = signer_jws("{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\"}", payload);
	assert_int_equal(
	    clientele_verify(keys, document, strlen(document), NULL, &license), CLIENTELE_VALID);
	free(document);
	return license;
}

/* What a machine writes: with little memory nothing, and its state is not lost. */
static void test_offline(void **state)
{
	struct clientele_offline offline = CLIENTELE_OFFLINE_INIT;
	struct clientele_keys *keys = clientele_keys_new();
	char folder[] = "/tmp/clientele-memory-XXXXXX", path[64], line[128];
	/* RFC 8032, 7.1, test 2, in base64url: the private half in the state, the public one. */
	static const char seed[] = "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs";
	static const char key[] = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";
	struct clientele_license *license;
	FILE *file;

	(void)state;
	assert_int_equal(
	    clientele_keys_add(keys, SIGNER_JWK, strlen(SIGNER_JWK), 0), CLIENTELE_VALID);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/state", folder);
	offline.state = path;
	offline.machine = "M-1";
	offline.user_key = "K7Q2M";
	clientele_text_free(write_with_little(&offline, NULL));
	file = fopen(path, "wb");
	snprintf(line, sizeof(line), "clientele-offline 1 %s\n", seed);
	assert_true(file != NULL && fputs(line, file) >= 0 && fclose(file) == 0);
	license = license_of_key(key, keys);
	clientele_text_free(write_with_little(&offline, license));
	clientele_license_free(license);
	clientele_keys_free(keys);
	assert_int_equal(remove(path), 0);
	assert_int_equal(remove(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
