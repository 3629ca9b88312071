/*
 * How a database finds a host to connect to, leaves it, and goes back to the one it prefers.
 */
#include <time.h>

#include "base/log.h"
#include "db/database_state.h"
#include "db/host_board.h"
#include "db/position.h"

#define CONNECT_REST \
	INT64_C(100000) /* after a failed connect no other is tried so long, microseconds */
/* Of a connection that has been quiet for no longer, a loss shows at the next statement. */
#define QUIET_SURE (MICROSECONDS_PER_SECOND / 20)
/* A host that has just come back may go again. */
#define HOME_SETTLED (10 * MICROSECONDS_PER_SECOND)

void database_take_seat(struct database *database, const struct host_seat *seat)
{
	hosts_join(&database->hosts, seat);
	database->use = seat->use;
}

/* For those who watch the pool. */
static void show_host(struct database *database)
{
	const struct host_entry *entry =
	    database->connection.handle != NULL ? database->connection.host->entry : NULL;

	if (database->use != NULL)
		atomic_store(&database->use->entry,
		    entry == NULL ? 0 : (uint32_t)(entry - database->hosts.board->entries) + 1);
}

void database_disconnect(struct database *database)
{
	/* First the connection: the statements then go without a word to a server that may not
	 * listen. */
	connection_close(&database->connection);
	show_host(database);
	statement_cache_clear(database->statements);
	database->ordinal = (struct database_ordinal){ 0 };
}

bool database_connected(const struct database *database)
{
	return database->connection.handle != NULL;
}

bool database_wire(const struct database *database, struct database_wire *wire)
{
	const struct connection *connection = &database->connection;

	if (connection->handle == NULL)
		return false;
	*wire = (struct database_wire){
		.host = connection->host->name,
		.cipher = connection_cipher(connection),
		.local = host_is_local(connection->host),
	};
	return true;
}

bool database_waits(struct database *database)
{
	return hosts_wait_until(&database->hosts) > timestamp_monotonic();
}

static int schema_is_missing(struct database *database, struct error *error)
{
	database->fault = DATABASE_FAULT_OTHER;
	return error_set_detail(
	    error, ERROR_UNAVAILABLE, "the schema is missing; run 'clientele migrate'");
}

static void show_connecting(struct database *database, bool connecting)
{
	if (database->use != NULL)
		atomic_store(&database->use->connecting, connecting);
}

/*
 * What no one has tried yet, or somebody has just lost, is tried by one process: its answer is
 * waited for, but not for long.
 */
static void await_verdict(struct database *database)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };

	if (hosts_wait_until(&database->hosts) <= timestamp_monotonic())
		return;
	show_connecting(database, true);
	while (hosts_wait_until(&database->hosts) > timestamp_monotonic())
		nanosleep(&pause, NULL);
	show_connecting(database, false);
}

static int connect_now(struct database *database, struct error *error)
{
	struct failure failure;
	int result;

	if (!database->hosts_valid) {
		database->fault = DATABASE_FAULT_OTHER;
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "the option database_hosts or database_socket is invalid");
	}
	/* A dead database must not cost every request a round of connects. */
	if (database->hosts.board == NULL && timestamp_monotonic() < database->rest_until)
		return database_fail(database, &database->failure, error);
	await_verdict(database);
	show_connecting(database, true);
	result = connection_open(database->settings, &database->hosts, CONNECTION_SERVE,
	    &database->connection, &failure);
	show_connecting(database, false);
	show_host(database);
	if (result == 0)
		return 0;
	database->rest_until = timestamp_monotonic() + CONNECT_REST;
	return database_fail(database, &failure, error);
}

/* A connection that was idle through a failure may stand on a node that came back with old data. */
static bool is_other_history(struct database *database)
{
	struct connection *connection = &database->connection;
	struct failure failure;

	if (!position_is_doubtful(connection) ||
	    position_check(database->settings, connection, &failure) == 0)
		return false;
	hosts_blame_loss(&database->hosts, connection->host, failure.number, database->asked,
	    connection->opened, timestamp_monotonic());
	return true;
}

