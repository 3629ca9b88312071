/*
 * Delegate groups with their delegates and clients, and the persons that these are, from the lists
 * of another service or as CSV. Persons have the same identifiers here as there.
 */
#include "api/delegates/delegates.h"
#include "api/delegates/rule.h"
#include "api/delegates/security.h"
#include "api/licensing/licensing.h"
#include "cli/move_columns.h"
#include "cli/move_convert.h"

/* --- objects, whose members are columns of their own --- */

#define TEXT_OF(path) ", t.`" path "`"
#define FLAG_OF(path)                                                      \
	", json(CASE LOWER(t.`" path "`) WHEN 'true' THEN 'true' WHEN "    \
	"'1' THEN 'true' WHEN 'false' THEN 'false' WHEN '0' THEN 'false' " \
	"ELSE json_quote(t.`" path "`) END)"

/* Flags that are not told are not in it, so that it is NULL without any. */
#define FLAGS(list) "NULLIF(json_patch('{}', json_object('-', NULL" list ")), '{}')"

#define SETTING(name) "securitySettings/" name
#define SETTING_FLAG(name, column, text) ", '" name "'" FLAG_OF(SETTING(name))
#define SETTING_IGNORED(name, column, text) IGNORED(SETTING(name)),
#define SETTING_RENAMES(name, column, text) \
	"securitySettings." name, SETTING(name), name, SETTING(name),
#define SETTINGS FLAGS(SECURITY_SETTINGS(SETTING_FLAG))

#define INFORMATION(name) "requiredClientInformation/" name
#define INFORMATION_FLAG(id, name, column, value, text) ", '" name "'" FLAG_OF(INFORMATION(name))
#define INFORMATION_IGNORED(id, name, column, value, text) IGNORED(INFORMATION(name)),
#define INFORMATION_RENAMES(id, name, column, value, text) \
	"requiredClientInformation." name, INFORMATION(name),

/* What has no name and no address is not told; one of both that is empty is none. */
#define FUNDING                                                   \
	"CASE WHEN t.`fundingSource/name` IS NOT NULL THEN json_" \
	"object('name'" TEXT_OF("fundingSource/name") ") END"
#define PLACE                                                                           \
	"CASE WHEN COALESCE(t.`location/name`, t.`location/address`) IS NOT NULL THEN " \
	"json_object('name'" TEXT_OF("location/name") ", 'address'" TEXT_OF(            \
	    "location/address") ") END"

/* --- groups --- */

static const struct move_column group_columns[] = {
	COLUMN("tenantId", "tenantId"),
	COLUMN("name", "name"),
	COLUMN("address", "address"),
	COLUMN("groupType", "groupType"),
	COLUMN("phone", "phone"),
	COLUMN("description", "description"),
	COLUMN("fundingSourceId", "fundingSourceId"),
	COLUMN("serviceTypeId", "serviceTypeId"),
	CONVERTED("serviceTypeIds", "serviceTypeIds", move_convert_list),
	COLUMN("locationId", "locationId"),
	SECURITY_SETTINGS(SETTING_IGNORED)
	/* A setting that nobody can read is no reason to fall back on another one. */
	{ .sql = SETTINGS, .member = "securitySettings", .strict = true },
	IGNORED("fundingSource/id"),
	IGNORED("fundingSource/name"),
	COLUMN(FUNDING, "fundingSource"),
	IGNORED("location/id"),
	IGNORED("location/name"),
	IGNORED("location/address"),
	COLUMN(PLACE, "location"),
	REQUIRED_INFORMATION(INFORMATION_IGNORED){
	    .sql = FLAGS(REQUIRED_INFORMATION(INFORMATION_FLAG)),
	    .member = "requiredClientInformation",
	    .strict = true },
	/* They are counted here. */
	IGNORED("numClients"),
	IGNORED("numDelegates"),
};

