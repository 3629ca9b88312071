#include "db/session_variable.h"

#include <stddef.h>

#include "schema/resource.h"

/*
 * READ COMMITTED: rules are guarded by unique and foreign keys and by locking reads, not by
 * snapshots; a plain read after a locking one must see the same newest rows, and no gaps are
 * locked, so that inserts side by side do not end in deadlocks.
 */
#define TRANSACTIONS "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"

struct session_variable {
	const char *name;
	const char *value; /* SQL text; NULL = the limit at `limit`, with so many decimals */
	size_t limit;
	int decimals;
};

#define VALUE(variable, text) .name = (variable), .value = (text)
#define LIMIT(variable, member) .name = (variable), .limit = offsetof(struct session_limits, member)

static const struct session_variable variables[] = {
	/* Transactions: begun and ended by our statements, and by nothing else. */
	{ VALUE("autocommit", "1") },
	{ VALUE("completion_type", "'NO_CHAIN'") },
	{ LIMIT("innodb_lock_wait_timeout", lock_wait) },
	{ LIMIT("lock_wait_timeout", lock_wait) },
	{ LIMIT("max_statement_time", statement_time), .decimals = 1 },
	/* What is refused, and never adjusted in silence. */
	{ VALUE("sql_mode", "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
			    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'") },
	{ VALUE("foreign_key_checks", "1") },
	{ VALUE("unique_checks", "1") },
	{ VALUE("check_constraint_checks", "1") },
	{ VALUE("innodb_strict_mode", "1") },
	{ VALUE("sql_safe_updates", "0") },
	/* How texts, times and numbers are read and compared. */
	{ VALUE("character_set_client", "utf8mb4") },
	{ VALUE("character_set_results", "utf8mb4") },
	{ VALUE("collation_connection", "utf8mb4_general_ci") },
	{ VALUE("time_zone", "'+00:00'") },
	{ VALUE("sql_auto_is_null", "0") },
	{ VALUE("div_precision_increment", "4") },
	{ VALUE("default_regex_flags", "''") },
	/* The whole result, or an error. */
	{ LIMIT("max_sort_length", sort_length) },
	{ VALUE("sort_buffer_size", "2097152") }, /* the server's default: room for such keys */
	{ VALUE("sql_select_limit", "18446744073709551615") },
	{ VALUE("sql_big_selects", "1") },
	{ VALUE("group_concat_max_len", "1048576") },
	/* Names of indexes and constraints are cut out of messages. */
	{ VALUE("lc_messages", "'en_US'") },
};

/* Each is a statement of its own: some servers do not know it. */
static const struct session_variable optional_variables[] = {
	{ LIMIT("wsrep_sync_wait", sync_wait) },
	{ VALUE("innodb_snapshot_isolation", "0") },
};

static void print_variable(
    const struct session_variable *variable, const struct session_limits *limits, struct buf *out)
{
	double limit;

	buf_printf(out, "%s = ", variable->name);
	if (variable->value != NULL) {
		buf_append_text(out, variable->value);
		return;
	}
	memcpy(&limit, (const char *)limits + variable->limit, sizeof(limit));
	buf_printf(out, "%.*f", variable->decimals, limit);
}

bool session_variable_print(
    unsigned number, const struct session_limits *limits, struct buf *out, bool *optional)
{
	*optional = number > 1;
	if (number == 0) {
		buf_append_text(out, TRANSACTIONS);
		return true;
	}
	if (number > 1 + COUNT_OF(optional_variables))
		return false;
	buf_append_text(out, "SET SESSION ");
	if (number > 1) {
		print_variable(&optional_variables[number - 2], limits, out);
		return true;
	}
	for (unsigned i = 0; i < COUNT_OF(variables); i++) {
		if (i > 0)
			buf_append_text(out, ", ");
		print_variable(&variables[i], limits, out);
	}
	return true;
}
