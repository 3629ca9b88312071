#include "../lib/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "auth/last_used.h"
#include "schema/resource.h"

#define NAME "test_last_used"
#define USER "11111111-2222-4333-8444-555555555555"
#define CLIENT "21111111-2222-4333-8444-555555555555"
#define SESSION "31111111-2222-4333-8444-555555555555"

struct fixture {
	struct settings settings;
	struct arena *arena;
	struct database *database;
	struct last_used *uses;
	struct error error;
};

static struct fixture fixture;

static int set_up(void **state)
{
	server_make_schema(NAME);
	server_run(NAME,
	    "INSERT INTO user (id, user_name) VALUES ('" USER "', 'anna');"
	    "INSERT INTO api_client (id, name, user_id) VALUES ('" CLIENT "', 'c', '" USER "');"
	    "INSERT INTO api_client_secret (client_id, number, secret_hash) VALUES "
	    "('" CLIENT "', 1, 'x'), ('" CLIENT "', 2, 'y');"
	    "INSERT INTO oauth_session (id, user_id, grant_type, expires_at) VALUES "
	    "('" SESSION "', '" USER "', 'password', '2099-01-01');"
	    "INSERT INTO api_key (id, name, key_hash, key_prefix, owner_id) "
	    "SELECT seq, 'k', UNHEX(SHA2(seq, 256)), 'api_', '" USER "' FROM seq_1_to_40");
	fixture.settings = server_settings(NAME);
	fixture.arena = arena_new(4096, 1 << 20);
	fixture.database = database_new(&fixture.settings);
	fixture.uses = last_used_new();
	error_init(&fixture.error, fixture.arena);
	assert_int_equal(database_ready(fixture.database, &fixture.error), 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	last_used_free(fixture.uses);
	database_free(fixture.database);
	arena_free(fixture.arena);
	return 0;
}

static unsigned write_all(void)
{
	database_count_reset(fixture.database);
	assert_int_equal(last_used_write(fixture.uses, fixture.database, &fixture.error), 0);
	return database_count(fixture.database);
}

static struct uuid identifier(const char *text)
{
	struct uuid uuid;

	assert_true(uuid_parse(str_from(text), &uuid));
	return uuid;
}

static void test_each_kind(void **state)
{
	struct uuid client = identifier(CLIENT), session = identifier(SESSION);

	(void)state;
	last_used_note_key(fixture.uses, 7);
	last_used_note_client(fixture.uses, &client);
	last_used_note_secret(fixture.uses, &client, 2);
	last_used_note_session(fixture.uses, &session);
	last_used_note_registration(fixture.uses, &client);
	assert_int_equal(write_all(), 5);
	assert_string_equal(
	    server_value(NAME, "SELECT COUNT(*) FROM api_client WHERE use_count = 1 "
			       "AND registration_use_count = 1 AND "
			       "registration_used_at IS NOT NULL"),
	    "1");
	assert_string_equal(
	    server_value(NAME, "SELECT SUM(use_count) FROM api_client_secret"), "1");
	assert_string_equal(server_value(NAME, "SELECT SUM(use_count) FROM oauth_session"), "1");
	assert_string_equal(
	    server_value(NAME, "SELECT GROUP_CONCAT(id) FROM api_key "
			       "WHERE last_used_at > UTC_TIMESTAMP() - INTERVAL 1 MINUTE"),
	    "7");
	assert_string_equal(
	    server_value(NAME, "SELECT COUNT(*) FROM api_client WHERE last_used_at "
			       "> UTC_TIMESTAMP() - INTERVAL 1 MINUTE AND updated_at = created_at"),
	    "1");
	assert_string_equal(server_value(NAME, "SELECT GROUP_CONCAT(number) FROM api_client_secret "
					       "WHERE last_used_at IS NOT NULL"),
	    "2");
	assert_string_equal(
	    server_value(NAME, "SELECT COUNT(*) FROM oauth_session WHERE last_used_at IS NOT NULL"),
	    "1");
}

static const char *count_of_first(void)
{
	return server_value(NAME, "SELECT use_count FROM api_key WHERE id = 1");
}

/* The same again within the minute costs nothing, and is counted all the same. */
static void test_once_a_minute(void **state)
{
	struct last_used *other = last_used_new();

	(void)state;
	last_used_note_key(fixture.uses, 1);
	last_used_note_key(fixture.uses, 1);
	assert_int_equal(write_all(), 1);
	assert_string_equal(count_of_first(), "2");
	last_used_note_key(fixture.uses, 1);
	last_used_note_key(fixture.uses, 1);
	last_used_note_key(fixture.uses, 1);
	assert_int_equal(write_all(), 0);
	last_used_note_key(other, 1);
	assert_int_equal(last_used_write(other, fixture.database, &fixture.error), 0);
	assert_string_equal(count_of_first(), "3");
	/* Who leaves waits for no minute; what comes late is not the last use. */
	server_run(NAME, "UPDATE api_key SET last_used_at = '2099-01-01'");
	assert_int_equal(last_used_flush(fixture.uses, fixture.database, &fixture.error), 0);
	assert_string_equal(count_of_first(), "6");
	assert_string_equal(
	    server_value(NAME, "SELECT YEAR(last_used_at) FROM api_key WHERE id = 1"), "2099");
	last_used_free(other);
}

static void test_batches(void **state)
{
	(void)state;
	for (int64_t id = 1; id <= 40; id++)
		last_used_note_key(fixture.uses, id);
	assert_int_equal(write_all(), LAST_USED_BATCH);
	assert_int_equal(write_all(), LAST_USED_BATCH);
	assert_int_equal(write_all(), 40 - 2 * LAST_USED_BATCH);
	assert_int_equal(write_all(), 0);
	assert_string_equal(
	    server_value(NAME, "SELECT COUNT(*) FROM api_key WHERE last_used_at IS NOT NULL"),
	    "40");
}

/* Neither more credentials than there is room for nor ones that are gone do any harm. */
static void test_too_many(void **state)
{
	unsigned writes = 0, count;

	(void)state;
	for (int64_t id = 1; id <= 5000; id++)
		last_used_note_key(fixture.uses, id);
	while ((count = write_all()) > 0)
		writes += count;
	assert_in_range(writes, 500, 1024);
}

/* What could not be written is kept. */
static void test_failure(void **state)
{
	(void)state;
	server_run(NAME, "ALTER TABLE api_key CHANGE last_used_at away DATETIME(6) NULL");
	last_used_note_key(fixture.uses, 3);
	assert_int_equal(last_used_write(fixture.uses, fixture.database, &fixture.error), -1);
	error_clear(&fixture.error);
	server_run(NAME, "ALTER TABLE api_key CHANGE away last_used_at DATETIME(6) NULL");
	assert_int_equal(write_all(), 1);
	assert_string_equal(
	    server_value(NAME, "SELECT last_used_at IS NULL FROM api_key WHERE id = 3"), "0");
}

static void test_no_connection(void **state)
{
	struct database *database = database_new(&fixture.settings);

	(void)state;
	last_used_note_key(fixture.uses, 3);
	assert_int_equal(last_used_write(fixture.uses, database, &fixture.error), 0);
	assert_false(database_connected(database));
	database_free(database);
	assert_int_equal(write_all(), 1);
}

static int begin(void **state)
{
	(void)state;
	server_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	server_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_kind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_once_a_minute, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_batches, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failure, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_connection, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
