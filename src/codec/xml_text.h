/*
 * Texts as XML can carry them.
 */
#ifndef CLIENTELE_CODEC_XML_TEXT_H
#define CLIENTELE_CODEC_XML_TEXT_H

#include "base/buf.h"

/*
 * Appends the text of an element: escapes the three characters that must be, and CR, which readers
 * would turn into LF; U+FFFD stands for what XML cannot carry.
 */
void xml_text_append(struct buf *out, struct str text);

/*
 * Appends any text as an element name: what a name cannot have (brackets, blanks) is written as
 * _xHHHH_, as the original does. So is all that is not ASCII, of which a name takes a part only.
 */
void xml_text_append_name(struct buf *out, const char *name);

#endif
