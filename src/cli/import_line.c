#include "cli/import_line.h"

#include "api/contracts.h"

/* Whether a cell can hold the member. */
static bool is_column(const struct field *field)
{
	enum lexical lexical = field_type_info(field->type)->lexical;

	return !(field->flags & (FIELD_READONLY | FIELD_HIDDEN)) && lexical != LEXICAL_JSON &&
	       lexical != LEXICAL_NESTED;
}

static int find_column(const struct import_kind *kind, struct str name)
{
	const struct resource *resource = kind->record->resource;
	int number = resource_field_ignore_case(resource, name);
	const struct field *field = number >= 0 ? &resource->fields[number] : NULL;

	return field != NULL && (is_column(field) || strcmp(field->name, kind->key) == 0) ? number
											  : -1;
}

/* NULL when a header's name can be used, else the reason why not. */
static const char *check_name(
    struct arena *arena, const struct import_header *header, struct str name, int member)
{
	const struct import_kind *kind = header->kind;

	if (name.length == 0)
		return arena_printf(arena, "column %u has no name", header->count + 1);
	if (str_utf8_valid(name) != name.length || str_xml_valid(name) != name.length)
		return arena_printf(
		    arena, "the name of column %u is not valid UTF-8", header->count + 1);
	if (member < 0 && kind->others == NULL)
		return arena_printf(arena, "there is no column " STR_FORMAT, STR_ARGUMENTS(name));
	if (member < 0 && str_utf8_length(name) > kind->others_name_most)
		return arena_printf(arena, "the name of column %u is longer than %zu characters",
		    header->count + 1, kind->others_name_most);
	for (unsigned i = 0; i < header->count; i++) {
		if (member >= 0 ? header->members[i] == member : str_equal(header->names[i], name))
			return arena_printf(
			    arena, "the column " STR_FORMAT " appears twice", STR_ARGUMENTS(name));
	}
	return NULL;
}

const char *import_read_header(struct arena *arena, const struct import_kind *kind,
    const struct csv_file_record *record, struct import_header *header)
{
	memset(header, 0, sizeof(*header));
	header->kind = kind;
	for (unsigned i = 0; i < record->count; i++) {
		struct str name = str_trim(record->fields[i]);
		int member = find_column(kind, name);
		const char *reason = check_name(arena, header, name, member);

		if (reason != NULL)
			return reason;
		header->names[i] = arena_str(arena, name);
		header->members[i] = member;
		header->count++;
		if (member >= 0)
			header->present |= FIELD_BIT(member);
		else
			header->others = true;
	}
	return header->present & FIELD_BIT(resource_member(kind->record->resource, kind->key))
		   ? NULL
		   : arena_printf(arena, "the column %s is missing", kind->key);
}

/* Both texts stay where they are. */
static void add_line_fault(
    struct arena *arena, struct import_line *line, const char *column, const char *reason)
{
	struct import_fault *fault = arena_alloc(arena, sizeof(*fault));

	if (fault == NULL)
		return; /* seen by arena_exhausted() */
	*fault = (struct import_fault){ .column = column, .reason = reason };
	if (line->last_fault != NULL)
		line->last_fault->next = fault;
	else
		line->faults = fault;
	line->last_fault = fault;
}

/* The name that the file has for a member; "" for none of its columns. */
static const char *column_of(const struct import_header *header, const char *path)
{
	int member = resource_field(header->kind->record->resource, path);

	for (unsigned i = 0; i < header->count; i++) {
		if (member >= 0 && header->members[i] == member)
			return header->names[i].data;
	}
	return "";
}

void import_add_error(struct arena *arena, const struct import_header *header,
    struct import_line *line, const struct error *error)
{
	for (const struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		const char *column = column_of(header, fault->path);

		add_line_fault(arena, line, column,
		    column[0] != '\0' ? records_clause(arena, fault)
				      : arena_printf(arena, "%s", fault->message));
	}
	if (error->faults == NULL)
		add_line_fault(arena, line, "",
		    arena_printf(arena, "%s",
			error->message != NULL ? error->message : error_code_message(error->code)));
}

/* NULL when the text can be stored, else the reason why not. */
static const char *check_text(struct str text)
{
	if (str_utf8_valid(text) != text.length)
		return "is not valid UTF-8";
	if (str_xml_valid(text) != text.length)
		return "contains a character that cannot be stored (U+0000 to U+001F without tab "
		       "and line ends, U+FFFE, U+FFFF)";
	return NULL;
}

