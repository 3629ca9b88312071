/*
 * API clients: programs that trade an identifier and a secret for tokens.
 */
#include <stdlib.h>

#include "api/credentials/credentials.h"
#include "cli/client_secret.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"

static const struct print_member created_members[] = {
	{ { "id", "ID", PRINT_UUID }, "ID" },
	{ { "secret", "SECRET", PRINT_TEXT }, "Secret" },
	{ { "name", "NAME", PRINT_TEXT }, "Name" },
	{ { "user", "USER", PRINT_TEXT }, "UserName" },
};

static const struct print_member members[] = {
	{ { "id", "ID", PRINT_UUID }, "ID" },
	{ { "name", "NAME", PRINT_TEXT }, "Name" },
	{ { "user", "USER", PRINT_TEXT }, "UserName" },
	{ { "enabled", "ENABLED", PRINT_BOOLEAN }, "Enabled" },
	{ { "scope", "SCOPE", PRINT_TEXT }, "Scope" },
	{ { "secrets", "SECRETS", PRINT_NUMBERS }, "ValidNumbers" },
	{ { "sessions", "SESSIONS", PRINT_INTEGER }, "SessionCount" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "ExpiresAt" },
	{ { "lastUsedAt", "LAST USED", PRINT_MOMENT }, "LastUsedAt" },
	{ { "useCount", "USES", PRINT_INTEGER }, "UseCount" },
	{ { "registered", "REGISTERED", PRINT_BOOLEAN }, "Registered" },
	{ { "registrationExpiresAt", "REGISTRATION EXPIRES", PRINT_MOMENT },
	    "RegistrationExpiresAt" },
	{ { "registrationUsedAt", "REGISTRATION USED", PRINT_MOMENT }, "RegistrationUsedAt" },
	{ { "registrationUseCount", "REGISTRATION USES", PRINT_INTEGER }, "RegistrationUseCount" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "CreatedAt" },
};

/* What the command line says of a client, and how faults call it. */
enum client_input { INPUT_NAME, INPUT_SCOPE, INPUT_SECRET, CLIENT_INPUTS };

static const struct records_input client_inputs[] = {
	[INPUT_NAME] = { .member = "Name", .label = "name" },
	[INPUT_SCOPE] = { .member = "Scope", .label = "--scope" },
	[INPUT_SECRET] = { .member = "Secret", .label = "secret", .secret = true },
};

static unsigned client_member(const char *name)
{
	return resource_member(&credentials_client_resource, name);
}

/* The row of a new client that acts for that user. False after saying what is wrong. */
static bool read_new_client(
    struct session *session, const char *name, const char *user, struct row **row)
{
	struct records_input given[COUNT_OF(client_inputs)];
	struct uuid owner;
	const char *secret;

	memcpy(given, client_inputs, sizeof(given));
	given[INPUT_NAME].text = name;
	given[INPUT_SCOPE].text = session_flag(session, "scope");
	if (!records_find_id(session, &records_user, user, &owner) ||
	    !client_secret_take(session, &secret))
		return false;
	given[INPUT_SECRET].text = secret;
	if (!records_read(session, &credentials_client_record, ROW_READ_INSERT, given,
		secret != NULL ? CLIENT_INPUTS : INPUT_SECRET, row) ||
	    !records_take_expiry(session, *row, "ExpiresAt"))
		return false;
	row_set_uuid(*row, client_member("UserID"), owner);
	return true;
}

static enum command_status create_client(struct session *session)
{
	const char *name = question_text(
	    session, session->operand_count > 0 ? session->operands[0] : NULL, "Name");
	const char *user = question_text(session, session_flag(session, "user"), "User");
	struct record_change change = { 0 };

	if (name == NULL || user == NULL)
		return session_usage(session, "Give the API client a name, and --user USER.");
	if (!read_new_client(session, name, user, &change.sent))
		return COMMAND_FAILED;
	if (records_insert(session, &credentials_client_record, &change) == 0) {
		row_set_text(change.stored, client_member("UserName"), str_from(user));
		return client_secret_show(session, change.stored->values[client_member("ID")].uuid,
		    change.stored, client_member("Secret"), created_members,
		    COUNT_OF(created_members));
	}
	if (session->error.code == ERROR_CONFLICT)
		return session_fail(
		    session, "An API client \"%s\" already exists; choose another name.", name);
	return records_error(session, client_inputs, COUNT_OF(client_inputs));
}

static enum command_status list_clients(struct session *session)
{
	const struct record_set all = { .resource = &credentials_client_resource };

	return print_set(session, &all, members, COUNT_OF(members));
}

