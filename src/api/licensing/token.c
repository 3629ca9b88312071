/*
 * Tokens (seats that are taken) and traces (what happened) of licenses.
 */
#include "api/licensing/token.h"

#include "api/activation/release.h"
#include "api/licensing/licensing.h"
#include "record/rows.h"

#define MODE_FLOATING 2

/* What programs' calls leave for the next one. */
#define TOKEN_INNER (FIELD_READONLY | FIELD_HIDDEN | FIELD_UNTAGGED)

static const struct field token_fields[TOKEN__MAX] = {
	[TOKEN_ID] = { INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	[TOKEN_TOKEN] = { STRING("token", "token", 64),
	    .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT, .doc = "Unique token; created if absent.",
	    .example = "\"actk_x2k8w0qpd41n\"" },
	[TOKEN_ADDRESS] = { STRING("address", "address", 255), .doc = "Address of the machine.",
	    .example = "\"192.0.2.17\"" },
	[TOKEN_CLIENT_ID] = { STRING("clientId", "client_id", 255), .flags = FIELD_TYPICAL,
	    .doc = "The installed program.", .example = "\"acme-paint\"" },
	[TOKEN_CLIENT_NAME] = { STRING("clientName", "client_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "Its name.", .example = "\"ACME Paint 5.2\"" },
	[TOKEN_MACHINE_ID] = { STRING("machineId", "machine_id", 255), .flags = FIELD_TYPICAL,
	    .doc = "The machine.", .example = "\"M-4711\"" },
	[TOKEN_ISSUE_DATE] = { DATETIME("issueDate", "issue_date"),
	    .doc = "When it was issued; now if absent." },
	[TOKEN_EXPIRE_DATE] = { DATETIME("expireDate", "expire_date"),
	    .doc = "When it expires; null means never." },
	[TOKEN_LAST_HEARTBEAT] = { DATETIME("lastHeartbeat", "last_heartbeat"),
	    .doc = "When the program last reported." },
	[TOKEN_HASH] = { STRING("hash", "hash", 255), .doc = "Digest of the machine." },
	[TOKEN_LICENSE_ID] = { INT32("licenseId", "license_id"), .flags = FIELD_READONLY,
	    .doc = "License whose token it is." },
	[TOKEN_LICENSE] = { ONE("license", &licensing_license_resource, "licenseId", "id"),
	    .flags = LICENSING_RELATED, .doc = "License whose token it is." },
	[TOKEN_NODE_LOCKED_LICENSE_ID] = { INT32("nodeLockedLicenseId", "node_locked_license_id"),
	    .doc = "License that was created for this machine only." },
	[TOKEN_NODE_LOCKED_LICENSE] = { ONE("nodeLockedLicense", &licensing_license_resource,
					    "nodeLockedLicenseId", "id"),
	    .flags = LICENSING_RELATED, .doc = "License that was created for this machine only." },
	[TOKEN_COMPONENTS] = { STRING_MAP("machineComponents", "machine_components"),
	    .doc = "Components of the machine: names, and digests of what they are." },
	[TOKEN_LEASE_SECONDS] = { INT32("leaseSeconds", "lease_seconds"), .flags = TOKEN_INNER },
	[TOKEN_JUDGED_AT] = { DATETIME("judgedAt", "judged_at"), .flags = TOKEN_INNER },
	[TOKEN_JUDGED_UNTIL] = { DATETIME("judgedUntil", "judged_until"), .flags = TOKEN_INNER },
	[TOKEN_CHECKOUTS] = { INT32("checkoutCount", "checkout_count"),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .fallback = "0",
	    .doc = "How often it was checked out for offline use." },
	[TOKEN_LAST_CHECKOUT] = { DATETIME("lastCheckout", "last_checkout"),
	    .flags = FIELD_READONLY, .doc = "When it was checked out last." },
	[TOKEN_OFFLINE_UNTIL] = { DATETIME("offlineUntil", "offline_until"),
	    .flags = FIELD_READONLY,
	    .doc = "Until when a file lets the machine use it offline; null where there is none." },
	[TOKEN_MACHINE_KEY] = { STRING("machineKey", "machine_key", 43), .flags = TOKEN_INNER },
};

/* Tokens tell by their form what they are for. */
static int choose_format(
    struct context *context, const struct row *row, const char **format, struct error *error)
{
	const struct resource *resource = &licensing_license_resource;
	unsigned mode = resource_member(resource, "licensingMode");
	struct row *license;

	if (record_find_by(context, resource, resource_key(resource),
		&row->values[TOKEN_LICENSE_ID], FIELD_BIT(mode), &license, error) != 0)
		return -1;
	*format = license != NULL && license->values[mode].integer == MODE_FLOATING
		      ? context->settings->floating_token_format
		      : context->settings->activation_token_format;
	return 0;
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	const char *format;

	if (!row_filled(row, TOKEN_ISSUE_DATE))
		row_set_integer(row, TOKEN_ISSUE_DATE, timestamp_now());
	/* Who has one need not ask for its format. */
	if (row_has(row, TOKEN_TOKEN))
		return 0;
	if (choose_format(context, row, &format, error) != 0)
		return -1;
	return licensing_draw(context, row, TOKEN_TOKEN, format, error);
}

/* Owners free no more than the policy lets users of the key free. */
static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return context->own_rows_only ? release_by_owner(context, key, error) : 0;
}

static const struct unique_key token_uniques[] = {
	{ .index = "license_token_token",
	    .member = "token",
	    .word = "DUPLICATE_TOKEN",
	    .alone = true },
};

static const struct reference token_references[] = {
	{ .constraint = "license_token_license",
	    .member = "licenseId",
	    .target = &licensing_license_resource,
	    .message = "The license was not found." },
	{ .constraint = "license_token_node_locked",
	    .member = "nodeLockedLicenseId",
	    .target = &licensing_license_resource,
	    .message = "The node-locked license was not found." },
};

static const struct relation token_parent = {
	.target = &licensing_license_resource,
	.local = "licenseId",
	.foreign = "id",
};

static const struct table_index token_indexes[] = {
	{ .name = "license_token_license", .columns = { "license_id" } },
	{ .name = "license_token_live", .columns = { "license_id", "expire_date" } },
	{ .name = "license_token_seat", .columns = { "license_id", "machine_id" } },
	{ .name = "license_token_node_locked", .columns = { "node_locked_license_id" } },
	{ .name = "license_token_client", .columns = { "client_id" } },
	{ .name = "license_token_machine", .columns = { "machine_id" } },
	{ .name = "license_token_expire_date", .columns = { "expire_date" } },
	{ .name = "license_token_last_heartbeat", .columns = { "last_heartbeat" } },
};

static const struct search_member token_searched[] = {
	{ .member = "token", .way = SEARCH_BEGIN },
	{ .member = "machineId", .way = SEARCH_BEGIN },
	{ .member = "clientId", .way = SEARCH_BEGIN },
};

static const struct resource_search token_search = {
	.name = "licenseToken",
	SEARCH_MEMBERS(token_searched),
	.titles = { "token" },
	.details = { "clientName", "machineId", "clientId" },
	.owner = "licenseId",
};

const struct resource licensing_token_resource = {
	.name = "license token",
	.chapter = LICENSING_CHAPTER_SEATS,
	.type_name = "LicenseToken",
	.area = AREA_LICENSES,
	.plural = "licenseTokens",
	.table = "license_token",
	.count_name = "licenseTokensCount",
	.counted = true,
	.owner = OWNER_CUSTOMER,
	.owner_condition = "{}.license_id IN (SELECT o.id FROM license o WHERE o.customer_id = ?)",
	.owner_may = PERMISSION_DELETE,
	FIELDS(token_fields),
	UNIQUES(token_uniques),
	INDEXES(token_indexes),
	REFERENCES(token_references),
	.parent = &token_parent,
	.event = "license_token",
	.search = &token_search,
	.doc = "A seat of a license that is in use.",
};

const struct record licensing_token_record = {
	.resource = &licensing_token_resource,
	.before_insert = before_insert,
	.before_delete = before_delete,
};

static const struct field trace_fields[] = {
	{ INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	{ STRING("clientIp", "client_ip", 64), .doc = "Address of the machine.",
	    .example = "\"192.0.2.17\"" },
	{ STRING("clientId", "client_id", 255), .flags = FIELD_TYPICAL,
	    .doc = "The installed program.", .example = "\"acme-paint\"" },
	{ STRING("clientName", "client_name", 255), .flags = FIELD_TYPICAL, .doc = "Its name.",
	    .example = "\"ACME Paint 5.2\"" },
	{ STRING("machineId", "machine_id", 255), .flags = FIELD_TYPICAL, .doc = "The machine.",
	    .example = "\"M-4711\"" },
	{ DATETIME("createdDate", "created_at"), .flags = FIELD_READONLY, .doc = "Time of use." },
	{ INT32("action", "action"), .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "What happened." },
	{ STRING("geoLocation", "geo_location", 255), .doc = "Where the address is." },
	{ STRING("meta", "meta", LICENSING_TEXT_LONGEST), .doc = "Free text for programs." },
	{ INT32("licenseId", "license_id"), .flags = FIELD_REQUIRED,
	    .doc = "License that was used." },
};

static const struct reference trace_references[] = {
	{ .constraint = "license_trace_license",
	    .member = "licenseId",
	    .target = &licensing_license_resource,
	    .message = "The license was not found." },
};

static const struct table_index trace_indexes[] = {
	{ .name = "license_trace_license", .columns = { "license_id", "created_at" } },
	{ .name = "license_trace_created_at", .columns = { "created_at" } },
	{ .name = "license_trace_client", .columns = { "client_id" }, .partial = true },
	{ .name = "license_trace_machine", .columns = { "machine_id" }, .partial = true },
	{ .name = "license_trace_address", .columns = { "client_ip" } },
};

/* What trace_call() writes of a refusal. */
static const struct tally trace_tally = {
	.table = "license_trace_tally",
	.moment = "created_at",
	.level = "CAST({}.action AS CHAR(11))",
	.area = TRACE_REASON,
};

const struct resource licensing_trace_resource = {
	.name = "license trace",
	.chapter = LICENSING_CHAPTER_SEATS,
	.type_name = "LicenseTrace",
	.area = AREA_LICENSES,
	.plural = "licenseTraces",
	.table = "license_trace",
	.counted = true,
	.tally = &trace_tally,
	FIELDS(trace_fields),
	INDEXES(trace_indexes),
	REFERENCES(trace_references),
	.unaudited = "programs leave traces, and a deletion leaves an entry that says so",
	.doc = "A record of the use of a license.",
};

int licensing_narrow_traces(struct operation *operation, struct sql *sql, struct error *error)
{
	const struct parameter_value *license = parameters_get(&operation->parameters, "licenseId");
	const struct resource *resource = &licensing_trace_resource;
	const struct value id = { .integer = license->integer };

	(void)error;
	if (license->sent)
		sql_where_field(sql, resource, resource_member(resource, "licenseId"), &id);
	return 0;
}
