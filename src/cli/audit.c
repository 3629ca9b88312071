/*
 * The audit log: who has changed what, the newest first. It is read, and nothing else.
 */
#include "api/licensing/irregular.h"
#include "cli/print.h"
#include "cli/records.h"

#define LIST_FALLBACK 100

static const struct print_member listed[] = {
	{ { "id", "ID", PRINT_INTEGER }, .of = "id" },
	{ { "madeAt", "WHEN", PRINT_MOMENT }, .of = "madeAt" },
	{ { "actor", "WHO", PRINT_TEXT }, .of = "actor" },
	{ { "action", "ACTION", PRINT_TEXT }, .of = "action" },
	{ { "resource", "RESOURCE", PRINT_TEXT }, .of = "resource" },
	{ { "key", "KEY", PRINT_TEXT }, .of = "key" },
	{ { "count", "ROWS", PRINT_INTEGER }, .of = "count" },
	{ { "requestId", "REQUEST", PRINT_TEXT }, .of = "requestId" },
};

static const struct print_member shown[] = {
	{ { "id", "ID", PRINT_INTEGER }, .of = "id" },
	{ { "madeAt", "WHEN", PRINT_MOMENT }, .of = "madeAt" },
	{ { "actorKind", "KIND", PRINT_TEXT }, .of = "actorKind" },
	{ { "actor", "WHO", PRINT_TEXT }, .of = "actor" },
	{ { "userId", "USER", PRINT_UUID }, .of = "userId" },
	{ { "keyId", "API KEY", PRINT_INTEGER }, .of = "keyId" },
	{ { "clientId", "CLIENT", PRINT_UUID }, .of = "clientId" },
	{ { "sessionId", "SESSION", PRINT_UUID }, .of = "sessionId" },
	{ { "address", "FROM", PRINT_TEXT }, .of = "address" },
	{ { "requestId", "REQUEST", PRINT_TEXT }, .of = "requestId" },
	{ { "action", "ACTION", PRINT_TEXT }, .of = "action" },
	{ { "area", "AREA", PRINT_TEXT }, .of = "area" },
	{ { "resource", "RESOURCE", PRINT_TEXT }, .of = "resource" },
	{ { "key", "KEY", PRINT_TEXT }, .of = "key" },
	{ { "count", "ROWS", PRINT_INTEGER }, .of = "count" },
	{ { "before", "BEFORE", PRINT_TEXT }, .of = "before" },
	{ { "after", "AFTER", PRINT_TEXT }, .of = "after" },
	{ { "detail", "DETAIL", PRINT_TEXT }, .of = "detail" },
};

static const struct records_kind entry_kind = {
	.resource = &licensing_audit_entry_resource,
	.what = "audit entry",
	.list = "audit",
};

static unsigned number_of(const char *member)
{
	return resource_member(entry_kind.resource, member);
}

/* Options whose text a member must equal. */
static const struct {
	const char *flag, *member;
} equals[] = {
	{ "resource", "resource" },
	{ "key", "key" },
	{ "action", "action" },
	{ "request", "requestId" },
};

static void take_equals(struct session *session, struct sql *where)
{
	for (size_t i = 0; i < COUNT_OF(equals); i++) {
		const char *text = session_flag(session, equals[i].flag);
		const struct value value = { .text = str_from(text) };

		if (text != NULL)
			sql_where_field(
			    where, entry_kind.resource, number_of(equals[i].member), &value);
	}
}

/* What a user has done under any name; of who is no user, what stands under that name. */
static bool take_user(struct session *session, struct sql *where)
{
	const char *text = session_flag(session, "user");
	const struct value name = { .text = str_from(text) };
	const char *member = "actor";
	const struct value *value = &name;
	struct value id = { .null = false };
	struct row *user;
	int found;

	if (text == NULL)
		return true;
	found = records_look_up(session, &records_user, text, 0, &user);
	if (found < 0) {
		session_error(session);
		return false;
	}
	if (found > 0)
		id.uuid = user->values[resource_key(user->resource)].uuid;
	if (found > 0 || uuid_parse(name.text, &id.uuid)) {
		member = "userId";
		value = &id;
	}
	sql_where_field(where, entry_kind.resource, number_of(member), value);
	return true;
}

static bool take_moment(struct session *session, const char *flag, struct sql *where,
    void (*add)(struct sql *, const struct resource *, unsigned, const struct value *))
{
	struct value moment;

	if (!session_take_moment(session, flag, &moment))
		return false;
	if (!moment.null)
		add(where, entry_kind.resource, number_of("madeAt"), &moment);
	return true;
}

static enum command_status list_entries(struct session *session)
{
	struct record_set set = { .resource = entry_kind.resource };
	struct sql where;

	sql_init(&where, session->arena);
	take_equals(session, &where);
	if (!take_user(session, &where) || !take_moment(session, "since", &where, sql_where_from) ||
	    !take_moment(session, "until", &where, sql_where_before) ||
	    !session_take_number(session, "limit", 1, LIST_FALLBACK, &set.most))
		return COMMAND_FAILED;
	set.where = &where;
	return print_set(session, &set, listed, COUNT_OF(listed));
}

static enum command_status show_entry(struct session *session)
{
	struct row *entry;

	if (!records_find(session, &entry_kind, session->operands[0],
		print_mask(session, entry_kind.resource, shown, COUNT_OF(shown)), &entry))
		return COMMAND_FAILED;
	return print_record(session, entry, shown, COUNT_OF(shown));
}

static const struct command_flag list_flags[] = {
	{ .name = "since", .value = "TIME", .doc = "Only changes at or after this time." },
	{ .name = "until", .value = "TIME", .doc = "Only changes before this time." },
	{ .name = "user",
	    .value = "USER",
	    .doc = "Only changes by this user, or by who has this name." },
	{ .name = "resource", .value = "RESOURCE", .doc = "Only changes of such rows." },
	{ .name = "key", .value = "KEY", .doc = "Only changes of the row with this identifier." },
	{ .name = "action", .value = "ACTION", .doc = "Only insert, update or delete." },
	{ .name = "request", .value = "ID", .doc = "Only changes by this request." },
	{ .name = "limit", .value = "NUMBER", .doc = "Maximum number of entries; default: 100." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag show_flags[] = { COMMAND_FLAG_JSON, { 0 } };

const struct command audit_commands[] = {
	{ .words = "audit show",
	    .arguments = "ID",
	    .least = 1,
	    .most = 1,
	    .flags = show_flags,
	    .doc = "Show an entry of the audit log, with the row before and after.",
	    .run = show_entry },
	{ .words = "audit",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the changes of rows, newest first, with who made them.",
	    .run = list_entries },
	{ 0 },
};
