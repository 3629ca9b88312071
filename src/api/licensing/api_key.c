/*
 * API keys: made here, shown whole once, kept as digests.
 */
#include "api/licensing/licensing.h"
#include "auth/key.h"
#include "auth/password.h"
#include "codec/reader.h"

#define KEY_PREFIX "api_"
#define RATE_MOST 1000000

enum key_member {
	KEY_ID,
	KEY_NAME,
	KEY_KEY,
	KEY_CLIENT_SECRET,
	KEY_CREATED_DATE,
	KEY_EXPIRE_DATE,
	KEY_OWNER_ID,
	KEY_REVOKED,
	KEY_PERMISSIONS,
	KEY_DESCRIPTION,
	KEY_ALLOWED_NETWORKS,
	KEY_RATE_LIMIT,
	KEY_LAST_USED,
	KEY_USE_COUNT,
	KEY_HASH,
	KEY_SHOWN,
	KEY_MADE_SECRET,
	KEY_OWNER_NAME,
	KEY_NEEDS_SECRET,
	KEY__MAX
};

static const struct field key_fields[KEY__MAX] = {
	[KEY_ID] = { INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	[KEY_NAME] = { STRING("name", "name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "What the key is for.", .example = "\"Web shop of ACME\"" },
	[KEY_KEY] = { STRING("key", NULL, KEY_TEXT_MAX),
	    .flags = FIELD_READONLY | FIELD_ECHO | FIELD_SECRET | FIELD_CHOOSABLE,
	    .check = key_check, .expression = "CONCAT({}.key_prefix, '" FIELD_CUT "')",
	    .doc = "First characters of the key; the whole key in the answer that creates it.",
	    .example = "\"api_ab12…\"" },
	[KEY_CLIENT_SECRET] = { STRING("clientSecret", "client_secret_hash", PASSWORD_HASH_MAX),
	    .flags = FIELD_MASKED | FIELD_SECRET | FIELD_HASHED | FIELD_EMPTY_ABSENT,
	    .doc = "Secret that belongs to the key. Answered as " FIELD_MASK "." },
	[KEY_CREATED_DATE] = { DATETIME("createdDate", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the key was created." },
	[KEY_EXPIRE_DATE] = { DATETIME("expireDate", "expires_at"),
	    .doc = "When it expires; null means never. A new key without it expires with the "
		   "caller's credential." },
	[KEY_OWNER_ID] = { UUID("ownerId", "owner_id"),
	    .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT,
	    .doc = "Owner of the key; the caller if absent." },
	[KEY_REVOKED] = { BOOLEAN("revoked", "revoked"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "Whether the key is revoked." },
	[KEY_PERMISSIONS] = { INT32("permissions", "permissions"), .least = 0,
	    .most = PERMISSION_ALL, .flags = FIELD_NOT_NULL, .fallback = "15",
	    .doc = "Sum of 1 read, 2 update, 4 delete, 8 create; at most those of the caller, "
		   "which are the default of a new key." },
	[KEY_DESCRIPTION] = { STRING("description", "description", 1000), .flags = FIELD_TYPICAL,
	    .doc = "Description.", .example = "\"Makes licenses for what the shop has sold.\"" },
	[KEY_ALLOWED_NETWORKS] = { STRING_LIST(
				       "allowedNetworks", "allowed_networks", NETWORK_LIST_MAX),
	    .flags = FIELD_NOT_NULL, .fallback = "[]",
	    .doc = "Networks (CIDR) and addresses that it may be used from; an empty list means "
		   "anywhere. A new key without it has those of the caller.",
	    .example = "[\"192.0.2.0/24\",\"2001:db8::/32\"]" },
	[KEY_RATE_LIMIT] = { INT32("rateLimit", "rate_limit"), .least = 1, .most = RATE_MOST,
	    .doc = "Requests per minute; null means the option key_rate_limit. A new key without "
		   "it has the caller's rate.",
	    .example = "600" },
	[KEY_LAST_USED] = { DATETIME("lastUsed", "last_used_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When it was last used, exact to a minute; null means never." },
	[KEY_USE_COUNT] = { INT64("useCount", "use_count"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "How often it was used, exact to a minute." },
	[KEY_HASH] = { BINARY("keyHash", "key_hash"),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
	[KEY_SHOWN] = { STRING("keyPrefix", "key_prefix", 16),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
	/* A secret that secret_make() has made, instead of one that somebody chose. */
	[KEY_MADE_SECRET] = { STRING("madeSecret", NULL, SECRET_TEXT_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED },
	[KEY_OWNER_NAME] = { STRING("ownerName", NULL, 255), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT u.user_name FROM user u WHERE u.id = {}.owner_id)" },
	[KEY_NEEDS_SECRET] = { BOOLEAN("needsSecret", NULL), .flags = COMMANDS_ONLY,
	    .expression = "{}.client_secret_hash IS NOT NULL" },
};

/* Looks at each network of the list, which is JSON by now. */
static void check(const struct row *row, bool insert, struct error *error)
{
	const struct node *list;
	struct network network;
	unsigned number = 0;

	(void)insert;
	if (!row_filled(row, KEY_ALLOWED_NETWORKS))
		return;
	list = json_read_stored(error->arena, row->values[KEY_ALLOWED_NETWORKS].text);
	for (const struct node *item = list != NULL ? list->children : NULL; item != NULL;
	     item = item->next, number++) {
		if (!network_parse(item->text, &network))
			error_add_fault(error,
			    arena_printf(error->arena, "allowedNetworks[%u]", number),
			    "The allowedNetworks[%u] item must be a network such as 192.0.2.0/24 "
			    "or 2001:db8::/32, with no bits set after the prefix, or an address.",
			    number);
	}
}

static int hash_secret(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	bool made = row_filled(row, KEY_MADE_SECRET);
	char hash[PASSWORD_HASH_MAX];
	int result;

	(void)key;
	if (!made && !row_filled(row, KEY_CLIENT_SECRET))
		return 0;
	result = made ? secret_hash(row->values[KEY_MADE_SECRET].text, true, hash, error)
		      : guard_hash_password(
			    context->guard, row->values[KEY_CLIENT_SECRET].text, hash, error);
	if (result != 0)
		return -1;
	row_set_text(row, KEY_CLIENT_SECRET, arena_str(context->arena, str_from(hash)));
	return 0;
}

static int draw_key(struct context *context, struct row *row, struct error *error)
{
	char key[KEY_TEXT_MAX];
	struct str copy;

	key_make(KEY_PREFIX, key);
	copy = arena_str(context->arena, str_from(key));
	explicit_bzero(key, sizeof(key));
	if (copy.data == NULL)
		return error_out_of_memory(error);
	row_set_text(row, KEY_KEY, copy);
	return 0;
}

/* An import brings keys along, which are shown as much as those that are made here. */
static int make_key(struct context *context, struct row *row, struct error *error)
{
	uint8_t hash[KEY_HASH_LENGTH];
	struct str key, digest;

	if (!row_filled(row, KEY_KEY) && draw_key(context, row, error) != 0)
		return -1;
	key = row->values[KEY_KEY].text;
	key_hash(key, hash);
	guard_make_known(context->guard, key);
	digest = arena_str(context->arena, (struct str){ (const char *)hash, sizeof(hash) });
	if (digest.data == NULL)
		return error_out_of_memory(error);
	row_set_text(row, KEY_SHOWN, str_slice(key, 0, key_shown_length(key)));
	row_set_text(row, KEY_HASH, digest);
	return 0;
}

static const struct grant_kind grant_kind = {
	.name = "API key",
	.members = { [GRANT_ROLES] = "ownerId",
	    [GRANT_PERMISSIONS] = "permissions",
	    [GRANT_NETWORKS] = "allowedNetworks",
	    [GRANT_EXPIRY] = "expireDate",
	    [GRANT_RATE] = "rateLimit" },
};

static struct authority caller_authority(const struct context *context)
{
	return record_authority(context, context->settings->key_rate_limit);
}

/* What a whole row lets its holder do. */
static int read_authority(struct context *context, const struct row *row,
    struct authority *authority, struct error *error)
{
	bool rated = row_filled(row, KEY_RATE_LIMIT);

	*authority = (struct authority){
		.permissions = (uint8_t)row->values[KEY_PERMISSIONS].integer,
		.expires = row_filled(row, KEY_EXPIRE_DATE) ? row->values[KEY_EXPIRE_DATE].integer
							    : INT64_MAX,
		.rate_limit =
		    rated ? row->values[KEY_RATE_LIMIT].integer : context->settings->key_rate_limit,
	};
	if (!network_list_parse(
		context->arena, row->values[KEY_ALLOWED_NETWORKS].text, &authority->networks))
		return error_set_detail(
		    error, ERROR_INTERNAL, "the networks of a key cannot be read");
	return principal_user_roles(context->database, context->arena,
	    &row->values[KEY_OWNER_ID].uuid, false, &authority->roles, error);
}

/* What a new key's maker has not said is as with the maker's own; the operator has no key. */
static int inherit(const struct context *context, const struct authority *bound, struct row *row,
    struct error *error)
{
	const struct principal *maker = context->actor.principal;
	int64_t rate = maker != NULL ? maker->rate_limit : 0;
	struct buf networks = { 0 };

	if (!row_has(row, KEY_OWNER_ID) && maker == NULL)
		return error_add_fault(error, "ownerId", "The ownerId field is required.");
	if (!row_has(row, KEY_OWNER_ID))
		row_set_uuid(row, KEY_OWNER_ID, maker->user);
	if (!row_has(row, KEY_PERMISSIONS))
		row_set_integer(row, KEY_PERMISSIONS, bound->permissions);
	if (!row_has(row, KEY_EXPIRE_DATE) && bound->expires != INT64_MAX)
		row_set_integer(row, KEY_EXPIRE_DATE, bound->expires);
	if (!row_has(row, KEY_RATE_LIMIT) && rate != 0)
		row_set_integer(row, KEY_RATE_LIMIT, rate);
	if (row_has(row, KEY_ALLOWED_NETWORKS))
		return 0;
	network_list_print(&bound->networks, &networks);
	row_set_text(row, KEY_ALLOWED_NETWORKS, arena_str(context->arena, buf_str(&networks)));
	buf_free(&networks);
	return row->values[KEY_ALLOWED_NETWORKS].text.data != NULL ? 0 : error_out_of_memory(error);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	const struct authority bound = caller_authority(context);
	struct authority made;

	if (inherit(context, &bound, row, error) != 0)
		return -1;
	if (!grant_is_everything(&bound) &&
	    (read_authority(context, row, &made, error) != 0 ||
		grant_check(&made, NULL, &bound, &grant_kind, error) != 0))
		return -1;
	return make_key(context, row, error);
}

#define GRANTING                                                                         \
	(FIELD_BIT(KEY_OWNER_ID) | FIELD_BIT(KEY_REVOKED) | FIELD_BIT(KEY_PERMISSIONS) | \
	    FIELD_BIT(KEY_ALLOWED_NETWORKS) | FIELD_BIT(KEY_EXPIRE_DATE) |               \
	    FIELD_BIT(KEY_RATE_LIMIT) | FIELD_BIT(KEY_CLIENT_SECRET))

/*
 * A key that counted before, with the same owner and behind the same secret, may become narrower by
 * anybody's hand; any other change makes it anew.
 */
static int check_change(
    struct context *context, const struct row *key, const struct row *row, struct error *error)
{
	const struct authority bound = caller_authority(context);
	struct row *before, *after;
	struct authority made, former;
	bool same;

	if (!(row->present & GRANTING) || grant_is_everything(&bound))
		return 0;
	if (record_fetch_locked(context, key->resource, resource_default_mask(key->resource), key,
		&before, error) != 0)
		return -1;
	after = row_merge(context->arena, before, row);
	if (after == NULL)
		return error_out_of_memory(error);
	if (after->values[KEY_REVOKED].boolean)
		return 0;
	if (read_authority(context, after, &made, error) != 0 ||
	    read_authority(context, before, &former, error) != 0)
		return -1;
	same = !before->values[KEY_REVOKED].boolean && !row_has(row, KEY_CLIENT_SECRET) &&
	       uuid_equal(&before->values[KEY_OWNER_ID].uuid, &after->values[KEY_OWNER_ID].uuid);
	return grant_check(&made, same ? &former : NULL, &bound, &grant_kind, error);
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;

	if (check_change(context, key, row, error) != 0)
		return -1;
	return record_revoke(context, mark_of_key(key->values[KEY_ID].integer), error);
}

static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return record_revoke(context, mark_of_key(key->values[KEY_ID].integer), error);
}

static const struct reference key_references[] = {
	{ .constraint = "api_key_owner",
	    .member = "ownerId",
	    .target = &licensing_user_resource,
	    .message = "The user was not found." },
};

static const struct table_index key_indexes[] = {
	{ .name = "api_key_owner", .columns = { "owner_id" } },
	{ .name = "api_key_name", .columns = { "name" } },
	{ .name = "api_key_prefix", .columns = { "key_prefix" } },
	{ .name = "api_key_hash", .columns = { "key_hash" } },
	{ .name = "api_key_expires", .columns = { "expires_at" } },
};

static const struct search_member key_searched[] = {
	{ .member = "keyHash", .way = SEARCH_DIGEST, .told = "key" },
	{ .member = "keyPrefix", .way = SEARCH_BEGIN, .told = "key" },
	{ .member = "name", .way = SEARCH_BEGIN },
};

static const struct resource_search key_search = {
	.name = "apiKey",
	SEARCH_MEMBERS(key_searched),
	.titles = { "name" },
	.details = { "key" },
};

const struct resource licensing_api_key_resource = {
	.name = "API key",
	.type_name = "ApiKey",
	.area = AREA_CREDENTIALS,
	.plural = "apiKeys",
	.table = "api_key",
	.mints = true,
	FIELDS(key_fields),
	INDEXES(key_indexes),
	REFERENCES(key_references),
	.event = "api_key",
	.search = &key_search,
	.doc = "An API key.",
};

const struct record licensing_api_key_record = {
	.resource = &licensing_api_key_resource,
	.check = check,
	.prepare = hash_secret,
	.before_insert = before_insert,
	.before_update = before_update,
	.before_delete = before_delete,
};
