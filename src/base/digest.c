#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/uuid.h"

void digest_parts(const struct str *parts, unsigned count, uint8_t digest[DIGEST_LENGTH])
{
	static EVP_MD *algorithm;
	static EVP_MD_CTX *context;
	bool good;

	if (context == NULL) {
		algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
		context = EVP_MD_CTX_new();
	}
	good = algorithm != NULL && context != NULL &&
	       EVP_DigestInit_ex2(context, algorithm, NULL) == 1;
	for (unsigned i = 0; i < count && good; i++)
		good = parts[i].length == 0 ||
		       EVP_DigestUpdate(context, parts[i].data, parts[i].length) == 1;
	if (!good || EVP_DigestFinal_ex(context, digest, NULL) != 1)
		abort();
}

void digest_text(struct str text, uint8_t digest[DIGEST_LENGTH])
{
	digest_parts(&text, 1, digest);
}

void digest_print(const uint8_t digest[DIGEST_LENGTH], size_t length, char *text)
{
	for (size_t i = 0; i < length; i++) {
		text[2 * i] = RANDOM_HEX_LOWER[digest[i] >> 4];
		text[2 * i + 1] = RANDOM_HEX_LOWER[digest[i] & 0x0F];
	}
	text[2 * length] = '\0';
}
