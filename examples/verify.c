/*
 * Checks a license: cc verify.c $(pkg-config --cflags --libs clientele-verify)
 *
 *	./a.out KEY LICENSE [PRODUCT [MACHINE]]
 */
#include <clientele_verify.h>

#include <stdio.h>
#include <stdlib.h>

/* Reads a whole file that is not larger than a license may be; NULL when it cannot be read. */
static char *read_file(const char *path, size_t *length)
{
	char *text = malloc(CLIENTELE_DOCUMENT_MAX + 1);
	FILE *file = fopen(path, "rb");

	if (text != NULL && file != NULL)
		*length = fread(text, 1, CLIENTELE_DOCUMENT_MAX + 1, file);
	if (file == NULL || text == NULL || ferror(file)) {
		perror(path);
		free(text);
		text = NULL;
	}
	if (file != NULL)
		fclose(file);
	return text;
}

static void print_license(const struct clientele_license *license)
{
	static const struct {
		const char *title;
		enum clientele_text text;
	} texts[] = {
		{ "License", CLIENTELE_ID },
		{ "Company", CLIENTELE_LICENSEE_COMPANY },
		{ "Product", CLIENTELE_PRODUCT_NAME },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = clientele_license_text(license, texts[i].text);

		if (text != NULL)
			printf("%s: %s\n", texts[i].title, text);
	}
	for (size_t i = 0; i < clientele_license_count(license, CLIENTELE_FEATURES); i++)
		printf(
		    "Feature: %s\n", clientele_license_item(license, CLIENTELE_FEATURES, i)->name);
}

int main(int argc, char **argv)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_keys *keys = clientele_keys_new();
	struct clientele_license *license = NULL;
	enum clientele_result result = CLIENTELE_UNVERIFIED;
	size_t key_length = 0, length = 0;
	char *key = argc > 2 ? read_file(argv[1], &key_length) : NULL;
	char *document = argc > 2 ? read_file(argv[2], &length) : NULL;

	options.product = argc > 3 ? argv[3] : NULL;
	options.machine = argc > 4 ? argv[4] : NULL;
	if (key != NULL && document != NULL) {
		result = clientele_keys_add(keys, key, key_length, 0);
		if (result == CLIENTELE_VALID)
			result = clientele_verify(keys, document, length, &options, &license);
		printf("%s %s\n", clientele_result_name(result), clientele_license_detail(license));
		print_license(license);
	}
	clientele_license_free(license);
	clientele_keys_free(keys);
	free(key);
	free(document);
	return result == CLIENTELE_VALID ? 0 : 1;
}
