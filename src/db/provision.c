#include "db/provision.h"

#include "db/connection.h"
#include "db/fault.h"

#define DATABASE_NAME_MAX 64
#define USER_NAME_MAX 80
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$"

/* Serving needs the first four, migrating the rest. There are no routines, triggers or events. */
#define PRIVILEGES "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES"

static bool is_name(const char *text, const char *characters, size_t most)
{
	size_t length = strlen(text);

	return length > 0 && length <= most && strspn(text, characters) == length;
}

const char *provision_check(const struct provision *provision)
{
	if (!is_name(provision->database, NAME_CHARACTERS, DATABASE_NAME_MAX))
		return "database_name must be 1 to 64 letters, digits, \"_\", \"-\" or \"$\"";
	if (!is_name(provision->user, NAME_CHARACTERS ".", USER_NAME_MAX))
		return "database_user must be 1 to 80 letters, digits, \"_\", \"-\", \".\" or "
		       "\"$\"";
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
static const char *identification(const struct provision *provision, bool show, struct arena *arena)
{
	char *text, *end;

	if (provision->password == NULL)
		return "IDENTIFIED VIA unix_socket";
	if (show)
		return "IDENTIFIED BY '***'";
	text = arena_alloc(arena, 2 * strlen(provision->password) + sizeof("IDENTIFIED BY ''"));
	if (text == NULL)
		return "";
	end = stpcpy(text, "IDENTIFIED BY '");
	for (const char *from = provision->password; *from != '\0'; from++) {
		if (*from == '\'' || *from == '\\')
			*end++ = *from;
		*end++ = *from;
	}
	memcpy(end, "'", 2);
	return text;
}

void provision_statements(const struct provision *provision, bool show, struct arena *arena,
    const char *statements[PROVISION_STATEMENTS])
{
	const char *proof = identification(provision, show, arena);
	const char *limit = "";

	if (provision->connections >= 0)
		limit = arena_printf(
		    arena, " WITH MAX_USER_CONNECTIONS %lld", (long long)provision->connections);
	statements[0] = arena_printf(arena,
	    "CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
	    provision->database);
	statements[1] = arena_printf(arena, "CREATE USER IF NOT EXISTS '%s'@'%s' %s",
	    provision->user, provision->from, proof);
	/* One that was there may have proved itself in another way. */
	statements[2] = arena_printf(
	    arena, "ALTER USER '%s'@'%s' %s%s", provision->user, provision->from, proof, limit);
	statements[3] = arena_printf(arena, "GRANT " PRIVILEGES " ON `%s`.* TO '%s'@'%s'",
	    grant_pattern(provision->database, arena), provision->user, provision->from);
	statements[4] = NULL;
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
	if (status != 0)
		fault_report(failure.number, failure.sqlstate, failure.message, error);
	connection_close(&connection);
	return status;
}
