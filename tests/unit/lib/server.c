#include <mysql.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/migrate.h"
#include "server.h"
#include "source.h"

#define SKIPPED 77

static char directory[96];
static char socket_path[128];

/* Runs the script and returns its exit status. */
static int run_script(const char *action)
{
	char command[8192];
	int status;

	snprintf(command, sizeof(command), "'%s' %s '%s/db' >/dev/null",
	    source_path("tests/lib/mariadb.sh"), action, directory);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void server_begin(void)
{
	const char *parent = getenv("TMPDIR");
	int status;

	snprintf(directory, sizeof(directory), "%s/clientele-unit.XXXXXX",
	    parent != NULL ? parent : "/tmp");
	if (mkdtemp(directory) == NULL || chmod(directory, 0755) != 0) {
		perror(directory);
		exit(EXIT_FAILURE);
	}
	snprintf(socket_path, sizeof(socket_path), "%s/db/mariadb.sock", directory);
	status = run_script("start");
	if (status != 0) {
		rmdir(directory);
		exit(status == SKIPPED ? SKIPPED : EXIT_FAILURE);
	}
}

void server_end(void)
{
	char command[128];

	run_script("stop");
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	if (system(command) != 0)
		fprintf(stderr, "%s could not be removed\n", directory);
}

void server_halt(void)
{
	assert_int_equal(run_script("halt"), 0);
}

void server_start(void)
{
	assert_int_equal(run_script("start"), 0);
}

void server_kill(void)
{
	char path[128], process[64];
	FILE *file;
	int pid = 0;

	snprintf(path, sizeof(path), "%s/db/mariadb.pid", directory);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	assert_int_equal(kill(pid, SIGKILL), 0);
	/* Its sockets are closed once its threads are gone; the process itself may stay as a
	 * zombie. */
	snprintf(process, sizeof(process), "/proc/%d/fd/0", pid);
	while (access(process, F_OK) == 0)
		usleep(1000);
	unlink(path);
}

const char *server_socket(void)
{
	return socket_path;
}

const char *server_directory(void)
{
	return directory;
}

struct settings server_settings(const char *database)
{
	return (struct settings){
		.database_hosts = "",
		.database_socket = socket_path,
		.database_name = database,
		.database_user = "root",
		.database_password = "",
		.database_connect_timeout = 2,
		.database_read_timeout = 10,
		.database_wsrep_sync_wait = 0,
		.database_statements = 64,
		.runtime_directory = directory,
		.state_directory = directory,
		.time_zone = "UTC",
	};
}

static MYSQL *connect_admin(const char *database)
{
	MYSQL *connection = mysql_init(NULL);

	mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(connection, NULL, "root", NULL, database, 0, socket_path,
		CLIENT_MULTI_STATEMENTS) == NULL)
		fail_msg("%s", mysql_error(connection));
	return connection;
}

void server_run(const char *database, const char *sql)
{
	MYSQL *connection = connect_admin(database);
	int more = mysql_query(connection, sql);

	while (more == 0) {
		mysql_free_result(mysql_store_result(connection));
		more = mysql_next_result(connection);
	}
	if (more > 0)
		fail_msg("%s: %s", sql, mysql_error(connection));
	mysql_close(connection);
}

const char *server_value(const char *database, const char *sql)
{
	static char value[65536];
	MYSQL *connection = connect_admin(database);
	MYSQL_RES *rows;
	MYSQL_ROW row;

	if (mysql_query(connection, sql) != 0)
		fail_msg("%s: %s", sql, mysql_error(connection));
	rows = mysql_store_result(connection);
	row = rows != NULL ? mysql_fetch_row(rows) : NULL;
	snprintf(value, sizeof(value), "%s", row != NULL && row[0] != NULL ? row[0] : "");
	mysql_free_result(rows);
	mysql_close(connection);
	return value;
}

void server_make_database(const char *database)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS `%s`; CREATE DATABASE `%s`", database,
	    database);
	server_run(NULL, sql);
}

void server_make_schema(const char *database)
{
	struct settings settings = server_settings(database);
	struct arena *arena = arena_new(65536, 64 << 20);
	struct error error;

	server_make_database(database);
	error_init(&error, arena);
	if (migrate_run(&settings, source_path("sql"), MIGRATE_LEASE_SECONDS, NULL, &error) < 0)
		fail_msg("%s", error.detail);
	arena_free(arena);
}
