/*
 * What the command line says of itself, all of it made from the table of commands: help, what may
 * follow for shells, and what somebody may have meant.
 */
#ifndef CLIENTELE_CLI_HELP_H
#define CLIENTELE_CLI_HELP_H

#include "cli/command.h"

/* `clientele help WORD...`: of everything, of the commands that begin with one word, or of one
 * command. Returns the exit status. */
enum command_status help_run(struct session *session, int count, char *const *words);

/* Prints the help of one command. */
void help_command(struct session *session, const struct command *command);

/* Prints, to `stream`, a line for each command whose first word this is. Returns how many. */
unsigned help_group(FILE *stream, const char *word);

/* Says that there is no such command, with those that were nearly meant. Returns COMMAND_USAGE. */
enum command_status help_unknown_command(struct session *session, int count, char *const *words);

/* Says that the command takes no such option, with the one that was nearly meant; `name` is without
 * its dashes. Returns COMMAND_USAGE. */
enum command_status help_unknown_option(struct session *session, struct str name);

#endif
