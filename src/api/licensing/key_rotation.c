/*
 * One API key in the place of another: the same name, owner, rights, limits and secret.
 */
#include "api/licensing/licensing.h"
#include "auth/secret.h"
#include "op/operation.h"

enum { VIEW_ID, VIEW_HASH };

static const struct field view_fields[] = {
	[VIEW_ID] = { INT32("id", "id"), .flags = FIELD_KEY | FIELD_HIDDEN | FIELD_READONLY },
	[VIEW_HASH] = { STRING("clientSecretHash", "client_secret_hash", PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_SECRET | FIELD_HASHED },
};

const struct resource licensing_key_secret_view = {
	.name = "API key",
	.type_name = "SecretOfKey",
	.area = AREA_CREDENTIALS,
	.table = "api_key",
	FIELDS(view_fields),
	.doc = "The hash of the secret that belongs to a key.",
};

static unsigned key_member(const char *name)
{
	return resource_member(&licensing_api_key_resource, name);
}

static bool is_valid(const struct row *key)
{
	return !key->values[key_member("revoked")].boolean &&
	       (!row_filled(key, key_member("expireDate")) ||
		   key->values[key_member("expireDate")].integer > timestamp_now());
}

/* The hash is taken as it is: whoever has the secret goes on with it. */
static int copy_secret(struct context *context, int64_t key, struct row *copy, struct error *error)
{
	struct row *keys = row_new(context->arena, &licensing_key_secret_view), *stored;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_integer(keys, VIEW_ID, key);
	if (record_fetch_one(context, &licensing_key_secret_view, FIELD_BIT(VIEW_HASH), keys,
		&stored, error) != 0)
		return -1;
	if (row_filled(stored, VIEW_HASH))
		row_set_text(copy, key_member("clientSecret"), stored->values[VIEW_HASH].text);
	return 0;
}

static void copy_members(const struct row *key, struct row *copy)
{
	static const char *const names[] = { "name", "ownerId", "permissions", "expireDate",
		"description", "allowedNetworks", "rateLimit" };

	for (unsigned i = 0; i < COUNT_OF(names); i++)
		row_set_value(copy, key_member(names[i]), &key->values[key_member(names[i])]);
}

/* No key lives longer by being replaced. */
static int64_t end_of(const struct row *key, int64_t grace)
{
	int64_t end = timestamp_now() + grace * MICROSECONDS_PER_SECOND;
	int64_t former = key->values[key_member("expireDate")].integer;

	return row_filled(key, key_member("expireDate")) && former < end ? former : end;
}

int licensing_key_rotate(struct context *context, void *data, struct error *error)
{
	struct licensing_key_rotation *rotation = data;
	const struct resource *resource = &licensing_api_key_resource;
	struct row *keys = row_new(context->arena, resource), *former;
	struct row *copy = row_new(context->arena, resource);
	struct row *changes = row_new(context->arena, resource);
	struct record_change insert = { .sent = copy };
	struct record_change update = { .keys = keys, .sent = changes };

	if (keys == NULL || copy == NULL || changes == NULL)
		return error_out_of_memory(error);
	row_set_integer(keys, resource_key(resource), rotation->key);
	if (record_fetch_locked(
		context, resource, resource_default_mask(resource), keys, &former, error) != 0)
		return -1;
	if (!is_valid(former))
		return error_set_word(
		    error, ERROR_CONFLICT, "API_KEY_ENDED", "The key is revoked or has expired.");
	copy_members(former, copy);
	rotation->end = end_of(former, rotation->grace);
	row_set_integer(changes, key_member("expireDate"), rotation->end);
	if (copy_secret(context, rotation->key, copy, error) != 0 ||
	    record_insert(context, &licensing_api_key_record, &insert, error) != 0)
		return -1;
	rotation->stored = insert.stored;
	return record_update(context, &licensing_api_key_record, &update, error);
}

/* --- the operation --- */

enum { ROTATION_GRACE };

static const struct field rotation_fields[] = {
	[ROTATION_GRACE] = { INT32("graceSeconds", NULL), .flags = FIELD_NOT_STORED | FIELD_TYPICAL,
	    .least = 0, .most = SECRET_GRACE_LONGEST,
	    .doc = "How long the former key stays valid, at most until its expireDate; 0 ends it "
		   "at once. Default: the option key_grace.",
	    .example = "86400" },
};

const struct resource licensing_key_rotation_resource = {
	.name = "rotation",
	.type_name = "RotateApiKeyRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(rotation_fields),
	.doc = "When the former key ends.",
};

enum { ROTATED_ID, ROTATED_KEY, ROTATED_UNTIL };

#define ANSWERED (FIELD_READONLY | FIELD_NOT_STORED)

static const struct field rotated_fields[] = {
	[ROTATED_ID] = { INT32("apiKeyId", NULL), .flags = ANSWERED,
	    .doc = "Identifier of the key; in the answer, of the new one." },
	[ROTATED_KEY] = { STRING("apiKey", NULL, KEY_TEXT_MAX),
	    .flags = ANSWERED | FIELD_ECHO | FIELD_SECRET, .doc = "The new key; shown only here." },
	[ROTATED_UNTIL] = { DATETIME("formerKeyUntil", NULL), .flags = ANSWERED,
	    .doc = "Until when the former key is valid, too." },
};

const struct resource licensing_rotated_key_resource = {
	.name = "API key",
	.type_name = "RotatedApiKey",
	.area = AREA_CREDENTIALS,
	FIELDS(rotated_fields),
	.doc = "A new API key.",
};

static int store_rotation(struct operation *operation, void *data, struct error *error)
{
	struct licensing_key_rotation rotation = *(const struct licensing_key_rotation *)data;
	struct row *answer = row_new(operation->context.arena, &licensing_rotated_key_resource);

	if (answer == NULL)
		return error_out_of_memory(error);
	if (licensing_key_rotate(&operation->context, &rotation, error) != 0)
		return -1;
	row_set_value(answer, ROTATED_ID, &rotation.stored->values[key_member("id")]);
	row_set_value(answer, ROTATED_KEY, &rotation.stored->values[key_member("key")]);
	row_set_integer(answer, ROTATED_UNTIL, rotation.end);
	operation_answer_members(operation, answer);
	return 0;
}

int licensing_api_key_rotate(struct operation *operation, struct error *error)
{
	struct licensing_key_rotation rotation = {
		.grace = operation->context.settings->key_grace,
	};
	struct row *keys, *body;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_UPDATE, &body, error) != 0)
		return -1;
	rotation.key = keys->values[ROTATED_ID].integer;
	if (row_filled(body, ROTATION_GRACE))
		rotation.grace = body->values[ROTATION_GRACE].integer;
	return operation_transaction(operation, store_rotation, &rotation, error);
}
