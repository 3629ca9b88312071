#include "auth/revocation.h"

int revocation_raise(struct database *database, struct error *error)
{
	struct outcome outcome;

	return database_execute(database,
	    "UPDATE revocation SET counter = counter + 1 WHERE id = 1", NULL, 0, &outcome, error);
}
