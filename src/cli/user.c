#include <stdlib.h>

#include "api/licensing/licensing.h"
#include "auth/role.h"
#include "base/mail_address.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"
#include "cli/user_sign_in.h"

static const struct print_member created_members[] = {
	{ { "id", "ID", PRINT_UUID }, "id" },
	{ { "userName", "NAME", PRINT_TEXT }, "userName" },
	{ { "email", "E-MAIL", PRINT_TEXT }, "email" },
	{ { "roles", "ROLES", PRINT_LIST }, "roles" },
};

static const struct print_member listed_members[] = {
	{ { "id", "ID", PRINT_UUID }, "id" },
	{ { "userName", "NAME", PRINT_TEXT }, "userName" },
	{ { "email", "E-MAIL", PRINT_TEXT }, "email" },
	{ { "enabled", "ENABLED", PRINT_BOOLEAN }, "enabled" },
	{ { "roles", "ROLES", PRINT_LIST }, "roles" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "createdAt" },
};

static const struct print_member shown_members[] = {
	{ { "id", "ID", PRINT_UUID }, "id" },
	{ { "userName", "NAME", PRINT_TEXT }, "userName" },
	{ { "email", "E-MAIL", PRINT_TEXT }, "email" },
	{ { "enabled", "ENABLED", PRINT_BOOLEAN }, "enabled" },
	{ { "roles", "ROLES", PRINT_LIST }, "roles" },
	{ { "hasPassword", "PASSWORD", PRINT_BOOLEAN }, "hasPassword" },
	{ { "keys", "KEYS", PRINT_INTEGER }, "keyCount" },
	{ { "clients", "CLIENTS", PRINT_INTEGER }, "clientCount" },
	{ { "sessions", "SESSIONS", PRINT_INTEGER }, "sessionCount" },
	{ { "customer", "CUSTOMER", PRINT_TEXT }, "customerCode" },
	{ { "timeZone", "TIME ZONE", PRINT_TEXT }, "timeZone" },
	{ { "lastLogIn", "LAST LOGIN", PRINT_MOMENT }, "lastLogIn" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "createdAt" },
};

static unsigned user_member(const char *name)
{
	return resource_member(&licensing_user_resource, name);
}

/* What the command line says of a user, and how faults call it. */
enum user_input {
	INPUT_NAME,
	INPUT_EMAIL,
	INPUT_TIME_ZONE,
	INPUT_ROLES,
	INPUT_PASSWORD,
	INPUT_NEW_PASSWORD
};

static const struct records_input inputs[] = {
	[INPUT_NAME] = { .member = "userName", .label = "name" },
	[INPUT_EMAIL] = { .member = "email", .label = "--email" },
	[INPUT_TIME_ZONE] = { .member = "timeZone", .label = "--time-zone" },
	[INPUT_ROLES] = { .member = "roles", .label = "--role" },
	[INPUT_PASSWORD] = { .member = "password", .label = "password" },
	[INPUT_NEW_PASSWORD] = { .member = "newPassword", .label = "password" },
};

/* The roles given with --role, which may be identifiers. False after saying what is wrong. */
static bool take_roles(struct session *session, struct row *row)
{
	uint32_t roles = 0;

	for (unsigned i = 0; i < session->given_count; i++) {
		int number;

		if (strcmp(session->given[i].flag->name, "role") != 0)
			continue;
		number = session_find_role(session, session->given[i].value);
		if (number < 0)
			return false;
		roles |= UINT32_C(1) << number;
	}
	row_set_text(row, user_member("roles"), role_names(session->arena, roles));
	return true;
}

/* The customer whose own rows the user sees, by code or number; NULL leaves it as it is. */
static bool take_customer(struct session *session, struct row *row, const char *customer)
{
	struct row *found;

	if (customer == NULL)
		return true;
	if (!records_find(session, &records_customer, customer, 0, &found))
		return false;
	row_set_value(
	    row, user_member("customerId"), &found->values[resource_key(found->resource)]);
	return true;
}

/*
 * Takes a password as that member of a row; the rules of users look at it. Returns 1, 0 when none
 * is given, -1 after saying what is wrong.
 */
static int take_password(struct session *session, struct row *row, const char *name)
{
	char password[QUESTION_ANSWER_MAX];
	int status =
	    question_secret(session, "password-stdin", "Password (empty for none)", true, password);

	if (status == 1)
		row_set_text(row, user_member(name), arena_str(session->arena, str_from(password)));
	explicit_bzero(password, sizeof(password));
	return status;
}

static enum command_status store_user(
    struct session *session, struct row *row, struct record_change *change)
{
	change->sent = row;
	if (records_insert(session, &licensing_user_record, change) == 0)
		return COMMAND_OK;
	if (session->error.code == ERROR_CONFLICT)
		return session_fail(session,
		    "A user \"" STR_FORMAT "\" already exists; choose another name.",
		    STR_ARGUMENTS(row->values[user_member("userName")].text));
	return records_error(session, inputs, COUNT_OF(inputs));
}

static enum command_status tell_created(struct session *session, const struct row *user)
{
	bool powerless = str_equal(user->values[user_member("roles")].text, STR("[]"));
	char id[UUID_TEXT_LENGTH];

