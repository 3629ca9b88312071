#include "api/discovery/discovery.h"
#include "record/record.h"

/* How applications see their group; that of administrators is licensing_discovery_group_resource.
 */
static const struct field group_fields[] = {
	{ UUID("Id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the group." },
	{ STRING("GroupName", "group_name", 255), .flags = FIELD_READONLY | FIELD_NOT_NULL,
	    .doc = "Name of the group.", .example = "\"Hall 2\"" },
};

const struct resource discovery_group_resource = {
	.name = "client group",
	.type_name = "DTOClientGroup",
	.area = AREA_DISCOVERY,
	.table = "discovery_group",
	FIELDS(group_fields),
	.doc = "A group of clients that may know each other.",
};

static const struct field client_fields[DISCOVERY_CLIENT__MAX] = {
	[DISCOVERY_CLIENT_ID] = { UUID("Id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the client." },
	[DISCOVERY_CLIENT_CODE] = { STRING("ClientCode", "client_code", 255),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL,
	    .doc = "The client's own name, unique in its group.", .example = "\"till-7\"" },
	[DISCOVERY_CLIENT_TOKEN] = { STRING("Token", "token", 64),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL | FIELD_UNLOGGED,
	    .doc = "Created at the first hello; visible to its group only.",
	    .example = "\"qg7N2kz1\"" },
	[DISCOVERY_CLIENT_ADDED_AT] = { DATETIME("AddClientTime", "added_at"),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .doc = "First hello." },
	[DISCOVERY_CLIENT_UPDATED_AT] = { DATETIME("UpdClientTime", "updated_at"),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL | FIELD_UNTAGGED, .doc = "Latest hello." },
	[DISCOVERY_CLIENT_APP_NAME] = { STRING("AppName", "app_name", 255), .flags = FIELD_READONLY,
	    .doc = "Name of the application.", .example = "\"ACME Paint\"" },
	[DISCOVERY_CLIENT_APP_VERSION] = { STRING("AppVersion", "app_version", 255),
	    .flags = FIELD_READONLY, .doc = "Version of the application.", .example = "\"5.2.0\"" },
	[DISCOVERY_CLIENT_GROUP_ID] = { UUID("ClientGroupsId", "group_id"),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .doc = "Group of the client." },
	[DISCOVERY_CLIENT_GROUP] = { ONE("DTOClientGroup", &discovery_group_resource,
					 "ClientGroupsId", "Id"),
	    .flags = FIELD_READONLY, .doc = "Group of the client." },
	[DISCOVERY_CLIENT_IP_ADDRESS] = { STRING("ClientIpAddress", "ip_address", 255),
	    .flags = FIELD_READONLY, .doc = "Address at which the client can be reached.",
	    .example = "\"192.0.2.17\"" },
	[DISCOVERY_CLIENT_PORT] = { INT32("ClientPort", "port"), .flags = FIELD_READONLY,
	    .doc = "Port at that address.", .example = "8080" },
};

static const struct unique_key client_uniques[] = {
	{ .index = "discovery_client_code", .member = "ClientCode", .within = "ClientGroupsId" },
};

const struct resource discovery_client_resource = {
	.name = "client",
	.word = "application",
	AUDITED_AS("application", "client"),
	.type_name = "DTOClient",
	.area = AREA_DISCOVERY,
	.table = "discovery_client",
	ORDER_BY(ASCENDING("ClientCode")),
	FIELDS(client_fields),
	UNIQUES(client_uniques),
	.event = "discovery_client",
	.doc = "An installed application that has announced itself.",
};

static const struct field association_fields[DISCOVERY_ASSOCIATION__MAX] = {
	[DISCOVERY_ASSOCIATION_ID] = { UUID("Id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the association." },
	[DISCOVERY_ASSOCIATION_CLIENT] = { UUID("ClientId", "client_id"),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .doc = "Client that has it." },
	[DISCOVERY_ASSOCIATION_ASSOCIATED] = { UUID("ClientIdAssociated", "associated_id"),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .doc = "Client that it is paired with." },
};

static const struct unique_key association_uniques[] = {
	{ .index = "discovery_association_pair",
	    .member = "ClientIdAssociated",
	    .within = "ClientId" },
};

static const struct reference association_references[] = {
	{ .constraint = "discovery_association_client",
	    .member = "ClientId",
	    .target = &discovery_client_resource,
	    .message = "The application was not found." },
	{ .constraint = "discovery_association_associated",
	    .member = "ClientIdAssociated",
	    .target = &discovery_client_resource,
	    .message = "The application was not found." },
};

static void check_association(const struct row *row, bool insert, struct error *error)
{
	(void)insert;
	if (uuid_equal(&row->values[DISCOVERY_ASSOCIATION_CLIENT].uuid,
		&row->values[DISCOVERY_ASSOCIATION_ASSOCIATED].uuid))
		error_add_fault(error, "ClientIdAssociated",
		    "An application cannot be associated with itself; name two.");
}

const struct resource discovery_association_resource = {
	.name = "association",
	.type_name = "DTOClientAssociation",
	.area = AREA_DISCOVERY,
	.table = "discovery_association",
	ORDER_BY(ASCENDING("ClientIdAssociated")),
	FIELDS(association_fields),
	UNIQUES(association_uniques),
	REFERENCES(association_references),
	.event = "discovery_association",
	.doc = "A pairing of two clients, maintained by the administrator.",
};

const struct record discovery_association_record = {
	.resource = &discovery_association_resource,
	.check = check_association,
};

static const struct field hello_fields[] = {
	{ STRING("ClientCode", "client_code", 255), .flags = FIELD_REQUIRED,
	    .doc = "The client's own name, unique in its group.", .example = "\"till-7\"" },
	{ UUID("ClientGroupId", "group_id"), .flags = FIELD_REQUIRED,
	    .doc = "Group to join, which must exist; its identifier is the shared secret of its "
		   "clients." },
	{ STRING("AppName", "app_name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Name of the application.", .example = "\"ACME Paint\"" },
	{ STRING("AppVersion", "app_version", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Version of the application.", .example = "\"5.2.0\"" },
	{ STRING("ClientIpAddress", "ip_address", 255),
	    .doc = "Address at which the client can be reached; default: the address that the call "
		   "comes from.",
	    .example = "\"192.0.2.17\"" },
	{ INT32("ClientPort", "port"), .doc = "Port at that address.", .example = "8080" },
};

const struct resource discovery_hello_resource = {
	.name = "hello",
	.type_name = "DTOHello",
	.area = AREA_DISCOVERY,
	FIELDS(hello_fields),
	.doc = "What a client announces about itself.",
};

static const struct field item_group_fields[] = {
	{ UUID("Id", NULL), .flags = FIELD_NOT_STORED | FIELD_EMPTY_ABSENT,
	    .doc = "Identifier of the group." },
	{ STRING("GroupName", NULL, 255), .flags = FIELD_NOT_STORED | FIELD_DEPRECATED,
	    .doc = "Ignored.", .example = "\"Hall 2\"" },
};

static const struct resource item_group_resource = {
	.name = "group",
	.type_name = "DTOClientGroup",
	.area = AREA_DISCOVERY,
	FIELDS(item_group_fields),
	.doc = "The group, as it was returned before.",
};

static const struct field item_fields[ITEM__MAX] = {
	[ITEM_ID] = { UUID("Id", "id"), .flags = FIELD_EMPTY_ABSENT,
	    .doc = "Known: update. Unknown, empty or absent: add." },
	[ITEM_CLIENT_CODE] = { STRING("ClientCode", "client_code", 255), .flags = FIELD_REQUIRED,
	    .doc = "The client's own name, unique in its group.", .example = "\"till-7\"" },
	[ITEM_TOKEN] = { STRING("Token", "token", 64), .flags = FIELD_EMPTY_ABSENT,
	    .doc = "Keeps its value if absent.", .example = "\"qg7N2kz1\"" },
	[ITEM_APP_NAME] = { STRING("AppName", "app_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "Name of the application.", .example = "\"ACME Paint\"" },
	[ITEM_APP_VERSION] = { STRING("AppVersion", "app_version", 255), .flags = FIELD_TYPICAL,
	    .doc = "Version of the application.", .example = "\"5.2.0\"" },
	[ITEM_GROUP_ID] = { UUID("ClientGroupsId", "group_id"),
	    .flags = FIELD_EMPTY_ABSENT | FIELD_TYPICAL,
	    .doc = "Group of the client; the same in every item." },
	[ITEM_GROUP] = { OBJECT("DTOClientGroup", &item_group_resource),
	    .doc = "Names the group if ClientGroupsId is absent." },
	[ITEM_IP_ADDRESS] = { STRING("ClientIpAddress", "ip_address", 255),
	    .doc = "Address at which the client can be reached.", .example = "\"192.0.2.17\"" },
	[ITEM_PORT] = { INT32("ClientPort", "port"), .doc = "Port at that address.",
	    .example = "8080" },
};

const struct resource discovery_item_resource = {
	.name = "client",
	.type_name = "DTOClient",
	.area = AREA_DISCOVERY,
	FIELDS(item_fields),
	.doc = "A client in its desired state.",
};

/* The hidden members say whose rows the lists hold. */
static const struct field response_fields[] = {
	{ MANY("DTOClients", &discovery_client_resource, "GroupId", "ClientGroupsId"),
	    .doc = "All clients of the group." },
	{ MANY("DTOClientGroups", &discovery_group_resource, "GroupId", "Id"),
	    .doc = "The group." },
	{ MANY("DTOClientAssociations", &discovery_association_resource, "CallerId", "ClientId"),
	    .doc = "Associations of the caller." },
	{ UUID("GroupId", NULL), .flags = FIELD_HIDDEN | FIELD_NOT_STORED },
	{ UUID("CallerId", NULL), .flags = FIELD_HIDDEN | FIELD_NOT_STORED },
};

const struct resource discovery_response_resource = {
	.name = "response",
	.type_name = "DTOResponseHello",
	.area = AREA_DISCOVERY,
	FIELDS(response_fields),
	.doc = "What a client learns about its group.",
};
