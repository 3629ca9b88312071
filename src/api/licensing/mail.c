#include "api/licensing/irregular.h"
#include "api/licensing/outbox.h"
#include "api/licensing/settings.h"
#include "base/base64.h"
#include "base/mail_address.h"

#define RECIPIENTS_MOST 500
#define ATTACHMENTS_MOST 20
#define TEXT_LONGEST 255
#define TYPE_LONGEST 127
#define CONTENT_LONGEST INT32_MAX /* the limit of the body is below it */
#define TYPE_USUAL STR("application/octet-stream")

static const char *check_file_name(struct str text)
{
	if (mail_text_is_line(text) && str_find(text, '/') == text.length &&
	    str_find(text, '\\') == text.length)
		return NULL;
	return "a file name without folders and control characters";
}

/* "type/subtype", each a token of RFC 2045. */
static const char *check_content_type(struct str text)
{
	size_t slash = str_find(text, '/');

	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (i != slash &&
		    (byte <= 0x20 || byte >= 0x7F || strchr("()<>@,;:\\\"/[]?=", byte) != NULL))
			return "a media type such as application/pdf";
	}
	return slash > 0 && slash + 1 < text.length ? NULL : "a media type such as application/pdf";
}

enum { RECIPIENT_NAME, RECIPIENT_EMAIL };

