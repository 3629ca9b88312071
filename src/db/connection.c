#include <mysql.h>

#include <mysqld_error.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "base/timestamp.h"
#include "db/connection.h"
#include "db/position.h"
#include "db/server_version.h"
#include "db/session_variable.h"
#include "query/sort.h"

/* Not to be found in any schema but ours, and small. */
#define PROBE "SELECT counter FROM revocation WHERE id = 1"
#define PROBE_ATTEMPTS 10
#define PROBE_PAUSE 20000000 /* nanoseconds */

#define NO_HOST 2005       /* as the client library numbers it */
#define WRONG_VERSION 2007 /* the same */
/* Seconds for which a host that was bad may make up what it has missed, before it is good. */
#define CATCH_UP 2
#define LOCK_WAIT 5 /* seconds a statement waits for a row; the transaction is replayed then */
/* Calls queue up behind a change of a table that waits: it gives way, and tries again. */
#define MIGRATION_LOCK_WAIT 1

static void (*announce)(const struct host *host);

static int fail_call(struct st_mysql *handle, struct failure *failure)
{
	failure->number = mysql_errno(handle);
	snprintf(failure->sqlstate, sizeof(failure->sqlstate), "%s", mysql_sqlstate(handle));
	snprintf(failure->message, sizeof(failure->message), "%s", mysql_error(handle));
	return -1;
}

int failure_set(struct failure *failure, unsigned number, const char *message)
{
	*failure = (struct failure){ .number = number, .sqlstate = "HY000" };
	snprintf(failure->message, sizeof(failure->message), "%s", message);
	return -1;
}

/* Where none is left to try. */
static void fail_hosts(const struct hosts *hosts, struct failure *failure)
{
	(void)failure_set(failure, NO_HOST, "no database host is reachable");
	hosts_explain(hosts, failure->message, sizeof(failure->message));
}

static int fail_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_NO_MEMORY, "out of memory");
}

/* *rows is to be freed; NULL where the statement has none. */
static int query(struct st_mysql *handle, struct str sql, MYSQL_RES **rows, struct failure *failure)
{
	if (mysql_real_query(handle, sql.data, sql.length) != 0)
		return fail_call(handle, failure);
	*rows = mysql_store_result(handle);
	return *rows == NULL && mysql_errno(handle) != 0 ? fail_call(handle, failure) : 0;
}

static int run_sql(struct st_mysql *handle, const char *sql, struct failure *failure)
{
	MYSQL_RES *rows;

	if (query(handle, str_from(sql), &rows, failure) < 0)
		return -1;
	mysql_free_result(rows);
	return 0;
}

static struct session_limits session_limits(
    const struct settings *settings, enum connection_use use)
{
	double patience = (double)settings->database_read_timeout;
	bool serves = use == CONNECTION_SERVE || use == CONNECTION_PROBE;
	struct session_limits limits = {
		.lock_wait = serves ? LOCK_WAIT : MIGRATION_LOCK_WAIT,
		.sync_wait = (double)settings->database_wsrep_sync_wait,
		.sort_length = SORT_DATABASE_BYTES,
	};

	if (serves && patience > 0) {
		/* The server gives a statement up just before we would, so that nothing runs on
		 * unwatched. */
		limits.statement_time = patience - 0.5;
		if (limits.lock_wait >= patience)
			limits.lock_wait = patience > 1 ? patience - 1 : 1;
	}
	return limits;
}

static int read_packet_max(struct connection *connection, struct failure *failure)
{
	MYSQL_RES *rows;
	MYSQL_ROW row;
	int64_t bytes;

	if (query(connection->handle, STR("SELECT @@max_allowed_packet"), &rows, failure) < 0)
		return -1;
	row = mysql_fetch_row(rows);
	connection->packet_max =
	    row != NULL && str_to_int64(str_from(row[0]), &bytes) ? (size_t)bytes : SIZE_MAX;
	mysql_free_result(rows);
	return 0;
}

static int set_up_session(struct st_mysql *handle, const struct settings *settings,
    enum connection_use use, struct failure *failure)
{
	const struct session_limits limits = session_limits(settings, use);
	struct buf sql = { 0 };
	bool optional;
	int status = 0;

