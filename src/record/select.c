#include "record/select.h"

/* Nothing where the rows are nobody's. */
static void where_owner(const struct context *context, struct sql *sql,
    const struct resource *resource, const char *condition)
{
	struct bind value;

	if (condition == NULL ||
	    !principal_owner(context->actor.principal, resource->owner, &value)) {
		sql_where(sql, "FALSE");
		return;
	}
	sql_where_own(sql, condition);
	for (; (condition = strchr(condition, '?')) != NULL; condition++)
		sql_bind(sql, value);
}

/* What the actor has come to do to own rows narrows down which ones it reaches. */
static const char *condition_to(const struct resource *resource, enum permission permission)
{
	const char *condition = NULL;

	if (permission & (PERMISSION_UPDATE | PERMISSION_CREATE))
		condition = resource->owner_changes;
	else if (permission & PERMISSION_DELETE)
		condition = resource->owner_deletes;
	return condition != NULL ? condition : resource->owner_condition;
}

static void where_seen(
    const struct context *context, struct sql *sql, const struct resource *resource)
{
	switch (sight_may_see(&context->sight, resource)) {
	case SIGHT_ALL:
		break;
	case SIGHT_OWN:
		where_owner(context, sql, resource, resource->owner_condition);
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
		where_owner(context, sql, resource, condition_to(resource, context->does));
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
		/* Keys say which row it is, and what nobody sends is the program's own. */
		if (row_has(values, i) && !(resource->fields[i].flags &
					      (FIELD_OWNER_CHANGES | FIELD_KEY | FIELD_READONLY)))
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
