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

int trace_call(
    struct context *context, const struct call *call, enum reason reason, struct error *error)
{
	const struct reason_info *info = reason_info(reason);
	struct row *trace;

	if (!call->license->values[VIEW_TRACE].boolean)
		return 0;
	trace = row_new(context->arena, &licensing_trace_resource);
	if (trace == NULL)
		return error_out_of_memory(error);
	set_text(trace, "clientIp", call->address);
	set_text(trace, "clientId", call_text(call, REQUEST_CLIENT_ID));
	set_text(trace, "clientName", call_text(call, REQUEST_CLIENT_NAME));
	set_text(trace, "machineId", call_text(call, REQUEST_MACHINE_ID));
	set_number(trace, "createdDate", call->now);
	set_number(trace, "action", call->kind);
	set_text(trace, "meta",
	    reason == REASON_VALID
		? STR("")
		: str_from(arena_printf(context->arena, "{\"code\":%d,\"reason\":\"%s\"}",
		      info->number, info->name)));
	set_number(trace, "licenseId", call->license->values[VIEW_ID].integer);
	later_add(context->later, trace);
	return 0;
}
