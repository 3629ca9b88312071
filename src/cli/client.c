/*
 * API clients: programs that trade an identifier and a secret for tokens.
 */
#include <stdlib.h>

#include "api/credentials/credentials.h"
#include "auth/secret.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"
#include "db/sql.h"
#include "schema/resource.h"

#define NAME_MAX_LENGTH 18
#define END_SESSIONS "DELETE FROM oauth_session WHERE client_id = ?"

static const struct print_column created_columns[] = {
	{ "id", "ID", PRINT_UUID },
	{ "secret", "SECRET", PRINT_TEXT },
	{ "name", "NAME", PRINT_TEXT },
	{ "user", "USER", PRINT_TEXT },
};

static const struct print_column columns[] = {
	{ "id", "ID", PRINT_UUID },
	{ "name", "NAME", PRINT_TEXT },
	{ "user", "USER", PRINT_TEXT },
	{ "enabled", "ENABLED", PRINT_BOOLEAN },
	{ "scope", "SCOPE", PRINT_TEXT },
	{ "secrets", "SECRETS", PRINT_NUMBERS },
	{ "sessions", "SESSIONS", PRINT_INTEGER },
	{ "expiresAt", "EXPIRES", PRINT_MOMENT },
	{ "lastUsedAt", "LAST USED", PRINT_MOMENT },
	{ "useCount", "USES", PRINT_INTEGER },
	{ "registered", "REGISTERED", PRINT_BOOLEAN },
	{ "registrationExpiresAt", "REGISTRATION EXPIRES", PRINT_MOMENT },
	{ "registrationUsedAt", "REGISTRATION USED", PRINT_MOMENT },
	{ "registrationUseCount", "REGISTRATION USES", PRINT_INTEGER },
	{ "createdAt", "CREATED", PRINT_MOMENT },
};

static const struct print_column secret_columns[] = {
	{ "number", "NUMBER", PRINT_INTEGER },
	{ "createdAt", "CREATED", PRINT_MOMENT },
	{ "expiresAt", "EXPIRES", PRINT_MOMENT },
	{ "lastUsedAt", "LAST USED", PRINT_MOMENT },
	{ "useCount", "USES", PRINT_INTEGER },
};

/* Secrets are shown by their numbers. */
#define SELECT_CLIENTS                                                                            \
	"SELECT c.id, c.name, u.user_name, c.enabled, c.scope, (SELECT GROUP_CONCAT(s.number "    \
	"ORDER BY s.number) FROM api_client_secret s WHERE s.client_id = c.id AND (s.expires_at " \
	"IS NULL OR s.expires_at > UTC_TIMESTAMP(6))), (SELECT COUNT(*) FROM oauth_session o "    \
	"WHERE o.client_id = c.id), c.expires_at, c.last_used_at, c.use_count, "                  \
	"c.registration_hash IS NOT NULL, c.registration_expires_at, c.registration_used_at, "    \
	"c.registration_use_count, c.created_at "                                                 \
	"FROM api_client c JOIN user u ON u.id = c.user_id "

/* Makes a secret, or reads one that was chosen, and hashes it. False after saying why not. */
static bool take_secret(
    struct session *session, char secret[QUESTION_ANSWER_MAX], char hash[PASSWORD_HASH_MAX])
{
	bool chosen = session_flag(session, "secret-stdin") != NULL;
	char made[SECRET_TEXT_MAX];
	int64_t least = session->settings->client_secret_length, length;

	if (!chosen) {
		secret_make(SECRET_CLIENT_PREFIX, made);
		memcpy(secret, made, sizeof(made));
		explicit_bzero(made, sizeof(made));
	} else if (question_secret(session, "secret-stdin", "Secret", true, secret) != 1) {
		return false;
	}
	length = (int64_t)str_utf8_length(str_from(secret));
	if (chosen && (length < least || length > SECRET_LONGEST)) {
		session_fail(session,
		    "A secret must have %lld to %d characters; this one has %lld.",
		    (long long)least, SECRET_LONGEST, (long long)length);
		return false;
	}
	if (secret_hash(str_from(secret), !chosen, hash, &session->error) == 0)
		return true;
	(void)session_error(session);
	return false;
}