static const char *const group_renames[] = {
	"fundingSource.name",
	"fundingSource/name",
	"location.name",
	"location/name",
	"location.address",
	"location/address",
	SECURITY_SETTINGS(SETTING_RENAMES) REQUIRED_INFORMATION(INFORMATION_RENAMES) NULL,
};

/* --- delegates --- */

static const struct move_finding user_finding = {
	.resource = &licensing_user_resource,
	.members = { "id", "userName" },
};

static const struct move_column delegate_columns[] = {
	PARENT(MOVE_PARENT, "delegateGroupId", "Groups"),
	COLUMN("firstName", "firstName"),
	COLUMN("lastName", "lastName"),
	COLUMN("phone", "phone"),
	COLUMN("username", "username"),
	COLUMN("email", "email"),
	COLUMN("role", "role"),
	COLUMN("comments", "comments"),
	COLUMN("addressComments", "addressComments"),
	SECURITY_SETTINGS(SETTING_IGNORED){
	    .sql = SETTINGS, .member = "securitySettings", .strict = true },
	CONVERTED("canManageClients", "canManageClients", move_convert_lower),
	CONVERTED("canManageDelegates", "canManageDelegates", move_convert_lower),
	CONVERTED("canManageLocations", "canManageLocations", move_convert_lower),
	{ .sql = "inheritGroupSecurity",
	    .member = "inheritGroupSecurity",
	    .convert = move_convert_lower,
	    .strict = true },
	{ .sql = "userId", .member = "userId", .finds = &user_finding },
};

#define OF_GROUP "delegateGroupId", MOVE_PARENT

static const char *const delegate_renames[] = {
	OF_GROUP,
	"user",
	"userId",
	SECURITY_SETTINGS(SETTING_RENAMES) NULL,
};

/* --- persons, and clients, whom lists show as the persons that they are --- */

#define PERSON_COLUMNS(row) \
	row("clientCode") row("firstName") row("lastName") row("birthDate") row("phoneNumber")

#define AS_IT_IS(name) COLUMN(name, name),
#define OF_PERSON(name) IGNORED(name),

static const struct move_column person_columns[] = {
	PERSON_COLUMNS(AS_IT_IS)
	    CONVERTED("userDefinedFields", "userDefinedFields", move_convert_object),
	COLUMN("fundingSource", "fundingSource"),
	COLUMN("serviceType", "serviceType"),
	COLUMN("location", "location"),
	IGNORED("startDate"),
	IGNORED("expiryDate"),
	IGNORED("dynamicallyAdded"),
	IGNORED("delegateGroupId"),
};

/* A person with another identifier would be another one. */
static const char *complete_person(struct move_line *line)
{
	const struct field *field = &delegate_person_resource.fields[PERSON_ID];
	int64_t id;

	return str_to_int64(line->key, &id) && id >= field->least && id <= field->most
		   ? NULL
		   : "has a clientId that is not a number above 0";
}

#define DYNAMICALLY "LOWER(COALESCE(NULLIF(t.`dynamicallyAdded`, ''), 'false'))"

static const struct move_column client_columns[] = {
	PARENT(MOVE_PARENT, "delegateGroupId", "Groups"),
	NEEDED("clientId", "clientId"),
	STRICT("startDate", "startDate"),
	STRICT("expiryDate", "expiryDate"),
	IGNORED("dynamicallyAdded"),
	COLUMN(DYNAMICALLY, "dynamicallyAdded"),
	PERSON_COLUMNS(OF_PERSON) IGNORED("userDefinedFields"),
};

/* An end that is no longer told there is none here. */
static const char *complete_client(struct move_line *line)
{
	if (!row_has(line->row, DELEGATE_CLIENT_EXPIRY_DATE))
		row_set_null(line->row, DELEGATE_CLIENT_EXPIRY_DATE);
	return NULL;
}

static const char *const client_renames[] = { OF_GROUP, NULL };

/* --- rules --- */

/*
 * The rules of a group are one row. CSV has a line for each condition, and lines of one number are
 * one rule; JSON has the list. Without a line that cannot be read, a rule would hold for more.
 */
