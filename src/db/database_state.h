/*
 * The inside of a database, for the sources that make it up.
 */
#ifndef CLIENTELE_DB_DATABASE_STATE_H
#define CLIENTELE_DB_DATABASE_STATE_H

#include "db/fault.h"
#include "db/put_off.h"
#include "db/statement.h"

/*
 * A point of the running transaction that can be gone back to. It is sent before the first change
 * behind it: until then there is nothing to undo.
 */
struct savepoint {
	struct savepoint *outer; /* the one that it lies within, or NULL */
	bool sent;               /* it stands at the server, or at the transaction's begin */
	unsigned number;         /* its name there; 0 = the begin of the transaction */
};

struct database {
	const struct settings *settings;
	struct hosts hosts;
	bool hosts_valid;
	struct host_use *use; /* shown to others; NULL = to nobody */
	struct connection connection;
	struct statement_cache *statements;
	int64_t rest_until; /* monotonic; no connect before */
	int64_t asked;      /* monotonic; when the server was asked last for something */
	bool in_transaction;
	bool touched;                /* a statement has run in the running transaction */
	bool spoiled;                /* it is gone, whatever `work` makes of it */
	bool final;                  /* it is not to be run again */
	struct savepoint *savepoint; /* the innermost one of the attempts under way, or NULL */
	struct put_off *put_off;     /* of the running transaction */
	bool transactions_required;
	int oldest_program;              /* -1 = not read yet */
	struct database_ordinal ordinal; /* of the connection; origin 0 = none yet */
	struct failure failure;
	enum database_fault fault;
	char fault_key[FAULT_KEY_MAX];
	unsigned count, unprepared;
	struct timing timing;
	uint64_t errors;
};

/* Closes the connection; its statements and an open transaction are gone. */
void database_disconnect(struct database *database);

/* Connects if need be. Returns 0, or -1 with an error. */
int database_ensure_connected(struct database *database, struct error *error) MUST_CHECK;

/*
 * Connects if need be, and tells whether the schema is there. Within a transaction whose connection
 * is gone it fails: a new connection would store one half of it. Returns 0, or -1 with an error.
 */
int database_ensure_schema(struct database *database, struct error *error) MUST_CHECK;

/*
 * Remembers what went wrong, drops a connection that is of no use any more, and fills `error`.
 * Always returns -1.
 */
int database_fail(struct database *database, const struct failure *failure, struct error *error);

/*
 * To be called before each statement: sends the savepoints that were not sent yet where it is one
 * that changes rows. Returns 0, or -1 with `failure` filled.
 */
int transaction_before_statement(
    struct database *database, bool changes, struct failure *failure) MUST_CHECK;

/*
 * Runs what was put off, and COMMIT with it. *begun tells whether any of it may have run. Returns
 * 0, or -1 with an error.
 */
int database_run_put_off(struct database *database, bool *begun, struct error *error) MUST_CHECK;

/* The server has forgotten a statement, or the table has changed too much under it. */
#define UNKNOWN_STATEMENT 1243
#define NEED_REPREPARE 1615

/* How often a transaction, or a single change, is run again at most. */
#define TRANSACTION_RETRIES 5

/* Waits before the retry after an attempt, numbered from 0: longer each time, and at random. */
void transaction_pause(int attempt);

/* True when the caller has waited for as long as for one slow answer; `begun` is monotonic. */
bool transaction_is_late(const struct database *database, int64_t begun);

/* Makes an error of a change that nobody knows to be stored or not. Always returns -1. */
int transaction_outcome_unknown(struct database *database, const char *sql, struct error *error);

#endif
