#include "api/hosting/hosting.h"
#include "cli/records.h"

static enum command_status reset(struct session *session)
{
	int64_t domains;

	if (session->operand_count > 0)
		return session_usage(
		    session, "--reset applies to all domains; omit \"%s\".", session->operands[0]);
	if (records_transaction(session, hosting_reset_calls, &domains) != 0)
		return session_error(session);
	session_note(session, "The calls of %lld domains were reset to 0.", (long long)domains);
	return COMMAND_OK;
}

static enum command_status add_calls(struct session *session, struct hosting_calls *calls)
{
	if (records_transaction(session, hosting_add_calls, calls) == 0) {
		session_note(session, "%lld calls were added to the domain " STR_FORMAT ".",
		    (long long)calls->count, STR_ARGUMENTS(calls->domain));
		return COMMAND_OK;
	}
	if (session->error.code != ERROR_NOT_FOUND)
		return session_error(session);
	return session_fail(session,
	    "There is no domain \"" STR_FORMAT "\"; give its identifier of %d characters.",
	    STR_ARGUMENTS(calls->domain), HOSTING_ID_LENGTH);
}

static enum command_status calls(struct session *session)
{
	const struct resource *domain = &hosting_domain_resource;
	const struct field *count = &domain->fields[resource_member(domain, HOSTING_CALL_COUNT)];
	struct hosting_calls calls;

	if (session_flag(session, "reset") != NULL)
		return reset(session);
	if (session->operand_count < 2)
		return session_usage(session, "Give a domain and a number of calls.");
	calls.domain = str_from(session->operands[0]);
	if (!str_to_int64(str_from(session->operands[1]), &calls.count) ||
	    calls.count < count->least || calls.count > count->most)
		return session_usage(session, "\"%s\" is not a number from %lld to %lld.",
		    session->operands[1], (long long)count->least, (long long)count->most);
	return add_calls(session, &calls);
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
