/*
 * What can be seen of the running pool and of its database.
 */
#include <stdlib.h>
#include <sys/statvfs.h>

#include "auth/administrator.h"
#include "auth/password.h"
#include "auth/sealing.h"
#include "base/timestamp.h"
#include "cli/doctor.h"
#include "cli/pool_view.h"
#include "cli/secret.h"
#include "db/hosts.h"
#include "db/migrate.h"
#include "db/provision.h"
#include "db/server_version.h"
#include "schema/resource.h"
#include "server/worker.h"

#define TEMPORARY_LEAST (UINT64_C(1) << 30) /* bytes: some sorts of a million rows */
#define CLOCK_DIFFERENCE (2 * MICROSECONDS_PER_SECOND)
#define WIDE_SCHEMA 12 /* the schema that widens columns */

static void judge_workers(struct doctor *doctor, const struct pool_view *view)
{
	uint64_t died = 0;

	for (unsigned i = 0; i < LEAVE_REASON__MAX; i++)
		died += i == LEAVE_PLANNED
			    ? 0
			    : atomic_load(&view->shared->children[CHILD_WORKER].restarts[i]);
	if (pool_view_serving(view) == 0)
		doctor_note(doctor, DOCTOR_FAULT, "{logs}", "no worker is running");
	else if (died > 0)
		doctor_note(doctor, DOCTOR_WARNING, "{logs} | grep 'worker left'",
		    "%llu workers have died since the pool started", (unsigned long long)died);
	else
		doctor_note(
		    doctor, DOCTOR_OK, NULL, "%u workers are running", pool_view_serving(view));
	if (view->queue_known && view->queue.waiting > view->queue.most / 2)
		doctor_note(doctor, DOCTOR_WARNING, "{cli} status",
		    "%u of %u connections are waiting for a worker", view->queue.waiting,
		    view->queue.most);
}

void doctor_check_pool(struct doctor *doctor)
{
	struct session *session = doctor->session;
	struct pool_view *view = arena_alloc(session->arena, sizeof(*view));

	if (view == NULL)
		return;
	if (pool_view_take(session, view))
		judge_workers(doctor, view);
	else
		doctor_note(doctor, DOCTOR_FAULT, "{restart}; {logs}", "%s", session->error.detail);
}

/* Each server of a list by itself: the pool would go on with the others, and nobody would notice.
 */
static void check_hosts(struct doctor *doctor)
{
	struct settings settings = *doctor->session->settings;
	struct hosts hosts;

	(void)hosts_read(&hosts, &settings, 0);
	settings.database_connect_timeout = hosts_connect_timeout(&settings);
	for (unsigned i = 0; hosts.count > 1 && i < hosts.count; i++) {
		struct error *error = &doctor->session->error;
		struct database *database;
		char host[HOST_TEXT];

		host_print(&hosts.list[i], host, sizeof(host));
		settings.database_hosts = host;
		database = database_new(&settings);
		if (database == NULL || database_ready(database, error) != 0)
			doctor_note(doctor, DOCTOR_FAULT,
			    "check that it is running and belongs to its cluster",
			    "%s cannot be used: %s", settings.database_hosts,
			    error->detail != NULL ? error->detail : "no memory");
		else
			doctor_note(
			    doctor, DOCTOR_OK, NULL, "%s can be used", settings.database_hosts);
		database_free(database);
		error_clear(error);
	}
}

/* A version that is too old has ended the connection, as it does everywhere. */
static void judge_version(struct doctor *doctor, const struct database_view *view)
{
	doctor_note(doctor, DOCTOR_OK, NULL, STR_FORMAT " answers in %.1f ms",
	    STR_ARGUMENTS(view->version), (double)view->ping / 1000);
}

static void judge_encryption(struct doctor *doctor)
{
	struct database_wire wire;

	if (!database_wire(doctor->session->database, &wire))
		return;
	if (wire.cipher != NULL)
		doctor_note(doctor, DOCTOR_OK, NULL,
		    "the connection to %s is encrypted (%s), and its certificate is verified",
		    wire.host, wire.cipher);
	else if (wire.local)
		doctor_note(doctor, DOCTOR_OK, NULL, "the connection is local to the machine");
	else
		doctor_note(doctor, DOCTOR_WARNING,
		    "set database_tls = auto, and install a certificate on the server",
		    "the connection to %s is not encrypted: passwords and rows cross the network",
		    wire.host);
}

static void judge_schema(struct doctor *doctor, const struct database_view *view)
{
	if (view->schema < SCHEMA_VERSION)
		doctor_note(doctor, DOCTOR_FAULT, "{migrate}",
		    "its schema has version %lld, but the program needs %d",
		    (long long)view->schema, SCHEMA_VERSION);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "its schema has version %lld",
		    (long long)view->schema);
}

