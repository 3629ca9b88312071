#include "api/activation/trace.h"

#include "api/licensing/licensing.h"
#include "record/later.h"

static void set_text(struct row *trace, const char *name, struct str text)
{
	unsigned member = resource_member(trace->resource, name);

	if (text.length > 0)
		row_set_text(trace, member, text);
	else
		row_set_null(trace, member);
}

static void set_number(struct row *trace, const char *name, int64_t number)
{
	row_set_integer(trace, resource_member(trace->resource, name), number);
}

/* Why it was refused, or whose seats it has freed. Empty = neither; no data where memory is out. */
static struct str describe_end(
    struct context *context, const struct call *call, const struct reason_info *info)
{
	struct buf out = { 0 };
	struct str text;

	if (info->code != ERROR_NONE)
		return str_from(arena_printf(
		    context->arena, "{\"code\":%d,\"reason\":\"%s\"}", info->number, info->name));
	if (call->freed.count == 0)
		return STR("");
	buf_append_text(&out, "{\"freed\":[");
	for (unsigned i = 0; i < call->freed.count; i++) {
		if (i > 0)
			buf_append_char(&out, ',');
		buf_append_int64(&out, call->freed.rows[i]->values[TOKEN_ID].integer);
	}
	buf_append_text(&out, "]}");
	text = out.failed ? (struct str){ NULL, 0 } : arena_str(context->arena, buf_str(&out));
	buf_free(&out);
	return text;
}

int trace_call(
    struct context *context, const struct call *call, enum reason reason, struct error *error)
{
	struct row *trace;
	struct str end;

	if (!call->license->values[VIEW_TRACE].boolean)
		return 0;
	trace = row_new(context->arena, &licensing_trace_resource);
	end = describe_end(context, call, reason_info(reason));
	if (trace == NULL || end.data == NULL)
		return error_out_of_memory(error);
	set_text(trace, "clientIp", call->address);
	set_text(trace, "clientId", call_text(call, REQUEST_CLIENT_ID));
	set_text(trace, "clientName", call_text(call, REQUEST_CLIENT_NAME));
	set_text(trace, "machineId", call_text(call, REQUEST_MACHINE_ID));
	set_number(trace, "createdDate", call->now);
	set_number(trace, "action", call->kind);
	set_text(trace, "meta", end);
	set_number(trace, "licenseId", call->license->values[VIEW_ID].integer);
	later_add(context->later, trace);
	return 0;
}
