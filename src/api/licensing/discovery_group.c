/*
 * Groups of installed applications, for administrators: who knows a group's identifier may join it.
 * What the applications themselves are told stands in api/discovery.
 */
#include "api/discovery/discovery.h"
#include "api/licensing/licensing.h"
#include "record/event.h"

enum { GROUP_ID, GROUP_NAME, GROUP_CLIENT_COUNT, GROUP_LAST_HELLO, GROUP_CREATED_AT };

static const struct field group_fields[] = {
	[GROUP_ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the group, which lets applications in: a secret of theirs." },
	[GROUP_NAME] = { STRING("name", "group_name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Name of the group, unique.", .example = "\"Hall 2\"" },
	[GROUP_CLIENT_COUNT] = { INT64("clientCount", NULL),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .expression = "(SELECT COUNT(*) FROM discovery_client c WHERE c.group_id = {}.id)",
	    .doc = "Number of its applications." },
	[GROUP_LAST_HELLO] = { DATETIME("lastHello", NULL),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED | FIELD_ON_DEMAND | FIELD_OMIT_ABSENT,
	    .expression =
		"(SELECT MAX(c.updated_at) FROM discovery_client c WHERE c.group_id = {}.id)",
	    .doc = "Latest hello of any of them, where select names it." },
	[GROUP_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the group was created." },
};

static const struct unique_key group_uniques[] = {
	{ .index = "PRIMARY",
	    .member = "id",
	    .message = "A group with this identifier already exists.",
	    .alone = true },
	{ .index = "discovery_group_name",
	    .member = "name",
	    .word = "DUPLICATE_NAME",
	    .message = "A group with this name already exists; choose another name.",
	    .alone = true },
};

static void check_group(const struct row *row, bool insert, struct error *error)
{
	(void)insert;
	if (row_filled(row, GROUP_ID) && uuid_is_zero(&row->values[GROUP_ID].uuid))
		error_add_fault(error, "id", "The id must not consist of zeroes.");
}

/* It must not be guessed: no identifier that tells the time. */
static int make_group(struct context *context, struct row *row, struct error *error)
{
	(void)context, (void)error;
	if (!row_has(row, GROUP_ID))
		row_set_uuid(row, GROUP_ID, uuid_random());
	return 0;
}

const struct resource licensing_discovery_group_resource = {
	.name = "client group",
	.word = "discoveryGroup",
	.chapter = LICENSING_CHAPTER_DISCOVERY,
	.type_name = "DiscoveryGroup",
	.area = AREA_CREDENTIALS,
	.plural = "groups",
	.table = "discovery_group",
	ORDER_BY(ASCENDING("name")),
	FIELDS(group_fields),
	UNIQUES(group_uniques),
	.event = "discovery_group",
	.doc = "A group of installed applications that may know each other.",
};

const struct record licensing_discovery_group_record = {
	.resource = &licensing_discovery_group_resource,
	.check = check_group,
	.before_insert = make_group,
};

enum { CLIENT_ID };

static const struct field client_fields[] = {
	[CLIENT_ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the application." },
	{ STRING("clientCode", "client_code", 255), .flags = FIELD_READONLY | FIELD_NOT_NULL,
	    .doc = "The application's own name, unique in its group.", .example = "\"till-7\"" },
	{ STRING("appName", "app_name", 255), .flags = FIELD_READONLY,
	    .doc = "Name of the program.", .example = "\"ACME Paint\"" },
	{ STRING("appVersion", "app_version", 255), .flags = FIELD_READONLY,
	    .doc = "Version of the program.", .example = "\"5.2.0\"" },
	{ STRING("address", "ip_address", 255), .flags = FIELD_READONLY,
	    .doc = "Address at which it can be reached.", .example = "\"192.0.2.17\"" },
	{ INT32("port", "port"), .flags = FIELD_READONLY, .doc = "Port at that address." },
	{ DATETIME("firstHello", "added_at"), .flags = FIELD_READONLY, .doc = "First hello." },
	{ DATETIME("lastHello", "updated_at"), .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .doc = "Latest hello." },
	{ INT64("secondsSinceHello", NULL), .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .expression = "GREATEST(TIMESTAMPDIFF(SECOND, {}.updated_at, UTC_TIMESTAMP(6)), 0)",
	    .doc = "Seconds since the latest hello." },
	{ UUID("groupId", "group_id"), .flags = FIELD_READONLY | FIELD_NOT_NULL,
	    .doc = "Its group." },
	{ ONE("group", &licensing_discovery_group_resource, "groupId", "id"),
	    .flags = LICENSING_RELATED, .doc = "Its group." },
};

static const struct relation of_group = {
	.target = &licensing_discovery_group_resource,
	.local = "groupId",
	.foreign = "id",
};

static const struct unique_key client_uniques[] = {
	{ .index = "discovery_client_code", .member = "clientCode", .within = "groupId" },
};

static const struct table_index client_indexes[] = {
	{ .name = "discovery_client_code", .columns = { "group_id", "client_code" } },
};

const struct resource licensing_discovery_client_resource = {
	.name = "application",
	.word = "discoveryClient",
	.chapter = LICENSING_CHAPTER_DISCOVERY,
	AUDITED_AS("application", "client"),
	.type_name = "DiscoveryClient",
	.area = AREA_CREDENTIALS,
	.plural = "clients",
	.table = "discovery_client",
	ORDER_BY(ASCENDING("clientCode")),
	FIELDS(client_fields),
	UNIQUES(client_uniques),
	INDEXES(client_indexes),
	.parent = &of_group,
	.doc = "An installed application, and when it was heard of last.",
};

/* It leaves as one that a synchronisation removes: its event has the members that applications
 * know. */
static int tell_departure(struct context *context, const struct row *key, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	struct row *keys =
	    row_with(context->arena, resource, DISCOVERY_CLIENT_ID, &key->values[CLIENT_ID]);
	struct row *row;

	if (keys == NULL)
		return error_out_of_memory(error);
	if (record_fetch_locked(
		context, resource, resource_default_mask(resource), keys, &row, error) != 0)
		return -1;
	return event_put(context, resource, row, NULL, error);
}

const struct record licensing_discovery_client_record = {
	.resource = &licensing_discovery_client_resource,
	.before_delete = tell_departure,
};
