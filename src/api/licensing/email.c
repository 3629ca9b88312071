/*
 * Mails, as the API shows them: to whom each went, and what has become of it. Texts and attached
 * files, which may let somebody in, are not shown.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "api/licensing/outbox.h"
#include "base/mail_address.h"
#include "queue/queue.h"

static const struct field email_fields[] = {
	{ INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Number." },
	{ STRING("kind", "m.kind", 16), .flags = FIELD_READONLY,
	    .doc = "license or message; null before schema 25.",
	    .example = "\"" OUTBOX_LICENSE "\"" },
	{ STRING("recipient", NULL, MAIL_ADDRESS_MAX), .flags = FIELD_READONLY,
	    .expression = "{}.payload", .doc = "Address.", .example = "\"ada@example.org\"" },
	{ STRING("subject", "m.subject", 255), .flags = FIELD_READONLY, .doc = "Subject." },
	{ STRING("status", NULL, 16), .flags = FIELD_READONLY,
	    .expression = "CASE {}.state WHEN 'done' THEN 'sent' WHEN 'dead' THEN 'failed' ELSE "
			  "'queued' END",
	    .doc = "queued, sent or failed.", .example = "\"sent\"" },
	{ INT32("attempts", "attempts"), .flags = FIELD_READONLY,
	    .doc = "How often it was tried." },
	{ STRING("error", "last_error", 1000), .flags = FIELD_READONLY,
	    .doc = "What the last attempt met, unless it succeeded." },
	{ DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was created." },
	{ DATETIME("nextAttempt", "due_at"), .flags = FIELD_READONLY,
	    .doc = "When it is tried next; null when it has ended." },
	{ DATETIME("endedAt", "finished_at"), .flags = FIELD_READONLY,
	    .doc = "When it was delivered, or given up." },
	{ INT32("licenseId", "m.license_id"), .flags = FIELD_READONLY,
	    .doc = "License that it brings." },
	{ UUID("senderId", "m.sender_id"), .flags = FIELD_READONLY, .doc = "User who sent it." },
	{ ONE("license", &licensing_license_resource, "licenseId", "id"),
	    .flags = LICENSING_RELATED, .doc = "License that it brings." },
};

static const struct table_index email_indexes[] = {
	{ .name = "queue_item_kind", .columns = { "kind", "id" }, .broad = true },
};

const struct resource licensing_email_resource = {
	.name = "sent mail",
	.word = "email",
	.type_name = "Email",
	.area = AREA_MAIL,
	.plural = "emails",
	.table = QUEUE_TABLE,
	.from = QUEUE_TABLE " {} LEFT JOIN mail_message m ON m.id = {}.content_id",
	.condition = "{}.kind = 'mail'",
	ORDER_BY(DESCENDING("id")),
	FIELDS(email_fields),
	INDEXES(email_indexes),
	.unaudited = "who sends, replays or discards mail leaves an entry",
	.doc = "A mail to one recipient: sent, or on its way.",
};

/* Whether the placeholders of license mails tell the caller nothing new. */
static bool sees_licenses(const struct sight *sight)
{
	static const struct resource *const told[] = { &licensing_license_resource,
		&licensing_customer_resource, &licensing_order_resource,
		&licensing_product_resource };

	for (unsigned i = 0; i < COUNT_OF(told); i++) {
		if (sight_may_see(sight, told[i]) != SIGHT_ALL)
			return false;
	}
	return true;
}

int licensing_email_narrow(struct operation *operation, struct sql *sql, struct error *error)
{
	const struct sight *sight = &operation->context.sight;

	(void)error;
	if (sight_is_whole(sight))
		return 0;
	sql_where(sql, sees_licenses(sight) ? "(m.sender_id = ? OR m.kind = '" OUTBOX_LICENSE "')"
					    : "m.sender_id = ?");
	sql_bind(sql, BIND_ID(operation->context.actor.principal->user));
	return 0;
}
