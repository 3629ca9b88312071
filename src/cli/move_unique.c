/*
 * Texts that only one row may have here, and several may have there; and keys that stay.
 */
#include "cli/move_state.h"
#include "record/rows.h"

#define ROUNDS 4

/* --- what several rows have --- */

static const struct move_column *column_of(const struct move_table *table, const char *member)
{
	for (unsigned i = 0; i < table->column_count; i++) {
		if (table->columns[i].member != NULL &&
		    strcmp(table->columns[i].member, member) == 0)
			return &table->columns[i];
	}
	return NULL;
}

struct reading {
	struct arena *arena;
	struct move_duplicates *duplicates;
	unsigned capacity;
};

static int take_duplicate(void *data, const struct str *cells, struct error *error)
{
	struct reading *reading = data;
	struct move_duplicates *duplicates = reading->duplicates;
	struct move_duplicate *grown;

	if (duplicates->count == reading->capacity) {
		reading->capacity = reading->capacity > 0 ? 2 * reading->capacity : 64;
		grown = arena_alloc_array(reading->arena, reading->capacity, sizeof(grown[0]));
		if (grown == NULL)
			return error_out_of_memory(error);
		if (duplicates->count > 0)
			memcpy(grown, duplicates->items, duplicates->count * sizeof(grown[0]));
		duplicates->items = grown;
	}
	duplicates->items[duplicates->count++] = (struct move_duplicate){
		.keeper = arena_str(reading->arena, cells[0]),
		.text = arena_str(reading->arena, cells[1]),
	};
	return arena_exhausted(reading->arena) ? error_out_of_memory(error) : 0;
}

static int read_duplicates(struct move *move, const struct move_column *column,
    struct move_duplicates *duplicates, struct error *error)
{
	struct arena *arena = move->session->arena;
	struct reading reading = { arena, duplicates, 0 };
	const char *cell = arena_printf(arena, "t.`%s`", column->sql);
	const char *exact = arena_printf(arena, move->source->kind->exact, cell);
	const char *key = move->table->keys[0], *table = move->table->name;
	/* Of documents, the last row is the newest one: their keys have no order. */
	const char *sql =
	    move->kind->documents != NULL
		? arena_printf(arena,
		      "SELECT t.`%s`, %s FROM `%s` t WHERE t.`" MOVE_ROW
		      "` IN (SELECT MAX(t.`" MOVE_ROW
		      "`) FROM `%s` t WHERE %s <> '' GROUP BY %s HAVING COUNT(*) > 1)",
		      key, cell, table, table, cell, exact)
		: arena_printf(arena,
		      "SELECT MAX(t.`%s`), MIN(%s) FROM `%s` t WHERE %s <> '' GROUP BY "
		      "%s HAVING COUNT(*) > 1",
		      key, cell, table, cell, exact);

	return move_source_select(move->source, sql, 2, take_duplicate, &reading, error);
}

static bool is_kept_by_another(
    const struct move_duplicates *duplicates, struct str text, struct str key)
{
	for (unsigned i = 0; i < duplicates->count; i++) {
		if (str_equal(duplicates->items[i].text, text))
			return !str_equal(duplicates->items[i].keeper, key);
	}
	return false;
}

/* --- lines --- */

/* Whether the line is going to be stored. */
static bool is_stored(const struct move_line *line)
{
	return !line->known && line->refused == NULL && line->row != NULL;
}

/*
 * The rows here that have the member as one of `rows` has it, of each line one or none (NULL), with
 * their keys.
 */
static int fetch_same(struct move *move, const struct row *const *rows, unsigned member,
    struct row_list *found, struct error *error)
{
	const struct resource *resource = move->table->record->resource;
	struct value *values =
	    arena_alloc_array(move->context->arena, move->line_count, sizeof(values[0]));
	unsigned count = 0;

	if (values == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < move->line_count; i++) {
		if (rows[i] != NULL)
			values[count++] = rows[i]->values[member];
	}
	return record_fetch_among(move->context, resource, member, values, count,
	    FIELD_BIT(member) | resource_keys(resource), found, error);
}

static bool is_here(const struct resource *resource, const struct row_list *found, unsigned member,
    const struct move_line *line, struct arena *arena)
{
	for (unsigned i = 0; i < found->count; i++) {
		const struct row *row = found->rows[i];
		struct str key;

		if (!row_filled(row, member) || !str_equal_ignore_case(row->values[member].text,
						    line->row->values[member].text))
			continue;
		key = row_print_key(arena, resource, &row->values[resource_key(resource)]);
		if (!str_equal(key, line->target))
			return true;
	}
	return false;
}

