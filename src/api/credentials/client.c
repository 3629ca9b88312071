/*
 * API clients: what programs log in with, on behalf of a user.
 */
#include "api/credentials/credentials.h"
#include "api/licensing/licensing.h"
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
	CLIENT_USE_COUNT,
	CLIENT_SCOPE,
	CLIENT_SECRET_HASH,
	CLIENT_UPDATED_AT,
	CLIENT_ACCOUNT_ID,
	CLIENT_NEXT_SECRET,
	CLIENT_USER_NAME,
	CLIENT_VALID_NUMBERS,
	CLIENT_SESSION_COUNT,
	CLIENT_CREATED_AT,
	CLIENT_REGISTERED,
	CLIENT_REGISTRATION_EXPIRES_AT,
	CLIENT_REGISTRATION_USED_AT,
	CLIENT_REGISTRATION_USE_COUNT,
	CLIENT__MAX
};

const char *credentials_check_scope(struct str text)
{
	struct scope scope;

	/* An empty list of words would mean all of them; who means all leaves it out. */
	return str_trim(text).length > 0 && scope_parse(text, &scope, NULL)
		   ? NULL
		   : "names of roles and the words read, update, delete, create, "
		     "with blanks between them, or none";
}

/* Numbers are not used again while a session knows one of them. */
#define NEXT_SECRET                                                              \
	"1 + GREATEST(COALESCE((SELECT MAX(s.number) FROM api_client_secret s "  \
	"WHERE s.client_id = {}.id), 0), COALESCE((SELECT MAX(o.secret_number) " \
	"FROM oauth_session o WHERE o.client_id = {}.id), 0))"

