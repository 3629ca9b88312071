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

int list_fetch(struct operation *operation, struct sql *sql, const struct resource *resource,
    uint64_t mask, bool heavy, struct row_list *rows, struct error *error)
{
	struct gate *gate = operation->context.guard->gate;
	struct selection selection;
	struct result result;
	int status;

	if (gate_enter_list(gate, heavy, error) != 0)
		return -1;
	selection_begin(&selection, resource, mask);
	status = list_select(operation, sql, &result, error);
	if (status == 0)
		status = record_load(&operation->context, &selection, &result, rows, error);
	gate_leave(gate, GATE_LIST);
	return status;
}
