#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../lib/server.h"
#include "../lib/source.h"
#include "auth/epoch.h"
#include "auth/key.h"
#include "cli/command.h"
#include "schema/resource.h"

#define DATABASE "commands"
#define WORDS_MAX 24

/* What the last command printed. */
static char *out, *err;

/* Splits a line at blanks; 'quotes' keep blanks. */
static int split(char *line, char **words, int most)
{
	int count = 0;

	while (*line != '\0') {
		char end = ' ';

		if (*line == ' ') {
			line++;
			continue;
		}
		if (*line == '\'') {
			end = '\'';
			line++;
		}
		assert_true(count < most);
		words[count++] = line;
		line += strcspn(line, (const char[]){ end, '\0' });
		if (*line != '\0')
			*line++ = '\0';
	}
	return count;
}

/* Runs one command line (without the options of the test's server); returns its exit status. */
static int run_command(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int run_command(const char *format, ...)
{
	static char options[3][300];
	char line[2000], program[] = "clientele";
	char user[] = "--database_user=root";
	char *words[WORDS_MAX] = { program, options[0], options[1], options[2], user };
	size_t out_size, err_size;
	FILE *out_stream, *err_stream;
	va_list arguments;
	int status, count;

	snprintf(options[0], sizeof(options[0]), "--database_socket=%s", server_socket());
	snprintf(options[1], sizeof(options[1]), "--database_name=%s", DATABASE);
	snprintf(options[2], sizeof(options[2]), "--runtime_directory=%s", server_directory());
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	count = 5 + split(line, words + 5, WORDS_MAX - 5);
	free(out);
	free(err);
	out_stream = open_memstream(&out, &out_size);
	err_stream = open_memstream(&err, &err_size);
	status = (int)command_line(count, words, out_stream, err_stream);
	fclose(out_stream);
	fclose(err_stream);
	return status;
}

static void check_part(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

/* Runs a command that must succeed. */
static void check_run(const char *line, const char *out_part, const char *err_part)
{
	int status = run_command("%s", line);

	if (status != COMMAND_OK)
		fail_msg("%s: status %d, %s", line, status, err);
	check_part(out, out_part);
	check_part(err, err_part);
}

static int begin(void **state)
{
	(void)state;
	server_make_schema(DATABASE);
	return 0;
}

static const char *value(const char *sql)
{
	return server_value(DATABASE, sql);
}

/* How many entries the audit log has of changes of that kind. */
static void check_logged(const char *action, const char *what, unsigned count)
{
	char query[300];

	snprintf(query, sizeof(query),
	    "SELECT COUNT(*) FROM audit_entry WHERE action = '%s' AND resource = '%s' AND "
	    "actor_kind = 'command' AND actor_name LIKE 'command line as _%%'",
	    action, what);
	if ((unsigned)atoi(value(query)) != count)
		fail_msg("%s %s: %s entries instead of %u", action, what, value(query), count);
}

/* One row: a command line, its status and what it says. */
struct expectation {
	const char *line;
	int status;
	const char *said;
};

static void check_all(const struct expectation *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int status = run_command("%s", rows[i].line);

		if (status != rows[i].status)
			fail_msg("%s: status %d, %s", rows[i].line, status, err);
		check_part(err, rows[i].said);
		if (status != COMMAND_OK)
			assert_string_equal(out, "");
	}
}

static void test_usage(void **state)
{
	static const struct expectation rows[] = {
		{ "", 2, "A command is missing" },
		{ "nonsense", 2, "There is no command \"nonsense\"; see 'clientele help'" },
		{ "usr create a", 2, "no command \"usr create\"; did you mean \"user create\"?" },
		{ "users", 2, "did you mean \"user\"?" },
		{ "user lst", 2, "did you mean \"user list\"?" },
		{ "-x", 2, "There is no command \"-x\"" },
		{ "user list --jsno", 2, "no option --jsno here; did you mean --json?" },
		{ "user list --databse-name x", 2, "did you mean --database_name?" },
		{ "user", 2, "user create NAME" },
		{ "user nonsense", 2, "user create NAME" },
		{ "user create", 2, "Give the user a name" },
		{ "user create a b", 2, "Unexpected argument: \"b\"" },
		{ "user create a --email", 2, "--email requires a value (ADDRESS)" },
		{ "user create a --bogus=1", 2, "no option --bogus here" },
		{ "user list --json=1", 2, "--json takes no value" },
		{ "user role a take Sales", 2, "must be add or remove" },
		{ "user customer a", 2, "Give a customer, or --remove." },
		{ "user customer a C-1 --remove", 2, "Give a customer, or --remove." },
		{ "key create", 2, "Give --user NAME" },
		{ "key revoke x", 2, "not the number of a key" },
		{ "group create a --id=zz", 2, "not a GUID" },
		{ "hosting calls", 2, "Give a domain" },
		{ "hosting calls abcdef0 x", 2, "not a number from 0" },
		{ "hosting calls abcdef0 -1", 2, "not a number from 0" },
		{ "hosting calls abcdef0 9007199254740992", 2, "not a number from 0" },
		{ "hosting calls --reset x", 2, "applies to all domains" },
		{ "help nonsense", 2, "There is no command \"nonsense\"" },
		{ "--workers=x user list", 1, "--workers: expected an integer" },
		{ "user list --workers x", 1, "--workers: expected an integer" },
		{ "--bogus=1 user list", 1, "unknown option" },
		{ "--config=/nonexistent user list", 1, "No such file" },
		{ "migrate --dir /nonexistent", 1, "/nonexistent cannot be read" },
		{ "--database_socket=/nonexistent user list", 1, "The database cannot be used" },
		{ "user list --database_name nope", 1, "Unknown database" },
		{ "person import /nonexistent.csv", 1, "cannot be opened" },
	};

	(void)state;
	check_all(rows, COUNT_OF(rows));
}

static bool has_flag(const struct command *command, const char *name)
{
	for (const struct command_flag *f = command->flags; f != NULL && f->name != NULL; f++) {
		if (strcmp(f->name, name) == 0)
			return true;
	}
	return false;
}

/* What cannot be undone is asked about, or wants --yes. */
static void test_destruction_is_asked_about(void **state)
{
	unsigned count = 0;

	(void)state;
	for (unsigned t = 0; command_table(t) != NULL; t++) {
		for (const struct command *c = command_table(t); c->words != NULL; c++) {
			if (!str_ends_with(str_from(c->words), STR(" delete")) &&
			    !str_ends_with(str_from(c->words), STR(" forget")))
				continue;
			if (!has_flag(c, "yes"))
				fail_msg("%s does not ask", c->words);
			count++;
		}
	}
	assert_true(count >= 5);
}

/* Every command explains itself, and the general help names it. */
static void test_help(void **state)
{
	(void)state;
	for (unsigned t = 0; command_table(t) != NULL; t++) {
		for (const struct command *c = command_table(t); c->words != NULL; c++) {
			char line[200];

			assert_true(c->least <= c->most && c->most <= COMMAND_OPERANDS_MAX);
			assert_non_null(c->arguments);
			assert_true(str_ends_with(str_from(c->doc), STR(".")));
			snprintf(line, sizeof(line), "help %s", c->words);
			check_run(line, c->doc, "");
			for (const struct command_flag *f = c->flags; f != NULL && f->name != NULL;
			     f++)
				check_part(out, f->doc);
			snprintf(line, sizeof(line), "%s --help", c->words);
			check_run(line, c->doc, "");
			check_run("help", c->words, "");
			check_run("--help", c->doc, "");
		}
	}
	check_run("help user", "user create NAME", "");
	check_run("--version", "clientele ", "");
}

/* The manual names every command and every flag. */
static void test_manual(void **state)
{
	FILE *file = fopen(source_path("man/clientele.1"), "r");
	char *manual = calloc(1, 65536);

	(void)state;
	assert_non_null(file);
	assert_true(fread(manual, 1, 65535, file) > 0);
	fclose(file);
	for (unsigned t = 0; command_table(t) != NULL; t++) {
		for (const struct command *c = command_table(t); c->words != NULL; c++) {
			char text[200];

			snprintf(text, sizeof(text), ".It Cm %s", c->words);
			check_part(manual, text);
			for (const struct command_flag *f = c->flags; f != NULL && f->name != NULL;
			     f++) {
				snprintf(text, sizeof(text), "Fl -%s", f->name);
				check_part(manual, text);
			}
		}
	}
	free(manual);
}

static void test_users(void **state)
{
	static const struct expectation faults[] = {
		{ "user create ANN", 1, "A user \"ANN\" already exists" },
		{ "user create x --role Emperor", 1, "the roles are Administrator, " },
		{ "user create x --email nobody", 1, "not an e-mail address" },
		{ "user create x --email a@b..c", 1, "not an e-mail address" },
		{ "user create '  '", 1, "The name is required." },
		{ "user create \xff", 1, "not valid UTF-8" },
		{ "user create a\tb", 1, "control characters" },
		{ "user role nobody add Sales", 1, "There is no user \"nobody\"" },
		{ "user role ann add Emperor", 1, "There is no role \"Emperor\"" },
		{ "user create x --customer C-0", 1,
		    "There is no customer \"C-0\"; see 'clientele export customers'." },
		{ "user customer nobody --remove", 1, "There is no user" },
		{ "user customer ann C-0", 1, "There is no customer \"C-0\"" },
		{ "user enable nobody", 1, "There is no user" },
		{ "user disable nobody", 1, "There is no user" },
	};
	char id[37];

	(void)state;
	check_run(
	    "user create Ann --email ann@example.org --role sales --role Customer --role Sales", "",
	    "User \"Ann\" was created.");
	assert_int_equal(strlen(out), 37);
	snprintf(id, sizeof(id), "%.36s", out);
	assert_string_equal(id, value("SELECT id FROM user WHERE user_name = 'ann' AND enabled"));
	check_all(faults, COUNT_OF(faults));
	check_run("user list", id, "");
	check_run("user list --json",
	    "\"userName\":\"Ann\",\"email\":\"ann@example.org\",\"phoneNumber\":null,", "");
	check_part(out, "\"roles\":[\"Customer\",\"Sales\"],\"enabled\":true,");
	check_run("user create Bo --json", "\"userName\":\"Bo\",\"email\":null,", "");
	check_part(out, "\"roles\":[],\"enabled\":true,");
	assert_string_equal(value("SELECT COUNT(*) FROM user_role"), "2");
}

/* By code or number. */
static void test_customers(void **state)
{
	static const char customer_of[] =
	    "SELECT COALESCE(customer_id, 0) FROM user WHERE user_name = 'Cy'";

	(void)state;
	server_run(DATABASE, "INSERT INTO customer (id, code) VALUES (7, 'C-7'), (8, 'C-8')");
	check_run("user create Cy --role Customer --customer C-7", "", "User \"Cy\" was created.");
	assert_string_equal(value(customer_of), "7");
	check_run("user customer Cy 8", "", "User \"Cy\" acts for customer \"8\".");
	assert_string_equal(value(customer_of), "8");
	check_run("user show Cy --json", "\"customer\":\"C-8\"", "");
	check_run("user customer Cy --remove", "", "User \"Cy\" acts for no customer any more.");
	assert_string_equal(value(customer_of), "0");
	server_run(
	    DATABASE, "DELETE FROM user WHERE user_name = 'Cy'; DELETE FROM revocation_mark");
}

static struct epoch_stamp epoch_now(void)
{
	struct epoch *epoch = epoch_open(server_directory());
	struct epoch_stamp now = epoch_stamp(epoch);

	epoch_close(epoch);
	return now;
}

/* What was noted since, of that kind and no other. */
static void check_mark(const struct epoch_stamp *before, enum mark_kind kind)
{
	const char *subject = kind == MARK_USER
				  ? "SELECT COUNT(*) FROM revocation_mark m JOIN user u ON u.id = "
				    "m.subject WHERE m.kind = 1 AND u.user_name = 'Ann'"
				  : "SELECT COUNT(*) FROM revocation_mark WHERE kind = 4 AND "
				    "subject = '00000000-0000-0000-0000-000000000001'";

	assert_int_equal(epoch_now().value, before->value);
	assert_int_equal(epoch_now().marks, before->marks + 1);
	assert_string_equal(value("SELECT COUNT(*) FROM revocation_mark"), "1");
	assert_string_equal(value(subject), "1");
	server_run(DATABASE, "DELETE FROM revocation_mark");
}

static void test_revocation_of_everything(void)
{
	struct epoch_stamp before = epoch_now();
	long counter = atol(value("SELECT counter FROM revocation"));
	long marked = atol(value("SELECT marked FROM revocation"));

	check_run("token revoke --all", "", "0 OAuth sessions have ended.");
	assert_int_equal(epoch_now().value, before.value + 1);
	assert_int_equal(epoch_now().marks, before.marks);
	assert_int_equal(atol(value("SELECT counter FROM revocation")), counter + 1);
	assert_int_equal(atol(value("SELECT marked FROM revocation")), marked);
	assert_string_equal(value("SELECT COUNT(*) FROM revocation_mark"), "0");
}

/* What takes rights away leaves a mark in the database, and in the memory of this machine. */
static void test_revocations(void **state)
{
	static const struct {
		const char *line, *sql, *result;
		enum mark_kind kind;
	} rows[] = {
		{ "user role Ann remove Customer", "SELECT COUNT(*) FROM user_role", "1",
		    MARK_USER },
		{ "user role Ann add HostingManager", "SELECT COUNT(*) FROM user_role", "2",
		    MARK_USER },
		{ "user role Ann add hostingmanager", "SELECT COUNT(*) FROM user_role", "2",
		    MARK_USER },
		{ "user disable Ann", "SELECT enabled FROM user WHERE user_name = 'Ann'", "0",
		    MARK_USER },
		{ "user enable Ann", "SELECT enabled FROM user WHERE user_name = 'Ann'", "1",
		    MARK_USER },
		{ "key revoke 1", "SELECT revoked FROM api_key WHERE id = 1", "1", MARK_KEY },
	};

	(void)state;
	check_run("key create --user Ann", "api_", "");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct epoch_stamp before = epoch_now();
		long counter = atol(value("SELECT counter FROM revocation"));

		check_run(rows[i].line, "", ".");
		assert_string_equal(out, "");
		assert_string_equal(value(rows[i].sql), rows[i].result);
		assert_int_equal(atol(value("SELECT counter FROM revocation")), counter);
		check_mark(&before, rows[i].kind);
	}
	/* Programs that know the counter alone are told by it, and others that it was for those. */
	server_run(DATABASE, "UPDATE schema_version SET compatible_from = 10");
	for (size_t i = 3; i < COUNT_OF(rows); i++) {
		struct epoch_stamp before = epoch_now();
		long counter = atol(value("SELECT counter FROM revocation"));
		long others = atol(value("SELECT counter - marked FROM revocation"));

		check_run(rows[i].line, "", ".");
		assert_int_equal(atol(value("SELECT counter FROM revocation")), counter + 1);
		assert_int_equal(atol(value("SELECT counter - marked FROM revocation")), others);
		check_mark(&before, rows[i].kind);
	}
	server_run(DATABASE,
	    "UPDATE schema_version SET compatible_from = IF(version = (SELECT MAX(version) FROM "
	    "schema_version), version, 0)");
	test_revocation_of_everything();
}

