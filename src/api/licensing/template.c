/*
 * License templates, and what a new license takes from one.
 */
#include "api/licensing/licensing.h"
#include "api/licensing/policy.h"
#include "api/licensing/signing_key.h"
#include "base/identifier.h"
#include "record/rows.h"

enum template_member {
	TEMPLATE_ID,
	TEMPLATE_NAME,
	TEMPLATE_CODE,
	TEMPLATE_TYPE,
	TEMPLATE_FORMAT,
	TEMPLATE_LICENSING_MODE,
	TEMPLATE_FILE_NAME,
	TEMPLATE_ISSUE_DATE,
	TEMPLATE_EXPIRE_DAYS,
	TEMPLATE_SUPPORT_DAYS,
	TEMPLATE_GENERATE_KEY_INFO,
	TEMPLATE_USER_KEY,
	TEMPLATE_DESCRIPTION,
	TEMPLATE_TEMPLATE,
	TEMPLATE_PRODUCT_ID,
	TEMPLATE_SIGNATURE_KEYS_ID,
	TEMPLATE_SIGNING_KEY_ID,
	TEMPLATE_RELEASE_ID,
	TEMPLATE_PRODUCT,
	TEMPLATE_POLICY,
	TEMPLATE_COMPONENTS,
	TEMPLATE_ASSEMBLIES,
	TEMPLATE_FIELDS,
	TEMPLATE_FEATURES,
	TEMPLATE_RESTRICTIONS,
	TEMPLATE_COUNTERS,
	TEMPLATE__MAX
};

