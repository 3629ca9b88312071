/*
 * Groups of installed applications, for administrators: who knows a group's identifier may join it.
 * What the applications themselves are told stands in api/discovery.
 */
#include "api/discovery/discovery.h"
#include "api/licensing/licensing.h"
#include "record/audit_row.h"
#include "record/event.h"

#define LEASE_MOST (30 * 24 * 60 * 60) /* seconds */

enum {
	GROUP_ID,
	GROUP_NAME,
	GROUP_LEASE,
	GROUP_TIME_ZONE,
	GROUP_CLIENT_COUNT,
	GROUP_LAST_HELLO,
	GROUP_CREATED_AT,
	GROUP_VERSION,
	GROUP_LAPSES_AT
};

static const struct field group_fields[] = {
	[GROUP_ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the group, which lets applications in: a secret of theirs." },
	[GROUP_NAME] = { STRING("name", "group_name", 255), .flags = FIELD_REQUIRED | FIELD_TYPICAL,
	    .doc = "Name of the group, unique.", .example = "\"Hall 2\"" },
	[GROUP_LEASE] = { INT32("leaseSeconds", "lease_seconds"), .least = 0, .most = LEASE_MOST,
	    .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Lease: an application that says no hello for so many seconds is gone; 0 = "
		   "never. Default: the option discovery_lease.",
	    .example = "90" },
	[GROUP_TIME_ZONE] = { STRING("timeZone", "time_zone", 64), .flags = FIELD_EMPTY_ABSENT,
	    .check = zone_check,
	    .doc = "Time zone of the times that its applications are shown; null: the option "
		   "time_zone.",
	    .example = "\"Europe/Rome\"" },
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
	[GROUP_VERSION] = { INT64("version", "version"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND | FIELD_NOT_NULL,
	    .fallback = "1" },
	[GROUP_LAPSES_AT] = { DATETIME("lapsesAt", "lapses_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
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
	(void)error;
	if (!row_has(row, GROUP_ID))
		row_set_uuid(row, GROUP_ID, uuid_random());
	if (!row_has(row, GROUP_LEASE))
		row_set_integer(row, GROUP_LEASE, context->settings->discovery_lease);
	return 0;
}

/* Its applications see the name, times and, by their states, the lease, which is looked at anew. */
static int change_group(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	struct presence presence;

	if (audit_row_changed(change->before, row) == 0)
		return 0;
	if (presence_lock(context, &change->before->values[GROUP_ID].uuid, &presence, error) != 0 ||
	    presence_raise(context, &presence, error) != 0)
		return -1;
	if (row_has(row, GROUP_LEASE))
		row_set_null(row, GROUP_LAPSES_AT);
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
	.before_update = change_group,
};

enum {
	CLIENT_ID,
	CLIENT_CODE,
	CLIENT_APP_NAME,
	CLIENT_APP_VERSION,
	CLIENT_ADDRESS,
	CLIENT_PORT,
	CLIENT_STATE,
	CLIENT_EXPIRES_AT,
	CLIENT_STATUS,
	CLIENT_NOTE,
	CLIENT_OUT_OF_SERVICE,
	CLIENT_FIRST_HELLO,
	CLIENT_LAST_HELLO,
	CLIENT_SECONDS_SINCE_HELLO,
	CLIENT_GROUP_ID,
	CLIENT_GROUP,
	CLIENT_VERSION
};

static const struct field client_fields[] = {
	[CLIENT_ID] = { UUID("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the application." },
	[CLIENT_CODE] = { STRING("clientCode", "client_code", 255),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL,
	    .doc = "The application's own name, unique in its group.", .example = "\"till-7\"" },
	[CLIENT_APP_NAME] = { STRING("appName", "app_name", 255), .flags = FIELD_READONLY,
	    .doc = "Name of the program.", .example = "\"ACME Paint\"" },
	[CLIENT_APP_VERSION] = { STRING("appVersion", "app_version", 255), .flags = FIELD_READONLY,
	    .doc = "Version of the program.", .example = "\"5.2.0\"" },
	[CLIENT_ADDRESS] = { STRING("address", "ip_address", 255), .flags = FIELD_READONLY,
	    .doc = "Address at which it can be reached.", .example = "\"192.0.2.17\"" },
	[CLIENT_PORT] = { INT32("port", "port"), .flags = FIELD_READONLY,
	    .doc = "Port at that address." },
	[CLIENT_STATE] = { CODE("state", NULL, &presence_states),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED, .expression = PRESENCE_STATE,
	    .doc = "UP; LATE when two thirds of its lease are over; GONE when all of it is.",
	    .example = "\"UP\"" },
	[CLIENT_EXPIRES_AT] = { DATETIME("expiresAt", NULL),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED, .expression = PRESENCE_EXPIRES_AT,
	    .doc = "End of its lease unless it says hello again; null without a lease." },
	[CLIENT_STATUS] = { STRING("status", "status", 64), .flags = FIELD_READONLY,
	    .doc = "What it says of its health.", .example = "\"paper low\"" },
	[CLIENT_NOTE] = { STRING("note", "note", 255), .flags = FIELD_READONLY,
	    .doc = "What it adds to that.", .example = "\"Printer 2 needs a new roll.\"" },
	[CLIENT_OUT_OF_SERVICE] = { BOOLEAN("outOfService", "out_of_service"),
	    .flags = FIELD_NOT_NULL | FIELD_TYPICAL, .fallback = "false",
	    .doc = "Whether the others of the group are to leave it alone, whatever it says.",
	    .example = "true" },
	[CLIENT_FIRST_HELLO] = { DATETIME("firstHello", "added_at"), .flags = FIELD_READONLY,
	    .doc = "First hello." },
	/* No column: what an administrator changes is no hello. */
	[CLIENT_LAST_HELLO] = { DATETIME("lastHello", NULL),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED, .expression = "{}.updated_at",
	    .doc = "Latest hello." },
	[CLIENT_SECONDS_SINCE_HELLO] = { INT64("secondsSinceHello", NULL),
	    .flags = FIELD_READONLY | FIELD_UNTAGGED,
	    .expression = "GREATEST(TIMESTAMPDIFF(SECOND, {}.updated_at, UTC_TIMESTAMP(6)), 0)",
	    .doc = "Seconds since the latest hello." },
	[CLIENT_GROUP_ID] = { UUID("groupId", "group_id"), .flags = FIELD_READONLY | FIELD_NOT_NULL,
	    .doc = "Its group." },
	[CLIENT_GROUP] = { ONE("group", &licensing_discovery_group_resource, "groupId", "id"),
	    .flags = LICENSING_RELATED, .doc = "Its group." },
	[CLIENT_VERSION] = { INT64("version", "version"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND | FIELD_NOT_NULL,
	    .fallback = "1" },
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
	{ .name = "discovery_client_version", .columns = { "group_id", "version" } },
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

/*
 * It leaves as one that a synchronisation removes: its event has the members that applications
 * know, and those who ask for changes learn of it.
 */
static int tell_departure(struct context *context, const struct row *key, struct error *error)
{
	const struct resource *resource = &discovery_client_resource;
	struct row *keys =
	    row_with(context->arena, resource, DISCOVERY_CLIENT_ID, &key->values[CLIENT_ID]);
	struct presence presence;
	struct row *row;
	const struct row_list rows = { &row, 1 };

	if (keys == NULL)
		return error_out_of_memory(error);
	if (record_fetch_locked(
		context, resource, resource_default_mask(resource), keys, &row, error) != 0 ||
	    presence_lock(
		context, &row->values[DISCOVERY_CLIENT_GROUP_ID].uuid, &presence, error) != 0 ||
	    presence_note_departures(context, &presence, &rows, error) != 0)
		return -1;
	return event_put(context, resource, row, NULL, error);
}

static bool is_out(const struct row *row)
{
	return row_filled(row, CLIENT_OUT_OF_SERVICE) && row->values[CLIENT_OUT_OF_SERVICE].boolean;
}

/* The others of its group learn that it is out of service, or in service again. */
static int change_service(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	struct presence presence;

	if (!row_has(row, CLIENT_OUT_OF_SERVICE) || is_out(row) == is_out(change->before))
		return 0;
	if (presence_lock(
		context, &change->before->values[CLIENT_GROUP_ID].uuid, &presence, error) != 0 ||
	    presence_raise(context, &presence, error) != 0)
		return -1;
	row_set_integer(row, CLIENT_VERSION, presence.version);
	return 0;
}

static int tell_service(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	(void)insert;
	if (!row_has(sent, CLIENT_VERSION))
		return 0;
	return presence_tell(context, &key->values[CLIENT_ID].uuid,
	    is_out(sent) ? DISCOVERY_HAPPENING_OUT_OF_SERVICE : DISCOVERY_HAPPENING_IN_SERVICE,
	    error);
}

const struct record licensing_discovery_client_record = {
	.resource = &licensing_discovery_client_resource,
	.before_update = change_service,
	.before_delete = tell_departure,
	.after_write = tell_service,
};
