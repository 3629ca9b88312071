#include "api/delegates/delegates.h"
#include "api/delegates/search.h"
#include "api/delegates/security.h"
#include "record/rows.h"

/* Named by the contract, which does not say what they have: what people read beside an id. */
static const struct field funding_source_fields[] = {
	{ INT32("id", "funding_source_id"), .flags = FIELD_READONLY,
	    .doc = "The group's fundingSourceId." },
	{ STRING("name", "funding_source_name", 255), .doc = "Name of the funding source.",
	    .example = "\"City of Hamburg\"" },
};

static const struct resource funding_source_resource = {
	.name = "funding source",
	.type_name = "FundingSource",
	.area = AREA_DELEGATES,
	FIELDS(funding_source_fields),
	.doc = "Who pays for the trips of a group.",
};

static const struct field location_fields[] = {
	{ INT32("id", "location_id"), .flags = FIELD_READONLY, .doc = "The group's locationId." },
	{ STRING("name", "location_name", 255), .doc = "Name of the location.",
	    .example = "\"Harbour\"" },
	{ STRING("address", "location_address", 500), .doc = "Address of the location.",
	    .example = "\"1 Harbour Street, 20457 Hamburg\"" },
};

static const struct resource location_resource = {
	.name = "location",
	.type_name = "Location",
	.area = AREA_DELEGATES,
	FIELDS(location_fields),
	.doc = "Where a group is.",
};

#define REQUIRED_FIELD(id, name, column, value, text)                                            \
	[REQUIRED_##id] = { BOOLEAN(name, column), .flags = FIELD_NOT_NULL, .fallback = (value), \
		.doc = (text) },

static const struct field client_field_fields[] = { REQUIRED_INFORMATION(REQUIRED_FIELD) };

static const struct resource client_fields_resource = {
	.name = "client fields",
	.type_name = "ClientFields",
	.area = AREA_DELEGATES,
	FIELDS(client_field_fields),
	.doc = "What a delegate must know of a client, in addition to its identifier, to add it.",
};

static const struct enumerator group_types[] = { { 0, "Family" }, { 1, "Facility" } };
static const struct enumeration group_type = { "DelegateGroupType", group_types,
	COUNT_OF(group_types) };

enum { GROUP_ID };

static const struct field group_fields[] = {
	[GROUP_ID] = { INT32("id", "id"), .flags = KEY_CHOOSABLE,
	    .doc = "Identifier of the group." },
	{ INT32("tenantId", "tenant_id"), .doc = "Tenant of the group." },
	{ STRING("name", "name", 255), .flags = FIELD_REQUIRED, .doc = "Name of the group.",
	    .example = "\"Travel desk north\"" },
	{ STRING("address", "address", 500), .doc = "Address of the group.",
	    .example = "\"1 Harbour Street, 20457 Hamburg\"" },
	{ ENUM("groupType", "group_type", &group_type), .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Family or facility." },
	{ STRING("phone", "phone", 64), .flags = FIELD_TYPICAL, .doc = "Phone number of the group.",
	    .example = "\"+49 40 123456\"" },
	{ STRING("description", "description", 2000), .flags = FIELD_TYPICAL,
	    .doc = "What the group is for.",
	    .example = "\"Books trips for the clients of the north.\"" },
	{ INT32("fundingSourceId", "funding_source_id"), .doc = "Funding source of the group." },
	{ INT32("serviceTypeId", "service_type_id"), .doc = "Superseded by serviceTypeIds." },
	{ INT32_LIST("serviceTypeIds", "service_type_ids", 100),
	    .doc = "Service types of the group." },
	{ INT32("locationId", "location_id"), .doc = "Location of the group." },
	{ OBJECT("securitySettings", &delegate_group_security), .flags = FIELD_NOT_NULL,
	    .doc = "What the delegates may do by default." },
	{ OBJECT("fundingSource", &funding_source_resource), .flags = FIELD_NOT_NULL,
	    .doc = "The funding source by name." },
	{ OBJECT("location", &location_resource), .flags = FIELD_NOT_NULL,
	    .doc = "The location by name." },
	{ OBJECT("requiredClientInformation", &client_fields_resource), .flags = FIELD_NOT_NULL,
	    .doc = "What a delegate of the group must know of a client to add it." },
	{ INT32("numClients", NULL), .flags = FIELD_READONLY | FIELD_ON_DEMAND,
	    .expression =
		"(SELECT COUNT(*) FROM delegate_association a WHERE a.group_id = {}.id AND "
		"(a.expiry_date IS NULL OR a.expiry_date > UTC_TIMESTAMP(6)))",
	    .doc = "Clients whose association has not expired; with includeClientCount." },
	{ INT32("numDelegates", NULL), .flags = FIELD_READONLY | FIELD_ON_DEMAND,
	    .expression = "(SELECT COUNT(*) FROM delegate d WHERE d.group_id = {}.id)",
	    .doc = "Delegates of the group; with includeClientCount." },
};

const struct resource delegate_group_resource = {
	.name = "delegate group",
	.type_name = "DelegateGroup",
	.area = AREA_DELEGATES,
	.table = "delegate_group",
	.deleted_column = "deleted_at",
	.owner = OWNER_DELEGATE,
	.owner_condition = "{}.deleted_at IS NULL AND {}.id IN (" DELEGATE_OWN_GROUPS ")",
	ORDER_BY(ASCENDING("name")),
	FIELDS(group_fields),
	.event = "delegate_group",
	.doc = "An agency whose delegates may act for its clients.",
};

/* A deleted group stays as it is. */
static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	(void)row;
	return delegate_group_require(context, change->keys->values[GROUP_ID].integer, error);
}

