#include "document/read.h"

#include <expat.h>

#include "base/buf.h"
#include "codec/writer.h"
#include "document/content.h"
#include "document/xml.h"

#define DEPTH_MOST 16
#define ELEMENTS_MOST 20000

/* --- the tree --- */

struct attribute {
	struct str name, value;
};

struct element {
	struct str name;
	struct attribute *attributes;
	unsigned attribute_count;
	struct str text;
	struct element *parent, *children, *last, *next;
};

struct reading {
	XML_Parser parser;
	struct arena *arena;
	struct element *root, *current;
	struct buf text; /* of the current element, since its last tag */
	unsigned depth, elements;
	const char *fault;
};

static void stop(struct reading *reading, const char *fault)
{
	if (reading->fault == NULL)
		reading->fault = fault;
	XML_StopParser(reading->parser, XML_FALSE);
}

/* Namespaces tell nothing here: the signature's element is skipped by its name. */
static struct str local_name(const char *name)
{
	const char *colon = strchr(name, ':');

	return str_from(colon != NULL ? colon + 1 : name);
}

static bool copy_attributes(
    struct arena *arena, struct element *element, const XML_Char **attributes)
{
	unsigned count = 0;

	while (attributes[2 * count] != NULL)
		count++;
	element->attributes = arena_alloc_array(arena, count, sizeof(element->attributes[0]));
	for (unsigned i = 0; i < count && element->attributes != NULL; i++) {
		if (strncmp(attributes[2 * i], "xmlns", 5) == 0)
			continue;
		element->attributes[element->attribute_count++] = (struct attribute){
			arena_str(arena, local_name(attributes[2 * i])),
			arena_str(arena, str_from(attributes[2 * i + 1])),
		};
	}
	return !arena_exhausted(arena);
}

static void XMLCALL begin_element(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *reading = data;
	struct element *element = arena_alloc(reading->arena, sizeof(*element));
	struct element *parent = reading->current;

	if (++reading->depth > DEPTH_MOST || ++reading->elements > ELEMENTS_MOST) {
		stop(reading, "is too deep or too long");
		return;
	}
	if (element == NULL) {
		stop(reading, "is too long");
		return;
	}
	*element = (struct element){ .name = arena_str(reading->arena, local_name(name)),
		.parent = parent };
	if (!copy_attributes(reading->arena, element, attributes)) {
		stop(reading, "is too long");
		return;
	}
	if (parent == NULL)
		reading->root = element;
	else if (parent->last == NULL)
		parent->children = element;
	else
		parent->last->next = element;
	if (parent != NULL)
		parent->last = element;
	reading->current = element;
	buf_reset(&reading->text, reading->text.capacity);
}

static void XMLCALL end_element(void *data, const XML_Char *name)
{
	struct reading *reading = data;

	(void)name;
	if (reading->fault != NULL)
		return;
	reading->current->text = arena_str(reading->arena, buf_str(&reading->text));
	reading->current = reading->current->parent;
	reading->depth--;
	buf_reset(&reading->text, reading->text.capacity);
}

static void XMLCALL add_text(void *data, const XML_Char *text, int length)
{
	buf_append(&((struct reading *)data)->text, text, (size_t)length);
}

