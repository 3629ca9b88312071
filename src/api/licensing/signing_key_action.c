/*
 * What is done to signing keys besides changing them: one in the place of another, and public
 * halves for those who verify.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/signing_key.h"
#include "codec/writer.h"
#include "record/rows.h"

/* --- rotation --- */

enum rotation_member { ROTATION_NAME, ROTATION_DATA, ROTATION_PASSWORD };

static const struct field rotation_fields[] = {
	[ROTATION_NAME] = { STRING("name", NULL, 255),
	    .flags = FIELD_NOT_STORED | FIELD_EMPTY_ABSENT | FIELD_TYPICAL,
	    .doc = "Name of the new key; the former one's if absent.",
	    .example = "\"ACME Paint 2027\"" },
	[ROTATION_DATA] = { STRING("data", NULL, KEY_IMPORT_MOST),
	    .flags = FIELD_NOT_STORED | FIELD_SECRET | FIELD_EMPTY_ABSENT,
	    .doc = "A private key to import; absent, a new key of the same algorithm is made." },
	[ROTATION_PASSWORD] = { STRING("password", NULL, 1000),
	    .flags = FIELD_NOT_STORED | FIELD_SECRET | FIELD_EMPTY_ABSENT,
	    .doc = "What the data is encrypted with." },
};

const struct resource signing_key_rotation_resource = {
	.name = "rotation",
	.type_name = "RotateSigningKeyRequest",
	.area = AREA_SIGNING_KEYS,
	FIELDS(rotation_fields),
	.doc = "What the new key is like.",
};

static struct row *key_row(struct context *context, int64_t id, struct error *error)
{
	struct row *row = row_new(context->arena, &licensing_signing_key_resource);

	if (row == NULL)
		(void)error_out_of_memory(error);
	else
		row_set_integer(row, SIGNING_KEY_ID, id);
	return row;
}

int signing_key_prepare_rotation(
    struct context *context, struct signing_key_rotation *rotation, struct error *error)
{
	struct record_change change = { .sent = rotation->sent };
	struct row *keys = key_row(context, rotation->key, error), *former;

	if (keys == NULL || record_fetch_one(context, keys->resource,
				FIELD_BIT(SIGNING_KEY_NAME) | FIELD_BIT(SIGNING_KEY_ALGORITHM),
				keys, &former, error) != 0)
		return -1;
	if (!row_filled(change.sent, SIGNING_KEY_DATA))
		row_set_value(
		    change.sent, SIGNING_KEY_ALGORITHM, &former->values[SIGNING_KEY_ALGORITHM]);
	if (!row_filled(change.sent, SIGNING_KEY_NAME))
		row_set_value(change.sent, SIGNING_KEY_NAME, &former->values[SIGNING_KEY_NAME]);
	record_check(&licensing_signing_key_record, change.sent, true, error);
	if (error->code != ERROR_NONE)
		return -1;
	return record_prepare(context, &licensing_signing_key_record, true, &change, error);
}

int signing_key_rotate(struct context *context, void *data, struct error *error)
{
	struct signing_key_rotation *rotation = data;
	struct row *keys = key_row(context, rotation->key, error), *former;
	struct row *changes = row_new(context->arena, &licensing_signing_key_resource);
	struct record_change insert = { .sent = row_copy(context->arena, rotation->sent) };
	struct record_change update = { .keys = keys, .sent = changes };

	if (keys == NULL || changes == NULL || insert.sent == NULL)
		return error_out_of_memory(error);
	if (record_fetch_locked(context, keys->resource, resource_default_mask(keys->resource),
		keys, &former, error) != 0)
		return -1;
	if (!str_equal(former->values[SIGNING_KEY_STATE].text, SIGNING_KEY_ACTIVE))
		return error_set_word(error, ERROR_CONFLICT, "SIGNING_KEY_RETIRED",
		    "The signing key is retired already.");
	row_set_value(insert.sent, SIGNING_KEY_DEFAULT, &former->values[SIGNING_KEY_DEFAULT]);
	if (record_insert(context, &licensing_signing_key_record, &insert, error) != 0)
		return -1;
	rotation->stored = insert.stored;
	row_set_text(changes, SIGNING_KEY_STATE, SIGNING_KEY_RETIRED);
	row_set_value(changes, SIGNING_KEY_SUCCESSOR_ID, &insert.stored->values[SIGNING_KEY_ID]);
	return record_update(context, &licensing_signing_key_record, &update, error);
}

