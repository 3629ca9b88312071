#include <stdlib.h>
#include <string.h>

#include <clientele_verify.h>

#include "../unit/verify/signer.h"
#include "fuzz.h"
#include "rule.h"

#define SECRET "K7Q2M-ZX94T-HW8PD-3NVRB"

/* Everything that a license can be asked. */
static void read_license(const struct clientele_license *license, bool shown)
{
	RULE(clientele_license_detail(license)[0] != '\0');
	for (int i = 0; i < CLIENTELE_TEXT__MAX; i++) {
		const char *text = clientele_license_text(license, (enum clientele_text)i);

		RULE(shown || text == NULL);
	}
	for (int l = 0; l < CLIENTELE_LIST__MAX; l++) {
		enum clientele_list list = (enum clientele_list)l;

		RULE(shown || clientele_license_count(license, list) == 0);
		for (size_t i = 0; i < clientele_license_count(license, list); i++) {
			const struct clientele_item *item =
			    clientele_license_item(license, list, i);

			RULE(item->data != NULL || item->data_length == 0);
			for (size_t p = 0; p < item->property_count; p++)
				RULE(item->properties[p].name != NULL &&
				     item->properties[p].value != NULL);
		}
	}
}

static void check_document(const char *text, size_t length)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_keys *keys = clientele_keys_new();
	struct clientele_license *license;
	enum clientele_result result;

	RULE(clientele_keys_add(keys, SIGNER_JWK, strlen(SIGNER_JWK), 0) == CLIENTELE_VALID);
	options.secret = SECRET;
	options.product = "P01";
	options.version = "1.2";
	options.machine = "M1";
	result = clientele_verify(keys, text, length, &options, &license);
	RULE(result == clientele_license_result(license) && result != CLIENTELE_UNVERIFIED);
	read_license(license, result == CLIENTELE_VALID || result >= CLIENTELE_CLOCK_TAMPERED);
	clientele_license_free(license);
	clientele_keys_free(keys);
}

static void check_keys(const char *text, size_t length)
{
	struct clientele_keys *keys = clientele_keys_new();
	enum clientele_result result =
	    clientele_keys_add(keys, text, length, CLIENTELE_KEYS_LEGACY);

	RULE((result == CLIENTELE_VALID) == (clientele_keys_count(keys) > 0));
	for (size_t i = 0; i < clientele_keys_count(keys); i++)
		RULE(clientele_keys_id(keys, i)[0] != '\0');
	clientele_keys_free(keys);
}

static char *sign_jws(const char *text)
{
	return signer_jws("{\"alg\":\"EdDSA\",\"typ\":\"license+jwt\"}", text);
}

static char *sign_serial(const char *text)
{
	return signer_serial((const unsigned char *)text, strlen(text) < 80 ? strlen(text) : 80);
}

/* What stands behind such a mark is signed first: else no change of a license would be read. */
static const struct {
	const char *mark;
	char *(*sign)(const char *text);
} modes[] = {
	{ "j:", sign_jws },
	{ "x:", signer_xml },
	{ "f:", signer_file },
	{ "s:", sign_serial },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *document = NULL;

	RULE(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]) && size < 16384; i++) {
		if (strncmp(text, modes[i].mark, 2) == 0)
			document = modes[i].sign(text + 2);
	}
	if (strncmp(text, "k:", 2) == 0)
		check_keys((const char *)data + 2, size - 2);
	else if (document != NULL)
		check_document(document, strlen(document));
	else
		check_document((const char *)data, size);
	free(document);
	free(text);
	return 0;
}
