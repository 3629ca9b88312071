/*
 * Imports of other programs' databases: table by table, some hundred rows at a time, each such
 * batch a transaction of its own. All of a trial is one, and is undone.
 */
#include <stdlib.h>

#include "api/licensing/licensing.h"
#include "cli/move_document.h"
#include "cli/move_state.h"
#include "record/rows.h"

#define BLOCK ((size_t)256 * 1024)
#define BATCH_BYTES ((size_t)16 * 1024 * 1024)
#define MEMORY_MOST ((size_t)512 * 1024 * 1024)

/* --- lines --- */

static int prepare_lines(struct move *move, struct error *error)
{
	for (unsigned i = 0; i < move->table->column_count; i++) {
		const struct move_column *column = &move->table->columns[i];

		if ((column->refers != NULL && move_map_resolve(move, i, error) != 0) ||
		    (column->finds != NULL && move_find_cells(move, i, error) != 0))
			return -1;
	}
	for (unsigned i = 0; i < move->line_count; i++)
		move_line_digest(&move->lines[i]);
	if (move_map_find_lines(move, error) != 0)
		return -1;
	for (unsigned i = 0; i < move->line_count; i++) {
		struct move_line *line = &move->lines[i];

		if (!line->known && line->refused == NULL &&
		    move_line_build(move, line, error) != 0)
			return -1;
	}
	return move_unique_settle(move, error);
}

static void count_line(struct move *move, const struct move_line *line, bool changed)
{
	if (line->known) {
		move->count->unchanged++;
		return;
	}
	if (line->refused != NULL)
		move->count->refused++;
	else if (changed)
		move->count->changed++;
	else
		move->count->added++;
	move_report_line(move, line);
}

static int flush_lines(struct move *move, struct error *error)
{
	const struct arena_mark mark = arena_mark(move->context->arena);
	struct move_line *stored[MOVE_BATCH];
	bool changed[MOVE_BATCH];
	unsigned count = 0;
	int result = prepare_lines(move, error);

	for (unsigned i = 0; result == 0 && i < move->line_count; i++) {
		struct move_line *line = &move->lines[i];

		changed[i] = line->target.length > 0;
		if (!line->known && line->refused == NULL)
			stored[count++] = line;
	}
	if (result == 0 && count > 0)
		result = move_store_lines(move, stored, count, error);
	if (result == 0) {
		for (unsigned i = 0; i < move->line_count; i++)
			count_line(move, &move->lines[i], changed[i]);
		arena_go_back(move->context->arena, &mark);
	}
	session_announce(move->session);
	arena_reset(move->arena);
	move->line_count = 0;
	move->lines = NULL;
	move_report_progress(move, false);
	return result;
}

static struct str copy_cell(struct arena *arena, struct str cell)
{
	return cell.data != NULL ? arena_str(arena, cell) : cell;
}

static unsigned key_count(const struct move_table *table)
{
	return table->keys[1] != NULL ? 2 : 1;
}

/* Where a row of documents stands, and why it cannot be read. */
enum { PLACE, FAULT, PLACE_CELLS };

static unsigned place_cells(const struct move *move)
{
	return move->kind->documents != NULL ? PLACE_CELLS : 0;
}

/* Documents may have anything: a row without a key is told by its place. */
static void check_key(struct move *move, struct move_line *line, const struct str *cells)
{
	const struct move_table *table = move->table;
	const struct str *place = &cells[key_count(table) + table->column_count];
	unsigned missing = key_count(table);

	for (unsigned i = key_count(table); i-- > 0;) {
		if (cells[i].length == 0)
			missing = i;
	}
	if (place[FAULT].data != NULL)
		line->refused = arena_printf(move->arena, STR_FORMAT, STR_ARGUMENTS(place[FAULT]));
	else if (missing < key_count(table))
		line->refused =
		    arena_printf(move->arena, "has no %s", move_key_name(table, missing));
	else if (line->key.length > LICENSING_IMPORT_KEY_MOST)
		line->refused = arena_printf(
		    move->arena, "has a key of more than %d bytes", LICENSING_IMPORT_KEY_MOST);
	else
		return;
	line->key = arena_str(move->arena, place[PLACE]);
}

