/*
 * Identifiers made by a format: text with places for random characters, as "lic{HEX:8}" or
 * "{TOKEN:5}-{TOKEN:5}". HEX stands for hexadecimal digits, TOKEN for letters and digits; a word in
 * lower case gives lower-case characters. Upper-case TOKEN leaves out what people mix up when they
 * read it aloud or type it in: 0 and O, 1 and I.
 */
#ifndef CLIENTELE_BASE_IDENTIFIER_H
#define CLIENTELE_BASE_IDENTIFIER_H

#include "base/buf.h"

#define IDENTIFIER_MAX 64 /* longest identifier that a format may make */

/* True when the format is well-formed, makes 1 to IDENTIFIER_MAX characters, and draws some. */
bool identifier_format_is_good(struct str format);

/* Appends a new identifier; what is no place is copied as it stands. */
void identifier_make(struct str format, struct buf *out);

#endif
