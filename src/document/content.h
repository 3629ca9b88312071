/*
 * What of a license its document says: members of its row and of its parts, in their order, and
 * what they are called in JSON and in XML. The paper is docs/license-formats.md.
 *
 * Licenses come as rows of any resource whose members are called as those of the API are.
 */
#ifndef CLIENTELE_DOCUMENT_CONTENT_H
#define CLIENTELE_DOCUMENT_CONTENT_H

#include "codec/writer.h"
#include "schema/row.h"

/* One value. */
struct content_member {
	const char *member; /* of the row */
	const char *json, *xml;
	const char *fallback; /* member of the license where the part has no value; NULL = none */
	bool is_inside;       /* XML: an element with text, else an attribute */
	bool is_nothing_at_zero;
};

/* How a part of a license is stored. */
enum content_kind {
	CONTENT_ROW,   /* a row inside of the license's */
	CONTENT_ROWS,  /* rows of its own */
	CONTENT_TEXTS, /* a list of texts */
};

struct content_part {
	const char *member; /* of the license; its name in JSON, too */
	enum content_kind kind;
	const char *list, *element; /* in XML; `list` NULL = the element alone */
	const struct content_member *members;
	unsigned member_count;
	bool has_restrictions; /* its rows have properties and content of one's own */
};

#define CONTENT_PROPERTIES "properties"
#define CONTENT_OWN_XML "customXmlContent"

extern const struct content_member content_members[];
extern const unsigned content_member_count;
extern const struct content_part content_parts[];
extern const unsigned content_part_count;

/* The value of a member, and its field; false where it has none that the document says. */
bool content_value(const struct content_member *member, const struct row *row,
    const struct row *license, const struct field **field, const struct value **value);

/* The row of a part that is one, inside of the license's; NULL where there is none. */
const struct row *content_row(const struct content_part *part, const struct row *license);

/* The rows of a part that is a list; none where the license has none. */
struct row_list content_rows(const struct content_part *part, const struct row *license);

/* The JSON text of a member that is a list or a map; empty where there is nothing in it. */
struct str content_json(const struct row *row, const char *member);

/* Writes the license as an object, a member of that name. */
void content_write(struct writer *writer, const char *name, const struct row *license);

#endif