static void judge_connections(struct doctor *doctor, const struct database_view *view)
{
	unsigned workers = worker_count(doctor->session->settings);

	/* While it reloads, a pool has old workers beside the new ones. */
	if (view->most_connections < 2 * (int64_t)workers)
		doctor_note(doctor, DOCTOR_WARNING,
		    "raise max_connections of MariaDB, or lower workers",
		    "the server allows %lld connections; %u workers need twice their number during "
		    "a reload",
		    (long long)view->most_connections, workers);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "%lld connections are enough for %u workers",
		    (long long)view->most_connections, workers);
}

/* All clients of the server share the limit, so that what is there now counts, too. */
static void judge_statements(struct doctor *doctor, const struct database_view *view)
{
	const struct settings *settings = doctor->session->settings;
	unsigned workers = worker_count(settings);
	int64_t needed = 2 * (int64_t)workers * settings->database_statements;

	if (view->statements >= view->most_statements - view->most_statements / 10)
		doctor_note(doctor, DOCTOR_WARNING, "raise max_prepared_stmt_count of MariaDB",
		    "the server holds %lld of at most %lld prepared statements",
		    (long long)view->statements, (long long)view->most_statements);
	else if (view->most_statements < needed)
		doctor_note(doctor, DOCTOR_WARNING,
		    "raise max_prepared_stmt_count of MariaDB, or lower database_statements",
		    "the server allows %lld prepared statements; %u workers need %lld during a "
		    "reload",
		    (long long)view->most_statements, workers, (long long)needed);
	else
		doctor_note(doctor, DOCTOR_OK, NULL,
		    "%lld prepared statements are enough for %u workers",
		    (long long)view->most_statements, workers);
}

/* What the server sorts goes there where its memory is too small. */
static void judge_temporary(struct doctor *doctor, const struct database_view *view)
{
	const char *path =
	    arena_printf(doctor->session->arena, STR_FORMAT, STR_ARGUMENTS(view->temporary));
	struct database_wire wire;
	struct statvfs disk;
	unsigned long long bytes;

	if (!database_wire(doctor->session->database, &wire) || !wire.local ||
	    statvfs(path, &disk) != 0)
		return;
	bytes = (unsigned long long)disk.f_bavail * disk.f_frsize;
	if (bytes < TEMPORARY_LEAST)
		doctor_note(doctor, DOCTOR_WARNING,
		    "let tmpdir in the configuration of MariaDB name a folder with more room",
		    "only %llu MiB are free for its temporary files in %s", bytes >> 20, path);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "%llu MiB are free for its temporary files",
		    bytes >> 20);
}

static void check_clock_of_database(struct doctor *doctor)
{
	static const enum bind_kind kinds[] = { BIND_TIME };
	struct session *session = doctor->session;
	struct result result;
	int64_t difference;

	if (database_select(session->database, session->arena, "SELECT UTC_TIMESTAMP(6)", NULL, 0,
		kinds, COUNT_OF(kinds), &result, &session->error) != 0)
		return;
	difference = result.rows[0][0].integer - timestamp_now();
	if (difference > CLOCK_DIFFERENCE || difference < -CLOCK_DIFFERENCE)
		doctor_note(doctor, DOCTOR_FAULT, "synchronise the clocks of both machines",
		    "the clocks of the database server and this machine differ by %lld s",
		    (long long)(difference / MICROSECONDS_PER_SECOND));
}

static bool has_privilege(const struct result *held, const char *name)
{
	for (unsigned i = 0; i < held->count; i++) {
		if (str_equal(held->rows[i][0].text, str_from(name)))
			return true;
	}
	return false;
}

static void check_privileges(struct doctor *doctor)
{
	static const char sql[] =
	    "SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE DATABASE() LIKE "
	    "TABLE_SCHEMA UNION SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES "
	    "WHERE "
	    "REPLACE(GRANTEE, '''', '') = CURRENT_USER()";
	static const enum bind_kind kinds[] = { BIND_TEXT };
	struct session *session = doctor->session;
	struct result held;
	bool changes = false;
	unsigned count;
	const struct privilege *privilege = provision_privileges(&count);

	if (database_select(session->database, session->arena, sql, NULL, 0, kinds, COUNT_OF(kinds),
		&held, &session->error) != 0)
		return;
	for (; count > 0; privilege++, count--) {
		bool has = has_privilege(&held, privilege->name);

		changes = changes || (has && privilege->use == PRIVILEGE_CHANGING);
		if (!has && privilege->use == PRIVILEGE_SERVING)
			doctor_note(doctor, DOCTOR_FAULT, "{setup}",
			    "its user lacks the privilege %s", privilege->name);
	}
	if (changes)
		doctor_note(doctor, DOCTOR_WARNING, "{split}",
		    "the serving user may change and drop tables");
	else
		doctor_note(
		    doctor, DOCTOR_OK, NULL, "the serving user cannot change or drop tables");
}

