/*
 * JSON.
 */
#include "codec/writer_scope.h"

static void append_line(struct writer *writer, unsigned depth)
{
	buf_append_char(writer->out, '\n');
	for (unsigned i = 0; i < depth; i++)
		buf_append_char(writer->out, '\t');
}

/* What stands before a value: a comma, white space by the layout. Whether a name follows. */
static bool begin_item(struct writer *writer)
{
	struct writer_scope *outer = writer_scope(writer);

	if (outer == NULL)
		return false;
	if (!outer->is_empty && outer->separator[1] == '\0')
		buf_append_char(writer->out, outer->separator[0]);
	else if (!outer->is_empty)
		buf_append_text(writer->out, outer->separator);
	if (writer->layout == WRITER_INDENTED)
		append_line(writer, writer->depth);
	outer->is_empty = false;
	return !outer->is_array;
}

static void begin_member(struct writer *writer, struct str name)
{
	if (!begin_item(writer) || name.data == NULL)
		return;
	buf_append_json_string(writer->out, name);
	buf_append_char(writer->out, ':');
}

/*
 * The same of a field, whose null stands ready behind the name and a comma: of that, the part that
 * is wanted here.
 */
static void begin_field(
    struct writer *writer, const char *name, const struct field *field, bool null)
{
	struct writer_scope *outer = writer_scope(writer);
	struct str literal = field->literal;

	if (name != field->name || literal.length == 0 || outer == NULL || outer->is_array ||
	    writer->layout == WRITER_INDENTED) {
		begin_member(writer, str_from(name));
		if (null)
			buf_append_text(writer->out, "null");
		return;
	}
	if (!null)
		literal.length -= strlen("null");
	buf_append(writer->out, literal.data + outer->is_empty, literal.length - outer->is_empty);
	outer->is_empty = false;
}

static void begin_scope(struct writer *writer, struct str name, bool array)
{
	bool lines = writer->layout == WRITER_LINES && writer->depth == 0 && array;

	begin_member(writer, name);
	writer_scope_push(
	    writer, (struct writer_scope){ .is_array = array, .separator = lines ? ",\n " : "," });
	buf_append_char(writer->out, array ? '[' : '{');
}

static void end_scope(struct writer *writer, char bracket)
{
	writer->depth--;
	if (writer->layout == WRITER_INDENTED)
		append_line(writer, writer->depth);
	buf_append_char(writer->out, bracket);
}

void writer_json_begin_object(struct writer *writer, const char *name)
{
	begin_scope(writer, str_from(name), false);
}

void writer_json_end_object(struct writer *writer)
{
	end_scope(writer, '}');
}

void writer_json_begin_array(struct writer *writer, const char *name, const char *item_name)
{
	(void)item_name;
	begin_scope(writer, str_from(name), true);
}

void writer_json_begin_texts(struct writer *writer, const char *name)
{
	begin_scope(writer, str_from(name), true);
}

void writer_json_end_array(struct writer *writer)
{
	end_scope(writer, ']');
}

void writer_json_token(struct writer *writer, const char *name, struct str text)
{
	begin_member(writer, str_from(name));
	buf_append_str(writer->out, text);
}

void writer_json_null(struct writer *writer, const char *name)
{
	writer_json_token(writer, name, STR("null"));
}

void writer_json_null_value(struct writer *writer, const char *name, const struct field *field)
{
	begin_field(writer, name, field, true);
}

void writer_json_text(struct writer *writer, const char *name, struct str text)
{
	begin_member(writer, str_from(name));
	buf_append_json_string(writer->out, text);
}

/* Printed values go straight behind the name: no copy for the common case of a row's member. */
void writer_json_value(
    struct writer *writer, const char *name, const struct field *field, const struct value *value)
{
	const struct field_type_info *type = field_type_info(field->type);

	begin_field(writer, name, field, false);
	if (type->lexical == LEXICAL_JSON) {
		buf_append_str(writer->out, value->text);
	} else if (type->lexical == LEXICAL_TEXT) {
		buf_append_json_string(writer->out, value->text);
	} else if (type->lexical == LEXICAL_QUOTED) {
		buf_append_char(writer->out, '"');
		type->print(writer->out, field, value, &writer->style);
		buf_append_char(writer->out, '"');
	} else {
		type->print(writer->out, field, value, &writer->style);
	}
}

void writer_node(struct writer *writer, struct str name, const struct node *node)
{
	bool array = node->kind == NODE_ARRAY;

	if (array || node->kind == NODE_OBJECT) {
		begin_scope(writer, name, array);
		for (const struct node *child = node->children; child != NULL; child = child->next)
			writer_node(writer, child->name, child);
		end_scope(writer, array ? ']' : '}');
		return;
	}
	begin_member(writer, name);
	if (node->kind == NODE_TEXT)
		buf_append_json_string(writer->out, node->text);
	else
		buf_append_str(writer->out, node->kind == NODE_NULL ? STR("null") : node->text);
}

void writer_json_root_integer(struct writer *writer, int64_t value)
{
	buf_append_int64(writer->out, value);
}

void writer_json_root_null(struct writer *writer, const char *type_name)
{
	(void)type_name;
	buf_append_text(writer->out, "null");
}

const struct writer_format writer_format_json = {
	.name = "json",
	.letter = 'j',
	.is_state = true,
	WRITER_JSON_FUNCTIONS,
};
