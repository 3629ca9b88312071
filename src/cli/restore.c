/*
 * Bringing a backup back, and proving that it is the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/backup.h"
#include "cli/backup_folder.h"
#include "cli/database_tool.h"
#include "cli/doctor_place.h"
#include "cli/migrate.h"
#include "cli/pool_view.h"
#include "cli/records.h"
#include "cli/secret.h"
#include "db/migrate.h"
#include "schema/resource.h"

/* Said before the dump: the database belongs to us, and may hold tables, views and sequences that
 * the dump does not know. */
#define EMPTY_THE_DATABASE                                                                   \
	"SET FOREIGN_KEY_CHECKS = 0; SET SESSION group_concat_max_len = 1048576; " DROP_ALL( \
	    "VIEW", "'VIEW'") DROP_ALL("TABLE", "'BASE TABLE', 'SYSTEM VERSIONED'")          \
	    DROP_ALL("SEQUENCE", "'SEQUENCE'") "SET FOREIGN_KEY_CHECKS = 1;\n"
#define DROP_ALL(kind, types)                                                        \
	"SELECT IFNULL(CONCAT('DROP " kind                                           \
	" ', GROUP_CONCAT('`', REPLACE(TABLE_NAME, '`', '``'), '`')), 'DO 0') INTO " \
	"@clientele FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() " \
	"AND TABLE_TYPE IN (" types "); EXECUTE IMMEDIATE @clientele; "

struct restore {
	struct session *session;
	const char *path;
	int folder;
	struct backup_manifest manifest;
	struct backup_stream dump; /* as it was read to verify it */
	struct survey survey;      /* of the database, as the migrating user sees it */
};

static int verify(struct restore *restore)
{
	struct error *error = &restore->session->error;

	restore->folder = open(restore->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (restore->folder < 0)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "open %s: %s", restore->path, strerror(errno));
	if (backup_prove(restore->session, restore->folder, &restore->manifest, &restore->dump) !=
	    0)
		return -1;
	if (restore->manifest.schema > SCHEMA_VERSION)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "it was made by version %s with schema %lld, but this program only knows "
		    "schema %d; install a newer version first",
		    restore->manifest.version, (long long)restore->manifest.schema, SCHEMA_VERSION);
	return 0;
}

static int look_at_database(struct restore *restore)
{
	struct session *session = restore->session;

	return survey_take(session->settings, CONNECTION_MIGRATE, session->arena, &restore->survey,
	    &session->error);
}

/* That the backup can be loaded into this database is tried before anything is taken away. */
static int check_load(struct restore *restore)
{
	struct session *session = restore->session;
	const struct dump_content *content = &restore->dump.content;
	struct error *error = &session->error;

	if (content->longest >= restore->survey.packet)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "it contains a statement of %zu bytes, but the server accepts %llu; raise its "
		    "max_allowed_packet",
		    content->longest, (unsigned long long)restore->survey.packet);
	return survey_prove(session->settings, content->views, content->triggers, error);
}

static int feed(const struct restore *restore, struct child *unpack, struct child *client)
{
	struct session *session = restore->session;
	size_t length = sizeof(EMPTY_THE_DATABASE) - 1;
	struct backup_stream stream;

	if (write(client->fd, EMPTY_THE_DATABASE, length) != (ssize_t)length)
		return error_set_detail(
		    &session->error, ERROR_UNAVAILABLE, "write to mariadb: %s", strerror(errno));
	return backup_copy_dump(session, unpack->fd, client->fd, &stream);
}

