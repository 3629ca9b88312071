#include <expat.h>

#include "base/buf.h"
#include "base/language.h"
#include "codec/body_text.h"
#include "codec/reader.h"

#define FORMAT_NAME "XML"
#define SCHEMA_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"

/* Items of lists and dictionaries stand in this namespace, whatever the one of the root. */
#define COLLECTIONS "http://schemas.microsoft.com/2003/10/Serialization/Arrays"

/* Between namespace and local name in expat's names; XML text cannot contain it. */
#define SEPARATOR '\x1f'

/* Attributes and namespace declarations of one element. Nobody needs more than a handful. */
#define ATTRIBUTES_MAX 64

/* Longest part of a name from the body that is repeated in a message, in bytes. */
#define NAME_SHOWN_MAX 80

struct xml_name {
	struct str xml_namespace;
	struct str local;
};

struct xml_reader {
	XML_Parser parser;
	struct arena *arena;
	const struct limits *limits;
	struct error *error;
	struct str text;
	const struct xml_root *roots;
	unsigned root_count;

	struct node *root;
	struct node *current;
	struct str xml_namespace; /* of the root */
	struct buf characters;    /* text of the current element so far */
	int64_t depth;
	int64_t values;
	int64_t skipped;       /* open elements of a subtree that is left out */
	unsigned foreign;      /* children of the root that are skipped */
	unsigned declarations; /* namespaces declared by the start tag that is being read */
	bool failed;
};

static size_t current_offset(const struct xml_reader *reader)
{
	XML_Index index = XML_GetCurrentByteIndex(reader->parser);

	return index < 0 ? reader->text.length : (size_t)index;
}

/* Ends the parse; handlers that expat still calls afterwards see `failed`. */
static void stop(struct xml_reader *reader)
{
	reader->failed = true;
	XML_StopParser(reader->parser, XML_FALSE);
}

static void fail_document(struct xml_reader *reader, const char *sentence)
{
	if (reader->failed)
		return;
	body_text_fail(
	    reader->text, current_offset(reader), FORMAT_NAME, reader->error, "%s", sentence);
	stop(reader);
}

static void fail_limit(struct xml_reader *reader, const char *what, int64_t most)
{
	body_text_fail_limit(
	    reader->text, current_offset(reader), FORMAT_NAME, reader->error, what, most);
	stop(reader);
}

static void fail_memory(struct xml_reader *reader)
{
	body_text_too_large(FORMAT_NAME, reader->error);
	stop(reader);
}

static struct xml_name split_name(const char *name)
{
	struct str whole = str_from(name);
	size_t end = str_find(whole, SEPARATOR);

	if (end == whole.length)
		return (struct xml_name){ .local = whole };
	return (struct xml_name){
		.xml_namespace = str_slice(whole, 0, end),
		.local = str_slice(whole, end + 1, whole.length),
	};
}

/* The beginning of a text that came from the body, cut between characters. */
static struct str shown(struct str text)
{
	text = str_slice(text, 0, NAME_SHOWN_MAX);
	text.length = str_utf8_valid(text);
	return text;
}

static const char *describe_name(struct arena *arena, struct str local, struct str xml_namespace)
{
	local = shown(local);
	if (xml_namespace.length == 0)
		return language_printf(
		    arena, "<" STR_FORMAT "> in no namespace", STR_ARGUMENTS(local));
	xml_namespace = shown(xml_namespace);
	return language_printf(arena, "<" STR_FORMAT "> in the namespace \"" STR_FORMAT "\"",
	    STR_ARGUMENTS(local), STR_ARGUMENTS(xml_namespace));
}

static void fail_root(struct xml_reader *reader, const struct xml_name *name)
{
	const char *expected = "";

	for (unsigned i = 0; i < reader->root_count; i++) {
		const struct xml_root *root = &reader->roots[i];

		expected = arena_printf(reader->arena, "%s%s%s", expected,
		    i == 0 ? "" : language_text(" or "),
		    describe_name(
			reader->arena, str_from(root->name), str_from(root->xml_namespace)));
	}
	fail_document(
	    reader, language_printf(reader->arena, "the root element must be %s, found %s.",
			expected, describe_name(reader->arena, name->local, name->xml_namespace)));
}

static bool is_expected_root(const struct xml_reader *reader, const struct xml_name *name)
{
	for (unsigned i = 0; i < reader->root_count; i++) {
		const struct xml_root *root = &reader->roots[i];

		if (str_equal(name->local, str_from(root->name)) &&
		    str_equal(name->xml_namespace, str_from(root->xml_namespace)))
			return true;
	}
	return false;
}

