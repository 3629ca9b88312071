/*
 * Which rows came from which other program: what was the key of a row there, and is here.
 */
#include "api/licensing/licensing.h"

#define OWN_USE (FIELD_HIDDEN | FIELD_READONLY)

static const struct field import_fields[LICENSING_IMPORT__MAX] = {
	[LICENSING_IMPORT_SOURCE] = { STRING("source", "source", LICENSING_IMPORT_NAME_MOST),
	    .flags = OWN_USE | FIELD_KEY },
	[LICENSING_IMPORT_TABLE] = { STRING("table", "source_table", LICENSING_IMPORT_NAME_MOST),
	    .flags = OWN_USE | FIELD_KEY },
	[LICENSING_IMPORT_KEY] = { STRING("key", "source_key", LICENSING_IMPORT_KEY_MOST),
	    .flags = OWN_USE | FIELD_KEY },
	[LICENSING_IMPORT_TARGET] = { STRING("target", "target_key", LICENSING_IMPORT_KEY_MOST),
	    .flags = OWN_USE | FIELD_NOT_NULL },
	/* Of what the row was there, so that a later import knows what has changed. */
	[LICENSING_IMPORT_DIGEST] = { BINARY("digest", "digest"),
	    .flags = OWN_USE | FIELD_NOT_NULL },
};

const struct resource licensing_import_view = {
	.name = "imported row",
	.type_name = "ImportedRow",
	.area = AREA_LICENSES,
	.table = "import_map",
	ORDER_BY(ASCENDING("source"), ASCENDING("table"), ASCENDING("key")),
	FIELDS(import_fields),
	.unaudited = "it tells of rows that leave entries of their own",
	.doc = "Where a row came from that an import has stored.",
};
