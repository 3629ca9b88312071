#include "document/xml.h"

#include <expat.h>
#include <stdlib.h>

#define DEPTH_MOST 64

/* --- writing --- */

static void append_with(
    struct buf *out, struct str text, const char *special, const char *const *references)
{
	for (size_t i = 0; i < text.length; i++) {
		const char *found = text.data[i] != '\0' ? strchr(special, text.data[i]) : NULL;

		if (found != NULL)
			buf_append_text(out, references[found - special]);
		else
			buf_append_char(out, text.data[i]);
	}
}

void xml_append_escaped(struct buf *out, struct str text)
{
	static const char *const references[] = { "&amp;", "&lt;", "&gt;", "&#xD;" };

	append_with(out, text, "&<>\r", references);
}

static void append_value(struct buf *out, enum xml_form form, struct str text)
{
	static const char *const references[] = { "&amp;", "&lt;", "&quot;", "&#x9;", "&#xA;",
		"&#xD;", "&gt;" };
	/* The last one is none of the canonical form. */
	static const char *const special[] = {
		[XML_COMPACT] = "&<\"\t\n\r>",
		[XML_CANONICAL] = "&<\"\t\n\r",
	};

	append_with(out, text, special[form], references);
}

static int compare_names(const void *a, const void *b)
{
	const struct str *one = &((const struct xml_attribute *)a)->name;
	const struct str *other = &((const struct xml_attribute *)b)->name;
	size_t shorter = one->length < other->length ? one->length : other->length;
	int order = memcmp(one->data, other->data, shorter);

	return order != 0 ? order : (one->length > other->length) - (one->length < other->length);
}

static void append_start(struct buf *out, enum xml_form form, struct str name,
    struct xml_attribute *attributes, unsigned count)
{
	if (form == XML_CANONICAL && count > 0)
		qsort(attributes, count, sizeof(attributes[0]), compare_names);
	buf_append_char(out, '<');
	buf_append_str(out, name);
	for (unsigned i = 0; i < count; i++) {
		buf_append_char(out, ' ');
		buf_append_str(out, attributes[i].name);
		buf_append_text(out, "=\"");
		append_value(out, form, attributes[i].value);
		buf_append_char(out, '"');
	}
}

void xml_append_element(struct buf *out, enum xml_form form, struct str name,
    struct xml_attribute *attributes, unsigned count, struct str content)
{
	append_start(out, form, name, attributes, count);
	if (content.length == 0 && form == XML_COMPACT) {
		buf_append_text(out, " />");
		return;
	}
	buf_append_char(out, '>');
	buf_append_str(out, content);
	buf_append_text(out, "</");
	buf_append_str(out, name);
	buf_append_char(out, '>');
}

/* --- reading what is not our own --- */

struct own {
	XML_Parser parser;
	struct buf *out;
	enum xml_form form;
	struct buf text; /* since the last tag */
	unsigned depth;
	bool is_open;      /* the start tag that was written last has no end yet */
	const char *fault; /* NULL = none */
};

static void refuse(struct own *own, const char *fault)
{
	own->fault = fault;
	XML_StopParser(own->parser, XML_FALSE);
}

static void close_start(struct own *own)
{
	if (own->is_open)
		buf_append_char(own->out, '>');
	own->is_open = false;
}

/* White space alone between elements is nobody's text. */
static void flush_text(struct own *own)
{
	if (str_trim(buf_str(&own->text)).length > 0) {
		close_start(own);
		xml_append_escaped(own->out, buf_str(&own->text));
	}
	buf_reset(&own->text, own->text.capacity);
}

static bool is_taken(const char *name)
{
	static const char *const taken[] = { "License", "Licenses", "Signature" };

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (strcmp(name, taken[i]) == 0)
			return true;
	}
	return false;
}

static unsigned take_attributes(
    struct own *own, const XML_Char **pairs, struct xml_attribute *attributes)
{
	unsigned count = 0;

	for (; pairs[2 * count] != NULL; count++) {
		if (count == XML_ATTRIBUTES_MOST) {
			refuse(own, "has an element with too many attributes");
			return 0;
		}
		if (strchr(pairs[2 * count], ':') != NULL ||
		    strcmp(pairs[2 * count], "xmlns") == 0) {
			refuse(own, "must have no namespaces and no prefixes");
			return 0;
		}
		attributes[count].name = str_from(pairs[2 * count]);
		attributes[count].value = str_from(pairs[2 * count + 1]);
	}
	return count;
}

static void on_start(void *context, const XML_Char *name, const XML_Char **pairs)
{
	struct own *own = context;
	struct xml_attribute attributes[XML_ATTRIBUTES_MOST];
	unsigned count;

	if (own->depth++ == 0) /* the element around all of it */
		return;
	if (own->depth > DEPTH_MOST) {
		refuse(own, "is nested too deeply");
		return;
	}
	if (strchr(name, ':') != NULL) {
		refuse(own, "must have no namespaces and no prefixes");
		return;
	}
	if (is_taken(name)) {
		refuse(own, "must have no element called License, Licenses or Signature");
		return;
	}
	count = take_attributes(own, pairs, attributes);
	if (own->fault != NULL)
		return;
	flush_text(own);
	close_start(own);
	append_start(own->out, own->form, str_from(name), attributes, count);
	own->is_open = true;
}

static void on_end(void *context, const XML_Char *name)
{
	struct own *own = context;

	if (own->fault != NULL)
		return;
	flush_text(own);
	if (--own->depth == 0)
		return;
	if (own->is_open && own->form == XML_COMPACT) {
		buf_append_text(own->out, " />");
		own->is_open = false;
		return;
	}
	close_start(own);
	buf_printf(own->out, "</%s>", name);
}

static void on_text(void *context, const XML_Char *text, int length)
{
	buf_append(&((struct own *)context)->text, text, (size_t)length);
}

static void on_comment(void *context, const XML_Char *text)
{
	(void)text;
	refuse(context, "must have no comments");
}

static void on_instruction(void *context, const XML_Char *target, const XML_Char *data)
{
	(void)target, (void)data;
	refuse(context, "must have no processing instructions");
}

static bool feed(XML_Parser parser, struct str text, bool last)
{
	return XML_Parse(parser, text.data, (int)text.length, last) == XML_STATUS_OK;
}

const char *xml_append_own(
    struct arena *arena, enum xml_form form, struct str text, struct buf *out)
{
	struct own own = { .parser = XML_ParserCreate("UTF-8"), .out = out, .form = form };
	bool good;

	if (own.parser == NULL)
		return "could not be read: memory is out";
	XML_SetUserData(own.parser, &own);
	XML_SetElementHandler(own.parser, on_start, on_end);
	XML_SetCharacterDataHandler(own.parser, on_text);
	XML_SetCommentHandler(own.parser, on_comment);
	XML_SetProcessingInstructionHandler(own.parser, on_instruction);
	good = feed(own.parser, STR("<x>"), false) && feed(own.parser, text, false) &&
	       feed(own.parser, STR("</x>"), true);
	if (!good && own.fault == NULL)
		own.fault = arena_printf(arena, "must be well-formed XML: %s",
		    XML_ErrorString(XML_GetErrorCode(own.parser)));
	XML_ParserFree(own.parser);
	buf_free(&own.text);
	return own.fault;
}