#define LINES_OF_RULES                                                                          \
	"SELECT json_object('conditions', json_group_array(json_object('ruleType', CASE WHEN "  \
	"r.`ruleType` GLOB '[0-9]*' THEN CAST(r.`ruleType` AS INTEGER) ELSE r.`ruleType` END, " \
	"'value', r.`value`))) AS rule FROM (SELECT * FROM `Rules` ORDER BY `" MOVE_ROW         \
	"`) r WHERE r.`" MOVE_PARENT "` = g.`" MOVE_PARENT                                      \
	"` GROUP BY r.`rule` ORDER BY MIN(r.`" MOVE_ROW "`)"
#define RULES                                                                                      \
	"SELECT g.`" MOVE_PARENT "`, MIN(g.`" MOVE_ROW "`) AS `" MOVE_ROW "`, MIN(g.`/place`) AS " \
	"`/place`, COALESCE(MAX(g.`/fault`), (SELECT 'needs all lines, and ' || MIN(f.`/place`) "  \
	"|| ' cannot be read' FROM `Rules` f WHERE f.`/fault` IS NOT NULL OR f.`" MOVE_PARENT      \
	"` IS NULL HAVING COUNT(*) > 0 AND g.`" MOVE_PARENT                                        \
	"` IS NOT NULL)) AS `/fault`, NULL AS "                                                    \
	"`rule`, NULL AS `ruleType`, NULL AS `value`, COALESCE(MAX(g.`rules`), (SELECT "           \
	"json_group_array(json(c.rule)) FROM (" LINES_OF_RULES ") c)) AS `rules` FROM `Rules` g "  \
	"GROUP BY COALESCE(g.`" MOVE_PARENT "`, g.`" MOVE_ROW "`)"

static const struct move_column rule_columns[] = {
	PARENT(MOVE_PARENT, "delegateGroupId", "Groups"),
	IGNORED("rule"),
	IGNORED("ruleType"),
	IGNORED("value"),
	NEEDED("rules", "rules"),
};

/* --- all of it --- */

static const struct move_table tables[] = {
	{ .name = "Groups",
	    .record = &delegate_group_record,
	    .keys = { "id" },
	    COLUMNS(group_columns),
	    .by_rows = true,
	    .paths = "[] .",
	    .renames = group_renames,
	    .flag = "groups" },
	{ .name = "Delegates",
	    .record = &delegate_record,
	    .keys = { "id" },
	    COLUMNS(delegate_columns),
	    .by_rows = true,
	    .within = "Groups",
	    .paths = "delegates[]",
	    .renames = delegate_renames,
	    .flag = "delegates" },
	{ .name = "Persons",
	    .record = &delegate_person_record,
	    .keys = { "clientId" },
	    COLUMNS(person_columns),
	    .complete = complete_person,
	    .adopts = true,
	    .paths = "[]",
	    .flag = "persons" },
	{ .name = "Clients",
	    .record = &delegate_client_record,
	    .keys = { MOVE_PARENT, "clientId" },
	    COLUMNS(client_columns),
	    .complete = complete_client,
	    .by_rows = true,
	    .adopts = true,
	    .within = "Groups",
	    .paths = "clients[]",
	    .renames = client_renames,
	    .flag = "clients" },
	{ .name = "Rules",
	    .record = &delegate_moved_ruleset_record,
	    .from = RULES,
	    .apart = true,
	    .keys = { MOVE_PARENT },
	    COLUMNS(rule_columns),
	    .store = delegate_ruleset_move,
	    .by_rows = true,
	    .within = "Groups",
	    .paths = "rulesets[]",
	    .renames = client_renames,
	    .flag = "rules" },
};

static const struct move_documents documents = { .holds = "list of groups" };

const struct move_kind move_delegates = {
	.name = "a service of delegate groups",
	.label = "delegates",
	.documents = &documents,
	.first = "Groups",
	.tables = tables,
	.table_count = COUNT_OF(tables),
};
