/*
 * Bodies in: JSON, XML (expat) and forms become one tree of nodes. Each reader bounds
 * depth and number of values before memory is spent, checks UTF-8, refuses characters that an
 * answer in XML could not carry (str_xml_valid()), and reports the byte position of the first
 * fault.
 */
#ifndef CLIENTELE_CODEC_READER_H
#define CLIENTELE_CODEC_READER_H

#include "base/settings.h"
#include "schema/node.h"

/*
 * Each reads a whole body. Returns 0 with body->root set (NULL for an empty body, for JSON `null`
 * and for blanks only), or -1 with ERROR_MALFORMED and a sentence that names the fault, the limit
 * and the position. The nodes live in the arena; text may point into `text`, which must live as
 * long.
 */
int json_read(struct arena *arena, const struct limits *limits, struct str text, struct body *body,
    struct error *error) MUST_CHECK;

/*
 * Reads JSON that this program has written or stored: columns of JSON, files and output of its own.
 * The grammar is that of bodies, and so are repeated members; the limit is the arena's, and any
 * character may stand in it, since those of bodies were checked. Returns the root (NODE_NULL for
 * `null`), in the arena, with text that may point into `text`; NULL where this is no JSON, or the
 * arena is exhausted.
 */
const struct node *json_read_stored(struct arena *arena, struct str text);

/*
 * Reads a long text of JSON value by value, so that it need not be in memory as one tree: a list of
 * many objects, say. What stands in strings is as free as in json_read_stored(). Errors are
 * ERROR_MALFORMED, with line and column of the whole text.
 */
struct json_cursor {
	struct str text;
	size_t at;
};

/* Takes a byte order mark off and checks that the text is UTF-8. Returns 0, or -1. */
int json_cursor_open(struct json_cursor *cursor, struct str text, struct error *error) MUST_CHECK;

/* The next byte that is no blank, -1 at the end. The cursor stands on it then. */
int json_cursor_peek(struct json_cursor *cursor);

/* Moves behind that byte, which must be `byte`; `expected` names it in the error. */
int json_cursor_take(
    struct json_cursor *cursor, char byte, const char *expected, struct error *error) MUST_CHECK;

/*
 * Reads the value that begins at the cursor, and moves behind it. `limits` bound its values and
 * levels. The tree lives in the arena; its text may point into the cursor's.
 */
int json_cursor_read(struct json_cursor *cursor, struct arena *arena, const struct limits *limits,
    struct node **node, struct error *error) MUST_CHECK;

/*
 * What the root element must be. Children in another namespace than the root's are skipped.
 */
struct xml_root {
	const char *name;
	const char *xml_namespace; /* NULL = none */
};

/* XML: the root must be one of `roots`; refuses DOCTYPE, processing instructions, other encodings.
 */
int xml_read(struct arena *arena, const struct limits *limits, struct str text,
    const struct xml_root *roots, unsigned root_count, struct body *body,
    struct error *error) MUST_CHECK;

/*
 * application/x-www-form-urlencoded: "a", "a.b", "a[b]", "a[0]", "a[]" and repeated names become
 * objects and arrays. Of a repeated scalar all values are kept in order (the row reader takes the
 * first, a list takes all). An empty value is NODE_NULL. Limit: limits->parameters.
 */
int form_read(struct arena *arena, const struct limits *limits, struct str text, struct body *body,
    struct error *error) MUST_CHECK;

/* Decodes %XX and '+' (when `plus` is set) into the arena; bad escapes stay as they are. */
struct str form_decode(struct arena *arena, struct str text, bool plus);

#endif
