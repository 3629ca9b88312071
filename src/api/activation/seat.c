/*
 * SQL of its own: a program's call finds license, seat and the number of seats by one statement,
 * and a heartbeat is one.
 */
#include "api/activation/seat.h"

#include "api/activation/claim.h"
#include "api/activation/judge.h"
#include "api/activation/release.h"
#include "api/licensing/licensing.h"
#include "record/audit.h"
#include "record/rows.h"

/* Seats that a machine is looked for among by its components. */
#define SIMILAR_MOST 1000

static const struct resource *const seats = &licensing_token_resource;
static const struct resource *const licenses = &activation_license_view;

/* --- finding --- */

/* The index that has both; the database would rather read two that have one each. */
#define SEATS_OF_LICENSE "license_token x FORCE INDEX (license_token_seat)"

/* What names the seat of a call: the first of these that it has. */
static const struct {
	enum request_member member;
	const char *from;
} seat_names[] = {
	{ REQUEST_LICENSE_TOKEN, "license_token x WHERE x.token = ?" },
	{ REQUEST_MACHINE_ID, SEATS_OF_LICENSE " WHERE x.machine_id = ?" },
	{ REQUEST_CLIENT_ID, SEATS_OF_LICENSE " WHERE x.machine_id IS NULL AND x.client_id = ?" },
};

static uint64_t seat_mask(void)
{
	return resource_default_mask(seats);
}

static void append_seat_columns(struct sql *sql)
{
	uint64_t mask = seat_mask();

	for (unsigned i = 0; i < seats->field_count; i++) {
		const struct field *field = &seats->fields[i];

		if (!(mask & FIELD_BIT(i)) || field->relation != NULL)
			continue;
		sql_append(sql, ", s.");
		sql_append(sql, field->column);
		sql_result(sql, field_type_info(field->type)->bind);
	}
}

/*
 * The client's own seat comes before another client's of the same machine. Numbers alone are
 * sorted: whole rows, with their long texts, would go through a temporary table on the disk.
 */
static void append_first_seat(struct sql *sql, const struct call *call)
{
	for (unsigned i = 0; i < COUNT_OF(seat_names); i++) {
		struct str text = call_text(call, seat_names[i].member);

		if (text.length == 0)
			continue;
		sql_append(sql, "(SELECT x.id FROM ");
		sql_append(sql, seat_names[i].from);
		sql_append(
		    sql, " AND x.license_id = t.id ORDER BY x.client_id <=> ? DESC, x.id LIMIT 1)");
		sql_bind(sql, BIND_STR(text));
		sql_bind(sql, BIND_STR(call_text(call, REQUEST_CLIENT_ID)));
		return;
	}
	sql_append(sql, "NULL");
}

static void append_seat_join(struct sql *sql, const struct call *call)
{
	sql_append(sql, " FROM license t LEFT JOIN license_token s ON s.license_id = t.id AND "
			"s.id = ");
	if (call_frees_named(call)) {
		sql_append(sql, "?");
		sql_bind(sql, BIND_INT(call->request->values[REQUEST_ACTIVATION_ID].integer));
	} else if (call_frees_all(call)) {
		sql_append(sql, "NULL");
	} else {
		append_first_seat(sql, call);
	}
}

static void append_license_name(struct sql *sql, const struct call *call)
{
	struct str key = call_text(call, REQUEST_USER_KEY);

	sql_append(sql, key.length > 0 ? " WHERE t.user_key = ?" : " WHERE t.license_id = ?");
	sql_bind(sql, BIND_STR(key.length > 0 ? key : call_text(call, REQUEST_LICENSE_ID)));
}

