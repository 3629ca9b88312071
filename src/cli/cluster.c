/*
 * How the nodes of a cluster are, each asked by itself.
 */
#include "cli/cluster.h"

#include <unistd.h>

#include "cli/cluster_words.h"
#include "cli/print.h"
#include "cli/session.h"
#include "db/history.h"
#include "schema/resource.h"

enum column {
	COLUMN_HOST,
	COLUMN_REACH,
	COLUMN_NAME,
	COLUMN_COMPONENT,
	COLUMN_SIZE,
	COLUMN_STATE,
	COLUMN_POSITION,
	COLUMN_NEWEST,
	COLUMN_QUEUE,
	COLUMN_READ_ONLY,
	COLUMN_RESTORES,
	COLUMN_UUID,
	COLUMN_DETAIL,
	COLUMN__MAX
};

static const struct print_column columns[COLUMN__MAX] = {
	[COLUMN_HOST] = { "host", "HOST", PRINT_TEXT },
	[COLUMN_REACH] = { "reach", "REACH", PRINT_TEXT },
	[COLUMN_NAME] = { "name", "NODE", PRINT_TEXT },
	[COLUMN_COMPONENT] = { "component", "COMPONENT", PRINT_TEXT },
	[COLUMN_SIZE] = { "size", "SIZE", PRINT_INTEGER },
	[COLUMN_STATE] = { "state", "STATE", PRINT_TEXT },
	[COLUMN_POSITION] = { "position", "POSITION", PRINT_INTEGER },
	[COLUMN_NEWEST] = { "newest", "NEWEST", PRINT_BOOLEAN },
	[COLUMN_QUEUE] = { "receiveQueue", "QUEUE", PRINT_INTEGER },
	[COLUMN_READ_ONLY] = { "readOnly", "READ-ONLY", PRINT_BOOLEAN },
	[COLUMN_RESTORES] = { "pcRecovery", "PC.RECOVERY", PRINT_BOOLEAN },
	[COLUMN_UUID] = { "stateUuid", "STATE UUID", PRINT_UUID },
	[COLUMN_DETAIL] = { "detail", "DETAIL", PRINT_TEXT },
};

static void tell_waiting(void *context, const char *host)
{
	session_note(context, "Waiting for %s.", host);
}

bool cluster_take(struct session *session, struct cluster *cluster, struct cluster_advice *advice)
{
	struct history_view view;
	struct hosts hosts;

	if (!hosts_read(&hosts, session->settings, 0)) {
		session_fail(session, "The list database_hosts cannot be read.");
		return false;
	}
	cluster->count = hosts.count;
	if (history_look(session->settings->state_directory, &view) == 0)
		cluster->mark = view.mark;
	galera_observe(session->settings, &hosts, cluster->nodes, tell_waiting, session);
	cluster_advise(cluster, advice);
	if (advice->verdict != CLUSTER_SPLIT)
		return true;
	/* Nodes that were asked just while the members changed look like that. */
	(void)sleep(1);
	galera_observe(session->settings, &hosts, cluster->nodes, tell_waiting, session);
	cluster_advise(cluster, advice);
	return true;
}

static struct bind text_or_null(const char *text)
{
	struct bind value = BIND_STR(str_from(text));

	value.null = text[0] == '\0';
	return value;
}

static struct bind or_null(struct bind value, bool known)
{
	value.null = !known;
	return value;
}

/* `newest` is null where it is not known which node is. */
static void fill_row(const struct galera_node *node, struct bind newest, struct bind *row)
{
	bool answers = node->reach == GALERA_ANSWERS, member = answers && node->replicates;

	row[COLUMN_HOST] = BIND_STR(str_from(node->host));
	row[COLUMN_REACH] = BIND_STR(str_from(cluster_reach_word(node->reach)));
	row[COLUMN_NAME] = text_or_null(node->name);
	row[COLUMN_COMPONENT] =
	    or_null(BIND_STR(str_from(node->primary ? "Primary" : "non-Primary")), member);
	row[COLUMN_SIZE] = or_null(BIND_INT(node->size), member);
	row[COLUMN_STATE] = text_or_null(node->state);
	row[COLUMN_POSITION] = or_null(BIND_INT(node->position.seqno), node->position.known);
	row[COLUMN_NEWEST] = or_null(newest, !newest.null && node->position.known);
	row[COLUMN_QUEUE] = or_null(BIND_INT(node->queue), member);
	row[COLUMN_READ_ONLY] = or_null(BIND_INT(node->read_only), answers);
	row[COLUMN_RESTORES] = or_null(BIND_INT(node->restores), member);
	row[COLUMN_UUID] = or_null(BIND_ID(node->position.uuid), node->position.known);
	row[COLUMN_DETAIL] = text_or_null(node->detail);
}