static bool is_earlier(const struct move *move, unsigned number, unsigned member)
{
	struct str text = move->lines[number].row->values[member].text;

	for (unsigned i = 0; i < number; i++) {
		const struct move_line *line = &move->lines[i];

		if (is_stored(line) && row_filled(line->row, member) &&
		    str_equal(line->row->values[member].text, text))
			return true;
	}
	return false;
}

/* The text with the row's own key behind it, which no other row has. */
static void change_text(struct move_line *line, unsigned member)
{
	const struct field *field = &line->row->resource->fields[member];
	struct str text = line->row->values[member].text;
	struct str key = str_slice(line->key, 0, str_find(line->key, '-'));
	size_t most = field->max > key.length + 1 ? field->max - key.length - 1 : 0;
	const char *changed = arena_printf(line->arena, STR_FORMAT "~" STR_FORMAT,
	    STR_ARGUMENTS(str_cut(text, most)), STR_ARGUMENTS(key));

	row_set_text(line->row, member, str_from(changed));
	move_note(line, field->name,
	    arena_printf(line->arena,
		field->flags & FIELD_SECRET ? "is another row's"
					    : "\"" STR_FORMAT
					      "\" is another row's, and became \"%s\" here",
		STR_ARGUMENTS(str_slice(text, 0, 100)), changed));
}

static int settle_member(struct move *move, const struct move_duplicates *duplicates,
    unsigned *settled, struct error *error)
{
	const struct resource *resource = move->table->record->resource;
	const struct row *rows[MOVE_BATCH] = { NULL };
	unsigned member = duplicates->member;
	struct row_list found;

	*settled = 0;
	for (unsigned i = 0; i < move->line_count; i++) {
		if (is_stored(&move->lines[i]) && row_filled(move->lines[i].row, member))
			rows[i] = move->lines[i].row;
	}
	if (fetch_same(move, rows, member, &found, error) != 0)
		return -1;
	for (unsigned i = 0; i < move->line_count; i++) {
		struct move_line *line = &move->lines[i];

		if (rows[i] == NULL)
			continue;
		if (is_kept_by_another(duplicates, line->row->values[member].text, line->key) ||
		    is_here(resource, &found, member, line, move->arena) ||
		    is_earlier(move, i, member)) {
			change_text(line, member);
			++*settled;
		}
	}
	return 0;
}

/* --- keys that stay --- */

/* Keys that are no numbers were drawn at random: they stay wherever they can. */
static bool keeps_keys(const struct move *move)
{
	const struct resource *resource = move->table->record->resource;
	const struct field *key = &resource->fields[resource_key(resource)];

	return move->table->keys[1] == NULL && move->table->store == NULL &&
	       (move->keep_ids || move->table->adopts || field_holds(key) != VALUE_INTEGER);
}

static bool read_key(struct move_line *line, unsigned key)
{
	const struct resource *resource = line->table->record->resource;
	const struct field *field = &resource->fields[key];
	const struct node node = { .kind = NODE_TEXT, .text = line->key };
	struct value value = { .null = false };
	const char *reason = NULL;

	if (!is_stored(line) || line->target.length > 0)
		return false;
	if (field_type_info(field->type)
		->parse(line->arena, field, BODY_FORM, &node, &value, &reason))
		reason = field->check != NULL ? field->check(line->key) : NULL;
	if (reason != NULL) {
		move_note(line, field->name,
		    arena_printf(line->arena, "must be %s; it is another one here", reason));
		return false;
	}
	line->keys = row_with(line->arena, resource, key, &value);
	return line->keys != NULL;
}

/* Takes the keys away that rows here have; `*taken` is their number. */
static int drop_taken(struct move *move, const bool *asked, unsigned *taken, struct error *error)
{
	const struct resource *resource = move->table->record->resource;
	const struct row *rows[MOVE_BATCH] = { NULL };
	unsigned key = resource_key(resource);
	struct row_list found;

	*taken = 0;
	for (unsigned i = 0; i < move->line_count; i++) {
		if (asked[i])
			rows[i] = move->lines[i].keys;
	}
	if (fetch_same(move, rows, key, &found, error) != 0)
		return -1;
	for (unsigned i = 0; i < move->line_count; i++) {
		struct move_line *line = &move->lines[i];

		for (unsigned j = 0; j < found.count && asked[i] && line->keys != NULL; j++) {
			if (row_compare(found.rows[j], line->keys, key) != 0)
				continue;
			line->keys = NULL;
			if (move->table->adopts) {
				line->target = row_print_key(
				    line->arena, resource, &found.rows[j]->values[key]);
				break;
			}
			if (field_holds(&resource->fields[key]) != VALUE_INTEGER)
				move_note(line, resource->fields[key].name,
				    "is another row's; it is another one here");
			++*taken;
		}
	}
	return 0;
}

