#include "auth/key.h"

#include <stdlib.h>

#include "auth/network.h"
#include "auth/role.h"
#include "auth/secret.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"
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
	{ "clientSecret", "SECRET", PRINT_TEXT },
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
	{ "lastUsedAt", "LAST USED", PRINT_MOMENT },
	{ "useCount", "USES", PRINT_INTEGER },
	{ "allowedNetworks", "NETWORKS", PRINT_LIST },
	{ "rateLimit", "RATE", PRINT_INTEGER },
	{ "needsSecret", "NEEDS SECRET", PRINT_BOOLEAN },
};

#define SELECT_KEYS                                                                                 \
	"SELECT k.id, CONCAT(k.key_prefix, '…'), k.name, u.user_name, k.permissions, k.revoked, " \
	"k.expires_at, k.created_at, k.last_used_at, k.use_count, k.allowed_networks, "             \
	"k.rate_limit, k.client_secret_hash IS NOT NULL "                                           \
	"FROM api_key k JOIN user u ON u.id = k.owner_id "

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
			    "\" is not a permission; give some of read, update, delete, create.",
			    STR_ARGUMENTS(word));
			return false;
		}
		*permissions |= bits;
	}
	return true;
}

/* What is stored of a new key besides its hash. */
struct new_key {
	char key[KEY_TEXT_MAX];
	char secret[SECRET_TEXT_MAX]; /* that must come along; empty = none */
	const char *name;
	struct uuid owner;
	unsigned permissions;
	struct bind expiry;
	struct buf networks; /* JSON list */
	int64_t rate;        /* 0 = none of its own */
};

/* The networks given with --network. False after saying what is wrong. */
static bool take_networks(struct session *session, struct buf *list)
{
	struct network network;

	buf_append_char(list, '[');
	for (unsigned i = 0; i < session->given_count; i++) {
		struct str text = str_from(session->given[i].value);

		if (strcmp(session->given[i].flag->name, "network") != 0)
			continue;
		if (!network_parse(text, &network)) {
			session_fail(session,
			    "\"%s\" is not a network; write it as 192.0.2.0/24 or 2001:db8::/32.",
			    session->given[i].value);
			return false;
		}
		if (list->length > 1)
			buf_append_char(list, ',');
		buf_append_json_string(list, text);
	}
	buf_append_char(list, ']');
	return true;
}

/* Stores it; *id is the key's number. */
static enum command_status store_key(
    struct session *session, const struct new_key *new_key, int64_t *id)
{
	uint8_t hash[KEY_HASH_LENGTH];
	char secret[PASSWORD_HASH_MAX] = "";
	struct str key = str_from(new_key->key);
	struct bind parameters[] = {
		BIND_STR(str_from(new_key->name)),
		BIND_BYTES(((struct str){ (const char *)hash, sizeof(hash) })),
		BIND_STR(str_slice(key, 0, KEY_PREFIX_LENGTH)),
		BIND_ID(new_key->owner),
		BIND_INT(new_key->permissions),
		new_key->expiry,
		BIND_STR(buf_str(&new_key->networks)),
		BIND_INT(new_key->rate),
		BIND_STR(str_from(secret)),
	};
	struct session_statement statement = {
		.sql = "INSERT INTO api_key (name, key_hash, key_prefix, owner_id, permissions, "
		       "expires_at, allowed_networks, rate_limit, client_secret_hash) "
		       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		.parameters = parameters,
		.parameter_count = COUNT_OF(parameters),
	};

	key_hash(key, hash);
	if (new_key->secret[0] != '\0' &&
	    secret_hash(str_from(new_key->secret), true, secret, &session->error) != 0)
		return session_error(session);
	parameters[7].null = new_key->rate == 0;
	parameters[8] = BIND_STR(str_from(secret));
	parameters[8].null = new_key->secret[0] == '\0';
	if (session_change(session, &statement, 1, NULL) < 0)
		return session_error(session);
	*id = (int64_t)statement.outcome.insert_id;
	session_tell_key(session, hash);
	return COMMAND_OK;
}

static void show_new_key(
    struct session *session, const struct new_key *new_key, int64_t id, const char *user)
{
	struct bind values[] = { BIND_INT(id), BIND_STR(str_from(new_key->key)),
		BIND_STR(str_from(new_key->name)), BIND_STR(str_from(user)),
		BIND_INT(new_key->permissions), new_key->expiry,
		BIND_STR(str_from(new_key->secret)) };

