/*
 * Cursors: where a page ended, as text that callers hand back without looking into it.
 */
#ifndef CLIENTELE_QUERY_CURSOR_H
#define CLIENTELE_QUERY_CURSOR_H

#include "query/sort.h"
#include "schema/value.h"

#define CURSOR_TEXT_MAX 4096

/* Values of the sort keys in the last row of a page. */
struct cursor {
	struct value values[SORT_KEYS_MAX];
};

/* Mixes one text of what a list asks for into the number that its cursors carry. Begin with 0. */
uint64_t cursor_identify(uint64_t identity, struct str text);

/*
 * Text of a cursor in the arena: base64url. data == NULL when it would be longer than
 * CURSOR_TEXT_MAX or the arena is exhausted.
 */
struct str cursor_print(
    struct arena *arena, uint64_t identity, const struct sort *sort, const struct cursor *cursor);

/*
 * Reads a cursor that was made for the same identity and sort. Returns 0, or -1 with a fault of the
 * parameter "after".
 */
int cursor_read(struct arena *arena, struct str text, uint64_t identity, const struct sort *sort,
    struct cursor *cursor, struct error *error) MUST_CHECK;

#endif
