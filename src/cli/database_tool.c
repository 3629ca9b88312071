#define _GNU_SOURCE 1
#include "cli/database_tool.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/connection.h"
#include "db/fault.h"
#include "schema/resource.h"

/* The file of options that stands at CHILD_EXTRA_FD. */
#define DEFAULTS "--defaults-file=/proc/self/fd/3"
/* What the server takes is its own limit, not that of its programs. */
#define LONG_STATEMENTS "--max-allowed-packet=1G"

static void add_option(struct buf *out, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	buf_printf(out, "%s = \"", name);
	for (const char *c = value; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			buf_append_char(out, '\\');
		buf_append_char(out, *c);
	}
	buf_append_text(out, "\"\n");
}

/* The first server of the list that can be used. */
static int find_host(struct session *session, enum connection_use use, struct host *found)
{
	const struct settings *settings = session->settings;
	struct connection connection = { 0 };
	struct failure failure;
	struct hosts hosts;

	(void)hosts_read(&hosts, settings, 0);
	if (connection_open(settings, &hosts, use, &connection, &failure) != 0)
		return fault_report(
		    failure.number, failure.sqlstate, failure.message, &session->error);
	*found = *connection.host;
	connection_close(&connection);
	return 0;
}

static void write_options(const struct settings *settings, enum connection_use use,
    const struct host *host, struct buf *out)
{
	const struct connection_account account = connection_account(settings, use);

	buf_append_text(out, "[client]\n");
	add_option(out, "user", account.user);
	add_option(out, "password", account.password);
	add_option(out, "socket", host->socket);
	add_option(out, "host", host->name);
	if (host->socket[0] == '\0')
		buf_printf(out, "port = %u\nprotocol = tcp\n", host->port);
	if (!host_wants_tls(host, settings)) {
		buf_append_text(out, "skip-ssl\n");
		return;
	}
	buf_append_text(out, "ssl\nssl-verify-server-cert\ntls-version = TLSv1.2,TLSv1.3\n");
	add_option(out, "ssl-ca", settings->database_tls_ca);
	add_option(out, "ssl-cert", settings->database_tls_certificate);
	add_option(out, "ssl-key", settings->database_tls_key);
}

/* The password stands in memory that only the program inherits: in no file, argument or variable.
 */
static int make_defaults(struct session *session, enum connection_use use, int *fd)
{
	struct buf text = { 0 };
	struct host host;
	ssize_t written = -1;

	if (find_host(session, use, &host) != 0)
		return -1;
	write_options(session->settings, use, &host, &text);
	*fd = memfd_create("clientele-options", MFD_CLOEXEC);
	/* The programs ignore a file that anybody may write. */
	if (*fd >= 0 && !text.failed && fchmod(*fd, 0600) == 0)
		written = pwrite(*fd, text.data, text.length, 0);
	if (written != (ssize_t)text.length) {
		error_set_detail(&session->error, ERROR_UNAVAILABLE,
		    "options of the database programs: %s", strerror(errno));
		if (*fd >= 0)
			(void)close(*fd);
		*fd = -1;
	}
	if (text.data != NULL)
		explicit_bzero(text.data, text.length);
	buf_free(&text);
	return *fd >= 0 ? 0 : -1;
}

static int start_tool(struct session *session, struct child *child, const char *const *arguments,
    enum child_pipe pipe, enum connection_use use)
{
	int defaults = -1, result;

	if (make_defaults(session, use, &defaults) != 0)
		return -1;
	result = child_start(child, arguments, pipe, -1, defaults, &session->error);
	(void)close(defaults);
	return result;
}

int database_tool_dump(struct session *session, enum connection_use use,
    const struct survey *survey, struct child *child)
{
	/* Without comments: they hold names and times. No routines or events: the schema has none.
	 */
	static const char *const fixed[] = { "mariadb-dump", DEFAULTS, "--single-transaction",
		"--quick", "--hex-blob", "--no-tablespaces", "--skip-comments", LONG_STATEMENTS,
		"--default-character-set=utf8mb4" };
	const char *database = session->settings->database_name;
	const char **arguments = arena_alloc(
	    session->arena, (COUNT_OF(fixed) + survey->unreadable_count + 4) * sizeof(*arguments));
	const char *triggers = "--triggers";
	size_t count = COUNT_OF(fixed);

	if (arguments == NULL)
		return error_set_detail(&session->error, ERROR_INTERNAL, "no memory");
	memcpy(arguments, fixed, sizeof(fixed));
	for (unsigned i = 0; i < survey->unreadable_count; i++) {
		if (survey->unreadable[i].trigger)
			triggers = "--skip-triggers";
		else
			arguments[count++] = arena_printf(session->arena, "--ignore-table=%s.%s",
			    database, survey->unreadable[i].name);
	}
	arguments[count++] = triggers;
	arguments[count++] = "--";
	arguments[count++] = database;
	arguments[count] = NULL;
	return start_tool(session, child, arguments, CHILD_READ, use);
}

int database_tool_client(struct session *session, struct child *child)
{
	const char *const arguments[] = { "mariadb", DEFAULTS, "--batch", LONG_STATEMENTS,
		"--default-character-set=utf8mb4", "--", session->settings->database_name, NULL };

	return start_tool(session, child, arguments, CHILD_FEED, CONNECTION_MIGRATE);
}