static void describe_advice(
    const struct cluster_advice *advice, const struct result *rows, struct writer *writer)
{
	struct buf sentence = { 0 };

	cluster_print_verdict(advice, &sentence);
	writer_boolean(writer, "healthy", advice->verdict == CLUSTER_HEALTHY);
	print_add_text(writer, "verdict", cluster_verdict_word(advice->verdict));
	print_add_text(writer, "sentence", sentence.data);
	writer_array_begin(writer, "nodes", "node");
	for (unsigned i = 0; i < rows->count; i++)
		print_add_row(writer, columns, COLUMN__MAX, rows->rows[i]);
	writer_array_end(writer);
	buf_free(&sentence);
}

static enum command_status print_text(
    struct session *session, const struct cluster_advice *advice, const struct result *rows)
{
	enum command_status status = print_rows(session, columns, COLUMN__MAX, rows);
	struct buf sentence = { 0 };

	cluster_print_verdict(advice, &sentence);
	fprintf(session->out, "\n%s\n", sentence.data != NULL ? sentence.data : "");
	buf_free(&sentence);
	return status;
}

enum command_status cluster_print(struct session *session, const struct cluster *cluster,
    const struct cluster_advice *advice, struct writer *writer)
{
	struct bind *rows[HOSTS_MAX];
	struct result result = { .count = cluster->count, .rows = rows };

	for (unsigned i = 0; i < cluster->count; i++) {
		rows[i] = arena_alloc_array(session->arena, COLUMN__MAX, sizeof(*rows[i]));
		if (rows[i] == NULL)
			return session_fail(session, "Out of memory.");
		fill_row(&cluster->nodes[i],
		    or_null(
			BIND_INT((advice->newest & UINT32_C(1) << i) != 0), advice->newest != 0),
		    rows[i]);
	}
	if (writer == NULL)
		return print_text(session, advice, &result);
	describe_advice(advice, &result, writer);
	return COMMAND_OK;
}

static enum command_status print_status(
    struct session *session, const struct cluster *cluster, const struct cluster_advice *advice)
{
	enum command_status status;
	struct print_json json;

	if (!session->json)
		return cluster_print(session, cluster, advice, NULL);
	print_json_begin(&json);
	writer_object_begin(&json.writer, NULL);
	status = cluster_print(session, cluster, advice, &json.writer);
	writer_boolean(&json.writer, "refused", history_refused());
	writer_object_end(&json.writer);
	if (status == COMMAND_OK)
		return print_json_end(session, &json);
	buf_free(&json.text);
	return status;
}

static enum command_status cluster_status(struct session *session)
{
	struct cluster *cluster = arena_alloc(session->arena, sizeof(*cluster));
	struct cluster_advice *advice = arena_alloc(session->arena, sizeof(*advice));
	enum command_status status = COMMAND_FAILED;

	if (cluster == NULL || advice == NULL) {
		session_fail(session, "Out of memory.");
	} else {
		*cluster = (struct cluster){ 0 };
		if (cluster_take(session, cluster, advice))
			status = print_status(session, cluster, advice);
	}
	if (history_refused())
		session_note(session,
		    "This machine refuses the cluster, whose history went back: see clientele "
		    "cluster accept.");
	return status == COMMAND_OK && (advice->verdict != CLUSTER_HEALTHY || history_refused())
		   ? COMMAND_FAILED
		   : status;
}

static const struct command_flag status_flags[] = {
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag accept_flags[] = {
	{ .name = "yes", .doc = "Accept without a question." },
	{ 0 },
};

const struct command cluster_commands[] = {
	{ .words = "cluster accept",
	    .arguments = "[--yes]",
	    .flags = accept_flags,
	    .doc = "Go on with a cluster whose history went back, and give up what was stored "
		   "since.",
	    .run = cluster_accept },
	{ .words = "cluster status",
	    .arguments = "",
	    .flags = status_flags,
	    .doc = "Show each database server of a Galera cluster; fails if anything is wrong.",
	    .run = cluster_status },
	{ .words = "cluster recover",
	    .arguments = "",
	    .flags = cluster_recover_flags,
	    .doc = "Print how to bring a Galera cluster back: commands, and where to run each; "
		   "runs none of them.",
	    .as_caller = true,
	    .run = cluster_recover },
	{ 0 },
};
