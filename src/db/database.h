/*
 * One connection to MariaDB or a Galera cluster, with its prepared statements.
 *
 * A database has a list of hosts, goes by what its pool knows of them (or by what it has seen
 * itself, outside of a pool), probes a real table after each connect, and sets up its session
 * itself; the client library's own reconnect stays off (it loses the session inside a transaction).
 * Values are always bound. All calls block; timeouts come from the settings.
 */
#ifndef CLIENTELE_DB_DATABASE_H
#define CLIENTELE_DB_DATABASE_H

#include "base/error.h"
#include "base/settings.h"
#include "db/timing.h"
#include "schema/field.h"

struct database;
struct host_seat;

/* A value to bind. */
struct bind {
	enum bind_kind kind;
	bool null;
	union {
		int64_t integer; /* BIND_INTEGER; microseconds for BIND_TIME and BIND_DATE */
		double real;
		struct str text;
		struct uuid uuid;
	};
};

#define BIND_INT(number) ((struct bind){ .kind = BIND_INTEGER, .integer = (number) })
#define BIND_BYTES(slice) ((struct bind){ .kind = BIND_BINARY, .text = (slice) })
#define BIND_STR(slice) ((struct bind){ .kind = BIND_TEXT, .text = (slice) })
#define BIND_ID(identifier) ((struct bind){ .kind = BIND_UUID, .uuid = (identifier) })
#define BIND_MOMENT(microseconds) ((struct bind){ .kind = BIND_TIME, .integer = (microseconds) })

/* What an execution did. */
struct outcome {
	uint64_t affected;  /* rows matched (not: changed) */
	uint64_t insert_id; /* AUTO_INCREMENT value made, 0 if none */
};

/* Rows of a result: rows[r][c], in the arena given to database_select(). */
struct result {
	struct bind **rows;
	unsigned count;
};

/* Why a statement failed, for those who must tell cases apart. */
enum database_fault {
	DATABASE_FAULT_NONE,
	DATABASE_FAULT_DUPLICATE,  /* 1062; see database_fault_key() */
	DATABASE_FAULT_REFERENCED, /* 1451: others depend on the row */
	DATABASE_FAULT_NO_PARENT,  /* 1452: the row named does not exist */
	DATABASE_FAULT_RETRY,      /* 1213, 1205: the transaction is gone, replay it */
	DATABASE_FAULT_LOST,       /* connection gone, or the node left its cluster */
	DATABASE_FAULT_TIMEOUT,    /* 1969: the statement took longer than it may */
	DATABASE_FAULT_OTHER,
};

/*
 * Makes a database that connects at its first use. `settings` must outlive it. NULL when there is
 * no memory.
 */
struct database *database_new(const struct settings *settings);
void database_free(struct database *database);

/* Makes it go by the pool's board of hosts, which must outlive it. Before its first use. */
void database_take_seat(struct database *database, const struct host_seat *seat);

/*
 * True while a use would wait for the first word of a host that nobody has tried yet, or that
 * somebody has just lost: a second at most. Who has nothing urgent comes again.
 */
bool database_waits(struct database *database);

/*
 * Goes back to the host that this worker prefers, if it is connected to another and that one has
 * been good for a while; one worker of the pool at a time, with pauses. The new connection stands
 * before the old one is closed. Not within a transaction.
 */
void database_go_home(struct database *database);

/* True while a connection stands; does not touch the network. */
bool database_connected(const struct database *database);

/* How a standing connection is protected. */
struct database_wire {
	const char *host;   /* name of the server; empty for a unix socket */
	const char *cipher; /* NULL when it is in the clear */
	bool local;         /* does not leave the machine */
};

/* False when no connection stands. Texts live as long as that. */
bool database_wire(const struct database *database, struct database_wire *wire);

/*
 * Connects if need be, and reads a real table of the schema. Returns 0, or -1 with
 * ERROR_UNAVAILABLE when no host can be used or the schema is missing.
 */
int database_ready(struct database *database, struct error *error) MUST_CHECK;

/*
 * Compares the node of a cluster that a standing connection is at with what was seen before
 * (db/history.h), and remembers how far it is. Without such a connection it does nothing. Returns
 * 0, or -1 with ERROR_UNAVAILABLE; the connection is gone then.
 */
int database_follow_history(struct database *database, struct error *error) MUST_CHECK;

/* Highest version in schema_version; 0 when the table is missing. -1 with an error when
 * unreachable. */
int database_schema_version(struct database *database, struct error *error);

/*
 * Whether this program can work with the schema that is there: one that is at least as new as its
 * own, and not made for newer programs only. Returns 0 with *version set, or -1 with
 * ERROR_UNAVAILABLE and what to do in the detail; *version is then as above.
 */
int database_check_schema(struct database *database, int *version, struct error *error) MUST_CHECK;

/*
 * The oldest schema whose programs may be at work beside this one; 0 = any. Asked of the database
 * where database_check_schema() was not called yet. Returns 0, or -1 as that one.
 */
int database_oldest_program(struct database *database, int *schema, struct error *error) MUST_CHECK;

/*
 * Who writes, and which of its writings this is. An origin is one connection, known by a number of
 * its own above 0: one that is made anew has another. Transactions with lower numbers of an origin
 * were over before those with higher ones began.
 */
