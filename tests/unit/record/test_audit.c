/*
 * The audit log: what an entry tells, of whom, and that there is one for each change and no other.
 */
#include <stdio.h>

#include "../lib/queries.h"
#include "../lib/server.h"
#include "record/audit.h"
#include "record/record.h"

#define ID_MEMBER 0

static struct resource item;
static struct record record = { .resource = &item };
static struct queries *queries;
static struct context *context;

static int begin(void **state)
{
	int result = queries_begin(state);

	server_run(QUERIES_DATABASE,
	    "CREATE TABLE IF NOT EXISTS log_entry (id BIGINT AUTO_INCREMENT PRIMARY KEY, message "
	    "TEXT, message_template TEXT, level TEXT, time_stamp DATETIME(6), area TEXT, "
	    "properties LONGTEXT) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin; TRUNCATE TABLE "
	    "log_entry");
	item = catalogue_item;
	record = (struct record){ .resource = &item };
	queries = *state;
	queries_prepare(queries, &item, NULL, NULL);
	context = &queries->operation.context;
	context->actor =
	    (struct actor){ .kind = ACTOR_OPERATOR, .name = STR("command line as root") };
	return result;
}

static struct row *row_of(const char *code, const char *name)
{
	struct row *row = row_new(queries->arena, &item);

	row_set_text(row, (unsigned)resource_field(&item, "code"), str_from(code));
	if (name != NULL)
		row_set_text(row, (unsigned)resource_field(&item, "name"), str_from(name));
	return row;
}

static struct row *key_of(int64_t id)
{
	struct row *key = row_new(queries->arena, &item);

	row_set_integer(key, ID_MEMBER, id);
	return key;
}

static int insert(struct context *of, void *change, struct error *error)
{
	return record_insert(of, &record, change, error);
}

static int update(struct context *of, void *change, struct error *error)
{
	return record_update(of, &record, change, error);
}

static int delete (struct context *of, void *change, struct error *error)
{
	return record_delete(of, &record, change, error);
}

static void run(
    int (*work)(struct context *, void *, struct error *), const struct row *keys, struct row *sent)
{
	struct record_change change = { .keys = keys, .sent = sent };

	assert_int_equal(record_transaction(context, work, &change, &queries->error), 0);
}

/* Columns of the newest entry. */
static const char *newest(const char *columns)
{
	char query[500];

	snprintf(query, sizeof(query),
	    "SELECT CONCAT_WS('|', %s) FROM audit_entry ORDER BY id DESC "
	    "LIMIT 1",
	    columns);
	return server_value(QUERIES_DATABASE, query);
}

static void check_entries(const char *expected)
{
	assert_string_equal(
	    server_value(QUERIES_DATABASE,
		"SELECT COALESCE(GROUP_CONCAT(action ORDER BY id), '') FROM audit_entry"),
	    expected);
}

static void test_rows(void **state)
{
	(void)state;
	run(insert, NULL, row_of("a", "old"));
	assert_string_equal(newest("actor_kind, actor_name, action, area, resource, row_key"),
	    "command|command line as root|insert|products|item|1");
	assert_string_equal(newest("ISNULL(before_row), JSON_VALUE(after_row, '$.name')"), "1|old");
	run(update, key_of(1), row_of("a", "new"));
	/* Members that stay as they are tell nothing. */
	assert_string_equal(newest("action, before_row, after_row"),
	    "update|{\"name\":\"old\"}|{\"name\":\"new\"}");
	/* The same once more is no change. */
	run(update, key_of(1), row_of("a", "new"));
	check_entries("insert,update");
	run(delete, key_of(1), NULL);
	assert_string_equal(
	    newest("action, JSON_VALUE(before_row, '$.name'), ISNULL(after_row)"), "delete|new|1");
	check_entries("insert,update,delete");
	assert_string_equal(
	    newest("TIMESTAMPDIFF(SECOND, made_at, UTC_TIMESTAMP(6)) BETWEEN 0 AND 60"), "1");
}

