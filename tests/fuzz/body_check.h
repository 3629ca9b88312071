/*
 * What must hold for every result of a body reader, whatever it was given.
 */
#ifndef CLIENTELE_TEST_BODY_CHECK_H
#define CLIENTELE_TEST_BODY_CHECK_H

#include "codec/reader.h"

typedef int body_reader(struct arena *arena, const struct limits *limits, struct str text,
    struct body *body, struct error *error);

/*
 * Reads one input and aborts unless the result is an error with a message, or a tree within the
 * limits that is linked correctly and holds only valid UTF-8 without NUL.
 */
void body_check_reader(body_reader *reader, enum body_format format, struct str text);

#endif
