/*
 * Encrypted members in the database: sealed from clear text, sealed anew, moved and counted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../lib/rows.h"
#include "../lib/server.h"
#include "api/licensing/licensing.h"
#include "auth/sealing.h"
#include "record/sealed.h"

#define DATABASE "sealed"
#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define KEY_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\n"
#define ROW_COUNT 21 /* more than two portions */

static struct arena *arena;
static struct settings settings;
static struct database *database;
static struct error error;

static void use_keys(const char *text)
{
	struct buf reason = { 0 };

	seal_keys_free(settings.seal_keys);
	settings.seal_keys = seal_keys_parse(str_from(text), &reason);
	assert_non_null(settings.seal_keys);
}

static int begin(void **state)
{
	(void)state;
	server_make_schema(DATABASE);
	settings = server_settings(DATABASE);
	settings.secret_key_path = "test.key";
	arena = arena_new(4096, 1 << 20);
	database = database_new(&settings);
	return arena == NULL || database == NULL;
}

static int end(void **state)
{
	(void)state;
	database_free(database);
	arena_free(arena);
	seal_keys_free(settings.seal_keys);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	server_run(DATABASE, "DELETE FROM resource; ALTER TABLE resource AUTO_INCREMENT = 1; "
			     "DELETE FROM secret_key");
	use_keys(KEY_A);
	error_init(&error, arena);
	return 0;
}

static struct sealed_work work_on(const char *member)
{
	const struct resource *resource = &licensing_resource_resource;

	return (struct sealed_work){ .settings = &settings,
		.database = database,
		.arena = arena_new(4096, 1 << 24),
		.resource = resource,
		.field = (unsigned)resource_field(resource, member) };
}

/* What a member of a row holds, opened; "(broken)" where it does not open. */
static const char *opened(const char *column, int id)
{
	static char text[256];
	char sql[200], place[64];
	struct str sealed, plain;
	const char *hex;
	char *bytes;
	int length;

	snprintf(sql, sizeof(sql), "SELECT HEX(%s) FROM resource WHERE id = %d", column, id);
	hex = server_value(DATABASE, sql);
	bytes = arena_alloc(arena, strlen(hex) / 2 + 1);
	for (size_t i = 0; i < strlen(hex) / 2; i++)
		bytes[i] = (char)(str_hex_digit(hex[2 * i]) << 4 | str_hex_digit(hex[2 * i + 1]));
	sealed = (struct str){ bytes, strlen(hex) / 2 };
	if (sealed.length == 0)
		return "(none)";
	length = snprintf(place, sizeof(place), "resource%c%s%c%d", 0, column, 0, id);
	if (unseal(settings.seal_keys, SEAL_FIELD, (struct str){ place, (size_t)length }, sealed,
		arena, &plain) != SEAL_GOOD)
		return "(broken)";
	snprintf(text, sizeof(text), STR_FORMAT, STR_ARGUMENTS(plain));
	return text;
}

static void insert_clear(void)
{
	for (int i = 1; i <= ROW_COUNT; i++) {
		char sql[200];

		snprintf(sql, sizeof(sql),
		    "INSERT INTO resource (name, type, password, data) VALUES ('r', 'RSA', 'pass "
		    "%d', 'data %d')",
		    i, i);
		server_run(DATABASE, sql);
	}
}

static void convert_all(void)
{
	static const char *const members[] = { "password", "privateData" };

	for (size_t i = 0; i < ROWS(members); i++) {
		struct sealed_work work = work_on(members[i]);

		assert_int_equal(sealed_count_clear(&work, &error), ROW_COUNT);
		assert_int_equal(sealed_convert(&work, &error), 0);
		assert_int_equal(work.done, ROW_COUNT);
		assert_int_equal(sealed_count_clear(&work, &error), 0);
		arena_free(work.arena);
	}
}

static void test_convert(void **state)
{
	(void)state;
	insert_clear();
	convert_all();
	assert_string_equal(opened("sealed_password", 1), "pass 1");
	assert_string_equal(opened("sealed_password", ROW_COUNT), "pass 21");
	assert_string_equal(opened("private_data", 9), "data 9");
	assert_string_equal(
	    server_value(DATABASE,
		"SELECT COUNT(*) FROM resource WHERE password IS NOT NULL OR data IS NOT NULL"),
	    "0");
	assert_string_equal(server_value(DATABASE, "SELECT id FROM secret_key WHERE active"),
	    seal_keys_id(settings.seal_keys, 0));
}

