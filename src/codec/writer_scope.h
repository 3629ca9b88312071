/*
 * What the writers of the formats share: objects and arrays that are open.
 */
#ifndef CLIENTELE_CODEC_WRITER_SCOPE_H
#define CLIENTELE_CODEC_WRITER_SCOPE_H

#include "codec/writer.h"

/* The innermost object or array that is open; NULL at the root. */
struct writer_scope *writer_scope(struct writer *writer);

/* Opens one more, with nothing in it. Deeper than WRITER_DEPTH_MAX the document has failed. */
void writer_scope_push(struct writer *writer, struct writer_scope inner);

#endif
