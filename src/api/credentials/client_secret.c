/*
 * Secrets of API clients: two may be valid at the same time, so that a program can be given a new
 * one before the old one ends.
 */
#include "api/credentials/credentials.h"
#include "auth/session.h"

#define GRACE_LONGEST (365 * 24 * 60 * 60)
#define VALID "(expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))"

enum secret_member {
	SECRET_CLIENT_ID,
	SECRET_NUMBER,
	SECRET_SECRET,
	SECRET_CREATED_AT,
	SECRET_EXPIRES_AT,
	SECRET_LAST_USED_AT,
	SECRET_USE_COUNT,
	SECRET__MAX
};

static const struct field secret_fields[SECRET__MAX] = {
	[SECRET_CLIENT_ID] = { UUID("ClientID", "client_id"),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN },
	[SECRET_NUMBER] = { INT32("Number", "number"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Number of the secret; newer ones have higher numbers." },
	[SECRET_SECRET] =
	    CREDENTIALS_SECRET(0, "Shown once, in the answer to the call that set it."),
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
};

enum request_member { REQUEST_SECRET, REQUEST_GRACE, REQUEST_HASH };

static const struct field request_fields[] = {
	[REQUEST_SECRET] = CREDENTIALS_SECRET(0,
	    "At least as long as the option client_secret_length requires; generated if absent."),
	[REQUEST_GRACE] = { INT32("GraceSeconds", NULL), .flags = FIELD_NOT_STORED, .least = 0,
	    .most = GRACE_LONGEST,
	    .doc = "How many seconds the previous secret stays valid; 0 revokes it and ends its "
		   "sessions immediately. Default: the option client_secret_grace.",
	    .example = "604800" },
	[REQUEST_HASH] = { STRING("SecretHash", NULL, PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED },
};

const struct resource credentials_secret_request = {
	.name = "secret",
	.type_name = "ClientSecretRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(request_fields),
	.doc = "A second secret for an API client.",
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

/* Numbers are not used again while a session knows one of them. */
static int next_number(
    struct context *context, const struct uuid *client, int64_t *number, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	const struct bind binds[] = { BIND_ID(*client), BIND_ID(*client) };
	struct result result;

	if (database_select(context->database, context->arena,
		"SELECT 1 + GREATEST("
		"COALESCE((SELECT MAX(number) FROM api_client_secret WHERE client_id = ?), 0), "
		"COALESCE((SELECT MAX(secret_number) FROM oauth_session WHERE client_id = ?), 0))",
		binds, COUNT_OF(binds), columns, 1, &result, error) != 0)
		return -1;
	*number = result.rows[0][0].integer;
	return 0;
}

static int insert_secret(struct context *context, const struct uuid *client, int64_t number,
    struct str hash, struct error *error)
{
	const struct bind binds[] = { BIND_ID(*client), BIND_INT(number), BIND_STR(hash) };
	struct outcome outcome;

	return database_execute(context->database,
	    "INSERT INTO api_client_secret (client_id, number, secret_hash) VALUES (?, ?, ?)",
	    binds, COUNT_OF(binds), &outcome, error);
}

static int delete_secrets(struct context *context, const struct uuid *client, struct error *error)
{
	const struct bind id = BIND_ID(*client);
	struct outcome outcome;

	return database_execute(context->database,
	    "DELETE FROM api_client_secret WHERE client_id = ?", &id, 1, &outcome, error);
}

int credentials_secret_replace(
    struct context *context, const struct uuid *client, struct str hash, struct error *error)
{
	int64_t number;

	if (next_number(context, client, &number, error) != 0 ||
	    delete_secrets(context, client, error) != 0)
		return -1;
	return insert_secret(context, client, number, hash, error);
}

int credentials_client_claim(
    struct context *context, const struct uuid *client, struct error *error)
{
	const struct value key = { .uuid = *client };

	return record_claim(context, &credentials_client_resource, "updated_at", &key, error);
}

/* Valid secrets of a client besides the one of that number (0 = none). */
static int count_valid(struct context *context, const struct uuid *client, int64_t besides,
    int64_t *count, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	const struct bind binds[] = { BIND_ID(*client), BIND_INT(besides) };
	struct result result;

	if (database_select(context->database, context->arena,
		"SELECT COUNT(*) FROM api_client_secret WHERE client_id = ? AND number <> ? "
		"AND " VALID,
		binds, COUNT_OF(binds), columns, 1, &result, error) != 0)
		return -1;
	*count = result.rows[0][0].integer;
	return 0;
}

/* The former secrets end after the grace time; with none, they and their sessions go at once. */
static int end_former(
    struct context *context, const struct uuid *client, int64_t grace, struct error *error)
{
	const struct bind ends[] = { BIND_INT(grace), BIND_ID(*client) };
	struct outcome outcome;

	/* What has ended before is of no use any more. */
	if (database_execute(context->database,
		"DELETE FROM api_client_secret WHERE client_id = ? AND NOT " VALID, &ends[1], 1,
		&outcome, error) != 0)
		return -1;
	if (grace > 0)
		return database_execute(context->database,
		    "UPDATE api_client_secret SET expires_at = LEAST(COALESCE(expires_at, "
		    "'9999-12-31'), UTC_TIMESTAMP(6) + INTERVAL ? SECOND) WHERE client_id = ?",
		    ends, COUNT_OF(ends), &outcome, error);
	if (session_end_client(context->database, client, 0, &context->revocations, error) != 0)
		return -1;
	return delete_secrets(context, client, error);
}

/* What one addition hands from step to step. */
struct addition {
	struct row *keys;
	struct row *request;
	struct row *stored;
	int64_t grace;
};

/* Who has a secret of a client has what the client has. */
static int check_grant(struct context *context, const struct uuid *client, struct error *error)
{
	const struct resource *resource = &credentials_client_resource;
	struct row *key = row_new(context->arena, resource);

	if (key == NULL)
		return error_out_of_memory(error);
	row_set_uuid(key, resource_key(resource), *client);
	return credentials_client_check_grant(context, key, NULL, error);
}

static int add_client_secret(struct operation *operation, void *context, struct error *error)
{
	struct addition *addition = context;
	const struct uuid *client = &addition->keys->values[SECRET_CLIENT_ID].uuid;
	int64_t valid, number;

	if (record_confirm_actor(&operation->context, error) != 0 ||
	    credentials_client_claim(&operation->context, client, error) != 0 ||
	    check_grant(&operation->context, client, error) != 0 ||
	    count_valid(&operation->context, client, 0, &valid, error) != 0)
		return -1;
	if (valid >= SECRETS_MOST)
		return error_set_word(error, ERROR_CONFLICT, "TOO_MANY_SECRETS",
		    "The client already has %d valid secrets; remove one of them first.",
		    SECRETS_MOST);
	if (next_number(&operation->context, client, &number, error) != 0 ||
	    end_former(&operation->context, client, addition->grace, error) != 0 ||
	    insert_secret(&operation->context, client, number,
		addition->request->values[REQUEST_HASH].text, error) != 0)
		return -1;
	row_set_integer(addition->keys, SECRET_NUMBER, number);
	if (record_fetch_one(&operation->context, &credentials_secret_resource,
		resource_default_mask(&credentials_secret_resource), addition->keys,
		&addition->stored, error) != 0)
		return -1;
	row_set_text(
	    addition->stored, SECRET_SECRET, addition->request->values[REQUEST_SECRET].text);
	operation_answer_row(operation, addition->stored);
	return 0;
}

int credentials_secret_add(struct operation *operation, struct error *error)
{
	struct addition addition = { .grace = operation->context.settings->client_secret_grace };

	if (operation_read_keys(operation, &addition.keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &addition.request, error) != 0 ||
	    credentials_secret_fill(
		&operation->context, addition.request, REQUEST_SECRET, REQUEST_HASH, error) != 0)
		return -1;
	if (row_filled(addition.request, REQUEST_GRACE))
		addition.grace = addition.request->values[REQUEST_GRACE].integer;
	return operation_transaction(operation, add_client_secret, &addition, error);
}

static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	const struct uuid *client = &key->values[SECRET_CLIENT_ID].uuid;
	int64_t number = key->values[SECRET_NUMBER].integer, others;
	struct row *row;

	if (credentials_client_claim(context, client, error) != 0 ||
	    record_fetch_one(context, key->resource, resource_default_mask(key->resource), key,
		&row, error) != 0 ||
	    count_valid(context, client, number, &others, error) != 0)
		return -1;
	if (others == 0)
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
	.type_name = "ClientSecret",
	.area = AREA_CREDENTIALS,
	.table = "api_client_secret",
	ORDER_BY(DESCENDING("Number")),
	FIELDS(secret_fields),
	.parent = &of_client,
	.doc = "A secret of an API client.",
};

const struct record credentials_secret_record = {
	.resource = &credentials_secret_resource,
	.before_delete = before_delete,
};
