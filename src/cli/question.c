#include "cli/question.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "cli/session.h"

static struct termios saved_terminal;

static bool can_ask(const struct session *session)
{
	return isatty(STDIN_FILENO) && isatty(fileno(session->err));
}

/* One line of standard input without its end. False at the end of input or when it is too long. */
static bool read_line(char line[QUESTION_ANSWER_MAX])
{
	size_t length = 0;
	int byte;

	while ((byte = getc(stdin)) != EOF && byte != '\n') {
		if (length + 1 < QUESTION_ANSWER_MAX)
			line[length] = (char)byte;
		length++;
	}
	if (length >= QUESTION_ANSWER_MAX || (byte == EOF && length == 0))
		return false;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	line[length] = '\0';
	return true;
}

static bool ask_line(struct session *session, const char *prompt, char line[QUESTION_ANSWER_MAX])
{
	struct buf shown = { 0 };

	buf_append_visible(&shown, str_from(prompt));
	fputs(shown.data != NULL ? shown.data : "", session->err);
	(void)fflush(session->err);
	buf_free(&shown);
	return read_line(line);
}

const char *question_text(struct session *session, const char *given, const char *prompt)
{
	char line[QUESTION_ANSWER_MAX];

	if (given != NULL || !can_ask(session) ||
	    !ask_line(session, arena_printf(session->arena, "%s: ", prompt), line))
		return given;
	return line[0] != '\0' ? arena_printf(session->arena, "%s", line) : NULL;
}

bool question_yes(struct session *session, const char *prompt)
{
	char line[QUESTION_ANSWER_MAX];

	if (!can_ask(session) ||
	    !ask_line(session, arena_printf(session->arena, "%s [y/N] ", prompt), line))
		return false;
	return line[0] == 'y' || line[0] == 'Y';
}

bool question_agreed(struct session *session, const char *prompt, const char *verb)
{
	if (session_flag(session, "yes") != NULL || question_yes(session, prompt))
		return true;
	(void)session_usage(session, "Give --yes to %s without confirmation.", verb);
	return false;
}

bool question_deletion(struct session *session, const char *prompt)
{
	return question_agreed(session, prompt, "delete");
}

/* Whoever breaks off while nothing is echoed must get a terminal back that shows what is typed. */
static void restore_terminal(int number)
{
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved_terminal);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static bool ask_hidden(struct session *session, const char *prompt, char line[QUESTION_ANSWER_MAX])
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct termios quiet;
	bool answered;

	if (tcgetattr(STDIN_FILENO, &saved_terminal) != 0)
		return false;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], restore_terminal);
	quiet = saved_terminal;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	answered = ask_line(session, prompt, line);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_terminal);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], SIG_DFL);
	fputc('\n', session->err);
	return answered;
}

int question_secret(struct session *session, const char *flag, const char *prompt, bool is_new,
    char secret[QUESTION_ANSWER_MAX])
{
	char again[QUESTION_ANSWER_MAX];
	int status = 1;

	if (session_flag(session, flag) != NULL) {
		if (read_line(secret) && secret[0] != '\0')
			return 1;
		session_fail(session,
		    "--%s: standard input is empty, or its first line is longer than %d bytes.",
		    flag, QUESTION_ANSWER_MAX - 1);
		return -1;
	}
	if (!can_ask(session) ||
	    !ask_hidden(session, arena_printf(session->arena, "%s: ", prompt), secret) ||
	    secret[0] == '\0')
		return 0;
	if (!is_new)
		return 1;
	if (!ask_hidden(session, "Repeat:  ", again) || strcmp(again, secret) != 0) {
		session_fail(session, "The two entries differ; nothing was changed.");
		status = -1;
	}
	explicit_bzero(again, sizeof(again));
	return status;
}
