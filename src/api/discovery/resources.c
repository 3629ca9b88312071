#include "api/discovery/discovery.h"
#include "record/rows.h"

/* How applications see their group; that of administrators is licensing_discovery_group_resource.
 */
static const struct field group_fields[DISCOVERY_GROUP__MAX] = {
	[DISCOVERY_GROUP_ID] = { UUID("Id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the group." },
	[DISCOVERY_GROUP_NAME] = { STRING("GroupName", "group_name", 255),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .doc = "Name of the group.",
	    .example = "\"Hall 2\"" },
};

const struct resource discovery_group_resource = {
	.name = "client group",
	.type_name = "DTOClientGroup",
	.area = AREA_DISCOVERY,
	.table = "discovery_group",
	FIELDS(group_fields),
	.doc = "A group of clients that may know each other.",
};

/* A member that callers see only when they ask for it. */
#define DETAIL (FIELD_READONLY | FIELD_ON_DEMAND | FIELD_OMIT_ABSENT)

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
	[DISCOVERY_CLIENT_STATE] = { CODE("State", NULL, &presence_states),
	    .flags = DETAIL | FIELD_UNTAGGED, .expression = PRESENCE_STATE,
	    .doc = "UP; LATE when two thirds of its lease are over; GONE when all of it is. With "
		   "details only.",
	    .example = "\"UP\"" },
	[DISCOVERY_CLIENT_EXPIRES_AT] = { DATETIME("ExpiresAt", NULL),
	    .flags = DETAIL | FIELD_UNTAGGED, .expression = PRESENCE_EXPIRES_AT,
	    .doc = "End of its lease unless it says hello again; null without a lease. With "
		   "details only." },
	[DISCOVERY_CLIENT_STATUS] = { STRING("Status", "status", 64), .flags = DETAIL,
	    .doc = "What it says of its health. With details only.", .example = "\"paper low\"" },
	[DISCOVERY_CLIENT_NOTE] = { STRING("Note", "note", 255), .flags = DETAIL,
	    .doc = "What it adds to that. With details only.",
	    .example = "\"Printer 2 needs a new roll.\"" },
	[DISCOVERY_CLIENT_OUT_OF_SERVICE] = { BOOLEAN("OutOfService", "out_of_service"),
	    .flags = DETAIL | FIELD_NOT_NULL, .fallback = "false",
	    .doc = "Whether the administrator has taken it out of service. With details only." },
	[DISCOVERY_CLIENT_VERSION] = { INT64("Version", "version"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND | FIELD_NOT_NULL,
	    .fallback = "1" },
	[DISCOVERY_CLIENT_GONE_AT] = { DATETIME("GoneAt", "gone_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
};

uint64_t discovery_client_details(void)
{
	uint64_t mask = resource_default_mask(&discovery_client_resource);

	for (unsigned i = DISCOVERY_CLIENT_STATE; i <= DISCOVERY_CLIENT_OUT_OF_SERVICE; i++)
		mask |= FIELD_BIT(i);
	return mask & ~FIELD_BIT(DISCOVERY_CLIENT_GROUP);
}

static const struct unique_key client_uniques[] = {
	{ .index = "discovery_client_code", .member = "ClientCode", .within = "ClientGroupsId" },
};

static const char *const client_happenings[] = { DISCOVERY_HAPPENING_GONE,
	DISCOVERY_HAPPENING_RETURNED, DISCOVERY_HAPPENING_OUT_OF_SERVICE,
	DISCOVERY_HAPPENING_IN_SERVICE, NULL };

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
	.happenings = client_happenings,
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

/* Those who ask for changes learn that the associations of the client are others. */
static int raise_group(struct context *context, const struct uuid *client, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	const struct value id = { .uuid = *client };
	struct presence presence;
	struct row *row;

	if (record_find_by(context, resource, DISCOVERY_CLIENT_ID, &id,
		FIELD_BIT(DISCOVERY_CLIENT_GROUP_ID), &row, error) != 0)
		return -1;
	if (row == NULL)
		return 0;
	if (presence_lock(
		context, &row->values[DISCOVERY_CLIENT_GROUP_ID].uuid, &presence, error) != 0)
		return -1;
	return presence_raise(context, &presence, error);
}

static int before_association(struct context *context, struct row *row, struct error *error)
{
	return raise_group(context, &row->values[DISCOVERY_ASSOCIATION_CLIENT].uuid, error);
}

static int before_separation(struct context *context, const struct row *key, struct error *error)
{
	const struct resource *resource = &discovery_association_resource;
	struct row *row;

	if (record_fetch_one(
		context, resource, FIELD_BIT(DISCOVERY_ASSOCIATION_CLIENT), key, &row, error) != 0)
		return -1;
	return raise_group(context, &row->values[DISCOVERY_ASSOCIATION_CLIENT].uuid, error);
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
	.before_insert = before_association,
	.before_delete = before_separation,
};

/* It leaves: those who ask for changes are told. */
static int before_departure(struct context *context, const struct row *key, struct error *error)
{
	const uint64_t mask = FIELD_BIT(DISCOVERY_CLIENT_ID) | FIELD_BIT(DISCOVERY_CLIENT_CODE) |
			      FIELD_BIT(DISCOVERY_CLIENT_GROUP_ID);
	struct presence presence;
	struct row *row;
	const struct row_list rows = { &row, 1 };

	if (record_fetch_one(context, &discovery_client_resource, mask, key, &row, error) != 0 ||
	    presence_lock(
		context, &row->values[DISCOVERY_CLIENT_GROUP_ID].uuid, &presence, error) != 0)
		return -1;
	return presence_note_departures(context, &presence, &rows, error);
}

const struct record discovery_client_record = {
	.resource = &discovery_client_resource,
	.before_delete = before_departure,
};

/* It is there again, and those who ask for changes are told. */
static int note_arrival(
    struct context *context, const struct uuid *group, struct row *row, struct error *error)
{
	struct presence presence;

	if (presence_lock(context, group, &presence, error) != 0 ||
	    presence_raise(context, &presence, error) != 0)
		return -1;
	row_set_integer(row, DISCOVERY_CLIENT_VERSION, presence.version);
	row_set_null(row, DISCOVERY_CLIENT_GONE_AT);
	return 0;
}

static int before_arrival(struct context *context, struct row *row, struct error *error)
{
	char token[DISCOVERY_TOKEN_LENGTH + 1];
	int64_t now = timestamp_now();

	if (!row_filled(row, DISCOVERY_CLIENT_TOKEN)) {
		random_text(token, DISCOVERY_TOKEN_LENGTH, RANDOM_ALPHANUMERIC_LOWER);
		row_set_text(
		    row, DISCOVERY_CLIENT_TOKEN, arena_str(context->arena, str_from(token)));
	}
	if (!row_filled(row, DISCOVERY_CLIENT_ADDED_AT))
		row_set_integer(row, DISCOVERY_CLIENT_ADDED_AT, now);
	if (!row_filled(row, DISCOVERY_CLIENT_UPDATED_AT))
		row_set_integer(row, DISCOVERY_CLIENT_UPDATED_AT, now);
	return note_arrival(context, &row->values[DISCOVERY_CLIENT_GROUP_ID].uuid, row, error);
}

static int before_return(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	return note_arrival(
	    context, &change->before->values[DISCOVERY_CLIENT_GROUP_ID].uuid, row, error);
}

const struct record discovery_moved_client_record = {
	.resource = &discovery_client_resource,
	.before_insert = before_arrival,
	.before_update = before_return,
	.before_delete = before_departure,
};

static const struct field removed_fields[DISCOVERY_REMOVED__MAX] = {
	[DISCOVERY_REMOVED_GROUP_ID] = { UUID("ClientGroupsId", "group_id"),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN, .doc = "Group that it has left." },
	[DISCOVERY_REMOVED_VERSION] = { INT64("Version", "version"),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN, .doc = "Version of that." },
	[DISCOVERY_REMOVED_ID] = { UUID("Id", "client_id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier that the client had." },
	[DISCOVERY_REMOVED_CODE] = { STRING("ClientCode", "client_code", 255),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL, .doc = "The client's own name.",
	    .example = "\"till-7\"" },
};

const struct resource discovery_removed_resource = {
	.name = "departure",
	.type_name = "DTOClientRemoved",
	.area = AREA_DISCOVERY,
	.table = "discovery_departure",
	FIELDS(removed_fields),
	.unaudited = "the entry of the client tells that it has gone",
	.doc = "A client that has left its group.",
};

/* What a client may say of its health: absent, it says what it has said before. */
#define REPORTED_STATUS                                                                        \
	STRING("Status", "status", 64),                                                        \
	    .doc = "What it says of its health, for those who ask for details; if absent, as " \
		   "before.",                                                                  \
	    .example = "\"paper low\""
#define REPORTED_NOTE                                                                      \
	STRING("Note", "note", 255), .doc = "What it adds to that; if absent, as before.", \
				     .example = "\"Printer 2 needs a new roll.\""

static const struct field hello_fields[HELLO__MAX] = {
	[HELLO_CLIENT_CODE] = { STRING("ClientCode", "client_code", 255), .flags = FIELD_REQUIRED,
	    .doc = "The client's own name, unique in its group.", .example = "\"till-7\"" },
	[HELLO_GROUP_ID] = { UUID("ClientGroupId", "group_id"), .flags = FIELD_REQUIRED,
	    .doc = "Group to join, which must exist; its identifier is the shared secret of its "
		   "clients." },
	[HELLO_APP_NAME] = { STRING("AppName", "app_name", 255),
	    .flags = FIELD_REQUIRED | FIELD_TYPICAL, .doc = "Name of the application.",
	    .example = "\"ACME Paint\"" },
	[HELLO_APP_VERSION] = { STRING("AppVersion", "app_version", 255),
	    .flags = FIELD_REQUIRED | FIELD_TYPICAL, .doc = "Version of the application.",
	    .example = "\"5.2.0\"" },
	[HELLO_IP_ADDRESS] = { STRING("ClientIpAddress", "ip_address", 255),
	    .doc = "Address at which the client can be reached; default: the address that the call "
		   "comes from.",
	    .example = "\"192.0.2.17\"" },
	[HELLO_PORT] = { INT32("ClientPort", "port"), .doc = "Port at that address.",
	    .example = "8080" },
	[HELLO_STATUS] = { REPORTED_STATUS },
	[HELLO_NOTE] = { REPORTED_NOTE },
};

const struct resource discovery_hello_resource = {
	.name = "hello",
	.type_name = "DTOHello",
	.area = AREA_DISCOVERY,
	FIELDS(hello_fields),
	.doc = "What a client announces about itself.",
};

static const struct field heartbeat_fields[HEARTBEAT__MAX] = {
	[HEARTBEAT_STATUS] = { REPORTED_STATUS },
	[HEARTBEAT_NOTE] = { REPORTED_NOTE },
};

const struct resource discovery_heartbeat_resource = {
	.name = "heartbeat",
	.type_name = "DTOHeartbeat",
	.area = AREA_DISCOVERY,
	FIELDS(heartbeat_fields),
	.doc = "What a client says of itself that is still there.",
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
static const struct field response_fields[RESPONSE__MAX] = {
	[RESPONSE_CLIENTS] = { MANY("DTOClients", &discovery_client_resource, "GroupId",
				   "ClientGroupsId"),
	    .doc = "All clients of the group; with `since`, those that have changed." },
	[RESPONSE_GROUPS] = { MANY("DTOClientGroups", &discovery_group_resource, "GroupId", "Id"),
	    .doc = "The group." },
	[RESPONSE_ASSOCIATIONS] = { MANY("DTOClientAssociations", &discovery_association_resource,
					"CallerId", "ClientId"),
	    .doc = "Associations of the caller." },
	[RESPONSE_VERSION] = { INT64("Version", NULL), .flags = DETAIL | FIELD_NOT_STORED,
	    .doc = "Version of the group, to be sent as `since` next time. With details only.",
	    .example = "1796121600000000" },
	[RESPONSE_COMPLETE] = { BOOLEAN("Complete", NULL), .flags = DETAIL | FIELD_NOT_STORED,
	    .doc = "Whether these are all clients of the group: everything else that the caller "
		   "knows has "
		   "left. With details only." },
	[RESPONSE_INTERVAL] = { INT32("HelloInterval", NULL), .flags = DETAIL | FIELD_NOT_STORED,
	    .doc = "Seconds after which the next hello is expected; null without a lease. With "
		   "details only.",
	    .example = "30" },
	[RESPONSE_REMOVED] = { MANY("DTOClientsRemoved", &discovery_removed_resource, "GroupId",
				   "ClientGroupsId"),
	    .flags = DETAIL,
	    .doc = "Clients that have left since then; they come before DTOClients. With details "
		   "only." },
	[RESPONSE_GROUP_ID] = { UUID("GroupId", NULL), .flags = FIELD_HIDDEN | FIELD_NOT_STORED },
	[RESPONSE_CALLER_ID] = { UUID("CallerId", NULL), .flags = FIELD_HIDDEN | FIELD_NOT_STORED },
};

const struct resource discovery_response_resource = {
	.name = "response",
	.type_name = "DTOResponseHello",
	.area = AREA_DISCOVERY,
	FIELDS(response_fields),
	.doc = "What a client learns about its group.",
};
