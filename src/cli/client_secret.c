/*
 * Secrets of API clients, of which two may be valid at the same time.
 */
#include "cli/client_secret.h"

#include "api/credentials/credentials.h"
#include "auth/session.h"
#include "cli/question.h"
#include "cli/records.h"

static const struct print_member rotated_members[] = {
	{ { "id", "ID", PRINT_UUID }, "ClientID" },
	{ { "secret", "SECRET", PRINT_TEXT }, "Secret" },
	{ { "name", "NAME", PRINT_TEXT }, "ClientName" },
};

static const struct print_member secret_members[] = {
	{ { "number", "NUMBER", PRINT_INTEGER }, "Number" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "CreatedAt" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "ExpiresAt" },
	{ { "lastUsedAt", "LAST USED", PRINT_MOMENT }, "LastUsedAt" },
	{ { "useCount", "USES", PRINT_INTEGER }, "UseCount" },
};

/* What the command line says of a secret, and how faults call it. */
enum secret_input { INPUT_GRACE, INPUT_OTHER, SECRET_INPUTS };

static const struct records_input secret_inputs[] = {
	[INPUT_GRACE] = { .member = "GraceSeconds", .label = "--grace" },
	[INPUT_OTHER] = { .member = "Secret", .label = "secret", .secret = true },
};

static unsigned client_member(const char *name)
{
	return resource_member(&credentials_client_resource, name);
}

static unsigned secret_member(const char *name)
{
	return resource_member(&credentials_secret_resource, name);
}

bool client_secret_take(struct session *session, const char **secret)
{
	char text[QUESTION_ANSWER_MAX];
	int status;

	*secret = NULL;
	if (session_flag(session, "secret-stdin") == NULL)
		return true;
	status = question_secret(session, "secret-stdin", "Secret", true, text);
	if (status == 1)
		*secret = arena_printf(session->arena, "%s", text);
	else if (status == 0)
		session_fail(session, "There is no secret on standard input.");
	explicit_bzero(text, sizeof(text));
	return status == 1;
}

enum command_status client_secret_show(struct session *session, struct uuid client,
    const struct row *row, unsigned secret, const struct print_member *shown, unsigned count)
{
	char id[UUID_TEXT_LENGTH];

	if (session->json)
		return print_record(session, row, shown, count);
	uuid_print(&client, id);
	fprintf(session->out, "client_id %.*s\nclient_secret " STR_FORMAT "\n", UUID_TEXT_LENGTH,
	    id, STR_ARGUMENTS(row->values[secret].text));
	session_note(session, "The secret is shown only once.");
	return COMMAND_OK;
}

/* The secrets of a client; NULL after saying that memory runs out. */
static struct row *secrets_of(struct session *session, struct uuid client)
{
	struct row *keys = row_new(session->arena, &credentials_secret_resource);

	if (keys != NULL)
		row_set_uuid(keys, secret_member("ClientID"), client);
	else
		session_fail(session, "Out of memory.");
	return keys;
}

enum command_status client_secret_list(struct session *session)
{
	struct record_set set = { .resource = &credentials_secret_resource };
	struct row *keys;
	struct uuid id;

	if (!records_find_id(session, &records_client, session->operands[0], &id))
		return COMMAND_FAILED;
	set.keys = keys = secrets_of(session, id);
	return keys != NULL ? print_set(session, &set, secret_members, COUNT_OF(secret_members))
			    : COMMAND_FAILED;
}

/* The row of another secret. False after saying what is wrong. */
static bool read_secret(struct session *session, struct uuid client, struct row **row)
{
	struct records_input given[COUNT_OF(secret_inputs)];
	const char *secret;

	memcpy(given, secret_inputs, sizeof(given));
	given[INPUT_GRACE].text = session_flag(session, "grace");
	if (!client_secret_take(session, &secret))
		return false;
	given[INPUT_OTHER].text = secret;
	if (!records_read(
		session, &credentials_secret_record, ROW_READ_INSERT, given, COUNT_OF(given), row))
		return false;
	row_set_uuid(*row, secret_member("ClientID"), client);
	return true;
}

static enum command_status tell_rotated(
    struct session *session, const struct row *client, const struct row *sent, struct row *stored)
{
	unsigned grace = secret_member("GraceSeconds");
	int64_t seconds = row_filled(sent, grace) ? sent->values[grace].integer
						  : session->settings->client_secret_grace;
	enum command_status status;