struct database_ordinal {
	int64_t origin;
	int64_t number; /* from 1 on; some are left out */
};

/* The next one. To be called within a transaction, which holds the connection. */
struct database_ordinal database_ordinal(struct database *database);

/*
 * Runs a SELECT and copies its rows into `arena`. `kinds` has one entry per column. The statement
 * is prepared once and kept (by its text) in a least-recently-used cache; where the server takes no
 * more statements, it runs without. Text longer than any bound is fetched whole.
 *
 * Errors: ERROR_UNAVAILABLE (unreachable, not writable, timed out), ERROR_INTERNAL (SQL refused).
 * Outside a transaction a lost connection is remade and the SELECT run once more.
 */
int database_select(struct database *database, struct arena *arena, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct error *error) MUST_CHECK;

/* The same without preparing the statement: for what is not run again soon. */
int database_select_once(struct database *database, struct arena *arena, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct error *error) MUST_CHECK;

/*
 * Runs INSERT, UPDATE, DELETE. Outside a transaction it commits by itself; deadlocks are retried
 * then. Errors as database_select(), ERROR_OUTCOME_UNKNOWN outside a transaction, and
 * ERROR_CONFLICT for a duplicate, ERROR_IN_USE for a row still referenced, ERROR_INVALID for a
 * missing parent; the op layer refines these by the resource's table.
 */
int database_execute(struct database *database, const char *sql, const struct bind *parameters,
    unsigned parameter_count, struct outcome *outcome, struct error *error) MUST_CHECK;

/*
 * The same of a change that gives back rows, "INSERT … RETURNING …", which are copied as by
 * database_select().
 */
int database_execute_returning(struct database *database, struct arena *arena, const char *sql,
    const struct bind *parameters, unsigned parameter_count, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct error *error) MUST_CHECK;

/*
 * Within a transaction: the same of a change whose outcome nobody asks for. It runs with COMMIT, in
 * one trip with the others of its kind, or at once where they become many or long; text and values
 * are copied. What it fails by then, the transaction fails by. Elsewhere it runs at once.
 */
int database_put_off(struct database *database, const char *sql, const struct bind *parameters,
    unsigned parameter_count, struct error *error) MUST_CHECK;

/*
 * Runs `work` in a transaction and commits. When the database ends the transaction by deadlock,
 * lock timeout or Galera certification, or the connection is lost before COMMIT was sent,
 * everything is rolled back and `work` runs again from its start (5 times at most, with jitter), so
 * it must have no effect outside the database and its own results. When `work` returns -1 with
 * another error, the transaction is rolled back and that error returned. Every error but
 * ERROR_OUTCOME_UNKNOWN says that nothing is stored; that one, that COMMIT was not answered.
 */
int database_transaction(struct database *database, int (*work)(void *context, struct error *error),
    void *context, struct error *error) MUST_CHECK;

/*
 * The same for `work` that may be stored twice without harm: it looks for what an earlier run has
 * stored, by a row with a unique key that it inserts first, or stores the same again. It is run
 * again after a COMMIT without an answer, too.
 */
int database_transaction_once(struct database *database,
    int (*work)(void *context, struct error *error), void *context, struct error *error) MUST_CHECK;

/*
 * Runs `work`, which only reads, so that all its statements see one state of the database, and runs
 * it again as database_transaction() does.
 */
int database_snapshot(struct database *database, int (*work)(void *context, struct error *error),
    void *context, struct error *error) MUST_CHECK;

/*
 * Within a transaction: this run of `work` is the last one, whatever ends it, since something of it
 * has gone where it cannot be taken back.
 */
void database_run_no_more(struct database *database);

/*
 * Runs `work` as a part of the running transaction that may fail alone: what it has changed is
 * undone then, and the transaction can go on. Attempts may lie within attempts. Locks that were
 * taken stay, except where the transaction has begun with this attempt. Where
 * database_transaction_stands() is false behind it, there is nothing to go on with.
 */
int database_attempt(struct database *database, int (*work)(void *context, struct error *error),
    void *context, struct error *error) MUST_CHECK;

/*
 * Whether a transaction is open. Where the database has ended it (deadlock, lock timeout, lost
 * connection), whoever works within it returns -1, whatever error there is: all of it runs again.
 */
bool database_transaction_stands(const struct database *database);

/*
 * From now on (or no more), database_execute() outside of a transaction is ERROR_INTERNAL: whoever
 * answers a caller must have read the answer before the change is stored.
 */
void database_require_transactions(struct database *database, bool required);

/* What went wrong last, and for duplicates and references the name of the index or constraint. */
enum database_fault database_fault(const struct database *database);
const char *database_fault_key(const struct database *database);

/*
 * Statements sent since database_count_reset(), but for BEGIN, COMMIT and savepoints. What was put
 * off counts as one.
 */
unsigned database_count(const struct database *database);
void database_count_reset(struct database *database);

/* How many of them ran unprepared, since the server takes no more prepared statements. */
unsigned database_unprepared(const struct database *database);

/* Where the time went since then. */
const struct timing *database_timing(const struct database *database);

/* Errors of the connection (not of the caller's data) since the start, for the metrics. */
uint64_t database_errors(const struct database *database);

#endif
