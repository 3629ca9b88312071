#include "codec/writer.h"

#include <stdio.h>

#include "codec/reader.h"

#define NAMESPACE_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"
#define NAMESPACE_SCHEMA "http://www.w3.org/2001/XMLSchema"
#define NAMESPACE_ARRAYS "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
#define NAMESPACE_SERIALIZATION "http://schemas.microsoft.com/2003/10/Serialization/"

/* One stored list or map: the ordinary ones fit into the first block. */
#define STORED_BLOCK ((size_t)4096)
#define STORED_MEMORY ((size_t)256 * 1024 * 1024)

void writer_init(
    struct writer *writer, enum media_format format, const struct family *family, struct buf *out)
{
	bool xml = format == MEDIA_XML;

	*writer = (struct writer){ .format = format, .family = family, .out = out };
	writer->style.time = family == NULL ? TIMESTAMP_UTC
			     : xml          ? family->xml_time
					    : family->json_time;
	writer->style.date_as_time = xml && family->xml_date_as_time;
	writer->style.enum_as_name = xml;
}

static struct writer_scope *scope(struct writer *writer)
{
	unsigned depth = writer->depth < WRITER_DEPTH_MAX ? writer->depth : WRITER_DEPTH_MAX;

	return depth > 0 ? &writer->scopes[depth - 1] : NULL;
}

/* What stands for a character that XML cannot carry: U+FFFD. No reader takes such a one any more.
 */
#define XML_REPLACEMENT "\xEF\xBF\xBD"

/* Text of an element: the three characters that must be, and CR, which readers would turn into LF.
 */
static void append_xml_text(struct buf *out, struct str text)
{
	size_t start = 0;

	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		const char *replacement = NULL;
		size_t length = 1;

		if (byte == '&')
			replacement = "&amp;";
		else if (byte == '<')
			replacement = "&lt;";
		else if (byte == '>')
			replacement = "&gt;";
		else if (byte == '\r')
			replacement = "&#xD;";
		else if ((byte < 0x20 || byte == 0xEF) && str_xml_valid(str_slice(text, i, 3)) == 0)
			replacement = XML_REPLACEMENT, length = byte == 0xEF ? 3 : 1;
		if (replacement == NULL)
			continue;
		buf_append(out, text.data + start, i - start);
		buf_append_text(out, replacement);
		start = i + length;
		i = start - 1;
	}
	buf_append(out, text.data + start, text.length - start);
}

static void append_element_name(
    struct writer *writer, const char *prefix, const char *name, bool type_name)
{
	buf_append_text(writer->out, prefix);
	if (type_name || writer->plain_names || !writer->family->xml_pascal_case || name[0] < 'a' ||
	    name[0] > 'z') {
		buf_append_text(writer->out, name);
	} else {
		buf_append_char(writer->out, (char)(name[0] - 'a' + 'A'));
		buf_append_text(writer->out, name + 1);
	}
}

/* Name declarations of a root element, in the order of the original serializers. */
static void append_namespaces(struct writer *writer)
{
	if (writer->plain_root)
		return;
	if (writer->family->xml_style == XML_SERIALIZER)
		buf_append_text(writer->out,
		    " xmlns:xsd=\"" NAMESPACE_SCHEMA "\" xmlns:xsi=\"" NAMESPACE_INSTANCE "\"");
	else
		buf_append_text(writer->out, " xmlns:i=\"" NAMESPACE_INSTANCE "\"");
	if (writer->family->xml_namespace != NULL)
		buf_printf(writer->out, " xmlns=\"%s\"", writer->family->xml_namespace);
}

static void append_line(struct writer *writer, unsigned depth)
{
	buf_append_char(writer->out, '\n');
	for (unsigned i = 0; i < depth; i++)
		buf_append_char(writer->out, '\t');
}

/* Between a value of JSON and what stands before it: a comma, white space by the layout, a name. */
static void begin_json_member(struct writer *writer, struct str name)
{
	struct writer_scope *outer = scope(writer);

	if (outer == NULL)
		return;
	if (!outer->is_empty)
		buf_append_char(writer->out, ',');
	if (writer->layout == WRITER_INDENTED)
		append_line(writer, writer->depth);
	else if (writer->layout == WRITER_LINES && writer->depth == 1 && outer->is_array &&
		 !outer->is_empty)
		buf_append_text(writer->out, "\n ");
	outer->is_empty = false;
	if (name.data != NULL && !outer->is_array) {
		buf_append_json_string(writer->out, name);
		buf_append_char(writer->out, ':');
	}
}

