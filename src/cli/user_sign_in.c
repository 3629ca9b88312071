#include "cli/user_sign_in.h"

#include "api/credentials/credentials.h"
#include "api/second_factor.h"
#include "api/sign_in_link.h"
#include "base/url.h"
#include "cli/print.h"
#include "cli/records.h"

#define LINK_MINUTES 10
#define LINK_MINUTES_MOST (24 * 60)
#define LINK_PAGE "/console/#/sign-in?link="

static const struct print_member session_members[] = {
	{ { "id", "ID", PRINT_UUID }, "ID" },
	{ { "grantType", "KIND", PRINT_TEXT }, "GrantType" },
	{ { "client", "CLIENT", PRINT_TEXT }, "ClientName" },
	{ { "address", "ADDRESS", PRINT_TEXT }, "Address" },
	{ { "userAgent", "BROWSER", PRINT_TEXT }, "UserAgent" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "CreatedAt" },
	{ { "lastUsedAt", "LAST USED", PRINT_MOMENT }, "LastUsedAt" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "ExpiresAt" },
};

/* The sessions of the user that the first operand names. NULL after saying why there are none. */
static struct row *name_sessions(struct session *session)
{
	const struct resource *resource = &credentials_session_resource;
	struct uuid user;
	struct row *keys;

	if (!records_find_id(session, &records_user, session->operands[0], &user))
		return NULL;
	keys = row_new(session->arena, resource);
	if (keys == NULL) {
		(void)error_out_of_memory(&session->error);
		(void)session_error(session);
		return NULL;
	}
	row_set_uuid(keys, resource_member(resource, "UserID"), user);
	return keys;
}

enum command_status user_list_sessions(struct session *session)
{
	struct row *keys = name_sessions(session);

	if (keys == NULL)
		return COMMAND_FAILED;
	return print_set(session, &(struct record_set){ .resource = keys->resource, .keys = keys },
	    session_members, COUNT_OF(session_members));
}

/* Sessions that are to be ended, and how many they were. */
struct ending {
	struct row *keys;
	int64_t count;
};

static int end_sessions(struct context *context, void *data, struct error *error)
{
	struct ending *ending = data;
	const struct resource *resource = ending->keys->resource;

	if (record_delete_all(context,
		&(struct record_set){ .resource = resource, .keys = ending->keys }, &ending->count,
		error) != 0)
		return -1;
	return record_revoke(context,
	    MARK(MARK_USER, ending->keys->values[resource_member(resource, "UserID")].uuid), error);
}

enum command_status user_end_sessions(struct session *session)
{
	struct ending ending = { .keys = name_sessions(session) };

	if (ending.keys == NULL)
		return COMMAND_FAILED;
	if (records_transaction(session, end_sessions, &ending) != 0)
		return session_error(session);
	session_note(session, "%lld session%s of user \"%s\" ended.", (long long)ending.count,
	    ending.count == 1 ? "" : "s", session->operands[0]);
	return COMMAND_OK;
}

const struct command_flag user_link_flags[3] = {
	{ .name = "address",
	    .value = "URL",
	    .doc = "Address of the service, such as https://registry.example.org; by default the "
		   "option public_url." },
	{ .name = "minutes",
	    .value = "NUMBER",
	    .doc = "How long the link is valid; by default 10 minutes." },
	{ 0 },
};

/* Where the console is. NULL after saying that nobody has told. */
static const char *find_address(struct session *session)
{
	const char *address = session_flag(session, "address");

	if (address == NULL)
		address = session->settings->public_url;
	if (url_base_is_good(str_from(address)))
		return address;
	session_fail(session,
	    address[0] == '\0'
		? "Give the address of the service with --address, or set the option public_url."
		: "\"%s\" is not an address such as https://registry.example.org.",
	    address);
	return NULL;
}

enum command_status user_make_link(struct session *session)
{
	const char *address = find_address(session);
	struct sign_in_link link = { 0 };
	enum command_status status = COMMAND_OK;
	int64_t minutes;

	if (address == NULL ||
	    !session_take_number(session, "minutes", 1, LINK_MINUTES, &minutes) ||
	    !records_find_id(session, &records_user, session->operands[0], &link.user))
		return COMMAND_FAILED;
	if (minutes > LINK_MINUTES_MOST)
		return session_fail(session, "--minutes must be at most %d.", LINK_MINUTES_MOST);
	link.expires = timestamp_now() + minutes * 60 * MICROSECONDS_PER_SECOND;
	if (records_transaction(session, sign_in_link_make, &link) != 0)
		status = session_error(session);
	else
		fprintf(session->out, "%s" LINK_PAGE "%s\n", address, link.token);
	explicit_bzero(link.token, sizeof(link.token));
	return status;
}

static int remove_factor(struct context *context, void *data, struct error *error)
{
	return second_factor_remove(context, data, error);
}

enum command_status user_reset_second_factor(struct session *session)
{
	struct uuid user;

	if (!records_find_id(session, &records_user, session->operands[0], &user))
		return COMMAND_FAILED;
	if (records_transaction(session, remove_factor, &user) != 0)
		return session->error.code == ERROR_NOT_FOUND
			   ? session_fail(
				 session, "User \"%s\" has no second factor.", session->operands[0])
			   : session_error(session);
	session_note(session, "User \"%s\" has no second factor any more.", session->operands[0]);
	return COMMAND_OK;
}
