#include "queue/admin.h"

#include "schema/resource.h"

int queue_list(struct database *database, struct arena *arena, const struct queue_kind *kind,
    enum queue_state state, int64_t most, struct result *result, struct error *error)
{
	static const enum bind_kind columns[QUEUE_COLUMN__MAX] = {
		[QUEUE_COLUMN_ID] = BIND_INTEGER,
		[QUEUE_COLUMN_KIND] = BIND_TEXT,
		[QUEUE_COLUMN_STATE] = BIND_TEXT,
		[QUEUE_COLUMN_TARGET] = BIND_TEXT,
		[QUEUE_COLUMN_PAYLOAD] = BIND_TEXT,
		[QUEUE_COLUMN_TITLE] = BIND_TEXT,
		[QUEUE_COLUMN_ATTEMPTS] = BIND_INTEGER,
		[QUEUE_COLUMN_CREATED] = BIND_TIME,
		[QUEUE_COLUMN_DUE] = BIND_TIME,
		[QUEUE_COLUMN_FINISHED] = BIND_TIME,
		[QUEUE_COLUMN_ERROR] = BIND_TEXT,
	};
	const struct bind values[] = { BIND_STR(str_from(kind->name)),
		BIND_STR(str_from(queue_state_name(state))), BIND_INT(most) };
	const char *sql = arena_printf(arena,
	    "SELECT q.id, q.kind, q.state, q.target, q.payload, %s, q.attempts, q.created_at, "
	    "q.due_at, q.finished_at, q.last_error FROM " QUEUE_TABLE
	    " q WHERE q.kind = ? AND q.state = ? ORDER BY q.id LIMIT ?",
	    kind->title != NULL ? kind->title : "q.payload");

	if (sql == NULL)
		return error_out_of_memory(error);
	return database_select(database, arena, sql, values, COUNT_OF(values), columns,
	    COUNT_OF(columns), result, error);
}

int queue_count(struct database *database, struct arena *arena, const struct queue_kind *kind,
    enum queue_state state, int64_t *count, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	const struct bind values[] = { BIND_STR(str_from(kind->name)),
		BIND_STR(str_from(queue_state_name(state))) };
	struct result result;

	if (database_select(database, arena,
		"SELECT COUNT(*) FROM " QUEUE_TABLE " WHERE kind = ? AND state = ?", values,
		COUNT_OF(values), columns, COUNT_OF(columns), &result, error) != 0)
		return -1;
	*count = result.rows[0][0].integer;
	return 0;
}

/* A change of dead letters: of one, and of a portion of all, after which they are dead no more. */
struct change {
	const char *one, *portion;
};

static int change_dead(struct database *database, const struct change *change,
    const struct queue_kind *kind, const int64_t *id, int64_t *count, struct error *error)
{
	const struct bind values[] = { BIND_STR(str_from(kind->name)),
		BIND_INT(id != NULL ? *id : QUEUE_PORTION) };
	struct outcome outcome;

	if (database_execute(database, id != NULL ? change->one : change->portion, values,
		COUNT_OF(values), &outcome, error) != 0)
		return -1;
	*count = (int64_t)outcome.affected;
	return 0;
}

#define PUT_BACK                                                                                  \
	"UPDATE " QUEUE_TABLE " SET state = 'waiting', attempts = 0, due_at = UTC_TIMESTAMP(6), " \
	"finished_at = NULL WHERE kind = ? AND "

int queue_replay(struct database *database, const struct queue_kind *kind, const int64_t *id,
    int64_t *count, struct error *error)
{
#define REPLAY PUT_BACK "state = 'dead'"
	static const struct change replay = {
		.one = REPLAY " AND id = ?",
		.portion = REPLAY " ORDER BY id LIMIT ?",
	};

	return change_dead(database, &replay, kind, id, count, error);
}

int queue_discard(struct database *database, const struct queue_kind *kind, const int64_t *id,
    int64_t *count, struct error *error)
{
#define DISCARD "DELETE FROM " QUEUE_TABLE " WHERE kind = ? AND state = 'dead'"
	static const struct change discard = {
		.one = DISCARD " AND id = ?",
		.portion = DISCARD " ORDER BY id LIMIT ?",
	};

	return change_dead(database, &discard, kind, id, count, error);
}

int queue_forget(struct database *database, const struct queue_kind *kind, struct str target,
    struct error *error)
{
	const struct bind values[] = { BIND_STR(str_from(kind->name)), BIND_STR(target) };
	struct outcome outcome;

	return database_execute(database,
	    "DELETE FROM " QUEUE_TABLE
	    " WHERE kind = ? AND state IN ('waiting', 'done', 'dead') AND target = ?",
	    values, COUNT_OF(values), &outcome, error);
}

int queue_repeat(struct database *database, const struct queue_kind *kind, struct uuid content,
    struct error *error)
{
	const struct bind values[] = { BIND_STR(str_from(kind->name)), BIND_ID(content) };
	struct outcome outcome;

	if (database_execute(database, PUT_BACK "content_id = ? AND state <> 'waiting'", values,
		COUNT_OF(values), &outcome, error) != 0)
		return -1;
	return outcome.affected > 0;
}

const char *queue_finished_before(
    struct arena *arena, const struct queue_kind *kind, enum queue_state state)
{
	return arena_printf(arena, "kind = '%s' AND state = '%s' AND finished_at < ?", kind->name,
	    queue_state_name(state));
}
