/*
 * Dynamic registration of clients (RFC 7591), and its management (RFC 7592).
 */
#include "api/oauth/client_metadata.h"
#include "auth/attempt.h"
#include "auth/token.h"

#define BEARER_CHALLENGE "Bearer realm=\"clientele\", error=\"invalid_token\""
#define NAME_LENGTH 16 /* "reg-" and twelve characters: api_client.name holds 18 */

/* A client being registered or managed. */
struct registration {
	struct uuid client;
	struct uuid user;
	int64_t initial_token; /* id of the row that allows a new one */
	/* What binds it: of the initial token, later its own. */
	struct str bound;   /* scope; data == NULL = no bound */
	struct bind expiry; /* when the client ends */
	struct client_metadata metadata;
	char secret[SECRET_TEXT_MAX];
	char token[SECRET_TEXT_MAX];
	uint8_t hash[KEY_HASH_LENGTH]; /* of the token that manages it */
	struct attempt attempt;        /* with a token of either kind */
	int64_t issued;
};

static int refuse_token(bool sent, struct error *error)
{
	error->challenge = sent ? BEARER_CHALLENGE : NULL;
	return error_set_word(error, ERROR_UNAUTHENTICATED, OAUTH_INVALID_TOKEN,
	    "The token is missing, wrong or expired.");
}

