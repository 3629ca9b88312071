#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "db/database.h"
#include "db/fault.h"
#include "db/migrate.h"
#include "db/statement.h"

#define RETRIES 5
#define RETRY_PAUSE 4000 /* microseconds; doubled with each retry, at random below that */
#define CONNECT_REST \
	INT64_C(100000) /* after a failed connect no other is tried so long, microseconds */

/* The server has forgotten a statement, or the table has changed too much under it. */
#define UNKNOWN_STATEMENT 1243
#define NEED_REPREPARE 1615
#define NO_SUCH_COLUMN 1054
#define NO_SUCH_TABLE 1146

#define DEADLOCK 1213

/* The library could not even send the command. */
#define NOT_SENT 2006

struct database {
	const struct settings *settings;
	struct hosts hosts;
	bool hosts_valid;
	struct connection connection;
	struct statement_cache *statements;
	int64_t rest_until; /* monotonic; no connect before */
	bool in_transaction;
	bool spoiled; /* the running transaction is gone, whatever `work` makes of it */
	struct failure failure;
	enum database_fault fault;
	char fault_key[FAULT_KEY_MAX];
	unsigned count;
	struct timing timing;
	uint64_t errors;
};

/* One SELECT (kinds given) or one change. */
struct call {
	const char *sql;
	const struct bind *parameters;
	unsigned parameter_count;
	struct arena *arena;
	const enum bind_kind *kinds;
	unsigned column_count;
	struct result *result;
	struct outcome *outcome;
};

struct database *database_new(const struct settings *settings)
{
	struct database *database = calloc(1, sizeof(*database));

	if (database == NULL)
		return NULL;
	database->settings = settings;
	database->hosts_valid = hosts_read(&database->hosts, settings, (unsigned)getpid());
	database->statements = statement_cache_new((unsigned)settings->database_statements);
	if (database->statements == NULL) {
		free(database);
		return NULL;
	}
	return database;
}

static void disconnect(struct database *database)
{
	/* First the connection: the statements then go without a word to a server that may not
	 * listen. */
	connection_close(&database->connection);
	statement_cache_clear(database->statements);
}

void database_free(struct database *database)
{
	if (database == NULL)
		return;
	disconnect(database);
	statement_cache_free(database->statements);
	free(database);
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

/* Remembers what went wrong, drops a connection that is of no use any more, and fills `error`. */
static int fail(struct database *database, const struct failure *failure, struct error *error)
{
	const struct fault_info *info = fault_info(failure->number);

	database->failure = *failure;
	database->fault = info->fault;
	fault_key(failure->number, failure->message, database->fault_key);
	if (info->code == ERROR_UNAVAILABLE && info->fault != DATABASE_FAULT_RETRY)
		database->errors++;
	if (info->fault == DATABASE_FAULT_LOST && database->connection.handle != NULL) {
		hosts_set_bad(database->connection.host, timestamp_monotonic());
		disconnect(database);
	}
	if (info->fault == DATABASE_FAULT_LOST || info->fault == DATABASE_FAULT_RETRY)
		database->spoiled = database->in_transaction;
	return fault_report(failure->number, failure->sqlstate, failure->message, error);
}

static int schema_is_missing(struct database *database, struct error *error)
{
	database->fault = DATABASE_FAULT_OTHER;
	return error_set_detail(
	    error, ERROR_UNAVAILABLE, "the schema is missing; 'clientele migrate' makes it");
}

static int connect_now(struct database *database, struct error *error)
{
	struct failure failure;

	if (!database->hosts_valid) {
		database->fault = DATABASE_FAULT_OTHER;
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "the option database_hosts or database_socket cannot be understood");
	}
	/* A dead database must not cost every request a round of connects. */
	if (timestamp_monotonic() < database->rest_until)
		return fail(database, &database->failure, error);
	if (connection_open(database->settings, &database->hosts, CONNECTION_SERVE,
		&database->connection, &failure) == 0)
		return 0;
	database->rest_until = timestamp_monotonic() + CONNECT_REST;
	return fail(database, &failure, error);
}

