#include "cli/help.h"

#include "base/nearest.h"
#include "cli/session.h"

typedef void visit_function(struct session *session, const struct command *command, void *context);

/* All commands, in the order of the help. */
static void visit_all(struct session *session, visit_function *visit, void *context)
{
	for (unsigned t = 0; command_table(t) != NULL; t++) {
		for (const struct command *c = command_table(t); c->words != NULL; c++)
			visit(session, c, context);
	}
}

static struct str first_word(const struct command *command)
{
	struct str words = str_from(command->words);

	return str_slice(words, 0, str_find(words, ' '));
}

static void print_line(FILE *stream, const struct command *command)
{
	fprintf(stream, "  %s%s%s\n        %s\n", command->words,
	    command->arguments[0] != '\0' ? " " : "", command->arguments, command->doc);
}

static void help_all(struct session *session)
{
	const char *title = "";

	fputs("Usage: clientele [--config FILE] [--OPTION=VALUE]... COMMAND [ARGUMENT]...\n"
	      "       clientele help [COMMAND]\n",
	    session->out);
	for (unsigned t = 0; command_table(t) != NULL; t++) {
		if (strcmp(title, command_table_title(t)) != 0)
			fprintf(session->out, "\n%s:\n", command_table_title(t));
		title = command_table_title(t);
		for (const struct command *c = command_table(t); c->words != NULL; c++)
			print_line(session->out, c);
	}
	fputs("\nHelp:\n  help [COMMAND]\n        List the commands, or explain one; the same as "
	      "COMMAND --help.\n  version\n        Print the version.\n\n"
	      "Options are those of clienteled; 'clientele config show' prints them with their "
	      "values.\n",
	    session->out);
}

void help_command(struct session *session, const struct command *command)
{
	fprintf(session->out, "Usage: clientele [OPTION]... %s%s%s\n\n%s\n", command->words,
	    command->arguments[0] != '\0' ? " " : "", command->arguments, command->doc);
	if (command->flags != NULL && command->flags[0].name != NULL)
		fputc('\n', session->out);
	for (const struct command_flag *f = command->flags; f != NULL && f->name != NULL; f++)
		fprintf(session->out, "  --%s%s%s\n        %s\n", f->name,
		    f->value != NULL ? " " : "", f->value != NULL ? f->value : "", f->doc);
}

unsigned help_group(FILE *stream, const char *word)
{
	unsigned count = 0;

	for (unsigned t = 0; command_table(t) != NULL; t++) {
		for (const struct command *c = command_table(t); c->words != NULL; c++) {
			if (!str_equal(first_word(c), str_from(word)))
				continue;
			print_line(stream, c);
			count++;
		}
	}
	return count;
}

/* --- what somebody may have meant --- */

static void offer_words(struct session *session, const struct command *command, void *context)
{
	(void)session;
	nearest_offer(context, str_from(command->words));
}

static void offer_first_word(struct session *session, const struct command *command, void *context)
{
	(void)session;
	nearest_offer(context, first_word(command));
}

enum command_status help_unknown_command(struct session *session, int count, char *const *words)
{
	struct buf both = { 0 };
	struct nearest whole = { 0 }, first = { .word = str_from(words[0]) };
	struct str meant = { NULL, 0 };

	buf_printf(&both, "%s%s%s", words[0], count > 1 ? " " : "", count > 1 ? words[1] : "");
	whole.word = buf_str(&both);
	visit_all(session, offer_words, &whole);
	visit_all(session, offer_first_word, &first);
	nearest_offer(&first, STR("help"));
	nearest_offer(&first, STR("version"));
	if (count > 1 && nearest_is_likely(&whole))
		meant = whole.best;
	else if (nearest_is_likely(&first) && first.distance > 0)
		meant = first.best;
	session->command = NULL;
	if (meant.data != NULL) {
		(void)session_fail(session,
		    "There is no command \"" STR_FORMAT "\"; did you mean \"" STR_FORMAT "\"?",
		    STR_ARGUMENTS(whole.word), STR_ARGUMENTS(meant));
	} else {
		(void)session_fail(session,
		    "There is no command \"" STR_FORMAT "\"; see 'clientele help'.",
		    STR_ARGUMENTS(whole.word));
		help_group(session->err, words[0]);
	}
	buf_free(&both);
	return COMMAND_USAGE;
}

enum command_status help_unknown_option(struct session *session, struct str name)
{
	struct nearest nearest = { .word = name };
	unsigned count;
	const struct option *options = option_table(&count);

	for (const struct command_flag *f = session->command->flags; f != NULL && f->name != NULL;
	     f++)
		nearest_offer(&nearest, str_from(f->name));
	for (unsigned i = 0; i < count; i++)
		nearest_offer(&nearest, str_from(options[i].name));
	if (!nearest_is_likely(&nearest))
		return session_usage(
		    session, "There is no option --" STR_FORMAT " here.", STR_ARGUMENTS(name));
	return session_usage(session,
	    "There is no option --" STR_FORMAT " here; did you mean --" STR_FORMAT "?",
	    STR_ARGUMENTS(name), STR_ARGUMENTS(nearest.best));
}

/* --- for shells --- */

static void complete_options(struct session *session)
{
	unsigned count;
	const struct option *options = option_table(&count);

	fputs("--config\n--help\n--version\nhelp\nversion\n", session->out);
	for (unsigned i = 0; i < count; i++) {
		fputs("--", session->out);
		for (const char *c = options[i].name; *c != '\0'; c++)
			fputc(*c == '_' ? '-' : *c, session->out);
		fputs("=\n", session->out);
	}
}

struct words {
	int count;
	char *const *words;
};

/* The word that follows in a command whose first words are those, if that is so. */
static void complete_words(struct session *session, const struct command *command, void *context)
{
	const struct words *given = context;
	struct str rest = str_from(command->words), word;
	int place = 0;

	while (str_next(&rest, ' ', &word)) {
		if (place == given->count) {
			fprintf(session->out, STR_FORMAT "\n", STR_ARGUMENTS(word));
			return;
		}
		if (!str_equal(word, str_from(given->words[place++])))
			return;
	}
}

/* What may follow these words, one in each line. */
static enum command_status complete(struct session *session, int count, char *const *words)
{
	bool of_help = count > 0 && strcmp(words[0], "help") == 0;
	struct words given = { count - of_help, words + of_help };
	const struct command *command = command_find(given.count, given.words, &(int){ 0 });

	if (count == 0)
		complete_options(session);
	visit_all(session, complete_words, &given);
	if (command == NULL || of_help)
		return COMMAND_OK;
	fputs("--help\n", session->out);
	for (const struct command_flag *f = command->flags; f != NULL && f->name != NULL; f++)
		fprintf(session->out, "--%s\n", f->name);
	return COMMAND_OK;
}

enum command_status help_run(struct session *session, int count, char *const *words)
{
	const struct command *command;
	int matched;

	if (count > 0 && strcmp(words[0], "--complete") == 0)
		return complete(session, count - 1, words + 1);
	if (count == 0 || strcmp(words[0], "help") == 0 || strcmp(words[0], "version") == 0) {
		help_all(session);
		return COMMAND_OK;
	}
	command = command_find(count, words, &matched);
	if (command != NULL && matched == count) {
		help_command(session, command);
		return COMMAND_OK;
	}
	if (count == 1 && help_group(session->out, words[0]) > 0)
		return COMMAND_OK;
	return help_unknown_command(session, count, words);
}
