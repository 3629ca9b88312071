#include "auth/session.h"

#include "auth/key.h"
#include "auth/token.h"

void session_make_tokens(
    int64_t access_lifetime, int64_t refresh_lifetime, struct session_tokens *tokens)
{
	int64_t now = timestamp_now();

	secret_make(TOKEN_ACCESS, tokens->access);
	secret_make(TOKEN_REFRESH, tokens->refresh);
	tokens->access_expires = now + access_lifetime * MICROSECONDS_PER_SECOND;
	tokens->refresh_expires = now + refresh_lifetime * MICROSECONDS_PER_SECOND;
}

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

int session_add_tokens(struct database *database, const struct uuid *session, struct str scope,
    const struct session_tokens *tokens, struct error *error)
{
	const struct str whole = { NULL, 0 };

	if (store_token(database, session, tokens->access, false, scope, tokens->access_expires,
		error) != 0)
		return -1;
	return store_token(
	    database, session, tokens->refresh, true, whole, tokens->refresh_expires, error);
}

int session_store(struct database *database, const struct session_grant *grant,
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
		BIND_MOMENT(tokens->refresh_expires),
	};
	const struct str whole = { NULL, 0 };
	struct outcome outcome;

	parameters[2].null = !grant->has_client;
	parameters[3].null = !grant->has_client;
	parameters[6].null = grant->address.length == 0;
	if (database_execute(database,
		"INSERT INTO oauth_session (id, user_id, client_id, secret_number, grant_type, "
		"scope, address, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		parameters, 8, &outcome, error) != 0)
		return -1;
	return session_add_tokens(database, &grant->id, whole, tokens, error);
}

int session_end(struct database *database, const struct uuid *session, struct error *error)
{
	struct bind parameter = BIND_ID(*session);
	struct outcome outcome;

	return database_execute(
	    database, "DELETE FROM oauth_session WHERE id = ?", &parameter, 1, &outcome, error);
}

int session_end_user(struct database *database, const struct uuid *user, struct error *error)
{
	struct bind parameter = BIND_ID(*user);
	struct outcome outcome;

	return database_execute(database, "DELETE FROM oauth_session WHERE user_id = ?", &parameter,
	    1, &outcome, error);
}

int session_end_client(struct database *database, const struct uuid *client, int64_t secret_number,
    struct error *error)
{
	struct bind parameters[] = { BIND_ID(*client), BIND_INT(secret_number) };
	struct outcome outcome;

	return database_execute(database,
	    secret_number == 0
		? "DELETE FROM oauth_session WHERE client_id = ?"
		: "DELETE FROM oauth_session WHERE client_id = ? AND secret_number = ?",
	    parameters, secret_number == 0 ? 1 : 2, &outcome, error);
}
