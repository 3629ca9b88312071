#include "api/activation/call.h"

#include "api/licensing/licensing.h"

#define INNER (FIELD_READONLY | FIELD_HIDDEN)

static const struct field request_fields[REQUEST__MAX] = {
	[REQUEST_USER_KEY] = REQUEST_FIELD_USER_KEY,
	[REQUEST_MACHINE_ID] = REQUEST_FIELD_MACHINE_ID,
	[REQUEST_CLIENT_ID] = REQUEST_FIELD_CLIENT_ID,
	[REQUEST_CLIENT_NAME] = REQUEST_FIELD_CLIENT_NAME,
	[REQUEST_LICENSE_ID] = REQUEST_FIELD_LICENSE_ID,
	[REQUEST_LICENSE_TOKEN] = { STRING("licenseToken", NULL, CALL_KEY_LONGEST),
	    .flags = FIELD_NOT_STORED,
	    .doc = "Token of the seat; by default it is found by machine and client." },
	[REQUEST_COMPONENTS] = { STRING_MAP("components", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Components of the machine: names, and digests of what they are. With the "
		   "policy's machineMatching, a machine is known again by some of them." },
	[REQUEST_PRODUCT_ID] = REQUEST_FIELD_PRODUCT_ID,
	[REQUEST_PRODUCT_VERSION] = REQUEST_FIELD_PRODUCT_VERSION,
	[REQUEST_RELEASED_AT] = { DATETIME("releasedAt", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "When this release was published: not behind the end of support." },
	[REQUEST_DOMAIN] = { STRING("domain", NULL, CALL_NAME_LONGEST), .flags = FIELD_NOT_STORED,
	    .doc = "Domain, for a restriction Domain." },
	[REQUEST_USAGE] = { STRING("usage", NULL, CALL_NAME_LONGEST), .flags = FIELD_NOT_STORED,
	    .doc = "Usage, for a restriction Usage." },
	[REQUEST_BUILD_TYPE] = { STRING("buildType", NULL, CALL_NAME_LONGEST),
	    .flags = FIELD_NOT_STORED, .doc = "Build type, for a restriction Beta." },
	[REQUEST_RUN_COUNT] = { INT32("runCount", NULL), .least = 0, .most = INT32_MAX,
	    .flags = FIELD_NOT_STORED,
	    .doc = "How often the program has run, for the RunCount of a restriction Trial." },
	[REQUEST_PROPERTIES] = { STRING_MAP("properties", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "What the program says of the properties of other restrictions: the same "
		   "names must have the same values." },
	[REQUEST_ACTIVATION_ID] = { INT32("activationId", NULL), .least = 1, .most = INT32_MAX,
	    .flags = FIELD_NOT_STORED,
	    .doc = "Seat that is freed instead of the caller's own, of those that "
		   "/v1/license/activations lists." },
	[REQUEST_ALL] = { BOOLEAN("all", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Whether all seats of the license are freed." },
};

const struct resource activation_request_resource = {
	.name = "request",
	.type_name = "ActivateLicenseRequest",
	.area = AREA_ACTIVATION,
	FIELDS(request_fields),
	.doc = "What a program says of itself; the first four members are those of the reference.",
};

bool call_needs_seat(enum call_kind kind)
{
	static const bool seatless[CALL__MAX] = {
		[CALL_LIST] = true,
		[CALL_CONSUME] = true,
		[CALL_REPORT] = true,
	};

	return !seatless[kind];
}

#define LIVE "(s.expire_date IS NULL OR s.expire_date > UTC_TIMESTAMP(6))"

static const struct field view_fields[VIEW__MAX] = {
	[VIEW_ID] = { INT32("id", "id"), .flags = FIELD_KEY | INNER },
	[VIEW_LICENSE_ID] = { STRING("licenseId", "license_id", CALL_KEY_LONGEST), .flags = INNER },
	[VIEW_USER_KEY] = { STRING("userKey", "user_key", CALL_KEY_LONGEST), .flags = INNER },
	[VIEW_MODE] = { INT32("licensingMode", "licensing_mode"), .flags = INNER },
	[VIEW_ISSUE_DATE] = { DATETIME("issueDate", "issue_date"), .flags = INNER },
	[VIEW_EXPIRE_DATE] = { DATETIME("expireDate", "expire_date"), .flags = INNER },
	[VIEW_SUPPORT_EXPIRE_DATE] = { DATETIME("supportExpireDate", "support_expire_date"),
	    .flags = INNER },
	[VIEW_REVOKED] = { BOOLEAN("revoked", "revoked"), .flags = INNER },
	[VIEW_SUSPENDED] = { BOOLEAN("suspended", "suspended"), .flags = INNER },
	[VIEW_TRACE] = { BOOLEAN("trace", "traced"), .flags = INNER },
	[VIEW_LICENSE_KEY] = { STRING("licenseKey", "license_key", 4000000), .flags = INNER },
	[VIEW_MAX_ALLOWED_SITES] = { INT32("maxAllowedSites", "max_allowed_sites"),
	    .flags = INNER },
	[VIEW_PRODUCT_CODE] = { STRING("productId", "product_code", CALL_KEY_LONGEST),
	    .flags = INNER },
	[VIEW_PRODUCT_VERSION] = { STRING("productVersion", "product_version", CALL_KEY_LONGEST),
	    .flags = INNER },
	[VIEW_FIRST_ACTIVATED_AT] = { DATETIME("firstActivatedAt", "first_activated_at"),
	    .flags = INNER },
	[VIEW_FIRST_VALIDATED_AT] = { DATETIME("firstValidatedAt", "first_validated_at"),
	    .flags = INNER },
	[VIEW_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"), .flags = INNER },
	[VIEW_CLAIMED_AT] = { DATETIME("claimedAt", "claimed_at"), .flags = INNER },
	[VIEW_LIMIT_TOLD_AT] = { DATETIME("limitToldAt", "limit_told_at"), .flags = INNER },
	[VIEW_SELF_RELEASES] = { INT32("selfReleases", "self_releases"), .flags = INNER },
	[VIEW_SELF_RELEASES_FROM] = { DATETIME("selfReleasesFrom", "self_releases_from"),
	    .flags = INNER },
	[VIEW_POLICY] = { OBJECT("policy", &licensing_policy_resource), .flags = INNER },
	/* Ends as numbers, which need no reading of dates. */
	[VIEW_RESTRICTIONS] = { STRING("restrictions", NULL, 4000000), .flags = INNER,
	    .expression =
		"(SELECT JSON_ARRAYAGG(JSON_OBJECT('name', r.name, 'end', "
		"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', r.expire_date), 'properties', "
		"JSON_COMPACT(r.properties))) FROM license_restriction r WHERE r.license_id = "
		"{}.id)" },
	[VIEW_LIVE_SEATS] = { INT64("liveSeats", NULL), .flags = INNER,
	    .expression = "(SELECT COUNT(*) FROM license_token s WHERE s.license_id = {}.id AND "
			  "" LIVE ")" },
	[VIEW_ENDED_SEATS] = { INT64("endedSeats", NULL), .flags = INNER,
	    .expression = "(SELECT COUNT(*) FROM license_token s WHERE s.license_id = {}.id AND "
			  "" CALL_ENDED("s") ")" },
};

const struct resource activation_license_view = {
	.name = "license",
	.type_name = "LicenseInUse",
	.area = AREA_LICENSES,
	.table = "license",
	FIELDS(view_fields),
	.doc = "What calls of programs look at.",
};

bool call_gives(const struct call *call)
{
	return call->kind == CALL_DEACTIVATE || call->kind == CALL_RELEASE;
}

bool call_frees_all(const struct call *call)
{
	return call_gives(call) && row_filled(call->request, REQUEST_ALL) &&
	       call->request->values[REQUEST_ALL].boolean;
}

bool call_frees_named(const struct call *call)
{
	return call_gives(call) && row_filled(call->request, REQUEST_ACTIVATION_ID);
}

struct str call_text(const struct call *call, enum request_member member)
{
	return row_filled(call->request, member) ? call->request->values[member].text : STR("");
}

const struct row *call_policy(const struct call *call)
{
	return row_filled(call->license, VIEW_POLICY) ? call->license->values[VIEW_POLICY].row
						      : NULL;
}