	values[6].null = new_key->secret[0] == '\0';
	if (session->json) {
		print_object(session, created_columns, COUNT_OF(created_columns), values);
		return;
	}
	fprintf(session->out, "%s\n", new_key->key);
	if (new_key->secret[0] != '\0')
		fprintf(session->out, "x-client-secret %s\n", new_key->secret);
	session_note(
	    session, "Key %lld of \"%s\" was created; it is shown only once.", (long long)id, user);
}

static enum command_status create_key(struct session *session)
{
	const char *user = question_text(session, session_flag(session, "user"), "User");
	struct new_key new_key = { .name = session_flag(session, "name") };
	enum command_status status = COMMAND_FAILED;
	int64_t id = 0;

	if (user == NULL)
		return session_usage(session, "Give --user NAME: the owner of the key.");
	if (new_key.name == NULL)
		new_key.name = session->operand_count > 0 ? session->operands[0] : user;
	if (session_check_text(session, "name", new_key.name, NAME_MAX_LENGTH) &&
	    take_permissions(session, session_flag(session, "permissions"), &new_key.permissions) &&
	    session_take_expiry(session, &new_key.expiry) &&
	    take_networks(session, &new_key.networks) &&
	    session_take_number(session, "rate", 1, 0, &new_key.rate) &&
	    records_find_id(session, &records_user, user, &new_key.owner)) {
		key_make(KEY_PREFIX, new_key.key);
		if (session_flag(session, "client-secret") != NULL)
			secret_make("", new_key.secret);
		status = store_key(session, &new_key, &id);
	}
	if (status == COMMAND_OK)
		show_new_key(session, &new_key, id, user);
	buf_free(&new_key.networks);
	explicit_bzero(&new_key, sizeof(new_key));
	return status;
}

static enum command_status list_keys(struct session *session)
{
	const char *user = session_flag(session, "user");
	struct uuid owner;
	struct bind parameter;

	if (user == NULL)
		return print_list(session, SELECT_KEYS "ORDER BY k.id", NULL, 0, listed_columns,
		    COUNT_OF(listed_columns));
	if (!records_find_id(session, &records_user, user, &owner))
		return COMMAND_FAILED;
	parameter = BIND_ID(owner);
	return print_list(session, SELECT_KEYS "WHERE u.id = ? ORDER BY k.id", &parameter, 1,
	    listed_columns, COUNT_OF(listed_columns));
}

/* The key's number that is given. False after saying that it is none. */
static bool take_number(struct session *session, struct bind *id)
{
	int64_t number;

	if (!str_to_int64(str_from(session->operands[0]), &number)) {
		(void)session_usage(session,
		    "\"%s\" is not the number of a key; 'clientele key list' shows them.",
		    session->operands[0]);
		return false;
	}
	*id = BIND_INT(number);
	return true;
}

/* Runs a statement with the key's number, and says what was done. */
static enum command_status run_for_key(struct session *session, const char *sql, const char *done)
{
	struct bind parameter;
	struct session_statement statement = {
		.sql = sql, .parameters = &parameter, .parameter_count = 1
	};

	if (!take_number(session, &parameter))
		return COMMAND_USAGE;
	statement.missing = arena_printf(session->arena,
	    "There is no key %lld; see 'clientele key list'.", (long long)parameter.integer);
	const struct mark mark = mark_of_key(parameter.integer);

	if (session_change(session, &statement, 1, &mark) < 0)
		return session_error(session);
	session_note(session, "Key %lld is %s.", (long long)parameter.integer, done);
	return COMMAND_OK;
}

static enum command_status revoke_key(struct session *session)
{
	return run_for_key(session, "UPDATE api_key SET revoked = TRUE WHERE id = ?", "revoked");
}

static enum command_status delete_key(struct session *session)
{
	if (!question_deletion(session, "Delete the key permanently?"))
		return COMMAND_USAGE;
	return run_for_key(session, "DELETE FROM api_key WHERE id = ?", "deleted");
}

static enum command_status show_key(struct session *session)
{
	struct bind id;

	if (!take_number(session, &id))
		return COMMAND_USAGE;
	return print_one(session, SELECT_KEYS "WHERE k.id = ?", id, listed_columns,
	    COUNT_OF(listed_columns), "key");
}

/* The same key under another text: name, owner, rights, limits and secret stay. */
static enum command_status rotate_key(struct session *session)
{
	char key[KEY_TEXT_MAX];
	uint8_t hash[KEY_HASH_LENGTH];
	struct bind id;
	int64_t grace;