static const struct field template_fields[TEMPLATE__MAX] = {
	[TEMPLATE_ID] = { INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	[TEMPLATE_NAME] = { STRING("name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Display name.", .example = "\"ACME Paint 5, standard\"" },
	[TEMPLATE_CODE] = { STRING("code", "code", 64), .flags = FIELD_EMPTY_ABSENT,
	    .doc = "Unique code." },
	[TEMPLATE_TYPE] = { STRING("licenseType", "license_type", 255), .flags = FIELD_TYPICAL,
	    .doc = "Type of the licenses.", .example = "\"Standard\"" },
	[TEMPLATE_FORMAT] = { INT32("format", "format"), .least = 0, .most = INT32_MAX,
	    .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Format of the licenses, as of a license." },
	[TEMPLATE_LICENSING_MODE] = { INT32("licensingMode", "licensing_mode"), .least = 0,
	    .most = 2, .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "0 file, 1 activation, 2 floating." },
	[TEMPLATE_FILE_NAME] = { STRING("licenseFileName", "license_file_name", 255),
	    .doc = "Name of the license's file.", .example = "\"paint.lic\"" },
	[TEMPLATE_ISSUE_DATE] = { BOOLEAN("issueDate", "issue_date"), .flags = FIELD_NOT_NULL,
	    .fallback = "true", .doc = "Whether the licenses contain their issue date." },
	[TEMPLATE_EXPIRE_DAYS] = { INT32("expireDays", "expire_days"), .least = 0,
	    .most = INT32_MAX, .flags = FIELD_TYPICAL,
	    .doc = "Days until a license expires; null or 0 means never.", .example = "365" },
	[TEMPLATE_SUPPORT_DAYS] = { INT32("supportDays", "support_days"), .least = 0,
	    .most = INT32_MAX, .doc = "Days until its support ends; null or 0 means never." },
	[TEMPLATE_GENERATE_KEY_INFO] = { BOOLEAN("generateKeyInfo", "generate_key_info"),
	    .flags = FIELD_NOT_NULL | FIELD_DEPRECATED, .fallback = "false",
	    .doc = "Kept as it is sent: a document names the key that signed it, and holds none." },
	[TEMPLATE_USER_KEY] = { STRING("userKey", "user_key", 64),
	    .doc = "Format of the licenses' user keys, such as {TOKEN:5}-{TOKEN:5}." },
	[TEMPLATE_DESCRIPTION] = { STRING("description", "description", LICENSING_TEXT_LONGEST),
	    .doc = "Description." },
	[TEMPLATE_TEMPLATE] = { STRING("template", "template", LICENSING_CONTENT_LONGEST),
	    .doc = "The license's document before it is filled in." },
	[TEMPLATE_PRODUCT_ID] = { INT32("productId", "product_id"), .doc = "Product." },
	[TEMPLATE_SIGNATURE_KEYS_ID] = { INT32("signatureKeysId", "signature_keys_id"),
	    .flags = FIELD_DEPRECATED,
	    .doc = "Resource with the key that signs the licenses, where signingKeyId is null." },
	[TEMPLATE_SIGNING_KEY_ID] = { INT32("signingKeyId", "signing_key_id"),
	    .doc = "Key that signs the licenses; null: that of the product, or the default one." },
	[TEMPLATE_RELEASE_ID] = { INT32("releaseId", "release_id"),
	    .doc = "Release of the product." },
	[TEMPLATE_PRODUCT] = { OBJECT("product", &licensing_product_info_resource),
	    .doc = "Product, as written in the licenses." },
	[TEMPLATE_POLICY] = { OBJECT("policy", &licensing_policy_resource),
	    .doc = "Policy of the licenses that say none." },
	[TEMPLATE_COMPONENTS] = { STRING_LIST("components", "components", LICENSING_ITEMS_MOST),
	    .doc = "Components that may be used." },
	[TEMPLATE_ASSEMBLIES] = { MANY("assemblies", &licensing_license_assembly_resource, "id",
				      "templateId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST,
	    .doc = "Modules that the licenses are for." },
	[TEMPLATE_FIELDS] = { MANY("fields", &licensing_field_resource, "id", "templateId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST, .doc = "Named values." },
	[TEMPLATE_FEATURES] = { MANY("features", &licensing_feature_resource, "id", "templateId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST,
	    .doc = "Features that the licenses unlock." },
	[TEMPLATE_RESTRICTIONS] = { MANY("restrictions", &licensing_restriction_resource, "id",
					"templateId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST, .doc = "Limits on their use." },
	[TEMPLATE_COUNTERS] = { MANY("counters", &licensing_counter_resource, "id", "templateId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST,
	    .doc = "How much of its features a license may use." },
};

/* A release is of one product: it tells the product where the body does not. */
static int find_product(struct context *context, struct row *row, struct error *error)
{
	const struct resource *resource = &licensing_release_resource;
	unsigned product = resource_member(resource, "productId");
	struct row *release;

	if (!row_filled(row, TEMPLATE_RELEASE_ID) || row_filled(row, TEMPLATE_PRODUCT_ID))
		return 0;
	if (record_find_by(context, resource, resource_key(resource),
		&row->values[TEMPLATE_RELEASE_ID], FIELD_BIT(product), &release, error) != 0)
		return -1;
	if (release == NULL)
		return error_add_fault(error, "releaseId", "The release was not found.");
	row_set_integer(row, TEMPLATE_PRODUCT_ID, release->values[product].integer);
	return 0;
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;

	(void)key;
	return find_product(context, row, error);
}

static const struct unique_key template_uniques[] = {
	{ .index = "license_template_code",
	    .member = "code",
	    .word = "DUPLICATE_CODE",
	    .alone = true },
};

static const struct reference template_references[] = {
	{ .constraint = "license_template_product",
	    .member = "productId",
	    .target = &licensing_product_resource,
	    .message = "The product was not found." },
	{ .constraint = "license_template_signature_keys",
	    .member = "signatureKeysId",
	    .target = &licensing_resource_resource,
	    .message = "The resource was not found." },
	{ .constraint = "license_template_signing_key",
	    .member = "signingKeyId",
	    .target = &licensing_signing_key_resource,
	    .message = "The signing key was not found." },
	{ .constraint = "license_template_release",
	    .member = "releaseId",
	    .target = &licensing_release_resource,
	    .message = "The release was not found." },
	{ .constraint = "license_template_product_release",
	    .member = "releaseId",
	    .target = &licensing_release_resource,
	    .message = "The product has no such release." },
};

static const struct dependant template_dependants[] = {
	{ .constraint = "license_template", .name = "licenses", .area = AREA_LICENSES },
};

static const struct table_index template_indexes[] = {
	{ .name = "license_template_name", .columns = { "name" } },
	{ .name = "license_template_signature_keys",
	    .columns = { "signature_keys_id" },
	    .broad = true },
	{ .name = "license_template_signing_key", .columns = { "signing_key_id" }, .broad = true },
	{ .name = "license_template_release", .columns = { "release_id" }, .broad = true },
	{ .name = "license_template_product_release",
	    .columns = { "product_id", "release_id" },
	    .broad = true },
};

const struct resource licensing_template_resource = {
	.name = "license template",
	.chapter = LICENSING_CHAPTER_TEMPLATES,
	.type_name = "LicenseTemplate",
	.area = AREA_LICENSES,
	.plural = "licenseTemplates",
	.table = "license_template",
	.counted = true,
	FIELDS(template_fields),
	UNIQUES(template_uniques),
	INDEXES(template_indexes),
	REFERENCES(template_references),
	DEPENDANTS(template_dependants),
	.event = "license_template",
	.doc = "A template of licenses.",
};

const struct record licensing_template_record = {
	.resource = &licensing_template_resource,
	.check = policy_check,
	.before_insert = find_product,
	.before_update = before_update,
};

/* Items that are to be stored again for another owner. */
static int copy_items(struct context *context, const struct row_list *items,
    struct row_list *copies, struct error *error)
{
	copies->count = items->count;
	copies->rows = arena_alloc_array(context->arena, items->count, sizeof(copies->rows[0]));
	if (copies->rows == NULL && items->count > 0)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < items->count; i++) {
		const struct resource *resource = items->rows[i]->resource;
		struct row *copy = row_new(context->arena, resource);

		if (copy == NULL)
			return error_out_of_memory(error);
		memcpy(copy->values, items->rows[i]->values,
		    resource->field_count * sizeof(copy->values[0]));
		copy->present = items->rows[i]->present & ~FIELD_BIT(resource_key(resource)) &
				~FIELD_BIT(resource_field(resource, "templateId"));
		copies->rows[i] = copy;
	}
	return 0;
}

/* Takes over what both call alike and the license does not say. */
static int copy_members(
    struct context *context, const struct row *template, struct row *row, struct error *error)
{
	static const unsigned members[] = { TEMPLATE_TYPE, TEMPLATE_FORMAT, TEMPLATE_LICENSING_MODE,
		TEMPLATE_PRODUCT, TEMPLATE_COMPONENTS, TEMPLATE_ASSEMBLIES, TEMPLATE_FIELDS,
		TEMPLATE_FEATURES, TEMPLATE_RESTRICTIONS, TEMPLATE_COUNTERS };

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		const struct field *field = &template_fields[members[i]];
		unsigned target = resource_member(row->resource, field->name);
		const struct value *value = &template->values[members[i]];
		struct row_list items;

		if (row_has(row, target) || !row_filled(template, members[i]))
			continue;
		if (field_holds(field) != VALUE_LIST) {
			row_set_value(row, target, value);
			continue;
		}
		if (copy_items(context, &value->list, &items, error) != 0)
			return -1;
		row_set_list(row, target, items);
	}
	return 0;
}

/* A license that names a key by either member has named one. */
static void copy_key(const struct row *template, struct row *row)
{
	static const unsigned members[] = { TEMPLATE_SIGNATURE_KEYS_ID, TEMPLATE_SIGNING_KEY_ID };
	unsigned targets[COUNT_OF(members)];

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		targets[i] = resource_member(row->resource, template_fields[members[i]].name);
		if (row_filled(row, targets[i]))
			return;
	}
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		if (!row_has(row, targets[i]) && row_filled(template, members[i]))
			row_set_value(row, targets[i], &template->values[members[i]]);
	}
}

/* The template's days are those of a policy that begins its term later, and has none of its own. */
static void set_end(struct row *row, const char *member, const struct row *template, unsigned days,
    enum policy_member basis, enum policy_member own_days, int64_t start)
{
	unsigned target = resource_member(row->resource, member);
	unsigned policy = resource_member(row->resource, "policy");

	if (row_has(row, target) || !row_filled(template, days) ||
	    template->values[days].integer == 0)
		return;
	if (policy_word(policy_of(row), basis) == POLICY_BASIS_DATE)
		row_set_integer(row, target, policy_end(start, template->values[days].integer));
	else if (!row_filled(row->values[policy].row, own_days))
		row_set_integer(row->values[policy].row, own_days, template->values[days].integer);
}

int licensing_apply_template(
    struct context *context, struct row *row, const char **user_key_format, struct error *error)
{
	const struct resource *resource = &licensing_template_resource;
	unsigned template_id = resource_member(row->resource, "templateId");
	unsigned issue_date = resource_member(row->resource, "issueDate");
	uint64_t mask = resource_default_mask(resource) | FIELD_BIT(TEMPLATE_ASSEMBLIES) |
			FIELD_BIT(TEMPLATE_FIELDS) | FIELD_BIT(TEMPLATE_FEATURES) |
			FIELD_BIT(TEMPLATE_RESTRICTIONS) | FIELD_BIT(TEMPLATE_COUNTERS);
	struct row *template;
	int64_t start;

	if (record_find_by(context, resource, TEMPLATE_ID, &row->values[template_id], mask,
		&template, error) != 0)
		return -1;
	if (template == NULL)
		return error_add_fault(error, "templateId", "The license template was not found.");
	if (copy_members(context, template, row, error) != 0 ||
	    policy_inherit(context, template, row, error) != 0)
		return -1;
	copy_key(template, row);
	start = row_filled(row, issue_date) ? row->values[issue_date].integer : timestamp_now();
	if (!row_has(row, issue_date) && template->values[TEMPLATE_ISSUE_DATE].boolean)
		row_set_integer(row, issue_date, start);
	else if (!row_has(row, issue_date))
		row_set_null(row, issue_date);
	set_end(row, "expireDate", template, TEMPLATE_EXPIRE_DAYS, POLICY_EXPIRY_BASIS,
	    POLICY_EXPIRY_DAYS, start);
	set_end(row, "supportExpireDate", template, TEMPLATE_SUPPORT_DAYS, POLICY_SUPPORT_BASIS,
	    POLICY_SUPPORT_DAYS, start);
	if (row_filled(template, TEMPLATE_USER_KEY) &&
	    identifier_format_is_good(template->values[TEMPLATE_USER_KEY].text))
		*user_key_format = arena_printf(context->arena, STR_FORMAT,
		    STR_ARGUMENTS(template->values[TEMPLATE_USER_KEY].text));
	return 0;
}
