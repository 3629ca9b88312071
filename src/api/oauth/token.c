/*
 * The token endpoint (RFC 6749 §4.3, §4.4, §6): one function per grant, chosen by a table.
 */
#include "auth/token.h"
#include "api/credentials/credentials.h"
#include "api/login.h"
#include "api/oauth/oauth.h"
#include "api/oauth/view.h"
#include "auth/attempt.h"

/* How often a grant is checked anew because something has changed before it could be stored. */
#define ATTEMPTS 3

/* What is to be granted, and to whom. */
struct grant {
	struct session_grant session;
	struct session_tokens tokens;
	struct operation *operation;
	struct str narrowed;  /* scope that a refresh asks for; data == NULL = the session's */
	struct buf effective; /* what the access token brings, for the answer */
	enum session_outcome outcome;
};

static int refuse_grant(struct error *error, const char *sentence)
{
	return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_GRANT, "%s", sentence);
}

static int refuse_scope(struct error *error, const char *sentence)
{
	return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_SCOPE, "%s", sentence);
}

/* What user and client may have, and what is asked of it. */
static int check_scope(
    struct grant *grant, const struct session_state *state, struct str words, struct error *error)
{
	struct scope wanted, bound, allowed;
	struct str unknown = { NULL, 0 };

	if (words.length > SCOPE_LONGEST || !scope_parse(words, &wanted, &unknown))
		return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_SCOPE,
		    "There is no scope '" STR_FORMAT "'.", STR_ARGUMENTS(str_cut(unknown, 64)));
	if (!scope_parse(state->client_scope, &bound, NULL))
		return error_set_detail(error, ERROR_INTERNAL, "a client's scope cannot be read");
	allowed =
	    (struct scope){ .roles = bound.roles & state->roles, .permissions = bound.permissions };
	if (!scope_within(&wanted, &allowed))
		return refuse_scope(error, "The scope exceeds what may be granted.");
	wanted = scope_intersect(&wanted, &allowed);
	/* No role is no right, and never the same as "all that there are". */
	if (wanted.roles == 0)
		return refuse_scope(error, "The user has no role that a token could carry.");
	buf_reset(&grant->effective, SIZE_MAX);
	scope_print(&wanted, state->roles, &grant->effective);
	return grant->effective.failed ? error_out_of_memory(error) : 0;
}

static void make_tokens(struct grant *grant)
{
	const struct settings *settings = grant->operation->context.settings;

	session_make_tokens(settings->oauth_access_lifetime, settings->oauth_refresh_lifetime,
	    grant->session.refreshes, &grant->tokens);
}

/* Decides upon a new session. Only people's sessions go on by refreshing: RFC 6749 §4.4.3. */
static int admit(void *context, const struct session_state *state, struct error *error)
{
	struct grant *grant = context;
	struct session_grant *session = &grant->session;

	if (oauth_check_grant(state->client_grants, session->grant_type, error) != 0 ||
	    check_scope(grant, state, session->scope, error) != 0)
		return -1;
	if (session->of_person && session->second_factor.kind == SECOND_FACTOR_NONE &&
	    second_factor_demanded(grant->operation->context.settings, state->roles))
		return refuse_grant(error,
		    "A second factor is required: set it up first, by signing in with a browser.");
	session->refreshes =
	    !session->of_owner && oauth_may_use(state->client_grants, "refresh_token");
	make_tokens(grant);
	return 0;
}

static int open_session(struct operation *operation, void *context, struct error *error)
{
	struct grant *grant = context;

	grant->outcome = session_open(operation->context.database, operation->context.arena,
	    &grant->session, operation->context.settings->oauth_sessions, &grant->tokens,
	    &operation->context.revocations, error);
	if (grant->outcome == SESSION_FAILED)
		return -1;
	return grant->outcome == SESSION_OPEN
		   ? credentials_session_audit(&operation->context, true, &grant->session, error)
		   : 0;
}

static void answer_tokens(struct operation *operation, const struct grant *grant)
{
	const struct session_tokens *tokens = &grant->tokens;
	struct writer writer;

	guard_make_known(operation->context.guard, str_from(tokens->access));
	guard_make_known(operation->context.guard, str_from(tokens->refresh));
	oauth_begin(operation, 200, &writer);
	writer_text(&writer, "access_token", str_from(tokens->access));
	writer_text(&writer, "token_type", STR("Bearer"));
	writer_integer(&writer, "expires_in", operation->context.settings->oauth_access_lifetime);
	if (tokens->refresh[0] != '\0')
		writer_text(&writer, "refresh_token", str_from(tokens->refresh));
	writer_text(&writer, "scope", buf_str(&grant->effective));
	oauth_end(operation, &writer);
}

