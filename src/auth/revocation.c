#include "auth/revocation.h"

#include "base/timestamp.h"
#include "schema/resource.h"

#define MARKS_SCHEMA 11 /* programs of earlier ones know the counter alone */

/* What one look takes in; with more of it all credentials go. */
#define ORIGINS_MOST 2048
#define MARKS_MOST 1024
#define BATCH 8 /* origins of one statement */

/* --- what is revoked here --- */

void revocation_begin(struct revocations *revocations)
{
	revocations->written = 0;
	revocations->raised = revocations->counted = revocations->held = false;
}

void revocation_hold(struct revocations *revocations)
{
	revocations->held = true;
}

static int run_update(struct database *database, const char *sql, struct error *error)
{
	struct outcome outcome;

	return database_execute(database, sql, NULL, 0, &outcome, error);
}

int revocation_claim(struct database *database, struct error *error)
{
	return run_update(database,
	    "UPDATE revocation SET counter = counter + 1, marked = marked + 1 WHERE id = 1", error);
}

static int raise_counter(struct database *database, struct error *error)
{
	return run_update(
	    database, "UPDATE revocation SET counter = counter + 1 WHERE id = 1", error);
}

static int mark_all(struct revocations *revocations, struct database *database, struct error *error)
{
	bool raised = revocations->raised;

	revocations->all = revocations->raised = true;
	return raised || revocations->held ? 0 : raise_counter(database, error);
}

/* For programs that follow the counter; they need no more than one rise of a transaction. */
static int tell_older_programs(
    struct revocations *revocations, struct database *database, struct error *error)
{
	int oldest;

	if (revocations->counted || revocations->raised)
		return 0;
	if (database_oldest_program(database, &oldest, error) != 0)
		return -1;
	revocations->counted = true;
	return oldest < MARKS_SCHEMA ? revocation_claim(database, error) : 0;
}

/* Writes the marks whose bits are set, in one statement. */
static int write_marks(struct database *database, const struct revocations *revocations,
    uint32_t set, struct error *error)
{
	static const char row[] = "(?, ?, ?, ?, UTC_TIMESTAMP(6))";
	struct bind parameters[4 * REVOCATION_MARKS];
	struct outcome outcome;
	struct buf sql = { 0 };
	unsigned count = 0;
	int result;

	buf_append_text(
	    &sql, "INSERT INTO revocation_mark (origin, number, kind, subject, made_at) VALUES ");
	for (unsigned i = 0; i < revocations->count; i++) {
		const struct mark *mark = &revocations->marks[i];
		struct database_ordinal ordinal;

		if (!(set & UINT32_C(1) << i))
			continue;
		ordinal = database_ordinal(database);
		buf_append_text(&sql, count > 0 ? ", " : "");
		buf_append_text(&sql, row);
		parameters[count++] = BIND_INT(ordinal.origin);
		parameters[count++] = BIND_INT(ordinal.number);
		parameters[count++] = BIND_INT(mark->kind);
		parameters[count++] = BIND_ID(mark->subject);
	}
	result = sql.failed
		     ? error_out_of_memory(error)
		     : database_execute(database, sql.data, parameters, count, &outcome, error);
	buf_free(&sql);
	return result;
}

/* Its place among the noted; REVOCATION_MARKS when there is no room for it. */
static unsigned note(struct revocations *revocations, const struct mark *mark)
{
	unsigned i = 0;

	while (i < revocations->count && !mark_equal(&revocations->marks[i], mark))
		i++;
	if (i == revocations->count && i < REVOCATION_MARKS)
		revocations->marks[revocations->count++] = *mark;
	return i;
}

int revocation_mark(struct revocations *revocations, struct database *database, struct mark mark,
    struct error *error)
{
	/* A mark that names nothing would be heeded by nobody. */
	bool named = mark.kind != MARK_ALL && !uuid_is_zero(&mark.subject);
	unsigned i = named ? note(revocations, &mark) : REVOCATION_MARKS;

	if (i == REVOCATION_MARKS)
		return mark_all(revocations, database, error);
	if (revocations->raised || (revocations->written & UINT32_C(1) << i))
		return 0;
	revocations->written |= UINT32_C(1) << i;
	if (revocations->held)
		return 0;
	if (tell_older_programs(revocations, database, error) != 0)
		return -1;
	return write_marks(database, revocations, UINT32_C(1) << i, error);
}

int revocation_write(
    struct revocations *revocations, struct database *database, struct error *error)
{
	if (!revocations->held)
		return 0;
	revocations->held = false;
	if (revocations->raised)
		return raise_counter(database, error);
	if (revocations->written == 0)
		return 0;
	if (tell_older_programs(revocations, database, error) != 0)
		return -1;
	return write_marks(database, revocations, revocations->written, error);
}

void revocation_announce(const struct revocations *revocations, struct epoch *epoch)
{
	if (revocations->all)
		epoch_advance(epoch);
	else
		for (unsigned i = 0; i < revocations->count; i++)
			epoch_mark(epoch, &revocations->marks[i]);
}

/* --- what is revoked elsewhere --- */

