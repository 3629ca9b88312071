/*
 * Reports that installed programs have sent.
 */
#include "api/licensing/licensing.h"

static const struct field report_fields[] = {
	{ INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	{ STRING("uid", "uid", 64), .doc = "The program's own identifier of the report.",
	    .example = "\"2026-01-31/17\"" },
	{ STRING("name", "name", 255), .doc = "Kind of report, such as ExceptionReport.",
	    .example = "\"ExceptionReport\"" },
	{ STRING("version", "version", 64), .doc = "Version of the program." },
	{ DATETIME("date", "report_date"), .flags = FIELD_READONLY, .doc = "When it was sent." },
	{ STRING("userKey", "user_key", 64), .doc = "User key of the license." },
	{ STRING("machineId", "machine_id", 255), .doc = "The machine." },
	{ STRING("clientId", "client_id", 255), .doc = "The installed program." },
	{ STRING("clientName", "client_name", 255), .doc = "Its name." },
	{ STRING("contentType", "content_type", 255), .doc = "Media type of the content." },
	{ STRING("content", "content", LICENSING_CONTENT_LONGEST), .doc = "Content." },
	{ STRING("address", "address", 255), .doc = "Address of the machine." },
	{ MANY("properties", &licensing_report_property_resource, "id", "reportId"),
	    .flags = LICENSING_RELATED, .doc = "Named values." },
};

static const struct table_index report_indexes[] = {
	{ .name = "report_uid", .columns = { "uid" } },
	{ .name = "report_name", .columns = { "name", "report_date" }, .broad = true },
	{ .name = "report_date", .columns = { "report_date" } },
	{ .name = "report_user_key", .columns = { "user_key" } },
	{ .name = "report_machine", .columns = { "machine_id" }, .partial = true },
	{ .name = "report_client", .columns = { "client_id" }, .partial = true },
};

const struct resource licensing_report_resource = {
	.name = "report",
	.type_name = "Report",
	.area = AREA_PRODUCTS,
	.plural = "reports",
	.table = "report",
	.counted = true,
	FIELDS(report_fields),
	INDEXES(report_indexes),
	.event = "report",
	.doc = "A report from an installed program.",
};

const struct record licensing_report_record = {
	.resource = &licensing_report_resource,
};

static const struct field property_fields[] = {
	{ INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	{ STRING("name", "name", 255), .flags = FIELD_REQUIRED, .doc = "Name of the value." },
	{ STRING("value", "value", LICENSING_TEXT_LONGEST), .doc = "The value." },
	{ INT64("reportId", "report_id"), .flags = FIELD_REQUIRED, .doc = "Report it is of." },
};

static const struct reference property_references[] = {
	{ .constraint = "report_property_report",
	    .member = "reportId",
	    .target = &licensing_report_resource,
	    .message = "The report was not found." },
};

const struct resource licensing_report_property_resource = {
	.name = "report property",
	.type_name = "ReportProperty",
	.area = AREA_PRODUCTS,
	.table = "report_property",
	FIELDS(property_fields),
	REFERENCES(property_references),
	.doc = "A named value of a report.",
};
