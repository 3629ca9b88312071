/*
 * One try to prove who one is: the only place that decides whether a credential is looked at, and
 * that counts what was wrong (auth/throttle).
 *
 * Random credentials (keys, tokens) cannot be guessed, so a right one is never refused for what
 * others have sent: of an address that sent many wrong ones, only what was right before, or was
 * made here, is still looked up, and a few others in a second. Passwords and chosen secrets can be
 * guessed and cost a slow hash each: they are counted by address, by whose they would be, and by
 * both together. Whoever was right from an address before is not refused for what others do there,
 * or do elsewhere in that name, but for wrong ones in that name from that address.
 */
#ifndef CLIENTELE_AUTH_ATTEMPT_H
#define CLIENTELE_AUTH_ATTEMPT_H

#include "auth/guard.h"
#include "auth/key.h"

/* Kept by the caller while it lasts; its members are of attempt.c only. */
struct attempt {
	struct guard *guard;
	struct throttle_address address;
	struct throttle_owner owner;
	enum throttle_scope scope; /* of what it is refused by */
	int64_t seconds;           /* for which it is refused unless it is right; 0 = it is not */
	bool lookup, counts_address;
	bool was_right; /* the key or token was right before: it has ended, nobody guesses it */
	bool excused;   /* from what the address has done, if the name is anybody's */
	bool signs;     /* it is a signature, not a secret */
	bool has_name, has_secret;       /* which digests are there */
	uint8_t secret[KEY_HASH_LENGTH]; /* of what was sent, where it is random */
	uint8_t name[KEY_HASH_LENGTH];   /* of address and name as it was sent */
};

/*
 * Begins with a key or token, by its key_hash(), before it is looked up. Returns 0, or -1 with
 * ERROR_TOO_MANY.
 */
int attempt_begin_lookup(struct attempt *attempt, struct guard *guard, struct str address,
    const uint8_t hash[KEY_HASH_LENGTH], struct error *error) MUST_CHECK;

/*
 * Begins with a name, as it was sent, and a password (data == NULL) or a client's secret, before
 * the name is looked up. Returns 0, or -1 with ERROR_TOO_MANY.
 */
int attempt_begin_name(struct attempt *attempt, struct guard *guard, struct str address,
    struct str name, struct str client_secret, struct error *error) MUST_CHECK;

/* Begins where it is known already whose the secret would be. */
void attempt_begin_owner(
    struct attempt *attempt, struct guard *guard, struct str address, struct throttle_owner owner);

/* Begins with a request that the owner of a key has signed, or somebody else. */
void attempt_begin_signature(
    struct attempt *attempt, struct guard *guard, struct str address, struct throttle_owner owner);

/* The name was looked up: this is whose it is. Without this call it is nobody's. */
void attempt_set_owner(struct attempt *attempt, struct throttle_owner owner);

/* Returns 0, or -1 with ERROR_TOO_MANY where nothing may be looked at. */
int attempt_check(const struct attempt *attempt, struct error *error) MUST_CHECK;

/*
 * guard_verify_password() and guard_verify_secret() where they are allowed: a password that may not
 * be looked at, or a secret that would cost a slow hash then, gives ERROR_TOO_MANY.
 */
int attempt_verify_password(struct attempt *attempt, struct str password, const char *hash,
    bool *right, struct error *error) MUST_CHECK;
int attempt_verify_secret(struct attempt *attempt, struct str secret, const char *hash, bool *right,
    struct error *error) MUST_CHECK;

/* It was right. */
void attempt_succeed(struct attempt *attempt);

/*
 * It was wrong: counts it. What `error` says (the caller has filled it, unless wrong is no error)
 * becomes ERROR_TOO_MANY where too many were wrong before. Returns -1 when it says anything, else
 * 0.
 */
int attempt_fail(struct attempt *attempt, struct error *error) MUST_CHECK;

/*
 * True when the owner was right before, from this address and in the same way. Asked where a check
 * costs nothing, so that others' failures do not shut a right one out.
 */
bool attempt_is_known(const struct attempt *attempt);

#endif
