#include "api/delegates/rule.h"

#include "api/delegates/delegates.h"
#include "api/delegates/search.h"
#include "op/generic.h"
#include "record/audit.h"
#include "record/list.h"

#define RULES_MOST 100
#define CONDITIONS_MOST 20
#define VALUE_LONGEST 500

/* Members that the tables of relations need and nobody sees. */
#define LINK INT32("link", NULL), .flags = FIELD_HIDDEN | FIELD_NOT_STORED

#define TYPE_WORD(number, name, match) { number, name },
static const struct enumerator rule_types[] = { RULE_TYPES(TYPE_WORD) };
static const struct enumeration rule_type = { "DelegateGroupDynamicClientRuleType", rule_types,
	COUNT_OF(rule_types) };

static const struct field condition_fields[] = {
	[CONDITION_TYPE] = { ENUM("ruleType", NULL, &rule_type),
	    .flags = FIELD_REQUIRED | FIELD_NOT_STORED,
	    .doc = "What is compared: the person's funding source, service type, location, or a "
		   "user-defined field." },
	[CONDITION_VALUE] = { STRING("value", NULL, VALUE_LONGEST),
	    .flags = FIELD_REQUIRED | FIELD_NOT_STORED,
	    .doc = "What it must be, in any case of letters; of a user-defined field name=value.",
	    .example = "\"City of Hamburg\"" },
	{ LINK },
};

static const struct resource condition_resource = {
	.name = "condition of a client rule",
	.word = "delegateRuleCondition",
	.type_name = "DelegateGroupDynamicClientRuleCondition",
	.area = AREA_DELEGATES,
	FIELDS(condition_fields),
	.doc = "What a member of a person must be.",
};

static const struct field rule_fields[] = {
	[RULE_CONDITIONS] = { MANY("conditions", &condition_resource, "link", "link"),
	    .flags = FIELD_OWNED | FIELD_REQUIRED, .max = CONDITIONS_MOST,
	    .doc = "All of them must hold." },
	{ LINK },
};

static const struct resource rule_resource = {
	.name = "client rule",
	.word = "delegateRule",
	.type_name = "DelegateGroupDynamicClientRule",
	.area = AREA_DELEGATES,
	FIELDS(rule_fields),
	.doc = "Which persons a rule adds to a group.",
};

static const struct field ruleset_fields[] = {
	[RULESET_GROUP] = { INT32("delegateGroupId", NULL),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_NOT_STORED, .doc = "Group of the rules." },
	[RULESET_RULES] = { MANY("rules", &rule_resource, "link", "link"),
	    .flags = FIELD_OWNED | FIELD_REQUIRED, .max = RULES_MOST,
	    .doc = "One of them must hold." },
	{ LINK },
};

const struct resource delegate_ruleset_resource = {
	.name = "client rule set",
	.word = "delegateRuleset",
	.type_name = "DelegateGroupDynamicClientRuleset",
	.area = AREA_DELEGATES,
	FIELDS(ruleset_fields),
	.doc = "Which persons are clients of a group by themselves.",
};

enum { STORED_GROUP, STORED_RULE, STORED_CONDITION, STORED_TYPE, STORED_VALUE };

