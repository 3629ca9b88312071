#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/server.h"
#include "../lib/source.h"
#include "db/database.h"
#include "db/migrate.h"
#include "schema/resource.h"

#define DATABASE "migrated"
#define TEXT_MAX (1 << 20)

/* A directory of migrations, a database for them, and what the last run said. */
struct scene {
	struct settings settings;
	char directory[256];
	struct arena *arena;
	struct error error;
	char lines[4096];
};

static void take_line(void *context, const char *text)
{
	struct scene *scene = context;
	size_t length = strlen(scene->lines);

	snprintf(scene->lines + length, sizeof(scene->lines) - length, "%s;", text);
}

static int begin(void **state)
{
	static int number;
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->settings = server_settings(DATABASE);
	snprintf(
	    scene->directory, sizeof(scene->directory), "%s/sql%d", server_directory(), ++number);
	mkdir(scene->directory, 0755);
	scene->arena = arena_new(65536, 64 << 20);
	error_init(&scene->error, scene->arena);
	server_make_database(DATABASE);
	*state = scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;

	arena_free(scene->arena);
	free(scene);
	return 0;
}

static void write_file(struct scene *scene, const char *name, const char *text, size_t length)
{
	char path[600];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", scene->directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	fclose(file);
}

static void write_text(struct scene *scene, const char *name, const char *text)
{
	write_file(scene, name, text, strlen(text));
}

static void remove_file(struct scene *scene, const char *name)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", scene->directory, name);
	assert_int_equal(unlink(path), 0);
}

static int run_migrations(struct scene *scene)
{
	const struct migrate_report report = { .line = take_line, .context = scene };

	arena_reset(scene->arena);
	error_init(&scene->error, scene->arena);
	scene->lines[0] = '\0';
	return migrate_run(
	    &scene->settings, scene->directory, MIGRATE_LEASE_SECONDS, &report, &scene->error);
}

static void check_run(struct scene *scene, const char *lines)
{
	if (run_migrations(scene) < 0)
		fail_msg("%s", scene->error.detail);
	assert_string_equal(scene->lines, lines);
}

