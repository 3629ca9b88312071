#include <mysql.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "db/fault.h"
#include "db/migrate.h"
#include "db/migrate_files.h"
#include "db/migrate_lease.h"
#include "db/statement.h"

#define MUTEX_WAIT "60"
#define RETRY_PAUSE 200000000 /* nanoseconds */
#define LOCK_WAIT_TIMEOUT 1205
#define NO_SUCH_TABLE 1146
#define NO_SUCH_COLUMN 1054
#define RETRIES 25 /* with RETRY_PAUSE and the lock wait of a second: 30 seconds in all */

#define TAKE_MUTEX "SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), " MUTEX_WAIT ")"

#define MAKE_TABLES                                                                              \
	"CREATE TABLE IF NOT EXISTS schema_version ("                                            \
	"version INT NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, checksum CHAR(64) NOT "   \
	"NULL, "                                                                                 \
	"applied_at DATETIME(6) NOT NULL, compatible_from INT NOT NULL DEFAULT 0"                \
	") ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin; "                    \
	"ALTER TABLE schema_version ADD COLUMN IF NOT EXISTS compatible_from INT NOT NULL "      \
	"DEFAULT 0, "                                                                            \
	"ALGORITHM = INSTANT, LOCK = NONE; "                                                     \
	"CREATE TABLE IF NOT EXISTS schema_lease ("                                              \
	"id TINYINT NOT NULL PRIMARY KEY, holder VARCHAR(512) NOT NULL, expires_at DATETIME(6) " \
	"NOT NULL"                                                                               \
	") ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin; "                    \
	"INSERT IGNORE INTO schema_lease (id, holder, expires_at) VALUES (1, '', '1970-01-02')"

/* The catalogue is no help here: it has been seen empty while tables were made. */
#define READ_OURS "DO (SELECT MAX(checksum) FROM schema_version)"
/* schema_lease alone is what a first run leaves that ended at once. */
#define READ_OTHERS                                                                    \
	"SELECT COUNT(*), IFNULL(MIN(TABLE_NAME), '') FROM information_schema.TABLES " \
	"WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> 'schema_lease'"

#define READ_VERSIONS                                                                             \
	"SELECT version, name, checksum, MAX(compatible_from) OVER () FROM schema_version ORDER " \
	"BY "                                                                                     \
	"version"
#define RECORD_VERSION                                                                       \
	"INSERT INTO schema_version (version, name, checksum, compatible_from, applied_at) " \
	"VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))"

struct migration {
	struct arena *arena;
	struct migrate_files files;
	struct connection connection;
	struct statement_cache *statements;
	const struct migrate_report *report;
	const struct settings *settings;
	int64_t lease_seconds;
	struct migrate_lease *lease;
	bool fresh; /* no program has ever used the database */
};

/* A fault of the database while doing something that has a name. */
static int fail_step(const struct failure *failure, const char *doing, struct error *error)
{
	const char *cause;

	fault_report(failure->number, failure->sqlstate, failure->message, error);
	cause = error->detail;
	/* Taken values and missing rows are the migration's fault here, not a caller's. */
	return error_set_detail(error,
	    error->code == ERROR_UNAVAILABLE ? ERROR_UNAVAILABLE : ERROR_INTERNAL, "%s: %s", doing,
	    cause);
}

/*
 * True, after a pause, when a statement was ended in favour of another server's and may be sent
 * again: in a cluster a change of the schema ends what stands in its way elsewhere.
 */
static bool wait_and_retry(const struct failure *failure, unsigned *retries)
{
	struct timespec pause = { .tv_nsec = RETRY_PAUSE };

	if (fault_info(failure->number)->fault != DATABASE_FAULT_RETRY || *retries == RETRIES)
		return false;
	++*retries;
	nanosleep(&pause, NULL);
	return true;
}

/*
 * Sends a whole text of statements; the server splits it, so that quotes and comments are read by
 * its rules. `*done` is the number of statements that succeeded.
 */
static int run_statements(
    struct st_mysql *handle, struct str text, unsigned *done, struct failure *failure)
{
	int more = mysql_real_query(handle, text.data, text.length);

	*done = 0;
	while (more == 0) {
		mysql_free_result(mysql_store_result(handle));
		++*done;
		more = mysql_next_result(handle);
	}
	if (more < 0)
		return 0;
	failure->number = mysql_errno(handle);
	snprintf(failure->sqlstate, sizeof(failure->sqlstate), "%s", mysql_sqlstate(handle));
	snprintf(failure->message, sizeof(failure->message), "%s", mysql_error(handle));
	return -1;
}

