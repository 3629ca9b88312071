/*
 * Programs that use up what counters of their license allow. A call is known again by its
 * consumptionId: whoever has not got the answer asks once more, and is told what the ledger says.
 */
#include "api/activation/answer.h"
#include "api/activation/program.h"
#include "api/activation/trace.h"
#include "api/licensing/consumption.h"
#include "api/licensing/licensing.h"
#include "record/event.h"

/* --- request and answer --- */

enum {
	CONSUME_USER_KEY,
	CONSUME_FEATURE,
	CONSUME_AMOUNT,
	CONSUME_ID,
	CONSUME_MACHINE_ID,
	CONSUME_CLIENT_ID,
	CONSUME_CLIENT_NAME,
	CONSUME_LICENSE_ID,
	CONSUME_PRODUCT_ID,
	CONSUME_PRODUCT_VERSION
};

static const struct field consume_fields[] = {
	[CONSUME_USER_KEY] = REQUEST_FIELD_USER_KEY,
	[CONSUME_FEATURE] = { STRING("feature", NULL, COUNTER_FEATURE_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "Feature of the counter.",
	    .example = "\"exports\"" },
	[CONSUME_AMOUNT] = { INT64("amount", NULL), .least = 1, .most = COUNTER_AMOUNT_MOST,
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "What is used.", .example = "3" },
	[CONSUME_ID] = { STRING("consumptionId", NULL, COUNTER_ID_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED,
	    .doc = "The program's own identifier of this consumption, such as a GUID: the same "
		   "one again uses nothing more.",
	    .example = "\"7d3f2b1e-0001\"" },
	[CONSUME_MACHINE_ID] = REQUEST_FIELD_MACHINE_ID,
	[CONSUME_CLIENT_ID] = REQUEST_FIELD_CLIENT_ID,
	[CONSUME_CLIENT_NAME] = REQUEST_FIELD_CLIENT_NAME,
	[CONSUME_LICENSE_ID] = REQUEST_FIELD_LICENSE_ID,
	[CONSUME_PRODUCT_ID] = REQUEST_FIELD_PRODUCT_ID,
	[CONSUME_PRODUCT_VERSION] = REQUEST_FIELD_PRODUCT_VERSION,
};

const struct resource activation_consume_resource = {
	.name = "consumption",
	.type_name = "ConsumeLicenseRequest",
	.area = AREA_ACTIVATION,
	FIELDS(consume_fields),
	.doc = "What a program uses of its license.",
};

enum {
	CONSUMED_SUCCESS,
	CONSUMED_FEATURE,
	CONSUMED_AMOUNT,
	CONSUMED_ID,
	CONSUMED_USED,
	CONSUMED_BALANCE,
	CONSUMED_RESET_AT
};

#define CONSUMED_FIELDS(MOMENT)                                                                    \
	{                                                                                          \
		[CONSUMED_SUCCESS] = { BOOLEAN("success", NULL), ANSWER_PLAIN,                     \
			.doc = "Always true." },                                                   \
		[CONSUMED_FEATURE] = { STRING("feature", NULL, COUNTER_FEATURE_LONGEST),           \
			ANSWER_PLAIN, .doc = "Feature of the counter.",                            \
			.example = "\"exports\"" },                                                \
		[CONSUMED_AMOUNT] = { INT64("amount", NULL), ANSWER_PLAIN,                         \
			.doc = "What was used by this call.", .example = "3" },                    \
		[CONSUMED_ID] = { STRING("consumptionId", NULL, COUNTER_ID_LONGEST), ANSWER_PLAIN, \
			.doc = "The program's identifier of it.",                                  \
			.example = "\"7d3f2b1e-0001\"" },                                          \
		[CONSUMED_USED] = { INT64("used", NULL), ANSWER_PLAIN,                             \
			.doc = "What was used with it, of a metered counter in its period." },     \
		[CONSUMED_BALANCE] = { INT64("balance", NULL), ANSWER_PLAIN,                       \
			.doc = "What was left behind it; below 0 where overage allows more; null " \
			       "means any amount." },                                              \
		[CONSUMED_RESET_AT] = { MOMENT("resetAt"), ANSWER_PLAIN,                           \
			.doc = "When the counter starts again; null means never." },               \
	}

static const struct field consumed_fields[] = CONSUMED_FIELDS(ANSWER_PARTED);
static const struct field written_consumed_fields[] = CONSUMED_FIELDS(ANSWER_WRITTEN);

#define CONSUMED_RESOURCE(fields)                                                              \
	{                                                                                      \
		.name = "consumption", .type_name = "ConsumeLicenseResponse",                  \
		.area = AREA_ACTIVATION, FIELDS(fields), .doc = "What was used, and is left.", \
	}

const struct resource activation_consumption_resource = CONSUMED_RESOURCE(consumed_fields);
static const struct resource written_consumption = CONSUMED_RESOURCE(written_consumed_fields);

static const struct resource *const forms[] = {
	[CLIENT_FORMAT_CLASSES] = &activation_consumption_resource,
	[CLIENT_FORMAT_PROTO3] = &written_consumption,
};

/* Of an entry that was made just now, or before, the answer is the same. */
static int answer_entry(struct operation *operation, const struct row *entry, struct error *error)
{
	struct filling filling = answer_begin(operation);
	struct row *row = answer_new_row(&filling, forms[filling.format]);

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_boolean(row, CONSUMED_SUCCESS, true);
	row_set_value(row, CONSUMED_FEATURE, &entry->values[ENTRY_FEATURE]);
	row_set_value(row, CONSUMED_AMOUNT, &entry->values[ENTRY_AMOUNT]);
	row_set_value(row, CONSUMED_ID, &entry->values[ENTRY_CONSUMPTION_ID]);
	row_set_value(row, CONSUMED_USED, &entry->values[ENTRY_USED]);
	row_set_value(row, CONSUMED_BALANCE, &entry->values[ENTRY_BALANCE]);
	answer_copy_moment(&filling, row, CONSUMED_RESET_AT, entry, ENTRY_RESET_AT);
	return answer_send(operation, &filling, row, error);
}

/* --- using --- */

/* A consumption under way. */
struct use {
	struct program program;
	struct counter counter; /* as it was read before the transaction */
	struct consumption change;
};

static const struct value *license_of(const struct use *use)
{
	return &use->program.call.license->values[VIEW_ID];
}

static struct str said(const struct use *use, unsigned member)
{
	return use->program.body->values[member].text;
}

/* What the ledger tells of the program. */
static int describe_use(struct operation *operation, struct use *use, struct error *error)
{
	static const struct {
		enum consumption_entry_member to;
		unsigned from;
	} copied[] = {
		{ ENTRY_CONSUMPTION_ID, CONSUME_ID },
		{ ENTRY_MACHINE_ID, CONSUME_MACHINE_ID },
		{ ENTRY_CLIENT_ID, CONSUME_CLIENT_ID },
		{ ENTRY_CLIENT_NAME, CONSUME_CLIENT_NAME },
	};
	const struct row *body = use->program.body;
	struct row *row = row_new(operation->context.arena, &licensing_consumption_entry_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < COUNT_OF(copied); i++) {
		if (row_filled(body, copied[i].from))
			row_set_value(row, copied[i].to, &body->values[copied[i].from]);
	}
	row_set_text(row, ENTRY_ADDRESS, use->program.call.address);
	use->change = (struct consumption){ .action = CONSUMPTION_CONSUME,
		.amount = body->values[CONSUME_AMOUNT].integer,
		.said = row };
	return 0;
}

/* The counter speaks after the license. */
static int judge_counter(struct operation *operation, struct use *use, struct error *error)
{
	if (use->program.reason != REASON_VALID)
		return 0;
	if (consumption_find(&operation->context, license_of(use), said(use, CONSUME_FEATURE),
		use->program.call.now, &use->counter, error) != 0)
		return -1;
	if (use->counter.row == NULL)
		use->program.reason = REASON_COUNTER_NOT_FOUND;
	else if (!consumption_is_allowed(&use->counter, &use->change))
		use->program.reason = REASON_BALANCE_TOO_LOW;
	return 0;
}

/* Works on a copy of the counter, since it may run again. */
static int consume(struct operation *operation, void *data, struct error *error)
{
	struct use *use = data;
	struct counter counter = use->counter;
	const struct row *entry;

	use->program.reason = REASON_VALID;
	if (consumption_store(&operation->context, &use->change, &counter, &entry, error) != 0) {
		use->program.reason = reason_find(error->word);
		return -1;
	}
	if (entry != NULL)
		return answer_entry(operation, entry, error);
	use->program.reason =
	    counter.row != NULL ? REASON_BALANCE_TOO_LOW : REASON_COUNTER_NOT_FOUND;
	return reason_refuse(use->program.reason, error);
}

/*
 * What the counter does not allow may have been done before. *done tells that it was answered;
 * else the reason may be another one now.
 */
static int answer_again(
    struct operation *operation, struct use *use, bool *done, struct error *error)
{
	struct row *entry;

	*done = false;
	if (consumption_find_entry(
		&operation->context, license_of(use), said(use, CONSUME_ID), &entry, error) != 0)
		return -1;
	if (entry == NULL)
		return 0;
	if (entry->values[ENTRY_AMOUNT].integer != use->change.amount ||
	    !str_equal(entry->values[ENTRY_FEATURE].text, said(use, CONSUME_FEATURE))) {
		use->program.reason = REASON_CONSUMPTION_ID_REUSED;
		return 0;
	}
	*done = true;
	return answer_entry(operation, entry, error);
}

static int tell_refused(struct operation *operation, void *data, struct error *error)
{
	struct use *use = data;
	struct counter counter = use->counter;

	return consumption_tell_refused(&operation->context, &use->change, &counter, error);
}

static int refuse_use(struct operation *operation, struct use *use, struct error *error)
{
	if (use->program.reason == REASON_BALANCE_TOO_LOW &&
	    event_is_wanted(
		&operation->context, &licensing_license_resource, CONSUMPTION_EVENT_EXHAUSTED) &&
	    operation_transaction(operation, tell_refused, use, error) != 0)
		return -1;
	return program_refuse(operation, &use->program, error);
}

static bool may_be_done(enum reason reason)
{
	return reason == REASON_BALANCE_TOO_LOW || reason == REASON_CONSUMPTION_ID_REUSED;
}

int activation_consume(struct operation *operation, struct error *error)
{
	struct use use = { .counter = { .row = NULL } };
	bool done = false;

	if (program_begin(operation, &use.program, CALL_CONSUME, error) != 0 ||
	    program_find_license(operation, &use.program, error) != 0 ||
	    describe_use(operation, &use, error) != 0 || judge_counter(operation, &use, error) != 0)
		return -1;
	if (use.program.reason == REASON_VALID) {
		done = operation_transaction_once(operation, consume, &use, error) == 0;
		/* Any other error than a refusal has no reason of these. */
		if (!done &&
		    (use.program.reason == REASON_VALID || use.program.reason == REASON__MAX))
			return -1;
		error_clear(error);
	}
	if (!done && may_be_done(use.program.reason) &&
	    answer_again(operation, &use, &done, error) != 0)
		return -1;
	if (!done)
		return refuse_use(operation, &use, error);
	return trace_call(&operation->context, &use.program.call, REASON_VALID, error);
}
