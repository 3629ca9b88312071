#include "api/discovery/discovery.h"
#include "cli/records.h"
#include "record/rows.h"

/* What an application is named by: its identifier alone, or its code in the group. */
static struct row *application_key(
    struct session *session, const struct uuid *id, const struct uuid *group, const char *code)
{
	const struct resource *resource = &discovery_client_resource;
	struct row *keys = row_new(session->arena, resource);

	if (keys == NULL) {
		(void)error_out_of_memory(&session->error);
	} else if (id != NULL) {
		row_set_uuid(keys, resource_key(resource), *id);
	} else {
		row_set_uuid(keys, resource_member(resource, "ClientGroupsId"), *group);
		row_set_text(keys, resource_member(resource, "ClientCode"), str_from(code));
	}
	return keys;
}

static int fetch_application(struct session *session, const struct row *keys, struct uuid *id)
{
	unsigned key = resource_key(&discovery_client_resource);
	struct row *row;
	int found = keys != NULL ? records_fetch(session, keys, FIELD_BIT(key), &row) : -1;

	if (found > 0)
		*id = row->values[key].uuid;
	else if (found < 0)
		session_error(session);
	return found;
}

/* Finds an application by its code in the group of --group. False after saying why not. */
static bool find_by_code(struct session *session, const char *code, struct uuid *id)
{
	const char *group = session_flag(session, "group");
	struct uuid group_id;
	int found;

	if (group == NULL) {
		session_fail(session,
		    "There is no application with the identifier \"%s\"; to name it by its code, "
		    "give --group as well.",
		    code);
		return false;
	}
	if (!records_find_id(session, &records_group, group, &group_id))
		return false;
	found = fetch_application(session, application_key(session, NULL, &group_id, code), id);
	if (found == 0)
		session_fail(session,
		    "There is no application \"%s\" in the group \"%s\"; codes are case-sensitive.",
		    code, group);
	return found > 0;
}

/* Finds it by its identifier where the text is one, else (or when there is none) by its code. */
static bool find_application(struct session *session, const char *text, struct uuid *id)
{
	struct uuid given;
	int found = 0;

	if (uuid_parse(str_from(text), &given))
		found =
		    fetch_application(session, application_key(session, &given, NULL, NULL), id);
	return found == 0 ? find_by_code(session, text, id) : found > 0;
}

/* Associations that are to be there, or not any more. */
struct pairs {
	struct row *rows[2]; /* one in each direction */
	unsigned count;
	bool remove;
	unsigned changed;
};

/* Adds or removes one direction; adding what is there already changes nothing. */
static int change_pair(
    struct context *context, struct pairs *pairs, struct row *pair, struct error *error)
{
	const struct record *record = &discovery_association_record;
	struct record_change change = { .sent = pair };
	bool exists;

	if (record_exists(context,
		&(struct record_set){ .resource = record->resource, .keys = pair }, &exists,
		error) != 0)
		return -1;
	if (exists != pairs->remove)
		return 0;
	pairs->changed++;
	change.keys = pairs->remove ? pair : NULL;
	return (pairs->remove ? record_delete : record_insert)(context, record, &change, error);
}

static int change_pairs(struct context *context, void *data, struct error *error)
{
	struct pairs *pairs = data;

	pairs->changed = 0;
	for (unsigned i = 0; i < pairs->count; i++) {
		if (change_pair(context, pairs, pairs->rows[i], error) != 0)
			return -1;
	}
	return 0;
}

static struct row *new_pair(struct session *session, struct uuid client, struct uuid associated)
{
	struct row *pair = row_new(session->arena, &discovery_association_resource);

	if (pair == NULL) {
		(void)error_out_of_memory(&session->error);
		return NULL;
	}
	row_set_uuid(pair, DISCOVERY_ASSOCIATION_CLIENT, client);
	row_set_uuid(pair, DISCOVERY_ASSOCIATION_ASSOCIATED, associated);
	return pair;
}

static enum command_status associate(struct session *session)
{
	bool both = session_flag(session, "both") != NULL;
	struct pairs pairs = { .remove = session_flag(session, "remove") != NULL,
		.count = both ? 2 : 1 };
	struct uuid client, other;

	if (!find_application(session, session->operands[0], &client) ||
	    !find_application(session, session->operands[1], &other))
		return COMMAND_FAILED;
	pairs.rows[0] = new_pair(session, client, other);
	pairs.rows[1] = new_pair(session, other, client);
	record_check(&discovery_association_record, pairs.rows[0], true, &session->error);
	if (session->error.code != ERROR_NONE ||
	    records_transaction(session, change_pairs, &pairs) != 0)
		return records_error(session, NULL, 0);
	if (pairs.remove && pairs.changed == 0)
		return session_fail(session, "\"%s\" was not associated with \"%s\".",
		    session->operands[0], session->operands[1]);
	session_note(session, "\"%s\" is %s associated with \"%s\"%s.", session->operands[0],
	    pairs.remove ? "no longer" : "now", session->operands[1],
	    both ? ", in both directions" : "");
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
