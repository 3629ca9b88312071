/*
 * Backups of the database and the configuration.
 */
#define _GNU_SOURCE 1
#include "cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"
#include "cli/backup_folder.h"
#include "cli/database_tool.h"
#include "config.h"
#include "schema/resource.h"
#include "server/config_load.h"

#define PARTIAL ".partial"

/* One backup that is being made. */
struct backup {
	struct session *session;
	const struct backup_plan *plan;
	struct survey survey; /* of the database */
	struct backup_manifest manifest;
	int parent, folder;
	const char *name; /* of the folder, in the end */
	const char *partial;
};

static int fail_backup(const struct backup *backup, const char *what, const char *name)
{
	return error_set_detail(
	    &backup->session->error, ERROR_UNAVAILABLE, "%s %s: %s", what, name, strerror(errno));
}

static const char *print_time(struct session *session, int64_t now, enum timestamp_style style)
{
	struct buf text = { 0 };
	const char *copy;

	timestamp_print(&text, now, style);
	copy = arena_copy(session->arena, text.data, text.length);
	buf_free(&text);
	return copy;
}

/* Adds a file of the folder. Returns its descriptor, or -1 with the error filled. */
static int create_file(const struct backup *backup, const char *name)
{
	int fd = openat(backup->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : fail_backup(backup, "create", name);
}

static int list_file(struct backup *backup, const char *name)
{
	struct backup_manifest *manifest = &backup->manifest;
	struct backup_file *file;
	struct backup_stream stream;
	int fd, result;

	if (manifest->file_count == BACKUP_FILES_MAX)
		return error_set_detail(&backup->session->error, ERROR_INTERNAL,
		    "a backup has more than %d files", BACKUP_FILES_MAX);
	fd = openat(backup->folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_backup(backup, "open", name);
	file = &manifest->files[manifest->file_count++];
	result = backup_copy(backup->session, fd, -1, &stream);
	if (result == 0 && fsync(fd) != 0)
		result = fail_backup(backup, "write", name);
	(void)close(fd);
	*file = (struct backup_file){ .name = name, .bytes = stream.bytes };
	memcpy(file->digest, stream.digest, sizeof(file->digest));
	return result;
}

/* From the database's program through our digest into the packer. */
static int dump_into(struct backup *backup, int fd)
{
	static const char *const packer[] = { "zstd", "--quiet", "--stdout", NULL };
	struct session *session = backup->session;
	struct backup_stream stream;
	struct child dump, pack;

	if (child_start(&pack, packer, CHILD_FEED, fd, -1, &session->error) != 0)
		return -1;
	if (database_tool_dump(session, backup->plan->use, &backup->survey, &dump) != 0) {
		child_abandon(&pack);
		return -1;
	}
	if (backup_copy_dump(session, dump.fd, pack.fd, &stream) != 0) {
		child_abandon(&dump);
		child_abandon(&pack);
		return -1;
	}
	memcpy(backup->manifest.dump_digest, stream.dump_digest, sizeof(stream.dump_digest));
	if (child_finish(&dump, &session->error) != 0) {
		child_abandon(&pack);
		return -1;
	}
	return child_finish(&pack, &session->error);
}

static int write_dump(struct backup *backup)
{
	int fd = create_file(backup, BACKUP_DUMP), result;

	if (fd < 0)
		return -1;
	result = dump_into(backup, fd);
	(void)close(fd);
	return result == 0 ? list_file(backup, BACKUP_DUMP) : -1;
}

static int copy_file(struct backup *backup, const char *path, const char *name)
{
	int from = own_file_open(path, O_RDONLY, 0), to, result = -1;
	struct backup_stream stream;

	if (from < 0)
		return fail_backup(backup, "open", path);
	to = create_file(backup, name);
	if (to >= 0) {
		result = backup_copy(backup->session, from, to, &stream);
		(void)close(to);
	}
	(void)close(from);
	return result == 0 ? list_file(backup, name) : -1;
}

/* The configuration, without the values of options that are secrets. */
static void strip_secrets(struct str text, struct buf *out)
{
	struct str line;

	while (text.length > 0 && str_next(&text, '\n', &line)) {
		const struct option *option =
		    option_find(str_trim(str_slice(line, 0, str_find(line, '='))));

		if (option != NULL && option->secret)
			buf_printf(out, "# %s was left out of the backup.\n", option->name);
		else
			buf_printf(out, STR_FORMAT "\n", STR_ARGUMENTS(line));
	}
}

static int write_stripped(struct backup *backup, const char *path, const char *name)
{
	struct buf text = { 0 }, stripped = { 0 };
	int result = -1, fd = -1;

	if (loading_read_file(path, CONFIG_FILE_LIMIT, &text) != 0)
		result = fail_backup(backup, "open", path);
	else if ((fd = create_file(backup, name)) >= 0) {
		strip_secrets(buf_str(&text), &stripped);
		result = !stripped.failed && write(fd, stripped.data != NULL ? stripped.data : "",
						 stripped.length) == (ssize_t)stripped.length
			     ? 0
			     : fail_backup(backup, "write", name);
	}
	if (fd >= 0)
		(void)close(fd);
	if (text.data != NULL)
		explicit_bzero(text.data, text.length);
	buf_free(&text);
	buf_free(&stripped);
	return result == 0 ? list_file(backup, name) : -1;
}

/* Which of the files of secrets go along. */
static bool wants_file(const struct option *option, enum backup_secrets secrets)
{
	switch (option->file) {
	case OPTION_FILE_VALUE:
	case OPTION_FILE_PRIVATE:
		return secrets != BACKUP_NO_SECRETS;
	case OPTION_FILE_KEYS:
		/* Beside the dump it would open what is sealed there. */
		return secrets == BACKUP_ALL_SECRETS;
	default:
		return false;
	}
}

/* The configuration, and the files of secrets that it names, called like their options. */
static int copy_configuration(struct backup *backup)
{
	enum backup_secrets secrets = backup->plan->secrets;
	const struct session *session = backup->session;
	unsigned count;
	const struct option *options = option_table(&count);

	if (session->config.file != NULL &&
	    (secrets == BACKUP_NO_SECRETS ? write_stripped : copy_file)(
		backup, session->config.file, "clientele.conf") != 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		const char *path = option_secret_file(&options[i], session->settings);

		if (path[0] != '\0' && wants_file(&options[i], secrets) &&
		    copy_file(backup, path, options[i].name) != 0)
			return -1;
	}
	return 0;
}

static int fill(struct backup *backup)
{
	if (write_dump(backup) != 0 || copy_configuration(backup) != 0 ||
	    backup_write_manifest(backup->session, backup->folder, &backup->manifest) != 0)
		return -1;
	return fsync(backup->folder) == 0 ? 0 : fail_backup(backup, "write", backup->partial);
}

static bool exists(const struct backup *backup, const char *name)
{
	struct stat status;

	return fstatat(backup->parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What an earlier run has left when it was killed; the lock tells that it is not at work. */
static int remove_partial(struct backup *backup)
{
	return exists(backup, backup->partial)
		   ? backup_remove(backup->session, backup->parent, backup->partial)
		   : 0;
}

static int make_folder(struct backup *backup)
{
	if (remove_partial(backup) != 0)
		return -1;
	if (mkdirat(backup->parent, backup->partial, 0700) != 0)
		return fail_backup(backup, "create", backup->partial);
	backup->folder =
	    openat(backup->parent, backup->partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (backup->folder < 0)
		return fail_backup(backup, "open", backup->partial);
	if (fill(backup) != 0)
		return -1;
	if (renameat(backup->parent, backup->partial, backup->parent, backup->name) != 0)
		return fail_backup(backup, "create", backup->name);
	return fsync(backup->parent) == 0 ? 0 : fail_backup(backup, "write", backup->name);
}

static int open_parent(struct backup *backup, const char *directory)
{
	backup->parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (backup->parent < 0)
		return fail_backup(backup, "open", directory);
	if (flock(backup->parent, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? error_set_detail(&backup->session->error, ERROR_UNAVAILABLE,
					  "another backup is being made in %s", directory)
				    : fail_backup(backup, "lock", directory);
}

/* The names tell seconds; one that is made in the same second as another waits for the next. */
static int64_t choose_name(struct backup *backup)
{
	struct session *session = backup->session;
	const char *prefix = backup_prefix(session);
	int64_t now;

	for (;;) {
		now = timestamp_now() / MICROSECONDS_PER_SECOND * MICROSECONDS_PER_SECOND;
		backup->name = arena_printf(
		    session->arena, "%s%s", prefix, print_time(session, now, TIMESTAMP_COMPACT));
		if (!exists(backup, backup->name))
			break;
		(void)sleep(1);
	}
	backup->partial = arena_printf(session->arena, "%s%s", prefix, PARTIAL);
	return now;
}

/* What no dump of this user's has; the rows are all there without it. */
static void tell_left_out(const struct backup *backup)
{
	for (unsigned i = 0; i < backup->survey.unreadable_count; i++) {
		const struct survey_object *object = &backup->survey.unreadable[i];

		session_note(backup->session,
		    "The %s \"%s\" is not in the backup: the database user lacks the privilege %s.",
		    object->trigger ? "trigger" : "view", object->name,
		    object->trigger ? "TRIGGER" : "SHOW VIEW");
	}
}

static int describe_data(struct backup *backup)
{
	struct session *session = backup->session;
	struct error *error = &session->error;
	int schema;
	int64_t now;

	/* An empty database must not push out what there was before it. */
	if (!backup->plan->any_schema && database_ready(session->database, error) != 0)
		return -1;
	schema = database_schema_version(session->database, error);
	if (schema < 0 || survey_take(session->settings, backup->plan->use, session->arena,
			      &backup->survey, error) != 0)
		return -1;
	tell_left_out(backup);
	now = choose_name(backup);
	backup->manifest = (struct backup_manifest){
		.created = print_time(session, now, TIMESTAMP_UTC),
		.version = PACKAGE_VERSION,
		.server = arena_printf(session->arena, "%s", backup->survey.version),
		.database = session->settings->database_name,
		.schema = schema,
	};
	return 0;
}

/* Removes what a failure has left, and keeps its reason. */
static void clean_up(struct backup *backup)
{
	struct error reason = backup->session->error;

	(void)remove_partial(backup);
	backup->session->error = reason;
}

/* Reads the new one again before older ones go. */
static int rotate(const struct backup *backup)
{
	struct backup_manifest manifest;
	struct backup_stream stream;

	if (backup->plan->keep == 0)
		return 0;
	if (backup_prove(backup->session, backup->folder, &manifest, &stream) != 0)
		return -1;
	return backup_keep(backup->session, backup->parent, backup->plan->keep);
}

int backup_make(struct session *session, const char *directory, const struct backup_plan *plan,
    const char **made)
{
	struct backup backup = { .session = session, .plan = plan, .parent = -1, .folder = -1 };
	int result = -1;

	if (open_parent(&backup, directory) == 0 && describe_data(&backup) == 0) {
		result = make_folder(&backup);
		if (result != 0)
			clean_up(&backup);
		else
			result = rotate(&backup);
	}
	if (result == 0)
		*made = arena_printf(session->arena, "%s/%s", directory, backup.name);
	if (backup.folder >= 0)
		(void)close(backup.folder);
	if (backup.parent >= 0)
		(void)close(backup.parent);
	return result;
}

static enum command_status backup_command(struct session *session)
{
	bool with = session_flag(session, "with-secrets") != NULL;
	bool without = session_flag(session, "without-secrets") != NULL;
	struct backup_plan plan = {
		.secrets = with      ? BACKUP_ALL_SECRETS
			   : without ? BACKUP_NO_SECRETS
				     : BACKUP_PASSWORDS,
		.use = CONNECTION_SERVE,
	};
	const char *made;

	if (with && without)
		return session_usage(
		    session, "Give --with-secrets or --without-secrets, not both.");
	if (!session_take_number(session, "keep", 1, 0, &plan.keep))
		return COMMAND_FAILED;
	if (backup_make(session, session->operands[0], &plan, &made) != 0)
		return session_fail(session, "No backup was made: %s.", session->error.detail);
	fprintf(session->out, "%s\n", made);
	return COMMAND_OK;
}

static const struct command_flag flags[] = {
	{ "keep", "NUMBER", "Keep this many backups of the database and remove older ones." },
	{ "with-secrets", NULL,
	    "Include the key file: anyone with such a backup can read the secrets in the "
	    "database." },
	{ "without-secrets", NULL,
	    "Leave out the secrets of the configuration and the secret files that it names." },
	{ 0 },
};

const struct command backup_commands[] = {
	{ .words = "backup",
	    .arguments = "DIRECTORY",
	    .least = 1,
	    .most = 1,
	    .flags = flags,
	    .doc = "Back up the database and the configuration to a new folder in DIRECTORY.",
	    .run = backup_command },
	{ 0 },
};
