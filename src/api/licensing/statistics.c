/*
 * What the start page of the console shows: numbers and a few rows of everything, in one answer.
 */
#include "api/licensing/statistics.h"

#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"

enum {
	STATISTICS_DAYS,
	STATISTICS_OFFSET,
	STATISTICS_FROM,
	STATISTICS_LICENSES,
	STATISTICS_SEATS,
	STATISTICS_ACTIVITY,
	STATISTICS_REPORTS,
	STATISTICS_WEBHOOKS,
	STATISTICS_MAIL,
	STATISTICS_POOL,
	STATISTICS_LINK,
	STATISTICS__MAX
};

#define PART(member, resource, text)                                                  \
	{                                                                             \
		ONE(member, &(resource), "link", "link"), .flags = FIELD_OMIT_ABSENT, \
							  .doc = (text)               \
	}

static const struct field statistics_fields[STATISTICS__MAX] = {
	[STATISTICS_DAYS] = { INT32("days", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Number of days." },
	[STATISTICS_OFFSET] = { INT32("offset", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Minutes by which the caller's clock is before UTC." },
	[STATISTICS_FROM] = { DATETIME("from", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Begin of the first day." },
	[STATISTICS_LICENSES] =
	    PART("licenses", statistics_licenses_resource, "Numbers of licenses."),
	[STATISTICS_SEATS] = PART("seats", statistics_seats_resource, "Seats that are taken."),
	[STATISTICS_ACTIVITY] =
	    PART("activity", statistics_activity_resource, "What programs did, by traces."),
	[STATISTICS_REPORTS] = PART("reports", statistics_reports_resource, "Reports of programs."),
	[STATISTICS_WEBHOOKS] =
	    PART("webhooks", statistics_webhooks_resource, "Webhooks that fail."),
	[STATISTICS_MAIL] = PART("mail", statistics_mail_resource, "The outbox of mail."),
	[STATISTICS_POOL] = PART("pool", statistics_pool_resource, "The pool of processes."),
	[STATISTICS_LINK] = HIDDEN_LINK,
};

const struct resource statistics_resource = {
	.name = "statistics",
	.chapter = LICENSING_CHAPTER_SERVER,
	.type_name = "StatisticsResponse",
	.area = AREA_LICENSES,
	FIELDS(statistics_fields),
	.doc = "Numbers of everything; parts that the caller may not read are absent.",
};

static int (*const fill[STATISTICS__MAX])(struct operation *operation,
    const struct statistics_range *range, struct row *part, struct error *error) = {
	[STATISTICS_LICENSES] = statistics_licenses,
	[STATISTICS_SEATS] = statistics_seats,
	[STATISTICS_ACTIVITY] = statistics_activity,
	[STATISTICS_REPORTS] = statistics_reports,
	[STATISTICS_WEBHOOKS] = statistics_webhooks,
	[STATISTICS_MAIL] = statistics_mail,
	[STATISTICS_POOL] = statistics_pool,
};

static const char *const day_words[] = { "7", "14", "30", "90", "365", NULL };
static const unsigned day_numbers[] = { 7, 14, 30, 90, 365 };

#define OFFSET_MOST (14 * 60)

const struct parameter licensing_statistics_parameters[2] = {
	{ .name = "days",
	    .kind = PARAMETER_WORD,
	    .words = day_words,
	    .fallback = 2,
	    .doc = "How many days, today among them: 7, 14, 30, 90 or 365; 30 if absent." },
	{ .name = "offset",
	    .kind = PARAMETER_INTEGER,
	    .least = -OFFSET_MOST,
	    .most = OFFSET_MOST,
	    .doc = "Minutes by which the caller's clock is before UTC: days begin by it." },
};

struct row *statistics_add(
    struct arena *arena, struct row_list *list, const struct resource *resource)
{
	struct row *row = row_new(arena, resource);

	if (row != NULL)
		list->rows[list->count++] = row;
	return row;
}

static struct statistics_range read_range(const struct operation *operation)
{
	const struct parameters *parameters = &operation->parameters;
	struct statistics_range range = {
		.offset =
		    parameters_get(parameters, "offset")->integer * 60 * MICROSECONDS_PER_SECOND,
		.days = day_numbers[parameters_get(parameters, "days")->integer],
	};
	int64_t now = timestamp_now() + range.offset;

	range.first = now - now % STATISTICS_DAY - (range.days - 1) * STATISTICS_DAY;
	range.start = range.first - range.offset;
	return range;
}

/* All rows of its area count, so that own rows alone are not enough. */
static int fill_part(struct operation *operation, const struct statistics_range *range,
    struct row *answer, unsigned member, struct error *error)
{
	const struct field *field = &statistics_fields[member];
	struct row *part;

	if (sight_may_follow(&operation->context.sight, field) != SIGHT_ALL)
		return 0;
	part = row_new(operation->context.arena, field->relation->target);
	if (part == NULL)
		return error_out_of_memory(error);
	if (fill[member](operation, range, part, error) != 0)
		return -1;
	row_set_row(answer, member, part);
	return 0;
}

int licensing_statistics(struct operation *operation, struct error *error)
{
	struct row *answer = row_new(operation->context.arena, &statistics_resource);
	const struct statistics_range range = read_range(operation);

	if (answer == NULL)
		return error_out_of_memory(error);
	row_set_integer(answer, STATISTICS_DAYS, range.days);
	row_set_integer(answer, STATISTICS_OFFSET, range.offset / (60 * MICROSECONDS_PER_SECOND));
	row_set_integer(answer, STATISTICS_FROM, range.start);
	for (unsigned i = 0; i < STATISTICS__MAX; i++) {
		if (fill[i] != NULL && fill_part(operation, &range, answer, i, error) != 0)
			return -1;
	}
	operation_answer_members(operation, answer);
	return 0;
}