static void test_keys(void **state)
{
	static const struct expectation faults[] = {
		{ "key create --user nobody", 1, "There is no user" },
		{ "key create --user Ann --permissions read,fly", 1,
		    "\"fly\" is not a permission" },
		{ "key create --user Ann --permissions ''", 1, "\"\" is not a permission" },
		{ "key create --user Ann --expires yesterday", 1, "not a date" },
		{ "key create --user Ann --expires 2001-01-01", 1, "is in the past" },
		{ "key revoke 4711", 1, "There is no key \"4711\"; see 'clientele key list'" },
	};
	uint8_t hash[KEY_HASH_LENGTH];
	char sql[200], key[64];
	struct buf hex = { 0 };

	(void)state;
	check_all(faults, COUNT_OF(faults));
	check_run(
	    "key create 'for the test' --user Ann --permissions read,delete --expires 2999-12-31",
	    "api_", "shown only once");
	/* Nothing but the key, so that a shell can take it. */
	assert_int_equal(strlen(out), 29);
	snprintf(key, sizeof(key), "%.28s", out);
	key_hash(str_from(key), hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		buf_printf(&hex, "%02X", hash[i]);
	snprintf(sql, sizeof(sql),
	    "SELECT CONCAT(name, permissions, revoked, key_prefix, expires_at) FROM api_key WHERE "
	    "HEX(key_hash) = '%s'",
	    hex.data);
	check_part(value(sql), "for the test50api_");
	check_part(value(sql), "2999-12-31 00:00:00");
	check_run("key list", "for the test", "");
	check_part(out, "read,delete");
	assert_null(strstr(out, key));
	check_run("key list --user ann --json", "\"permissions\":5,", "");
	check_part(out, "\"permissionNames\":[\"read\",\"delete\"]");
	check_run("key list --user Bo --json", "[]", "");
	check_run("key create --user Bo --name n --json", "{\"id\":", "");
	check_part(out, "\"clientSecret\":null,");
	check_part(out,
	    "\"user\":\"Bo\",\"permissionNames\":[\"read\",\"update\",\"delete\",\"create\"],"
	    "\"expiresAt\":null}");
	buf_free(&hex);
}

static void test_groups_and_associations(void **state)
{
	static const struct expectation faults[] = {
		{ "group create 'the SHOP'", 1, "A group with this name already exists" },
		{ "group create x --id 11111111-2222-3333-4444-555555555555", 1,
		    "--id: A group with this identifier already exists" },
		{ "group create ' '", 1, "The name is required" },
		{ "group create x --id 00000000-0000-0000-0000-000000000000", 1,
		    "--id must not consist of zeroes" },
		{ "group delete nope", 1, "There is no group \"nope\"" },
		{ "associate a a --group other", 1, "with itself" },
		{ "associate a b", 1, "give --group as well" },
		{ "associate a c --group other", 1, "There is no application \"c\"" },
		{ "associate a b --group nope", 1, "There is no group" },
		{ "associate a b --group other --remove", 1, "was not associated" },
	};
	static const struct {
		const char *line, *count;
	} rows[] = {
		{ "associate a b --group other", "1" },
		{ "associate a b --group other", "1" },
		{ "associate a b --group 11111111-2222-3333-4444-555555555555 --both", "2" },
		{ "associate a b --group other --remove", "1" },
		{ "associate b a --group other --remove --both", "0" },
		{ "associate 11111111-0000-0000-0000-000000000001 "
		  "11111111-0000-0000-0000-000000000002",
		    "1" },
	};

	(void)state;
	check_run("group create 'The shop'", "-", "was created");
	assert_int_equal(strlen(out), 37);
	check_run("group create other --json --id {11111111-2222-3333-4444-555555555555}",
	    "{\"id\":\"11111111-2222-3333-4444-555555555555\",\"name\":\"other\","
	    "\"leaseSeconds\":0,\"timeZone\":null,\"clientCount\":0,\"createdAt\":\"",
	    "");
	server_run(DATABASE, "INSERT INTO discovery_client (id, group_id, client_code, token, "
			     "added_at, updated_at) VALUES "
			     "('11111111-0000-0000-0000-000000000001', "
			     "'11111111-2222-3333-4444-555555555555', 'a', 't', NOW(), "
			     "NOW()), ('11111111-0000-0000-0000-000000000002', "
			     "'11111111-2222-3333-4444-555555555555', 'b', 't', "
			     "NOW(), NOW())");
	check_all(faults, COUNT_OF(faults));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		check_run(rows[i].line, "", "associated");
		assert_string_equal(
		    value("SELECT COUNT(*) FROM discovery_association"), rows[i].count);
	}
	check_logged("insert", "association", 3);
	check_logged("delete", "association", 2);
	check_run("group list", "The shop", "");
	check_run("group list --json",
	    "\"name\":\"other\",\"leaseSeconds\":0,\"timeZone\":null,\"clientCount\":2", "");
	assert_int_equal(run_command("%s", "group delete OTHER"), 2);
	check_run("group delete OTHER --yes", "", "deleted");
	assert_string_equal(value("SELECT COUNT(*) FROM discovery_client"), "0");
	check_logged("insert", "client group", 2);
	check_logged("delete", "client group", 1);
}

