/*
 * XML in the two forms of licenses: as .NET's XmlWriter writes it (format 0), and canonical
 * (format 1).
 */
#ifndef CLIENTELE_DOCUMENT_XML_H
#define CLIENTELE_DOCUMENT_XML_H

#include "base/buf.h"
#include "base/error.h"

#define XML_ATTRIBUTES_MOST 64 /* of one element */

enum xml_form { XML_COMPACT, XML_CANONICAL };

struct xml_attribute {
	struct str name, value;
};

/*
 * Each appends. Text must be what XML can carry (str_xml_valid()). An element is written whole, its
 * content being XML already.
 */
void xml_append_element(struct buf *out, enum xml_form form, struct str name,
    struct xml_attribute *attributes, unsigned count, struct str content);
void xml_append_escaped(struct buf *out, struct str text);

/*
 * Reads XML content of somebody's own, and appends it in that form. Returns NULL, or what is wrong
 * with it: the end of a sentence.
 */
const char *xml_append_own(
    struct arena *arena, enum xml_form form, struct str text, struct buf *out);

#endif
