/*
 * Entity tags: what tells states of a row, and answers, apart. Operations ask for what concerns
 * them by op/operation.h.
 */
#ifndef CLIENTELE_OP_TAG_H
#define CLIENTELE_OP_TAG_H

#include "op/operation.h"

/*
 * The strong entity tag of a row, quotes included: a digest of its state, which is what every
 * ordinary answer shows and the lists that are written with it, and what tells answers of one state
 * apart: a letter for the format, a digest of all that this one shows where it is not the
 * ordinary one, and the zone of its times where that is not UTC. `row` has the state; `answered` is
 * the row as the answer shows it, and may be the same; `written` is that one as JSON where it
 * stands so in the answer, else empty. Lives in the arena; NULL when it cannot be made.
 */
const char *tag_of_row(const struct operation *operation, const struct row *row,
    const struct row *answered, struct str written);

/* The same of content that is no row. */
const char *tag_of_content(struct arena *arena, struct str content);

/*
 * Whether If-None-Match has the tag: of this very answer, format and all. A proxy that compresses
 * may have weakened it.
 */
bool tag_is_known(struct str header, struct str etag);

/* A copy of a row with no other members than those of `mask`; NULL when memory is out. */
struct row *tag_copy_members(struct arena *arena, const struct row *row, uint64_t mask);

#endif
