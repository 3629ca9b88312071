/*
 * Cursors: where a page ended, as text that callers hand back and cannot look into. They hold
 * values of the last row, so they are sealed, under a key that all nodes have: any of them reads
 * what another one has made, before and after a restart. A cursor only says where to go on: each
 * page asks anew what its caller may see, so that it does not matter whose it was.
 */
#ifndef CLIENTELE_QUERY_CURSOR_H
#define CLIENTELE_QUERY_CURSOR_H

#include "base/seal.h"
#include "query/sort.h"
#include "schema/value.h"

#define CURSOR_TEXT_MAX 4096

/* Values of the sort keys in the last row of a page. */
struct cursor {
	struct value values[SORT_KEYS_MAX];
};

/* Mixes one text of what a list asks for into the number that its cursors carry. Begin with 0. */
uint64_t cursor_identify(uint64_t identity, struct str text);

/* Room for the texts of a cursor. */
struct cursor_texts {
	char bytes[SORT_BYTES_MAX];
};

/*
 * Makes `cursor`, which was read from a row, live as long as `texts`. False, and nothing, where
 * they are longer than a sort lets them be.
 */
bool cursor_keep(
    const struct sort *sort, struct cursor *cursor, struct cursor_texts *texts) MUST_CHECK;

/*
 * Text of a cursor in the arena: base64url. The values are those that the rows were sorted by:
 * texts of at most sort->keys[].text_max characters. data == NULL when the arena is exhausted.
 */
struct str cursor_print(const struct seal_keys *keys, struct arena *arena, uint64_t identity,
    const struct sort *sort, const struct cursor *cursor);

/*
 * Reads a cursor that was made for the same identity and sort. Returns 0, or -1 with a fault of the
 * parameter "after", or ERROR_UNAVAILABLE without memory.
 */
int cursor_read(struct seal_keys *keys, struct arena *arena, struct str text, uint64_t identity,
    const struct sort *sort, struct cursor *cursor, struct error *error) MUST_CHECK;

#endif
