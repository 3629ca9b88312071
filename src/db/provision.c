#include "db/provision.h"

#include <stdio.h>
#include <string.h>

#include "db/connection.h"
#include "db/fault.h"

#define NO_SUCH_GRANT 1141 /* ER_NONEXISTING_GRANT */
#define USER_NAME_MAX 80
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$"

#define USE(use) (1u << (use))
#define WORKING (USE(PRIVILEGE_SERVING) | USE(PRIVILEGE_CHANGING))

/* There are no routines, triggers or events. */
static const struct privilege privileges[] = {
	{ "SELECT", PRIVILEGE_SERVING },
	{ "INSERT", PRIVILEGE_SERVING },
	{ "UPDATE", PRIVILEGE_SERVING },
	{ "DELETE", PRIVILEGE_SERVING },
	{ "CREATE", PRIVILEGE_CHANGING },
	{ "ALTER", PRIVILEGE_CHANGING },
	{ "DROP", PRIVILEGE_CHANGING },
	{ "INDEX", PRIVILEGE_CHANGING },
	{ "REFERENCES", PRIVILEGE_CHANGING },
	{ "LOCK TABLES", PRIVILEGE_CHANGING }, /* a backup locks each table while it fills it */
	{ "ALTER ROUTINE", PRIVILEGE_NEEDLESS },
	{ "CREATE ROUTINE", PRIVILEGE_NEEDLESS },
	{ "CREATE TEMPORARY TABLES", PRIVILEGE_NEEDLESS },
	{ "CREATE VIEW", PRIVILEGE_NEEDLESS },
	{ "DELETE HISTORY", PRIVILEGE_NEEDLESS },
	{ "EVENT", PRIVILEGE_NEEDLESS },
	{ "EXECUTE", PRIVILEGE_NEEDLESS },
	{ "GRANT OPTION", PRIVILEGE_NEEDLESS },
	{ "SHOW VIEW", PRIVILEGE_NEEDLESS },
	{ "TRIGGER", PRIVILEGE_NEEDLESS },
};

const struct privilege *provision_privileges(unsigned *count)
{
	*count = sizeof(privileges) / sizeof(privileges[0]);
	return privileges;
}

/* "SELECT, INSERT": those of the uses in the mask. */
static const char *list_privileges(struct arena *arena, unsigned uses)
{
	const char *list = "";
	unsigned count;
	const struct privilege *privilege = provision_privileges(&count);

	for (; count > 0; privilege++, count--) {
		if ((USE(privilege->use) & uses) != 0)
			list = arena_printf(
			    arena, "%s%s%s", list, list[0] != '\0' ? ", " : "", privilege->name);
	}
	return list;
}

static bool is_name(const char *text, const char *characters, size_t most)
{
	size_t length = strlen(text);

	return length > 0 && length <= most && strspn(text, characters) == length;
}

const char *provision_check(const struct provision *provision)
{
	if (!is_name(provision->database, NAME_CHARACTERS, DATABASE_NAME_MAX))
		return "database_name must be 1 to 64 letters, digits, \"_\", \"-\" or \"$\"";
	if (!is_name(provision->serving.name, NAME_CHARACTERS ".", USER_NAME_MAX))
		return "database_user must be 1 to 80 letters, digits, \"_\", \"-\", \".\" or "
		       "\"$\"";
	if (provision->migrating.name != NULL) {
		if (!is_name(provision->migrating.name, NAME_CHARACTERS ".", USER_NAME_MAX))
			return "migrate_user must be 1 to 80 letters, digits, \"_\", \"-\", \".\" "
			       "or \"$\"";
		if (strcmp(provision->migrating.name, provision->serving.name) == 0)
			return "migrate_user must be another user than database_user";
	}
	if (!is_name(provision->from, NAME_CHARACTERS ".:%/", DATABASE_NAME_MAX))
		return "the host must be a name, an address, or a pattern with \"%\"";
	return NULL;
}

/* A database's name in a GRANT is a pattern, in which "_" stands for any character. */
static const char *grant_pattern(const char *name, struct arena *arena)
{
	char *pattern = arena_alloc(arena, 2 * strlen(name) + 1);
	char *end = pattern;

	for (; pattern != NULL && *name != '\0'; name++) {
		if (*name == '_')
			*end++ = '\\';
		*end++ = *name;
	}
	if (pattern != NULL)
		*end = '\0';
	return pattern;
}

/* How the user proves itself, for CREATE USER and ALTER USER. Quotes and backslashes are doubled.
 */
