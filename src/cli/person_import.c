#include <errno.h>
#include <stdlib.h>

#include "cli/person_wait.h"
#include "cli/print.h"
#include "cli/session.h"

#define BATCH 500
#define STATEMENT_MAX 1024

/* Names of the keys of delegate_client that a line may break. */
#define CODE_KEY "delegate_client_code"

struct import {
	struct session *session;
	const char *file;
	bool dry_run;
	bool has_header;
	struct person_header header;
	struct arena *arena;     /* of one batch */
	struct person_wait wait; /* lines whose code another person has; all lines of a trial */
	bool conflict;           /* this attempt to store those that waited has refused some */
	struct person *batch[BATCH];
	unsigned count;
	char update[STATEMENT_MAX], insert[STATEMENT_MAX];
	unsigned read, added, updated, refused;
	struct print_json faults; /* with --json, a list of them */
};

/*
 * What the file does not name keeps its value in an update, and has its default in an insert. The
 * order of parameters is: columns as in enum person_column without the id, user-defined fields, id.
 */
static void make_statements(struct import *import)
{
	struct buf update = { 0 }, insert = { 0 }, marks = { 0 };

	buf_append_text(&update, "UPDATE delegate_client SET ");
	buf_append_text(&insert, "INSERT INTO delegate_client (");
	for (int i = PERSON_ID + 1; i < PERSON__MAX; i++) {
		if (!import->header.present[i])
			continue;
		buf_printf(&update, "%s = ?, ", person_sql_name((enum person_column)i));
		buf_printf(&insert, "%s, ", person_sql_name((enum person_column)i));
		buf_append_text(&marks, "?, ");
	}
	if (import->header.user_defined) {
		/* The patch takes away the members that are null. */
		buf_append_text(&update,
		    "user_defined_fields = "
		    "JSON_COMPACT(JSON_MERGE_PATCH(user_defined_fields, ?)), ");
		buf_append_text(&insert, "user_defined_fields, ");
		buf_append_text(&marks, "JSON_COMPACT(JSON_MERGE_PATCH('{}', ?)), ");
	}
	buf_append_text(&update, "updated_at = UTC_TIMESTAMP(6) WHERE id = ?");
	buf_printf(&insert, "id) VALUES (%s?)", marks.data != NULL ? marks.data : "");
	snprintf(import->update, sizeof(import->update), "%s", update.data);
	snprintf(import->insert, sizeof(import->insert), "%s", insert.data);
	buf_free(&update);
	buf_free(&insert);
	buf_free(&marks);
}

static unsigned fill_parameters(const struct import *import, const struct person *person,
    struct bind parameters[PERSON__MAX + 1])
{
	unsigned count = 0;

	for (int i = PERSON_ID + 1; i < PERSON__MAX; i++) {
		if (import->header.present[i])
			parameters[count++] = person->values[i];
	}
	if (import->header.user_defined)
		parameters[count++] = BIND_STR(person->user_defined);
	parameters[count++] = person->values[PERSON_ID];
	return count;
}

static void refuse_column(struct arena *arena, struct person *person, enum person_column column)
{
	person_add_fault(arena, person, person_csv_name(column), "belongs to another client");
}

/* Stores one person; a code that another has is told in the person, and no error. */
static int store_person(struct import *import, struct person *person, struct error *error)
{
	struct database *database = import->session->database;
	struct bind parameters[PERSON__MAX + 1];
	unsigned count = fill_parameters(import, person, parameters);
	struct outcome outcome = { 0 };
	int status = database_execute(database, import->update, parameters, count, &outcome, error);

	person->added = status == 0 && outcome.affected == 0;
	if (person->added)
		status =
		    database_execute(database, import->insert, parameters, count, &outcome, error);
	if (status == 0)
		return 0;
	if (database_fault(database) != DATABASE_FAULT_DUPLICATE)
		return -1;
	error_clear(error);
	person->code_taken = strcmp(database_fault_key(database), CODE_KEY) == 0;
	if (!person->code_taken)
		refuse_column(import->arena, person, PERSON_ID);
	return 0;
}