/* The license is that of a seat, or, where that is NULL, the one that the request names. */
static int find_first(
    struct context *context, struct call *call, const struct value *seat, struct error *error)
{
	uint64_t mask = resource_default_mask(licenses);
	struct result result;
	unsigned columns;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_select_members(&sql, licenses, mask);
	columns = sql.column_count;
	append_seat_columns(&sql);
	sql_append(&sql, ", UTC_TIMESTAMP(6)");
	sql_result(&sql, BIND_TIME);
	if (seat == NULL) {
		append_seat_join(&sql, call);
		append_license_name(&sql, call);
	} else {
		sql_append(&sql, " FROM license t JOIN license_token s ON s.license_id = t.id "
				 "WHERE s.id = ?");
		sql_bind(&sql, BIND_INT(seat->integer));
	}
	call->license = call->seat = NULL;
	if (sql_run_select(&sql, context->database, &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	/* Which seats are live, the same clock says that has counted them. */
	call->now = result.rows[0][sql.column_count - 1].integer;
	call->license = sql_row(context->arena, licenses, mask, result.rows[0]);
	if (call->license == NULL)
		return error_out_of_memory(error);
	if (result.rows[0][columns].null)
		return 0;
	call->seat = sql_row(context->arena, seats, seat_mask(), result.rows[0] + columns);
	return call->seat != NULL ? 0 : error_out_of_memory(error);
}

static struct value *license_key_of(const struct call *call)
{
	return &((struct row *)(uintptr_t)call->license)->values[VIEW_ID];
}

static bool is_similar(const struct call *call, const struct row *seat, enum policy_matching how)
{
	return row_filled(seat, TOKEN_CLIENT_ID) &&
	       str_equal(seat->values[TOKEN_CLIENT_ID].text, call_text(call, REQUEST_CLIENT_ID)) &&
	       judge_components_match(call->arena, how, seat->values[TOKEN_COMPONENTS].text,
		   call_text(call, REQUEST_COMPONENTS));
}

/* A machine that is called otherwise now, but has most of its components still. */
static int find_similar(struct context *context, struct call *call, struct error *error)
{
	const struct row *policy = call_policy(call);
	struct row_list rows;
	struct sql where;

	if (call->seat != NULL || policy == NULL || !row_filled(policy, POLICY_MACHINE_MATCHING) ||
	    !row_filled(call->request, REQUEST_COMPONENTS) || call_frees_all(call) ||
	    call_frees_named(call))
		return 0;
	sql_init(&where, context->arena);
	sql_where_field(&where, seats, TOKEN_LICENSE_ID, license_key_of(call));
	sql_where_null(&where, seats, TOKEN_COMPONENTS, false);
	if (record_fetch_all(context,
		&(struct record_set){ .resource = seats, .where = &where, .most = SIMILAR_MOST },
		seat_mask(), &rows, error) != 0)
		return -1;
	for (unsigned i = 0; i < rows.count; i++) {
		struct row *seat = rows.rows[i];

		if (!is_similar(call, seat,
			(enum policy_matching)policy_word(policy, POLICY_MACHINE_MATCHING)))
			continue;
		/* From now on it is known by its new name. */
		row_set_value(seat, TOKEN_MACHINE_ID, &call->request->values[REQUEST_MACHINE_ID]);
		row_set_value(seat, TOKEN_COMPONENTS, &call->request->values[REQUEST_COMPONENTS]);
		call->seat = seat;
		break;
	}
	return 0;
}

/* Whether seats of other licenses speak against another one of the machine. */
static bool is_alone(const struct call *call)
{
	return policy_word(call_policy(call), POLICY_MACHINE_SCOPE) != POLICY_SCOPE_LICENSE &&
	       row_filled(call->request, REQUEST_MACHINE_ID);
}

static void where_elsewhere(struct sql *where, struct context *context, const struct call *call)
{
	int scope = policy_word(call_policy(call), POLICY_MACHINE_SCOPE);
	struct value *machine =
	    &((struct row *)(uintptr_t)call->request)->values[REQUEST_MACHINE_ID];

	sql_init(where, context->arena);
	sql_where_field(where, seats, TOKEN_MACHINE_ID, machine);
	sql_where_other(where, seats, TOKEN_LICENSE_ID, license_key_of(call));
	if (scope != POLICY_SCOPE_PRODUCT)
		return;
	sql_where(where, "t.license_id IN (SELECT l.id FROM license l WHERE l.product_code = ?)");
	sql_bind(where, BIND_STR(row_filled(call->license, VIEW_PRODUCT_CODE)
				     ? call->license->values[VIEW_PRODUCT_CODE].text
				     : STR("")));
}

static int find_elsewhere(struct context *context, struct call *call, struct error *error)
{
	struct sql where;

	call->elsewhere = false;
	if (!is_alone(call))
		return 0;
	where_elsewhere(&where, context, call);
	sql_where_to_come(&where, seats, TOKEN_EXPIRE_DATE);
	return record_exists(context, &(struct record_set){ .resource = seats, .where = &where },
	    &call->elsewhere, error);
}

/* Whether the call takes a seat where it has none, or takes one again. */
static bool takes(const struct call *call)
{
	return call->kind == CALL_ACTIVATE || call->kind == CALL_REQUEST ||
	       call->kind == CALL_CHECK_OUT ||
	       (call->kind == CALL_HEARTBEAT && call->seat != NULL &&
		   !judge_seat_is_live(call->seat, call->now));
}

/* How long a seat of the call is kept. */
static int64_t lease_of(const struct context *context, const struct call *call)
{
	int64_t floating = call->license->values[VIEW_MODE].integer == CALL_MODE_FLOATING
			       ? context->settings->client_lease
			       : 0;

	return policy_number(call_policy(call), POLICY_LEASE_SECONDS, floating);
}

int seat_find(struct context *context, struct call *call, struct error *error)
{
	if (find_first(context, call, NULL, error) != 0)
		return -1;
	if (call->license == NULL)
		return 0;
	call->lease = lease_of(context, call);
	if (find_similar(context, call, error) != 0)
		return -1;
	return takes(call) ? find_elsewhere(context, call, error) : 0;
}

int seat_find_named(
    struct context *context, struct call *call, const struct value *seat, struct error *error)
{
	return find_first(context, call, seat, error);
}

/* --- keeping --- */

/* What a look at the license has shown holds until it changes, or its moment has come. */
int seat_keep(
    struct context *context, const struct call *call, bool *kept, int64_t *end, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql,
	    "UPDATE license_token s JOIN license t ON t.id = s.license_id SET s.last_heartbeat = "
	    "?, s.expire_date = ? + INTERVAL s.lease_seconds SECOND, s.lease_seconds = "
	    "LAST_INSERT_ID(s.lease_seconds)");
	sql_bind(&sql, BIND_MOMENT(call->now));
	sql_bind(&sql, BIND_MOMENT(call->now));
	append_license_name(&sql, call);
	sql_append(&sql, " AND s.machine_id = ? AND s.client_id = ? AND s.address = ? AND "
			 "s.judged_at = t.updated_at AND s.judged_until > ? AND NOT t.traced AND "
			 "s.offline_until IS NULL AND (s.expire_date IS NULL OR s.expire_date > "
			 "UTC_TIMESTAMP(6))");
	sql_bind(&sql, BIND_STR(call_text(call, REQUEST_MACHINE_ID)));
	sql_bind(&sql, BIND_STR(call_text(call, REQUEST_CLIENT_ID)));
	sql_bind(&sql, BIND_STR(call->address));
	sql_bind(&sql, BIND_MOMENT(call->now));
	if (sql_run_change(&sql, context->database, &outcome, error) != 0)
		return -1;
	*kept = outcome.affected > 0;
	*end = outcome.insert_id > 0
		   ? call->now + (int64_t)outcome.insert_id * MICROSECONDS_PER_SECOND
		   : INT64_MAX;
	return 0;
}

/* What the seat is from now on: who has it, until when, and what its license was when we looked. */
static void fill_seat(const struct call *call, struct row *seat)
{
	static const struct {
		enum token_member to;
		enum request_member from;
	} copied[] = {
		{ TOKEN_MACHINE_ID, REQUEST_MACHINE_ID },
		{ TOKEN_CLIENT_ID, REQUEST_CLIENT_ID },
		{ TOKEN_CLIENT_NAME, REQUEST_CLIENT_NAME },
		{ TOKEN_COMPONENTS, REQUEST_COMPONENTS },
	};
	int64_t end;

	for (unsigned i = 0; i < COUNT_OF(copied); i++) {
		if (row_filled(call->request, copied[i].from))
			row_set_value(seat, copied[i].to, &call->request->values[copied[i].from]);
	}
	if (call->address.length > 0)
		row_set_text(seat, TOKEN_ADDRESS, call->address);
	row_set_integer(seat, TOKEN_LAST_HEARTBEAT, call->now);
	row_set_integer(seat, TOKEN_JUDGED_AT, call->license->values[VIEW_UPDATED_AT].integer);
	row_set_integer(seat, TOKEN_JUDGED_UNTIL, judge_until(call));
	if (call->lease == 0) {
		row_set_null(seat, TOKEN_LEASE_SECONDS);
		row_set_null(seat, TOKEN_EXPIRE_DATE);
		return;
	}
	end = call->now + call->lease * MICROSECONDS_PER_SECOND;
	/* A file that the machine has goes on, whatever it says while it has a network. */
	if (call->seat != NULL && row_filled(call->seat, TOKEN_OFFLINE_UNTIL) &&
	    call->seat->values[TOKEN_OFFLINE_UNTIL].integer > end)
		end = call->seat->values[TOKEN_OFFLINE_UNTIL].integer;
	row_set_integer(seat, TOKEN_LEASE_SECONDS, call->lease);
	row_set_integer(seat, TOKEN_EXPIRE_DATE, end);
}

/* No entry in the audit log: what programs say again and again. */
static int renew_where(struct context *context, struct call *call, const struct sql *where,
    bool *renewed, struct error *error)
{
	struct row *values = row_new(context->arena, seats);
	struct row *key = row_with(context->arena, seats, TOKEN_ID, &call->seat->values[TOKEN_ID]);
	const struct record_set set = {
		.resource = seats, .keys = key, .where = where, .told = true
	};
	int64_t count;

	if (values == NULL || key == NULL)
		return error_out_of_memory(error);
	fill_seat(call, values);
	if (record_update_all(context, &set, values, &count, error) != 0)
		return -1;
	*renewed = count > 0;
	if (*renewed)
		call->seat = row_merge(context->arena, call->seat, values);
	return call->seat != NULL ? 0 : error_out_of_memory(error);
}

static int renew(struct context *context, struct call *call, struct error *error)
{
	bool renewed;

	if (renew_where(context, call, NULL, &renewed, error) != 0)
		return -1;
	return renewed ? 0 : reason_refuse(REASON_NOT_ACTIVATED, error);
}

/* A seat that was live when it was read, and that has been given to nobody else since. */
static int renew_judged(
    struct context *context, struct call *call, bool *renewed, struct error *error)
{
	struct sql where;

