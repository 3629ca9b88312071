/*
 * Who is calling: a credential resolved to its user, roles and permission bits.
 */
#ifndef CLIENTELE_AUTH_PRINCIPAL_H
#define CLIENTELE_AUTH_PRINCIPAL_H

#include "auth/epoch.h"
#include "auth/guard.h"
#include "auth/key.h"
#include "auth/network.h"
#include "auth/scope.h"
#include "base/zone.h"
#include "db/database.h"
#include "schema/sight.h"

/* What a request brings. Texts that are not there are empty. */
struct credential {
	struct str text;    /* API key or access token; its prefix tells which */
	struct str secret;  /* x-client-secret */
	struct str address; /* of the caller */
	bool cookie;        /* the text stood in a cookie, and is that of a console's session */
	bool certificate;   /* the text is certificate_token() of a certificate that was verified */
	bool hosting;       /* what is called takes hosting accounts' own keys, and no other */
};

#define PRINCIPAL_NAME_MAX 256
#define PRINCIPAL_HOSTING_MAX 8 /* identifier of a hosting account, with its NUL */

struct principal {
	uint8_t digest[KEY_HASH_LENGTH]; /* of the credential */
	struct uuid user;
	char user_name[PRINCIPAL_NAME_MAX]; /* its beginning, where it is longer */
	int64_t key_id;          /* of an API key, or of that which opened the session; else 0 */
	struct uuid session;     /* of an access token or a cookie, else all zero */
	bool cookie;             /* it is of a console's session */
	bool second_factor;      /* of such a session: its user has one */
	struct uuid client;      /* API client of the session, else all zero */
	struct uuid certificate; /* the client certificate that was shown, else all zero */
	struct uuid account;     /* that the user belongs to */
	const struct zone *zone; /* of the user, else of that account; NULL = of the process */
	int64_t customer_id;     /* whose own rows the user has; 0 = no customer's */
	/* The hosting account whose own key it is: nobody's user, without roles. Else empty. */
	char hosting[PRINCIPAL_HOSTING_MAX];
	uint32_t roles;      /* bit i = role i of role_table(); of the user and within the scope */
	uint8_t permissions; /* of the key, or within the scope */
	int64_t expires;     /* moment, INT64_MAX = never */
	int64_t renewed_until; /* the same of what gives the next one: a key itself, a client */
	struct network_list networks; /* that the key may be used from */
	int64_t rate_limit;           /* requests a minute of the key; 0 = none of its own */
};

struct principal_cache;

/* Credentials that one worker has seen. `epoch` and `guard` must outlive it. */
struct principal_cache *principal_cache_new(struct epoch *epoch, struct guard *guard);
void principal_cache_free(struct principal_cache *cache);

/*
 * Resolves a credential: from the cache without a query while nothing of it is revoked, else by one
 * query. Returns 0, or -1 with ERROR_UNAUTHENTICATED (unknown, revoked, expired, owner
 * disabled, wrong secret: all alike), ERROR_FORBIDDEN (the key is not for this address),
 * ERROR_TOO_MANY (unknown, and too many were before), ERROR_BUSY (too many slow hashes at work) or
 * the database's error.
 */
int principal_resolve(struct principal_cache *cache, struct database *database, struct arena *arena,
    const struct credential *credential, struct principal *principal,
    struct error *error) MUST_CHECK;

/*
 * The same of an API key, from the database in any case: for who opens a session with it.
 * ERROR_UNAUTHENTICATED for a token.
 */
int principal_find_key(struct guard *guard, struct database *database, struct arena *arena,
    const struct credential *credential, struct principal *principal,
    struct error *error) MUST_CHECK;

/* What roles and credential together allow in an area: enum permission bits. */
uint8_t principal_permissions(const struct principal *principal, enum area area);

/* True when they allow it. */
bool principal_may(const struct principal *principal, enum area area, enum permission permission);

/*
 * What own rows of that kind are found by in the conditions of resources: a customer's number, the
 * user of a delegate, or a hosting account. False where the principal can have none.
 */
bool principal_owner(const struct principal *principal, enum owner owner, struct bind *value);

/* Whether it may do that to rows of its own of that kind. */
bool principal_may_own(
    const struct principal *principal, enum owner owner, enum permission permission);

/* Number that its requests are counted by: rates_count(). 0 = they are not counted. */
int64_t principal_rate_key(const struct principal *principal);

/* What roles and credential together let it read. */
struct sight principal_sight(const struct principal *principal);

/*
 * Reads the caller's credential again, and locks it with its user, roles, session and client until
 * the transaction ends: `now` is what it brings at this moment. ERROR_UNAUTHENTICATED where one of
 * them has ended; errors as database_select().
 */
int principal_look_again(struct database *database, struct arena *arena,
    const struct principal *principal, struct principal *now, struct error *error) MUST_CHECK;

/*
 * Roles of a user at this moment, as a mask; with `lock` none of them can be taken until the
 * transaction ends. Errors as database_select().
 */
int principal_user_roles(struct database *database, struct arena *arena, const struct uuid *user,
    bool lock, uint32_t *roles, struct error *error) MUST_CHECK;

#endif
