/*
 * The token endpoint (RFC 6749 §4.3, §4.4, §6): one function per grant, chosen by a table.
 */
#include "auth/token.h"
#include "api/oauth/oauth.h"
#include "auth/key.h"
#include "auth/revocation.h"

/* What is to be granted, and to whom. */
struct grant {
	struct session_grant session;
	struct session_tokens tokens;
	struct str client_scope; /* upper bound; empty = none */
	struct str narrowed; /* scope of this access token alone; data == NULL = the session's */
	struct str hash;     /* of the refresh token that is spent */
	bool password_upgrade;
	char password_hash[PASSWORD_HASH_MAX];
	bool reused; /* the refresh token was spent before */
};

static int refuse_grant(struct error *error, const char *sentence)
{
	return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_GRANT, "%s", sentence);
}

/* What user and client may have, and what is asked of it. */
static int check_scope(struct operation *operation, const struct grant *grant, struct str words,
    struct buf *effective, struct error *error)
{
	struct scope wanted, bound, allowed;
	struct str unknown = { NULL, 0 };
	uint32_t roles;

	if (words.length > SCOPE_LONGEST || !scope_parse(words, &wanted, &unknown))
		return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_SCOPE,
		    "There is no scope '" STR_FORMAT "'.",
		    STR_ARGUMENTS(str_slice(unknown, 0, 64)));
	if (principal_user_roles(
		operation->database, operation->arena, &grant->session.user, &roles, error) != 0)
		return -1;
	if (!scope_parse(grant->client_scope, &bound, NULL))
		return error_set_detail(error, ERROR_INTERNAL, "a client's scope cannot be read");
	allowed = (struct scope){ .roles = bound.roles & roles, .permissions = bound.permissions };
	if (!scope_within(&wanted, &allowed))
		return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_SCOPE,
		    "The scope goes beyond what may be granted.");
	wanted = scope_intersect(&wanted, &allowed);
	scope_print(&wanted, roles, effective);
	return effective->failed ? operation_out_of_memory(error) : 0;
}

static int store(struct operation *operation, void *context, struct error *error)
{
	const struct grant *grant = context;
	struct bind parameters[] = { BIND_STR(str_from(grant->password_hash)),
		BIND_ID(grant->session.user) };
	struct outcome outcome;

	if (session_store(operation->database, &grant->session, &grant->tokens, error) != 0)
		return -1;
	if (strcmp(grant->session.grant_type, "password") != 0)
		return 0;
	if (grant->password_upgrade &&
	    database_execute(operation->database, "UPDATE user SET password_hash = ? WHERE id = ?",
		parameters, 2, &outcome, error) != 0)
		return -1;
	return database_execute(operation->database,
	    "UPDATE user SET last_log_in = UTC_TIMESTAMP(6) WHERE id = ?", &parameters[1], 1,
	    &outcome, error);
}

static void answer_tokens(
    struct operation *operation, const struct session_tokens *tokens, struct str scope)
{
	struct writer writer;

	oauth_begin(operation, 200, &writer);
	writer_text(&writer, "access_token", str_from(tokens->access));
	writer_text(&writer, "token_type", STR("Bearer"));
	writer_integer(&writer, "expires_in", operation->settings->oauth_access_lifetime);
	writer_text(&writer, "refresh_token", str_from(tokens->refresh));
	writer_text(&writer, "scope", scope);
	oauth_end(operation, &writer);
}

static void make_tokens(struct operation *operation, struct grant *grant)
{
	session_make_tokens(operation->settings->oauth_access_lifetime,
	    operation->settings->oauth_refresh_lifetime, &grant->tokens);
}

/* The first tokens of a new session. */
static int begin_session(struct operation *operation, struct grant *grant, struct error *error)
{
	struct buf effective = { 0 };
	int status;

	grant->session.id = uuid_random();
	grant->session.address = str_slice(operation->request->remote_address, 0, 64);
	status = check_scope(operation, grant, grant->session.scope, &effective, error);
	if (status == 0) {
		make_tokens(operation, grant);
		status = operation_transaction(operation, store, grant, error);
	}
	if (status == 0)
		answer_tokens(operation, &grant->tokens, buf_str(&effective));
	explicit_bzero(&grant->tokens, sizeof(grant->tokens));
	buf_free(&effective);
	return status;
}

/* Binds the grant to a client that has authenticated itself. */
static int take_client(struct grant *grant, const struct oauth_client *client, struct error *error)
{
	grant->session.client = client->id;
	grant->session.secret_number = client->secret_number;
	grant->session.has_client = true;
	grant->client_scope = client->scope;
	return oauth_check_grant(client, grant->session.grant_type, error);
}

static int grant_client_credentials(struct operation *operation, struct error *error)
{
	struct grant grant = { .session = { .grant_type = "client_credentials" } };
	struct oauth_client client;

	if (oauth_require_client(operation, &client, error) != 0 ||
	    oauth_parameter(operation, "scope", &grant.session.scope, error) != 0 ||
	    take_client(&grant, &client, error) != 0)
		return -1;
	grant.session.user = client.user;
	return begin_session(operation, &grant, error);
}

