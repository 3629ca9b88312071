#include "api/licensing/outbox.h"

#include "api/licensing/irregular.h"
#include "api/licensing/mail_quota.h"
#include "base/mail_address.h"
#include "queue/kinds.h"
#include "queue/queue.h"
#include "record/audit.h"
#include "record/rows.h"

enum {
	MESSAGE_ID,
	MESSAGE_SENDER_NAME,
	MESSAGE_REPLY_TO,
	MESSAGE_RECIPIENTS,
	MESSAGE_SUBJECT,
	MESSAGE_BODY,
	MESSAGE_IS_HTML,
	MESSAGE_ATTACHMENTS,
	MESSAGE_CREATED_AT,
	MESSAGE_KIND,
	MESSAGE_LICENSE_ID,
	MESSAGE_SENDER_ID,
};

#define UNSHOWN (FIELD_HIDDEN | FIELD_READONLY)

static const struct field message_fields[] = {
	[MESSAGE_ID] = { UUID("id", "id"), .flags = UNSHOWN | FIELD_KEY },
	[MESSAGE_SENDER_NAME] = { STRING("senderName", "sender_name", 255), .flags = UNSHOWN },
	[MESSAGE_REPLY_TO] = { STRING("replyTo", "reply_to", 254), .flags = UNSHOWN },
	/* Both are JSON, as the mailer reads it. */
	[MESSAGE_RECIPIENTS] = { STRING("recipients", "recipients", INT32_MAX),
	    .flags = UNSHOWN | FIELD_NOT_NULL },
	[MESSAGE_SUBJECT] = { STRING("subject", "subject", 255),
	    .flags = UNSHOWN | FIELD_NOT_NULL },
	[MESSAGE_BODY] = { STRING("body", "body", INT32_MAX), .flags = UNSHOWN | FIELD_NOT_NULL },
	[MESSAGE_IS_HTML] = { BOOLEAN("isHtml", "is_html"), .flags = UNSHOWN | FIELD_NOT_NULL },
	[MESSAGE_ATTACHMENTS] = { STRING("attachments", "attachments", INT32_MAX),
	    .flags = UNSHOWN | FIELD_NOT_NULL },
	[MESSAGE_CREATED_AT] = { DATETIME("createdAt", "created_at"),
	    .flags = UNSHOWN | FIELD_NOT_NULL },
	[MESSAGE_KIND] = { STRING("kind", "kind", 16), .flags = UNSHOWN },
	[MESSAGE_LICENSE_ID] = { INT32("licenseId", "license_id"), .flags = UNSHOWN },
	[MESSAGE_SENDER_ID] = { UUID("senderId", "sender_id"), .flags = UNSHOWN },
};

const struct resource mail_message_resource = {
	.name = "mail",
	.type_name = "MailMessage",
	.area = AREA_MAIL,
	.table = "mail_message",
	FIELDS(message_fields),
	.doc = "A message, once for all its recipients.",
};

static void write_recipients(
    struct writer *writer, const char *name, const struct outbox_mail *mail)
{
	writer_array_begin(writer, name, "recipient");
	for (unsigned i = 0; i < mail->recipient_count; i++) {
		writer_object_begin(writer, NULL);
		writer_text(writer, "name", mail->recipients[i].name);
		writer_text(writer, "email", mail->recipients[i].email);
		writer_object_end(writer);
	}
	writer_array_end(writer);
}

static void write_attachments(struct writer *writer, const struct outbox_mail *mail)
{
	writer_array_begin(writer, NULL, "attachment");
	for (unsigned i = 0; i < mail->attachment_count; i++) {
		const struct outbox_attachment *attachment = &mail->attachments[i];

		writer_object_begin(writer, NULL);
		writer_text(writer, "fileName", attachment->file_name);
		writer_text(writer, "contentType", attachment->content_type);
		writer_text(writer, "content", attachment->content);
		writer_object_end(writer);
	}
	writer_array_end(writer);
}

/* Text that may be absent. */
static void set_optional(struct row *row, unsigned member, struct str text)
{
	if (text.length > 0)
		row_set_text(row, member, text);
}

static int store_message(struct operation *operation, const struct outbox_mail *mail,
    struct uuid id, struct error *error)
{
	struct row *row = row_new(operation->context.arena, &mail_message_resource);
	struct buf recipients = { 0 }, attachments = { 0 };
	struct writer writer;
	int result;

