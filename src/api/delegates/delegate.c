/*
 * Delegates: who may act for the clients of a group. What they may do for them is stored for the
 * programs that they work with; what they may do to the group's rows holds here, too.
 */
#include "api/delegates/delegates.h"
#include "api/delegates/search.h"
#include "api/delegates/security.h"
#include "api/licensing/licensing.h"
#include "record/rows.h"

#define OWN FIELD_OWNER_CHANGES

static const struct field delegate_fields[DELEGATE__MAX] = {
	[DELEGATE_ID] = { INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the delegate." },
	[DELEGATE_GROUP_ID] = { INT32("delegateGroupId", "group_id"), .flags = FIELD_READONLY,
	    .doc = "Group of the delegate." },
	[DELEGATE_FIRST_NAME] = { STRING("firstName", "first_name", 255),
	    .flags = OWN | FIELD_TYPICAL, .doc = "First name.", .example = "\"Grace\"" },
	[DELEGATE_LAST_NAME] = { STRING("lastName", "last_name", 255), .flags = OWN | FIELD_TYPICAL,
	    .doc = "Last name.", .example = "\"Hopper\"" },
	[DELEGATE_PHONE] = { STRING("phone", "phone", 64), .flags = OWN, .doc = "Phone number.",
	    .example = "\"+49 40 123456\"" },
	[DELEGATE_USERNAME] = { STRING("username", "username", 255), .flags = OWN,
	    .doc = "Name in the program that the delegate works with; it opens nothing here.",
	    .example = "\"ghopper\"" },
	[DELEGATE_EMAIL] = { STRING("email", "email", 255),
	    .flags = OWN | FIELD_MAIL_ADDRESS | FIELD_TYPICAL, .doc = "E-mail address.",
	    .example = "\"grace@example.org\"" },
	[DELEGATE_ROLE] = { STRING("role", "role", 255), .flags = OWN,
	    .doc = "Position in the agency, for people to read.", .example = "\"Dispatcher\"" },
	[DELEGATE_COMMENTS] = { STRING("comments", "comments", 2000), .flags = OWN,
	    .doc = "Remarks." },
	[DELEGATE_ADDRESS_COMMENTS] = { STRING("addressComments", "address_comments", 2000),
	    .flags = OWN, .doc = "Remarks on the address." },
	[DELEGATE_SECURITY] = { OBJECT("securitySettings", &delegate_security),
	    .flags = OWN | FIELD_BY_RULE,
	    .doc = "What the delegate may do: with inheritGroupSecurity what the group says. "
		   "Settings that are sent are the delegate's own; null: the group's again." },
	[DELEGATE_CAN_MANAGE_CLIENTS] = { BOOLEAN("canManageClients", "can_manage_clients"),
	    .flags = OWN | FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May add clients to the group, of whom the delegate knows the group's "
		   "requiredClientInformation, change their dates and remove them." },
	[DELEGATE_CAN_MANAGE_DELEGATES] = { BOOLEAN("canManageDelegates", "can_manage_delegates"),
	    .flags = OWN | FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May add, change and delete other delegates of the group, who then have no "
		   "more rights than the delegate itself." },
	[DELEGATE_CAN_MANAGE_LOCATIONS] = { BOOLEAN("canManageLocations", "can_manage_locations"),
	    .flags = OWN | FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May manage locations, in the program that has them." },
	[DELEGATE_INHERITS] = { BOOLEAN("inheritGroupSecurity", "inherit_group_security"),
	    .flags = OWN | FIELD_NOT_NULL, .fallback = "true",
	    .doc = "Whether the group's settings hold. Default: false where securitySettings are "
		   "sent, else true." },
	[DELEGATE_USER_ID] = { UUID("userId", "user_id"),
	    .doc = "User who is this delegate, where one is: with the role Delegate, the user sees "
		   "the group." },
	[DELEGATE_GROUP_NAME] = { STRING("groupName", NULL, 255), .flags = COMMANDS_ONLY,
	    .expression = "g.name" },
	[DELEGATE_USER_NAME] = { STRING("user", NULL, 255), .flags = COMMANDS_ONLY,
	    .expression = "(SELECT u.user_name FROM user u WHERE u.id = {}.user_id)" },
	[DELEGATE_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
};

/* Who has settings of its own does not inherit them, and who has none does. */
static void decide_inheritance(struct row *row)
{
	if (row_has(row, DELEGATE_SECURITY) && !row_has(row, DELEGATE_INHERITS))
		row_set_boolean(row, DELEGATE_INHERITS, row->values[DELEGATE_SECURITY].null);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	decide_inheritance(row);
	return delegate_group_require(context, row->values[DELEGATE_GROUP_ID].integer, error);
}

/* What decides what a delegate may do. */
#define RIGHTS                                                                                  \
	(FIELD_BIT(DELEGATE_SECURITY) | FIELD_BIT(DELEGATE_INHERITS) |                          \
	    FIELD_BIT(DELEGATE_CAN_MANAGE_CLIENTS) | FIELD_BIT(DELEGATE_CAN_MANAGE_DELEGATES) | \
	    FIELD_BIT(DELEGATE_CAN_MANAGE_LOCATIONS))

static bool is_caller(const struct context *context, const struct row *delegate)
{
	return row_filled(delegate, DELEGATE_USER_ID) &&
	       uuid_equal(
		   &delegate->values[DELEGATE_USER_ID].uuid, &context->actor.principal->user);
}

/* Nobody decides on the own rights, not even to have fewer. */
static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	decide_inheritance(row);
	if (!context->own_rows_only || (row->present & RIGHTS) == 0 ||
	    !is_caller(context, change->before))
		return 0;
	return error_set(error, ERROR_FORBIDDEN, "Delegates may not change their own rights.");
}

/* The members that were sent, as the columns have them. NULL when memory is out. */
static struct row *own_settings(struct arena *arena, const struct row *sent)
{
	struct row *own = row_new(arena, &delegate_own_security);

	for (unsigned i = 0; own != NULL && i < sent->resource->field_count; i++) {
		if (row_filled(sent, i))
			row_set_boolean(own, i, sent->values[i].boolean);
	}
	return own;
}

static int store_settings(
    struct context *context, const struct row *sent, const struct row *key, struct error *error)
{
	const struct resource *resource = &delegate_own_security;
	const struct value *id = &key->values[DELEGATE_ID];
	struct row *keys, *own;
	int64_t count;

	if (!row_filled(sent, DELEGATE_SECURITY))
		return 0;
	keys = row_with(context->arena, resource, resource_key(resource), id);
	own = own_settings(context->arena, sent->values[DELEGATE_SECURITY].row);
	if (keys == NULL || own == NULL)
		return error_out_of_memory(error);
	if (own->present == 0)
		return 0;
	return record_update_all(context,
	    &(struct record_set){ .resource = resource, .keys = keys, .told = true }, own, &count,
	    error);
}

static void refuse_right(
    const struct context *context, const char *before, const char *name, struct error *error)
{
	(void)error_set(error, ERROR_FORBIDDEN,
	    "Delegates may grant no more rights than they have themselves.");
	error_add_fault(error, arena_printf(context->arena, "%s%s", before, name),
	    "The %s may be granted by delegates that have it.", name);
}

/* The delegate as it is now has nothing that whoever has changed it has not. */
static int check_granted(struct context *context, const struct row *key, struct error *error)
{
	static const struct {
		unsigned granted, held;
	} flags[] = {
		{ DELEGATE_CAN_MANAGE_CLIENTS, MEMBERSHIP_CAN_MANAGE_CLIENTS },
		{ DELEGATE_CAN_MANAGE_DELEGATES, MEMBERSHIP_CAN_MANAGE_DELEGATES },
		{ DELEGATE_CAN_MANAGE_LOCATIONS, MEMBERSHIP_CAN_MANAGE_LOCATIONS },
	};
	struct row *granted, *held;

	if (record_fetch_one(context, &delegate_resource, RIGHTS | FIELD_BIT(DELEGATE_GROUP_ID),
		key, &granted, error) != 0 ||
	    delegate_find_membership(
		context, granted->values[DELEGATE_GROUP_ID].integer, &held, error) != 0)
		return -1;
	if (held == NULL)
		return error_set(error, ERROR_FORBIDDEN, "%s", error_code_message(ERROR_FORBIDDEN));
	for (unsigned i = 0; i < COUNT_OF(flags); i++) {
		if (granted->values[flags[i].granted].boolean &&
		    !held->values[flags[i].held].boolean)
			refuse_right(context, "", delegate_fields[flags[i].granted].name, error);
	}
	for (unsigned i = 0; i < delegate_security.field_count; i++) {
		if (granted->values[DELEGATE_SECURITY].row->values[i].boolean &&
		    !held->values[MEMBERSHIP_SECURITY].row->values[i].boolean)
			refuse_right(
			    context, "securitySettings.", delegate_security.fields[i].name, error);
	}
	return error->code == ERROR_NONE ? 0 : -1;
}

static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	if (store_settings(context, sent, key, error) != 0)
		return -1;
	return context->own_rows_only && (insert || (sent->present & RIGHTS) != 0)
		   ? check_granted(context, key, error)
		   : 0;
}

static const struct reference delegate_references[] = {
	{ .constraint = "delegate_of_group",
	    .member = "delegateGroupId",
	    .target = &delegate_group_resource,
	    .message = "The delegate group was not found." },
	{ .constraint = "delegate_of_user",
	    .member = "userId",
	    .target = &licensing_user_resource,
	    .word = "UNKNOWN_USER",
	    .message = "The userId does not name an existing user." },
};

static const struct unique_key delegate_uniques[] = {
	{ .index = "delegate_user",
	    .member = "userId",
	    .message = "The user is a delegate of the group already.",
	    .within = "delegateGroupId" },
};

static const struct table_index delegate_indexes[] = {
	{ .name = "delegate_name", .columns = { "group_id", "last_name", "first_name" } },
};

#define MANAGED "{}.group_id IN (" DELEGATE_OWN_GROUPS_WITH("can_manage_delegates") ")"

const struct resource delegate_resource = {
	.name = "delegate",
	.type_name = "Delegate",
	.area = AREA_DELEGATES,
	.table = "delegate",
	.from = "delegate {} JOIN delegate_group g ON g.id = {}.group_id AND g.deleted_at IS NULL",
	ORDER_BY(ASCENDING("lastName"), ASCENDING("firstName"), ASCENDING("id")),
	FIELDS(delegate_fields),
	UNIQUES(delegate_uniques),
	INDEXES(delegate_indexes),
	REFERENCES(delegate_references),
	.owner = OWNER_DELEGATE,
	.owner_condition = "{}.group_id IN (" DELEGATE_OWN_GROUPS ")",
	.owner_changes = "({}.user_id = ? OR " MANAGED ")",
	.owner_deletes = "NOT ({}.user_id <=> ?) AND " MANAGED,
	.owner_may = PERMISSION_UPDATE | PERMISSION_CREATE | PERMISSION_DELETE,
	.event = "delegate",
	.doc = "Who may act for the clients of a group.",
};

const struct record delegate_record = {
	.resource = &delegate_resource,
	.before_insert = before_insert,
	.before_update = before_update,
	.after_write = after_write,
};

const struct parameter delegate_page_parameters[2] = {
	{ .name = "count",
	    .kind = PARAMETER_INTEGER,
	    .most = 1000,
	    .page = true,
	    .doc = "Maximum number of delegates in the answer; 0: all of them." },
	SEARCH_PARAMETER,
};

static const struct search_column search_columns[] = {
	{ "firstName", "t.first_name LIKE ?", true },
	{ "lastName", "t.last_name LIKE ?", true },
	{ "username", "t.username LIKE ?", true },
	{ "email", "t.email LIKE ?", true },
};

int delegate_narrow_delegates(struct operation *operation, struct sql *sql, struct error *error)
{
	return search_where(operation, sql, search_columns, COUNT_OF(search_columns),
	    (1u << COUNT_OF(search_columns)) - 1, error);
}
