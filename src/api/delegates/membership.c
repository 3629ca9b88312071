/*
 * What a delegate is told of itself: its groups, and what it may do there.
 */
#include "api/delegates/delegates.h"
#include "api/delegates/security.h"
#include "api/licensing/licensing.h"
#include "record/rows.h"

#define REQUIRED_FIELD(id, name, column, value, text)                                             \
	[REQUIRED_##id] = { BOOLEAN(name, "g." column), .flags = FIELD_NOT_NULL | FIELD_READONLY, \
		.doc = (text) },

static const struct field required_fields[] = { REQUIRED_INFORMATION(REQUIRED_FIELD) };

static const struct resource required_resource = {
	.name = "client fields of own group",
	.type_name = "ClientFields",
	.area = AREA_DELEGATES,
	FIELDS(required_fields),
	.doc = "What a delegate must know of a client, in addition to its identifier, to add it.",
};

#define SHOWN FIELD_READONLY
#define ALWAYS (FIELD_READONLY | FIELD_NOT_NULL)

static const struct field membership_fields[MEMBERSHIP__MAX] = {
	[MEMBERSHIP_ID] = { INT32("delegateId", "id"), .flags = FIELD_KEY | SHOWN,
	    .doc = "The delegate that the caller is in the group." },
	[MEMBERSHIP_GROUP_ID] = { INT32("delegateGroupId", "group_id"), .flags = SHOWN,
	    .doc = "The group." },
	[MEMBERSHIP_GROUP_NAME] = { STRING("groupName", "g.name", 255), .flags = SHOWN,
	    .doc = "Name of the group.", .example = "\"Travel desk north\"" },
	[MEMBERSHIP_FIRST_NAME] = { STRING("firstName", "first_name", 255), .flags = SHOWN,
	    .doc = "The delegate's first name.", .example = "\"Grace\"" },
	[MEMBERSHIP_LAST_NAME] = { STRING("lastName", "last_name", 255), .flags = SHOWN,
	    .doc = "The delegate's last name.", .example = "\"Hopper\"" },
	[MEMBERSHIP_SECURITY] = { OBJECT("securitySettings", &delegate_security), .flags = SHOWN,
	    .doc = "What the delegate may do for the group's clients." },
	[MEMBERSHIP_CAN_MANAGE_CLIENTS] = { BOOLEAN("canManageClients", "can_manage_clients"),
	    .flags = ALWAYS,
	    .doc = "May add clients to the group, change their dates and remove them." },
	[MEMBERSHIP_CAN_MANAGE_DELEGATES] = { BOOLEAN("canManageDelegates", "can_manage_delegates"),
	    .flags = ALWAYS, .doc = "May add, change and delete other delegates of the group." },
	[MEMBERSHIP_CAN_MANAGE_LOCATIONS] = { BOOLEAN("canManageLocations", "can_manage_locations"),
	    .flags = ALWAYS, .doc = "May manage locations, in the program that has them." },
	[MEMBERSHIP_REQUIRED] = { OBJECT("requiredClientInformation", &required_resource),
	    .flags = SHOWN, .doc = "What the delegate must know of a client to add it." },
	[MEMBERSHIP_USER_ID] = { UUID("userId", "user_id"), .flags = SHOWN | FIELD_HIDDEN },
};

static const struct reference membership_references[] = {
	{ .constraint = "delegate_of_group",
	    .member = "delegateGroupId",
	    .target = &delegate_group_resource },
	{ .constraint = "delegate_of_user",
	    .member = "userId",
	    .target = &licensing_user_resource },
};

const struct resource delegate_membership_resource = {
	.name = "delegate membership",
	.type_name = "DelegateMembership",
	.area = AREA_DELEGATES,
	.table = "delegate",
	.from = "delegate {} JOIN delegate_group g ON g.id = {}.group_id AND g.deleted_at IS NULL",
	.owner = OWNER_DELEGATE,
	.owner_condition = "{}.user_id = ?",
	ORDER_BY(ASCENDING("groupName"), ASCENDING("delegateId")),
	FIELDS(membership_fields),
	REFERENCES(membership_references),
	.doc = "A group that the caller is a delegate of, and what it may do there.",
};

int delegate_narrow_memberships(struct operation *operation, struct sql *sql, struct error *error)
{
	const struct value user = { .uuid = operation->context.actor.principal->user };

	(void)error;
	sql_where_field(sql, &delegate_membership_resource, MEMBERSHIP_USER_ID, &user);
	return 0;
}

int delegate_find_membership(
    struct context *context, int64_t group, struct row **row, struct error *error)
{
	const struct resource *resource = &delegate_membership_resource;
	struct row *keys = row_new(context->arena, resource);

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_integer(keys, MEMBERSHIP_GROUP_ID, group);
	row_set_uuid(keys, MEMBERSHIP_USER_ID, context->actor.principal->user);
	return record_find(context, &(struct record_set){ .resource = resource, .keys = keys },
	    resource_default_mask(resource), row, error);
}