static void check_failure(struct scene *scene, enum error_code code, const char *part)
{
	assert_int_equal(run_migrations(scene), -1);
	assert_int_equal(scene->error.code, code);
	assert_null(scene->error.message);
	if (strstr(scene->error.detail, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, scene->error.detail);
}

static void test_in_order_and_once(void **state)
{
	struct scene *scene = *state;

	write_text(scene, "002_b.sql", "INSERT INTO t VALUES (2);\n");
	write_text(scene, "001_a.sql",
	    "-- a comment; with a semicolon\nCREATE TABLE t (id INT PRIMARY KEY);\n"
	    "INSERT INTO t VALUES (1); -- the rest\n");
	write_text(scene, "README", "not a migration");
	check_run(scene, "001_a.sql: applied;002_b.sql: applied;");
	check_run(scene, "001_a.sql: already there;002_b.sql: already there;");
	write_text(scene, "003_c.sql", "INSERT INTO t VALUES (3)");
	check_run(scene, "001_a.sql: already there;002_b.sql: already there;003_c.sql: applied;");
	assert_string_equal(server_value(DATABASE, "SELECT GROUP_CONCAT(id) FROM t"), "1,2,3");
	assert_string_equal(server_value(DATABASE, "SELECT GROUP_CONCAT(version, ' ', name, ' ', "
						   "LENGTH(checksum) ORDER BY version) FROM "
						   "schema_version WHERE ABS(TIMESTAMPDIFF(SECOND, "
						   "applied_at, UTC_TIMESTAMP())) < 60"),
	    "1 001_a.sql 64,2 002_b.sql 64,3 003_c.sql 64");
}

static void test_directories_at_fault(void **state)
{
	struct scene *scene = *state;

	check_failure(scene, ERROR_INTERNAL, "contains no NNN_name.sql");
	write_text(scene, "002_b.sql", "DO 1");
	check_failure(scene, ERROR_INTERNAL, "002_b.sql is found where number 001 is expected");
	write_text(scene, "001_a.sql", "DO 1");
	write_text(scene, "002_c.sql", "DO 1");
	check_failure(scene, ERROR_INTERNAL, "002_c.sql is found where number 003 is expected");
	remove_file(scene, "002_c.sql");
	write_text(scene, "3_c.sql", "DO 1");
	check_failure(scene, ERROR_INTERNAL, "3_c.sql is not NNN_name.sql");
	remove_file(scene, "3_c.sql");
	check_run(scene, "001_a.sql: applied;002_b.sql: applied;");
	write_text(scene, "001_a.sql", "DO 2");
	check_failure(scene, ERROR_INTERNAL, "001_a.sql has changed since it was applied");
	write_text(scene, "001_a.sql", "DO 1");
	remove_file(scene, "002_b.sql");
	check_run(scene, "001_a.sql: already there;");
	snprintf(scene->directory, sizeof(scene->directory), "%s/nowhere", server_directory());
	check_failure(scene, ERROR_INTERNAL, "nowhere: No such file or directory");
}

/* A newer schema is fine for older programs, unless one of its files says otherwise. */
static void test_compatible(void **state)
{
	static const char *const wrong[] = { "", " 0", " 4", " x", " 1 2", "-1" };
	struct scene *scene = *state;
	char text[64];

	write_text(scene, "001_a.sql", "DO 1");
	write_text(scene, "002_b.sql", "-- text\n-- compatible-from: 1\nDO 1");
	check_run(scene, "001_a.sql: applied;002_b.sql: applied;");
	remove_file(scene, "002_b.sql");
	check_run(scene, "001_a.sql: already there;");
	write_text(scene, "002_b.sql", "-- text\n-- compatible-from: 1\nDO 1");
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		snprintf(text, sizeof(text), "-- compatible-from:%s\nDO 1", wrong[i]);
		write_text(scene, "003_c.sql", text);
		check_failure(scene, ERROR_INTERNAL, "followed by a number from 1 to 3");
		snprintf(text, sizeof(text), "-- compatible-from-when-new:%s\nDO 1", wrong[i]);
		write_text(scene, "003_c.sql", text);
		check_failure(scene, ERROR_INTERNAL, "followed by a number from 1 to 3");
	}
	write_text(scene, "003_c.sql", "-- compatible-from: 2\nDO 1\n");
	check_run(scene, "001_a.sql: already there;002_b.sql: already there;003_c.sql: applied;");
	remove_file(scene, "003_c.sql");
	check_run(scene, "001_a.sql: already there;002_b.sql: already there;");
	remove_file(scene, "002_b.sql");
	check_failure(scene, ERROR_INTERNAL, "requires a program of schema version 2 or newer");
}

/* What a database that was empty need not consider counts there alone. */
static void test_compatible_when_new(void **state)
{
	static const char oldest[] = "SELECT MAX(compatible_from) FROM schema_version";
	struct scene *scene = *state;

	write_text(
	    scene, "001_a.sql", "CREATE TABLE IF NOT EXISTS revocation (id INT, counter INT)");
	write_text(scene, "002_b.sql", "-- compatible-from-when-new: 2\nDO 1");
	check_run(scene, "001_a.sql: applied;002_b.sql: applied;");
	assert_string_equal(server_value(DATABASE, oldest), "2");
	/* One that was used before, though nobody knows any more by whom. */
	server_run(DATABASE, "DELETE FROM schema_version");
	check_run(scene, "001_a.sql: applied;002_b.sql: applied;");
	assert_string_equal(server_value(DATABASE, oldest), "0");
	/* And one that had the first file only. */
	server_run(DATABASE, "DELETE FROM schema_version WHERE version = 2");
	check_run(scene, "001_a.sql: already there;002_b.sql: applied;");
	assert_string_equal(server_value(DATABASE, oldest), "0");
}

