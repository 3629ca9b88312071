#include <stdlib.h>

#include "api/licensing/licensing.h"
#include "auth/secret.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"

static const struct print_member created_members[] = {
	{ { "id", "ID", PRINT_INTEGER }, "id" },
	{ { "key", "KEY", PRINT_TEXT }, "key" },
	{ { "name", "NAME", PRINT_TEXT }, "name" },
	{ { "user", "USER", PRINT_TEXT }, "ownerName" },
	{ { "permissionNames", "PERMISSIONS", PRINT_PERMISSIONS }, "permissions" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "expireDate" },
	{ { "clientSecret", "SECRET", PRINT_TEXT }, "clientSecret" },
};

static const struct print_member listed_members[] = {
	{ { "id", "ID", PRINT_INTEGER }, "id" },
	{ { "prefix", "KEY", PRINT_TEXT }, "key" },
	{ { "name", "NAME", PRINT_TEXT }, "name" },
	{ { "user", "USER", PRINT_TEXT }, "ownerName" },
	{ { "permissionNames", "PERMISSIONS", PRINT_PERMISSIONS }, "permissions" },
	{ { "revoked", "REVOKED", PRINT_BOOLEAN }, "revoked" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "expireDate" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, "createdDate" },
	{ { "lastUsedAt", "LAST USED", PRINT_MOMENT }, "lastUsed" },
	{ { "useCount", "USES", PRINT_INTEGER }, "useCount" },
	{ { "allowedNetworks", "NETWORKS", PRINT_LIST }, "allowedNetworks" },
	{ { "rateLimit", "RATE", PRINT_INTEGER }, "rateLimit" },
	{ { "needsSecret", "NEEDS SECRET", PRINT_BOOLEAN }, "needsSecret" },
};

/* What the command line says of a key, and how faults call it. */
enum key_input { INPUT_NAME, INPUT_NETWORKS, INPUT_RATE, INPUT_OWNER };

static const struct records_input inputs[] = {
	[INPUT_NAME] = { .member = "name", .label = "name" },
	[INPUT_NETWORKS] = { .member = "allowedNetworks", .label = "--network", .flag = "network" },
	[INPUT_RATE] = { .member = "rateLimit", .label = "--rate" },
	[INPUT_OWNER] = { .member = "ownerId", .label = "--user" },
};

static unsigned key_member(const char *name)
{
	return resource_member(&licensing_api_key_resource, name);
}

/* Reads "read,update" into bits. False after saying what is wrong. */
static bool take_permissions(struct session *session, const char *text, unsigned *permissions)
{
	static const struct {
		struct str word;
		unsigned bits;
	} words[] = {
		{ { "all", 3 }, PERMISSION_ALL },
		{ { "read", 4 }, PERMISSION_READ },
		{ { "update", 6 }, PERMISSION_UPDATE },
		{ { "delete", 6 }, PERMISSION_DELETE },
		{ { "create", 6 }, PERMISSION_CREATE },
	};
	struct str rest = str_from(text != NULL ? text : "all"), word;

	*permissions = 0;
	while (str_next(&rest, ',', &word)) {
		unsigned bits = 0;

		for (size_t i = 0; i < COUNT_OF(words); i++) {
			if (str_equal_ignore_case(str_trim(word), words[i].word))
				bits = words[i].bits;
		}
		if (bits == 0) {
			session_fail(session,
			    "\"" STR_FORMAT
			    "\" is not a permission; give some of read, update, delete, create.",
			    STR_ARGUMENTS(word));
			return false;
		}
		*permissions |= bits;
	}
	return true;
}

/* The row of a new key that belongs to that user. False after saying what is wrong. */
static bool read_new_key(
    struct session *session, const char *name, const char *user, struct row **row)
{
	struct records_input given[COUNT_OF(inputs)];
	unsigned permissions;
	struct uuid owner;

	memcpy(given, inputs, sizeof(given));
	given[INPUT_NAME].text = name;
	given[INPUT_RATE].text = session_flag(session, "rate");
	if (!take_permissions(session, session_flag(session, "permissions"), &permissions) ||
	    !records_read(
		session, &licensing_api_key_record, ROW_READ_INSERT, given, COUNT_OF(given), row) ||
	    !records_take_expiry(session, *row, "expireDate") ||
	    !records_find_id(session, &records_user, user, &owner))
		return false;
	row_set_integer(*row, key_member("permissions"), permissions);
	row_set_uuid(*row, key_member("ownerId"), owner);
	return true;
}

