#include "db/survey.h"

#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "db/fault.h"

#define OVERVIEW                                                                              \
	"SELECT VERSION(), @@max_allowed_packet, (SELECT COUNT(*) FROM "                      \
	"information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()) + (SELECT COUNT(*) FROM " \
	"information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()) + (SELECT COUNT(*) "  \
	"FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE())"
/* Who may not read a definition gets an empty one. */
#define UNREADABLE                                                                             \
	"SELECT 'view', TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = "        \
	"DATABASE() AND IFNULL(VIEW_DEFINITION, '') = '' UNION ALL SELECT 'trigger', "         \
	"TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND " \
	"IFNULL(ACTION_STATEMENT, '') = ''"
/* Everybody may see the connections of the own user. */
#define OTHERS                                                                                \
	"SELECT COUNT(*), IFNULL(MIN(SUBSTRING_INDEX(HOST, ':', 1)), '') FROM "               \
	"information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB = DATABASE() AND " \
	"USER = SUBSTRING_INDEX(USER(), '@', 1)"
#define PROBE_NAME 32

/* As a dump does it. */
static const struct {
	const char *sql;
	enum { ALWAYS, WITH_TRIGGERS, WITH_VIEWS } when;
} steps[] = {
	/* First of all, so that what is made can go again. */
	{ "DROP TABLE IF EXISTS `?`", ALWAYS },
	{ "CREATE TABLE `?` (id INT NOT NULL PRIMARY KEY, parent INT NULL, KEY `?` (parent), "
	  "CONSTRAINT `?` FOREIGN KEY (parent) REFERENCES `?` (id)) ENGINE = InnoDB",
	    ALWAYS },
	{ "LOCK TABLES `?` WRITE", ALWAYS },
	{ "ALTER TABLE `?` DISABLE KEYS", ALWAYS },
	{ "INSERT INTO `?` VALUES (1, NULL)", ALWAYS },
	{ "UNLOCK TABLES", ALWAYS },
	{ "CREATE TRIGGER `?` BEFORE INSERT ON `?` FOR EACH ROW SET NEW.id = NEW.id",
	    WITH_TRIGGERS },
	{ "CREATE VIEW `?_view` AS SELECT id FROM `?`", WITH_VIEWS },
	/* To compare what was restored. */
	{ "SHOW CREATE TRIGGER `?`", WITH_TRIGGERS },
	{ "SHOW CREATE VIEW `?_view`", WITH_VIEWS },
};

static int open_as(const struct settings *settings, enum connection_use use, struct hosts *hosts,
    struct connection *connection, struct error *error)
{
	struct failure failure;

	(void)hosts_read(hosts, settings, 0);
	if (connection_open(settings, hosts, use, connection, &failure) == 0)
		return 0;
	return fault_report(failure.number, failure.sqlstate, failure.message, error);
}

/* Runs a query, and calls `take` for each of its rows. */
static int query(struct connection *connection, const char *sql,
    void (*take)(void *context, char **row), void *context, struct error *error)
{
	MYSQL *handle = connection->handle;
	MYSQL_RES *rows = mysql_query(handle, sql) == 0 ? mysql_store_result(handle) : NULL;
	MYSQL_ROW row;

	if (rows == NULL)
		return fault_report(
		    mysql_errno(handle), mysql_sqlstate(handle), mysql_error(handle), error);
	while ((row = mysql_fetch_row(rows)) != NULL)
		take(context, row);
	mysql_free_result(rows);
	return 0;
}

static void take_overview(void *context, char **row)
{
	struct survey *survey = context;

	snprintf(survey->version, sizeof(survey->version), "%s", row[0]);
	survey->packet = strtoull(row[1], NULL, 10);
	survey->objects = strtoull(row[2], NULL, 10);
}

static void count_unreadable(void *context, char **row)
{
	struct survey *survey = context;

	(void)row;
	survey->unreadable_count++;
}

static void take_unreadable(void *context, char **row)
{
	struct survey *survey = context;
	struct survey_object *object = &survey->unreadable[survey->unreadable_count++];

	object->trigger = row[0][0] == 't';
	snprintf(object->name, sizeof(object->name), "%s", row[1]);
}

static int list_unreadable(
    struct connection *connection, struct arena *arena, struct survey *survey, struct error *error)
{
	unsigned most;

	if (query(connection, UNREADABLE, count_unreadable, survey, error) != 0)
		return -1;
	most = survey->unreadable_count;
	survey->unreadable_count = 0;
	if (most == 0)
		return 0;
	survey->unreadable = arena_alloc(arena, most * sizeof(*survey->unreadable));
	if (survey->unreadable == NULL)
		return error_set_detail(error, ERROR_INTERNAL, "no memory for the list of views");
	return query(connection, UNREADABLE, take_unreadable, survey, error);
}

static void take_others(void *context, char **row)
{
	struct survey_others *others = context;

	others->count = strtoull(row[0], NULL, 10);
	snprintf(others->host, sizeof(others->host), "%s", row[1]);
}

int survey_count_others(const struct settings *settings, enum connection_use use,
    struct survey_others *others, struct error *error)
{
	struct connection connection = { 0 };
	struct hosts hosts;
	int result;

	*others = (struct survey_others){ 0 };
	if (open_as(settings, use, &hosts, &connection, error) != 0)
		return -1;
	result = query(&connection, OTHERS, take_others, others, error);
	connection_close(&connection);
	return result;
}

int survey_take(const struct settings *settings, enum connection_use use, struct arena *arena,
    struct survey *survey, struct error *error)
{
	struct connection connection = { 0 };
	struct hosts hosts;
	int result;

	*survey = (struct survey){ 0 };
	if (open_as(settings, use, &hosts, &connection, error) != 0)
		return -1;
	result = query(&connection, OVERVIEW, take_overview, survey, error);
	/* One moment for both: nothing comes between counting and listing. */
	if (result == 0)
		result = list_unreadable(&connection, arena, survey, error);
	connection_close(&connection);
	return result;
}

/* Runs a statement with the name in the place of each question mark. */
static int run_step(
    struct connection *connection, const char *form, const char *name, struct failure *failure)
{
	char sql[512];
	size_t length = 0;

	for (; *form != '\0' && length < sizeof(sql) - PROBE_NAME; form++) {
		if (*form == '?')
			length = (size_t)(stpcpy(sql + length, name) - sql);
		else
			sql[length++] = *form;
	}
	sql[length] = '\0';
	return connection_run(connection, sql, failure);
}

int survey_prove(const struct settings *settings, bool views, bool triggers, struct error *error)
{
	const bool wanted[] = { true, triggers, views };
	struct connection connection = { 0 };
	struct failure failure, unheard;
	char name[PROBE_NAME] = "clientele_probe_";
	struct hosts hosts;
	int result = 0;

	if (open_as(settings, CONNECTION_MIGRATE, &hosts, &connection, error) != 0)
		return -1;
	random_text(name + strlen(name), 8, RANDOM_HEX_LOWER);
	for (size_t i = 0; result == 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (wanted[steps[i].when])
			result = run_step(&connection, steps[i].sql, name, &failure);
	}
	if (result != 0)
		fault_report(failure.number, failure.sqlstate, failure.message, error);
	(void)run_step(&connection, "UNLOCK TABLES", name, &unheard);
	(void)run_step(&connection, "DROP VIEW IF EXISTS `?_view`", name, &unheard);
	if (run_step(&connection, "DROP TABLE IF EXISTS `?`", name, &unheard) != 0 && result == 0)
		result = fault_report(unheard.number, unheard.sqlstate, unheard.message, error);
	connection_close(&connection);
	return result;
}
