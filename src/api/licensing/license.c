/*
 * Licenses.
 */
#include "api/licensing/consumption.h"
#include "api/licensing/licensing.h"
#include "api/licensing/policy.h"
#include "api/licensing/sign.h"
#include "api/licensing/signing_key.h"
#include "base/identifier.h"

enum license_member {
	LICENSE_ID,
	LICENSE_LICENSE_ID,
	LICENSE_TYPE,
	LICENSE_FORMAT,
	LICENSE_DESCRIPTION,
	LICENSE_CREATED_AT,
	LICENSE_UPDATED_AT,
	LICENSE_ISSUE_DATE,
	LICENSE_EXPIRE_DATE,
	LICENSE_SUPPORT_EXPIRE_DATE,
	LICENSE_REVOKED,
	LICENSE_SUSPENDED,
	LICENSE_STATE,
	LICENSE_FIRST_ACTIVATED_AT,
	LICENSE_FIRST_VALIDATED_AT,
	LICENSE_TRACE,
	LICENSE_LICENSE_KEY,
	LICENSE_MAX_ALLOWED_SITES,
	LICENSE_USER_KEY,
	LICENSE_LICENSING_MODE,
	LICENSE_LICENSEE_NAME,
	LICENSE_LICENSEE_COMPANY,
	LICENSE_LICENSEE_EMAIL,
	LICENSE_HASH,
	LICENSE_META,
	LICENSE_TEMPLATE_ID,
	LICENSE_SIGNATURE_KEYS_ID,
	LICENSE_SIGNING_KEY_ID,
	LICENSE_SIGNED_BY_ID,
	LICENSE_CUSTOMER_ID,
	LICENSE_ORDER_ID,
	LICENSE_PRODUCT,
	LICENSE_ORDER,
	LICENSE_CUSTOMER,
	LICENSE_TEMPLATE,
	LICENSE_LICENSEE,
	LICENSE_POLICY,
	LICENSE_COMPONENTS,
	LICENSE_ASSEMBLIES,
	LICENSE_FIELDS,
	LICENSE_FEATURES,
	LICENSE_RESTRICTIONS,
	LICENSE_COUNTERS,
	LICENSE_FILE_NAME,
	LICENSE__MAX
};

static const struct enumerator state_words[] = { { 0, "active" }, { 1, "suspended" },
	{ 2, "revoked" } };
static const struct enumeration states = { "LicenseState", state_words, COUNT_OF(state_words) };

