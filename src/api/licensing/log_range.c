#include "api/licensing/log_range.h"

#include "api/licensing/irregular.h"

int log_range_read(struct operation *operation, struct log_range *range, struct error *error)
{
	range->has_start = irregular_moment(operation, "startDate", &range->start, error);
	range->has_end = irregular_moment(operation, "endDate", &range->end, error);
	return error->fault_count == 0 ? 0 : -1;
}

void log_range_where(struct sql *sql, const struct log_range *range)
{
	const struct resource *resource = &log_entry_resource;
	unsigned moment = resource_member(resource, "timeStamp");
	const struct value start = { .integer = range->start }, end = { .integer = range->end };

	if (range->has_start)
		sql_where_from(sql, resource, moment, &start);
	if (range->has_end)
		sql_where_before(sql, resource, moment, &end);
}
