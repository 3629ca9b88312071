/*
 * Registration as administrators see it (RFC 7591, RFC 7592): the tokens that let clients register
 * themselves, and those that let a registered client manage itself.
 */
#include "api/credentials/credentials.h"
#include "api/licensing/licensing.h"
#include "auth/key.h"
#include "auth/token.h"
#include "record/rows.h"

#define USES_MOST 1000000

enum initial_member {
	INITIAL_ID,
	INITIAL_NAME,
	INITIAL_TEXT,
	INITIAL_USER_ID,
	INITIAL_SCOPE,
	INITIAL_USES_LEFT,
	INITIAL_CREATED_AT,
	INITIAL_EXPIRES_AT,
	INITIAL_CLIENTS_EXPIRE_AT,
	INITIAL_LAST_USED_AT,
	INITIAL_USE_COUNT,
	INITIAL_HASH,
	INITIAL_USER_NAME,
	INITIAL__MAX
};

static const struct field initial_fields[INITIAL__MAX] = {
	[INITIAL_ID] = { INT32("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Number of the token." },
	[INITIAL_NAME] = { STRING("Name", "name", 255), .flags = FIELD_TYPICAL, .doc = "Purpose.",
	    .example = "\"Partners of ACME\"" },
	[INITIAL_TEXT] = { STRING("Token", NULL, SECRET_TEXT_MAX),
	    .flags = FIELD_READONLY | FIELD_NOT_STORED | FIELD_SECRET | FIELD_ECHO,
	    .doc = "Shown once, in the answer to the call that created it; stored as a hash." },
	[INITIAL_USER_ID] = { UUID("UserID", "user_id"), .flags = FIELD_REQUIRED,
	    .doc = "User on whose behalf the clients act." },
	[INITIAL_SCOPE] = { STRING("Scope", "scope", SCOPE_LONGEST),
	    .check = credentials_check_scope,
	    .doc = "Upper bound of roles and permissions of its clients; null: all of the user's. "
		   "If absent, those of the caller.",
	    .example = "\"Application\"" },
	[INITIAL_USES_LEFT] = { INT32("UsesLeft", "uses_left"), .least = 0, .most = USES_MOST,
	    .doc = "How many more API clients may register with it; null means unlimited." },
	[INITIAL_CREATED_AT] = { DATETIME("CreatedAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was created." },
	[INITIAL_EXPIRES_AT] = { DATETIME("ExpiresAt", "expires_at"),
	    .example = "\"2036-12-31T00:00:00+00:00\"",
	    .doc = "When it expires; null means never. If absent, it expires with the caller's "
		   "credential." },
	[INITIAL_CLIENTS_EXPIRE_AT] = { DATETIME("ClientsExpireAt", "clients_expire_at"),
	    .doc = "When the API clients that register with it expire; null means never. If "
		   "absent, with the caller's credential." },
	[INITIAL_LAST_USED_AT] = { DATETIME("LastUsedAt", "last_used_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED, .doc = "When it was last used." },
	[INITIAL_USE_COUNT] = { INT64("UseCount", "use_count"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "How many clients have registered with it." },
	[INITIAL_USER_NAME] = { STRING("UserName", NULL, 255), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT u.user_name FROM user u WHERE u.id = {}.user_id)" },
	[INITIAL_HASH] = { BINARY("TokenHash", "token_hash"),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
};

static const struct grant_kind grant_kind = {
	.name = "token",
	.members = { [GRANT_ROLES] = "Scope",
	    [GRANT_PERMISSIONS] = "Scope",
	    [GRANT_EXPIRY] = "ClientsExpireAt" },
};

static int make_token(struct context *context, struct row *row, struct error *error)
{
	char token[SECRET_TEXT_MAX];
	uint8_t hash[KEY_HASH_LENGTH];
	struct str copy, digest;

	secret_make(TOKEN_INITIAL, token);
	key_hash(str_from(token), hash);
	guard_make_known(context->guard, str_from(token));
	copy = arena_str(context->arena, str_from(token));
	digest = arena_str(context->arena, (struct str){ (const char *)hash, sizeof(hash) });
	explicit_bzero(token, sizeof(token));
	if (copy.data == NULL || digest.data == NULL)
		return error_out_of_memory(error);
	row_set_text(row, INITIAL_TEXT, copy);
	row_set_text(row, INITIAL_HASH, digest);
	return 0;
}

static int64_t moment_of(const struct row *row, unsigned member)
{
	return row_filled(row, member) ? row->values[member].integer : INT64_MAX;
}

/* Neither the token nor what it brings about outlasts the maker's credential. */
static int check_grant(struct context *context, struct row *row, struct error *error)
{
	const struct authority bound = record_authority(context, 0);
	struct grant_kind kind = grant_kind;
	struct authority made;

	if (grant_is_everything(&bound))
		return 0;
	for (unsigned i = INITIAL_EXPIRES_AT; i <= INITIAL_CLIENTS_EXPIRE_AT; i++) {
		if (!row_has(row, i) && bound.expires != INT64_MAX)
			row_set_integer(row, i, bound.expires);
	}
	if (credentials_scope_inherit(
		context, &bound, row, INITIAL_USER_ID, INITIAL_SCOPE, error) != 0 ||
	    credentials_scope_authority(
		context, row, INITIAL_USER_ID, INITIAL_SCOPE, &made, error) != 0)
		return -1;
	made.expires = moment_of(row, INITIAL_CLIENTS_EXPIRE_AT);
	if (made.expires <= bound.expires && moment_of(row, INITIAL_EXPIRES_AT) > bound.expires) {
		made.expires = moment_of(row, INITIAL_EXPIRES_AT);
		kind.members[GRANT_EXPIRY] = "ExpiresAt";
	}
	return grant_check(&made, NULL, &bound, &kind, error);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (check_grant(context, row, error) != 0)
		return -1;
	return make_token(context, row, error);
}

static const struct reference token_references[] = {
	{ .constraint = "oauth_registration_token_user",
	    .member = "UserID",
	    .target = &licensing_user_resource,
	    .word = "UNKNOWN_USER",
	    .message = "The UserID does not name an existing user." },
};

const struct resource credentials_registration_token_resource = {
	.name = "registration token",
	.type_name = "RegistrationToken",
	.table = "oauth_registration_token",
	.mints = true,
	.area = AREA_CREDENTIALS,
	FIELDS(initial_fields),
	REFERENCES(token_references),
	.doc = "An initial access token, whose bearer may register API clients (RFC 7591).",
};

const struct record credentials_registration_token_record = {
	.resource = &credentials_registration_token_resource,
	.before_insert = before_insert,
};

enum registration_member {
	REGISTRATION_ID,
	REGISTRATION_NAME,
	REGISTRATION_CREATED_AT,
	REGISTRATION_EXPIRES_AT,
	REGISTRATION_LAST_USED_AT,
	REGISTRATION_USE_COUNT,
	REGISTRATION_HASH,
};

static const struct field registration_fields[] = {
	[REGISTRATION_ID] = { UUID("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the API client." },
	[REGISTRATION_NAME] = { STRING("Name", "name", 18),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .doc = "Name of the client.",
	    .example = "\"Partners of ACME\"" },
	[REGISTRATION_CREATED_AT] = { DATETIME("CreatedAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it registered itself." },
	[REGISTRATION_EXPIRES_AT] = { DATETIME("ExpiresAt", "registration_expires_at"),
	    .flags = FIELD_TYPICAL, .example = "\"2036-12-31T00:00:00+00:00\"",
	    .doc = "When its token expires; null means never." },
	[REGISTRATION_LAST_USED_AT] = { DATETIME("LastUsedAt", "registration_used_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When the token was last used, exact to a minute." },
	[REGISTRATION_USE_COUNT] = { INT64("UseCount", "registration_use_count"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "How often the token was used, exact to a minute." },
	[REGISTRATION_HASH] = { BINARY("TokenHash", "registration_hash"),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
};

/* Whoever lets a client manage itself for longer must be able to grant what it has. */
static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;

	(void)row;
	return credentials_client_check_holder(context, &key->values[REGISTRATION_ID].uuid, error);
}

static const struct unique_key registration_uniques[] = {
	{ .index = "api_client_name", .member = "Name", .alone = true },
};

const struct resource credentials_registration_resource = {
	.name = "registration",
	AUDITED_AS("API client"),
	.type_name = "Registration",
	.table = "api_client",
	.mints = true,
	.area = AREA_CREDENTIALS,
	.condition = "{}.registration_hash IS NOT NULL",
	ORDER_BY(ASCENDING("Name")),
	FIELDS(registration_fields),
	UNIQUES(registration_uniques),
	.doc = "The token that lets a registered client manage itself (RFC 7592).",
};

const struct record credentials_registration_record = {
	.resource = &credentials_registration_resource,
	.before_update = before_update,
};

int credentials_registration_forget(struct context *context, void *keys, struct error *error)
{
	const struct record_set set = { .resource = &credentials_registration_resource,
		.keys = keys };
	struct row *values = row_new(context->arena, set.resource);
	int64_t count;

	if (values == NULL)
		return error_out_of_memory(error);
	row_set_null(values, REGISTRATION_HASH);
	if (record_update_all(context, &set, values, &count, error) != 0)
		return -1;
	if (count == 0)
		return error_set(error, ERROR_NOT_FOUND, "The registration was not found.");
	return 0;
}

static int forget_token(struct operation *operation, void *keys, struct error *error)
{
	return credentials_registration_forget(&operation->context, keys, error);
}

int credentials_registration_revoke(struct operation *operation, struct error *error)
{
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_transaction(operation, forget_token, keys, error) != 0)
		return -1;
	operation_answer_nothing(operation, operation->contract->family.delete_status);
	return 0;
}
