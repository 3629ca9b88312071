#include "api/licensing/signing_key.h"

#include <openssl/crypto.h>

#include "base/base64.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"

static const struct print_member listed_members[] = {
	{ { "id", "ID", PRINT_INTEGER }, "id" },
	{ { "name", "NAME", PRINT_TEXT }, "name" },
	{ { "algorithm", "ALGORITHM", PRINT_TEXT }, "algorithm" },
	{ { "bits", "BITS", PRINT_INTEGER }, "bits" },
	{ { "state", "STATE", PRINT_TEXT }, "state" },
	{ { "default", "DEFAULT", PRINT_BOOLEAN }, "default" },
	{ { "legacy", "LEGACY", PRINT_BOOLEAN }, "legacy" },
	{ { "successorId", "SUCCESSOR", PRINT_INTEGER }, "successorId" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "createdAt" },
	{ { "keyId", "KEY", PRINT_TEXT }, "keyId" },
};

static const struct records_kind signing_keys = {
	.resource = &licensing_signing_key_resource,
	.what = "signing key",
	.list = "signing-key list",
};

/* What the command line says of a key, and how faults call it. */
enum key_input { INPUT_NAME, INPUT_ALGORITHM, INPUT_BITS, INPUT_DATA, INPUT_PASSWORD };

static const struct records_input inputs[] = {
	[INPUT_NAME] = { .member = "name", .label = "name" },
	[INPUT_ALGORITHM] = { .member = "algorithm", .label = "--algorithm" },
	[INPUT_BITS] = { .member = "bits", .label = "--bits" },
	[INPUT_DATA] = { .member = "data", .label = "file", .secret = true },
	[INPUT_PASSWORD] = { .member = "password", .label = "password", .secret = true },
};

/* --- files --- */

/* The file as a body would have it, base64 of its bytes. NULL after saying what is wrong. */
static const char *read_file(struct session *session, const char *path)
{
	char *bytes = arena_alloc(session->arena, KEY_IMPORT_MOST / 4 * 3 + 1);
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct buf text = { 0 };
	const char *copy = NULL;
	size_t length;

	if (file == NULL || bytes == NULL) {
		(void)session_fail(session, "The file %s cannot be read.", path);
		return NULL;
	}
	length = fread(bytes, 1, KEY_IMPORT_MOST / 4 * 3 + 1, file);
	if (ferror(file) || length == 0 || length > KEY_IMPORT_MOST / 4 * 3) {
		(void)session_fail(
		    session, "The file %s is empty, too long, or cannot be read.", path);
	} else {
		base64_append(&text, bytes, length);
		copy = arena_copy(session->arena, text.data, text.length);
		OPENSSL_cleanse(text.data, text.length);
	}
	OPENSSL_cleanse(bytes, length);
	buf_free(&text);
	if (file != stdin)
		fclose(file);
	return copy;
}

/* Takes the password of a file, if any is given. False after saying what is wrong. */
static bool take_password(struct session *session, struct row *row)
{
	char password[QUESTION_ANSWER_MAX];
	int taken;

	if (session_flag(session, "password-stdin") == NULL)
		return true;
	taken = question_secret(session, "password-stdin", "Password", false, password);
	if (taken > 0)
		row_set_text(
		    row, SIGNING_KEY_PASSWORD, arena_str(session->arena, str_from(password)));
	explicit_bzero(password, sizeof(password));
	return taken >= 0;
}

static bool has_flag(struct session *session, const char *name)
{
	return session_flag(session, name) != NULL;
}

/* --- commands --- */

static enum command_status show_new_key(struct session *session, const struct row *key)
{
	if (session->json)
		return print_record(session, key, listed_members, COUNT_OF(listed_members));
	fprintf(session->out, STR_FORMAT, STR_ARGUMENTS(key->values[SIGNING_KEY_PUBLIC_KEY].text));
	session_note(session, "Signing key %lld was stored; this is its public half.",
	    (long long)key->values[SIGNING_KEY_ID].integer);
	return COMMAND_OK;
}

static enum command_status add_key(struct session *session, const char *name, const char *data)
{
	struct records_input given[COUNT_OF(inputs)];
	struct record_change change = { 0 };

	memcpy(given, inputs, sizeof(given));
	given[INPUT_NAME].text = name;
	given[INPUT_DATA].text = data;
	if (data == NULL) {
		given[INPUT_ALGORITHM].text = session_flag(session, "algorithm");
		given[INPUT_BITS].text = session_flag(session, "bits");
	}
	if (!records_read(session, &licensing_signing_key_record, ROW_READ_INSERT, given,
		COUNT_OF(given), &change.sent))
		return COMMAND_FAILED;
	if (data != NULL && !take_password(session, change.sent))
		return COMMAND_FAILED;
	if (has_flag(session, "default"))
		row_set_boolean(change.sent, SIGNING_KEY_DEFAULT, true);
	if (data != NULL && has_flag(session, "legacy"))
		row_set_boolean(change.sent, SIGNING_KEY_LEGACY, true);
	if (records_insert(session, &licensing_signing_key_record, &change) != 0)
		return records_error(session, inputs, COUNT_OF(inputs));
	return show_new_key(session, change.stored);
}

