#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "record/audit.h"

enum { TRACE_ID, TRACE_LICENSE_ID, TRACE_FILTER };

static const struct field deletion_fields[] = {
	[TRACE_ID] = { INT64("traceId", NULL), .flags = FIELD_NOT_STORED | FIELD_TYPICAL,
	    .least = 0, .most = INT64_MAX, .doc = "Only this trace; 0 means any." },
	[TRACE_LICENSE_ID] = { INT32("licenseId", NULL), .flags = FIELD_NOT_STORED, .least = 0,
	    .most = INT32_MAX, .doc = "Only traces of this license; 0 means any." },
	[TRACE_FILTER] = { STRING("filter", NULL, 65536), .flags = FIELD_NOT_STORED,
	    .doc = "Only traces that meet this condition.", .example = "\"action = 1\"" },
};

const struct resource trace_deletion_resource = {
	.name = "trace deletion",
	.type_name = "DeleteLicenseTraceRequest",
	.area = AREA_LICENSES,
	FIELDS(deletion_fields),
	.doc = "Traces to delete: those that meet all members; at least one is required.",
};

struct deletion {
	const struct row *body;
	struct filter *filter;
};

/* Programs that fill in every member send 0 and "" for what they do not mean. */
static bool is_given(const struct row *body, unsigned field)
{
	return row_filled(body, field) &&
	       (field == TRACE_FILTER ? str_trim(body->values[field].text).length > 0
				      : body->values[field].integer != 0);
}

static void narrow(struct sql *sql, const void *context)
{
	const struct resource *resource = &licensing_trace_resource;
	const struct row *body = ((const struct deletion *)context)->body;

	if (is_given(body, TRACE_ID))
		sql_where_field(sql, resource, resource_key(resource), &body->values[TRACE_ID]);
	if (is_given(body, TRACE_LICENSE_ID))
		sql_where_field(sql, resource, resource_member(resource, "licenseId"),
		    &body->values[TRACE_LICENSE_ID]);
}

static int record(struct operation *operation, const struct deletion *deletion, int64_t count,
    struct error *error)
{
	const struct row *body = deletion->body;
	struct buf detail = { 0 }, condition = { 0 };
	struct writer writer;
	int result;

	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_integer(&writer, "deleted", count);
	if (is_given(body, TRACE_ID))
		writer_integer(&writer, "traceId", body->values[TRACE_ID].integer);
	if (is_given(body, TRACE_LICENSE_ID))
		writer_integer(&writer, "licenseId", body->values[TRACE_LICENSE_ID].integer);
	if (is_given(body, TRACE_FILTER)) {
		filter_print(&condition, deletion->filter);
		writer_text(&writer, "filter", buf_str(&condition));
	}
	writer_object_end(&writer);
	if (detail.failed || condition.failed)
		result = error_out_of_memory(error);
	else
		result = audit_record_event(&operation->context,
		    &(const struct audit_event){ .action = AUDIT_DELETE,
			.area = licensing_trace_resource.area,
			.what = "license traces",
			.detail = buf_str(&detail),
			.count = count },
		    error);
	buf_free(&condition);
	buf_free(&detail);
	return result;
}

/* One transaction: whoever names traces wants all of them gone, or none. */
static int delete_all(struct operation *operation, void *context, struct error *error)
{
	const struct deletion *deletion = context;
	const struct irregular_deletion rows = { &licensing_trace_resource, deletion->filter,
		narrow, deletion };
	int64_t count, total = 0;

	do {
		if (irregular_delete(operation, &rows, &count, error) != 0)
			return -1;
		total += count;
	} while (count == IRREGULAR_CHUNK);
	if (total == 0 && is_given(deletion->body, TRACE_ID))
		return error_set(error, ERROR_NOT_FOUND, "The license trace was not found.");
	return total > 0 ? record(operation, deletion, total, error) : 0;
}

int licensing_traces_delete(struct operation *operation, struct error *error)
{
	struct deletion deletion = { 0 };
	struct row *body;

	if (operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	deletion.body = body;
	if (is_given(body, TRACE_FILTER) &&
	    filter_read(operation->context.arena, &operation->context.sight,
		&operation->context.settings->limits, &licensing_trace_resource,
		body->values[TRACE_FILTER].text, &deletion.filter, error) != 0)
		return -1;
	if (!is_given(body, TRACE_ID) && !is_given(body, TRACE_LICENSE_ID) &&
	    deletion.filter == NULL)
		return error_add_fault(error, "traceId",
		    "Give traceId, licenseId or filter to choose what to delete.");
	if (gate_enter_list(operation->context.guard->gate, GATE_HEAVY, error) != 0 ||
	    operation_transaction(operation, delete_all, &deletion, error) != 0)
		return -1;
	return irregular_done(operation, NULL, error);
}
