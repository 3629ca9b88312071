/*
 * Sessions: what has been granted to users and clients and has not ended.
 */
#include "api/credentials/credentials.h"

enum { SESSION_ID };

static const struct field session_fields[] = {
	[SESSION_ID] = { UUID("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	{ UUID("UserID", "user_id"), .flags = FIELD_READONLY,
	    .doc = "User on whose behalf it was opened." },
	{ STRING("UserName", "u.user_name", 255), .flags = FIELD_READONLY,
	    .doc = "Name of the user." },
	{ UUID("ClientID", "client_id"), .flags = FIELD_READONLY,
	    .doc = "API client that opened it; null if a user opened it without one." },
	{ STRING("ClientName", "c.name", 18), .flags = FIELD_READONLY,
	    .doc = "Name of the client." },
	{ INT32("SecretNumber", "secret_number"), .flags = FIELD_READONLY,
	    .doc = "Number of the client's secret that opened it." },
	{ STRING("GrantType", "grant_type", 32), .flags = FIELD_READONLY,
	    .doc = "How it was opened.", .example = "\"client_credentials\"" },
	{ STRING("Scope", "scope", SCOPE_LONGEST), .flags = FIELD_READONLY,
	    .doc = "Upper bound of what its tokens may do." },
	{ STRING("Address", "address", 64), .flags = FIELD_READONLY,
	    .doc = "Address that opened it." },
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

const struct resource credentials_session_resource = {
	.name = "session",
	.type_name = "Session",
	.area = AREA_CREDENTIALS,
	.table = "oauth_session",
	.from = "oauth_session {} JOIN user u ON u.id = {}.user_id "
		"LEFT JOIN api_client c ON c.id = {}.client_id",
	.condition = "{}.expires_at > UTC_TIMESTAMP(6)",
	ORDER_BY(DESCENDING("ExpiresAt"), ASCENDING("ID")),
	FIELDS(session_fields),
	.doc = "A grant to a user or an API client; it holds the tokens until it expires.",
};

const struct record credentials_session_record = {
	.resource = &credentials_session_resource,
	.before_delete = before_delete,
};
