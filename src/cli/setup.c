#include "db/provision.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"
#include "base/uuid.h"
#include "cli/migrate.h"
#include "cli/question.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "server/worker.h"

#define OTHER_CONNECTIONS 4 /* beside those of workers: mailer, commands, backup */
#define MADE_PASSWORD_LENGTH 32

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

static const char *password_or_null(const char *password)
{
	return is_given(password) ? password : NULL;
}

static bool check_connections(struct session *session, const struct provision *provision)
{
	int64_t least = 2 * (int64_t)worker_count(session->settings) +
			session->settings->webhook_deliverers + OTHER_CONNECTIONS;

	if (provision->connections <= 0 || provision->connections >= least)
		return true;
	session_fail(session,
	    "--max-connections must be at least %lld: during a reload there are twice the %u "
	    "workers, and commands and mail need some as well. Lower the option workers, or give a "
	    "larger number.",
	    (long long)least, worker_count(session->settings));
	return false;
}

/* The server knows only the pool's own user by the socket; everybody else needs a password. */
static bool check_passwords(struct session *session, const struct provision *provision)
{
	const struct settings *settings = session->settings;
	bool by_socket = settings->database_hosts[0] == '\0';

	if (provision->serving.password == NULL &&
	    (!by_socket || strcmp(provision->serving.name, pool_user(settings)) != 0)) {
		session_fail(session,
		    by_socket
			? "The database user \"%s\" needs a password, since the pool runs as "
			  "another user; write one to a file and set database_password_file to it."
			: "The database user \"%s\" needs a password for the server in "
			  "database_hosts; write one to a file and set database_password_file to "
			  "it.",
		    provision->serving.name);
		return false;
	}
	if (provision->migrating.name != NULL && provision->migrating.password == NULL &&
	    !is_given(settings->migrate_password_file)) {
		session_fail(session,
		    "The database user \"%s\" needs a password; set migrate_password_file to a "
		    "file for it, which is created if it does not exist.",
		    provision->migrating.name);
		return false;
	}
	return true;
}

/* What to make, from the options and flags. False after saying what is missing. */
static bool take_provision(struct session *session, struct provision *provision)
{
	const struct settings *settings = session->settings;
	const char *from = session_flag(session, "from");
	const char *fault;

	*provision = (struct provision){
		.database = settings->database_name,
		.from = from != NULL                          ? from
			: settings->database_hosts[0] == '\0' ? "localhost"
							      : "%",
		.serving = { settings->database_user,
		    password_or_null(settings->database_password) },
		.migrating = { password_or_null(settings->migrate_user),
		    password_or_null(settings->migrate_password) },
	};
	if (!session_take_number(session, "max-connections", 0, -1, &provision->connections) ||
	    !check_connections(session, provision))
		return false;
	fault = provision_check(provision);
	if (fault != NULL) {
		session_fail(session, "Nothing was created: %s.", fault);
		return false;
	}
	return check_passwords(session, provision);
}

/* Writes all of a text, at the end of the file. */
static bool write_file(const char *path, int flags, const char *text)
{
	int fd = own_file_open(path, O_WRONLY | O_APPEND | flags, 0600);
	size_t length = strlen(text);
	bool written;

	if (fd < 0)
		return false;
	written = write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
	return close(fd) == 0 && written;
}

/* The password of a former run that came to nothing after it had made the file; false where there
 * is none. It goes on being the password, since a run that fails now must not have taken it away.
 */
static bool take_former_password(struct session *session, const char *path, const char **password)
{
	char line[QUESTION_ANSWER_MAX];
	int fd = own_file_open(path, O_RDONLY, 0);
	ssize_t length = fd >= 0 ? read(fd, line, sizeof(line) - 1) : -1;

	/* It becomes what a new one would be: its owner's alone. */
	if (fd >= 0 && fchmod(fd, 0600) != 0)
		length = -1;
	if (fd >= 0)
		(void)close(fd);
	if (length <= 0)
		return false;
	line[length] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	*password = line[0] != '\0' ? arena_printf(session->arena, "%s", line) : NULL;
	explicit_bzero(line, sizeof(line));
	return *password != NULL;
}

/* A password for the migrating user, in a file that is the caller's alone. */
static bool make_password(struct session *session, struct provision *provision, bool named_here)
{
	const char *path = session->settings->migrate_password_file;
	char password[MADE_PASSWORD_LENGTH + 2];

	if (provision->migrating.name == NULL || provision->migrating.password != NULL)
		return true;
	if (named_here && take_former_password(session, path, &provision->migrating.password))
		return true;
	random_text(password, MADE_PASSWORD_LENGTH, RANDOM_HEX_LOWER);
	provision->migrating.password = arena_printf(session->arena, "%s", password);
	memcpy(password + MADE_PASSWORD_LENGTH, "\n", 2);
	if (provision->migrating.password == NULL ||
	    !write_file(path, O_CREAT | O_EXCL, password)) {
		session_fail(session,
		    errno == EEXIST ? "The file %s exists, but cannot be read (%s); run the "
				      "command as its owner."
				    : "The file %s cannot be created (%s).",
		    path,
		    errno == EEXIST ? "not readable by this user, or empty" : strerror(errno));
		return false;
	}
	explicit_bzero(password, sizeof(password));
	return true;
}

/*
 * Names for the second user where the configuration has none: beside the file that it is in, where
 * note_second_user() adds them. False after saying why that cannot be.
 */