static void test_hosting(void **state)
{
	(void)state;
	server_run(DATABASE, "INSERT INTO hosting_client (id, username, password_hash, "
			     "api_key_hash, email_address) VALUES "
			     "('abcdef0', 'u', 'x', REPEAT('k', 32), 'a@b');"
			     "INSERT INTO hosting_domain (id, client_id, name) VALUES ('abcdef1', "
			     "'abcdef0', 'example.org')");
	check_run("hosting calls abcdef1 5", "", "5 calls");
	check_run("hosting calls abcdef1 0", "", "0 calls");
	assert_string_equal(value("SELECT call_count FROM hosting_domain"), "5");
	check_run("hosting calls abcdef1 2147483647", "", "calls");
	assert_string_equal(value("SELECT call_count FROM hosting_domain"), "2147483652");
	check_run("hosting calls abcdef1 9007199254740991", "", "calls");
	assert_string_equal(value("SELECT call_count FROM hosting_domain"), "9007199254740991");
	assert_int_equal(run_command("hosting calls abcdef1 9007199254740992"), COMMAND_USAGE);
	/* As it is where the table was too large to be copied. */
	server_run(DATABASE, "UPDATE hosting_domain SET call_count = 5; "
			     "ALTER TABLE hosting_domain MODIFY call_count INT NOT NULL DEFAULT 0");
	check_run("hosting calls abcdef1 2147483647", "", "calls");
	assert_string_equal(value("SELECT call_count FROM hosting_domain"), "2147483647");
	check_run("hosting calls --reset", "", "1 domains");
	check_run("hosting calls --reset", "", "0 domains");
	check_logged("update", "call count of domain", 5);
	check_logged("update", "domain", 1);
	assert_string_equal(value("SELECT call_count FROM hosting_domain"), "0");
	assert_int_equal(run_command("hosting calls abcdef9 5"), COMMAND_FAILED);
	check_part(err, "There is no domain \"abcdef9\"");
}

