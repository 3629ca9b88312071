/*
 * What speaks against a call: every row of the tables, by data, without a database.
 */
#include "../lib/rows.h"
#include "api/activation/judge.h"
#include "api/activation/version.h"
#include "api/licensing/licensing.h"

#define DAY (INT64_C(86400) * MICROSECONDS_PER_SECOND)
#define NOW (INT64_C(1800000000) * MICROSECONDS_PER_SECOND)

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 16 << 20);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* One case: what differs from a call that is valid. */
struct variant {
	enum call_kind kind;
	enum reason reason;
	/* The license */
	bool missing, revoked, suspended;
	int mode;        /* 0 = that of the call */
	int64_t issued;  /* days from now */
	int64_t expires; /* days from now; 0 = never */
	int64_t support; /* the same */
	const char *product, *version, *restrictions;
	int64_t most, live;
	/* Its policy */
	const char *strategy, *overage, *networks, *matching;
	int64_t grace, revival; /* 0 = none; -1 stands for 0 */
	int64_t offline, checkouts_most;
	const char *replacement;
	int64_t allowed; /* selfReleases; the same */
	int64_t period;  /* selfReleaseDays */
	int64_t used;    /* of them, since yesterday */
	/* The request */
	const char *asked_product, *asked_version, *machine, *client, *components, *domain, *usage,
	    *build;
	const char *properties;
	int64_t released, runs;
	bool named, all;
	/* The seat */
	enum { SEAT_NONE, SEAT_LIVE, SEAT_LAPSED, SEAT_FOREVER } seat;
	const char *seat_machine, *seat_client, *seat_components;
	int64_t checkouts, offline_days; /* of its file, from now */
	bool elsewhere;
};

#define TRIAL                                                                                   \
	"[{\"name\":\"Trial\",\"end\":null,\"properties\":{\"ExpireDays\":\"10\",\"RunCount\":" \
	"\"3\"}}]"
#define RESTRICTED(name, properties) \
	"[{\"name\":\"" name "\",\"end\":null,\"properties\":" properties "}]"

