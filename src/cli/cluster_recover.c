/*
 * How to bring a cluster back, for people who carry it out.
 */

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

static void describe_note(
    struct writer *writer, const struct recovery *recovery, enum cluster_note number)
{
	uint32_t nodes = recovery->advice.notes[number];
	struct buf text = { 0 };

	cluster_print_note(&recovery->advice, number, &text);
	writer_object_begin(writer, NULL);
	print_add_text(writer, "note", cluster_note_word(number));
	writer_array_begin(writer, "hosts", "host");
	for (unsigned n = 0; n < recovery->cluster.count; n++) {
		if ((nodes & UINT32_C(1) << n) != 0)
			print_add_text(writer, NULL, recovery->cluster.nodes[n].host);
	}
	writer_array_end(writer);
	print_add_text(writer, "text", text.data);
	writer_object_end(writer);
	buf_free(&text);
}

static void describe_notes(struct writer *writer, const struct recovery *recovery)
{
	writer_array_begin(writer, "notes", "note");
	for (unsigned i = 0; i < CLUSTER_NOTE__MAX; i++) {
		if (recovery->advice.notes[i] != 0)
			describe_note(writer, recovery, i);
	}
	writer_array_end(writer);
}

static void describe_steps(struct writer *writer, const struct recovery *recovery)
{
	writer_array_begin(writer, "steps", "step");
	for (unsigned i = 0; i < recovery->advice.step_count; i++) {
		const struct cluster_step *step = &recovery->advice.steps[i];
		struct buf command = command_of(recovery, step);

		writer_object_begin(writer, NULL);
		print_add_text(writer, "host", host_of(recovery, step));
		print_add_text(writer, "action", cluster_action_word(step->action));
		print_add_text(writer, "command", command.data);
		print_add_text(writer, "purpose", cluster_action_doc(step->action));
		writer_object_end(writer);
		buf_free(&command);
	}
	writer_array_end(writer);
}

static enum command_status print_document(struct session *session, const struct recovery *recovery)
{
	enum command_status status;
	struct print_json json;

	print_json_begin(&json);
	writer_object_begin(&json.writer, NULL);
	status = cluster_print(session, &recovery->cluster, &recovery->advice, &json.writer);
	describe_notes(&json.writer, recovery);
	describe_steps(&json.writer, recovery);
	writer_object_end(&json.writer);
	if (status == COMMAND_OK)
		return print_json_end(session, &json);
	buf_free(&json.text);
	return status;
}

static enum command_status print_all(struct session *session, const struct recovery *recovery)
{
	enum command_status status;

	if (session->json)
		return print_document(session, recovery);
	status = cluster_print(session, &recovery->cluster, &recovery->advice, NULL);
	if (status == COMMAND_OK) {
		print_notes(session, recovery);
		print_steps(session, recovery);
	}
	return status;
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