	if (!take_number(session, &id))
		return COMMAND_USAGE;
	if (!session_take_number(session, "grace", 0, 0, &grace))
		return COMMAND_FAILED;
	key_make(KEY_PREFIX, key);
	key_hash(str_from(key), hash);

	const struct bind copy[] = { BIND_BYTES(((struct str){ (const char *)hash, sizeof(hash) })),
		BIND_STR(str_slice(str_from(key), 0, KEY_PREFIX_LENGTH)), id };
	const struct bind end[] = { BIND_MOMENT(timestamp_now() + grace * MICROSECONDS_PER_SECOND),
		id };
	struct session_statement statements[] = {
		{ .sql = "INSERT INTO api_key (name, key_hash, key_prefix, owner_id, permissions, "
			 "expires_at, description, client_secret_hash, allowed_networks, "
			 "rate_limit) "
			 "SELECT name, ?, ?, owner_id, permissions, expires_at, description, "
			 "client_secret_hash, allowed_networks, rate_limit FROM api_key "
			 "WHERE id = ? AND NOT revoked "
			 "AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))",
		    .parameters = copy,
		    .parameter_count = 3,
		    .missing = arena_printf(session->arena,
			"There is no valid key %lld, so nothing was changed; see 'clientele key "
			"list'.",
			(long long)id.integer) },
		{ .sql = "UPDATE api_key SET expires_at = LEAST(COALESCE(expires_at, "
			 "'9999-12-31'), ?) WHERE id = ?",
		    .parameters = end,
		    .parameter_count = 2 },
	};
	const struct mark mark = mark_of_key(id.integer);
	enum command_status status = COMMAND_OK;

	if (session_change(session, statements, COUNT_OF(statements), &mark) < 0)
		status = session_error(session);
	else
		session_tell_key(session, hash);
	if (status == COMMAND_OK && session->json) {
		struct bind values[] = { BIND_INT((int64_t)statements[0].outcome.insert_id),
			BIND_STR(str_from(key)) };

		print_object(session, created_columns, COUNT_OF(values), values);
	} else if (status == COMMAND_OK) {
		fprintf(session->out, "%s\n", key);
		session_note(session,
		    "Key %llu replaces key %lld, which stays valid for %lld seconds; it is shown "
		    "only once.",
		    (unsigned long long)statements[0].outcome.insert_id, (long long)id.integer,
		    (long long)grace);
	}
	explicit_bzero(key, sizeof(key));
	return status;
}

static const struct command_flag create_flags[] = {
	{ .name = "user", .value = "USER", .doc = "Owner of the key; required." },
	{ .name = "name", .value = "NAME", .doc = "Name of the key, shown in lists." },
	{ .name = "permissions",
	    .value = "LIST",
	    .doc = "Some of read,update,delete,create; default: everything that the user's roles "
		   "allow." },
	{ .name = "expires", .value = "DATE", .doc = "When the key expires; default: never." },
	{ .name = "network",
	    .value = "CIDR",
	    .doc = "Network from which the key may be used; may be repeated; default: any." },
	{ .name = "rate",
	    .value = "NUMBER",
	    .doc = "Requests per minute; default: the option key_rate_limit." },
	{ .name = "client-secret",
	    .doc = "Also create a secret that must be sent as x-client-secret." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = {
	{ .name = "user", .value = "USER", .doc = "List only the keys of this user." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag rotate_flags[] = {
	{ .name = "grace",
	    .value = "SECONDS",
	    .doc = "Seconds for which the previous key stays valid; default: 0." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag show_flags[] = { COMMAND_FLAG_JSON, { 0 } };

static const struct command_flag delete_flags[] = {
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

const struct command key_commands[] = {
	{ .words = "key create",
	    .arguments = "[NAME] --user USER",
	    .least = 0,
	    .most = 1,
	    .flags = create_flags,
	    .doc = "Create an API key and print it; it is shown only once.",
	    .run = create_key },
	{ .words = "key delete",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .flags = delete_flags,
	    .doc = "Delete an API key.",
	    .run = delete_key },
	{ .words = "key list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the API keys with their first characters.",
	    .run = list_keys },
	{ .words = "key revoke",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .doc = "Revoke an API key with immediate effect.",
	    .run = revoke_key },
	{ .words = "key rotate",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .flags = rotate_flags,
	    .doc = "Replace an API key with a new one that has the same rights and print it; it is "
		   "shown only once.",
	    .run = rotate_key },
	{ .words = "key show",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .flags = show_flags,
	    .doc = "Show an API key.",
	    .run = show_key },
	{ 0 },
};
