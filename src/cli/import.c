#include "cli/import.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/import_store.h"
#include "cli/print.h"

#define BATCH 500
#define BLOCK ((size_t)64 * 1024)
#define BATCH_BYTES (8 * CSV_FILE_RECORD_MAX)
#define MEMORY_MOST (32 * CSV_FILE_RECORD_MAX)

struct import {
	struct session *session;
	const struct import_kind *kind;
	const char *file;
	bool dry_run;
	bool has_header;
	struct import_header header;
	struct import_store store;
	struct arena *arena;     /* of one batch */
	struct import_wait wait; /* lines whose text another row has; all lines of a trial */
	struct import_line *batch[BATCH];
	unsigned count;
	unsigned read, added, updated, refused;
	struct print_json faults; /* with --json, a list of them */
};

/* --- the report --- */

static void report_fault(
    struct import *import, const struct import_line *line, const struct import_fault *fault)
{
	struct session *session = import->session;
	struct writer *writer = &import->faults.writer;

	if (!session->json) {
		session_note(session, "%s:%u: %s%s%s", import->file, line->line, fault->column,
		    fault->column[0] != '\0' ? " " : "", fault->reason);
		return;
	}
	writer_object_begin(writer, NULL);
	writer_integer(writer, "line", line->line);
	print_add_text(writer, "column", fault->column);
	print_add_text(writer, "reason", fault->reason);
	writer_object_end(writer);
}

static void report_line(struct import *import, const struct import_line *line)
{
	for (const struct import_fault *f = line->faults; f != NULL; f = f->next)
		report_fault(import, line, f);
	if (line->faults != NULL)
		import->refused++;
	else if (line->added)
		import->added++;
	else
		import->updated++;
}

static enum command_status print_summary(struct import *import)
{
	struct print_json json;

	print_json_begin(&json);
	writer_object_begin(&json.writer, NULL);
	writer_integer(&json.writer, "read", import->read);
	writer_integer(&json.writer, "added", import->added);
	writer_integer(&json.writer, "updated", import->updated);
	writer_integer(&json.writer, "refused", import->refused);
	writer_boolean(&json.writer, "dryRun", import->dry_run);
	writer_array_end(&import->faults.writer);
	writer_json(&json.writer, "faults", buf_str(&import->faults.text));
	writer_object_end(&json.writer);
	json.text.failed = json.text.failed || import->faults.text.failed;
	return print_json_end(import->session, &json);
}

static enum command_status summarize(struct import *import)
{
	if (import->session->json)
		return print_summary(import);
	fprintf(import->session->out, "%u read: %u added, %u updated, %u refused%s\n", import->read,
	    import->added, import->updated, import->refused,
	    import->dry_run ? " (dry run: nothing was stored)" : "");
	return COMMAND_OK;
}

/* --- lines, batch by batch --- */

/* Reports what is settled; the rest waits. False when there is no memory for it. */
static bool settle_batch(struct import *import)
{
	for (unsigned i = 0; i < import->count; i++) {
		const struct import_line *line = import->batch[i];
		bool waits = !line->refused && (line->taken || import->dry_run);

		if (waits && !import_wait_add(&import->wait, line))
			return false;
		if (waits)
			continue;
		if (line->faults == NULL)
			import_wait_drop(&import->wait, line);
		report_line(import, line);
	}
	return true;
}

/* Stores what has been read: a trial decides about all lines at its end. Returns 0, or -1 with the
 * session's error set. */
static int flush_batch(struct import *import)
{
	struct error *error = &import->session->error;
	int result = 0;

	if (import->count > 0 && !import->dry_run) {
		result = import_store_batch(
		    &import->store, import->batch, import->count, import->arena, error);
		session_announce(import->session);
	}
	if (result != 0)
		return -1;
	if (arena_exhausted(import->arena) || !settle_batch(import))
		return error_set(error, ERROR_BUSY,
		    "Out of memory: too many lines are waiting for the end of the file.");
	import->count = 0;
	arena_reset(import->arena);
	return 0;
}

