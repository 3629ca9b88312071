#include "base/timestamp.h"
#include "cli/print.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "op/audit.h"
#include "op/row_count.h"
#include "schema/resource.h"

/* Rows of one statement: small enough that no writer waits long, nor a cluster. */
#define CHUNK 2000

static const struct print_column columns[] = {
	{ "what", "WHAT", PRINT_TEXT },
	{ "before", "BEFORE", PRINT_MOMENT },
	{ "rows", "ROWS", PRINT_INTEGER },
};

/* One kind of rows that grow old. */
struct kind {
	const char *what;
	const char *table;
	const char *condition; /* with one moment to bind: rows before it go */
	size_t retention;      /* offset in struct settings; 0 = until now */
	bool counted;          /* has a row counter */
};

static const struct kind kinds[] = {
	{ "log entries", AUDIT_TABLE, "time_stamp < ?", offsetof(struct settings, log_retention),
	    true },
	{ "mail", "mail_message",
	    "created_at < ? AND NOT EXISTS (SELECT 1 FROM mail_outbox o WHERE o.message_id = "
	    "mail_message.id AND o.status = 'queued')",
	    offsetof(struct settings, mail_retention), false },
	{ "sessions", "oauth_session", "expires_at < ?", 0, false },
	{ "tokens", "oauth_token", "expires_at < ?", 0, false },
	{ "idempotency keys", "idempotency", "expires_at < ?", 0, false },
};

/* Before which moment rows go; false when they are kept for ever. */
static bool find_moment(const struct session *session, const struct kind *kind, int64_t *moment)
{
	const char *place = (const char *)session->settings + kind->retention;
	int64_t seconds = kind->retention != 0 ? *(const int64_t *)(const void *)place : 0;

	*moment = timestamp_now() - seconds * MICROSECONDS_PER_SECOND;
	return kind->retention == 0 || seconds > 0;
}

static int count_rows(
    struct session *session, const struct kind *kind, struct bind moment, int64_t *count)
{
	static const enum bind_kind types[] = { BIND_INTEGER };
	struct result result;

	if (database_select(session->database, session->arena,
		arena_printf(session->arena, "SELECT COUNT(*) FROM %s WHERE %s", kind->table,
		    kind->condition),
		&moment, 1, types, 1, &result, &session->error) != 0)
		return -1;
	*count = result.rows[0][0].integer;
	return 0;
}

/* One chunk on its way out, with its counter. */
struct chunk {
	struct database *database;
	const struct kind *kind;
	const char *sql;
	struct bind moment;
	int64_t deleted;
};

static int delete_chunk(void *context, struct error *error)
{
	struct chunk *chunk = context;
	struct outcome outcome;

	if (database_execute(chunk->database, chunk->sql, &chunk->moment, 1, &outcome, error) != 0)
		return -1;
	chunk->deleted = (int64_t)outcome.affected;
	return chunk->kind->counted
		   ? row_count_add(chunk->database, chunk->kind->table, -chunk->deleted, error)
		   : 0;
}

static int delete_rows(
    struct session *session, const struct kind *kind, struct bind moment, int64_t *count)
{
	struct chunk chunk = { .database = session->database,
		.kind = kind,
		.sql = arena_printf(session->arena, "DELETE FROM %s WHERE %s LIMIT %d", kind->table,
		    kind->condition, CHUNK),
		.moment = moment };

	*count = 0;
	do {
		if (database_transaction(
			session->database, delete_chunk, &chunk, &session->error) != 0)
			return -1;
		*count += chunk.deleted;
	} while (chunk.deleted == CHUNK);
	return 0;
}

static enum command_status expire(struct session *session)
{
	bool dry = session_flag(session, "dry-run") != NULL;
	struct bind values[COUNT_OF(kinds)][COUNT_OF(columns)];
	struct bind *rows[COUNT_OF(kinds)];
	struct result result = { .rows = rows, .count = COUNT_OF(kinds) };

	for (unsigned i = 0; i < COUNT_OF(kinds); i++) {
		int64_t moment, count = 0;
		bool ends = find_moment(session, &kinds[i], &moment);

		if (ends && (dry ? count_rows : delete_rows)(
				session, &kinds[i], BIND_MOMENT(moment), &count) != 0)
			return session_error(session);
		values[i][0] = BIND_STR(str_from(kinds[i].what));
		values[i][1] = BIND_MOMENT(moment);
		values[i][1].null = !ends;
		values[i][2] = BIND_INT(count);
		rows[i] = values[i];
	}
	if (dry)
		session_note(session, "Nothing was deleted.");
	else if (secret_convert(session) != COMMAND_OK)
		return COMMAND_FAILED;
	return print_rows(session, columns, COUNT_OF(columns), &result);
}

static const struct command_flag flags[] = {
	{ .name = "dry-run", .doc = "Only count what would be deleted." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command expire_commands[] = {
	{ .words = "expire",
	    .arguments = "[--dry-run]",
	    .flags = flags,
	    .doc = "Delete old log entries, old mail and idempotency keys that have ended.",
	    .run = expire },
	{ 0 },
};
