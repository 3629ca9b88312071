#include "api/licensing/outbox.h"

#include "op/audit.h"

static void append_member(struct buf *json, const char *name, struct str text, bool first)
{
	buf_append_text(json, first ? "{" : ",");
	buf_append_json_string(json, str_from(name));
	buf_append_char(json, ':');
	buf_append_json_string(json, text);
}

static void append_recipients(struct buf *json, const struct outbox_mail *mail)
{
	buf_append_char(json, '[');
	for (unsigned i = 0; i < mail->recipient_count; i++) {
		buf_append_text(json, i > 0 ? "," : "");
		append_member(json, "name", mail->recipients[i].name, true);
		append_member(json, "email", mail->recipients[i].email, false);
		buf_append_char(json, '}');
	}
	buf_append_char(json, ']');
}

static void append_attachments(struct buf *json, const struct outbox_mail *mail)
{
	buf_append_char(json, '[');
	for (unsigned i = 0; i < mail->attachment_count; i++) {
		const struct outbox_attachment *attachment = &mail->attachments[i];

		buf_append_text(json, i > 0 ? "," : "");
		append_member(json, "fileName", attachment->file_name, true);
		append_member(json, "contentType", attachment->content_type, false);
		append_member(json, "content", attachment->content, false);
		buf_append_char(json, '}');
	}
	buf_append_char(json, ']');
}

/* Text that may be absent. */
static struct bind optional(struct str text)
{
	struct bind bind = BIND_STR(text);

	bind.null = text.length == 0;
	return bind;
}

static int store_message(struct operation *operation, const struct outbox_mail *mail,
    struct uuid id, struct error *error)
{
	static const char insert[] =
	    "INSERT INTO mail_message (id, sender_name, reply_to, recipients, subject, body, "
	    "is_html, attachments, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
	struct buf recipients = { 0 }, attachments = { 0 };
	struct outcome outcome;
	int result;

	append_recipients(&recipients, mail);
	append_attachments(&attachments, mail);
	if (recipients.failed || attachments.failed) {
		result = operation_out_of_memory(error);
	} else {
		const struct bind values[] = {
			BIND_ID(id),
			optional(mail->sender_name),
			optional(mail->reply_to),
			BIND_STR(buf_str(&recipients)),
			BIND_STR(mail->subject),
			BIND_STR(mail->body),
			BIND_INT(mail->is_html),
			BIND_STR(buf_str(&attachments)),
			BIND_MOMENT(timestamp_now()),
		};

		result = database_execute(
		    operation->database, insert, values, COUNT_OF(values), &outcome, error);
	}
	buf_free(&recipients);
	buf_free(&attachments);
	return result;
}

static int store_deliveries(struct operation *operation, const struct outbox_mail *mail,
    struct uuid id, struct error *error)
{
	int64_t now = timestamp_now();
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, operation->arena);
	sql_append(&sql, "INSERT INTO mail_outbox (message_id, email, next_attempt_at) VALUES ");
	for (unsigned i = 0; i < mail->recipient_count; i++) {
		sql_append(&sql, i > 0 ? ", (?, ?, ?)" : "(?, ?, ?)");
		sql_bind(&sql, BIND_ID(id));
		sql_bind(&sql, BIND_STR(mail->recipients[i].email));
		sql_bind(&sql, BIND_MOMENT(now));
	}
	if (sql.failed)
		return operation_out_of_memory(error);
	return database_execute(
	    operation->database, sql.text, sql.binds, sql.bind_count, &outcome, error);
}

static int store(struct operation *operation, void *context, struct error *error)
{
	const struct outbox_mail *mail = context;
	struct uuid id = uuid_random();
	char text[UUID_TEXT_LENGTH];
	struct buf detail = { 0 };
	int result;

	if (store_message(operation, mail, id, error) != 0 ||
	    store_deliveries(operation, mail, id, error) != 0)
		return -1;
	uuid_print(&id, text);
	append_member(&detail, "subject", mail->subject, true);
	buf_append_text(&detail, ",\"recipients\":");
	append_recipients(&detail, mail);
	buf_append_char(&detail, '}');
	result = audit_record_event(operation, AUDIT_INSERT, "mail",
	    (struct str){ text, sizeof(text) }, buf_str(&detail), error);
	buf_free(&detail);
	return result;
}

/* The gate comes first: nobody waits with rows locked. */
int outbox_submit(struct operation *operation, struct outbox_mail *mail, struct error *error)
{
	int status;

	if (gate_enter(operation->guard->gate, GATE_MAIL, error) != 0)
		return -1;
	status = operation_transaction(operation, store, mail, error);
	gate_leave(operation->guard->gate, GATE_MAIL);
	return status;
}

const char *outbox_remark(const struct operation *operation)
{
	if (operation->settings->mail_server[0] != '\0')
		return NULL;
	return "The mail waits: this server has no mail_server configured.";
}