/* What is for other eyes stays as it is; keys are known by their names and by what they are. */
static void test_what_is_private(void **state)
{
	static const struct {
		const char *type, *format, *data;
		bool private;
	} rows[] = {
		{ "'email'", "'html'", "'<p>Hello</p>'", false },
		{ "NULL", "NULL", "'c29tZSBieXRlcw=='", false },
		{ "'Template'", "'xml'", "'<Licenses/>'", false },
		{ "'universal'", "'design'", "'x'", false },
		{ "'rsa'", "NULL", "'x'", true },
		{ "NULL", "'SNK'", "'x'", true },
		{ "'file'", "'PEM'", "'x'", true },
		{ "'Strong name key'", "NULL", "'x'", true },
		{ "'my signing'", "NULL", "'x'", true },
		{ "'email'", "NULL", "'-----BEGIN PRIVATE KEY-----'", true },
		{ "'text'", "NULL", "TO_BASE64('-----BEGIN RSA PRIVATE KEY-----')", true },
		{ "'text'", "'xml'", "'<RSAKeyValue><D>x</D></RSAKeyValue>'", true },
		{ "NULL", "NULL", "TO_BASE64(UNHEX('0702000000240000525341320004000001000100'))",
		    true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sealed_work work = work_on("privateData");
		char sql[300];

		snprintf(sql, sizeof(sql),
		    "DELETE FROM resource; INSERT INTO resource (name, type, data_format, data) "
		    "VALUES ('r', %s, %s, %s)",
		    rows[i].type, rows[i].format, rows[i].data);
		server_run(DATABASE, sql);
		assert_int_equal(sealed_convert(&work, &error), 0);
		expect_int((size_t)i, work.done, rows[i].private);
		arena_free(work.arena);
	}
}

static unsigned lost_count;

static void note_lost(
    void *context, const struct sealed_work *work, struct str key, const char *reason)
{
	(void)work;
	assert_string_equal(reason, context);
	assert_true(key.length > 0);
	lost_count++;
}

/* A value in another row, another column or with another bit does not open. */
static void test_moved(void **state)
{
	struct sealed_work work = work_on("password");

	(void)state;
	insert_clear();
	convert_all();
	server_run(DATABASE,
	    "UPDATE resource a JOIN resource b ON b.id = 2 SET a.sealed_password = "
	    "b.sealed_password WHERE a.id = 1;"
	    "UPDATE resource SET sealed_password = LEFT(private_data, 4096) WHERE id = 3;"
	    "UPDATE resource SET sealed_password = CONCAT(sealed_password, 'x') WHERE id = 4;"
	    "UPDATE resource SET sealed_password = LEFT(sealed_password, 20) WHERE id = 5");
	work.lost = note_lost;
	work.context = (void *)(uintptr_t)seal_state_text(SEAL_BROKEN);
	lost_count = 0;
	assert_int_equal(sealed_verify(&work, &error), 0);
	assert_int_equal(work.failed, 4);
	assert_int_equal(lost_count, 4);
	assert_int_equal(work.done, ROW_COUNT - 4);
	arena_free(work.arena);
}

static void count_key(void *context, const struct sealed_work *work, const char *id, int64_t count)
{
	(void)work;
	snprintf(context, 64, "%s %lld", id, (long long)count);
}

static void test_renew(void **state)
{
	struct sealed_work work = work_on("password");
	char seen[64], expected[64], id[SEAL_ID_TEXT];

	(void)state;
	insert_clear();
	convert_all();
	use_keys(KEY_B KEY_A);
	/* As long as the former key is the active one, nothing is sealed anew. */
	assert_int_equal(sealed_renew(&work, &error), 0);
	assert_int_equal(work.done, 0);
	assert_int_equal(sealing_choose(database, seal_keys_id(settings.seal_keys, 0), &error), 0);
	assert_int_equal(sealed_renew(&work, &error), 0);
	assert_int_equal(work.done, ROW_COUNT);
	assert_int_equal(work.failed, 0);
	use_keys(KEY_B);
	assert_string_equal(opened("sealed_password", 17), "pass 17");
	assert_string_equal(opened("private_data", 17), "(broken)"); /* not renewed */
	work.context = seen;
	assert_int_equal(sealed_count_by_key(&work, count_key, &error), 0);
	snprintf(
	    expected, sizeof(expected), "%s %d", seal_keys_id(settings.seal_keys, 0), ROW_COUNT);
	assert_string_equal(seen, expected);
	/* Without the active key nothing can be sealed, and the error says which it is. */
	snprintf(id, sizeof(id), "%s", seal_keys_id(settings.seal_keys, 0));
	use_keys(KEY_A);
	assert_int_equal(sealed_renew(&work, &error), -1);
	assert_int_equal(error.code, ERROR_UNAVAILABLE);
	assert_non_null(strstr(error.detail, id));
	assert_non_null(strstr(error.detail, "test.key"));
	error_clear(&error);
	assert_int_equal(sealed_forget(&work, id, &error), 0);
	assert_string_equal(opened("sealed_password", 17), "(none)");
	arena_free(work.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_convert, clean),
		cmocka_unit_test_setup(test_what_is_private, clean),
		cmocka_unit_test_setup(test_moved, clean),
		cmocka_unit_test_setup(test_renew, clean),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, begin, end);
	server_end();
	return failed;
}
