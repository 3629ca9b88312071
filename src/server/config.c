#include "server/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/own_file.h"
#include "base/seal.h"
#include "server/config_load.h"

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
		loading_assign(loading, &options[i], str_from(options[i].fallback), CONFIG_DEFAULT,
		    options[i].name);
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
			name[length++] = str_upper(*byte);
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

	fault(loading, place != NULL ? place : CONFIG_DEFAULT, name, text);
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
	loading_check_settings(&loading);
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
