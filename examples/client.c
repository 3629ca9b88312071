/*
 * Takes a seat of a license, checks the signed license offline, keeps the seat and frees it:
 *
 *	cc client.c $(pkg-config --cflags --libs clientele-verify libcurl)
 *	./a.out URL USER-KEY MACHINE
 */
#define _GNU_SOURCE 1
#include <clientele_verify.h>
#include <curl/curl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The public half of the vendor's signing key. */
static const char vendor_key[] = "-----BEGIN PUBLIC KEY-----\n"
				 "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
				 "-----END PUBLIC KEY-----\n";

static void end(const char *action, const char *reason)
{
	fprintf(stderr, "%s: %s\n", action, reason);
	exit(1);
}

/* The answer, to be freed; a refusal ends the program with its reason. */
static char *call(CURL *curl, const char *address, const char *action)
{
	char url[1024], fault[CURL_ERROR_SIZE] = "no answer", *answer = NULL, *reason;
	size_t length;
	FILE *memory = open_memstream(&answer, &length);
	CURLcode result;
	long status = 0;

	snprintf(url, sizeof(url), "%s/v1/license/%s", address, action);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, memory);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fault);
	result = curl_easy_perform(curl);
	fclose(memory);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (result == CURLE_OK && status == 200)
		return answer;
	if (result == CURLE_OK)
		snprintf(fault, sizeof(fault), "HTTP %ld", status);
	reason = strstr(answer, "\"reason\":\"");
	end(action, reason != NULL ? strtok(reason + strlen("\"reason\":\""), "\"") : fault);
	return NULL;
}

/* The license is a list of bytes in the answer; it is checked in place of that. */
static void verify(char *answer, const char *machine)
{
	struct clientele_options options = CLIENTELE_OPTIONS_INIT;
	struct clientele_keys *keys = clientele_keys_new();
	struct clientele_license *license = NULL;
	enum clientele_result result;
	char *next = strstr(answer, "\"licenseKey\":["), *document = answer;

	while ((next = next != NULL ? strpbrk(next, "[,]") : NULL) != NULL && *next != ']')
		*document++ = (char)strtol(next + 1, &next, 10);
	options.machine = machine;
	result = clientele_keys_add(keys, vendor_key, strlen(vendor_key), 0);
	if (result == CLIENTELE_VALID)
		result =
		    clientele_verify(keys, answer, (size_t)(document - answer), &options, &license);
	if (result != CLIENTELE_VALID)
		end("verify", clientele_result_name(result));
	printf("%s: verified\n", clientele_license_text(license, CLIENTELE_ID));
	clientele_license_free(license);
	clientele_keys_free(keys);
}

int main(int argc, char **argv)
{
	static const char *const actions[] = { "activate", "validate", "heartbeat", "deactivate" };
	CURL *curl = curl_easy_init();
	char *body, *answer;

	if (argc < 4 || curl == NULL ||
	    asprintf(&body, "userKey=%s&machineId=%s&clientId=example",
		curl_easy_escape(curl, argv[2], 0), curl_easy_escape(curl, argv[3], 0)) < 0)
		return 2;
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		answer = call(curl, argv[1], actions[i]);
		if (i == 0)
			verify(answer, argv[3]);
		printf("%s: done\n", actions[i]);
		free(answer);
	}
	free(body);
	curl_easy_cleanup(curl);
	return 0;
}