static const struct variant variants[] = {
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID },
	{ .kind = CALL_REQUEST, .reason = REASON_VALID },
	{ .kind = CALL_VALIDATE, .reason = REASON_VALID, .seat = SEAT_LIVE },
	{ .kind = CALL_HEARTBEAT, .reason = REASON_VALID, .seat = SEAT_LIVE },
	{ .kind = CALL_DEACTIVATE, .reason = REASON_VALID, .seat = SEAT_FOREVER },
	{ .kind = CALL_RELEASE, .reason = REASON_VALID, .seat = SEAT_LAPSED },
	{ .kind = CALL_LIST, .reason = REASON_VALID },
	{ .kind = CALL_LIST, .reason = REASON_NOT_FOUND, .missing = true },
	{ .kind = CALL_ACTIVATE, .reason = REASON_NOT_FOUND, .missing = true },
	{ .kind = CALL_ACTIVATE, .reason = REASON_REVOKED, .revoked = true, .suspended = true },
	{ .kind = CALL_HEARTBEAT, .reason = REASON_REVOKED, .revoked = true, .seat = SEAT_LIVE },
	{ .kind = CALL_DEACTIVATE, .reason = REASON_VALID, .revoked = true, .seat = SEAT_LIVE },
	{ .kind = CALL_VALIDATE, .reason = REASON_SUSPENDED, .suspended = true, .seat = SEAT_LIVE },
	{ .kind = CALL_RELEASE, .reason = REASON_VALID, .suspended = true, .seat = SEAT_LIVE },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_NETWORK_REFUSED,
	    .networks = "[\"198.51.100.0/24\"]" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .networks = "[\"192.0.2.0/24\"]" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .networks = "[]" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_MODE_MISMATCH, .mode = CALL_MODE_FLOATING },
	{ .kind = CALL_REQUEST, .reason = REASON_MODE_MISMATCH, .mode = CALL_MODE_ACTIVATION },
	{ .kind = CALL_VALIDATE, .reason = REASON_VALID, .mode = -1 /* a file needs no seat */ },
	{ .kind = CALL_ACTIVATE, .reason = REASON_NOT_YET_VALID, .issued = 1 },
	{ .kind = CALL_ACTIVATE, .reason = REASON_EXPIRED, .expires = -1 },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .expires = -1, .grace = 2 },
	{ .kind = CALL_ACTIVATE, .reason = REASON_EXPIRED, .expires = -2, .grace = 1 },
	{ .kind = CALL_HEARTBEAT, .reason = REASON_EXPIRED, .expires = -1, .seat = SEAT_LIVE },
	{ .kind = CALL_HEARTBEAT,
	    .reason = REASON_EXPIRED,
	    .expires = -1,
	    .seat = SEAT_LIVE,
	    .strategy = "revoke" },
	{ .kind = CALL_HEARTBEAT,
	    .reason = REASON_VALID,
	    .expires = -1,
	    .seat = SEAT_LIVE,
	    .strategy = "maintain" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .expires = -1,
	    .seat = SEAT_LIVE,
	    .strategy = "maintain" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_EXPIRED, .expires = -1, .strategy = "maintain" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .expires = -1, .strategy = "allow" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_PRODUCT_MISMATCH,
	    .product = "P01",
	    .asked_product = "P02" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .product = "P01", .asked_product = "P01" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .product = "P01" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VERSION_MISMATCH,
	    .version = "1.*",
	    .asked_version = "2.0" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .version = "1.*", .asked_version = "1.9" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_SUPPORT_ENDED, .support = -2, .released = -1 },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .support = -2, .released = -3 },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_TRIAL_DAYS,
	    .issued = -11,
	    .restrictions = TRIAL },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .issued = -9,
	    .restrictions = TRIAL,
	    .runs = 3 },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_TRIAL_RUNS,
	    .issued = -9,
	    .restrictions = TRIAL,
	    .runs = 4 },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_HARDWARE,
	    .restrictions = RESTRICTED("hardware", "{\"HardwareKey\":\"M2\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .restrictions = RESTRICTED("Hardware", "{\"hardwareKey\":\"M1\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_DOMAIN,
	    .domain = "badexample.org",
	    .restrictions = RESTRICTED("Domain", "{\"Domain\":\"example.org\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .domain = "www.Example.org",
	    .restrictions = RESTRICTED("Domain", "{\"Domain\":\"example.org\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .restrictions = RESTRICTED("Domain", "{\"Domain\":\"example.org\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_USAGE,
	    .usage = "work",
	    .restrictions = RESTRICTED("Usage", "{\"Usage\":\"home\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_BETA,
	    .build = "final",
	    .restrictions = RESTRICTED("Beta", "{\"BuildType\":\"preview\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_RESTRICTION_OTHER,
	    .properties = "{\"totalMemory\":\"4096\"}",
	    .restrictions = RESTRICTED("Memory", "{\"totalMemory\":\"8192\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .properties = "{\"cores\":\"4\"}",
	    .restrictions = RESTRICTED("Memory", "{\"totalMemory\":\"8192\"}") },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .restrictions =
		"[{\"name\":\"Hardware\",\"end\":1000,\"properties\":{\"HardwareKey\":\"M2\"}}]" },
	{ .kind = CALL_VALIDATE, .reason = REASON_NOT_ACTIVATED },
	{ .kind = CALL_CONSUME, .reason = REASON_VALID },
	{ .kind = CALL_CONSUME, .reason = REASON_VALID, .most = 1, .live = 1 },
	{ .kind = CALL_CONSUME, .reason = REASON_SUSPENDED, .suspended = true },
	{ .kind = CALL_REPORT, .reason = REASON_VALID, .suspended = true, .revoked = true },
	{ .kind = CALL_REPORT, .reason = REASON_NOT_FOUND, .missing = true },
	{ .kind = CALL_REPORT,
	    .reason = REASON_NETWORK_REFUSED,
	    .networks = "[\"198.51.100.0/24\"]" },
	{ .kind = CALL_HEARTBEAT, .reason = REASON_NOT_ACTIVATED },
	{ .kind = CALL_DEACTIVATE, .reason = REASON_NOT_ACTIVATED },
	{ .kind = CALL_VALIDATE,
	    .reason = REASON_CLIENT_MISMATCH,
	    .seat = SEAT_LIVE,
	    .seat_client = "C2" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .seat = SEAT_LIVE, .seat_client = "C2" },
	{ .kind = CALL_VALIDATE,
	    .reason = REASON_MACHINE_MISMATCH,
	    .seat = SEAT_LIVE,
	    .seat_machine = "M2" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_MACHINE_MISMATCH,
	    .seat = SEAT_LIVE,
	    .matching = "two",
	    .seat_components = "{\"cpu\":\"a\",\"disk\":\"b\",\"mac\":\"c\"}",
	    .components = "{\"cpu\":\"a\",\"disk\":\"x\",\"mac\":\"y\"}" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .seat = SEAT_LIVE,
	    .matching = "two",
	    .seat_components = "{\"cpu\":\"a\",\"disk\":\"b\",\"mac\":\"c\"}",
	    .components = "{\"cpu\":\"a\",\"disk\":\"b\",\"mac\":\"y\"}" },
	{ .kind = CALL_VALIDATE, .reason = REASON_LEASE_EXPIRED, .seat = SEAT_LAPSED },
	{ .kind = CALL_HEARTBEAT, .reason = REASON_VALID, .seat = SEAT_LAPSED },
	{ .kind = CALL_HEARTBEAT,
	    .reason = REASON_LEASE_EXPIRED,
	    .seat = SEAT_LAPSED,
	    .revival = -1 },
	{ .kind = CALL_HEARTBEAT,
	    .reason = REASON_LEASE_EXPIRED,
	    .seat = SEAT_LAPSED,
	    .revival = 30 },
	{ .kind = CALL_HEARTBEAT, .reason = REASON_VALID, .seat = SEAT_LAPSED, .revival = 90 },
	{ .kind = CALL_HEARTBEAT,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .seat = SEAT_LAPSED,
	    .most = 2,
	    .live = 2 },
	{ .kind = CALL_ACTIVATE, .reason = REASON_MACHINE_IN_USE, .elsewhere = true },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .elsewhere = true, .seat = SEAT_LIVE },
	{ .kind = CALL_ACTIVATE, .reason = REASON_SEAT_LIMIT_REACHED, .most = 2, .live = 2 },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .most = 2, .live = 2, .seat = SEAT_LIVE },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .most = 2,
	    .live = 2,
	    .seat = SEAT_LAPSED },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .most = 4, .live = 4, .overage = "1.25x" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .most = 4,
	    .live = 5,
	    .overage = "1.25x" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .most = 4, .live = 5, .overage = "1.5x" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .most = 4,
	    .live = 6,
	    .overage = "1.5x" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .most = 4, .live = 7, .overage = "2x" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .most = 4,
	    .live = 8,
	    .overage = "2x" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .most = 4,
	    .live = 900,
	    .overage = "always" },
	{ .kind = CALL_ACTIVATE, .reason = REASON_VALID, .most = 0, .live = 900 },
	{ .kind = CALL_CHECK_OUT, .reason = REASON_OFFLINE_NOT_ALLOWED },
	{ .kind = CALL_CHECK_OUT, .reason = REASON_VALID, .offline = 60 },
	{ .kind = CALL_CHECK_OUT,
	    .reason = REASON_VALID,
	    .offline = 60,
	    .mode = CALL_MODE_FLOATING },
	{ .kind = CALL_CHECK_OUT, .reason = REASON_VALID, .offline = 60, .mode = -1 },
	{ .kind = CALL_CHECK_OUT, .reason = REASON_REVOKED, .offline = 60, .revoked = true },
	{ .kind = CALL_CHECK_OUT,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .offline = 60,
	    .most = 2,
	    .live = 2 },
	{ .kind = CALL_CHECK_OUT,
	    .reason = REASON_MACHINE_IN_USE,
	    .offline = 60,
	    .elsewhere = true },
	{ .kind = CALL_CHECK_OUT,
	    .reason = REASON_CHECKOUT_LIMIT_REACHED,
	    .offline = 60,
	    .checkouts_most = 2,
	    .seat = SEAT_LIVE,
	    .checkouts = 2 },
	{ .kind = CALL_CHECK_OUT,
	    .reason = REASON_VALID,
	    .offline = 60,
	    .checkouts_most = 2,
	    .seat = SEAT_LIVE,
	    .checkouts = 1 },
	{ .kind = CALL_DEACTIVATE,
	    .reason = REASON_SEAT_OFFLINE,
	    .seat = SEAT_FOREVER,
	    .offline_days = 1 },
	{ .kind = CALL_RELEASE,
	    .reason = REASON_SEAT_OFFLINE,
	    .seat = SEAT_LIVE,
	    .offline_days = 1 },
	{ .kind = CALL_RELEASE, .reason = REASON_VALID, .seat = SEAT_LIVE, .offline_days = -1 },
	{ .kind = CALL_HEARTBEAT, .reason = REASON_VALID, .seat = SEAT_LIVE, .offline_days = 1 },
	{ .kind = CALL_RECEIPT, .reason = REASON_VALID, .revoked = true },
	{ .kind = CALL_RECEIPT, .reason = REASON_NOT_FOUND, .missing = true },
	{ .kind = CALL_HEARTBEAT,
	    .reason = REASON_MACHINE_IN_USE,
	    .elsewhere = true,
	    .seat = SEAT_LAPSED },
	/* What users of the key free */
	{ .kind = CALL_DEACTIVATE,
	    .reason = REASON_VALID,
	    .named = true,
	    .seat = SEAT_LIVE,
	    .seat_machine = "M2" },
	{ .kind = CALL_VALIDATE,
	    .reason = REASON_MACHINE_MISMATCH,
	    .named = true,
	    .seat = SEAT_LIVE,
	    .seat_machine = "M2" },
	{ .kind = CALL_DEACTIVATE,
	    .reason = REASON_VALID,
	    .named = true,
	    .seat = SEAT_LIVE,
	    .seat_client = "C2" },
	{ .kind = CALL_DEACTIVATE, .reason = REASON_NOT_ACTIVATED, .named = true },
	{ .kind = CALL_RELEASE, .reason = REASON_VALID, .all = true, .live = 7 },
	{ .kind = CALL_RELEASE, .reason = REASON_VALID, .all = true, .live = 7, .allowed = 7 },
	{ .kind = CALL_RELEASE,
	    .reason = REASON_SELF_RELEASES_USED_UP,
	    .all = true,
	    .live = 7,
	    .allowed = 6 },
	{ .kind = CALL_DEACTIVATE,
	    .reason = REASON_SELF_RELEASE_REFUSED,
	    .seat = SEAT_LIVE,
	    .allowed = -1 },
	{ .kind = CALL_RELEASE,
	    .reason = REASON_VALID,
	    .mode = CALL_MODE_FLOATING,
	    .seat = SEAT_LIVE,
	    .allowed = -1 },
	{ .kind = CALL_RELEASE,
	    .reason = REASON_SELF_RELEASE_REFUSED,
	    .mode = CALL_MODE_FLOATING,
	    .named = true,
	    .seat = SEAT_LIVE,
	    .allowed = -1 },
	{ .kind = CALL_DEACTIVATE, .reason = REASON_VALID, .seat = SEAT_LIVE, .allowed = 1 },
	{ .kind = CALL_DEACTIVATE,
	    .reason = REASON_SELF_RELEASES_USED_UP,
	    .seat = SEAT_LIVE,
	    .allowed = 1,
	    .used = 1 },
	{ .kind = CALL_DEACTIVATE,
	    .reason = REASON_VALID,
	    .seat = SEAT_LAPSED,
	    .allowed = 1,
	    .used = 1 },
	{ .kind = CALL_DEACTIVATE,
	    .reason = REASON_SELF_RELEASES_USED_UP,
	    .seat = SEAT_LIVE,
	    .allowed = 1,
	    .used = 2,
	    .period = 2 },
	{ .kind = CALL_DEACTIVATE,
	    .reason = REASON_VALID,
	    .seat = SEAT_LIVE,
	    .allowed = 1,
	    .used = 1,
	    .period = 1 },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_VALID,
	    .most = 2,
	    .live = 2,
	    .replacement = "oldest" },
	{ .kind = CALL_ACTIVATE,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .most = 2,
	    .live = 2,
	    .replacement = "none" },
	{ .kind = CALL_REQUEST,
	    .reason = REASON_VALID,
	    .most = 2,
	    .live = 3,
	    .replacement = "leastRecent",
	    .allowed = 2 },
	{ .kind = CALL_REQUEST,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .most = 2,
	    .live = 3,
	    .replacement = "leastRecent",
	    .allowed = 2,
	    .used = 1 },
	{ .kind = CALL_HEARTBEAT,
	    .reason = REASON_SEAT_LIMIT_REACHED,
	    .seat = SEAT_LAPSED,
	    .most = 2,
	    .live = 2,
	    .replacement = "oldest" },
};

static void set_text(struct row *row, unsigned member, const char *text)
{
	if (text != NULL)
		row_set_text(row, member, str_from(text));
}

static void set_day(struct row *row, unsigned member, int64_t days)
{
	if (days != 0)
		row_set_integer(row, member, NOW + days * DAY);
}

static struct row *make_policy(const struct variant *variant)
{
	struct row *policy = row_new(arena, &licensing_policy_resource);

	set_text(policy, POLICY_EXPIRATION_STRATEGY, variant->strategy);
	set_text(policy, POLICY_OVERAGE, variant->overage);
	set_text(policy, POLICY_ALLOWED_NETWORKS, variant->networks);
	set_text(policy, POLICY_MACHINE_MATCHING, variant->matching);
	set_text(policy, POLICY_SEAT_REPLACEMENT, variant->replacement);
	if (variant->grace > 0)
		row_set_integer(policy, POLICY_GRACE_DAYS, variant->grace);
	if (variant->period > 0)
		row_set_integer(policy, POLICY_SELF_RELEASE_DAYS, variant->period);
	if (variant->allowed != 0)
		row_set_integer(
		    policy, POLICY_SELF_RELEASES, variant->allowed > 0 ? variant->allowed : 0);
	if (variant->revival != 0)
		row_set_integer(
		    policy, POLICY_REVIVAL_SECONDS, variant->revival > 0 ? variant->revival : 0);
	if (variant->offline > 0)
		row_set_integer(policy, POLICY_OFFLINE_SECONDS, variant->offline);
	if (variant->checkouts_most > 0)
		row_set_integer(policy, POLICY_OFFLINE_CHECKOUTS, variant->checkouts_most);
	return policy;
}

static struct row *make_license(const struct variant *variant)
{
	struct row *license = row_new(arena, &activation_license_view);
	int usual = variant->kind == CALL_REQUEST || variant->kind == CALL_HEARTBEAT
			? CALL_MODE_FLOATING
			: CALL_MODE_ACTIVATION;

	row_set_integer(license, VIEW_MODE,
	    variant->mode < 0   ? CALL_MODE_FILE
	    : variant->mode > 0 ? variant->mode
				: usual);
	row_set_boolean(license, VIEW_REVOKED, variant->revoked);
	row_set_boolean(license, VIEW_SUSPENDED, variant->suspended);
	set_day(license, VIEW_ISSUE_DATE, variant->issued);
	set_day(license, VIEW_EXPIRE_DATE, variant->expires);
	set_day(license, VIEW_SUPPORT_EXPIRE_DATE, variant->support);
	set_text(license, VIEW_PRODUCT_CODE, variant->product);
	set_text(license, VIEW_PRODUCT_VERSION, variant->version);
	set_text(license, VIEW_RESTRICTIONS, variant->restrictions);
	row_set_integer(license, VIEW_MAX_ALLOWED_SITES, variant->most);
	row_set_integer(license, VIEW_LIVE_SEATS, variant->live);
	row_set_integer(license, VIEW_SELF_RELEASES, variant->used);
	if (variant->used > 0)
		set_day(license, VIEW_SELF_RELEASES_FROM, -1);
	row_set_row(license, VIEW_POLICY, make_policy(variant));
	return license;
}

static struct row *make_request(const struct variant *variant)
{
	struct row *request = row_new(arena, &activation_request_resource);

	set_text(request, REQUEST_MACHINE_ID, variant->machine != NULL ? variant->machine : "M1");
	set_text(request, REQUEST_CLIENT_ID, variant->client != NULL ? variant->client : "C1");
	set_text(request, REQUEST_PRODUCT_ID, variant->asked_product);
	set_text(request, REQUEST_PRODUCT_VERSION, variant->asked_version);
	set_text(request, REQUEST_COMPONENTS, variant->components);
	set_text(request, REQUEST_DOMAIN, variant->domain);
	set_text(request, REQUEST_USAGE, variant->usage);
	set_text(request, REQUEST_BUILD_TYPE, variant->build);
	set_text(request, REQUEST_PROPERTIES, variant->properties);
	set_day(request, REQUEST_RELEASED_AT, variant->released);
	if (variant->runs > 0)
		row_set_integer(request, REQUEST_RUN_COUNT, variant->runs);
	if (variant->named)
		row_set_integer(request, REQUEST_ACTIVATION_ID, 7);
	if (variant->all)
		row_set_boolean(request, REQUEST_ALL, true);
	return request;
}

static struct row *make_seat(const struct variant *variant)
{
	struct row *seat = row_new(arena, &licensing_token_resource);

	set_text(
	    seat, TOKEN_MACHINE_ID, variant->seat_machine != NULL ? variant->seat_machine : "M1");
	set_text(seat, TOKEN_CLIENT_ID, variant->seat_client != NULL ? variant->seat_client : "C1");
	set_text(seat, TOKEN_COMPONENTS, variant->seat_components);
	if (variant->seat != SEAT_FOREVER)
		row_set_integer(seat, TOKEN_EXPIRE_DATE,
		    NOW + (variant->seat == SEAT_LIVE ? 60 : -60) * MICROSECONDS_PER_SECOND);
	row_set_integer(seat, TOKEN_CHECKOUTS, variant->checkouts);
	set_day(seat, TOKEN_OFFLINE_UNTIL, variant->offline_days);
	return seat;
}

/* Those are found while the work is done: tests/blackbox/test_consumption.py, test_offline.py. */
static bool judged[REASON__MAX] = {
	[REASON_COUNTER_NOT_FOUND] = true,
	[REASON_NOT_BINDABLE] = true,
	[REASON_RECEIPT_REFUSED] = true,
	[REASON_CONSUMPTION_ID_REUSED] = true,
	[REASON_BALANCE_TOO_LOW] = true,
};

static void test_variants(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(variants); i++) {
		const struct variant *variant = &variants[i];
		const struct call call = {
			.arena = arena,
			.kind = variant->kind,
			.now = NOW,
			.address = STR("192.0.2.7"),
			.request = make_request(variant),
			.license = variant->missing ? NULL : make_license(variant),
			.seat = variant->seat != SEAT_NONE ? make_seat(variant) : NULL,
			.elsewhere = variant->elsewhere,
		};
		enum reason reason = judge_call(&call);

		if (reason != variant->reason)
			fail_msg("row %zu: %s instead of %s", i, reason_info(reason)->name,
			    reason_info(variant->reason)->name);
		judged[reason] = true;
	}
	for (unsigned reason = 0; reason < REASON__MAX; reason++) {
		if (!judged[reason])
			fail_msg("no row for %s", reason_info((enum reason)reason)->name);
	}
}

