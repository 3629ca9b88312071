#include "server/config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/identifier.h"
#include "base/mail_address.h"
#include "base/own_file.h"
#include "base/seal.h"
#include "base/url.h"
#include "base/zone.h"
#include "db/hosts.h"
#include "db/provision.h"
#include "server/config_load.h"
#include "server/config_rule.h"
#include "server/listener.h"
#include "server/site.h"

#define DEFAULT "default" /* source of a value that nobody has given */

#define CONFIG_MEMORY ((size_t)4 * 1024 * 1024)
#define ENVIRONMENT_PREFIX "CLIENTELE_"

static void fault(struct loading *loading, const char *place, const char *name, const char *text)
{
	buf_append_text(loading->faults, place);
	buf_append_text(loading->faults, ": ");
	if (name != NULL) {
		buf_append_text(loading->faults, name);
		buf_append_text(loading->faults, ": ");
	}
	buf_append_text(loading->faults, text);
	buf_append_char(loading->faults, '\n');
	loading->fault_count++;
}

void loading_assign(struct loading *loading, const struct option *option, struct str text,
    const char *place, const char *name)
{
	struct config *config = loading->config;
	struct buf message = { 0 };

	buf_append_text(&message, "expected ");
	if (option_parse(option, config->arena, text, &config->settings, &message)) {
		config->sources[option_number_of(option)] = place;
	} else {
		if (!option->secret) {
			buf_append_text(&message, ", not ");
			buf_append_json_string(&message, text);
		}
		fault(loading, place, name, buf_str(&message).data);
	}
	buf_free(&message);
}

static void assign_defaults(struct loading *loading)
{
	unsigned count;
	const struct option *options = option_table(&count);

	for (unsigned i = 0; i < count; i++)
		loading_assign(
		    loading, &options[i], str_from(options[i].fallback), DEFAULT, options[i].name);
}

/*
 * Takes the value off a line: quoted with \" and \\ inside, or bare up to a blank and '#'. False
 * when a quoted value is not closed or something follows it. `out` gets the value.
 */
static bool take_value(struct str text, struct buf *out)
{
	size_t i;

	if (text.length == 0 || text.data[0] != '"') {
		for (i = 0; i < text.length; i++) {
			bool separate =
			    i == 0 || text.data[i - 1] == ' ' || text.data[i - 1] == '\t';

			if (text.data[i] == '#' && separate)
				break;
		}
		buf_append_str(out, str_trim(str_slice(text, 0, i)));
		return true;
	}
	for (i = 1; i < text.length && text.data[i] != '"'; i++) {
		if (text.data[i] == '\\' && i + 1 < text.length)
			i++;
		buf_append_char(out, text.data[i]);
	}
	if (i >= text.length)
		return false;
	text = str_trim(str_slice(text, i + 1, text.length));
	return text.length == 0 || text.data[0] == '#';
}

static void assign_line(struct loading *loading, struct str line, const char *place, bool *seen)
{
	size_t equals = str_find(line, '=');
	struct str name = str_trim(str_slice(line, 0, equals));
	const struct option *option = option_find(name);
	struct buf value = { 0 };

	if (equals == line.length) {
		fault(loading, place, NULL, "expected name = value");
	} else if (option == NULL) {
		const char *text = arena_copy(loading->config->arena, name.data, name.length);

		fault(loading, place, text, option_unknown(loading->config->arena, name));
	} else if (seen[option_number_of(option)]) {
		fault(loading, place, option->name, "repeated in this file");
	} else {
		seen[option_number_of(option)] = true;
		if (take_value(str_trim(str_slice(line, equals + 1, line.length)), &value))
			loading_assign(loading, option, buf_str(&value), place, option->name);
		else
			fault(loading, place, option->name, "expected one value in double quotes");
	}
	buf_free(&value);
}

/* Reads a file of at most `limit` bytes into `out`. Returns 0, or -1 with errno set. */
int loading_read_file(const char *name, size_t limit, struct buf *out)
{
	char block[4096];
	ssize_t count;
	int saved;
	int fd = own_file_open(name, O_RDONLY, 0);

	if (fd < 0)
		return -1;
	while ((count = read(fd, block, sizeof(block))) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count > 0 && out->length + (size_t)count > limit) {
			errno = EFBIG;
			count = -1;
		}
		if (count < 0)
			break;
		buf_append(out, block, (size_t)count);
	}
	saved = errno;
	(void)close(fd);
	errno = saved;
	return count < 0 ? -1 : 0;
}

