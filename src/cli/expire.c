#include "api/discovery/presence.h"
#include "api/expiry_kinds.h"
#include "api/licensing/kept.h"
#include "cli/migrate.h"
#include "cli/print.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "record/tally.h"

enum { COLUMN_WHAT, COLUMN_BEFORE, COLUMN_ROWS, COLUMN_ERROR, COLUMN__MAX };

static const struct print_column columns[COLUMN__MAX] = {
	[COLUMN_WHAT] = { "what", "WHAT", PRINT_TEXT },
	[COLUMN_BEFORE] = { "before", "BEFORE", PRINT_MOMENT },
	[COLUMN_ROWS] = { "rows", "ROWS", PRINT_INTEGER },
	[COLUMN_ERROR] = { "error", "ERROR", PRINT_TEXT },
};

/* Deals with one kind, and fills its row of the report. A fault is the kind's own: the others go
 * on. */
static enum command_status expire_kind(struct session *session, struct context *context,
    const struct expiry *kind, bool dry, struct bind *row)
{
	int64_t moment, count = 0;
	bool ends = expiry_moment(kind, session->settings, &moment);
	int result = ends ? (dry ? expiry_count : expiry_delete)(
				context, kind, moment, &count, &session->error)
			  : 0;
	const char *detail = session->error.detail;

	row[COLUMN_WHAT] = BIND_STR(str_from(kind->what));
	row[COLUMN_BEFORE] = BIND_MOMENT(moment);
	row[COLUMN_BEFORE].null = !ends;
	row[COLUMN_ROWS] = BIND_INT(count);
	row[COLUMN_ERROR] = BIND_STR(str_from(detail != NULL ? detail : "it failed"));
	row[COLUMN_ERROR].null = result == 0;
	if (result == 0)
		return COMMAND_OK;
	session_note(session, "%s: " STR_FORMAT, kind->what, STR_ARGUMENTS(row[COLUMN_ERROR].text));
	error_clear(&session->error);
	return COMMAND_FAILED;
}

/* The report has a row for each kind, whatever became of it. */
static enum command_status expire_kinds(
    struct session *session, const struct expiry *kinds, unsigned count, bool dry)
{
	struct context *context = session_context(session);
	struct bind(*values)[COLUMN__MAX] =
	    arena_alloc_array(session->arena, count, sizeof(*values));
	struct result result = { .count = count,
		.rows = arena_alloc_array(session->arena, count, sizeof(*result.rows)) };
	enum command_status status = COMMAND_OK;

	if (context == NULL || values == NULL || result.rows == NULL)
		return session_fail(session, "Out of memory.");
	session_act_as(session, "expiry");
	for (unsigned i = 0; i < count; i++) {
		result.rows[i] = values[i];
		if (expire_kind(session, context, &kinds[i], dry, values[i]) != COMMAND_OK)
			status = COMMAND_FAILED;
	}
	if (print_rows(session, columns, COUNT_OF(columns), &result) != COMMAND_OK)
		status = COMMAND_FAILED;
	return status;
}

/*
 * Numbers that are kept of rows are compared with the rows, the day's seats are noted, and
 * applications whose lease is over while nobody asks.
 */
static enum command_status settle_kinds(
    struct session *session, const struct expiry *kinds, unsigned count)
{
	struct context *context = session_context(session);
	struct seat_counts seats;

	for (unsigned i = 0; i < count; i++) {
		if (kinds[i].resource != NULL &&
		    tally_settle(context, kinds[i].resource, &session->error) != 0)
			return session_error(session);
	}
	if (seats_keep(context, &seats, &session->error) != 0 ||
	    presence_look_everywhere(context, &session->error) != 0)
		return session_error(session);
	return COMMAND_OK;
}

static enum command_status expire(struct session *session)
{
	bool dry = session_flag(session, "dry-run") != NULL;
	unsigned count = 0;
	const struct expiry *kinds = expiry_kinds(session->arena, &count);
	enum command_status status;

	if (kinds == NULL)
		return session_fail(session, "Out of memory.");
	status = expire_kinds(session, kinds, count, dry);
	if (dry)
		session_note(session, "Nothing was deleted.");
	else if (settle_kinds(session, kinds, count) != COMMAND_OK ||
		 migrate_adopt(session) != COMMAND_OK || secret_convert(session) != COMMAND_OK)
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
