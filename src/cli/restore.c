/*
 * Bringing a back-up back, and proving that it is the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/backup.h"
#include "cli/backup_folder.h"
#include "cli/database_tool.h"
#include "cli/migrate.h"
#include "cli/pool_view.h"
#include "cli/secret.h"
#include "db/migrate.h"
#include "schema/resource.h"

/* Said before the dump: the database belongs to us, and may hold tables that the dump does not
 * know. */
#define EMPTY_THE_DATABASE                                                                       \
	"SET FOREIGN_KEY_CHECKS = 0; SET SESSION group_concat_max_len = 1048576; "               \
	"SELECT IFNULL(CONCAT('DROP TABLE ', GROUP_CONCAT('`', TABLE_NAME, '`')), 'DO 0') INTO " \
	"@clientele FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND "         \
	"TABLE_TYPE = 'BASE TABLE'; EXECUTE IMMEDIATE @clientele; SET FOREIGN_KEY_CHECKS = 1;\n"

struct restore {
	struct session *session;
	const char *path;
	int folder;
	struct backup_manifest manifest;
};

/* Starts to unpack the dump. Returns 0, or -1 with the error filled. */
static int start_unpacking(const struct restore *restore, struct child *unpack)
{
	static const char *const unpacker[] = { "zstd", "--quiet", "--decompress", "--stdout",
		NULL };
	struct error *error = &restore->session->error;
	int fd = openat(restore->folder, BACKUP_DUMP, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), result;

	if (fd < 0)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "open %s: %s", BACKUP_DUMP, strerror(errno));
	result = child_start(unpack, unpacker, CHILD_READ, fd, -1, error);
	(void)close(fd);
	return result;
}

static int compare_digest(
    const struct restore *restore, const struct backup_stream *stream, const char *what)
{
	if (strcmp(stream->digest, restore->manifest.dump_digest) == 0)
		return 0;
	return error_set_detail(&restore->session->error, ERROR_UNAVAILABLE,
	    "%s has the digest %s, but the back-up was made of %s", what, stream->digest,
	    restore->manifest.dump_digest);
}

/* Unpacks the dump once for nothing: a restoration that begins shall not stop half-way. */
static int verify_dump(const struct restore *restore)
{
	struct backup_stream stream;
	struct child unpack;

	if (start_unpacking(restore, &unpack) != 0)
		return -1;
	if (backup_copy(restore->session, unpack.fd, -1, &stream) != 0) {
		child_abandon(&unpack);
		return -1;
	}
	if (child_finish(&unpack, &restore->session->error) != 0)
		return -1;
	return compare_digest(restore, &stream, "the unpacked dump");
}

static int verify(struct restore *restore)
{
	struct error *error = &restore->session->error;

	restore->folder = open(restore->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (restore->folder < 0)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "open %s: %s", restore->path, strerror(errno));
	if (backup_verify(restore->session, restore->folder, &restore->manifest) != 0)
		return -1;
	if (restore->manifest.schema > SCHEMA_VERSION)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "it was made by version %s with schema %lld, this program knows %d; install a "
		    "newer one first",
		    restore->manifest.version, (long long)restore->manifest.schema, SCHEMA_VERSION);
	return verify_dump(restore);
}

static int feed(const struct restore *restore, struct child *unpack, struct child *client)
{
	struct session *session = restore->session;
	size_t length = sizeof(EMPTY_THE_DATABASE) - 1;
	struct backup_stream stream;

	if (write(client->fd, EMPTY_THE_DATABASE, length) != (ssize_t)length)
		return error_set_detail(
		    &session->error, ERROR_UNAVAILABLE, "write to mariadb: %s", strerror(errno));
	return backup_copy(session, unpack->fd, client->fd, &stream);
}

static int load(const struct restore *restore)
{
	struct session *session = restore->session;
	struct child unpack, client;
	int result;

	if (start_unpacking(restore, &unpack) != 0)
		return -1;
	if (database_tool_client(session, &client) != 0) {
		child_abandon(&unpack);
		return -1;
	}
	result = feed(restore, &unpack, &client);
	/* The client knows better than its broken pipe why it stopped. */
	if (child_finish(&client, &session->error) != 0)
		result = -1;
	if (result != 0)
		child_abandon(&unpack);
	return result == 0 ? child_finish(&unpack, &session->error) : -1;
}

/*
 * Dumps what is there now, and compares: the same rows give the same bytes. Another version of the
 * server may write them in another way, and then the digest proves nothing.
 */
static int prove(const struct restore *restore)
{
	struct session *session = restore->session;
	struct database_view database;
	struct backup_stream stream;
	struct child dump;

	database_view_take(session, &database);
	if (!database.usable)
		return -1;
	if (!str_equal(database.version, str_from(restore->manifest.server))) {
		session_note(session,
		    "The server's version is not that of the back-up (%s), so the rows were not "
		    "compared.",
		    restore->manifest.server);
		return 0;
	}
	if (database_tool_dump(session, &dump) != 0)
		return -1;
	if (backup_copy(session, dump.fd, -1, &stream) != 0) {
		child_abandon(&dump);
		return -1;
	}
	if (child_finish(&dump, &session->error) != 0)
		return -1;
	return compare_digest(restore, &stream, "the restored database");
}