/* A secret that must come along, where one is wanted: it is shown with the key. */
static void take_secret(struct session *session, struct row *row)
{
	char secret[SECRET_TEXT_MAX];

	if (session_flag(session, "client-secret") == NULL)
		return;
	secret_make("", secret);
	row_set_text(row, key_member("madeSecret"), arena_str(session->arena, str_from(secret)));
	explicit_bzero(secret, sizeof(secret));
}

static enum command_status show_new_key(
    struct session *session, struct row *key, const struct row *sent, const char *user)
{
	bool has_secret = row_filled(sent, key_member("madeSecret"));
	struct str secret = sent->values[key_member("madeSecret")].text;

	if (has_secret)
		row_set_text(key, key_member("clientSecret"), secret);
	row_set_text(key, key_member("ownerName"), str_from(user));
	if (session->json)
		return print_record(session, key, created_members, COUNT_OF(created_members));
	fprintf(session->out, STR_FORMAT "\n", STR_ARGUMENTS(key->values[key_member("key")].text));
	if (has_secret)
		fprintf(session->out, "x-client-secret " STR_FORMAT "\n", STR_ARGUMENTS(secret));
	session_note(session, "Key %lld of \"%s\" was created; it is shown only once.",
	    (long long)key->values[key_member("id")].integer, user);
	return COMMAND_OK;
}

static enum command_status create_key(struct session *session)
{
	const char *user = question_text(session, session_flag(session, "user"), "User");
	const char *name = session_flag(session, "name");
	struct record_change change = { 0 };

	if (user == NULL)
		return session_usage(session, "Give --user NAME: the owner of the key.");
	if (name == NULL)
		name = session->operand_count > 0 ? session->operands[0] : user;
	if (!read_new_key(session, name, user, &change.sent))
		return COMMAND_FAILED;
	take_secret(session, change.sent);
	if (records_insert(session, &licensing_api_key_record, &change) != 0)
		return records_error(session, inputs, COUNT_OF(inputs));
	return show_new_key(session, change.stored, change.sent, user);
}

static enum command_status list_keys(struct session *session)
{
	const char *user = session_flag(session, "user");
	struct row *keys = row_new(session->arena, &licensing_api_key_resource);
	const struct record_set set = { .resource = &licensing_api_key_resource, .keys = keys };
	struct uuid owner;

	if (keys == NULL)
		return session_fail(session, "Out of memory.");
	if (user != NULL && !records_find_id(session, &records_user, user, &owner))
		return COMMAND_FAILED;
	if (user != NULL)
		row_set_uuid(keys, key_member("ownerId"), owner);
	return print_set(session, &set, listed_members, COUNT_OF(listed_members));
}

/* Finds the key whose number is given. COMMAND_OK, or what to end with after saying why not. */
static enum command_status find_key(struct session *session, uint64_t mask, struct row **key)
{
	int64_t number;

	if (!str_to_int64(str_from(session->operands[0]), &number))
		return session_usage(session,
		    "\"%s\" is not the number of a key; 'clientele key list' shows them.",
		    session->operands[0]);
	return records_find(session, &records_api_key, session->operands[0], mask, key)
		   ? COMMAND_OK
		   : COMMAND_FAILED;
}

static enum command_status tell_changed(
    struct session *session, int result, const struct row *key, const char *done)
{
	if (result != 0)
		return session_error(session);
	session_note(
	    session, "Key %lld is %s.", (long long)key->values[key_member("id")].integer, done);
	return COMMAND_OK;
}

static enum command_status revoke_key(struct session *session)
{
	struct record_change change;
	struct row *key;
	enum command_status status = find_key(session, 0, &key);

	if (status != COMMAND_OK)
		return status;
	if (!records_begin_change(session, key, &change))
		return COMMAND_FAILED;
	row_set_boolean(change.sent, key_member("revoked"), true);
	return tell_changed(
	    session, records_update(session, &licensing_api_key_record, &change), key, "revoked");
}

static enum command_status delete_key(struct session *session)
{
	struct record_change change;
	enum command_status status;
	struct row *key;

