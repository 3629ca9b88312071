#include "cli/session.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/epoch.h"
#include "auth/revocation.h"
#include "auth/role.h"
#include "base/host_name.h"
#include "record/key_ring.h"
#include "record/subscription.h"
#include "server/identity.h"

const char *session_flag(const struct session *session, const char *name)
{
	for (unsigned i = session->given_count; i-- > 0;) {
		if (strcmp(session->given[i].flag->name, name) == 0)
			return session->given[i].value;
	}
	return NULL;
}

static void say(struct session *session, const char *prefix, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* Names that a message tells may hold anything. */
static void say(struct session *session, const char *prefix, const char *format, va_list arguments)
{
	struct buf text = { 0 }, shown = { 0 };
	struct str rest, line;

	buf_append_text(&text, prefix);
	buf_vprintf(&text, format, arguments);
	rest = buf_str(&text);
	while (str_next(&rest, '\n', &line)) {
		buf_append_visible(&shown, line);
		buf_append_char(&shown, '\n');
	}
	if (text.failed || shown.failed)
		fputs("clientele: Out of memory.\n", session->err);
	else
		fwrite(shown.data, 1, shown.length, session->err);
	buf_free(&text);
	buf_free(&shown);
}

void session_note(struct session *session, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(session, "", format, arguments);
	va_end(arguments);
}

enum command_status session_fail(struct session *session, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(session, "clientele: ", format, arguments);
	va_end(arguments);
	return COMMAND_FAILED;
}

enum command_status session_usage(struct session *session, const char *format, ...)
{
	const struct command *command = session->command;
	va_list arguments;

	va_start(arguments, format);
	say(session, "clientele: ", format, arguments);
	va_end(arguments);
	if (command != NULL)
		fprintf(session->err, "Usage: clientele %s%s%s; see 'clientele help %s'.\n",
		    command->words, command->arguments[0] != '\0' ? " " : "", command->arguments,
		    command->words);
	else
		fputs("See 'clientele help'.\n", session->err);
	return COMMAND_USAGE;
}

enum command_status session_error(struct session *session)
{
	const struct error *error = &session->error;
	const char *detail = error->detail != NULL ? error->detail : "no further details";

	if (error->message != NULL)
		return session_fail(session, "%s", error->message);
	if (error->code == ERROR_UNAVAILABLE)
		return session_fail(session,
		    "The database cannot be used (%s); check that it is running, and check the "
		    "database options with 'clientele config show'.",
		    detail);
	return session_fail(session, "%s (%s)", error_code_message(error->code), detail);
}

void session_find_caller(struct session *session)
{
	const struct passwd *user = getpwuid(getuid());
	const char *behind = getenv("SUDO_USER");
	const char *name = user != NULL
			       ? user->pw_name
			       : arena_printf(session->arena, "user %lu", (unsigned long)getuid());

	session->caller = behind != NULL && behind[0] != '\0'
			      ? arena_printf(session->arena, "%s (%s)", name, behind)
			      : arena_printf(session->arena, "%s", name);
}

/* Tells the pool of this machine; other machines look at the database. */
static void announce(struct session *session, const struct revocations *revocations)
{
	struct epoch *epoch = epoch_open(session->settings->runtime_directory);

	if (epoch != NULL)
		revocation_announce(revocations, epoch);
	else if (errno != ENOENT) /* without the directory no pool runs here */
		session_note(session,
		    "The pool of this machine cannot be notified immediately (%s: %s); the change "
		    "takes effect there within seconds.",
		    session->settings->runtime_directory, strerror(errno));
	epoch_close(epoch);
}

/* Names of files and of users may hold any bytes; the log holds texts. */
static const char *make_text(struct arena *arena, const char *name)
{
	struct str text = str_from(name);
	char *copy;

	if (str_utf8_valid(text) == text.length && str_xml_valid(text) == text.length)
		return name;
	copy = arena_copy(arena, text.data, text.length);
	for (char *at = copy; at != NULL && *at != '\0'; at++) {
		if (*at < ' ' || *at > '~')
			*at = '?';
	}
	return copy;
}

void session_act_as(struct session *session, const char *what)
{
	const char *name = arena_printf(session->arena, "%s as %s", what, session->caller);

	session->context.actor.name =
	    str_from(name != NULL ? make_text(session->arena, name) : NULL);
}

struct context *session_context(struct session *session)
{
	struct context *context = &session->context;

	if (context->guard != NULL)
		return context;
	*context = (struct context){
		.arena = session->arena,
		.settings = session->settings,
		.database = session->database,
		.guard = guard_join(session->settings->runtime_directory),
		.subscriptions = subscriptions_new(NULL),
		.key_ring = key_ring_new(NULL),
		.actor = { .kind = ACTOR_OPERATOR, .address = host_name_own(session->arena) },
		.sight = sight_of_everything(),
	};
	session_act_as(session, "command line");
	if (context->guard != NULL && context->subscriptions != NULL && context->key_ring != NULL)
		return context;
	(void)error_out_of_memory(&session->error);
	return NULL;
}

void session_announce(struct session *session)
{
	const struct revocations *revocations = &session->context.revocations;

	if (revocations->count > 0 || revocations->all)
		announce(session, revocations);
}

bool session_become_pool(struct session *session)
{
	struct identity identity;

	if (geteuid() != 0 || (identity_find(session->settings, &identity, &session->error) == 0 &&
				  identity_take(&identity, &session->error) == 0))
		return true;
	session_fail(session, "The command cannot run as the user \"%s\" (%s).",
	    session->settings->user, session->error.detail);
	return false;
}

bool session_take_number(
    struct session *session, const char *flag, int64_t least, int64_t fallback, int64_t *number)
{
	const char *text = session_flag(session, flag);

	*number = fallback;
	if (text == NULL ||
	    (str_to_int64(str_from(text), number) && *number >= least && *number <= INT32_MAX))
		return true;
	session_fail(session, "--%s must be a whole number of at least %lld, not \"%s\".", flag,
	    (long long)least, text);
	return false;
}

bool session_take_moment(struct session *session, const char *flag, struct value *moment)
{
	const char *text = session_flag(session, flag);

	*moment = (struct value){ .null = text == NULL };
	if (text == NULL || timestamp_parse(str_from(text), &moment->integer))
		return true;
	session_fail(
	    session, "\"%s\" is not a date; write it as 2030-12-31 or 2030-12-31T23:59:59Z.", text);
	return false;
}

int session_find_role(struct session *session, const char *text)
{
	unsigned count;
	const struct role *roles = role_table(&count);
	struct buf names = { 0 };
	int number = role_find(str_from(text));

	for (unsigned i = 0; number < 0 && i < count; i++) {
		if (str_equal_ignore_case(str_from(text), str_from(roles[i].id)))
			number = (int)i;
		buf_printf(&names, "%s%s", i > 0 ? ", " : "", roles[i].name);
	}
	if (number < 0)
		session_fail(session, "There is no role \"%s\"; the roles are %s.", text,
		    names.data != NULL ? names.data : "");
	buf_free(&names);
	return number;
}
