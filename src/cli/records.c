#include "cli/records.h"

#include "api/contracts.h"
#include "api/credentials/credentials.h"
#include "api/discovery/discovery.h"
#include "api/licensing/licensing.h"

/* --- rows that are there --- */

const struct records_kind records_api_key = {
	.resource = &licensing_api_key_resource,
	.what = "key",
	.list = "key list",
};

const struct records_kind records_client = {
	.resource = &credentials_client_resource,
	.what = "client",
	.list = "client list",
	.name = "Name",
};

const struct records_kind records_customer = {
	.resource = &licensing_customer_resource,
	.what = "customer",
	.list = "export customers",
	.name = "code",
};

const struct records_kind records_group = {
	.resource = &licensing_discovery_group_resource,
	.what = "group",
	.list = "group list",
	.name = "name",
};

const struct records_kind records_user = {
	.resource = &licensing_user_resource,
	.what = "user",
	.list = "user list",
	.name = "userName",
};

int records_fetch(struct session *session, const struct row *keys, uint64_t mask, struct row **row)
{
	struct context *context = session_context(session);

	if (context == NULL)
		return -1;
	if (record_fetch_one(context, keys->resource, mask, keys, row, &session->error) == 0)
		return 1;
	if (session->error.code != ERROR_NOT_FOUND)
		return -1;
	error_clear(&session->error);
	return 0;
}

/* The row with that value of a member; a text that can be no value of it is the value of none. */
static int find_by(struct session *session, const struct resource *resource, unsigned member,
    const char *text, uint64_t mask, struct row **row)
{
	const struct field *field = &resource->fields[member];
	const struct node node = { .kind = NODE_TEXT, .text = str_from(text) };
	struct value value = { .null = false };
	const struct row *keys;
	const char *reason;

	if (!field_type_info(field->type)
		 ->parse(session->arena, field, BODY_FORM, &node, &value, &reason))
		return 0;
	keys = row_with(session->arena, resource, member, &value);
	return keys != NULL ? records_fetch(session, keys, mask, row)
			    : error_out_of_memory(&session->error);
}

int records_look_up(struct session *session, const struct records_kind *kind, const char *text,
    uint64_t mask, struct row **row)
{
	const struct resource *resource = kind->resource;
	unsigned key = resource_key(resource);
	int found;

	mask |= FIELD_BIT(key);
	found = find_by(session, resource, key, text, mask, row);
	if (found == 0 && kind->name != NULL)
		found = find_by(
		    session, resource, resource_member(resource, kind->name), text, mask, row);
	return found;
}

bool records_find(struct session *session, const struct records_kind *kind, const char *text,
    uint64_t mask, struct row **row)
{
	int found = records_look_up(session, kind, text, mask, row);

	if (found < 0)
		session_error(session);
	else if (found == 0)
		session_fail(session, "There is no %s \"%s\"; see 'clientele %s'.", kind->what,
		    text, kind->list);
	return found > 0;
}

bool records_find_id(
    struct session *session, const struct records_kind *kind, const char *text, struct uuid *id)
{
	struct row *row;

	if (!records_find(session, kind, text, 0, &row))
		return false;
	*id = row->values[resource_key(kind->resource)].uuid;
	return true;
}

bool records_begin_change(
    struct session *session, const struct row *found, struct record_change *change)
{
	struct row *key = row_new(session->arena, found->resource);

	*change =
	    (struct record_change){ .keys = key, .sent = row_new(session->arena, found->resource) };
	if (key == NULL || change->sent == NULL) {
		session_fail(session, "Out of memory.");
		return false;
	}
	for (unsigned i = 0; i < found->resource->field_count; i++) {
		if ((found->resource->fields[i].flags & FIELD_KEY) && row_has(found, i))
			row_set_value(key, i, &found->values[i]);
	}
	return true;
}

/* --- what is given --- */

/* Names of a command line stand in lists and on terminals, on one line. */
static const char *refuse_text(struct str text)
{
	struct buf shown = { 0 };
	bool same;

	if (str_utf8_valid(text) != text.length)
		return "is not valid UTF-8";
	buf_append_visible(&shown, text);
	same = str_xml_valid(text) == text.length && str_equal(buf_str(&shown), text);
	buf_free(&shown);
	return same ? NULL : "contains control characters; remove them";
}

static bool check_text(struct session *session, const struct records_input *input, const char *text)
{
	const char *reason = refuse_text(str_from(text));

	if (reason == NULL)
		return true;
	session_fail(session, "%s%s %s.", records_article(input), input->label, reason);
	return false;
}

/* Bare tokens of JSON are numbers and booleans; what is none is refused by its type. */
enum node_kind records_node_kind(const struct field *field, struct str text)
{
	if (field_type_info(field->type)->lexical != LEXICAL_LITERAL)
		return NODE_TEXT;
	if (field_holds(field) != VALUE_BOOLEAN)
		return NODE_NUMBER;
	return str_equal(text, STR("true")) || str_equal(text, STR("false")) ? NODE_BOOLEAN
									     : NODE_TEXT;
}

