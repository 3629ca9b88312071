/*
 * What people read of an import: how far it is, what there is to know of rows, and what came of
 * each table.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cli/move_state.h"

#define NOTES_MOST 10000 /* of a JSON document */
#define PROGRESS_EVERY (MICROSECONDS_PER_SECOND / 5)
#define BAR 30

bool move_report_begin(struct move *move)
{
	move->counts = arena_alloc_array(
	    move->session->arena, move->kind->table_count, sizeof(move->counts[0]));
	print_json_begin(&move->notes);
	writer_array_begin(&move->notes.writer, NULL, "note");
	move->has_progress = !move->session->json && isatty(fileno(move->session->err));
	return move->counts != NULL;
}

/* --- notes --- */

static void clear_progress(struct move *move)
{
	if (move->has_progress && move->progress_at != 0)
		fputs("\r\033[K", move->session->err);
	move->progress_at = 0;
}

static void add_note(struct move *move, const char *table, struct str key, const char *member,
    const char *text, bool refused)
{
	struct writer *writer = &move->notes.writer;

	if (!move->session->json) {
		clear_progress(move);
		session_note(move->session, "%s%s" STR_FORMAT ": %s%s%s%s", table,
		    key.length > 0 ? " " : "", STR_ARGUMENTS(key), refused ? "not imported: " : "",
		    member, member[0] != '\0' ? " " : "", text);
		return;
	}
	if (++move->notes_written > NOTES_MOST) {
		move->notes_left++;
		return;
	}
	writer_object_begin(writer, NULL);
	print_add_text(writer, "table", table);
	if (key.length > 0)
		writer_text(writer, "key", key);
	if (member[0] != '\0')
		print_add_text(writer, "member", member);
	print_add_text(writer, "note", text);
	writer_boolean(writer, "refused", refused);
	writer_object_end(writer);
}

void move_report_line(struct move *move, const struct move_line *line)
{
	if (line->refused != NULL) {
		add_note(move, line->table->name, line->key, "", line->refused, true);
		return;
	}
	if (line->notes != NULL)
		move->count->noted++;
	for (const struct move_note *note = line->notes; note != NULL; note = note->next)
		add_note(move, line->table->name, line->key, note->member, note->text, false);
}

void move_report_note(struct move *move, const char *table, const char *text)
{
	add_note(move, table, STR(""), "", text, false);
}

/* --- how far it is --- */

void move_report_progress(struct move *move, bool over)
{
	const struct move_count *count = move->count;
	int64_t now = timestamp_monotonic();
	int64_t seconds = (now - move->began_at) / MICROSECONDS_PER_SECOND;
	int64_t part = count->total > 0 ? count->read * BAR / count->total : BAR;
	char bar[BAR + 1];

	if (!move->has_progress || (!over && now - move->progress_at < PROGRESS_EVERY))
		return;
	if (over) {
		clear_progress(move);
		return;
	}
	move->progress_at = now;
	for (int i = 0; i < BAR; i++)
		bar[i] = i < part ? '#' : '.';
	bar[BAR] = '\0';
	fprintf(move->session->err, "\r\033[K%-18s [%s] %lld of %lld, %lld a second",
	    move->table->name, bar, (long long)count->read, (long long)count->total,
	    (long long)(count->read / (seconds > 0 ? seconds : 1)));
	fflush(move->session->err);
}

/* --- the end --- */

enum column {
	COLUMN_TABLE,
	COLUMN_READ,
	COLUMN_ADDED,
	COLUMN_CHANGED,
	COLUMN_UNCHANGED,
	COLUMN_REFUSED,
	COLUMN_LEFT,
	COLUMN_NOTED,
	COLUMN_NOTE,
	COLUMN__MAX
};

static const struct print_column columns[COLUMN__MAX] = {
	[COLUMN_TABLE] = { "table", "TABLE", PRINT_TEXT },
	[COLUMN_READ] = { "read", "READ", PRINT_INTEGER },
	[COLUMN_ADDED] = { "added", "ADDED", PRINT_INTEGER },
	[COLUMN_CHANGED] = { "changed", "CHANGED", PRINT_INTEGER },
	[COLUMN_UNCHANGED] = { "unchanged", "UNCHANGED", PRINT_INTEGER },
	[COLUMN_REFUSED] = { "refused", "REFUSED", PRINT_INTEGER },
	[COLUMN_LEFT] = { "left", "LEFT", PRINT_INTEGER },
	[COLUMN_NOTED] = { "noted", "NOTED", PRINT_INTEGER },
	[COLUMN_NOTE] = { "reason", "REASON", PRINT_TEXT },
};

static void fill_values(const struct move *move, unsigned number, struct bind values[COLUMN__MAX])
{
	const struct move_table *table = &move->kind->tables[number];
	const struct move_count *count = &move->counts[number];

	values[COLUMN_TABLE] = BIND_STR(str_from(table->name));
	values[COLUMN_READ] = BIND_INT(count->read);
	values[COLUMN_ADDED] = BIND_INT(count->added);
	values[COLUMN_CHANGED] = BIND_INT(count->changed);
	values[COLUMN_UNCHANGED] = BIND_INT(count->unchanged);
	values[COLUMN_REFUSED] = BIND_INT(count->refused);
	values[COLUMN_LEFT] = BIND_INT(count->left);
	values[COLUMN_NOTED] = BIND_INT(count->noted);
	values[COLUMN_NOTE] = BIND_STR(str_from(count->left > 0 ? table->reason : NULL));
	values[COLUMN_NOTE].null = count->left == 0;
}

/* Tables that hold nothing tell nothing. */
static bool is_empty(const struct move_count *count)
{
	return count->read == 0 && count->left == 0;
}

static enum command_status print_table(struct move *move)
{
	struct print_table table;

	print_table_begin(&table, columns, COLUMN__MAX);
	for (unsigned i = 0; i < move->kind->table_count; i++) {
		struct bind values[COLUMN__MAX];

		if (is_empty(&move->counts[i]))
			continue;
		fill_values(move, i, values);
		print_table_add(&table, values);
	}
	return print_table_end(move->session, &table);
}

static enum command_status print_document(struct move *move)
{
	struct print_json json;

	print_json_begin(&json);
	writer_object_begin(&json.writer, NULL);
	print_add_text(&json.writer, "source", move->source->label);
	writer_text(&json.writer, "name", move->name);
	writer_boolean(&json.writer, "dryRun", move->dry_run);
	writer_array_begin(&json.writer, "tables", "table");
	for (unsigned i = 0; i < move->kind->table_count; i++) {
		struct bind values[COLUMN__MAX];

		fill_values(move, i, values);
		print_add_row(&json.writer, columns, COLUMN__MAX, values);
	}
	writer_array_end(&json.writer);
	writer_array_end(&move->notes.writer);
	writer_json(&json.writer, "notes", buf_str(&move->notes.text));
	writer_integer(&json.writer, "notesLeftOut", move->notes_left);
	writer_object_end(&json.writer);
	json.text.failed = json.text.failed || move->notes.text.failed;
	return print_json_end(move->session, &json);
}

enum command_status move_report_end(struct move *move)
{
	enum command_status status = move->session->json ? print_document(move) : print_table(move);

	if (!move->session->json && move->dry_run)
		fprintf(move->session->out, "Dry run: nothing was stored.\n");
	return status;
}

void move_report_free(struct move *move)
{
	buf_free(&move->notes.text);
}
