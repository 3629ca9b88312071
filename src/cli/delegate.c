/*
 * Delegates of delegate groups, and users who are them.
 */
#include "api/delegates/delegates.h"
#include "api/licensing/licensing.h"
#include "auth/role.h"
#include "base/mail_address.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"
#include "record/rows.h"

static const struct print_member members[] = {
	{ { "id", "ID", PRINT_INTEGER }, "id" },
	{ { "group", "GROUP", PRINT_TEXT }, "groupName" },
	{ { "firstName", "FIRST NAME", PRINT_TEXT }, "firstName" },
	{ { "lastName", "LAST NAME", PRINT_TEXT }, "lastName" },
	{ { "email", "E-MAIL", PRINT_TEXT }, "email" },
	{ { "user", "USER", PRINT_TEXT }, "user" },
	{ { "canManageClients", "CLIENTS", PRINT_BOOLEAN }, "canManageClients" },
	{ { "canManageDelegates", "DELEGATES", PRINT_BOOLEAN }, "canManageDelegates" },
};

static const struct records_kind delegates = {
	.resource = &delegate_resource, .what = "delegate", .list = "delegate list"
};

/* What the command line says of a delegate, and how faults call it. */
static const struct records_input delegate_inputs[] = {
	{ .member = "firstName", .label = "--first-name" },
	{ .member = "lastName", .label = "--last-name" },
	{ .member = "email", .label = "--email" },
	{ .member = "phone", .label = "--phone" },
	{ .member = "role", .label = "--position" },
};

/* The same of the user who is invited. */
static const struct records_input user_inputs[] = {
	{ .member = "userName", .label = "--email" },
	{ .member = "email", .label = "--email" },
	{ .member = "firstName", .label = "--first-name" },
	{ .member = "lastName", .label = "--last-name" },
};

/* Flags that become members which are true. */
static const struct {
	const char *flag;
	unsigned member;
} rights[] = {
	{ "manage-clients", DELEGATE_CAN_MANAGE_CLIENTS },
	{ "manage-delegates", DELEGATE_CAN_MANAGE_DELEGATES },
};

/* Groups may share a name, but then it names none of them. False after saying why not. */
static bool find_group(struct session *session, const char *text, int64_t *group)
{
	const struct resource *resource = &delegate_group_resource;
	unsigned key = resource_key(resource);
	struct context *context = session_context(session);
	struct row_list found;
	struct sql where;
	int64_t number;

	if (context == NULL)
		return session_error(session) == COMMAND_OK;
	sql_init(&where, session->arena);
	sql_where_undeleted(&where, resource);
	if (!str_to_int64(str_from(text), &number))
		number = 0;
	sql_where(&where, "(t.id = ? OR t.name = ?)");
	sql_bind(&where, BIND_INT(number));
	sql_bind(&where, BIND_STR(str_from(text)));
	if (record_fetch_all(context,
		&(struct record_set){ .resource = resource, .where = &where, .most = 2 },
		FIELD_BIT(key), &found, &session->error) != 0)
		return session_error(session) == COMMAND_OK;
	if (found.count == 0)
		session_fail(session,
		    "There is no delegate group \"%s\"; see 'clientele export "
		    "/api/delegategroups'.",
		    text);
	else if (found.count > 1)
		session_fail(
		    session, "Several delegate groups are called \"%s\"; give the number.", text);
	else
		*group = found.rows[0]->values[key].integer;
	return found.count == 1;
}

/* --- add --- */

/* A delegate on its way in, and the user who is it. */
struct addition {
	struct record_change delegate;
	struct record_change user; /* who is invited; sent == NULL = nobody */
	struct licensing_role_change role;
};

static void read_flags(struct session *session, const struct records_input *inputs, unsigned count,
    struct records_input *given)
{
	memcpy(given, inputs, count * sizeof(given[0]));
	for (unsigned i = 0; i < count; i++)
		given[i].text = session_flag(session, inputs[i].label + strlen("--"));
}

static bool read_delegate(struct session *session, int64_t group, struct row **row)
{
	struct records_input given[COUNT_OF(delegate_inputs)];

	read_flags(session, delegate_inputs, COUNT_OF(given), given);
	if (!records_read(session, &delegate_record, ROW_READ_INSERT, given, COUNT_OF(given), row))
		return false;
	row_set_integer(*row, DELEGATE_GROUP_ID, group);
	for (unsigned i = 0; i < COUNT_OF(rights); i++) {
		if (session_flag(session, rights[i].flag) != NULL)
			row_set_boolean(*row, rights[i].member, true);
	}
	return true;
}

/* The user whom --invite makes, called as the e-mail address is. */
static bool read_invited(struct session *session, struct row **row)
{
	struct records_input given[COUNT_OF(user_inputs)];

	read_flags(session, user_inputs, COUNT_OF(given), given);
	if (!records_read(
		session, &licensing_user_record, ROW_READ_INSERT, given, COUNT_OF(given), row))
		return false;
	row_set_text(*row, resource_member(&licensing_user_resource, "roles"),
	    role_names(session->arena, UINT32_C(1) << role_find(STR("Delegate"))));
	return true;
}

/* Who the delegate is: a user that there is, a new one, or nobody. False after saying why not. */
static bool read_user(struct session *session, struct addition *addition)
{
	const char *user = session_flag(session, "user");

	if (session_flag(session, "invite") != NULL)
		return read_invited(session, &addition->user.sent);
	return user == NULL || records_find_id(session, &records_user, user, &addition->role.user);
}

