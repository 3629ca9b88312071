#include "signer.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "../lib/source.h"

#define SIGNATURE 64
#define FILE_MAX 65536 /* of files and of what is signed */

static const unsigned char seed[32] = { 0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84,
	0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70,
	0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60 };

/* Fuzz drivers have no cmocka. */
static void demand(bool good)
{
	if (!good)
		abort();
}

static void sign_bytes(const void *text, size_t length, unsigned char signature[SIGNATURE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = SIGNATURE;

	demand(EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1);
	demand(EVP_DigestSign(context, signature, &size, text, length) == 1);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
}

static char *join(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *join(const char *format, ...)
{
	char *text = malloc(FILE_MAX);
	va_list arguments;

	demand(text != NULL);
	va_start(arguments, format);
	demand(vsnprintf(text, FILE_MAX, format, arguments) < FILE_MAX);
	va_end(arguments);
	return text;
}

static char *encode(const void *bytes, size_t length)
{
	char *text = malloc(length * 2 + 8);

	demand(text != NULL);
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
	return text;
}

static char *encode_for_addresses(const void *bytes, size_t length)
{
	char *text = encode(bytes, length);

	text[strcspn(text, "=")] = '\0';
	for (char *c = text; *c != '\0'; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	return text;
}

char *signer_read_file(const char *name, size_t *length)
{
	char *text = malloc(FILE_MAX);
	FILE *file = fopen(source_path(name), "rb");

	demand(file != NULL);
	*length = fread(text, 1, FILE_MAX - 1, file);
	text[*length] = '\0';
	fclose(file);
	return text;
}

/* ASCII as UTF-16 behind its mark. */
static unsigned char *widen(const char *text, size_t *length)
{
	unsigned char *wide = calloc(2, strlen(text) + 1);

	demand(wide != NULL);
	wide[0] = 0xff;
	wide[1] = 0xfe;
	for (size_t i = 0; text[i] != '\0'; i++)
		wide[2 * i + 2] = (unsigned char)text[i];
	*length = 2 * strlen(text) + 2;
	return wide;
}

char *signer_xml_as(const char *content, const char *signature_format)
{
	char *text = join("<Licenses>%s</Licenses>", content), *encoded, *element, *result;
	unsigned char signature[SIGNATURE], *wide;
	size_t length;

	wide = widen(text, &length);
	sign_bytes(wide, length, signature);
	encoded = encode(signature, sizeof(signature));
	/* As often as a test wants it. */
	element = join(signature_format, encoded, encoded);
	result = join("<Licenses>%s%s</Licenses>", content, element);
	free(text);
	free(wide);
	free(encoded);
	free(element);
	return result;
}

char *signer_xml(const char *content)
{
	return signer_xml_as(content, "<Signature><Algorithm name=\"Ed25519\" />"
				      "<SignatureValue>%s</SignatureValue></Signature>");
}

char *signer_jws(const char *header, const char *payload)
{
	char *first = encode_for_addresses(header, strlen(header));
	char *second = encode_for_addresses(payload, strlen(payload));
	char *text = join("%s.%s", first, second), *last, *result;
	unsigned char signature[SIGNATURE];

	sign_bytes(text, strlen(text), signature);
	last = encode_for_addresses(signature, sizeof(signature));
	result = join("%s.%s", text, last);
	free(first);
	free(second);
	free(text);
	free(last);
	return result;
}

char *signer_file(const char *payload)
{
	char *sent = encode(payload, strlen(payload)), *text = join("license/%s", sent);
	char *encoded, *object, *body, *result;
	unsigned char signature[SIGNATURE];

	sign_bytes(text, strlen(text), signature);
	encoded = encode(signature, sizeof(signature));
	object = join("{\"enc\":\"%s\",\"sig\":\"%s\",\"alg\":\"base64+ed25519\"}", sent, encoded);
	body = encode(object, strlen(object));
	result = join("-----BEGIN LICENSE FILE-----\n%s\n-----END LICENSE FILE-----\n", body);
	free(sent);
	free(text);
	free(encoded);
	free(object);
	free(body);
	return result;
}

static char add_digit(char *out, unsigned digit)
{
	const char c = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[digit];

	strncat(out, &c, 1);
	return c;
}

char *signer_serial(const unsigned char *bytes, size_t length)
{
	static const char mark[] = "serial/";
	unsigned char text[256], whole[256] = { 0 };
	size_t groups = ((length + SIGNATURE) * 8 + 24) / 25;
	char *result = calloc(groups, 8);

	demand(result != NULL);
	memcpy(text, mark, sizeof(mark) - 1);
	memcpy(text + sizeof(mark) - 1, bytes, length);
	memcpy(whole, bytes, length);
	sign_bytes(text, sizeof(mark) - 1 + length, whole + length);
	for (size_t g = 0; g < groups; g++) {
		unsigned sum = 0;

		for (size_t d = 0; d < 5; d++) {
			unsigned digit = 0;

			for (size_t b = 0; b < 5; b++) {
				size_t bit = g * 25 + d * 5 + b;

				digit = digit << 1 | (whole[bit / 8] >> (7 - bit % 8) & 1u);
			}
			add_digit(result, digit);
			sum = (sum ^ digit) << 1;
			sum = sum > 31 ? sum ^ 37 : sum;
		}
		add_digit(result, sum ^ (unsigned)(g % 32));
		if (g + 1 < groups)
			strcat(result, "-");
	}
	return result;
}
