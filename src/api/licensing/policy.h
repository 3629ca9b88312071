/*
 * Policies: how the terms, seats and machines of a license are handled. A license takes the members
 * that it does not say from its template; what neither says is as in the reference API.
 */
#ifndef CLIENTELE_API_LICENSING_POLICY_H
#define CLIENTELE_API_LICENSING_POLICY_H

#include "record/context.h"

/* Most that POLICY_OFFLINE_SECONDS may say: a hundred years. */
#define OFFLINE_SECONDS_MOST (INT64_C(86400) * 36500)

enum policy_member {
	POLICY_EXPIRY_BASIS,
	POLICY_EXPIRY_DAYS,
	POLICY_SUPPORT_BASIS,
	POLICY_SUPPORT_DAYS,
	POLICY_GRACE_DAYS,
	POLICY_RENEWAL_BASIS,
	POLICY_EXPIRATION_STRATEGY,
	POLICY_OVERAGE,
	POLICY_LEASE_SECONDS,
	POLICY_REVIVAL_SECONDS,
	POLICY_MACHINE_MATCHING,
	POLICY_MACHINE_SCOPE,
	POLICY_TRANSFER,
	POLICY_ALLOWED_NETWORKS,
	POLICY_OFFLINE_SECONDS,
	POLICY_OFFLINE_CHECKOUTS,
	POLICY_SELF_RELEASES,
	POLICY_SELF_RELEASE_DAYS,
	POLICY_SEAT_REPLACEMENT,
	POLICY__MAX
};

/* What a term begins with. The zero of each of these is what an absent member means. */
enum policy_basis {
	POLICY_BASIS_DATE, /* the end is a date that was given, or there is none */
	POLICY_BASIS_CREATION,
	POLICY_BASIS_FIRST_ACTIVATION,
	POLICY_BASIS_FIRST_VALIDATION,
};
enum policy_renewal {
	POLICY_RENEW_FROM_EXPIRY,
	POLICY_RENEW_FROM_NOW,
	POLICY_RENEW_FROM_NOW_IF_EXPIRED,
};
enum policy_expiration {
	POLICY_EXPIRED_RESTRICT, /* nothing goes on */
	POLICY_EXPIRED_REVOKE,   /* and the first call behind the end revokes the license */
	POLICY_EXPIRED_MAINTAIN, /* seats that are taken go on */
	POLICY_EXPIRED_ALLOW,    /* everything goes on */
};
enum policy_overage {
	POLICY_OVERAGE_NONE,
	POLICY_OVERAGE_QUARTER,
	POLICY_OVERAGE_HALF,
	POLICY_OVERAGE_DOUBLE,
	POLICY_OVERAGE_ALWAYS,
};
enum policy_matching { POLICY_MATCH_ALL, POLICY_MATCH_MOST, POLICY_MATCH_TWO, POLICY_MATCH_ANY };
enum policy_scope { POLICY_SCOPE_LICENSE, POLICY_SCOPE_PRODUCT, POLICY_SCOPE_ALL };
enum policy_transfer { POLICY_TRANSFER_KEEP, POLICY_TRANSFER_RESET };
/* Which seat is freed for one that is to be taken where all are. */
enum policy_replacement { POLICY_REPLACE_NONE, POLICY_REPLACE_OLDEST, POLICY_REPLACE_SILENT };

/* The number of a word of a policy, one of the enumerations above; 0 where there is none. */
int policy_word(const struct row *policy, enum policy_member member);

/* A number of a policy, or what stands for an absent one. */
int64_t policy_number(const struct row *policy, enum policy_member member, int64_t absent);

/* Words of members that say how far above a maximum one may go. */
extern const struct enumeration policy_overages;

/* The most that an overage makes of a maximum, of at most 2^60; INT64_MAX = any number. */
int64_t policy_overage_limit(int overage, int64_t most);

/* The policy of a license or a template, for the functions above; NULL = it has none. */
const struct row *policy_of(const struct row *owner);

/* The rules between its members, and those of counters, for record.check of its owner. */
void policy_check(const struct row *owner, bool insert, struct error *error);

/* So many days after a moment; a term beyond the calendar ends with it. */
int64_t policy_end(int64_t start, int64_t days);

/*
 * Takes over the members of a template's policy that the license does not say. 0, or -1 when memory
 * runs out.
 */
int policy_inherit(struct context *context, const struct row *template, struct row *license,
    struct error *error) MUST_CHECK;

/*
 * Sets the ends of a license's terms, expireDate and supportExpireDate, that begin by `basis` at
 * the moment `start` and are not set yet. True where it has set one.
 */
bool policy_begin_terms(
    struct row *license, const struct row *policy, enum policy_basis basis, int64_t start);

#endif