/* All statements here are repeatable, so that the text may begin again from its start. */
static int run_repeatable(
    struct st_mysql *handle, struct str text, unsigned *done, struct failure *failure)
{
	unsigned retries = 0;

	do {
		if (run_statements(handle, text, done, failure) == 0)
			return 0;
	} while (wait_and_retry(failure, &retries));
	return -1;
}

static int run_file(struct migration *migration, const struct migrate_file *file, struct str text,
    struct error *error)
{
	struct failure failure;
	const char *doing;
	unsigned done;

	if (run_repeatable(migration->connection.handle, text, &done, &failure) == 0)
		return 0;
	doing = arena_printf(migration->arena, "%s, statement %u", file->name, done + 1);
	if (failure.number == LOCK_WAIT_TIMEOUT)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "%s: another transaction has locked the table for half a minute; end it (see "
		    "SHOW PROCESSLIST), and migrate again",
		    doing);
	return fail_step(&failure, doing, error);
}

static int select_rows(struct migration *migration, const char *sql, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct error *error)
{
	struct statement *statement =
	    statement_cache_get(migration->statements, &migration->connection, sql);

	if (statement != NULL && statement_select(migration->statements, statement,
				     migration->arena, NULL, 0, kinds, column_count, result) == 0)
		return 0;
	return fail_step(
	    statement_cache_failure(migration->statements), "reading the schema's version", error);
}

static int execute(struct migration *migration, const char *sql, const struct bind *parameters,
    unsigned count, uint64_t *affected)
{
	struct statement *statement =
	    statement_cache_get(migration->statements, &migration->connection, sql);
	struct outcome outcome;

	if (statement == NULL ||
	    statement_execute(migration->statements, statement, parameters, count, &outcome) < 0)
		return -1;
	*affected = outcome.affected;
	return 0;
}

static int take_mutex(struct migration *migration, struct error *error)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER };
	struct result result;

	if (select_rows(migration, TAKE_MUTEX, kinds, 1, &result, error) < 0)
		return -1;
	if (result.rows[0][0].null || result.rows[0][0].integer != 1)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "another migration of this database did not finish within " MUTEX_WAIT
		    " seconds");
	return 0;
}

/* 1 where schema_version is there and ours, 0 where it is not; -1 with the error. */
static int is_ours(struct migration *migration, struct error *error)
{
	struct failure failure;
	unsigned done;

	if (run_repeatable(migration->connection.handle, STR(READ_OURS), &done, &failure) == 0)
		return 1;
	if (failure.number == NO_SUCH_TABLE || failure.number == NO_SUCH_COLUMN)
		return 0;
	return fail_step(&failure, "looking for schema_version", error);
}

/*
 * Names such as user and product are those of other programs' tables too: a file that makes what is
 * not there would take theirs for ours, and change them. Ours is looked for once more, since
 * another server may just have begun; it makes schema_version first.
 */
static int refuse_others(struct migration *migration, struct error *error)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER, BIND_TEXT };
	struct result result;
	int ours = is_ours(migration, error);

	if (ours != 0)
		return ours < 0 ? -1 : 0;
	if (select_rows(migration, READ_OTHERS, kinds, 2, &result, error) < 0)
		return -1;
	if (result.rows[0][0].integer == 0 || (ours = is_ours(migration, error)) > 0)
		return 0;
	if (ours < 0)
		return -1;
	return error_set_detail(error, ERROR_INTERNAL,
	    "the database \"%s\" holds tables of another program, such as \"%.*s\", and none of "
	    "Clientele's; give Clientele a database of its own (database_name)",
	    migration->settings->database_name, STR_ARGUMENTS(result.rows[0][1].text));
}

static int record(struct migration *migration, const struct migrate_file *file, const char *sum,
    int compatible, struct error *error)
{
	const struct bind parameters[] = { BIND_INT(file->version), BIND_STR(str_from(file->name)),
		BIND_STR(str_from(sum)), BIND_INT(compatible) };
	uint64_t affected;
	unsigned retries = 0;

	do {
		if (execute(migration, RECORD_VERSION, parameters, 4, &affected) == 0)
			return 0;
	} while (wait_and_retry(statement_cache_failure(migration->statements), &retries));
	return fail_step(statement_cache_failure(migration->statements), file->name, error);
}

static const struct bind *find_version(const struct result *versions, int version)
{
	for (unsigned i = 0; i < versions->count; i++) {
		if (versions->rows[i][0].integer == version)
			return versions->rows[i];
	}
	return NULL;
}

static void report_file(
    const struct migration *migration, const struct migrate_file *file, const char *state)
{
	if (migration->report != NULL && migration->report->line != NULL)
		migration->report->line(migration->report->context,
		    arena_printf(migration->arena, "%s: %s", file->name, state));
}

