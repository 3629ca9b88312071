/*
 * Reports of programs: exceptions, what licenses are in use, and kinds of a vendor's own. They are
 * the reports that vendors list (api/licensing/report.c).
 */
#include "api/activation/answer.h"
#include "api/activation/program.h"
#include "api/activation/trace.h"
#include "api/licensing/licensing.h"
#include "base/language.h"
#include "codec/reader.h"
#include "record/rows.h"

#define NAME_LONGEST 255
#define PROPERTY_NAME_LONGEST 255

/* The kind of which a client has one: a further one is merged into it. */
#define MERGED_KIND "LicenseReport"

/* --- request and answer --- */

enum {
	REPORT_USER_KEY,
	REPORT_NAME,
	REPORT_UID,
	REPORT_VERSION,
	REPORT_CONTENT_TYPE,
	REPORT_CONTENT,
	REPORT_PROPERTIES,
	REPORT_MACHINE_ID,
	REPORT_CLIENT_ID,
	REPORT_CLIENT_NAME,
	REPORT_LICENSE_ID
};

static const struct field report_fields[] = {
	[REPORT_USER_KEY] = REQUEST_FIELD_USER_KEY,
	[REPORT_NAME] = { STRING("name", NULL, NAME_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED,
	    .doc =
		"Kind of report: ExceptionReport, LicenseReport, or any name of the vendor's own.",
	    .example = "\"ExceptionReport\"" },
	[REPORT_UID] = { STRING("uid", NULL, CALL_KEY_LONGEST), .flags = FIELD_NOT_STORED,
	    .doc = "The program's own identifier of the report: the same one of the same license "
		   "is stored once.",
	    .example = "\"2026-01-31/17\"" },
	[REPORT_VERSION] = { STRING("version", NULL, CALL_KEY_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_TYPICAL, .doc = "Version of the program.",
	    .example = "\"5.2.0\"" },
	[REPORT_CONTENT_TYPE] = { STRING("contentType", NULL, CALL_NAME_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_TYPICAL, .doc = "Media type of the content.",
	    .example = "\"text/plain\"" },
	[REPORT_CONTENT] = { STRING("content", NULL, LICENSING_CONTENT_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_TYPICAL,
	    .doc = "Content, such as the text of an exception.",
	    .example = "\"Out of memory in Canvas.fill()\"" },
	[REPORT_PROPERTIES] = { STRING_MAP("properties", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Named values." },
	[REPORT_MACHINE_ID] = REQUEST_FIELD_MACHINE_ID,
	[REPORT_CLIENT_ID] = REQUEST_FIELD_CLIENT_ID,
	[REPORT_CLIENT_NAME] = REQUEST_FIELD_CLIENT_NAME,
	[REPORT_LICENSE_ID] = REQUEST_FIELD_LICENSE_ID,
};

const struct resource activation_report_resource = {
	.name = "report",
	.type_name = "SendReportRequest",
	.area = AREA_ACTIVATION,
	FIELDS(report_fields),
	.doc = "A report of a program.",
};

enum { SENT_SUCCESS, SENT_REPORT_ID };

static const struct field sent_fields[] = {
	[SENT_SUCCESS] = { BOOLEAN("success", NULL), ANSWER_PLAIN, .doc = "Always true." },
	[SENT_REPORT_ID] = { INT64("reportId", NULL), ANSWER_PLAIN,
	    .doc = "Identifier of the report that is stored." },
};

const struct resource activation_sent_report_resource = {
	.name = "report",
	.type_name = "SendReportResponse",
	.area = AREA_ACTIVATION,
	FIELDS(sent_fields),
	.doc = "A report that is stored.",
};

/* --- limits --- */

/* A report under way. */
struct sending {
	struct program program;
	const struct node *properties; /* the first of them */
	unsigned property_count;
	bool merges;
};

static const struct row *body_of(const struct sending *sending)
{
	return sending->program.body;
}

static struct str text_of(const struct node *property)
{
	return property->kind == NODE_NULL ? STR("") : property->text;
}

static void check_property(const struct node *property, struct error *error)
{
	const char *path =
	    arena_printf(error->arena, "properties." STR_FORMAT, STR_ARGUMENTS(property->name));

	if (property->name.length == 0)
		error_add_fault(error, "properties", "The properties field has an empty name.");
	else if (str_utf8_length(property->name) > PROPERTY_NAME_LONGEST)
		error_add_fault(error, "properties",
		    "The properties field has a name of more than %d characters.",
		    PROPERTY_NAME_LONGEST);
	else if (str_utf8_length(text_of(property)) > LICENSING_TEXT_LONGEST)
		error_add_fault(error, path,
		    "The properties field has a value of more than %d characters.",
		    LICENSING_TEXT_LONGEST);
}

static int refuse_number(const struct operation *operation, struct error *error)
{
	return error_add_fault(error, "properties",
	    "The properties of a report are more than %lld (limit_report_properties).",
	    (long long)operation->context.settings->limit_report_properties);
}

/* What the options and the tables of reports take. */
static int check_report(
    const struct operation *operation, const struct sending *sending, struct error *error)
{
	const struct settings *settings = operation->context.settings;
	const struct value *content = &body_of(sending)->values[REPORT_CONTENT];
	size_t size = content->null ? 0 : content->text.length;

	for (const struct node *one = sending->properties; one != NULL; one = one->next) {
		check_property(one, error);
		size += one->name.length + text_of(one).length;
	}
	if (sending->property_count > settings->limit_report_properties)
		return refuse_number(operation, error);
	if (error->fault_count > 0)
		return -1;
	if (size > (size_t)settings->limit_report)
		return error_set(error, ERROR_TOO_LARGE,
		    "Content and properties of a report are more than %lld bytes (limit_report).",
		    (long long)settings->limit_report);
	return 0;
}

/* Licenses and API keys are counted apart: keys have positive numbers. */
static int count_report(
    struct operation *operation, const struct sending *sending, struct error *error)
{
	const struct guard *guard = operation->context.guard;
	int64_t limit = operation->context.settings->report_rate_limit;
	struct rate_state state;

	if (limit == 0 ||
	    rates_count(guard->rates, -sending->program.call.license->values[VIEW_ID].integer,
		limit, &state, error) == 0)
		return 0;
	gate_count(guard->gate, GATE_EVENT_RATE);
	error->message = language_printf(error->arena,
	    "The license may send %lld reports per minute; try again later.", (long long)limit);
	return -1;
}

/* --- storing --- */

static unsigned stored_member(const char *name)
{
	return resource_member(&licensing_report_resource, name);
}

/* What is stored of it, by the names of both tables. */
static struct row *make_report(struct operation *operation, const struct sending *sending)
{
	static const unsigned copied[] = { REPORT_NAME, REPORT_UID, REPORT_VERSION,
		REPORT_CONTENT_TYPE, REPORT_CONTENT, REPORT_MACHINE_ID, REPORT_CLIENT_ID,
		REPORT_CLIENT_NAME };
	const struct row *body = body_of(sending);
	const struct call *call = &sending->program.call;
	struct row *report = row_new(operation->context.arena, &licensing_report_resource);

	if (report == NULL)
		return NULL;
	for (unsigned i = 0; i < COUNT_OF(copied); i++) {
		if (row_filled(body, copied[i]))
			row_set_value(report, stored_member(report_fields[copied[i]].name),
			    &body->values[copied[i]]);
	}
	row_set_value(report, stored_member("userKey"), &call->license->values[VIEW_USER_KEY]);
	row_set_integer(report, stored_member("date"), call->now);
	row_set_text(report, stored_member("address"), call->address);
	return report;
}

/* One of the license that has these members, null where the new one has none; *id 0 = none. */
static int find_report(struct operation *operation, const struct row *report,
    const char *const *members, int64_t *id, struct error *error)
{
	const struct resource *resource = &licensing_report_resource;
	unsigned key = resource_key(resource);
	struct row *found;
	struct sql where;

	sql_init(&where, operation->context.arena);
	for (; *members != NULL; members++) {
		unsigned member = stored_member(*members);

		if (row_filled(report, member))
			sql_where_field(&where, resource, member, &report->values[member]);
		else
			sql_where_null(&where, resource, member, true);
	}
	if (record_find(&operation->context,
		&(struct record_set){ .resource = resource, .where = &where, .most = 1 },
		FIELD_BIT(key), &found, error) != 0)
		return -1;
	*id = found != NULL ? found->values[key].integer : 0;
	return 0;
}

/* Of all that send reports of a license at once, one goes on. */
static int claim_license(
    struct operation *operation, const struct sending *sending, struct error *error)
{
	return record_claim(&operation->context, &activation_license_view, "claimed_at",
	    &sending->program.call.license->values[VIEW_ID], error);
}

static bool is_sent(const struct sending *sending, struct str name)
{
	for (const struct node *one = sending->properties; one != NULL; one = one->next) {
		if (str_equal(one->name, name))
			return true;
	}
	return false;
}

/* Takes away those of the stored report that are sent again; *kept is the number of the others. */
static int remove_former(struct operation *operation, const struct sending *sending, int64_t report,
    unsigned *kept, struct error *error)
{
	const struct resource *resource = &licensing_report_property_resource;
	unsigned key = resource_key(resource), name = resource_member(resource, "name");
	const struct value owner = { .integer = report };
	const struct row *keys = row_with(
	    operation->context.arena, resource, resource_member(resource, "reportId"), &owner);
	struct value *former;
	struct row_list rows;
	unsigned count = 0;
	int64_t deleted;
	struct sql where;

	if (keys == NULL)
		return error_out_of_memory(error);
	if (record_fetch_all(&operation->context,
		&(struct record_set){ .resource = resource, .keys = keys },
		FIELD_BIT(key) | FIELD_BIT(name), &rows, error) != 0)
		return -1;
	former = arena_alloc_array(operation->context.arena, rows.count, sizeof(former[0]));
	if (former == NULL && rows.count > 0)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < rows.count; i++) {
		if (is_sent(sending, rows.rows[i]->values[name].text))
			former[count++] = rows.rows[i]->values[key];
	}
	*kept = rows.count - count;
	if (count == 0)
		return 0;
	sql_init(&where, operation->context.arena);
	sql_where_in(&where, resource, key, former, count);
	return record_delete_all(&operation->context,
	    &(struct record_set){ .resource = resource, .where = &where, .told = true }, &deleted,
	    error);
}

static int add_properties(
    struct operation *operation, const struct sending *sending, int64_t report, struct error *error)
{
	const struct resource *resource = &licensing_report_property_resource;
	struct arena *arena = operation->context.arena;
	struct row_list rows = { .rows = arena_alloc_array(
				     arena, sending->property_count, sizeof(rows.rows[0])) };

	if (rows.rows == NULL && sending->property_count > 0)
		return error_out_of_memory(error);
	for (const struct node *one = sending->properties; one != NULL; one = one->next) {
		struct row *row = row_new(arena, resource);

		if (row == NULL)
			return error_out_of_memory(error);
		row_set_text(row, resource_member(resource, "name"), one->name);
		row_set_text(row, resource_member(resource, "value"), text_of(one));
		row_set_integer(row, resource_member(resource, "reportId"), report);
		rows.rows[rows.count++] = row;
	}
	return record_add_parts(&operation->context, &rows, error);
}

static int answer_report(struct operation *operation, int64_t report, struct error *error)
{
	struct filling filling = answer_begin(operation);
	struct row *row = answer_new_row(&filling, &activation_sent_report_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_boolean(row, SENT_SUCCESS, true);
	row_set_integer(row, SENT_REPORT_ID, report);
	return answer_send(operation, &filling, row, error);
}

/* Members that are not sent stay, and so do properties. */
static int merge_report(struct operation *operation, const struct sending *sending,
    struct row *report, int64_t id, struct error *error)
{
	const struct resource *resource = &licensing_report_resource;
	const struct value key = { .integer = id };
	struct record_change change = { .sent = report,
		.keys =
		    row_with(operation->context.arena, resource, resource_key(resource), &key) };
	unsigned kept = 0;

	if (change.keys == NULL)
		return error_out_of_memory(error);
	if (record_update(&operation->context, &licensing_report_record, &change, error) != 0 ||
	    remove_former(operation, sending, id, &kept, error) != 0)
		return -1;
	if (kept + sending->property_count > operation->context.settings->limit_report_properties)
		return refuse_number(operation, error);
	return add_properties(operation, sending, id, error);
}

static int insert_report(struct operation *operation, const struct sending *sending,
    struct row *report, int64_t *id, struct error *error)
{
	struct record_change change = { .sent = report };

	if (record_insert(&operation->context, &licensing_report_record, &change, error) != 0)
		return -1;
	*id = change.key->values[resource_key(&licensing_report_resource)].integer;
	return add_properties(operation, sending, *id, error);
}

static int store_report(struct operation *operation, void *data, struct error *error)
{
	static const char *const same_uid[] = { "userKey", "uid", NULL };
	static const char *const same_client[] = { "userKey", "name", "machineId", "clientId",
		NULL };
	const struct sending *sending = data;
	struct row *report = make_report(operation, sending);
	bool has_uid = row_filled(body_of(sending), REPORT_UID);
	int64_t id = 0;

	if (report == NULL)
		return error_out_of_memory(error);
	if ((has_uid || sending->merges) && claim_license(operation, sending, error) != 0)
		return -1;
	if (has_uid && find_report(operation, report, same_uid, &id, error) != 0)
		return -1;
	if (id != 0)
		return answer_report(operation, id, error);
	if (sending->merges && find_report(operation, report, same_client, &id, error) != 0)
		return -1;
	if (id != 0 ? merge_report(operation, sending, report, id, error) != 0
		    : insert_report(operation, sending, report, &id, error) != 0)
		return -1;
	return answer_report(operation, id, error);
}

static void read_properties(struct operation *operation, struct sending *sending)
{
	const struct value *sent = &body_of(sending)->values[REPORT_PROPERTIES];
	const struct node *all =
	    sent->null ? NULL : json_read_stored(operation->context.arena, sent->text);

	sending->properties = all != NULL ? all->children : NULL;
	for (const struct node *one = sending->properties; one != NULL; one = one->next)
		sending->property_count++;
	sending->merges =
	    str_equal_ignore_case(body_of(sending)->values[REPORT_NAME].text, STR(MERGED_KIND));
}

int activation_send_report(struct operation *operation, struct error *error)
{
	struct sending sending = { .merges = false };
	bool again;

	if (program_begin(operation, &sending.program, CALL_REPORT, error) != 0)
		return -1;
	read_properties(operation, &sending);
	if (check_report(operation, &sending, error) != 0 ||
	    program_find_license(operation, &sending.program, error) != 0)
		return -1;
	if (sending.program.reason != REASON_VALID)
		return program_refuse(operation, &sending.program, error);
	if (count_report(operation, &sending, error) != 0)
		return -1;
	/* What an earlier run has stored is found. */
	again = sending.merges || row_filled(body_of(&sending), REPORT_UID);
	if ((again ? operation_transaction_once(operation, store_report, &sending, error)
		   : operation_transaction(operation, store_report, &sending, error)) != 0)
		return -1;
	return trace_call(&operation->context, &sending.program.call, REASON_VALID, error);
}