/* --- password --- */

/* Finds a user by name and password. Returns 1, 0 when they do not fit, -1 with an error. */
static int find_user(struct operation *operation, struct str name, struct str password,
    struct grant *grant, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_UUID, BIND_TEXT, BIND_INTEGER };
	struct guard *guard = operation->guard;
	const struct bind parameter = BIND_STR(name);
	const char *hash = guard->dummy_hash;
	struct result result;
	bool right, there;

	if (database_select(operation->database, operation->arena,
		"SELECT id, password_hash, enabled FROM user WHERE user_name = ?", &parameter, 1,
		columns, 3, &result, error) != 0)
		return -1;
	there = result.count == 1 && !result.rows[0][1].null && result.rows[0][2].integer != 0;
	if (there)
		hash = arena_printf(
		    operation->arena, STR_FORMAT, STR_ARGUMENTS(result.rows[0][1].text));
	/* Hashed whoever it is: how long it takes must not tell who exists. */
	if (guard_verify_password(guard, password, hash, &right, error) != 0)
		return -1;
	if (!there || !right)
		return 0;
	grant->session.user = result.rows[0][0].uuid;
	grant->password_upgrade = strncmp(hash, "$y$", 3) != 0;
	if (grant->password_upgrade &&
	    guard_hash_password(guard, password, grant->password_hash, error) != 0)
		return -1;
	return 1;
}

static int log_in(struct operation *operation, struct str name, struct str password,
    struct grant *grant, struct error *error)
{
	struct throttle *throttle = operation->guard->throttle;
	int status;

	if (throttle_check(throttle, THROTTLE_ADDRESS, operation->request->remote_address, error) !=
		0 ||
	    throttle_check(throttle, THROTTLE_USER, name, error) != 0)
		return -1;
	status = find_user(operation, name, password, grant, error);
	if (status < 0)
		return -1;
	if (status == 0) {
		oauth_count_failure(operation, name);
		return refuse_grant(error, "The user name or the password is wrong.");
	}
	throttle_clear(throttle, THROTTLE_USER, name);
	return 0;
}

static int grant_password(struct operation *operation, struct error *error)
{
	struct grant grant = { .session = { .grant_type = "password" } };
	struct oauth_client client;
	struct str name, password;
	int status;

	if (oauth_required_parameter(operation, "username", &name, error) != 0 ||
	    oauth_required_parameter(operation, "password", &password, error) != 0 ||
	    oauth_parameter(operation, "scope", &grant.session.scope, error) != 0)
		return -1;
	status = oauth_authenticate_client(operation, &client, error);
	if (status < 0 || (status == 1 && take_client(&grant, &client, error) != 0))
		return -1;
	if (log_in(operation, name, password, &grant, error) != 0)
		return -1;
	return begin_session(operation, &grant, error);
}

/* --- refresh_token --- */

enum refresh_column {
	REFRESH_SESSION,
	REFRESH_USED,
	REFRESH_EXPIRES,
	REFRESH_CLIENT,
	REFRESH_USER,
	REFRESH_SCOPE,
	REFRESH_CLIENT_SCOPE,
	REFRESH__MAX
};

static const char refresh_query[] =
    "SELECT s.id, t.used_at, t.expires_at, s.client_id, s.user_id, s.scope, COALESCE(c.scope, '') "
    "FROM oauth_token t JOIN oauth_session s ON s.id = t.session_id "
    "JOIN user u ON u.id = s.user_id LEFT JOIN api_client c ON c.id = s.client_id "
    "WHERE t.token_hash = ? AND t.refresh AND u.enabled AND COALESCE(c.enabled, TRUE)";
static const enum bind_kind refresh_columns[] = { BIND_UUID, BIND_TIME, BIND_TIME, BIND_UUID,
	BIND_UUID, BIND_TEXT, BIND_TEXT };

