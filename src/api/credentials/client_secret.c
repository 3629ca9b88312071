/*
 * Secrets of API clients: two may be valid at the same time, so that a program can be given a new
 * one before the old one ends.
 */
#include "api/credentials/credentials.h"
#include "auth/session.h"
#include "record/rows.h"

enum secret_member {
	SECRET_CLIENT_ID,
	SECRET_NUMBER,
	SECRET_SECRET,
	SECRET_CREATED_AT,
	SECRET_EXPIRES_AT,
	SECRET_LAST_USED_AT,
	SECRET_USE_COUNT,
	SECRET_GRACE,
	SECRET_HASH,
	SECRET_CLIENT_NAME,
	SECRET__MAX
};

static const struct field secret_fields[SECRET__MAX] = {
	[SECRET_CLIENT_ID] = { UUID("ClientID", "client_id"),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN },
	[SECRET_NUMBER] = { INT32("Number", "number"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Number of the secret; newer ones have higher numbers." },
	[SECRET_SECRET] =
	    CREDENTIALS_SECRET(0, "At least as long as the option client_secret_length requires; "
				  "generated if absent. Shown once, in the answer to the call that "
				  "set it."),
	[SECRET_CREATED_AT] = { DATETIME("CreatedAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was set." },
	[SECRET_EXPIRES_AT] = { DATETIME("ExpiresAt", "expires_at"), .flags = FIELD_READONLY,
	    .doc = "When it expires because a newer one was added; null means that none was." },
	[SECRET_LAST_USED_AT] = { DATETIME("LastUsedAt", "last_used_at"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "When it was last used, exact to a minute." },
	[SECRET_USE_COUNT] = { INT64("UseCount", "use_count"),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "How often it was used, exact to a minute." },
	[SECRET_GRACE] = { INT32("GraceSeconds", NULL),
	    .flags = FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_OMIT_ABSENT | FIELD_TYPICAL,
	    .least = 0, .most = SECRET_GRACE_LONGEST,
	    .doc = "How many seconds the previous secret stays valid; 0 revokes it and ends its "
		   "sessions immediately. Default: the option client_secret_grace.",
	    .example = "604800" },
	[SECRET_CLIENT_NAME] = { STRING("ClientName", NULL, 18), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT c.name FROM api_client c WHERE c.id = {}.client_id)" },
	[SECRET_HASH] = { STRING("SecretHash", "secret_hash", PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_HASHED },
};

static int check_length(struct context *context, struct str secret, struct error *error)
{
	int64_t least = context->settings->client_secret_length;

	if ((int64_t)str_utf8_length(secret) >= least)
		return 0;
	return error_add_fault(error, "Secret",
	    "The Secret field must be text of at least %lld characters (client_secret_length).",
	    (long long)least);
}

int credentials_secret_fill(
    struct context *context, struct row *row, unsigned secret, unsigned hash, struct error *error)
{
	bool made = !row_filled(row, secret);
	char text[SECRET_TEXT_MAX], hashed[PASSWORD_HASH_MAX];
	int result;

	if (made) {
		secret_make(SECRET_CLIENT_PREFIX, text);
		row_set_text(row, secret, arena_str(context->arena, str_from(text)));
		explicit_bzero(text, sizeof(text));
	}
	if (row->values[secret].text.data == NULL)
		return error_out_of_memory(error);
	if (!made && check_length(context, row->values[secret].text, error) != 0)
		return -1;
	result = made
		     ? secret_hash(row->values[secret].text, true, hashed, error)
		     : guard_hash_password(context->guard, row->values[secret].text, hashed, error);
	if (result != 0)
		return -1;
	row_set_text(row, hash, arena_str(context->arena, str_from(hashed)));
	return 0;
}

/* The secrets of one client; NULL when the arena is exhausted. */
static struct row *secrets_of(struct arena *arena, const struct uuid *client)
{
	const struct value id = { .uuid = *client };

	return row_with(arena, &credentials_secret_resource, SECRET_CLIENT_ID, &id);
}

int credentials_secret_store(struct context *context, const struct uuid *client, int64_t number,
    struct str hash, struct error *error)
{
	struct row *row = secrets_of(context->arena, client);

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_integer(row, SECRET_NUMBER, number);
	row_set_text(row, SECRET_HASH, hash);
	return record_add_part(context, row, error);
}

/* Those of the client that meet a condition; NULL = all. The change of the client tells of it. */
static int delete_secrets(struct context *context, const struct uuid *client,
    const struct sql *where, struct error *error)
{
	struct record_set set = { .resource = &credentials_secret_resource,
		.keys = secrets_of(context->arena, client),
		.where = where,
		.told = true };
	int64_t count;

	if (set.keys == NULL)
		return error_out_of_memory(error);
	return record_delete_all(context, &set, &count, error);
}

int credentials_secret_replace(
    struct context *context, const struct uuid *client, struct str hash, struct error *error)
{
	int64_t number;

	if (credentials_client_next_secret(context, client, &number, error) != 0 ||
	    delete_secrets(context, client, NULL, error) != 0)
		return -1;
	return credentials_secret_store(context, client, number, hash, error);
}

/* Valid secrets of a client besides the one of that number (0 = none). */
static int count_valid(struct context *context, const struct uuid *client, int64_t besides,
    int64_t *count, struct error *error)
{
	const struct resource *resource = &credentials_secret_resource;
	const struct value number = { .integer = besides };
	struct row *keys = secrets_of(context->arena, client);
	struct sql where;

	if (keys == NULL)
		return error_out_of_memory(error);
	sql_init(&where, context->arena);
	sql_where_other(&where, resource, SECRET_NUMBER, &number);
	sql_where_to_come(&where, resource, SECRET_EXPIRES_AT);
	return record_count(context,
	    &(struct record_set){ .resource = resource, .keys = keys, .where = &where }, count,
	    error);
}

/* Those that end later than that moment end then. */
static int shorten_secrets(
    struct context *context, const struct uuid *client, int64_t end, struct error *error)
{
	const struct resource *resource = &credentials_secret_resource;
	struct row *keys = secrets_of(context->arena, client);
	struct row *values = row_new(context->arena, resource);
	struct sql where;
	int64_t count;

	if (keys == NULL || values == NULL)
		return error_out_of_memory(error);
	row_set_integer(values, SECRET_EXPIRES_AT, end);
	sql_init(&where, context->arena);
	sql_where_later(&where, resource, SECRET_EXPIRES_AT, end);
	return record_update_all(context,
	    &(struct record_set){
		.resource = resource, .keys = keys, .where = &where, .told = true },
	    values, &count, error);
}

/* The former secrets end after the grace time; with none, they and their sessions go at once. */
static int end_former(
    struct context *context, const struct uuid *client, int64_t grace, struct error *error)
{
	struct sql over;

	if (grace == 0)
		return session_end_client(
			   context->database, client, 0, &context->revocations, error) != 0
			   ? -1
			   : delete_secrets(context, client, NULL, error);
	/* What has ended before is of no use any more. */
	sql_init(&over, context->arena);
	sql_where_over(&over, &credentials_secret_resource, SECRET_EXPIRES_AT);
	if (delete_secrets(context, client, &over, error) != 0)
		return -1;
	return shorten_secrets(
	    context, client, timestamp_now() + grace * MICROSECONDS_PER_SECOND, error);
}

static int prepare(
    struct context *context, const struct row *key, struct row *row, struct error *error)
{
	(void)key;
	return credentials_secret_fill(context, row, SECRET_SECRET, SECRET_HASH, error);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	const struct uuid *client = &row->values[SECRET_CLIENT_ID].uuid;
	int64_t valid, number;

	if (credentials_client_claim(context, client, error) != 0 ||
	    credentials_client_check_holder(context, client, error) != 0 ||
	    count_valid(context, client, 0, &valid, error) != 0)
		return -1;
	if (valid >= SECRETS_MOST)
		return error_set_word(error, ERROR_CONFLICT, "TOO_MANY_SECRETS",
		    "The client already has %d valid secrets; remove one of them first.",
		    SECRETS_MOST);
	if (credentials_client_next_secret(context, client, &number, error) != 0 ||
	    end_former(context, client,
		row_filled(row, SECRET_GRACE) ? row->values[SECRET_GRACE].integer
					      : context->settings->client_secret_grace,
		error) != 0)
		return -1;
	row_set_integer(row, SECRET_NUMBER, number);
	return 0;
}

static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	const struct uuid *client = &key->values[SECRET_CLIENT_ID].uuid;
	int64_t number = key->values[SECRET_NUMBER].integer, others;

	if (credentials_client_claim(context, client, error) != 0 ||
	    count_valid(context, client, number, &others, error) != 0)
		return -1;
	if (others == 0 && context->actor.kind != ACTOR_OPERATOR)
		return error_set_word(error, ERROR_CONFLICT, "LAST_SECRET",
		    "A client must have a secret; disable or remove the client instead.");
	return session_end_client(context->database, client, number, &context->revocations, error);
}

static const struct relation of_client = {
	.target = &credentials_client_resource,
	.local = "ClientID",
	.foreign = "ID",
};

const struct resource credentials_secret_resource = {
	.name = "secret",
	.word = "apiClientSecret",
	.type_name = "ClientSecret",
	.area = AREA_CREDENTIALS,
	.table = "api_client_secret",
	.mints = true,
	ORDER_BY(DESCENDING("Number")),
	FIELDS(secret_fields),
	.parent = &of_client,
	.event = "api_client_secret",
	.doc = "A secret of an API client.",
};

const struct record credentials_secret_record = {
	.resource = &credentials_secret_resource,
	.prepare = prepare,
	.before_insert = before_insert,
	.before_delete = before_delete,
};