static const struct field client_fields[CLIENT__MAX] = {
	[CLIENT_ID] = { UUID("ID", "id"), .flags = KEY_CHOOSABLE,
	    .doc = "Identifier of the API client, to be used as client_id." },
	[CLIENT_NAME] = { STRING("Name", "name", NAME_LONGEST), .flags = FIELD_REQUIRED,
	    .doc = "Display name, unique.", .example = "\"ACME portal\"" },
	[CLIENT_SECRET] = CREDENTIALS_SECRET(FIELD_REQUIRED,
	    "At least as long as the option client_secret_length requires. Shown "
	    "once, in the answer to the call that set it; stored as a hash."),
	[CLIENT_USER_ID] = { UUID("UserID", "user_id"), .flags = FIELD_REQUIRED,
	    .doc = "User on whose behalf the client acts; must exist." },
	[CLIENT_ENABLED] = { BOOLEAN("Enabled", "enabled"), .flags = FIELD_NOT_NULL,
	    .fallback = "true", .doc = "Whether it may log in." },
	[CLIENT_EXPIRES_AT] = { DATETIME("ExpiresAt", "expires_at"), .flags = FIELD_TYPICAL,
	    .example = "\"2036-12-31T00:00:00+00:00\"",
	    .doc = "When it expires; null means never. If absent from a POST, it expires with the "
		   "caller's credential." },
	[CLIENT_LAST_USED_AT] = { DATETIME("LastUsedAt", "last_used_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When it was last used, exact to a minute." },
	[CLIENT_USE_COUNT] = { INT64("UseCount", "use_count"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "How often it and its tokens were used, exact to a minute." },
	[CLIENT_SCOPE] = { STRING("Scope", "scope", SCOPE_LONGEST),
	    .check = credentials_check_scope,
	    .doc = "Upper bound of roles and permissions of its tokens; null: all of the user's. "
		   "If absent from a POST, those of the caller.",
	    .example = "\"LicenseManager read\"" },
	[CLIENT_SECRET_HASH] = { STRING("SecretHash", NULL, PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED },
	[CLIENT_UPDATED_AT] = { DATETIME("UpdatedAt", "updated_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
	[CLIENT_ACCOUNT_ID] = { UUID("AccountID", NULL),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_NOT_STORED | FIELD_IGNORED },
	[CLIENT_NEXT_SECRET] = { INT64("NextSecret", NULL), .expression = NEXT_SECRET,
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
	[CLIENT_USER_NAME] = { STRING("UserName", NULL, 255), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT u.user_name FROM user u WHERE u.id = {}.user_id)" },
	/* Of its valid secrets, with commas between. */
	[CLIENT_VALID_NUMBERS] = { STRING("ValidNumbers", NULL, 255), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT GROUP_CONCAT(s.number ORDER BY s.number) "
			  "FROM api_client_secret s WHERE s.client_id = {}.id AND "
			  "(s.expires_at IS NULL OR s.expires_at > UTC_TIMESTAMP(6)))" },
	[CLIENT_SESSION_COUNT] = { INT64("SessionCount", NULL), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT COUNT(*) FROM oauth_session o WHERE o.client_id = {}.id)" },
	[CLIENT_CREATED_AT] = { DATETIME("CreatedAt", "created_at"), .flags = COMMANDS_ONLY },
	[CLIENT_REGISTERED] = { BOOLEAN("Registered", NULL), .flags = COMMANDS_ONLY,
	    .expression = "{}.registration_hash IS NOT NULL" },
	[CLIENT_REGISTRATION_EXPIRES_AT] = { DATETIME("RegistrationExpiresAt",
						 "registration_expires_at"),
	    .flags = COMMANDS_ONLY },
	[CLIENT_REGISTRATION_USED_AT] = { DATETIME("RegistrationUsedAt", "registration_used_at"),
	    .flags = COMMANDS_ONLY },
	[CLIENT_REGISTRATION_USE_COUNT] = { INT64("RegistrationUseCount", "registration_use_count"),
	    .flags = COMMANDS_ONLY },
};

int credentials_client_claim(
    struct context *context, const struct uuid *client, struct error *error)
{
	const struct value key = { .uuid = *client };

	return record_claim(context, &credentials_client_resource, "updated_at", &key, error);
}

int credentials_client_next_secret(
    struct context *context, const struct uuid *client, int64_t *number, struct error *error)
{
	const struct value id = { .uuid = *client };
	struct row *key = row_with(context->arena, &credentials_client_resource, CLIENT_ID, &id);
	struct row *row;

	if (key == NULL)
		return error_out_of_memory(error);
	if (record_fetch_one(context, &credentials_client_resource, FIELD_BIT(CLIENT_NEXT_SECRET),
		key, &row, error) != 0)
		return -1;
	*number = row->values[CLIENT_NEXT_SECRET].integer;
	return 0;
}

static const struct grant_kind grant_kind = {
	.name = "client",
	.members = { [GRANT_ROLES] = "Scope",
	    [GRANT_PERMISSIONS] = "Scope",
	    [GRANT_EXPIRY] = "ExpiresAt" },
};

int credentials_scope_authority(struct context *context, const struct row *row, unsigned user_id,
    unsigned scope_member, struct authority *authority, struct error *error)
{
	struct scope scope = scope_everything;
	uint32_t roles;

	if (principal_user_roles(context->database, context->arena, &row->values[user_id].uuid,
		false, &roles, error) != 0)
		return -1;
	if (row_filled(row, scope_member) &&
	    !scope_parse(row->values[scope_member].text, &scope, NULL))
		return error_set_detail(error, ERROR_INTERNAL, "a stored scope cannot be read");
	*authority = grant_of_user(roles);
	grant_narrow(authority, &scope);
	return 0;
}

int credentials_scope_inherit(struct context *context, const struct authority *bound,
    struct row *row, unsigned user_id, unsigned scope_member, struct error *error)
{
	struct buf words = { 0 };
	uint32_t roles;

	if (row_has(row, scope_member))
		return 0;
	if (principal_user_roles(context->database, context->arena, &row->values[user_id].uuid,
		false, &roles, error) != 0)
		return -1;
	grant_print_scope(bound, roles, &words);
	row_set_text(row, scope_member, arena_str(context->arena, buf_str(&words)));
	buf_free(&words);
	return row->values[scope_member].text.data != NULL ? 0 : error_out_of_memory(error);
}

/* What a whole row lets its holder do. */
static int read_authority(struct context *context, const struct row *row,
    struct authority *authority, struct error *error)
{
	if (credentials_scope_authority(
		context, row, CLIENT_USER_ID, CLIENT_SCOPE, authority, error) != 0)
		return -1;
	if (row_filled(row, CLIENT_EXPIRES_AT))
		authority->expires = row->values[CLIENT_EXPIRES_AT].integer;
	return 0;
}

/* What a new client's maker has not said is as with the maker's own. */
static int inherit(
    struct context *context, const struct authority *bound, struct row *row, struct error *error)
{
	if (!row_has(row, CLIENT_EXPIRES_AT) && bound->expires != INT64_MAX)
		row_set_integer(row, CLIENT_EXPIRES_AT, bound->expires);
	return credentials_scope_inherit(context, bound, row, CLIENT_USER_ID, CLIENT_SCOPE, error);
}

static int check_new(struct context *context, struct row *row, struct error *error)
{
	const struct authority bound = record_authority(context, 0);
	struct authority made;

	if (grant_is_everything(&bound))
		return 0;
	if (inherit(context, &bound, row, error) != 0 ||
	    read_authority(context, row, &made, error) != 0)
		return -1;
	return grant_check(&made, NULL, &bound, &grant_kind, error);
}

#define GRANTING                                                                           \
	(FIELD_BIT(CLIENT_USER_ID) | FIELD_BIT(CLIENT_ENABLED) | FIELD_BIT(CLIENT_SCOPE) | \
	    FIELD_BIT(CLIENT_EXPIRES_AT) | FIELD_BIT(CLIENT_SECRET))

/*
 * Whether the caller may grant what the client that `key` names holds once it has `changes`. A
 * secret is a way in; what only becomes narrower may be changed by anybody.
 */
static int check_change(
    struct context *context, const struct row *key, const struct row *changes, struct error *error)
{
	const struct authority bound = record_authority(context, 0);
	const struct resource *resource = &credentials_client_resource;
	struct row *before, *after;
	struct authority made, former;
	bool same;

	if (grant_is_everything(&bound) || !(changes->present & GRANTING))
		return 0;
	if (record_fetch_locked(
		context, resource, resource_default_mask(resource), key, &before, error) != 0)
		return -1;
	after = row_merge(context->arena, before, changes);
	if (after == NULL)
		return error_out_of_memory(error);
	if (read_authority(context, after, &made, error) != 0 ||
	    read_authority(context, before, &former, error) != 0)
		return -1;
	same =
	    !row_filled(changes, CLIENT_SECRET) &&
	    before->values[CLIENT_ENABLED].boolean >= after->values[CLIENT_ENABLED].boolean &&
	    uuid_equal(&before->values[CLIENT_USER_ID].uuid, &after->values[CLIENT_USER_ID].uuid);
	return grant_check(&made, same ? &former : NULL, &bound, &grant_kind, error);
}

int credentials_client_check_holder(
    struct context *context, const struct uuid *client, struct error *error)
{
	const struct authority bound = record_authority(context, 0);
	const struct resource *resource = &credentials_client_resource;
	const struct value id = { .uuid = *client };
	struct row *key, *row;
	struct authority held;

	if (grant_is_everything(&bound))
		return 0;
	key = row_with(context->arena, resource, CLIENT_ID, &id);
	if (key == NULL)
		return error_out_of_memory(error);
	if (record_fetch_locked(
		context, resource, resource_default_mask(resource), key, &row, error) != 0 ||
	    read_authority(context, row, &held, error) != 0)
		return -1;
	return grant_check(&held, NULL, &bound, &grant_kind, error);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	return check_new(context, row, error);
}

/* A stored client is given another secret where the body has one; a new one needs one. */
static int prepare(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	if (key != NULL && !row_filled(row, CLIENT_SECRET))
		return 0;
	return credentials_secret_fill(context, row, CLIENT_SECRET, CLIENT_SECRET_HASH, error);
}

/* Sessions that the changed client would not be given again. */
static int end_sessions(
    struct context *context, const struct row *row, const struct uuid *client, struct error *error)
{
	if (row_filled(row, CLIENT_SECRET) ||
	    (row_has(row, CLIENT_ENABLED) && !row->values[CLIENT_ENABLED].boolean))
		return session_end_client(
		    context->database, client, 0, &context->revocations, error);
	if (!row_has(row, CLIENT_USER_ID))
		return 0;
	return credentials_session_end_others(
	    context, client, &row->values[CLIENT_USER_ID].uuid, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;

	if (check_change(context, key, row, error) != 0)
		return -1;
	/* Before its sessions are looked at, so that none is opened meanwhile: auth/session.h. */
	if (credentials_client_claim(context, &key->values[CLIENT_ID].uuid, error) != 0)
		return -1;
	if (end_sessions(context, row, &key->values[CLIENT_ID].uuid, error) != 0)
		return -1;
	return record_revoke(context, MARK(MARK_CLIENT, key->values[CLIENT_ID].uuid), error);
}

static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	const struct uuid *client = &key->values[CLIENT_ID].uuid;
	struct str hash = sent->values[CLIENT_SECRET_HASH].text;

	if (!row_filled(sent, CLIENT_SECRET))
		return 0;
	return insert ? credentials_secret_store(context, client, 1, hash, error)
		      : credentials_secret_replace(context, client, hash, error);
}

/* Secrets and sessions go with it. */
static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return record_revoke(context, MARK(MARK_CLIENT, key->values[CLIENT_ID].uuid), error);
}

static const struct unique_key client_uniques[] = {
	{ .index = "api_client_name",
	    .member = "Name",
	    .word = "DUPLICATE_NAME",
	    .alone = true,
	    .message = "The Name is already in use." },
};

static const struct reference client_references[] = {
	{ .constraint = "api_client_user",
	    .member = "UserID",
	    .target = &licensing_user_resource,
	    .word = "UNKNOWN_USER",
	    .message = "The UserID does not name an existing user." },
};

const struct resource credentials_client_resource = {
	.name = "client",
	.word = "apiClient",
	AUDITED_AS("API client", "client"),
	.type_name = "ClientResponse",
	.area = AREA_CREDENTIALS,
	.table = "api_client",
	.mints = true,
	ORDER_BY(ASCENDING("Name")),
	FIELDS(client_fields),
	UNIQUES(client_uniques),
	REFERENCES(client_references),
	.event = "api_client",
	.doc = "An API client: an identifier and a secret that a program exchanges for tokens.",
};

const struct record credentials_client_record = {
	.resource = &credentials_client_resource,
	.prepare = prepare,
	.before_insert = before_insert,
	.before_update = before_update,
	.before_delete = before_delete,
	.after_write = after_write,
};
