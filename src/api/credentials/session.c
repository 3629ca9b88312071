/*
 * Sessions: what has been granted to users and clients and has not ended.
 */
#include "api/credentials/credentials.h"
#include "api/licensing/licensing.h"
#include "record/audit.h"
#include "record/rows.h"

enum session_member {
	SESSION_ID,
	SESSION_USER_ID,
	SESSION_USER_NAME,
	SESSION_CLIENT_ID,
	SESSION_CLIENT_NAME,
	SESSION_SECRET_NUMBER,
	SESSION_GRANT_TYPE,
	SESSION_SCOPE,
	SESSION_ADDRESS,
	SESSION_USER_AGENT,
};

/*
 * Looked up, not joined: a session that is read under lock must not lock its user and client, which
 * come before it in the order of locks (auth/session.h).
 */
#define USER_NAME "(SELECT u.user_name FROM user u WHERE u.id = {}.user_id)"
#define CLIENT_NAME "(SELECT c.name FROM api_client c WHERE c.id = {}.client_id)"

static const struct field session_fields[] = {
	[SESSION_ID] = { UUID("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[SESSION_USER_ID] = { UUID("UserID", "user_id"), .flags = FIELD_READONLY,
	    .doc = "User on whose behalf it was opened." },
	[SESSION_USER_NAME] = { STRING("UserName", NULL, 255), .flags = FIELD_READONLY,
	    .expression = USER_NAME, .doc = "Name of the user." },
	[SESSION_CLIENT_ID] = { UUID("ClientID", "client_id"), .flags = FIELD_READONLY,
	    .doc = "API client that opened it; null if a user opened it without one." },
	[SESSION_CLIENT_NAME] = { STRING("ClientName", NULL, 18), .flags = FIELD_READONLY,
	    .expression = CLIENT_NAME, .doc = "Name of the client." },
	[SESSION_SECRET_NUMBER] = { INT32("SecretNumber", "secret_number"), .flags = FIELD_READONLY,
	    .doc = "Number of the client's secret that opened it." },
	[SESSION_GRANT_TYPE] = { STRING("GrantType", "grant_type", 32), .flags = FIELD_READONLY,
	    .doc = "How it was opened; " SESSION_CONSOLE " is signing in with a browser.",
	    .example = "\"client_credentials\"" },
	[SESSION_SCOPE] = { STRING("Scope", "scope", SCOPE_LONGEST), .flags = FIELD_READONLY,
	    .doc = "Upper bound of what its tokens may do." },
	[SESSION_ADDRESS] = { STRING("Address", "address", 64), .flags = FIELD_READONLY,
	    .doc = "Address that opened it." },
	[SESSION_USER_AGENT] = { STRING("UserAgent", "user_agent", SESSION_AGENT_LONGEST),
	    .flags = FIELD_READONLY, .doc = "What the browser that opened it calls itself." },
	{ DATETIME("CreatedAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was opened." },
	{ DATETIME("LastUsedAt", "last_used_at"), .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When one of its tokens was last used, exact to a minute." },
	{ INT64("UseCount", "use_count"), .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "How often its tokens were used, exact to a minute." },
	{ DATETIME("ExpiresAt", "expires_at"), .flags = FIELD_READONLY, .doc = "When it ends." },
};

/* Its tokens go with it. */
static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return record_revoke(context, MARK(MARK_SESSION, key->values[SESSION_ID].uuid), error);
}

static const struct reference session_references[] = {
	{ .constraint = "oauth_session_user",
	    .member = "UserID",
	    .target = &licensing_user_resource,
	    .message = "The user was not found." },
	{ .constraint = "oauth_session_client",
	    .member = "ClientID",
	    .target = &credentials_client_resource,
	    .message = "The client was not found." },
};

const struct resource credentials_session_resource = {
	.name = "session",
	.word = "oauthSession",
	.type_name = "Session",
	.area = AREA_CREDENTIALS,
	.table = "oauth_session",
	.condition = CREDENTIALS_SESSION_LASTS,
	ORDER_BY(DESCENDING("ExpiresAt"), DESCENDING("ID")),
	FIELDS(session_fields),
	REFERENCES(session_references),
	.doc = "A grant to a user or an API client; it holds the tokens until it expires.",
};

const struct record credentials_session_record = {
	.resource = &credentials_session_resource,
	.before_delete = before_delete,
};

int credentials_session_end_others(struct context *context, const struct uuid *client,
    const struct uuid *user, struct error *error)
{
	const struct resource *resource = &credentials_session_resource;
	const struct value kept = { .uuid = *user };
	struct row *keys = row_new(context->arena, resource);
	struct sql where;
	int64_t count;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_uuid(keys, SESSION_CLIENT_ID, *client);
	row_set_text(keys, SESSION_GRANT_TYPE, STR("client_credentials"));
	sql_init(&where, context->arena);
	sql_where_other(&where, resource, SESSION_USER_ID, &kept);
	return record_delete_all(context,
	    &(struct record_set){
		.resource = resource, .keys = keys, .where = &where, .told = true },
	    &count, error);
}

/* Those that had to make room. */
static int audit_ended(
    struct context *context, const struct session_grant *grant, struct error *error)
{
	struct row *keys = row_new(context->arena, &credentials_session_resource);

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_uuid(keys, SESSION_USER_ID, grant->user);
	if (grant->has_client)
		row_set_uuid(keys, SESSION_CLIENT_ID, grant->client);
	return audit_record_rows(context, AUDIT_DELETE, keys->resource, keys, grant->ended, error);
}

int credentials_session_audit(
    struct context *context, bool opened, const struct session_grant *grant, struct error *error)
{
	struct row *row = row_new(context->arena, &credentials_session_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_uuid(row, SESSION_ID, grant->id);
	row_set_uuid(row, SESSION_USER_ID, grant->user);
	if (grant->has_client)
		row_set_uuid(row, SESSION_CLIENT_ID, grant->client);
	if (opened) {
		row_set_text(row, SESSION_GRANT_TYPE, str_from(grant->grant_type));
		row_set_text(row, SESSION_SCOPE, grant->scope);
		row_set_text(row, SESSION_ADDRESS, grant->address);
		if (grant->user_agent.length > 0)
			row_set_text(row, SESSION_USER_AGENT, grant->user_agent);
	}
	if (opened && grant->ended > 0 && audit_ended(context, grant, error) != 0)
		return -1;
	return opened ? audit_record(context, AUDIT_INSERT, row->resource, NULL, row, error)
		      : audit_record(context, AUDIT_DELETE, row->resource, row, NULL, error);
}
