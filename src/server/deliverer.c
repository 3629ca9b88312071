#include "server/deliverer.h"

#include <curl/curl.h>
#include <stdio.h>

#include "api/licensing/webhook_parcel.h"
#include "auth/webhook_signature.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "server/webhook_request.h"

#define STATUS_GONE 410
#define WAIT_MOST (24 * 3600) /* seconds; a receiver cannot ask for more */
#define GONE_REASON "The receiver answered with status 410: it is gone."

static bool open_deliverer(struct consumer *consumer)
{
	(void)consumer;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return false;
	log_event(LOG_LEVEL_INFO, "deliverer started");
	return true;
}

static void drop_connection(struct consumer *consumer)
{
	webhook_connection_free(consumer->own);
	consumer->own = NULL;
}

static void close_deliverer(struct consumer *consumer)
{
	drop_connection(consumer);
	curl_global_cleanup();
}

/* Signed with each secret that counts, at the moment at which it is sent. */
static int compose(const struct webhook_parcel *parcel, struct arena *arena,
    struct webhook_message *message, struct error *error)
{
	char *id = arena_alloc(arena, UUID_TEXT_LENGTH);
	struct buf signatures = { 0 };

	if (id == NULL)
		return error_out_of_memory(error);
	uuid_print(&parcel->delivery, id);
	*message = (struct webhook_message){
		.url = parcel->url,
		.id = { id, UUID_TEXT_LENGTH },
		.seconds = timestamp_now() / MICROSECONDS_PER_SECOND,
		.body = parcel->body,
	};
	for (unsigned i = 0; i < parcel->secret_count; i++) {
		if (!webhook_sign(parcel->secrets[i], message->id, message->seconds, message->body,
			&signatures))
			signatures.failed = true;
	}
	message->signatures = arena_str(arena, buf_str(&signatures));
	if (signatures.failed || message->signatures.data == NULL)
		error_out_of_memory(error);
	buf_free(&signatures);
	return error->code == ERROR_NONE ? 0 : -1;
}

static void judge(const struct webhook_reply *reply, struct consumer_result *result)
{
	if (reply->status >= 200 && reply->status <= 299)
		result->state = QUEUE_DONE;
	else if (reply->refused || reply->status == STATUS_GONE)
		result->state = QUEUE_DEAD;
	result->wait = reply->wait < WAIT_MOST ? reply->wait : WAIT_MOST;
	snprintf(result->reason, sizeof(result->reason), "%s", reply->reason);
}

/* What is only told must not undo what was done: a verdict waits for the database, this does not.
 */
static void note(struct context *context, const struct webhook_parcel *parcel,
    const struct webhook_reply *reply, const struct consumer_result *result)
{
	const struct webhook_outcome outcome = { .status = reply->status,
		.delivered = result->state == QUEUE_DONE,
		.reason = result->reason,
		.body = reply->body };
	struct error error;

	error_init(&error, context->arena);
	if (webhook_parcel_note(context, parcel, &outcome, &error) != 0)
		log_event(LOG_LEVEL_WARNING, "webhook not noted",
		    LOG_INT("webhook", parcel->webhook),
		    LOG_TEXT("detail", error.detail != NULL ? error.detail : ""));
}

/* A receiver that is gone is asked no more; where that cannot be stored, it is asked again. */
static int disable(struct consumer *consumer, struct context *context,
    const struct webhook_parcel *parcel, struct error *error)
{
	if (webhook_parcel_disable(context, parcel, GONE_REASON, error) != 0)
		return -1;
	revocation_announce(&context->revocations, consumer->epoch);
	log_event(LOG_LEVEL_WARNING, "webhook disabled", LOG_INT("webhook", parcel->webhook));
	return 0;
}

static int send_parcel(struct consumer *consumer, struct context *context,
    const struct webhook_parcel *parcel, struct consumer_result *result, struct error *error)
{
	struct webhook_message message;
	struct webhook_reply reply;

	if (consumer->own == NULL)
		consumer->own = webhook_connection_new(consumer->settings);
	if (consumer->own == NULL)
		return error_out_of_memory(error);
	if (compose(parcel, consumer->arena, &message, error) != 0)
		return -1;
	if (webhook_post(consumer->own, consumer->arena, &message, &reply) != 0)
		return error_out_of_memory(error);
	judge(&reply, result);
	note(context, parcel, &reply, result);
	return reply.status == STATUS_GONE ? disable(consumer, context, parcel, error) : 0;
}

static int deliver(struct consumer *consumer, const struct queue_item *item,
    struct consumer_result *result, struct error *error)
{
	struct context context = consumer_context(consumer);
	struct webhook_parcel parcel;
	int found = webhook_parcel_read(&context, item->content, &parcel, error);

	if (found < 0)
		return -1;
	if (found > 0 && parcel.enabled)
		return send_parcel(consumer, &context, &parcel, result, error);
	result->state = QUEUE_DEAD;
	snprintf(result->reason, sizeof(result->reason), "%s",
	    found > 0 ? "The webhook is disabled." : "The delivery is missing.");
	return 0;
}

const struct consumer_kind deliverer_kind = {
	.queue = QUEUE_WEBHOOK,
	.name = "deliverer",
	.process_name = "clientele-hook",
	.failed_event = "deliverer not started",
	.done_event = "webhook delivered",
	.undone_event = "webhook not delivered",
	.waits_event = "webhooks wait for the database",
	.open = open_deliverer,
	.close = close_deliverer,
	.deliver = deliver,
	.rest = drop_connection,
};
