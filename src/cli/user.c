#include <stdlib.h>

#include "auth/role.h"
#include "cli/print.h"
#include "cli/session.h"
#include "schema/resource.h"

#define NAME_MAX_LENGTH 255
#define ROLES_MAX 32

static const struct print_column created_columns[] = {
	{ "id", "ID", PRINT_UUID },
	{ "userName", "NAME", PRINT_TEXT },
	{ "email", "E-MAIL", PRINT_TEXT },
	{ "roles", "ROLES", PRINT_ROLES },
};

static const struct print_column listed_columns[] = {
	{ "id", "ID", PRINT_UUID },
	{ "userName", "NAME", PRINT_TEXT },
	{ "email", "E-MAIL", PRINT_TEXT },
	{ "enabled", "ENABLED", PRINT_BOOLEAN },
	{ "roles", "ROLES", PRINT_ROLES },
	{ "createdAt", "CREATED", PRINT_MOMENT },
};

/* Identifiers of the roles given with --role, each once. False after saying what is wrong. */
static bool take_roles(
    struct session *session, struct uuid roles[ROLES_MAX], unsigned *count, struct buf *ids)
{
	unsigned role_count;
	const struct role *table = role_table(&role_count);
	uint32_t seen = 0;

	*count = 0;
	for (unsigned i = 0; i < session->given_count; i++) {
		int number;

		if (strcmp(session->given[i].flag->name, "role") != 0)
			continue;
		number = session_find_role(session, session->given[i].value);
		if (number < 0)
			return false;
		if ((seen & UINT32_C(1) << number) != 0)
			continue;
		seen |= UINT32_C(1) << number;
		(void)uuid_parse(str_from(table[number].id), &roles[(*count)++]);
		buf_printf(ids, "%s%s", ids->length > 0 ? "," : "", table[number].id);
	}
	return true;
}

static enum command_status store_user(struct session *session, struct uuid id, const char *name,
    const char *email, const struct uuid *roles, unsigned role_count)
{
	struct bind user[] = { BIND_ID(id), BIND_STR(str_from(name)), BIND_STR(str_from(email)) };
	struct bind pairs[ROLES_MAX][2];
	struct session_statement statements[1 + ROLES_MAX] = {
		{ .sql = "INSERT INTO user (id, user_name, email) VALUES (?, ?, ?)",
		    .parameters = user,
		    .parameter_count = 3 },
	};

	user[2].null = email == NULL;
	for (unsigned i = 0; i < role_count; i++) {
		pairs[i][0] = BIND_ID(id);
		pairs[i][1] = BIND_ID(roles[i]);
		statements[1 + i] = (struct session_statement){
			.sql = "INSERT INTO user_role (user_id, role_id) VALUES (?, ?)",
			.parameters = pairs[i],
			.parameter_count = 2,
		};
	}
	if (session_change(session, statements, 1 + role_count, false) == 0)
		return COMMAND_OK;
	if (session->error.code == ERROR_CONFLICT)
		return session_fail(
		    session, "There is a user \"%s\" already; choose another name.", name);
	return session_error(session);
}

static enum command_status create(struct session *session)
{
	const char *name = session->operands[0];
	const char *email = session_flag(session, "email");
	struct uuid id = uuid_random(), roles[ROLES_MAX];
	char text[UUID_TEXT_LENGTH];
	struct buf ids = { 0 };
	unsigned role_count;
	enum command_status status = COMMAND_FAILED;

	if (!session_check_text(session, "name", name, NAME_MAX_LENGTH) ||
	    (email != NULL &&
		!session_check_text(session, "e-mail address", email, NAME_MAX_LENGTH)))
		return COMMAND_FAILED;
	if (email != NULL && strchr(email, '@') == NULL)
		return session_fail(session, "\"%s\" is no e-mail address; it needs an @.", email);
	if (take_roles(session, roles, &role_count, &ids))
		status = store_user(session, id, name, email, roles, role_count);
	if (status == COMMAND_OK && session->json) {
		struct bind values[] = { BIND_ID(id), BIND_STR(str_from(name)),
			BIND_STR(str_from(email)), BIND_STR(buf_str(&ids)) };

		values[2].null = email == NULL;
		print_object(session, created_columns, COUNT_OF(created_columns), values);
	} else if (status == COMMAND_OK) {
		uuid_print(&id, text);
		fprintf(session->out, "%.*s\n", UUID_TEXT_LENGTH, text);
		session_note(session, "User \"%s\" was created%s.", name,
		    role_count == 0 ? "; it may do nothing until it has a role" : "");
	}
	buf_free(&ids);
	return status;
}

