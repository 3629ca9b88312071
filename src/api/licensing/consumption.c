#include "api/licensing/consumption.h"

#include "api/licensing/licensing.h"
#include "api/licensing/policy.h"
#include "record/event.h"
#include "record/rows.h"

static const struct resource *const counters = &licensing_consumption_resource;
static const struct resource *const states = &licensing_consumption_state_view;
static const struct resource *const entries = &licensing_consumption_entry_resource;

/* How little is left; each is told of once. */
enum counter_level { LEVEL_ENOUGH, LEVEL_LOW, LEVEL_EXHAUSTED };

/* --- reading --- */

/* What is null is 0. */
static int64_t amount_of(const struct row *row, unsigned member)
{
	return row_filled(row, member) ? row->values[member].integer : 0;
}

static enum counter_kind kind_of(const struct counter *counter)
{
	return (enum counter_kind)row_word(counter->row, CONSUMPTION_KIND);
}

/* By this machine's clock, not the database's: what is stored is told apart by one of them. */
static void read_counter(struct counter *counter)
{
	const struct row *row = counter->row;
	const struct value *stored = &row->values[CONSUMPTION_PERIOD_START];
	enum counter_period period = kind_of(counter) == COUNTER_METERED
					 ? (enum counter_period)row_word(row, CONSUMPTION_PERIOD)
					 : COUNTER_PERIOD_NONE;

	counter->periodic = counter_period(period, counter->now, &counter->start, &counter->end);
	counter->added = amount_of(row, CONSUMPTION_ADDED);
	counter->used = amount_of(row, CONSUMPTION_STATE_USED);
	if (!counter->periodic)
		return;
	if (stored->null || stored->integer < counter->start)
		counter->used = 0;
	else
		/* A clock that is behind another one starts no period again. */
		(void)counter_period(period, stored->integer, &counter->start, &counter->end);
}

int consumption_find(struct context *context, const struct value *license, struct str feature,
    int64_t now, struct counter *counter, struct error *error)
{
	struct row *keys = row_with(context->arena, counters, CONSUMPTION_LICENSE_ID, license);
	struct row *row;

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_text(keys, CONSUMPTION_FEATURE, feature);
	*counter = (struct counter){ .now = now };
	if (record_find(context, &(struct record_set){ .resource = counters, .keys = keys },
		resource_default_mask(counters), &row, error) != 0)
		return -1;
	counter->row = row;
	if (row != NULL)
		read_counter(counter);
	return 0;
}

int consumption_find_entry(struct context *context, const struct value *license,
    struct str consumption_id, struct row **entry, struct error *error)
{
	struct row *keys = row_with(context->arena, entries, ENTRY_LICENSE_ID, license);

	if (keys == NULL)
		return error_out_of_memory(error);
	row_set_text(keys, ENTRY_CONSUMPTION_ID, consumption_id);
	return record_find(context, &(struct record_set){ .resource = entries, .keys = keys },
	    resource_default_mask(entries), entry, error);
}

/* --- judging --- */

/* What is left; false = any amount is. */
static bool find_balance(const struct counter *counter, int64_t *balance)
{
	bool metered = kind_of(counter) == COUNTER_METERED;

	*balance = amount_of(counter->row, CONSUMPTION_ALLOWANCE) - counter->used;
	if (!metered)
		*balance += counter->added;
	return !metered || row_filled(counter->row, CONSUMPTION_ALLOWANCE);
}

/* What may be used beyond that; INT64_MAX = any amount. */
static int64_t overage_of(const struct counter *counter)
{
	int64_t allowance = amount_of(counter->row, CONSUMPTION_ALLOWANCE);
	int64_t most = policy_overage_limit(row_word(counter->row, CONSUMPTION_OVERAGE), allowance);

	return most == INT64_MAX ? INT64_MAX : most - allowance;
}

static bool covers(const struct counter *counter)
{
	int64_t balance, overage = overage_of(counter);

	return !find_balance(counter, &balance) || overage == INT64_MAX || balance >= -overage;
}

static bool is_of_period(const struct counter *counter, const struct row *entry)
{
	bool periodic = row_filled(entry, ENTRY_PERIOD_START);

	return periodic == counter->periodic &&
	       (!periodic || entry->values[ENTRY_PERIOD_START].integer == counter->start);
}

