/*
 * Associations that rules make.
 *
 * SQL of its own: they are added and removed set by set, for any number of persons in one
 * statement.
 */
#include "api/delegates/delegates.h"
#include "api/delegates/rule.h"
#include "record/audit.h"

#define ASSOCIATIONS "delegate_association"

/* Groups with a rule of which every condition holds for the person p that is bound. */
#define STORED_CASE(number, name, match) " WHEN " #number " THEN " match("c.wanted")
#define GROUPS_OF_PERSON                                                               \
	"(SELECT DISTINCT c.group_id, p.id AS client_id FROM delegate_condition c "    \
	"JOIN delegate_client p ON p.id = ? GROUP BY c.group_id, c.rule_number, p.id " \
	"HAVING MIN(COALESCE(CASE c.rule_type" RULE_TYPES(STORED_CASE) " END, FALSE)) = 1) m"

/* The same conditions with a value that is bound, as often as the text has it. */
#define BOUND_MATCH(number, name, match) { number, match("?") },
static const struct {
	int64_t number;
	const char *match;
} matches[] = { RULE_TYPES(BOUND_MATCH) };

int dynamic_claim(struct context *context, struct error *error)
{
	const struct value only = { .integer = 1 };

	return record_claim(context, &delegate_evaluation_view, "evaluated_at", &only, error);
}

static void append_condition(struct sql *sql, const char *alias, const struct row *condition)
{
	struct str value = condition->values[CONDITION_VALUE].text;
	unsigned i = 0;

	while (matches[i].number != condition->values[CONDITION_TYPE].integer)
		i++;
	sql_append(sql, "(");
	sql_append_as(sql, alias, matches[i].match);
	sql_append(sql, ")");
	for (const char *place = strchr(matches[i].match, '?'); place != NULL;
	     place = strchr(place + 1, '?'))
		sql_bind(sql, BIND_STR(value));
}

static void append_rule(struct sql *sql, const char *alias, const struct row *rule)
{
	const struct row_list *conditions = &rule->values[RULE_CONDITIONS].list;

	for (unsigned i = 0; i < conditions->count; i++) {
		sql_append(sql, i == 0 ? "(" : " AND ");
		append_condition(sql, alias, conditions->rows[i]);
	}
	sql_append(sql, ")");
}

static void append_rules(struct sql *sql, const char *alias, const struct row_list *rules)
{
	sql_append(sql, rules->count == 0 ? "(FALSE" : "(");
	for (unsigned i = 0; i < rules->count; i++) {
		if (i > 0)
			sql_append(sql, " OR ");
		append_rule(sql, alias, rules->rows[i]);
	}
	sql_append(sql, ")");
}

void dynamic_where(struct sql *sql, const char *alias, const struct row_list *rules)
{
	sql_where(sql, "");
	append_rules(sql, alias, rules);
}

/* Runs the statement, and tells the audit log of how many associations of whom. */
static int change_associations(struct context *context, struct sql *sql, enum audit_action action,
    unsigned member, int64_t of, struct error *error)
{
	const struct value id = { .integer = of };
	struct row *keys = row_with(context->arena, &delegate_client_resource, member, &id);
	struct outcome outcome;

	if (keys == NULL)
		return error_out_of_memory(error);
	if (record_execute(context, sql, &delegate_client_resource, &outcome, error) != 0)
		return -1;
	return outcome.affected == 0 ? 0
				     : audit_record_rows(context, action, &delegate_client_resource,
					   keys, (int64_t)outcome.affected, error);
}

static int remove_unmatched(
    struct context *context, int64_t group, const struct row_list *rules, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "DELETE a FROM " ASSOCIATIONS " a JOIN delegate_client p ON p.id = "
			 "a.client_id WHERE a.group_id = ? AND a.dynamically_added AND NOT "
			 "COALESCE(");
	sql_bind(&sql, BIND_INT(group));
	append_rules(&sql, "p", rules);
	sql_append(&sql, ", FALSE)");
	return change_associations(
	    context, &sql, AUDIT_DELETE, DELEGATE_CLIENT_GROUP_ID, group, error);
}

static int add_matched(
    struct context *context, int64_t group, const struct row_list *rules, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "INSERT INTO " ASSOCIATIONS
			 " (group_id, client_id, start_date, dynamically_added) SELECT ?, p.id, ?, "
			 "TRUE FROM delegate_client p WHERE NOT EXISTS (SELECT 1 FROM " ASSOCIATIONS
			 " a WHERE a.group_id = ? AND a.client_id = p.id) AND ");
	sql_bind(&sql, BIND_INT(group));
	sql_bind(&sql, BIND_MOMENT(timestamp_now()));
	sql_bind(&sql, BIND_INT(group));
	append_rules(&sql, "p", rules);
	return change_associations(
	    context, &sql, AUDIT_INSERT, DELEGATE_CLIENT_GROUP_ID, group, error);
}

int dynamic_apply_rules(
    struct context *context, int64_t group, const struct row_list *rules, struct error *error)
{
	if (remove_unmatched(context, group, rules, error) != 0)
		return -1;
	return rules->count > 0 ? add_matched(context, group, rules, error) : 0;
}

static int leave_others(struct context *context, int64_t person, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "DELETE a FROM " ASSOCIATIONS
			 " a WHERE a.client_id = ? AND a.dynamically_added AND a.group_id NOT IN "
			 "(SELECT m.group_id FROM ");
	sql_append_as(&sql, "p", GROUPS_OF_PERSON);
	sql_append(&sql, ")");
	sql_bind(&sql, BIND_INT(person));
	sql_bind(&sql, BIND_INT(person));
	return change_associations(context, &sql, AUDIT_DELETE, DELEGATE_CLIENT_ID, person, error);
}

static int join_groups(struct context *context, int64_t person, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "INSERT INTO " ASSOCIATIONS
			 " (group_id, client_id, start_date, dynamically_added) SELECT m.group_id, "
			 "m.client_id, ?, TRUE FROM ");
	sql_append_as(&sql, "p", GROUPS_OF_PERSON);
	sql_append(&sql, " JOIN delegate_group g ON g.id = m.group_id AND g.deleted_at IS NULL "
			 "WHERE NOT EXISTS (SELECT 1 FROM " ASSOCIATIONS
			 " a WHERE a.group_id = m.group_id AND a.client_id = m.client_id)");
	sql_bind(&sql, BIND_MOMENT(timestamp_now()));
	sql_bind(&sql, BIND_INT(person));
	return change_associations(context, &sql, AUDIT_INSERT, DELEGATE_CLIENT_ID, person, error);
}

int dynamic_apply_person(struct context *context, int64_t person, bool fresh, struct error *error)
{
	if (!fresh && leave_others(context, person, error) != 0)
		return -1;
	return join_groups(context, person, error);
}

int dynamic_leave(struct context *context, int64_t person, struct error *error)
{
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(
	    &sql, "DELETE a FROM " ASSOCIATIONS " a WHERE a.client_id = ? AND a.dynamically_added");
	sql_bind(&sql, BIND_INT(person));
	return change_associations(context, &sql, AUDIT_DELETE, DELEGATE_CLIENT_ID, person, error);
}