static int ensure_connected(struct database *database, struct error *error)
{
	/* A new connection in the middle of a transaction would store one half of it. */
	if (database->in_transaction)
		return database->spoiled ? fail(database, &database->failure, error) : 0;
	if (database->connection.handle != NULL && connection_is_stale(&database->connection))
		disconnect(database);
	return database->connection.handle != NULL ? 0 : connect_now(database, error);
}

static int ensure_schema(struct database *database, struct error *error)
{
	struct failure failure;

	if (ensure_connected(database, error) < 0)
		return -1;
	if (!database->connection.schema_missing)
		return 0;
	if (connection_probe(&database->connection, &failure) < 0)
		return fail(database, &failure, error);
	return database->connection.schema_missing ? schema_is_missing(database, error) : 0;
}

int database_ready(struct database *database, struct error *error)
{
	struct failure failure;

	if (database->connection.handle == NULL)
		return ensure_schema(database, error);
	if (connection_probe(&database->connection, &failure) < 0) {
		fail(database, &failure, error);
		if (database->fault != DATABASE_FAULT_LOST)
			return -1;
		error_clear(error);
		return ensure_schema(database, error);
	}
	return database->connection.schema_missing ? schema_is_missing(database, error) : 0;
}

static bool must_prepare_again(const struct failure *failure)
{
	return failure->number == UNKNOWN_STATEMENT || failure->number == NEED_REPREPARE;
}

static int run_statement(
    struct database *database, struct statement *statement, const struct call *call)
{
	int64_t begun = timestamp_monotonic();
	int result;

	database->count++;
	if (call->kinds != NULL)
		result =
		    statement_select(database->statements, statement, call->arena, call->parameters,
			call->parameter_count, call->kinds, call->column_count, call->result);
	else
		result = statement_execute(database->statements, statement, call->parameters,
		    call->parameter_count, call->outcome);
	timing_add(&database->timing, call->sql, timestamp_monotonic() - begun);
	return result;
}

/*
 * A node of a cluster that has ended a transaction for the sake of another's says so in its next
 * answer, unless that is the answer to a PREPARE: then it forgets it, and what follows would run,
 * and be stored, outside of any transaction.
 */
static int check_transaction(struct database *database, struct failure *failure)
{
	bool open;

	if (connection_in_transaction(&database->connection, &open, failure) < 0)
		return -1;
	if (open)
		return 0;
	*failure = (struct failure){
		.number = DEADLOCK,
		.sqlstate = "40001",
		.message = "the transaction was ended before a statement was prepared in it",
	};
	return -1;
}

/* The statement, prepared if it is not yet; NULL with `failure` filled. */
static struct statement *take_statement(
    struct database *database, const char *sql, struct failure *failure)
{
	uint64_t prepared = statement_cache_prepared(database->statements);
	struct statement *statement =
	    statement_cache_get(database->statements, &database->connection, sql);

	if (statement == NULL) {
		*failure = *statement_cache_failure(database->statements);
		return NULL;
	}
	if (database->in_transaction &&
	    statement_cache_prepared(database->statements) != prepared &&
	    check_transaction(database, failure) < 0)
		return NULL;
	return statement;
}

/* Runs a call on the connection that stands. */
static int run_call(struct database *database, const struct call *call, struct error *error)
{
	struct failure failure;

	database->fault = DATABASE_FAULT_NONE;
	database->fault_key[0] = '\0';
	for (int round = 0; round < 2; round++) {
		struct statement *statement = take_statement(database, call->sql, &failure);

		if (statement == NULL)
			break;
		if (run_statement(database, statement, call) == 0)
			return 0;
		failure = *statement_cache_failure(database->statements);
		if (!must_prepare_again(&failure))
			break;
		statement_cache_drop(database->statements, statement);
	}
	return fail(database, &failure, error);
}