static int apply_file(struct migration *migration, const struct migrate_file *file,
    const struct result *versions, struct error *error)
{
	const struct bind *version = find_version(versions, file->version);
	struct migrate_text text;

	if (migrate_files_read(&migration->files, file, migration->arena, &text, error) < 0)
		return -1;
	if (version != NULL) {
		if (!str_equal(version[2].text, str_from(text.checksum)))
			return error_set_detail(error, ERROR_INTERNAL,
			    "%s has changed since it was applied (as %.*s)", file->name,
			    STR_ARGUMENTS(version[1].text));
		report_file(migration, file, "already there");
		return 0;
	}
	if (migration->fresh && text.compatible_new > text.compatible)
		text.compatible = text.compatible_new;
	if (migrate_lease_check(migration->lease, error) < 0 ||
	    (run_file(migration, file, text.statements, error) |
		migrate_lease_check(migration->lease, error)) < 0 ||
	    record(migration, file, text.checksum, text.compatible, error) < 0)
		return -1;
	report_file(migration, file, "applied");
	return 0;
}

/* A database whose versions were lost is none that was never used. */
static int find_out_fresh(struct migration *migration, struct error *error)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER };
	struct result result;

	if (select_rows(migration,
		"SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
		"AND TABLE_NAME = 'revocation'",
		kinds, 1, &result, error) < 0)
		return -1;
	migration->fresh = result.rows[0][0].integer == 0;
	return 0;
}

static int apply_files(struct migration *migration, struct error *error)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER, BIND_TEXT, BIND_TEXT, BIND_INTEGER };
	struct result versions;
	int64_t newest;

	if (select_rows(migration, READ_VERSIONS, kinds, 4, &versions, error) < 0)
		return -1;
	if (versions.count == 0 && find_out_fresh(migration, error) < 0)
		return -1;
	newest = versions.count > 0 ? versions.rows[versions.count - 1][0].integer : 0;
	if (newest > (int64_t)migration->files.count &&
	    versions.rows[0][3].integer > (int64_t)migration->files.count)
		return error_set_detail(error, ERROR_INTERNAL,
		    "the schema of the database has version %d, newer than this program's %u, and "
		    "requires a program of schema version %d or newer",
		    (int)newest, migration->files.count, (int)versions.rows[0][3].integer);
	for (unsigned i = 0; i < migration->files.count; i++) {
		if (apply_file(migration, &migration->files.files[i], &versions, error) < 0)
			return -1;
	}
	return 0;
}

static int migrate(struct migration *migration, struct error *error)
{
	struct failure failure;
	unsigned done;
	int status;

	if (take_mutex(migration, error) < 0 || refuse_others(migration, error) < 0)
		return -1;
	if (run_repeatable(migration->connection.handle, STR(MAKE_TABLES), &done, &failure) < 0)
		return fail_step(&failure, "preparing schema_version", error);
	migration->lease = migrate_lease_take(migration->settings,
	    mysql_thread_id(migration->connection.handle), migration->lease_seconds, error);
	if (migration->lease == NULL)
		return -1;
	status = apply_files(migration, error);
	migrate_lease_give_back(migration->lease);
	return status;
}

static int open_and_migrate(
    struct migration *migration, const struct settings *settings, struct error *error)
{
	struct failure failure;
	struct hosts hosts;
	int status;

	if (migrate_files_list(&migration->files, migration->arena, error) < 0)
		return -1;
	if (!hosts_read(&hosts, settings, 0))
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "the option database_hosts or database_socket is invalid");
	if (connection_open(
		settings, &hosts, CONNECTION_MIGRATE, &migration->connection, &failure) < 0)
		return fail_step(&failure, "connecting", error);
	status = migrate(migration, error);
	connection_close(&migration->connection); /* gives the mutex back too */
	return status;
}

int migrate_run(const struct settings *settings, const char *directory, int64_t lease_seconds,
    const struct migrate_report *report_lines, struct error *error)
{
	struct migration *migration = calloc(1, sizeof(*migration));
	int status = -1;

	if (migration == NULL)
		return error_set_detail(error, ERROR_INTERNAL, "out of memory");
	migration->arena = error->arena;
	migration->files.directory = directory;
	migration->report = report_lines;
	migration->settings = settings;
	migration->lease_seconds = lease_seconds;
	migration->statements = statement_cache_new(8);
	if (migration->statements != NULL)
		status = open_and_migrate(migration, settings, error);
	else
		error_set_detail(error, ERROR_INTERNAL, "out of memory");
	statement_cache_free(migration->statements);
	free(migration);
	return status;
}
