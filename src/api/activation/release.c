#include "api/activation/release.h"

#include "api/activation/claim.h"
#include "api/activation/judge.h"
#include "api/activation/seat.h"
#include "api/licensing/licensing.h"
#include "record/rows.h"

static const struct resource *const seats = &licensing_token_resource;

/* A seat whose lease has ended was free already. */
static int free_all(
    struct context *context, struct call *call, const struct row_list *rows, struct error *error)
{
	struct row *license = row_copy(context->arena, call->license);
	int64_t taken = 0;

	if (license == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < rows->count; i++) {
		if (seat_free(context, rows->rows[i], error) != 0)
			return -1;
		taken += judge_seat_is_live(rows->rows[i], call->now);
	}
	if (taken > 0 && judge_release_counts(call) &&
	    claim_releases(context, call, taken, error) != 0)
		return -1;
	license->values[VIEW_LIVE_SEATS].integer -= taken;
	call->license = license;
	return 0;
}

/* Those that nobody uses offline: their files go on. */
static void where_free_to_go(struct sql *where, const struct call *call)
{
	struct value key = call->license->values[VIEW_ID];

	sql_init(where, call->arena);
	sql_where_field(where, seats, TOKEN_LICENSE_ID, &key);
	sql_where(where, "(t.offline_until IS NULL OR t.offline_until <= ?)");
	sql_bind(where, BIND_MOMENT(call->now));
}

/* Locked, so that a vendor who deletes one of them comes before or behind. */
static int find_named(
    struct context *context, const struct call *call, struct row_list *rows, struct error *error)
{
	struct sql where;

	if (!call_frees_all(call)) {
		rows->rows = arena_alloc_array(context->arena, 1, sizeof(rows->rows[0]));
		if (rows->rows == NULL)
			return error_out_of_memory(error);
		rows->rows[0] = (struct row *)(uintptr_t)call->seat;
		rows->count = 1;
		return 0;
	}
	where_free_to_go(&where, call);
	return record_fetch_all_locked(context,
	    &(struct record_set){ .resource = seats, .where = &where, .most = RELEASE_MOST },
	    resource_default_mask(seats), rows, error);
}

int release_seats(struct context *context, struct call *call, struct row_list *freed,
    enum reason *reason, struct error *error)
{
	*reason = REASON_VALID;
	if (judge_release_counts(call) && seat_judge_again(context, call, reason, error) != 0)
		return -1;
	if (*reason != REASON_VALID)
		return 0;
	return find_named(context, call, freed, error) != 0 ? -1
							    : free_all(context, call, freed, error);
}

/* As a user of the license's key would ask. NULL when memory is out. */
static struct row *ask_for(struct context *context, const struct row *key)
{
	struct row *request = row_new(context->arena, &activation_request_resource);

	if (request != NULL)
		row_set_integer(request, REQUEST_ACTIVATION_ID, key->values[TOKEN_ID].integer);
	return request;
}

int release_by_owner(struct context *context, const struct row *key, struct error *error)
{
	struct row *request = ask_for(context, key);
	struct call call = { .arena = context->arena,
		.kind = CALL_DEACTIVATE,
		.now = timestamp_now(),
		.address = context->actor.address,
		.request = request };
	enum reason reason = REASON_VALID;

	if (request == NULL)
		return error_out_of_memory(error);
	if (seat_find_named(context, &call, &key->values[TOKEN_ID], error) != 0)
		return -1;
	reason = judge_call(&call);
	if (call.license == NULL || (reason == REASON_VALID && !judge_release_counts(&call)))
		return 0;
	if (reason != REASON_VALID)
		return reason_refuse(reason, error);
	row_set_text(request, REQUEST_LICENSE_ID, call.license->values[VIEW_LICENSE_ID].text);
	if (seat_judge_again(context, &call, &reason, error) != 0)
		return -1;
	if (reason != REASON_VALID)
		return reason_refuse(reason, error);
	return claim_releases(context, &call, judge_released_seats(&call), error);
}

/* By which moment the seat is chosen that goes first. */
static const char *const orders[] = {
	[POLICY_REPLACE_OLDEST] = "issueDate",
	[POLICY_REPLACE_SILENT] = "lastHeartbeat",
};

int release_replaced(
    struct context *context, struct call *call, enum reason *reason, struct error *error)
{
	unsigned count = (unsigned)judge_replaced_seats(call);
	struct record_set set = { .resource = seats, .most = count };
	struct row_list rows;
	struct sql where;

	if (count == 0)
		return 0;
	where_free_to_go(&where, call);
	sql_where_to_come(&where, seats, TOKEN_EXPIRE_DATE);
	set.where = &where;
	set.order_by = orders[policy_word(call_policy(call), POLICY_SEAT_REPLACEMENT)];
	if (record_fetch_all_locked(context, &set, resource_default_mask(seats), &rows, error) != 0)
		return -1;
	if (rows.count < count) {
		*reason = REASON_SEAT_LIMIT_REACHED;
		return 0;
	}
	call->freed = rows;
	return free_all(context, call, &rows, error);
}
