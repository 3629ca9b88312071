/*
 * Going on with a cluster whose history is not the one that was seen before.
 */
#include <errno.h>
#include <inttypes.h>

#include "cli/cluster.h"
#include "cli/question.h"
#include "cli/session.h"
#include "db/history.h"

/*
 * What the members of a primary component show: the lowest of their positions, so that none of them
 * is refused next. NULL after saying why nothing can be accepted.
 */
static const struct galera_position *find_present(
    struct session *session, const struct cluster *cluster, const struct cluster_advice *advice)
{
	const struct galera_position *present = NULL;

	if (advice->verdict == CLUSTER_SPLIT) {
		(void)session_fail(session,
		    "Two components serve. Stop the one that is wrong, or name the nodes of the "
		    "other with --database-hosts.");
		return NULL;
	}
	for (unsigned i = 0; i < cluster->count; i++) {
		const struct galera_position *position = &cluster->nodes[i].position;

		if ((advice->members & UINT32_C(1) << i) == 0 || !position->known)
			continue;
		if (present == NULL || position->seqno < present->seqno)
			present = position;
	}
	if (present == NULL)
		(void)session_fail(session, "No node of a cluster can be used now.");
	return present;
}

static void show_mark(struct session *session, const struct history_view *view)
{
	char text[HISTORY_POSITION_TEXT];

	if (!view->mark.known) {
		session_note(session, "No cluster was seen before.");
		return;
	}
	history_print(&view->mark, text);
	session_note(session, "Seen before: position %s.", text);
	if (!view->latched)
		return;
	history_print(&view->refused, text);
	session_note(session, "Refused: %s, which was at position %s.", view->host, text);
}

static bool is_the_same(const struct history_view *view, const struct galera_position *present)
{
	return view->mark.known && uuid_equal(&view->mark.uuid, &present->uuid);
}

/* What is given up, at least. */
static const char *describe_loss(
    struct session *session, const struct history_view *view, const struct galera_position *present)
{
	if (view->mark.known && !is_the_same(view, present))
		return " What was stored in the other history is given up.";
	if (present->seqno < view->mark.seqno)
		return arena_printf(session->arena,
		    " At least %" PRId64 " changes that were stored before are given up.",
		    view->mark.seqno - present->seqno);
	return view->latched ? " What was stored only in the other history is given up." : "";
}

static enum command_status accept_position(
    struct session *session, const struct history_view *view, const struct galera_position *present)
{
	const char *directory = session->settings->state_directory;
	char text[HISTORY_POSITION_TEXT];

	history_print(present, text);
	if (!question_agreed(session,
		arena_printf(session->arena, "Accept the history at position %s?%s", text,
		    describe_loss(session, view, present)),
		"accept"))
		return COMMAND_USAGE;
	if (history_accept(directory, present) != 0)
		return session_fail(session, "What is accepted cannot be written in %s (%s).",
		    directory, strerror(errno));
	session_note(session,
	    "Position %s is accepted on this machine. Do the same on each machine with a pool, and "
	    "for each site.",
	    text);
	return COMMAND_OK;
}

enum command_status cluster_accept(struct session *session)
{
	struct cluster *cluster = arena_alloc(session->arena, sizeof(*cluster));
	struct cluster_advice *advice = arena_alloc(session->arena, sizeof(*advice));
	const struct galera_position *present;
	struct history_view view;

	if (cluster == NULL || advice == NULL)
		return session_fail(session, "Out of memory.");
	if (history_look(session->settings->state_directory, &view) != 0)
		return session_fail(session, "What was seen before cannot be read in %s (%s).",
		    session->settings->state_directory, strerror(errno));
	*cluster = (struct cluster){ 0 };
	if (!cluster_take(session, cluster, advice) ||
	    cluster_print(session, cluster, advice, NULL) != COMMAND_OK)
		return COMMAND_FAILED;
	(void)fflush(session->out);
	show_mark(session, &view);
	present = find_present(session, cluster, advice);
	if (present == NULL)
		return COMMAND_FAILED;
	if (!view.latched && is_the_same(&view, present) && present->seqno >= view.mark.seqno) {
		session_note(session, "That is the history that was seen before: nothing to do.");
		return COMMAND_OK;
	}
	return accept_position(session, &view, present);
}