static int load(const struct restore *restore)
{
	struct session *session = restore->session;
	struct child unpack, client;
	int result;

	if (backup_unpack(session, restore->folder, &unpack) != 0)
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
 * server may write them in another way, and then the digest proves nothing. Whoever has loaded the
 * dump reads it, since the views and triggers are that user's now.
 */
static int prove(const struct restore *restore)
{
	struct session *session = restore->session;
	struct survey survey;
	struct backup_stream stream;
	struct child dump;

	if (survey_take(session->settings, CONNECTION_MIGRATE, session->arena, &survey,
		&session->error) != 0)
		return -1;
	if (strcmp(survey.version, restore->manifest.server) != 0) {
		session_note(session,
		    "The backup is from another server version (%s), so the rows were not "
		    "compared.",
		    restore->manifest.server);
		return 0;
	}
	if (database_tool_dump(session, CONNECTION_MIGRATE, &survey, &dump) != 0)
		return -1;
	if (backup_copy_dump(session, dump.fd, -1, &stream) != 0) {
		child_abandon(&dump);
		return -1;
	}
	if (child_finish(&dump, &session->error) != 0)
		return -1;
	if (strcmp(stream.dump_digest, restore->dump.dump_digest) == 0)
		return 0;
	return error_set_detail(&session->error, ERROR_UNAVAILABLE,
	    "the restored database has the digest %s, but the backup has %s", stream.dump_digest,
	    restore->dump.dump_digest);
}

/* Whom a restoration would pull the tables away from: the pool, also one whose files are gone, and
 * pools on other machines, which are seen by their connections. NULL, or why it must not begin. */
static const char *pool_in_the_way(struct session *session)
{
	struct shared_view view;
	struct survey_others others;
	struct doctor_place place;

	doctor_place_find(session, &place);
	(void)shared_look(session->settings->runtime_directory, &view, &session->error);
	shared_view_drop(&view);
	if (view.runs)
		return arena_printf(session->arena,
		    "The pool is running (%s); stop it first, and the pools on other machines: %s",
		    view.supervisor != 0
			? arena_printf(session->arena, "process %lld", (long long)view.supervisor)
			: session->error.detail,
		    doctor_place_expand(&place, "{stop}", session->arena));
	error_clear(&session->error);
	/* A database that cannot be used is told of by what looks at it next. */
	if (survey_count_others(session->settings, CONNECTION_SERVE, &others, &session->error) != 0)
		error_clear(&session->error);
	return others.count == 0
		   ? NULL
		   : arena_printf(session->arena,
			 "The database \"%s\" is in use: %lld other connection%s of its user, one "
			 "from \"%s\"; first stop the pools on all machines, and other commands.",
			 session->settings->database_name, (long long)others.count,
			 others.count == 1 ? "" : "s", others.host);
}

/* What would be overwritten, or lost with it. NULL, or why it must not be. */
static const char *content_in_the_way(const struct restore *restore)
{
	struct session *session = restore->session;
	const struct survey *survey = &restore->survey;

	if (survey->objects == 0)
		return NULL;
	if (session_flag(session, "replace") == NULL)
		return arena_printf(session->arena,
		    "The database \"%s\" is not empty; --replace deletes its contents.",
		    session->settings->database_name);
	if (survey->unreadable_count == 0 || session_flag(session, "discard") != NULL)
		return NULL;
	return arena_printf(session->arena,
	    "The %s \"%s\" would be lost: the database user lacks the privilege %s to back it up. "
	    "Save and drop it yourself, or give --discard.",
	    survey->unreadable[0].trigger ? "trigger" : "view", survey->unreadable[0].name,
	    survey->unreadable[0].trigger ? "TRIGGER" : "SHOW VIEW");
}

/* What is replaced is kept beside the backup that replaces it. */
static enum command_status keep_present(struct restore *restore, const char **made)
{
	static const struct backup_plan plan = {
		.secrets = BACKUP_PASSWORDS, .use = CONNECTION_MIGRATE, .any_schema = true
	};
	struct session *session = restore->session;
	const char *parent = arena_printf(session->arena, "%s/..", restore->path);
	char *directory = realpath(parent, NULL);
	int result = -1;

	if (directory != NULL)
		result = backup_make(session, directory, &plan, made);
	else
		error_set_detail(
		    &session->error, ERROR_UNAVAILABLE, "%s: %s", parent, strerror(errno));
	free(directory);
	if (result != 0)
		return session_fail(session,
		    "The present contents of the database could not be backed up: %s. Nothing was "
		    "changed; --discard skips this backup.",
		    session->error.detail);
	session_note(session, "The previous contents of the database: %s", *made);
	return COMMAND_OK;
}

static bool is_in_backup(const struct restore *restore, const char *name)
{
	for (unsigned i = 0; i < restore->manifest.file_count; i++) {
		if (strcmp(restore->manifest.files[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Files of secrets stand in the backup by the names of their options: what this machine lacks of
 * them is said, since calls and mails would be refused for want of it. */
static void tell_missing_files(const struct restore *restore)
{
	struct session *session = restore->session;
	unsigned count;
	const struct option *options = option_table(&count);

	for (unsigned i = 0; i < count; i++) {
		const char *path = option_secret_file(&options[i], session->settings);

		if (!is_in_backup(restore, options[i].name) ||
		    (path[0] != '\0' && access(path, F_OK) == 0))
			continue;
		session_note(session, "%s is %s here; copy the file from the backup: %s/%s.",
		    options[i].name, path[0] == '\0' ? "not set" : "missing", restore->path,
		    options[i].name);
	}
}

/* In the log that the backup has brought, behind its entries. */
static enum command_status audit_restore(struct restore *restore)
{
	struct session *session = restore->session;
	struct buf detail = { 0 };
	struct writer writer;
	int result;

	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_text(&writer, "backup", str_from(restore->path));
	writer_text(&writer, "created", str_from(restore->manifest.created));
	writer_object_end(&writer);
	result = detail.failed
		     ? error_out_of_memory(&session->error)
		     : records_audit(session, &(const struct audit_event){ .action = AUDIT_UPDATE,
						  .what = "database",
						  .detail = buf_str(&detail) });
	buf_free(&detail);
	return result == 0 ? COMMAND_OK : session_error(session);
}

static enum command_status bring_back(struct restore *restore, const char *kept)
{
	struct session *session = restore->session;
	const char *directory = session_flag(session, "dir");

	if (load(restore) != 0)
		return session_fail(session,
		    "The restore stopped half-way: %s. Correct this and run it again%s%s.",
		    session->error.detail,
		    kept != NULL ? ", or restore the previous contents with: clientele restore "
				   "--replace --discard "
				 : "",
		    kept != NULL ? kept : "");
	if (prove(restore) != 0)
		return session_fail(
		    session, "The restored rows could not be verified: %s.", session->error.detail);
	/* A database that never was ours is not made so. */
	if (restore->manifest.schema > 0 && restore->manifest.schema < SCHEMA_VERSION &&
	    migrate_schema(session, directory != NULL ? directory : MIGRATE_DIRECTORY,
		MIGRATE_LEASE_SECONDS) != COMMAND_OK)
		return COMMAND_FAILED;
	if (restore->manifest.schema > 0 && (secret_look_after_restore(session) != COMMAND_OK ||
						audit_restore(restore) != COMMAND_OK))
		return COMMAND_FAILED;
	session_note(
	    session, "The database was restored to its state of %s.", restore->manifest.created);
	if (restore->manifest.file_count > 1)
		session_note(session,
		    "The configuration was not changed; that of the backup is in %s.",
		    restore->path);
	tell_missing_files(restore);
	return COMMAND_OK;
}

static void tell_whole(const struct restore *restore)
{
	session_note(restore->session, "%s is intact: \"%s\" as of %s, schema %lld.", restore->path,
	    restore->manifest.database, restore->manifest.created,
	    (long long)restore->manifest.schema);
}

/* Says all that a restoration would find. What only needs another flag, or a pool that is stopped,
 * is no fault of the backup. */
static enum command_status rehearse(
    const struct restore *restore, const char *pool, const char *content)
{
	struct session *session = restore->session;

	tell_whole(restore);
	if (pool != NULL)
		session_note(session, "Before it can be restored: %s", pool);
	if (content != NULL)
		session_note(session, "Before it can be restored: %s", content);
	return COMMAND_OK;
}

static enum command_status run_restore(struct restore *restore)
{
	struct session *session = restore->session;
	bool dry = session_flag(session, "dry-run") != NULL;
	const char *pool, *content, *kept = NULL;

	if (verify(restore) != 0)
		return session_fail(
		    session, "%s cannot be restored: %s.", restore->path, session->error.detail);
	pool = pool_in_the_way(session);
	if (pool != NULL && !dry)
		return session_fail(session, "%s", pool);
	if (look_at_database(restore) != 0) {
		if (!dry)
			return session_error(session);
		/* Where backups are kept there may be none. */
		tell_whole(restore);
		session_note(session, "Loading was not tried: the database cannot be used (%s).",
		    session->error.detail);
		return COMMAND_OK;
	}
	if (check_load(restore) != 0)
		return session_fail(session,
		    "%s cannot be restored into \"%s\": %s. Nothing was changed.", restore->path,
		    session->settings->database_name, session->error.detail);
	content = content_in_the_way(restore);
	if (dry)
		return rehearse(restore, pool, content);
	if (content != NULL)
		return session_fail(session, "%s", content);
	if (restore->survey.objects > 0 && session_flag(session, "discard") == NULL &&
	    keep_present(restore, &kept) != COMMAND_OK)
		return COMMAND_FAILED;
	return bring_back(restore, kept);
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
	{ "replace", NULL, "Replace the contents of the database, which are backed up first." },
	{ "discard", NULL, "Do not back up the contents that are replaced." },
	{ "dry-run", NULL, "Show what would happen and what prevents it; change nothing." },
	{ "dir", "DIR", "Directory of the migrations; default " MIGRATE_DIRECTORY "." },
	{ 0 },
};

const struct command restore_commands[] = {
	{ .words = "restore",
	    .arguments = "BACKUP",
	    .least = 1,
	    .most = 1,
	    .flags = flags,
	    .doc = "Restore the database from a backup and compare the two.",
	    .run = restore_command },
	{ 0 },
};
