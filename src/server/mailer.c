#include "server/mailer.h"

#include <curl/curl.h>
#include <stdio.h>

#include "base/log.h"
#include "codec/writer.h"
#include "record/adopt.h"
#include "record/audit.h"
#include "record/row_count.h"
#include "schema/resource.h"
#include "server/mail_delivery.h"

_Static_assert(MAIL_REASON_MAX <= QUEUE_REASON_MAX, "a reason has its place");

static bool open_mailer(struct consumer *consumer)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return false;
	log_event(
	    LOG_LEVEL_INFO, "mailer started", LOG_TEXT("server", consumer->settings->mail_server));
	return true;
}

/* No mail server likes a connection that is only held. */
static void drop_connection(struct consumer *consumer)
{
	mail_connection_free(consumer->own);
	consumer->own = NULL;
}

static void close_mailer(struct consumer *consumer)
{
	drop_connection(consumer);
	curl_global_cleanup();
}

/* Returns 1 with the message, 0 when there is none (any more), -1 on an error. */
static int read_message(struct consumer *consumer, const struct queue_item *item,
    struct mail_delivery *delivery, struct error *error)
{
	static const char sql[] =
	    "SELECT sender_name, reply_to, recipients, subject, body, is_html, attachments, "
	    "created_at FROM mail_message WHERE id = ?";
	static const enum bind_kind columns[] = { BIND_TEXT, BIND_TEXT, BIND_TEXT, BIND_TEXT,
		BIND_TEXT, BIND_INTEGER, BIND_TEXT, BIND_TIME };
	const struct bind id = BIND_ID(item->content);
	struct result result;
	const struct bind *row;

	if (database_select(consumer->database, consumer->arena, sql, &id, 1, columns,
		COUNT_OF(columns), &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	row = result.rows[0];
	*delivery = (struct mail_delivery){
		.email = item->payload,
		.message_id = item->content,
		.sender_name = row[0].null ? STR("") : row[0].text,
		.reply_to = row[1].null ? STR("") : row[1].text,
		.recipients = row[2].text,
		.subject = row[3].text,
		.body = row[4].text,
		.is_html = row[5].integer != 0,
		.attachments = row[6].text,
		.created_at = row[7].integer,
	};
	return 1;
}

static int deliver(struct consumer *consumer, const struct queue_item *item,
    struct consumer_result *result, struct error *error)
{
	static const enum queue_state states[] = {
		[MAIL_SENT] = QUEUE_DONE,
		[MAIL_LATER] = QUEUE_WAITING,
		[MAIL_REFUSED] = QUEUE_DEAD,
	};
	struct mail_delivery delivery;
	enum mail_result mail;
	int found = read_message(consumer, item, &delivery, error);

	if (found < 0)
		return -1;
	if (found == 0) {
		result->state = QUEUE_DEAD;
		snprintf(result->reason, sizeof(result->reason), "The message is missing.");
		return 0;
	}
	if (consumer->own == NULL)
		consumer->own = mail_connection_new(consumer->settings);
	if (consumer->own == NULL)
		return error_set_detail(error, ERROR_UNAVAILABLE, "out of memory");
	mail = mail_deliver(consumer->own, consumer->arena, &delivery, result->reason);
	/* Half a mail may lie on the connection. */
	if (mail != MAIL_SENT)
		drop_connection(consumer);
	result->state = states[mail];
	return 0;
}

/* The rest of the entry, which the caller frees. */
static struct buf describe_attempts(const struct queue_item *item)
{
	char key[24];
	struct buf properties = { 0 };
	struct writer writer;

	snprintf(key, sizeof(key), "%lld", (long long)item->id);
	writer_init(&writer, MEDIA_JSON, NULL, &properties);
	writer_object_begin(&writer, NULL);
	writer_text(&writer, "action", STR("mail"));
	writer_text(&writer, "key", str_from(key));
	writer_integer(&writer, "attempts", item->attempt);
	writer_object_end(&writer);
	return properties;
}

static int log_failure(
    struct consumer *consumer, const struct queue_verdict *verdict, struct error *error)
{
	static const char sql[] =
	    /* No area: a mail may tell of anything. */
	    "INSERT INTO log_entry (message, message_template, level, time_stamp, exception, "
	    "properties) VALUES (?, 'The mail {Id} was not delivered.', 'Error', ?, ?, ?)";
	const struct queue_item *item = verdict->item;
	struct buf properties = describe_attempts(item);
	const struct bind values[] = {
		BIND_STR(str_from(arena_printf(
		    consumer->arena, "The mail %lld was not delivered.", (long long)item->id))),
		BIND_MOMENT(verdict->now),
		BIND_STR(str_from(verdict->reason)),
		BIND_STR(buf_str(&properties)),
	};
	struct outcome outcome;
	int result =
	    database_execute(consumer->database, sql, values, COUNT_OF(values), &outcome, error);

	buf_free(&properties);
	return result == 0 ? row_count_add_now(consumer->database, LOG_TABLE, 1, error) : -1;
}

/* What programs of the schema before leave in their outbox. */
static int adopt(struct consumer *consumer, struct error *error)
{
	int64_t rows;

	return adopt_queue(consumer->database, &rows, error);
}

const struct consumer_kind mailer_kind = {
	.queue = QUEUE_MAIL,
	.name = "mailer",
	.process_name = "clientele-mail",
	.failed_event = "mailer not started",
	.done_event = "mail sent",
	.undone_event = "mail not sent",
	.waits_event = "mail waits for the database",
	.open = open_mailer,
	.close = close_mailer,
	.deliver = deliver,
	.bury = log_failure,
	.rest = drop_connection,
	.tidy = adopt,
};
