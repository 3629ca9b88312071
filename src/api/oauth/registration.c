/*
 * Dynamic registration of clients (RFC 7591), and its management (RFC 7592).
 */
#include "api/oauth/client_metadata.h"
#include "api/oauth/registered_client.h"
#include "auth/attempt.h"
#include "auth/token.h"

/* A client being registered or managed. */
struct registration {
	struct uuid client;
	struct uuid user;
	int64_t initial_token; /* id of the row that allows a new one */
	/* What binds it: of the initial token, later its own. */
	struct str bound;    /* scope; data == NULL = no bound */
	struct value expiry; /* when the client ends */
	struct client_metadata metadata;
	char secret[SECRET_TEXT_MAX];
	char token[SECRET_TEXT_MAX];
	uint8_t hash[KEY_HASH_LENGTH]; /* of the token that manages it */
	struct attempt attempt;        /* with a token of either kind */
	int64_t issued;
};

/* The token that was sent is nobody's. */
static int fail_token(struct attempt *attempt, struct error *error)
{
	(void)oauth_refuse_registration_token(true, error);
	return attempt_fail(attempt, error);
}

/*
 * Digest of the bearer token, which must be of the kind `prefix`, as the begin of an attempt: its
 * caller ends it.
 */
static int read_token(struct operation *operation, const char *prefix, struct attempt *attempt,
    uint8_t hash[KEY_HASH_LENGTH], struct str *token, struct error *error)
{
	struct str header = operation->request->authorization;

	if (operation->context.settings->oauth_registration == OAUTH_REGISTRATION_OFF)
		return error_set(error, ERROR_NO_ROUTE, "Clients cannot register themselves here.");
	if (!str_starts_with_ignore_case(header, STR("Bearer ")))
		return oauth_refuse_registration_token(false, error);
	*token = str_trim(str_slice(header, 7, header.length));
	key_hash(*token, hash);
	if (attempt_begin_lookup(attempt, operation->context.guard,
		operation->request->remote_address, hash, error) != 0)
		return -1;
	return token_is(prefix, *token) ? 0 : fail_token(attempt, error);
}

static void answer_registration(struct operation *operation,
    const struct registration *registration, int status, const char *base)
{
	struct writer writer;
	char id[UUID_TEXT_LENGTH];
	struct str text = { id, sizeof(id) };

	uuid_print(&registration->client, id);
	oauth_begin(operation, status, &writer);
	writer_text(&writer, "client_id", text);
	if (registration->secret[0] != '\0') {
		writer_text(&writer, "client_secret", str_from(registration->secret));
		writer_integer(&writer, "client_secret_expires_at", 0);
	}
	oauth_write_moment(&writer, "client_id_issued_at", registration->issued);
	writer_text(&writer, "registration_access_token", str_from(registration->token));
	writer_text(&writer, "registration_client_uri",
	    str_from(arena_printf(operation->context.arena, "%s" OAUTH_REGISTER_PATH "/" STR_FORMAT,
		base, STR_ARGUMENTS(text))));
	client_metadata_write(&registration->metadata, &writer);
	oauth_end(operation, &writer);
}

/* --- a new client --- */

static int find_initial_token(struct operation *operation, struct registration *registration,
    const uint8_t hash[KEY_HASH_LENGTH], struct error *error)
{
	struct row *keys = row_new(operation->context.arena, &oauth_initial_view), *row;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_text(keys, INITIAL_HASH, (struct str){ (const char *)hash, KEY_HASH_LENGTH });
	row_set_boolean(keys, INITIAL_COUNTS, true);
	if (record_find(&operation->context,
		&(struct record_set){ .resource = keys->resource, .keys = keys },
		resource_default_mask(keys->resource), &row, error) != 0)
		return -1;
	if (row == NULL)
		return fail_token(&registration->attempt, error);
	attempt_succeed(&registration->attempt);
	registration->initial_token = row->values[INITIAL_ID].integer;
	registration->user = row->values[INITIAL_USER].uuid;
	operation->context.actor.user = registration->user;
	operation->context.actor.name = str_from(arena_printf(operation->context.arena,
	    "registration token %lld", (long long)registration->initial_token));
	registration->bound = oauth_view_text(row, INITIAL_SCOPE);
	registration->expiry = row->values[INITIAL_CLIENTS_EXPIRE];
	return 0;
}

