/*
 * Error numbers of the server and of the client library: what each means for the caller, for the
 * transaction and for the connection, in one table.
 */
#ifndef CLIENTELE_DB_FAULT_H
#define CLIENTELE_DB_FAULT_H

#include "db/database.h"

#define FAULT_KEY_MAX 65 /* identifiers have 64 characters at most */

struct fault_info {
	unsigned number;
	enum database_fault fault;
	enum error_code code;
	bool no_effect;    /* the statement surely did nothing: it may be sent again elsewhere */
	const char *limit; /* of the database that was exceeded, for the caller; NULL = none */
};

/* What an error number means; unknown numbers are DATABASE_FAULT_OTHER and ERROR_INTERNAL. */
const struct fault_info *fault_info(unsigned number);

/*
 * Cuts the name of the index (1062) or the constraint (1451, 1452) out of the server's message.
 * `key` is empty when there is none.
 */
void fault_key(unsigned number, const char *message, char key[FAULT_KEY_MAX]);

/*
 * Copies the server's message without the values it quotes; identifiers of the schema stay. `out`
 * holds `size` bytes and is always terminated.
 */
void fault_redact(unsigned number, const char *message, char *out, size_t size);

/*
 * Fills `error` from what the server or the library said: a general sentence for the caller,
 * number, SQLSTATE and redacted text for the log. Always returns -1.
 */
int fault_report(unsigned number, const char *sqlstate, const char *message, struct error *error);

#endif
