#include "api/licensing/outbox.h"

#include "base/mail_address.h"
#include "queue/kinds.h"
#include "queue/queue.h"
#include "record/audit.h"

#define QUOTA_SECONDS 3600
#define QUOTA_WINDOW "INTERVAL 3600 SECOND"

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
	struct writer writer;
	int result;

	writer_init(&writer, MEDIA_JSON, NULL, &recipients);
	write_recipients(&writer, NULL, mail);
	writer_init(&writer, MEDIA_JSON, NULL, &attachments);
	write_attachments(&writer, mail);
	if (recipients.failed || attachments.failed) {
		result = error_out_of_memory(error);
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
		    operation->context.database, insert, values, COUNT_OF(values), &outcome, error);
	}
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

/* How long the caller waits until the quota has room for mail that takes so long of it. */
static int refuse_quota(
    struct operation *operation, struct bind user, struct bind cost, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	const struct bind binds[] = { cost, user };
	struct result result;
	int64_t wait = 1;

	if (database_select(operation->context.database, operation->context.arena,
		"SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6) + " QUOTA_WINDOW ", "
		"full_at + INTERVAL ? MICROSECOND) + 1 FROM mail_quota WHERE user_id = ?",
		binds, COUNT_OF(binds), columns, 1, &result, error) != 0)
		return -1;
	if (result.count == 1)
		wait = result.rows[0][0].integer;
	return error_set_wait(error, ERROR_TOO_MANY, wait,
	    "A user may send mail to %lld recipients per hour; try again in %lld seconds.",
	    (long long)operation->context.settings->mail_quota, (long long)wait);
}

/*
 * Takes the recipients off the quota of the user, whatever the credential (the generic cell rate
 * algorithm). The row is written first, so that all who send for one user follow one another, on
 * all nodes.
 */
static int take_quota(struct operation *operation, unsigned recipients, struct error *error)
{
	int64_t quota = operation->context.settings->mail_quota;
	const struct bind user = BIND_ID(operation->context.actor.principal->user);
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
	if (database_execute(operation->context.database,
		"INSERT INTO mail_quota (user_id, full_at) VALUES (?, UTC_TIMESTAMP(6)) "
		"ON DUPLICATE KEY UPDATE full_at = GREATEST(full_at, UTC_TIMESTAMP(6))",
		&user, 1, &outcome, error) != 0 ||
	    database_execute(operation->context.database,
		"UPDATE mail_quota SET full_at = full_at + INTERVAL ? MICROSECOND WHERE user_id = "
		"? "
		"AND full_at + INTERVAL ? MICROSECOND <= UTC_TIMESTAMP(6) + " QUOTA_WINDOW,
		binds, COUNT_OF(binds), &outcome, error) != 0)
		return -1;
	return outcome.affected == 1 ? 0 : refuse_quota(operation, user, binds[0], error);
}

static int store_mail(struct operation *operation, void *context, struct error *error)
{
	const struct outbox_mail *mail = context;
	struct uuid id = uuid_random();
	char text[UUID_TEXT_LENGTH];
	struct buf detail = { 0 };
	struct writer writer;
	int result;

	if (take_quota(operation, mail->recipient_count, error) != 0 ||
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