/* Finds the session of a refresh token that may be spent, or was. */
static int find_refresh(struct operation *operation, struct grant *grant, struct error *error)
{
	const struct bind parameter = BIND_BYTES(grant->hash);
	const struct bind *row;
	struct result result;

	if (database_select(operation->database, operation->arena, refresh_query, &parameter, 1,
		refresh_columns, REFRESH__MAX, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return refuse_grant(error, "The refresh token is not valid.");
	row = result.rows[0];
	/* A token of one client is nothing in the hands of another. */
	if (row[REFRESH_CLIENT].null != !grant->session.has_client ||
	    (grant->session.has_client &&
		!uuid_equal(&row[REFRESH_CLIENT].uuid, &grant->session.client)))
		return refuse_grant(error, "The refresh token is not valid.");
	if (row[REFRESH_EXPIRES].integer <= timestamp_now())
		return refuse_grant(error, "The refresh token has expired.");
	grant->session.id = row[REFRESH_SESSION].uuid;
	grant->session.user = row[REFRESH_USER].uuid;
	grant->session.scope = row[REFRESH_SCOPE].text;
	grant->client_scope = row[REFRESH_CLIENT_SCOPE].text;
	grant->reused = !row[REFRESH_USED].null;
	return 0;
}

/*
 * Spends the refresh token. One that was spent already is in two hands, one of them a thief's: the
 * whole session ends (RFC 6819 §5.2.2.3), and that is committed although the answer is an error.
 */
static int spend(struct operation *operation, void *context, struct error *error)
{
	struct grant *grant = context;
	struct bind parameter = BIND_BYTES(grant->hash);
	struct bind expiry[] = { BIND_MOMENT(grant->tokens.refresh_expires),
		BIND_ID(grant->session.id) };
	struct outcome outcome;

	if (database_execute(operation->database,
		"UPDATE oauth_token SET used_at = UTC_TIMESTAMP(6) "
		"WHERE token_hash = ? AND used_at IS NULL",
		&parameter, 1, &outcome, error) != 0)
		return -1;
	grant->reused = outcome.affected == 0;
	if (grant->reused) {
		if (operation_revoke(operation, error) != 0)
			return -1;
		return session_end(operation->database, &grant->session.id, error);
	}
	if (session_add_tokens(operation->database, &grant->session.id, grant->narrowed,
		&grant->tokens, error) != 0)
		return -1;
	return database_execute(operation->database,
	    "UPDATE oauth_session SET expires_at = ? WHERE id = ?", expiry, 2, &outcome, error);
}

/* A narrower scope may be asked for; a wider one than the session's may not. */
static int check_narrowed(
    struct operation *operation, struct grant *grant, struct buf *effective, struct error *error)
{
	struct scope wanted, session;
	struct str words = grant->narrowed.data != NULL ? grant->narrowed : grant->session.scope;

	if (grant->narrowed.data != NULL && scope_parse(grant->narrowed, &wanted, NULL) &&
	    scope_parse(grant->session.scope, &session, NULL)) {
		if (!scope_within(&wanted, &session))
			return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_SCOPE,
			    "The scope goes beyond that of the session.");
		/* Words that were left out keep the bounds of the session. */
		wanted = scope_intersect(&wanted, &session);
		scope_print(&wanted, wanted.roles == SCOPE_ALL_ROLES ? 0 : wanted.roles, effective);
		words = arena_str(operation->arena, buf_str(effective));
		grant->narrowed = words;
		buf_reset(effective, 0);
	}
	return check_scope(operation, grant, words, effective, error);
}

static int refresh(struct operation *operation, struct grant *grant, struct error *error)
{
	struct buf effective = { 0 };
	int status = 0;

	if (!grant->reused)
		status = check_narrowed(operation, grant, &effective, error);
	if (status == 0) {
		make_tokens(operation, grant);
		status = operation_transaction(operation, spend, grant, error);
	}
	if (status == 0 && grant->reused)
		status = refuse_grant(error,
		    "The refresh token was used before; all tokens of its session have ended.");
	if (status == 0)
		answer_tokens(operation, &grant->tokens, buf_str(&effective));
	explicit_bzero(&grant->tokens, sizeof(grant->tokens));
	buf_free(&effective);
	return status;
}

static int grant_refresh_token(struct operation *operation, struct error *error)
{
	struct grant grant = { .session = { .grant_type = "refresh_token" } };
	uint8_t hash[KEY_HASH_LENGTH];
	struct oauth_client client;
	struct str token;
	int status;

	if (oauth_required_parameter(operation, "refresh_token", &token, error) != 0 ||
	    oauth_parameter(operation, "scope", &grant.narrowed, error) != 0)
		return -1;
	status = oauth_authenticate_client(operation, &client, error);
	if (status < 0 || (status == 1 && take_client(&grant, &client, error) != 0))
		return -1;
	if (!token_is(TOKEN_REFRESH, token))
		return refuse_grant(error, "The refresh token is not valid.");
	key_hash(token, hash);
	grant.hash = (struct str){ (const char *)hash, sizeof(hash) };
	if (find_refresh(operation, &grant, error) != 0)
		return -1;
	return refresh(operation, &grant, error);
}

static const struct {
	const char *type;
	int (*run)(struct operation *operation, struct error *error);
} grants[] = {
	{ "client_credentials", grant_client_credentials },
	{ "password", grant_password },
	{ "refresh_token", grant_refresh_token },
};

int oauth_token(struct operation *operation, struct error *error)
{
	struct str type;

	if (oauth_check_form(operation, error) != 0 ||
	    oauth_required_parameter(operation, "grant_type", &type, error) != 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(grants); i++) {
		if (str_equal(type, str_from(grants[i].type)))
			return grants[i].run(operation, error);
	}
	return error_set_word(error, ERROR_INVALID, OAUTH_UNSUPPORTED_GRANT,
	    "The grant type must be client_credentials, password or refresh_token.");
}
