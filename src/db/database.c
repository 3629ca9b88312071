#include <stdlib.h>
#include <unistd.h>

#include "db/database_state.h"
#include "db/fault.h"
#include "db/migrate.h"
#include "db/plain.h"
#include "db/position.h"

#define NO_SUCH_COLUMN 1054
#define NO_SUCH_TABLE 1146

#define LOCK_WAIT_TIMEOUT 1205
#define DEADLOCK 1213

/* One SELECT, or one change; a change may give rows, too. */
struct call {
	const char *sql;
	const struct bind *parameters;
	unsigned parameter_count;
	struct arena *arena;
	const enum bind_kind *kinds; /* of the rows that come; NULL = none do */
	unsigned column_count;
	struct result *result;
	struct outcome *outcome; /* of a change without rows */
	bool reads;              /* changes nothing */
	bool once;               /* not worth preparing */
	bool compound;           /* a part of it may have run when it fails */
};

struct database *database_new(const struct settings *settings)
{
	struct database *database = calloc(1, sizeof(*database));

	if (database == NULL)
		return NULL;
	database->settings = settings;
	database->oldest_program = -1;
	database->hosts_valid = hosts_read(&database->hosts, settings, (unsigned)getpid());
	database->statements = statement_cache_new((unsigned)settings->database_statements);
	database->put_off = put_off_new();
	if (database->statements != NULL && database->put_off != NULL)
		return database;
	database_free(database);
	return NULL;
}

void database_free(struct database *database)
{
	if (database == NULL)
		return;
	database_disconnect(database);
	statement_cache_free(database->statements);
	put_off_free(database->put_off);
	free(database);
}

/*
 * A node that gives its whole state to another one may shut out changes for minutes: whoever met
 * that goes elsewhere, and so do the others.
 */
static void leave_donor(struct database *database)
{
	struct connection *connection = &database->connection;
	int64_t now = timestamp_monotonic();

	if (connection->handle == NULL ||
	    !hosts_have_other(&database->hosts, connection->host, now) ||
	    !position_is_donor(connection))
		return;
	hosts_blame_loss(&database->hosts, connection->host, FAILURE_DONOR, database->asked,
	    connection->opened, now);
	database_disconnect(database);
}

