/*
 * What licenses and templates are put together from: parts of their rows, and lists of their own.
 * One table holds the items of both; the owner is a license or a template.
 */
#include "api/licensing/licensing.h"

static const struct field product_info_fields[] = {
	{ STRING("id", "product_code", 64), .flags = FIELD_TYPICAL,
	    .doc = "Product as the license names it.", .example = "\"ACME-PAINT-5\"" },
	{ STRING("name", "product_name", 255), .flags = FIELD_TYPICAL, .doc = "Display name.",
	    .example = "\"ACME Paint 5\"" },
	{ STRING("version", "product_version", 64), .flags = FIELD_TYPICAL, .doc = "Version.",
	    .example = "\"5.2\"" },
	{ STRING("copyright", "product_copyright", 500), .doc = "Copyright notice.",
	    .example = "\"ACME, Inc.\"" },
	{ STRING("url", "product_url", 1000), .doc = "Web page.",
	    .example = "\"https://www.example.com/paint\"" },
	{ STRING("description", "product_description", LICENSING_TEXT_LONGEST),
	    .doc = "Description." },
};

const struct resource licensing_product_info_resource = {
	.name = "product",
	.type_name = "LicenseProduct",
	.area = AREA_LICENSES,
	FIELDS(product_info_fields),
	.doc = "The product of a license, as written in the license itself.",
};

static const struct field licensee_fields[] = {
	{ STRING("name", "holder_name", 255), .flags = FIELD_TYPICAL, .doc = "Name.",
	    .example = "\"Ada Lovelace\"" },
	{ STRING("company", "holder_company", 255), .flags = FIELD_TYPICAL, .doc = "Company.",
	    .example = "\"Example Ltd\"" },
	{ STRING("contactInfo", "holder_contact_info", 500), .doc = "How to reach the licensee." },
	{ STRING("url", "holder_url", 1000), .doc = "Web page.",
	    .example = "\"https://www.example.org\"" },
};

const struct resource licensing_licensee_resource = {
	.name = "licensee",
	.type_name = "Licensee",
	.area = AREA_LICENSES,
	FIELDS(licensee_fields),
	.doc = "The holder of a license, as written in the license itself.",
};

/* Who an item belongs to; the other one is null. */
#define OWNERS                                                                \
	{ INT32("licenseId", "license_id"), .flags = LICENSING_HIDDEN },      \
	{                                                                     \
		INT32("templateId", "template_id"), .flags = LICENSING_HIDDEN \
	}
#define NUMBER                                                                   \
	{                                                                        \
		INT64("number", "number"), .flags = LICENSING_HIDDEN | FIELD_KEY \
	}

static const struct field field_fields[] = {
	NUMBER,
	{ STRING("name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Name of the field.", .example = "\"Cost center\"" },
	{ STRING("value", "value", LICENSING_TEXT_LONGEST), .doc = "Its value." },
	OWNERS,
};

const struct resource licensing_field_resource = {
	.name = "field",
	.type_name = "LicenseField",
	.area = AREA_LICENSES,
	.table = "license_field",
	FIELDS(field_fields),
	.doc = "A named value in a license.",
};

static const struct field feature_fields[] = {
	NUMBER,
	{ STRING("id", "feature_id", 64), .flags = FIELD_TYPICAL,
	    .doc = "Identifier that the program asks for.", .example = "\"pdf\"" },
	{ STRING("name", "name", 255), .flags = FIELD_TYPICAL, .doc = "Display name.",
	    .example = "\"Export to PDF\"" },
	{ STRING("description", "description", LICENSING_TEXT_LONGEST), .doc = "Description." },
	{ DATETIME("expireDate", "expire_date"), .doc = "When it expires; null means never." },
	{ STRING("key", "feature_key", 1000), .doc = "Key that unlocks it." },
	{ STRING("data", "data", LICENSING_CONTENT_LONGEST), .doc = "Data for the program." },
	OWNERS,
};

const struct resource licensing_feature_resource = {
	.name = "feature",
	.type_name = "LicenseFeature",
	.area = AREA_LICENSES,
	.table = "license_feature",
	FIELDS(feature_fields),
	.doc = "A feature that a license unlocks.",
};

static const struct field restriction_fields[] = {
	NUMBER,
	{ STRING("id", "restriction_id", 64), .flags = FIELD_TYPICAL,
	    .doc = "Identifier of the restriction.", .example = "\"trial\"" },
	{ STRING("name", "name", 255), .flags = FIELD_TYPICAL,
	    .doc = "Kind of restriction, such as Trial or Hardware.", .example = "\"Trial\"" },
	{ DATETIME("expireDate", "expire_date"), .doc = "When it expires; null means never." },
	{ STRING_MAP("properties", "properties"), .doc = "Settings of the restriction." },
	{ STRING("customXmlContent", "custom_xml_content", LICENSING_CONTENT_LONGEST),
	    .doc = "XML that is copied into the license unchanged." },
	OWNERS,
};

const struct resource licensing_restriction_resource = {
	.name = "restriction",
	.type_name = "LicenseRestriction",
	.area = AREA_LICENSES,
	.table = "license_restriction",
	FIELDS(restriction_fields),
	.doc = "A limit on the use of a license.",
};
