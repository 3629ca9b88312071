/*
 * How many seats users of a license's key may free.
 */
#include "api/activation/judge.h"

#include "api/licensing/licensing.h"

static const struct row *policy_in(const struct row *license)
{
	return row_filled(license, VIEW_POLICY) ? license->values[VIEW_POLICY].row : NULL;
}

static bool has_limit(const struct row *license)
{
	const struct row *policy = policy_in(license);

	return policy != NULL && row_filled(policy, POLICY_SELF_RELEASES);
}

/* A floating program ends its own seat whenever it ends. */
bool judge_release_counts(const struct call *call)
{
	if (!has_limit(call->license))
		return false;
	return !call_gives(call) || call_frees_all(call) || call_frees_named(call) ||
	       call->license->values[VIEW_MODE].integer != CALL_MODE_FLOATING;
}

int64_t judge_releases(const struct row *license, int64_t now)
{
	int64_t days = policy_number(policy_in(license), POLICY_SELF_RELEASE_DAYS, 0);

	if (!row_filled(license, VIEW_SELF_RELEASES_FROM) ||
	    (days > 0 && policy_end(license->values[VIEW_SELF_RELEASES_FROM].integer, days) <= now))
		return 0;
	return license->values[VIEW_SELF_RELEASES].integer;
}

int64_t judge_releases_left(const struct row *license, int64_t now)
{
	int64_t left;

	if (!has_limit(license))
		return INT64_MAX;
	left = policy_number(policy_in(license), POLICY_SELF_RELEASES, 0) -
	       judge_releases(license, now);
	return left > 0 ? left : 0;
}

int64_t judge_released_seats(const struct call *call)
{
	if (call_frees_all(call))
		return call->license->values[VIEW_LIVE_SEATS].integer;
	return call->seat != NULL && judge_seat_is_live(call->seat, call->now) ? 1 : 0;
}

/* One is enough, unless there are more seats than there may be. */
int64_t judge_replaced_seats(const struct call *call)
{
	const struct row *license = call->license;
	int64_t over = license->values[VIEW_LIVE_SEATS].integer - judge_seat_limit(license) + 1;

	if ((call->kind != CALL_ACTIVATE && call->kind != CALL_REQUEST) || over <= 0 ||
	    policy_word(call_policy(call), POLICY_SEAT_REPLACEMENT) == POLICY_REPLACE_NONE ||
	    judge_has_live_seat(call))
		return 0;
	return over <= judge_releases_left(license, call->now) ? over : 0;
}
