/*
 * Mail that waits, and mail that was given up: the queue's items of that kind, in its own words.
 */
#include "cli/queue_view.h"
#include "schema/resource.h"

static const struct print_column columns[] = {
	{ "id", "ID", PRINT_INTEGER },
	{ "status", "STATUS", PRINT_TEXT },
	{ "email", "TO", PRINT_TEXT },
	{ "subject", "SUBJECT", PRINT_TEXT },
	{ "attempts", "ATTEMPTS", PRINT_INTEGER },
	{ "createdAt", "CREATED", PRINT_MOMENT },
	{ "nextAttemptAt", "NEXT", PRINT_MOMENT },
	{ "lastError", "ERROR", PRINT_TEXT },
};

static const enum queue_column sources[] = {
	QUEUE_COLUMN_ID,
	QUEUE_COLUMN_STATE,
	QUEUE_COLUMN_PAYLOAD,
	QUEUE_COLUMN_TITLE,
	QUEUE_COLUMN_ATTEMPTS,
	QUEUE_COLUMN_CREATED,
	QUEUE_COLUMN_DUE,
	QUEUE_COLUMN_ERROR,
};

static const struct queue_view view = {
	.kind = &queue_kinds[QUEUE_MAIL],
	.words = queue_kinds[QUEUE_MAIL].words,
	.state_flag = "status",
	.columns = columns,
	.sources = sources,
	.column_count = COUNT_OF(columns),
	.item = "delivery",
	.an_item = "a delivery",
	.items = "deliveries",
};

static enum command_status list_mail(struct session *session)
{
	return queue_view_list(session, &view);
}

static enum command_status retry(struct session *session)
{
	return queue_view_change(session, &view, &queue_change_replay);
}

static const struct command_flag list_flags[] = {
	{ .name = "status",
	    .value = "STATUS",
	    .doc = "Status: failed (the default), queued or sent." },
	{ .name = "limit",
	    .value = "NUMBER",
	    .doc = "Maximum number of deliveries, oldest first; default: 100." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag retry_flags[] = {
	{ .name = "all", .doc = "Retry all that have failed." },
	{ 0 },
};

const struct command mail_commands[] = {
	{ .words = "mail list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List mail deliveries; by default those that have failed, with the reason.",
	    .run = list_mail },
	{ .words = "mail retry",
	    .arguments = "[ID ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = retry_flags,
	    .doc = "Retry mail deliveries that have failed.",
	    .run = retry },
	{ 0 },
};