static void test_faulty_statement(void **state)
{
	struct scene *scene = *state;

	write_text(scene, "001_a.sql",
	    "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY, v VARCHAR(10));\n"
	    "INSERT IGNORE INTO t VALUES (1, 'a');\nINSERT INTO t VALUES (1, 'b');\nDO 1;\n");
	check_failure(scene, ERROR_INTERNAL, "001_a.sql, statement 3: database error 1062 (23000)");
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM schema_version"), "0");
	/* Mended, it runs from its beginning over what is there. */
	write_text(scene, "001_a.sql",
	    "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY, v VARCHAR(10));\n"
	    "INSERT IGNORE INTO t VALUES (1, 'a');\nINSERT INTO t VALUES (2, 'b');\nDO 1;\n");
	check_run(scene, "001_a.sql: applied;");
	write_text(scene, "002_b.sql", "SELEC 1");
	check_failure(scene, ERROR_INTERNAL, "002_b.sql, statement 1: database error 1064");
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM schema_version"), "1");
}

/* What others have made is left alone, also what is called as ours would be. */
static void test_tables_of_others(void **state)
{
	static const char *const theirs[] = {
		"CREATE TABLE user (i INT)",
		"CREATE VIEW v AS SELECT 1",
		"CREATE TABLE schema_version (version INT)",
	};
	struct scene *scene = *state;

	write_text(scene, "001_a.sql", "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY)");
	for (size_t i = 0; i < COUNT_OF(theirs); i++) {
		server_make_database(DATABASE);
		server_run(DATABASE, theirs[i]);
		check_failure(scene, ERROR_INTERNAL, "a database of its own");
		assert_string_equal(
		    server_value(DATABASE, "SELECT COUNT(*) FROM information_schema.TABLES WHERE "
					   "TABLE_SCHEMA = DATABASE()"),
		    "1");
	}
	/* A run that ended before it had made more than its first table goes on. */
	server_make_database(DATABASE);
	server_run(DATABASE, "CREATE TABLE schema_lease (id TINYINT NOT NULL PRIMARY KEY, holder "
			     "VARCHAR(512) NOT NULL, expires_at DATETIME(6) NOT NULL)");
	check_run(scene, "001_a.sql: applied;");
	server_run(DATABASE, "CREATE TABLE theirs (i INT)");
	check_run(scene, "001_a.sql: already there;");
}

static void test_no_server(void **state)
{
	struct scene *scene = *state;

	write_text(scene, "001_a.sql", "DO 1");
	scene->settings.database_socket = "/nowhere/s";
	check_failure(scene, ERROR_UNAVAILABLE, "connecting: database error 2002");
	scene->settings = server_settings("no_such_database");
	check_failure(scene, ERROR_UNAVAILABLE, "database error 1049");
}