/* Entities are declared in one. */
static void XMLCALL refuse_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
    const XML_Char *public_id, int has_internal_subset)
{
	(void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
	stop(data, "has a document type");
}

static const char *read_tree(struct arena *arena, struct str text, struct element **root)
{
	struct reading reading = { .arena = arena, .parser = XML_ParserCreate("UTF-8") };

	if (reading.parser == NULL)
		return "is too long";
	XML_SetUserData(reading.parser, &reading);
	XML_SetElementHandler(reading.parser, begin_element, end_element);
	XML_SetCharacterDataHandler(reading.parser, add_text);
	XML_SetStartDoctypeDeclHandler(reading.parser, refuse_doctype);
	if (XML_Parse(reading.parser, text.data, (int)text.length, 1) != XML_STATUS_OK &&
	    reading.fault == NULL)
		reading.fault = "is no XML";
	XML_ParserFree(reading.parser);
	if (reading.text.failed || arena_exhausted(arena))
		reading.fault = "is too long";
	buf_free(&reading.text);
	*root = reading.root;
	return reading.fault;
}

static bool is_called(struct str name, const char *expected)
{
	return str_equal_ignore_case(name, str_from(expected));
}

static const struct element *find_child(const struct element *parent, const char *name)
{
	for (const struct element *child = parent->children; child != NULL; child = child->next) {
		if (is_called(child->name, name))
			return child;
	}
	return NULL;
}

static const struct attribute *find_attribute(const struct element *element, const char *name)
{
	for (unsigned i = 0; i < element->attribute_count; i++) {
		if (is_called(element->attributes[i].name, name))
			return &element->attributes[i];
	}
	return NULL;
}

/* --- members --- */

/* What an element says of a member: as an attribute, or as an element inside. */
static struct str find_text(const struct element *element, const struct content_member *member)
{
	const struct attribute *attribute = find_attribute(element, member->xml);
	const struct element *inside = find_child(element, member->xml);

	if (attribute != NULL)
		return attribute->value;
	return inside != NULL ? inside->text : STR("");
}

static void set_member(
    struct arena *arena, const struct content_member *member, struct str text, struct row *row)
{
	unsigned number = resource_member(row->resource, member->member);
	const struct field *field = &row->resource->fields[number];
	const struct node node = { .kind = NODE_TEXT, .text = text };
	struct value value = { .null = false };
	const char *reason;

	if (text.length == 0 || row_has(row, number) ||
	    !field_type_info(field->type)->parse(arena, field, BODY_XML, &node, &value, &reason) ||
	    (field->max > 0 && field_is_free_text(field) && str_utf8_length(text) > field->max))
		return;
	row_set_value(row, number, &value);
}

static void set_members(struct arena *arena, const struct element *element,
    const struct content_member *members, unsigned count, struct row *row)
{
	for (unsigned i = 0; i < count; i++)
		set_member(arena, &members[i], find_text(element, &members[i]), row);
}

/* --- restrictions --- */

static bool is_member(const struct content_part *part, struct str name)
{
	for (unsigned i = 0; i < part->member_count; i++) {
		if (is_called(name, part->members[i].xml))
			return true;
	}
	return false;
}

static void append_element(struct buf *out, const struct element *element)
{
	struct xml_attribute attributes[XML_ATTRIBUTES_MOST];
	unsigned count = 0;
	struct buf inside = { 0 };

	for (; count < element->attribute_count && count < XML_ATTRIBUTES_MOST; count++)
		attributes[count] = (struct xml_attribute){ element->attributes[count].name,
			element->attributes[count].value };
	for (const struct element *child = element->children; child != NULL; child = child->next)
		append_element(&inside, child);
	if (element->children == NULL)
		xml_append_escaped(&inside, element->text);
	xml_append_element(out, XML_COMPACT, element->name, attributes, count, buf_str(&inside));
	out->failed |= inside.failed;
	buf_free(&inside);
}

static void set_text(struct arena *arena, struct row *row, const char *member, struct buf *text)
{
	if (text->length > 0 && !text->failed)
		row_set_text(
		    row, resource_member(row->resource, member), arena_str(arena, buf_str(text)));
	buf_free(text);
}

static void append_property(struct buf *json, struct str name, struct str value)
{
	buf_append_char(json, json->length > 0 ? ',' : '{');
	buf_append_json_string(json, name);
	buf_append_char(json, ':');
	buf_append_json_string(json, value);
}

/* Attributes that are no members, and properties as format 0 writes them; the rest stays XML. */
static void set_settings(struct arena *arena, const struct content_part *part,
    const struct element *element, struct row *row)
{
	struct buf properties = { 0 }, own = { 0 };

	for (unsigned i = 0; i < element->attribute_count; i++) {
		const struct attribute *attribute = &element->attributes[i];

		if (!is_member(part, attribute->name))
			append_property(&properties, attribute->name, attribute->value);
	}
	for (const struct element *child = element->children; child != NULL; child = child->next) {
		const struct attribute *name = find_attribute(child, "name");
		const struct attribute *value = find_attribute(child, "value");

		if (is_called(child->name, "Property") && name != NULL)
			append_property(
			    &properties, name->value, value != NULL ? value->value : STR(""));
		else
			append_element(&own, child);
	}
	if (properties.length > 0)
		buf_append_char(&properties, '}');
	set_text(arena, row, CONTENT_PROPERTIES, &properties);
	set_text(arena, row, CONTENT_OWN_XML, &own);
}

static void set_kind(
    const struct content_part *part, const struct element *element, struct row *row)
{
	unsigned name = resource_member(row->resource, "name");

	if (!row_has(row, name) && !is_called(element->name, part->element))
		row_set_text(row, name, element->name);
}

/* --- parts --- */

static struct row *read_row(struct arena *arena, const struct content_part *part,
    const struct resource *resource, const struct element *element)
{
	struct row *row = row_new(arena, resource);

	if (row == NULL)
		return NULL;
	set_members(arena, element, part->members, part->member_count, row);
	if (part->has_restrictions) {
		set_settings(arena, part, element, row);
		set_kind(part, element, row);
	}
	return row;
}

static void read_one(struct arena *arena, const struct content_part *part,
    const struct element *license, struct row *row, unsigned member)
{
	const struct element *element = find_child(license, part->element);
	struct row *inner;

	if (element == NULL)
		return;
	inner = read_row(arena, part, row->resource->fields[member].object, element);
	if (inner != NULL && inner->present != 0)
		row_set_row(row, member, inner);
}

/* Items stand in a list of theirs, or in the license itself. */
static const struct element *first_item(
    const struct content_part *part, const struct element *license)
{
	const struct element *list = find_child(license, part->list);

	return list != NULL ? list->children : license->children;
}

static bool is_item(
    const struct content_part *part, const struct element *license, const struct element *element)
{
	if (is_called(element->name, part->element))
		return true;
	/* Restrictions may be called by their kind, where nothing else can stand. */
	return part->has_restrictions && element->parent != license;
}

static bool has_required(const struct row *row)
{
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if ((row->resource->fields[i].flags & FIELD_REQUIRED) && !row_filled(row, i))
			return false;
	}
	return true;
}

