/*
 * API clients: what programs log in with, on behalf of a user.
 */
#include "api/credentials/credentials.h"
#include "auth/session.h"

#define NAME_LONGEST 18

enum client_member {
	CLIENT_ID,
	CLIENT_NAME,
	CLIENT_SECRET,
	CLIENT_USER_ID,
	CLIENT_ENABLED,
	CLIENT_EXPIRES_AT,
	CLIENT_LAST_USED_AT,
	CLIENT_SCOPE,
	CLIENT_SECRET_HASH,
	CLIENT_UPDATED_AT,
	CLIENT__MAX
};

static const char *check_scope(struct str text)
{
	struct scope scope;

	return scope_parse(text, &scope, NULL)
		   ? NULL
		   : "names of roles and the words read, update, delete, create, "
		     "with blanks between them";
}

static const struct field client_fields[CLIENT__MAX] = {
	[CLIENT_ID] = { UUID("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the API client, to be used as client_id." },
	[CLIENT_NAME] = { STRING("Name", "name", NAME_LONGEST), .flags = FIELD_REQUIRED,
	    .doc = "Display name, unique." },
	[CLIENT_SECRET] =
	    CREDENTIALS_SECRET("At least 12 characters; made when absent from a POST. Shown once, "
			       "in the answer to the call that set it; kept as a hash."),
	[CLIENT_USER_ID] = { UUID("UserID", "user_id"), .flags = FIELD_REQUIRED,
	    .doc = "User on whose behalf the client acts; must exist." },
	[CLIENT_ENABLED] = { BOOLEAN("Enabled", "enabled"), .flags = FIELD_NOT_NULL,
	    .fallback = "true", .doc = "Whether it may log in." },
	[CLIENT_EXPIRES_AT] = { DATETIME("ExpiresAt", "expires_at"),
	    .doc = "When it ends; null never." },
	[CLIENT_LAST_USED_AT] = { DATETIME("LastUsedAt", "last_used_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When it was last used, exact to a minute." },
	[CLIENT_SCOPE] = { STRING("Scope", "scope", SCOPE_LONGEST), .check = check_scope,
	    .doc = "Roles and permissions that its tokens may have at most; null: all of the "
		   "user's.",
	    .example = "\"LicenseManager read\"" },
	[CLIENT_SECRET_HASH] = { STRING("SecretHash", NULL, PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED },
	[CLIENT_UPDATED_AT] = { DATETIME("UpdatedAt", "updated_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
};

static int before_insert(struct operation *operation, struct row *row, struct error *error)
{
	return credentials_secret_fill(operation, row, CLIENT_SECRET, CLIENT_SECRET_HASH, error);
}

/* Sessions that the changed client would not be given again. */
static int end_sessions(struct operation *operation, const struct row *row,
    const struct uuid *client, struct error *error)
{
	struct bind binds[] = { BIND_ID(*client), BIND_ID(*client) };
	struct outcome outcome;

	if (row_filled(row, CLIENT_SECRET) ||
	    (row_has(row, CLIENT_ENABLED) && !row->values[CLIENT_ENABLED].boolean))
		return session_end_client(operation->database, client, 0, error);
	if (!row_has(row, CLIENT_USER_ID))
		return 0;
	binds[1] = BIND_ID(row->values[CLIENT_USER_ID].uuid);
	return database_execute(operation->database,
	    "DELETE FROM oauth_session WHERE client_id = ? AND user_id <> ? "
	    "AND grant_type = 'client_credentials'",
	    binds, 2, &outcome, error);
}

static int before_update(
    struct operation *operation, const struct row *key, struct row *row, struct error *error)
{
	if (row_filled(row, CLIENT_SECRET) &&
	    credentials_secret_fill(operation, row, CLIENT_SECRET, CLIENT_SECRET_HASH, error) != 0)
		return -1;
	if (end_sessions(operation, row, &key->values[CLIENT_ID].uuid, error) != 0)
		return -1;
	return operation_revoke(operation, error);
}

static int after_write(struct operation *operation, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	const struct uuid *client = &key->values[CLIENT_ID].uuid;

	if (!row_filled(sent, CLIENT_SECRET))
		return 0;
	/* The update that a new secret comes with need not have written anything. */
	if (!insert && credentials_client_claim(operation, client, error) != 0)
		return -1;
	return credentials_secret_replace(
	    operation, client, sent->values[CLIENT_SECRET_HASH].text, error);
}

/* Secrets and sessions go with it. */
static int before_delete(struct operation *operation, const struct row *key, struct error *error)
{
	(void)key;
	return operation_revoke(operation, error);
}

static const struct unique_key client_uniques[] = {
	{ .index = "api_client_name",
	    .member = "Name",
	    .word = "DUPLICATE_NAME",
	    .message = "The Name is already in use." },
};

static const struct reference client_references[] = {
	{ .constraint = "api_client_user",
	    .member = "UserID",
	    .word = "UNKNOWN_USER",
	    .message = "The UserID does not name an existing user." },
};

const struct resource credentials_client_resource = {
	.name = "client",
	.type_name = "ClientResponse",
	.table = "api_client",
	.order_by = "t.name, t.id",
	FIELDS(client_fields),
	UNIQUES(client_uniques),
	REFERENCES(client_references),
	.hooks = { .before_insert = before_insert,
	    .before_update = before_update,
	    .before_delete = before_delete,
	    .after_write = after_write },
	.doc = "An API client: an identifier and a secret that a program trades for tokens.",
};
