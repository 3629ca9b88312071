/*
 * Rules that add clients to a group by themselves: a rule holds for a person where all of its
 * conditions do, and a rule set where one of its rules does. The associations that follow from the
 * stored ones are rows like others, with dynamicallyAdded, and are kept right by whoever changes
 * rules or persons, in the same transaction. One that was made by hand stays by hand, whatever the
 * rules say.
 */
#ifndef CLIENTELE_API_DELEGATES_RULE_H
#define CLIENTELE_API_DELEGATES_RULE_H

#include "op/operation.h"

/*
 * What a condition compares with its value: number, name, what it is, and the SQL of the
 * comparison, for a person whose alias {} is, with SQL of the value.
 */
#define MATCH_OF(column, value) "{}." column " = " value
#define MATCH_FUNDING_SOURCE(value) MATCH_OF("funding_source", value)
#define MATCH_SERVICE_TYPE(value) MATCH_OF("service_type", value)
#define MATCH_LOCATION(value) MATCH_OF("location", value)
/* "name=value": the path is one of a member whose name has no quotation mark (rule.c). */
#define MATCH_FIELD(value)                                                    \
	"JSON_UNQUOTE(JSON_EXTRACT({}.user_defined_fields, "                  \
	"CONCAT('$.\"', SUBSTRING_INDEX(" value ", '=', 1), '\"'))) COLLATE " \
	"utf8mb4_uca1400_as_ci = SUBSTRING(" value ", LOCATE('=', " value ") + 1)"

#define RULE_TYPE_FIELD 4

/* clang-format off */
#define RULE_TYPES(row) \
	row(1, "FundingSource", MATCH_FUNDING_SOURCE) \
	row(2, "ServiceType", MATCH_SERVICE_TYPE) \
	row(3, "Location", MATCH_LOCATION) \
	row(4, "UserDefinedField", MATCH_FIELD)
/* clang-format on */

enum { RULESET_GROUP, RULESET_RULES, RULESET__MAX };
enum { RULE_CONDITIONS };
enum { CONDITION_TYPE, CONDITION_VALUE };

extern const struct resource delegate_ruleset_resource, delegate_preview_resource;

/* Conditions as they are stored, and the row that evaluations claim. */
extern const struct resource delegate_condition_view, delegate_evaluation_view;

/* GET, POST and DELETE of a group's rule set. */
int delegate_ruleset_get(struct operation *operation, struct error *error) MUST_CHECK;
int delegate_ruleset_put(struct operation *operation, struct error *error) MUST_CHECK;
int delegate_ruleset_delete(struct operation *operation, struct error *error) MUST_CHECK;

/* A rule set of another program: it is that of its group from now on. In a transaction. */
extern const struct record delegate_moved_ruleset_record;
int delegate_ruleset_move(
    struct context *context, const struct row *ruleset, struct error *error) MUST_CHECK;

/* The persons for whom the rule set of the body holds, which is not stored; and how many. */
int delegate_narrow_preview(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
int delegate_preview_count(struct operation *operation, struct error *error) MUST_CHECK;

/* --- dynamic.c --- */

/*
 * To be called in the transaction before rules or what they compare are changed: changes follow one
 * another, so that none misses what another one has done.
 */
int dynamic_claim(struct context *context, struct error *error) MUST_CHECK;

/* Adds the condition that one of the rules holds for the person with that alias. */
void dynamic_where(struct sql *sql, const char *alias, const struct row_list *rules);

/*
 * Gives a group the clients that its rules add, which are those of the list, and takes away those
 * that they no longer do. Two statements, whatever their number. Must run in a transaction that has
 * claimed.
 */
int dynamic_apply_rules(struct context *context, int64_t group, const struct row_list *rules,
    struct error *error) MUST_CHECK;

/*
 * The same of one person in all groups. `fresh`: the person is new, and in none. Two statements,
 * and one for one who is new.
 */
int dynamic_apply_person(
    struct context *context, int64_t person, bool fresh, struct error *error) MUST_CHECK;

/* Takes a person out of all groups that rules have added it to. */
int dynamic_leave(struct context *context, int64_t person, struct error *error) MUST_CHECK;

#endif