/* The one line with the secret, or all of it as JSON. */
static void show_secret(
    struct session *session, struct uuid id, const char *secret, const char *name, const char *user)
{
	struct bind values[] = { BIND_ID(id), BIND_STR(str_from(secret)), BIND_STR(str_from(name)),
		BIND_STR(str_from(user)) };
	char text[UUID_TEXT_LENGTH];

	values[3].null = user == NULL;
	if (session->json) {
		print_object(session, created_columns, COUNT_OF(created_columns), values);
		return;
	}
	uuid_print(&id, text);
	fprintf(session->out, "client_id %.*s\nclient_secret %s\n", UUID_TEXT_LENGTH, text, secret);
	session_note(session, "The secret is shown only once.");
}

static enum command_status insert_client(struct session *session, struct uuid id, struct uuid user,
    const char *name, const char *scope, struct bind expiry, const char *hash)
{
	struct bind client[] = { BIND_ID(id), BIND_STR(str_from(name)), BIND_ID(user),
		BIND_STR(str_from(scope)), expiry };
	const struct bind secret[] = { BIND_ID(id), BIND_STR(str_from(hash)) };
	struct session_statement statements[] = {
		{ .sql = "INSERT INTO api_client (id, name, user_id, scope, expires_at) "
			 "VALUES (?, ?, ?, ?, ?)",
		    .parameters = client,
		    .parameter_count = COUNT_OF(client) },
		{ .sql = "INSERT INTO api_client_secret (client_id, number, secret_hash) "
			 "VALUES (?, 1, ?)",
		    .parameters = secret,
		    .parameter_count = COUNT_OF(secret) },
	};

	client[3].null = scope == NULL;
	if (session_change(session, statements, COUNT_OF(statements), NULL) == 0)
		return COMMAND_OK;
	if (session->error.code == ERROR_CONFLICT)
		return session_fail(
		    session, "An API client \"%s\" already exists; choose another name.", name);
	return session_error(session);
}

static enum command_status create_client(struct session *session)
{
	const char *name = question_text(
	    session, session->operand_count > 0 ? session->operands[0] : NULL, "Name");
	const char *user = question_text(session, session_flag(session, "user"), "User");
	const char *scope = session_flag(session, "scope");
	char secret[QUESTION_ANSWER_MAX] = "", hash[PASSWORD_HASH_MAX];
	struct uuid id = uuid_new(), owner;
	struct bind expiry;
	enum command_status status = COMMAND_FAILED;

	if (name == NULL || user == NULL)
		return session_usage(session, "Give the API client a name, and --user USER.");
	if (session_check_text(session, "name", name, NAME_MAX_LENGTH) &&
	    session_take_expiry(session, &expiry) && session_check_scope(session, scope) &&
	    records_find_id(session, &records_user, user, &owner) &&
	    take_secret(session, secret, hash))
		status = insert_client(session, id, owner, name, scope, expiry, hash);
	if (status == COMMAND_OK)
		show_secret(session, id, secret, name, user);
	explicit_bzero(secret, sizeof(secret));
	return status;
}

static enum command_status list_clients(struct session *session)
{
	return print_list(
	    session, SELECT_CLIENTS "ORDER BY c.name", NULL, 0, columns, COUNT_OF(columns));
}

static enum command_status show_client(struct session *session)
{
	struct uuid id;

	if (!records_find_id(session, &records_client, session->operands[0], &id))
		return COMMAND_FAILED;
	return print_one(session, SELECT_CLIENTS "WHERE c.id = ?", BIND_ID(id), columns,
	    COUNT_OF(columns), "client");
}

static enum command_status list_secrets(struct session *session)
{
	struct bind parameter;
	struct uuid id;

	if (!records_find_id(session, &records_client, session->operands[0], &id))
		return COMMAND_FAILED;
	parameter = BIND_ID(id);
	return print_list(session,
	    "SELECT number, created_at, expires_at, last_used_at, use_count FROM api_client_secret "
	    "WHERE client_id = ? ORDER BY number DESC",
	    &parameter, 1, secret_columns, COUNT_OF(secret_columns));
}