	*renewed = false;
	if (!judge_has_live_seat(call) || !row_filled(call->seat, TOKEN_JUDGED_AT))
		return 0;
	sql_init(&where, context->arena);
	sql_where_null(&where, seats, TOKEN_JUDGED_AT, false);
	return renew_where(context, call, &where, renewed, error);
}

/* --- taking --- */

static int insert_seat(struct context *context, struct call *call, struct error *error)
{
	bool floating = call->license->values[VIEW_MODE].integer == CALL_MODE_FLOATING;
	struct row *seat = row_new(context->arena, seats), *stored;
	struct record_change change = { .sent = seat };

	if (seat == NULL)
		return error_out_of_memory(error);
	fill_seat(call, seat);
	row_set_integer(seat, TOKEN_ISSUE_DATE, call->now);
	row_set_integer(seat, TOKEN_CHECKOUTS, 0);
	row_set_value(seat, TOKEN_LICENSE_ID, license_key_of(call));
	if (licensing_draw(context, seat, TOKEN_TOKEN,
		floating ? context->settings->floating_token_format
			 : context->settings->activation_token_format,
		error) != 0 ||
	    record_insert_row(context, &licensing_token_record, &change, error) != 0)
		return -1;
	/* All members are those that were sent: there is nothing to be read again. */
	stored = change.stored != NULL ? change.stored
				       : row_merge(context->arena, change.row, change.key);
	if (stored == NULL)
		return error_out_of_memory(error);
	if (record_insert_end(context, &change, stored, error) != 0)
		return -1;
	call->seat = stored;
	((struct row *)(uintptr_t)call->license)->values[VIEW_LIVE_SEATS].integer++;
	return 0;
}

int seat_judge_again(
    struct context *context, struct call *call, enum reason *reason, struct error *error)
{
	if (record_claim(context, licenses, "claimed_at", license_key_of(call), error) != 0 ||
	    seat_find(context, call, error) != 0)
		return -1;
	*reason = judge_call(call);
	return 0;
}

/*
 * From now on nobody keeps the seats of a set that have ended by then; whoever has kept one of them
 * and is not stored yet is waited for. At other nodes of a cluster one of both has to run again.
 */
static int end_seats(struct context *context, struct sql *where, int64_t by, struct error *error)
{
	const struct value from = { .integer = by - CALL_LATE_SECONDS * MICROSECONDS_PER_SECOND };
	const struct value before = { .integer = by };
	struct row *values = row_new(context->arena, seats);
	int64_t count;

	if (values == NULL)
		return error_out_of_memory(error);
	row_set_null(values, TOKEN_JUDGED_AT);
	sql_where_null(where, seats, TOKEN_JUDGED_AT, false);
	sql_where_from(where, seats, TOKEN_EXPIRE_DATE, &from);
	sql_where_before(where, seats, TOKEN_EXPIRE_DATE, &before);
	return record_update_all(context,
	    &(struct record_set){ .resource = seats, .where = where, .told = true }, values, &count,
	    error);
}

/* Counts the seats of the license again, of which none that has ended is kept any more. */
static int find_ended(struct context *context, struct call *call, struct error *error)
{
	int64_t ahead = MICROSECONDS_PER_SECOND, by;
	struct sql where;

	if (judge_seat_limit(call->license) == INT64_MAX)
		return seat_find(context, call, error);
	do {
		by = call->now + ahead;
		sql_init(&where, context->arena);
		sql_where_field(&where, seats, TOKEN_LICENSE_ID, license_key_of(call));
		if (end_seats(context, &where, by, error) != 0 ||
		    seat_find(context, call, error) != 0)
			return -1;
		ahead *= 2;
	} while (call->license != NULL && call->now >= by);
	return 0;
}

/* Whether there is a seat for the call even if all that have just ended are kept. */
static bool is_one_left(const struct call *call)
{
	int64_t others = call->license->values[VIEW_LIVE_SEATS].integer +
			 call->license->values[VIEW_ENDED_SEATS].integer;

	return others - judge_has_live_seat(call) < judge_seat_limit(call->license);
}

static int claim_seat(
    struct context *context, struct call *call, enum reason *reason, struct error *error)
{
	bool claimed = false;