/* What the client says of itself, and what that lets it do. */
static void set_metadata(struct row *row, const struct client_metadata *metadata)
{
	const struct value scope = client_metadata_scope(metadata);

	row_set_text(row, REGISTERED_METADATA, metadata->stored);
	row_set_value(row, REGISTERED_SCOPE, &scope);
}

/* The row of the new client; its secret is told once, and stored as a hash. */
static int make_client(struct operation *operation, struct registration *registration,
    struct row **made, struct error *error)
{
	struct arena *arena = operation->context.arena;
	struct row *row = row_new(arena, &oauth_registered_client_resource);
	char secret[PASSWORD_HASH_MAX];

	if (row == NULL)
		return error_out_of_memory(error);
	key_hash(str_from(registration->token), registration->hash);
	if (secret_hash(str_from(registration->secret), true, secret, error) != 0)
		return -1;
	row_set_uuid(row, REGISTERED_ID, registration->client);
	row_set_uuid(row, REGISTERED_USER, registration->user);
	set_metadata(row, &registration->metadata);
	row_set_text(row, REGISTERED_TOKEN_HASH,
	    (struct str){ (const char *)registration->hash, KEY_HASH_LENGTH });
	row_set_value(row, REGISTERED_EXPIRES, &registration->expiry);
	row_set_value(row, REGISTERED_TOKEN_EXPIRES, &registration->expiry);
	row_set_text(row, REGISTERED_SECRET_HASH, arena_str(arena, str_from(secret)));
	row_set_integer(row, REGISTERED_INITIAL_TOKEN, registration->initial_token);
	*made = row;
	return row->values[REGISTERED_SECRET_HASH].text.data != NULL ? 0
								     : error_out_of_memory(error);
}

static int store_client(struct operation *operation, void *context, struct error *error)
{
	return record_insert(&operation->context, &oauth_registered_client_record, context, error);
}

int oauth_register(struct operation *operation, struct error *error)
{
	struct registration registration = { .client = uuid_new(), .issued = timestamp_now() };
	const char *base = operation->request->base_url;
	struct record_change change = { 0 };
	uint8_t hash[KEY_HASH_LENGTH];
	char id[UUID_TEXT_LENGTH];
	struct str token;
	int status;

	if (read_token(operation, TOKEN_INITIAL, &registration.attempt, hash, &token, error) != 0 ||
	    find_initial_token(operation, &registration, hash, error) != 0 ||
	    client_metadata_read(operation, &registration.user, registration.bound,
		&registration.metadata, error) != 0)
		return -1;
	secret_make(SECRET_CLIENT_PREFIX, registration.secret);
	secret_make(TOKEN_REGISTRATION, registration.token);
	status = make_client(operation, &registration, &change.sent, error);
	if (status == 0)
		status = operation_transaction(operation, store_client, &change, error);
	if (status == 0) {
		guard_make_known(operation->context.guard, str_from(registration.token));
		uuid_print(&registration.client, id);
		answer_registration(operation, &registration, 201, base);
		operation_location(operation, (struct str){ id, sizeof(id) });
	}
	explicit_bzero(registration.secret, sizeof(registration.secret));
	explicit_bzero(registration.token, sizeof(registration.token));
	return status;
}

/* --- a client that there is --- */

/* The client that the token is of, where that counts; one that may not log in has none. */
static int read_registration(struct context *context, const struct registration *registration,
    struct row_list *rows, struct error *error)
{
	const struct resource *resource = &oauth_registered_client_resource;
	struct row *keys = row_new(context->arena, resource);
	struct sql where;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_uuid(keys, REGISTERED_ID, registration->client);
	row_set_text(keys, REGISTERED_TOKEN_HASH,
	    (struct str){ (const char *)registration->hash, KEY_HASH_LENGTH });
	row_set_boolean(keys, REGISTERED_ENABLED, true);
	row_set_boolean(keys, REGISTERED_USER_ENABLED, true);
	sql_init(&where, context->arena);
	sql_where_to_come(&where, resource, REGISTERED_EXPIRES);
	sql_where_to_come(&where, resource, REGISTERED_TOKEN_EXPIRES);
	return record_fetch_all_locked(context,
	    &(struct record_set){ .resource = resource, .keys = keys, .where = &where },
	    resource_default_mask(resource), rows, error);
}