static struct node *add_node(struct session *session, struct node *parent, enum node_kind kind,
    struct str name, const char *text)
{
	struct node *node = node_new(session->arena, parent, kind, name);

	if (node != NULL && text != NULL)
		node->text = str_from(text);
	return node;
}

/* All values of a flag, as a list; nothing where it was not given. */
static bool add_list(
    struct session *session, struct node *object, const struct records_input *input)
{
	struct node *list = NULL;

	for (unsigned i = 0; i < session->given_count; i++) {
		const struct command_given *given = &session->given[i];

		if (strcmp(given->flag->name, input->flag) != 0)
			continue;
		if (!check_text(session, input, given->value))
			return false;
		if (list == NULL)
			list = add_node(session, object, NODE_ARRAY, str_from(input->member), NULL);
		if (list != NULL)
			(void)add_node(session, list, NODE_TEXT, STR(""), given->value);
	}
	return true;
}

/*
 * An object as a body would have it, and the members in it. False after saying which text none can
 * have.
 */
static bool add_inputs(struct session *session, const struct resource *resource,
    const struct records_input *inputs, unsigned count, struct node *object, uint64_t *members)
{
	*members = 0;
	for (unsigned i = 0; i < count; i++) {
		const struct records_input *input = &inputs[i];
		unsigned member = resource_member(resource, input->member);
		const struct field *field = &resource->fields[member];

		*members |= FIELD_BIT(member);
		if (input->flag != NULL && !add_list(session, object, input))
			return false;
		if (input->text == NULL)
			continue;
		if (!check_text(session, input, input->text))
			return false;
		(void)add_node(session, object, records_node_kind(field, str_from(input->text)),
		    str_from(input->member), input->text);
	}
	return true;
}

bool records_read(struct session *session, const struct record *record, enum row_read_mode mode,
    const struct records_input *inputs, unsigned count, struct row **row)
{
	const struct resource *resource = record->resource;
	struct error *error = &session->error;
	struct node *object = add_node(session, NULL, NODE_OBJECT, STR(""), NULL);
	uint64_t members;
	int result;

	*row = NULL;
	if (object == NULL) {
		session_fail(session, "Out of memory.");
		return false;
	}
	if (!add_inputs(session, resource, inputs, count, object, &members))
		return false;
	result = row_read_members(session->arena, contracts_family(resource), resource, mode,
	    BODY_JSON, object, "", members, row, error);
	record_check(record, *row, mode == ROW_READ_INSERT, error);
	if (result == 0 && error->fault_count == 0)
		return true;
	records_error(session, inputs, count);
	return false;
}

bool records_take_expiry(struct session *session, struct row *row, const char *member)
{
	struct value moment;

	if (!session_take_moment(session, "expires", &moment))
		return false;
	if (moment.null)
		return true;
	if (moment.integer <= timestamp_now()) {
		session_fail(session, "\"%s\" is in the past; give a future date.",
		    session_flag(session, "expires"));
		return false;
	}
	row_set_value(row, resource_member(row->resource, member), &moment);
	return true;
}

/* --- changes --- */

int records_transaction(struct session *session,
    int (*work)(struct context *context, void *data, struct error *error), void *data)
{
	struct context *context = session_context(session);
	int result;

	if (context == NULL)
		return -1;
	result = record_transaction(context, work, data, &session->error);
	/* Even where it failed: a COMMIT without an answer may have been carried out. */
	session_announce(session);
	return result;
}

static int audit_event(struct context *context, void *data, struct error *error)
{
	return audit_record_event(context, data, error);
}

int records_audit(struct session *session, const struct audit_event *event)
{
	struct audit_event copy = *event;

	return records_transaction(session, audit_event, &copy);
}

/* One change, and what is done with it in its transaction. */
struct single {
	struct session *session;
	const struct record *record;
	int (*make)(struct context *context, const struct record *record,
	    struct record_change *change, struct error *error);
	struct record_change *change;
};

static int make_single(struct context *context, void *data, struct error *error)
{
	const struct single *single = data;

	return single->make(context, single->record, single->change, error);
}

/* What goes in is prepared before anything is locked. */
static int prepare_single(struct single *single, bool insert)
{
	struct context *context = session_context(single->session);

	if (context == NULL)
		return -1;
	return record_prepare(
	    context, single->record, insert, single->change, &single->session->error);
}

int records_insert(
    struct session *session, const struct record *record, struct record_change *change)
{
	struct single single = { session, record, record_insert, change };

	return prepare_single(&single, true) == 0
		   ? records_transaction(session, make_single, &single)
		   : -1;
}

int records_update(
    struct session *session, const struct record *record, struct record_change *change)
{
	struct single single = { session, record, record_update, change };

	return prepare_single(&single, false) == 0
		   ? records_transaction(session, make_single, &single)
		   : -1;
}

int records_delete(
    struct session *session, const struct record *record, struct record_change *change)
{
	struct single single = { session, record, record_delete, change };

	return records_transaction(session, make_single, &single);
}
