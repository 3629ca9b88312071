/*
 * Introspection (RFC 7662) and revocation (RFC 7009) of tokens.
 */
#include "api/credentials/credentials.h"
#include "api/oauth/oauth.h"
#include "api/oauth/view.h"
#include "auth/attempt.h"
#include "auth/token.h"

/* A token of ours, or *row NULL. */
static int find_token(
    struct operation *operation, struct str token, struct row **row, struct error *error)
{
	const struct resource *resource = &oauth_token_view;
	uint8_t hash[KEY_HASH_LENGTH];
	const struct value digest = { .text = { (const char *)hash, sizeof(hash) } };

	*row = NULL;
	if (!token_is(TOKEN_ACCESS, token) && !token_is(TOKEN_REFRESH, token))
		return 0;
	key_hash(token, hash);
	return record_find_by(&operation->context, resource, TOKEN_HASH, &digest,
	    resource_default_mask(resource), row, error);
}

/* The same for a caller who has proved nothing: it may be guessing. */
static int find_token_of_anybody(
    struct operation *operation, struct str token, struct row **row, struct error *error)
{
	uint8_t hash[KEY_HASH_LENGTH];
	struct attempt attempt;

	key_hash(token, hash);
	if (attempt_begin_lookup(&attempt, operation->context.guard,
		operation->request->remote_address, hash, error) != 0 ||
	    find_token(operation, token, row, error) != 0)
		return -1;
	if (*row == NULL)
		return attempt_fail(&attempt, error);
	attempt_succeed(&attempt);
	return 0;
}

static bool is_of_client(const struct row *row, const struct oauth_client *client)
{
	return !row->values[TOKEN_CLIENT].null &&
	       uuid_equal(&row->values[TOKEN_CLIENT].uuid, &client->id);
}

static bool is_active(const struct row *row)
{
	return row->values[TOKEN_ENABLED].boolean && row->values[TOKEN_USED].null &&
	       row->values[TOKEN_EXPIRES].integer > timestamp_now();
}

/* The scope as it is now: of user, client and token together. */
static int print_scope(
    struct operation *operation, const struct row *row, struct buf *out, struct error *error)
{
	struct scope scope, bound;
	uint32_t roles;

	if (principal_user_roles(operation->context.database, operation->context.arena,
		&row->values[TOKEN_USER].uuid, false, &roles, error) != 0)
		return -1;
	if (!scope_parse(row->values[TOKEN_SCOPE].text, &scope, NULL) ||
	    !scope_parse(row->values[TOKEN_CLIENT_SCOPE].text, &bound, NULL))
		return error_set_detail(error, ERROR_INTERNAL, "a scope cannot be read");
	scope = scope_intersect(&scope, &bound);
	scope_print(&scope, roles, out);
	return out->failed ? error_out_of_memory(error) : 0;
}

static void write_uuid(struct writer *writer, const char *name, const struct uuid *id)
{
	char text[UUID_TEXT_LENGTH];

	uuid_print(id, text);
	writer_text(writer, name, (struct str){ text, sizeof(text) });
}

static int answer_active(struct operation *operation, const struct row *row, struct error *error)
{
	struct buf scope = { 0 };
	struct writer writer;

	if (print_scope(operation, row, &scope, error) != 0) {
		buf_free(&scope);
		return -1;
	}
	oauth_begin(operation, 200, &writer);
	writer_boolean(&writer, "active", true);
	writer_text(&writer, "scope", buf_str(&scope));
	if (!row->values[TOKEN_CLIENT].null)
		write_uuid(&writer, "client_id", &row->values[TOKEN_CLIENT].uuid);
	writer_text(&writer, "username", row->values[TOKEN_USER_NAME].text);
	if (!row->values[TOKEN_REFRESHES].boolean)
		writer_text(&writer, "token_type", STR("Bearer"));
	oauth_write_moment(&writer, "exp", row->values[TOKEN_EXPIRES].integer);
	oauth_write_moment(&writer, "iat", row->values[TOKEN_CREATED].integer);
	write_uuid(&writer, "sub", &row->values[TOKEN_USER].uuid);
	writer_text(&writer, "iss", str_from(operation->request->base_url));
	oauth_end(operation, &writer);
	buf_free(&scope);
	return 0;
}

/*
 * A client sees its own tokens; who may read credentials sees all. The dispatcher has resolved a
 * key or bearer token where one came along.
 */
int oauth_introspect(struct operation *operation, struct error *error)
{
	bool reader = operation->context.actor.principal != NULL;
	struct oauth_client client;
	struct row *row;
	struct writer writer;
	struct str token;

	if (oauth_check_form(operation, error) != 0 ||
	    (!reader && oauth_require_client(operation, &client, error) != 0) ||
	    oauth_required_parameter(operation, "token", &token, error) != 0 ||
	    find_token(operation, token, &row, error) != 0)
		return -1;
	if (row != NULL && is_active(row) && (reader || is_of_client(row, &client)))
		return answer_active(operation, row, error);
	oauth_begin(operation, 200, &writer);
	writer_boolean(&writer, "active", false);
	oauth_end(operation, &writer);
	return 0;
}

static int end_access_tokens(
    struct context *context, const struct uuid *session, struct error *error)
{
	struct row *keys = row_new(context->arena, &oauth_token_view);
	int64_t count;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_uuid(keys, TOKEN_SESSION, *session);
	row_set_boolean(keys, TOKEN_REFRESHES, false);
	return record_delete_all(context,
	    &(struct record_set){ .resource = keys->resource, .keys = keys }, &count, error);
}

static int end_token(struct operation *operation, void *context, struct error *error)
{
	const struct row *row = context;
	const struct uuid *session = &row->values[TOKEN_SESSION].uuid;

	const struct session_grant ended = {
		.id = *session,
		.user = row->values[TOKEN_USER].uuid,
		.client = row->values[TOKEN_CLIENT].uuid,
		.has_client = !row->values[TOKEN_CLIENT].null,
	};

	if (row->values[TOKEN_REFRESHES].boolean)
		return session_end(operation->context.database, session,
			   &operation->context.revocations, error) == 0
			   ? credentials_session_audit(&operation->context, false, &ended, error)
			   : -1;
	if (record_revoke(&operation->context, MARK(MARK_SESSION, *session), error) != 0)
		return -1;
	return end_access_tokens(&operation->context, session, error);
}

/*
 * A refresh token ends with its session; an access token ends with the other access tokens of its
 * session, and may be refreshed. Whoever holds a token that no client was given may end it.
 */
int oauth_revoke(struct operation *operation, struct error *error)
{
	struct oauth_client client;
	struct row *row;
	struct writer writer;
	struct str token;
	int known;

	if (oauth_check_form(operation, error) != 0 ||
	    oauth_required_parameter(operation, "token", &token, error) != 0)
		return -1;
	known = oauth_authenticate_client(operation, &client, error);
	if (known < 0 || (known == 1 ? find_token(operation, token, &row, error)
				     : find_token_of_anybody(operation, token, &row, error)) != 0)
		return -1;
	if (row != NULL && !row->values[TOKEN_CLIENT].null && known == 0)
		return oauth_require_client(operation, &client, error);
	if (row != NULL && known == 1 && !is_of_client(row, &client))
		return error_set_word(error, ERROR_INVALID, OAUTH_UNAUTHORIZED_CLIENT,
		    "The token was not issued to this client.");
	if (row != NULL && operation_transaction(operation, end_token, row, error) != 0)
		return -1;
	oauth_begin(operation, 200, &writer);
	oauth_end(operation, &writer);
	return 0;
}