/* What was used in a period that is over counts no more, and stays in the ledger alone. */
static void undo(struct counter *counter, const struct consumption *change)
{
	if (row_word(change->reversed, ENTRY_ACTION) == CONSUMPTION_TOP_UP)
		counter->added -= change->amount;
	else if (is_of_period(counter, change->reversed))
		counter->used = counter->used > change->amount ? counter->used - change->amount : 0;
}

/* Makes the counter what it is with the change, and tells whether that is allowed. */
static bool apply(struct counter *counter, const struct consumption *change)
{
	switch (change->action) {
	case CONSUMPTION_CONSUME:
		counter->used += change->amount;
		return counter->used <= COUNTER_MOST && covers(counter);
	case CONSUMPTION_TOP_UP:
		counter->added += change->amount;
		return counter->added <= COUNTER_MOST;
	case CONSUMPTION_REVERSE:
		undo(counter, change);
		return row_word(change->reversed, ENTRY_ACTION) != CONSUMPTION_TOP_UP ||
		       covers(counter);
	}
	return false;
}

bool consumption_is_allowed(const struct counter *counter, const struct consumption *change)
{
	struct counter changed = *counter;

	return apply(&changed, change);
}

/* --- telling --- */

static enum counter_level level_of(const struct counter *counter)
{
	int64_t balance;

	if (!find_balance(counter, &balance))
		return LEVEL_ENOUGH;
	if (balance <= 0)
		return LEVEL_EXHAUSTED;
	return row_filled(counter->row, CONSUMPTION_LOW_BALANCE) &&
		       balance <= counter->row->values[CONSUMPTION_LOW_BALANCE].integer
		   ? LEVEL_LOW
		   : LEVEL_ENOUGH;
}

/* What has been told of; a period that has just begun has told nothing yet. */
static enum counter_level told_of(const struct counter *counter)
{
	bool fresh = counter->periodic &&
		     (!row_filled(counter->row, CONSUMPTION_PERIOD_START) ||
			 counter->row->values[CONSUMPTION_PERIOD_START].integer < counter->start);

	return fresh ? LEVEL_ENOUGH : (enum counter_level)amount_of(counter->row, CONSUMPTION_TOLD);
}

/* The counter as lists show it now. */
static struct row *shown(struct context *context, const struct counter *counter)
{
	struct row *row = row_copy(context->arena, counter->row);
	int64_t balance;

	if (row == NULL)
		return NULL;
	row_set_integer(row, CONSUMPTION_ADDED, counter->added);
	row_set_integer(row, CONSUMPTION_USED, counter->used);
	if (find_balance(counter, &balance))
		row_set_integer(row, CONSUMPTION_BALANCE, balance);
	return row;
}

static int tell_level(struct context *context, const struct counter *counter,
    enum counter_level level, struct error *error)
{
	const struct row *row = shown(context, counter);

	if (row == NULL)
		return error_out_of_memory(error);
	return event_put_happening(context, &licensing_license_resource,
	    level == LEVEL_EXHAUSTED ? CONSUMPTION_EVENT_EXHAUSTED : CONSUMPTION_EVENT_LOW, row,
	    error);
}

/* --- writing --- */

/* Whether the counter was still as it was read; then nobody else changes it before COMMIT. */
static int write_as_read(struct context *context, const struct counter *counter,
    enum counter_level told, bool *written, struct error *error)
{
	const struct value *read = &counter->row->values[CONSUMPTION_CHANGED_AT];
	struct row *values = row_new(context->arena, states);
	struct row *keys =
	    row_with(context->arena, states, STATE_ID, &counter->row->values[CONSUMPTION_STATE_ID]);
	int64_t count;

	if (values == NULL || keys == NULL)
		return error_out_of_memory(error);
	row_set_value(keys, STATE_CHANGED_AT, read);
	row_set_integer(values, STATE_USED, counter->used);
	row_set_integer(values, STATE_ADDED, counter->added);
	row_set_integer(values, STATE_TOLD, told);
	row_set_integer(values, STATE_CHANGED_AT,
	    counter->now > read->integer ? counter->now : read->integer + 1);
	if (counter->periodic)
		row_set_integer(values, STATE_PERIOD_START, counter->start);
	else
		row_set_null(values, STATE_PERIOD_START);
	if (record_update_all(context,
		&(struct record_set){ .resource = states, .keys = keys, .told = true }, values,
		&count, error) != 0)
		return -1;
	*written = count > 0;
	return 0;
}