static enum command_status create_key(struct session *session)
{
	return add_key(session, session->operands[0], NULL);
}

static enum command_status import_key(struct session *session)
{
	const char *path = session->operands[0];
	const char *name = session_flag(session, "name");
	const char *data = read_file(session, path);

	return data != NULL ? add_key(session, name != NULL ? name : path, data) : COMMAND_FAILED;
}

static enum command_status list_keys(struct session *session)
{
	const struct record_set set = { .resource = &licensing_signing_key_resource };

	return print_set(session, &set, listed_members, COUNT_OF(listed_members));
}

/* Finds the key whose number is given. COMMAND_OK, or what to end with after saying why not. */
static enum command_status find_key(struct session *session, uint64_t mask, struct row **key)
{
	return records_find(session, &signing_keys, session->operands[0], mask, key)
		   ? COMMAND_OK
		   : COMMAND_FAILED;
}

static enum command_status retire_key(struct session *session)
{
	struct record_change change;
	struct row *key;
	enum command_status status = find_key(session, 0, &key);

	if (status != COMMAND_OK)
		return status;
	if (!records_begin_change(session, key, &change))
		return COMMAND_FAILED;
	row_set_text(change.sent, SIGNING_KEY_STATE, SIGNING_KEY_RETIRED);
	if (records_update(session, &licensing_signing_key_record, &change) != 0)
		return records_error(session, inputs, COUNT_OF(inputs));
	session_note(session, "Signing key %lld is retired.",
	    (long long)key->values[SIGNING_KEY_ID].integer);
	return COMMAND_OK;
}

static enum command_status rotate_key(struct session *session)
{
	struct signing_key_rotation rotation = { .sent = row_new(session->arena,
						     &licensing_signing_key_resource) };
	struct row *key;
	enum command_status status = find_key(session, 0, &key);
	struct context *context = session_context(session);

	if (status != COMMAND_OK)
		return status;
	if (rotation.sent == NULL || context == NULL)
		return session_fail(session, "Out of memory.");
	rotation.key = key->values[SIGNING_KEY_ID].integer;
	if (signing_key_prepare_rotation(context, &rotation, &session->error) != 0 ||
	    records_transaction(session, signing_key_rotate, &rotation) != 0)
		return session_error(session);
	return show_new_key(session, rotation.stored);
}

static enum command_status print_public(struct session *session)
{
	struct context *context = session_context(session);
	struct buf set = { 0 };
	struct row *key;
	enum command_status status = COMMAND_OK;

	if (session->operand_count > 0) {
		status = find_key(session, FIELD_BIT(SIGNING_KEY_PUBLIC_KEY), &key);
		if (status == COMMAND_OK)
			fprintf(session->out, STR_FORMAT,
			    STR_ARGUMENTS(key->values[SIGNING_KEY_PUBLIC_KEY].text));
		return status;
	}
	if (context == NULL || signing_key_write_set(context, &set, &session->error) != 0)
		status = session_error(session);
	else
		fprintf(session->out, STR_FORMAT "\n", STR_ARGUMENTS(buf_str(&set)));
	buf_free(&set);
	return status;
}

#define FLAG_DEFAULT                                                                               \
	{                                                                                          \
		.name = "default", .doc = "Sign licenses for which no other key is named with it." \
	}

static const struct command_flag create_flags[] = {
	{ .name = "algorithm", .value = "NAME", .doc = "Ed25519 (default), RSA or EC." },
	{ .name = "bits", .value = "NUMBER", .doc = "Length of an RSA key; default: 3072." },
	FLAG_DEFAULT,
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag import_flags[] = {
	{ .name = "name", .value = "NAME", .doc = "Name of the key; default: that of the file." },
	{ .name = "password-stdin", .doc = "Read the password of the file from standard input." },
	{ .name = "legacy",
	    .doc = "Sign with SHA-1, as old programs of the original expect it; RSA only." },
	FLAG_DEFAULT,
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag json_flags[] = { COMMAND_FLAG_JSON, { 0 } };

const struct command signing_key_commands[] = {
	{ .words = "signing-key create",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = create_flags,
	    .doc = "Create a key that signs licenses and print its public half.",
	    .run = create_key },
	{ .words = "signing-key import",
	    .arguments = "FILE",
	    .least = 1,
	    .most = 1,
	    .flags = import_flags,
	    .doc = "Import a private key from a PEM, PKCS #8, PKCS #12 or SNK file (- for standard "
		   "input).",
	    .run = import_key },
	{ .words = "signing-key list",
	    .arguments = "",
	    .flags = json_flags,
	    .doc = "List the keys that sign licenses.",
	    .run = list_keys },
	{ .words = "signing-key public",
	    .arguments = "[ID]",
	    .most = 1,
	    .doc = "Print the public half of a key, or the JWK set of all active keys.",
	    .run = print_public },
	{ .words = "signing-key retire",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .doc = "Retire a key: it signs no more licenses.",
	    .run = retire_key },
	{ .words = "signing-key rotate",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .flags = json_flags,
	    .doc = "Retire a key and create one that signs in its place.",
	    .run = rotate_key },
	{ 0 },
};