/* Binds the grant to a client that has authenticated itself. */
static int take_client(struct grant *grant, const struct oauth_client *client, struct error *error)
{
	grant->session.client = client->id;
	grant->session.secret_number = client->secret_number;
	grant->session.secret_hash = client->secret_hash;
	grant->session.has_client = true;
	return oauth_check_grant(client->grant_types, grant->session.grant_type, error);
}

/* Takes a client where one authenticates itself. */
static int take_optional_client(struct grant *grant, struct error *error)
{
	struct oauth_client client;
	int status = oauth_authenticate_client(grant->operation, &client, error);

	return status == 1 ? take_client(grant, &client, error) : status;
}

/* --- client_credentials --- */

static int check_client_credentials(struct grant *grant, struct error *error)
{
	struct oauth_client client;

	if (oauth_require_client(grant->operation, &client, error) != 0 ||
	    oauth_parameter(grant->operation, "scope", &grant->session.scope, error) != 0 ||
	    take_client(grant, &client, error) != 0)
		return -1;
	grant->session.user = client.user;
	grant->session.of_owner = true;
	return 0;
}

/* --- password --- */

static int refuse_password(struct error *error, enum login_fault fault, const char *sentence)
{
	(void)fault;
	return refuse_grant(error, sentence);
}

static int check_password(struct grant *grant, struct error *error)
{
	struct operation *operation = grant->operation;
	struct login login = { .refuse = refuse_password };

	if (oauth_required_parameter(operation, "username", &login.name, error) != 0 ||
	    oauth_required_parameter(operation, "password", &login.password, error) != 0 ||
	    oauth_parameter(operation, "code", &login.code, error) != 0 ||
	    oauth_parameter(operation, "scope", &grant->session.scope, error) != 0 ||
	    take_optional_client(grant, error) != 0)
		return -1;
	return login_check(operation, &login, &grant->session, error);
}

/* --- refresh_token --- */

/* Finds the session of a refresh token; one client's token is nothing in the hands of another. */
static int find_refresh(struct grant *grant, struct error *error)
{
	/* Client credentials had refresh tokens once; they are none any more. */
	const struct value without = { .text = STR("client_credentials") };
	struct context *context = &grant->operation->context;
	const struct resource *resource = &oauth_token_view;
	struct row *keys = row_new(context->arena, resource), *row;
	struct sql where;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_text(keys, TOKEN_HASH, grant->session.token_hash);
	row_set_boolean(keys, TOKEN_REFRESHES, true);
	sql_init(&where, context->arena);
	sql_where_to_come(&where, resource, TOKEN_EXPIRES);
	sql_where_other(&where, resource, TOKEN_GRANT_TYPE, &without);
	if (grant->session.has_client)
		row_set_uuid(keys, TOKEN_CLIENT, grant->session.client);
	else
		sql_where_null(&where, resource, TOKEN_CLIENT, true);
	if (record_find(context,
		&(struct record_set){ .resource = resource, .keys = keys, .where = &where },
		FIELD_BIT(TOKEN_SESSION) | FIELD_BIT(TOKEN_USER), &row, error) != 0)
		return -1;
	if (row == NULL)
		return refuse_grant(error, "The refresh token is invalid or expired.");
	grant->session.id = row->values[TOKEN_SESSION].uuid;
	grant->session.user = row->values[TOKEN_USER].uuid;
	return 0;
}

/* A narrower scope may be asked for; a wider one than the session's may not. */
static int narrow(struct grant *grant, struct str session_words, struct error *error)
{
	struct scope wanted, session;

	if (!scope_parse(grant->narrowed, &wanted, NULL) ||
	    !scope_parse(session_words, &session, NULL))
		return 0; /* check_scope() says what is wrong with it */
	if (!scope_within(&wanted, &session))
		return refuse_scope(error, "The scope exceeds that of the session.");
	/* Words that were left out keep the bounds of the session. */
	wanted = scope_intersect(&wanted, &session);
	buf_reset(&grant->effective, SIZE_MAX);
	scope_print_words(&wanted, &grant->effective);
	grant->session.token_scope =
	    arena_str(grant->operation->context.arena, buf_str(&grant->effective));
	return 0;
}

static int admit_refresh(void *context, const struct session_state *state, struct error *error)
{
	struct grant *grant = context;

	grant->session.token_scope = grant->narrowed;
	if (oauth_check_grant(state->client_grants, grant->session.grant_type, error) != 0 ||
	    (grant->narrowed.data != NULL && narrow(grant, state->session_scope, error) != 0) ||
	    check_scope(grant, state,
		grant->narrowed.data != NULL ? grant->session.token_scope : state->session_scope,
		error) != 0)
		return -1;
	make_tokens(grant);
	return 0;
}

