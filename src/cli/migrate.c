#include "db/migrate.h"

#include <errno.h>
#include <unistd.h>

#include "cli/migrate.h"
#include "cli/records.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "record/adopt.h"

static void print_line(void *context, const char *text)
{
	struct session *session = context;

	fprintf(session->out, "%s\n", text);
	fflush(session->out); /* the next file may take long */
}

static enum command_status check_version(struct session *session)
{
	int version;

	if (database_check_schema(session->database, &version, &session->error) == 0)
		return COMMAND_OK;
	if (version < 0 || version > SCHEMA_VERSION)
		return session_error(session);
	return session_fail(session,
	    "The schema now has version %d, but this program needs %d; name the directory of this "
	    "release's migrations with --dir.",
	    version, SCHEMA_VERSION);
}

enum command_status migrate_adopt(struct session *session)
{
	int64_t rows;

	if (adopt_all(session->database, &rows, &session->error) != 0)
		return session_error(session);
	if (rows > 0)
		session_note(session,
		    "%lld rows written by programs of an older schema were converted.",
		    (long long)rows);
	return COMMAND_OK;
}

/* Statements that change the schema end their transaction, so that the entry has its own. */
static enum command_status audit_schema(struct session *session, const char *member, int number)
{
	struct arena *arena = session->arena;

	return records_audit(session,
		   &(const struct audit_event){ .action = AUDIT_UPDATE,
		       .what = "schema",
		       .key = str_from(arena_printf(arena, "%d", SCHEMA_VERSION)),
		       .detail = str_from(arena_printf(arena, "{\"%s\":%d}", member, number)) }) ==
		       0
		   ? COMMAND_OK
		   : session_error(session);
}

enum command_status migrate_schema(
    struct session *session, const char *directory, int64_t lease_seconds)
{
	const struct migrate_report report = { .line = print_line, .context = session };
	int former;

	if (secret_make_first(session) != COMMAND_OK)
		return COMMAND_FAILED;
	if (access(directory, R_OK | X_OK) != 0)
		return session_fail(session,
		    "The directory %s cannot be read (%s); name the directory of the migrations "
		    "with --dir.",
		    directory, strerror(errno));
	if (session->settings->migrate_user[0] != '\0' &&
	    session->settings->migrate_password_file[0] != '\0' &&
	    session->settings->migrate_password[0] == '\0')
		return session_fail(session,
		    "The password of \"%s\", the user that may change the schema, cannot be read "
		    "from %s; run the command as the owner of that file, or create both with "
		    "'clientele setup-db'.",
		    session->settings->migrate_user, session->settings->migrate_password_file);
	former = database_schema_version(session->database, &session->error);
	error_clear(&session->error);
	if (migrate_run(session->settings, directory, lease_seconds, &report, &session->error) <
	    0) {
		if (session->error.code == ERROR_UNAVAILABLE)
			return session_error(session);
		return session_fail(session,
		    "The migration stopped: %s. Correct this and run the command again.",
		    session->error.detail);
	}
	if (check_version(session) != COMMAND_OK ||
	    (former < SCHEMA_VERSION &&
		audit_schema(session, "former", former > 0 ? former : 0) != COMMAND_OK))
		return COMMAND_FAILED;
	return migrate_adopt(session) == COMMAND_OK ? secret_convert(session) : COMMAND_FAILED;
}

/* What is done for the sake of older programs need not be done any more. */
static enum command_status shut_out_older(struct session *session)
{
	const struct bind version = BIND_INT(SCHEMA_VERSION);
	struct outcome outcome;

	if (database_execute(session->database,
		"UPDATE schema_version SET compatible_from = version WHERE version = ?", &version,
		1, &outcome, &session->error) != 0)
		return session_error(session);
	session_note(session, "Programs for schemas before version %d are shut out from now on.",
	    SCHEMA_VERSION);
	return audit_schema(session, "compatibleFrom", SCHEMA_VERSION);
}

static enum command_status migrate(struct session *session)
{
	const char *given = session_flag(session, "dir");
	enum command_status status;
	int64_t lease;

	if (!session_take_number(session, "lease", 1, MIGRATE_LEASE_SECONDS, &lease))
		return COMMAND_FAILED;
	status = migrate_schema(session, given != NULL ? given : MIGRATE_DIRECTORY, lease);
	return status == COMMAND_OK && session_flag(session, "newest-only") != NULL
		   ? shut_out_older(session)
		   : status;
}

static const struct command_flag flags[] = {
	{ .name = "dir",
	    .value = "DIR",
	    .doc = "Directory of the migrations; default " MIGRATE_DIRECTORY "." },
	{ .name = "lease",
	    .value = "SECONDS",
	    .doc = "How long a run that dies delays other servers of a cluster; default: 600." },
	{ .name = "newest-only",
	    .doc = "Then shut out programs of older schemas, once no machine runs one." },
	{ 0 },
};

const struct command migrate_commands[] = {
	{ .words = "migrate",
	    .arguments = "",
	    .flags = flags,
	    .doc = "Upgrade the schema of the database to the version of this program.",
	    .run = migrate },
	{ 0 },
};
