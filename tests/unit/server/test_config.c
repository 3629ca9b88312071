#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/seal.h"
#include "server/config.h"
#include "server/config_rule.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* One value given for one option: how it reads back, or what the fault must say. */
struct value_row {
	const char *option;
	const char *value;
	const char *printed; /* NULL = refused */
	const char *fault;
};

static const struct value_row value_rows[] = {
	{ "workers", "8", "8", NULL },
	{ "workers", "400", "400", NULL },
	{ "workers", "401", NULL, "an integer from 0 to 400" },
	{ "workers", "-1", NULL, "an integer from 0 to 400" },
	{ "workers", "", NULL, "an integer" },
	{ "workers", "eight", NULL, "not \"eight\"" },
	{ "workers", "8 9", NULL, "an integer" },
	{ "limit_body", "1048576", "1m", NULL },
	{ "limit_body", "2M", "2m", NULL },
	{ "limit_body", "1536k", "1536k", NULL },
	{ "limit_body", "1g", "1g", NULL },
	{ "limit_body", "1025", "1025", NULL },
	{ "limit_body", "2g", NULL, "a size such as 512k, 8m or 1g from 1k to 1g" },
	{ "limit_body", "m", NULL, "a size" },
	{ "limit_body", "9223372036854775807g", NULL, "a size" },
	{ "limit_body", "1 m", NULL, "a size" },
	{ "drain_timeout", "90", "90s", NULL },
	{ "drain_timeout", "90s", "90s", NULL },
	{ "drain_timeout", "2m", "2m", NULL },
	{ "drain_timeout", "1h", "1h", NULL },
	{ "drain_timeout", "0", NULL, "a duration such as 30s, 5m or 1h from 1s to 1h" },
	{ "drain_timeout", "1d", NULL, "a duration" },
	{ "request_deadline", "0", "0s", NULL },
	{ "core_dumps", "yes", "yes", NULL },
	{ "dialect_hosting", "omit-zeros", "omit-zeros", NULL },
	{ "dialect_hosting", " omit-zeros,All-Rows  all-rows ", "all-rows omit-zeros", NULL },
	{ "dialect_hosting", "all-rows none", NULL,
	    "some of all-rows, lenient-json, omit-zeros, original-texts, unknown-parameters or "
	    "xml-by-accept" },
	{ "core_dumps", "TRUE", "yes", NULL },
	{ "core_dumps", "off", "no", NULL },
	{ "core_dumps", "2", NULL, "yes or no" },
	{ "log_level", "warning", "warning", NULL },
	{ "log_level", "Error", "error", NULL },
	{ "log_level", "warn", NULL, "debug, info, warning or error" },
	{ "log_format", "xml", NULL, "text or json" },
	{ "listen_mode", "0600", "0600", NULL },
	{ "listen_mode", "666", "0666", NULL },
	{ "listen_mode", "0888", NULL, "an octal mode such as 0660 from 0000 to 0777" },
	{ "listen_mode", "1777", NULL, "an octal mode" },
	{ "listen", "unix:/tmp/x.sock", "unix:/tmp/x.sock", NULL },
	{ "listen", "tcp:[::1]:9000", "tcp:[::1]:9000", NULL },
	{ "listen", "unix:relative", NULL, "absolute path" },
	{ "listen", "/tmp/x.sock", NULL, "unix:/path or tcp:host:port" },
	{ "listen", "tcp:localhost", NULL, "host:port" },
	{ "base_path", "/registry", "/registry", NULL },
	{ "base_path", "/registry/", NULL, "starts but does not end with /" },
	{ "base_path", "registry", NULL, "starts but does not end with /" },
	{ "base_path", "/a/b-c", "/a/b-c", NULL },
	{ "base_path", "/a//b", NULL, "a path such as /registry" },
	{ "base_path", "/a/../b", NULL, "a path such as /registry" },
	{ "base_path", "/.", NULL, "a path such as /registry" },
	{ "base_path", "/a b", NULL, "a path such as /registry" },
	{ "base_path", "/a?b", NULL, "a path such as /registry" },
	{ "client_route_activate", "POST /v2/activate", "POST /v2/activate", NULL },
	{ "client_route_activations", "get /seats", "get /seats", NULL },
	{ "client_route_activate", "/v2/activate", NULL, "a method (GET, POST, PUT or DELETE)" },
	{ "client_route_activate", "POST", NULL, "and a path such as POST /v2/activate" },
	{ "client_route_validate", "POST v2/check", NULL, "and a path such as" },
	{ "client_route_release", "FETCH /v2/free", NULL, "a method (GET, POST, PUT or DELETE)" },
	{ "client_route_heartbeat", "POST /v2/../beat", NULL, "and a path such as" },
	{ "client_route_request", "POST /v2/take?x=1", NULL, "and a path such as" },
	{ "public_url", "https://example.org//a", NULL, "without a trailing slash" },
	{ "listen", "tcp:a b:9000", NULL, "tcp:host:port" },
	{ "time_zone", "UTC", "UTC", NULL },
	{ "time_zone", "Atlantis/Capital", NULL, "this time zone does not exist" },
	{ "log_target", "/tmp/x.log", "/tmp/x.log", NULL },
	{ "log_target", "syslog", "syslog", NULL },
	{ "log_target", "x.log", NULL, "stderr, syslog or an absolute file name" },
	{ "runtime_directory", "here", NULL, "an absolute file name" },
	{ "state_directory", "here", NULL, "an absolute file name" },
	{ "database_name", "a\nb", NULL, "text without control characters" },
	{ "database_hosts", "a:3306,b", "a:3306,b", NULL },
	{ "database_hosts", "a,,b", NULL, "separated by commas" },
	{ "database_hosts", "db1:99999", NULL, "ports from 1 to 65535" },
	{ "database_hosts", "db1:0", NULL, "ports from 1 to 65535" },
	{ "database_hosts", "db1:", NULL, "ports from 1 to 65535" },
	{ "database_hosts", "db1:x,db2", NULL, "ports from 1 to 65535" },
	{ "database_hosts", "[::1", NULL, "in brackets" },
	{ "database_hosts", "[::1]x", NULL, "in brackets" },
	{ "database_hosts", ":3306", NULL, "host[:port]" },
	{ "database_hosts", "db1 db2", NULL, "separated by commas" },
	{ "database_hosts", "db1;db2", NULL, "separated by commas" },
	{ "database_hosts", "db1:+3306", NULL, "ports from 1 to 65535" },
	{ "database_hosts", "mysql://db1", NULL, "host[:port]" },
	{ "database_hosts", "::1", NULL, "in brackets" },
	{ "database_name", "", NULL, "a name of 1 to 64 characters" },
	{ "database_hosts", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", NULL, "at most 16" },
	{ "database_hosts", "[::1]:3306, /run/db.sock ,c", "[::1]:3306, /run/db.sock ,c", NULL },
	{ "database_socket", "", NULL, "an absolute file name" },
	{ "mail_server", "mail.example.com:99999", NULL, "host[:port]" },
	{ "mail_server", "smtp://mail.example.com", NULL, "host[:port]" },

	{ "mail_from", "registry@example.com", "registry@example.com", NULL },
	{ "mail_from", "a@example.com\nBcc: b", NULL, "text without control characters" },
	{ "mail_from", "registry", NULL, "an e-mail address" },
	{ "mail_password", "x", NULL, "expected mail_user beside it" },
	{ "mail_tls", "ssl", NULL, "none, starttls or tls" },
	{ "mail_ca_file", "ca.pem", NULL, "an absolute file name" },
	{ "mail_timeout", "301", NULL, "from 1s to 5m" },
	{ "log_retention", "0", "0s", NULL },
	{ "user", "no-such-user-here", NULL, "this user does not exist" },
	{ "listen_group", "no-such-group-here", NULL, "this group does not exist" },
};

/* A directory for files, and no variables of the caller's environment. */
static int set_up(void **state)
{
	static char directory[] = "/tmp/clientele-config-XXXXXX";

	unsetenv("CLIENTELE_WORKERS");
	*state = mkdtemp(directory);
	return *state != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	return rmdir(*state);
}

static void write_file(char path[256], const char *directory, const char *name, const char *content)
{
	int fd;

	snprintf(path, 256, "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
}

/* Loads with up to four words behind the program's name. */
static int load(struct config *config, struct buf *faults, const char *const *words)
{
	char texts[5][512];
	char *argv[6] = { texts[0] };
	int argc = 1;

	snprintf(texts[0], sizeof(texts[0]), "clienteled");
	for (; words[argc - 1] != NULL; argc++) {
		snprintf(texts[argc], sizeof(texts[argc]), "%s", words[argc - 1]);
		argv[argc] = texts[argc];
	}
	argv[argc] = NULL;
	return config_load(config, argc, argv, 0, faults);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void assert_contains(const struct buf *text, const char *part)
{
	if (text->data == NULL || strstr(text->data, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, text->data != NULL ? text->data : "");
}

static void test_values(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS(value_rows); i++) {
		const struct value_row *row = &value_rows[i];
		struct config config;
		struct buf faults = { 0 }, printed = { 0 };
		char word[512];
		int result;

		snprintf(word, sizeof(word), "--%s=%s", row->option, row->value);
		result = load(&config, &faults, WORDS(word));
		if ((result == 0) != (row->printed != NULL))
			fail_msg("%s: %s", word, result == 0 ? "taken" : faults.data);
		if (result == 0) {
			option_print(
			    option_find(str_from(row->option)), &config.settings, &printed);
			assert_string_equal(printed.data, row->printed);
		} else {
			assert_contains(&faults, row->option);
			assert_contains(&faults, row->fault);
		}
		buf_free(&faults);
		buf_free(&printed);
		config_free(&config);
	}
}

static void test_defaults(void **state)
{
	struct config config;
	struct buf faults = { 0 };

	(void)state;
	assert_int_equal(load(&config, &faults, WORDS("--check")), 0);
	assert_int_equal(config.action, CONFIG_CHECK);
	assert_int_equal(config.settings.limits.body_bytes, 1024 * 1024);
	assert_int_equal(config.settings.limits.query_bytes, 8192);
	assert_int_equal(config.settings.limits.body_values, 10000);
	assert_int_equal(config.settings.limits.body_depth, 32);
	assert_int_equal(config.settings.limits.parameters, 1000);
	assert_int_equal(config.settings.listen_backlog, 4096);
	assert_int_equal(config.settings.listen_mode, 0660);
	assert_string_equal(config.settings.time_zone, "UTC");
	buf_free(&faults);
	config_free(&config);
}

/* The file loses to the environment, and that to flags. */
static void test_order(void **state)
{
	struct config config;
	struct buf faults = { 0 }, printed = { 0 };
	char path[256], flag[300];

	write_file(path, *state, "order.conf",
	    "# comment\n\nworkers = 3   # three\nmax_requests=5\n  listen_backlog =  \"77\"\n"
	    "database_name = \"a \\\"b\\\" # c\"\ndatabase_password = secret#1\n");
	setenv("CLIENTELE_MAX_REQUESTS", "6", 1);
	setenv("CLIENTELE_LISTEN_BACKLOG", "78", 1);
	snprintf(flag, sizeof(flag), "--config=%s", path);
	assert_int_equal(load(&config, &faults, WORDS(flag, "--listen-backlog", "79")), 0);
	assert_int_equal(config.settings.workers, 3);
	assert_int_equal(config.settings.max_requests, 6);
	assert_int_equal(config.settings.listen_backlog, 79);
	assert_string_equal(config.settings.database_name, "a \"b\" # c");
	assert_string_equal(config.settings.database_password, "secret#1");
	assert_string_equal(config.file, path);
	config_print(&config, &printed);
	assert_contains(&printed, "listen_backlog = 79  # command line\n");
	assert_contains(&printed, "max_requests = 6  # environment\n");
	assert_contains(&printed, "order.conf:3\n");
	assert_contains(&printed, "database_name = \"a \\\"b\\\" # c\"  # ");
	assert_contains(&printed, "database_password = \"********\"  # ");
	assert_null(strstr(printed.data, "secret#"));
	unsetenv("CLIENTELE_MAX_REQUESTS");
	unsetenv("CLIENTELE_LISTEN_BACKLOG");
	buf_free(&faults);
	buf_free(&printed);
	config_free(&config);
	unlink(path);
}

/* What is printed can be read again and means the same. */
static void test_print_reads_back(void **state)
{
	struct config first, second;
	struct buf faults = { 0 }, printed = { 0 }, again = { 0 }, names = { 0 };
	char path[256], flag[300];

	assert_int_equal(load(&first, &faults, WORDS("--workers=5", "--database-name=a # b")), 0);
	config_print(&first, &printed);
	write_file(path, *state, "printed.conf", printed.data);
	snprintf(flag, sizeof(flag), "--config=%s", path);
	if (load(&second, &faults, WORDS(flag)) != 0)
		fail_msg("%s", faults.data);
	assert_int_equal(second.settings.workers, 5);
	assert_string_equal(second.settings.database_name, "a # b");
	buf_free(&faults);
	buf_free(&printed);
	buf_free(&again);
	buf_free(&names);
	config_free(&first);
	config_free(&second);
	unlink(path);
}

static void test_every_fault(void **state)
{
	struct config config;
	struct buf faults = { 0 };
	char path[256], flag[300];

	write_file(path, *state, "faults.conf",
	    "workers = many\nno_such = 1\nlog_level\nmax_requests = \"1\nlog_format = json\n"
	    "log_format = text\ntime_zone = Nowhere\nlisten_mode = \"0660\" x\n"
	    "database_password = \"a\n");
	snprintf(flag, sizeof(flag), "--config=%s", path);
	setenv("CLIENTELE_WORKERS", "x", 1);
	assert_int_equal(
	    load(&config, &faults, WORDS(flag, "--drain_timeout=never", "--nothing=1", "odd")), -1);
	unsetenv("CLIENTELE_WORKERS");
	assert_contains(
	    &faults, "faults.conf:1: workers: expected an integer from 0 to 400, not \"many\"\n");
	assert_contains(&faults, "faults.conf:2: no_such: unknown option\n");
	assert_contains(&faults, "faults.conf:3: expected name = value\n");
	assert_contains(
	    &faults, "faults.conf:4: max_requests: expected one value in double quotes\n");
	assert_contains(&faults, "faults.conf:6: log_format: repeated in this file\n");
	assert_contains(&faults, "faults.conf:7: time_zone: this time zone does not exist\n");
	assert_contains(
	    &faults, "faults.conf:8: listen_mode: expected one value in double quotes\n");
	assert_contains(&faults, "environment: CLIENTELE_WORKERS: expected an integer");
	assert_contains(&faults, "command line: --drain_timeout: expected a duration");
	assert_contains(&faults, "command line: --nothing: unknown option\n");
	assert_contains(&faults, "command line: odd: expected a flag");
	buf_free(&faults);
	config_free(&config);
	unlink(path);
}

static void test_missing_file(void **state)
{
	struct config config;
	struct buf faults = { 0 };

	(void)state;
	assert_int_equal(load(&config, &faults, WORDS("--config=/nonexistent/x.conf")), -1);
	assert_contains(&faults, "/nonexistent/x.conf: No such file or directory\n");
	buf_free(&faults);
	config_free(&config);
	assert_int_equal(load(&config, &faults, WORDS("--config")), -1);
	assert_contains(&faults, "command line: --config: expected a value\n");
	buf_free(&faults);
	config_free(&config);
}

static void test_password_file(void **state)
{
	struct config config;
	struct buf faults = { 0 };
	char path[256], flag[300];

	write_file(path, *state, "password", "pass word\nsecond line\n");
	snprintf(flag, sizeof(flag), "--database-password-file=%s", path);
	assert_int_equal(load(&config, &faults, WORDS(flag)), 0);
	assert_string_equal(config.settings.database_password, "pass word");
	config_free(&config);
	assert_int_equal(load(&config, &faults, WORDS(flag, "--database-password=other")), -1);
	assert_contains(&faults, "database_password is given as well");
	assert_null(strstr(faults.data, "other"));
	config_free(&config);
	unlink(path);
	assert_int_equal(load(&config, &faults, WORDS(flag)), -1);
	assert_contains(&faults, "No such file");
	buf_free(&faults);
	config_free(&config);
}

/* Every secret may stand in a file of its own, and every such file is one of a secret. */
static void test_secret_files(void **state)
{
	unsigned count;
	const struct option *options = option_table(&count);

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		const struct option *value =
		    options[i].value_of != NULL ? option_find(str_from(options[i].value_of)) : NULL;
		bool named = false;

		for (unsigned j = 0; j < count; j++)
			named = named || (options[j].value_of != NULL &&
					     strcmp(options[j].value_of, options[i].name) == 0);
		assert_int_equal(named, options[i].secret);
		assert_int_equal(
		    options[i].file == OPTION_FILE_VALUE || options[i].file == OPTION_FILE_MIGRATE,
		    value != NULL);
		if (options[i].file != OPTION_FILE_NONE)
			assert_int_equal(options[i].type, OPTION_TEXT);
		/* Whatever is called like one is in the list. */
		assert_int_equal(options[i].file != OPTION_FILE_NONE,
		    str_ends_with(str_from(options[i].name), STR("_tls_key")) ||
			(str_ends_with(str_from(options[i].name), STR("_file")) &&
			    (strstr(options[i].name, "secret") != NULL ||
				strstr(options[i].name, "password") != NULL)));
	}
}

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

static void test_key_file(void **state)
{
	struct config config;
	struct buf faults = { 0 };
	char file[256], key[256], other[256], flag[300], program[] = "clienteled";
	char *const argv[] = { program, flag, NULL };

	/* Beside the configuration. */
	write_file(file, *state, "site.conf", "workers = 2\n");
	snprintf(flag, sizeof(flag), "--config=%s", file);
	assert_int_equal(load(&config, &faults, WORDS(flag)), 0);
	assert_null(config.settings.seal_keys);
	assert_false(config_check_key(&config, &faults));
	assert_contains(&faults, "site.key is missing; create it with: clientele --config=");
	config_free(&config);
	assert_int_equal(config_load(&config, 2, argv, CONFIG_SERVES, &faults), -1);
	assert_contains(&faults, "secret_key_file: ");
	config_free(&config);
	write_file(key, *state, "site.key", KEY);
	assert_int_equal(config_load(&config, 2, argv, CONFIG_SERVES, &faults), 0);
	assert_int_equal(seal_keys_count(config.settings.seal_keys), 1);
	config_free(&config);
	/* Readable by others, or no keys at all. */
	assert_int_equal(chmod(key, 0644), 0);
	assert_int_equal(load(&config, &faults, WORDS(flag)), -1);
	assert_contains(&faults, "chmod 0600");
	config_free(&config);
	unlink(key);
	write_file(key, *state, "site.key", "hunter2\n");
	assert_int_equal(load(&config, &faults, WORDS(flag)), -1);
	assert_contains(&faults, "line 1: expected 64 hexadecimal digits");
	assert_null(strstr(faults.data, "hunter2"));
	config_free(&config);
	/* Wherever the option says. */
	write_file(other, *state, "other", KEY);
	snprintf(flag, sizeof(flag), "--secret-key-file=%s", other);
	assert_int_equal(load(&config, &faults, WORDS(flag)), 0);
	assert_string_equal(config.settings.secret_key_path, other);
	assert_non_null(config.settings.seal_keys);
	config_free(&config);
	assert_int_equal(load(&config, &faults, WORDS("--secret-key-file=relative")), -1);
	assert_contains(&faults, "secret_key_file: expected an absolute file name");
	config_free(&config);
	buf_free(&faults);
	unlink(file);
	unlink(key);
	unlink(other);
}

/* A sealed value opens as its own option alone, wherever it stands. */
static void test_sealed_value(void **state)
{
	struct config config, other;
	struct buf faults = { 0 };
	char key[256], file[256], place[300], value[400], named[300];
	struct str sealed;

	write_file(key, *state, "sealed.key", KEY);
	snprintf(place, sizeof(place), "--secret-key-file=%s", key);
	assert_int_equal(load(&config, &faults, WORDS(place)), 0);
	sealed = config_seal(
	    &config, option_find(STR("mail_password")), STR("p\xc3\xa4ss"), config.arena);
	snprintf(value, sizeof(value), "--mail-password=" STR_FORMAT, STR_ARGUMENTS(sealed));
	assert_int_equal(load(&other, &faults, WORDS(place, value, "--mail-user=u")), 0);
	assert_string_equal(other.settings.mail_password, "p\xc3\xa4ss");
	assert_string_equal(other.sealed_under[option_number_of(option_find(STR("mail_password")))],
	    seal_keys_id(config.settings.seal_keys, 0));
	config_free(&other);
	/* In the option's file. */
	write_file(file, *state, "password", sealed.data);
	snprintf(named, sizeof(named), "--mail-password-file=%s", file);
	assert_int_equal(load(&other, &faults, WORDS(place, named, "--mail-user=u")), 0);
	assert_string_equal(other.settings.mail_password, "p\xc3\xa4ss");
	config_free(&other);
	/* As another option, cut, or without the key. */
	snprintf(value, sizeof(value), "--database-password=" STR_FORMAT, STR_ARGUMENTS(sealed));
	assert_int_equal(load(&other, &faults, WORDS(place, value)), -1);
	assert_contains(&faults, "database_password: it is encrypted, but cannot be decrypted");
	config_free(&other);
	assert_int_equal(
	    load(&other, &faults, WORDS(place, "--database-password={sealed}AAAA")), -1);
	config_free(&other);
	assert_int_equal(load(&other, &faults, WORDS(value)), -1);
	assert_contains(&faults, "there is no key file");
	assert_null(strstr(faults.data, "p\xc3\xa4ss"));
	config_free(&other);
	config_free(&config);
	buf_free(&faults);
	unlink(key);
	unlink(file);
}

/* Options that are worth nothing, or worse, without another one; "" in a file is as good as none.
 */
static void test_partners(void **state)
{
	static const struct {
		const char *words[3];
		const char *fault; /* NULL = none */
	} rows[] = {
		{ { "--hosting-hawk=required" },
		    "command line: hosting_hawk: expected hosting_hawk_secret beside it\n" },
		{ { "--hosting-hawk=accepted" }, "expected hosting_hawk_secret beside it\n" },
		{ { "--hosting-hawk=required", "--hosting-hawk-secret=" },
		    "expected hosting_hawk_secret beside it\n" },
		{ { "--hosting-hawk=required", "--hosting-hawk-secret-file=EMPTY" },
		    "hosting_hawk_secret_file: the first line of " },
		{ { "--hosting-hawk=required", "--hosting-hawk-secret-file=BLANK" },
		    "hosting_hawk_secret_file: the first line of " },
		{ { "--hosting-hawk=required", "--hosting-hawk-secret-file=NONE" },
		    "hosting_hawk_secret_file: " },
		{ { "--hosting-hawk=required", "--hosting-hawk-secret=s" }, NULL },
		{ { "--hosting-hawk=required", "--hosting-hawk-secret-file=FULL" }, NULL },
		{ { "--hosting-hawk=off" }, NULL },
		{ { "--database-password-file=EMPTY" }, "the first line of " },
		{ { "--cors-origins=https://a.example https://B.example" },
		    "cors_origins: expected origins such as https://app.example.org:8443" },
		{ { "--cors-origins=*" }, "not \"*\"\n" },
		{ { "--cors-origins=https://a.example, http://localhost:8080" }, NULL },
		{ { "--mail-user=u" }, "mail_user: expected mail_password beside it\n" },
		{ { "--mail-user=u", "--mail-password-file=BLANK" }, "the first line of " },
		{ { "--mail-server=localhost" }, "mail_server: expected mail_from beside it\n" },
		{ { "--migrate-password=p" }, "expected migrate_user beside it\n" },
		{ { "--migrate-password-file=FULL" }, "expected migrate_user beside it\n" },
		{ { "--migrate-user=u", "--migrate-password-file=NONE" }, NULL },
		{ { "--database-tls-certificate=FULL" }, "expected database_tls_key beside it\n" },
		{ { "--database-tls-key=FULL" }, "expected database_tls_certificate beside it\n" },
		{ { "--database-tls-certificate=FULL", "--database-tls-key=FULL" }, NULL },
		{ { "--database-tls-ca=NONE" }, "NONE: No such file or directory\n" },
		{ { "--database-tls-ca=EMPTY" }, "EMPTY: it is empty\n" },
		{ { "--mail-ca-file=/" }, "mail_ca_file: /: it is not a file\n" },
		{ { "--database-tls-ca=relative.pem" }, "expected an absolute file name\n" },
	};
	char empty[256], blank[256], full[256];

	write_file(empty, *state, "EMPTY", "");
	write_file(blank, *state, "BLANK", "  \nsecond line\n");
	write_file(full, *state, "FULL", "secret\n");
	for (unsigned i = 0; i < ROWS(rows); i++) {
		char words[2][512];
		struct config config;
		struct buf faults = { 0 };
		int result;

		for (unsigned j = 0; j < 2 && rows[i].words[j] != NULL; j++) {
			const char *equals = strchr(rows[i].words[j], '=');
			bool file = equals[1] >= 'A' && equals[1] <= 'Z';

			snprintf(words[j], sizeof(words[j]), "%.*s=%s%s%s",
			    (int)(equals - rows[i].words[j]), rows[i].words[j],
			    file ? (const char *)*state : "", file ? "/" : "", equals + 1);
		}
		result = load(&config, &faults,
		    rows[i].words[1] != NULL ? WORDS(words[0], words[1]) : WORDS(words[0]));
		if ((result == 0) != (rows[i].fault == NULL))
			fail_msg("row %u: %s", i, result == 0 ? "taken" : faults.data);
		if (rows[i].fault != NULL)
			assert_contains(&faults, rows[i].fault);
		buf_free(&faults);
		config_free(&config);
	}
	unlink(empty);
	unlink(blank);
	unlink(full);
}

static void collect(void *context, const char *option, const char *text)
{
	buf_printf(context, "%s: %s\n", option, text);
}

/* What can be used, but should be known. */
static void test_warnings(void **state)
{
	static const struct {
		const char *words[3];
		const char *warning; /* how it begins; NULL = none */
	} rows[] = {
		{ { "--listen=unix:/run/x.sock" }, NULL },
		{ { "--listen=tcp:127.0.0.1:9000" }, NULL },
		{ { "--listen=tcp:127.9.9.9:9000" }, NULL },
		{ { "--listen=tcp:localhost:9000" }, NULL },
		{ { "--listen=tcp:[::1]:9000" }, NULL },
		{ { "--listen=tcp:*:9000" }, "listen: every machine" },
		{ { "--listen=tcp::9000" }, "listen: every machine" },
		{ { "--listen=tcp:0.0.0.0:9000" }, "listen: every machine" },
		{ { "--listen=tcp:[::]:9000" }, "listen: every machine" },
		{ { "--listen=tcp:10.0.0.1:9000" }, "listen: every machine" },
		{ { "--listen=tcp:registry.example.org:9000" }, "listen: every machine" },
		{ { "--listen-mode=0666" }, "listen_mode: every user" },
		{ { "--listen-mode=0660" }, NULL },
		{ { "--database-hosts=db.example.org" }, NULL },
		{ { "--database-hosts=127.0.0.1", "--database-tls=off" }, NULL },
		{ { "--database-hosts=127.0.0.1,db.example.org", "--database-tls=off" },
		    "database_tls: passwords and rows cross the network to db.example.org" },
	};

	(void)state;
	for (unsigned i = 0; i < ROWS(rows); i++) {
		struct config config;
		struct buf faults = { 0 }, warnings = { 0 };

		assert_int_equal(
		    load(&config, &faults,
			rows[i].words[1] != NULL ? WORDS(rows[i].words[0], rows[i].words[1])
						 : WORDS(rows[i].words[0])),
		    0);
		config_rule_warnings(
		    &config.settings, &(const struct config_listener){ collect, &warnings });
		if ((rows[i].warning != NULL) != (warnings.length > 0))
			fail_msg("row %u: %s", i, warnings.length > 0 ? warnings.data : "");
		if (rows[i].warning != NULL)
			assert_contains(&warnings, rows[i].warning);
		buf_free(&faults);
		buf_free(&warnings);
		config_free(&config);
	}
}

/* Who may change the schema is nothing for a pool to know. */
static void test_migrate_password(void **state)
{
	char path[256], words[4][300];
	char *argv[] = { words[0], words[1], words[2], NULL };
	struct config config;
	struct buf faults = { 0 };

	write_file(path, *state, "migrate", "secret\n");
	snprintf(words[0], sizeof(words[0]), "clientele");
	snprintf(words[1], sizeof(words[1]), "--migrate-user=other");
	snprintf(words[2], sizeof(words[2]), "--migrate-password-file=%s", path);
	assert_int_equal(config_load(&config, 3, argv, CONFIG_MIGRATES, &faults), 0);
	assert_string_equal(config.settings.migrate_password, "secret");
	config_free(&config);
	assert_int_equal(config_load(&config, 3, argv, 0, &faults), 0);
	assert_string_equal(config.settings.migrate_password, "");
	config_free(&config);
	snprintf(words[2], sizeof(words[2]), "--migrate-password=secret");
	assert_int_equal(config_load(&config, 3, argv, 0, &faults), 0);
	assert_string_equal(config.settings.migrate_password, "");
	config_free(&config);
	buf_free(&faults);
	unlink(path);
}

static void test_keep(void **state)
{
	struct config running, fresh;
	struct buf faults = { 0 }, names = { 0 };

	(void)state;
	assert_int_equal(load(&running, &faults, WORDS("--listen=tcp:*:9001", "--workers=2")), 0);
	assert_int_equal(load(&fresh, &faults, WORDS("--listen=tcp:*:9002", "--workers=3")), 0);
	assert_int_equal(config_keep(&fresh, &running, &names), 1);
	config_free(&running);
	assert_string_equal(names.data, "listen");
	assert_string_equal(fresh.settings.listen, "tcp:*:9001");
	assert_int_equal(fresh.settings.workers, 3);
	buf_free(&names);
	buf_free(&faults);
	config_free(&fresh);
}

static void test_operands(void **state)
{
	char words[4][32] = { "clientele", "--workers=2", "key", "--prefix" };
	char *argv[] = { words[0], words[1], words[2], words[3], NULL };
	struct config config;
	struct buf faults = { 0 };

	(void)state;
	assert_int_equal(config_load(&config, 4, argv, CONFIG_OPERANDS, &faults), 0);
	assert_int_equal(config.first_operand, 2);
	assert_int_equal(config.settings.workers, 2);
	config_free(&config);
	assert_int_equal(load(&config, &faults, WORDS("--workers=x", "--help")), -1);
	assert_int_equal(config.action, CONFIG_HELP);
	buf_free(&faults);
	config_free(&config);
}

static void test_table(void **state)
{
	unsigned count;
	const struct option *options = option_table(&count);

	(void)state;
	assert_true(count <= CONFIG_OPTIONS_MAX);
	for (unsigned i = 0; i < count; i++) {
		if (i > 0 && strcmp(options[i - 1].name, options[i].name) >= 0)
			fail_msg("%s is not in order", options[i].name);
		assert_ptr_equal(option_find(str_from(options[i].name)), &options[i]);
		assert_non_null(options[i].doc);
	}
	assert_null(option_find(STR("worker")));
	assert_null(option_find(STR("workers2")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_print_reads_back),
		cmocka_unit_test(test_every_fault),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_password_file),
		cmocka_unit_test(test_secret_files),
		cmocka_unit_test(test_key_file),
		cmocka_unit_test(test_sealed_value),
		cmocka_unit_test(test_partners),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_migrate_password),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_operands),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