/* Secrets of a client that count, in *count. */
static int count_secrets(struct session *session, struct uuid id, int64_t *count)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER };
	struct bind parameter = BIND_ID(id);
	struct result result;

	if (database_select(session->database, session->arena,
		"SELECT COUNT(*) FROM api_client_secret WHERE client_id = ? AND "
		"(expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))",
		&parameter, 1, kinds, 1, &result, &session->error) < 0)
		return -1;
	*count = result.rows[0][0].integer;
	return 0;
}

/* The client is claimed, as record_claim() does it, so that two who count its secrets meet. */
static enum command_status add_secret(
    struct session *session, struct uuid id, const char *name, int64_t grace, const char *hash)
{
	const struct value key = { .uuid = id };
	struct bind client = BIND_ID(id);
	struct sql claim;
	const struct bind former[] = {
		BIND_MOMENT(timestamp_now() + grace * MICROSECONDS_PER_SECOND), client
	};
	const struct bind secret[] = { client, client, BIND_STR(str_from(hash)), client,
		BIND_INT(SECRETS_MOST) };

	sql_init(&claim, session->arena);
	sql_claim(&claim, &credentials_client_resource, "updated_at", &key);
	if (claim.failed)
		return session_fail(session, "Out of memory.");
	/* Without a grace time, what the former secret opened ends with it. */
	struct session_statement statements[] = {
		{ .sql = claim.text,
		    .parameters = claim.binds,
		    .parameter_count = claim.bind_count,
		    .missing = "The API client no longer exists; nothing was changed." },
		{ .sql = "DELETE FROM api_client_secret WHERE client_id = ? AND expires_at <= "
			 "UTC_TIMESTAMP(6)",
		    .parameters = &client,
		    .parameter_count = 1 },
		{ .sql = "UPDATE api_client_secret SET expires_at = ? WHERE client_id = ? AND "
			 "expires_at IS NULL",
		    .parameters = former,
		    .parameter_count = 2 },
		/* Numbers are not used again while a session knows one of them. */
		{ .sql = "INSERT INTO api_client_secret (client_id, number, secret_hash) SELECT ?, "
			 "1 + GREATEST(COALESCE(MAX(number), 0), COALESCE((SELECT "
			 "MAX(secret_number) FROM oauth_session WHERE client_id = ?), 0)), ? "
			 "FROM api_client_secret WHERE client_id = ? HAVING COUNT(*) < ?",
		    .parameters = secret,
		    .parameter_count = COUNT_OF(secret),
		    .missing = arena_printf(session->arena,
			"API client \"%s\" already has %d valid secrets; revoke one with "
			"'clientele client revoke %s --secret NUMBER'.",
			name, SECRETS_MOST, name) },
		{ .sql = END_SESSIONS, .parameters = &client, .parameter_count = 1 },
	};
	unsigned count = COUNT_OF(statements) - (grace > 0);

	if (session_change(session, statements, count, &MARK(MARK_CLIENT, id)) < 0)
		return session_error(session);
	return COMMAND_OK;
}

static enum command_status rotate_secret(struct session *session)
{
	const char *name = session->operands[0];
	char secret[QUESTION_ANSWER_MAX] = "", hash[PASSWORD_HASH_MAX];
	enum command_status status = COMMAND_FAILED;
	int64_t count, grace;
	struct uuid id;

	if (!records_find_id(session, &records_client, name, &id) ||
	    !session_take_number(
		session, "grace", 0, session->settings->client_secret_grace, &grace))
		return COMMAND_FAILED;
	if (count_secrets(session, id, &count) < 0)
		return session_error(session);
	if (take_secret(session, secret, hash))
		status = add_secret(session, id, name, grace, hash);
	if (status == COMMAND_OK) {
		show_secret(session, id, secret, name, NULL);
		session_note(session, "The previous secret stays valid for %lld seconds.",
		    (long long)(count > 0 ? grace : 0));
	}
	explicit_bzero(secret, sizeof(secret));
	return status;
}

