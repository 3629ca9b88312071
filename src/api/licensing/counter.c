#include "api/licensing/counter.h"

#include "api/licensing/licensing.h"
#include "api/licensing/policy.h"

static const struct enumerator kind_words[] = { { COUNTER_PREPAID, "prepaid" },
	{ COUNTER_METERED, "metered" } };
static const struct enumeration kinds = { "CounterKind", kind_words, COUNT_OF(kind_words) };

static const struct enumerator period_words[] = { { COUNTER_PERIOD_NONE, "none" },
	{ COUNTER_PERIOD_DAY, "day" }, { COUNTER_PERIOD_MONTH, "month" },
	{ COUNTER_PERIOD_YEAR, "year" } };
static const struct enumeration periods = { "CounterPeriod", period_words, COUNT_OF(period_words) };

static const struct enumerator action_words[] = { { CONSUMPTION_CONSUME, "consume" },
	{ CONSUMPTION_TOP_UP, "topUp" }, { CONSUMPTION_REVERSE, "reverse" } };
static const struct enumeration actions = { "ConsumptionAction", action_words,
	COUNT_OF(action_words) };

struct str consumption_action_name(enum consumption_action action)
{
	return str_from(enumeration_name(&actions, action));
}

bool counter_period(enum counter_period period, int64_t moment, int64_t *start, int64_t *end)
{
	struct timestamp_fields now = timestamp_split(moment);
	struct timestamp_fields first = { .year = now.year,
		.month = period < COUNTER_PERIOD_YEAR ? now.month : 1,
		.day = period < COUNTER_PERIOD_MONTH ? now.day : 1 };
	struct timestamp_fields next = first;

	if (period == COUNTER_PERIOD_NONE)
		return false;
	*start = timestamp_join(&first);
	if (period == COUNTER_PERIOD_DAY) {
		*end = policy_end(*start, 1);
		return true;
	}
	next.year += period == COUNTER_PERIOD_YEAR || now.month == 12;
	next.month = period == COUNTER_PERIOD_YEAR ? 1 : now.month % 12 + 1;
	*end = timestamp_join(&next);
	return true;
}

/* --- what may be used --- */

#define AMOUNT(member, stored) INT64(member, stored), .least = 0, .most = COUNTER_MOST

#define FEATURE_DOC "What is counted, as programs call it."
#define KIND_DOC                                                                                 \
	"prepaid: a balance that is used up; metered: an amount that may be used again in each " \
	"period."
#define ALLOWANCE_DOC                                                                      \
	"How much may be used: of a prepaid counter in addition to top-ups, null meaning " \
	"nothing; of a metered one in each period, null meaning any amount."
#define PERIOD_DOC                                                                               \
	"What a metered counter starts again with, by the calendar in UTC: none, day, month or " \
	"year; null means none."
#define OVERAGE_DOC                                                                            \
	"How much more than the allowance may be used: none, 1.25x, 1.5x, 2x or always; null " \
	"means none."
#define LOW_BALANCE_DOC \
	"Balance at which the event license.consumption_low is told; null means never."

enum {
	COUNTER_ID,
	COUNTER_FEATURE,
	COUNTER_KIND,
	COUNTER_ALLOWANCE,
	COUNTER_PERIOD,
	COUNTER_OVERAGE,
	COUNTER_LOW_BALANCE,
	COUNTER_LICENSE_ID,
	COUNTER_TEMPLATE_ID
};