/* What a look at the license has shown holds until the next moment that counts. */
static void test_until(void **state)
{
	static const struct {
		struct variant variant;
		int64_t days; /* INT64_MAX = for good */
	} rows[] = {
		{ { .kind = CALL_HEARTBEAT, .reason = REASON_VALID }, INT64_MAX },
		{ { .kind = CALL_HEARTBEAT, .reason = REASON_VALID, .expires = 3 }, 3 },
		{ { .kind = CALL_HEARTBEAT, .reason = REASON_VALID, .expires = 3, .grace = 2 }, 5 },
		{ { .kind = CALL_HEARTBEAT,
		      .reason = REASON_VALID,
		      .expires = -3,
		      .strategy = "allow" },
		    INT64_MAX },
		{ { .kind = CALL_HEARTBEAT,
		      .reason = REASON_VALID,
		      .issued = -9,
		      .restrictions = TRIAL },
		    1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct call call = { .arena = arena,
			.now = NOW,
			.request = make_request(&rows[i].variant),
			.license = make_license(&rows[i].variant) };

		expect_int(i, judge_until(&call),
		    rows[i].days == INT64_MAX ? TIMESTAMP_MAXIMUM : NOW + rows[i].days * DAY);
	}
}

static void test_versions(void **state)
{
	static const struct {
		const char *pattern, *version;
		bool matches;
	} rows[] = {
		{ "1.0.0.0", "1.0.0.0", true },
		{ "1.0", "1.0.0.0", true },
		{ "1.0.0.1", "1.0.0.0", false },
		{ "*", "7.3", true },
		{ "1.*", "1.0", true },
		{ "1.*", "10.0", false },
		{ "1.2.*", "1.2.9.9", true },
		{ "1.2.*", "1.20", false },
		{ "[1.0.0.0-2.0.0.0]", "1.0.0.0", true },
		{ "[1.0.0.0-2.0.0.0]", "2.0", true },
		{ "[1.0.0.0-2.0.0.0]", "2.0.0.1", false },
		{ "[1.0.0.0-2.0.0.0]", "0.9.9.9", false },
		{ "[1.0.0.0]", "1.0.0.0", false },
		{ "[1.*-2.0]", "1.5", false },
		{ "1.*.2", "1.0.2", false },
		{ "1.2.3.4.5", "1.2.3.4", false },
		{ "spring", "spring", true },
		{ "spring", "summer", false },
		{ "1.*", "1.beta", false },
		{ "1.*", "1.-2", false },
		{ "", "1.0", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, version_matches(str_from(rows[i].pattern), str_from(rows[i].version)),
		    rows[i].matches);
}

static void test_components(void **state)
{
	static const struct {
		enum policy_matching matching;
		const char *stored, *sent;
		bool matches;
	} rows[] = {
		{ POLICY_MATCH_ALL, "{\"a\":\"1\",\"b\":\"2\"}", "{\"a\":\"1\",\"b\":\"2\"}",
		    true },
		{ POLICY_MATCH_ALL, "{\"a\":\"1\",\"b\":\"2\"}", "{\"a\":\"1\"}", false },
		{ POLICY_MATCH_ALL, "{}", "{}", false },
		{ POLICY_MATCH_ANY, "{\"a\":\"1\",\"b\":\"2\"}", "{\"b\":\"2\"}", true },
		{ POLICY_MATCH_ANY, "{\"a\":\"1\"}", "{\"a\":\"2\"}", false },
		{ POLICY_MATCH_TWO, "{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}",
		    "{\"a\":\"1\",\"b\":\"2\",\"c\":\"4\"}", true },
		{ POLICY_MATCH_TWO, "{\"a\":\"1\"}", "{\"a\":\"1\"}", false },
		{ POLICY_MATCH_MOST, "{\"a\":\"1\",\"b\":\"2\"}", "{\"a\":\"1\",\"b\":\"3\"}",
		    false },
		{ POLICY_MATCH_MOST, "{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}",
		    "{\"a\":\"1\",\"b\":\"2\",\"c\":\"4\"}", true },
		{ POLICY_MATCH_ANY, "broken", "{\"a\":\"1\"}", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i,
		    judge_components_match(
			arena, rows[i].matching, str_from(rows[i].stored), str_from(rows[i].sent)),
		    rows[i].matches);
}

/* Numbers and names are stable, and none is there twice. */
static void test_reasons(void **state)
{
	(void)state;
	for (unsigned i = 0; i < REASON__MAX; i++) {
		const struct reason_info *info = reason_info((enum reason)i);

		assert_non_null(info->name);
		assert_non_null(info->message);
		assert_int_equal(reason_find(info->name), i);
		assert_int_equal(info->code == ERROR_NONE, i == REASON_VALID);
		/* Below are those of errors that any family has. */
		assert_true(i == REASON_VALID ? info->number == 0 : info->number > 100);
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(reason_info((enum reason)j)->number, info->number);
	}
	assert_int_equal(reason_find("NOTHING"), REASON__MAX);
	assert_int_equal(reason_find(NULL), REASON__MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_components),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