/* What the file leaves at its end decides: texts may have gone round in it. */
static int flush_all(struct import *import)
{
	const struct import_wait *wait = &import->wait;
	int result;

	if (flush_batch(import) != 0)
		return -1;
	if (wait->count == 0)
		return 0;
	result =
	    import_store_waiting(&import->store, wait, import->dry_run, &import->session->error);
	session_announce(import->session);
	for (unsigned i = 0; result == 0 && i < wait->count; i++)
		report_line(import, wait->lines[i]);
	return result;
}

static int take_header(struct import *import, const struct csv_file_record *record)
{
	const char *reason = record->fault;

	if (reason == NULL)
		reason = import_read_header(
		    import->session->arena, import->kind, record, &import->header);
	if (reason != NULL) {
		session_fail(import->session, "%s:%u: Invalid header: %s; no line was read.",
		    import->file, record->line, reason);
		return 1;
	}
	import->has_header = true;
	return 0;
}

static int take_record(void *context, const struct csv_file_record *record)
{
	struct import *import = context;
	struct import_line *line;

	if (!import->has_header)
		return take_header(import, record);
	line = arena_alloc(import->arena, sizeof(*line));
	if (line == NULL)
		return -1;
	import_read_line(import->arena, &import->header, record, line);
	if (arena_exhausted(import->arena))
		return -1;
	import->batch[import->count++] = line;
	import->read++;
	if (import->count < BATCH && arena_used(import->arena) < BATCH_BYTES)
		return 0;
	if (flush_batch(import) == 0)
		return 0;
	session_error(import->session);
	return 1;
}

static enum command_status read_stream(struct import *import, FILE *stream)
{
	struct session *session = import->session;
	int status = csv_file_read(stream, take_record, import);

	if (status == 0 && !import->has_header)
		return session_fail(
		    session, "%s is empty; its first line must name the columns.", import->file);
	if (status == 0 && flush_all(import) != 0) {
		session_error(session);
		status = 1;
	}
	if (status < 0)
		session_fail(session, "%s cannot be read to the end (%s).", import->file,
		    ferror(stream) ? strerror(errno) : "out of memory");
	if (import->has_header && summarize(import) != COMMAND_OK)
		status = 1;
	if (status != 0 && import->has_header)
		session_note(session, "Later lines are not stored; run the import again.");
	return status == 0 && import->refused == 0 ? COMMAND_OK : COMMAND_FAILED;
}

/* --- the command --- */

static enum command_status import_stream(
    struct session *session, const struct import_kind *kind, const char *file, FILE *stream)
{
	struct import *import = arena_alloc(session->arena, sizeof(*import));
	enum command_status status;

	if (import == NULL)
		return session_fail(session, "Out of memory.");
	*import = (struct import){ .session = session,
		.kind = kind,
		.file = file,
		.dry_run = session_flag(session, "dry-run") != NULL,
		.arena = arena_new(BLOCK, MEMORY_MOST) };
	import->store = (struct import_store){ session_context(session), &import->header };
	session_act_as(session, arena_printf(session->arena, "import of %s", file));
	print_json_begin(&import->faults);
	writer_array_begin(&import->faults.writer, NULL, "fault");
	status = import_wait_begin(&import->wait) && import->arena != NULL &&
			 import->store.context != NULL
		     ? read_stream(import, stream)
		     : session_fail(session, "Out of memory.");
	buf_free(&import->faults.text);
	import_wait_end(&import->wait);
	arena_free(import->arena);
	return status;
}

enum command_status import_run(struct session *session, const struct import_kind *kind)
{
	const char *name = session->operands[0];
	bool standard = strcmp(name, "-") == 0;
	FILE *stream = standard ? stdin : fopen(name, "re");
	enum command_status status;

	if (stream == NULL)
		return session_fail(session, "%s cannot be opened (%s).", name, strerror(errno));
	status = import_stream(session, kind, standard ? "standard input" : name, stream);
	if (!standard)
		fclose(stream);
	return status;
}