static void read_config_file(struct loading *loading)
{
	const char *name = loading->file != NULL ? loading->file : CONFIG_FILE_NAME;
	bool seen[CONFIG_OPTIONS_MAX] = { false };
	struct arena *arena = loading->config->arena;
	struct buf content = { 0 };
	struct str rest, line;
	unsigned number = 0;

	if (loading_read_file(name, CONFIG_FILE_LIMIT, &content) != 0) {
		/* Only a file that was asked for must be there. */
		if (loading->file != NULL || errno != ENOENT)
			fault(loading, name, NULL, strerror(errno));
		buf_free(&content);
		return;
	}
	loading->config->file = arena_printf(arena, "%s", name);
	rest = buf_str(&content);
	while (str_next(&rest, '\n', &line)) {
		number++;
		line = str_trim(line);
		if (line.length > 0 && line.data[0] != '#')
			assign_line(
			    loading, line, arena_printf(arena, "%s:%u", name, number), seen);
	}
	buf_free(&content);
}

static void read_environment(struct loading *loading)
{
	unsigned count;
	const struct option *options = option_table(&count);

	for (unsigned i = 0; i < count; i++) {
		char name[64] = ENVIRONMENT_PREFIX;
		size_t length = sizeof(ENVIRONMENT_PREFIX) - 1;
		const char *value;

		for (const char *byte = options[i].name; *byte != '\0' && length < sizeof(name) - 1;
		     byte++)
			name[length++] =
			    *byte >= 'a' && *byte <= 'z' ? (char)(*byte - 'a' + 'A') : *byte;
		name[length] = '\0';
		value = getenv(name);
		if (value != NULL)
			loading_assign(loading, &options[i], str_from(value), "environment",
			    arena_printf(loading->config->arena, "%s", name));
	}
}

static bool take_action(struct config *config, struct str word)
{
	static const struct {
		const char *word;
		enum config_action action;
	} actions[] = {
		{ "--check", CONFIG_CHECK },
		{ "--foreground", CONFIG_RUN },
		{ "--help", CONFIG_HELP },
		{ "--openapi", CONFIG_OPENAPI },
		{ "--print-config", CONFIG_PRINT },
		{ "--version", CONFIG_VERSION },
		{ "-h", CONFIG_HELP },
		{ "-V", CONFIG_VERSION },
	};

	for (unsigned i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (str_equal(word, str_from(actions[i].word))) {
			if (actions[i].action > config->action)
				config->action = actions[i].action;
			return true;
		}
	}
	return false;
}

static void keep_assignment(struct loading *loading, const struct option *option, const char *value)
{
	struct assignment *assignment = arena_alloc(loading->config->arena, sizeof(*assignment));

	if (assignment == NULL)
		return; /* seen by arena_exhausted() at the end */
	assignment->option = option;
	assignment->value = value;
	*loading->last = assignment;
	loading->last = &assignment->next;
}

/* Takes the flag at argv[i]; returns how many words it took. */
static int take_flag(struct loading *loading, int i, int argc, char *const *argv)
{
	struct str word = str_from(argv[i] + 2);
	struct str name = str_slice(word, 0, str_find(word, '='));
	const char *value = name.length < word.length ? word.data + name.length + 1 : NULL;
	const struct option *option = option_find(name);
	bool config_file = str_equal(name, STR("config"));

	if (option == NULL && !config_file) {
		fault(loading, "command line",
		    arena_printf(loading->config->arena, "--" STR_FORMAT, STR_ARGUMENTS(name)),
		    option_unknown(loading->config->arena, name));
		return 1;
	}
	if (value == NULL && i + 1 >= argc) {
		fault(loading, "command line", argv[i], "expected a value");
		return 1;
	}
	if (config_file)
		loading->file = value != NULL ? value : argv[i + 1];
	else
		keep_assignment(loading, option, value != NULL ? value : argv[i + 1]);
	return value != NULL ? 1 : 2;
}

