/*
 * Faults of rows in the words of the command line.
 */
#include <stdlib.h>

#include "cli/records.h"

#define SHOWN_MOST 64 /* longest value that a fault repeats, in bytes */

static const struct records_input *find_input(
    const struct records_input *inputs, unsigned count, const char *path)
{
	size_t length = strcspn(path, "[.");

	for (unsigned i = 0; i < count; i++) {
		if (strlen(inputs[i].member) == length &&
		    strncmp(inputs[i].member, path, length) == 0)
			return &inputs[i];
	}
	return NULL;
}

const char *records_article(const struct records_input *input)
{
	return input->label[0] == '-' ? "" : "The ";
}

/*
 * Sentences about members begin with "The email field must", "The Name is" or "The networks[0] item
 * must"; people read "--email must". Other sentences stay as they are.
 */
static const char *skip_subject(const char *message, const char *path)
{
	static const char *const nouns[] = { " field", " property", " item" };
	const char *rest = message + strlen("The ") + strlen(path);

	if (strncmp(message, "The ", strlen("The ")) != 0 ||
	    strncmp(message + strlen("The "), path, strlen(path)) != 0 || *rest != ' ')
		return NULL;
	for (unsigned i = 0; i < COUNT_OF(nouns); i++) {
		if (strncmp(rest, nouns[i], strlen(nouns[i])) == 0)
			return rest + strlen(nouns[i]);
	}
	return rest;
}

const char *records_clause(struct arena *arena, const struct fault *fault)
{
	const char *rest = skip_subject(fault->message, fault->path);
	const char *clause = rest != NULL ? rest + strspn(rest, " ") : fault->message;
	size_t length = strlen(clause);

	if (length > 0 && clause[length - 1] == '.')
		length--;
	return arena_printf(arena, "%.*s", (int)length, clause);
}

/* The value that a fault is about; of an item, "networks[2]", that one. */
static const char *find_value(
    const struct session *session, const struct records_input *input, const char *path)
{
	const char *bracket = strchr(path, '[');
	unsigned long number = bracket != NULL ? strtoul(bracket + 1, NULL, 10) : 0;

	if (bracket == NULL)
		return input->text;
	for (unsigned i = 0; i < session->given_count; i++) {
		if (input->flag != NULL && strcmp(session->given[i].flag->name, input->flag) == 0 &&
		    number-- == 0)
			return session->given[i].value;
	}
	return NULL;
}

/* Repeats what was given behind "--rate must be an integer", where it is short and no secret. */
static void tell_must(
    struct session *session, const struct records_input *input, const char *rest, const char *path)
{
	const char *value = find_value(session, input, path);
	size_t length = strlen(rest);
	bool shown = value != NULL && !input->secret && str_trim(str_from(value)).length > 0 &&
		     strlen(value) <= SHOWN_MOST && length > 0 && rest[length - 1] == '.' &&
		     strncmp(rest, " must be ", strlen(" must be ")) == 0;

	if (shown)
		session_fail(session, "%s%s%.*s, not \"%s\".", records_article(input), input->label,
		    (int)length - 1, rest, value);
	else
		session_fail(session, "%s%s%s", records_article(input), input->label, rest);
}

static void tell_fault(struct session *session, const struct fault *fault,
    const struct records_input *inputs, unsigned count)
{
	const struct records_input *input = find_input(inputs, count, fault->path);
	const char *rest = input != NULL ? skip_subject(fault->message, fault->path) : NULL;

	if (rest != NULL)
		tell_must(session, input, rest, fault->path);
	else if (input != NULL && input->label[0] == '-')
		session_fail(session, "%s: %s", input->label, fault->message);
	else
		session_fail(session, "%s", fault->message);
}

enum command_status records_error(
    struct session *session, const struct records_input *inputs, unsigned count)
{
	if (session->error.faults == NULL)
		return session_error(session);
	for (const struct fault *f = session->error.faults; f != NULL; f = f->next)
		tell_fault(session, f, inputs, count);
	return COMMAND_FAILED;
}
