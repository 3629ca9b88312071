#include <stdio.h>
#include <time.h>

#include "db/database_state.h"

#define RETRY_PAUSE 4000 /* microseconds; doubled with each retry, at random below that */

/* The library could not even send the command. */
#define NOT_SENT 2006

/* Neighbours that met once would meet again if all waited alike. */
void transaction_pause(int attempt)
{
	uint32_t number;
	struct timespec pause = { 0 };

	random_bytes(&number, sizeof(number));
	pause.tv_nsec = 1000L * (long)(number % (RETRY_PAUSE << attempt));
	nanosleep(&pause, NULL);
}

bool transaction_is_late(const struct database *database, int64_t begun)
{
	int64_t patience = database->settings->database_read_timeout * MICROSECONDS_PER_SECOND;

	return patience > 0 && timestamp_monotonic() - begun >= patience;
}

/* Whether it was stored nobody knows now. */
int transaction_outcome_unknown(struct database *database, const char *sql, struct error *error)
{
	error_clear(error);
	return error_set_detail(error, ERROR_OUTCOME_UNKNOWN,
	    "no answer to %.6s (database error %u)", sql, database->failure.number);
}

static int run_control(struct database *database, const char *sql, struct failure *failure)
{
	int64_t begun = timestamp_monotonic();
	int result;

	database->asked = begun;
	result = connection_run(&database->connection, sql, failure);
	timing_add(&database->timing, sql, timestamp_monotonic() - begun);
	return result;
}

static int control(struct database *database, const char *sql, struct error *error)
{
	struct failure failure;

	return run_control(database, sql, &failure) == 0 ? 0
							 : database_fail(database, &failure, error);
}

/* A connection that cannot even roll back is not worth keeping. */
static void roll_back(struct database *database)
{
	struct failure failure;

	if (database->connection.handle != NULL &&
	    connection_run(&database->connection, "ROLLBACK", &failure) < 0)
		database_disconnect(database);
}

/*
 * COMMIT, with what was put off until then. *harmless: where it fails, it has surely stored
 * nothing, and the transaction may be run again.
 */
static int run_commit(struct database *database, bool *harmless, struct error *error)
{
	bool begun = true;
	int result;

	database->failure = (struct failure){ 0 };
	database->fault = DATABASE_FAULT_NONE;
	result = put_off_count(database->put_off) > 0
		     ? database_run_put_off(database, &begun, error)
		     : control(database, "COMMIT", error);
	*harmless = database->fault == DATABASE_FAULT_RETRY ||
		    (database->fault == DATABASE_FAULT_LOST && !begun) ||
		    database->failure.number == NOT_SENT ||
		    database->failure.number == NEED_REPREPARE;
	return result;
}

enum ending { ENDING_DONE, ENDING_FAILED, ENDING_REPLAY, ENDING_UNKNOWN };

/* True when the server says that the transaction which it did not commit is still open. */
static bool is_still_open(struct database *database)
{
	struct failure failure;
	bool open;

	return database->connection.handle != NULL &&
	       connection_in_transaction(&database->connection, &open, &failure) == 0 && open;
}

static enum ending commit(struct database *database, struct error *error)
{
	bool replay;

	if (run_commit(database, &replay, error) == 0)
		return ENDING_DONE;
	if (replay || is_still_open(database)) {
		roll_back(database);
		return replay ? ENDING_REPLAY : ENDING_FAILED;
	}
	database_disconnect(database);
	transaction_outcome_unknown(database, "COMMIT", error);
	return ENDING_UNKNOWN;
}

/* How transactions differ. */
enum kind {
	KIND_ORDINARY,
	KIND_ONCE,     /* may be stored twice without harm */
	KIND_SNAPSHOT, /* reads only, and all of it from one state */
};

