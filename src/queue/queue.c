#include "queue/queue.h"

#include "base/timestamp.h"
#include "db/sql.h"
#include "schema/resource.h"

static void bind_entry(
    struct sql *sql, const struct queue_kind *kind, const struct queue_entry *entry, int64_t now)
{
	struct bind once = BIND_STR(entry->once), content = BIND_ID(entry->content);

	once.null = entry->once.length == 0;
	content.null = uuid_is_zero(&entry->content);
	sql_bind(sql, BIND_STR(str_from(kind->name)));
	sql_bind(sql, BIND_STR(entry->target));
	sql_bind(sql, once);
	sql_bind(sql, content);
	sql_bind(sql, BIND_STR(entry->payload));
	sql_bind(sql, BIND_MOMENT(now));
	sql_bind(sql, BIND_MOMENT(entry->due != 0 ? entry->due : now));
}

int queue_put(struct database *database, struct arena *arena, const struct queue_kind *kind,
    const struct queue_entry *entries, unsigned count, struct error *error)
{
	int64_t now = timestamp_now();
	struct outcome outcome;
	bool once = false;
	struct sql sql;

	sql_init(&sql, arena);
	sql_append(&sql,
	    "INSERT INTO " QUEUE_TABLE " (kind, target, once_key, content_id, payload, "
	    "created_at, due_at) VALUES ");
	for (unsigned i = 0; i < count; i++) {
		sql_append(&sql, i > 0 ? ", (?, ?, ?, ?, ?, ?, ?)" : "(?, ?, ?, ?, ?, ?, ?)");
		bind_entry(&sql, kind, &entries[i], now);
		once = once || entries[i].once.length > 0;
	}
	/* Anything but a key that is there shall fail. */
	if (once)
		sql_append(&sql, " ON DUPLICATE KEY UPDATE id = id");
	return sql_run_change(&sql, database, &outcome, error);
}

/* A due item as it was found. */
struct candidate {
	int64_t due;
	struct queue_item item;
};

#define MEMBERS "q.id, q.attempts, q.due_at, q.target, q.content_id, q.payload, q.created_at"
#define SOONEST " ORDER BY q.due_at, q.id LIMIT 1"

static const char any_due[] =
    "SELECT " MEMBERS " FROM " QUEUE_TABLE " q WHERE q.kind = ? AND q.due_at <= ?" SOONEST;

/* By the index on kind, state and target, of which it looks at one entry for each target. */
static const char first_due[] =
    "SELECT " MEMBERS " FROM (SELECT MIN(id) AS id FROM " QUEUE_TABLE
    " WHERE kind = ? AND state = 'waiting' GROUP BY kind, state, target) head JOIN " QUEUE_TABLE
    " q ON q.id = head.id WHERE q.due_at <= ?" SOONEST;

const char *queue_due_statement(const struct queue_kind *kind)
{
	return kind->in_order ? first_due : any_due;
}

/* Returns 1 with a row that is due, 0 when there is none, -1 on an error. */
static int find_due(struct database *database, struct arena *arena, const struct queue_kind *kind,
    int64_t now, struct candidate *candidate, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_INTEGER, BIND_TIME, BIND_TEXT,
		BIND_UUID, BIND_TEXT, BIND_TIME };
	const struct bind values[] = { BIND_STR(str_from(kind->name)), BIND_MOMENT(now) };
	struct result result;
	const struct bind *row;

	if (database_select(database, arena, queue_due_statement(kind), values, COUNT_OF(values),
		columns, COUNT_OF(columns), &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	row = result.rows[0];
	candidate->due = row[2].integer;
	candidate->item = (struct queue_item){
		.id = row[0].integer,
		.attempt = row[1].integer + 1,
		.lease_end = now + kind->lease,
		.claim = uuid_random(),
		.target = row[3].text,
		.payload = row[5].text,
		.created_at = row[6].integer,
	};
	if (!row[4].null)
		candidate->item.content = row[4].uuid;
	return 1;
}

/* Returns 1 when the row is ours now, 0 when somebody was faster, -1 on an error. */
static int take_lease(
    struct database *database, const struct candidate *candidate, struct error *error)
{
	static const char sql[] = "UPDATE " QUEUE_TABLE " SET due_at = ?, claim = ?, attempts = "
				  "attempts + 1 WHERE id = ? AND due_at = ?";
	const struct queue_item *item = &candidate->item;
	const struct bind values[] = { BIND_MOMENT(item->lease_end), BIND_ID(item->claim),
		BIND_INT(item->id), BIND_MOMENT(candidate->due) };
	struct outcome outcome;

	if (database_execute(database, sql, values, COUNT_OF(values), &outcome, error) != 0)
		return -1;
	return outcome.affected == 1;
}

int queue_claim(struct database *database, struct arena *arena, const struct queue_kind *kind,
    const struct settings *settings, struct queue_item *item, struct error *error)
{
	int64_t now = timestamp_now();
	struct candidate candidate;
	int found, taken;

	do {
		found = find_due(database, arena, kind, now, &candidate, error);
		if (found <= 0)
			return found;
		taken = take_lease(database, &candidate, error);
	} while (taken == 0);
	*item = candidate.item;
	item->spent = item->attempt > queue_most_attempts(kind, settings);
	return taken;
}

int queue_settle(
    struct database *database, const struct queue_verdict *verdict, struct error *error)
{
	static const char sql[] =
	    "UPDATE " QUEUE_TABLE " SET state = ?, due_at = ?, finished_at = ?, claim = NULL, "
	    "last_error = ? WHERE id = ? AND claim = ?";
	bool waits = verdict->state == QUEUE_WAITING;
	struct bind values[] = {
		BIND_STR(str_from(queue_state_name(verdict->state))),
		BIND_MOMENT(verdict->due),
		BIND_MOMENT(verdict->now),
		BIND_STR(str_from(verdict->reason)),
		BIND_INT(verdict->item->id),
		BIND_ID(verdict->item->claim),
	};
	struct outcome outcome;

	values[1].null = !waits;
	values[2].null = waits;
	values[3].null = verdict->state == QUEUE_DONE;
	return database_execute(database, sql, values, COUNT_OF(values), &outcome, error);
}

int queue_pause(struct database *database, const struct queue_verdict *verdict, struct error *error)
{
	static const char sql[] =
	    "UPDATE " QUEUE_TABLE " SET due_at = ? WHERE kind = ? AND state = 'waiting' AND "
	    "target = ? AND id <> ? AND claim IS NULL AND due_at < ?";
	const struct bind until =
	    BIND_MOMENT(verdict->now + verdict->kind->pause * MICROSECONDS_PER_SECOND);
	const struct bind values[] = { until, BIND_STR(str_from(verdict->kind->name)),
		BIND_STR(verdict->item->target), BIND_INT(verdict->item->id), until };
	struct outcome outcome;

	if (verdict->kind->pause == 0)
		return 0;
	return database_execute(database, sql, values, COUNT_OF(values), &outcome, error);
}
