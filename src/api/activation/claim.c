/*
 * SQL of its own: claims compare what was read with what is there, and write a row of a table that
 * no resource has.
 */
#include "api/activation/claim.h"

#include "api/activation/judge.h"
#include "api/licensing/licensing.h"

/* Rows of machine_claim: few enough to stay, enough that two machines seldom wait for each other.
 */
#define BUCKETS "4096"

static const struct resource *const licenses = &activation_license_view;

int claim_as_read(
    struct context *context, const struct call *call, bool *claimed, struct error *error)
{
	struct value key = call->license->values[VIEW_ID];
	struct value claimed_at = call->license->values[VIEW_CLAIMED_AT];
	int64_t read = claimed_at.integer;
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "UPDATE license t SET t.claimed_at = ?");
	sql_bind(&sql, BIND_MOMENT(call->now > read ? call->now : read + 1));
	sql_where_field(&sql, licenses, VIEW_ID, &key);
	sql_where_field(&sql, licenses, VIEW_CLAIMED_AT, &claimed_at);
	if (sql_run_change(&sql, context->database, &outcome, error) != 0)
		return -1;
	*claimed = outcome.affected > 0;
	return 0;
}

int claim_machine(struct context *context, const struct call *call, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "INSERT INTO machine_claim (bucket, claims) VALUES (MOD(CRC32(?), " BUCKETS
			 "), 1) ON DUPLICATE KEY UPDATE claims = claims + 1");
	sql_bind(&sql, BIND_STR(call_text(call, REQUEST_MACHINE_ID)));
	return sql_run_change(&sql, context->database, &outcome, error);
}

int claim_limit(
    struct context *context, const struct row *license, bool *first, struct error *error)
{
	struct value key = license->values[VIEW_ID];
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "UPDATE license t SET t.limit_told_at = t.claimed_at");
	sql_where_field(&sql, licenses, VIEW_ID, &key);
	sql_where(&sql, "NOT t.limit_told_at <=> t.claimed_at");
	if (sql_run_change(&sql, context->database, &outcome, error) != 0)
		return -1;
	*first = outcome.affected > 0;
	return 0;
}

int claim_releases(
    struct context *context, const struct call *call, int64_t count, struct error *error)
{
	const struct row *license = call->license;
	int64_t before = judge_releases(license, call->now);
	int64_t from = before > 0 ? license->values[VIEW_SELF_RELEASES_FROM].integer : call->now;
	struct value key = license->values[VIEW_ID];
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "UPDATE license t SET t.self_releases = ?, t.self_releases_from = ?");
	sql_bind(&sql, BIND_INT(before + count));
	sql_bind(&sql, BIND_MOMENT(from));
	sql_where_field(&sql, licenses, VIEW_ID, &key);
	return sql_put_off(&sql, context->database, error);
}