static const char *write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return name;
}

static const char *write_table(const char *text)
{
	static char name[200];

	snprintf(name, sizeof(name), "%s/table.csv", server_directory());
	return write_file(name, text);
}

static void test_import(void **state)
{
	static const char table[] =
	    "ClientId,clientCode,firstName,lastName,birthDate,phoneNumber,language\n"
	    "1,I1,\"Ann, Marie\",O'Neil,1950-02-28,555-1,en\n"
	    "2,I2,Zo\xc3\xab,\xf0\x9f\xa6\x8a,,,\n"
	    "x,I3,No,Number,1950-02-28,,\n"
	    "4,I4,Bad,Birth,1950-02-30,,\n"
	    "5,I1,Taken,Code,,,\n"
	    "6,I6,too,few\n";
	const char *name = write_table(table);

	(void)state;
	assert_int_equal(run_command("person import %s --dry-run", name), COMMAND_FAILED);
	check_part(out, "6 read: 2 added, 0 updated, 4 refused (dry run: nothing was stored)");
	assert_string_equal(value("SELECT COUNT(*) FROM delegate_client"), "0");
	assert_string_equal(
	    value("SELECT COUNT(*) FROM audit_entry WHERE resource = 'person'"), "0");
	assert_int_equal(run_command("person import %s", name), COMMAND_FAILED);
	check_part(out, "6 read: 2 added, 0 updated, 4 refused\n");
	check_part(err, "table.csv:4: ClientId must be an integer from 1 to 2147483647");
	check_part(err, "table.csv:5: birthDate must be a date");
	check_part(err, "table.csv:6: clientCode belongs to another client");
	check_part(err, "table.csv:7: the line has 4 fields, but the header has 7");
	assert_string_equal(
	    value("SELECT CONCAT_WS('|', code, first_name, last_name, birth_date, "
		  "phone_number, user_defined_fields) FROM delegate_client WHERE id = 1"),
	    "I1|Ann, Marie|O'Neil|1950-02-28|555-1|{\"language\":\"en\"}");
	assert_string_equal(
	    value("SELECT CONCAT_WS('|', code, first_name, last_name, IFNULL(birth_date, "
		  "'none'), user_defined_fields) FROM delegate_client WHERE id = 2"),
	    "I2|Zo\xc3\xab|\xf0\x9f\xa6\x8a|none|{}");
	assert_string_equal(
	    value("SELECT GROUP_CONCAT(action, ' ', row_key ORDER BY id) FROM audit_entry WHERE "
		  "resource = 'person' AND actor_name LIKE 'import of %/table.csv as _%'"),
	    "insert 1,insert 2");
	assert_int_equal(run_command("person import %s --json", name), COMMAND_FAILED);
	check_part(out,
	    "{\"read\":6,\"added\":0,\"updated\":2,\"refused\":4,\"dryRun\":false,\"faults\":["
	    "{\"line\":4,\"column\":\"ClientId\",");
	assert_string_equal(err, "");
}