static void test_secrets(void **state)
{
	struct row *row = row_of("a", NULL);

	(void)state;
	row_set_text(row, (unsigned)resource_field(&item, "password"), STR("of the caller"));
	row_set_text(row, (unsigned)resource_field(&item, "token"), STR("of the key"));
	row_set_text(row, (unsigned)resource_field(&item, "inner"), STR("of the program"));
	run(insert, NULL, row);
	assert_string_equal(newest("JSON_VALUE(after_row, '$.password'), JSON_VALUE(after_row, "
				   "'$.token'), ISNULL(JSON_VALUE(after_row, '$.inner'))"),
	    FIELD_MASK "|" FIELD_MASK "|1");
	assert_string_equal(newest("after_row LIKE '%of the %'"), "0");
	/* One that is taken away is told, too. */
	row = row_new(queries->arena, &item);
	row_set_null(row, (unsigned)resource_field(&item, "password"));
	run(update, key_of(1), row);
	assert_string_equal(newest("after_row"), "{\"password\":null}");
}

static void test_long_text(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	item.fields = catalogue_item.fields;
	server_run(QUERIES_DATABASE, "ALTER TABLE item MODIFY name VARCHAR(4000)");
	run(insert, NULL, row_of("a", text));
	assert_string_equal(newest("LENGTH(after_row) < 2000, JSON_VALUE(after_row, '$.name') LIKE "
				   "CONCAT('xxx%, SHA-256 ', SHA2(REPEAT('x', 2999), 256))"),
	    "1|1");
}

