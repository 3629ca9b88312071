/*
 * Statements that change rows, and what the database refuses, in the words of the tables.
 */
#include "base/language.h"
#include "record/record.h"

/* A key that a new row has brought along is another's: that of the row, or one that lets somebody
 * in. */
static void explain_chosen(const struct resource *resource, const char *index, struct error *error)
{
	bool primary = strcmp(index, "PRIMARY") == 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!(field->flags & FIELD_CHOOSABLE) || !(field->flags & FIELD_KEY) == primary)
			continue;
		error->message =
		    arena_printf(error->arena, "The %s is already in use.", field->name);
		error_add_fault(error, field->name, "%s", error->message);
	}
}

/* Names the member or the dependants behind a constraint that the database has upheld. */
static void explain(const struct context *context, const struct resource *resource,
    enum database_fault fault, const char *key, struct error *error)
{
	for (unsigned i = 0; fault == DATABASE_FAULT_DUPLICATE && i < resource->unique_count; i++) {
		const struct unique_key *unique = &resource->uniques[i];

		if (strcmp(unique->index, key) != 0)
			continue;
		error->word = unique->word;
		error->message = unique->message != NULL
				     ? language_text(unique->message)
				     : language_printf(error->arena, "The %s is already in use.",
					   unique->member);
		error_add_fault(error, unique->member, "%s", error->message);
		return;
	}
	if (fault == DATABASE_FAULT_DUPLICATE)
		explain_chosen(resource, key, error);
	for (unsigned i = 0; fault == DATABASE_FAULT_NO_PARENT && i < resource->reference_count;
	     i++) {
		const struct reference *reference = &resource->references[i];

		if (strcmp(reference->constraint, key) != 0)
			continue;
		error->word = reference->word;
		error_add_fault(error, reference->member, "%s", reference->message);
	}
	for (unsigned i = 0; fault == DATABASE_FAULT_REFERENCED && i < resource->dependant_count;
	     i++) {
		const struct dependant *dependant = &resource->dependants[i];
		bool told = (context->sight.areas & AREA_BIT(dependant->area)) != 0;

		if (strcmp(dependant->constraint, key) == 0)
			error->message =
			    told ? language_printf(error->arena, "The %s is still used by %s.",
				       resource->name, dependant->name)
				 : language_printf(
				       error->arena, "The %s is still used.", resource->name);
	}
}

/* Always returns -1. */
static int explain_failure(const struct context *context, const struct sql *sql,
    const struct resource *resource, struct error *error)
{
	const char *key = sql->failed ? NULL : database_fault_key(context->database);

	if (key != NULL)
		explain(context, resource, database_fault(context->database), key, error);
	return -1;
}

int record_execute(struct context *context, struct sql *sql, const struct resource *resource,
    struct outcome *outcome, struct error *error)
{
	return sql_run_change(sql, context->database, outcome, error) == 0
		   ? 0
		   : explain_failure(context, sql, resource, error);
}

int record_execute_returning(struct context *context, struct sql *sql,
    const struct resource *resource, struct result *result, struct error *error)
{
	return sql_run_returning(sql, context->database, result, error) == 0
		   ? 0
		   : explain_failure(context, sql, resource, error);
}

int record_claim(struct context *context, const struct resource *resource, const char *column,
    const struct value *key, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_claim(&sql, resource, column, key);
	if (record_execute(context, &sql, resource, &outcome, error) != 0)
		return -1;
	if (outcome.affected == 0)
		return resource_not_found(resource, error);
	return 0;
}