	if (!question_deletion(session, "Delete the key permanently?"))
		return COMMAND_USAGE;
	status = find_key(session, 0, &key);
	if (status != COMMAND_OK)
		return status;
	if (!records_begin_change(session, key, &change))
		return COMMAND_FAILED;
	return tell_changed(
	    session, records_delete(session, &licensing_api_key_record, &change), key, "deleted");
}

static enum command_status show_key(struct session *session)
{
	uint64_t mask = print_mask(
	    session, &licensing_api_key_resource, listed_members, COUNT_OF(listed_members));
	struct row *key;
	enum command_status status = find_key(session, mask, &key);

	return status == COMMAND_OK
		   ? print_record(session, key, listed_members, COUNT_OF(listed_members))
		   : status;
}

static enum command_status tell_rotated(
    struct session *session, const struct licensing_key_rotation *rotation)
{
	const struct row *key = rotation->stored;
	int64_t left = rotation->end - timestamp_now();

	if (session->json)
		return print_record(session, key, created_members, COUNT_OF(created_members));
	fprintf(session->out, STR_FORMAT "\n", STR_ARGUMENTS(key->values[key_member("key")].text));
	session_note(session,
	    "Key %lld replaces key %lld, which stays valid for %lld seconds; it is shown only "
	    "once.",
	    (long long)key->values[key_member("id")].integer, (long long)rotation->key,
	    (long long)(left > 0 ? (left + MICROSECONDS_PER_SECOND - 1) / MICROSECONDS_PER_SECOND
				 : 0));
	return COMMAND_OK;
}

static enum command_status rotate_key(struct session *session)
{
	struct licensing_key_rotation rotation = { 0 };
	enum command_status status;
	struct row *key;

	if (!session_take_number(
		session, "grace", 0, session->settings->key_grace, &rotation.grace))
		return COMMAND_FAILED;
	status = find_key(session, 0, &key);
	if (status != COMMAND_OK)
		return status;
	rotation.key = key->values[key_member("id")].integer;
	if (records_transaction(session, licensing_key_rotate, &rotation) == 0)
		return tell_rotated(session, &rotation);
	if (session->error.code == ERROR_CONFLICT)
		return session_fail(session,
		    "There is no valid key %s, so nothing was changed; see 'clientele key list'.",
		    session->operands[0]);
	return session_error(session);
}

static const struct command_flag create_flags[] = {
	{ .name = "user", .value = "USER", .doc = "Owner of the key; required." },
	{ .name = "name", .value = "NAME", .doc = "Name of the key, shown in lists." },
	{ .name = "permissions",
	    .value = "LIST",
	    .doc = "Some of read,update,delete,create; default: everything that the user's roles "
		   "allow." },
	{ .name = "expires", .value = "DATE", .doc = "When the key expires; default: never." },
	{ .name = "network",
	    .value = "CIDR",
	    .doc = "Network from which the key may be used; may be repeated; default: any." },
	{ .name = "rate",
	    .value = "NUMBER",
	    .doc = "Requests per minute; default: the option key_rate_limit." },
	{ .name = "client-secret",
	    .doc = "Also create a secret that must be sent as x-client-secret." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = {
	{ .name = "user", .value = "USER", .doc = "List only the keys of this user." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag rotate_flags[] = {
	{ .name = "grace",
	    .value = "SECONDS",
	    .doc = "Seconds for which the previous key stays valid; default: the option "
		   "key_grace." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag show_flags[] = { COMMAND_FLAG_JSON, { 0 } };

static const struct command_flag delete_flags[] = {
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

const struct command key_commands[] = {
	{ .words = "key create",
	    .arguments = "[NAME] --user USER",
	    .least = 0,
	    .most = 1,
	    .flags = create_flags,
	    .doc = "Create an API key and print it; it is shown only once.",
	    .run = create_key },
	{ .words = "key delete",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .flags = delete_flags,
	    .doc = "Delete an API key.",
	    .run = delete_key },
	{ .words = "key list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the API keys with their first characters.",
	    .run = list_keys },
	{ .words = "key revoke",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .doc = "Revoke an API key with immediate effect.",
	    .run = revoke_key },
	{ .words = "key rotate",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .flags = rotate_flags,
	    .doc = "Replace an API key with a new one that has the same rights and print it; it is "
		   "shown only once.",
	    .run = rotate_key },
	{ .words = "key show",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .flags = show_flags,
	    .doc = "Show an API key.",
	    .run = show_key },
	{ 0 },
};