	if (session->json)
		return print_record(session, user, created_members, COUNT_OF(created_members));
	uuid_print(&user->values[user_member("id")].uuid, id);
	fprintf(session->out, "%.*s\n", UUID_TEXT_LENGTH, id);
	session_note(session, "User \"" STR_FORMAT "\" was created%s.",
	    STR_ARGUMENTS(user->values[user_member("userName")].text),
	    powerless ? "; it has no permissions until it has a role" : "");
	return COMMAND_OK;
}

/* Callers of old programs send what they like; who types an address is told of a slip. */
static bool check_email(struct session *session, const char *email)
{
	if (email == NULL || mail_address_check_any(str_from(email)) == NULL)
		return true;
	session_fail(session, "\"%s\" is not an e-mail address such as name@example.com.", email);
	return false;
}

static enum command_status create_user(struct session *session)
{
	const char *name = question_text(
	    session, session->operand_count > 0 ? session->operands[0] : NULL, "Name");
	struct records_input given[COUNT_OF(inputs)];
	struct record_change change = { 0 };
	enum command_status status;
	struct row *row;

	if (name == NULL)
		return session_usage(session, "Give the user a name.");
	memcpy(given, inputs, sizeof(given));
	given[INPUT_NAME].text = name;
	given[INPUT_EMAIL].text = session_flag(session, "email");
	given[INPUT_TIME_ZONE].text = session_flag(session, "time-zone");
	if (!records_read(
		session, &licensing_user_record, ROW_READ_INSERT, given, COUNT_OF(given), &row) ||
	    !check_email(session, given[INPUT_EMAIL].text) || !take_roles(session, row) ||
	    !take_customer(session, row, session_flag(session, "customer")) ||
	    take_password(session, row, "password") < 0)
		return COMMAND_FAILED;
	status = store_user(session, row, &change);
	return status == COMMAND_OK ? tell_created(session, change.stored) : status;
}

static enum command_status list_users(struct session *session)
{
	const struct record_set all = { .resource = &licensing_user_resource,
		.order_by = "userName" };

	return print_set(session, &all, listed_members, COUNT_OF(listed_members));
}

static enum command_status show_user(struct session *session)
{
	uint64_t mask =
	    print_mask(session, &licensing_user_resource, shown_members, COUNT_OF(shown_members));
	struct row *user;

	if (!records_find(session, &records_user, session->operands[0], mask, &user))
		return COMMAND_FAILED;
	return print_record(session, user, shown_members, COUNT_OF(shown_members));
}

/* A user that is to be changed. */
struct user_change {
	struct record_change change;
	struct row *row; /* what is changed */
	struct str name;
};

/* Finds the user that the first operand names. False after saying why not. */
static bool begin_change(struct session *session, struct user_change *user)
{
	struct row *found;

	if (!records_find(session, &records_user, session->operands[0],
		FIELD_BIT(user_member("userName")), &found) ||
	    !records_begin_change(session, found, &user->change))
		return false;
	user->name = found->values[user_member("userName")].text;
	user->row = user->change.sent;
	return true;
}

/* Sessions that the former password has opened end by the rules of users. */
static enum command_status change_password(struct session *session)
{
	bool removes = session_flag(session, "remove") != NULL;
	struct user_change user;
	int status = 1;

	if (!begin_change(session, &user))
		return COMMAND_FAILED;
	if (removes)
		row_set_null(user.row, user_member("passwordHash"));
	else
		status = take_password(session, user.row, "newPassword");
	if (status == 0)
		return session_usage(session, "Without a terminal, give --password-stdin, or "
					      "--remove to remove the password.");
	if (status < 0)
		return COMMAND_FAILED;
	if (records_update(session, &licensing_user_record, &user.change) != 0)
		return records_error(session, inputs, COUNT_OF(inputs));
	session_note(session, "User \"" STR_FORMAT "\" has %s; its OAuth sessions have ended.",
	    STR_ARGUMENTS(user.name), removes ? "no password any more" : "a new password");
	return COMMAND_OK;
}

static enum command_status delete_user(struct session *session)
{
	const char *name = session->operands[0];
	struct user_change user;

	if (!begin_change(session, &user))
		return COMMAND_FAILED;
	if (!question_deletion(
		session, "Delete the user with its keys and OAuth sessions permanently?"))
		return COMMAND_USAGE;
	if (records_delete(session, &licensing_user_record, &user.change) == 0) {
		session_note(session, "User \"%s\" was deleted.", name);
		return COMMAND_OK;
	}
	if (session->error.code == ERROR_IN_USE)
		return session_fail(session,
		    "API clients act for \"%s\"; delete them first, see 'clientele client list'.",
		    name);
	return session_error(session);
}

static enum command_status change_role(struct session *session)
{
	const char *name = session->operands[0], *verb = session->operands[1];
	struct licensing_role_change change = { .add = strcmp(verb, "add") == 0 };
	unsigned count;
	const struct role *roles = role_table(&count);
	int number;