static enum command_status show_client(struct session *session)
{
	uint64_t mask =
	    print_mask(session, &credentials_client_resource, members, COUNT_OF(members));
	struct row *client;

	if (!records_find(session, &records_client, session->operands[0], mask, &client))
		return COMMAND_FAILED;
	return print_record(session, client, members, COUNT_OF(members));
}

static enum command_status tell_client_done(struct session *session, int result, const char *done)
{
	if (result != 0)
		return session_error(session);
	session_note(session, "API client \"%s\" %s.", session->operands[0], done);
	return COMMAND_OK;
}

/* Finds the client that the first operand names, to change it. False after saying why not. */
static bool begin_change(struct session *session, struct record_change *change)
{
	struct row *client;

	return records_find(session, &records_client, session->operands[0], 0, &client) &&
	       records_begin_change(session, client, change);
}

static enum command_status set_enabled(struct session *session, bool enabled, const char *done)
{
	struct record_change change;

	if (!begin_change(session, &change))
		return COMMAND_FAILED;
	row_set_boolean(change.sent, client_member("Enabled"), enabled);
	return tell_client_done(
	    session, records_update(session, &credentials_client_record, &change), done);
}

static enum command_status enable_client(struct session *session)
{
	return set_enabled(session, true, "is enabled");
}

static enum command_status disable_client(struct session *session)
{
	return set_enabled(session, false, "is disabled, and its OAuth sessions have ended");
}

static enum command_status delete_client(struct session *session)
{
	struct record_change change;

	if (!question_deletion(session, "Delete the API client permanently?"))
		return COMMAND_USAGE;
	if (!begin_change(session, &change))
		return COMMAND_FAILED;
	return tell_client_done(
	    session, records_delete(session, &credentials_client_record, &change), "is deleted");
}

static const struct command_flag create_flags[] = {
	{ .name = "user", .value = "USER", .doc = "User that the API client acts for; required." },
	{ .name = "scope",
	    .value = "WORDS",
	    .doc =
		"Upper bound for its tokens: names of roles, and read, update, delete, create." },
	{ .name = "expires",
	    .value = "DATE",
	    .doc = "When the API client expires; default: never." },
	{ .name = "secret-stdin",
	    .doc = "Read the secret from standard input instead of creating one." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag rotate_flags[] = {
	{ .name = "grace",
	    .value = "SECONDS",
	    .doc = "Seconds for which the previous secret stays valid; default: the option "
		   "client_secret_grace." },
	{ .name = "secret-stdin",
	    .doc = "Read the secret from standard input instead of creating one." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag revoke_flags[] = {
	{ .name = "secret",
	    .value = "NUMBER",
	    .doc = "Revoke only this secret, with its OAuth sessions." },
	{ .name = "registration",
	    .doc = "Revoke only the token with which the API client manages its registration (RFC "
		   "7592)." },
	{ 0 },
};

static const struct command_flag list_flags[] = { COMMAND_FLAG_JSON, { 0 } };

static const struct command_flag delete_flags[] = {
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

#define ONE_CLIENT .arguments = "CLIENT", .least = 1, .most = 1

const struct command client_commands[] = {
	{ .words = "client create",
	    .arguments = "NAME --user USER",
	    .most = 1,
	    .flags = create_flags,
	    .doc = "Create an API client and print its secret; it is shown only once.",
	    .run = create_client },
	{ .words = "client delete",
	    ONE_CLIENT,
	    .flags = delete_flags,
	    .doc = "Delete an API client with its OAuth sessions.",
	    .run = delete_client },
	{ .words = "client disable",
	    ONE_CLIENT,
	    .doc = "Disable an API client and end its OAuth sessions.",
	    .run = disable_client },
	{ .words = "client enable",
	    ONE_CLIENT,
	    .doc = "Enable an API client.",
	    .run = enable_client },
	{ .words = "client list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the API clients.",
	    .run = list_clients },
	{ .words = "client revoke",
	    ONE_CLIENT,
	    .flags = revoke_flags,
	    .doc = "Revoke the secrets of an API client and end its OAuth sessions.",
	    .run = client_secret_revoke },
	{ .words = "client rotate",
	    ONE_CLIENT,
	    .flags = rotate_flags,
	    .doc = "Add a second secret to an API client and print it; it is shown only once.",
	    .run = client_secret_rotate },
	{ .words = "client secrets",
	    ONE_CLIENT,
	    .flags = list_flags,
	    .doc = "List the secrets of an API client by number.",
	    .run = client_secret_list },
	{ .words = "client show",
	    ONE_CLIENT,
	    .flags = list_flags,
	    .doc = "Show an API client.",
	    .run = show_client },
	{ 0 },
};