/* A trial decides about all lines at its end: nothing of it may stay from batch to batch. */
static int store_batch(void *context, struct error *error)
{
	struct import *import = context;

	for (unsigned i = 0; i < import->count; i++) {
		struct person *person = import->batch[i];

		/* A former run of this transaction may have found a fault that is gone. */
		if (person->added_fault) {
			person->faults = person->last_fault = NULL;
			person->added_fault = false;
		}
		person->code_taken = false;
		if (person->faults != NULL)
			continue;
		if (store_person(import, person, error) < 0)
			return -1;
		person->added_fault = person->faults != NULL;
	}
	return 0;
}

/* Takes the codes away from the persons that are to be given other ones. */
static int clear_code(struct import *import, const struct person *person, struct error *error)
{
	struct outcome outcome;

	return database_execute(import->session->database,
	    "UPDATE delegate_client SET code = NULL WHERE id = ?", &person->values[PERSON_ID], 1,
	    &outcome, error);
}

static bool takes_part(const struct person *person)
{
	return !person->superseded && person->faults == NULL;
}

/*
 * One attempt to store all that waited, without those that were refused before. What a refused one
 * has, it keeps, and that may refuse others: any new one begins another attempt.
 */
static int store_waiting(void *context, struct error *error)
{
	struct import *import = context;
	struct person_wait *wait = &import->wait;

	import->conflict = false;
	for (unsigned i = 0; i < wait->count && import->header.present[PERSON_CODE]; i++) {
		if (takes_part(wait->persons[i]) &&
		    clear_code(import, wait->persons[i], error) != 0)
			return -1;
	}
	for (unsigned i = 0; i < wait->count; i++) {
		struct person *person = wait->persons[i];

		person->code_taken = false;
		if (takes_part(person) && store_person(import, person, error) < 0)
			return -1;
		import->conflict = import->conflict || person->code_taken;
	}
	/* Any error rolls back; the caller knows this one. */
	return import->conflict || import->dry_run ? error_set(error, ERROR_STALE, "Not yet.") : 0;
}

static void report_fault(
    struct import *import, const struct person *person, const struct person_fault *fault)
{
	struct session *session = import->session;
	struct writer *writer = &import->faults.writer;

	if (!session->json) {
		session_note(session, "%s:%u: %s%s%s", import->file, person->line, fault->column,
		    fault->column[0] != '\0' ? " " : "", fault->reason);
		return;
	}
	writer_object_begin(writer, NULL);
	writer_integer(writer, "line", person->line);
	print_add_text(writer, "column", fault->column);
	print_add_text(writer, "reason", fault->reason);
	writer_object_end(writer);
}

static void report_person(struct import *import, const struct person *person)
{
	for (const struct person_fault *f = person->faults; f != NULL; f = f->next)
		report_fault(import, person, f);
	if (person->faults != NULL)
		import->refused++;
	else if (person->added)
		import->added++;
	else
		import->updated++;
}

/* False when there is no memory for those that wait. */
static bool report_batch(struct import *import)
{
	for (unsigned i = 0; i < import->count; i++) {
		const struct person *person = import->batch[i];
		bool waits = person->faults == NULL && (person->code_taken || import->dry_run);

		if (waits && !person_wait_add(&import->wait, person))
			return false;
		if (!waits && person->faults == NULL)
			person_wait_drop(&import->wait, person);
		if (!waits)
			report_person(import, person);
	}
	return true;
}

/* Stores what has been read. Returns 0, or -1 with the session's error set. */
static int flush(struct import *import)
{
	struct session *session = import->session;
	int status = 0;

	if (import->count > 0 && !import->dry_run)
		status =
		    database_transaction(session->database, store_batch, import, &session->error);
	if (status < 0)
		return -1;
	if (!report_batch(import))
		return error_set(&session->error, ERROR_BUSY,
		    "Out of memory: too many lines are waiting for the end of the file.");
	import->count = 0;
	arena_reset(import->arena);
	return 0;
}