/* Columns that a file does not have keep their values; empty cells clear. */
static void test_import_of_some_columns(void **state)
{
	(void)state;
	assert_int_equal(
	    run_command("person import %s",
		write_table("clientid,phoneNumber,note,language\n1,,a \"\"\"quoted\"\"\" one,\n")),
	    COMMAND_FAILED);
	check_part(err, "unexpected quotation mark");
	assert_int_equal(
	    run_command("person import %s",
		write_table("clientid,phoneNumber,note,language\n1,,\"a \"\"quoted\"\" one\",\n")),
	    COMMAND_OK);
	assert_string_equal(out, "1 read: 0 added, 1 updated, 0 refused\n");
	assert_string_equal(value("SELECT CONCAT_WS('|', code, first_name, last_name, birth_date, "
				  "IFNULL(phone_number, 'none'), "
				  "user_defined_fields) FROM delegate_client WHERE id = 1"),
	    "I1|Ann, Marie|O'Neil|1950-02-28|none|{\"note\":\"a \\\"quoted\\\" one\"}");
	assert_int_equal(run_command("person import %s", write_table("id\n1\n")), COMMAND_FAILED);
	check_part(err, "Invalid header: the column clientId is missing");
	assert_int_equal(run_command("person import %s", write_table("")), COMMAND_FAILED);
	check_part(err, "is empty");
}

