/*
 * One request being carried out: what handlers, generic or not, work with.
 */
#ifndef CLIENTELE_OP_OPERATION_H
#define CLIENTELE_OP_OPERATION_H

#include "auth/grant.h"
#include "auth/guard.h"
#include "auth/last_used.h"
#include "auth/revocation.h"
#include "auth/secret.h"
#include "codec/row.h"
#include "db/sql.h"
#include "http/response.h"
#include "query/select.h"

struct service_probe;

struct operation {
	struct arena *arena;
	const struct settings *settings;
	struct database *database;
	struct guard *guard;
	struct last_used *uses;
	const struct route *route;
	const struct family *family;
	const struct request *request;
	struct response *response;
	struct answer answer;
	const struct principal *principal; /* NULL where no credential was needed */
	struct str captures[CAPTURES_MAX];
	struct parameters parameters;
	struct body body;
	const struct service_probe *probe; /* for the operational endpoints */
	bool in_transaction;               /* a transaction is open around the whole operation */
	struct rate_state rate;            /* of the caller's key; limit 0 = none */
	struct sight sight;                /* what the caller may see */
	bool own_rows_only; /* the route lets the caller in for own rows only: SIGHT_OWN */
	/* Members that the caller of a write has brought; NULL = none, or unknown. */
	const struct row *sent;
	/* What is worthless when it is done: operation_revoke(). */
	struct revocations revocations;
	int64_t log_entry; /* number of the entry of the log that was written last */
	uint64_t made;     /* members of the inserted row that were drawn, not sent */
};

/* ERROR_BUSY or ERROR_TOO_LARGE for an exhausted arena. Always -1. */
int operation_out_of_memory(struct error *error);

/* "license.name": a member's path in the body of the route. */
const char *operation_path(const struct operation *operation, const char *member);

/*
 * Reads the body, or the member of it that the route names, as one row of the route's body
 * resource. A missing body is an error. The names of the faults are those of the resource.
 */
int operation_read_row(struct operation *operation, enum row_read_mode mode, struct row **row,
    struct error *error) MUST_CHECK;

/* Reads the body as a list of rows of the route's body resource. */
int operation_read_list(struct operation *operation, enum row_read_mode mode, struct row_list *rows,
    struct error *error) MUST_CHECK;

/*
 * Turns the path's captures into a row with the members that the route's keys name. Text that
 * cannot be such a member: ERROR_NOT_FOUND for text keys, ERROR_INVALID with the capture named for
 * others. With ROUTE_KEY_IN_BODY, the rest of the resource's key comes from the body, where it is
 * required.
 */
int operation_read_keys(
    struct operation *operation, struct row **keys, struct error *error) MUST_CHECK;

/*
 * Runs a finished SELECT of `mask` and makes rows of it; follows the relations in the mask with one
 * query each; calls the resource's after_select. Rows live in the arena.
 */
int operation_fetch(struct operation *operation, struct sql *sql, const struct resource *resource,
    uint64_t mask, struct row_list *rows, struct error *error) MUST_CHECK;

/*
 * The same with a tree of members: what it fetches must be what the statement selects. Relations
 * are followed with one query for each relation of the tree, whatever the number of rows.
 */
int operation_fetch_selection(struct operation *operation, struct sql *sql,
    const struct selection *selection, struct row_list *rows, struct error *error) MUST_CHECK;

/* The same of records that were read already. */
int operation_load(struct operation *operation, const struct selection *selection,
    const struct result *result, struct row_list *rows, struct error *error) MUST_CHECK;

/* Adds the condition that the rows are the caller's own, where the route lets in for no others. */
void operation_where_own(
    const struct operation *operation, struct sql *sql, const struct resource *resource);

/* Adds the condition that the caller may see the rows. */
void operation_where_seen(
    const struct operation *operation, struct sql *sql, const struct resource *resource);

/* What the route answers with: the resource's default members and those that the route includes. */
uint64_t operation_mask(const struct operation *operation);

/*
 * The one row whose members equal those present in `keys`. ERROR_NOT_FOUND when there is none, or
 * it is not the caller's own and the caller may see no others.
 */