/* What stands before a value: JSON's comma and name, XML's start of the enclosing element's
 * content. */
static void begin_member(struct writer *writer, const char *name)
{
	struct writer_scope *outer = scope(writer);

	if (writer->format == MEDIA_JSON) {
		begin_json_member(writer, str_from(name));
		return;
	}
	if (outer != NULL && outer->is_empty)
		buf_append_char(writer->out, '>');
	if (outer != NULL)
		outer->is_empty = false;
}

static void push_scope(struct writer *writer, struct writer_scope inner)
{
	inner.is_empty = true;
	if (writer->depth < WRITER_DEPTH_MAX)
		writer->scopes[writer->depth] = inner;
	else
		writer->out->failed = true;
	writer->depth++;
}

/* Opens an element up to, but not including, the end of its start tag. */
static void begin_scope(struct writer *writer, struct writer_scope inner)
{
	struct writer_scope *outer = scope(writer);

	begin_member(writer, inner.name);
	if (outer != NULL && outer->is_array) {
		inner.name = outer->item_name;
		inner.type_name = true;
	} else if (outer == NULL) {
		inner.type_name = true;
	}
	if (writer->format == MEDIA_XML) {
		buf_append_char(writer->out, '<');
		append_element_name(writer, inner.prefix, inner.name, inner.type_name);
		if (outer == NULL)
			append_namespaces(writer);
	}
	push_scope(writer, inner);
}

static void end_scope(struct writer *writer, char bracket)
{
	struct writer_scope *inner = scope(writer);

	writer->depth--;
	if (writer->format == MEDIA_JSON) {
		if (writer->layout == WRITER_INDENTED)
			append_line(writer, writer->depth);
		buf_append_char(writer->out, bracket);
	} else if (inner->is_empty) {
		buf_append_text(writer->out, " />");
	} else {
		buf_append_text(writer->out, "</");
		append_element_name(writer, inner->prefix, inner->name, inner->type_name);
		buf_append_char(writer->out, '>');
	}
}

void writer_object_begin(struct writer *writer, const char *name)
{
	begin_scope(writer, (struct writer_scope){ .prefix = "", .name = name });
	if (writer->format == MEDIA_JSON)
		buf_append_char(writer->out, '{');
}

void writer_object_end(struct writer *writer)
{
	end_scope(writer, '}');
}

void writer_array_begin(struct writer *writer, const char *name, const char *item_name)
{
	bool root = name == NULL && writer->depth == 0;

	begin_scope(writer, (struct writer_scope){ .prefix = root ? "ArrayOf" : "",
				.name = root ? item_name : name,
				.item_name = item_name,
				.is_array = true });
	if (writer->format == MEDIA_JSON)
		buf_append_char(writer->out, '[');
}

void writer_array_end(struct writer *writer)
{
	end_scope(writer, ']');
}

/* An XML element with a text; `attributes` begins with a blank or is empty. */
static void write_element(
    struct writer *writer, const char *name, const char *attributes, struct str text)
{
	const struct writer_scope *outer = scope(writer);
	bool type_name = outer == NULL || outer->is_array;

	if (outer != NULL && outer->is_array)
		name = outer->item_name;
	begin_member(writer, name);
	buf_append_char(writer->out, '<');
	append_element_name(writer, "", name, type_name);
	buf_append_text(writer->out, attributes);
	if (text.data == NULL || (text.length == 0 && writer->family->xml_style == XML_SERIALIZER &&
				     !writer->plain_root)) {
		buf_append_text(writer->out, " />");
		return;
	}
	buf_append_char(writer->out, '>');
	append_xml_text(writer->out, text);
	buf_append_text(writer->out, "</");
	append_element_name(writer, "", name, type_name);
	buf_append_char(writer->out, '>');
}

void writer_json(struct writer *writer, const char *name, struct str text)
{
	if (writer->format == MEDIA_XML) {
		write_element(writer, name, "", text);
		return;
	}
	begin_member(writer, name);
	buf_append_str(writer->out, text);
}

void writer_null(struct writer *writer, const char *name)
{
	if (writer->format == MEDIA_JSON)
		writer_json(writer, name, STR("null"));
	else if (writer->family->xml_style == XML_DATA_CONTRACT)
		write_element(writer, name, " i:nil=\"true\"", (struct str){ NULL, 0 });
	/* XmlSerializer leaves nulls out. */
}