static int store_rotation(struct operation *operation, void *data, struct error *error)
{
	struct signing_key_rotation *rotation = data;

	if (signing_key_rotate(&operation->context, rotation, error) != 0)
		return -1;
	operation_answer_members(operation, rotation->stored);
	return 0;
}

/* The number of the key that the path names. */
static int read_number(struct operation *operation, int64_t *number, struct error *error)
{
	if (str_to_int64(operation->captures[0], number))
		return 0;
	return error_add_fault(
	    error, "signingKeyId", "The path's signingKeyId must be an integer.");
}

int licensing_signing_key_rotate(struct operation *operation, struct error *error)
{
	static const unsigned members[] = { [ROTATION_NAME] = SIGNING_KEY_NAME,
		[ROTATION_DATA] = SIGNING_KEY_DATA,
		[ROTATION_PASSWORD] = SIGNING_KEY_PASSWORD };
	struct signing_key_rotation rotation = { .sent = row_new(operation->context.arena,
						     &licensing_signing_key_resource) };
	struct row *body;

	if (rotation.sent == NULL)
		return error_out_of_memory(error);
	if (read_number(operation, &rotation.key, error) != 0 ||
	    operation_read_row(operation, ROW_READ_UPDATE, &body, error) != 0)
		return -1;
	for (unsigned i = 0; i < COUNT_OF(members); i++) {
		if (row_filled(body, i))
			row_set_value(rotation.sent, members[i], &body->values[i]);
	}
	if (signing_key_prepare_rotation(&operation->context, &rotation, error) != 0)
		return -1;
	return operation_transaction(operation, store_rotation, &rotation, error);
}

/* --- public halves --- */

int licensing_signing_key_public(struct operation *operation, struct error *error)
{
	struct row *keys, *row;
	int64_t number;

	if (read_number(operation, &number, error) != 0)
		return -1;
	keys = key_row(&operation->context, number, error);
	if (keys == NULL || record_fetch_one(&operation->context, keys->resource,
				FIELD_BIT(SIGNING_KEY_PUBLIC_KEY), keys, &row, error) != 0)
		return -1;
	operation_answer_file(
	    operation, operation->route->media, STR(""), row->values[SIGNING_KEY_PUBLIC_KEY].text);
	return 0;
}

int signing_key_write_set(struct context *context, struct buf *out, struct error *error)
{
	struct row *keys = row_new(context->arena, &licensing_signing_key_resource);
	const struct record_set set = { .resource = &licensing_signing_key_resource, .keys = keys };
	struct row_list rows;
	bool good = true;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_text(keys, SIGNING_KEY_STATE, SIGNING_KEY_ACTIVE);
	if (record_fetch_all(context, &set, FIELD_BIT(SIGNING_KEY_PUBLIC_KEY), &rows, error) != 0)
		return -1;
	buf_append_text(out, "{\"keys\":[");
	for (unsigned i = 0; good && i < rows.count; i++) {
		buf_append_text(out, i > 0 ? "," : "");
		good =
		    signing_key_public_jwk(rows.rows[i]->values[SIGNING_KEY_PUBLIC_KEY].text, out);
	}
	buf_append_text(out, "]}");
	return good ? 0
		    : error_set_detail(error, ERROR_INTERNAL, "a stored public key cannot be read");
}

int licensing_signing_keys_jwks(struct operation *operation, struct error *error)
{
	struct buf set = { 0 };
	int result = signing_key_write_set(&operation->context, &set, error);

	if (result == 0)
		operation_answer_file(operation, operation->route->media, STR(""), buf_str(&set));
	if (set.failed)
		operation->response->body.failed = true;
	buf_free(&set);
	return result;
}