	if (is_one_left(call) && claim_as_read(context, call, &claimed, error) != 0)
		return -1;
	if (claimed)
		return 0;
	if (record_claim(context, licenses, "claimed_at", license_key_of(call), error) != 0 ||
	    find_ended(context, call, error) != 0)
		return -1;
	*reason = judge_call(call);
	return 0;
}

/* As find_elsewhere(), with seats that have ended and may be kept. */
static int find_kept_elsewhere(struct context *context, struct call *call, struct error *error)
{
	struct sql where;

	where_elsewhere(&where, context, call);
	sql_where(&where, "(t.expire_date IS NULL OR t.expire_date > UTC_TIMESTAMP(6) OR "
			  "(" CALL_ENDED("t") "))");
	return record_exists(context, &(struct record_set){ .resource = seats, .where = &where },
	    &call->elsewhere, error);
}

/* Waits for those who take a seat for the same machine now, and looks for it again. */
static int take_alone(
    struct context *context, struct call *call, enum reason *reason, struct error *error)
{
	struct sql where;

	if (!is_alone(call))
		return 0;
	if (claim_machine(context, call, error) != 0 ||
	    find_kept_elsewhere(context, call, error) != 0)
		return -1;
	if (call->elsewhere) {
		where_elsewhere(&where, context, call);
		/* Its own one may have ended meanwhile, too. */
		if (end_seats(context, &where, call->now + MICROSECONDS_PER_SECOND, error) != 0 ||
		    seat_find(context, call, error) != 0 ||
		    find_kept_elsewhere(context, call, error) != 0)
			return -1;
	}
	*reason = judge_call(call);
	return 0;
}

int seat_take(struct context *context, struct call *call, enum reason *reason, struct error *error)
{
	bool renewed;

	*reason = REASON_VALID;
	if (renew_judged(context, call, &renewed, error) != 0)
		return -1;
	if (renewed)
		return 0;
	if (claim_seat(context, call, reason, error) != 0)
		return -1;
	if (*reason == REASON_VALID && take_alone(context, call, reason, error) != 0)
		return -1;
	if (*reason != REASON_VALID)
		return 0;
	if (release_replaced(context, call, reason, error) != 0)
		return -1;
	if (*reason != REASON_VALID)
		return 0;
	if (!judge_seat_is_own(call))
		return insert_seat(context, call, error);
	if (!judge_seat_is_live(call->seat, call->now))
		((struct row *)(uintptr_t)call->license)->values[VIEW_LIVE_SEATS].integer++;
	return renew(context, call, error);
}

int seat_free(struct context *context, const struct row *seat, struct error *error)
{
	struct record_change change = { .keys = row_with(context->arena, seats, TOKEN_ID,
					    &seat->values[TOKEN_ID]) };

	if (change.keys == NULL)
		return error_out_of_memory(error);
	return record_delete(context, &licensing_token_record, &change, error);
}
