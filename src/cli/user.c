#include <stdlib.h>

#include "auth/password.h"
#include "auth/password_rule.h"
#include "auth/role.h"
#include "base/mail_address.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"
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

static const struct print_column shown_columns[] = {
	{ "id", "ID", PRINT_UUID },
	{ "userName", "NAME", PRINT_TEXT },
	{ "email", "E-MAIL", PRINT_TEXT },
	{ "enabled", "ENABLED", PRINT_BOOLEAN },
	{ "roles", "ROLES", PRINT_ROLES },
	{ "hasPassword", "PASSWORD", PRINT_BOOLEAN },
	{ "keys", "KEYS", PRINT_INTEGER },
	{ "clients", "CLIENTS", PRINT_INTEGER },
	{ "sessions", "SESSIONS", PRINT_INTEGER },
	{ "lastLogIn", "LAST LOGIN", PRINT_MOMENT },
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

/*
 * Takes a password that the rules allow, and hashes it. Returns 1, 0 when none is given, -1 after
 * saying what is wrong.
 */
static int take_password(struct session *session, const char *name, char hash[PASSWORD_HASH_MAX])
{
	char password[QUESTION_ANSWER_MAX];
	int status =
	    question_secret(session, "password-stdin", "Password (empty for none)", true, password);

	if (status == 1 && password_check_rule(str_from(password), str_from(name), "password",
			       &session->error) != 0) {
		(void)session_fail(session, "%s", session->error.faults->message);
		status = -1;
	} else if (status == 1 && password_hash(str_from(password), hash, &session->error) != 0) {
		(void)session_error(session);
		status = -1;
	}
	explicit_bzero(password, sizeof(password));
	return status;
}

static enum command_status store_user(struct session *session, struct uuid id, const char *name,
    const char *email, const char *hash, const struct uuid *roles, unsigned role_count)
{
	struct bind user[] = { BIND_ID(id), BIND_STR(str_from(name)), BIND_STR(str_from(email)),
		BIND_STR(str_from(hash)) };
	struct bind pairs[ROLES_MAX][2];
	struct session_statement statements[1 + ROLES_MAX] = {
		{ .sql = "INSERT INTO user (id, user_name, email, password_hash) "
			 "VALUES (?, ?, ?, ?)",
		    .parameters = user,
		    .parameter_count = 4 },
	};

	user[2].null = email == NULL;
	user[3].null = hash[0] == '\0';
	for (unsigned i = 0; i < role_count; i++) {
		pairs[i][0] = BIND_ID(id);
		pairs[i][1] = BIND_ID(roles[i]);
		statements[1 + i] = (struct session_statement){
			.sql = "INSERT INTO user_role (user_id, role_id) VALUES (?, ?)",
			.parameters = pairs[i],
			.parameter_count = 2,
		};
	}
	if (session_change(session, statements, 1 + role_count, NULL) == 0)
		return COMMAND_OK;
	if (session->error.code == ERROR_CONFLICT)
		return session_fail(
		    session, "A user \"%s\" already exists; choose another name.", name);
	return session_error(session);
}

static enum command_status create_user(struct session *session)
{
	const char *name = question_text(
	    session, session->operand_count > 0 ? session->operands[0] : NULL, "Name");
	const char *email = session_flag(session, "email");
	char hash[PASSWORD_HASH_MAX] = "";
	struct uuid id = uuid_new(), roles[ROLES_MAX];
	char text[UUID_TEXT_LENGTH];
	struct buf ids = { 0 };
	unsigned role_count;
	enum command_status status = COMMAND_FAILED;

	if (name == NULL)
		return session_usage(session, "Give the user a name.");
	if (!session_check_text(session, "name", name, NAME_MAX_LENGTH) ||
	    (email != NULL &&
		!session_check_text(session, "e-mail address", email, NAME_MAX_LENGTH)))
		return COMMAND_FAILED;
	if (email != NULL && mail_address_check_any(str_from(email)) != NULL)
		return session_fail(
		    session, "\"%s\" is not an e-mail address such as name@example.com.", email);
	if (take_roles(session, roles, &role_count, &ids) &&
	    take_password(session, name, hash) >= 0)
		status = store_user(session, id, name, email, hash, roles, role_count);
	if (status == COMMAND_OK && session->json) {
		struct bind values[] = { BIND_ID(id), BIND_STR(str_from(name)),
			BIND_STR(str_from(email)), BIND_STR(buf_str(&ids)) };

		values[2].null = email == NULL;
		print_object(session, created_columns, COUNT_OF(created_columns), values);
	} else if (status == COMMAND_OK) {
		uuid_print(&id, text);
		fprintf(session->out, "%.*s\n", UUID_TEXT_LENGTH, text);
		session_note(session, "User \"%s\" was created%s.", name,
		    role_count == 0 ? "; it has no permissions until it has a role" : "");
	}
	buf_free(&ids);
	return status;
}

static enum command_status list_users(struct session *session)
{
	return print_list(session,
	    "SELECT u.id, u.user_name, u.email, u.enabled, "
	    "(SELECT GROUP_CONCAT(r.role_id ORDER BY r.role_id) FROM user_role r WHERE r.user_id = "
	    "u.id), "
	    "u.created_at FROM user u ORDER BY u.user_name",
	    NULL, 0, listed_columns, COUNT_OF(listed_columns));
}

#define END_SESSIONS "DELETE FROM oauth_session WHERE user_id = ?"

static enum command_status show_user(struct session *session)
{
	struct uuid user;

	if (!records_find_id(session, &records_user, session->operands[0], &user))
		return COMMAND_FAILED;
	return print_one(session,
	    "SELECT u.id, u.user_name, u.email, u.enabled, (SELECT GROUP_CONCAT(r.role_id ORDER BY "
	    "r.role_id) FROM user_role r WHERE r.user_id = u.id), u.password_hash IS NOT NULL, "
	    "(SELECT COUNT(*) FROM api_key k WHERE k.owner_id = u.id AND NOT k.revoked), "
	    "(SELECT COUNT(*) FROM api_client c WHERE c.user_id = u.id), "
	    "(SELECT COUNT(*) FROM oauth_session s WHERE s.user_id = u.id), u.last_log_in, "
	    "u.created_at FROM user u WHERE u.id = ?",
	    BIND_ID(user), shown_columns, COUNT_OF(shown_columns), "user");
}

/* How the user is called, whatever the command line says. NULL after saying why not. */
static const char *find_name(struct session *session, struct uuid user)
{
	static const enum bind_kind kinds[] = { BIND_TEXT };
	struct bind parameter = BIND_ID(user);
	struct result result;

	if (database_select(session->database, session->arena,
		"SELECT user_name FROM user WHERE id = ?", &parameter, 1, kinds, 1, &result,
		&session->error) != 0) {
		(void)session_error(session);
		return NULL;
	}
	if (result.count == 0) {
		(void)session_fail(session, "The user no longer exists; nothing was changed.");
		return NULL;
	}
	return arena_printf(session->arena, STR_FORMAT, STR_ARGUMENTS(result.rows[0][0].text));
}

/* Stores a hash, or none at all (data == NULL), and ends what the former password has opened. */
static enum command_status store_password(
    struct session *session, struct uuid user, struct str hash, const char *name)
{
	struct bind parameters[] = { BIND_STR(hash), BIND_ID(user) };
	struct session_statement statements[] = {
		{ .sql = "UPDATE user SET password_hash = ?, updated_at = UTC_TIMESTAMP(6) "
			 "WHERE id = ?",
		    .parameters = parameters,
		    .parameter_count = 2,
		    .missing = "The user no longer exists; nothing was changed." },
		{ .sql = END_SESSIONS, .parameters = &parameters[1], .parameter_count = 1 },
	};

	parameters[0].null = hash.data == NULL;
	if (session_change(session, statements, COUNT_OF(statements), &MARK(MARK_USER, user)) < 0)
		return session_error(session);
	session_note(session, "User \"%s\" has %s; its OAuth sessions have ended.", name,
	    hash.data != NULL ? "a new password" : "no password any more");
	return COMMAND_OK;
}

static enum command_status change_password(struct session *session)
{
	const char *name;
	char hash[PASSWORD_HASH_MAX];
	struct uuid user;
	int status;

	if (!records_find_id(session, &records_user, session->operands[0], &user) ||
	    (name = find_name(session, user)) == NULL)
		return COMMAND_FAILED;
	if (session_flag(session, "remove") != NULL)
		return store_password(session, user, (struct str){ NULL, 0 }, name);
	status = take_password(session, name, hash);
	if (status == 0)
		return session_usage(session, "Without a terminal, give --password-stdin, or "
					      "--remove to remove the password.");
	return status < 0 ? COMMAND_FAILED : store_password(session, user, str_from(hash), name);
}

static enum command_status delete_user(struct session *session)
{
	const char *name = session->operands[0];
	struct uuid user;

	if (!records_find_id(session, &records_user, name, &user))
		return COMMAND_FAILED;
	if (!question_deletion(
		session, "Delete the user with its keys and OAuth sessions permanently?"))
		return COMMAND_USAGE;

	struct bind parameter = BIND_ID(user);
	struct session_statement statement = {
		.sql = "DELETE FROM user WHERE id = ?",
		.parameters = &parameter,
		.parameter_count = 1,
		.demotes = &user,
	};

	if (session_change(session, &statement, 1, &MARK(MARK_USER, user)) == 0) {
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
	bool add = strcmp(verb, "add") == 0;
	unsigned count;
	const struct role *roles = role_table(&count);
	struct uuid user, role;
	int number;

	if (!add && strcmp(verb, "remove") != 0)
		return session_usage(session, "\"%s\" must be add or remove.", verb);
	number = session_find_role(session, session->operands[2]);
	if (number < 0 || !records_find_id(session, &records_user, name, &user))
		return COMMAND_FAILED;
	(void)uuid_parse(str_from(roles[number].id), &role);

	struct bind parameters[] = { BIND_ID(user), BIND_ID(role) };
	/* The user is written, too, so that whoever disables or deletes it meets the new role. */
	struct session_statement statements[] = {
		{ .sql = "UPDATE user SET updated_at = UTC_TIMESTAMP(6) WHERE id = ?",
		    .parameters = parameters,
		    .parameter_count = 1,
		    .missing = "The user no longer exists; nothing was changed." },
		{ .sql = add ? "INSERT INTO user_role (user_id, role_id) VALUES (?, ?) "
			       "ON DUPLICATE KEY UPDATE role_id = VALUES(role_id)"
			     : "DELETE FROM user_role WHERE user_id = ? AND role_id = ?",
		    .parameters = parameters,
		    .parameter_count = 2,
		    .demotes = add ? NULL : &user },
	};

	/* A new role counts at once too: caches hold the roles that a user had. */
	if (session_change(session, statements, COUNT_OF(statements), &MARK(MARK_USER, user)) < 0)
		return session_error(session);
	session_note(session, "User \"%s\" %s role %s.", name,
	    add ? "has the" : "no longer has the", roles[number].name);
	return COMMAND_OK;
}

static enum command_status set_enabled(struct session *session, bool enabled)
{
	const char *name = session->operands[0];
	struct uuid user;

	if (!records_find_id(session, &records_user, name, &user))
		return COMMAND_FAILED;

	struct bind parameters[] = { BIND_INT(enabled), BIND_ID(user) };
	struct session_statement statements[] = {
		{ .sql = "UPDATE user SET enabled = ?, updated_at = UTC_TIMESTAMP(6) WHERE id = ?",
		    .parameters = parameters,
		    .parameter_count = 2,
		    .demotes = enabled ? NULL : &user },
		{ .sql = END_SESSIONS, .parameters = &parameters[1], .parameter_count = 1 },
	};

	if (session_change(session, statements, enabled ? 1 : 2, &MARK(MARK_USER, user)) < 0)
		return session_error(session);
	session_note(session, "User \"%s\" is %s.", name,
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
	{ .name = "email", .value = "ADDRESS", .doc = "E-mail address of the user." },
	{ .name = "password-stdin", .doc = "Read the password from standard input." },
	{ .name = "role", .value = "ROLE", .doc = "Role of the user; may be repeated." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = { COMMAND_FLAG_JSON, { 0 } };

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
	{ .words = "user role",
	    .arguments = "NAME add|remove ROLE",
	    .least = 3,
	    .most = 3,
	    .doc = "Add a role to a user, or remove it.",
	    .run = change_role },
	{ .words = "user show",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = list_flags,
	    .doc = "Show a user.",
	    .run = show_user },
	{ 0 },
};
