#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"
#include "schema/resource.h"

#define NAME_MAX_LENGTH 255

static const struct print_column columns[] = {
	{ "id", "ID", PRINT_UUID },
	{ "name", "NAME", PRINT_TEXT },
	{ "clients", "CLIENTS", PRINT_INTEGER },
	{ "createdAt", "CREATED", PRINT_MOMENT },
};

static enum command_status create_group(struct session *session)
{
	const char *name = session->operands[0];
	const char *given = session_flag(session, "id");
	struct uuid id = uuid_random();
	char text[UUID_TEXT_LENGTH];

	if (!session_check_text(session, "name", name, NAME_MAX_LENGTH))
		return COMMAND_FAILED;
	if (given != NULL && (!uuid_parse(str_from(given), &id) || uuid_is_zero(&id)))
		return session_usage(session, "\"%s\" is not a GUID.", given);

	const struct bind parameters[] = { BIND_ID(id), BIND_STR(str_from(name)) };

	if (database_execute(session->database,
		"INSERT INTO discovery_group (id, group_name) VALUES (?, ?)", parameters, 2, NULL,
		&session->error) < 0) {
		if (session->error.code != ERROR_CONFLICT)
			return session_error(session);
		if (strcmp(database_fault_key(session->database), "PRIMARY") == 0)
			return session_fail(
			    session, "A group with this identifier already exists.");
		return session_fail(
		    session, "A group \"%s\" already exists; choose another name.", name);
	}
	if (session->json) {
		print_object(session, columns, 2, parameters);
		return COMMAND_OK;
	}
	uuid_print(&id, text);
	fprintf(session->out, "%.*s\n", UUID_TEXT_LENGTH, text);
	session_note(session,
	    "Group \"%s\" was created; anyone who knows its identifier may join it.", name);
	return COMMAND_OK;
}

static enum command_status list_groups(struct session *session)
{
	return print_list(session,
	    "SELECT g.id, g.group_name, (SELECT COUNT(*) FROM discovery_client c WHERE c.group_id "
	    "= g.id), "
	    "g.created_at FROM discovery_group g ORDER BY g.group_name",
	    NULL, 0, columns, COUNT_OF(columns));
}

static enum command_status delete_group(struct session *session)
{
	const char *name = session->operands[0];
	struct uuid id;

	if (!records_find_id(session, &records_group, name, &id))
		return COMMAND_FAILED;
	if (!question_deletion(session, "Delete the group with all its applications permanently?"))
		return COMMAND_USAGE;

	struct bind parameter = BIND_ID(id);

	if (database_execute(session->database, "DELETE FROM discovery_group WHERE id = ?",
		&parameter, 1, NULL, &session->error) < 0)
		return session_error(session);
	session_note(session, "Group \"%s\" and its applications were deleted.", name);
	return COMMAND_OK;
}

static const struct command_flag create_flags[] = {
	{ .name = "id", .value = "GUID", .doc = "Identifier of the group; default: random." },
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
