/*
 * Uses a license on a machine that never reaches the server:
 * cc offline.c $(pkg-config --cflags --libs clientele-verify)
 *
 *	./a.out STATE MACHINE request > request      somebody sends it, and brings a license file
 *back
 *	./a.out STATE MACHINE use KEY LICENSE        each time that the program starts
 *	./a.out STATE MACHINE return KEY LICENSE > receipt
 *
 * STATE is a file that stays with the machine, MACHINE its identifier, KEY the vendor's public key,
 * which a program has as a constant.
 */
#include <clientele_verify.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Checks the license file, and gives it up where `receipt` is not NULL. */
static enum clientele_result check_license(const struct clientele_offline *offline,
    const char *key_path, const char *license_path, char **receipt)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_keys *keys = clientele_keys_new();
	struct clientele_license *license = NULL;
	enum clientele_result result = CLIENTELE_UNVERIFIED;
	size_t key_length = 0, length = 0;
	char *key = read_file(key_path, &key_length);
	char *document = read_file(license_path, &length);

	options.machine = offline->machine;
	/* Whoever gives a license up may do so when it has expired, and twice. */
	options.state = receipt == NULL ? offline->state : NULL;
	options.skip = receipt == NULL ? 0 : CLIENTELE_SKIP_EXPIRY;
	if (key != NULL && document != NULL)
		result = clientele_keys_add(keys, key, key_length, 0);
	if (result == CLIENTELE_VALID)
		result = clientele_verify(keys, document, length, &options, &license);
	if (result == CLIENTELE_VALID && receipt != NULL)
		result = clientele_offline_receipt(offline, license, receipt);
	fprintf(
	    stderr, "%s %s\n", clientele_result_name(result), clientele_license_detail(license));
	clientele_license_free(license);
	clientele_keys_free(keys);
	free(key);
	free(document);
	return result;
}

int main(int argc, char **argv)
{
	struct clientele_offline offline = CLIENTELE_OFFLINE_INIT;
	enum clientele_result result = CLIENTELE_UNVERIFIED;
	const char *what = argc > 3 ? argv[3] : "";
	char *text = NULL;

	if (argc > 3) {
		offline.state = argv[1];
		offline.machine = argv[2];
		offline.client = "Example";
	}
	if (strcmp(what, "request") == 0)
		result = clientele_offline_request(&offline, &text);
	else if (strcmp(what, "use") == 0 && argc == 6)
		result = check_license(&offline, argv[4], argv[5], NULL);
	else if (strcmp(what, "return") == 0 && argc == 6)
		result = check_license(&offline, argv[4], argv[5], &text);
	if (text != NULL)
		fputs(text, stdout);
	clientele_text_free(text);
	return result == CLIENTELE_VALID ? 0 : 1;
}