/* Whether an element belongs to the tree at all; what does not is left out with its subtree. */
static bool is_kept(const struct xml_reader *reader, const struct xml_name *name)
{
	const struct node *parent = reader->current;

	if (parent->kind == NODE_NULL)
		return false;
	if (str_equal(name->xml_namespace, reader->xml_namespace))
		return true;
	return reader->xml_namespace.length > 0 && parent != reader->root &&
	       str_equal(name->xml_namespace, STR(COLLECTIONS));
}

static bool is_nil(const char **attributes)
{
	for (; attributes[0] != NULL; attributes += 2) {
		struct xml_name name = split_name(attributes[0]);
		struct str value = str_trim(str_from(attributes[1]));

		if (str_equal(name.local, STR("nil")) &&
		    str_equal(name.xml_namespace, STR(SCHEMA_INSTANCE)))
			return str_equal(value, STR("true")) || str_equal(value, STR("1"));
	}
	return false;
}

/* Counts an element with its attributes; false when a limit is passed. */
static bool count_element(struct xml_reader *reader, const char **attributes)
{
	unsigned count = reader->declarations;

	reader->declarations = 0;
	for (; attributes[0] != NULL; attributes += 2)
		count++;
	reader->values += 1 + (int64_t)count;
	reader->depth++;
	if (reader->depth > reader->limits->body_depth)
		fail_limit(reader, "levels of nesting", reader->limits->body_depth);
	else if (reader->values > reader->limits->body_values)
		fail_limit(reader, "elements and attributes", reader->limits->body_values);
	return !reader->failed;
}

static void begin_root(struct xml_reader *reader, const struct xml_name *name, bool nil)
{
	if (!is_expected_root(reader, name)) {
		fail_root(reader, name);
		return;
	}
	reader->xml_namespace = arena_str(reader->arena, name->xml_namespace);
	reader->root = node_new(reader->arena, NULL, nil ? NODE_NULL : NODE_OBJECT,
	    arena_str(reader->arena, name->local));
	reader->current = reader->root;
}

static void on_start_element(void *context, const char *raw_name, const char **attributes)
{
	struct xml_reader *reader = context;
	struct xml_name name = split_name(raw_name);

	if (reader->failed || !count_element(reader, attributes))
		return;
	if (reader->skipped > 0) {
		reader->skipped++;
		return;
	}
	if (reader->root == NULL) {
		begin_root(reader, &name, is_nil(attributes));
	} else if (is_kept(reader, &name)) {
		reader->current->kind = NODE_OBJECT;
		reader->current = node_new(reader->arena, reader->current,
		    is_nil(attributes) ? NODE_NULL : NODE_TEXT,
		    arena_str(reader->arena, name.local));
		buf_reset(&reader->characters, SIZE_MAX);
	} else {
		reader->foreign += reader->current == reader->root;
		reader->skipped = 1;
	}
	if (!reader->failed && (reader->current == NULL || arena_exhausted(reader->arena)))
		fail_memory(reader);
}

static void on_end_element(void *context, const char *name)
{
	struct xml_reader *reader = context;
	struct node *node = reader->current;

	(void)name;
	if (reader->failed)
		return;
	reader->depth--;
	if (reader->skipped > 0) {
		reader->skipped--;
		return;
	}
	if (node->kind == NODE_TEXT) {
		node->text = arena_str(reader->arena, buf_str(&reader->characters));
		if (node->text.data == NULL || reader->characters.failed)
			fail_memory(reader);
	}
	reader->current = node->parent;
}

/* Text counts only in elements without children; elsewhere it is layout, or ignored. */
static void on_characters(void *context, const char *data, int length)
{
	struct xml_reader *reader = context;

	if (!reader->failed && reader->skipped == 0 && reader->current->kind == NODE_TEXT)
		buf_append(&reader->characters, data, (size_t)length);
}

/* expat reports the declarations of a start tag before the tag itself. */
static void on_namespace(void *context, const char *prefix, const char *uri)
{
	struct xml_reader *reader = context;

	(void)prefix;
	(void)uri;
	reader->declarations++;
}

static void on_declaration(void *context, const char *version, const char *encoding, int standalone)
{
	struct xml_reader *reader = context;

	(void)standalone;
	if (version != NULL && strcmp(version, "1.0") != 0)
		fail_document(reader, "only XML version 1.0 is supported.");
	else if (encoding != NULL && !str_equal_ignore_case(str_from(encoding), STR("utf-8")))
		fail_document(reader, "only the encoding UTF-8 is supported.");
}

