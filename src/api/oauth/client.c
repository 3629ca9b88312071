/*
 * How programs prove who they are (RFC 6749 §2.3), and the parameters of form bodies.
 */
#include "api/oauth/oauth.h"
#include "api/oauth/view.h"
#include "auth/attempt.h"
#include "base/base64.h"
#include "codec/reader.h"

#define BASIC_CHALLENGE "Basic realm=\"clientele\", charset=\"UTF-8\""
#define CREDENTIALS_LONGEST 1024

int oauth_check_form(struct operation *operation, struct error *error)
{
	if (operation->body.root != NULL && operation->body.format == BODY_FORM)
		return 0;
	return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_REQUEST,
	    "The parameters must be sent in a body of type application/x-www-form-urlencoded.");
}

int oauth_parameter(
    struct operation *operation, const char *name, struct str *value, struct error *error)
{
	const struct node *root = operation->body.root;
	bool found = false;

	*value = (struct str){ NULL, 0 };
	for (const struct node *node = root->children; node != NULL; node = node->next) {
		if (!str_equal(node->name, str_from(name)))
			continue;
		if (found || (node->kind != NODE_TEXT && node->kind != NODE_NULL))
			return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_REQUEST,
			    "The parameter %s was sent more than once.", name);
		found = true;
		if (node->kind == NODE_TEXT && node->text.length > 0)
			*value = node->text;
	}
	return 0;
}

int oauth_required_parameter(
    struct operation *operation, const char *name, struct str *value, struct error *error)
{
	if (oauth_parameter(operation, name, value, error) != 0)
		return -1;
	if (value->data != NULL)
		return 0;
	return error_set_word(
	    error, ERROR_INVALID, OAUTH_INVALID_REQUEST, "The parameter %s is required.", name);
}

static int refuse_client(struct error *error, const char *detail)
{
	error->challenge = BASIC_CHALLENGE;
	(void)error_set_word(error, ERROR_UNAUTHENTICATED, OAUTH_INVALID_CLIENT,
	    "The client is unknown, or its credentials are wrong.");
	error->detail = detail;
	return -1;
}

/* Splits "Basic …" into its two parts, each form-encoded. False when it cannot be read. */
static bool read_basic(
    struct operation *operation, struct str header, struct str *id, struct str *secret)
{
	struct str encoded = str_trim(str_slice(header, 6, header.length)), text;
	size_t colon;
	char *decoded;

	if (encoded.length > CREDENTIALS_LONGEST)
		return false;
	decoded = arena_alloc(operation->context.arena, BASE64_DECODED_MAX(encoded.length));
	if (decoded == NULL || !base64_decode(encoded, decoded, &text.length))
		return false;
	text.data = decoded;
	colon = str_find(text, ':');
	if (colon == text.length || memchr(decoded, '\0', text.length) != NULL)
		return false;
	*id = form_decode(operation->context.arena, str_slice(text, 0, colon), true);
	*secret =
	    form_decode(operation->context.arena, str_slice(text, colon + 1, text.length), true);
	return id->data != NULL && secret->data != NULL;
}

/*
 * The client's id and secret. Returns 1 when they are there, 0 when not, -1 with an error. The id
 * alone in the body is not a try to authenticate.
 */
static int find_credentials(
    struct operation *operation, struct str *id, struct str *secret, struct error *error)
{
	struct str header = operation->request->authorization, body_id, body_secret;

	if (oauth_parameter(operation, "client_id", &body_id, error) != 0 ||
	    oauth_parameter(operation, "client_secret", &body_secret, error) != 0)
		return -1;
	if (!str_starts_with_ignore_case(header, STR("Basic "))) {
		*id = body_id;
		*secret = body_secret;
		if (body_secret.data != NULL && body_id.data == NULL)
			return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_REQUEST,
			    "The parameter client_id is required with client_secret.");
		return body_secret.data != NULL;
	}
	if (!read_basic(operation, header, id, secret))
		return refuse_client(error, "the Basic credentials cannot be read");
	if (body_secret.data != NULL || (body_id.data != NULL && !str_equal(body_id, *id)))
		return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_REQUEST,
		    "The client must use only one authentication method.");
	return 1;
}

/*
 * A client that is refused costs as many hashes whether it is there or not, and whichever secrets
 * it has: neither time nor load tells which identifiers there are. None where too many were wrong.
 */
static int spend_the_same(struct operation *operation, struct attempt *attempt, struct str secret,
    uint64_t begin, struct error *error)
{
	bool ignored;

	while (password_computed() - begin < SECRETS_MOST) {
		uint64_t before = password_computed();

		if (attempt_verify_password(attempt, secret, operation->context.guard->dummy_hash,
			&ignored, error) != 0)
			return -1;
		if (password_computed() == before)
			return 0; /* no secret could be so long: none of the others was hashed */
	}
	return 0;
}