static const char *identification(const struct provision_user *user, bool show, struct arena *arena)
{
	char *text, *end;

	if (user->password == NULL)
		return "IDENTIFIED VIA unix_socket";
	if (show)
		return "IDENTIFIED BY '***'";
	text = arena_alloc(arena, 2 * strlen(user->password) + sizeof("IDENTIFIED BY ''"));
	if (text == NULL)
		return "";
	end = stpcpy(text, "IDENTIFIED BY '");
	for (const char *from = user->password; *from != '\0'; from++) {
		if (*from == '\'' || *from == '\\')
			*end++ = *from;
		*end++ = *from;
	}
	memcpy(end, "'", 2);
	return text;
}

/* The statements under way. */
struct list {
	const struct provision *provision;
	struct arena *arena;
	const char **statements;
	unsigned count;
	bool show;
};

/* A user that is there, with its proof and no privileges yet. */
static void add_user(struct list *list, const struct provision_user *user, const char *limit)
{
	const char *proof = identification(user, list->show, list->arena);
	const char *from = list->provision->from;

	list->statements[list->count++] = arena_printf(
	    list->arena, "CREATE USER IF NOT EXISTS '%s'@'%s' %s", user->name, from, proof);
	/* One that was there may have proved itself in another way. */
	list->statements[list->count++] =
	    arena_printf(list->arena, "ALTER USER '%s'@'%s' %s%s", user->name, from, proof, limit);
}

static void add_privileges(struct list *list, const struct provision_user *user, const char *verb,
    unsigned uses, const char *preposition)
{
	list->statements[list->count++] = arena_printf(list->arena, "%s %s ON `%s`.* %s '%s'@'%s'",
	    verb, list_privileges(list->arena, uses),
	    grant_pattern(list->provision->database, list->arena), preposition, user->name,
	    list->provision->from);
}

void provision_statements(const struct provision *provision, bool show, struct arena *arena,
    const char *statements[PROVISION_STATEMENTS])
{
	struct list list = {
		.provision = provision, .arena = arena, .statements = statements, .show = show
	};
	const struct provision_user *serving = &provision->serving;
	const struct provision_user *migrating = &provision->migrating;
	const char *limit = "";

	if (provision->connections >= 0)
		limit = arena_printf(
		    arena, " WITH MAX_USER_CONNECTIONS %lld", (long long)provision->connections);
	statements[list.count++] = arena_printf(arena,
	    "CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
	    provision->database);
	add_user(&list, serving, limit);
	if (migrating->name == NULL) {
		add_privileges(&list, serving, "GRANT", WORKING, "TO");
	} else {
		add_user(&list, migrating, "");
		add_privileges(&list, migrating, "GRANT", WORKING, "TO");
		add_privileges(&list, serving, "GRANT", USE(PRIVILEGE_SERVING), "TO");
		/* Last of all: until then a schema can be changed as before. */
		add_privileges(&list, serving, "REVOKE",
		    USE(PRIVILEGE_CHANGING) | USE(PRIVILEGE_NEEDLESS), "FROM");
	}
	statements[list.count] = NULL;
}

/*
 * Others (dbconfig-common, people) write a name with an underscore as it is: to the server that is
 * another pattern, with privileges of its own, which would outlive those that are taken here.
 */
static int revoke_unescaped(
    struct connection *connection, const struct provision *provision, struct failure *failure)
{
	char sql[512];

	if (provision->migrating.name == NULL || strchr(provision->database, '_') == NULL)
		return 0;
	snprintf(sql, sizeof(sql), "REVOKE ALL PRIVILEGES ON `%s`.* FROM '%s'@'%s'",
	    provision->database, provision->serving.name, provision->from);
	return connection_run(connection, sql, failure) == 0 || failure->number == NO_SUCH_GRANT
		   ? 0
		   : -1;
}

int provision_run(
    const struct settings *administrator, const struct provision *provision, struct error *error)
{
	const char *statements[PROVISION_STATEMENTS];
	struct connection connection = { 0 };
	struct failure failure;
	struct hosts hosts;
	int status;

	if (!hosts_read(&hosts, administrator, 0))
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "database_hosts cannot be read: %s", administrator->database_hosts);
	provision_statements(provision, false, error->arena, statements);
	status =
	    connection_open(administrator, &hosts, CONNECTION_ADMINISTER, &connection, &failure);
	for (unsigned i = 0; status == 0 && statements[i] != NULL; i++)
		status = connection_run(&connection, statements[i], &failure);
	if (status == 0)
		status = revoke_unescaped(&connection, provision, &failure);
	if (status != 0)
		fault_report(failure.number, failure.sqlstate, failure.message, error);
	connection_close(&connection);
	return status;
}
