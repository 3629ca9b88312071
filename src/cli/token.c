/*
 * Tokens: open sessions, and tokens that let clients register themselves.
 */
#include <stdlib.h>

#include "api/credentials/credentials.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"

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

static const struct print_member created_members[] = {
	{ { "id", "ID", PRINT_INTEGER }, "ID" },
	{ { "token", "TOKEN", PRINT_TEXT }, "Token" },
	{ { "user", "USER", PRINT_TEXT }, "UserName" },
	{ { "uses", "USES", PRINT_INTEGER }, "UsesLeft" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "ExpiresAt" },
};

/* Of tokens that let clients register. */
static const struct print_member initial_members[] = {
	{ { "id", "ID", PRINT_INTEGER }, "ID" },
	{ { "name", "NAME", PRINT_TEXT }, "Name" },
	{ { "user", "USER", PRINT_TEXT }, "UserName" },
	{ { "scope", "SCOPE", PRINT_TEXT }, "Scope" },
	{ { "usesLeft", "USES LEFT", PRINT_INTEGER }, "UsesLeft" },
	{ { "useCount", "USES", PRINT_INTEGER }, "UseCount" },
	{ { "lastUsedAt", "LAST USED", PRINT_MOMENT }, "LastUsedAt" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "CreatedAt" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "ExpiresAt" },
	{ { "clientsExpireAt", "CLIENTS EXPIRE", PRINT_MOMENT }, "ClientsExpireAt" },
};

static const struct records_kind open_session = {
	.resource = &credentials_session_resource,
	.what = "OAuth session",
	.list = "token list",
};

static const struct records_kind initial_token = {
	.resource = &credentials_registration_token_resource,
	.what = "registration token",
	.list = "token list --registration",
};

/* What the command line says of a token, and how faults call it. */
enum token_input { INPUT_NAME, INPUT_SCOPE, INPUT_USES };

static const struct records_input inputs[] = {
	[INPUT_NAME] = { .member = "Name", .label = "--name" },
	[INPUT_SCOPE] = { .member = "Scope", .label = "--scope" },
	[INPUT_USES] = { .member = "UsesLeft", .label = "--uses" },
};

static unsigned member(const char *name)
{
	return (unsigned)resource_field(&credentials_session_resource, name);
}

static unsigned initial_member(const char *name)
{
	return (unsigned)resource_field(&credentials_registration_token_resource, name);
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
		row_set_uuid(keys, member("UserID"), id);
		choice->mark = MARK(MARK_USER, id);
	} else if (client != NULL) {
		if (!records_find_id(session, &records_client, client, &id))
			return false;
		row_set_uuid(keys, member("ClientID"), id);
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

/* The same of a token for registration. */
static bool find_initial(struct session *session, uint64_t mask, struct row **row)
{
	int64_t number;

	if (session->operand_count > 0 && str_to_int64(str_from(session->operands[0]), &number))
		return records_find(session, &initial_token, session->operands[0], mask, row);
	session_fail(session, "Give the number of a registration token; 'clientele token list "
			      "--registration' shows them.");
	return false;
}

static enum command_status revoke_initial(struct session *session)
{
	struct record_change change = { 0 };
	struct row *token;

	if (!find_initial(session, 0, &token))
		return COMMAND_FAILED;
	change.keys = records_key(session, token);
	if (change.keys == NULL)
		return COMMAND_FAILED;
	if (records_delete(session, &credentials_registration_token_record, &change) != 0)
		return session_error(session);
	session_note(session,
	    "Registration token %s is revoked; no API client can register with it.",
	    session->operands[0]);
	return COMMAND_OK;
}

static enum command_status list_tokens(struct session *session)
{
	const struct record_set initial = { .resource = &credentials_registration_token_resource };
	struct choice choice;

	if (session_flag(session, "registration") != NULL)
		return print_set(session, &initial, initial_members, COUNT_OF(initial_members));
	if (!choose(session, &choice))
		return COMMAND_FAILED;
	return print_set(session, &choice.set, members, COUNT_OF(members));
}

static enum command_status show_initial(struct session *session)
{
	uint64_t mask = print_mask(session, &credentials_registration_token_resource,
	    initial_members, COUNT_OF(initial_members));
	struct row *token;

	if (!find_initial(session, mask, &token))
		return COMMAND_FAILED;
	return print_record(session, token, initial_members, COUNT_OF(initial_members));
}

static enum command_status show_token(struct session *session)
{
	uint64_t mask =
	    print_mask(session, &credentials_session_resource, members, COUNT_OF(members));
	struct row *found;

	if (session_flag(session, "registration") != NULL)
		return show_initial(session);
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
	struct record_change change = { 0 };
	struct row *found;

	if (!find_session(session, 0, &found))
		return COMMAND_FAILED;
	change.keys = records_key(session, found);
	if (change.keys == NULL)
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
		return revoke_initial(session);
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

/* The row of a new token of that user. False after saying what is wrong. */
static bool read_initial(struct session *session, const char *user, struct row **row)
{
	struct records_input given[COUNT_OF(inputs)];
	struct uuid owner;
	int64_t uses;

	memcpy(given, inputs, sizeof(given));
	given[INPUT_NAME].text = session_flag(session, "name");
	given[INPUT_SCOPE].text = session_flag(session, "scope");
	given[INPUT_USES].text = session_flag(session, "uses");
	/* One that nobody can register with is of no use. */
	if (!session_take_number(session, "uses", 1, 0, &uses) ||
	    !records_read(session, &credentials_registration_token_record, ROW_READ_INSERT, given,
		COUNT_OF(given), row) ||
	    !records_take_expiry(session, *row, "ExpiresAt") ||
	    !records_find_id(session, &records_user, user, &owner))
		return false;
	row_set_uuid(*row, initial_member("UserID"), owner);
	return true;
}

static enum command_status show_new_token(
    struct session *session, struct row *token, const char *user)
{
	row_set_text(token, initial_member("UserName"), str_from(user));
	if (session->json)
		return print_record(session, token, created_members, COUNT_OF(created_members));
	fprintf(session->out, STR_FORMAT "\n",
	    STR_ARGUMENTS(token->values[initial_member("Token")].text));
	session_note(session,
	    "Anyone with this token can register API clients that act for \"%s\"; it is shown "
	    "only once.%s",
	    user,
	    session->settings->oauth_registration == OAUTH_REGISTRATION_OFF
		? " The option oauth_registration is off; switch it on."
		: "");
	return COMMAND_OK;
}

static enum command_status create_token(struct session *session)
{
	const char *user = question_text(session, session_flag(session, "user"), "User");
	struct record_change change = { 0 };

	if (session_flag(session, "registration") == NULL)
		return session_usage(
		    session, "Give --registration, the only kind of token that can be created.");
	if (user == NULL)
		return session_usage(
		    session, "Give --user USER, the user that new API clients act for.");
	if (!read_initial(session, user, &change.sent))
		return COMMAND_FAILED;
	if (records_insert(session, &credentials_registration_token_record, &change) != 0)
		return records_error(session, inputs, COUNT_OF(inputs));
	return show_new_token(session, change.stored, user);
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
	    .run = create_token },
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
