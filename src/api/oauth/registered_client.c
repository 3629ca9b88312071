#include "api/oauth/registered_client.h"

#include "api/credentials/credentials.h"
#include "api/licensing/licensing.h"
#include "api/oauth/oauth.h"

#define BEARER_CHALLENGE "Bearer realm=\"clientele\", error=\"invalid_token\""
#define NAME_LENGTH 16 /* "reg-" and twelve characters */
#define NAME_PREFIX_LENGTH 4

static const struct field registered_fields[] = {
	[REGISTERED_ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[REGISTERED_NAME] = { STRING("name", "name", 18), .flags = FIELD_READONLY,
	    .doc = "Name, drawn." },
	[REGISTERED_USER] = { UUID("userId", "user_id"), .flags = FIELD_READONLY,
	    .doc = "User on whose behalf it acts." },
	[REGISTERED_SCOPE] = { STRING("scope", "scope", SCOPE_LONGEST), .flags = FIELD_READONLY,
	    .doc = "Upper bound of its tokens." },
	[REGISTERED_CREATED] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it registered itself." },
	[REGISTERED_ENABLED] = { BOOLEAN("enabled", "enabled"), .flags = FIELD_READONLY,
	    .doc = "Whether it may log in." },
	[REGISTERED_EXPIRES] = { DATETIME("expiresAt", "expires_at"), .flags = FIELD_READONLY,
	    .doc = "When it expires." },
	[REGISTERED_TOKEN_EXPIRES] = { DATETIME("tokenExpiresAt", "registration_expires_at"),
	    .flags = FIELD_READONLY, .doc = "When it cannot manage itself any more." },
	[REGISTERED_TOKEN_HASH] = { BINARY("tokenHash", "registration_hash"),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
	[REGISTERED_METADATA] = { STRING("metadata", "metadata", INT32_MAX),
	    .flags = FIELD_READONLY, .doc = "What it says of itself, as JSON." },
	[REGISTERED_USER_ENABLED] = { BOOLEAN("userEnabled", "u.enabled"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY },
	[REGISTERED_SECRET_HASH] = { STRING("secretHash", NULL, PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED },
	[REGISTERED_INITIAL_TOKEN] = { INT32("initialToken", NULL),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_NOT_STORED },
};

int oauth_refuse_registration_token(bool sent, struct error *error)
{
	error->challenge = sent ? BEARER_CHALLENGE : NULL;
	return error_set_word(error, ERROR_UNAUTHENTICATED, OAUTH_INVALID_TOKEN,
	    "The token is missing, wrong or expired.");
}

static int find_counting(struct context *context, int64_t id, struct row **row, struct error *error)
{
	struct row *keys = row_new(context->arena, &oauth_initial_view);
	struct row_list rows;

	*row = NULL;
	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_integer(keys, INITIAL_ID, id);
	row_set_boolean(keys, INITIAL_COUNTS, true);
	if (record_fetch_all_locked(context,
		&(struct record_set){ .resource = keys->resource, .keys = keys },
		FIELD_BIT(INITIAL_USES_LEFT) | FIELD_BIT(INITIAL_USE_COUNT), &rows, error) != 0)
		return -1;
	if (rows.count == 0)
		return oauth_refuse_registration_token(true, error);
	*row = rows.rows[0];
	return 0;
}

/* The row is written in any case, so that two registrations of one use meet on all nodes. */
static int use_initial_token(struct context *context, int64_t id, struct error *error)
{
	const struct resource *resource = &oauth_initial_view;
	struct row *keys = row_new(context->arena, resource);
	struct row *values = row_new(context->arena, resource), *found;
	int64_t count;

	if (keys == NULL || values == NULL)
		return error_out_of_memory(error);
	if (find_counting(context, id, &found, error) != 0)
		return -1;
	row_set_integer(keys, INITIAL_ID, id);
	if (row_filled(found, INITIAL_USES_LEFT))
		row_set_integer(
		    values, INITIAL_USES_LEFT, found->values[INITIAL_USES_LEFT].integer - 1);
	row_set_integer(values, INITIAL_USE_COUNT, found->values[INITIAL_USE_COUNT].integer + 1);
	row_set_integer(values, INITIAL_LAST_USED, timestamp_now());
	/* The entry of the client tells of it. */
	return record_update_all(context,
	    &(struct record_set){ .resource = resource, .keys = keys, .told = true }, values,
	    &count, error);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	char *name = arena_alloc(context->arena, NAME_LENGTH + 1);

	if (name == NULL)
		return error_out_of_memory(error);
	memcpy(name, "reg-", NAME_PREFIX_LENGTH);
	random_text(
	    name + NAME_PREFIX_LENGTH, NAME_LENGTH - NAME_PREFIX_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
	row_set_text(row, REGISTERED_NAME, str_from(name));
	context->made |= FIELD_BIT(REGISTERED_NAME);
	return use_initial_token(context, row->values[REGISTERED_INITIAL_TOKEN].integer, error);
}

static int revoke_registered(struct context *context, const struct row *key, struct error *error)
{
	return record_revoke(context, MARK(MARK_CLIENT, key->values[REGISTERED_ID].uuid), error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;

	(void)row;
	return revoke_registered(context, key, error);
}

static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	return insert ? credentials_secret_store(context, &key->values[REGISTERED_ID].uuid, 1,
			    sent->values[REGISTERED_SECRET_HASH].text, error)
		      : 0;
}

static const struct unique_key registered_uniques[] = {
	{ .index = "api_client_name", .member = "name", .alone = true },
};

static const struct reference registered_references[] = {
	{ .constraint = "api_client_user",
	    .member = "userId",
	    .target = &licensing_user_resource,
	    .message = "The user was not found." },
};

const struct resource oauth_registered_client_resource = {
	.name = "client",
	AUDITED_AS("API client", "client"),
	.type_name = "RegisteredClient",
	.area = AREA_CREDENTIALS,
	.table = "api_client",
	.from = "api_client {} JOIN user u ON u.id = {}.user_id",
	FIELDS(registered_fields),
	UNIQUES(registered_uniques),
	REFERENCES(registered_references),
	.event = "registered_client",
	.doc = "A client that has registered itself.",
};

const struct record oauth_registered_client_record = {
	.resource = &oauth_registered_client_resource,
	.before_insert = before_insert,
	.before_update = before_update,
	.before_delete = revoke_registered,
	.after_write = after_write,
};