static int refresh_session(struct operation *operation, void *context, struct error *error)
{
	struct grant *grant = context;

	grant->outcome = session_refresh(operation->context.database, operation->context.arena,
	    &grant->session, operation->context.settings->oauth_refresh_grace, &grant->tokens,
	    &operation->context.revocations, error);
	if (grant->outcome == SESSION_FAILED)
		return -1;
	/* The next tokens of a session are no change of it; its end is. */
	return grant->outcome == SESSION_REUSED
		   ? credentials_session_audit(&operation->context, false, &grant->session, error)
		   : 0;
}

static int check_refresh_token(struct grant *grant, struct error *error)
{
	struct operation *operation = grant->operation;
	uint8_t hash[KEY_HASH_LENGTH];
	struct attempt attempt;
	struct str token;

	if (oauth_required_parameter(operation, "refresh_token", &token, error) != 0 ||
	    oauth_parameter(operation, "scope", &grant->narrowed, error) != 0 ||
	    take_optional_client(grant, error) != 0)
		return -1;
	if (!token_is(TOKEN_REFRESH, token))
		return refuse_grant(error, "The refresh token is invalid or expired.");
	key_hash(token, hash);
	grant->session.token_hash =
	    arena_str(operation->context.arena, (struct str){ (const char *)hash, sizeof(hash) });
	grant->session.refreshes = true;
	if (attempt_begin_lookup(&attempt, operation->context.guard,
		operation->request->remote_address, hash, error) != 0)
		return -1;
	if (find_refresh(grant, error) != 0)
		return error->code == ERROR_INVALID ? attempt_fail(&attempt, error) : -1;
	attempt_succeed(&attempt);
	return 0;
}

/* --- all of them --- */

/* How a grant is checked, which may take long, and how it is carried out in a transaction. */
struct grant_row {
	const char *type;
	int (*check)(struct grant *grant, struct error *error);
	int (*admit)(void *context, const struct session_state *state, struct error *error);
	int (*act)(struct operation *operation, void *context, struct error *error);
};

static const struct grant_row kinds[] = {
	{ "client_credentials", check_client_credentials, admit, open_session },
	{ "password", check_password, admit, open_session },
	{ "refresh_token", check_refresh_token, admit_refresh, refresh_session },
};

/* Returns 0 with grant->outcome, or -1 with an error. */
static int try_grant(struct operation *operation, const struct grant_row *kind, struct grant *grant,
    struct error *error)
{
	*grant = (struct grant){
		.operation = operation,
		.session = {
		    .id = uuid_new(),
		    .grant_type = kind->type,
		    .address = str_slice(operation->request->remote_address, 0, 64),
		    .admit = kind->admit,
		    .context = grant,
		},
	};
	if (kind->check(grant, error) != 0 ||
	    gate_enter(operation->context.guard->gate, GATE_SESSION, error) != 0)
		return -1;
	return operation_transaction(operation, kind->act, grant, error);
}

static int finish_grant(struct operation *operation, const struct grant *grant, struct error *error)
{
	switch (grant->outcome) {
	case SESSION_OPEN:
		answer_tokens(operation, grant);
		return 0;
	case SESSION_REUSED:
		return refuse_grant(error,
		    "The refresh token was already used; all tokens of its session are revoked.");
	default:
		return error_set_wait(error, ERROR_BUSY, 1,
		    "The credentials were changed in the meantime; try again.");
	}
}

/* What has changed between the check and the act is checked anew, as if it had come later. */
static int run_grant(struct operation *operation, const struct grant_row *kind, struct error *error)
{
	int attempts = ATTEMPTS, status;
	struct grant grant;
	bool again;

	do {
		status = try_grant(operation, kind, &grant, error);
		again = status == 0 && grant.outcome == SESSION_CHANGED && --attempts > 0;
		if (status == 0 && !again)
			status = finish_grant(operation, &grant, error);
		explicit_bzero(&grant.tokens, sizeof(grant.tokens));
		buf_free(&grant.effective);
	} while (again);
	return status;
}

int oauth_token(struct operation *operation, struct error *error)
{
	struct str type;

	if (oauth_check_form(operation, error) != 0 ||
	    oauth_required_parameter(operation, "grant_type", &type, error) != 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (str_equal(type, str_from(kinds[i].type)))
			return run_grant(operation, &kinds[i], error);
	}
	return error_set_word(error, ERROR_INVALID, OAUTH_UNSUPPORTED_GRANT,
	    "The grant type must be client_credentials, password or refresh_token.");
}
