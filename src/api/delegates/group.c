#include "api/delegates/delegates.h"
#include "api/delegates/search.h"
#include "record/rows.h"

static const struct field security_fields[] = {
	{ BOOLEAN("canBookSubscriptions", "can_book_subscriptions"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "May book subscriptions." },
	{ BOOLEAN("canBookTrips", "can_book_trips"), .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May book trips." },
	{ BOOLEAN("canEditProfile", "can_edit_profile"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "May change the client's profile." },
	{ BOOLEAN("canViewProfile", "can_view_profile"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "May see the client's profile." },
	{ BOOLEAN("canCancelTrips", "can_cancel_trips"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "May cancel trips." },
	{ BOOLEAN("canManagePassengerFeedback", "can_manage_passenger_feedback"),
	    .flags = FIELD_NOT_NULL, .fallback = "false", .doc = "May manage passenger feedback." },
	{ BOOLEAN("canEditCasualTrips", "can_edit_casual_trips"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "May change casual trips." },
	{ BOOLEAN("canEditSubscriptionTrips", "can_edit_subscription_trips"),
	    .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May change trips of subscriptions." },
	{ BOOLEAN("canTopUpAccount", "can_top_up_account"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "May top up the client's account." },
	{ BOOLEAN("canViewTransactionHistory", "can_view_transaction_history"),
	    .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May see the client's transactions." },
	{ BOOLEAN("canPerformMileageReimbursementTrips", "can_perform_mileage_reimbursement_trips"),
	    .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May perform trips with mileage reimbursement." },
	{ BOOLEAN("canBookMileageReimbursementTrips", "can_book_mileage_reimbursement_trips"),
	    .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "May book trips with mileage reimbursement." },
};

static const struct resource security_resource = {
	.name = "security settings",
	.type_name = "DelegateSecurity",
	.area = AREA_DELEGATES,
	FIELDS(security_fields),
	.doc = "What the delegates of a group may do by default.",
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
	{ OBJECT("securitySettings", &security_resource), .flags = FIELD_NOT_NULL,
	    .doc = "What the delegates may do by default." },
	{ INT32("numClients", NULL), .flags = FIELD_READONLY | FIELD_ON_DEMAND,
	    .expression =
		"(SELECT COUNT(*) FROM delegate_association a WHERE a.group_id = {}.id AND "
		"(a.expiry_date IS NULL OR a.expiry_date > UTC_TIMESTAMP(6)))",
	    .doc = "Clients whose association has not expired; with includeClientCount." },
};

const struct resource delegate_group_resource = {
	.name = "delegate group",
	.type_name = "DelegateGroup",
	.area = AREA_DELEGATES,
	.table = "delegate_group",
	.deleted_column = "deleted_at",
	ORDER_BY(ASCENDING("name")),
	FIELDS(group_fields),
	.event = "delegate_group",
	.doc = "An agency whose delegates may act for its clients.",
};

const struct record delegate_group_record = {
	.resource = &delegate_group_resource,
};

const struct parameter delegate_group_parameters[2] = {
	{ .name = "includeDeleted", .kind = PARAMETER_BOOLEAN, .doc = "Include deleted groups." },
	{ .name = "includeClientCount", .kind = PARAMETER_BOOLEAN, .doc = "Fill numClients." },
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
		mask |= FIELD_BIT(resource_field(&delegate_group_resource, "numClients"));
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
