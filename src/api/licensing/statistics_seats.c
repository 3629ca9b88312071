/*
 * How many seats are taken, and were on each day. Nobody can tell the latter of the tokens that are
 * left: what was counted is noted.
 *
 * SQL of its own: the most of a day stays, whoever counts.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/kept.h"
#include "api/licensing/statistics.h"

enum { SEAT_DAY_DATE, SEAT_DAY_SEATS, SEAT_DAY_ACTIVATION, SEAT_DAY_FLOATING, SEAT_DAY__MAX };

#define SEATS_DOC "Seats that were taken."

static const struct field seat_day_fields[] = {
	[SEAT_DAY_DATE] = STATISTICS_DATE,
	[SEAT_DAY_SEATS] = STATISTICS_COUNT("seats", SEATS_DOC),
	[SEAT_DAY_ACTIVATION] =
	    STATISTICS_COUNT("activationSeats", "Those of activation licenses."),
	[SEAT_DAY_FLOATING] = STATISTICS_COUNT("floatingSeats", "Those of floating licenses."),
	HIDDEN_LINK,
};

static const struct resource seat_day_resource = {
	.name = "seats of a day",
	.type_name = "StatisticsSeatDay",
	.area = AREA_LICENSES,
	FIELDS(seat_day_fields),
	.doc = "The most seats that were counted on a day, in UTC.",
};

enum { SEATS_TAKEN, SEATS_ACTIVATION, SEATS_FLOATING, SEATS_DAYS };

static const struct field seats_fields[] = {
	[SEATS_TAKEN] = STATISTICS_COUNT("taken", "Tokens that have not expired."),
	[SEATS_ACTIVATION] = STATISTICS_COUNT("activationSeats", "Those of activation licenses."),
	[SEATS_FLOATING] = STATISTICS_COUNT("floatingSeats", "Those of floating licenses."),
	[SEATS_DAYS] = { MANY("days", &seat_day_resource, "link", "link"),
	    .doc = "Days on which they were counted: whenever these statistics are read, and by "
		   "clientele expire." },
	HIDDEN_LINK,
};

const struct resource statistics_seats_resource = {
	.name = "seats",
	.type_name = "StatisticsSeats",
	.area = AREA_LICENSES,
	FIELDS(seats_fields),
	.doc = "Seats that are taken now, and were on each day.",
};

static int store_seats(struct context *context, void *data, struct error *error)
{
	const struct seat_counts *counts = data;
	struct outcome outcome;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "INSERT INTO seat_day (day, seats, activation_seats, floating_seats) "
			 "VALUES (UTC_DATE(), ?, ?, ?) ON DUPLICATE KEY UPDATE "
			 "seats = GREATEST(seats, VALUES(seats)), activation_seats = "
			 "GREATEST(activation_seats, VALUES(activation_seats)), floating_seats = "
			 "GREATEST(floating_seats, VALUES(floating_seats))");
	sql_bind(&sql, BIND_INT(counts->all));
	sql_bind(&sql, BIND_INT(counts->activation));
	sql_bind(&sql, BIND_INT(counts->floating));
	return sql_run_change(&sql, context->database, &outcome, error);
}

/* A database that stores nothing now can be read all the same. */
static int note_seats(struct context *context, struct seat_counts *counts, struct error *error)
{
	if (record_transaction(context, store_seats, counts, error) == 0)
		return 0;
	if (error->code != ERROR_UNAVAILABLE && error->code != ERROR_OUTCOME_UNKNOWN)
		return -1;
	error_clear(error);
	return 0;
}

int seats_keep(struct context *context, struct seat_counts *counts, struct error *error)
{
	if (info_count(context, counts, error) != 0)
		return -1;
	return note_seats(context, counts, error);
}

static int list_seat_days(struct context *context, const struct statistics_range *range,
    struct row_list *list, struct error *error)
{
	static const enum bind_kind columns[SEAT_DAY__MAX] = { BIND_DATE, BIND_INTEGER,
		BIND_INTEGER, BIND_INTEGER };
	const struct bind first = BIND_MOMENT(range->first);
	struct result result;

	if (database_select(context->database, context->arena,
		"SELECT day, seats, activation_seats, floating_seats FROM seat_day WHERE day >= ? "
		"ORDER BY day",
		&first, 1, columns, SEAT_DAY__MAX, &result, error) != 0)
		return -1;
	if (!statistics_rows(context->arena, list, result.count))
		return error_out_of_memory(error);
	for (unsigned i = 0; i < result.count; i++) {
		struct row *row = statistics_add(context->arena, list, &seat_day_resource);

		if (row == NULL)
			return error_out_of_memory(error);
		for (unsigned j = 0; j < SEAT_DAY__MAX; j++)
			row_set_integer(row, j, result.rows[i][j].integer);
	}
	return 0;
}

/* Whether so many were counted today already. */
static bool is_noted(const struct row_list *days, const struct seat_counts *counts)
{
	const struct row *last = days->count > 0 ? days->rows[days->count - 1] : NULL;
	int64_t now = timestamp_now();

	return last != NULL && last->values[SEAT_DAY_DATE].integer == now - now % STATISTICS_DAY &&
	       last->values[SEAT_DAY_SEATS].integer >= counts->all &&
	       last->values[SEAT_DAY_ACTIVATION].integer >= counts->activation &&
	       last->values[SEAT_DAY_FLOATING].integer >= counts->floating;
}

int statistics_seats(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	struct context *context = &operation->context;
	struct seat_counts counts;
	struct row_list days;

	if (info_count(context, &counts, error) != 0 ||
	    list_seat_days(context, range, &days, error) != 0)
		return -1;
	if (!is_noted(&days, &counts) && (note_seats(context, &counts, error) != 0 ||
					     list_seat_days(context, range, &days, error) != 0))
		return -1;
	row_set_integer(part, SEATS_TAKEN, counts.all);
	row_set_integer(part, SEATS_ACTIVATION, counts.activation);
	row_set_integer(part, SEATS_FLOATING, counts.floating);
	row_set_list(part, SEATS_DAYS, days);
	return 0;
}
