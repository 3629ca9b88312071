#include "api/queue_kinds.h"
#include "base/timestamp.h"
#include "cli/migrate.h"
#include "cli/print.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "queue/admin.h"
#include "record/audit.h"
#include "record/row_count.h"
#include "schema/resource.h"

/* Bytes and rows of one statement: small enough that no writer waits long, nor a cluster, which
 * takes a transaction as a whole. A row that is larger goes by itself. */
#define CHUNK_BYTES (1024 * 1024)
#define CHUNK_ROWS 2000
#define ROW_BYTES "200" /* of what is not counted by name */

static const struct print_column columns[] = {
	{ "what", "WHAT", PRINT_TEXT },
	{ "before", "BEFORE", PRINT_MOMENT },
	{ "rows", "ROWS", PRINT_INTEGER },
	{ "error", "ERROR", PRINT_TEXT },
};

/* One kind of rows that grow old. */
struct kind {
	const char *what;
	const char *table;
	const char *condition; /* with one moment to bind: rows before it go */
	const char *order;     /* the oldest first */
	const char *size;      /* bytes of a row's long members; NULL = it has none */
	const char *stamp;     /* notes since when rows are old; NULL = they know it */
	size_t retention;      /* offset in struct settings; 0 = until now */
	bool counted;          /* has a row counter */
};

static const struct kind kinds[] = {
	{ .what = "log entries",
	    .table = AUDIT_TABLE,
	    .condition = "time_stamp < ?",
	    .order = "time_stamp, id",
	    .size = "LENGTH(message) + LENGTH(message_template) + IFNULL(LENGTH(exception), 0) + "
		    "IFNULL(LENGTH(properties), 0)",
	    .retention = offsetof(struct settings, log_retention),
	    .counted = true },
	{ .what = "mail",
	    .table = "mail_message",
	    .condition =
		"created_at < ? AND NOT EXISTS (SELECT 1 FROM queue_item q WHERE q.content_id = "
		"mail_message.id) AND NOT EXISTS (SELECT 1 FROM mail_outbox o WHERE o.message_id = "
		"mail_message.id AND o.status = 'queued')",
	    .order = "created_at, id",
	    .size = "LENGTH(subject) + LENGTH(body) + LENGTH(recipients) * 2 + LENGTH(attachments)",
	    .retention = offsetof(struct settings, mail_retention) },
	{ .what = "sessions",
	    .table = "oauth_session",
	    .condition = "expires_at < ?",
	    .order = "expires_at, id",
	    .size = "2000" /* its tokens go with it */ },
	{ .what = "tokens",
	    .table = "oauth_token",
	    .condition = "expires_at < ?",
	    .order = "expires_at, token_hash" },
	{ .what = "idempotency keys",
	    .table = "idempotency",
	    .condition = "expires_at < ?",
	    .order = "expires_at, key_hash",
	    .size = "LENGTH(response)" },
	/* Those of before schema 12 do not say when they were revoked, nor do older programs. */
	{ .what = "API keys",
	    .table = "api_key",
	    .condition =
		"LEAST(IFNULL(revoked_at, expires_at), IFNULL(expires_at, revoked_at)) < ?",
	    .order = "id",
	    .stamp = "UPDATE api_key SET revoked_at = IF(revoked, UTC_TIMESTAMP(6), NULL) "
		     "WHERE revoked <> (revoked_at IS NOT NULL)",
	    .retention = offsetof(struct settings, credential_retention) },
	{ .what = "API clients",
	    .table = "api_client",
	    .condition = "expires_at < ?",
	    .order = "expires_at, id",
	    .size = "20000" /* its secrets, sessions and tokens go with it */,
	    .retention = offsetof(struct settings, credential_retention) },
	{ .what = "client secrets",
	    .table = "api_client_secret",
	    .condition = "expires_at < ?",
	    .order = "expires_at, client_id, number",
	    .retention = offsetof(struct settings, credential_retention) },
	{ .what = "registration tokens",
	    .table = "oauth_registration_token",
	    .condition = "IF(uses_left = 0, IFNULL(last_used_at, created_at), expires_at) < ?",
	    .order = "id",
	    .retention = offsetof(struct settings, credential_retention) },
	{ .what = "applications",
	    .table = "discovery_client",
	    .condition = "updated_at < ?",
	    .order = "updated_at, id",
	    .size = "2000" /* its associations go with it */,
	    .retention = offsetof(struct settings, application_retention) },
	{ .what = "discovery groups",
	    .table = "discovery_group",
	    .condition = "GREATEST(created_at, synchronised_at) < ? AND NOT EXISTS (SELECT 1 FROM "
			 "discovery_client c WHERE c.group_id = discovery_group.id)",
	    .order = "created_at, id",
	    .retention = offsetof(struct settings, application_retention) },
	{ .what = "delegate groups",
	    .table = "delegate_group",
	    .condition = "deleted_at < ?",
	    .order = "deleted_at, id",
	    .size = "50 * (SELECT COUNT(*) FROM delegate_association a WHERE a.group_id = "
		    "delegate_group.id)",
	    .retention = offsetof(struct settings, group_retention) },
	{ .what = "license traces",
	    .table = "license_trace",
	    .condition = "created_at < ?",
	    .order = "created_at, id",
	    .size = "IFNULL(LENGTH(meta), 0)",
	    .retention = offsetof(struct settings, trace_retention),
	    .counted = true },
	{ .what = "reports",
	    .table = "report",
	    .condition = "report_date < ?",
	    .order = "report_date, id",
	    .size = "IFNULL(LENGTH(content), 0) + (SELECT IFNULL(SUM(" ROW_BYTES
		    " + IFNULL(LENGTH(p.value), 0)), 0) FROM report_property p WHERE p.report_id = "
		    "report.id)",
	    .retention = offsetof(struct settings, report_retention),
	    .counted = true },
	/* Caches live for a minute; the rest is for clocks that differ. */
	{ .what = "revocation marks",
	    .table = "revocation_mark",
	    .condition = "made_at < ? - INTERVAL 1 HOUR",
	    .order = "made_at, origin, number" },
};