static int take_row(void *data, const struct str *cells, struct error *error)
{
	struct move *move = data;
	const struct move_table *table = move->table;
	unsigned keys = key_count(table);
	struct move_line *line;

	if (move->lines == NULL)
		move->lines = arena_alloc_array(move->arena, MOVE_BATCH, sizeof(move->lines[0]));
	if (move->lines == NULL)
		return error_out_of_memory(error);
	line = &move->lines[move->line_count];
	*line = (struct move_line){ .table = table,
		.arena = move->arena,
		.key = keys == 1 ? arena_str(move->arena, cells[0])
				 : str_from(arena_printf(move->arena, STR_FORMAT "|" STR_FORMAT,
				       STR_ARGUMENTS(cells[0]), STR_ARGUMENTS(cells[1]))),
		.cells =
		    arena_alloc_array(move->arena, table->column_count, sizeof(line->cells[0])) };
	if (line->cells == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < table->column_count; i++)
		line->cells[i] = copy_cell(move->arena, cells[keys + i]);
	if (place_cells(move) > 0)
		check_key(move, line, cells);
	if (arena_exhausted(move->arena))
		return error_out_of_memory(error);
	move->count->read++;
	if (++move->line_count < MOVE_BATCH && arena_used(move->arena) < BATCH_BYTES)
		return 0;
	return flush_lines(move, error);
}

/* --- tables --- */

bool move_is_name(const char *sql)
{
	return strpbrk(sql, " .(") == NULL;
}

static bool is_there(const struct move *move, const struct move_column *column)
{
	if (column->needs != NULL && !move_source_has(move->source, column->needs, NULL))
		return false;
	return !move_is_name(column->sql) ||
	       move_source_has(move->source, move->table->name, column->sql);
}

static void append_column(struct move *move, const struct move_column *column, struct buf *sql)
{
	if (!is_there(move, column))
		buf_append_text(sql, "NULL");
	else if (move_is_name(column->sql))
		buf_printf(sql, "t.`%s`", column->sql);
	else
		buf_append_text(sql, column->sql);
}

/* What stands in FROM: the table, or what is made of it. */
static const char *source_of(const struct move *move)
{
	const struct move_table *table = move->table;

	return table->from != NULL ? arena_printf(move->session->arena, "(%s)", table->from)
				   : arena_printf(move->session->arena, "`%s`", table->name);
}

static const char *make_select(struct move *move)
{
	const struct move_table *table = move->table;
	struct buf sql = { 0 };
	const char *copy;

	buf_append_text(&sql, "SELECT ");
	for (unsigned i = 0; i < key_count(table); i++)
		buf_printf(&sql, "%st.`%s`", i > 0 ? ", " : "", table->keys[i]);
	for (unsigned i = 0; i < table->column_count; i++) {
		buf_append_text(&sql, ", ");
		append_column(move, &table->columns[i], &sql);
	}
	if (place_cells(move) > 0)
		buf_append_text(&sql, ", t.`" MOVE_DOCUMENT_PLACE "`, t.`" MOVE_DOCUMENT_FAULT "`");
	buf_printf(&sql, " FROM %s t %s ORDER BY ", source_of(move),
	    table->more != NULL ? table->more : "");
	if (place_cells(move) > 0)
		buf_append_text(&sql, "t.`" MOVE_ROW "`");
	for (unsigned i = 0; i < key_count(table) && place_cells(move) == 0; i++)
		buf_printf(&sql, "%st.`%s`", i > 0 ? ", " : "", table->keys[i]);
	copy = sql.failed ? NULL : arena_copy(move->session->arena, sql.data, sql.length);
	buf_free(&sql);
	return copy;
}

static int count_table(struct move *move, const char *more, int64_t *count, struct error *error)
{
	const char *sql = arena_printf(move->session->arena, "SELECT COUNT(*) FROM %s t %s",
	    source_of(move), more != NULL ? more : "");

	return move_source_count(move->source, sql, count, error);
}

