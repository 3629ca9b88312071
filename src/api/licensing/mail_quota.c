/*
 * SQL of its own: one statement decides by the clock of the database and takes, so that all who
 * send for one user follow one another, on all nodes, and nobody's clock counts.
 */
#include "api/licensing/mail_quota.h"

#define QUOTA_SECONDS 3600
#define QUOTA_WINDOW "INTERVAL 3600 SECOND"

/* How long the caller waits until the quota has room for mail that takes so long of it. */
static int refuse_quota(
    struct operation *operation, struct bind user, struct bind cost, struct error *error)
{
	static const enum bind_kind columns[] = { BIND_INTEGER };
	const struct bind binds[] = { cost, user };
	struct result result;
	int64_t wait = 1;

	if (database_select(operation->context.database, operation->context.arena,
		"SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6) + " QUOTA_WINDOW ", "
		"full_at + INTERVAL ? MICROSECOND) + 1 FROM mail_quota WHERE user_id = ?",
		binds, COUNT_OF(binds), columns, 1, &result, error) != 0)
		return -1;
	if (result.count == 1)
		wait = result.rows[0][0].integer;
	return error_set_wait(error, ERROR_TOO_MANY, wait,
	    "A user may send mail to %lld recipients per hour; try again in %lld seconds.",
	    (long long)operation->context.settings->mail_quota, (long long)wait);
}

int mail_quota_take(struct operation *operation, unsigned recipients, struct error *error)
{
	int64_t quota = operation->context.settings->mail_quota;
	const struct bind user = BIND_ID(operation->context.actor.principal->user);
	struct bind binds[] = { BIND_INT(0), user, BIND_INT(0) };
	struct outcome outcome;

	if (quota == 0)
		return 0;
	if (recipients > quota)
		return error_add_fault(error, "to",
		    "The to field has more than the %lld recipients that a user may send to per "
		    "hour.",
		    (long long)quota);
	binds[0] = binds[2] =
	    BIND_INT(QUOTA_SECONDS * MICROSECONDS_PER_SECOND * recipients / quota);
	if (database_execute(operation->context.database,
		"INSERT INTO mail_quota (user_id, full_at) VALUES (?, UTC_TIMESTAMP(6)) "
		"ON DUPLICATE KEY UPDATE full_at = GREATEST(full_at, UTC_TIMESTAMP(6))",
		&user, 1, &outcome, error) != 0 ||
	    database_execute(operation->context.database,
		"UPDATE mail_quota SET full_at = full_at + INTERVAL ? MICROSECOND WHERE user_id = "
		"? "
		"AND full_at + INTERVAL ? MICROSECOND <= UTC_TIMESTAMP(6) + " QUOTA_WINDOW,
		binds, COUNT_OF(binds), &outcome, error) != 0)
		return -1;
	return outcome.affected == 1 ? 0 : refuse_quota(operation, user, binds[0], error);
}
