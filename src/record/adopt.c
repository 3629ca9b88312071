#include "record/adopt.h"

#include "schema/resource.h"

#define STATEMENTS 4

/* One column that has moved. Its statements run in one transaction, the last one counts. */
static const struct adoption {
	const char *statements[STATEMENTS];
} adoptions[] = {
	/* Schema 5: a secret that is set replaces the ones before, as it did for who has set it. */
	{ { "INSERT INTO api_client_secret (client_id, number, secret_hash) SELECT c.id, 1 + "
	    "(SELECT COALESCE(MAX(s.number), 0) FROM api_client_secret s WHERE s.client_id = "
	    "c.id), "
	    "c.secret_hash FROM api_client c WHERE c.secret_hash <> ''",
	    "DELETE s FROM api_client_secret s JOIN api_client c ON c.id = s.client_id "
	    "WHERE c.secret_hash <> '' AND s.secret_hash <> c.secret_hash",
	    "UPDATE api_client SET secret_hash = '' WHERE secret_hash <> ''" } },
	/* Schema 9 */
	{ { "UPDATE user SET born_at = birth_date WHERE born_at IS NULL AND birth_date IS NOT "
	    "NULL" } },
};

struct work {
	struct database *database;
	const struct adoption *adoption;
	int64_t rows;
};

static int adopt(void *context, struct error *error)
{
	struct work *work = context;
	struct outcome outcome = { 0 };

	for (unsigned i = 0; i < STATEMENTS && work->adoption->statements[i] != NULL; i++) {
		if (database_execute(work->database, work->adoption->statements[i], NULL, 0,
			&outcome, error) != 0)
			return -1;
	}
	work->rows = (int64_t)outcome.affected;
	return 0;
}

int adopt_all(struct database *database, int64_t *rows, struct error *error)
{
	*rows = 0;
	for (unsigned i = 0; i < COUNT_OF(adoptions); i++) {
		struct work work = { .database = database, .adoption = &adoptions[i] };

		if (database_transaction(database, adopt, &work, error) != 0)
			return -1;
		*rows += work.rows;
	}
	return 0;
}
