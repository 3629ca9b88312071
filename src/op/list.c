#include "op/list.h"

int list_select(
    struct operation *operation, const struct sql *sql, struct result *result, struct error *error)
{
	const long long seconds = (long long)operation->context.settings->list_timeout;
	const char *text =
	    sql->failed ? NULL
			: arena_printf(operation->context.arena,
			      "SET STATEMENT max_statement_time = %lld FOR %s", seconds, sql->text);

	if (text == NULL)
		return error_out_of_memory(error);
	if (database_select(operation->context.database, operation->context.arena, text, sql->binds,
		sql->bind_count, sql->columns, sql->column_count, result, error) == 0)
		return 0;
	if (database_fault(operation->context.database) != DATABASE_FAULT_TIMEOUT)
		return -1;
	gate_count(operation->context.guard->gate, GATE_EVENT_LIST_TIMEOUT);
	error_clear(error);
	return error_set_wait(error, ERROR_BUSY, seconds,
	    "The list takes the database longer than %lld seconds; narrow the filter, or sort by "
	    "fewer members.",
	    seconds);
}