/*
 * Rows whose number is taken get one above all that the source has: what the database would draw
 * next may be one that stays.
 */
static bool number_others(struct move *move, const bool *asked)
{
	const struct resource *resource = move->table->record->resource;
	bool some = false;

	for (unsigned i = 0; i < move->line_count; i++) {
		struct move_line *line = &move->lines[i];
		const struct value next = { .integer = move->next_key };

		if (!asked[i] || line->keys != NULL)
			continue;
		move->next_key++;
		line->keys = row_with(line->arena, resource, resource_key(resource), &next);
		some = true;
	}
	return some;
}

static bool has_keys(const struct row *row, const struct row *keys)
{
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if ((row->resource->fields[i].flags & FIELD_KEY) && row_compare(row, keys, i) != 0)
			return false;
	}
	return true;
}

/* Rows that are named by what they refer to: one that is here is the same. */
static int adopt_pairs(struct move *move, struct error *error)
{
	const struct resource *resource = move->table->record->resource;
	const struct row *rows[MOVE_BATCH] = { NULL };
	struct row_list found;

	for (unsigned i = 0; i < move->line_count; i++) {
		if (is_stored(&move->lines[i]) && move->lines[i].target.length == 0)
			rows[i] = move->lines[i].row;
	}
	if (fetch_same(move, rows, resource_key(resource), &found, error) != 0)
		return -1;
	for (unsigned i = 0; i < move->line_count; i++) {
		for (unsigned j = 0; j < found.count && rows[i] != NULL; j++) {
			if (has_keys(found.rows[j], rows[i]))
				move->lines[i].target = move_store_key(move, found.rows[j]);
		}
	}
	return 0;
}

static int settle_keys(struct move *move, struct error *error)
{
	unsigned key = resource_key(move->table->record->resource), taken;
	bool asked[MOVE_BATCH];

	if (move->table->adopts && move->table->keys[1] != NULL)
		return adopt_pairs(move, error);
	if (!keeps_keys(move))
		return 0;
	for (unsigned i = 0; i < move->line_count; i++)
		asked[i] = read_key(&move->lines[i], key);
	if (drop_taken(move, asked, &taken, error) != 0)
		return -1;
	for (int round = 0; taken > 0 && move->next_key > 0 && round < ROUNDS; round++) {
		if (number_others(move, asked) && drop_taken(move, asked, &taken, error) != 0)
			return -1;
	}
	return 0;
}

/* The first number above all those of the table; 0 where its keys are none. */
static int find_next_key(struct move *move, struct error *error)
{
	const struct resource *resource = move->table->record->resource;
	const char *sql = arena_printf(move->session->arena, "SELECT MAX(t.`%s` + 0) FROM `%s` t",
	    move->table->keys[0], move->table->name);

	move->next_key = 0;
	if (!keeps_keys(move) ||
	    field_holds(&resource->fields[resource_key(resource)]) != VALUE_INTEGER)
		return 0;
	if (move_source_count(move->source, sql, &move->next_key, error) != 0)
		return -1;
	move->next_key++;
	return 0;
}

int move_unique_settle(struct move *move, struct error *error)
{
	const struct resource *resource = move->table->record->resource;

	/* First of all, which lines are rows that there are: their texts are nobody else's. */
	if (settle_keys(move, error) != 0)
		return -1;
	/* A text that was changed may be taken, too, by what was imported under another name. */
	for (unsigned i = 0; i < resource->unique_count; i++) {
		unsigned settled = 1;

		for (int round = 0; resource->uniques[i].alone && settled > 0 && round < ROUNDS;
		     round++) {
			if (settle_member(move, &move->duplicates[i], &settled, error) != 0)
				return -1;
		}
	}
	return 0;
}

int move_unique_begin(struct move *move, struct error *error)
{
	const struct resource *resource = move->table->record->resource;

	if (find_next_key(move, error) != 0)
		return -1;
	move->duplicates = arena_alloc_array(
	    move->session->arena, resource->unique_count, sizeof(move->duplicates[0]));
	if (move->duplicates == NULL && resource->unique_count > 0)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < resource->unique_count; i++) {
		const struct unique_key *unique = &resource->uniques[i];
		const struct move_column *column = column_of(move->table, unique->member);

		move->duplicates[i] =
		    (struct move_duplicates){ .member = resource_member(resource, unique->member) };
		if (unique->alone && column != NULL && move->table->keys[1] == NULL &&
		    move_source_has(move->source, move->table->name, column->sql) &&
		    read_duplicates(move, column, &move->duplicates[i], error) != 0)
			return -1;
	}
	return 0;
}
