/*
 * The second factors of users as rows: a secret of an authenticator app, sealed, and the hashes of
 * recovery codes.
 */
#ifndef CLIENTELE_API_SECOND_FACTOR_H
#define CLIENTELE_API_SECOND_FACTOR_H

#include "auth/second_factor.h"
#include "op/operation.h"

#define SECOND_FACTOR_TABLE "user_second_factor"
#define RECOVERY_CODES 10     /* that a user is given */
#define RECOVERY_CODE_TEXT 20 /* "abcd-efgh-ijkl-mnop" and its NUL: 80 bits */

enum second_factor_member {
	FACTOR_USER,
	FACTOR_CONFIRMED_AT, /* null as long as it is being set up */
	FACTOR_LAST_STEP,
	FACTOR_FAILURES,
	FACTOR_SECRET, /* written, sealed */
	FACTOR_SEALED, /* read, as it is stored */
};

/* What a code is held against. */
struct second_factor {
	struct uuid user;
	struct str sealed; /* secret, as it is stored */
	int64_t last_step, failures;
};

extern const struct resource second_factor_resource;
extern const struct resource recovery_code_resource;

/* The second factor of a user, confirmed or not; *row is NULL where there is none. */
int second_factor_find(struct context *context, const struct uuid *user, struct row **row,
    struct error *error) MUST_CHECK;

/* What such a row says. */
struct second_factor second_factor_of(const struct row *row);

/*
 * Holds a code, or where it is no such number a recovery code, against it. Returns 1 with *proof, 0
 * when it is wrong or none is taken any more, or -1 with an error.
 */
int second_factor_check(struct context *context, const struct second_factor *factor,
    struct str code, struct second_factor_proof *proof, struct error *error) MUST_CHECK;

/* Notes in a transaction of its own that a code was wrong, for the audit log, too. */
int second_factor_note_failure(
    struct context *context, const struct uuid *user, struct error *error) MUST_CHECK;

/*
 * The beginning of a new one, in the place of one that was never confirmed: stores the secret. Must
 * run in a transaction that holds the user's row. ERROR_CONFLICT where one is confirmed.
 */
int second_factor_begin(struct context *context, const struct uuid *user, struct str secret,
    struct error *error) MUST_CHECK;

/*
 * Confirms it with a code of `step`, and stores recovery codes, which it writes as a JSON list.
 * Must run in a transaction. ERROR_CONFLICT where it is confirmed, or gone.
 */
int second_factor_confirm(struct context *context, const struct uuid *user, int64_t step,
    struct str *codes, struct error *error) MUST_CHECK;

/*
 * New recovery codes in the place of all former ones, as a JSON list. Must run in a transaction.
 * ERROR_NOT_FOUND where no second factor is confirmed.
 */
int second_factor_renew_codes(struct context *context, const struct uuid *user, struct str *codes,
    struct error *error) MUST_CHECK;

/*
 * Removes it with its recovery codes. Must run in a transaction. ERROR_NOT_FOUND where there is
 * none.
 */
int second_factor_remove(
    struct context *context, const struct uuid *user, struct error *error) MUST_CHECK;

#endif