void writer_boolean(struct writer *writer, const char *name, bool value)
{
	writer_json(writer, name, value ? STR("true") : STR("false"));
}

void writer_integer(struct writer *writer, const char *name, int64_t value)
{
	struct buf digits = { 0 };

	buf_append_int64(&digits, value);
	writer_json(writer, name, buf_str(&digits));
	buf_free(&digits);
}

void writer_text(struct writer *writer, const char *name, struct str text)
{
	if (text.data == NULL)
		text.data = "";
	if (writer->format == MEDIA_XML) {
		write_element(writer, name, "", text);
		return;
	}
	begin_member(writer, name);
	buf_append_json_string(writer->out, text);
}

void writer_node(struct writer *writer, struct str name, const struct node *node)
{
	bool array = node->kind == NODE_ARRAY;

	begin_json_member(writer, name);
	if (node->kind == NODE_TEXT) {
		buf_append_json_string(writer->out, node->text);
	} else if (array || node->kind == NODE_OBJECT) {
		buf_append_char(writer->out, array ? '[' : '{');
		push_scope(writer, (struct writer_scope){ .is_array = array });
		for (const struct node *child = node->children; child != NULL; child = child->next)
			writer_node(writer, child->name, child);
		end_scope(writer, array ? ']' : '}');
	} else {
		buf_append_str(writer->out, node->kind == NODE_NULL ? STR("null") : node->text);
	}
}

/* Type of a dictionary value in XML Schema's words. */
static const char *schema_type(const struct node *value)
{
	int64_t integer;

	if (value->kind == NODE_BOOLEAN)
		return "boolean";
	if (value->kind != NODE_NUMBER)
		return "string";
	for (size_t i = 0; i < value->text.length; i++) {
		if (strchr(".eE", value->text.data[i]) != NULL)
			return "double";
	}
	return str_to_int64(value->text, &integer) && integer == (int32_t)integer ? "int" : "long";
}

static void write_map_entry(struct writer *writer, unsigned depth, const struct node *value,
    const struct field_type_info *type)
{
	const char *entry = type->xml_item;
	struct buf *out = writer->out;

	buf_printf(out, "<d%up1:%s><d%up1:Key>", depth, entry, depth);
	append_xml_text(out, value->name);
	buf_printf(out, "</d%up1:Key><d%up1:Value", depth, depth);
	if (value->kind == NODE_NULL) {
		buf_append_text(out, " i:nil=\"true\" />");
	} else if (value->kind == NODE_OBJECT || value->kind == NODE_ARRAY) {
		buf_append_text(out, " />");
	} else {
		if (!type->has_text_values)
			buf_printf(out, " xmlns:d%up1=\"" NAMESPACE_SCHEMA "\" i:type=\"d%up1:%s\"",
			    depth + 2, depth + 2, schema_type(value));
		buf_append_char(out, '>');
		append_xml_text(out, value->text);
		buf_printf(out, "</d%up1:Value>", depth);
	}
	buf_printf(out, "</d%up1:%s>", depth, entry);
}

/* Items of lists and maps have a namespace of their own where the family has one at all. */
static bool prefixes_items(const struct writer *writer)
{
	return writer->family->xml_style == XML_DATA_CONTRACT &&
	       writer->family->xml_namespace != NULL;
}

static void write_item(struct writer *writer, const char *prefix, const char *name, struct str text)
{
	begin_member(writer, NULL);
	if (text.length == 0 && writer->family->xml_style == XML_SERIALIZER) {
		buf_printf(writer->out, "<%s%s />", prefix, name);
		return;
	}
	buf_printf(writer->out, "<%s%s>", prefix, name);
	append_xml_text(writer->out, text);
	buf_printf(writer->out, "</%s%s>", prefix, name);
}

/* Memory to read a stored value in; NULL when there is none. */
static struct arena *arena_for(struct writer *writer)
{
	struct arena *arena = arena_new(STORED_BLOCK, STORED_MEMORY);

	writer->out->failed = writer->out->failed || arena == NULL;
	return arena;
}

/*
 * Lists and maps are kept as JSON text that was checked on its way in. DataContract puts their
 * items into a namespace of their own, under a prefix that tells the element's depth.
 */
static void write_xml_collection(
    struct writer *writer, const char *name, const struct field_type_info *type, struct str text)
{
	bool prefixed = prefixes_items(writer);
	unsigned depth = writer->depth + 1;
	struct arena *arena = arena_for(writer);
	const struct node *stored = arena != NULL ? json_read_stored(arena, text) : NULL;
	struct buf prefix = { 0 };

