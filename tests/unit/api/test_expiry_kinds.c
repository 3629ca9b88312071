/*
 * What grows old: no table that grows by itself is forgotten, and each kind can be counted and
 * deleted.
 */
#include <stdio.h>

#include "../lib/rows.h"
#include "../lib/server.h"
#include "api/expiry_kinds.h"

#define DATABASE "expiry"
#define OLD "UTC_TIMESTAMP(6) - INTERVAL 9 DAY"
#define DAYS(count) ((count)*24 * 3600 * MICROSECONDS_PER_SECOND)

/* Tables without a kind, each with the reason why its rows need none. */
static const struct {
	const char *table, *reason;
} kept[] = {
	{ "assembly", "somebody keeps them" },
	{ "contact", "somebody keeps them" },
	{ "customer", "somebody keeps them" },
	{ "customer_order", "somebody keeps them" },
	{ "delegate", "go with their group" },
	{ "delegate_association", "go with their group" },
	{ "delegate_client", "somebody keeps them" },
	{ "delegate_condition", "go with their group" },
	{ "delegate_evaluation", "one row" },
	{ "discovery_association", "go with their application" },
	{ "discovery_departure", "those of a day ago go when another application leaves" },
	{ "hosting_client", "somebody keeps them" },
	{ "hosting_domain", "somebody keeps them" },
	{ "import_map", "one of each row that was imported" },
	{ "license", "somebody keeps them" },
	{ "license_assembly", "go with their license" },
	{ "license_consumption", "one of each counter" },
	{ "license_counter", "go with their license" },
	{ "license_feature", "go with their license" },
	{ "license_field", "go with their license" },
	{ "license_figure", "one of each word that licenses are grouped by" },
	{ "license_restriction", "go with their license" },
	{ "license_tally", "one row" },
	{ "license_template", "somebody keeps them" },
	{ "license_trace_tally", "go when the traces that they count have gone: record/tally.h" },
	{ "log_entry_tally", "go when the entries that they count have gone: record/tally.h" },
	{ "machine_claim", "a fixed number" },
	{ "mail_outbox", "programs of before schema 13 write there: record/adopt.c moves them" },
	{ "mail_quota", "one of each user" },
	{ "order_product", "go with their order" },
	{ "product", "somebody keeps them" },
	{ "product_release", "go with their product" },
	{ "release_assembly", "go with their release" },
	{ "report_property", "go with their report" },
	{ "resource", "somebody keeps them" },
	{ "revocation", "a few numbers that are counted up" },
	{ "role", "one of each role" },
	{ "row_count", "a fixed number for each table" },
	{ "row_tally", "one of each table that numbers are kept of" },
	{ "schema_lease", "one at most" },
	{ "schema_version", "one of each migration" },
	{ "secret_key", "somebody keeps them" },
	{ "seat_day", "one of each day" },
	{ "server_setting", "somebody keeps them" },
	{ "signing_key", "somebody keeps them" },
	{ "user", "somebody keeps them" },
	{ "account", "somebody keeps them" },
	{ "user_account", "go with their user" },
	{ "user_role", "go with their user" },
	{ "user_setting", "go with their user" },
	{ "webhook", "somebody keeps them" },
	{ "user_recovery_code", "those of a user" },
	{ "user_second_factor", "one of a user" },
};

static struct settings settings;
static struct database *database;
static struct arena *arena;
static struct error error;
static struct context context;
static const struct expiry *kinds;
static unsigned kind_count;

static int begin(void **state)
{
	(void)state;
	server_make_schema(DATABASE);
	settings = server_settings(DATABASE);
	database = database_new(&settings);
	arena = arena_new(65536, 64 << 20);
	error_init(&error, arena);
	context = (struct context){ .arena = arena,
		.settings = &settings,
		.database = database,
		.actor = { .kind = ACTOR_OPERATOR } };
	kinds = expiry_kinds(arena, &kind_count);
	return kinds != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	database_free(database);
	arena_free(arena);
	return 0;
}

static bool has_kind(const char *table)
{
	for (unsigned i = 0; i < kind_count; i++) {
		if (strcmp(expiry_table(&kinds[i]), table) == 0)
			return true;
	}
	return false;
}

static bool is_kept(const char *table)
{
	for (size_t i = 0; i < ROWS(kept); i++) {
		if (strcmp(kept[i].table, table) == 0)
			return true;
	}
	return false;
}

static void test_no_table_is_forgotten(void **state)
{
	char query[512], table[65];
	unsigned count = 0;

	(void)state;
	for (;; count++) {
		snprintf(query, sizeof(query),
		    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
		    "'" DATABASE "' ORDER BY TABLE_NAME LIMIT 1 OFFSET %u",
		    count);
		snprintf(table, sizeof(table), "%s", server_value(NULL, query));
		if (table[0] == '\0')
			break;
		if (has_kind(table) == is_kept(table))
			fail_msg("%s has %s", table,
			    is_kept(table) ? "both a kind and a reason to have none"
					   : "neither a kind of expiry nor a reason to have none");
	}
	assert_true(count > ROWS(kept));
	for (size_t i = 0; i < ROWS(kept); i++) {
		snprintf(query, sizeof(query),
		    "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" DATABASE
		    "' AND TABLE_NAME = '%s'",
		    kept[i].table);
		if (strcmp(server_value(NULL, query), "1") != 0)
			fail_msg("there is no table %s (%s)", kept[i].table, kept[i].reason);
	}
}

