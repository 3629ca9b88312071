#include "auth/key.h"

#include <stdlib.h>

#include "auth/role.h"
#include "cli/print.h"
#include "cli/session.h"
#include "schema/resource.h"

#define NAME_MAX_LENGTH 255
#define KEY_PREFIX "api_"

static const struct print_column created_columns[] = {
	{ "id", "ID", PRINT_INTEGER },
	{ "key", "KEY", PRINT_TEXT },
	{ "name", "NAME", PRINT_TEXT },
	{ "user", "USER", PRINT_TEXT },
	{ "permissions", "PERMISSIONS", PRINT_PERMISSIONS },
	{ "expiresAt", "EXPIRES", PRINT_MOMENT },
};

static const struct print_column listed_columns[] = {
	{ "id", "ID", PRINT_INTEGER },
	{ "prefix", "KEY", PRINT_TEXT },
	{ "name", "NAME", PRINT_TEXT },
	{ "user", "USER", PRINT_TEXT },
	{ "permissions", "PERMISSIONS", PRINT_PERMISSIONS },
	{ "revoked", "REVOKED", PRINT_BOOLEAN },
	{ "expiresAt", "EXPIRES", PRINT_MOMENT },
	{ "createdAt", "CREATED", PRINT_MOMENT },
};

/* Reads "read,update" into bits. False after saying what is wrong. */
static bool take_permissions(struct session *session, const char *text, unsigned *permissions)
{
	static const struct {
		struct str word;
		unsigned bits;
	} words[] = {
		{ { "all", 3 }, PERMISSION_ALL },
		{ { "read", 4 }, PERMISSION_READ },
		{ { "update", 6 }, PERMISSION_UPDATE },
		{ { "delete", 6 }, PERMISSION_DELETE },
		{ { "create", 6 }, PERMISSION_CREATE },
	};
	struct str rest = str_from(text != NULL ? text : "all"), word;

	*permissions = 0;
	while (str_next(&rest, ',', &word)) {
		unsigned bits = 0;

		for (size_t i = 0; i < COUNT_OF(words); i++) {
			if (str_equal_ignore_case(str_trim(word), words[i].word))
				bits = words[i].bits;
		}
		if (bits == 0) {
			session_fail(session,
			    "\"" STR_FORMAT
			    "\" is no permission; give some of read, update, delete, create.",
			    STR_ARGUMENTS(word));
			return false;
		}
		*permissions |= bits;
	}
	return true;
}

static bool take_expiry(struct session *session, struct bind *expiry)
{
	const char *text = session_flag(session, "expires");

	*expiry = BIND_MOMENT(0);
	expiry->null = text == NULL;
	if (text == NULL)
		return true;
	if (!timestamp_parse(str_from(text), &expiry->integer))
		session_fail(session,
		    "\"%s\" is no date; write it as 2030-12-31 or 2030-12-31T23:59:59Z.", text);
	else if (expiry->integer <= timestamp_now())
		session_fail(session, "\"%s\" is past; give a date to come.", text);
	else
		return true;
	return false;
}

static enum command_status store(struct session *session, struct bind *values, struct uuid owner)
{
	uint8_t hash[KEY_HASH_LENGTH];
	const struct bind parameters[] = {
		values[2],
		BIND_BYTES(((struct str){ (const char *)hash, sizeof(hash) })),
		BIND_STR(str_slice(values[1].text, 0, KEY_PREFIX_LENGTH)),
		BIND_ID(owner),
		values[4],
		values[5],
	};
	struct session_statement statement = {
		.sql = "INSERT INTO api_key (name, key_hash, key_prefix, owner_id, permissions, "
		       "expires_at) "
		       "VALUES (?, ?, ?, ?, ?, ?)",
		.parameters = parameters,
		.parameter_count = COUNT_OF(parameters),
	};

	key_hash(values[1].text, hash);
	if (session_change(session, &statement, 1, false) < 0)
		return session_error(session);
	values[0] = BIND_INT((int64_t)statement.outcome.insert_id);
	return COMMAND_OK;
}

static enum command_status create(struct session *session)
{
	const char *user = session_flag(session, "user");
	const char *name = session_flag(session, "name");
	char key[KEY_TEXT_MAX];
	unsigned permissions;
	struct bind expiry;
	struct uuid owner;