int operation_fetch_one(struct operation *operation, const struct resource *resource, uint64_t mask,
    const struct row *keys, struct row **row, struct error *error) MUST_CHECK;

/* The same row, locked until the transaction ends. */
int operation_fetch_locked(struct operation *operation, const struct resource *resource,
    uint64_t mask, const struct row *keys, struct row **row, struct error *error) MUST_CHECK;

/* Follows the relations of `mask` for rows that were fetched: one query per relation. */
int operation_follow(struct operation *operation, const struct resource *resource, uint64_t mask,
    const struct row_list *rows, struct error *error) MUST_CHECK;

/* Runs a finished INSERT, UPDATE or DELETE. Refines duplicates and references by the resource's
 * table. */
int operation_execute(struct operation *operation, struct sql *sql, const struct resource *resource,
    struct outcome *outcome, struct error *error) MUST_CHECK;

/*
 * Writes a row that others count or list by, so that transactions that claim it follow one another:
 * a mere lock holds in one server, and a cluster of them only compares what was written. `key` is
 * the value of the resource's key; `column` of its table holds a time, which grows with each claim.
 * ERROR_NOT_FOUND when there is no such row. Must run in the transaction that counts.
 */
int operation_claim(struct operation *operation, const struct resource *resource,
    const char *column, const struct value *key, struct error *error) MUST_CHECK;

/*
 * Runs `work` in a transaction with the database's replay rules. When it is run again, operation
 * and response are what they were before; `context` and what it points at are not, so that `work`
 * leaves alone what it has read from there. It answers, too, or reads what the answer is made of:
 * after COMMIT nothing may fail.
 */
int operation_transaction(struct operation *operation,
    int (*work)(struct operation *operation, void *context, struct error *error), void *context,
    struct error *error) MUST_CHECK;

/*
 * The same of work that may be done twice: it finds what an earlier run has stored and changes
 * nothing, or stores the same again. It is run again even when COMMIT was not answered.
 */
int operation_transaction_once(struct operation *operation,
    int (*work)(struct operation *operation, void *context, struct error *error), void *context,
    struct error *error) MUST_CHECK;

/*
 * Answers with one row (under its entity tag where the route has one; 304 when the caller has it),
 * a list, a bare number, a null row, or nothing (status only). Who may write the row but not read
 * it is shown its key, what operation.sent brought and what is shown once, and no tag.
 */
void operation_answer_row(struct operation *operation, const struct row *row);
void operation_answer_list(
    struct operation *operation, const struct resource *resource, const struct row_list *rows);

/* The same of a list whose rows come one after another: by row_write_items(), between these. */
void operation_begin_list(
    struct operation *operation, const struct resource *resource, struct writer *writer);
void operation_end_list(struct operation *operation, struct writer *writer);

void operation_answer_integer(struct operation *operation, int64_t value);
void operation_answer_null(
    struct operation *operation); /* a row that is not there is no error here */
void operation_answer_nothing(struct operation *operation, int status);

/* Answers a write with the family's envelope and what the route shows of the stored row; the same
 * rule. */
void operation_answer_change(struct operation *operation, const struct row *stored);

/* Answers with the members of a row beside those of the family's envelope. */
void operation_answer_members(struct operation *operation, const struct row *row);

/* grant_check() of what the body makes or changes: faults are told with paths in the body. */
int operation_check_grant(const struct operation *operation, const struct authority *made,
    const struct authority *former, const struct authority *bound, const struct grant_kind *kind,
    struct error *error) MUST_CHECK;

/*
 * Makes cached credentials of that user, client, session or key worthless: at once in the pool of
 * this machine, within a second on other nodes. Must run in the transaction that revokes.
 */
int operation_revoke(struct operation *operation, struct mark mark, struct error *error) MUST_CHECK;

/* Adds a Location header: the path of the request with `id` as a further segment. */
void operation_location(struct operation *operation, struct str id);

/*
 * Refuses with ERROR_STALE when the request has If-Match and the row that `keys` name is not any
 * more what the caller has seen. Locks the row: must run in the transaction that changes it.
 */
int operation_check_unchanged(
    struct operation *operation, const struct row *keys, struct error *error) MUST_CHECK;

#endif