enum look { LOOK_ORIGIN, LOOK_NUMBER, LOOK__MAX };

/* The counter as that of origin 0, which no mark has. */
static const char look_query[] =
    "SELECT 0, counter - marked FROM revocation WHERE id = 1 UNION ALL "
    "SELECT origin, MAX(number) FROM revocation_mark GROUP BY origin LIMIT 2050";

enum found { FOUND_ORIGIN, FOUND_NUMBER, FOUND_KIND, FOUND_SUBJECT, FOUND__MAX };

/* Of several origins at once: each is a range of the primary key. */
#define NEWER "(origin = ? AND number > ?)"
#define OR_NEWER " OR " NEWER

static const char marks_query[] =
    "SELECT origin, number, kind, subject FROM revocation_mark WHERE " NEWER OR_NEWER OR_NEWER
	OR_NEWER OR_NEWER OR_NEWER OR_NEWER OR_NEWER " ORDER BY origin, number LIMIT 1025";

/* One look at the database. */
struct follower {
	struct epoch *epoch;
	struct database *database;
	struct arena *arena;
	int64_t now;
};

/* All credentials go, and with them what was to be read. */
static void give_up(const struct follower *follower, const struct result *look)
{
	epoch_advance(follower->epoch);
	for (unsigned i = 0; i < look->count; i++) {
		if (look->rows[i][LOOK_ORIGIN].integer != 0)
			epoch_note_seen(follower->epoch, look->rows[i][LOOK_ORIGIN].integer,
			    look->rows[i][LOOK_NUMBER].integer, follower->now);
	}
}

/*
 * Marks of some origins; returns how many, -1 with an error. What was read is noted, not what there
 * was said to be: the connection may have moved to a node that is behind.
 */
static int read_batch(
    const struct follower *follower, const struct bind parameters[2 * BATCH], struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_INTEGER, BIND_INTEGER,
		BIND_UUID };
	struct result found;

	if (database_select(follower->database, follower->arena, marks_query, parameters, 2 * BATCH,
		columns, FOUND__MAX, &found, error) != 0)
		return -1;
	for (unsigned i = 0; i < found.count; i++) {
		const struct bind *row = found.rows[i];
		const struct mark mark =
		    MARK((enum mark_kind)row[FOUND_KIND].integer, row[FOUND_SUBJECT].uuid);

		epoch_mark(follower->epoch, &mark);
		epoch_note_seen(follower->epoch, row[FOUND_ORIGIN].integer,
		    row[FOUND_NUMBER].integer, follower->now);
	}
	return (int)found.count;
}

/* Takes the next origins with marks that nobody here has read; returns how many. */
static unsigned next_batch(const struct follower *follower, const struct result *look,
    unsigned *row, struct bind parameters[2 * BATCH])
{
	unsigned count = 0;

	for (unsigned i = 0; i < 2 * BATCH; i++)
		parameters[i] = BIND_INT(0);
	for (; *row < look->count && count < BATCH; ++*row) {
		int64_t origin = look->rows[*row][LOOK_ORIGIN].integer;
		int64_t seen = epoch_seen(follower->epoch, origin);

		if (origin == 0 || look->rows[*row][LOOK_NUMBER].integer <= seen)
			continue;
		parameters[2 * count] = BIND_INT(origin);
		parameters[2 * count + 1] = BIND_INT(seen);
		count++;
	}
	return count;
}

/* What is still there keeps its place in the memory. */
static void keep_unchanged(const struct follower *follower, const struct result *look)
{
	for (unsigned i = 0; i < look->count; i++) {
		int64_t origin = look->rows[i][LOOK_ORIGIN].integer;
		int64_t seen = epoch_seen(follower->epoch, origin);

		if (origin != 0 && seen != 0)
			epoch_note_seen(follower->epoch, origin, seen, follower->now);
	}
}

static int take_in(const struct follower *follower, const struct result *look, struct error *error)
{
	struct bind parameters[2 * BATCH];
	unsigned row = 0, marks = 0;

	if (look->count > ORIGINS_MOST) {
		give_up(follower, look);
		return 0;
	}
	keep_unchanged(follower, look);
	while (next_batch(follower, look, &row, parameters) > 0) {
		int found = read_batch(follower, parameters, error);

		if (found < 0)
			return -1;
		marks += (unsigned)found;
		if (marks > MARKS_MOST) {
			give_up(follower, look);
			return 0;
		}
	}
	return 0;
}

int revocation_follow(
    struct epoch *epoch, struct database *database, struct arena *arena, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_INTEGER };
	const struct follower follower = { epoch, database, arena, timestamp_monotonic() };
	bool first = false;
	struct result look;

	if (database_select(
		database, arena, look_query, NULL, 0, columns, LOOK__MAX, &look, error) != 0)
		return -1;
	for (unsigned i = 0; i < look.count; i++) {
		if (look.rows[i][LOOK_ORIGIN].integer == 0)
			first = epoch_follow(epoch, (uint64_t)look.rows[i][LOOK_NUMBER].integer);
	}
	if (!first)
		return take_in(&follower, &look, error);
	give_up(&follower, &look);
	return 0;
}
