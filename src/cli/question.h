/*
 * Questions to the person at the terminal. Nothing is asked where there is none: a program that
 * calls must never hang.
 */
#ifndef CLIENTELE_CLI_QUESTION_H
#define CLIENTELE_CLI_QUESTION_H

#include "cli/command.h"

#define QUESTION_ANSWER_MAX 512

/*
 * Returns `given` unless it is NULL, else what is answered to "PROMPT: " (in the arena). NULL when
 * nothing can be asked or nothing was answered.
 */
const char *question_text(struct session *session, const char *given, const char *prompt);

/* Asks "PROMPT [y/N] ". True for yes; false where nothing can be asked. */
bool question_yes(struct session *session, const char *prompt);

/*
 * Whether to do it: yes by the flag --yes, or by the answer to PROMPT. Says what to give where it
 * is not ("Give --yes to VERB without a question."); the command then ends with COMMAND_USAGE.
 */
bool question_agreed(struct session *session, const char *prompt, const char *verb);

/* The same for a deletion. */
bool question_deletion(struct session *session, const char *prompt);

/*
 * Reads a secret: with the flag --FLAG the first line of standard input, else from the terminal
 * without echo, a new one twice. Returns 1 with it in `secret`, 0 when there is neither flag nor
 * terminal or nothing was typed, -1 after saying what is wrong. The caller wipes it.
 */
int question_secret(struct session *session, const char *flag, const char *prompt, bool is_new,
    char secret[QUESTION_ANSWER_MAX]);

#endif
