#include "db/position.h"

#include <errno.h>
#include <mysql.h>
#include <stdio.h>

/* Only a server that has loaded the provider knows of them. */
#define POSITION                                                                        \
	"SELECT MAX(IF(VARIABLE_NAME = 'wsrep_local_state_uuid', VARIABLE_VALUE, "      \
	"NULL)), MAX(IF(VARIABLE_NAME = 'wsrep_last_committed', VARIABLE_VALUE, NULL))" \
	" FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN "                \
	"('wsrep_local_state_uuid', 'wsrep_last_committed')"

/* "Donor/Desynced"; without waiting for changes that a donor may not apply. */
#define DONOR                                                                                   \
	"SET STATEMENT wsrep_sync_wait = 0 FOR SELECT 1 FROM information_schema.GLOBAL_STATUS " \
	"WHERE VARIABLE_NAME = 'wsrep_local_state' AND VARIABLE_VALUE = '2'"

/*
 * Asks the server; where `caught_up` is wanted, once it has all that its component has, for which
 * it waits as long as an answer may take. Returns 0, without a known position where the server
 * belongs to no cluster; or -1 with `failure` filled, also by a node that is outside of the primary
 * component.
 */
static int read_position(struct connection *connection, bool caught_up,
    struct galera_position *position, struct failure *failure)
{
	const struct str sql =
	    caught_up ? STR("SET STATEMENT wsrep_sync_wait = 1 FOR " POSITION) : STR(POSITION);
	MYSQL_RES *rows;
	MYSQL_ROW row;

	*position = (struct galera_position){ 0 };
	if (connection_query(connection, sql, &rows, failure) < 0)
		return -1;
	row = mysql_fetch_row(rows);
	/* A node that is joining has no state of its own yet. */
	position->known = row != NULL && row[0] != NULL && row[1] != NULL &&
			  uuid_parse(str_from(row[0]), &position->uuid) &&
			  str_to_int64(str_from(row[1]), &position->seqno) &&
			  !uuid_is_zero(&position->uuid);
	mysql_free_result(rows);
	return 0;
}

bool position_is_donor(struct connection *connection)
{
	struct failure failure;
	MYSQL_RES *rows;
	bool found;

	if (!connection->in_cluster ||
	    connection_query(connection, STR(DONOR), &rows, &failure) < 0)
		return false;
	found = mysql_fetch_row(rows) != NULL;
	mysql_free_result(rows);
	return found;
}

static int refuse_position(const struct history_view *view, const struct galera_position *position,
    const char *host, struct failure *failure)
{
	const struct galera_position *shown = view->latched ? &view->refused : position;
	char seen[HISTORY_POSITION_TEXT], there[HISTORY_POSITION_TEXT];
	char message[sizeof(failure->message)];

	history_print(&view->mark, seen);
	history_print(shown, there);
	snprintf(message, sizeof(message),
	    "%.127s was at position %s, though %s had been seen before: the history of the "
	    "database is "
	    "not the one that was used; see 'clientele cluster status', and accept it with "
	    "'clientele cluster accept'",
	    view->latched ? view->host : host, there, seen);
	return failure_set(failure, FAILURE_HISTORY, message);
}

static int fail_unreadable(const char *directory, struct failure *failure)
{
	char message[sizeof(failure->message)];

	snprintf(message, sizeof(message),
	    "the history of the database that was seen before cannot be read in %s: %s", directory,
	    strerror(errno));
	return failure_set(failure, FAILURE_HISTORY, message);
}

int position_check(
    const struct settings *settings, struct connection *connection, struct failure *failure)
{
	const char *directory = settings->state_directory;
	char host[HOST_TEXT];
	enum history_verdict verdict = HISTORY_BEHIND;
	struct history_view view;
	struct galera_position position, before;

	/* Before the server is asked: what happens meanwhile is new. */
	connection->news = history_news();
	host_print(connection->host, host, sizeof(host));
	for (int round = 0; verdict == HISTORY_BEHIND; round++) {
		if (read_position(connection, round > 0, &position, failure) < 0)
			return -1;
		connection->in_cluster = position.known;
		if (!connection->in_cluster)
			return 0;
		verdict =
		    history_judge(directory, &position, host, round == 0 ? NULL : &before, &view);
		before = view.mark;
	}
	if (verdict == HISTORY_UNREADABLE)
		return fail_unreadable(directory, failure);
	return verdict == HISTORY_FITS ? 0 : refuse_position(&view, &position, host, failure);
}

void position_explain(const struct settings *settings, struct failure *failure)
{
	struct history_view view;

	if (history_refused() && history_look(settings->state_directory, &view) == 0 &&
	    view.latched)
		(void)refuse_position(&view, &view.refused, view.host, failure);
}

bool position_is_doubtful(const struct connection *connection)
{
	return connection->in_cluster && connection->news != history_news();
}