	if (name == NULL)
		name = session->operand_count > 0 ? session->operands[0] : user;
	if (user == NULL)
		return session_usage(session, "The owner of the key is missing; give --user NAME.");
	if (!session_check_text(session, "name", name, NAME_MAX_LENGTH) ||
	    !take_permissions(session, session_flag(session, "permissions"), &permissions) ||
	    !take_expiry(session, &expiry) || !session_find_user(session, user, &owner))
		return COMMAND_FAILED;
	key_make(KEY_PREFIX, key);

	struct bind values[] = { BIND_INT(0), BIND_STR(str_from(key)), BIND_STR(str_from(name)),
		BIND_STR(str_from(user)), BIND_INT(permissions), expiry };
	enum command_status status = store(session, values, owner);

	if (status == COMMAND_OK && session->json) {
		print_object(session, created_columns, COUNT_OF(created_columns), values);
	} else if (status == COMMAND_OK) {
		fprintf(session->out, "%s\n", key);
		session_note(session, "Key %lld of \"%s\" was created; it is shown this once.",
		    (long long)values[0].integer, user);
	}
	explicit_bzero(key, sizeof(key));
	return status;
}

static enum command_status list(struct session *session)
{
	static const char all[] = "SELECT k.id, CONCAT(k.key_prefix, '…'), k.name, u.user_name, "
				  "k.permissions, k.revoked, "
				  "k.expires_at, k.created_at FROM api_key k JOIN user u ON u.id = "
				  "k.owner_id ORDER BY k.id";
	static const char of_user[] = "SELECT k.id, CONCAT(k.key_prefix, '…'), k.name, "
				      "u.user_name, k.permissions, k.revoked, "
				      "k.expires_at, k.created_at FROM api_key k JOIN user u ON "
				      "u.id = k.owner_id WHERE u.id = ? "
				      "ORDER BY k.id";
	const char *user = session_flag(session, "user");
	struct uuid owner;
	struct bind parameter;

	if (user == NULL)
		return print_list(session, all, NULL, 0, listed_columns, COUNT_OF(listed_columns));
	if (!session_find_user(session, user, &owner))
		return COMMAND_FAILED;
	parameter = BIND_ID(owner);
	return print_list(
	    session, of_user, &parameter, 1, listed_columns, COUNT_OF(listed_columns));
}

static enum command_status revoke(struct session *session)
{
	int64_t id;
	struct bind parameter;
	struct session_statement statement = {
		.sql = "UPDATE api_key SET revoked = TRUE WHERE id = ?",
		.parameters = &parameter,
		.parameter_count = 1,
	};

	if (!str_to_int64(str_from(session->operands[0]), &id))
		return session_usage(session,
		    "\"%s\" is no number of a key; 'clientele key list' shows them.",
		    session->operands[0]);
	parameter = BIND_INT(id);
	if (session_change(session, &statement, 1, true) < 0)
		return session_error(session);
	if (statement.outcome.affected == 0)
		return session_fail(
		    session, "There is no key %lld; see 'clientele key list'.", (long long)id);
	session_note(session, "Key %lld is revoked.", (long long)id);
	return COMMAND_OK;
}

static const struct command_flag create_flags[] = {
	{ .name = "user", .value = "USER", .doc = "Whose key it is; must be given." },
	{ .name = "name", .value = "NAME", .doc = "What the key is for, in lists." },
	{ .name = "permissions",
	    .value = "LIST",
	    .doc =
		"Some of read,update,delete,create; without it all that the user's roles allow." },
	{ .name = "expires", .value = "DATE", .doc = "When the key ends; without it never." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = {
	{ .name = "user", .value = "USER", .doc = "Only the keys of this user." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command key_commands[] = {
	{ .words = "key create",
	    .arguments = "[NAME] --user USER",
	    .least = 0,
	    .most = 1,
	    .flags = create_flags,
	    .doc = "Create an API key and print it, this once.",
	    .run = create },
	{ .words = "key list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the API keys, by their first characters.",
	    .run = list },
	{ .words = "key revoke",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .doc = "Make an API key worthless, at once.",
	    .run = revoke },
	{ 0 },
};