static int read_table(struct move *move, struct error *error)
{
	const struct move_table *table = move->table;
	const char *sql = make_select(move);
	int64_t all;

	if (sql == NULL)
		return error_out_of_memory(error);
	if (count_table(move, NULL, &all, error) != 0 ||
	    count_table(move, table->more, &move->count->total, error) != 0)
		return -1;
	move->count->left = all - move->count->total;
	move->began_at = timestamp_monotonic();
	if (all == 0)
		return 0;
	if (move_unique_begin(move, error) != 0 ||
	    move_source_select(move->source, sql,
		key_count(table) + table->column_count + place_cells(move), take_row, move,
		error) != 0 ||
	    (move->line_count > 0 && flush_lines(move, error) != 0))
		return -1;
	move_report_progress(move, true);
	return 0;
}

static int run_tables(struct context *context, void *data, struct error *error)
{
	struct move *move = data;

	(void)context;
	for (unsigned i = 0; i < move->kind->table_count; i++) {
		move->table = &move->kind->tables[i];
		move->count = &move->counts[i];
		*move->count = (struct move_count){ 0 };
		arena_reset(move->arena);
		move->lines = NULL;
		move->line_count = 0;
		if (!move_source_has(move->source, move->table->name, NULL))
			continue;
		if (move->table->record == NULL) {
			if (count_table(move, NULL, &move->count->left, error) != 0)
				return -1;
		} else if (read_table(move, error) != 0) {
			return -1;
		}
	}
	return 0;
}

/* --- the database as a whole --- */

static int take_migration(void *data, const struct str *cells, struct error *error)
{
	struct move *move = data;

	(void)error;
	for (const char *const *known = move->kind->migrations; *known != NULL; known++) {
		if (str_equal(cells[0], str_from(*known)))
			return 0;
	}
	move_report_note(move, move->kind->history,
	    arena_printf(move->session->arena,
		"the migration " STR_FORMAT
		" is not known here: columns and tables that it has added are left out",
		STR_ARGUMENTS(str_slice(cells[0], 0, 150))));
	return 0;
}

static bool is_known_table(const struct move *move, struct str name)
{
	for (unsigned i = 0; i < move->kind->table_count; i++) {
		if (str_equal_ignore_case(name, str_from(move->kind->tables[i].name)))
			return true;
	}
	/* Those of the framework and of the file itself. */
	return str_starts_with(name, STR("__")) || str_starts_with(name, STR("sqlite_"));
}

static void tell_unknown_tables(struct move *move)
{
	struct str last = { NULL, 0 };

	for (unsigned i = 0; i < move->source->name_count; i++) {
		struct str table = move->source->names[i].table;

		if (str_equal(table, last) || is_known_table(move, table))
			continue;
		last = table;
		move_report_note(move,
		    arena_printf(move->session->arena, STR_FORMAT, STR_ARGUMENTS(table)),
		    "this table is not known here, and was left out");
	}
}

static int tell_migrations(struct move *move, struct error *error)
{
	const struct move_kind *kind = move->kind;
	const char *sql = arena_printf(move->session->arena, "SELECT `%s` FROM `%s` ORDER BY `%s`",
	    kind->migration, kind->history, kind->migration);

	return kind->history == NULL
		   ? 0
		   : move_source_select(move->source, sql, 1, take_migration, move, error);
}

static int refuse_database(const struct move *move, struct error *error)
{
	const struct move_kind *kind = move->kind;

	if (kind->history == NULL)
		return error_set_detail(error, ERROR_INVALID,
		    "%s is no database of %s: it has no table %s", move->source->label, kind->name,
		    kind->first);
	return error_set_detail(error, ERROR_INVALID,
	    "%s is no database of %s: it has no tables %s and %s", move->source->label, kind->name,
	    kind->history, kind->first);
}

static int check_database(struct move *move, struct error *error)
{
	const struct move_kind *kind = move->kind;

	if ((kind->history != NULL && !move_source_has(move->source, kind->history, NULL)) ||
	    !move_source_has(move->source, kind->first, NULL))
		return refuse_database(move, error);
	if (tell_migrations(move, error) != 0)
		return -1;
	tell_unknown_tables(move);
	if (move->source->clear)
		session_note(move->session,
		    "The connection is not encrypted; ?ca=FILE behind the address makes it so.");
	return move_map_check_identity(move, error);
}