	begin_scope(writer,
	    (struct writer_scope){ .prefix = "", .name = name, .item_name = type->xml_item });
	if (prefixed) {
		buf_printf(&prefix, "d%up1:", depth);
		buf_printf(writer->out, " xmlns:d%up1=\"" NAMESPACE_ARRAYS "\"", depth);
	}
	for (const struct node *child = stored != NULL ? stored->children : NULL; child != NULL;
	     child = child->next) {
		if (stored->kind == NODE_ARRAY) {
			write_item(writer, prefix.data != NULL ? prefix.data : "", type->xml_item,
			    child->text);
			continue;
		}
		begin_member(writer, NULL);
		write_map_entry(writer, depth, child, type);
	}
	end_scope(writer, '\0');
	buf_free(&prefix);
	arena_free(arena);
}

/* A scalar kept as JSON text: XML has its bare text. */
static void write_xml_scalar(struct writer *writer, const char *name, struct str text)
{
	struct arena *arena = arena_for(writer);
	const struct node *stored = arena != NULL ? json_read_stored(arena, text) : NULL;

	writer_text(writer, name, stored != NULL ? stored->text : text);
	arena_free(arena);
}

/* A null of a type that cannot be null by itself is there with a mark; other nulls are left out. */
static void write_null_value(
    struct writer *writer, const char *name, const struct field_type_info *type)
{
	bool xml = writer->format == MEDIA_XML;
	bool serializer = xml && writer->family->xml_style == XML_SERIALIZER;
	char attributes[sizeof(NAMESPACE_ARRAYS) + 64];

	if (serializer && type->value_type) {
		write_element(writer, name, " xsi:nil=\"true\"", (struct str){ NULL, 0 });
	} else if (xml && type->lexical == LEXICAL_JSON && prefixes_items(writer)) {
		/* Lists and maps bring their namespace also where there is nothing in it. */
		snprintf(attributes, sizeof(attributes),
		    " xmlns:d%up1=\"" NAMESPACE_ARRAYS "\" i:nil=\"true\"", writer->depth + 1);
		write_element(writer, name, attributes, (struct str){ NULL, 0 });
	} else {
		writer_null(writer, name);
	}
}

/*
 * Printed values go straight behind the member's name: no copy for the common case of a row member.
 */
static void write_printed(struct writer *writer, const char *name, const struct field *field,
    const struct value *value, const struct field_type_info *type)
{
	bool quoted = type->lexical == LEXICAL_QUOTED;

	if (writer->format == MEDIA_JSON) {
		begin_member(writer, name);
		if (quoted)
			buf_append_char(writer->out, '"');
		type->print(writer->out, field, value, &writer->style);
		if (quoted)
			buf_append_char(writer->out, '"');
		return;
	}
	begin_scope(writer, (struct writer_scope){ .prefix = "", .name = name });
	begin_member(writer, NULL);
	type->print(writer->out, field, value, &writer->style);
	end_scope(writer, '\0');
}

void writer_value(
    struct writer *writer, const char *name, const struct field *field, const struct value *value)
{
	const struct field_type_info *type = field_type_info(field->type);

	if (value->null)
		write_null_value(writer, name, type);
	else if (type->lexical == LEXICAL_TEXT)
		writer_text(writer, name, value->text);
	else if (type->lexical == LEXICAL_JSON && writer->format == MEDIA_XML)
		type->xml_item != NULL ? write_xml_collection(writer, name, type, value->text)
				       : write_xml_scalar(writer, name, value->text);
	else if (type->lexical == LEXICAL_JSON)
		writer_json(writer, name, value->text);
	else
		write_printed(writer, name, field, value, type);
}

void writer_root_integer(struct writer *writer, int64_t value)
{
	if (writer->format == MEDIA_JSON)
		buf_append_int64(writer->out, value);
	else
		buf_printf(writer->out, "<int xmlns=\"" NAMESPACE_SERIALIZATION "\">%lld</int>",
		    (long long)value);
}

void writer_root_null(struct writer *writer, const char *type_name)
{
	if (writer->format == MEDIA_JSON) {
		buf_append_text(writer->out, "null");
		return;
	}
	buf_printf(writer->out, "<%s %s:nil=\"true\"", type_name,
	    writer->family->xml_style == XML_SERIALIZER ? "xsi" : "i");
	append_namespaces(writer);
	buf_append_text(writer->out, " />");
}
