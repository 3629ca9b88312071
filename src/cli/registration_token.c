/*
 * Tokens that let API clients register themselves (RFC 7591).
 */
#include "cli/registration_token.h"

#include "api/credentials/credentials.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"

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

static unsigned initial_member(const char *name)
{
	return resource_member(&credentials_registration_token_resource, name);
}

/* Finds the token whose number is given. False after saying why not. */
static bool find_initial(struct session *session, uint64_t mask, struct row **row)
{
	int64_t number;

	if (session->operand_count > 0 && str_to_int64(str_from(session->operands[0]), &number))
		return records_find(session, &initial_token, session->operands[0], mask, row);
	session_fail(session, "Give the number of a registration token; 'clientele token list "
			      "--registration' shows them.");
	return false;
}

enum command_status registration_token_revoke(struct session *session)
{
	struct record_change change;
	struct row *token;

	if (!find_initial(session, 0, &token))
		return COMMAND_FAILED;
	if (!records_begin_change(session, token, &change))
		return COMMAND_FAILED;
	if (records_delete(session, &credentials_registration_token_record, &change) != 0)
		return session_error(session);
	session_note(session,
	    "Registration token %s is revoked; no API client can register with it.",
	    session->operands[0]);
	return COMMAND_OK;
}

enum command_status registration_token_list(struct session *session)
{
	const struct record_set all = { .resource = &credentials_registration_token_resource };

	return print_set(session, &all, initial_members, COUNT_OF(initial_members));
}

enum command_status registration_token_show(struct session *session)
{
	uint64_t mask = print_mask(session, &credentials_registration_token_resource,
	    initial_members, COUNT_OF(initial_members));
	struct row *token;

	if (!find_initial(session, mask, &token))
		return COMMAND_FAILED;
	return print_record(session, token, initial_members, COUNT_OF(initial_members));
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

enum command_status registration_token_create(struct session *session)
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
