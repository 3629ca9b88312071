/*
 * Old rows as new ones: cells are values by the rules of their members.
 */
#include "api/contracts.h"
#include "base/digest.h"
#include "cli/move_state.h"
#include "cli/records.h"
#include "codec/reader.h"

/* Another one, where rows that are here should be looked at anew by a later program. */
#define MAPPING_VERSION "1"

void move_note(struct move_line *line, const char *member, const char *text)
{
	struct move_note *note = arena_alloc(line->arena, sizeof(*note));

	if (note == NULL)
		return;
	*note = (struct move_note){ .member = member, .text = text };
	if (line->last_note == NULL)
		line->notes = note;
	else
		line->last_note->next = note;
	line->last_note = note;
}

struct str move_cell_of(const struct move_line *line, const char *sql)
{
	for (unsigned i = 0; i < line->table->column_count; i++) {
		if (strcmp(line->table->columns[i].sql, sql) == 0)
			return line->cells[i];
	}
	return (struct str){ NULL, 0 };
}

void move_line_digest(struct move_line *line)
{
	struct buf text = { 0 };

	buf_append_text(&text, MAPPING_VERSION);
	for (unsigned i = 0; i < line->table->column_count; i++) {
		struct str cell = line->cells[i];

		if (cell.data == NULL)
			buf_append_text(&text, "-");
		else
			buf_printf(&text, "%zu:", cell.length);
		buf_append_str(&text, cell);
	}
	digest_text(buf_str(&text), line->digest);
	buf_free(&text);
}

static bool is_strict(const struct move_column *column)
{
	return column->strict || column->required;
}

/* --- cells --- */

/* Text that answers can carry: other characters are replaced. */
static void clean_text(struct move_cell *cell)
{
	struct buf out = { 0 };
	size_t i = 0;

	if (str_utf8_valid(cell->text) == cell->text.length &&
	    str_xml_valid(cell->text) == cell->text.length)
		return;
	while (i < cell->text.length) {
		struct str rest = str_slice(cell->text, i, cell->text.length);
		size_t length = str_utf8_first(rest);

		if (length > 0 && str_xml_valid(str_slice(rest, 0, length)) == length)
			buf_append(&out, rest.data, length);
		else
			buf_append_char(&out, '?');
		i += length > 0 ? length : 1;
	}
	cell->text = arena_str(cell->arena, buf_str(&out));
	cell->note = "has characters that no text can hold; they are question marks here";
	buf_free(&out);
}

static struct str first_characters(struct str text, size_t most)
{
	size_t end = 0;

	for (size_t i = 0; i < most && end < text.length; i++)
		end += str_utf8_first(str_slice(text, end, text.length));
	return str_slice(text, 0, end);
}

static void shorten_text(const struct field *field, struct move_cell *cell)
{
	if (!field_is_free_text(field) || field->max == 0 || cell->text.length <= field->max ||
	    str_utf8_length(cell->text) <= field->max)
		return;
	cell->text = first_characters(cell->text, field->max);
	cell->note = arena_printf(
	    cell->arena, "is longer than %u characters, and was cut", (unsigned)field->max);
}

/* Databases have UTC; documents without an offset the zone of the people there. */
static bool read_moment(const struct move_table *table, struct str text, int64_t *moment)
{
	return table->paths != NULL ? timestamp_parse(text, moment)
				    : timestamp_parse_utc(text, moment);
}

/* As other types of values are written there. */
static void adapt_value(
    const struct move_line *line, const struct field *field, bool strict, struct move_cell *cell)
{
	const struct field_type_info *type = field_type_info(field->type);
	int64_t moment;

	if (type->text == TEXT_FREE) {
		if (strict)
			return;
		clean_text(cell);
		shorten_text(field, cell);
	} else if (cell->text.length == 0) {
		cell->text.data = NULL;
	} else if (type->holds == VALUE_BOOLEAN) {
		if (str_equal(cell->text, STR("1")))
			cell->text = STR("true");
		else if (str_equal(cell->text, STR("0")))
			cell->text = STR("false");
	} else if (type->bind == BIND_TIME && read_moment(line->table, cell->text, &moment)) {
		struct buf text = { 0 };

		/* The framework's zero. */
		if (!strict && str_starts_with(cell->text, STR("0001-01-01")))
			cell->text.data = NULL;
		else
			timestamp_print(&text, moment, TIMESTAMP_UTC);
		if (text.length > 0)
			cell->text = arena_str(cell->arena, buf_str(&text));
		buf_free(&text);
	}
}