/* Neighbours that met once would meet again if all waited alike. */
static void pause_before_retry(int attempt)
{
	uint32_t number;
	struct timespec pause = { 0 };

	random_bytes(&number, sizeof(number));
	pause.tv_nsec = 1000L * (long)(number % (RETRY_PAUSE << attempt));
	nanosleep(&pause, NULL);
}

/* Retries end when the caller has waited as long as for one slow answer. */
static bool is_out_of_time(const struct database *database, int64_t begun)
{
	int64_t patience = database->settings->database_read_timeout * MICROSECONDS_PER_SECOND;

	return patience > 0 && timestamp_monotonic() - begun >= patience;
}

static bool may_run_again(const struct database *database, const struct call *call, int attempt)
{
	const struct fault_info *info = fault_info(database->failure.number);

	switch (database->fault) {
	case DATABASE_FAULT_RETRY:
		return attempt < RETRIES;
	case DATABASE_FAULT_LOST:
		return attempt == 0 && (call->kinds != NULL || info->no_effect);
	default:
		return false;
	}
}

static int run(struct database *database, const struct call *call, struct error *error)
{
	int64_t begun = 0;

	for (int attempt = 0;; attempt++) {
		if (ensure_schema(database, error) < 0)
			return -1;
		if (attempt == 0)
			begun = timestamp_monotonic();
		if (run_call(database, call, error) == 0)
			return 0;
		if (database->in_transaction || !may_run_again(database, call, attempt) ||
		    is_out_of_time(database, begun))
			return -1;
		if (database->fault == DATABASE_FAULT_RETRY)
			pause_before_retry(attempt);
		error_clear(error);
	}
}

int database_select(struct database *database, struct arena *arena, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct error *error)
{
	const struct call call = {
		.sql = sql,
		.parameters = parameters,
		.parameter_count = parameter_count,
		.arena = arena,
		.kinds = kinds,
		.column_count = column_count,
		.result = result,
	};

	return run(database, &call, error);
}

int database_execute(struct database *database, const char *sql, const struct bind *parameters,
    unsigned parameter_count, struct outcome *outcome, struct error *error)
{
	const struct call call = {
		.sql = sql,
		.parameters = parameters,
		.parameter_count = parameter_count,
		.outcome = outcome,
	};

	return run(database, &call, error);
}

/* Reads version and compatible_from, both 0 where there are none. */
static int read_schema(
    struct database *database, int *version, int *compatible_from, struct error *error)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER, BIND_INTEGER };
	struct result result;
	const struct call call = {
		.sql = "SELECT IFNULL(MAX(version), 0), IFNULL(MAX(compatible_from), 0) FROM "
		       "schema_version",
		.arena = error->arena,
		.kinds = kinds,
		.column_count = 2,
		.result = &result,
	};

	*version = *compatible_from = -1;
	if (ensure_connected(database, error) < 0)
		return -1;
	if (run_call(database, &call, error) < 0) {
		if (database->failure.number != NO_SUCH_TABLE &&
		    database->failure.number != NO_SUCH_COLUMN)
			return -1;
		error_clear(error);
		/* A table without the column is older than any program that asks for it. */
		*version = database->failure.number == NO_SUCH_COLUMN ? 1 : 0;
		*compatible_from = 0;
		return 0;
	}
	*version = (int)result.rows[0][0].integer;
	*compatible_from = (int)result.rows[0][1].integer;
	return 0;
}

int database_schema_version(struct database *database, struct error *error)
{
	int version, compatible_from;

	(void)read_schema(database, &version, &compatible_from, error);
	return version;
}

int database_check_schema(struct database *database, int *version, struct error *error)
{
	int compatible_from;

	if (read_schema(database, version, &compatible_from, error) != 0)
		return -1;
	if (*version < SCHEMA_VERSION)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "the schema has version %d, %d is needed; run 'clientele migrate'", *version,
		    SCHEMA_VERSION);
	if (compatible_from > SCHEMA_VERSION)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "the schema has version %d and is for programs of version %d at least, this "
		    "one "
		    "has %d; install the newer program",
		    *version, compatible_from, SCHEMA_VERSION);
	return 0;
}

