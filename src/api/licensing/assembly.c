/*
 * Assemblies (compiled modules), on their own, of a release, and of a license or template.
 */
#include "api/licensing/licensing.h"

#define ASSEMBLY_FIELDS                                                                       \
	{ INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },                  \
	    { STRING("name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,           \
		    .doc = "Name without suffix.", .example = "\"Acme.Paint.Core\"" },        \
	    { STRING("version", "version", 64), .flags = FIELD_TYPICAL,                       \
		    .doc = "Version: exact, with *, or a range [1.0.0.0-2.0.0.0].",           \
		    .example = "\"5.2.0.0\"" },                                               \
	    { STRING("culture", "culture", 64), .doc = "Culture; null is neutral.",           \
		    .example = "\"de\"" },                                                    \
	    { STRING("publicKeyToken", "public_key_token", 64), .flags = FIELD_TYPICAL,       \
		    .doc = "Token of the key that it is signed with.",                        \
		    .example = "\"31bf3856ad364e35\"" },                                      \
	    { INT32("mappingFileId", "mapping_file_id"), .doc = "Map of obfuscated names." }, \
	{                                                                                     \
		STRING("debugSymbolsKey", "debug_symbols_key", 255),                          \
		    .doc = "Where its debugging symbols are stored."                          \
	}

static const struct field assembly_fields[] = { ASSEMBLY_FIELDS };

static const struct table_index assembly_indexes[] = {
	{ .name = "assembly_name", .columns = { "name", "version" } },
	{ .name = "assembly_public_key_token", .columns = { "public_key_token" }, .broad = true },
};

const struct resource licensing_assembly_resource = {
	.name = "assembly",
	.type_name = "Assembly",
	.area = AREA_PRODUCTS,
	.plural = "assemblies",
	.table = "assembly",
	FIELDS(assembly_fields),
	INDEXES(assembly_indexes),
	.event = "assembly",
	.doc = "A compiled module of a product.",
};

const struct record licensing_assembly_record = {
	.resource = &licensing_assembly_resource,
};

static const struct field release_assembly_fields[] = {
	ASSEMBLY_FIELDS,
	{ INT32("productId", "product_id"), .flags = LICENSING_HIDDEN },
	{ INT32("releaseId", "release_id"), .flags = LICENSING_HIDDEN },
};

static const struct reference release_assembly_references[] = {
	{ .constraint = "release_assembly_release",
	    .member = "releaseId",
	    .target = &licensing_release_resource,
	    .message = "The release was not found." },
};

static const struct relation release_assembly_parent = {
	.target = &licensing_release_resource,
	.local = "releaseId",
	.foreign = "id",
};

static const struct table_index release_assembly_indexes[] = {
	{ .name = "release_assembly_release", .columns = { "product_id", "release_id" } },
	{ .name = "release_assembly_name", .columns = { "name", "version" } },
};

const struct resource licensing_release_assembly_resource = {
	.name = "assembly",
	AUDITED_AS("release assembly"),
	.type_name = "Assembly",
	.area = AREA_PRODUCTS,
	.plural = "assemblies",
	.table = "release_assembly",
	FIELDS(release_assembly_fields),
	INDEXES(release_assembly_indexes),
	REFERENCES(release_assembly_references),
	.parent = &release_assembly_parent,
	.event = "release_assembly",
	.doc = "A compiled module that a release consists of.",
};

const struct record licensing_release_assembly_record = {
	.resource = &licensing_release_assembly_resource,
};

static const struct field license_assembly_fields[] = {
	ASSEMBLY_FIELDS,
	{ INT32("licenseId", "license_id"), .flags = LICENSING_HIDDEN },
	{ INT32("templateId", "template_id"), .flags = LICENSING_HIDDEN },
};

const struct resource licensing_license_assembly_resource = {
	.name = "assembly",
	AUDITED_AS("license assembly"),
	.type_name = "Assembly",
	.area = AREA_LICENSES,
	.table = "license_assembly",
	FIELDS(license_assembly_fields),
	.doc = "A compiled module that a license is for.",
};
