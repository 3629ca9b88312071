/*
 * clienteled: the supervisor and its FastCGI workers.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/openapi/openapi.h"
#include "server/config_rule.h"
#include "server/supervisor.h"

/* Prints a buffer; false when it could not be made or written. */
static bool print(FILE *stream, const struct buf *text)
{
	return !text->failed && (text->length == 0 || fputs(text->data, stream) >= 0) &&
	       fflush(stream) == 0;
}

static void append_warning(void *context, const char *option, const char *text)
{
	buf_printf(context, "warning: %s: %s\n", option, text);
}

static int act(struct config *config, bool valid, const struct buf *faults)
{
	struct buf out = { 0 }, note = { 0 };
	bool printed;

	switch (config->action) {
	case CONFIG_HELP:
		buf_append_text(&out, "usage: clienteled [--name=value ...]\n\n");
		config_help(&out);
		valid = true;
		break;
	case CONFIG_VERSION:
		buf_append_text(&out, "clienteled " PACKAGE_VERSION "\n");
		valid = true;
		break;
	case CONFIG_PRINT:
		if (valid)
			config_print(config, &out);
		break;
	case CONFIG_OPENAPI:
		if (valid)
			openapi_print_indented(
			    OPENAPI_3_1, openapi_server(&config->settings), &out);
		break;
	case CONFIG_CHECK:
		if (valid) {
			config_rule_warnings(&config->settings,
			    &(const struct config_listener){ append_warning, &out });
			buf_append_text(&out, "The configuration is valid.\n");
		}
		if (valid && !config_check_key(config, &note))
			fprintf(stderr, "clienteled: before the start: %s\n", note.data);
		break;
	default:
		break;
	}
	printed = valid ? print(stdout, &out) : print(stderr, faults);
	buf_free(&out);
	buf_free(&note);
	return valid && printed ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct config config;
	struct buf faults = { 0 };
	bool valid = config_load(&config, argc, argv, CONFIG_SERVES, &faults) == 0;
	int result;

	if (valid && config.action == CONFIG_RUN) {
		buf_free(&faults);
		return supervisor_run(&config, argc, argv);
	}
	result = act(&config, valid, &faults);
	buf_free(&faults);
	config_free(&config);
	return result;
}