/* Whom a restoration would pull the tables away from, and what it would overwrite. */
static enum command_status check_target(struct restore *restore, bool *empty)
{
	struct session *session = restore->session;
	int64_t supervisor = 0;
	int schema;

	if (shared_look(session->settings->runtime_directory, &supervisor, &session->error) !=
		NULL ||
	    supervisor != 0)
		return session_fail(session,
		    "The pool runs (process %lld); stop it first: systemctl stop clientele. Pools "
		    "on other machines must be stopped, too.",
		    (long long)supervisor);
	error_clear(&session->error);
	schema = database_schema_version(session->database, &session->error);
	if (schema < 0)
		return session_error(session);
	*empty = schema == 0;
	if (!*empty && session_flag(session, "replace") == NULL)
		return session_fail(session,
		    "The database \"%s\" is not empty; --replace removes what is in it.",
		    session->settings->database_name);
	return COMMAND_OK;
}

/* What is replaced is kept beside the back-up that replaces it. */
static enum command_status keep_present(struct restore *restore)
{
	struct session *session = restore->session;
	const char *parent = arena_printf(session->arena, "%s/..", restore->path);
	char *directory = realpath(parent, NULL);
	const char *made;
	int result = -1;

	if (directory != NULL)
		result = backup_make(session, directory, BACKUP_PASSWORDS, 0, &made);
	else
		error_set_detail(
		    &session->error, ERROR_UNAVAILABLE, "%s: %s", parent, strerror(errno));
	free(directory);
	if (result != 0)
		return session_fail(session,
		    "What is in the database now could not be backed up first: %s. Nothing was "
		    "changed; --discard does without.",
		    session->error.detail);
	session_note(session, "What was in the database until now: %s", made);
	return COMMAND_OK;
}

static enum command_status bring_back(struct restore *restore)
{
	struct session *session = restore->session;
	const char *directory = session_flag(session, "dir");

	if (load(restore) != 0)
		return session_fail(session,
		    "The restoration stopped half-way: %s. Mend that and run it again.",
		    session->error.detail);
	if (prove(restore) != 0)
		return session_fail(
		    session, "The restored rows could not be proved: %s.", session->error.detail);
	if (restore->manifest.schema < SCHEMA_VERSION &&
	    migrate_schema(session, directory != NULL ? directory : MIGRATE_DIRECTORY) !=
		COMMAND_OK)
		return COMMAND_FAILED;
	if (secret_look_after_restore(session) != COMMAND_OK)
		return COMMAND_FAILED;
	session_note(session, "The database is as it was on %s.", restore->manifest.created);
	if (restore->manifest.file_count > 1)
		session_note(session,
		    "The configuration was left as it is; that of the back-up is in %s.",
		    restore->path);
	return COMMAND_OK;
}

static enum command_status run_restore(struct restore *restore)
{
	struct session *session = restore->session;
	enum command_status status;
	bool empty = false;

	if (verify(restore) != 0)
		return session_fail(
		    session, "%s cannot be restored: %s.", restore->path, session->error.detail);
	if (session_flag(session, "dry-run") != NULL) {
		session_note(session, "%s is whole: \"%s\" as it was on %s, schema %lld.",
		    restore->path, restore->manifest.database, restore->manifest.created,
		    (long long)restore->manifest.schema);
		return COMMAND_OK;
	}
	status = check_target(restore, &empty);
	if (status == COMMAND_OK && !empty && session_flag(session, "discard") == NULL)
		status = keep_present(restore);
	return status == COMMAND_OK ? bring_back(restore) : status;
}

static enum command_status restore_command(struct session *session)
{
	struct restore restore = { .session = session, .path = session->operands[0], .folder = -1 };
	enum command_status status = run_restore(&restore);

	if (restore.folder >= 0)
		(void)close(restore.folder);
	return status;
}

static const struct command_flag flags[] = {
	{ "replace", NULL,
	    "Restore into a database that holds something; that is backed up first." },
	{ "discard", NULL, "Do not back up what is replaced." },
	{ "dry-run", NULL, "Only check that the back-up is whole." },
	{ "dir", "DIR", "Where the files of the schema are; default " MIGRATE_DIRECTORY "." },
	{ 0 },
};

const struct command restore_commands[] = {
	{ .words = "restore",
	    .arguments = "BACKUP",
	    .least = 1,
	    .most = 1,
	    .flags = flags,
	    .doc = "Bring the database back from a back-up, and compare it with that.",
	    .run = restore_command },
	{ 0 },
};
