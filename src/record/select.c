#include "record/select.h"

/* Nothing where the rows are nobody's. */
static void where_owner(
    const struct context *context, struct sql *sql, const struct resource *resource)
{
	sql_where_own(sql, resource->owner_condition != NULL ? resource->owner_condition : "FALSE");
	if (resource->owner_condition != NULL)
		sql_bind(sql, BIND_INT(context->actor.principal->customer_id));
}

static void where_seen(
    const struct context *context, struct sql *sql, const struct resource *resource)
{
	switch (sight_may_see(&context->sight, resource)) {
	case SIGHT_ALL:
		break;
	case SIGHT_OWN:
		where_owner(context, sql, resource);
		break;
	case SIGHT_NONE:
		sql_where(sql, "FALSE");
		break;
	}
}

void record_where_asked(
    const struct context *context, struct sql *sql, const struct resource *resource)
{
	if (context->own_rows_only)
		where_owner(context, sql, resource);
}

static void where_reached(const struct context *context, enum record_reach reach, struct sql *sql,
    const struct resource *resource)
{
	if (reach == RECORD_ASKED)
		record_where_asked(context, sql, resource);
	else if (reach == RECORD_FOLLOWED)
		where_seen(context, sql, resource);
}

int record_check_asked(const struct context *context, const struct row *values, struct error *error)
{
	const struct resource *resource = values->resource;
	uint64_t others = 0;

	for (unsigned i = 0; context->own_rows_only && i < resource->field_count; i++) {
		if (row_has(values, i) && !(resource->fields[i].flags & FIELD_OWNER_CHANGES))
			others |= FIELD_BIT(i);
	}
	if (others == 0)
		return 0;
	(void)error_set(error, ERROR_FORBIDDEN,
	    "This credential may change some members of its own %s only.", resource->name);
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (others & FIELD_BIT(i))
			error_add_fault(error, resource->fields[i].name,
			    "The %s field may not be changed by this credential.",
			    resource->fields[i].name);
	}
	return -1;
}

void record_select(const struct context *context, enum record_reach reach, struct sql *sql,
    const struct resource *resource, uint64_t mask)
{
	sql_select(sql, resource, mask);
	where_reached(context, reach, sql, resource);
}

void record_select_count(
    const struct context *context, struct sql *sql, const struct resource *resource)
{
	sql_count(sql, resource);
	record_where_asked(context, sql, resource);
}

int record_select_page(const struct context *context, enum record_reach reach,
    struct query_sql *query_sql, struct sql *sql, const struct query *query, struct error *error)
{
	if (query_sql_begin_page(query_sql, sql, query, error) != 0)
		return -1;
	where_reached(context, reach, sql, query->resource);
	return 0;
}

int record_select_total(const struct context *context, struct query_sql *query_sql, struct sql *sql,
    const struct query *query, struct error *error)
{
	if (query_sql_begin_total(query_sql, sql, query, error) != 0)
		return -1;
	record_where_asked(context, sql, query->resource);
	return 0;
}
