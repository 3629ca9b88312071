#include "auth/session.h"

#include "auth/key.h"
#include "auth/principal.h"
#include "auth/token.h"
#include "schema/resource.h"

/* Most sessions that one grant ends where there are too many. */
#define REPETITIONS "4" /* pairs that one refresh token gives at most */
#define SURPLUS_BATCH 100

void session_make_tokens(int64_t access_lifetime, int64_t refresh_lifetime, bool refreshes,
    struct session_tokens *tokens)
{
	int64_t now = timestamp_now();

	*tokens = (struct session_tokens){
		.access_expires = now + access_lifetime * MICROSECONDS_PER_SECOND,
		.refresh_expires = now + refresh_lifetime * MICROSECONDS_PER_SECOND,
	};
	secret_make(TOKEN_ACCESS, tokens->access);
	if (refreshes)
		secret_make(TOKEN_REFRESH, tokens->refresh);
}

void session_make_cookie(int64_t lifetime, struct session_tokens *tokens)
{
	*tokens = (struct session_tokens){
		.access_expires = timestamp_now() + lifetime * MICROSECONDS_PER_SECOND,
	};
	secret_make(TOKEN_CONSOLE, tokens->access);
}

/* --- what was checked --- */

enum client_column { CLIENT_USER, CLIENT_SCOPE, CLIENT_GRANTS, CLIENT_HASH, CLIENT__MAX };

static const char client_query[] =
    "SELECT c.user_id, COALESCE(c.scope, ''), "
    "COALESCE(JSON_EXTRACT(c.metadata, '$.grant_types'), ''), s.secret_hash "
    "FROM api_client c JOIN user u ON u.id = c.user_id "
    "JOIN api_client_secret s ON s.client_id = c.id "
    "WHERE c.id = ? AND s.number = ? AND c.enabled AND u.enabled "
    "AND (c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(6)) "
    "AND (s.expires_at IS NULL OR s.expires_at > UTC_TIMESTAMP(6)) FOR UPDATE";
static const enum bind_kind client_columns[] = { BIND_UUID, BIND_TEXT, BIND_TEXT, BIND_TEXT };

