#include "api/licensing/irregular.h"
#include "api/licensing/log_range.h"
#include "op/query.h"
#include "record/audit.h"

#define FILTER_LONGEST 65536
#define DATE_LONGEST 40
#define INTERVALS_USUAL 24
/* How long one request goes on deleting. */
#define DELETION_MOST (15 * MICROSECONDS_PER_SECOND)

enum { ENTRY_ID, ENTRY_MESSAGE, ENTRY_TEMPLATE, ENTRY_LEVEL, ENTRY_TIME_STAMP };

static const struct field entry_fields[] = {
	[ENTRY_ID] = { INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Number of the entry." },
	[ENTRY_MESSAGE] = { STRING("message", "message", 1000), .flags = FIELD_READONLY,
	    .doc = "What happened, for people.", .example = "\"The license 12 was changed.\"" },
	[ENTRY_TEMPLATE] = { STRING("messageTemplate", "message_template", 255),
	    .flags = FIELD_READONLY, .doc = "The message with placeholders for its variable parts.",
	    .example = "\"The {Resource} {Key} was {Action}.\"" },
	[ENTRY_LEVEL] = { STRING("level", "level", 16), .flags = FIELD_READONLY,
	    .doc = "Verbose, Debug, Information, Warning, Error or Fatal.",
	    .example = "\"Information\"" },
	[ENTRY_TIME_STAMP] = { DATETIME("timeStamp", "time_stamp"), .flags = FIELD_READONLY,
	    .doc = "When it happened." },
	{ STRING("exception", "exception", 65535), .flags = FIELD_READONLY,
	    .doc = "What went wrong, or null." },
	{ STRING("properties", "properties", INT32_MAX), .flags = FIELD_READONLY,
	    .doc = "JSON text: action, resource, key, userId, keyId, requestId, clientAddress, and "
		   "the row before and after, secrets masked.",
	    .example = "\"{\\\"action\\\":\\\"delete\\\",\\\"resource\\\":\\\"order\\\"}\"" },
};

static const struct table_index entry_indexes[] = {
	{ .name = "log_entry_time", .columns = { "time_stamp", "level" } },
	{ .name = "log_entry_level", .columns = { "level", "time_stamp" }, .broad = true },
	{ .name = "log_entry_area", .columns = { "area", "time_stamp" }, .broad = true },
};

static const struct tally entry_tally = {
	.table = "log_entry_tally", .moment = "time_stamp", .level = "{}.level", .area = "{}.area"
};

const struct resource log_entry_resource = {
	.name = "log entry",
	.type_name = "LogEntry",
	.area = AREA_LOG,
	.plural = "logEntries",
	.table = "log_entry",
	.counted = true,
	.tally = &entry_tally,
	FIELDS(entry_fields),
	INDEXES(entry_indexes),
	.unaudited = "the program writes entries, and a deletion leaves one that says so",
	.doc = "What was changed through the API, and by whom.",
};

#define DATE_PARAMETERS                                                                    \
	{ .name = "startDate",                                                             \
		.kind = PARAMETER_TEXT,                                                    \
		.most = DATE_LONGEST,                                                      \
		.doc = "Only entries at or after this time.",                              \
		.example = "2026-01-01" },                                                 \
	{                                                                                  \
		.name = "endDate", .kind = PARAMETER_TEXT, .most = DATE_LONGEST,           \
		.doc = "Only entries before this time.", .example = "2036-01-01T12:00:00Z" \
	}

const struct parameter licensing_log_parameters[9] = {
	OP_QUERY_PARAMETER_SELECT,
	OP_QUERY_PARAMETER_FILTER,
	OP_QUERY_PARAMETER_SORT,
	OP_QUERY_PARAMETER_TAKE,
	OP_QUERY_PARAMETER_SKIP,
	OP_QUERY_PARAMETER_AFTER,
	OP_QUERY_PARAMETER_TOTAL,
	DATE_PARAMETERS,
};

const struct parameter licensing_log_entry_parameters[1] = { OP_QUERY_PARAMETER_SELECT };

const struct parameter licensing_log_level_parameters[3] = {
	DATE_PARAMETERS,
	{ .name = "intervals",
	    .kind = PARAMETER_INTEGER,
	    .least = 1,
	    .most = 1000,
	    .fallback = INTERVALS_USUAL,
	    .doc = "Approximate number of intervals." },
};

const struct parameter licensing_log_deletion_parameters[5] = {
	{ .name = "id",
	    .kind = PARAMETER_INTEGER,
	    .least = 1,
	    .most = INT64_MAX,
	    .doc = "Only this entry.",
	    .example = "1" },
	{ .name = "filter",
	    .kind = PARAMETER_TEXT,
	    .most = FILTER_LONGEST,
	    .doc = "Only entries that meet this condition.",
	    .example = "level = \"Debug\"" },
	DATE_PARAMETERS,
	{ .name = "deleteAll",
	    .kind = PARAMETER_BOOLEAN,
	    .doc = "Delete all entries; cannot be combined with other members." },
};

int licensing_log_narrow(struct operation *operation, struct sql *sql, struct error *error)
{
	struct log_range range;

	if (log_range_read(operation, &range, error) != 0)
		return -1;
	log_range_where(sql, &range);
	audit_where_seen(&operation->context, sql);
	return 0;
}

int licensing_log_narrow_one(struct operation *operation, struct sql *sql, struct error *error)
{
	(void)error;
	audit_where_seen(&operation->context, sql);
	return 0;
}

/* --- deletion --- */

enum { DELETION_COUNT };

static const struct field deletion_fields[] = {
	[DELETION_COUNT] = { INT64("deletedLogCount", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Entries that were deleted." },
};

const struct resource log_deletion_resource = {
	.name = "log deletion",
	.type_name = "DeleteLogResponse",
	.area = AREA_LOG,
	FIELDS(deletion_fields),
	.doc = "What was deleted from the log.",
};

/* What is to be deleted. */
struct deletion {
	const struct operation *operation;
	struct log_range range;
	struct filter *filter;
	int64_t id;           /* 0 = any */
	int64_t count, total; /* of this transaction, and of those before */
	bool recorded;
	struct audit_place place; /* of the deletion itself, once it is recorded: it stays */
};

static int read_deletion(
    struct operation *operation, struct deletion *deletion, struct error *error)
{
	const struct parameters *parameters = &operation->parameters;
	const struct parameter_value *id = parameters_get(parameters, "id");
	const struct parameter_value *filter = parameters_get(parameters, "filter");
	bool all = parameters_get(parameters, "deleteAll")->integer != 0;
	bool some;

	if (filter_read(operation->context.arena, &operation->context.sight,
		&operation->context.settings->limits, &log_entry_resource, filter->text,
		&deletion->filter, error) != 0)
		return -1;
	if (log_range_read(operation, &deletion->range, error) != 0)
		return -1;
	deletion->id = id->sent ? id->integer : 0;
	some = id->sent || deletion->filter != NULL || deletion->range.has_start ||
	       deletion->range.has_end;
	if (all && some)
		return error_add_fault(error, "deleteAll",
		    "The parameter deleteAll cannot be combined with id, filter, startDate or "
		    "endDate.");
	if (!all && !some)
		return error_add_fault(error, "deleteAll",
		    "Give id, filter, startDate or endDate to choose what to delete, or set "
		    "deleteAll to true.");
	return 0;
}

static void append_moment(struct buf *text, const char *name, int64_t moment)
{
	buf_printf(text, "%s=", name);
	timestamp_print(text, moment, TIMESTAMP_UTC);
	buf_append_char(text, '&');
}

/* What is carried out: the parameters as they were understood, however they were written. */
static void print_query(struct buf *text, const struct deletion *deletion)
{
	if (deletion->id != 0)
		buf_printf(text, "id=%lld&", (long long)deletion->id);
	if (deletion->range.has_start)
		append_moment(text, "startDate", deletion->range.start);
	if (deletion->range.has_end)
		append_moment(text, "endDate", deletion->range.end);
	if (deletion->filter != NULL) {
		buf_append_text(text, "filter=");
		filter_print(text, deletion->filter);
	} else if (text->length > 0) {
		text->length--;
	} else {
		buf_append_text(text, "deleteAll=true");
	}
}

/* The deletion itself is kept in the log; how many rows it deletes is seen behind that. */
static int record_deletion(
    struct operation *operation, struct deletion *deletion, struct error *error)
{
	struct buf detail = { 0 }, query = { 0 };
	struct writer writer;
	int result;

	print_query(&query, deletion);
	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_integer(&writer, "deleted", 0);
	writer_text(&writer, "query", buf_str(&query));
	writer_object_end(&writer);
	/* The condition may quote members of anything. */
	const struct audit_event event = { .action = AUDIT_DELETE,
		.area = AREA_NONE,
		.what = "log",
		.detail = buf_str(&detail),
		.placed = true };

	result = detail.failed || query.failed
		     ? error_out_of_memory(error)
		     : audit_record_event(&operation->context, &event, error);
	buf_free(&query);
	buf_free(&detail);
	deletion->place = operation->context.audit_place;
	return result;
}

/* Older than the deletion, so that its own entry stays. */
static void narrow_deletion(struct sql *sql, const void *context)
{
	const struct deletion *deletion = context;
	const struct value own = { .integer = deletion->place.log_entry };
	const struct value one = { .integer = deletion->id };

	sql_where_before(sql, &log_entry_resource, ENTRY_ID, &own);
	if (deletion->id != 0)
		sql_where_field(sql, &log_entry_resource, ENTRY_ID, &one);
	log_range_where(sql, &deletion->range);
	/* How many entries meet a condition tells of them. */
	if (deletion->filter != NULL)
		audit_where_seen(&deletion->operation->context, sql);
}

static int delete_chunk(struct operation *operation, void *context, struct error *error)
{
	struct deletion *deletion = context;
	const struct irregular_deletion rows = { &log_entry_resource, deletion->filter,
		narrow_deletion, deletion };

	if (!deletion->recorded && record_deletion(operation, deletion, error) != 0)
		return -1;
	if (irregular_delete(operation, &rows, &deletion->count, error) != 0)
		return -1;
	/* The same entry tells how many there are by now, in the transaction that deletes them. */
	return audit_recount(
	    &operation->context, &deletion->place, deletion->total + deletion->count, error);
}

/* Chunk after chunk, each a transaction, so that no other writer waits long. */
static int delete_entries(
    struct operation *operation, struct deletion *deletion, bool *whole, struct error *error)
{
	int64_t end = timestamp_monotonic() + DELETION_MOST;

	do {
		if (operation_transaction(operation, delete_chunk, deletion, error) != 0)
			return -1;
		deletion->recorded = true;
		deletion->total += deletion->count;
		*whole = deletion->count < IRREGULAR_CHUNK;
	} while (!*whole && timestamp_monotonic() < end);
	return 0;
}

int licensing_log_delete(struct operation *operation, struct error *error)
{
	struct deletion deletion = { .operation = operation };
	struct row *answer;
	bool whole;

	if (read_deletion(operation, &deletion, error) != 0 ||
	    gate_enter_list(operation->context.guard->gate, GATE_HEAVY, error) != 0 ||
	    delete_entries(operation, &deletion, &whole, error) != 0)
		return -1;
	answer = row_new(operation->context.arena, &log_deletion_resource);
	if (answer == NULL)
		return error_out_of_memory(error);
	if (!whole)
		operation->answer.message =
		    language_text("More rows remain; send the request again.");
	row_set_integer(answer, DELETION_COUNT, deletion.total);
	operation_answer_members(operation, answer);
	return 0;
}
