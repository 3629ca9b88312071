#include "cli/command.h"

#include <stdlib.h>

#include "cli/help.h"
#include "cli/host_wait.h"
#include "cli/session.h"
#include "config.h"
#include "record/key_ring.h"
#include "record/subscription.h"
#include "schema/resource.h"

#define MEMORY_LIMIT ((size_t)256 * 1024 * 1024)
#define WORDS_MAX 2

static const struct {
	const char *title; /* of a group in the help and the manual; may stand in several rows */
	const struct command *commands;
} tables[] = {
	{ "Schema", migrate_commands },
	{ "Schema", setup_commands },
	{ "Secrets in the database", secret_commands },
	{ "Backups", backup_commands },
	{ "Backups", restore_commands },
	{ "The running service", doctor_commands },
	{ "The running service", status_commands },
	{ "The running service", top_commands },
	{ "Clusters of database servers", cluster_commands },
	{ "Users and roles", user_commands },
	{ "Users and roles", roles_commands },
	{ "API keys", key_commands },
	{ "Signing keys", signing_key_commands },
	{ "Discovery groups", group_commands },
	{ "Discovery groups", associate_commands },
	{ "API clients", client_commands },
	{ "Client certificates", certificate_commands },
	{ "OAuth sessions and tokens", token_commands },
	{ "Failed credentials", throttle_commands },
	{ "Delegate groups", delegate_commands },
	{ "Delegate groups", person_commands },
	{ "Hosting", hosting_commands },
	{ "Licenses", license_commands },
	{ "Licenses", license_offline_commands },
	{ "Mail", mail_commands },
	{ "Queue", queue_commands },
	{ "Audit log", audit_commands },
	{ "Lists", export_commands },
	{ "Moving in", import_commands },
	{ "Old rows", expire_commands },
	{ "Configuration", config_commands },
};

const struct command *command_table(unsigned number)
{
	return number < COUNT_OF(tables) ? tables[number].commands : NULL;
}

const char *command_table_title(unsigned number)
{
	return tables[number].title;
}

/* Number of the command's words that begin `words`: all of them, or 0. */
static int match_words(const struct command *command, int count, char *const *words)
{
	struct str rest = str_from(command->words), word;
	int matched = 0;

	while (str_next(&rest, ' ', &word)) {
		if (matched == count || !str_equal(word, str_from(words[matched])))
			return 0;
		matched++;
	}
	return matched;
}

const struct command *command_find(int count, char *const *words, int *matched)
{
	for (unsigned t = 0; command_table(t) != NULL; t++) {
		for (const struct command *c = command_table(t); c->words != NULL; c++) {
			*matched = match_words(c, count, words);
			if (*matched > 0)
				return c;
		}
	}
	return NULL;
}

static const struct command_flag *find_flag(const struct command *command, struct str name)
{
	for (const struct command_flag *f = command->flags; f != NULL && f->name != NULL; f++) {
		if (str_equal(str_from(f->name), name))
			return f;
	}
	return NULL;
}

/* What stands on the command line: options of the program anywhere, and what is the command's. */
struct line {
	int argc; /* options only, as a command line of their own */
	char **argv;
	bool help;
};

static void add_option(struct line *line, char *word)
{
	line->argv[line->argc++] = word;
}

static enum command_status give_flag(
    struct session *session, const struct command_flag *flag, const char *value)
{
	if (flag->value != NULL && value == NULL)
		return session_usage(
		    session, "The option --%s requires a value (%s).", flag->name, flag->value);
	if (flag->value == NULL && value != NULL)
		return session_usage(session, "The option --%s takes no value.", flag->name);
	if (session->given_count == COMMAND_FLAGS_MAX)
		return session_usage(
		    session, "More than %d options were given.", COMMAND_FLAGS_MAX);
	session->given[session->given_count++] =
	    (struct command_given){ .flag = flag, .value = value != NULL ? value : "" };
	session->json = session->json || strcmp(flag->name, "json") == 0;
	return COMMAND_OK;
}

/* Takes the flag at words[i], the command's own or an option of the program; *i moves over its
 * value. */
static enum command_status take_flag(
    struct session *session, struct line *line, int count, char *const *words, int *i)
{
	char *word = words[*i];
	struct str text = str_from(word + 2);
	struct str name = str_slice(text, 0, str_find(text, '='));
	const char *value = name.length < text.length ? text.data + name.length + 1 : NULL;
	const struct command_flag *flag = find_flag(session->command, name);

	if (flag != NULL) {
		if (flag->value != NULL && value == NULL && *i + 1 < count)
			value = words[++*i];
		return give_flag(session, flag, value);
	}
	if (str_equal(text, STR("help"))) {
		line->help = true;
		return COMMAND_OK;
	}
	if (option_find(name) == NULL && !str_equal(name, STR("config")))
		return help_unknown_option(session, name);
	add_option(line, word);
	if (value == NULL && *i + 1 < count)
		add_option(line, words[++*i]);
	return COMMAND_OK;
}

static enum command_status take_words(
    struct session *session, struct line *line, int count, char *const *words)
{
	bool flags_end = false;