/* What the file leaves at its end decides: codes may have gone round in it. */
static int settle(struct import *import)
{
	struct session *session = import->session;
	struct person_wait *wait = &import->wait;
	int status = 0;

	do {
		for (unsigned i = 0; i < wait->count; i++) {
			if (wait->persons[i]->code_taken && takes_part(wait->persons[i]))
				refuse_column(wait->arena, wait->persons[i], PERSON_CODE);
		}
		error_clear(&session->error);
		status =
		    database_transaction(session->database, store_waiting, import, &session->error);
		if (status < 0 && session->error.code != ERROR_STALE)
			return -1;
	} while (import->conflict);
	error_clear(&session->error);
	for (unsigned i = 0; i < wait->count; i++)
		report_person(import, wait->persons[i]);
	return 0;
}

static int take_header(struct import *import, const struct csv_file_record *record)
{
	const char *reason = record->fault;

	if (reason == NULL)
		reason = person_read_header(import->session->arena, record, &import->header);
	if (reason != NULL) {
		session_fail(import->session, "%s:%u: Invalid header: %s; no line was read.",
		    import->file, record->line, reason);
		return 1;
	}
	import->has_header = true;
	make_statements(import);
	return 0;
}

static int take_record(void *context, const struct csv_file_record *record)
{
	struct import *import = context;
	struct person *person;

	if (!import->has_header)
		return take_header(import, record);
	person = arena_alloc(import->arena, sizeof(*person));
	if (person == NULL)
		return -1;
	person_read(import->arena, &import->header, record, person);
	if (arena_exhausted(import->arena))
		return -1;
	import->batch[import->count++] = person;
	import->read++;
	if (import->count < BATCH && arena_used(import->arena) < 8 * CSV_FILE_RECORD_MAX)
		return 0;
	if (flush(import) == 0)
		return 0;
	session_error(import->session);
	return 1;
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

static enum command_status run_import(struct import *import, FILE *stream)
{
	struct session *session = import->session;
	int status = csv_file_read(stream, take_record, import);

	if (status == 0 && !import->has_header)
		return session_fail(
		    session, "%s is empty; its first line must name the columns.", import->file);
	if (status == 0 && (flush(import) < 0 || (import->wait.count > 0 && settle(import) < 0))) {
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

static enum command_status import_file(struct session *session)
{
	struct import *import;
	enum command_status status;
	bool standard = strcmp(session->operands[0], "-") == 0;
	FILE *stream = standard ? stdin : fopen(session->operands[0], "re");

	if (stream == NULL)
		return session_fail(
		    session, "%s cannot be opened (%s).", session->operands[0], strerror(errno));
	import = calloc(1, sizeof(*import));
	if (import != NULL)
		import->arena = arena_new(65536, 32 * CSV_FILE_RECORD_MAX);
	if (import == NULL || import->arena == NULL || !person_wait_begin(&import->wait)) {
		if (import != NULL)
			arena_free(import->arena);
		free(import);
		if (!standard)
			fclose(stream);
		return session_fail(session, "Out of memory.");
	}
	import->session = session;
	print_json_begin(&import->faults);
	writer_array_begin(&import->faults.writer, NULL, "fault");
	import->file = standard ? "standard input" : session->operands[0];
	import->dry_run = session_flag(session, "dry-run") != NULL;
	status = run_import(import, stream);
	buf_free(&import->faults.text);
	person_wait_end(&import->wait);
	arena_free(import->arena);
	free(import);
	if (!standard)
		fclose(stream);
	return status;
}

static const struct command_flag flags[] = {
	{ .name = "dry-run", .doc = "Check the file without storing anything." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command person_commands[] = {
	{ .words = "person import",
	    .arguments = "FILE.csv",
	    .least = 1,
	    .most = 1,
	    .flags = flags,
	    .doc =
		"Add or update persons of delegate groups from a CSV file (- for standard input).",
	    .run = import_file },
	{ 0 },
};