static void scan_command_line(struct loading *loading, int argc, char *const *argv, unsigned flags)
{
	int i = 1;

	while (i < argc) {
		if (take_action(loading->config, str_from(argv[i]))) {
			i++;
			continue;
		}
		if (strncmp(argv[i], "--", 2) == 0 && argv[i][2] != '\0') {
			i += take_flag(loading, i, argc, argv);
			continue;
		}
		if ((flags & CONFIG_OPERANDS) != 0) {
			if (strcmp(argv[i], "--") == 0)
				i++;
			break;
		}
		fault(loading, "command line", argv[i], "expected a flag such as --workers=8");
		i++;
	}
	loading->config->first_operand = i < argc ? i : argc;
}

static void assign_flags(struct loading *loading)
{
	for (const struct assignment *a = loading->first; a != NULL; a = a->next)
		loading_assign(loading, a->option, str_from(a->value), "command line",
		    arena_printf(loading->config->arena, "--%s", a->option->name));
}

/* Reports what is wrong with the value of one option, at the place where it was given. */
void loading_fault_option(struct loading *loading, const char *name, const char *text)
{
	const char *place = loading->config->sources[option_number_of(option_find(str_from(name)))];

	fault(loading, place != NULL ? place : DEFAULT, name, text);
}

static void tell_fault(void *context, const char *option, const char *text)
{
	loading_fault_option(context, option, text);
}

static void check_paths(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	const struct {
		const char *name;
		const char *value;
		bool optional;
	} paths[] = {
		{ "database_socket", settings->database_socket,
		    settings->database_hosts[0] != '\0' },
		{ "database_tls_ca", settings->database_tls_ca, true },
		{ "database_tls_certificate", settings->database_tls_certificate, true },
		{ "database_tls_key", settings->database_tls_key, true },
		{ "mail_ca_file", settings->mail_ca_file, true },
		{ "migrate_password_file", settings->migrate_password_file, true },
		{ "pid_file", settings->pid_file, true },
		{ "runtime_directory", settings->runtime_directory, false },
		{ "state_directory", settings->state_directory, false },
	};

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i].value[0] != '/' && !(paths[i].optional && paths[i].value[0] == '\0'))
			loading_fault_option(
			    loading, paths[i].name, "expected an absolute file name");
	}
	if (settings->log_target[0] != '/' && strcmp(settings->log_target, "stderr") != 0 &&
	    strcmp(settings->log_target, "syslog") != 0)
		loading_fault_option(
		    loading, "log_target", "expected stderr, syslog or an absolute file name");
}

/* What one site has seen is nothing to go by for another. */
static void place_state(struct loading *loading)
{
	struct config *config = loading->config;
	unsigned number = option_number_of(option_find(STR("state_directory")));
	const char *own = site_state_directory(config->file, config->arena);

	if (own != NULL && strcmp(config->sources[number], DEFAULT) == 0)
		config->settings.state_directory = own;
}

static void check_accounts(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;

	if (settings->user[0] != '\0' && getpwnam(settings->user) == NULL)
		loading_fault_option(loading, "user", "this user does not exist");
	if (settings->listen_owner[0] != '\0' && getpwnam(settings->listen_owner) == NULL)
		loading_fault_option(loading, "listen_owner", "this user does not exist");
	if (settings->group[0] != '\0' && getgrnam(settings->group) == NULL)
		loading_fault_option(loading, "group", "this group does not exist");
	if (settings->listen_group[0] != '\0' && getgrnam(settings->listen_group) == NULL)
		loading_fault_option(loading, "listen_group", "this group does not exist");
}

/* By the reader that connects with it. */
static void check_hosts(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	struct hosts hosts;

	if (settings->database_name[0] == '\0' ||
	    strlen(settings->database_name) > DATABASE_NAME_MAX)
		loading_fault_option(
		    loading, "database_name", "expected a name of 1 to 64 characters");
	if (hosts_read(&hosts, settings, 0))
		return;
	if (settings->database_hosts[0] != '\0')
		loading_fault_option(loading, "database_hosts",
		    "expected at most 16 of host[:port] or /socket, separated by commas, with "
		    "ports "
		    "from 1 to 65535 and IPv6 addresses in brackets");
	else
		loading_fault_option(loading, "database_socket", "expected the path of a socket");
}

