/*
 * Which accounts a caller may see and change: the own one, those that the user was given access to,
 * and all below these. Whoever may do the same to all users and keys may do it everywhere.
 */
#ifndef CLIENTELE_API_CREDENTIALS_REACH_H
#define CLIENTELE_API_CREDENTIALS_REACH_H

#include "db/sql.h"
#include "record/context.h"

/* Identifier of the account that all others are below, in every installation. */
#define CREDENTIALS_TOP_ACCOUNT "0c4f7e52-9d1b-4a86-b0e3-6a52d8f1c790"

/* SQL of the account of the user that is bound. */
#define REACH_OWN_ACCOUNT                                             \
	"COALESCE((SELECT o.account_id FROM user o WHERE o.id = ?), " \
	"'" CREDENTIALS_TOP_ACCOUNT "')"

enum reach {
	REACH_SEE,
	REACH_CHANGE, /* access that was given for reading does not count */
};

/* The user whose account is the actor's own; who has no credential has none: all zero. */
struct uuid reach_user(const struct context *context);

/* Whether the actor is bound to no account. */
bool reach_is_whole(const struct context *context);

/*
 * Adds the condition that a column, which writes {} for the alias of its table, holds an account
 * within reach. No condition where the actor is bound to none.
 */
void reach_where(
    const struct context *context, enum reach reach, const char *column, struct sql *sql);

/*
 * ERROR_UNAUTHENTICATED with the word NOT_AUTHORIZED for an account that is not within reach:
 * callers of the original look for that status. ERROR_NOT_FOUND for one that is not there.
 */
int reach_require_account(struct context *context, enum reach reach, const struct uuid *account,
    struct error *error) MUST_CHECK;

/* The same for the account of a user. */
int reach_require_user(struct context *context, enum reach reach, const struct uuid *user,
    struct error *error) MUST_CHECK;

/* That error. Returns -1. */
int reach_refuse(struct error *error);

#endif
