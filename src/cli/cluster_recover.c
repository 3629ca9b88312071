/*
 * How to bring a cluster back, for people who carry it out.
 */
#include <json-c/json_object.h>

#include "cli/cluster_place.h"
#include "cli/cluster_words.h"
#include "cli/print.h"
#include "cli/session.h"

struct recovery {
	struct cluster_places places;
	struct cluster cluster;
	struct cluster_advice advice;
};

const struct command_flag cluster_recover_flags[] = {
	{ "position", "HOST=UUID:SEQNO",
	    "Position of a node that does not answer, as galera_recovery finds it there." },
	{ "lost", "HOST",
	    "A node whose data is lost, or not to be used: do without its position." },
	{ "keep", "HOST",
	    "A node whose history is kept where there are several, or two components." },
	{ "data-directory", "[HOST=]DIRECTORY",
	    "Where the server of this machine keeps its data; default " CLUSTER_DIRECTORY "." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const char *host_of(const struct recovery *recovery, const struct cluster_step *step)
{
	return step->node == CLUSTER_ANYWHERE ? NULL : recovery->cluster.nodes[step->node].host;
}

/* The command, which the caller frees. */
static struct buf command_of(const struct recovery *recovery, const struct cluster_step *step)
{
	struct buf command = { 0 };
	const char *directory =
	    step->node == CLUSTER_ANYWHERE ? NULL : recovery->places.list[step->node].directory;

	cluster_print_command(&recovery->cluster, &recovery->advice, step, directory,
	    recovery->places.given, &command);
	return command;
}

/* --- for people --- */

static void print_notes(struct session *session, const struct recovery *recovery)
{
	struct buf text = { 0 };

	for (unsigned i = 0; i < CLUSTER_NOTE__MAX; i++) {
		if (recovery->advice.notes[i] == 0)
			continue;
		buf_append_char(&text, '\n');
		cluster_print_hosts(&recovery->cluster, recovery->advice.notes[i], &text);
		buf_append_text(&text, ":\n  ");
		cluster_print_note(&recovery->advice, i, &text);
		buf_append_char(&text, '\n');
	}
	if (text.length > 0)
		fwrite(text.data, 1, text.length, session->out);
	buf_free(&text);
}

static void print_steps(struct session *session, const struct recovery *recovery)
{
	for (unsigned i = 0; i < recovery->advice.step_count; i++) {
		const struct cluster_step *step = &recovery->advice.steps[i];
		const char *host = host_of(recovery, step);
		struct buf command = command_of(recovery, step);

		fprintf(session->out, "%s%2u. %s%s: %s\n      %s\n", i == 0 ? "\n" : "", i + 1,
		    host != NULL ? "On " : "Here", host != NULL ? host : "",
		    cluster_action_doc(step->action), command.data != NULL ? command.data : "");
		buf_free(&command);
	}
}

/* --- for programs --- */

static struct json_object *describe_notes(const struct recovery *recovery)
{
	struct json_object *notes = json_object_new_array();

	for (unsigned i = 0; i < CLUSTER_NOTE__MAX; i++) {
		struct json_object *note, *hosts;
		struct buf text = { 0 };

		if (recovery->advice.notes[i] == 0)
			continue;
		note = json_object_new_object();
		hosts = json_object_new_array();
		cluster_print_note(&recovery->advice, i, &text);
		for (unsigned n = 0; n < recovery->cluster.count; n++) {
			if ((recovery->advice.notes[i] & UINT32_C(1) << n) != 0)
				json_object_array_add(
				    hosts, json_object_new_string(recovery->cluster.nodes[n].host));
		}
		print_add_text(note, "note", cluster_note_word(i));
		json_object_object_add(note, "hosts", hosts);
		print_add_text(note, "text", text.data);
		json_object_array_add(notes, note);
		buf_free(&text);
	}
	return notes;
}

static struct json_object *describe_steps(const struct recovery *recovery)
{
	struct json_object *steps = json_object_new_array();

	for (unsigned i = 0; i < recovery->advice.step_count; i++) {
		const struct cluster_step *step = &recovery->advice.steps[i];
		struct json_object *object = json_object_new_object();
		struct buf command = command_of(recovery, step);

		print_add_text(object, "host", host_of(recovery, step));
		print_add_text(object, "action", cluster_action_word(step->action));
		print_add_text(object, "command", command.data);
		print_add_text(object, "purpose", cluster_action_doc(step->action));
		json_object_array_add(steps, object);
		buf_free(&command);
	}
	return steps;
}

static enum command_status print_all(struct session *session, const struct recovery *recovery)
{
	struct json_object *object = session->json ? json_object_new_object() : NULL;
	enum command_status status =
	    cluster_print(session, &recovery->cluster, &recovery->advice, object);

	if (status != COMMAND_OK) {
		json_object_put(object);
		return status;
	}
	if (object != NULL) {
		json_object_object_add(object, "notes", describe_notes(recovery));
		json_object_object_add(object, "steps", describe_steps(recovery));
		print_value(session, object);
	} else {
		print_notes(session, recovery);
		print_steps(session, recovery);
	}
	return COMMAND_OK;
}

enum command_status cluster_recover(struct session *session)
{
	struct recovery *recovery = arena_alloc(session->arena, sizeof(*recovery));
	enum command_status status;

	if (recovery == NULL)
		return session_fail(session, "Out of memory.");
	*recovery = (struct recovery){ 0 };
	/* The server's files are root's to read, the database is the pool's user's. */
	status = cluster_places_take(session, &recovery->places);
	if (status != COMMAND_OK)
		return status;
	if (!session_become_pool(session))
		return COMMAND_FAILED;
	if (!cluster_take(session, &recovery->cluster, &recovery->advice))
		return COMMAND_FAILED;
	cluster_places_apply(session, &recovery->places, &recovery->cluster);
	cluster_advise(&recovery->cluster, &recovery->advice);
	return print_all(session, recovery);
}