/* Names of files are bytes; what the audit log says of them is text. */
static void test_import_of_an_odd_name(void **state)
{
	char name[200];

	(void)state;
	snprintf(name, sizeof(name), "%s/\xff\x01.csv", server_directory());
	assert_int_equal(
	    run_command("person import %s", write_file(name, "clientId,lastName\n1,Odd\n")),
	    COMMAND_OK);
	assert_string_equal(value("SELECT COUNT(*) FROM audit_entry WHERE actor_name LIKE 'import "
				  "of %/??.csv as _%'"),
	    "1");
}

/* More than one batch, with a refused line in each. */
static void test_large_import(void **state)
{
	struct buf text = { 0 };

	(void)state;
	buf_append_text(&text, "clientId,clientCode\n");
	for (int i = 1; i <= 1600; i++)
		buf_printf(
		    &text, "%d,%s%d\n", 1000 + i, i % 400 == 0 ? "L" : "L", i % 400 == 0 ? 1 : i);
	assert_int_equal(run_command("person import %s", write_table(text.data)), COMMAND_FAILED);
	assert_string_equal(out, "1600 read: 1596 added, 0 updated, 4 refused\n");
	check_part(err, "table.csv:401: clientCode belongs to another client");
	check_part(err, "table.csv:1601: clientCode belongs to another client");
	assert_string_equal(value("SELECT COUNT(*) FROM delegate_client WHERE id > 1000"), "1596");
	buf_free(&text);
}