/* What the log can show of a kind, and what tells it from the others. */
static void test_rows(void **state)
{
	(void)state;
	for (unsigned i = 0; i < kind_count; i++) {
		const struct expiry *kind = &kinds[i];

		assert_non_null(kind->what);
		assert_non_null(kind->order);
		assert_true((kind->resource == NULL) == (kind->table != NULL));
		assert_non_null(strchr(kind->condition, '?'));
		assert_ptr_equal(strchr(kind->condition, '?'), strrchr(kind->condition, '?'));
		/* Rows that the database deletes with these would not be counted off. */
		if (kind->resource != NULL && kind->resource->cascade_count > 0)
			fail_msg("%s have counted rows that go with them", kind->what);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(kind->what, kinds[j].what);
	}
}

/* The statements of each kind are what the database understands. */
static void test_each_kind(void **state)
{
	(void)state;
	for (unsigned i = 0; i < kind_count; i++) {
		int64_t count = -1;

		if (expiry_count(&context, &kinds[i], timestamp_now(), &count, &error) != 0 ||
		    count != 0 ||
		    expiry_delete(&context, &kinds[i], timestamp_now(), &count, &error) != 0 ||
		    count != 0)
			fail_msg("%s: %s", kinds[i].what,
			    error.detail != NULL ? error.detail : "there should be none");
	}
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM log_entry"), "0");
}

static const struct expiry *find_kind(const char *what)
{
	for (unsigned i = 0; i < kind_count; i++) {
		if (strcmp(kinds[i].what, what) == 0)
			return &kinds[i];
	}
	fail_msg("there are no %s", what);
	return NULL;
}

/* Each portion leaves an entry, and what is counted stays counted. */
static void test_entries(void **state)
{
	const struct expiry *kind = find_kind("license traces");
	int64_t count = 0, before = timestamp_now() - DAYS(1);

	(void)state;
	server_run(DATABASE,
	    "INSERT INTO license (license_id, user_key) VALUES ('L', 'K');"
	    "INSERT INTO license_trace (license_id, created_at) SELECT LAST_INSERT_ID(), "
	    "IF(seq > 2500, UTC_TIMESTAMP(6), " OLD ") FROM seq_1_to_2503;"
	    "INSERT INTO row_count (table_name, shard, count) VALUES ('license_trace', 0, 2503) "
	    "ON DUPLICATE KEY UPDATE count = count + 2503");
	assert_int_equal(expiry_count(&context, kind, before, &count, &error), 0);
	assert_int_equal(count, 2500);
	assert_int_equal(expiry_delete(&context, kind, before, &count, &error), 0);
	assert_int_equal(count, 2500);
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM license_trace"), "3");
	assert_string_equal(
	    server_value(
		DATABASE, "SELECT SUM(count) FROM row_count WHERE table_name = 'license_trace'"),
	    "3");
	assert_string_equal(
	    server_value(DATABASE,
		"SELECT GROUP_CONCAT(action, ' ', resource, ' ', area, ' ', row_count ORDER BY id "
		"SEPARATOR '; ') FROM audit_entry"),
	    "delete license traces licenses 2000; delete license traces licenses 500");
}

/* One portion that fails leaves all of its rows, and says how many went before. */
static void test_failure(void **state)
{
	const struct expiry *kind = find_kind("idempotency keys");
	int64_t count = 0;

	(void)state;
	server_run(DATABASE,
	    "DELETE FROM audit_entry;"
	    "INSERT INTO idempotency (key_hash, request_hash, status, response, expires_at) SELECT "
	    "UNHEX(SHA2(seq, 256)), '', 200, '', " OLD " + INTERVAL seq SECOND FROM seq_1_to_2100;"
	    "CREATE TRIGGER refuse BEFORE DELETE ON idempotency FOR EACH ROW IF OLD.key_hash = "
	    "UNHEX(SHA2(2050, 256)) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this "
	    "one'; END IF");
	assert_int_equal(expiry_delete(&context, kind, timestamp_now(), &count, &error), -1);
	assert_non_null(strstr(error.detail, "not this one"));
	assert_int_equal(count, 2000);
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM idempotency"), "100");
	assert_string_equal(server_value(DATABASE, "SELECT COUNT(*) FROM audit_entry"), "1");
	error_clear(&error);
}

/* Rows are kept as long as their option says, for ever where it is 0. */
static void test_moment(void **state)
{
	const struct expiry *kind = find_kind("reports");
	int64_t moment, now = timestamp_now();

	(void)state;
	settings.report_retention = 0;
	assert_false(expiry_moment(kind, &settings, &moment));
	settings.report_retention = 86400;
	assert_true(expiry_moment(kind, &settings, &moment));
	assert_true(moment >= now - DAYS(1) && moment <= timestamp_now() - DAYS(1));
	assert_true(expiry_moment(find_kind("tokens"), &settings, &moment));
	assert_true(moment >= now && moment <= timestamp_now());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_table_is_forgotten),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_moment),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, begin, end);
	server_end();
	return failed;
}