/* Its secrets that count, where it may log in. */
static int find_secrets(
    struct context *context, const struct uuid *client, struct row_list *rows, struct error *error)
{
	const struct resource *resource = &oauth_secret_view;
	const struct value id = { .uuid = *client };
	struct row *keys = row_with(context->arena, resource, SECRET_CLIENT, &id);

	if (keys == NULL)
		return error_out_of_memory(error);
	return record_fetch_all(context, &(struct record_set){ .resource = resource, .keys = keys },
	    resource_default_mask(resource), rows, error);
}

/* Returns 1 with the client when one of its secrets fits, 0 when none does, -1 with an error. */
static int verify_client(struct operation *operation, struct attempt *attempt, struct str id,
    struct str secret, struct oauth_client *client, struct error *error)
{
	uint64_t begin = password_computed();
	struct row_list rows = { NULL, 0 };
	bool right = false;

	if (uuid_parse(id, &client->id) &&
	    find_secrets(&operation->context, &client->id, &rows, error) != 0)
		return -1;
	if (rows.count > 0) {
		attempt_set_owner(attempt, throttle_client(&client->id));
		gate_set_caller(
		    operation->context.guard->gate, client->id.bytes, sizeof(client->id.bytes));
	}
	for (unsigned i = 0; i < rows.count && !right; i++) {
		const struct row *row = rows.rows[i];
		const char *hash = arena_printf(operation->context.arena, STR_FORMAT,
		    STR_ARGUMENTS(row->values[SECRET_HASH].text));

		if (attempt_verify_secret(attempt, secret, hash, &right, error) != 0)
			return -1;
		client->user = row->values[SECRET_USER].uuid;
		client->scope = row->values[SECRET_SCOPE].text;
		client->grant_types = row->values[SECRET_GRANTS].text;
		client->secret_number = row->values[SECRET_NUMBER].integer;
		client->secret_hash = row->values[SECRET_HASH].text;
		client->name = row->values[SECRET_CLIENT_NAME].text;
	}
	if (!right && spend_the_same(operation, attempt, secret, begin, error) != 0)
		return -1;
	return right;
}

int oauth_authenticate_client(
    struct operation *operation, struct oauth_client *client, struct error *error)
{
	struct attempt attempt;
	struct str id, secret;
	int status = find_credentials(operation, &id, &secret, error);

	if (status <= 0)
		return status;
	if (attempt_begin_name(&attempt, operation->context.guard,
		operation->request->remote_address, id, secret, error) != 0)
		return -1;
	status = verify_client(operation, &attempt, id, secret, client, error);
	if (status == 1) {
		attempt_succeed(&attempt);
		operation->context.actor.client = client->id;
		operation->context.actor.name = client->name;
		last_used_note_client(operation->uses, &client->id);
		last_used_note_secret(operation->uses, &client->id, client->secret_number);
	}
	if (status != 0)
		return status;
	refuse_client(error, "no such client, or no such secret");
	return attempt_fail(&attempt, error);
}

int oauth_require_client(
    struct operation *operation, struct oauth_client *client, struct error *error)
{
	int status = oauth_authenticate_client(operation, client, error);

	if (status == 0)
		return refuse_client(error, "no client credentials");
	return status == 1 ? 0 : -1;
}

bool oauth_may_use(struct str grant_types, const char *grant_type)
{
	struct str word;

	if (grant_types.length == 0)
		return true;
	while (str_next(&grant_types, '"', &word)) {
		if (str_equal(word, str_from(grant_type)))
			return true;
	}
	return false;
}

int oauth_check_grant(struct str grant_types, const char *grant_type, struct error *error)
{
	if (oauth_may_use(grant_types, grant_type))
		return 0;
	return error_set_word(error, ERROR_INVALID, OAUTH_UNAUTHORIZED_CLIENT,
	    "The client may not use this grant type.");
}

void oauth_begin(struct operation *operation, int status, struct writer *writer)
{
	struct response *response = operation->response;

	response->status = status;
	response->has_body = true;
	response_header(response, "Pragma", STR("no-cache"));
	writer_init(writer, MEDIA_JSON, &operation->contract->family, &response->body);
	writer_object_begin(writer, NULL);
}

void oauth_end(struct operation *operation, struct writer *writer)
{
	(void)operation;
	writer_object_end(writer);
}

void oauth_write_moment(struct writer *writer, const char *name, int64_t moment)
{
	writer_integer(writer, name, moment / MICROSECONDS_PER_SECOND);
}