static enum command_status list(struct session *session)
{
	return print_list(session,
	    "SELECT u.id, u.user_name, u.email, u.enabled, "
	    "(SELECT GROUP_CONCAT(r.role_id ORDER BY r.role_id) FROM user_role r WHERE r.user_id = "
	    "u.id), "
	    "u.created_at FROM user u ORDER BY u.user_name",
	    NULL, 0, listed_columns, COUNT_OF(listed_columns));
}

static enum command_status change_role(struct session *session)
{
	const char *name = session->operands[0], *verb = session->operands[1];
	bool add = strcmp(verb, "add") == 0;
	unsigned count;
	const struct role *roles = role_table(&count);
	struct uuid user, role;
	int number;

	if (!add && strcmp(verb, "remove") != 0)
		return session_usage(session, "\"%s\" is neither add nor remove.", verb);
	number = session_find_role(session, session->operands[2]);
	if (number < 0 || !session_find_user(session, name, &user))
		return COMMAND_FAILED;
	(void)uuid_parse(str_from(roles[number].id), &role);

	struct bind parameters[] = { BIND_ID(user), BIND_ID(role) };
	struct session_statement statement = {
		.sql = add ? "INSERT IGNORE INTO user_role (user_id, role_id) VALUES (?, ?)"
			   : "DELETE FROM user_role WHERE user_id = ? AND role_id = ?",
		.parameters = parameters,
		.parameter_count = 2,
	};

	/* A new role counts at once too: caches hold the roles that a user had. */
	if (session_change(session, &statement, 1, true) < 0)
		return session_error(session);
	session_note(session, "User \"%s\" %s role %s.", name,
	    add ? "has the" : "no longer has the", roles[number].name);
	return COMMAND_OK;
}

static enum command_status set_enabled(struct session *session, bool enabled)
{
	const char *name = session->operands[0];
	struct uuid user;

	if (!session_find_user(session, name, &user))
		return COMMAND_FAILED;

	struct bind parameters[] = { BIND_INT(enabled), BIND_ID(user) };
	struct session_statement statement = {
		.sql = "UPDATE user SET enabled = ?, updated_at = UTC_TIMESTAMP(6) WHERE id = ?",
		.parameters = parameters,
		.parameter_count = 2,
	};

	if (session_change(session, &statement, 1, true) < 0)
		return session_error(session);
	session_note(session, "User \"%s\" is %s.", name,
	    enabled ? "enabled" : "disabled; none of its keys is accepted any more");
	return COMMAND_OK;
}

static enum command_status enable(struct session *session)
{
	return set_enabled(session, true);
}

static enum command_status disable(struct session *session)
{
	return set_enabled(session, false);
}

static const struct command_flag create_flags[] = {
	{ .name = "email", .value = "ADDRESS", .doc = "E-mail address of the user." },
	{ .name = "role", .value = "ROLE", .doc = "A role that the user has; may be repeated." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = { COMMAND_FLAG_JSON, { 0 } };

const struct command user_commands[] = {
	{ .words = "user create",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = create_flags,
	    .doc = "Create a user and print its identifier.",
	    .run = create },
	{ .words = "user disable",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .doc = "Refuse all keys of a user from now on.",
	    .run = disable },
	{ .words = "user enable",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .doc = "Accept the keys of a user again.",
	    .run = enable },
	{ .words = "user list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List all users with their roles.",
	    .run = list },
	{ .words = "user role",
	    .arguments = "NAME add|remove ROLE",
	    .least = 3,
	    .most = 3,
	    .doc = "Give a role to a user, or take it away.",
	    .run = change_role },
	{ 0 },
};