	if (row == NULL)
		return error_out_of_memory(error);
	writer_init(&writer, MEDIA_JSON, NULL, &recipients);
	write_recipients(&writer, NULL, mail);
	writer_init(&writer, MEDIA_JSON, NULL, &attachments);
	write_attachments(&writer, mail);
	row_set_uuid(row, MESSAGE_ID, id);
	set_optional(row, MESSAGE_SENDER_NAME, mail->sender_name);
	set_optional(row, MESSAGE_REPLY_TO, mail->reply_to);
	row_set_text(row, MESSAGE_RECIPIENTS, buf_str(&recipients));
	row_set_text(row, MESSAGE_SUBJECT, mail->subject);
	row_set_text(row, MESSAGE_BODY, mail->body);
	row_set_boolean(row, MESSAGE_IS_HTML, mail->is_html);
	row_set_text(row, MESSAGE_ATTACHMENTS, buf_str(&attachments));
	row_set_integer(row, MESSAGE_CREATED_AT, timestamp_now());
	row_set_text(row, MESSAGE_KIND, str_from(mail->kind));
	if (mail->license != 0)
		row_set_integer(row, MESSAGE_LICENSE_ID, mail->license);
	row_set_uuid(row, MESSAGE_SENDER_ID, operation->context.actor.principal->user);
	result = recipients.failed || attachments.failed
		     ? error_out_of_memory(error)
		     : record_add_part(&operation->context, row, error);
	buf_free(&recipients);
	buf_free(&attachments);
	return result;
}

static int store_deliveries(struct operation *operation, const struct outbox_mail *mail,
    struct uuid id, struct error *error)
{
	struct queue_entry *entries =
	    arena_alloc_array(operation->context.arena, mail->recipient_count, sizeof(*entries));

	if (entries == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < mail->recipient_count; i++)
		entries[i] =
		    (struct queue_entry){ .content = id, .payload = mail->recipients[i].email };
	return queue_put(operation->context.database, operation->context.arena,
	    &queue_kinds[QUEUE_MAIL], entries, mail->recipient_count, error);
}

static int store_mail(struct operation *operation, void *context, struct error *error)
{
	const struct outbox_mail *mail = context;
	struct uuid id = uuid_random();
	char text[UUID_TEXT_LENGTH];
	struct buf detail = { 0 };
	struct writer writer;
	int result;

	if (mail_quota_take(operation, mail->recipient_count, error) != 0 ||
	    store_message(operation, mail, id, error) != 0 ||
	    store_deliveries(operation, mail, id, error) != 0)
		return -1;
	uuid_print(&id, text);
	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_text(&writer, "subject", mail->subject);
	write_recipients(&writer, "recipients", mail);
	writer_object_end(&writer);
	/* Whom it goes to and what it is called may come from anywhere. */
	result = audit_record_event(&operation->context,
	    &(const struct audit_event){ .action = AUDIT_INSERT,
		.area = AREA_NONE,
		.what = "mail",
		.key = { text, sizeof(text) },
		.detail = buf_str(&detail) },
	    error);
	buf_free(&detail);
	return result;
}

/* Addresses as mail servers take them: what lies in the outbox is sent as it is. */
static int encode_addresses(
    struct operation *operation, struct outbox_mail *mail, struct error *error)
{
	struct outbox_recipient *recipients =
	    arena_alloc_array(operation->context.arena, mail->recipient_count, sizeof(*recipients));

	if (recipients == NULL)
		return error_out_of_memory(error);
	mail->reply_to = mail_address_ascii(operation->context.arena, mail->reply_to);
	for (unsigned i = 0; i < mail->recipient_count; i++) {
		recipients[i] = mail->recipients[i];
		recipients[i].email =
		    mail_address_ascii(operation->context.arena, mail->recipients[i].email);
	}
	mail->recipients = recipients;
	return arena_exhausted(operation->context.arena) ? error_out_of_memory(error) : 0;
}

/* The gate comes first: nobody waits with rows locked. */
int outbox_submit(struct operation *operation, struct outbox_mail *mail, struct error *error)
{
	int status;

	if (encode_addresses(operation, mail, error) != 0)
		return -1;
	if (gate_enter(operation->context.guard->gate, GATE_MAIL, error) != 0)
		return -1;
	status = operation_transaction(operation, store_mail, mail, error);
	gate_leave(operation->context.guard->gate, GATE_MAIL);
	return status;
}

const char *outbox_remark(const struct operation *operation)
{
	if (operation->context.settings->mail_server[0] != '\0')
		return NULL;
	return "The mail is kept but not sent: no mail_server is configured.";
}