/* The token that was sent is nobody's. */
static int fail_token(struct attempt *attempt, struct error *error)
{
	refuse_token(true, error);
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
		return refuse_token(false, error);
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

static struct str text_or_none(const struct bind *column)
{
	return column->null || column->text.length == 0 ? (struct str){ NULL, 0 } : column->text;
}

/* Of r and u, the user that its clients act for. */
#define INITIAL_COUNTS                                                             \
	"u.enabled AND (r.expires_at IS NULL OR r.expires_at > UTC_TIMESTAMP(6)) " \
	"AND COALESCE(r.uses_left, 1) > 0"

static int find_initial_token(struct operation *operation, struct registration *registration,
    const uint8_t hash[KEY_HASH_LENGTH], struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_UUID, BIND_TEXT, BIND_TIME };
	const struct bind parameter =
	    BIND_BYTES(((struct str){ (const char *)hash, KEY_HASH_LENGTH }));
	struct result result;

	if (database_select(operation->context.database, operation->context.arena,
		"SELECT r.id, r.user_id, r.scope, r.clients_expire_at "
		"FROM oauth_registration_token r JOIN user u ON u.id = r.user_id "
		"WHERE r.token_hash = ? AND " INITIAL_COUNTS,
		&parameter, 1, columns, 4, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return fail_token(&registration->attempt, error);
	attempt_succeed(&registration->attempt);
	registration->initial_token = result.rows[0][0].integer;
	registration->user = result.rows[0][1].uuid;
	registration->bound = text_or_none(&result.rows[0][2]);
	registration->expiry = result.rows[0][3];
	return 0;
}

/* The row is written in any case, so that two registrations of one use meet on all nodes. */
static int use_initial_token(
    struct operation *operation, const struct registration *registration, struct error *error)
{
	const struct bind parameter = BIND_INT(registration->initial_token);
	struct outcome outcome;

	if (database_execute(operation->context.database,
		"UPDATE oauth_registration_token r JOIN user u ON u.id = r.user_id "
		"SET r.uses_left = r.uses_left - 1, r.use_count = r.use_count + 1, "
		"r.last_used_at = UTC_TIMESTAMP(6) WHERE r.id = ? AND " INITIAL_COUNTS,
		&parameter, 1, &outcome, error) != 0)
		return -1;
	return outcome.affected == 1 ? 0 : refuse_token(true, error);
}

static int store_client(struct operation *operation, void *context, struct error *error)
{
	struct registration *registration = context;
	char name[NAME_LENGTH + 1], secret_text[PASSWORD_HASH_MAX];
	uint8_t hash[KEY_HASH_LENGTH];
	struct outcome outcome;

	memcpy(name, "reg-", 4);
	random_text(name + 4, NAME_LENGTH - 4, RANDOM_ALPHANUMERIC_LOWER);
	key_hash(str_from(registration->token), hash);
	if (secret_hash(str_from(registration->secret), true, secret_text, error) != 0 ||
	    use_initial_token(operation, registration, error) != 0)
		return -1;

	struct bind client[] = {
		BIND_ID(registration->client),
		BIND_STR(((struct str){ name, NAME_LENGTH })),
		BIND_ID(registration->user),
		client_metadata_scope(&registration->metadata),
		BIND_BYTES(((struct str){ (const char *)hash, sizeof(hash) })),
		BIND_STR(registration->metadata.stored),
		registration->expiry,
		registration->expiry,
	};
	const struct bind secret[] = { BIND_ID(registration->client),
		BIND_STR(str_from(secret_text)) };

	if (database_execute(operation->context.database,
		"INSERT INTO api_client (id, name, user_id, scope, registration_hash, metadata, "
		"expires_at, registration_expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		client, COUNT_OF(client), &outcome, error) != 0)
		return -1;
	return database_execute(operation->context.database,
	    "INSERT INTO api_client_secret (client_id, number, secret_hash) VALUES (?, 1, ?)",
	    secret, 2, &outcome, error);
}

int oauth_register(struct operation *operation, struct error *error)
{
	struct registration registration = { .client = uuid_new(), .issued = timestamp_now() };
	const char *base = operation->request->base_url;
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
	status = operation_transaction(operation, store_client, &registration, error);
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

/*
 * The client is locked, so that what is changed is what was looked at. One that may not log in may
 * not manage itself either.
 */
static int find_registration(
    struct operation *operation, struct registration *registration, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_UUID, BIND_TEXT, BIND_TIME, BIND_TEXT };
	const struct bind parameters[] = { BIND_ID(registration->client),
		BIND_BYTES(((struct str){ (const char *)registration->hash, KEY_HASH_LENGTH })) };
	struct result result;

	if (database_select(operation->context.database, operation->context.arena,
		"SELECT c.user_id, c.metadata, c.created_at, c.scope "
		"FROM api_client c JOIN user u ON u.id = c.user_id "
		"WHERE c.id = ? AND c.registration_hash = ? AND c.enabled AND u.enabled "
		"AND (c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(6)) "
		"AND (c.registration_expires_at IS NULL "
		"OR c.registration_expires_at > UTC_TIMESTAMP(6)) FOR UPDATE",
		parameters, 2, columns, 4, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return fail_token(&registration->attempt, error);
	attempt_succeed(&registration->attempt);
	registration->user = result.rows[0][0].uuid;
	registration->metadata.stored = result.rows[0][1].text;
	registration->issued = result.rows[0][2].integer;
	registration->bound = text_or_none(&result.rows[0][3]);
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

static int change_client(struct operation *operation, void *context, struct error *error)
{
	struct registration *registration = context;
	struct bind parameters[3];
	struct outcome outcome;

	if (find_registration(operation, registration, error) != 0 ||
	    client_metadata_read(operation, &registration->user, registration->bound,
		&registration->metadata, error) != 0 ||
	    check_id(operation, registration, error) != 0)
		return -1;
	parameters[0] = BIND_STR(registration->metadata.stored);
	parameters[1] = client_metadata_scope(&registration->metadata);
	parameters[2] = BIND_ID(registration->client);
	/* Tokens that are out bring no more than the new scope. */
	if (record_revoke(&operation->context, MARK(MARK_CLIENT, registration->client), error) != 0)
		return -1;
	return database_execute(operation->context.database,
	    "UPDATE api_client SET metadata = ?, scope = ?, updated_at = UTC_TIMESTAMP(6) "
	    "WHERE id = ?",
	    parameters, COUNT_OF(parameters), &outcome, error);
}

int oauth_registration_put(struct operation *operation, struct error *error)
{
	struct registration registration = { 0 };

	return manage(operation, &registration, change_client, error);
}

static int remove_client(struct operation *operation, void *context, struct error *error)
{
	struct registration *registration = context;
	struct bind parameter;
	struct outcome outcome;

	if (find_registration(operation, registration, error) != 0 ||
	    record_revoke(&operation->context, MARK(MARK_CLIENT, registration->client), error) != 0)
		return -1;
	parameter = BIND_ID(registration->client);
	return database_execute(operation->context.database, "DELETE FROM api_client WHERE id = ?",
	    &parameter, 1, &outcome, error);
}

int oauth_registration_delete(struct operation *operation, struct error *error)
{
	struct registration registration = { 0 };

	return manage(operation, &registration, remove_client, error);
}