/* NULL when the text can be that of a column that is no member's. */
static const char *check_other(struct arena *arena, const struct import_kind *kind, struct str text)
{
	size_t length = str_utf8_length(text);

	return length > kind->others_text_most
		   ? arena_printf(arena, "is longer than %zu characters (%zu)",
			 kind->others_text_most, length)
		   : NULL;
}

/* The line as the object of a body, of which `others` is a member. */
struct tree {
	struct node *object, *others;
};

static bool begin_tree(struct arena *arena, const struct import_header *header, struct tree *tree)
{
	*tree = (struct tree){ .object = node_new(arena, NULL, NODE_OBJECT, STR("")) };
	if (tree->object == NULL || !header->others)
		return tree->object != NULL;
	tree->others = node_new(arena, tree->object, NODE_OBJECT, str_from(header->kind->others));
	return tree->others != NULL;
}

static void add_cell(struct arena *arena, const struct import_header *header, unsigned number,
    struct str text, struct tree *tree)
{
	const struct resource *resource = header->kind->record->resource;
	int member = header->members[number];
	const struct field *field = member >= 0 ? &resource->fields[member] : NULL;
	struct str copy = arena_str(arena, text);
	enum node_kind kind = field != NULL ? records_node_kind(field, copy) : NODE_TEXT;
	struct node *node = node_new(arena, field != NULL ? tree->object : tree->others,
	    text.length > 0 ? kind : NODE_NULL,
	    field != NULL ? str_from(field->name) : header->names[number]);

	if (node != NULL)
		node->text = copy;
}

/* All cells that can be stored at all, as a tree. */
static void read_cells(struct arena *arena, const struct import_header *header,
    const struct csv_file_record *record, struct import_line *line, struct tree *tree)
{
	for (unsigned i = 0; i < record->count; i++) {
		struct str text = str_trim(record->fields[i]);
		const char *reason = check_text(text);

		if (reason == NULL && header->members[i] < 0)
			reason = check_other(arena, header->kind, text);
		if (reason != NULL)
			add_line_fault(arena, line, header->names[i].data, reason);
		else
			add_cell(arena, header, i, text, tree);
	}
}

static bool has_fault(const struct import_line *line, const char *column)
{
	const struct import_fault *fault = line->faults;

	while (fault != NULL && strcmp(fault->column, column) != 0)
		fault = fault->next;
	return fault != NULL;
}

/* The key, without which nobody knows whose line it is; an empty cell is none. */
static void read_key(
    struct arena *arena, const struct import_header *header, unsigned key, struct import_line *line)
{
	const struct field *field = &header->kind->record->resource->fields[key];
	const char *column = column_of(header, field->name);

	if (line->row != NULL && row_filled(line->row, key))
		line->key = row_print_value(arena, field, &line->row->values[key]);
	else if (!has_fault(line, column))
		add_line_fault(arena, line, column, "is required");
}

/* The row by the rules of its members and those between them. */
static void read_row(struct arena *arena, const struct import_header *header,
    const struct node *object, struct import_line *line)
{
	const struct record *record = header->kind->record;
	unsigned key = resource_member(record->resource, header->kind->key);
	uint64_t members = header->present;
	struct error error;

	if (header->kind->others != NULL)
		members |= FIELD_BIT(resource_member(record->resource, header->kind->others));
	error_init(&error, arena);
	/* Members that a new row must have are looked for when it is known to be one. */
	if (row_read_members(arena, contracts_family(record->resource), record->resource,
		ROW_READ_UPDATE, BODY_JSON, object, "", members, &line->row, &error) == 0)
		record_check(record, line->row, false, &error);
	if (error.code != ERROR_NONE)
		import_add_error(arena, header, line, &error);
	read_key(arena, header, key, line);
}

void import_read_line(struct arena *arena, const struct import_header *header,
    const struct csv_file_record *record, struct import_line *line)
{
	const char *fault = record->fault;
	struct tree tree;

	*line = (struct import_line){ .line = record->line };
	if (fault == NULL && record->count != header->count)
		fault = arena_printf(arena, "the line has %u fields, but the header has %u",
		    record->count, header->count);
	if (fault != NULL) {
		add_line_fault(arena, line, "", fault);
	} else if (begin_tree(arena, header, &tree)) {
		read_cells(arena, header, record, line, &tree);
		read_row(arena, header, tree.object, line);
	}
	line->refused = line->faults != NULL;
}