static int check_source(struct move *move, struct error *error)
{
	return move->kind->documents != NULL ? move_document_tell(move, error)
					     : check_database(move, error);
}

/* --- the command --- */

static bool has_refused(const struct move *move)
{
	for (unsigned i = 0; i < move->kind->table_count; i++) {
		if (move->counts[i].refused > 0)
			return true;
	}
	return false;
}

static enum command_status run_source(struct move *move)
{
	struct session *session = move->session;
	const char *map = session_flag(session, "map");
	struct error *error = &session->error;
	enum command_status status;

	if (check_source(move, error) != 0)
		return session_error(session);
	if ((move->dry_run ? record_trial(move->context, run_tables, move, error)
			   : run_tables(move->context, move, error)) != 0) {
		move_report_progress(move, true);
		session_error(session);
		session_note(session, "%s",
		    move->dry_run ? "Nothing was stored."
				  : "What was stored before that stays; run the "
				    "import again for the rest.");
		return COMMAND_FAILED;
	}
	status = move_report_end(move);
	if (status == COMMAND_OK && map != NULL && !move->dry_run)
		status = move_map_write(move, map);
	if (status != COMMAND_OK)
		return status;
	return has_refused(move) ? COMMAND_FAILED : COMMAND_OK;
}

static bool begin_move(struct move *move, struct session *session, const struct move_kind *kind)
{
	const char *name = session_flag(session, "name");

	*move = (struct move){ .session = session,
		.kind = kind,
		.context = session_context(session),
		.name = str_from(name != NULL ? name : kind->label),
		.dry_run = session_flag(session, "dry-run") != NULL,
		.keep_ids = session_flag(session, "keep-ids") != NULL,
		.arena = arena_new(BLOCK, MEMORY_MOST) };
	if (move->context == NULL || move->arena == NULL || !move_report_begin(move)) {
		move_report_free(move);
		session_fail(session, "Out of memory.");
		return false;
	}
	session_act_as(session, arena_printf(session->arena, "import of %s", kind->name));
	return true;
}

/* What the command line lacks. */
static const char *ask_for_source(struct arena *arena, const struct move_kind *kind)
{
	const char *flags = NULL;

	if (kind->documents == NULL)
		return "Give --from: the address of the database, or a file.";
	for (unsigned i = 0; i < kind->table_count; i++) {
		if (kind->tables[i].flag != NULL)
			flags = arena_printf(arena, "%s%s--%s", flags != NULL ? flags : "",
			    flags != NULL ? ", " : "", kind->tables[i].flag);
	}
	return flags == NULL ? "Give --from and a file, or - for standard input."
			     : arena_printf(arena, "Give a file with one of %s.", flags);
}

enum command_status move_run(struct session *session, const struct move_kind *kind)
{
	struct move *move = arena_alloc(session->arena, sizeof(*move));
	enum command_status status = COMMAND_FAILED;

	if (!move_open_has_source(session, kind))
		return session_usage(session, "%s", ask_for_source(session->arena, kind));
	if (move == NULL)
		return session_fail(session, "Out of memory.");
	if (!begin_move(move, session, kind))
		return COMMAND_FAILED;
	move->source = move_open(session, kind);
	if (move->source != NULL)
		status = run_source(move);
	move_source_close(move->source);
	move_report_free(move);
	arena_free(move->arena);
	return status;
}

const char *move_key_name(const struct move_table *table, unsigned number)
{
	if (strcmp(table->keys[number], MOVE_PARENT) != 0)
		return table->keys[number];
	for (const char *const *pair = table->renames; pair != NULL && *pair != NULL; pair += 2) {
		if (strcmp(pair[1], MOVE_PARENT) == 0)
			return pair[0];
	}
	return table->within;
}

unsigned move_table_number(const struct move_kind *kind, const char *name)
{
	unsigned number = 0;

	while (strcmp(kind->tables[number].name, name) != 0)
		number++;
	return number;
}