	for (int i = 0; i < count; i++) {
		if (!flags_end && strcmp(words[i], "--") == 0) {
			flags_end = true;
		} else if (!flags_end && strcmp(words[i], "-h") == 0) {
			line->help = true;
		} else if (!flags_end && strncmp(words[i], "--", 2) == 0) {
			enum command_status status = take_flag(session, line, count, words, &i);

			if (status != COMMAND_OK)
				return status;
		} else if (session->operand_count == session->command->most) {
			return session_usage(session, "Unexpected argument: \"%s\".", words[i]);
		} else {
			session->operands[session->operand_count++] = words[i];
		}
	}
	if (!line->help && session->operand_count < session->command->least)
		return session_usage(session, "An argument is missing.");
	return COMMAND_OK;
}

/* The faults of a configuration, as they are or as the command wants them. */
static enum command_status tell_faults(struct session *session, const struct buf *faults)
{
	enum command_status status;

	if (session->command->run_faulty == NULL) {
		fwrite(faults->data != NULL ? faults->data : "", 1, faults->length, session->err);
		return session_fail(
		    session, "The configuration has errors; correct the lines listed above.");
	}
	session->arena = arena_new(65536, MEMORY_LIMIT);
	if (session->arena == NULL)
		return session_fail(session, "Out of memory.");
	status = session->command->run_faulty(session, buf_str(faults));
	arena_free(session->arena);
	return status;
}

static enum command_status run_line(struct session *session, const struct line *line)
{
	struct buf faults = { 0 };
	enum command_status status;

	config_free(&session->config);
	if (config_load(&session->config, line->argc, line->argv, CONFIG_MIGRATES, &faults) < 0) {
		status = tell_faults(session, &faults);
		buf_free(&faults);
		return status;
	}
	buf_free(&faults);
	session->settings = &session->config.settings;
	session->arena = arena_new(65536, MEMORY_LIMIT);
	error_init(&session->error, session->arena);
	if (session->arena != NULL) {
		session_find_caller(session);
		host_wait_begin(session);
	}
	session->database = database_new(session->settings);
	if (session->arena == NULL || session->database == NULL)
		status = session_fail(session, "Out of memory.");
	else if (!session->command->as_caller && !session_become_pool(session))
		status = session_fail(session,
		    "The command cannot run as the user of the pool (%s).", session->error.detail);
	else
		status = session->command->run(session);
	guard_close(session->context.guard);
	subscriptions_free(session->context.subscriptions);
	key_ring_free(session->context.key_ring);
	database_free(session->database);
	host_wait_end();
	arena_free(session->arena);
	return status;
}

/* Words that name no command: help of those that begin so is asked for, or it is a fault. */
static enum command_status dispatch_group(struct session *session, int count, char *const *words)
{
	bool asked = false;

	for (int i = 1; i < count; i++)
		asked = asked || strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0 ||
			strcmp(words[i], "help") == 0;
	if (asked && help_group(session->out, words[0]) > 0)
		return COMMAND_OK;
	if (count > 1 || help_group(session->err, words[0]) == 0)
		return help_unknown_command(session, count, words);
	return session_usage(
	    session, "\"%s\" must be followed by one of the commands listed above.", words[0]);
}

static enum command_status dispatch(
    struct session *session, struct line *line, int count, char *const *words)
{
	enum command_status status;
	int matched;

	if (session->config.action == CONFIG_VERSION ||
	    (count > 0 && strcmp(words[0], "version") == 0)) {
		fputs("clientele " PACKAGE_VERSION "\n", session->out);
		return COMMAND_OK;
	}
	if (count > 0 && strcmp(words[0], "help") == 0)
		return help_run(session, count - 1, words + 1);
	if (session->config.action == CONFIG_HELP)
		return help_run(session, count, words);
	if (count == 0)
		return session_usage(session, "A command is missing.");
	session->command = command_find(count, words, &matched);
	if (session->command == NULL)
		return dispatch_group(session, count, words);
	status = take_words(session, line, count - matched, words + matched);
	if (status != COMMAND_OK)
		return status;
	if (line->help) {
		help_command(session, session->command);
		return COMMAND_OK;
	}
	return run_line(session, line);
}

enum command_status command_line(int argc, char *const *argv, FILE *out, FILE *err)
{
	struct session session = { .out = out, .err = err };
	struct line line = { .argv = calloc((size_t)argc + 2, sizeof(*line.argv)) };
	struct buf unused = { 0 };
	enum command_status status;
	int first;

	if (line.argv == NULL)
		return session_fail(&session, "Out of memory.");
	/* Only to learn where the options end; their faults are told when all options are known. */
	if (config_load(&session.config, argc, argv, CONFIG_OPERANDS, &unused) < 0)
		buf_free(&unused);
	buf_free(&unused);
	first = session.config.first_operand;
	for (int i = 0; i < first && strcmp(argv[i], "--") != 0; i++)
		add_option(&line, argv[i]);
	status = dispatch(&session, &line, argc - first, argv + first);
	config_free(&session.config);
	free(line.argv);
	if (fflush(out) != 0 || ferror(out))
		status = session_fail(&session, "The output cannot be written.");
	return status;
}
