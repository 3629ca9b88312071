#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "auth/role.h"

enum { BODY_ROLES };

static const struct field role_fields[] = {
	[BODY_ROLES] = { STRING("roles", NULL, 1000), .flags = FIELD_REQUIRED | FIELD_NOT_STORED,
	    .doc = "Names of roles, separated by commas.", .example = "\"Sales,LicenseManager\"" },
};

const struct resource user_roles_resource = {
	.name = "user roles",
	.type_name = "AddUserToRoleRequest",
	.area = AREA_CREDENTIALS,
	FIELDS(role_fields),
	.doc = "Roles to add to a user, or to remove.",
};

static int read_roles(
    struct operation *operation, struct licensing_role_change *change, struct error *error)
{
	struct str rest, name;
	unsigned count = 0;
	struct row *body;

	if (operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	rest = body->values[BODY_ROLES].text;
	while (rest.length > 0 && str_next(&rest, ',', &name)) {
		int number = role_find(str_trim(name));

		if (number < 0)
			error_add_fault(error, "roles", "There is no role \"" STR_FORMAT "\".",
			    STR_ARGUMENTS(str_trim(name)));
		else if (count++ < LICENSING_ROLES_MOST)
			change->roles |= UINT32_C(1) << number;
		else
			return error_add_fault(error, "roles",
			    "The roles field must have at most %d names.", LICENSING_ROLES_MOST);
	}
	return error->fault_count == 0 ? 0 : -1;
}

/* The user is claimed, so that two changes of one user's roles follow each other. */
int licensing_user_adjust_roles(struct context *context, void *data, struct error *error)
{
	const struct licensing_role_change *change = data;
	const struct resource *resource = &licensing_user_resource;
	unsigned member = resource_member(resource, "roles");
	const struct value key = { .uuid = change->user };
	struct row *keys = row_new(context->arena, resource);
	struct row *changes = row_new(context->arena, resource);
	struct record_change update = { .keys = keys, .sent = changes };
	uint32_t roles;

	if (keys == NULL || changes == NULL)
		return error_out_of_memory(error);
	row_set_uuid(keys, resource_key(resource), change->user);
	if (record_claim(context, resource, "updated_at", &key, error) != 0 ||
	    principal_user_roles(
		context->database, context->arena, &change->user, true, &roles, error) != 0)
		return -1;
	roles = change->add ? roles | change->roles : roles & ~change->roles;
	row_set_text(changes, member, role_names(context->arena, roles));
	if (changes->values[member].text.data == NULL)
		return error_out_of_memory(error);
	return record_update(context, &licensing_user_record, &update, error);
}

static int store_roles(struct operation *operation, void *data, struct error *error)
{
	return licensing_user_adjust_roles(&operation->context, data, error);
}

static int change_roles(struct operation *operation, bool add, struct error *error)
{
	struct licensing_role_change change = { .add = add };

	if (!uuid_parse(operation->captures[0], &change.user))
		return error_add_fault(error, "userId", "The path's userId must be a GUID.");
	if (read_roles(operation, &change, error) != 0 ||
	    operation_transaction(operation, store_roles, &change, error) != 0)
		return -1;
	return irregular_done(operation, NULL, error);
}

int licensing_user_role_add(struct operation *operation, struct error *error)
{
	return change_roles(operation, true, error);
}

int licensing_user_role_remove(struct operation *operation, struct error *error)
{
	return change_roles(operation, false, error);
}
