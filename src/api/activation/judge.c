#include "api/activation/judge.h"

#include "api/activation/version.h"
#include "auth/network.h"
#include "codec/reader.h"

#define DAY (INT64_C(86400) * MICROSECONDS_PER_SECOND)

static const struct value *license_value(const struct call *call, enum view_member member)
{
	return &call->license->values[member];
}

/* --- time --- */

int64_t judge_end(const struct row *license)
{
	int64_t days = policy_number(
	    row_filled(license, VIEW_POLICY) ? license->values[VIEW_POLICY].row : NULL,
	    POLICY_GRACE_DAYS, 0);

	return row_filled(license, VIEW_EXPIRE_DATE)
		   ? policy_end(license->values[VIEW_EXPIRE_DATE].integer, days)
		   : INT64_MAX;
}

static bool is_revoked(const struct call *call)
{
	return license_value(call, VIEW_REVOKED)->boolean;
}

static bool is_suspended(const struct call *call)
{
	return license_value(call, VIEW_SUSPENDED)->boolean;
}

static bool is_early(const struct call *call)
{
	return row_filled(call->license, VIEW_ISSUE_DATE) &&
	       license_value(call, VIEW_ISSUE_DATE)->integer > call->now;
}

static bool is_expired(const struct call *call)
{
	if (judge_end(call->license) > call->now)
		return false;
	switch (policy_word(call_policy(call), POLICY_EXPIRATION_STRATEGY)) {
	case POLICY_EXPIRED_ALLOW:
		return false;
	case POLICY_EXPIRED_MAINTAIN:
		return !judge_has_live_seat(call);
	default:
		return true;
	}
}

/* --- what the license is for --- */

static bool comes_from_outside(const struct call *call)
{
	const struct row *policy = call_policy(call);
	struct network_list list;

	if (call->by_operator || policy == NULL || !row_filled(policy, POLICY_ALLOWED_NETWORKS))
		return false;
	if (!network_list_parse(call->arena, policy->values[POLICY_ALLOWED_NETWORKS].text, &list))
		return true;
	for (unsigned i = 0; i < list.count; i++) {
		if (network_contains(&list.items[i], call->address))
			return false;
	}
	return list.count > 0;
}

static bool is_of_other_mode(const struct call *call)
{
	int64_t mode = license_value(call, VIEW_MODE)->integer;

	/* Files of any license can be bound to a machine. */
	if (call->kind == CALL_CHECK_OUT)
		return false;
	return mode != (call->kind == CALL_ACTIVATE ? CALL_MODE_ACTIVATION : CALL_MODE_FLOATING);
}

/* Whether both say something, and not the same. */
static bool differs(struct str wanted, struct str sent)
{
	return wanted.length > 0 && sent.length > 0 && !str_equal(wanted, sent);
}

static struct str license_text(const struct call *call, enum view_member member)
{
	return row_filled(call->license, member) ? license_value(call, member)->text : STR("");
}

static bool is_of_other_product(const struct call *call)
{
	return differs(license_text(call, VIEW_PRODUCT_CODE), call_text(call, REQUEST_PRODUCT_ID));
}

static bool is_of_other_version(const struct call *call)
{
	struct str pattern = license_text(call, VIEW_PRODUCT_VERSION);
	struct str sent = call_text(call, REQUEST_PRODUCT_VERSION);

	return pattern.length > 0 && sent.length > 0 && !version_matches(pattern, sent);
}

static bool is_unsupported(const struct call *call)
{
	return row_filled(call->license, VIEW_SUPPORT_EXPIRE_DATE) &&
	       row_filled(call->request, REQUEST_RELEASED_AT) &&
	       call->request->values[REQUEST_RELEASED_AT].integer >
		   license_value(call, VIEW_SUPPORT_EXPIRE_DATE)->integer;
}

/* --- restrictions --- */

static const struct node *restrictions(const struct call *call)
{
	const struct node *list =
	    row_filled(call->license, VIEW_RESTRICTIONS)
		? json_read_stored(call->arena, license_value(call, VIEW_RESTRICTIONS)->text)
		: NULL;

	return list != NULL ? list->children : NULL;
}

static struct str property(const struct node *restriction, const char *name)
{
	const struct node *all = node_find(restriction, "properties");
	const struct node *found = all != NULL ? node_member(all, BODY_JSON, str_from(name)) : NULL;

	return found != NULL && found->kind != NODE_NULL ? found->text : STR("");
}

static bool is_called(const struct node *restriction, const char *name)
{
	return str_equal_ignore_case(node_find_text(restriction, "name"), str_from(name));
}

/* Its moment, in microseconds; INT64_MAX = it has none. */
static int64_t restriction_end(const struct node *restriction)
{
	int64_t end;

	return str_to_int64(node_find_text(restriction, "end"), &end) ? end : INT64_MAX;
}