/* Waits for those who change the counter now, and reads it again; it has a state then. */
static int read_locked(struct context *context, struct counter *counter, struct error *error)
{
	const struct row *row = counter->row;
	struct value license = row->values[CONSUMPTION_LICENSE_ID];
	struct str feature = row->values[CONSUMPTION_FEATURE].text;
	struct row *state = row_with(context->arena, states, STATE_LICENSE_ID, &license);

	if (state == NULL)
		return error_out_of_memory(error);
	row_set_text(state, STATE_FEATURE, feature);
	if (row_filled(row, CONSUMPTION_STATE_ID)
		? record_claim(
		      context, states, "changed_at", &row->values[CONSUMPTION_STATE_ID], error) != 0
		: record_put_part(context, state, error) != 0)
		return -1;
	return consumption_find(context, &license, feature, counter->now, counter, error);
}

/* Does what apply() does to a counter, and stores it as it then is. */
static int write_counter(struct context *context, const struct consumption *change,
    struct counter *counter, bool *written, struct error *error)
{
	enum counter_level told = told_of(counter), level;

	*written = false;
	if (!row_filled(counter->row, CONSUMPTION_STATE_ID) || !apply(counter, change))
		return 0;
	level = level_of(counter);
	if (write_as_read(context, counter,
		change->action == CONSUMPTION_CONSUME && told > level ? told : level, written,
		error) != 0)
		return -1;
	return *written && level > told ? tell_level(context, counter, level, error) : 0;
}

static struct row *make_entry(
    struct context *context, const struct consumption *change, const struct counter *counter)
{
	struct row *entry = row_new(context->arena, entries);
	int64_t balance;

	if (entry == NULL)
		return NULL;
	row_set_value(entry, ENTRY_LICENSE_ID, &counter->row->values[CONSUMPTION_LICENSE_ID]);
	row_set_value(entry, ENTRY_FEATURE, &counter->row->values[CONSUMPTION_FEATURE]);
	row_set_text(entry, ENTRY_ACTION, consumption_action_name(change->action));
	row_set_integer(entry, ENTRY_AMOUNT, change->amount);
	row_set_integer(entry, ENTRY_USED, counter->used);
	row_set_integer(entry, ENTRY_CREATED_AT, counter->now);
	if (find_balance(counter, &balance))
		row_set_integer(entry, ENTRY_BALANCE, balance);
	if (counter->periodic) {
		row_set_integer(entry, ENTRY_PERIOD_START, counter->start);
		row_set_integer(entry, ENTRY_RESET_AT, counter->end);
	}
	if (change->reversed != NULL)
		row_set_value(entry, ENTRY_REVERSED_ID, &change->reversed->values[ENTRY_ID]);
	return row_merge(context->arena, change->said, entry);
}

static int add_entry(struct context *context, const struct consumption *change,
    const struct counter *counter, const struct row **entry, struct error *error)
{
	static const struct record record = { .resource = &licensing_consumption_entry_resource };
	struct record_change insertion = { .sent = make_entry(context, change, counter) };

	if (insertion.sent == NULL)
		return error_out_of_memory(error);
	if (record_insert_row(context, &record, &insertion, error) != 0)
		return -1;
	/* All members are those that were sent: there is nothing to be read again. */
	*entry = insertion.stored != NULL ? insertion.stored
					  : row_merge(context->arena, insertion.row, insertion.key);
	return *entry != NULL ? 0 : error_out_of_memory(error);
}

int consumption_store(struct context *context, const struct consumption *change,
    struct counter *counter, const struct row **entry, struct error *error)
{
	struct counter before = *counter;
	bool written;

	*entry = NULL;
	if (write_counter(context, change, counter, &written, error) != 0)
		return -1;
	if (!written) {
		*counter = before;
		if (read_locked(context, counter, error) != 0)
			return -1;
		if (counter->row == NULL)
			return 0;
		if (write_counter(context, change, counter, &written, error) != 0)
			return -1;
		if (!written)
			return 0;
	}
	return add_entry(context, change, counter, entry, error);
}

int consumption_tell_refused(struct context *context, const struct consumption *change,
    struct counter *counter, struct error *error)
{
	bool written;

	if (told_of(counter) == LEVEL_EXHAUSTED)
		return 0;
	if (read_locked(context, counter, error) != 0)
		return -1;
	if (counter->row == NULL || told_of(counter) == LEVEL_EXHAUSTED ||
	    consumption_is_allowed(counter, change))
		return 0;
	if (write_as_read(context, counter, LEVEL_EXHAUSTED, &written, error) != 0)
		return -1;
	return tell_level(context, counter, LEVEL_EXHAUSTED, error);
}
