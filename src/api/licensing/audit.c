/*
 * The audit log, for administrators: read, and nothing else.
 */
#include "record/audit.h"
#include "api/licensing/irregular.h"

static const struct field entry_fields[] = {
	{ INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Number of the entry." },
	{ DATETIME("madeAt", "made_at"), .flags = FIELD_READONLY,
	    .doc = "When the change was made." },
	{ STRING("actorKind", "actor_kind", 16), .flags = FIELD_READONLY,
	    .doc = "user, client (an API client by its secret), account (a hosting account by its "
		   "own key), anonymous (a caller without a "
		   "credential), command (of the command line) or process (of the pool).",
	    .example = "\"user\"" },
	{ STRING("actor", "actor_name", 255), .flags = FIELD_READONLY,
	    .doc = "Who made the change, as called at that time: the name of a user or an API "
		   "client, \"command line as root\", \"import of FILE\".",
	    .example = "\"command line as root\"" },
	{ UUID("userId", "user_id"), .flags = FIELD_READONLY,
	    .doc = "The user, where one made the change." },
	{ INT32("keyId", "key_id"), .flags = FIELD_READONLY, .doc = "The user's API key." },
	{ UUID("clientId", "client_id"), .flags = FIELD_READONLY, .doc = "The API client." },
	{ UUID("sessionId", "session_id"), .flags = FIELD_READONLY, .doc = "The OAuth session." },
	{ STRING("address", "address", 255), .flags = FIELD_READONLY,
	    .doc = "Address of the caller; of commands and processes the name of the machine." },
	{ STRING("requestId", "request_id", 64), .flags = FIELD_READONLY,
	    .doc = "The request, as its answer's header X-Request-Id has it." },
	{ STRING("action", "action", 16), .flags = FIELD_READONLY,
	    .doc = "insert, update or delete.", .example = "\"update\"" },
	{ STRING("area", "area", 16), .flags = FIELD_READONLY,
	    .doc = "Area of what was changed, or null where it is of no one area.",
	    .example = "\"hosting\"" },
	{ STRING("resource", "resource", 64), .flags = FIELD_READONLY, .doc = "What was changed.",
	    .example = "\"domain\"" },
	{ STRING("key", "row_key", 1000), .flags = FIELD_READONLY,
	    .doc = "Identifier of the row that was changed; one of several parts has slashes "
		   "between them." },
	{ STRING("before", "before_row", INT32_MAX), .flags = FIELD_READONLY,
	    .doc = "JSON text: the row before a deletion, and of a changed one the members that "
		   "changed. Secrets are masked, long texts are cut.",
	    .example = "\"{\\\"name\\\":\\\"old\\\"}\"" },
	{ STRING("after", "after_row", INT32_MAX), .flags = FIELD_READONLY,
	    .doc = "JSON text: the same of a new row, and after a change.",
	    .example = "\"{\\\"name\\\":\\\"new\\\"}\"" },
	{ STRING("detail", "detail", INT32_MAX), .flags = FIELD_READONLY,
	    .doc = "JSON text: what else there is to tell of the change.",
	    .example = "\"{\\\"removed\\\":\\\"Sales\\\"}\"" },
	{ INT64("count", "row_count"), .flags = FIELD_READONLY,
	    .doc = "Number of rows that were changed together, where that is not one." },
};

static const struct table_index audit_indexes[] = {
	{ .name = "audit_entry_made", .columns = { "made_at" } },
	{ .name = "audit_entry_actor", .columns = { "actor_name" }, .broad = true },
	{ .name = "audit_entry_user", .columns = { "user_id" }, .broad = true },
	{ .name = "audit_entry_row",
	    .columns = { "resource", "row_key" },
	    .broad = true,
	    .partial = true },
	{ .name = "audit_entry_request", .columns = { "request_id" } },
};

const struct resource licensing_audit_entry_resource = {
	.name = "audit entry",
	.type_name = "AuditEntry",
	.area = AREA_AUDIT,
	.plural = "auditEntries",
	.table = AUDIT_TABLE,
	ORDER_BY(DESCENDING("id")),
	FIELDS(entry_fields),
	INDEXES(audit_indexes),
	.unaudited = "entries are written with the changes that they tell of",
	.doc = "A change of a row: who made it, from where, and the row before and after.",
};
