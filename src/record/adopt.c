#include "record/adopt.h"

#include "schema/resource.h"

#define STATEMENTS 4

/* What has moved. Its statements run in one transaction, the last one counts. */
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

/*
 * Schema 13: mail, but for what somebody may be at work on. Who claims a delivery moves its next
 * attempt on: one that is due is nobody's, and stays so as long as it is locked. In portions, until
 * nothing is left: a cluster takes a transaction as a whole.
 */
static const struct adoption outbox = { {
    "INSERT INTO queue_item (kind, once_key, content_id, payload, state, attempts, created_at, "
    "due_at, finished_at, last_error) SELECT 'mail', CONCAT('outbox ', o.id), o.message_id, "
    "o.email, CASE o.status WHEN 'queued' THEN 'waiting' WHEN 'sent' THEN 'done' ELSE 'dead' END, "
    "o.attempts, m.created_at, IF(o.status = 'queued', o.next_attempt_at, NULL), "
    "IF(o.status = 'queued', NULL, COALESCE(o.sent_at, LEAST(o.next_attempt_at, "
    "UTC_TIMESTAMP(6)))), o.last_error FROM mail_outbox o JOIN mail_message m ON m.id = "
    "o.message_id WHERE o.status <> 'queued' OR o.next_attempt_at <= UTC_TIMESTAMP(6) "
    "ORDER BY o.id LIMIT 1000 FOR UPDATE",
    "DELETE FROM mail_outbox WHERE EXISTS (SELECT 1 FROM queue_item q WHERE q.kind = 'mail' AND "
    "q.once_key = CONCAT('outbox ', mail_outbox.id)) ORDER BY id LIMIT 1000",
} };

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

int adopt_queue(struct database *database, int64_t *rows, struct error *error)
{
	struct work work = { .database = database, .adoption = &outbox };

	*rows = 0;
	do {
		if (database_transaction(database, adopt, &work, error) != 0)
			return -1;
		*rows += work.rows;
	} while (work.rows > 0);
	return 0;
}

int adopt_all(struct database *database, int64_t *rows, struct error *error)
{
	if (adopt_queue(database, rows, error) != 0)
		return -1;
	for (unsigned i = 0; i < COUNT_OF(adoptions); i++) {
		struct work work = { .database = database, .adoption = &adoptions[i] };

		if (database_transaction(database, adopt, &work, error) != 0)
			return -1;
		*rows += work.rows;
	}
	return 0;
}
