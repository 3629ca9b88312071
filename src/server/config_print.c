/*
 * Options as people read them: effective values with their sources, and the help.
 */
#include "server/config_load.h"

void config_print_value(const struct config *config, unsigned number, struct buf *out)
{
	unsigned count;
	const struct option *option = &option_table(&count)[number];
	struct buf value = { 0 };

	option_print(option, &config->settings, &value);
	if (option->secret && value.length > 0) {
		buf_append_text(out, "********");
		explicit_bzero(value.data, value.length);
	} else {
		buf_append_str(out, buf_str(&value));
	}
	buf_free(&value);
}

static void append_quoted(struct buf *out, struct str text)
{
	buf_append_char(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buf_append_char(out, '\\');
		buf_append_char(out, text.data[i]);
	}
	buf_append_char(out, '"');
}

void config_print_option(const struct config *config, unsigned number, struct buf *out)
{
	unsigned count;
	const struct option *option = &option_table(&count)[number];
	struct buf value = { 0 };
	bool bare;

	config_print_value(config, number, &value);
	bare = option->type != OPTION_TEXT || (!option->secret && value.length > 0 &&
						  strcspn(value.data, " #\"\\") == value.length);
	buf_append_text(out, option->name);
	buf_append_text(out, " = ");
	if (bare)
		buf_append_str(out, buf_str(&value));
	else
		append_quoted(out, buf_str(&value));
	buf_append_text(out, "  # ");
	buf_append_text(out, config->sources[number]);
	buf_append_char(out, '\n');
	buf_free(&value);
}

void config_print(const struct config *config, struct buf *out)
{
	unsigned count;

	(void)option_table(&count);
	for (unsigned i = 0; i < count; i++)
		config_print_option(config, i, out);
}

bool config_is_changed(const struct config *config, unsigned number)
{
	unsigned count;
	const struct option *option = &option_table(&count)[number];
	struct settings settings = config->settings;
	struct buf value = { 0 }, fallback = { 0 };
	bool changed;

	option_print(option, &settings, &value);
	changed =
	    !option_parse(option, config->arena, str_from(option->fallback), &settings, &fallback);
	option_print(option, &settings, &fallback);
	changed = changed || !str_equal(buf_str(&value), buf_str(&fallback));
	if (option->secret && value.data != NULL)
		explicit_bzero(value.data, value.length);
	buf_free(&value);
	buf_free(&fallback);
	return changed;
}

void config_help(struct buf *out)
{
	unsigned count;
	const struct option *options = option_table(&count);

	buf_append_text(out,
	    "  --config FILE     read this file instead of " CONFIG_FILE_NAME "\n"
	    "  --check           report all errors in the configuration and exit\n"
	    "  --openapi         print the OpenAPI document of all operations and exit\n"
	    "  --print-config    print the effective values with their sources and exit\n"
	    "  --foreground      accepted for service managers; there is no other mode\n"
	    "  --version, --help\n"
	    "\nOptions, as --name=value, CLIENTELE_NAME=value or a line name = value:\n");
	for (unsigned i = 0; i < count; i++) {
		buf_printf(out, "  --%s=%s", options[i].name, option_type_name(options[i].type));
		if (options[i].fallback[0] != '\0')
			buf_printf(out, "  (default %s)", options[i].fallback);
		buf_printf(out, "\n        %s\n", options[i].doc);
	}
}