static void on_doctype(void *context, const char *name, const char *system_id,
    const char *public_id, int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	fail_document(context, "a document type declaration (DOCTYPE) is not allowed.");
}

static void on_instruction(void *context, const char *target, const char *data)
{
	(void)target;
	(void)data;
	fail_document(context, "processing instructions are not allowed.");
}

/* Length up to the first `end`, and with it; all when there is none. `end` ends in '>'. */
static size_t length_through(struct str text, struct str end)
{
	size_t length = 0;

	while (length < text.length) {
		length += str_find(str_slice(text, length, text.length), '>');
		if (length < text.length)
			length++;
		if (str_ends_with(str_slice(text, 0, length), end))
			break;
	}
	return length;
}

/* Length of the tag that the text begins with; counts the quoted values in it. */
static size_t tag_length(struct str text, unsigned *values)
{
	char quote = '\0';

	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i];

		if (quote != '\0') {
			if (byte == quote)
				quote = '\0';
		} else if (byte == '"' || byte == '\'') {
			quote = byte;
			++*values;
		} else if (byte == '>') {
			return i + 1;
		}
	}
	return text.length;
}

/*
 * expat keeps all attributes and namespaces of a tag before it reports the first: a body full of
 * them would cost many times its size. So they are counted beforehand. What is not well-formed may
 * be counted wrongly, but never gets past expat.
 */
static int check_attributes(const struct xml_reader *reader)
{
	size_t at = 0;

	for (;;) {
		struct str rest = str_slice(reader->text, at, reader->text.length);
		unsigned values = 0;

		at += str_find(rest, '<');
		if (at == reader->text.length)
			return 0;
		rest = str_slice(reader->text, at, reader->text.length);
		if (str_starts_with(rest, STR("<!--")))
			at += length_through(rest, STR("-->"));
		else if (str_starts_with(rest, STR("<![CDATA[")))
			at += length_through(rest, STR("]]>"));
		else
			at += tag_length(rest, &values);
		if (values > ATTRIBUTES_MAX)
			return body_text_fail_limit(reader->text,
			    (size_t)(rest.data - reader->text.data), FORMAT_NAME, reader->error,
			    "attributes of one element", ATTRIBUTES_MAX);
	}
}

static int parse(struct xml_reader *reader)
{
	enum XML_Error code;

	XML_SetUserData(reader->parser, reader);
	XML_SetElementHandler(reader->parser, on_start_element, on_end_element);
	XML_SetCharacterDataHandler(reader->parser, on_characters);
	XML_SetStartNamespaceDeclHandler(reader->parser, on_namespace);
	XML_SetXmlDeclHandler(reader->parser, on_declaration);
	XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
	XML_SetProcessingInstructionHandler(reader->parser, on_instruction);
	if (XML_Parse(reader->parser, reader->text.data, (int)reader->text.length, 1) ==
	    XML_STATUS_OK)
		return reader->failed ? -1 : 0;
	if (reader->failed)
		return -1;
	code = XML_GetErrorCode(reader->parser);
	if (code == XML_ERROR_NO_MEMORY)
		return body_text_too_large(FORMAT_NAME, reader->error);
	return body_text_fail(reader->text, current_offset(reader), FORMAT_NAME, reader->error,
	    "%s.", XML_ErrorString(code));
}

int xml_read(struct arena *arena, const struct limits *limits, struct str text,
    const struct xml_root *roots, unsigned root_count, struct body *body, struct error *error)
{
	struct xml_reader reader = {
		.arena = arena,
		.limits = limits,
		.error = error,
		.roots = roots,
		.root_count = root_count,
	};
	int result;

	*body = (struct body){ .format = BODY_XML };
	if (body_text_open(&text, FORMAT_NAME, error) < 0)
		return -1;
	if (body_text_is_blank(text))
		return 0;
	reader.text = text;
	if (check_attributes(&reader) < 0)
		return -1;
	reader.parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
	if (reader.parser == NULL)
		return body_text_too_large(FORMAT_NAME, error);
	result = parse(&reader);
	XML_ParserFree(reader.parser);
	buf_free(&reader.characters);
	if (result == 0 && reader.root->kind != NODE_NULL)
		body->root = reader.root;
	body->foreign = reader.foreign;
	return result;
}
