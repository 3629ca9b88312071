/*
 * Reading what a license document of XML says: format 0 and 1, and those of programs that name the
 * parts of a license in other ways. Nothing is verified here.
 */
#ifndef CLIENTELE_DOCUMENT_READ_H
#define CLIENTELE_DOCUMENT_READ_H

#include "schema/row.h"

/*
 * Gives a row of a license or a template the members and parts that the document has and the row
 * has not; what is no value of its member is left out. Everything lives in the arena or in `text`.
 * Returns NULL, or what is wrong with the document, the end of a sentence: then the row is as it
 * was.
 *
 * Names match whatever their case is. A declaration of an encoding does not count: the text is
 * UTF-8. Of a restriction, attributes that are no members are properties, and its kind is the name
 * of its element where that is not "Restriction".
 */
const char *document_read_xml(struct arena *arena, struct str text, struct row *row);

#endif