static void read_rows(struct arena *arena, const struct content_part *part,
    const struct element *license, struct row *row, unsigned member)
{
	const struct field *field = &row->resource->fields[member];
	struct row_list list = { NULL, 0 };
	unsigned most = 0;

	for (const struct element *e = first_item(part, license); e != NULL; e = e->next)
		most += is_item(part, license, e);
	if (most > field->max)
		most = field->max;
	list.rows = arena_alloc_array(arena, most, sizeof(list.rows[0]));
	for (const struct element *e = first_item(part, license);
	     e != NULL && list.rows != NULL && list.count < most; e = e->next) {
		if (!is_item(part, license, e))
			continue;
		list.rows[list.count] = read_row(arena, part, field->relation->target, e);
		if (list.rows[list.count] == NULL)
			return;
		if (has_required(list.rows[list.count]))
			list.count++;
	}
	if (list.count > 0)
		row_set_list(row, member, list);
}

static void read_texts(struct arena *arena, const struct content_part *part,
    const struct element *license, struct row *row, unsigned member)
{
	struct buf json = { 0 };
	struct writer writer;
	unsigned count = 0;

	writer_init(&writer, MEDIA_JSON, NULL, &json);
	writer_array_begin(&writer, NULL, "item");
	for (const struct element *e = first_item(part, license); e != NULL; e = e->next) {
		struct str text;

		if (!is_called(e->name, part->element) ||
		    count == row->resource->fields[member].max)
			continue;
		text = find_text(e, &part->members[0]);
		writer_text(&writer, NULL, text.length > 0 ? text : str_trim(e->text));
		count++;
	}
	writer_array_end(&writer);
	if (count > 0)
		row_set_text(row, member, arena_str(arena, buf_str(&json)));
	buf_free(&json);
}

static void read_part(struct arena *arena, const struct content_part *part,
    const struct element *license, struct row *row)
{
	static void (*const read[])(struct arena *, const struct content_part *,
	    const struct element *, struct row *, unsigned) = {
		[CONTENT_ROW] = read_one,
		[CONTENT_ROWS] = read_rows,
		[CONTENT_TEXTS] = read_texts,
	};
	int member = resource_field(row->resource, part->member);

	if (member >= 0 && !row_has(row, (unsigned)member))
		read[part->kind](arena, part, license, row, (unsigned)member);
}

/* Templates have no identifier and no dates of their own. */
static void read_own_members(struct arena *arena, const struct element *license, struct row *row)
{
	for (unsigned i = 0; i < content_member_count; i++) {
		int number = resource_field(row->resource, content_members[i].member);

		if (number >= 0)
			set_member(arena, &content_members[i],
			    find_text(license, &content_members[i]), row);
	}
}

const char *document_read_xml(struct arena *arena, struct str text, struct row *row)
{
	const struct element *license;
	struct element *root;
	const char *fault;

	text = str_trim(text);
	if (str_starts_with(text, STR("\xef\xbb\xbf")))
		text = str_slice(text, 3, text.length);
	if (text.length == 0 || text.length > INT32_MAX)
		return "is no XML";
	fault = read_tree(arena, text, &root);
	if (fault != NULL)
		return fault;
	license = is_called(root->name, "License") ? root : find_child(root, "License");
	if (license == NULL)
		return "has no element \"License\"";
	read_own_members(arena, license, row);
	for (unsigned i = 0; i < content_part_count; i++)
		read_part(arena, &content_parts[i], license, row);
	return NULL;
}