static const struct field recipient_fields[] = {
	[RECIPIENT_NAME] = { STRING("name", NULL, TEXT_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_TYPICAL, .check = mail_text_check,
	    .doc = "Name shown before the address.", .example = "\"Ada Lovelace\"" },
	[RECIPIENT_EMAIL] = { STRING("email", NULL, MAIL_ADDRESS_MAX),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .check = mail_address_check,
	    .doc = "Address.", .example = "\"ada@example.com\"" },
	HIDDEN_LINK,
};

static const struct resource recipient_resource = {
	.name = "recipient",
	.type_name = "EmailAddress",
	.area = AREA_FREE_MAIL,
	FIELDS(recipient_fields),
	.doc = "A recipient of a mail.",
};

enum { ATTACHMENT_FILE_NAME, ATTACHMENT_CONTENT, ATTACHMENT_CONTENT_TYPE };

static const struct field attachment_fields[] = {
	[ATTACHMENT_FILE_NAME] = { STRING("fileName", NULL, TEXT_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .check = check_file_name,
	    .doc = "Name of the file.", .example = "\"license.xml\"" },
	[ATTACHMENT_CONTENT] = { STRING("content", NULL, CONTENT_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, .doc = "The file in base64.",
	    .example = "\"PExpY2Vuc2UvPg==\"" },
	[ATTACHMENT_CONTENT_TYPE] = { STRING("contentType", NULL, TYPE_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_EMPTY_ABSENT, .check = check_content_type,
	    .doc = "Media type; application/octet-stream if absent.",
	    .example = "\"application/xml\"" },
	HIDDEN_LINK,
};

static const struct resource attachment_resource = {
	.name = "attachment",
	.type_name = "EmailAttachment",
	.area = AREA_FREE_MAIL,
	FIELDS(attachment_fields),
	.doc = "A file attached to a mail.",
};

enum { SEND_TO, SEND_SUBJECT, SEND_BODY, SEND_IS_HTML, SEND_ATTACHMENTS };

static const struct field send_fields[] = {
	[SEND_TO] = { MANY("to", &recipient_resource, "link", "link"),
	    .flags = FIELD_OWNED | FIELD_REQUIRED, .max = RECIPIENTS_MOST,
	    .doc = "Recipients; each gets a separate mail that names all of them." },
	[SEND_SUBJECT] = { STRING("subject", NULL, TEXT_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .check = mail_text_check,
	    .doc = "Subject, one line.", .example = "\"Your license of ACME Paint 5\"" },
	[SEND_BODY] = { STRING("body", NULL, CONTENT_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "Text of the mail.",
	    .example = "\"Dear Ada, thank you for your order.\"" },
	[SEND_IS_HTML] = { BOOLEAN("isHtml", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Whether the text is HTML; default: no." },
	[SEND_ATTACHMENTS] = { MANY("attachments", &attachment_resource, "link", "link"),
	    .flags = FIELD_OWNED, .max = ATTACHMENTS_MOST, .doc = "Attached files." },
	HIDDEN_LINK,
};

const struct resource mail_send_resource = {
	.name = "mail",
	.type_name = "SendEmailRequest",
	.area = AREA_FREE_MAIL,
	FIELDS(send_fields),
	.doc = "A mail to be sent.",
};

static struct str text_of(const struct row *row, unsigned field)
{
	return row_filled(row, field) ? row->values[field].text : STR("");
}

static bool is_named_before(const struct outbox_mail *mail, struct str email)
{
	for (unsigned i = 0; i < mail->recipient_count; i++) {
		if (mail_address_same(mail->recipients[i].email, email))
			return true;
	}
	return false;
}

static int take_recipients(struct operation *operation, const struct row_list *list,
    const struct server_settings *settings, struct outbox_mail *mail, struct error *error)
{
	struct outbox_recipient *recipients =
	    arena_alloc_array(operation->context.arena, list->count, sizeof(*recipients));

	if (list->count == 0)
		return error_add_fault(error, "to", "The to field must have at least one item.");
	if ((int64_t)list->count > settings->mail_most_recipients)
		return error_add_fault(error, "to", "The to field must have at most %lld items.",
		    (long long)settings->mail_most_recipients);
	if (recipients == NULL)
		return error_out_of_memory(error);
	mail->recipients = recipients;
	for (unsigned i = 0; i < list->count; i++) {
		const struct row *row = list->rows[i];

		if (!is_named_before(mail, text_of(row, RECIPIENT_EMAIL)))
			recipients[mail->recipient_count++] =
			    (struct outbox_recipient){ text_of(row, RECIPIENT_NAME),
				    text_of(row, RECIPIENT_EMAIL) };
	}
	return 0;
}

static int take_attachments(struct operation *operation, const struct row_list *list,
    struct outbox_mail *mail, struct error *error)
{
	struct outbox_attachment *attachments =
	    arena_alloc_array(operation->context.arena, list->count, sizeof(*attachments));

	if (list->count == 0)
		return 0;
	if (attachments == NULL)
		return error_out_of_memory(error);
	mail->attachments = attachments;
	mail->attachment_count = list->count;
	for (unsigned i = 0; i < list->count; i++) {
		const struct row *row = list->rows[i];
		struct str content = text_of(row, ATTACHMENT_CONTENT);
		char *decoded =
		    arena_alloc(operation->context.arena, BASE64_DECODED_MAX(content.length));
		size_t length;

		if (decoded == NULL)
			return error_out_of_memory(error);
		if (!base64_decode(content, decoded, &length))
			error_add_fault(error,
			    arena_printf(operation->context.arena, "attachments[%u].content", i),
			    "The content field must be base64.");
		attachments[i] = (struct outbox_attachment){
			.file_name = text_of(row, ATTACHMENT_FILE_NAME),
			.content_type = row_filled(row, ATTACHMENT_CONTENT_TYPE)
					    ? text_of(row, ATTACHMENT_CONTENT_TYPE)
					    : TYPE_USUAL,
			.content = content,
		};
	}
	return error->fault_count == 0 ? 0 : -1;
}

int licensing_mail_send(struct operation *operation, struct error *error)
{
	struct server_settings settings;
	struct outbox_mail mail = { .kind = OUTBOX_MESSAGE };
	struct row *body;

	if (operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0 ||
	    server_settings_read(operation, &settings, error) != 0 ||
	    take_recipients(operation, &body->values[SEND_TO].list, &settings, &mail, error) != 0 ||
	    take_attachments(operation, &body->values[SEND_ATTACHMENTS].list, &mail, error) != 0)
		return -1;
	mail.sender_name = settings.mail_sender_name;
	mail.reply_to = settings.mail_reply_to;
	mail.subject = text_of(body, SEND_SUBJECT);
	mail.body = text_of(body, SEND_BODY);
	mail.is_html = row_filled(body, SEND_IS_HTML) && body->values[SEND_IS_HTML].boolean;
	if (outbox_submit(operation, &mail, error) != 0)
		return -1;
	return irregular_done(operation, outbox_remark(operation), error);
}
