/*
 * The password of who has signed in: changed by the rules of users (user.c).
 */
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "api/licensing/sign_in.h"
#include "auth/password.h"

enum { PASSWORD_CURRENT, PASSWORD_NEW };

#define PASSWORD_FLAGS \
	(FIELD_NOT_STORED | FIELD_WRITEONLY | FIELD_SECRET | FIELD_REQUIRED | FIELD_TYPICAL)

static const struct field password_fields[] = {
	[PASSWORD_CURRENT] = { STRING("currentPassword", NULL, PASSWORD_LONGEST),
	    .flags = PASSWORD_FLAGS, .doc = "The password so far.",
	    .example = "\"a passphrase of several words\"" },
	[PASSWORD_NEW] = { STRING("newPassword", NULL, PASSWORD_LONGEST), .flags = PASSWORD_FLAGS,
	    .doc = "The password from now on, at least 12 characters.",
	    .example = "\"another passphrase, as long as the first\"" },
};

const struct resource own_password_resource = {
	.name = "password",
	.type_name = "ChangeOwnPasswordRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(password_fields),
	.doc = "The password of the user who asks, and the next one.",
};

static int store_password(struct operation *operation, void *data, struct error *error)
{
	return record_update(&operation->context, &licensing_user_record, data, error);
}

int own_password_change(struct operation *operation, struct error *error)
{
	const struct resource *users = &licensing_user_resource;
	struct row *keys = row_new(operation->context.arena, users);
	struct row *sent = row_new(operation->context.arena, users), *body;
	struct record_change change = { .keys = keys, .sent = sent };

	if (keys == NULL || sent == NULL)
		return error_out_of_memory(error);
	if (operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	row_set_uuid(keys, resource_key(users), operation->context.actor.principal->user);
	row_set_value(
	    sent, resource_member(users, "currentPassword"), &body->values[PASSWORD_CURRENT]);
	row_set_value(sent, resource_member(users, "newPassword"), &body->values[PASSWORD_NEW]);
	if (record_prepare(&operation->context, &licensing_user_record, false, &change, error) !=
		0 ||
	    operation_transaction(operation, store_password, &change, error) != 0)
		return -1;
	return irregular_done(operation, NULL, error);
}