static bool name_second_user(struct session *session)
{
	struct settings *settings = &session->config.settings;
	struct str file = str_from(session->config.file);

	if (is_given(settings->migrate_user))
		return true;
	if (file.length == 0) {
		session_fail(session, "There is no configuration file to add the second user to; "
				      "set migrate_user and migrate_password_file yourself.");
		return false;
	}
	/* Before anything is made: the privileges must not be taken from a user who migrates. */
	if (access(session->config.file, W_OK) != 0) {
		session_fail(
		    session, "%s cannot be written (%s).", session->config.file, strerror(errno));
		return false;
	}
	if (str_ends_with(file, STR(".conf")))
		file.length -= sizeof(".conf") - 1;
	settings->migrate_user =
	    arena_printf(session->arena, "%.72s_migrate", settings->database_user);
	if (!is_given(settings->migrate_password_file))
		settings->migrate_password_file = arena_printf(
		    session->arena, STR_FORMAT "-migrate.password", STR_ARGUMENTS(file));
	return settings->migrate_user != NULL && settings->migrate_password_file != NULL;
}

static enum command_status note_second_user(struct session *session)
{
	const struct settings *settings = session->settings;
	const char *text = arena_printf(session->arena,
	    "\n# Added by clientele setup-db --split-users.\nmigrate_user = \"%s\"\n"
	    "migrate_password_file = \"%s\"\n",
	    settings->migrate_user, settings->migrate_password_file);

	if (text == NULL || !write_file(session->config.file, 0, text))
		return session_fail(session,
		    "%s cannot be written (%s); add these lines to it, and run the command "
		    "again:%s",
		    session->config.file, strerror(errno), text != NULL ? text : "");
	session_note(session, "%s now names the user \"%s\", whose password is in %s.",
	    session->config.file, settings->migrate_user, settings->migrate_password_file);
	return COMMAND_OK;
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
		    "The database could not be created as its user \"%s\" (%s); name an "
		    "administrator of the server with --admin-user, or run the statements that "
		    "--dry-run prints by hand and then 'clientele migrate'.",
		    administrator,
		    session->error.detail != NULL ? session->error.detail : "no further details");
	session_note(session, "The database \"%s\" and its user \"%s\"@\"%s\" (%s) are ready.",
	    provision->database, provision->serving.name, provision->from,
	    provision->serving.password != NULL ? "with a password"
						: "identified by the Unix socket");
	if (provision->migrating.name != NULL)
		session_note(session, "Only \"%s\"@\"%s\" may change its schema.",
		    provision->migrating.name, provision->from);
	return COMMAND_OK;
}

/* As an administrator of the server: makes what the provision says. */
static enum command_status provision_all(
    struct session *session, struct provision *provision, bool named_here)
{
	const char *given = session_flag(session, "admin-user");
	char password[QUESTION_ANSWER_MAX] = "";
	enum command_status status;

	/* Root at the server's own machine needs no password; anybody else is asked for one. */
	if ((given != NULL || session_flag(session, "admin-password-stdin") != NULL) &&
	    question_secret(session, "admin-password-stdin",
		"Password of the administrator (empty for none)", false, password) < 0)
		return COMMAND_FAILED;
	if (!make_password(session, provision, named_here))
		return COMMAND_FAILED;
	status = provision_as(session, provision, given != NULL ? given : "root", password);
	explicit_bzero(password, sizeof(password));
	return status;
}

static enum command_status set_up(struct session *session)
{
	bool note = session_flag(session, "split-users") != NULL &&
		    !is_given(session->settings->migrate_user);
	const char *directory = session_flag(session, "dir");
	struct provision provision;
	enum command_status status;

	if ((note && !name_second_user(session)) || !take_provision(session, &provision))
		return COMMAND_FAILED;
	if (session_flag(session, "dry-run") != NULL && provision.migrating.password == NULL)
		provision.migrating.password = ""; /* it would be made, and is not shown */
	if (session_flag(session, "dry-run") != NULL)
		return print_statements(session, &provision);
	if (secret_make_file(session) != COMMAND_OK)
		return COMMAND_FAILED;
	status = provision_all(session, &provision, note);
	if (status == COMMAND_OK && note)
		status = note_second_user(session);
	if (status != COMMAND_OK)
		return status;
	session->config.settings.migrate_password =
	    provision.migrating.password != NULL ? provision.migrating.password : "";
	if (!session_become_pool(session))
		return COMMAND_FAILED;
	return migrate_schema(
	    session, directory != NULL ? directory : MIGRATE_DIRECTORY, MIGRATE_LEASE_SECONDS);
}

static const struct command_flag flags[] = {
	{ .name = "admin-user",
	    .value = "NAME",
	    .doc = "Administrator of the database server; default root." },
	{ .name = "admin-password-stdin",
	    .doc = "Read the administrator's password from standard input." },
	{ .name = "from",
	    .value = "HOST",
	    .doc = "Host that the pool comes from; default localhost by the socket, else any." },
	{ .name = "dir", .value = "DIR", .doc = "Directory of the migrations." },
	{ .name = "max-connections",
	    .value = "NUMBER",
	    .doc =
		"Maximum number of connections of the user, 0 for no limit; default: unchanged." },
	{ .name = "split-users",
	    .doc = "Use a second user, migrate_user, to change the schema, and add it to the "
		   "configuration." },
	{ .name = "dry-run", .doc = "Print the statements without running them." },
	{ 0 },
};

const struct command setup_commands[] = {
	{ .words = "setup-db",
	    .arguments = "",
	    .flags = flags,
	    .doc = "Create the database, its users and the key file, and upgrade the schema.",
	    .as_caller = true,
	    .run = set_up },
	{ 0 },
};
