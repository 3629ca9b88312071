/*
 * What changes and reads of rows work with: a request's, a command's or a background process's.
 */
#ifndef CLIENTELE_RECORD_CONTEXT_H
#define CLIENTELE_RECORD_CONTEXT_H

#include "auth/grant.h"
#include "auth/guard.h"
#include "auth/principal.h"
#include "auth/revocation.h"
#include "db/sql.h"
#include "schema/sight.h"

struct key_ring;
struct subscriptions;
struct later;

enum actor_kind {
	ACTOR_CALLER,   /* of a request */
	ACTOR_OPERATOR, /* who runs a command on the machine, and may do everything */
	ACTOR_PROCESS,  /* one of the pool, that does what nobody has asked for just now */
};

/* Who does it, for rules that look at the caller and for the audit log. */
struct actor {
	enum actor_kind kind;
	/*
	 * Who that is where no user is: "command line as root", "import of FILE", "mailer", the
	 * name of an API client. Empty = what the kind says.
	 */
	struct str name;
	const struct principal *principal; /* of a caller with a credential; NULL = nobody known */
	/* Who has shown something else at an endpoint of OAuth; all zero = none. */
	struct uuid user;       /* a password, or a token that registers for that user */
	struct uuid client;     /* a secret, or the token that manages it */
	struct str address;     /* of the caller, or name of the machine of a command or process */
	const char *request_id; /* NULL = no request */
};

/* What sort of actor it is, in one word, as the API says it. */
const char *actor_sort(const struct actor *actor);

/* The entries of one change whose place was asked for: record/audit.h. 0 = none. */
struct audit_place {
	int64_t entry;     /* number in the audit log */
	int64_t log_entry; /* number in the log that callers see */
};

/* Entries that wait to be written: audit_hold(). All zero = none do. */
struct audit_entry;
struct audit_held {
	struct audit_entry *entries;
	unsigned count, most;
};

/* Changes of row counters (record/row_count.h) that are written at the end of the transaction. */
#define ROW_COUNTS_MOST 16
struct row_count_change {
	const char *table;
	int64_t change;
};
struct row_counts {
	struct row_count_change tables[ROW_COUNTS_MOST]; /* by name */
	unsigned count;
};

struct context {
	struct arena *arena;
	const struct settings *settings;
	struct database *database;
	struct guard *guard;
	/* Who is told of changes (record/event.h); NULL = nobody is. */
	struct subscriptions *subscriptions;
	struct key_ring *key_ring; /* what licenses are signed with; NULL = with nothing */
	struct later *later; /* what is stored after the answer (record/later.h); NULL = nothing */
	struct actor actor;
	struct sight sight;   /* what the actor may see */
	bool own_rows_only;   /* the actor is let in for own rows only: SIGHT_OWN */
	enum permission does; /* to those; 0 = it reads them */
	/*
	 * An entry of the whole tells of rows that are changed now, and whoever sets this writes it
	 * in the same transaction: they leave no entries and no events of their own.
	 */
	bool told;
	bool logged;         /* changes are shown to callers, too: record/audit.h */
	bool in_transaction; /* one is open around the whole work */
	bool confirmed;      /* the actor was, in this transaction: record_confirm_actor() */
	/* What is worthless when it is done: record_revoke(). */
	struct revocations revocations;
	struct row_counts counts;       /* of the running transaction */
	struct audit_place audit_place; /* of the entries that were written last */
	struct audit_held held;         /* of the running transaction */
	uint64_t made;                  /* members of the inserted row that were drawn, not sent */
};

/*
 * Runs `work` in a transaction with the database's replay rules. Before each run, context and arena
 * are what they were when the transaction began: memory that a run has taken is gone, what `data`
 * points at is not set back. Row counters and revocations are written at its end, once for each
 * table and subject. Within a transaction, the work is part of that one.
 */
int record_transaction(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/*
 * The same of work that may be done twice: it finds what an earlier run has stored and changes
 * nothing, or stores the same again. It is run again even when COMMIT was not answered.
 */
int record_transaction_once(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/*
 * The same of work that only reads, all of it from one state of the database. What has sent some of
 * it ends with database_run_no_more() that it is run again.
 */
int record_snapshot(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/*
 * The same of work of which nothing is stored, whatever it does: it is judged as it would be, the
 * database's constraints among the rules, and undone. ERROR_INTERNAL within a transaction, which
 * would be undone with it.
 */
int record_trial(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/*
 * Runs `work` as a part of the running transaction that may fail alone, as one row of many does:
 * what it has stored, counted and revoked is undone then, and context and arena are what they were
 * before, but for the error. What `data` points at is not set back. Whether the transaction can go
 * on, record_may_go_on() tells: where it cannot, return -1, so that all runs again or fails.
 */
int record_attempt(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/* Whether an attempt has failed by what it was given, and the transaction still stands. */
bool record_may_go_on(const struct context *context, const struct error *error);

/*
 * What the actor holds, and so may grant (auth/grant.h): of a caller that nobody knows, nothing.
 * `rate_limit` is what counts for keys that have none of their own, where keys are granted, else 0.
 */
struct authority record_authority(const struct context *context, int64_t rate_limit);

/*
 * grant_confirm_caller() of a caller, once in a transaction, which keeps others from changing that.
 * ERROR_UNAUTHENTICATED for one that nobody knows.
 */
int record_confirm_actor(struct context *context, struct error *error) MUST_CHECK;

/*
 * Makes cached credentials of that user, client, session or key worthless: at once in the pool of
 * this machine, within a second on other nodes. Must run in the transaction that revokes.
 */
int record_revoke(struct context *context, struct mark mark, struct error *error) MUST_CHECK;

#endif