int database_prepare(struct database *database, const char *sql, struct error *error)
{
	struct failure failure;

	if (ensure_schema(database, error) < 0)
		return -1;
	if (take_statement(database, sql, &failure) != NULL)
		return 0;
	return fail(database, &failure, error);
}

static int control(struct database *database, const char *sql, struct error *error)
{
	int64_t begun = timestamp_monotonic();
	struct failure failure;
	int result = connection_run(&database->connection, sql, &failure);

	timing_add(&database->timing, sql, timestamp_monotonic() - begun);
	return result == 0 ? 0 : fail(database, &failure, error);
}

/* A connection that cannot even roll back is not worth keeping. */
static void roll_back(struct database *database)
{
	struct failure failure;

	if (database->connection.handle != NULL &&
	    connection_run(&database->connection, "ROLLBACK", &failure) < 0)
		disconnect(database);
}

/* True when a COMMIT that failed has surely stored nothing. */
static bool may_replay_commit(const struct database *database)
{
	return database->fault == DATABASE_FAULT_RETRY || database->failure.number == NOT_SENT;
}

static int commit(struct database *database, struct error *error)
{
	if (control(database, "COMMIT", error) == 0)
		return 0;
	if (!may_replay_commit(database)) {
		/* Whether it was stored nobody knows now. */
		error_clear(error);
		error_set_detail(error, ERROR_UNAVAILABLE,
		    "COMMIT was not answered (database error %u)", database->failure.number);
		disconnect(database);
	}
	return -1;
}

enum ending { ENDING_DONE, ENDING_FAILED, ENDING_REPLAY };

static enum ending attempt_transaction(struct database *database,
    int (*work)(void *context, struct error *error), void *context, struct error *error)
{
	int status;

	if (ensure_schema(database, error) < 0)
		return ENDING_FAILED;
	if (control(database, "START TRANSACTION", error) < 0)
		return database->fault == DATABASE_FAULT_LOST ? ENDING_REPLAY : ENDING_FAILED;
	database->in_transaction = true;
	database->spoiled = false;
	status = work(context, error);
	database->in_transaction = false;
	if (database->spoiled || status < 0) {
		roll_back(database);
		return database->spoiled ? ENDING_REPLAY : ENDING_FAILED;
	}
	if (commit(database, error) == 0)
		return ENDING_DONE;
	if (!may_replay_commit(database))
		return ENDING_FAILED;
	roll_back(database);
	return ENDING_REPLAY;
}

int database_transaction(struct database *database, int (*work)(void *context, struct error *error),
    void *context, struct error *error)
{
	int64_t begun = timestamp_monotonic();
	struct failure cause;

	/* Inside another transaction the work is part of that one, and is replayed with it. */
	if (database->in_transaction)
		return work(context, error);
	for (int attempt = 0;; attempt++) {
		switch (attempt_transaction(database, work, context, error)) {
		case ENDING_DONE:
			return 0;
		case ENDING_FAILED:
			return -1;
		case ENDING_REPLAY:
			break;
		}
		cause = database->failure;
		error_clear(error);
		if (attempt == RETRIES || is_out_of_time(database, begun))
			return fault_report(cause.number, cause.sqlstate, cause.message, error);
		pause_before_retry(attempt);
	}
}

enum database_fault database_fault(const struct database *database)
{
	return database->fault;
}

const char *database_fault_key(const struct database *database)
{
	return database->fault_key;
}

unsigned database_count(const struct database *database)
{
	return database->count;
}

const struct timing *database_timing(const struct database *database)
{
	return &database->timing;
}

void database_count_reset(struct database *database)
{
	database->count = 0;
	timing_reset(&database->timing);
}

uint64_t database_errors(const struct database *database)
{
	return database->errors;
}
