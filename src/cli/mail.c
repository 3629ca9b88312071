/*
 * Mail that waits, and mail that was given up: the outbox, and a second chance for what is in it.
 */
#include "cli/print.h"
#include "cli/session.h"
#include "schema/resource.h"

#define LIST_FALLBACK 100

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

static const char *const states[] = { "queued", "failed", "sent" };

static bool is_state(const char *text)
{
	for (unsigned i = 0; i < COUNT_OF(states); i++) {
		if (strcmp(text, states[i]) == 0)
			return true;
	}
	return false;
}

static enum command_status list_mail(struct session *session)
{
	const char *state = session_flag(session, "status");
	struct bind binds[2];
	int64_t most;

	if (state == NULL)
		state = "failed";
	if (!is_state(state))
		return session_fail(session, "--status must be failed, queued or sent.");
	if (!session_take_number(session, "limit", 1, LIST_FALLBACK, &most))
		return COMMAND_FAILED;
	binds[0] = BIND_STR(str_from(state));
	binds[1] = BIND_INT(most);
	return print_list(session,
	    "SELECT o.id, o.status, o.email, m.subject, o.attempts, m.created_at, "
	    "IF(o.status = 'queued', o.next_attempt_at, NULL), o.last_error FROM mail_outbox o "
	    "JOIN mail_message m ON m.id = o.message_id WHERE o.status = ? ORDER BY o.id LIMIT ?",
	    binds, COUNT_OF(binds), columns, COUNT_OF(columns));
}

/* All of them, or the one with that number; it begins anew, with all its attempts. */
static int put_back(struct session *session, const int64_t *id, int64_t *count)
{
	static const char all[] = "UPDATE mail_outbox SET status = 'queued', attempts = 0, "
				  "next_attempt_at = UTC_TIMESTAMP(6) WHERE status = 'failed'";
	static const char one[] =
	    "UPDATE mail_outbox SET status = 'queued', attempts = 0, next_attempt_at = "
	    "UTC_TIMESTAMP(6) WHERE status = 'failed' AND id = ?";
	struct bind bind = BIND_INT(id != NULL ? *id : 0);
	struct outcome outcome;

	if (database_execute(session->database, id != NULL ? one : all, &bind, id != NULL ? 1 : 0,
		&outcome, &session->error) != 0)
		return -1;
	*count += (int64_t)outcome.affected;
	return 0;
}

static enum command_status retry(struct session *session)
{
	bool all = session_flag(session, "all") != NULL;
	int64_t count = 0, before, id;

	if (all == (session->operand_count > 0))
		return session_fail(session, "Give the numbers of the deliveries, or --all.");
	if (all && put_back(session, NULL, &count) != 0)
		return session_error(session);
	for (unsigned i = 0; i < session->operand_count; i++) {
		before = count;
		if (!str_to_int64(str_from(session->operands[i]), &id))
			return session_fail(session, "\"%s\" is not the number of a delivery.",
			    session->operands[i]);
		if (put_back(session, &id, &count) != 0)
			return session_error(session);
		if (count == before)
			return session_fail(session, "No delivery with the number %s has failed.",
			    session->operands[i]);
	}
	session_note(session, "%lld deliver%s will be tried again.", (long long)count,
	    count == 1 ? "y" : "ies");
	return COMMAND_OK;
}

static const struct command_flag list_flags[] = {
	{ .name = "status",
	    .value = "STATUS",
	    .doc = "Status: Status: Status: Status: Status: Status: failed (the default), queued "
		   "or sent." },
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