/* --- a row of them --- */

/* Members of an object that its resource does not have. */
static void tell_unknown(
    struct move_line *line, const struct field *field, const struct node *object)
{
	for (const struct node *node = object->children; node != NULL; node = node->next) {
		if (resource_field_ignore_case(field->object, node->name) >= 0)
			continue;
		move_note(line, field->name,
		    arena_printf(line->arena,
			"has a member " STR_FORMAT ", which is not known here; it was left out",
			STR_ARGUMENTS(str_slice(node->name, 0, 80))));
	}
}

/* A list or an object, as JSON. */
static struct node *add_tree(
    struct move_line *line, struct node *object, const struct field *field, struct str text)
{
	const struct node *tree = json_read_stored(line->arena, text);
	struct node *node =
	    tree != NULL ? node_new(line->arena, object, tree->kind, str_from(field->name)) : NULL;

	if (node == NULL)
		return NULL;
	node->text = tree->text;
	node->children = tree->children;
	node->last_child = tree->last_child;
	node->child_count = tree->child_count;
	if (field_type_info(field->type)->lexical == LEXICAL_NESTED && tree->kind == NODE_OBJECT)
		tell_unknown(line, field, tree);
	return node;
}

static struct node *add_value(
    struct move_line *line, struct node *object, const struct field *field, struct str text)
{
	enum lexical lexical = field_type_info(field->type)->lexical;
	struct node *node;

	if (text.data == NULL && (field->flags & (FIELD_NOT_NULL | FIELD_REQUIRED)))
		return NULL;
	if (text.data == NULL)
		return node_new(line->arena, object, NODE_NULL, str_from(field->name));
	if (lexical == LEXICAL_JSON || lexical == LEXICAL_NESTED)
		return add_tree(line, object, field, text);
	node = node_new(line->arena, object, records_node_kind(field, text), str_from(field->name));
	if (node != NULL)
		node->text = text;
	return node;
}

static void refuse_line(struct move_line *line, const struct move_column *column, const char *why)
{
	if (line->refused == NULL)
		line->refused = arena_printf(line->arena, "%s %s", column->member, why);
}

/* Text of a strict column that no text can hold is refused here; all else by the members' rules. */
static bool is_text(const struct field *field, struct str text)
{
	return field_type_info(field->type)->text != TEXT_FREE ||
	       str_xml_valid(text) == text.length;
}

static void add_cell(struct move_line *line, unsigned number, struct node *object)
{
	const struct move_column *column = &line->table->columns[number];
	const struct resource *resource = line->table->record->resource;
	const struct field *field = &resource->fields[resource_member(resource, column->member)];
	struct move_cell cell = { .arena = line->arena, .text = line->cells[number] };

	if (column->convert != NULL)
		column->convert(&cell);
	if (cell.text.data != NULL)
		adapt_value(line, field, is_strict(column), &cell);
	if (cell.note != NULL)
		move_note(line, column->member, cell.note);
	if (cell.text.data != NULL && !is_text(field, cell.text))
		refuse_line(line, column, "has characters that no text can hold");
	if (column->required && str_trim(cell.text).length == 0)
		refuse_line(line, column, "has no value");
	(void)add_value(line, object, field, cell.text);
}

/* What must be there and is not gets a text that tells where it is from. */
static void fill_required(struct move_line *line, struct node *object)
{
	const struct resource *resource = line->table->record->resource;

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		struct str name = str_from(field->name);
		const struct node *node = node_find(object, field->name);
		struct node *added;

		/* Nor is a secret one that others could guess. */
		if (!(field->flags & FIELD_REQUIRED) || (field->flags & FIELD_SECRET) ||
		    !field_is_free_text(field) || (node != NULL && str_trim(node->text).length > 0))
			continue;
		added = node_new(line->arena, object, NODE_TEXT, name);
		if (added == NULL)
			return;
		added->text = str_from(arena_printf(
		    line->arena, "%s " STR_FORMAT, line->table->name, STR_ARGUMENTS(line->key)));
		move_note(line, field->name, "is empty, and was named by its number");
	}
}

