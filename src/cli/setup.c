#include "db/provision.h"

#include <pwd.h>
#include <unistd.h>

#include "cli/migrate.h"
#include "cli/question.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "server/pool.h"

#define OTHER_CONNECTIONS 4 /* beside those of workers: mailer, commands, back-up */

/* Whom the server knows by the socket: the user that the pool runs as. */
static const char *pool_user(const struct settings *settings)
{
	const struct passwd *caller;

	if (settings->user[0] != '\0')
		return settings->user;
	caller = getpwuid(geteuid());
	return caller != NULL ? caller->pw_name : "";
}

static bool is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* What to make, from the options and flags. False after saying what is missing. */
static bool take_provision(struct session *session, struct provision *provision)
{
	const struct settings *settings = session->settings;
	bool by_socket = settings->database_hosts[0] == '\0';
	const char *from = session_flag(session, "from");
	int64_t least = 2 * (int64_t)pool_size(settings) + OTHER_CONNECTIONS;
	const char *fault;

	*provision = (struct provision){
		.database = settings->database_name,
		.user = settings->database_user,
		.from = from != NULL ? from
			: by_socket  ? "localhost"
				     : "%",
		.password =
		    is_given(settings->database_password) ? settings->database_password : NULL,
	};
	if (!session_take_number(session, "max-connections", 0, -1, &provision->connections))
		return false;
	if (provision->connections > 0 && provision->connections < least) {
		session_fail(session,
		    "--max-connections must be %lld at least: a reload has %u workers twice, and "
		    "commands and mail need some, too. Lower the option workers, or give more.",
		    (long long)least, pool_size(settings));
		return false;
	}
	fault = provision_check(provision);
	if (fault != NULL) {
		session_fail(session, "Nothing was made: %s.", fault);
		return false;
	}
	if (provision->password == NULL &&
	    (!by_socket || strcmp(provision->user, pool_user(settings)) != 0)) {
		session_fail(session,
		    by_socket ? "The database user \"%s\" needs a password, since the pool runs as "
				"another "
				"user; put one into a file and name that by database_password_file."
			      : "The database user \"%s\" needs a password at a server reached by "
				"database_hosts; put one into a file and name that by "
				"database_password_file.",
		    provision->user);
		return false;
	}
	return true;
}

static enum command_status print_statements(
    struct session *session, const struct provision *provision)
{
	const char *statements[PROVISION_STATEMENTS];

	provision_statements(provision, true, session->arena, statements);
	for (unsigned i = 0; statements[i] != NULL; i++)
		fprintf(session->out, "%s;\n", statements[i]);
	return COMMAND_OK;
}

static enum command_status provision_as(struct session *session, const struct provision *provision,
    const char *administrator, const char *password)
{
	struct settings settings = *session->settings;

	settings.database_user = administrator;
	settings.database_password = password;
	if (provision_run(&settings, provision, &session->error) != 0)
		return session_fail(session,
		    "The database could not be made as its user \"%s\" (%s); name an administrator "
		    "of the server by --admin-user, or make it by hand from the statements of "
		    "--dry-run and run 'clientele migrate'.",
		    administrator,
		    session->error.detail != NULL ? session->error.detail : "no more is known");
	session_note(session, "The database \"%s\" and its user \"%s\"@\"%s\" (%s) are there.",
	    provision->database, provision->user, provision->from,
	    provision->password != NULL ? "with a password" : "known by the socket");
	return COMMAND_OK;
}

static enum command_status set_up(struct session *session)
{
	const char *given = session_flag(session, "admin-user");
	const char *directory = session_flag(session, "dir");
	char password[QUESTION_ANSWER_MAX] = "";
	struct provision provision;
	enum command_status status;

	if (!take_provision(session, &provision))
		return COMMAND_FAILED;
	if (session_flag(session, "dry-run") != NULL)
		return print_statements(session, &provision);
	if (secret_make_file(session) != COMMAND_OK)
		return COMMAND_FAILED;
	/* Root at the server's own machine needs no password; anybody else is asked for one. */
	if ((given != NULL || session_flag(session, "admin-password-stdin") != NULL) &&
	    question_secret(session, "admin-password-stdin",
		"Password of the administrator (empty for none)", false, password) < 0)
		return COMMAND_FAILED;
	status = provision_as(session, &provision, given != NULL ? given : "root", password);
	explicit_bzero(password, sizeof(password));
	if (status != COMMAND_OK)
		return status;
	if (!session_become_pool(session))
		return COMMAND_FAILED;
	return migrate_schema(session, directory != NULL ? directory : MIGRATE_DIRECTORY);
}

static const struct command_flag flags[] = {
	{ .name = "admin-user",
	    .value = "NAME",
	    .doc = "Administrator of the database server; default root." },
	{ .name = "admin-password-stdin",
	    .doc = "Read that one's password from the standard input." },
	{ .name = "from",
	    .value = "HOST",
	    .doc = "Host that the pool comes from; default localhost by the socket, else any." },
	{ .name = "dir", .value = "DIR", .doc = "Where the files of the schema are." },
	{ .name = "max-connections",
	    .value = "NUMBER",
	    .doc = "Most connections of the user at a time, 0 for no limit; default: as it is." },
	{ .name = "dry-run", .doc = "Print the statements, do nothing." },
	{ 0 },
};

const struct command setup_commands[] = {
	{ .words = "setup-db",
	    .arguments = "",
	    .flags = flags,
	    .doc = "Make the database, its user and the key file, and bring the schema up to date.",
	    .as_caller = true,
	    .run = set_up },
	{ 0 },
};