/* When the days of a trial are over; INT64_MAX = it has no such bound. */
static int64_t trial_end(const struct call *call, const struct node *trial)
{
	int64_t end = restriction_end(trial), days, start = INT64_MAX;

	if (row_filled(call->license, VIEW_FIRST_ACTIVATED_AT))
		start = license_value(call, VIEW_FIRST_ACTIVATED_AT)->integer;
	else if (row_filled(call->license, VIEW_ISSUE_DATE))
		start = license_value(call, VIEW_ISSUE_DATE)->integer;
	if (start != INT64_MAX && str_to_int64(property(trial, "ExpireDays"), &days) && days > 0 &&
	    policy_end(start, days) < end)
		end = policy_end(start, days);
	return end;
}

static bool trial_is_over(const struct call *call, const struct node *trial)
{
	return trial_end(call, trial) <= call->now;
}

static bool runs_are_used_up(const struct call *call, const struct node *trial)
{
	int64_t most;

	return row_filled(call->request, REQUEST_RUN_COUNT) &&
	       str_to_int64(property(trial, "RunCount"), &most) &&
	       call->request->values[REQUEST_RUN_COUNT].integer > most;
}

static bool is_other_hardware(const struct call *call, const struct node *restriction)
{
	return differs(property(restriction, "HardwareKey"), call_text(call, REQUEST_MACHINE_ID));
}

/* Domains below it are the same one. */
static bool is_other_domain(const struct call *call, const struct node *restriction)
{
	struct str wanted = property(restriction, "Domain"), sent = call_text(call, REQUEST_DOMAIN);
	struct str tail;

	if (wanted.length == 0 || sent.length == 0)
		return false;
	if (sent.length < wanted.length)
		return true;
	tail = str_slice(sent, sent.length - wanted.length, wanted.length);
	return !str_equal_ignore_case(tail, wanted) ||
	       (sent.length > wanted.length && sent.data[sent.length - wanted.length - 1] != '.');
}

static bool is_other_usage(const struct call *call, const struct node *restriction)
{
	return differs(property(restriction, "Usage"), call_text(call, REQUEST_USAGE));
}

static bool is_other_build(const struct call *call, const struct node *restriction)
{
	return differs(property(restriction, "BuildType"), call_text(call, REQUEST_BUILD_TYPE));
}

static bool is_known_kind(const struct node *restriction);

/* One of the vendor's own: what the program says of the same names must be the same. */
static bool is_other_property(const struct call *call, const struct node *restriction)
{
	const struct node *wanted = node_find(restriction, "properties");
	const struct node *sent =
	    row_filled(call->request, REQUEST_PROPERTIES)
		? json_read_stored(call->arena, call_text(call, REQUEST_PROPERTIES))
		: NULL;

	if (is_known_kind(restriction) || wanted == NULL || sent == NULL)
		return false;
	for (const struct node *one = wanted->children; one != NULL; one = one->next) {
		const struct node *same = node_member(sent, BODY_JSON, one->name);

		if (same != NULL && !str_equal(same->text, one->text))
			return true;
	}
	return false;
}

/* A kind of restriction, and what speaks against a call by one; NULL = any other kind. */
static const struct restriction_rule {
	const char *kind;
	enum reason reason;
	bool bounded; /* its end is that of the restriction, not of the license */
	bool (*speaks)(const struct call *call, const struct node *restriction);
} restriction_rules[] = {
	{ "Trial", REASON_TRIAL_DAYS, false, trial_is_over },
	{ "Trial", REASON_TRIAL_RUNS, false, runs_are_used_up },
	{ "Hardware", REASON_HARDWARE, true, is_other_hardware },
	{ "Domain", REASON_DOMAIN, true, is_other_domain },
	{ "Usage", REASON_USAGE, true, is_other_usage },
	{ "Beta", REASON_BETA, true, is_other_build },
	{ NULL, REASON_RESTRICTION_OTHER, true, is_other_property },
};

static bool is_known_kind(const struct node *restriction)
{
	for (unsigned i = 0; i < COUNT_OF(restriction_rules); i++) {
		if (restriction_rules[i].kind != NULL &&
		    is_called(restriction, restriction_rules[i].kind))
			return true;
	}
	return false;
}

static enum reason judge_restrictions(const struct call *call)
{
	const struct node *first = restrictions(call);

	for (unsigned i = 0; i < COUNT_OF(restriction_rules); i++) {
		const struct restriction_rule *rule = &restriction_rules[i];

		for (const struct node *one = first; one != NULL; one = one->next) {
			if (rule->kind != NULL && !is_called(one, rule->kind))
				continue;
			if (rule->bounded && restriction_end(one) <= call->now)
				continue;
			if (rule->speaks(call, one))
				return rule->reason;
		}
	}
	return REASON_VALID;
}

