#include "cli/records.h"

/* Finds a client by its identifier, or by its code in the group of --group. False after saying why
 * not. */
static bool find_client(struct session *session, const char *text, struct uuid *id)
{
	static const enum bind_kind kinds[] = { BIND_UUID };
	const char *group = session_flag(session, "group");
	struct bind parameters[2] = { { 0 }, BIND_STR(str_from(text)) };
	struct result result;
	struct uuid uuid;
	int found = 0;

	if (uuid_parse(str_from(text), &uuid))
		found = session_find(
		    session, "SELECT id FROM discovery_client WHERE id = ?", BIND_ID(uuid), id);
	if (found != 0) {
		if (found < 0)
			session_error(session);
		return found > 0;
	}
	if (group == NULL) {
		session_fail(session,
		    "There is no application with the identifier \"%s\"; to name it by its code, "
		    "give --group as well.",
		    text);
		return false;
	}
	if (!records_find_id(session, &records_group, group, &uuid))
		return false;
	parameters[0] = BIND_ID(uuid);
	if (database_select(session->database, session->arena,
		"SELECT id FROM discovery_client WHERE group_id = ? AND client_code = ?",
		parameters, 2, kinds, 1, &result, &session->error) < 0) {
		session_error(session);
		return false;
	}
	if (result.count == 0)
		session_fail(session,
		    "There is no application \"%s\" in the group \"%s\"; codes are case-sensitive.",
		    text, group);
	else
		*id = result.rows[0][0].uuid;
	return result.count > 0;
}

/* Adds or removes one direction; adding what is there already changes nothing. */
static struct session_statement one_way(bool remove, const struct bind parameters[3])
{
	if (remove)
		return (struct session_statement){
			.sql = "DELETE FROM discovery_association WHERE client_id = ? AND "
			       "associated_id = ?",
			.parameters = parameters + 1,
			.parameter_count = 2,
		};
	return (struct session_statement){
		.sql = "INSERT INTO discovery_association (id, client_id, associated_id) VALUES "
		       "(?, ?, ?) "
		       "ON DUPLICATE KEY UPDATE associated_id = associated_id",
		.parameters = parameters,
		.parameter_count = 3,
	};
}

static enum command_status associate(struct session *session)
{
	bool remove = session_flag(session, "remove") != NULL;
	bool both = session_flag(session, "both") != NULL;
	struct uuid client, other;

	if (!find_client(session, session->operands[0], &client) ||
	    !find_client(session, session->operands[1], &other))
		return COMMAND_FAILED;
	if (uuid_equal(&client, &other))
		return session_fail(
		    session, "An application cannot be associated with itself; name two.");

	const struct bind there[] = { BIND_ID(uuid_new()), BIND_ID(client), BIND_ID(other) };
	const struct bind back[] = { BIND_ID(uuid_new()), BIND_ID(other), BIND_ID(client) };
	struct session_statement statements[] = { one_way(remove, there), one_way(remove, back) };

	if (session_change(session, statements, both ? 2 : 1, NULL) < 0)
		return session_error(session);
	if (remove && statements[0].outcome.affected + statements[1].outcome.affected == 0)
		return session_fail(session, "\"%s\" was not associated with \"%s\".",
		    session->operands[0], session->operands[1]);
	session_note(session, "\"%s\" is %s associated with \"%s\"%s.", session->operands[0],
	    remove ? "no longer" : "now", session->operands[1], both ? ", in both directions" : "");
	return COMMAND_OK;
}

static const struct command_flag flags[] = {
	{ .name = "group",
	    .value = "GROUP",
	    .doc = "Group in which the applications are looked up by code." },
	{ .name = "both", .doc = "Associate both applications with each other." },
	{ .name = "remove", .doc = "Remove the association." },
	{ 0 },
};

const struct command associate_commands[] = {
	{ .words = "associate",
	    .arguments = "APPLICATION WITH [--group GROUP]",
	    .least = 2,
	    .most = 2,
	    .flags = flags,
	    .doc = "Associate one application (discovery) with another.",
	    .run = associate },
	{ 0 },
};