static void check_mail(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	struct str server = str_from(settings->mail_server);
	struct str host;
	unsigned port;

	if (server.length > 0 && !mail_server_parse(server, &host, &port))
		loading_fault_option(loading, "mail_server", "expected host[:port]");
	if (settings->mail_from[0] != '\0' && !mail_address_is_good(str_from(settings->mail_from)))
		loading_fault_option(loading, "mail_from", "expected an e-mail address");
}

/* An identifier that cannot be drawn at random would be taken from the second row on. */
static void check_formats(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	const struct {
		const char *name, *format;
	} formats[] = {
		{ "activation_token_format", settings->activation_token_format },
		{ "customer_code_format", settings->customer_code_format },
		{ "floating_token_format", settings->floating_token_format },
		{ "license_id_format", settings->license_id_format },
		{ "order_number_format", settings->order_number_format },
		{ "user_key_format", settings->user_key_format },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!identifier_format_is_good(str_from(formats[i].format)))
			loading_fault_option(loading, formats[i].name,
			    "expected text of at most 64 characters with placeholders such as "
			    "{TOKEN:8} or {HEX:8}");
	}
}

/* What no single value shows. */
static void check_settings(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	struct str base = str_from(settings->base_path);
	struct listener_address address;
	const char *reason;

	if (!listener_parse(str_from(settings->listen), &address, &reason))
		loading_fault_option(loading, "listen", reason);
	if (base.length > 0 && !url_path_is_good(base))
		loading_fault_option(loading, "base_path",
		    "expected a path such as /registry that starts but does not end with /");
	if (!zone_set(settings->time_zone))
		loading_fault_option(loading, "time_zone", "this time zone does not exist");
	place_state(loading);
	check_paths(loading);
	loading_check_secret_paths(loading);
	check_accounts(loading);
	check_hosts(loading);
	check_mail(loading);
	check_formats(loading);
	config_rule_faults(settings, &(const struct config_listener){ tell_fault, loading });
	site_faults(loading->config->file, settings,
	    &(const struct config_listener){ tell_fault, loading });
}

int config_load(
    struct config *config, int argc, char *const *argv, unsigned flags, struct buf *faults)
{
	struct loading loading = { .config = config, .faults = faults };

	memset(config, 0, sizeof(*config));
	loading.last = &loading.first;
	config->arena = arena_new((size_t)16 * 1024, CONFIG_MEMORY);
	if (config->arena == NULL) {
		fault(&loading, "configuration", NULL, "out of memory");
		return -1;
	}
	scan_command_line(&loading, argc, argv, flags);
	assign_defaults(&loading);
	read_config_file(&loading);
	read_environment(&loading);
	assign_flags(&loading);
	loading_take_secrets(&loading, flags);
	check_settings(&loading);
	if ((flags & CONFIG_MIGRATES) == 0)
		config->settings.migrate_password = "";
	if (arena_exhausted(config->arena))
		fault(&loading, "configuration", NULL, "out of memory");
	return loading.fault_count == 0 ? 0 : -1;
}

void config_free(struct config *config)
{
	seal_keys_free(config->settings.seal_keys);
	arena_free(config->arena);
	memset(config, 0, sizeof(*config));
}

int config_keep(struct config *config, const struct config *running, struct buf *names)
{
	unsigned count;
	const struct option *options = option_table(&count);
	struct buf mine = { 0 }, theirs = { 0 };
	int differing = 0;

	for (unsigned i = 0; i < count && differing >= 0; i++) {
		if (options[i].reloadable)
			continue;
		buf_reset(&mine, SIZE_MAX);
		buf_reset(&theirs, SIZE_MAX);
		option_print(&options[i], &config->settings, &mine);
		option_print(&options[i], &running->settings, &theirs);
		if (str_equal(buf_str(&mine), buf_str(&theirs)))
			continue;
		if (names->length > 0)
			buf_append_char(names, ' ');
		buf_append_text(names, options[i].name);
		differing++;
		if (!option_parse(
			&options[i], config->arena, buf_str(&theirs), &config->settings, &mine))
			differing = -1;
	}
	buf_free(&mine);
	buf_free(&theirs);
	return differing;
}

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
