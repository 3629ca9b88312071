/*
 * What a caller may grant. A credential that is made or changed never holds more than that of its
 * maker: this module alone compares the two, for keys, API clients, secrets, registrations, and
 * users with their roles and passwords.
 */
#ifndef CLIENTELE_AUTH_GRANT_H
#define CLIENTELE_AUTH_GRANT_H

#include "auth/principal.h"

/* In which respects a credential can be bound. */
enum grant_bound {
	GRANT_ROLES,
	GRANT_PERMISSIONS,
	GRANT_NETWORKS,
	GRANT_EXPIRY,
	GRANT_RATE,
	GRANT__MAX
};

/* What somebody can do with a credential. All zero: nothing, at no time. */
struct authority {
	uint32_t roles;      /* bit i = role i of role_table() */
	uint8_t permissions; /* enum permission bits */
	struct network_list networks;
	int64_t expires;    /* moment, INT64_MAX = never */
	int64_t rate_limit; /* requests a minute; 0 = any number */
};

/* A kind of credential, for messages. */
struct grant_kind {
	const char *name; /* "API key" */
	/* Member that binds it in each respect; NULL where it cannot be bound. */
	const char *members[GRANT__MAX];
};

/*
 * What a caller holds, and so may grant: nothing for NULL. `rate_limit` is what counts for keys
 * that have none of their own, where keys are granted, else 0.
 */
struct authority grant_of_caller(const struct principal *caller, int64_t rate_limit);

/*
 * Looks again, under lock, whether the caller still holds what the principal says: who is revoked
 * or narrowed while a request is under way must not leave something wider behind. To be called
 * first in each transaction that makes or changes what lets somebody in. ERROR_UNAUTHENTICATED
 * where it does not; errors as database_select().
 */
int grant_confirm_caller(struct database *database, struct arena *arena,
    const struct principal *caller, struct error *error) MUST_CHECK;

/* What a user holds who has these roles and logs in: all permissions, anywhere, for ever. */
struct authority grant_of_user(uint32_t roles);

/* Leaves what a scope allows, too. */
void grant_narrow(struct authority *authority, const struct scope *scope);

/* True when there is nothing that the bound withholds, so that nothing need be compared. */
bool grant_is_everything(const struct authority *bound);

/* Words of the scope that holds a credential of a user with these roles within the bound. */
void grant_print_scope(const struct authority *bound, uint32_t user_roles, struct buf *out);

/*
 * Refuses with ERROR_FORBIDDEN and the word BEYOND_CALLER, and one fault for each member that is
 * beyond, when `made` holds more than `bound`. `former` is what the credential was before a change,
 * NULL for a new one and for one whose holder may change: what only becomes narrower may be
 * changed by anybody. Faults name members of `kind`, or nothing where it has none.
 */
int grant_check(const struct authority *made, const struct authority *former,
    const struct authority *bound, const struct grant_kind *kind, struct error *error) MUST_CHECK;

#endif
