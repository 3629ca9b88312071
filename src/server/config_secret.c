/*
 * Secrets among the options: in files of their own, and sealed under the key file.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/seal.h"
#include "server/config_load.h"

#define SECRET_FILE_LIMIT 4096

/* A secret that may stand in a file of its own: the first line of it. */
static void read_secret_file(struct loading *loading, const struct option *file)
{
	struct config *config = loading->config;
	const struct option *secret = option_find(str_from(file->value_of));
	const char *name = option_text(file, &config->settings);
	struct buf content = { 0 };
	struct str rest, line = STR("");

	if (name[0] == '\0')
		return;
	if (option_text(secret, &config->settings)[0] != '\0') {
		loading_fault_option(loading, file->name,
		    arena_printf(config->arena, "%s is given as well", secret->name));
		return;
	}
	if (loading_read_file(name, SECRET_FILE_LIMIT, &content) != 0) {
		/* Whoever needs the one of a migration says so. */
		if (file->file == OPTION_FILE_MIGRATE && (errno == EACCES || errno == ENOENT))
			return;
		loading_fault_option(loading, file->name,
		    arena_printf(config->arena, "%s: %s", name, strerror(errno)));
	} else {
		rest = buf_str(&content);
		(void)str_next(&rest, '\n', &line);
		loading_assign(loading, secret, str_trim(line),
		    config->sources[option_number_of(file)], secret->name);
		if (option_text(secret, &config->settings)[0] == '\0')
			loading_fault_option(loading, file->name,
			    arena_printf(config->arena, "the first line of %s is empty", name));
		if (content.data != NULL)
			explicit_bzero(content.data, content.length);
	}
	buf_free(&content);
}

static void read_secret_files(struct loading *loading, unsigned flags)
{
	unsigned count;
	const struct option *options = option_table(&count);

	for (unsigned i = 0; i < count; i++) {
		if (options[i].file == OPTION_FILE_VALUE ||
		    (options[i].file == OPTION_FILE_MIGRATE && (flags & CONFIG_MIGRATES) != 0))
			read_secret_file(loading, &options[i]);
	}
}

/* Beside the configuration, so that each site of a machine has one of its own. */
static const char *key_path(const struct config *config)
{
	const char *file = config->file != NULL ? config->file : CONFIG_FILE_NAME;
	struct str name = str_from(file);

	if (config->settings.secret_key_file[0] != '\0')
		return config->settings.secret_key_file;
	if (str_ends_with(name, STR(".conf")))
		name.length -= sizeof(".conf") - 1;
	return arena_printf(config->arena, STR_FORMAT ".key", STR_ARGUMENTS(name));
}

bool config_check_key(const struct config *config, struct buf *fault)
{
	if (config->settings.seal_keys != NULL)
		return true;
	if (access(config->settings.secret_key_path, F_OK) == 0) {
		buf_printf(
		    fault, "%s cannot be read by this user", config->settings.secret_key_path);
		return false;
	}
	buf_printf(fault, "%s is missing; create it with: clientele%s%s secret init",
	    config->settings.secret_key_path, config->file != NULL ? " --config=" : "",
	    config->file != NULL ? config->file : "");
	return false;
}

int config_read_key(struct config *config, struct buf *fault)
{
	struct settings *settings = &config->settings;
	struct seal_keys *keys;

	if (seal_keys_read(settings->secret_key_path, &keys, fault) == SEAL_FILE_REFUSED)
		return -1;
	seal_keys_free(settings->seal_keys);
	settings->seal_keys = keys;
	return 0;
}

static void read_key(struct loading *loading, unsigned flags)
{
	struct config *config = loading->config;
	bool needed = (flags & CONFIG_SERVES) != 0 && config->action == CONFIG_RUN;
	struct buf text = { 0 };

	config->settings.secret_key_path = key_path(config);
	if (config->settings.secret_key_path == NULL)
		return; /* seen by arena_exhausted() at the end */
	/* Whoever may not read it can do whatever needs no key. */
	if (!needed && access(config->settings.secret_key_path, R_OK) != 0)
		return;
	if (config_read_key(config, &text) != 0)
		loading_fault_option(loading, "secret_key_file",
		    arena_printf(config->arena, "%s: %s", config->settings.secret_key_path,
			text.data != NULL ? text.data : ""));
	else if (needed && !config_check_key(config, &text))
		loading_fault_option(
		    loading, "secret_key_file", text.data != NULL ? text.data : "");
	buf_free(&text);
}

void loading_check_secret_paths(struct loading *loading)
{
	unsigned count;
	const struct option *options = option_table(&count);

	for (unsigned i = 0; i < count; i++) {
		const char *name = options[i].file != OPTION_FILE_NONE
				       ? option_text(&options[i], &loading->config->settings)
				       : "";

		if (name[0] != '\0' && name[0] != '/')
			loading_fault_option(
			    loading, options[i].name, "expected an absolute file name");
	}
}

/* --- sealed values --- */

struct str config_seal(
    const struct config *config, const struct option *option, struct str value, struct arena *arena)
{
	struct str sealed =
	    seal(config->settings.seal_keys, SEAL_OPTION, str_from(option->name), value, arena);
	struct buf text = { 0 };
	struct str copy = { NULL, 0 };

	if (sealed.data == NULL)
		return copy;
	buf_append_text(&text, CONFIG_SEALED);
	base64_append(&text, sealed.data, sealed.length);
	if (!text.failed)
		copy = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

/* Opens a value of the form that config_seal() makes; others stay as they are. */
static void open_sealed(struct loading *loading, const struct option *option)
{
	struct config *config = loading->config;
	struct str text = str_from(option_text(option, &config->settings)), sealed, plain;
	enum seal_state state = SEAL_BROKEN;
	char *bytes;
	char id[SEAL_ID_TEXT];

	if (!str_starts_with(text, STR(CONFIG_SEALED)))
		return;
	if (config->settings.seal_keys == NULL) {
		loading_fault_option(
		    loading, option->name, "it is encrypted, but there is no key file");
		return;
	}
	text = str_slice(text, sizeof(CONFIG_SEALED) - 1, text.length);
	bytes = arena_alloc(config->arena, BASE64_DECODED_MAX(text.length));
	if (bytes == NULL)
		return; /* seen by arena_exhausted() at the end */
	sealed.data = bytes;
	if (base64_decode(text, bytes, &sealed.length))
		state = unseal(config->settings.seal_keys, SEAL_OPTION, str_from(option->name),
		    sealed, config->arena, &plain);
	if (state != SEAL_GOOD) {
		loading_fault_option(loading, option->name,
		    arena_printf(config->arena, "it is encrypted, but cannot be decrypted: %s",
			seal_state_text(state)));
		return;
	}
	loading_assign(
	    loading, option, plain, config->sources[option_number_of(option)], option->name);
	if (seal_id_of(sealed, id))
		config->sealed_under[option_number_of(option)] =
		    arena_printf(config->arena, "%s", id);
}

void loading_take_secrets(struct loading *loading, unsigned flags)
{
	unsigned count;
	const struct option *options = option_table(&count);

	read_secret_files(loading, flags);
	read_key(loading, flags);
	for (unsigned i = 0; i < count; i++) {
		if (options[i].secret)
			open_sealed(loading, &options[i]);
	}
}