int database_fail(struct database *database, const struct failure *failure, struct error *error)
{
	const struct fault_info *info = fault_info(failure->number);

	database->failure = *failure;
	database->fault = info->fault;
	fault_key(failure->number, failure->message, database->fault_key);
	if (info->code == ERROR_UNAVAILABLE && info->fault != DATABASE_FAULT_RETRY)
		database->errors++;
	if (info->fault == DATABASE_FAULT_LOST && database->connection.handle != NULL) {
		hosts_blame_loss(&database->hosts, database->connection.host, failure->number,
		    database->asked, database->connection.opened, timestamp_monotonic());
		database_disconnect(database);
		if (failure->number != FAILURE_HISTORY)
			history_doubt();
	}
	if (failure->number == LOCK_WAIT_TIMEOUT)
		leave_donor(database);
	if (info->fault == DATABASE_FAULT_LOST || info->fault == DATABASE_FAULT_RETRY)
		database->spoiled = database->in_transaction;
	return fault_report(failure->number, failure->sqlstate, failure->message, error);
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
		.message = "the transaction ended before a statement was prepared in it",
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

/* Without a statement on the server's side: for what runs once, and where it takes no more. */
static int run_plain(struct database *database, const struct call *call, struct error *error)
{
	int64_t begun = timestamp_monotonic();
	struct failure failure;
	int result;

	database->count++;
	if (call->kinds != NULL)
		result = plain_select(&database->connection, call->sql, call->parameters,
		    call->parameter_count, call->arena, call->kinds, call->column_count,
		    call->result, &failure);
	else
		result = plain_execute(&database->connection, call->sql, call->parameters,
		    call->parameter_count, call->outcome, &failure);
	timing_add(&database->timing, call->sql, timestamp_monotonic() - begun);
	return result == 0 ? 0 : database_fail(database, &failure, error);
}

/* The same in place of a statement that could not be prepared. */
static int run_unprepared(struct database *database, const struct call *call, struct error *error)
{
	struct failure failure;

	database->unprepared++;
	if (database->in_transaction && check_transaction(database, &failure) < 0)
		return database_fail(database, &failure, error);
	return run_plain(database, call, error);
}

/* Runs a call on the connection that stands. */
static int run_call(struct database *database, const struct call *call, struct error *error)
{
	struct failure failure;

	if (transaction_before_statement(database, !call->reads, &failure) != 0)
		return database_fail(database, &failure, error);
	database->fault = DATABASE_FAULT_NONE;
	database->fault_key[0] = '\0';
	if (call->once)
		return run_plain(database, call, error);
	for (int round = 0; round < 2; round++) {
		struct statement *statement = take_statement(database, call->sql, &failure);

		if (statement == NULL && failure.number == STATEMENT_TOO_MANY)
			return run_unprepared(database, call, error);
		if (statement == NULL)
			break;
		if (run_statement(database, statement, call) == 0)
			return 0;
		failure = *statement_cache_failure(database->statements);
		if (!must_prepare_again(&failure))
			break;
		statement_cache_drop(database->statements, statement);
		if (call->compound && failure.number != UNKNOWN_STATEMENT)
			break;
	}
	return database_fail(database, &failure, error);
}

static bool may_run_again(const struct database *database, const struct call *call, int attempt)
{
	const struct fault_info *info = fault_info(database->failure.number);

	switch (database->fault) {
	case DATABASE_FAULT_RETRY:
		return attempt < TRANSACTION_RETRIES;
	case DATABASE_FAULT_LOST:
		return attempt == 0 && (call->reads || info->no_effect);
	default:
		return false;
	}
}

/* True where a change may have been stored though it failed. */
static bool is_uncertain(const struct database *database, const struct call *call)
{
	return !call->reads && !database->in_transaction &&
	       database->fault == DATABASE_FAULT_LOST &&
	       !fault_info(database->failure.number)->no_effect;
}

/* A read that a host has left without an answer for all the time there was is asked of another. */
static bool may_ask_elsewhere(const struct database *database, const struct call *call)
{
	return call->reads && database->fault == DATABASE_FAULT_LOST && database->hosts.count > 1;
}

static int run_with_retries(struct database *database, const struct call *call, struct error *error)
{
	int64_t begun = 0;

	if (!call->reads && database->transactions_required && !database->in_transaction)
		return error_set_detail(
		    error, ERROR_INTERNAL, "a change outside of a transaction: %.60s", call->sql);
	for (int attempt = 0;; attempt++) {
		if (database_ensure_schema(database, error) < 0)
			return -1;
		if (attempt == 0)
			begun = database->asked;
		if (run_call(database, call, error) == 0)
			return 0;
		if (is_uncertain(database, call))
			return transaction_outcome_unknown(database, call->sql, error);
		if (database->in_transaction || !may_run_again(database, call, attempt) ||
		    (transaction_is_late(database, begun) && !may_ask_elsewhere(database, call)))
			return -1;
		if (database->fault == DATABASE_FAULT_RETRY)
			transaction_pause(attempt);
		error_clear(error);
	}
}

/* Runs what returns rows; `reads`: it changes nothing. */
static int run_for_rows(struct database *database, struct arena *arena, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, bool reads, bool once, struct error *error)
{
	const struct call call = {
		.sql = sql,
		.parameters = parameters,
		.parameter_count = parameter_count,
		.arena = arena,
		.kinds = kinds,
		.column_count = column_count,
		.result = result,
		.reads = reads,
		.once = once,
	};

	return run_with_retries(database, &call, error);
}

int database_select(struct database *database, struct arena *arena, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct error *error)
{
	return run_for_rows(database, arena, sql, parameters, parameter_count, kinds, column_count,
	    result, true, false, error);
}

int database_select_once(struct database *database, struct arena *arena, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct error *error)
{
	return run_for_rows(database, arena, sql, parameters, parameter_count, kinds, column_count,
	    result, true, true, error);
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

	return run_with_retries(database, &call, error);
}

int database_execute_returning(struct database *database, struct arena *arena, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct error *error)
{
	return run_for_rows(database, arena, sql, parameters, parameter_count, kinds, column_count,
	    result, false, false, error);
}

int database_put_off(struct database *database, const char *sql, const struct bind *parameters,
    unsigned parameter_count, struct error *error)
{
	struct outcome outcome;

	if (database->in_transaction &&
	    put_off_add(database->put_off, sql, parameters, parameter_count))
		return 0;
	return database_execute(database, sql, parameters, parameter_count, &outcome, error);
}

int database_run_put_off(struct database *database, bool *begun, struct error *error)
{
	struct call call = { .compound = true };
	unsigned count = database->count;
	struct put_off_call joined;
	int result;

	*begun = false;
	if (!put_off_join(database->put_off, &joined))
		return error_out_of_memory(error);
	call.sql = joined.sql;
	call.parameters = joined.parameters;
	call.parameter_count = joined.parameter_count;
	database->in_transaction = true;
	result = run_call(database, &call, error);
	database->in_transaction = false;
	*begun = database->count > count;
	return result;
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
		.reads = true,
	};

	*version = *compatible_from = -1;
	if (database_ensure_connected(database, error) < 0)
		return -1;
	if (run_call(database, &call, error) < 0) {
		if (database->failure.number != NO_SUCH_TABLE &&
		    database->failure.number != NO_SUCH_COLUMN)
			return -1;
		error_clear(error);
		/* A table without the column is older than any program that asks for it. */
		*version = database->failure.number == NO_SUCH_COLUMN ? 1 : 0;
		*compatible_from = database->oldest_program = 0;
		return 0;
	}
	*version = (int)result.rows[0][0].integer;
	*compatible_from = (int)result.rows[0][1].integer;
	database->oldest_program = *compatible_from;
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
		    "the schema has version %d, but %d is required; run 'clientele migrate'",
		    *version, SCHEMA_VERSION);
	if (compatible_from > SCHEMA_VERSION)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "the schema has version %d and requires a program of schema version %d or "
		    "newer, but this one has %d; install a newer program",
		    *version, compatible_from, SCHEMA_VERSION);
	return 0;
}

int database_oldest_program(struct database *database, int *schema, struct error *error)
{
	int version;

	if (database->oldest_program < 0 && read_schema(database, &version, schema, error) != 0)
		return -1;
	*schema = database->oldest_program;
	return 0;
}

struct database_ordinal database_ordinal(struct database *database)
{
	struct database_ordinal *ordinal = &database->ordinal;

	while (ordinal->origin == 0) {
		random_bytes(&ordinal->origin, sizeof(ordinal->origin));
		ordinal->origin &= INT64_MAX;
	}
	ordinal->number++;
	return *ordinal;
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
	database->count = database->unprepared = 0;
	timing_reset(&database->timing);
}

unsigned database_unprepared(const struct database *database)
{
	return database->unprepared;
}

uint64_t database_errors(const struct database *database)
{
	return database->errors;
}