/* Hashes that were stored before there was a limit, or by hand. */
static void check_password_costs(struct doctor *doctor)
{
	static const enum bind_kind kinds[] = { BIND_TEXT, BIND_TEXT };
	struct session *session = doctor->session;
	struct result users;
	unsigned dear = 0;

	if (database_select(session->database, session->arena,
		"SELECT user_name, password_hash FROM user "
		"WHERE password_hash IS NOT NULL AND password_hash NOT LIKE '$y$j9T$%'",
		NULL, 0, kinds, COUNT_OF(kinds), &users, &session->error) != 0)
		return;
	for (unsigned i = 0; i < users.count; i++) {
		const char *hash =
		    arena_printf(session->arena, STR_FORMAT, STR_ARGUMENTS(users.rows[i][1].text));

		if (hash == NULL || password_is_affordable(hash))
			continue;
		if (dear++ == 0)
			doctor_note(doctor, DOCTOR_WARNING, "{cli} user password NAME",
			    "user \"" STR_FORMAT
			    "\" cannot log in: the stored password hash costs too much",
			    STR_ARGUMENTS(str_slice(users.rows[i][0].text, 0, 64)));
	}
	if (dear > 1)
		doctor_note(doctor, DOCTOR_WARNING, "{cli} user password NAME",
		    "%u users have such password hashes", dear);
}

/* The key of the secrets in the database, and whether all of them are sealed under it. */
static void check_secrets(struct doctor *doctor, int64_t schema)
{
	struct session *session = doctor->session;
	int64_t clear, lost;

	if (schema < SEALING_SCHEMA || session->settings->seal_keys == NULL)
		return;
	if (sealing_fits(session->database, session->settings, session->arena, &session->error) !=
	    0) {
		doctor_note(doctor, DOCTOR_FAULT,
		    "copy the right key file there, or if it is lost: {cli} secret forget", "%s",
		    session->error.detail != NULL ? session->error.detail : "it cannot be queried");
		error_clear(&session->error);
		return;
	}
	clear = secret_count_clear(session);
	lost = secret_count_others(session, NULL);
	if (clear > 0)
		doctor_note(doctor, DOCTOR_WARNING, "{migrate}",
		    "%lld secrets are stored in clear text in it", (long long)clear);
	if (lost > 0)
		doctor_note(doctor, DOCTOR_FAULT,
		    "restore the previous key, or give the secrets up: {cli} secret forget",
		    "%lld secrets are encrypted with a key that is not in the key file",
		    (long long)lost);
	if (clear == 0 && lost == 0)
		doctor_note(doctor, DOCTOR_OK, NULL, "its secrets are encrypted");
	error_clear(&session->error);
}

/* Columns that schema 12 has left as they were, because their table was too large to be copied. */
static void check_widths(struct doctor *doctor)
{
	static const enum bind_kind kinds[] = { BIND_TEXT };
	struct session *session = doctor->session;
	struct result narrow;

	if (database_select(session->database, session->arena,
		"SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) FROM information_schema.COLUMNS "
		"WHERE TABLE_SCHEMA = DATABASE() AND DATA_TYPE = 'int' AND "
		"((TABLE_NAME = 'hosting_domain' AND COLUMN_NAME = 'call_count') OR "
		"(TABLE_NAME = 'report_property' AND COLUMN_NAME = 'report_id') OR "
		"(TABLE_NAME IN ('license_trace', 'report', 'report_property') AND "
		"COLUMN_NAME = 'id')) ORDER BY TABLE_NAME, ORDINAL_POSITION",
		NULL, 0, kinds, COUNT_OF(kinds), &narrow, &session->error) != 0)
		return;
	for (unsigned i = 0; i < narrow.count; i++)
		doctor_note(doctor, DOCTOR_WARNING,
		    "at a quiet hour, copy the table; the manual has the statements under "
		    "\"Migrations\"",
		    STR_FORMAT " ends at 2,147,483,647: its table was too large to be copied by a "
			       "migration",
		    STR_ARGUMENTS(narrow.rows[i][0].text));
}

void doctor_check_database(struct doctor *doctor)
{
	struct database_view view;

	database_view_take(doctor->session, &view);
	if (!view.usable) {
		doctor_note(
		    doctor, DOCTOR_FAULT, "{database}", "it cannot be used: %s", view.detail);
		return;
	}
	judge_version(doctor, &view);
	judge_encryption(doctor);
	judge_schema(doctor, &view);
	judge_connections(doctor, &view);
	judge_statements(doctor, &view);
	judge_temporary(doctor, &view);
	check_hosts(doctor);
	check_clock_of_database(doctor);
	check_privileges(doctor);
	check_password_costs(doctor);
	check_secrets(doctor, view.schema);
	if (view.schema >= WIDE_SCHEMA)
		check_widths(doctor);
}

void doctor_check_administrator(struct doctor *doctor)
{
	struct session *session = doctor->session;
	struct error *error = &session->error;

	if (administrator_check_left(session->database, session->arena, NULL, error) == 0)
		doctor_note(doctor, DOCTOR_OK, NULL, "an enabled user has the role Administrator");
	else if (error->code == ERROR_CONFLICT)
		doctor_note(doctor, DOCTOR_FAULT, "{cli} user create admin --role Administrator",
		    "no enabled user has the role Administrator");
	else
		doctor_note(doctor, DOCTOR_SKIPPED, NULL, "the database could not be queried");
}
