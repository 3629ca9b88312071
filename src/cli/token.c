/*
 * Tokens: open sessions. Those that let clients register themselves are in registration_token.c.
 */
#include "api/credentials/credentials.h"
#include "cli/print.h"
#include "cli/records.h"
#include "cli/registration_token.h"

static const struct print_member members[] = {
	{ { "id", "ID", PRINT_UUID }, "ID" },
	{ { "user", "USER", PRINT_TEXT }, "UserName" },
	{ { "client", "CLIENT", PRINT_TEXT }, "ClientName" },
	{ { "grant", "GRANT", PRINT_TEXT }, "GrantType" },
	{ { "scope", "SCOPE", PRINT_TEXT }, "Scope" },
	{ { "address", "ADDRESS", PRINT_TEXT }, "Address" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "CreatedAt" },
	{ { "lastUsedAt", "LAST USED", PRINT_MOMENT }, "LastUsedAt" },
	{ { "useCount", "USES", PRINT_INTEGER }, "UseCount" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "ExpiresAt" },
};

static const struct records_kind open_session = {
	.resource = &credentials_session_resource,
	.what = "OAuth session",
	.list = "token list",
};

static unsigned session_member(const char *name)
{
	return resource_member(&credentials_session_resource, name);
}

/* The sessions that --user or --client choose, or all. */
struct choice {
	struct record_set set;
	struct sql all;
	struct mark mark; /* what to revoke for them */
	int64_t count;    /* how many have ended */
};

/* False after saying why not. */
static bool choose(struct session *session, struct choice *choice)
{
	const char *user = session_flag(session, "user"), *client = session_flag(session, "client");
	struct row *keys = row_new(session->arena, &credentials_session_resource);
	struct uuid id;

	*choice = (struct choice){
		.set = { .resource = &credentials_session_resource,
		    .keys = keys,
		    .order_by = "CreatedAt" },
	};
	if (keys == NULL) {
		session_fail(session, "Out of memory.");
		return false;
	}
	if (user != NULL) {
		if (!records_find_id(session, &records_user, user, &id))
			return false;
		row_set_uuid(keys, session_member("UserID"), id);
		choice->mark = MARK(MARK_USER, id);
	} else if (client != NULL) {
		if (!records_find_id(session, &records_client, client, &id))
			return false;
		row_set_uuid(keys, session_member("ClientID"), id);
		choice->mark = MARK(MARK_CLIENT, id);
	} else {
		sql_init(&choice->all, session->arena);
		sql_where(&choice->all, "TRUE");
		choice->set.where = &choice->all;
	}
	return true;
}

/* Finds the session that the operand names. False after saying why not. */
static bool find_session(struct session *session, uint64_t mask, struct row **row)
{
	struct uuid id;

	if (uuid_parse(str_from(session->operands[0]), &id))
		return records_find(session, &open_session, session->operands[0], mask, row);
	session_fail(session, "\"%s\" is not an OAuth session; 'clientele token list' shows them.",
	    session->operands[0]);
	return false;
}

static enum command_status list_tokens(struct session *session)
{
	struct choice choice;

	if (session_flag(session, "registration") != NULL)
		return registration_token_list(session);
	if (!choose(session, &choice))
		return COMMAND_FAILED;
	return print_set(session, &choice.set, members, COUNT_OF(members));
}

static enum command_status show_token(struct session *session)
{
	uint64_t mask =
	    print_mask(session, &credentials_session_resource, members, COUNT_OF(members));
	struct row *found;

	if (session_flag(session, "registration") != NULL)
		return registration_token_show(session);
	if (!find_session(session, mask, &found))
		return COMMAND_FAILED;
	return print_record(session, found, members, COUNT_OF(members));
}

static enum command_status tell_ended(struct session *session, int result, int64_t count)
{
	if (result != 0)
		return session_error(session);
	session_note(session, "%lld OAuth sessions have ended.", (long long)count);
	return COMMAND_OK;
}

static enum command_status revoke_session(struct session *session)
{
	struct record_change change;
	struct row *found;

	if (!find_session(session, 0, &found))
		return COMMAND_FAILED;
	if (!records_begin_change(session, found, &change))
		return COMMAND_FAILED;
	return tell_ended(
	    session, records_delete(session, &credentials_session_record, &change), 1);
}

/* The mark is of all of them at once. */
static int end_sessions(struct context *context, void *data, struct error *error)
{
	struct choice *choice = data;

	if (record_delete_all(context, &choice->set, &choice->count, error) != 0)
		return -1;
	return record_revoke(context, choice->mark, error);
}

static enum command_status revoke_token(struct session *session)
{
	struct choice choice;
	int result;

	if (session_flag(session, "registration") != NULL)
		return registration_token_revoke(session);
	if (session->operand_count > 0)
		return revoke_session(session);
	if (!choose(session, &choice))
		return COMMAND_FAILED;
	if (choice.mark.kind == MARK_ALL && session_flag(session, "all") == NULL)
		return session_usage(
		    session, "Give an OAuth session, --user USER, --client CLIENT, or --all.");
	result = records_transaction(session, end_sessions, &choice);
	return tell_ended(session, result, choice.count);
}

static const struct command_flag create_flags[] = {
	{ .name = "registration", .doc = "Let API clients register with it (RFC 7591)." },
	{ .name = "user", .value = "USER", .doc = "User that the API clients act for; required." },
	{ .name = "uses",
	    .value = "NUMBER",
	    .doc = "Maximum number of API clients that may register with it; default: unlimited." },
	{ .name = "expires", .value = "DATE", .doc = "When the token expires; default: never." },
	{ .name = "name", .value = "NAME", .doc = "Name of the token, shown in lists." },
	{ .name = "scope",
	    .value = "WORDS",
	    .doc = "Upper bound for the API clients: names of roles, and read, update, delete, "
		   "create." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = {
	{ .name = "registration", .doc = "List the registration tokens instead." },
	{ .name = "user", .value = "USER", .doc = "Only the OAuth sessions of this user." },
	{ .name = "client",
	    .value = "CLIENT",
	    .doc = "Only the OAuth sessions of this API client." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag show_flags[] = {
	{ .name = "registration", .doc = "A registration token, by its number." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag revoke_flags[] = {
	{ .name = "registration", .doc = "A registration token, by its number." },
	{ .name = "user", .value = "USER", .doc = "All OAuth sessions of this user." },
	{ .name = "client", .value = "CLIENT", .doc = "All OAuth sessions of this API client." },
	{ .name = "all", .doc = "All OAuth sessions." },
	{ 0 },
};

const struct command token_commands[] = {
	{ .words = "token create",
	    .arguments = "--registration --user USER",
	    .flags = create_flags,
	    .doc = "Create a token that lets API clients register, and print it; it is shown only "
		   "once.",
	    .run = registration_token_create },
	{ .words = "token list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the open OAuth sessions, or the registration tokens.",
	    .run = list_tokens },
	{ .words = "token revoke",
	    .arguments = "[SESSION | --registration ID]",
	    .most = 1,
	    .flags = revoke_flags,
	    .doc = "End OAuth sessions with all their tokens, or revoke a registration token.",
	    .run = revoke_token },
	{ .words = "token show",
	    .arguments = "SESSION | --registration ID",
	    .least = 1,
	    .most = 1,
	    .flags = show_flags,
	    .doc = "Show one OAuth session or registration token.",
	    .run = show_token },
	{ 0 },
};