static void test_actors(void **state)
{
	const struct uuid id = { { 1 } };
	const struct principal user = {
		.user = id, .user_name = "ada", .key_id = 7, .session = id
	};
	const struct {
		struct actor actor;
		const char *expected; /* kind, name, user, key and client known, address, request */
	} rows[] = {
		{ { .principal = &user, .address = STR("10.0.0.1"), .request_id = "r-1" },
		    "user|ada|1|7|0|10.0.0.1|r-1" },
		{ { .user = id, .client = id, .name = STR("bob") }, "user|bob|1|0|1" },
		{ { .client = id, .name = STR("till") }, "client|till|0|0|1" },
		{ { .address = STR("10.0.0.2") }, "anonymous|anonymous|0|0|0|10.0.0.2" },
		{ { .kind = ACTOR_OPERATOR, .name = STR("import of a.csv") },
		    "command|import of a.csv|0|0|0" },
		{ { .kind = ACTOR_PROCESS, .name = STR("mailer"), .address = STR("here") },
		    "process|mailer|0|0|0|here" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		context->actor = rows[i].actor;
		assert_int_equal(
		    audit_record_event(
			context, &(const struct audit_event){ .what = "thing" }, &queries->error),
		    0);
		assert_string_equal(newest("actor_kind, actor_name, NOT ISNULL(user_id), "
					   "IFNULL(key_id, 0), NOT ISNULL(client_id), address, "
					   "request_id"),
		    rows[i].expected);
	}
}

/* No change fails since its entry would be too long for a column. */
static void test_longest(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	context->actor = (struct actor){
		.kind = ACTOR_OPERATOR, .name = str_from(text), .address = str_from(text)
	};
	assert_int_equal(audit_record_event(context,
			     &(const struct audit_event){ .what = "thing", .key = str_from(text) },
			     &queries->error),
	    0);
	assert_string_equal(
	    newest("LENGTH(actor_name), LENGTH(address), LENGTH(row_key)"), "255|255|1000");
}

static unsigned runs;

/* Ends the first two runs as a deadlock does, behind their entries. */
static int spoil(struct context *of, const struct row *sent, const struct row *key, bool is_new,
    struct error *error)
{
	struct outcome outcome;

	(void)sent, (void)key, (void)is_new;
	assert_int_equal(
	    audit_record_event(of, &(const struct audit_event){ .what = "thing" }, error), 0);
	return ++runs > 2 ? 0
			  : database_execute(of->database,
				"SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = "
				"'made up'",
				NULL, 0, &outcome, error);
}

static int refuse(struct context *of, const struct row *sent, const struct row *key, bool is_new,
    struct error *error)
{
	(void)of, (void)sent, (void)key, (void)is_new;
	return error_set(error, ERROR_INVALID, "No.");
}

/* What is carried out in the end is told once; what is not, never. */
static void test_attempts(void **state)
{
	struct record_change change = { .sent = row_of("a", NULL) };

	(void)state;
	runs = 0;
	record.after_write = spoil;
	run(insert, NULL, row_of("a", NULL));
	assert_int_equal(runs, 3);
	check_entries("insert,insert");
	record.after_write = refuse;
	assert_int_equal(record_transaction(context, insert, &change, &queries->error), -1);
	check_entries("insert,insert");
	assert_string_equal(server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM item"), "1");
}

static void test_unaudited(void **state)
{
	(void)state;
	item.unaudited = "a test";
	context->logged = true;
	run(insert, NULL, row_of("a", NULL));
	run(update, key_of(1), row_of("b", NULL));
	assert_int_equal(
	    audit_record_rows(context, AUDIT_DELETE, &item, NULL, 3, &queries->error), 0);
	run(delete, key_of(1), NULL);
	check_entries("");
	assert_string_equal(server_value(QUERIES_DATABASE, "SELECT COUNT(*) FROM log_entry"), "0");
}

static void test_sets(void **state)
{
	struct row *before[] = { key_of(1), key_of(2), key_of(3) };
	struct row *after[] = { key_of(4), key_of(3), key_of(2) };
	const struct row_list former = { before, 3 }, now = { after, 3 };
	unsigned code = (unsigned)resource_field(&item, "code");

	(void)state;
	assert_int_equal(
	    audit_record_rows(context, AUDIT_DELETE, &item, key_of(8), 3, &queries->error), 0);
	assert_string_equal(newest("action, resource, row_key, row_count, detail"),
	    "delete|item|8|3|{\"rows\":3,\"of\":{\"id\":8}}");
	row_set_text(before[1], code, STR("old"));
	row_set_text(after[2], code, STR("new"));
	server_run(QUERIES_DATABASE, "TRUNCATE TABLE audit_entry");
	assert_int_equal(audit_record_difference(context, &former, &now, &queries->error), 0);
	assert_string_equal(
	    server_value(QUERIES_DATABASE,
		"SELECT GROUP_CONCAT(action, row_key ORDER BY id) FROM audit_entry"),
	    "delete1,update2,insert4");
}

/* The log that callers see has the same texts. */
static void test_log(void **state)
{
	struct audit_place place;

	(void)state;
	context->logged = true;
	run(insert, NULL, row_of("a", NULL));
	run(update, key_of(1), row_of("b", "<&\"\\>"));
	assert_string_equal(
	    server_value(QUERIES_DATABASE,
		"SELECT GROUP_CONCAT(l.message, ' ', JSON_QUERY(l.properties, '$.after') = "
		"a.after_row ORDER BY l.id) FROM log_entry l JOIN audit_entry a ON a.id = l.id"),
	    "The item 1 was created. 1,The item 1 was changed. 1");
	assert_int_equal(audit_record_event(context,
			     &(const struct audit_event){ .action = AUDIT_DELETE,
				 .what = "log",
				 .detail = STR("{\"deleted\":5}"),
				 .count = 5,
				 .placed = true },
			     &queries->error),
	    0);
	place = context->audit_place;
	assert_int_equal(audit_recount(context, &place, 9, &queries->error), 0);
	assert_string_equal(newest("row_count, detail"), "9|{\"deleted\":9}");
	assert_string_equal(
	    server_value(QUERIES_DATABASE, "SELECT JSON_VALUE(properties, '$.detail.deleted') FROM "
					   "log_entry ORDER BY id DESC LIMIT 1"),
	    "9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_secrets, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_long_text, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_actors, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_longest, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_attempts, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_unaudited, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_sets, begin, queries_end),
		cmocka_unit_test_setup_teardown(test_log, begin, queries_end),
	};

	return cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);
}