/* --- seats --- */

bool judge_seat_is_live(const struct row *seat, int64_t now)
{
	return !row_filled(seat, TOKEN_EXPIRE_DATE) ||
	       seat->values[TOKEN_EXPIRE_DATE].integer > now;
}

static struct str seat_text(const struct row *seat, enum token_member member)
{
	return row_filled(seat, member) ? seat->values[member].text : STR("");
}

static bool is_same_machine(const struct call *call)
{
	return str_equal(
	    seat_text(call->seat, TOKEN_MACHINE_ID), call_text(call, REQUEST_MACHINE_ID));
}

bool judge_seat_is_own(const struct call *call)
{
	return call->seat != NULL && is_same_machine(call) &&
	       str_equal(
		   seat_text(call->seat, TOKEN_CLIENT_ID), call_text(call, REQUEST_CLIENT_ID));
}

bool judge_has_live_seat(const struct call *call)
{
	return judge_seat_is_own(call) && judge_seat_is_live(call->seat, call->now);
}

static bool has_no_seat(const struct call *call)
{
	return call->seat == NULL && !call_frees_all(call) &&
	       (call->kind != CALL_VALIDATE ||
		   license_value(call, VIEW_MODE)->integer != CALL_MODE_FILE);
}

static bool is_other_client(const struct call *call)
{
	return call->seat != NULL && !call_frees_named(call) && is_same_machine(call) &&
	       !judge_seat_is_own(call);
}

/* A cloned machine has the identifier of another one. */
static bool has_other_components(const struct call *call)
{
	const struct row *policy = call_policy(call);

	return policy != NULL && row_filled(policy, POLICY_MACHINE_MATCHING) &&
	       row_filled(call->seat, TOKEN_COMPONENTS) &&
	       row_filled(call->request, REQUEST_COMPONENTS) &&
	       !judge_components_match(call->arena,
		   (enum policy_matching)policy_word(policy, POLICY_MACHINE_MATCHING),
		   seat_text(call->seat, TOKEN_COMPONENTS), call_text(call, REQUEST_COMPONENTS));
}

static bool is_other_machine(const struct call *call)
{
	return call->seat != NULL && !call_frees_named(call) &&
	       (!is_same_machine(call) || has_other_components(call));
}

static bool may_revive(const struct call *call)
{
	int64_t end = call->seat->values[TOKEN_EXPIRE_DATE].integer;
	int64_t seconds = policy_number(call_policy(call), POLICY_REVIVAL_SECONDS, -1);

	return call->kind == CALL_HEARTBEAT && seconds != 0 &&
	       (seconds < 0 || call->now - end <= seconds * MICROSECONDS_PER_SECOND);
}

static bool has_lost_seat(const struct call *call)
{
	return call->seat != NULL && !judge_seat_is_live(call->seat, call->now) &&
	       !may_revive(call);
}

static bool is_elsewhere(const struct call *call)
{
	return call->elsewhere && !judge_has_live_seat(call);
}

int64_t judge_seat_limit(const struct row *license)
{
	int64_t most = license->values[VIEW_MAX_ALLOWED_SITES].integer;
	int overage =
	    policy_word(row_filled(license, VIEW_POLICY) ? license->values[VIEW_POLICY].row : NULL,
		POLICY_OVERAGE);

	return most > 0 ? policy_overage_limit(overage, most) : INT64_MAX;
}

static bool is_full(const struct call *call)
{
	return !judge_has_live_seat(call) &&
	       license_value(call, VIEW_LIVE_SEATS)->integer >= judge_seat_limit(call->license) &&
	       judge_replaced_seats(call) == 0;
}

static bool may_not_release(const struct call *call)
{
	return judge_release_counts(call) &&
	       policy_number(call_policy(call), POLICY_SELF_RELEASES, 0) == 0;
}

static bool has_released_enough(const struct call *call)
{
	return judge_release_counts(call) &&
	       judge_released_seats(call) > judge_releases_left(call->license, call->now);
}

static bool is_for_online_use(const struct call *call)
{
	return policy_number(call_policy(call), POLICY_OFFLINE_SECONDS, 0) == 0;
}

static bool is_checked_out_often(const struct call *call)
{
	return call->seat != NULL && row_filled(call->seat, TOKEN_CHECKOUTS) &&
	       call->seat->values[TOKEN_CHECKOUTS].integer >=
		   policy_number(call_policy(call), POLICY_OFFLINE_CHECKOUTS, INT64_MAX);
}

/* Who gives back a seat whose file still holds would have two. */
static bool is_used_offline(const struct call *call)
{
	return call->seat != NULL && row_filled(call->seat, TOKEN_OFFLINE_UNTIL) &&
	       call->seat->values[TOKEN_OFFLINE_UNTIL].integer > call->now;
}