	for (unsigned i = 0; status == 0 && session_variable_print(i, &limits, &sql, &optional);
	     i++) {
		status = sql.failed ? fail_memory(failure) : run_sql(handle, sql.data, failure);
		if (status < 0 && optional && failure->number == ER_UNKNOWN_SYSTEM_VARIABLE)
			status = 0;
		buf_reset(&sql, SIZE_MAX);
	}
	buf_free(&sql);
	return status;
}

/* Before anything else is asked of it: statements of ours may not even be understood. */
static int check_version(struct st_mysql *handle, struct failure *failure)
{
	char reason[sizeof(failure->message)];

	if (server_version_check(mysql_get_server_info(handle), reason, sizeof(reason)))
		return 0;
	*failure = (struct failure){ .number = WRONG_VERSION, .sqlstate = "HY000" };
	memcpy(failure->message, reason, sizeof(reason));
	return -1;
}

/* Empty text means "not given" to the library only as NULL. */
static const char *given(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

/*
 * The library goes on in the clear where a server says that it has no TLS, unless told twice. It is
 * told for plain connections, too: what the system's option files say is not asked.
 */
static void set_tls(struct st_mysql *handle, const struct settings *settings, bool wanted)
{
	my_bool on = wanted;

	mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &on);
	mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &on);
	if (!wanted)
		return;
	mysql_options(handle, MYSQL_OPT_SSL_CA, given(settings->database_tls_ca));
	mysql_options(handle, MYSQL_OPT_SSL_CERT, given(settings->database_tls_certificate));
	mysql_options(handle, MYSQL_OPT_SSL_KEY, given(settings->database_tls_key));
	mysql_options(handle, MYSQL_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
}

/* Seconds; 0 = for ever. */
static unsigned answer_timeout(const struct settings *settings, enum connection_use use)
{
	switch (use) {
	case CONNECTION_SERVE:
		return (unsigned)settings->database_read_timeout;
	case CONNECTION_PROBE:
		return hosts_connect_timeout(settings) + CATCH_UP;
	case CONNECTION_OBSERVE:
		return hosts_connect_timeout(settings);
	default:
		return 0;
	}
}

static void set_options(struct st_mysql *handle, const struct settings *settings,
    const struct host *host, enum connection_use use)
{
	unsigned connect_timeout = hosts_connect_timeout(settings);
	unsigned read_timeout = answer_timeout(settings, use);
	unsigned protocol = host->socket[0] != '\0' ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned local_files = 0;
	my_bool reconnect = 0;

	mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(handle, MYSQL_OPT_RECONNECT, &reconnect);
	mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &local_files);
	mysql_options(handle, MYSQL_OPT_PROTOCOL, &protocol);
	set_tls(handle, settings, host_wants_tls(host, settings));
	mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
	if (read_timeout > 0) {
		mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &read_timeout);
		mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &read_timeout);
	}
}

/*
 * A host that has fallen silent is noticed by the kernel, which hears nothing from the one at the
 * other end: long before an answer is due, and without any harm to a statement that takes its time.
 */
