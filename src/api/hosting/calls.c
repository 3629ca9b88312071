/*
 * Widget loads of domains: reported from outside, so that no body has them.
 *
 * SQL of its own: a count is added to at any time, by many, and stops at the limit of its column.
 */
#include "api/hosting/hosting.h"
#include "record/audit.h"
#include "record/rows.h"

/* Column of the count, which is no wider than 32 bits where its table was too large to be copied.
 */
#define COUNT "t.call_count"

static unsigned count_member(void)
{
	return resource_member(&hosting_domain_resource, HOSTING_CALL_COUNT);
}

static int log_calls(
    struct context *context, const struct hosting_calls *calls, struct error *error)
{
	const char *detail =
	    arena_printf(context->arena, "{\"added\":%lld}", (long long)calls->count);

	if (detail == NULL)
		return error_out_of_memory(error);
	return audit_record_event(context,
	    &(const struct audit_event){ .action = AUDIT_UPDATE,
		.area = hosting_domain_resource.area,
		.what = "call count of domain",
		.key = calls->domain,
		.detail = str_from(detail) },
	    error);
}

int hosting_add_calls(struct context *context, void *data, struct error *error)
{
	const struct hosting_calls *calls = data;
	const struct value id = { .text = calls->domain };
	struct outcome outcome;
	struct sql sql;

	/*
	 * One statement, since reports come at any time; the sum stays at its limit, or at that of
	 * its column (IGNORE): none may fail because there were too many.
	 */
	sql_init(&sql, context->arena);
	sql_append(&sql, "UPDATE IGNORE hosting_domain t SET " COUNT " = LEAST(" COUNT " + ?, ?)");
	sql_bind(&sql, BIND_INT(calls->count));
	sql_bind(&sql, BIND_INT(hosting_domain_resource.fields[count_member()].most));
	sql_where_field(
	    &sql, &hosting_domain_resource, resource_key(&hosting_domain_resource), &id);
	if (record_execute(context, &sql, &hosting_domain_resource, &outcome, error) != 0)
		return -1;
	if (outcome.affected == 0)
		return resource_not_found(&hosting_domain_resource, error);
	return log_calls(context, calls, error);
}

int hosting_reset_calls(struct context *context, void *data, struct error *error)
{
	const struct value none = { .integer = 0 };
	struct row *values = row_new(context->arena, &hosting_domain_resource);
	struct sql counted;

	if (values == NULL)
		return error_out_of_memory(error);
	row_set_integer(values, count_member(), 0);
	sql_init(&counted, context->arena);
	sql_where_other(&counted, &hosting_domain_resource, count_member(), &none);
	return record_update_all(context,
	    &(struct record_set){ .resource = &hosting_domain_resource, .where = &counted }, values,
	    data, error);
}
