/*
 * What a vendor does with the counters of a license: add to a prepaid balance, and undo an entry of
 * the ledger.
 */
#include "api/licensing/consumption.h"
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "record/audit.h"
#include "record/rows.h"

enum { TOP_UP_FEATURE, TOP_UP_AMOUNT, TOP_UP_NOTE };

#define NOTE                                                                                  \
	{                                                                                     \
		STRING("note", NULL, COUNTER_NOTE_LONGEST),                                   \
		    .flags = FIELD_NOT_STORED | FIELD_TYPICAL, .doc = "Why, for the ledger.", \
		    .example = "\"Order O-7K2Q9XW1\"",                                        \
	}

static const struct field top_up_fields[] = {
	[TOP_UP_FEATURE] = { STRING("feature", NULL, COUNTER_FEATURE_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "Feature of the counter.",
	    .example = "\"exports\"" },
	[TOP_UP_AMOUNT] = { INT64("amount", NULL), .least = 1, .most = COUNTER_AMOUNT_MOST,
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "What is added.", .example = "500" },
	[TOP_UP_NOTE] = NOTE,
};

const struct resource consumption_top_up_resource = {
	.name = "top-up",
	.type_name = "TopUpConsumptionRequest",
	.area = AREA_LICENSES,
	FIELDS(top_up_fields),
	.doc = "What is added to a prepaid balance.",
};

enum { REVERSAL_NOTE };

static const struct field reversal_fields[] = {
	[REVERSAL_NOTE] = NOTE,
};

const struct resource ledger_reversal_resource = {
	.name = "reversal",
	.type_name = "ReverseConsumptionRequest",
	.area = AREA_LICENSES,
	FIELDS(reversal_fields),
	.doc = "Why an entry of the ledger is undone.",
};

enum {
	CHANGED_ENTRY_ID,
	CHANGED_LICENSE_ID,
	CHANGED_FEATURE,
	CHANGED_USED,
	CHANGED_BALANCE,
	CHANGED_RESET_AT
};

static const struct field changed_fields[] = {
	[CHANGED_ENTRY_ID] = { INT64("entryId", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "The entry of the ledger." },
	[CHANGED_LICENSE_ID] = { INT32("licenseId", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "The license." },
	[CHANGED_FEATURE] = { STRING("feature", NULL, COUNTER_FEATURE_LONGEST),
	    .flags = FIELD_NOT_STORED, .doc = "Feature of the counter.", .example = "\"exports\"" },
	[CHANGED_USED] = { INT64("used", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "What was used, of a metered counter in its period." },
	[CHANGED_BALANCE] = { INT64("balance", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "What is left; null means any amount." },
	[CHANGED_RESET_AT] = { DATETIME("resetAt", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "When the counter starts again; null means never." },
};

const struct resource consumption_changed_resource = {
	.name = "consumption",
	.chapter = LICENSING_CHAPTER_SEATS,
	.type_name = "ChangedConsumption",
	.area = AREA_LICENSES,
	FIELDS(changed_fields),
	.doc = "What a counter stands at behind a change.",
};

/* A change under way; `keys` are those of the path. */
struct act {
	const struct row *keys;
	struct str note;
	struct str feature; /* of a top-up */
	int64_t amount;
};

static int answer_changed(struct operation *operation, const struct row *entry, struct error *error)
{
	static const struct {
		unsigned to;
		enum consumption_entry_member from;
	} copied[] = {
		{ CHANGED_ENTRY_ID, ENTRY_ID },
		{ CHANGED_LICENSE_ID, ENTRY_LICENSE_ID },
		{ CHANGED_FEATURE, ENTRY_FEATURE },
		{ CHANGED_USED, ENTRY_USED },
		{ CHANGED_BALANCE, ENTRY_BALANCE },
		{ CHANGED_RESET_AT, ENTRY_RESET_AT },
	};
	struct row *row = row_new(operation->context.arena, &consumption_changed_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < COUNT_OF(copied); i++)
		row_set_value(row, copied[i].to, &entry->values[copied[i].from]);
	operation_answer_members(operation, row);
	return 0;
}

/* The ledger does not tell who it was; it is a change of the license. */
static int audit_change(struct context *context, const struct row *entry, struct error *error)
{
	const struct resource *resource = &licensing_license_resource;
	struct buf detail = { 0 };
	struct writer writer;
	int result;

	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_text(&writer, "action", entry->values[ENTRY_ACTION].text);
	writer_integer(&writer, "entryId", entry->values[ENTRY_ID].integer);
	writer_text(&writer, "feature", entry->values[ENTRY_FEATURE].text);
	writer_integer(&writer, "amount", entry->values[ENTRY_AMOUNT].integer);
	writer_object_end(&writer);
	result = detail.failed ? error_out_of_memory(error)
			       : audit_record_event(context,
				     &(const struct audit_event){ .action = AUDIT_UPDATE,
					 .area = resource->area,
					 .what = resource_audit_name(resource),
					 .key = row_print_key(context->arena, resource,
					     &entry->values[ENTRY_LICENSE_ID]),
					 .detail = buf_str(&detail) },
				     error);
	buf_free(&detail);
	return result;
}

/* Changes the counter, tells the log, and answers. */
static int carry_out(struct operation *operation, const struct act *act, struct consumption *change,
    struct str feature, struct error *error)
{
	struct context *context = &operation->context;
	struct row *said = row_new(context->arena, &licensing_consumption_entry_resource);
	const struct row *entry;
	struct counter counter;

	if (said == NULL)
		return error_out_of_memory(error);
	row_set_text(said, ENTRY_ADDRESS, operation->request->remote_address);
	if (act->note.length > 0)
		row_set_text(said, ENTRY_NOTE, act->note);
	change->said = said;
	if (consumption_find(context, &act->keys->values[CHANGED_LICENSE_ID], feature,
		timestamp_now(), &counter, error) != 0)
		return -1;
	if (counter.row == NULL)
		return resource_not_found(&licensing_consumption_resource, error);
	if (change->action == CONSUMPTION_TOP_UP &&
	    row_word(counter.row, CONSUMPTION_KIND) != COUNTER_PREPAID)
		return error_set_word(error, ERROR_CONFLICT, "COUNTER_METERED",
		    "The counter is metered: nothing is added to it.");
	if (consumption_store(context, change, &counter, &entry, error) != 0)
		return -1;
	if (entry == NULL)
		return error_set_word(error, ERROR_CONFLICT, "BALANCE_OUT_OF_RANGE",
		    "The balance would be less than what was used, or more than may be counted.");
	if (audit_change(context, entry, error) != 0)
		return -1;
	return answer_changed(operation, entry, error);
}

static int top_up(struct operation *operation, void *data, struct error *error)
{
	const struct act *act = data;
	struct consumption change = { .action = CONSUMPTION_TOP_UP, .amount = act->amount };
	struct row *license = row_with(operation->context.arena, &licensing_license_resource,
	    resource_key(&licensing_license_resource), &act->keys->values[CHANGED_LICENSE_ID]);

	if (license == NULL)
		return error_out_of_memory(error);
	if (record_require(&operation->context,
		&(struct record_set){ .resource = &licensing_license_resource, .keys = license },
		error) != 0)
		return -1;
	return carry_out(operation, act, &change, act->feature, error);
}

static int reverse(struct operation *operation, void *data, struct error *error)
{
	const struct resource *entries = &licensing_consumption_entry_resource;
	const struct act *act = data;
	struct consumption change = { .action = CONSUMPTION_REVERSE };
	struct row *entry, *keys = row_with(operation->context.arena, entries, ENTRY_ID,
			       &act->keys->values[CHANGED_ENTRY_ID]);

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_value(keys, ENTRY_LICENSE_ID, &act->keys->values[CHANGED_LICENSE_ID]);
	if (record_fetch_one(&operation->context, entries, resource_default_mask(entries), keys,
		&entry, error) != 0)
		return -1;
	if (row_word(entry, ENTRY_ACTION) == CONSUMPTION_REVERSE)
		return error_set_word(error, ERROR_CONFLICT, "REVERSAL",
		    "The entry undoes another one, and cannot be undone itself.");
	change.reversed = entry;
	change.amount = entry->values[ENTRY_AMOUNT].integer;
	return carry_out(operation, act, &change, entry->values[ENTRY_FEATURE].text, error);
}

static struct str note_of(const struct row *body, unsigned member)
{
	return row_filled(body, member) ? body->values[member].text : STR("");
}

int licensing_consumption_top_up(struct operation *operation, struct error *error)
{
	struct row *keys, *body;
	struct act act;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	act = (struct act){ .keys = keys,
		.note = note_of(body, TOP_UP_NOTE),
		.feature = body->values[TOP_UP_FEATURE].text,
		.amount = body->values[TOP_UP_AMOUNT].integer };
	return operation_transaction(operation, top_up, &act, error);
}

int licensing_consumption_reverse(struct operation *operation, struct error *error)
{
	struct row *keys, *body;
	struct act act;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
		return -1;
	act = (struct act){ .keys = keys, .note = note_of(body, REVERSAL_NOTE) };
	return operation_transaction(operation, reverse, &act, error);
}
