/*
 * What the three body readers share: opening the text and saying where a fault is.
 */
#ifndef CLIENTELE_CODEC_BODY_TEXT_H
#define CLIENTELE_CODEC_BODY_TEXT_H

#include "base/error.h"

/*
 * Takes a byte order mark off the front of `*text` and checks that the rest is valid UTF-8 of a
 * length that the parsers can take. `format` is the word for messages ("JSON"). Returns 0, or -1
 * with ERROR_MALFORMED.
 */
int body_text_open(struct str *text, const char *format, struct error *error) MUST_CHECK;

/* True when there is nothing but space, tab, CR and LF. */
bool body_text_is_blank(struct str text);

/*
 * Fills ERROR_MALFORMED with "Line 3, column 14 of the JSON body: <sentence>". Lines and columns
 * count from 1, columns in characters. `offset` is in bytes and is clipped to the text. Always
 * returns -1.
 */
int body_text_fail(struct str text, size_t offset, const char *format, struct error *error,
    const char *sentence, ...) __attribute__((format(printf, 5, 6)));

/* The same with "too many <what>; at most <most> are allowed." */
int body_text_fail_limit(struct str text, size_t offset, const char *format, struct error *error,
    const char *what, int64_t most);

/* The error of a body whose tree does not fit into the request's arena. Always returns -1. */
int body_text_too_large(const char *format, struct error *error);

#endif
