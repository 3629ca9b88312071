/*
 * XML, as the two serializers of the original frameworks write it.
 */
#include <stdio.h>

#include "codec/writer_scope.h"
#include "codec/xml_text.h"

#define NAMESPACE_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"
#define NAMESPACE_SCHEMA "http://www.w3.org/2001/XMLSchema"
#define NAMESPACE_ARRAYS "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
#define NAMESPACE_SERIALIZATION "http://schemas.microsoft.com/2003/10/Serialization/"

static void append_element_name(
    struct writer *writer, const char *prefix, const char *name, bool type_name)
{
	buf_append_text(writer->out, prefix);
	if (type_name) {
		buf_append_text(writer->out, name);
	} else if (writer->plain_names) {
		xml_text_append_name(writer->out, name);
	} else if (writer->family->xml_pascal_case) {
		buf_append_char(writer->out, str_upper(name[0]));
		buf_append_text(writer->out, name + 1);
	} else {
		buf_append_text(writer->out, name);
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

/* Ends the start tag of the element around what is written next. */
static void begin_member(struct writer *writer)
{
	struct writer_scope *outer = writer_scope(writer);

	if (outer != NULL && outer->is_empty)
		buf_append_char(writer->out, '>');
	if (outer != NULL)
		outer->is_empty = false;
}

/* Opens an element up to, but not including, the end of its start tag. */
static void begin_scope(struct writer *writer, struct writer_scope inner)
{
	struct writer_scope *outer = writer_scope(writer);

	begin_member(writer);
	if (outer != NULL && outer->is_array) {
		inner.name = outer->item_name;
		inner.type_name = true;
	} else if (outer == NULL) {
		inner.type_name = true;
	}
	buf_append_char(writer->out, '<');
	append_element_name(writer, inner.prefix, inner.name, inner.type_name);
	if (outer == NULL)
		append_namespaces(writer);
	writer_scope_push(writer, inner);
}

static void end_scope(struct writer *writer)
{
	struct writer_scope *inner = writer_scope(writer);

	writer->depth--;
	if (inner->is_empty) {
		buf_append_text(writer->out, " />");
		return;
	}
	buf_append_text(writer->out, "</");
	append_element_name(writer, inner->prefix, inner->name, inner->type_name);
	buf_append_char(writer->out, '>');
}

static void begin_object(struct writer *writer, const char *name)
{
	begin_scope(writer, (struct writer_scope){ .prefix = "", .name = name });
}

static void begin_array(struct writer *writer, const char *name, const char *item_name)
{
	bool root = name == NULL && writer->depth == 0;

	begin_scope(writer, (struct writer_scope){ .prefix = root ? "ArrayOf" : "",
				.name = root ? item_name : name,
				.item_name = item_name,
				.is_array = true });
}

static void begin_texts(struct writer *writer, const char *name)
{
	begin_scope(
	    writer, (struct writer_scope){ .prefix = "", .name = name, .is_sentences = true });
}

/* The name of an element without elements inside, as it is written where the writer is. */
struct leaf {
	const char *name;
	bool type_name;
};

/* Begins such an element; what follows are its attributes. */
static struct leaf begin_leaf(struct writer *writer, const char *name)
{
	const struct writer_scope *outer = writer_scope(writer);
	struct leaf leaf = { outer != NULL && outer->is_array ? outer->item_name : name,
		outer == NULL || outer->is_array };

	begin_member(writer);
	buf_append_char(writer->out, '<');
	append_element_name(writer, "", leaf.name, leaf.type_name);
	return leaf;
}

static void end_leaf(struct writer *writer, struct leaf leaf)
{
	buf_append_text(writer->out, "</");
	append_element_name(writer, "", leaf.name, leaf.type_name);
	buf_append_char(writer->out, '>');
}

/* An XML element with a text; `attributes` begins with a blank or is empty. */
static void write_element(
    struct writer *writer, const char *name, const char *attributes, struct str text)
{
	struct leaf leaf = begin_leaf(writer, name);

	buf_append_text(writer->out, attributes);
	if (text.data == NULL || (text.length == 0 && writer->family->xml_style == XML_SERIALIZER &&
				     !writer->plain_root)) {
		buf_append_text(writer->out, " />");
		return;
	}
	buf_append_char(writer->out, '>');
	xml_text_append(writer->out, text);
	end_leaf(writer, leaf);
}

static void write_token(struct writer *writer, const char *name, struct str text)
{
	write_element(writer, name, "", text);
}

static void write_text(struct writer *writer, const char *name, struct str text)
{
	struct writer_scope *outer = writer_scope(writer);

	if (outer == NULL || !outer->is_sentences) {
		write_element(writer, name, "", text);
		return;
	}
	if (!outer->is_empty)
		buf_append_char(writer->out, ' ');
	begin_member(writer);
	xml_text_append(writer->out, text);
}

static void write_null(struct writer *writer, const char *name)
{
	if (writer->family->xml_style == XML_DATA_CONTRACT)
		write_element(writer, name, " i:nil=\"true\"", (struct str){ NULL, 0 });
	/* XmlSerializer leaves nulls out. */
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

static void write_map_entry(struct writer *writer, const char *prefix, const struct node *value,
    const struct field_type_info *type)
{
	const char *entry = type->xml_item;
	unsigned depth = writer->depth + 2;
	struct buf *out = writer->out;

	buf_printf(out, "<%s%s><%sKey>", prefix, entry, prefix);
	xml_text_append(out, value->name);
	buf_printf(out, "</%sKey><%sValue", prefix, prefix);
	if (value->kind == NODE_NULL) {
		buf_append_text(out, " i:nil=\"true\" />");
	} else if (value->kind == NODE_OBJECT || value->kind == NODE_ARRAY) {
		buf_append_text(out, " />");
	} else {
		if (!type->has_text_values)
			buf_printf(out, " xmlns:d%up1=\"" NAMESPACE_SCHEMA "\" i:type=\"d%up1:%s\"",
			    depth, depth, schema_type(value));
		buf_append_char(out, '>');
		xml_text_append(out, value->text);
		buf_printf(out, "</%sValue>", prefix);
	}
	buf_printf(out, "</%s%s>", prefix, entry);
}

/* Items of lists and maps have a namespace of their own where the family has one at all. */
static bool prefixes_items(const struct writer *writer)
{
	return writer->family->xml_style == XML_DATA_CONTRACT &&
	       writer->family->xml_namespace != NULL;
}

static void write_item(struct writer *writer, const char *prefix, const char *name, struct str text)
{
	begin_member(writer);
	if (text.length == 0 && writer->family->xml_style == XML_SERIALIZER) {
		buf_printf(writer->out, "<%s%s />", prefix, name);
		return;
	}
	buf_printf(writer->out, "<%s%s>", prefix, name);
	xml_text_append(writer->out, text);
	buf_printf(writer->out, "</%s%s>", prefix, name);
}

/*
 * Lists and maps are kept as JSON text that was checked on its way in. DataContract puts their
 * items into a namespace of their own, under a prefix that tells the element's depth.
 */
static void write_collection(
    struct writer *writer, const char *name, const struct field_type_info *type, struct str text)
{
	bool prefixed = prefixes_items(writer);
	unsigned depth = writer->depth + 1;
	struct arena *arena;
	const struct node *stored = writer_read_stored(writer, text, &arena);
	struct buf prefix = { 0 };
	const char *begin;

	begin_scope(writer,
	    (struct writer_scope){ .prefix = "", .name = name, .item_name = type->xml_item });
	if (prefixed) {
		buf_printf(&prefix, "d%up1:", depth);
		buf_printf(writer->out, " xmlns:d%up1=\"" NAMESPACE_ARRAYS "\"", depth);
	}
	begin = prefix.data != NULL ? prefix.data : "";
	for (const struct node *child = stored != NULL ? stored->children : NULL; child != NULL;
	     child = child->next) {
		if (stored->kind == NODE_ARRAY) {
			write_item(writer, begin, type->xml_item, child->text);
			continue;
		}
		begin_member(writer);
		write_map_entry(writer, begin, child, type);
	}
	end_scope(writer);
	buf_free(&prefix);
	arena_free(arena);
}

/* A scalar kept as JSON text: XML has its bare text. */
static void write_scalar(struct writer *writer, const char *name, struct str text)
{
	struct arena *arena;
	const struct node *stored = writer_read_stored(writer, text, &arena);

	write_text(writer, name, stored != NULL ? stored->text : text);
	arena_free(arena);
}

/* A null of a type that cannot be null by itself is there with a mark; other nulls are left out. */
static void write_null_value(struct writer *writer, const char *name, const struct field *field)
{
	const struct field_type_info *type = field_type_info(field->type);
	char attributes[sizeof(NAMESPACE_ARRAYS) + 64];

	if (writer->family->xml_style == XML_SERIALIZER && type->value_type) {
		write_element(writer, name, " xsi:nil=\"true\"", (struct str){ NULL, 0 });
	} else if (type->lexical == LEXICAL_JSON && prefixes_items(writer)) {
		/* Lists and maps bring their namespace also where there is nothing in it. */
		snprintf(attributes, sizeof(attributes),
		    " xmlns:d%up1=\"" NAMESPACE_ARRAYS "\" i:nil=\"true\"", writer->depth + 1);
		write_element(writer, name, attributes, (struct str){ NULL, 0 });
	} else {
		write_null(writer, name);
	}
}

/* A value that is printed, of which no character needs to be escaped. */
static void write_printed(
    struct writer *writer, const char *name, const struct field *field, const struct value *value)
{
	struct leaf leaf = begin_leaf(writer, name);

	if (writer_scope(writer) == NULL)
		append_namespaces(writer);
	buf_append_char(writer->out, '>');
	field_type_info(field->type)->print(writer->out, field, value, &writer->style);
	end_leaf(writer, leaf);
}

static void write_value(
    struct writer *writer, const char *name, const struct field *field, const struct value *value)
{
	const struct field_type_info *type = field_type_info(field->type);

	if (type->lexical == LEXICAL_TEXT) {
		writer_text(writer, name, value->text);
	} else if (type->lexical != LEXICAL_JSON) {
		write_printed(writer, name, field, value);
	} else if (type->xml_item != NULL) {
		write_collection(writer, name, type, value->text);
	} else {
		write_scalar(writer, name, value->text);
	}
}

static void write_root_integer(struct writer *writer, int64_t value)
{
	buf_printf(
	    writer->out, "<int xmlns=\"" NAMESPACE_SERIALIZATION "\">%lld</int>", (long long)value);
}

static void write_root_null(struct writer *writer, const char *type_name)
{
	buf_printf(writer->out, "<%s %s:nil=\"true\"", type_name,
	    writer->family->xml_style == XML_SERIALIZER ? "xsi" : "i");
	append_namespaces(writer);
	buf_append_text(writer->out, " />");
}

const struct writer_format writer_format_xml = {
	.name = "xml",
	.letter = 'x',
	.xml_habits = true,
	.begin_object = begin_object,
	.end_object = end_scope,
	.begin_array = begin_array,
	.end_array = end_scope,
	.begin_texts = begin_texts,
	.end_texts = end_scope,
	.null = write_null,
	.token = write_token,
	.text = write_text,
	.null_value = write_null_value,
	.value = write_value,
	.root_integer = write_root_integer,
	.root_null = write_root_null,
};
