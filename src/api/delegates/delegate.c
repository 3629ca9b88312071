/*
 * Delegates: who may act for the clients of a group. What they may do is stored for the programs
 * that they work with.
 */
#include "api/delegates/delegates.h"
#include "api/delegates/search.h"
#include "api/delegates/security.h"
#include "api/licensing/licensing.h"
#include "record/rows.h"

static const struct field delegate_fields[DELEGATE__MAX] = {
	[DELEGATE_ID] = { INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the delegate." },
	[DELEGATE_GROUP_ID] = { INT32("delegateGroupId", "group_id"), .flags = FIELD_READONLY,
	    .doc = "Group of the delegate." },
	[DELEGATE_FIRST_NAME] = { STRING("firstName", "first_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "First name.", .example = "\"Grace\"" },
	[DELEGATE_LAST_NAME] = { STRING("lastName", "last_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "Last name.", .example = "\"Hopper\"" },
	[DELEGATE_PHONE] = { STRING("phone", "phone", 64), .doc = "Phone number.",
	    .example = "\"+49 40 123456\"" },
	[DELEGATE_USERNAME] = { STRING("username", "username", 255),
	    .doc = "Name in the program that the delegate works with; it opens nothing here.",
	    .example = "\"ghopper\"" },
	[DELEGATE_EMAIL] = { STRING("email", "email", 255),
	    .flags = FIELD_MAIL_ADDRESS | FIELD_TYPICAL, .doc = "E-mail address.",
	    .example = "\"grace@example.org\"" },
	[DELEGATE_ROLE] = { STRING("role", "role", 255),
	    .doc = "Position in the agency, for people to read.", .example = "\"Dispatcher\"" },
	[DELEGATE_COMMENTS] = { STRING("comments", "comments", 2000), .doc = "Remarks." },
	[DELEGATE_ADDRESS_COMMENTS] = { STRING("addressComments", "address_comments", 2000),
	    .doc = "Remarks on the address." },
	[DELEGATE_SECURITY] = { OBJECT("securitySettings", &delegate_security),
	    .flags = FIELD_BY_RULE,
	    .doc = "What the delegate may do: with inheritGroupSecurity what the group says. "
		   "Settings that are sent are the delegate's own; null: the group's again." },
	[DELEGATE_CAN_MANAGE_CLIENTS] = { BOOLEAN("canManageClients", "can_manage_clients"),
	    .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May add clients to the group, change their dates and remove them, in the "
		   "program that asks: nothing here looks at it." },
	[DELEGATE_CAN_MANAGE_DELEGATES] = { BOOLEAN("canManageDelegates", "can_manage_delegates"),
	    .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May see, add, change and delete delegates of the group, in the program that "
		   "asks: nothing here looks at it." },
	[DELEGATE_CAN_MANAGE_LOCATIONS] = { BOOLEAN("canManageLocations", "can_manage_locations"),
	    .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May manage locations, in the program that has them." },
	[DELEGATE_INHERITS] = { BOOLEAN("inheritGroupSecurity", "inherit_group_security"),
	    .flags = FIELD_NOT_NULL, .fallback = "true",
	    .doc = "Whether the group's settings hold. Default: false where securitySettings are "
		   "sent, else true." },
	[DELEGATE_USER_ID] = { UUID("userId", "user_id"),
	    .doc = "User who is this delegate, where one is." },
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

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	(void)context, (void)change, (void)error;
	decide_inheritance(row);
	return 0;
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

static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	const struct resource *resource = &delegate_own_security;
	const struct value *id = &key->values[DELEGATE_ID];
	struct row *keys, *own;
	int64_t count;

	(void)insert;
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
