/*
 * What a delegate must know of a client to add it to a group. A wrong answer tells nothing, not
 * whether there is such a client, and too many of them end it, as with passwords.
 */
#include "api/delegates/delegates.h"
#include "auth/attempt.h"
#include "record/rows.h"

enum { KNOWN_ID = REQUIRED__MAX, KNOWN__MAX };

#define UNSHOWN (FIELD_HIDDEN | FIELD_READONLY)

static const struct field known_fields[KNOWN__MAX] = {
	[REQUIRED_CODE] = { STRING("clientCode", "code", 64), .flags = UNSHOWN },
	[REQUIRED_FIRST_NAME] = { STRING("firstName", "first_name", 255), .flags = UNSHOWN },
	[REQUIRED_LAST_NAME] = { STRING("lastName", "last_name", 255), .flags = UNSHOWN },
	[REQUIRED_BIRTH_DATE] = { DATE("birthDate", "birth_date"), .flags = UNSHOWN },
	[REQUIRED_PHONE_NUMBER] = { STRING("phoneNumber", "phone_number", 64), .flags = UNSHOWN },
	[KNOWN_ID] = { INT32("clientId", "id"), .flags = FIELD_KEY | UNSHOWN },
};

const struct resource delegate_known_view = {
	.name = "client to add",
	.type_name = "DelegateKnownClient",
	.area = AREA_DELEGATES,
	.table = "delegate_client",
	.owner = OWNER_DELEGATE,
	.owner_condition = "EXISTS (" DELEGATE_OWN_GROUPS_WITH("can_manage_clients") ")",
	FIELDS(known_fields),
	.doc = "A person whom a delegate may know.",
};

/* The digits of a telephone number, whatever people write between them. */
static struct str digits_of(struct arena *arena, struct str text)
{
	char *digits = arena_alloc(arena, text.length + 1);
	size_t length = 0;

	for (size_t i = 0; digits != NULL && i < text.length; i++) {
		if (text.data[i] >= '0' && text.data[i] <= '9')
			digits[length++] = text.data[i];
	}
	return (struct str){ digits, digits != NULL ? length : 0 };
}

static void where_known(
    struct arena *arena, struct sql *where, unsigned member, const struct value *sent)
{
	struct value value = *sent;

	if (member == REQUIRED_PHONE_NUMBER) {
		sql_where(where, "REGEXP_REPLACE(t.phone_number, '[^0-9]', '') = ?");
		sql_bind(where, BIND_STR(digits_of(arena, sent->text)));
		return;
	}
	if (member != REQUIRED_BIRTH_DATE)
		value.text = str_trim(value.text);
	sql_where_field(where, &delegate_known_view, member, &value);
}

/* What tells nothing was not given: it would be compared with what a client lacks. */
static bool is_given(struct arena *arena, unsigned member, const struct row *sent)
{
	const struct value *value = &sent->values[ASSOCIATION_KNOWN + member];

	if (!row_filled(sent, ASSOCIATION_KNOWN + member))
		return false;
	if (member == REQUIRED_BIRTH_DATE)
		return true;
	return member == REQUIRED_PHONE_NUMBER ? digits_of(arena, value->text).length > 0
					       : str_trim(value->text).length > 0;
}

/* The conditions of what the group requires; a fault for each of it that was not given. */
static int read_known(struct context *context, const struct row *required, const struct row *sent,
    struct sql *where, struct error *error)
{
	for (unsigned i = 0; i < REQUIRED__MAX; i++) {
		if (!required->values[i].boolean)
			continue;
		if (is_given(context->arena, i, sent))
			where_known(context->arena, where, i, &sent->values[ASSOCIATION_KNOWN + i]);
		else
			error_add_fault(error, known_fields[i].name,
			    "The %s field is required by the group.", known_fields[i].name);
	}
	return error->fault_count == 0 ? 0 : -1;
}

static int try_known(
    struct context *context, int64_t client, const struct sql *where, struct error *error)
{
	const struct resource *resource = &delegate_known_view;
	struct value id = { .integer = client };
	struct row *keys = row_with(context->arena, resource, KNOWN_ID, &id);
	struct attempt attempt;
	bool right;

	if (keys == NULL)
		return error_out_of_memory(error);
	attempt_begin_owner(&attempt, context->guard, context->actor.address,
	    throttle_delegate(&context->actor.principal->user));
	if (attempt_check(&attempt, error) != 0 ||
	    record_exists(context,
		&(struct record_set){ .resource = resource, .keys = keys, .where = where }, &right,
		error) != 0)
		return -1;
	/* One that is right makes up for no others: whoever knows a client could try many. */
	if (right)
		return 0;
	error->word = "UNKNOWN_CLIENT";
	error_add_fault(error, "clientId", "No client has this clientId and what was told of it.");
	return attempt_fail(&attempt, error);
}

/* Whether the group has the client, and the caller sees it. */
static int is_there(
    struct operation *operation, int64_t group, int64_t client, bool *there, struct error *error)
{
	struct row *keys = row_new(operation->context.arena, &delegate_client_resource);
	struct sql where;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_integer(keys, DELEGATE_CLIENT_GROUP_ID, group);
	row_set_integer(keys, DELEGATE_CLIENT_ID, client);
	sql_init(&where, operation->context.arena);
	if (delegate_narrow_current(operation, &where, error) != 0)
		return -1;
	return record_exists(&operation->context,
	    &(struct record_set){
		.resource = &delegate_client_resource, .keys = keys, .where = &where },
	    there, error);
}

int delegate_check_known(
    struct operation *operation, int64_t group, const struct row *sent, struct error *error)
{
	struct context *context = &operation->context;
	int64_t client = sent->values[ASSOCIATION_CLIENT_ID].integer;
	struct row *membership;
	struct sql where;
	bool there;

	if (delegate_find_membership(context, group, &membership, error) != 0)
		return -1;
	if (membership == NULL)
		return resource_not_found(&delegate_group_resource, error);
	if (!membership->values[MEMBERSHIP_CAN_MANAGE_CLIENTS].boolean)
		return error_set(error, ERROR_FORBIDDEN, "%s", error_code_message(ERROR_FORBIDDEN));
	if (is_there(operation, group, client, &there, error) != 0)
		return -1;
	if (there)
		return 0;
	sql_init(&where, context->arena);
	return read_known(
		   context, membership->values[MEMBERSHIP_REQUIRED].row, sent, &where, error) == 0
		   ? try_known(context, client, &where, error)
		   : -1;
}