static bool does_not_exist(const struct call *call)
{
	return call->license == NULL;
}

static bool is_restricted(const struct call *call)
{
	return judge_restrictions(call) != REASON_VALID;
}

#define BIT(kind) (1u << CALL_##kind)
#define TAKES (BIT(ACTIVATE) | BIT(REQUEST) | BIT(CHECK_OUT))
#define ASKS (TAKES | BIT(VALIDATE) | BIT(CONSUME))
#define USES (ASKS | BIT(HEARTBEAT))
#define GIVES (BIT(DEACTIVATE) | BIT(RELEASE))
#define HOLDS (BIT(VALIDATE) | BIT(HEARTBEAT))
#define ANY (USES | GIVES | BIT(LIST) | BIT(REPORT) | BIT(RECEIPT))

/* What speaks against which calls, in order. */
static const struct {
	enum reason reason;
	unsigned calls;
	bool (*speaks)(const struct call *call);
} rules[] = {
	{ REASON_NOT_FOUND, ANY, does_not_exist },
	{ REASON_REVOKED, USES, is_revoked },
	{ REASON_SUSPENDED, USES, is_suspended },
	{ REASON_NETWORK_REFUSED, USES | BIT(REPORT), comes_from_outside },
	{ REASON_OFFLINE_NOT_ALLOWED, BIT(CHECK_OUT), is_for_online_use },
	{ REASON_MODE_MISMATCH, TAKES, is_of_other_mode },
	{ REASON_NOT_YET_VALID, USES, is_early },
	{ REASON_EXPIRED, USES, is_expired },
	{ REASON_PRODUCT_MISMATCH, ASKS, is_of_other_product },
	{ REASON_VERSION_MISMATCH, ASKS, is_of_other_version },
	{ REASON_SUPPORT_ENDED, ASKS, is_unsupported },
	{ REASON_RESTRICTION_OTHER, ASKS, is_restricted },
	{ REASON_NOT_ACTIVATED, HOLDS | GIVES, has_no_seat },
	{ REASON_CLIENT_MISMATCH, HOLDS | GIVES, is_other_client },
	{ REASON_MACHINE_MISMATCH, USES | GIVES, is_other_machine },
	{ REASON_LEASE_EXPIRED, HOLDS, has_lost_seat },
	{ REASON_SEAT_OFFLINE, GIVES, is_used_offline },
	{ REASON_CHECKOUT_LIMIT_REACHED, BIT(CHECK_OUT), is_checked_out_often },
	{ REASON_MACHINE_IN_USE, TAKES | BIT(HEARTBEAT), is_elsewhere },
	{ REASON_SEAT_LIMIT_REACHED, TAKES | BIT(HEARTBEAT), is_full },
	{ REASON_SELF_RELEASE_REFUSED, GIVES, may_not_release },
	{ REASON_SELF_RELEASES_USED_UP, GIVES, has_released_enough },
};

enum reason judge_call(const struct call *call)
{
	for (unsigned i = 0; i < COUNT_OF(rules); i++) {
		if (!(rules[i].calls & (1u << call->kind)) || !rules[i].speaks(call))
			continue;
		/* Which restriction it is, its own table says. */
		return rules[i].speaks == is_restricted ? judge_restrictions(call)
							: rules[i].reason;
	}
	return REASON_VALID;
}

int64_t judge_until(const struct call *call)
{
	int64_t until = judge_end(call->license), end;

	if (until <= call->now || until > TIMESTAMP_MAXIMUM)
		until = TIMESTAMP_MAXIMUM;
	for (const struct node *one = restrictions(call); one != NULL; one = one->next) {
		end = is_called(one, "Trial") ? trial_end(call, one) : TIMESTAMP_MAXIMUM;
		until = end < until ? end : until;
	}
	return until;
}

bool judge_components_match(
    struct arena *arena, enum policy_matching matching, struct str stored, struct str sent)
{
	const struct node *ours = json_read_stored(arena, stored);
	const struct node *theirs = json_read_stored(arena, sent);
	unsigned same = 0, all = 0;

	for (const struct node *one = ours != NULL ? ours->children : NULL; one != NULL;
	     one = one->next, all++) {
		const struct node *other =
		    theirs != NULL ? node_member(theirs, BODY_JSON, one->name) : NULL;

		same += other != NULL && str_equal(other->text, one->text);
	}
	switch (matching) {
	case POLICY_MATCH_ANY:
		return same >= 1;
	case POLICY_MATCH_TWO:
		return same >= 2;
	case POLICY_MATCH_MOST:
		return same > all / 2;
	case POLICY_MATCH_ALL:
		break;
	}
	return all > 0 && same == all;
}