/* One secret with its sessions. */
static enum command_status revoke_secret(
    struct session *session, struct uuid id, const char *name, int64_t number)
{
	const struct bind parameters[] = { BIND_ID(id), BIND_INT(number) };
	struct session_statement statements[] = {
		{ .sql = "DELETE FROM api_client_secret WHERE client_id = ? AND number = ?",
		    .parameters = parameters,
		    .parameter_count = 2,
		    .missing = arena_printf(session->arena, "API client \"%s\" has no secret %lld.",
			name, (long long)number) },
		{ .sql = "DELETE FROM oauth_session WHERE client_id = ? AND secret_number = ?",
		    .parameters = parameters,
		    .parameter_count = 2 },
	};

	if (session_change(session, statements, COUNT_OF(statements), &MARK(MARK_CLIENT, id)) < 0)
		return session_error(session);
	session_note(
	    session, "Secret %lld of API client \"%s\" is revoked.", (long long)number, name);
	return COMMAND_OK;
}

/* Runs statements with the client's id; `done` is said with the name. */
static enum command_status run_for_client(
    struct session *session, const char *const *sql, unsigned count, const char *done)
{
	const char *name = session->operands[0];
	struct session_statement statements[4] = { { 0 } };
	struct bind parameter;
	struct uuid id;

	if (!records_find_id(session, &records_client, name, &id))
		return COMMAND_FAILED;
	parameter = BIND_ID(id);
	for (unsigned i = 0; i < count; i++)
		statements[i] = (struct session_statement){
			.sql = sql[i], .parameters = &parameter, .parameter_count = 1
		};
	if (session_change(session, statements, count, &MARK(MARK_CLIENT, id)) < 0)
		return session_error(session);
	session_note(session, "API client \"%s\" %s.", name, done);
	return COMMAND_OK;
}

static enum command_status revoke_client(struct session *session)
{
	static const char *const sql[] = { "DELETE FROM api_client_secret WHERE client_id = ?",
		END_SESSIONS };
	static const char *const unregister[] = {
		"UPDATE api_client SET registration_hash = NULL WHERE id = ?"
	};
	struct uuid id;
	int64_t number;

	if (session_flag(session, "registration") != NULL)
		return run_for_client(
		    session, unregister, 1, "can no longer manage its registration");
	if (session_flag(session, "secret") == NULL)
		return run_for_client(
		    session, sql, 2, "has no valid secret, and its OAuth sessions have ended");
	if (!session_take_number(session, "secret", 1, 0, &number) ||
	    !records_find_id(session, &records_client, session->operands[0], &id))
		return COMMAND_FAILED;
	return revoke_secret(session, id, session->operands[0], number);
}

static enum command_status enable_client(struct session *session)
{
	static const char *const sql[] = { "UPDATE api_client SET enabled = TRUE WHERE id = ?" };

	return run_for_client(session, sql, 1, "is enabled");
}

static enum command_status disable_client(struct session *session)
{
	static const char *const sql[] = { "UPDATE api_client SET enabled = FALSE WHERE id = ?",
		END_SESSIONS };

	return run_for_client(session, sql, 2, "is disabled, and its OAuth sessions have ended");
}

static enum command_status delete_client(struct session *session)
{
	static const char *const sql[] = { "DELETE FROM api_client WHERE id = ?" };

	if (!question_deletion(session, "Delete the API client permanently?"))
		return COMMAND_USAGE;
	return run_for_client(session, sql, 1, "is deleted");
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
	    .run = revoke_client },
	{ .words = "client rotate",
	    ONE_CLIENT,
	    .flags = rotate_flags,
	    .doc = "Add a second secret to an API client and print it; it is shown only once.",
	    .run = rotate_secret },
	{ .words = "client secrets",
	    ONE_CLIENT,
	    .flags = list_flags,
	    .doc = "List the secrets of an API client by number.",
	    .run = list_secrets },
	{ .words = "client show",
	    ONE_CLIENT,
	    .flags = list_flags,
	    .doc = "Show an API client.",
	    .run = show_client },
	{ 0 },
};
