/*
 * The one function that says whether a license allows what a program asks. It looks at nothing but
 * its argument.
 */
#ifndef CLIENTELE_API_ACTIVATION_JUDGE_H
#define CLIENTELE_API_ACTIVATION_JUDGE_H

#include "api/activation/call.h"
#include "api/activation/reason.h"

/* The first reason that speaks against it, or REASON_VALID. */
enum reason judge_call(const struct call *call);

/*
 * Until when the same call of the same machine about the same license is sure to be valid again;
 * TIMESTAMP_MAXIMUM = as long as the license does not change.
 */
int64_t judge_until(const struct call *call);

/* Most seats that may be taken; INT64_MAX = any number. */
int64_t judge_seat_limit(const struct row *license);

/* When the license ends, grace included; INT64_MAX = never. */
int64_t judge_end(const struct row *license);

/* Whether a seat is taken at this moment. */
bool judge_seat_is_live(const struct row *seat, int64_t now);

/* Whether the seat is of the machine and the client that call; and whether it is taken. */
bool judge_seat_is_own(const struct call *call);
bool judge_has_live_seat(const struct call *call);

/* --- seats that users free, judge_release.c --- */

/* Whether what the call frees is one of the policy's selfReleases. */
bool judge_release_counts(const struct call *call);

/* How many of them there have been in the period that lasts, and how many there may still be;
 * INT64_MAX = any number. */
int64_t judge_releases(const struct row *license, int64_t now);
int64_t judge_releases_left(const struct row *license, int64_t now);

/* How many taken seats the call frees. */
int64_t judge_released_seats(const struct call *call);

/* How many seats of others are to be freed for the one that the call takes, where its policy says
 * so. */
int64_t judge_replaced_seats(const struct call *call);

/*
 * Whether so many of the components that were stored, a JSON object of names and values, are among
 * those that were sent. Nothing stored or sent matches nothing.
 */
bool judge_components_match(
    struct arena *arena, enum policy_matching matching, struct str stored, struct str sent);

#endif