static int store_user(struct context *context, struct addition *addition, struct error *error)
{
	if (addition->user.sent != NULL) {
		if (record_insert(context, &licensing_user_record, &addition->user, error) != 0)
			return -1;
		addition->role.user =
		    addition->user.key->values[resource_key(&licensing_user_resource)].uuid;
		return 0;
	}
	return uuid_is_zero(&addition->role.user)
		   ? 0
		   : licensing_user_adjust_roles(context, &addition->role, error);
}

static int store_addition(struct context *context, void *data, struct error *error)
{
	struct addition *addition = data;

	if (store_user(context, addition, error) != 0)
		return -1;
	if (!uuid_is_zero(&addition->role.user))
		row_set_uuid(addition->delegate.sent, DELEGATE_USER_ID, addition->role.user);
	return record_insert(context, &delegate_record, &addition->delegate, error);
}

static int prepare_addition(struct session *session, struct addition *addition)
{
	struct context *context = session_context(session);

	if (context == NULL ||
	    (addition->user.sent != NULL && record_prepare(context, &licensing_user_record, true,
						&addition->user, &session->error) != 0))
		return -1;
	return record_prepare(
	    context, &delegate_record, true, &addition->delegate, &session->error);
}

static enum command_status tell_added(struct session *session, const struct addition *addition)
{
	const struct row *delegate = addition->delegate.stored;

	if (session->json)
		return print_record(session, delegate, members, 1);
	fprintf(session->out, "%lld\n", (long long)delegate->values[DELEGATE_ID].integer);
	if (addition->user.sent != NULL)
		session_note(session,
		    "User \"%s\" was created with the role Delegate; 'clientele user "
		    "sign-in-link %s' prints a link to sign in with.",
		    session_flag(session, "email"), session_flag(session, "email"));
	return COMMAND_OK;
}

static enum command_status add_delegate(struct session *session)
{
	const char *email = session_flag(session, "email");
	bool invites = session_flag(session, "invite") != NULL;
	struct addition addition = {
		.role = { .roles = UINT32_C(1) << role_find(STR("Delegate")), .add = true },
	};
	int64_t group;

	if (invites && (email == NULL || session_flag(session, "user") != NULL))
		return session_usage(
		    session, "Give --email with --invite, and no --user, whom it creates.");
	if (email != NULL && mail_address_check_any(str_from(email)) != NULL)
		return session_fail(
		    session, "\"%s\" is not an e-mail address such as name@example.com.", email);
	if (!find_group(session, session->operands[0], &group) ||
	    !read_delegate(session, group, &addition.delegate.sent) ||
	    !read_user(session, &addition))
		return COMMAND_FAILED;
	if (prepare_addition(session, &addition) != 0 ||
	    records_transaction(session, store_addition, &addition) != 0)
		return records_error(session, delegate_inputs, COUNT_OF(delegate_inputs));
	return tell_added(session, &addition);
}

/* --- list, remove --- */

static enum command_status list_delegates(struct session *session)
{
	struct record_set set = { .resource = &delegate_resource, .order_by = "delegateGroupId" };
	struct value group = { .null = false };

	if (session->operand_count > 0) {
		if (!find_group(session, session->operands[0], &group.integer))
			return COMMAND_FAILED;
		set.keys = row_with(session->arena, &delegate_resource, DELEGATE_GROUP_ID, &group);
		set.order_by = NULL;
	}
	return print_set(session, &set, members, COUNT_OF(members));
}

static enum command_status remove_delegate(struct session *session)
{
	struct record_change change;
	struct row *delegate;

	if (!records_find(session, &delegates, session->operands[0], 0, &delegate))
		return COMMAND_FAILED;
	if (!question_deletion(session, "Delete the delegate permanently?"))
		return COMMAND_USAGE;
	if (!records_begin_change(session, delegate, &change))
		return COMMAND_FAILED;
	if (records_delete(session, &delegate_record, &change) != 0)
		return session_error(session);
	session_note(session, "Delegate %s was deleted; the user, if there is one, stays.",
	    session->operands[0]);
	return COMMAND_OK;
}

static const struct command_flag add_flags[] = {
	{ .name = "first-name", .value = "TEXT", .doc = "First name." },
	{ .name = "last-name", .value = "TEXT", .doc = "Last name." },
	{ .name = "email", .value = "ADDRESS", .doc = "E-mail address." },
	{ .name = "phone", .value = "TEXT", .doc = "Phone number." },
	{ .name = "position", .value = "TEXT", .doc = "Position in the agency." },
	{ .name = "manage-clients",
	    .doc =
		"The delegate may add clients to the group, change their dates and remove them." },
	{ .name = "manage-delegates",
	    .doc = "The delegate may add, change and delete other delegates of the group." },
	{ .name = "user",
	    .value = "USER",
	    .doc = "User who is the delegate; gets the role Delegate." },
	{ .name = "invite",
	    .doc = "Create a user with the role Delegate, called as the --email address is." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = { COMMAND_FLAG_JSON, { 0 } };

static const struct command_flag remove_flags[] = {
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

const struct command delegate_commands[] = {
	{ .words = "delegate add",
	    .arguments = "GROUP",
	    .least = 1,
	    .most = 1,
	    .flags = add_flags,
	    .doc = "Add a delegate to a delegate group and print its number.",
	    .run = add_delegate },
	{ .words = "delegate list",
	    .arguments = "[GROUP]",
	    .most = 1,
	    .flags = list_flags,
	    .doc = "List the delegates of a delegate group, or of all.",
	    .run = list_delegates },
	{ .words = "delegate remove",
	    .arguments = "NUMBER",
	    .least = 1,
	    .most = 1,
	    .flags = remove_flags,
	    .doc = "Delete a delegate.",
	    .run = remove_delegate },
	{ 0 },
};