/* Returns 1 when client and secret are as they were, 0 when not, -1 with an error. */
static int confirm_client(struct database *database, struct arena *arena,
    const struct session_grant *grant, struct session_state *state, struct error *error)
{
	const struct bind parameters[] = { BIND_ID(grant->client), BIND_INT(grant->secret_number) };
	const struct bind *row;
	struct outcome outcome;
	struct result result;

	if (!grant->has_client)
		return 1;
	if (database_select(database, arena, client_query, parameters, 2, client_columns,
		CLIENT__MAX, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	row = result.rows[0];
	if (!str_equal(row[CLIENT_HASH].text, grant->secret_hash) ||
	    (grant->of_owner && !uuid_equal(&row[CLIENT_USER].uuid, &grant->user)))
		return 0;
	state->client_scope = row[CLIENT_SCOPE].text;
	state->client_grants = row[CLIENT_GRANTS].text;
	/* A lock holds in one server; the nodes of a cluster only compare what was written. */
	if (database_execute(database,
		"UPDATE api_client SET last_used_at = UTC_TIMESTAMP(6) WHERE id = ?", parameters, 1,
		&outcome, error) != 0)
		return -1;
	return 1;
}

/* The same of the user. */
static int confirm_user(struct database *database, struct arena *arena,
    const struct session_grant *grant, struct session_state *state, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_TEXT };
	const struct bind parameter = BIND_ID(grant->user);
	struct result result;

	if (database_select(database, arena,
		"SELECT password_hash FROM user WHERE id = ? AND enabled FOR UPDATE", &parameter, 1,
		columns, 1, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	if (grant->password_hash.data != NULL &&
	    (result.rows[0][0].null || !str_equal(result.rows[0][0].text, grant->password_hash)))
		return 0;
	if (principal_user_roles(database, arena, &grant->user, true, &state->roles, error) != 0)
		return -1;
	return grant->of_person ? second_factor_spend(
				      database, arena, &grant->user, &grant->second_factor, error)
				: 1;
}

static int confirm(struct database *database, struct arena *arena,
    const struct session_grant *grant, struct session_state *state, struct error *error)
{
	int status;

	*state = (struct session_state){ 0 };
	status = confirm_client(database, arena, grant, state, error);
	return status == 1 ? confirm_user(database, arena, grant, state, error) : status;
}

/* --- what is stored --- */

static int store_token(struct database *database, const struct uuid *session, const char *token,
    bool refresh, struct str scope, int64_t expires, struct error *error)
{
	uint8_t hash[KEY_HASH_LENGTH];
	struct bind parameters[] = {
		BIND_BYTES(((struct str){ (const char *)hash, KEY_HASH_LENGTH })),
		BIND_ID(*session),
		BIND_INT(refresh),
		BIND_STR(scope),
		BIND_MOMENT(expires),
	};
	struct outcome outcome;

	key_hash(str_from(token), hash);
	parameters[3].null = scope.data == NULL;
	return database_execute(database,
	    "INSERT INTO oauth_token (token_hash, session_id, refresh, scope, expires_at) "
	    "VALUES (?, ?, ?, ?, ?)",
	    parameters, 5, &outcome, error);
}

static int store_tokens(struct database *database, const struct session_grant *grant,
    const struct session_tokens *tokens, struct error *error)
{
	const struct str whole = { NULL, 0 };

	if (store_token(database, &grant->id, tokens->access, false, grant->token_scope,
		tokens->access_expires, error) != 0)
		return -1;
	if (tokens->refresh[0] == '\0')
		return 0;
	return store_token(
	    database, &grant->id, tokens->refresh, true, whole, tokens->refresh_expires, error);
}

/* Makes room for one more session. */
static int end_surplus(struct database *database, struct arena *arena, struct session_grant *grant,
    int64_t most, struct revocations *revocations, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_UUID };
	struct bind parameters[] = { BIND_ID(grant->user), BIND_ID(grant->client),
		BIND_INT(SURPLUS_BATCH), BIND_INT(most - 1) };
	struct result result;

	parameters[1].null = !grant->has_client;
	if (database_select(database, arena,
		"SELECT id FROM oauth_session WHERE user_id = ? AND client_id <=> ? "
		"ORDER BY expires_at DESC, id LIMIT ? OFFSET ?",
		parameters, COUNT_OF(parameters), columns, 1, &result, error) != 0)
		return -1;
	grant->ended = result.count;
	for (unsigned i = 0; i < result.count; i++) {
		if (session_end(database, &result.rows[i][0].uuid, revocations, error) != 0)
			return -1;
	}
	return 0;
}

static int store_session(struct database *database, const struct session_grant *grant,
    const struct session_tokens *tokens, struct error *error)
{
	struct bind parameters[] = {
		BIND_ID(grant->id),
		BIND_ID(grant->user),
		BIND_ID(grant->client),
		BIND_INT(grant->secret_number),
		BIND_STR(str_from(grant->grant_type)),
		BIND_STR(grant->scope),
		BIND_STR(grant->address),
		BIND_MOMENT(grant->refreshes ? tokens->refresh_expires : tokens->access_expires),
		BIND_INT(grant->idle_seconds),
		BIND_INT(grant->key_id),
		BIND_STR(grant->user_agent),
	};
	struct outcome outcome;

	parameters[2].null = !grant->has_client;
	parameters[3].null = !grant->has_client;
	parameters[6].null = grant->address.length == 0;
	parameters[8].null = grant->idle_seconds == 0;
	parameters[9].null = grant->key_id == 0;
	parameters[10].null = grant->user_agent.length == 0;
	return database_execute(database,
	    "INSERT INTO oauth_session (id, user_id, client_id, secret_number, grant_type, "
	    "scope, address, expires_at, idle_seconds, key_id, user_agent) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    parameters, COUNT_OF(parameters), &outcome, error);
}

/*
 * A login is noted, and written in any case: on another node, a reset of the password meets it.
 * The hash is still the one that was checked.
 */
static int note_login(
    struct database *database, const struct session_grant *grant, struct error *error)
{
	const struct bind parameters[] = {
		BIND_STR(grant->new_password_hash.data != NULL ? grant->new_password_hash
							       : grant->password_hash),
		BIND_ID(grant->user),
	};
	struct outcome outcome;

	if (grant->password_hash.data == NULL)
		return 0;
	return database_execute(database,
	    "UPDATE user SET password_hash = ?, last_log_in = UTC_TIMESTAMP(6) WHERE id = ?",
	    parameters, COUNT_OF(parameters), &outcome, error);
}

enum session_outcome session_open(struct database *database, struct arena *arena,
    struct session_grant *grant, int64_t most, const struct session_tokens *tokens,
    struct revocations *revocations, struct error *error)
{
	struct session_state state;
	int status = confirm(database, arena, grant, &state, error);

	if (status <= 0)
		return status == 0 ? SESSION_CHANGED : SESSION_FAILED;
	if (grant->admit(grant->context, &state, error) != 0 ||
	    end_surplus(database, arena, grant, most, revocations, error) != 0 ||
	    store_session(database, grant, tokens, error) != 0 ||
	    store_tokens(database, grant, tokens, error) != 0 ||
	    note_login(database, grant, error) != 0)
		return SESSION_FAILED;
	return SESSION_OPEN;
}

/* --- what is refreshed --- */

enum refresh_column {
	REFRESH_USED,
	REFRESH_AGAIN,
	REFRESH_EXPIRES,
	REFRESH_CLIENT,
	REFRESH_SCOPE,
	REFRESH__MAX
};

/*
 * An answer may get lost: a spent token is taken again for a moment, as long as none of those that
 * came of it has been used, and not without end.
 */
#define AGAIN                                                                                  \
	"t.used_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND "                                    \
	"AND NOT EXISTS (SELECT 1 FROM oauth_token o WHERE o.session_id = s.id AND o.refresh " \
	"AND o.used_at > t.used_at) AND (SELECT COUNT(*) FROM oauth_token o "                  \
	"WHERE o.session_id = s.id AND o.refresh AND o.used_at IS NULL) < " REPETITIONS

static const char refresh_query[] =
    "SELECT t.used_at, " AGAIN ", t.expires_at, s.client_id, s.scope FROM oauth_session s "
    "JOIN oauth_token t ON t.session_id = s.id "
    "WHERE s.id = ? AND s.user_id = ? AND t.token_hash = ? AND t.refresh FOR UPDATE";
static const enum bind_kind refresh_columns[] = { BIND_TIME, BIND_INTEGER, BIND_TIME, BIND_UUID,
	BIND_TEXT };

/* How a refresh token was found. */
enum token_state {
	TOKEN_UNUSED,
	TOKEN_AGAIN, /* spent just now: its answer may have got lost */
	TOKEN_SPENT,
};

/* Finds the token again, under lock. As confirm_client(). */
static int confirm_token(struct database *database, struct arena *arena,
    const struct session_grant *grant, int64_t grace, struct session_state *state,
    enum token_state *token, struct error *error)
{
	const struct bind parameters[] = { BIND_INT(grace), BIND_ID(grant->id),
		BIND_ID(grant->user), BIND_BYTES(grant->token_hash) };
	const struct bind *row;
	struct result result;

	if (database_select(database, arena, refresh_query, parameters, COUNT_OF(parameters),
		refresh_columns, REFRESH__MAX, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	row = result.rows[0];
	if (row[REFRESH_CLIENT].null == grant->has_client ||
	    (grant->has_client && !uuid_equal(&row[REFRESH_CLIENT].uuid, &grant->client)) ||
	    row[REFRESH_EXPIRES].integer <= timestamp_now())
		return 0;
	state->session_scope = row[REFRESH_SCOPE].text;
	if (row[REFRESH_USED].null)
		*token = TOKEN_UNUSED;
	else
		*token = row[REFRESH_AGAIN].integer != 0 ? TOKEN_AGAIN : TOKEN_SPENT;
	return 1;
}

/* With a token go those that came beside it: of several heirs only one goes on. */
static int spend(struct database *database, const struct session_grant *grant,
    const struct session_tokens *tokens, struct error *error)
{
	const struct bind session = BIND_ID(grant->id);
	const struct bind expiry[] = { BIND_MOMENT(tokens->refresh_expires), BIND_ID(grant->id) };
	struct outcome outcome;

	if (database_execute(database,
		"UPDATE oauth_token SET used_at = UTC_TIMESTAMP(6) "
		"WHERE session_id = ? AND refresh AND used_at IS NULL",
		&session, 1, &outcome, error) != 0)
		return -1;
	return database_execute(database, "UPDATE oauth_session SET expires_at = ? WHERE id = ?",
	    expiry, COUNT_OF(expiry), &outcome, error);
}

enum session_outcome session_refresh(struct database *database, struct arena *arena,
    const struct session_grant *grant, int64_t grace, const struct session_tokens *tokens,
    struct revocations *revocations, struct error *error)
{
	struct session_state state;
	enum token_state token = TOKEN_SPENT;
	int status = confirm(database, arena, grant, &state, error);

	if (status == 1)
		status = confirm_token(database, arena, grant, grace, &state, &token, error);
	if (status <= 0)
		return status == 0 ? SESSION_CHANGED : SESSION_FAILED;
	if (token == TOKEN_SPENT)
		return session_end(database, &grant->id, revocations, error) == 0 ? SESSION_REUSED
										  : SESSION_FAILED;
	if (grant->admit(grant->context, &state, error) != 0 ||
	    (token == TOKEN_UNUSED && spend(database, grant, tokens, error) != 0) ||
	    store_tokens(database, grant, tokens, error) != 0)
		return SESSION_FAILED;
	return SESSION_OPEN;
}

/* --- what ends --- */

static int delete_sessions(struct database *database, const char *sql,
    const struct bind *parameters, unsigned count, struct mark mark,
    struct revocations *revocations, struct error *error)
{
	struct outcome outcome;

	if (database_execute(database, sql, parameters, count, &outcome, error) != 0)
		return -1;
	return revocation_mark(revocations, database, mark, error);
}

int session_end(struct database *database, const struct uuid *session,
    struct revocations *revocations, struct error *error)
{
	const struct bind parameter = BIND_ID(*session);

	return delete_sessions(database, "DELETE FROM oauth_session WHERE id = ?", &parameter, 1,
	    MARK(MARK_SESSION, *session), revocations, error);
}

int session_end_user(struct database *database, const struct uuid *user, const struct uuid *kept,
    struct revocations *revocations, struct error *error)
{
	const struct bind parameters[] = { BIND_ID(*user), BIND_ID(*kept) };

	return delete_sessions(database, "DELETE FROM oauth_session WHERE user_id = ? AND id <> ?",
	    parameters, COUNT_OF(parameters), MARK(MARK_USER, *user), revocations, error);
}

int session_end_client(struct database *database, const struct uuid *client, int64_t secret_number,
    struct revocations *revocations, struct error *error)
{
	const struct bind parameters[] = { BIND_ID(*client), BIND_INT(secret_number) };

	return delete_sessions(database,
	    secret_number == 0
		? "DELETE FROM oauth_session WHERE client_id = ?"
		: "DELETE FROM oauth_session WHERE client_id = ? AND secret_number = ?",
	    parameters, secret_number == 0 ? 1 : 2, MARK(MARK_CLIENT, *client), revocations, error);
}