static const struct field stored_fields[] = {
	[STORED_GROUP] = { INT32("delegateGroupId", "group_id"),
	    .flags = FIELD_KEY | FIELD_READONLY, .doc = "Group." },
	[STORED_RULE] = { INT32("rule", "rule_number"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Number of the rule." },
	[STORED_CONDITION] = { INT32("condition", "condition_number"),
	    .flags = FIELD_KEY | FIELD_READONLY, .doc = "Number of the condition in it." },
	[STORED_TYPE] = { ENUM("ruleType", "rule_type", &rule_type), .flags = FIELD_REQUIRED,
	    .doc = "What is compared." },
	[STORED_VALUE] = { STRING("value", "wanted", VALUE_LONGEST), .flags = FIELD_REQUIRED,
	    .doc = "What it must be." },
};

const struct resource delegate_condition_view = {
	.name = "stored condition of a client rule",
	.word = "delegateCondition",
	.type_name = "DelegateCondition",
	.area = AREA_DELEGATES,
	.table = "delegate_condition",
	ORDER_BY(ASCENDING("delegateGroupId"), ASCENDING("rule"), ASCENDING("condition")),
	FIELDS(stored_fields),
	.unaudited = "the rule set has an entry",
	.doc = "A condition as it is stored.",
};

static const struct field evaluation_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Always 1." },
};

const struct resource delegate_evaluation_view = {
	.name = "evaluation of client rules",
	.word = "delegateEvaluation",
	.type_name = "DelegateEvaluation",
	.area = AREA_DELEGATES,
	.table = "delegate_evaluation",
	FIELDS(evaluation_fields),
	.unaudited = "what it finds has entries",
	.doc = "When rules were evaluated last.",
};

/* --- what was sent --- */

/* "name=value", with a name that a path of JSON can quote. */
static bool is_field_value(struct str value)
{
	size_t name = str_find(value, '=');

	return name > 0 && name + 1 < value.length &&
	       str_find(str_slice(value, 0, name), '"') >= name &&
	       str_find(str_slice(value, 0, name), '\\') >= name;
}

static void check_condition(
    const struct row *condition, unsigned rule, unsigned number, struct error *error)
{
	if (!row_filled(condition, CONDITION_TYPE) || !row_filled(condition, CONDITION_VALUE) ||
	    condition->values[CONDITION_TYPE].integer != RULE_TYPE_FIELD ||
	    is_field_value(condition->values[CONDITION_VALUE].text))
		return;
	error_add_fault(error,
	    arena_printf(error->arena, "rules[%u].conditions[%u].value", rule, number),
	    "The value of a UserDefinedField must be name=value; the name has no quotation mark "
	    "or backslash.");
}

/* A rule without conditions would be one for everybody. */
static void check_rule(const struct row *rule, unsigned number, struct error *error)
{
	const struct row_list *conditions = &rule->values[RULE_CONDITIONS].list;

	if (!row_filled(rule, RULE_CONDITIONS))
		return;
	if (conditions->count == 0)
		error_add_fault(error, arena_printf(error->arena, "rules[%u].conditions", number),
		    "The conditions must not be empty.");
	for (unsigned i = 0; i < conditions->count; i++)
		check_condition(conditions->rows[i], number, i, error);
}

static void check_ruleset(const struct row *row, struct error *error)
{
	const struct row_list *rules = &row->values[RULESET_RULES].list;

	if (!row_filled(row, RULESET_RULES))
		return;
	if (rules->count == 0)
		error_add_fault(error, "rules", "The rules must not be empty.");
	for (unsigned i = 0; i < rules->count; i++)
		check_rule(rules->rows[i], i, error);
}

/* The body, with all that is wrong with it. */
static int read_ruleset(struct operation *operation, struct row **ruleset, struct error *error)
{
	int result = operation_read_row(operation, ROW_READ_INSERT, ruleset, error);
	const struct fault *last = error->last_fault;

	if (*ruleset != NULL)
		check_ruleset(*ruleset, error);
	operation_name_faults(operation, last, error);
	return result == 0 && error->fault_count == 0 ? 0 : -1;
}

/* --- what is stored --- */

static struct record_set conditions_of(struct context *context, int64_t group, struct error *error)
{
	const struct value id = { .integer = group };
	struct record_set set = { .resource = &delegate_condition_view,
		.keys = row_with(context->arena, &delegate_condition_view, STORED_GROUP, &id),
		.told = true };

	if (set.keys == NULL)
		(void)error_out_of_memory(error);
	return set;
}

static struct row *condition_of(struct arena *arena, const struct row *stored)
{
	struct row *condition = row_new(arena, &condition_resource);

	if (condition != NULL) {
		row_set_value(condition, CONDITION_TYPE, &stored->values[STORED_TYPE]);
		row_set_value(condition, CONDITION_VALUE, &stored->values[STORED_VALUE]);
	}
	return condition;
}

/* The next rule: conditions from `*first` on, which is moved behind them. NULL when memory is out.
 */
static struct row *rule_of(struct arena *arena, const struct row_list *stored, unsigned *first)
{
	struct row *rule = row_new(arena, &rule_resource);
	int64_t number = stored->rows[*first]->values[STORED_RULE].integer;
	struct row_list conditions = { 0 };

	conditions.rows = arena_alloc_array(arena, CONDITIONS_MOST, sizeof(conditions.rows[0]));
	if (rule == NULL || conditions.rows == NULL)
		return NULL;
	while (*first < stored->count && conditions.count < CONDITIONS_MOST &&
	       stored->rows[*first]->values[STORED_RULE].integer == number) {
		struct row *condition = condition_of(arena, stored->rows[(*first)++]);

		if (condition == NULL)
			return NULL;
		conditions.rows[conditions.count++] = condition;
	}
	row_set_list(rule, RULE_CONDITIONS, conditions);
	return rule;
}

/* NULL when memory is out. */
static struct row *ruleset_of(struct arena *arena, int64_t group, const struct row_list *stored)
{
	struct row *ruleset = row_new(arena, &delegate_ruleset_resource);
	struct row_list rules = { 0 };

	rules.rows = arena_alloc_array(arena, stored->count, sizeof(rules.rows[0]));
	if (ruleset == NULL || rules.rows == NULL)
		return NULL;
	for (unsigned first = 0; first < stored->count;) {
		rules.rows[rules.count] = rule_of(arena, stored, &first);
		if (rules.rows[rules.count++] == NULL)
			return NULL;
	}
	row_set_integer(ruleset, RULESET_GROUP, group);
	row_set_list(ruleset, RULESET_RULES, rules);
	return ruleset;
}

int delegate_ruleset_get(struct operation *operation, struct error *error)
{
	struct context *context = &operation->context;
	struct record_set set;
	struct row_list stored;
	struct row *keys, *ruleset;
	int64_t group;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	group = keys->values[RULESET_GROUP].integer;
	set = conditions_of(context, group, error);
	if (set.keys == NULL || delegate_group_require(context, group, error) != 0 ||
	    record_fetch_all(context, &set, resource_default_mask(set.resource), &stored, error) !=
		0)
		return -1;
	if (stored.count == 0) {
		operation_answer_null(operation);
		return 0;
	}
	ruleset = ruleset_of(context->arena, group, &stored);
	if (ruleset == NULL)
		return error_out_of_memory(error);
	operation_answer_row(operation, ruleset);
	return 0;
}

/* --- changes --- */

static struct row *stored_of(
    struct arena *arena, int64_t group, unsigned rule, unsigned number, const struct row *condition)
{
	struct row *row = row_new(arena, &delegate_condition_view);

	if (row == NULL)
		return NULL;
	row_set_integer(row, STORED_GROUP, group);
	row_set_integer(row, STORED_RULE, rule);
	row_set_integer(row, STORED_CONDITION, number);
	row_set_value(row, STORED_TYPE, &condition->values[CONDITION_TYPE]);
	row_set_value(row, STORED_VALUE, &condition->values[CONDITION_VALUE]);
	return row;
}

static int add_conditions(
    struct context *context, int64_t group, const struct row_list *rules, struct error *error)
{
	struct row_list parts = { 0 };

	parts.rows = arena_alloc_array(
	    context->arena, (size_t)rules->count * CONDITIONS_MOST, sizeof(parts.rows[0]));
	if (parts.rows == NULL)
		return rules->count == 0 ? 0 : error_out_of_memory(error);
	for (unsigned i = 0; i < rules->count; i++) {
		const struct row_list *conditions = &rules->rows[i]->values[RULE_CONDITIONS].list;

		for (unsigned j = 0; j < conditions->count; j++) {
			struct row *row =
			    stored_of(context->arena, group, i, j, conditions->rows[j]);

			if (row == NULL)
				return error_out_of_memory(error);
			parts.rows[parts.count++] = row;
		}
	}
	return record_add_parts(context, &parts, error);
}

static int audit_rules(struct context *context, int64_t group, const struct row_list *rules,
    bool before, struct error *error)
{
	struct arena *arena = context->arena;

	return audit_record_event(context,
	    &(struct audit_event){
		.action = !before            ? AUDIT_INSERT
			  : rules->count > 0 ? AUDIT_UPDATE
					     : AUDIT_DELETE,
		.area = AREA_DELEGATES,
		.what = delegate_ruleset_resource.name,
		.key = str_from(arena_printf(arena, "%lld", (long long)group)),
		.detail = str_from(arena_printf(arena, "{\"rules\":%u}", rules->count)),
	    },
	    error);
}

/* The rules of a group are these from now on. ERROR_NOT_FOUND where it has none and gets none. */
static int replace_rules(
    struct context *context, int64_t group, const struct row_list *rules, struct error *error)
{
	struct record_set set = conditions_of(context, group, error);
	int64_t before;

	if (set.keys == NULL || delegate_group_require(context, group, error) != 0 ||
	    dynamic_claim(context, error) != 0 ||
	    record_delete_all(context, &set, &before, error) != 0)
		return -1;
	if (before == 0 && rules->count == 0)
		return resource_not_found(&delegate_ruleset_resource, error);
	if (add_conditions(context, group, rules, error) != 0 ||
	    dynamic_apply_rules(context, group, rules, error) != 0)
		return -1;
	return audit_rules(context, group, rules, before > 0, error);
}

static int store_rules(struct operation *operation, void *data, struct error *error)
{
	struct row *ruleset = data;

	if (replace_rules(&operation->context, ruleset->values[RULESET_GROUP].integer,
		&ruleset->values[RULESET_RULES].list, error) != 0)
		return -1;
	operation_answer_row(operation, ruleset);
	return 0;
}

int delegate_ruleset_put(struct operation *operation, struct error *error)
{
	struct row *keys, *ruleset;

	if (operation_read_keys(operation, &keys, error) != 0 ||
	    read_ruleset(operation, &ruleset, error) != 0 ||
	    gate_enter(operation->context.guard->gate, GATE_BULK, error) != 0)
		return -1;
	row_set_value(ruleset, RULESET_GROUP, &keys->values[RULESET_GROUP]);
	return operation_transaction(operation, store_rules, ruleset, error);
}

static int remove_rules(struct operation *operation, void *data, struct error *error)
{
	const struct row_list none = { 0 };
	const struct row *keys = data;

	if (replace_rules(&operation->context, keys->values[RULESET_GROUP].integer, &none, error) !=
	    0)
		return -1;
	operation_answer_nothing(operation, operation->contract->family.delete_status);
	return 0;
}

int delegate_ruleset_delete(struct operation *operation, struct error *error)
{
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	return operation_transaction(operation, remove_rules, keys, error);
}

int delegate_ruleset_move(struct context *context, const struct row *ruleset, struct error *error)
{
	return replace_rules(context, ruleset->values[RULESET_GROUP].integer,
	    &ruleset->values[RULESET_RULES].list, error);
}

static void check_moved(const struct row *row, bool insert, struct error *error)
{
	(void)insert;
	check_ruleset(row, error);
}

const struct record delegate_moved_ruleset_record = {
	.resource = &delegate_ruleset_resource,
	.check = check_moved,
};

/* --- preview --- */

static const struct field preview_fields[] = {
	{ INT32("clientId", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the client." },
	{ STRING("clientCode", "code", 64), .flags = FIELD_READONLY, .doc = "The client's code." },
	{ STRING("firstName", "first_name", 255), .flags = FIELD_READONLY,
	    .doc = "The client's first name." },
	{ STRING("lastName", "last_name", 255), .flags = FIELD_READONLY,
	    .doc = "The client's last name." },
	{ DATE("birthDate", "birth_date"), .flags = FIELD_READONLY,
	    .doc = "The client's birth date, if known." },
	{ DATETIME("startDate", NULL), .flags = FIELD_READONLY,
	    .expression = "CAST(NULL AS DATETIME(6))", .doc = "Null." },
	{ DATETIME("expiryDate", NULL), .flags = FIELD_READONLY,
	    .expression = "CAST(NULL AS DATETIME(6))", .doc = "Null." },
	{ BOOLEAN("dynamicallyAdded", NULL), .flags = FIELD_READONLY, .expression = "TRUE",
	    .doc = "True." },
	{ STRING("phoneNumber", "phone_number", 64), .flags = FIELD_READONLY,
	    .doc = "The client's phone number." },
	{ MAP("userDefinedFields", "user_defined_fields"), .flags = FIELD_READONLY,
	    .doc = "User-defined fields of the client, by name." },
};

static const struct table_index preview_indexes[] = {
	{ .name = "delegate_client_code", .columns = { "code" } },
	{ .name = "delegate_client_name", .columns = { "last_name", "first_name" } },
};

const struct resource delegate_preview_resource = {
	.name = "client that rules would add",
	.word = "dynamicClient",
	.type_name = "DelegateClientInfo",
	.area = AREA_DELEGATES,
	.table = "delegate_client",
	ORDER_BY(ASCENDING("lastName"), ASCENDING("firstName"), ASCENDING("clientId")),
	FIELDS(preview_fields),
	INDEXES(preview_indexes),
	.doc = "A client for whom the delegates of a group may act.",
};

static const struct search_column preview_columns[] = {
	{ "firstName", "t.first_name LIKE ?", true },
	{ "lastName", "t.last_name LIKE ?", true },
	{ "clientId", "CAST(t.id AS CHAR) LIKE ?", true },
	{ "clientCode", "t.code COLLATE utf8mb4_uca1400_as_ci LIKE ?", true },
};

int delegate_narrow_preview(struct operation *operation, struct sql *sql, struct error *error)
{
	struct row *ruleset;

	if (read_ruleset(operation, &ruleset, error) != 0)
		return -1;
	dynamic_where(sql, SQL_OWN, &ruleset->values[RULESET_RULES].list);
	return search_where(operation, sql, preview_columns, COUNT_OF(preview_columns),
	    (1u << COUNT_OF(preview_columns)) - 1, error);
}

int delegate_preview_count(struct operation *operation, struct error *error)
{
	const struct resource *resource = &delegate_preview_resource;
	struct sql where;
	int64_t count;

	sql_init(&where, operation->context.arena);
	if (delegate_narrow_preview(operation, &where, error) != 0 ||
	    gate_enter_list(operation->context.guard->gate, GATE_HEAVY, error) != 0 ||
	    record_count_list(&operation->context,
		&(struct record_list){ .set = { .resource = resource, .where = &where },
		    .query = { .resource = resource } },
		false, &count, error) != 0)
		return -1;
	operation_answer_integer(operation, count);
	return 0;
}
