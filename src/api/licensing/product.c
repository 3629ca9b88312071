/*
 * Products and their releases.
 */
#include "api/licensing/licensing.h"
#include "api/licensing/signing_key.h"

static const struct field product_fields[] = {
	{ INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	{ STRING("code", "code", 64), .flags = FIELD_EMPTY_ABSENT, .doc = "Unique code.",
	    .example = "\"ACME-PAINT-5\"" },
	{ STRING("name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Display name.", .example = "\"ACME Paint 5\"" },
	{ STRING("description", "description", LICENSING_TEXT_LONGEST), .flags = FIELD_TYPICAL,
	    .doc = "Description.", .example = "\"Painting for people who cannot draw.\"" },
	{ STRING("url", "url", 1000), .doc = "Web page.",
	    .example = "\"https://www.example.com/paint\"" },
	{ STRING("copyright", "copyright", 500), .doc = "Copyright notice.",
	    .example = "\"ACME, Inc.\"" },
	{ DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the record was created." },
	{ STRING("image", "image", LICENSING_CONTENT_LONGEST),
	    .doc = "Picture, in base64 or as an address." },
	{ DECIMAL("price", "price"), .flags = FIELD_TYPICAL, .doc = "List price.",
	    .example = "49.9" },
	{ DECIMAL("resellerPrice", "reseller_price"), .doc = "Price for resellers.",
	    .example = "34.9" },
	{ STRING("currency", "currency", 16), .flags = FIELD_TYPICAL,
	    .doc = "Currency of the prices.", .example = "\"EUR\"" },
	{ INT32("signatureKeysId", "signature_keys_id"), .flags = FIELD_DEPRECATED,
	    .doc = "Resource with the key that signs its licenses, where signingKeyId is null." },
	{ INT32("signingKeyId", "signing_key_id"),
	    .doc = "Key that signs its licenses; null: the default one." },
	{ STRING("meta", "meta", LICENSING_TEXT_LONGEST), .doc = "Free text for programs." },
	{ ONE("signatureKeys", &licensing_resource_resource, "signatureKeysId", "id"),
	    .flags = LICENSING_RELATED, .doc = "Keys that sign its licenses." },
	{ MANY("productOrders", &licensing_product_order_resource, "id", "productId"),
	    .flags = LICENSING_RELATED, .doc = "Orders that it is on." },
};

static const struct unique_key product_uniques[] = {
	{ .index = "product_code", .member = "code", .word = "DUPLICATE_CODE", .alone = true },
};

static const struct reference product_references[] = {
	{ .constraint = "product_signature_keys",
	    .member = "signatureKeysId",
	    .target = &licensing_resource_resource,
	    .message = "The resource was not found." },
	{ .constraint = "product_signing_key",
	    .member = "signingKeyId",
	    .target = &licensing_signing_key_resource,
	    .message = "The signing key was not found." },
};

static const struct dependant product_dependants[] = {
	{ .constraint = "license_template_product",
	    .name = "license templates",
	    .area = AREA_LICENSES },
	{ .constraint = "license_template_release",
	    .name = "license templates",
	    .area = AREA_LICENSES },
	{ .constraint = "license_template_product_release",
	    .name = "license templates",
	    .area = AREA_LICENSES },
	{ .constraint = "order_product_product", .name = "orders", .area = AREA_ORDERS },
};

static const struct table_index product_indexes[] = {
	{ .name = "product_name", .columns = { "name" } },
	{ .name = "product_signature_keys", .columns = { "signature_keys_id" }, .broad = true },
	{ .name = "product_signing_key", .columns = { "signing_key_id" }, .broad = true },
};

static const struct search_member product_searched[] = {
	{ .member = "id", .way = SEARCH_WHOLE },
	{ .member = "code", .way = SEARCH_BEGIN },
	{ .member = "name", .way = SEARCH_BEGIN },
};

static const struct resource_search product_search = {
	.name = "product",
	SEARCH_MEMBERS(product_searched),
	.titles = { "name", "code" },
	.details = { "code" },
};

const struct resource licensing_product_resource = {
	.name = "product",
	.type_name = "Product",
	.area = AREA_PRODUCTS,
	.plural = "products",
	.table = "product",
	.counted = true,
	FIELDS(product_fields),
	UNIQUES(product_uniques),
	INDEXES(product_indexes),
	REFERENCES(product_references),
	DEPENDANTS(product_dependants),
	.event = "product",
	.search = &product_search,
	.doc = "A product.",
};

const struct record licensing_product_record = {
	.resource = &licensing_product_resource,
};

static const struct field release_fields[] = {
	{ INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	{ DATETIME("releaseDate", "release_date"), .flags = FIELD_TYPICAL, .doc = "Release date." },
	{ STRING("name", "name", 255), .flags = FIELD_TYPICAL, .doc = "Display name.",
	    .example = "\"ACME Paint 5.2\"" },
	{ STRING("version", "version", 64), .flags = FIELD_TYPICAL, .doc = "Version.",
	    .example = "\"5.2.0\"" },
	{ STRING("description", "description", LICENSING_TEXT_LONGEST), .flags = FIELD_TYPICAL,
	    .doc = "Release notes.", .example = "\"Brushes follow the hand without delay.\"" },
	{ INT32("productId", "product_id"), .flags = LICENSING_HIDDEN },
};

static const struct reference release_references[] = {
	{ .constraint = "product_release_product",
	    .member = "productId",
	    .target = &licensing_product_resource,
	    .message = "The product was not found." },
};

static const struct dependant release_dependants[] = {
	{ .constraint = "license_template_release",
	    .name = "license templates",
	    .area = AREA_LICENSES },
	{ .constraint = "license_template_product_release",
	    .name = "license templates",
	    .area = AREA_LICENSES },
};

static const struct relation release_parent = {
	.target = &licensing_product_resource,
	.local = "productId",
	.foreign = "id",
};

static const struct table_index release_indexes[] = {
	{ .name = "product_release_of_product", .columns = { "product_id", "id" } },
	{ .name = "product_release_version", .columns = { "product_id", "version" } },
};

const struct resource licensing_release_resource = {
	.name = "release",
	.type_name = "Release",
	.area = AREA_PRODUCTS,
	.plural = "releases",
	.table = "product_release",
	FIELDS(release_fields),
	INDEXES(release_indexes),
	REFERENCES(release_references),
	DEPENDANTS(release_dependants),
	.parent = &release_parent,
	.event = "release",
	.doc = "A release of a product.",
};

const struct record licensing_release_record = {
	.resource = &licensing_release_resource,
};
