#include "cli/session.h"

#define CALLS_MAX INT64_C(9007199254740991) /* the greatest that every reader of JSON knows */

static enum command_status reset(struct session *session)
{
	struct outcome outcome;

	if (session->operand_count > 0)
		return session_usage(
		    session, "--reset applies to all domains; omit \"%s\".", session->operands[0]);
	if (database_execute(session->database, "UPDATE hosting_domain SET call_count = 0", NULL, 0,
		&outcome, &session->error) < 0)
		return session_error(session);
	session_note(session, "The calls of %llu domains were reset to 0.",
	    (unsigned long long)outcome.affected);
	return COMMAND_OK;
}

static enum command_status add_calls(struct session *session, const char *domain, int64_t count)
{
	const struct bind parameters[] = { BIND_INT(count), BIND_INT(CALLS_MAX),
		BIND_STR(str_from(domain)) };
	struct outcome outcome;

	/*
	 * The sum stays at its limit, or at the column's where that has stayed narrow (IGNORE): no
	 * report of calls may fail because there were too many.
	 */
	if (database_execute(session->database,
		"UPDATE IGNORE hosting_domain SET call_count = LEAST(call_count + ?, ?) "
		"WHERE id = ?",
		parameters, 3, &outcome, &session->error) < 0)
		return session_error(session);
	if (outcome.affected == 0)
		return session_fail(session,
		    "There is no domain \"%s\"; give its identifier of 7 characters.", domain);
	session_note(session, "%lld calls were added to the domain %s.", (long long)count, domain);
	return COMMAND_OK;
}

static enum command_status calls(struct session *session)
{
	int64_t count;

	if (session_flag(session, "reset") != NULL)
		return reset(session);
	if (session->operand_count < 2)
		return session_usage(session, "Give a domain and a number of calls.");
	if (!str_to_int64(str_from(session->operands[1]), &count) || count < 0 || count > CALLS_MAX)
		return session_usage(session, "\"%s\" is not a number from 0 to %lld.",
		    session->operands[1], (long long)CALLS_MAX);
	return add_calls(session, session->operands[0], count);
}

static const struct command_flag flags[] = {
	{ .name = "reset", .doc = "Reset the counts of all domains to 0, for a new month." },
	{ 0 },
};

const struct command hosting_commands[] = {
	{ .words = "hosting calls",
	    .arguments = "DOMAIN-ID COUNT | --reset",
	    .least = 0,
	    .most = 2,
	    .flags = flags,
	    .doc = "Add widget loads to a hosted domain.",
	    .run = calls },
	{ 0 },
};
