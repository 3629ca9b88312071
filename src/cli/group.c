#include "api/licensing/licensing.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"

static const struct print_member columns[] = {
	{ { "id", "ID", PRINT_UUID }, .of = "id" },
	{ { "name", "NAME", PRINT_TEXT }, .of = "name" },
	{ { "leaseSeconds", "LEASE", PRINT_INTEGER }, .of = "leaseSeconds" },
	{ { "timeZone", "TIME ZONE", PRINT_TEXT }, .of = "timeZone" },
	{ { "clientCount", "CLIENTS", PRINT_INTEGER }, .of = "clientCount" },
	{ { "createdAt", "CREATED", PRINT_MOMENT }, .of = "createdAt" },
};

static enum command_status tell_created(struct session *session, const struct row *group)
{
	char text[UUID_TEXT_LENGTH];

	if (session->json)
		return print_record(session, group, columns, 2);
	uuid_print(&group->values[resource_key(group->resource)].uuid, text);
	fprintf(session->out, "%.*s\n", UUID_TEXT_LENGTH, text);
	session_note(session,
	    "Group \"%s\" was created; anyone who knows its identifier may join it.",
	    session->operands[0]);
	return COMMAND_OK;
}

static enum command_status create_group(struct session *session)
{
	const struct records_input inputs[] = {
		{ .member = "name", .label = "name", .text = session->operands[0] },
		{ .member = "id", .label = "--id", .text = session_flag(session, "id") },
		{ .member = "leaseSeconds",
		    .label = "--lease",
		    .text = session_flag(session, "lease") },
		{ .member = "timeZone",
		    .label = "--time-zone",
		    .text = session_flag(session, "time-zone") },
	};
	const struct record *record = &licensing_discovery_group_record;
	struct record_change change = { 0 };
	struct uuid id;

	if (inputs[1].text != NULL && !uuid_parse(str_from(inputs[1].text), &id))
		return session_usage(session, "\"%s\" is not a GUID.", inputs[1].text);
	if (!records_read(session, record, ROW_READ_INSERT, inputs, COUNT_OF(inputs), &change.sent))
		return COMMAND_FAILED;
	if (records_insert(session, record, &change) != 0)
		return records_error(session, inputs, COUNT_OF(inputs));
	return tell_created(session, change.stored);
}

static enum command_status list_groups(struct session *session)
{
	return print_set(session,
	    &(struct record_set){ .resource = &licensing_discovery_group_resource }, columns,
	    COUNT_OF(columns));
}

static enum command_status delete_group(struct session *session)
{
	const char *name = session->operands[0];
	struct record_change change;
	struct row *group;

	if (!records_find(session, &records_group, name, 0, &group))
		return COMMAND_FAILED;
	if (!question_deletion(session, "Delete the group with all its applications permanently?"))
		return COMMAND_USAGE;
	if (!records_begin_change(session, group, &change))
		return COMMAND_FAILED;
	if (records_delete(session, &licensing_discovery_group_record, &change) != 0)
		return session_error(session);
	session_note(session, "Group \"%s\" and its applications were deleted.", name);
	return COMMAND_OK;
}

static const struct command_flag create_flags[] = {
	{ .name = "id", .value = "GUID", .doc = "Identifier of the group; default: random." },
	{ .name = "lease",
	    .value = "SECONDS",
	    .doc = "Lease of its applications; default: the option discovery_lease." },
	{ .name = "time-zone",
	    .value = "ZONE",
	    .doc = "Time zone of its applications' times; default: the option time_zone." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag delete_flags[] = {
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

static const struct command_flag list_flags[] = { COMMAND_FLAG_JSON, { 0 } };

const struct command group_commands[] = {
	{ .words = "group create",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = create_flags,
	    .doc = "Create a discovery group and print its identifier.",
	    .run = create_group },
	{ .words = "group delete",
	    .arguments = "NAME",
	    .least = 1,
	    .most = 1,
	    .flags = delete_flags,
	    .doc = "Delete a discovery group with its applications and their associations.",
	    .run = delete_group },
	{ .words = "group list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the discovery groups with the number of their applications.",
	    .run = list_groups },
	{ 0 },
};
