#include "api/licensing/policy.h"

#include "api/licensing/counter.h"
#include "api/licensing/licensing.h"
#include "auth/network.h"
#include "codec/reader.h"

#define DAY (INT64_C(86400) * MICROSECONDS_PER_SECOND)
#define DAYS_MOST 36500
#define SECONDS_MOST (INT64_C(366) * 86400)

#define WORDS(variable, type, ...)                                           \
	static const struct enumerator variable##_words[] = { __VA_ARGS__ }; \
	static const struct enumeration variable = { type, variable##_words, \
		COUNT_OF(variable##_words) }

WORDS(bases, "PolicyBasis", { POLICY_BASIS_DATE, "date" }, { POLICY_BASIS_CREATION, "creation" },
    { POLICY_BASIS_FIRST_ACTIVATION, "firstActivation" },
    { POLICY_BASIS_FIRST_VALIDATION, "firstValidation" });
WORDS(renewals, "PolicyRenewal", { POLICY_RENEW_FROM_EXPIRY, "fromExpiry" },
    { POLICY_RENEW_FROM_NOW, "fromNow" }, { POLICY_RENEW_FROM_NOW_IF_EXPIRED, "fromNowIfExpired" });
WORDS(expirations, "PolicyExpiration", { POLICY_EXPIRED_RESTRICT, "restrict" },
    { POLICY_EXPIRED_REVOKE, "revoke" }, { POLICY_EXPIRED_MAINTAIN, "maintain" },
    { POLICY_EXPIRED_ALLOW, "allow" });
static const struct enumerator overage_words[] = { { POLICY_OVERAGE_NONE, "none" },
	{ POLICY_OVERAGE_QUARTER, "1.25x" }, { POLICY_OVERAGE_HALF, "1.5x" },
	{ POLICY_OVERAGE_DOUBLE, "2x" }, { POLICY_OVERAGE_ALWAYS, "always" } };
const struct enumeration policy_overages = { "PolicyOverage", overage_words,
	COUNT_OF(overage_words) };
WORDS(matchings, "PolicyMatching", { POLICY_MATCH_ALL, "all" }, { POLICY_MATCH_MOST, "most" },
    { POLICY_MATCH_TWO, "two" }, { POLICY_MATCH_ANY, "any" });
WORDS(scopes, "PolicyScope", { POLICY_SCOPE_LICENSE, "license" },
    { POLICY_SCOPE_PRODUCT, "product" }, { POLICY_SCOPE_ALL, "all" });
WORDS(transfers, "PolicyTransfer", { POLICY_TRANSFER_KEEP, "keep" },
    { POLICY_TRANSFER_RESET, "reset" });
WORDS(replacements, "PolicyReplacement", { POLICY_REPLACE_NONE, "none" },
    { POLICY_REPLACE_OLDEST, "oldest" }, { POLICY_REPLACE_SILENT, "leastRecent" });

#define DAYS(name, column, text) INT32(name, column), .least = 1, .most = DAYS_MOST, .doc = (text)

static const struct field policy_fields[POLICY__MAX] = {
	[POLICY_EXPIRY_BASIS] = { CODE("expiryBasis", "policy_expiry_basis", &bases),
	    .doc = "What the term begins with: date (expireDate is given), creation, "
		   "firstActivation or firstValidation; null means date." },
	[POLICY_EXPIRY_DAYS] = { DAYS("expiryDays", "policy_expiry_days",
	    "Days of the term, also of a renewal; null means no end.") },
	[POLICY_SUPPORT_BASIS] = { CODE("supportBasis", "policy_support_basis", &bases),
	    .doc = "The same for support and updates." },
	[POLICY_SUPPORT_DAYS] = { DAYS("supportDays", "policy_support_days",
	    "Days of support, also of a renewal; null means no end.") },
	[POLICY_GRACE_DAYS] = { DAYS("graceDays", "policy_grace_days",
	    "Days after expireDate in which the license still counts.") },
	[POLICY_RENEWAL_BASIS] = { CODE("renewalBasis", "policy_renewal_basis", &renewals),
	    .doc = "What a renewal begins with: fromExpiry, fromNow or fromNowIfExpired; null "
		   "means fromExpiry." },
	[POLICY_EXPIRATION_STRATEGY] = { CODE("expirationStrategy", "policy_expiration",
					     &expirations),
	    .doc = "What the end does: restrict (nothing goes on), revoke (the first call behind "
		   "it revokes the license), maintain (seats that are taken go on), allow "
		   "(everything goes on); null means restrict." },
	[POLICY_OVERAGE] = { CODE("overage", "policy_overage", &policy_overages),
	    .doc = "Seats beyond maxAllowedSites: none, 1.25x, 1.5x, 2x or always; null means "
		   "none." },
	[POLICY_LEASE_SECONDS] = { INT32("leaseSeconds", "policy_lease_seconds"), .least = 10,
	    .most = SECONDS_MOST,
	    .doc = "Seconds for which a seat is kept without a heartbeat; null means the option "
		   "client_lease for floating seats, and forever for activations." },
	[POLICY_REVIVAL_SECONDS] = { INT32("revivalSeconds", "policy_revival_seconds"), .least = 0,
	    .most = SECONDS_MOST,
	    .doc =
		"Seconds after the end of a lease in which a heartbeat takes the seat again, "
		"if one is free; 0 means never, null as long as seat_retention keeps the seat." },
	[POLICY_MACHINE_MATCHING] = { CODE(
					  "machineMatching", "policy_machine_matching", &matchings),
	    .doc = "How many components of a machine must be those of its activation: all, most, "
		   "two or any; null means all." },
	[POLICY_MACHINE_SCOPE] = { CODE("machineUniqueness", "policy_machine_scope", &scopes),
	    .doc = "Where a machine may have one license only: license (no such limit), product "
		   "or all; null means license." },
	[POLICY_TRANSFER] = { CODE("transfer", "policy_transfer", &transfers),
	    .doc = "What a transfer does with the terms: keep, or reset to begin again; null "
		   "means keep." },
	[POLICY_ALLOWED_NETWORKS] = { STRING_LIST("allowedNetworks", "policy_allowed_networks",
					  NETWORK_LIST_MAX),
	    .doc = "Networks (CIDR) and addresses that programs may call from; null or an empty "
		   "list means any.",
	    .example = "[\"192.0.2.0/24\"]" },
	[POLICY_OFFLINE_SECONDS] = { INT64("offlineSeconds", "policy_offline_seconds"), .least = 60,
	    .most = OFFLINE_SECONDS_MOST,
	    .doc = "Most seconds for which a file lets a machine use the license offline; null "
		   "means that there is no offline use." },
	[POLICY_OFFLINE_CHECKOUTS] = { INT32("offlineCheckouts", "policy_offline_checkouts"),
	    .least = 1, .most = INT32_MAX,
	    .doc = "Most check-outs of one seat for offline use; null means any number." },
	[POLICY_SELF_RELEASES] = { INT32("selfReleases", "policy_self_releases"), .least = 0,
	    .most = INT32_MAX,
	    .doc = "Seats that users of the license's key may free in a period; 0 means none, null "
		   "any number. A floating seat that its own program releases is none of them." },
	[POLICY_SELF_RELEASE_DAYS] = { DAYS("selfReleaseDays", "policy_self_release_days",
	    "Days of such a period, which begins with the first seat that is freed; null means "
	    "that it never ends.") },
	[POLICY_SEAT_REPLACEMENT] = { CODE("seatReplacement", "policy_seat_replacement",
					  &replacements),
	    .doc =
		"Which seat a new machine gets when all are taken, as one of selfReleases: none, "
		"oldest (taken first) or leastRecent (heard of first); null means none." },
};

const struct resource licensing_policy_resource = {
	.name = "policy",
	.type_name = "LicensePolicy",
	.area = AREA_LICENSES,
	FIELDS(policy_fields),
	.doc = "How terms, seats and machines of a license are handled.",
};

int policy_word(const struct row *policy, enum policy_member member)
{
	return policy != NULL ? row_word(policy, member) : 0;
}

int64_t policy_overage_limit(int overage, int64_t most)
{
	static const struct {
		int64_t times, over;
	} factors[] = {
		[POLICY_OVERAGE_NONE] = { 4, 4 },
		[POLICY_OVERAGE_QUARTER] = { 5, 4 },
		[POLICY_OVERAGE_HALF] = { 6, 4 },
		[POLICY_OVERAGE_DOUBLE] = { 8, 4 },
		[POLICY_OVERAGE_ALWAYS] = { 0, 4 },
	};

	return factors[overage].times == 0 ? INT64_MAX
					   : most * factors[overage].times / factors[overage].over;
}

int64_t policy_number(const struct row *policy, enum policy_member member, int64_t absent)
{
	return policy != NULL && row_filled(policy, member) ? policy->values[member].integer
							    : absent;
}

const struct row *policy_of(const struct row *owner)
{
	unsigned member = resource_member(owner->resource, "policy");

	return row_filled(owner, member) ? owner->values[member].row : NULL;
}

void policy_check(const struct row *owner, bool insert, struct error *error)
{
	const struct row *policy = policy_of(owner);
	const struct node *list;
	struct network network;
	unsigned number = 0;

	(void)insert;
	counter_check(owner, error);
	if (policy == NULL || !row_filled(policy, POLICY_ALLOWED_NETWORKS))
		return;
	list = json_read_stored(error->arena, policy->values[POLICY_ALLOWED_NETWORKS].text);
	for (const struct node *item = list != NULL ? list->children : NULL; item != NULL;
	     item = item->next, number++) {
		if (!network_parse(item->text, &network))
			error_add_fault(error,
			    arena_printf(error->arena, "policy.allowedNetworks[%u]", number),
			    "The policy.allowedNetworks[%u] item must be a network such as "
			    "192.0.2.0/24 or an address.",
			    number);
	}
}

int64_t policy_end(int64_t start, int64_t days)
{
	return days > (TIMESTAMP_MAXIMUM - start) / DAY ? TIMESTAMP_MAXIMUM : start + days * DAY;
}

int policy_inherit(
    struct context *context, const struct row *template, struct row *license, struct error *error)
{
	unsigned member = resource_member(license->resource, "policy");
	const struct row *theirs = policy_of(template), *own = policy_of(license);
	struct row *both;

	/* A null that was sent says that there shall be none. */
	if (theirs == NULL || (row_has(license, member) && own == NULL))
		return 0;
	both =
	    own == NULL ? row_copy(context->arena, theirs) : row_merge(context->arena, theirs, own);
	if (both == NULL)
		return error_out_of_memory(error);
	row_set_row(license, member, both);
	return 0;
}

bool policy_begin_terms(
    struct row *license, const struct row *policy, enum policy_basis basis, int64_t start)
{
	static const struct {
		const char *end;
		enum policy_member basis, days;
	} terms[] = {
		{ "expireDate", POLICY_EXPIRY_BASIS, POLICY_EXPIRY_DAYS },
		{ "supportExpireDate", POLICY_SUPPORT_BASIS, POLICY_SUPPORT_DAYS },
	};
	bool begun = false;

	for (unsigned i = 0; i < COUNT_OF(terms); i++) {
		unsigned end = resource_member(license->resource, terms[i].end);
		int64_t days = policy_number(policy, terms[i].days, 0);

		if (days == 0 || row_filled(license, end) ||
		    policy_word(policy, terms[i].basis) != (int)basis)
			continue;
		row_set_integer(license, end, policy_end(start, days));
		begun = true;
	}
	return begun;
}