/* The client is locked, so that what is changed is what was looked at. */
static int find_registration(
    struct operation *operation, struct registration *registration, struct error *error)
{
	struct row_list rows;
	const struct row *row;

	if (read_registration(&operation->context, registration, &rows, error) != 0)
		return -1;
	if (rows.count == 0)
		return fail_token(&registration->attempt, error);
	attempt_succeed(&registration->attempt);
	row = rows.rows[0];
	registration->user = row->values[REGISTERED_USER].uuid;
	operation->context.actor.client = registration->client;
	operation->context.actor.name = row->values[REGISTERED_NAME].text;
	registration->metadata.stored = row->values[REGISTERED_METADATA].text;
	registration->issued = row->values[REGISTERED_CREATED].integer;
	registration->bound = oauth_view_text(row, REGISTERED_SCOPE);
	last_used_note_registration(operation->uses, &registration->client);
	return 0;
}

/* Finds the client and does something with it, in one transaction. */
static int manage(struct operation *operation, struct registration *registration,
    int (*work)(struct operation *operation, void *context, struct error *error),
    struct error *error)
{
	const char *base = operation->request->base_url;
	struct str token;

	if (read_token(operation, TOKEN_REGISTRATION, &registration->attempt, registration->hash,
		&token, error) != 0)
		return -1;
	if (!uuid_parse(operation->captures[0], &registration->client))
		return fail_token(&registration->attempt, error);
	memcpy(registration->token, token.data, token.length);
	if (operation_transaction(operation, work, registration, error) != 0)
		return -1;
	if (registration->metadata.row != NULL)
		answer_registration(operation, registration, 200, base);
	else
		operation_answer_nothing(operation, 204);
	return 0;
}

static int read_client(struct operation *operation, void *context, struct error *error)
{
	struct registration *registration = context;

	if (find_registration(operation, registration, error) != 0)
		return -1;
	return client_metadata_load(operation, registration->bound, &registration->metadata, error);
}

int oauth_registration_get(struct operation *operation, struct error *error)
{
	struct registration registration = { 0 };

	return manage(operation, &registration, read_client, error);
}

static int check_id(
    struct operation *operation, const struct registration *registration, struct error *error)
{
	const struct node *id =
	    row_find_member(operation->context.arena, &operation->contract->family,
		operation->body.format, operation->body.root, "client_id");
	struct uuid sent;

	if (id == NULL || !uuid_parse(id->text, &sent) || !uuid_equal(&sent, &registration->client))
		return client_metadata_refuse(error, "The client_id does not match the client.");
	return 0;
}

/* Names the client for a change of its row. NULL when the arena is exhausted. */
static struct row *make_key(struct arena *arena, const struct registration *registration)
{
	const struct value id = { .uuid = registration->client };

	return row_with(arena, &oauth_registered_client_resource, REGISTERED_ID, &id);
}

static int change_client(struct operation *operation, void *context, struct error *error)
{
	struct registration *registration = context;
	struct arena *arena = operation->context.arena;
	struct record_change change = { .keys = make_key(arena, registration),
		.sent = row_new(arena, &oauth_registered_client_resource) };

	if (change.keys == NULL || change.sent == NULL)
		return error_out_of_memory(error);
	if (find_registration(operation, registration, error) != 0 ||
	    client_metadata_read(operation, &registration->user, registration->bound,
		&registration->metadata, error) != 0 ||
	    check_id(operation, registration, error) != 0)
		return -1;
	set_metadata(change.sent, &registration->metadata);
	return record_update(&operation->context, &oauth_registered_client_record, &change, error);
}

int oauth_registration_put(struct operation *operation, struct error *error)
{
	struct registration registration = { 0 };

	return manage(operation, &registration, change_client, error);
}

static int remove_client(struct operation *operation, void *context, struct error *error)
{
	struct registration *registration = context;
	struct record_change change = { .keys = make_key(operation->context.arena, registration) };

	if (change.keys == NULL)
		return error_out_of_memory(error);
	if (find_registration(operation, registration, error) != 0)
		return -1;
	return record_delete(&operation->context, &oauth_registered_client_record, &change, error);
}

int oauth_registration_delete(struct operation *operation, struct error *error)
{
	struct registration registration = { 0 };

	return manage(operation, &registration, remove_client, error);
}