static const struct field license_fields[LICENSE__MAX] = {
	[LICENSE_ID] = { INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	[LICENSE_LICENSE_ID] = { STRING("licenseId", "license_id", 64),
	    .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT,
	    .doc = "Unique identifier in the license itself; generated if absent.",
	    .example = "\"lic7F02C9D1\"" },
	[LICENSE_TYPE] = { STRING("licenseType", "license_type", 255), .flags = FIELD_TYPICAL,
	    .doc = "Free text, such as Enterprise or Trial.", .example = "\"Standard\"" },
	[LICENSE_FORMAT] = { INT32("format", "format"), .least = 0, .most = INT32_MAX,
	    .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Format of licenseKey: 0 XML, 1 XML-DSig, 2 JSON Web Signature, 3 serial, "
		   "4 license file." },
	[LICENSE_DESCRIPTION] = { STRING("description", "description", LICENSING_TEXT_LONGEST),
	    .flags = FIELD_TYPICAL, .doc = "Description.",
	    .example = "\"Five seats for the studio in Hamburg.\"" },
	[LICENSE_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the record was created." },
	[LICENSE_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When it was last changed." },
	[LICENSE_ISSUE_DATE] = { DATETIME("issueDate", "issue_date"),
	    .doc = "When the license was issued; now if absent." },
	[LICENSE_EXPIRE_DATE] = { DATETIME("expireDate", "expire_date"), .flags = FIELD_TYPICAL,
	    .doc = "When it expires; null means never.", .example = "\"2036-12-31T00:00:00Z\"" },
	[LICENSE_SUPPORT_EXPIRE_DATE] = { DATETIME("supportExpireDate", "support_expire_date"),
	    .doc = "When support and updates end; null means never." },
	[LICENSE_REVOKED] = { BOOLEAN("revoked", "revoked"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "Whether the license is revoked." },
	[LICENSE_SUSPENDED] = { BOOLEAN("suspended", "suspended"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "Whether the license is suspended for a while." },
	[LICENSE_STATE] = { CODE("state", NULL, &states), .flags = FIELD_READONLY,
	    .expression = "IF({}.revoked, 'revoked', IF({}.suspended, 'suspended', 'active'))",
	    .doc = "active, suspended or revoked." },
	[LICENSE_FIRST_ACTIVATED_AT] = { DATETIME("firstActivatedAt", "first_activated_at"),
	    .flags = FIELD_READONLY, .doc = "When a program took the first seat." },
	[LICENSE_FIRST_VALIDATED_AT] = { DATETIME("firstValidatedAt", "first_validated_at"),
	    .flags = FIELD_READONLY, .doc = "When a program asked first whether it is valid." },
	[LICENSE_TRACE] = { BOOLEAN("trace", "traced"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "Whether its use is recorded." },
	[LICENSE_LICENSE_KEY] = { STRING("licenseKey", "license_key", LICENSING_CONTENT_LONGEST),
	    .doc =
		"The license as the program reads it: what is sent stays as it is; absent, null or "
		"empty, the server makes and signs it, and again whenever the license "
		"changes." },
	[LICENSE_MAX_ALLOWED_SITES] = { INT32("maxAllowedSites", "max_allowed_sites"), .least = 0,
	    .most = INT32_MAX, .flags = FIELD_NOT_NULL | FIELD_TYPICAL, .fallback = "0",
	    .doc = "Maximum number of machines or seats; 0 means unlimited.", .example = "5" },
	[LICENSE_USER_KEY] = { STRING("userKey", "user_key", 64),
	    .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT,
	    .doc = "Unique key that the user types in; created if absent.",
	    .example = "\"K7Q2M-ZX94T-HW8PD-3NVRB\"" },
	[LICENSE_LICENSING_MODE] = { INT32("licensingMode", "licensing_mode"), .least = 0,
	    .most = 2, .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "0 file, 1 activation, 2 floating." },
	[LICENSE_LICENSEE_NAME] = { STRING("licenseeName", "licensee_name", 255),
	    .doc = "Name of the holder.", .example = "\"Ada Lovelace\"" },
	[LICENSE_LICENSEE_COMPANY] = { STRING("licenseeCompany", "licensee_company", 255),
	    .doc = "Company of the holder.", .example = "\"Example Ltd\"" },
	[LICENSE_LICENSEE_EMAIL] = { STRING("licenseeEmail", "licensee_email", 255),
	    .flags = FIELD_MAIL_ADDRESS, .doc = "E-mail address of the holder.",
	    .example = "\"ada@example.org\"" },
	[LICENSE_HASH] = { STRING("hash", "hash", 255),
	    .doc = "Digest of licenseKey: SHA-256 in hexadecimal digits where the server has made "
		   "it." },
	[LICENSE_META] = { STRING("meta", "meta", LICENSING_TEXT_LONGEST),
	    .doc = "Free text for programs." },
	[LICENSE_TEMPLATE_ID] = { INT32("templateId", "template_id"),
	    .doc = "Template that provides the members absent from a new license." },
	[LICENSE_SIGNATURE_KEYS_ID] = { INT32("signatureKeysId", "signature_keys_id"),
	    .flags = FIELD_DEPRECATED,
	    .doc = "Resource with the key that signs it, where signingKeyId is null." },
	[LICENSE_SIGNING_KEY_ID] = { INT32("signingKeyId", "signing_key_id"),
	    .doc = "Key that signs it; null: that of its template, the template's product, or the "
		   "default one." },
	[LICENSE_SIGNED_BY_ID] = { INT32("signedById", "signed_by_id"), .flags = FIELD_READONLY,
	    .doc = "Key that has signed licenseKey; null where that was sent." },
	[LICENSE_CUSTOMER_ID] = { INT32("customerId", "customer_id"),
	    .doc = "Customer that holds it." },
	[LICENSE_ORDER_ID] = { INT32("orderId", "order_id"),
	    .doc = "Order that it was created from." },
	[LICENSE_PRODUCT] = { OBJECT("product", &licensing_product_info_resource),
	    .flags = FIELD_TYPICAL, .doc = "Product, as written in the license." },
	[LICENSE_ORDER] = { ONE("order", &licensing_order_resource, "orderId", "id"),
	    .flags = LICENSING_RELATED, .doc = "Order that it was created from." },
	[LICENSE_CUSTOMER] = { ONE("customer", &licensing_customer_resource, "customerId", "id"),
	    .flags = LICENSING_RELATED, .doc = "Customer that holds it." },
	[LICENSE_TEMPLATE] = { ONE("template", &licensing_template_resource, "templateId", "id"),
	    .flags = LICENSING_RELATED, .doc = "Template that it was created from." },
	[LICENSE_LICENSEE] = { OBJECT("licensee", &licensing_licensee_resource),
	    .flags = FIELD_TYPICAL, .doc = "Holder, as written in the license." },
	[LICENSE_POLICY] = { OBJECT("policy", &licensing_policy_resource),
	    .doc = "How its terms, seats and machines are handled; members that are absent come "
		   "from the template." },
	[LICENSE_COMPONENTS] = { STRING_LIST("components", "components", LICENSING_ITEMS_MOST),
	    .doc = "Components that may be used." },
	[LICENSE_ASSEMBLIES] = { MANY("assemblies", &licensing_license_assembly_resource, "id",
				     "licenseId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST,
	    .doc = "Modules that it covers." },
	[LICENSE_FIELDS] = { MANY("fields", &licensing_field_resource, "id", "licenseId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST, .doc = "Named values." },
	[LICENSE_FEATURES] = { MANY("features", &licensing_feature_resource, "id", "licenseId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST,
	    .doc = "Features that it unlocks." },
	[LICENSE_RESTRICTIONS] = { MANY("restrictions", &licensing_restriction_resource, "id",
				       "licenseId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST, .doc = "Limits on its use." },
	[LICENSE_COUNTERS] = { MANY("counters", &licensing_counter_resource, "id", "licenseId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST,
	    .doc = "How much of its features may be used." },
	/* The template's, also for who has the license and sees no templates. */
	[LICENSE_FILE_NAME] = { STRING("fileName", NULL, 255), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT p.license_file_name FROM license_template p WHERE p.id = "
			  "{}.template_id)" },
};

/* Lists are searched by the record's own members; the license's holder is the same person. */
static void name_licensee(struct row *row)
{
	static const struct {
		unsigned member;
		const char *part;
	} names[] = { { LICENSE_LICENSEE_NAME, "name" }, { LICENSE_LICENSEE_COMPANY, "company" } };
	const struct row *licensee;

	if (!row_filled(row, LICENSE_LICENSEE))
		return;
	licensee = row->values[LICENSE_LICENSEE].row;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		unsigned part = resource_member(licensee->resource, names[i].part);

		if (!row_has(row, names[i].member) && row_filled(licensee, part))
			row_set_text(row, names[i].member, licensee->values[part].text);
	}
}

/* Whether a template could still say something that the license does not say itself. */
static bool needs_template(const struct row *row)
{
	static const uint64_t said =
	    FIELD_BIT(LICENSE_TYPE) | FIELD_BIT(LICENSE_FORMAT) | FIELD_BIT(LICENSE_ISSUE_DATE) |
	    FIELD_BIT(LICENSE_EXPIRE_DATE) | FIELD_BIT(LICENSE_SUPPORT_EXPIRE_DATE) |
	    FIELD_BIT(LICENSE_LICENSE_KEY) | FIELD_BIT(LICENSE_USER_KEY) |
	    FIELD_BIT(LICENSE_LICENSING_MODE) | FIELD_BIT(LICENSE_PRODUCT) |
	    FIELD_BIT(LICENSE_POLICY) | FIELD_BIT(LICENSE_COMPONENTS) |
	    FIELD_BIT(LICENSE_ASSEMBLIES) | FIELD_BIT(LICENSE_FIELDS) |
	    FIELD_BIT(LICENSE_FEATURES) | FIELD_BIT(LICENSE_RESTRICTIONS) |
	    FIELD_BIT(LICENSE_COUNTERS);

	return row_filled(row, LICENSE_TEMPLATE_ID) &&
	       ((row->present & said) != said || row->values[LICENSE_LICENSE_KEY].null);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	const struct settings *settings = context->settings;
	const char *user_key_format = settings->user_key_format;

	if (row->values[LICENSE_ISSUE_DATE].null)
		row->present &= ~FIELD_BIT(LICENSE_ISSUE_DATE);
	if (needs_template(row) &&
	    licensing_apply_template(context, row, &user_key_format, error) != 0)
		return -1;
	if (!row_has(row, LICENSE_ISSUE_DATE))
		row_set_integer(row, LICENSE_ISSUE_DATE, timestamp_now());
	(void)policy_begin_terms(row, policy_of(row), POLICY_BASIS_CREATION,
	    row_filled(row, LICENSE_ISSUE_DATE) ? row->values[LICENSE_ISSUE_DATE].integer
						: timestamp_now());
	name_licensee(row);
	if (licensing_draw(context, row, LICENSE_LICENSE_ID, settings->license_id_format, error) !=
	    0)
		return -1;
	if (licensing_draw(context, row, LICENSE_USER_KEY, user_key_format, error) != 0)
		return -1;
	return license_sign_new(context, row, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;

	return license_sign_change(context, key, row, error);
}

static const struct unique_key license_uniques[] = {
	{ .index = "license_license_id",
	    .member = "licenseId",
	    .word = "DUPLICATE_LICENSE_ID",
	    .alone = true },
	{ .index = "license_user_key",
	    .member = "userKey",
	    .word = "DUPLICATE_USER_KEY",
	    .alone = true },
};

static const struct reference license_references[] = {
	{ .constraint = "license_template",
	    .member = "templateId",
	    .target = &licensing_template_resource,
	    .message = "The license template was not found." },
	{ .constraint = "license_signature_keys",
	    .member = "signatureKeysId",
	    .target = &licensing_resource_resource,
	    .message = "The resource was not found." },
	{ .constraint = "license_signing_key",
	    .member = "signingKeyId",
	    .target = &licensing_signing_key_resource,
	    .message = "The signing key was not found." },
	{ .constraint = "license_signed_by",
	    .member = "signedById",
	    .target = &licensing_signing_key_resource,
	    .message = "The signing key was not found." },
	{ .constraint = "license_customer",
	    .member = "customerId",
	    .target = &licensing_customer_resource,
	    .message = "The customer was not found." },
	{ .constraint = "license_order",
	    .member = "orderId",
	    .target = &licensing_order_resource,
	    .message = "The order was not found." },
};

static const struct dependant license_dependants[] = {
	{ .constraint = "license_token_node_locked",
	    .name = "license tokens",
	    .area = AREA_LICENSES },
};

static const struct cascade license_cascades[] = {
	{ .child = &licensing_token_resource, .member = "licenseId" },
	{ .child = &licensing_trace_resource, .member = "licenseId" },
};

static const struct table_index license_indexes[] = {
	{ .name = "license_template", .columns = { "template_id" }, .broad = true },
	{ .name = "license_signature_keys", .columns = { "signature_keys_id" }, .broad = true },
	{ .name = "license_signing_key", .columns = { "signing_key_id" }, .broad = true },
	{ .name = "license_signed_by", .columns = { "signed_by_id" }, .broad = true },
	{ .name = "license_customer", .columns = { "customer_id" } },
	{ .name = "license_order", .columns = { "order_id" } },
	{ .name = "license_type", .columns = { "license_type" }, .broad = true },
	{ .name = "license_mode",
	    .columns = { "licensing_mode", "revoked", "traced", "max_allowed_sites" },
	    .broad = true },
	{ .name = "license_created_at", .columns = { "created_at" } },
	{ .name = "license_expire_date", .columns = { "expire_date" } },
	{ .name = "license_term", .columns = { "expire_date", "revoked", "suspended" } },
	{ .name = "license_support_expire_date", .columns = { "support_expire_date" } },
	{ .name = "license_licensee_name", .columns = { "licensee_name" } },
	{ .name = "license_licensee_email", .columns = { "licensee_email" } },
};

static const char *const license_happenings[] = { "activated", "released", "seat_replaced",
	"seat_limit_reached", "checked_out", CONSUMPTION_EVENT_LOW, CONSUMPTION_EVENT_EXHAUSTED,
	"renewed", "suspended", "reinstated", "revoked", "transferred", NULL };

static const struct search_member license_searched[] = {
	{ .member = "id", .way = SEARCH_WHOLE },
	{ .member = "licenseId", .way = SEARCH_BEGIN },
	{ .member = "userKey", .way = SEARCH_BEGIN },
	{ .member = "licenseeName", .way = SEARCH_BEGIN },
	{ .member = "licenseeEmail", .way = SEARCH_BEGIN },
};

static const struct resource_search license_search = {
	.name = "license",
	SEARCH_MEMBERS(license_searched),
	.titles = { "licenseId" },
	.details = { "licenseeName", "licenseeCompany", "licenseType" },
};

const struct resource licensing_license_resource = {
	.name = "license",
	.type_name = "License",
	.area = AREA_LICENSES,
	.plural = "licenses",
	.table = "license",
	.counted = true,
	.owner = OWNER_CUSTOMER,
	.owner_condition = "{}.customer_id = ?",
	FIELDS(license_fields),
	UNIQUES(license_uniques),
	INDEXES(license_indexes),
	REFERENCES(license_references),
	DEPENDANTS(license_dependants),
	CASCADES(license_cascades),
	.event = "license",
	.happenings = license_happenings,
	.search = &license_search,
	.doc = "A license for a product.",
};

const struct record licensing_license_record = {
	.resource = &licensing_license_resource,
	.check = policy_check,
	.before_insert = before_insert,
	.before_update = before_update,
};