	if (!change.add && strcmp(verb, "remove") != 0)
		return session_usage(session, "\"%s\" must be add or remove.", verb);
	number = session_find_role(session, session->operands[2]);
	if (number < 0 || !records_find_id(session, &records_user, name, &change.user))
		return COMMAND_FAILED;
	change.roles = UINT32_C(1) << number;
	if (records_transaction(session, licensing_user_adjust_roles, &change) != 0)
		return session_error(session);
	session_note(session, "User \"%s\" %s role %s.", name,
	    change.add ? "has the" : "no longer has the", roles[number].name);
	return COMMAND_OK;
}

static enum command_status change_customer(struct session *session)
{
	const char *customer = session->operand_count > 1 ? session->operands[1] : NULL;
	struct user_change user;

	if ((customer == NULL) == (session_flag(session, "remove") == NULL))
		return session_usage(session, "Give a customer, or --remove.");
	if (!begin_change(session, &user))
		return COMMAND_FAILED;
	if (customer == NULL)
		row_set_null(user.row, user_member("customerId"));
	if (!take_customer(session, user.row, customer))
		return COMMAND_FAILED;
	if (records_update(session, &licensing_user_record, &user.change) != 0)
		return session_error(session);
	session_note(session, "User \"%s\" %s%s%s.", session->operands[0],
	    customer != NULL ? "acts for customer \"" : "acts for no customer any more",
	    customer != NULL ? customer : "", customer != NULL ? "\"" : "");
	return COMMAND_OK;
}

static enum command_status set_enabled(struct session *session, bool enabled)
{
	struct user_change user;

	if (!begin_change(session, &user))
		return COMMAND_FAILED;
	row_set_boolean(user.row, user_member("enabled"), enabled);
	if (records_update(session, &licensing_user_record, &user.change) != 0)
		return session_error(session);
	session_note(session, "User \"%s\" is %s.", session->operands[0],
	    enabled ? "enabled"
		    : "disabled; its keys are rejected, and its OAuth sessions have ended");
	return COMMAND_OK;
}

static enum command_status enable_user(struct session *session)
{
	return set_enabled(session, true);
}

static enum command_status disable_user(struct session *session)
{
	return set_enabled(session, false);
}

static const struct command_flag create_flags[] = {
	{ .name = "customer",
	    .value = "CUSTOMER",
	    .doc = "Code or number of the customer that the user acts for." },
	{ .name = "email", .value = "ADDRESS", .doc = "E-mail address of the user." },
	{ .name = "password-stdin", .doc = "Read the password from standard input." },
	{ .name = "role", .value = "ROLE", .doc = "Role of the user; may be repeated." },
	{ .name = "time-zone", .value = "ZONE", .doc = "Time zone of the user's local times." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = { COMMAND_FLAG_JSON, { 0 } };

static const struct command_flag customer_flags[] = {
	{ .name = "remove", .doc = "The user acts for no customer any more." },
	{ 0 },
};

static const struct command_flag delete_flags[] = {
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

static const struct command_flag password_flags[] = {
	{ .name = "password-stdin", .doc = "Read the password from standard input." },
	{ .name = "remove", .doc = "Remove the password; the user can then use keys only." },
	{ 0 },
};

const struct command user_commands[] = {
	{ .words = "user create",
	    .arguments = "NAME",
	    .most = 1,
	    .flags = create_flags,
	    .doc = "Create a user and print its identifier.",
	    .run = create_user },
	{ .words = "user customer",
	    .arguments = "NAME [CUSTOMER]",
	    .least = 1,
	    .most = 2,
	    .flags = customer_flags,
	    .doc = "Set the customer that a user acts for, by code or number.",
	    .run = change_customer },
	{ .words = "user delete",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = delete_flags,
	    .doc = "Delete a user with its keys and OAuth sessions.",
	    .run = delete_user },
	{ .words = "user disable",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .doc = "Disable a user; its keys are rejected from now on.",
	    .run = disable_user },
	{ .words = "user enable",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .doc = "Enable a user; its keys are accepted again.",
	    .run = enable_user },
	{ .words = "user end-sessions",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .doc = "End all sessions of a user, in browsers and of OAuth.",
	    .run = user_end_sessions },
	{ .words = "user list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the users with their roles.",
	    .run = list_users },
	{ .words = "user password",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = password_flags,
	    .doc = "Set or remove a user's password, and end its OAuth sessions.",
	    .run = change_password },
	{ .words = "user reset-second-factor",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .doc = "Remove a user's second factor and recovery codes.",
	    .run = user_reset_second_factor },
	{ .words = "user role",
	    .arguments = "NAME add|remove ROLE",
	    .least = 3,
	    .most = 3,
	    .doc = "Add a role to a user, or remove it.",
	    .run = change_role },
	{ .words = "user sessions",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = list_flags,
	    .doc = "List what a user has signed in to: browser and OAuth sessions.",
	    .run = user_list_sessions },
	{ .words = "user show",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = list_flags,
	    .doc = "Show a user.",
	    .run = show_user },
	{ .words = "user sign-in-link",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = user_link_flags,
	    .doc = "Print a link that signs a user in to the console, once.",
	    .run = user_make_link },
	{ 0 },
};