/* Of each kind of the queue what is done, and what was given up; before what they refer to. */
#define QUEUE_KINDS (QUEUE_KIND__MAX * (QUEUE_STATE__MAX - 1))
#define ALL_KINDS (QUEUE_KINDS + COUNT_OF(kinds))

static struct kind queue_kind(struct arena *arena, unsigned number)
{
	const struct queue_kind *kind = &queue_kinds[number / (QUEUE_STATE__MAX - 1)];
	enum queue_state state = (enum queue_state)(QUEUE_DONE + number % (QUEUE_STATE__MAX - 1));

	return (struct kind){
		.what = arena_printf(arena, "queue, %s %s", kind->name, kind->words[state]),
		.table = QUEUE_TABLE,
		.condition = queue_finished_before(arena, kind, state),
		.order = "finished_at, id",
		.size = "LENGTH(payload)",
		.retention = kind->retention[state],
	};
}

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
	struct session *session;
	const struct kind *kind;
	const char *measure, *delete; /* statements */
	struct bind moment;
	int64_t deleted; /* 0 = there is nothing left */
};

static void write_statements(struct chunk *chunk)
{
	const struct kind *kind = chunk->kind;
	struct arena *arena = chunk->session->arena;

	/* How many rows there are, and how many of the oldest fit. */
	chunk->measure = arena_printf(arena,
	    "SELECT COUNT(*), CAST(IFNULL(SUM(total <= %d), 0) AS SIGNED) FROM (SELECT SUM(bytes) "
	    "OVER (ORDER BY place) AS total FROM (SELECT ROW_NUMBER() OVER (ORDER BY %s) AS "
	    "place, " ROW_BYTES
	    " + %s AS bytes FROM %s WHERE %s ORDER BY %s LIMIT %d) AS oldest) AS sums",
	    CHUNK_BYTES, kind->order, kind->size != NULL ? kind->size : "0", kind->table,
	    kind->condition, kind->order, CHUNK_ROWS);
	chunk->delete = arena_printf(arena, "DELETE FROM %s WHERE %s ORDER BY %s LIMIT ?",
	    kind->table, kind->condition, kind->order);
}