const struct record delegate_group_record = {
	.resource = &delegate_group_resource,
	.before_update = before_update,
};

const struct parameter delegate_group_parameters[2] = {
	{ .name = "includeDeleted", .kind = PARAMETER_BOOLEAN, .doc = "Include deleted groups." },
	{ .name = "includeClientCount",
	    .kind = PARAMETER_BOOLEAN,
	    .doc = "Fill numClients and numDelegates." },
};

const struct parameter delegate_groups_parameters[3] = {
	{ .name = "offset",
	    .kind = PARAMETER_INTEGER,
	    .most = INT32_MAX,
	    .doc = "Number of groups to skip." },
	{ .name = "count",
	    .kind = PARAMETER_INTEGER,
	    .least = 1,
	    .most = 1000,
	    .page = true,
	    .fallback = 25,
	    .doc = "Maximum number of groups in the answer; CSV and JSON Lines have all of them "
		   "by default." },
	SEARCH_PARAMETER,
};

int delegate_narrow_groups(struct operation *operation, struct sql *sql, struct error *error)
{
	static const struct search_column columns[] = { { "name", "t.name LIKE ?", true } };

	sql_where_undeleted(sql, &delegate_group_resource);
	return search_where(operation, sql, columns, COUNT_OF(columns), 1, error);
}

int delegate_group_get(struct operation *operation, struct error *error)
{
	uint64_t mask = resource_default_mask(&delegate_group_resource);
	struct record_set set = { .resource = &delegate_group_resource };
	struct row *keys, *row;
	struct sql where;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	if (parameters_get(&operation->parameters, "includeClientCount")->integer)
		mask |= FIELD_BIT(resource_member(&delegate_group_resource, "numClients")) |
			FIELD_BIT(resource_member(&delegate_group_resource, "numDelegates"));
	sql_init(&where, operation->context.arena);
	if (!parameters_get(&operation->parameters, "includeDeleted")->integer)
		sql_where_undeleted(&where, &delegate_group_resource);
	set.keys = keys;
	set.where = &where;
	if (record_find(&operation->context, &set, mask, &row, error) != 0)
		return -1;
	if (row != NULL)
		operation_answer_row(operation, row);
	else
		operation_answer_null(operation);
	return 0;
}

int delegate_group_require(struct context *context, int64_t group, struct error *error)
{
	const struct value id = { .integer = group };
	struct row *keys = row_with(context->arena, &delegate_group_resource, GROUP_ID, &id);
	struct sql where;

	if (keys == NULL)
		return error_out_of_memory(error);
	sql_init(&where, context->arena);
	sql_where_undeleted(&where, &delegate_group_resource);
	return record_require(context,
	    &(struct record_set){
		.resource = &delegate_group_resource, .keys = keys, .where = &where },
	    error);
}