	row_set_text(
	    stored, secret_member("ClientName"), client->values[client_member("Name")].text);
	status = client_secret_show(session, client->values[client_member("ID")].uuid, stored,
	    secret_member("Secret"), rotated_members, COUNT_OF(rotated_members));
	session_note(session, "The previous secret stays valid for %lld seconds.",
	    (long long)(row_filled(client, client_member("ValidNumbers")) ? seconds : 0));
	return status;
}

enum command_status client_secret_rotate(struct session *session)
{
	const char *name = session->operands[0];
	struct record_change change = { 0 };
	struct row *client;

	if (!records_find(session, &records_client, name,
		FIELD_BIT(client_member("Name")) | FIELD_BIT(client_member("ValidNumbers")),
		&client) ||
	    !read_secret(session, client->values[client_member("ID")].uuid, &change.sent))
		return COMMAND_FAILED;
	if (records_insert(session, &credentials_secret_record, &change) == 0)
		return tell_rotated(session, client, change.sent, change.stored);
	if (session->error.code == ERROR_CONFLICT)
		return session_fail(session,
		    "API client \"%s\" already has %d valid secrets; revoke one with 'clientele "
		    "client revoke %s --secret NUMBER'.",
		    name, SECRETS_MOST, name);
	return records_error(session, secret_inputs, COUNT_OF(secret_inputs));
}

/* One secret with its sessions. */
static enum command_status revoke_secret(
    struct session *session, struct uuid id, const char *name, int64_t number)
{
	struct record_change change = { 0 };
	struct row *key = secrets_of(session, id);

	if (key == NULL)
		return COMMAND_FAILED;
	row_set_integer(key, secret_member("Number"), number);
	change.keys = key;
	if (records_delete(session, &credentials_secret_record, &change) == 0) {
		session_note(session, "Secret %lld of API client \"%s\" is revoked.",
		    (long long)number, name);
		return COMMAND_OK;
	}
	if (session->error.code == ERROR_NOT_FOUND)
		return session_fail(
		    session, "API client \"%s\" has no secret %lld.", name, (long long)number);
	return session_error(session);
}

/* All secrets, each by its rules, and the sessions that none of them has opened. */
static int revoke_all(struct context *context, void *data, struct error *error)
{
	const struct row *keys = data;
	const struct uuid *client = &keys->values[secret_member("ClientID")].uuid;
	const struct record_set set = { .resource = keys->resource, .keys = keys };
	struct row_list secrets;

	if (credentials_client_claim(context, client, error) != 0 ||
	    record_fetch_all(context, &set, resource_default_mask(set.resource), &secrets, error) !=
		0)
		return -1;
	for (unsigned i = 0; i < secrets.count; i++) {
		struct row *key = row_copy(context->arena, keys);
		struct record_change change = { .keys = key };

		if (key == NULL)
			return error_out_of_memory(error);
		row_set_integer(key, secret_member("Number"),
		    secrets.rows[i]->values[secret_member("Number")].integer);
		if (record_delete(context, &credentials_secret_record, &change, error) != 0)
			return -1;
	}
	return session_end_client(context->database, client, 0, &context->revocations, error);
}

static enum command_status tell_secrets_gone(struct session *session, int result, const char *done)
{
	if (result != 0)
		return session_error(session);
	session_note(session, "API client \"%s\" %s.", session->operands[0], done);
	return COMMAND_OK;
}

/* The client cannot manage itself any more; one that never could is none the worse. */
static enum command_status revoke_registration(struct session *session, struct uuid id)
{
	struct row *keys = row_new(session->arena, &credentials_registration_resource);
	int result;

	if (keys == NULL)
		return session_fail(session, "Out of memory.");
	row_set_uuid(keys, resource_key(keys->resource), id);
	result = records_transaction(session, credentials_registration_forget, keys);
	if (result != 0 && session->error.code == ERROR_NOT_FOUND)
		result = 0;
	return tell_secrets_gone(session, result, "can no longer manage its registration");
}

enum command_status client_secret_revoke(struct session *session)
{
	const char *name = session->operands[0];
	struct row *secrets;
	struct uuid id;
	int64_t number;

	if (!session_take_number(session, "secret", 1, 0, &number) ||
	    !records_find_id(session, &records_client, name, &id))
		return COMMAND_FAILED;
	if (session_flag(session, "registration") != NULL)
		return revoke_registration(session, id);
	if (session_flag(session, "secret") != NULL)
		return revoke_secret(session, id, name, number);
	secrets = secrets_of(session, id);
	if (secrets == NULL)
		return COMMAND_FAILED;
	return tell_secrets_gone(session, records_transaction(session, revoke_all, secrets),
	    "has no valid secret, and its OAuth sessions have ended");
}
