#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "auth/administrator.h"
#include "record/audit.h"

#define ROLES_MOST 32

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

/* What is to be changed for whom. */
struct change {
	struct uuid user;
	uint32_t roles; /* bit i = role i of role_table() */
	bool add;
	struct str names; /* as sent */
};

static int read_roles(struct operation *operation, struct change *change, struct error *error)
{
	struct str rest, name;
	unsigned count = 0;
	struct row *body;

	if (operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	rest = change->names = body->values[BODY_ROLES].text;
	while (rest.length > 0 && str_next(&rest, ',', &name)) {
		int number = role_find(str_trim(name));

		if (number < 0)
			error_add_fault(error, "roles", "There is no role \"" STR_FORMAT "\".",
			    STR_ARGUMENTS(str_trim(name)));
		else if (count++ < ROLES_MOST)
			change->roles |= UINT32_C(1) << number;
		else
			return error_add_fault(error, "roles",
			    "The roles field must have at most %d names.", ROLES_MOST);
	}
	return error->fault_count == 0 ? 0 : -1;
}

/* Claims the user, so that two changes of one user's roles follow each other. */
static int claim(struct operation *operation, const struct change *change, struct error *error)
{
	const struct value key = { .uuid = change->user };
	bool is_administrator;

	if (!change->add &&
	    administrator_claim(operation->context.database, operation->context.arena,
		&change->user, &is_administrator, error) != 0)
		return -1;
	return record_claim(
	    &operation->context, &licensing_user_resource, "updated_at", &key, error);
}

static int record(struct operation *operation, const struct change *change, struct error *error)
{
	struct buf detail = { 0 };
	struct writer writer;
	char user[UUID_TEXT_LENGTH];
	int result;

	uuid_print(&change->user, user);
	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_text(&writer, change->add ? "added" : "removed", change->names);
	writer_object_end(&writer);
	result = audit_record_event(&operation->context, AUDIT_UPDATE, user_roles_resource.area,
	    "role list of user", (struct str){ user, sizeof(user) }, buf_str(&detail), error);
	buf_free(&detail);
	return result;
}

static int store_roles(struct operation *operation, void *context, struct error *error)
{
	const struct change *change = context;
	uint32_t former;

	/* Whoever demotes meets others who do, and whoever disables or deletes that user. */
	if (record_confirm_actor(&operation->context, error) != 0 ||
	    claim(operation, change, error) != 0 ||
	    principal_user_roles(operation->context.database, operation->context.arena,
		&change->user, true, &former, error) != 0)
		return -1;
	if (licensing_user_change_roles(&operation->context, &change->user, former,
		change->add ? former | change->roles : former & ~change->roles, error) != 0 ||
	    licensing_user_check_grant(&operation->context, &change->user, &former, error) != 0)
		return -1;
	/* Cached credentials know the old roles. */
	if (record(operation, change, error) != 0 ||
	    record_revoke(&operation->context, MARK(MARK_USER, change->user), error) != 0)
		return -1;
	return change->add ? 0
			   : administrator_check_left(operation->context.database,
				 operation->context.arena, NULL, error);
}

static int change_roles(struct operation *operation, bool add, struct error *error)
{
	struct change change = { .add = add };

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
