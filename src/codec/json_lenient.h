/*
 * JSON with what JavaScript allows besides, for callers that cannot be changed: comments, texts in
 * single quotes or of several lines, names without quotes, and a comma behind the last member or
 * item.
 */
#ifndef CLIENTELE_CODEC_JSON_LENIENT_H
#define CLIENTELE_CODEC_JSON_LENIENT_H

#include "base/arena.h"

/*
 * The same text in strict JSON, in the arena; data == NULL when that is exhausted. Everything else
 * that is not JSON stays as it is, for json_read() to refuse. Lines stay the same, and so do
 * columns but for quotes that are added or must be escaped.
 */
struct str json_make_strict(struct arena *arena, struct str text);

#endif