/* Sessions read what is committed when each of their statements begins. */
static int begin(struct database *database, enum kind kind, struct error *error)
{
	if (kind != KIND_SNAPSHOT)
		return control(database, "START TRANSACTION", error);
	if (control(database, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", error) < 0)
		return -1;
	return control(database, "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT", error);
}

static enum ending attempt_transaction(struct database *database, enum kind kind,
    int (*work)(void *context, struct error *error), void *context, struct error *error)
{
	int status;

	if (database_ensure_schema(database, error) < 0)
		return ENDING_FAILED;
	if (begin(database, kind, error) < 0)
		return database->fault == DATABASE_FAULT_LOST ? ENDING_REPLAY : ENDING_FAILED;
	database->in_transaction = true;
	database->touched = database->spoiled = database->final = false;
	put_off_cut(database->put_off, 0);
	status = work(context, error);
	database->in_transaction = false;
	if (database->spoiled || status < 0) {
		roll_back(database);
		return database->spoiled && !database->final ? ENDING_REPLAY : ENDING_FAILED;
	}
	if (kind != KIND_SNAPSHOT)
		return commit(database, error);
	roll_back(database);
	return ENDING_DONE;
}

/* A run that could not look does not tell what became of the one before it. */
static int refine_failure(struct database *database, bool unknown, struct error *error)
{
	switch (error->code) {
	case ERROR_BUSY:
	case ERROR_UNAVAILABLE:
	case ERROR_INTERNAL:
		return unknown ? transaction_outcome_unknown(database, "COMMIT", error) : -1;
	default:
		return -1;
	}
}

static int run_transaction(struct database *database, enum kind kind,
    int (*work)(void *context, struct error *error), void *context, struct error *error)
{
	int64_t begun = timestamp_monotonic();
	bool unknown = false, last;
	enum ending ending;
	struct failure cause;

	/* Inside another transaction the work is part of that one, and is replayed with it. */
	if (database->in_transaction)
		return work(context, error);
	for (int attempt = 0;; attempt++) {
		ending = attempt_transaction(database, kind, work, context, error);
		last = attempt == TRANSACTION_RETRIES || transaction_is_late(database, begun);
		unknown |= ending == ENDING_UNKNOWN;
		if (ending == ENDING_DONE)
			return 0;
		if (ending == ENDING_FAILED)
			return refine_failure(database, unknown, error);
		if (ending == ENDING_UNKNOWN && (last || kind != KIND_ONCE))
			return -1;
		cause = database->failure;
		error_clear(error);
		if (last) {
			fault_report(cause.number, cause.sqlstate, cause.message, error);
			return refine_failure(database, unknown, error);
		}
		transaction_pause(attempt);
	}
}

int database_transaction(struct database *database, int (*work)(void *context, struct error *error),
    void *context, struct error *error)
{
	return run_transaction(database, KIND_ORDINARY, work, context, error);
}

int database_transaction_once(struct database *database,
    int (*work)(void *context, struct error *error), void *context, struct error *error)
{
	return run_transaction(database, KIND_ONCE, work, context, error);
}

int database_snapshot(struct database *database, int (*work)(void *context, struct error *error),
    void *context, struct error *error)
{
	return run_transaction(database, KIND_SNAPSHOT, work, context, error);
}

void database_run_no_more(struct database *database)
{
	database->final = true;
}

/* Those that nothing was changed between are one: the outermost gives it its name. */
static unsigned name_savepoints(struct savepoint *savepoint)
{
	unsigned number = 1;

	if (savepoint->outer != NULL)
		number = savepoint->outer->sent ? savepoint->outer->number + 1
						: name_savepoints(savepoint->outer);
	savepoint->number = number;
	savepoint->sent = true;
	return number;
}

int transaction_before_statement(struct database *database, bool changes, struct failure *failure)
{
	struct savepoint *savepoint = database->savepoint;
	char sql[32];

	if (!database->in_transaction)
		return 0;
	database->touched = true;
	if (!changes || savepoint == NULL || savepoint->sent)
		return 0;
	/* One of the same name, of an attempt that is over, is gone then. */
	snprintf(sql, sizeof(sql), "SAVEPOINT s%u", name_savepoints(savepoint));
	return run_control(database, sql, failure);
}

/* Undoes what was changed since; the savepoint itself stays. */
static int go_back(
    struct database *database, const struct savepoint *savepoint, struct failure *failure)
{
	char sql[48];

	if (savepoint->number == 0) {
		if (run_control(database, "ROLLBACK", failure) != 0 ||
		    run_control(database, "START TRANSACTION", failure) != 0)
			return -1;
		database->touched = false;
		return 0;
	}
	snprintf(sql, sizeof(sql), "ROLLBACK TO SAVEPOINT s%u", savepoint->number);
	return run_control(database, sql, failure);
}

int database_attempt(struct database *database, int (*work)(void *context, struct error *error),
    void *context, struct error *error)
{
	struct savepoint savepoint = { .outer = database->savepoint, .sent = !database->touched };
	const unsigned put_off = put_off_count(database->put_off);
	struct failure failure;
	int result;

	if (!database->in_transaction)
		return error_set_detail(
		    error, ERROR_INTERNAL, "an attempt outside of a transaction");
	database->savepoint = &savepoint;
	result = work(context, error);
	database->savepoint = savepoint.outer;
	if (result != 0)
		put_off_cut(database->put_off, put_off);
	if (result == 0 || database->spoiled || !savepoint.sent || !database->touched)
		return result;
	/* What cannot be undone would be stored by halves: all of it is to run again. */
	if (go_back(database, &savepoint, &failure) != 0) {
		database_fail(database, &failure, error);
		database->spoiled = true;
	}
	return -1;
}

bool database_transaction_stands(const struct database *database)
{
	return database->in_transaction && !database->spoiled;
}

void database_require_transactions(struct database *database, bool required)
{
	database->transactions_required = required;
}