static void watch_for_silence(struct st_mysql *handle, const struct settings *settings)
{
	int socket = mysql_get_socket(handle);
	int seconds = (int)settings->database_silence_timeout;
	int on = 1, probes = 2, pause = seconds > 2 ? seconds / 3 : 1;
	unsigned milliseconds = 1000u * (unsigned)seconds;

	if (seconds == 0)
		return;
	(void)setsockopt(
	    socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof(milliseconds));
	(void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &pause, sizeof(pause));
	(void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &pause, sizeof(pause));
	(void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	(void)setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

struct connection_account connection_account(
    const struct settings *settings, enum connection_use use)
{
	if (use == CONNECTION_MIGRATE && given(settings->migrate_user) != NULL)
		return (struct connection_account){ settings->migrate_user,
			settings->migrate_password };
	return (struct connection_account){ settings->database_user, settings->database_password };
}

static int open_host(const struct settings *settings, enum connection_use use,
    struct connection *connection, struct failure *failure)
{
	const struct host *host = connection->host;
	const struct connection_account account = connection_account(settings, use);
	bool to_server = use == CONNECTION_ADMINISTER || use == CONNECTION_OBSERVE;
	unsigned long flags = CLIENT_FOUND_ROWS;

	if (use == CONNECTION_MIGRATE)
		flags |= CLIENT_MULTI_STATEMENTS;
	connection->handle = mysql_init(NULL);
	if (connection->handle == NULL)
		return fail_memory(failure);
	set_options(connection->handle, settings, host, use);
	if (mysql_real_connect(connection->handle, given(host->name), given(account.user),
		given(account.password), to_server ? NULL : given(settings->database_name),
		host->port, given(host->socket), flags) == NULL)
		return fail_call(connection->handle, failure);
	if (host->socket[0] == '\0')
		watch_for_silence(connection->handle, settings);
	if (use == CONNECTION_OBSERVE)
		return check_version(connection->handle, failure);
	if (check_version(connection->handle, failure) < 0 ||
	    set_up_session(connection->handle, settings, use, failure) < 0 ||
	    read_packet_max(connection, failure) < 0 ||
	    (use != CONNECTION_ADMINISTER && connection_probe(connection, failure) < 0))
		return -1;
	return position_check(settings, connection, failure);
}

void connection_announce(void (*tell)(const struct host *host))
{
	announce = tell;
}

int connection_open_host(const struct settings *settings, struct host *host,
    enum connection_use use, struct connection *connection, struct failure *failure)
{
	/* Who observes all hosts at once says so himself. */
	bool told = announce != NULL && use != CONNECTION_OBSERVE;
	int result;

	*connection = (struct connection){ .host = host };
	if (told)
		announce(host);
	result = open_host(settings, use, connection, failure);
	if (told)
		announce(NULL);
	if (result != 0)
		connection_close(connection);
	connection->opened = timestamp_monotonic();
	return result;
}

int connection_open(const struct settings *settings, struct hosts *hosts, enum connection_use use,
    struct connection *connection, struct failure *failure)
{
	struct failure refused = { 0 };
	int64_t now = timestamp_monotonic();
	uint32_t tried = 0;
	struct host *host;

	fail_hosts(hosts, failure);
	while ((host = hosts_next(hosts, now, &tried)) != NULL) {
		int64_t begun = now;

		if (connection_open_host(settings, host, use, connection, failure) == 0)
			return 0;
		if (failure->number == ER_UNKNOWN_COM_ERROR)
			history_doubt();
		if (failure->number == FAILURE_HISTORY)
			refused = *failure;
		now = timestamp_monotonic();
		/* Our own want of memory says nothing of a host. */
		if (failure->number != FAILURE_NO_MEMORY)
			hosts_blame_connect(hosts, host, failure->number, begun, now);
	}
	/* Whatever the others are silent for: it takes a person to go on. */
	if (refused.number != 0)
		*failure = refused;
	else
		position_explain(settings, failure);
	return -1;
}

void connection_close(struct connection *connection)
{
	if (connection->handle != NULL)
		mysql_close(connection->handle);
	connection->handle = NULL;
}

int connection_probe(struct connection *connection, struct failure *failure)
{
	const struct timespec pause = { .tv_nsec = PROBE_PAUSE };
	int status = run_sql(connection->handle, PROBE, failure);

	/* Where another node changes the table, the cluster ends whatever reads it here. */
	for (unsigned i = 1;
	     status < 0 && failure->number == ER_LOCK_DEADLOCK && i < PROBE_ATTEMPTS; i++) {
		(void)nanosleep(&pause, NULL);
		status = run_sql(connection->handle, PROBE, failure);
	}
	connection->schema_missing = false;
	if (status == 0)
		return 0;
	if (failure->number != ER_NO_SUCH_TABLE)
		return -1;
	connection->schema_missing = true;
	return 0;
}

int connection_query(struct connection *connection, struct str sql, struct st_mysql_res **rows,
    struct failure *failure)
{
	return query(connection->handle, sql, rows, failure);
}

int connection_run(struct connection *connection, const char *sql, struct failure *failure)
{
	return run_sql(connection->handle, sql, failure);
}

int connection_in_transaction(struct connection *connection, bool *open, struct failure *failure)
{
	MYSQL_RES *rows;
	MYSQL_ROW row;

	if (query(connection->handle, STR("SELECT @@in_transaction"), &rows, failure) < 0)
		return -1;
	row = mysql_fetch_row(rows);
	*open = row != NULL && strcmp(row[0], "1") == 0;
	mysql_free_result(rows);
	return 0;
}

const char *connection_cipher(const struct connection *connection)
{
	return mysql_get_ssl_cipher(connection->handle);
}

bool connection_is_stale(const struct connection *connection)
{
	struct pollfd idle = { .fd = mysql_get_socket(connection->handle), .events = POLLIN };

	return poll(&idle, 1, 0) != 0;
}
