#include "api/sign_in_link.h"

#include "api/licensing/licensing.h"
#include "auth/key.h"
#include "auth/token.h"
#include "record/rows.h"

static const struct field link_fields[] = {
	[LINK_ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier." },
	[LINK_USER] = { UUID("userId", "user_id"), .flags = FIELD_READONLY,
	    .doc = "User whom it signs in." },
	[LINK_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it was made." },
	[LINK_EXPIRES_AT] = { DATETIME("expires", "expires_at"), .flags = FIELD_READONLY,
	    .doc = "Until when it counts." },
	[LINK_HASH] = { BINARY("tokenHash", "token_hash"), .flags = FIELD_HIDDEN | FIELD_READONLY },
};

static const struct reference link_references[] = {
	{ .target = &licensing_user_resource,
	    .constraint = "sign_in_link_user",
	    .member = "userId",
	    .message = "The user was not found." },
};

const struct resource sign_in_link_resource = {
	.name = "sign-in link",
	.type_name = "SignInLink",
	.area = AREA_CREDENTIALS,
	.table = "sign_in_link",
	FIELDS(link_fields),
	REFERENCES(link_references),
	.doc = "A link that signs a user in, once.",
};

static const struct record link_record = { .resource = &sign_in_link_resource };

int sign_in_link_make(struct context *context, void *data, struct error *error)
{
	struct sign_in_link *link = data;
	struct row *row = row_new(context->arena, &sign_in_link_resource);
	struct record_change change = { .sent = row };
	uint8_t hash[KEY_HASH_LENGTH];

	if (row == NULL)
		return error_out_of_memory(error);
	secret_make(TOKEN_LINK, link->token);
	key_hash(str_from(link->token), hash);
	row_set_uuid(row, LINK_USER, link->user);
	row_set_integer(row, LINK_EXPIRES_AT, link->expires);
	row_set_text(row, LINK_HASH, (struct str){ (const char *)hash, sizeof(hash) });
	return record_insert(context, &link_record, &change, error);
}

int sign_in_link_find(
    struct context *context, struct str token, struct row **row, struct error *error)
{
	const struct resource *resource = &sign_in_link_resource;
	struct row *keys = row_new(context->arena, resource);
	uint8_t hash[KEY_HASH_LENGTH];
	struct sql where;

	if (keys == NULL)
		return error_out_of_memory(error);
	key_hash(token, hash);
	row_set_text(keys, LINK_HASH, (struct str){ (const char *)hash, sizeof(hash) });
	sql_init(&where, context->arena);
	sql_where_to_come(&where, resource, LINK_EXPIRES_AT);
	return record_find(context,
	    &(struct record_set){ .resource = resource, .keys = keys, .where = &where },
	    resource_default_mask(resource), row, error);
}

int sign_in_link_use(struct context *context, const struct row *link, struct error *error)
{
	struct record_change change = { .keys = row_with(context->arena, &sign_in_link_resource,
					    LINK_ID, &link->values[LINK_ID]) };

	if (change.keys == NULL)
		return error_out_of_memory(error);
	return record_delete(context, &link_record, &change, error);
}
