/*
 * Second factors of users: who must have one, and what a login spends of it. A code is taken once,
 * and after so many wrong ones in a row none is: with a password that somebody else knows, six
 * digits would be tried out otherwise, if slowly. Recovery codes, which cannot be guessed, are
 * taken all the same.
 */
#ifndef CLIENTELE_AUTH_SECOND_FACTOR_H
#define CLIENTELE_AUTH_SECOND_FACTOR_H

#include "auth/key.h"
#include "base/settings.h"
#include "db/database.h"

#define SECOND_FACTOR_FAILURES 50 /* wrong codes in a row, after which none is looked at */

enum second_factor_kind {
	SECOND_FACTOR_NONE, /* nothing was shown, since the user has none */
	SECOND_FACTOR_CODE,
	SECOND_FACTOR_RECOVERY,
};

/* What was shown, and found right before the transaction that spends it. */
struct second_factor_proof {
	enum second_factor_kind kind;
	int64_t step;                  /* of a code */
	uint8_t hash[KEY_HASH_LENGTH]; /* of a recovery code */
};

/* Whether the option demands one of a user with these roles. */
bool second_factor_demanded(const struct settings *settings, uint32_t roles);

/*
 * Spends what was shown, in the transaction that holds the user's row. Returns 1, 0 when it is not
 * as it was (spent meanwhile, or a second factor has come or gone), or -1 as database_execute().
 */
int second_factor_spend(struct database *database, struct arena *arena, const struct uuid *user,
    const struct second_factor_proof *proof, struct error *error) MUST_CHECK;

/* Counts a wrong code. Errors as database_execute(). */
int second_factor_count_failure(
    struct database *database, const struct uuid *user, struct error *error) MUST_CHECK;

#endif
