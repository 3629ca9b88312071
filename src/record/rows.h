/*
 * Rows by the set, and parts: what rules and operations ask of tables and write into them beside
 * the one row that record_insert(), record_update() or record_delete() is about.
 *
 * A part is a row without rules of its own: a secret, a role that a user has. Whatever has rules is
 * changed row by row, by record/record.h.
 */
#ifndef CLIENTELE_RECORD_ROWS_H
#define CLIENTELE_RECORD_ROWS_H

#include "record/record.h"

/*
 * The rows of a resource that meet all that is said here; of an actor that is let in for own rows
 * only, its own.
 */
struct record_set {
	const struct resource *resource;
	const struct row *keys; /* members that are equal; NULL = any */
	/* Conditions alone: sql_init() and then functions called sql_where_…(). NULL = none. */
	const struct sql *where;
	const char *order_by; /* member that lists are ordered by first; NULL = as the resource */
	int64_t most;         /* a fetch brings the first so many; 0 = all */
	/*
	 * The audit entry of a change around this one tells of it, or the caller writes one;
	 * otherwise a change of the set leaves an entry with the number of rows.
	 */
	bool told;
};

/* Adds the conditions of the set, but for whose rows they are: for the sources of the record. */
void record_where_set(struct sql *sql, const struct record_set *set);

/* How many rows there are. */
int record_count(struct context *context, const struct record_set *set, int64_t *count,
    struct error *error) MUST_CHECK;

/* Whether there is one. */
int record_exists(struct context *context, const struct record_set *set, bool *exists,
    struct error *error) MUST_CHECK;

/* ERROR_NOT_FOUND with the resource's name where there is none. */
int record_require(
    struct context *context, const struct record_set *set, struct error *error) MUST_CHECK;

/* The same of rows that the actor does not ask for, but sees: others lead to them. */
int record_require_seen(
    struct context *context, const struct record_set *set, struct error *error) MUST_CHECK;

/*
 * All of them with the members of `mask`, in the resource's order; relations are followed as by
 * record_fetch(). For lists that are small: all of it lies in the arena.
 */
int record_fetch_all(struct context *context, const struct record_set *set, uint64_t mask,
    struct row_list *rows, struct error *error) MUST_CHECK;

/*
 * The first of them in the resource's order, with the members of `mask`; *row is NULL where there
 * is none.
 */
int record_find(struct context *context, const struct record_set *set, uint64_t mask,
    struct row **row, struct error *error) MUST_CHECK;

/* The same with a tree of members. */
int record_find_selected(struct context *context, const struct record_set *set,
    const struct selection *selection, struct row **row, struct error *error) MUST_CHECK;

/* The row whose member is that value. */
int record_find_by(struct context *context, const struct resource *resource, unsigned member,
    const struct value *value, uint64_t mask, struct row **row, struct error *error) MUST_CHECK;

/*
 * As record_fetch_all(), the rows whose member is one of `count` values: no rows where there are no
 * values.
 */
int record_fetch_among(struct context *context, const struct resource *resource, unsigned member,
    const struct value *values, unsigned count, uint64_t mask, struct row_list *rows,
    struct error *error) MUST_CHECK;

/*
 * Hands over all of them in pieces, in order and as lists show them: without the texts that are too
 * large (FIELD_LISTED_MAX). The memory of a piece is given back before the next; `each` returns 0,
 * or -1 with an error to stop. Each piece is read by itself: what is inserted or deleted meanwhile
 * may be among the rows or not, and none comes twice.
 */
int record_each(struct context *context, const struct record_set *set, uint64_t mask,
    int (*each)(void *data, const struct row_list *rows, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/* All of them, locked until the transaction ends. */
int record_fetch_all_locked(struct context *context, const struct record_set *set, uint64_t mask,
    struct row_list *rows, struct error *error) MUST_CHECK;

/*
 * Deletes all of them, rules of single rows left aside; `*count` is their number. Must run in a
 * transaction. ERROR_INTERNAL for a set without any condition, and for rows that take counted ones
 * of other tables with them: those go one by one. Errors as record_execute().
 */
int record_delete_all(struct context *context, const struct record_set *set, int64_t *count,
    struct error *error) MUST_CHECK;

/*
 * Gives all of them the members that are present in `values`, which no rule looks at; `*count` is
 * the number of rows that are in the set, whether or not they had the values before. Must run in a
 * transaction. ERROR_INTERNAL for a set without any condition, and for values that are not stored
 * in the table as they are. Errors as record_execute().
 */
int record_update_all(struct context *context, const struct record_set *set,
    const struct row *values, int64_t *count, struct error *error) MUST_CHECK;

/*
 * Adds parts in one statement; all have the members of the first, and keys are drawn where they are
 * of such a type. Nothing to do for an empty list. Must run in a transaction, whose change they
 * belong to: no audit entry of their own. Errors as record_execute().
 */
int record_add_parts(
    struct context *context, const struct row_list *rows, struct error *error) MUST_CHECK;

/* The same of one. */
int record_add_part(struct context *context, struct row *row, struct error *error) MUST_CHECK;

/*
 * Adds a part, or gives the one that has its unique values the other members that are present. The
 * same of a resource whose rows are counted is ERROR_INTERNAL: nobody learns which of both it was.
 */
int record_put_part(struct context *context, const struct row *row, struct error *error) MUST_CHECK;

#endif