static void test_config_show(void **state)
{
	static const struct expectation rows[] = {
		{ "config show nothing", COMMAND_FAILED,
		    "There is no option \"nothing\"; 'clientele" },
		{ "config show workers one", COMMAND_USAGE, "Unexpected argument: \"one\"" },
	};

	(void)state;
	check_run("config show", "database_name = commands", "");
	check_part(out, "workers = ");
	check_run("config show database-name", "", "");
	assert_string_equal(out, "database_name = commands  # command line\n");
	check_run("config show --changed", "database_name = commands  # command line\n", "");
	assert_null(strstr(out, "log_level"));
	check_run("config show --changed log_level", "", "");
	assert_string_equal(out, "");
	check_run("config show --json database_name", "", "");
	assert_string_equal(out,
	    "[{\"name\":\"database_name\",\"value\":\"commands\",\"source\":\"command line\","
	    "\"changed\":true}]\n");
	check_run("--database_password=hidden config show --json --changed",
	    "{\"name\":\"database_password\",\"value\":\"********\",\"source\":\"command line\","
	    "\"changed\":true}",
	    "");
	check_run("--database_password=hidden config show database_password",
	    "database_password = \"********\"", "");
	check_run("--log_level=info config show --changed log_level", "", "");
	assert_string_equal(out, "");
	check_all(rows, COUNT_OF(rows));
}

static void test_other_commands(void **state)
{
	char line[300];

	(void)state;
	check_run("roles", "Administrator", "");
	check_part(out, "HostingManager");
	check_run("roles --json", "\"permissions\":{\"discovery\":[\"read\",", "");
	check_run("config check", "", "is valid");
	snprintf(line, sizeof(line), "migrate --dir %s", source_path("sql"));
	check_run(line, "001_foundation.sql: already there\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_destruction_is_asked_about),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_customers),
		cmocka_unit_test(test_revocations),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_groups_and_associations),
		cmocka_unit_test(test_hosting),
		cmocka_unit_test(test_import),
		cmocka_unit_test(test_import_of_some_columns),
		cmocka_unit_test(test_import_of_an_odd_name),
		cmocka_unit_test(test_large_import),
		cmocka_unit_test(test_config_show),
		cmocka_unit_test(test_other_commands),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, begin, NULL);
	server_end();
	free(out);
	free(err);
	return failed;
}