static uint64_t members_of(const struct move_table *table)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < table->column_count; i++) {
		if (table->columns[i].member != NULL)
			mask |= FIELD_BIT(
			    resource_member(table->record->resource, table->columns[i].member));
	}
	return mask;
}

static bool is_needed(const struct move_line *line, const char *member)
{
	const struct resource *resource = line->table->record->resource;
	int number = resource_field(resource, member);

	for (unsigned i = 0; i < line->table->column_count; i++) {
		const struct move_column *column = &line->table->columns[i];

		if (is_strict(column) && column->member != NULL &&
		    strcmp(column->member, member) == 0)
			return true;
	}
	return number < 0 || (resource->fields[number].flags & FIELD_REQUIRED);
}

/* Values that break a rule are left out, and told. */
static uint64_t leave_out(struct move_line *line, const struct error *error)
{
	const struct resource *resource = line->table->record->resource;
	uint64_t out = 0;

	for (const struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		const char *clause = records_clause(line->arena, fault);

		if (is_needed(line, fault->path)) {
			line->refused = arena_printf(line->arena, "%s %s", fault->path, clause);
			continue;
		}
		out |= FIELD_BIT(resource_member(resource, fault->path));
		move_note(
		    line, fault->path, arena_printf(line->arena, "%s; it was left out", clause));
	}
	return out;
}

static int read_row(struct move_line *line, const struct node *object, struct error *error)
{
	const struct resource *resource = line->table->record->resource;
	uint64_t members = members_of(line->table);
	struct error faults;

	error_init(&faults, line->arena);
	if (row_read_members(line->arena, contracts_family(resource), resource, ROW_READ_INSERT,
		BODY_JSON, object, "", members, &line->row, &faults) == 0)
		return 0;
	if (!error_is_refusal(faults.code)) {
		error_copy(error, &faults);
		return -1;
	}
	members &= ~leave_out(line, &faults);
	if (line->refused != NULL)
		return 0;
	error_clear(&faults);
	if (row_read_members(line->arena, contracts_family(resource), resource, ROW_READ_INSERT,
		BODY_JSON, object, "", members, &line->row, &faults) != 0)
		line->refused = "breaks rules of its members";
	return 0;
}

/* Moments that the database sets where there are none: an explicit null would be refused. */
static void drop_nulls(struct row *row)
{
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		const struct field *field = &row->resource->fields[i];

		if (row_has(row, i) && row->values[i].null && (field->flags & FIELD_READONLY) &&
		    field_type_info(field->type)->bind == BIND_TIME)
			row->present &= ~FIELD_BIT(i);
	}
}

int move_line_build(struct move *move, struct move_line *line, struct error *error)
{
	struct node *object = node_new(line->arena, NULL, NODE_OBJECT, STR(""));
	struct error faults;

	(void)move;
	if (object == NULL)
		return error_out_of_memory(error);
	for (unsigned i = 0; i < line->table->column_count; i++) {
		if (line->table->columns[i].member != NULL)
			add_cell(line, i, object);
	}
	fill_required(line, object);
	if (line->refused != NULL)
		return 0;
	if (read_row(line, object, error) != 0)
		return -1;
	if (line->refused != NULL)
		return 0;
	drop_nulls(line->row);
	if (line->table->complete != NULL)
		line->refused = line->table->complete(line);
	error_init(&faults, line->arena);
	record_check(line->table->record, line->row, line->target.length == 0, &faults);
	if (line->refused == NULL && faults.faults != NULL)
		line->refused = arena_printf(line->arena, "%s %s", faults.faults->path,
		    records_clause(line->arena, faults.faults));
	return arena_exhausted(line->arena) ? error_out_of_memory(error) : 0;
}
