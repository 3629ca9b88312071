/*
 * All kinds of rows that grow old by themselves.
 */
#ifndef CLIENTELE_API_EXPIRY_KINDS_H
#define CLIENTELE_API_EXPIRY_KINDS_H

#include "record/expiry.h"

/*
 * All of them, in the order in which they are to go: what others refer to comes after these. The
 * list is made in the arena; NULL when that is exhausted.
 */
const struct expiry *expiry_kinds(struct arena *arena, unsigned *count);

#endif