static const struct field counter_fields[] = {
	[COUNTER_ID] = { INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[COUNTER_FEATURE] = { STRING("feature", "feature", COUNTER_FEATURE_LONGEST),
	    .flags = FIELD_REQUIRED, .doc = FEATURE_DOC, .example = "\"exports\"" },
	[COUNTER_KIND] = { CODE("kind", "kind", &kinds), .flags = FIELD_REQUIRED, .doc = KIND_DOC },
	[COUNTER_ALLOWANCE] = { AMOUNT("allowance", "allowance"), .doc = ALLOWANCE_DOC },
	[COUNTER_PERIOD] = { CODE("period", "period", &periods), .doc = PERIOD_DOC },
	[COUNTER_OVERAGE] = { CODE("overage", "overage", &policy_overages), .doc = OVERAGE_DOC },
	[COUNTER_LOW_BALANCE] = { AMOUNT("lowBalance", "low_balance"), .doc = LOW_BALANCE_DOC },
	[COUNTER_LICENSE_ID] = { INT32("licenseId", "license_id"), .flags = LICENSING_HIDDEN },
	[COUNTER_TEMPLATE_ID] = { INT32("templateId", "template_id"), .flags = LICENSING_HIDDEN },
};

static const struct unique_key counter_uniques[] = {
	{ .index = "license_counter_license",
	    .member = "feature",
	    .message = "Another counter is for the same feature.",
	    .within = "licenseId" },
	{ .index = "license_counter_template",
	    .member = "feature",
	    .message = "Another counter is for the same feature.",
	    .within = "templateId" },
};

const struct resource licensing_counter_resource = {
	.name = "counter",
	.chapter = LICENSING_CHAPTER_SEATS,
	.type_name = "LicenseCounter",
	.area = AREA_LICENSES,
	.table = "license_counter",
	FIELDS(counter_fields),
	UNIQUES(counter_uniques),
	.doc = "How much of a feature a license may use.",
};

void counter_check(const struct row *owner, struct error *error)
{
	unsigned member = resource_member(owner->resource, "counters");
	const struct row_list *list = &owner->values[member].list;

	for (unsigned i = 0; row_filled(owner, member) && i < list->count; i++) {
		const struct row *counter = list->rows[i];

		if (row_filled(counter, COUNTER_KIND) && row_filled(counter, COUNTER_PERIOD) &&
		    row_word(counter, COUNTER_KIND) == COUNTER_PREPAID &&
		    row_word(counter, COUNTER_PERIOD) != COUNTER_PERIOD_NONE)
			error_add_fault(error, arena_printf(error->arena, "counters[%u].period", i),
			    "The counters[%u].period field must be none, since a prepaid counter "
			    "never starts again.",
			    i);
	}
}

/* --- what was used --- */

#define PERIOD_BEGIN                                                                 \
	"(CASE {}.period WHEN 'day' THEN UTC_DATE() WHEN 'month' THEN "              \
	"LAST_DAY(UTC_DATE()) + INTERVAL 1 DAY - INTERVAL 1 MONTH WHEN 'year' THEN " \
	"MAKEDATE(YEAR(UTC_DATE()), 1) END)"
/* The period of a metered counter may be over, whose amount does not count then. */
#define USED                                                                                      \
	"IF({}.kind = 'metered' AND IFNULL(u.period_start, '2000-01-01') < " PERIOD_BEGIN ", 0, " \
	"IFNULL(u.used, 0))"

static const struct field consumption_fields[CONSUMPTION__MAX] = {
	[CONSUMPTION_ID] = { INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the counter." },
	[CONSUMPTION_LICENSE_ID] = { INT32("licenseId", "license_id"), .flags = FIELD_READONLY,
	    .doc = "License that it is of." },
	[CONSUMPTION_FEATURE] = { STRING("feature", "feature", COUNTER_FEATURE_LONGEST),
	    .flags = FIELD_READONLY, .doc = FEATURE_DOC, .example = "\"exports\"" },
	[CONSUMPTION_KIND] = { CODE("kind", "kind", &kinds), .flags = FIELD_READONLY,
	    .doc = KIND_DOC },
	[CONSUMPTION_ALLOWANCE] = { INT64("allowance", "allowance"), .flags = FIELD_READONLY,
	    .doc = ALLOWANCE_DOC },
	[CONSUMPTION_PERIOD] = { CODE("period", "period", &periods), .flags = FIELD_READONLY,
	    .doc = PERIOD_DOC },
	[CONSUMPTION_OVERAGE] = { CODE("overage", "overage", &policy_overages),
	    .flags = FIELD_READONLY, .doc = OVERAGE_DOC },
	[CONSUMPTION_LOW_BALANCE] = { INT64("lowBalance", "low_balance"), .flags = FIELD_READONLY,
	    .doc = LOW_BALANCE_DOC },
	[CONSUMPTION_ADDED] = { INT64("added", NULL), .flags = FIELD_READONLY,
	    .expression = "IFNULL(u.added, 0)", .doc = "What was added to a prepaid balance." },
	[CONSUMPTION_USED] = { INT64("used", NULL), .flags = FIELD_READONLY, .expression = USED,
	    .doc = "What was used, of a metered counter in its period." },
	[CONSUMPTION_BALANCE] = { INT64("balance", NULL), .flags = FIELD_READONLY,
	    .expression = "IF({}.kind = 'prepaid', IFNULL({}.allowance, 0) + IFNULL(u.added, 0), "
			  "{}.allowance) - " USED,
	    .doc = "What is left; below 0 where overage allows more; null means any amount." },
	[CONSUMPTION_RESET_AT] = { DATETIME("resetAt", NULL), .flags = FIELD_READONLY,
	    .expression = "CAST(CASE {}.period WHEN 'day' THEN UTC_DATE() + INTERVAL 1 DAY WHEN "
			  "'month' THEN LAST_DAY(UTC_DATE()) + INTERVAL 1 DAY WHEN 'year' THEN "
			  "MAKEDATE(YEAR(UTC_DATE()) + 1, 1) END AS DATETIME(6))",
	    .doc = "When it starts again; null means never." },
	[CONSUMPTION_CHANGED_AT] = { DATETIME("changedAt", "u.changed_at"), .flags = FIELD_READONLY,
	    .doc = "When the ledger got its last entry; null = never." },
	[CONSUMPTION_STATE_ID] = { INT64("stateId", "u.id"), .flags = LICENSING_HIDDEN },
	[CONSUMPTION_STATE_USED] = { INT64("stateUsed", "u.used"), .flags = LICENSING_HIDDEN },
	[CONSUMPTION_PERIOD_START] = { DATETIME("periodStart", "u.period_start"),
	    .flags = LICENSING_HIDDEN },
	[CONSUMPTION_TOLD] = { INT32("told", "u.told"), .flags = LICENSING_HIDDEN },
};

static const struct relation of_license = {
	.target = &licensing_license_resource,
	.local = "licenseId",
	.foreign = "id",
};

static const struct table_index consumption_indexes[] = {
	{ .name = "license_counter_license", .columns = { "license_id", "feature" } },
	{ .name = "license_counter_owner", .columns = { "license_id", "id" } },
};

const struct resource licensing_consumption_resource = {
	.name = "counter",
	.chapter = LICENSING_CHAPTER_SEATS,
	.type_name = "LicenseConsumption",
	.area = AREA_LICENSES,
	.plural = "counters",
	.table = "license_counter",
	.from = "license_counter {} LEFT JOIN license_consumption u ON u.license_id = "
		"{}.license_id AND u.feature = {}.feature",
	FIELDS(consumption_fields),
	INDEXES(consumption_indexes),
	.parent = &of_license,
	.unaudited = "the license's own changes tell of what may be used, the ledger of what was",
	.doc = "What a license may use of a feature, and has used.",
};

static const struct field state_fields[STATE__MAX] = {
	[STATE_ID] = { INT64("id", "id"), .flags = FIELD_KEY | LICENSING_HIDDEN },
	[STATE_LICENSE_ID] = { INT32("licenseId", "license_id"), .flags = LICENSING_HIDDEN },
	[STATE_FEATURE] = { STRING("feature", "feature", COUNTER_FEATURE_LONGEST),
	    .flags = LICENSING_HIDDEN },
	[STATE_USED] = { INT64("used", "used"), .flags = LICENSING_HIDDEN },
	[STATE_ADDED] = { INT64("added", "added"), .flags = LICENSING_HIDDEN },
	[STATE_PERIOD_START] = { DATETIME("periodStart", "period_start"),
	    .flags = LICENSING_HIDDEN },
	[STATE_TOLD] = { INT32("told", "told"), .flags = LICENSING_HIDDEN },
	[STATE_CHANGED_AT] = { DATETIME("changedAt", "changed_at"), .flags = LICENSING_HIDDEN },
};

const struct resource licensing_consumption_state_view = {
	.name = "consumption",
	.type_name = "ConsumptionState",
	.area = AREA_LICENSES,
	.table = "license_consumption",
	FIELDS(state_fields),
	.unaudited = "the ledger has an entry of each change",
	.doc = "What was used of a feature, apart from what may be.",
};

/* --- the ledger --- */

static const struct field entry_fields[ENTRY__MAX] = {
	[ENTRY_ID] = { INT64("id", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier." },
	[ENTRY_LICENSE_ID] = { INT32("licenseId", "license_id"), .flags = FIELD_READONLY,
	    .doc = "License whose counter has changed." },
	[ENTRY_LICENSE] = { ONE("license", &licensing_license_resource, "licenseId", "id"),
	    .flags = LICENSING_RELATED, .doc = "License whose counter has changed." },
	[ENTRY_FEATURE] = { STRING("feature", "feature", COUNTER_FEATURE_LONGEST),
	    .flags = FIELD_READONLY, .doc = FEATURE_DOC, .example = "\"exports\"" },
	[ENTRY_ACTION] = { CODE("action", "action", &actions), .flags = FIELD_READONLY,
	    .doc = "consume, topUp, or reverse, which undoes another entry." },
	[ENTRY_AMOUNT] = { INT64("amount", "amount"), .flags = FIELD_READONLY,
	    .doc = "How much was used, added, or undone." },
	[ENTRY_USED] = { INT64("used", "used"), .flags = FIELD_READONLY,
	    .doc = "What was used with it, of a metered counter in its period." },
	[ENTRY_BALANCE] = { INT64("balance", "balance"), .flags = FIELD_READONLY,
	    .doc = "What was left behind it; null means any amount." },
	[ENTRY_PERIOD_START] = { DATETIME("periodStart", "period_start"), .flags = FIELD_READONLY,
	    .doc = "Begin of the period that it counts in; null where there is none." },
	[ENTRY_RESET_AT] = { DATETIME("resetAt", "reset_at"), .flags = FIELD_READONLY,
	    .doc = "End of that period." },
	[ENTRY_CONSUMPTION_ID] = { STRING("consumptionId", "consumption_id", COUNTER_ID_LONGEST),
	    .flags = FIELD_READONLY, .doc = "The program's own identifier of a consumption.",
	    .example = "\"7d3f2b1e-0001\"" },
	[ENTRY_REVERSED_ID] = { INT64("reversedId", "reversed_id"), .flags = FIELD_READONLY,
	    .doc = "Entry that this one undoes." },
	[ENTRY_MACHINE_ID] = { STRING("machineId", "machine_id", 255), .flags = FIELD_READONLY,
	    .doc = "The machine." },
	[ENTRY_CLIENT_ID] = { STRING("clientId", "client_id", 255), .flags = FIELD_READONLY,
	    .doc = "The installed program." },
	[ENTRY_CLIENT_NAME] = { STRING("clientName", "client_name", 255), .flags = FIELD_READONLY,
	    .doc = "Its name." },
	[ENTRY_ADDRESS] = { STRING("address", "address", 255), .flags = FIELD_READONLY,
	    .doc = "Address of the caller." },
	[ENTRY_NOTE] = { STRING("note", "note", COUNTER_NOTE_LONGEST), .flags = FIELD_READONLY,
	    .doc = "Why something was added or undone." },
	[ENTRY_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When it happened." },
};

static const struct unique_key entry_uniques[] = {
	{ .index = "license_consumption_entry_call",
	    .member = "consumptionId",
	    .word = "CONSUMPTION_ID_REUSED",
	    .within = "licenseId" },
	{ .index = "license_consumption_entry_reversed",
	    .member = "reversedId",
	    .word = "ALREADY_REVERSED",
	    .message = "The entry was reversed before.",
	    .alone = true },
};

static const struct table_index entry_indexes[] = {
	{ .name = "license_consumption_entry_license", .columns = { "license_id", "id" } },
	{ .name = "license_consumption_entry_created", .columns = { "created_at", "id" } },
	{ .name = "license_consumption_entry_feature",
	    .columns = { "license_id", "feature", "id" } },
};

const struct resource licensing_consumption_entry_resource = {
	.name = "consumption entry",
	.chapter = LICENSING_CHAPTER_SEATS,
	.type_name = "ConsumptionEntry",
	.area = AREA_LICENSES,
	.plural = "consumptionEntries",
	.table = "license_consumption_entry",
	ORDER_BY(DESCENDING("id")),
	FIELDS(entry_fields),
	UNIQUES(entry_uniques),
	INDEXES(entry_indexes),
	.parent = &of_license,
	.unaudited = "the ledger is a log itself",
	.doc = "An entry of the ledger: one change of what a license has used or may use.",
};