static int delete_chunk(void *context, struct error *error)
{
	static const enum bind_kind types[] = { BIND_INTEGER, BIND_INTEGER };
	struct chunk *chunk = context;
	struct database *database = chunk->session->database;
	struct bind binds[] = { chunk->moment, BIND_INT(1) };
	struct outcome outcome;
	struct result result;

	chunk->deleted = 0;
	if (database_select(database, chunk->session->arena, chunk->measure, binds, 1, types,
		COUNT_OF(types), &result, error) != 0)
		return -1;
	if (result.rows[0][0].integer == 0)
		return 0;
	if (result.rows[0][1].integer > 0)
		binds[1] = result.rows[0][1];
	if (database_execute(database, chunk->delete, binds, COUNT_OF(binds), &outcome, error) != 0)
		return -1;
	chunk->deleted = (int64_t)outcome.affected;
	return chunk->kind->counted
		   ? row_count_add(database, chunk->kind->table, -chunk->deleted, error)
		   : 0;
}

static int delete_rows(
    struct session *session, const struct kind *kind, struct bind moment, int64_t *count)
{
	struct chunk chunk = { .session = session, .kind = kind, .moment = moment };

	write_statements(&chunk);
	*count = 0;
	if (kind->stamp != NULL && database_execute(session->database, kind->stamp, NULL, 0,
				       &(struct outcome){ 0 }, &session->error) != 0)
		return -1;
	do {
		if (database_transaction(
			session->database, delete_chunk, &chunk, &session->error) != 0)
			return -1;
		*count += chunk.deleted;
	} while (chunk.deleted > 0);
	return 0;
}

/* Deals with one kind, and fills its row of the report. A fault is the kind's own: the others go
 * on. */
static enum command_status expire_kind(
    struct session *session, const struct kind *kind, bool dry, struct bind *row)
{
	int64_t moment, count = 0;
	bool ends = find_moment(session, kind, &moment);
	int result =
	    ends ? (dry ? count_rows : delete_rows)(session, kind, BIND_MOMENT(moment), &count) : 0;
	const char *detail = session->error.detail;

	row[0] = BIND_STR(str_from(kind->what));
	row[1] = BIND_MOMENT(moment);
	row[1].null = !ends;
	row[2] = BIND_INT(count);
	row[3] = BIND_STR(str_from(detail != NULL ? detail : "it failed"));
	row[3].null = result == 0;
	if (result == 0)
		return COMMAND_OK;
	session_note(session, "%s: " STR_FORMAT, kind->what, STR_ARGUMENTS(row[3].text));
	error_clear(&session->error);
	return COMMAND_FAILED;
}

static enum command_status expire(struct session *session)
{
	bool dry = session_flag(session, "dry-run") != NULL;
	struct bind values[ALL_KINDS][COUNT_OF(columns)];
	struct bind *rows[ALL_KINDS];
	struct result result = { .rows = rows, .count = ALL_KINDS };
	enum command_status status = COMMAND_OK;

	for (unsigned i = 0; i < ALL_KINDS; i++) {
		struct kind kind =
		    i < QUEUE_KINDS ? queue_kind(session->arena, i) : kinds[i - QUEUE_KINDS];

		rows[i] = values[i];
		if (expire_kind(session, &kind, dry, rows[i]) != COMMAND_OK)
			status = COMMAND_FAILED;
	}
	if (dry)
		session_note(session, "Nothing was deleted.");
	else if (migrate_adopt(session) != COMMAND_OK || secret_convert(session) != COMMAND_OK)
		status = COMMAND_FAILED;
	if (print_rows(session, columns, COUNT_OF(columns), &result) != COMMAND_OK)
		status = COMMAND_FAILED;
	return status;
}

static const struct command_flag flags[] = {
	{ .name = "dry-run", .doc = "Count the rows that would be deleted; delete nothing." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command expire_commands[] = {
	{ .words = "expire",
	    .arguments = "[--dry-run]",
	    .flags = flags,
	    .doc = "Delete old rows, and credentials, OAuth sessions and idempotency keys that "
		   "have ended.",
	    .run = expire },
	{ 0 },
};
