#include "api/licensing/outbox.h"

#include "base/mail_address.h"
#include "op/audit.h"

#define QUOTA_SECONDS 3600
#define QUOTA_WINDOW "INTERVAL 3600 SECOND"

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

/* How long the caller waits until the quota has room for mail that takes so long of it. */
static int refuse_quota(
    struct operation *operation, struct bind user, struct bind cost, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	const struct bind binds[] = { cost, user };
	struct result result;
	int64_t wait = 1;

	if (database_select(operation->database, operation->arena,
		"SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6) + " QUOTA_WINDOW ", "
		"full_at + INTERVAL ? MICROSECOND) + 1 FROM mail_quota WHERE user_id = ?",
		binds, COUNT_OF(binds), columns, 1, &result, error) != 0)
		return -1;
	if (result.count == 1)
		wait = result.rows[0][0].integer;
	return error_set_wait(error, ERROR_TOO_MANY, wait,
	    "A user may send mail to %lld recipients per hour; try again in %lld seconds.",
	    (long long)operation->settings->mail_quota, (long long)wait);
}

/*
 * Takes the recipients off the quota of the user, whatever the credential (the generic cell rate
 * algorithm). The row is written first, so that all who send for one user follow one another, on
 * all nodes.
 */
static int take_quota(struct operation *operation, unsigned recipients, struct error *error)
{
	int64_t quota = operation->settings->mail_quota;
	const struct bind user = BIND_ID(operation->principal->user);
	struct bind binds[] = { BIND_INT(0), user, BIND_INT(0) };
	struct outcome outcome;

	if (quota == 0)
		return 0;
	if (recipients > quota)
		return error_add_fault(error, "to",
		    "The to field has more than the %lld recipients that a user may send to per "
		    "hour.",
		    (long long)quota);
	binds[0] = binds[2] =
	    BIND_INT(QUOTA_SECONDS * MICROSECONDS_PER_SECOND * recipients / quota);
	if (database_execute(operation->database,
		"INSERT INTO mail_quota (user_id, full_at) VALUES (?, UTC_TIMESTAMP(6)) "
		"ON DUPLICATE KEY UPDATE full_at = GREATEST(full_at, UTC_TIMESTAMP(6))",
		&user, 1, &outcome, error) != 0 ||
	    database_execute(operation->database,
		"UPDATE mail_quota SET full_at = full_at + INTERVAL ? MICROSECOND WHERE user_id = "
		"? "
		"AND full_at + INTERVAL ? MICROSECOND <= UTC_TIMESTAMP(6) + " QUOTA_WINDOW,
		binds, COUNT_OF(binds), &outcome, error) != 0)
		return -1;
	return outcome.affected == 1 ? 0 : refuse_quota(operation, user, binds[0], error);
}

static int store(struct operation *operation, void *context, struct error *error)
{
	const struct outbox_mail *mail = context;
	struct uuid id = uuid_random();
	char text[UUID_TEXT_LENGTH];
	struct buf detail = { 0 };
	int result;

	if (take_quota(operation, mail->recipient_count, error) != 0 ||
	    store_message(operation, mail, id, error) != 0 ||
	    store_deliveries(operation, mail, id, error) != 0)
		return -1;
	uuid_print(&id, text);
	append_member(&detail, "subject", mail->subject, true);
	buf_append_text(&detail, ",\"recipients\":");
	append_recipients(&detail, mail);
	buf_append_char(&detail, '}');
	/* Whom it goes to and what it is called may come from anywhere. */
	result = audit_record_event(operation, AUDIT_INSERT, AREA_NONE, "mail",
	    (struct str){ text, sizeof(text) }, buf_str(&detail), error);
	buf_free(&detail);
	return result;
}

/* Addresses as mail servers take them: what lies in the outbox is sent as it is. */
static int encode_addresses(
    struct operation *operation, struct outbox_mail *mail, struct error *error)
{
	struct outbox_recipient *recipients =
	    arena_alloc_array(operation->arena, mail->recipient_count, sizeof(*recipients));

	if (recipients == NULL)
		return operation_out_of_memory(error);
	mail->reply_to = mail_address_ascii(operation->arena, mail->reply_to);
	for (unsigned i = 0; i < mail->recipient_count; i++) {
		recipients[i] = mail->recipients[i];
		recipients[i].email =
		    mail_address_ascii(operation->arena, mail->recipients[i].email);
	}
	mail->recipients = recipients;
	return arena_exhausted(operation->arena) ? operation_out_of_memory(error) : 0;
}

/* The gate comes first: nobody waits with rows locked. */
int outbox_submit(struct operation *operation, struct outbox_mail *mail, struct error *error)
{
	int status;

	if (encode_addresses(operation, mail, error) != 0)
		return -1;
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
	return "The mail is kept but not sent: no mail_server is configured.";
}
