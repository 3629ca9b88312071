/*
 * What waits to be done outside of a request, of all kinds, and what was given up of it.
 */
#include "cli/question.h"
#include "cli/queue_view.h"
#include "schema/resource.h"

static const struct print_column columns[] = {
	{ "id", "ID", PRINT_INTEGER },
	{ "kind", "KIND", PRINT_TEXT },
	{ "state", "STATE", PRINT_TEXT },
	{ "target", "TARGET", PRINT_TEXT },
	{ "title", "TITLE", PRINT_TEXT },
	{ "attempts", "ATTEMPTS", PRINT_INTEGER },
	{ "createdAt", "CREATED", PRINT_MOMENT },
	{ "dueAt", "DUE", PRINT_MOMENT },
	{ "finishedAt", "FINISHED", PRINT_MOMENT },
	{ "lastError", "ERROR", PRINT_TEXT },
};

static const enum queue_column sources[] = {
	QUEUE_COLUMN_ID,
	QUEUE_COLUMN_KIND,
	QUEUE_COLUMN_STATE,
	QUEUE_COLUMN_TARGET,
	QUEUE_COLUMN_TITLE,
	QUEUE_COLUMN_ATTEMPTS,
	QUEUE_COLUMN_CREATED,
	QUEUE_COLUMN_DUE,
	QUEUE_COLUMN_FINISHED,
	QUEUE_COLUMN_ERROR,
};

static const struct queue_view view = {
	.state_flag = "state",
	.columns = columns,
	.sources = sources,
	.column_count = COUNT_OF(columns),
	.item = "item",
	.an_item = "an item",
	.items = "items",
};

static const struct print_column count_columns[] = {
	{ "kind", "KIND", PRINT_TEXT },
	{ "waiting", "WAITING", PRINT_INTEGER },
	{ "done", "DONE", PRINT_INTEGER },
	{ "dead", "DEAD", PRINT_INTEGER },
};

static enum command_status count(struct session *session)
{
	struct bind values[QUEUE_KIND__MAX][COUNT_OF(count_columns)];
	struct bind *rows[QUEUE_KIND__MAX];
	struct result result = { .rows = rows, .count = QUEUE_KIND__MAX };

	for (unsigned i = 0; i < QUEUE_KIND__MAX; i++) {
		rows[i] = values[i];
		rows[i][0] = BIND_STR(str_from(queue_kinds[i].name));
		for (unsigned s = 0; s < QUEUE_STATE__MAX; s++) {
			rows[i][1 + s] = BIND_INT(0);
			if (queue_count(session->database, session->arena, &queue_kinds[i],
				(enum queue_state)s, &rows[i][1 + s].integer, &session->error) != 0)
				return session_error(session);
		}
	}
	return print_rows(session, count_columns, COUNT_OF(count_columns), &result);
}

static enum command_status list(struct session *session)
{
	return queue_view_list(session, &view);
}

static enum command_status replay(struct session *session)
{
	return queue_view_change(session, &view, &queue_change_replay);
}

static enum command_status discard(struct session *session)
{
	if (!question_deletion(session, "Delete the dead letters permanently?"))
		return COMMAND_USAGE;
	return queue_view_change(session, &view, &queue_change_discard);
}

#define KIND_FLAG                                                  \
	{                                                          \
		.name = "kind", .value = "KIND",                   \
		.doc = "Only items of this kind: mail or webhook." \
	}

static const struct command_flag count_flags[] = { COMMAND_FLAG_JSON, { 0 } };

static const struct command_flag list_flags[] = {
	KIND_FLAG,
	{ .name = "state", .value = "STATE", .doc = "State: dead (the default), waiting or done." },
	{ .name = "limit",
	    .value = "NUMBER",
	    .doc = "Maximum number of items, oldest first; default: 100." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag replay_flags[] = {
	KIND_FLAG,
	{ .name = "all", .doc = "Retry all dead letters." },
	{ 0 },
};

static const struct command_flag discard_flags[] = {
	KIND_FLAG,
	{ .name = "all", .doc = "Delete all dead letters." },
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

const struct command queue_commands[] = {
	{ .words = "queue count",
	    .arguments = "",
	    .flags = count_flags,
	    .doc = "Show how many items of each kind are waiting, done and dead.",
	    .run = count },
	{ .words = "queue list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List items of the queue; by default those that were given up, with the reason.",
	    .run = list },
	{ .words = "queue replay",
	    .arguments = "[ID ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = replay_flags,
	    .doc = "Retry items that were given up.",
	    .run = replay },
	{ .words = "queue discard",
	    .arguments = "[ID ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = discard_flags,
	    .doc = "Delete items that were given up.",
	    .run = discard },
	{ 0 },
};