/* Whether the connection that stands can be used, as far as anybody knows. */
static bool is_of_use(struct database *database, int64_t quiet)
{
	const struct connection *connection = &database->connection;

	if (quiet > QUIET_SURE && connection_is_stale(connection))
		return false;
	/* Another process has lost its own: perhaps by accident. */
	if (host_is_given_up(connection->host, connection->opened))
		await_verdict(database);
	return !host_is_given_up(connection->host, connection->opened) &&
	       !is_other_history(database);
}

int database_ensure_connected(struct database *database, struct error *error)
{
	int64_t before = database->asked;

	database->asked = timestamp_monotonic();
	/* A new connection in the middle of a transaction would store one half of it. */
	if (database->in_transaction)
		return database->spoiled ? database_fail(database, &database->failure, error) : 0;
	if (database->connection.handle != NULL && !is_of_use(database, database->asked - before))
		database_disconnect(database);
	if (database->connection.handle != NULL)
		return 0;
	if (connect_now(database, error) != 0)
		return -1;
	database->asked = timestamp_monotonic();
	return 0;
}

int database_ensure_schema(struct database *database, struct error *error)
{
	struct failure failure;

	if (database_ensure_connected(database, error) < 0)
		return -1;
	if (!database->connection.schema_missing)
		return 0;
	if (connection_probe(&database->connection, &failure) < 0)
		return database_fail(database, &failure, error);
	return database->connection.schema_missing ? schema_is_missing(database, error) : 0;
}

int database_follow_history(struct database *database, struct error *error)
{
	struct failure failure;

	if (database->in_transaction || !database->connection.in_cluster ||
	    database->connection.handle == NULL ||
	    position_check(database->settings, &database->connection, &failure) == 0)
		return 0;
	return database_fail(database, &failure, error);
}

int database_ready(struct database *database, struct error *error)
{
	struct failure failure;

	if (database_ensure_connected(database, error) < 0)
		return -1;
	if (connection_probe(&database->connection, &failure) < 0) {
		database_fail(database, &failure, error);
		if (database->fault != DATABASE_FAULT_LOST)
			return -1;
		error_clear(error);
		return database_ensure_schema(database, error);
	}
	return database->connection.schema_missing ? schema_is_missing(database, error) : 0;
}

/* The host to go back to, NULL when it is not the time for that. */
static struct host *find_home(struct database *database, int64_t now)
{
	struct host *home = hosts_preferred(&database->hosts);
	struct host_verdict verdict;

	if (home == NULL || home->entry == NULL || database->in_transaction ||
	    database->connection.handle == NULL || database->connection.host == home)
		return NULL;
	verdict = host_entry_verdict(home->entry);
	if (verdict.state != HOST_GOOD || now - verdict.since < HOME_SETTLED)
		return NULL;
	return host_board_claim_move(database->hosts.board, now) ? home : NULL;
}

void database_go_home(struct database *database)
{
	int64_t now = timestamp_monotonic();
	struct host *home = find_home(database, now);
	struct connection connection;
	struct failure failure;
	int result;

	if (home == NULL)
		return;
	show_connecting(database, true);
	result =
	    connection_open_host(database->settings, home, CONNECTION_SERVE, &connection, &failure);
	show_connecting(database, false);
	if (result != 0) {
		if (failure.number != FAILURE_NO_MEMORY)
			hosts_blame_connect(
			    &database->hosts, home, failure.number, now, timestamp_monotonic());
		return;
	}
	/* Only now: until here the old one would have served. */
	database_disconnect(database);
	database->connection = connection;
	show_host(database);
	log_event(
	    LOG_LEVEL_INFO, "database connection moved back", LOG_TEXT("host", home->entry->name));
}
