/*
 * Settings of the database server that decide whether a cluster, or a replica, keeps what it has
 * acknowledged.
 */
#include "cli/doctor.h"
#include "cli/session.h"
#include "db/history.h"
#include "schema/resource.h"

#define EXAMPLE "see galera.cnf among the documents of the program"

struct server {
	bool in_cluster;
	bool restores; /* pc.recovery */
	struct str binlog_format;
	bool writes_binlog;
	int64_t autoinc_lock;
};

/* A server that knows no clusters has no such variables. */
static bool ask_server(struct doctor *doctor, struct server *server)
{
	static const char sql[] =
	    "SELECT @@wsrep_provider_options, @@wsrep_on, @@binlog_format, @@log_bin, "
	    "@@innodb_autoinc_lock_mode";
	static const enum bind_kind kinds[] = { BIND_TEXT, BIND_INTEGER, BIND_TEXT, BIND_INTEGER,
		BIND_INTEGER };
	struct session *session = doctor->session;
	struct galera_node node = { 0 };
	struct result result;
	const char *options;

	if (database_select_once(session->database, session->arena, sql, NULL, 0, kinds,
		COUNT_OF(kinds), &result, &session->error) != 0)
		return false;
	options = arena_printf(session->arena, STR_FORMAT, STR_ARGUMENTS(result.rows[0][0].text));
	if (options != NULL)
		galera_take(&node, "wsrep_provider_options", options);
	*server = (struct server){
		.in_cluster = result.rows[0][1].integer != 0 && result.rows[0][0].text.length > 0,
		.restores = node.restores,
		.binlog_format = result.rows[0][2].text,
		.writes_binlog = result.rows[0][3].integer != 0,
		.autoinc_lock = result.rows[0][4].integer,
	};
	return true;
}

static void judge_recovery(struct doctor *doctor, const struct server *server)
{
	if (server->restores)
		doctor_note(doctor, DOCTOR_WARNING,
		    "set pc.recovery=FALSE in wsrep_provider_options of each node; " EXAMPLE,
		    "after a loss of several nodes the cluster may come back with old data by "
		    "itself "
		    "(pc.recovery is on)");
	else
		doctor_note(doctor, DOCTOR_OK, NULL,
		    "after a loss of all nodes the cluster waits for a person");
}

/* A node with another binlog_format than ROW does not even start. */
static void judge_formats(struct doctor *doctor, const struct server *server)
{
	if (server->writes_binlog && str_equal(server->binlog_format, STR("STATEMENT")))
		doctor_note(doctor, DOCTOR_FAULT, "set binlog_format = ROW, or MIXED",
		    "its binlog_format is STATEMENT: it refuses changes of transactions that read "
		    "what was committed");
	if (server->in_cluster && server->autoinc_lock != 2)
		doctor_note(doctor, DOCTOR_FAULT, "set innodb_autoinc_lock_mode = 2; " EXAMPLE,
		    "its innodb_autoinc_lock_mode is %lld: nodes that insert side by side lock "
		    "each other out",
		    (long long)server->autoinc_lock);
}

static void judge_mark(struct doctor *doctor)
{
	const char *directory = doctor->session->settings->state_directory;
	char text[HISTORY_POSITION_TEXT];
	struct history_view view;

	if (history_look(directory, &view) != 0) {
		doctor_note(doctor, DOCTOR_FAULT, "{folder}",
		    "what was seen of its history is not kept in %s", directory);
		return;
	}
	history_print(&view.mark, text);
	doctor_note(doctor, DOCTOR_OK, NULL, "its history was seen up to position %s", text);
}

void doctor_check_cluster(struct doctor *doctor)
{
	unsigned before = doctor->count;
	struct server server;

	if (!ask_server(doctor, &server)) {
		if (history_refused())
			doctor_note(doctor, DOCTOR_FAULT,
			    "{cli} cluster status; to go on with what there is: {cli} cluster "
			    "accept",
			    "its history went back: %s",
			    doctor->session->error.detail != NULL ? doctor->session->error.detail
								  : "");
		else
			doctor_note(
			    doctor, DOCTOR_SKIPPED, NULL, "the database could not be asked");
		error_clear(&doctor->session->error);
		return;
	}
	judge_formats(doctor, &server);
	if (server.in_cluster) {
		judge_recovery(doctor, &server);
		judge_mark(doctor);
	}
	if (doctor->count == before)
		doctor_note(doctor, DOCTOR_OK, NULL, "the server belongs to none");
}