/* Several at once: one applies, the others wait and find it done. */
static void test_side_by_side(void **state)
{
	struct scene *scene = *state;
	pid_t children[4];

	write_text(scene, "001_a.sql", "CREATE TABLE t (id INT PRIMARY KEY);\nDO SLEEP(0.3);\n");
	for (size_t i = 0; i < COUNT_OF(children); i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(run_migrations(scene) == 0 ? 0 : 1);
	}
	for (size_t i = 0; i < COUNT_OF(children); i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
}

/* A run that died leaves its lease behind; on the same server the next one takes it over at once.
 */
static void test_lease(void **state)
{
	struct scene *scene = *state;
	int64_t begun = timestamp_monotonic();

	write_text(scene, "001_a.sql", "DO 1");
	check_run(scene, "001_a.sql: applied;");
	server_run(
	    DATABASE, "UPDATE schema_lease SET expires_at = UTC_TIMESTAMP() + INTERVAL 1 HOUR");
	check_run(scene, "001_a.sql: already there;");
	/* One that another server holds is waited for. */
	server_run(DATABASE, "UPDATE schema_lease SET holder = 'other', expires_at = "
			     "UTC_TIMESTAMP(6) + INTERVAL 1 SECOND");
	check_run(scene, "001_a.sql: already there;");
	assert_in_range(timestamp_monotonic() - begun, 800000, 5000000);
	assert_string_equal(
	    server_value(DATABASE, "SELECT expires_at <= UTC_TIMESTAMP(6) FROM schema_lease"), "1");
}

static char *read_source(const char *name, size_t *length)
{
	char *text = malloc(TEXT_MAX);
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	*length = fread(text, 1, TEXT_MAX - 1, file);
	text[*length] = '\0';
	fclose(file);
	return text;
}

/* End of the next statement: our files end each one with ";" at the end of a line. */
static const char *statement_end(const char *text)
{
	const char *end = strstr(text, ";\n");

	return end != NULL ? end + 2 : NULL;
}

/* Under load the server's own catalogue has been seen empty right after a change of tables. */
static const char *describe_schema(void)
{
	const char *digest = "";

	for (int attempt = 0; attempt < 50 && digest[0] == '\0'; attempt++) {
		usleep(attempt > 0 ? 20000 : 0);
		digest = server_value(DATABASE,
		    "SELECT MD5(GROUP_CONCAT(table_name, column_name, column_type, is_nullable, "
		    "IFNULL(column_default, '') ORDER BY table_name, ordinal_position SEPARATOR "
		    "'\\n')) FROM information_schema.columns WHERE table_schema = DATABASE()");
	}
	assert_string_not_equal(digest, "");
	return digest;
}

/* Each file of the program, run twice over the same database. */
static void test_own_files_twice(void **state)
{
	struct scene *scene = *state;
	char schema[64], version[16];

	snprintf(scene->directory, sizeof(scene->directory), "%s", source_path("sql"));
	assert_int_equal(run_migrations(scene), 0);
	snprintf(version, sizeof(version), "%d", SCHEMA_VERSION);
	assert_string_equal(
	    server_value(DATABASE, "SELECT MAX(version) FROM schema_version"), version);
	snprintf(schema, sizeof(schema), "%s", describe_schema());
	server_run(DATABASE, "DELETE FROM schema_version");
	assert_int_equal(run_migrations(scene), 0);
	assert_string_equal(describe_schema(), schema);
	assert_string_equal(server_value(DATABASE, "SELECT counter FROM revocation"), "0");
}

/* Each file cut after each of its statements, then run whole: the schema is the same as in one go.
 */
static void test_own_files_cut(void **state)
{
	struct scene *scene = *state;
	size_t length;
	char *text = read_source(source_path("sql/001_foundation.sql"), &length);
	char schema[64];
	unsigned cuts = 0;

	write_file(scene, "001_foundation.sql", text, length);
	check_run(scene, "001_foundation.sql: applied;");
	snprintf(schema, sizeof(schema), "%s", describe_schema());
	for (const char *cut = statement_end(text); cut != NULL; cut = statement_end(cut)) {
		char *part = calloc(1, (size_t)(cut - text) + 32);

		server_make_database(DATABASE);
		memcpy(part, text, (size_t)(cut - text));
		memcpy(part + (cut - text), "SELEC broken;\n", 14);
		write_text(scene, "001_foundation.sql", part);
		assert_int_equal(run_migrations(scene), -1);
		write_file(scene, "001_foundation.sql", text, length);
		check_run(scene, "001_foundation.sql: applied;");
		assert_string_equal(describe_schema(), schema);
		free(part);
		cuts++;
	}
	assert_true(cuts > 10);
	free(text);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_in_order_and_once),
		SCENE(test_directories_at_fault),
		SCENE(test_compatible),
		SCENE(test_compatible_when_new),
		SCENE(test_faulty_statement),
		SCENE(test_tables_of_others),
		SCENE(test_no_server),
		SCENE(test_side_by_side),
		SCENE(test_lease),
		SCENE(test_own_files_twice),
		SCENE(test_own_files_cut),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	server_end();
	return failed;
}
