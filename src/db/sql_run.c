/*
 * Finished statements, run.
 */
#include "db/sql.h"

int sql_run_select(
    const struct sql *sql, struct database *database, struct result *result, struct error *error)
{
	if (sql->failed)
		return error_out_of_memory(error);
	return database_select(database, sql->arena, sql->text, sql->binds, sql->bind_count,
	    sql->columns, sql->column_count, result, error);
}

int sql_run_count(
    const struct sql *sql, struct database *database, int64_t *count, struct error *error)
{
	struct result result;

	if (sql_run_select(sql, database, &result, error) != 0)
		return -1;
	*count = result.rows[0][0].integer;
	return 0;
}

int sql_run_returning(
    const struct sql *sql, struct database *database, struct result *result, struct error *error)
{
	if (sql->failed)
		return error_out_of_memory(error);
	return database_execute_returning(database, sql->arena, sql->text, sql->binds,
	    sql->bind_count, sql->columns, sql->column_count, result, error);
}

int sql_run_change(
    const struct sql *sql, struct database *database, struct outcome *outcome, struct error *error)
{
	if (sql->failed)
		return error_out_of_memory(error);
	return database_execute(database, sql->text, sql->binds, sql->bind_count, outcome, error);
}

int sql_put_off(const struct sql *sql, struct database *database, struct error *error)
{
	if (sql->failed)
		return error_out_of_memory(error);
	return database_put_off(database, sql->text, sql->binds, sql->bind_count, error);
}
