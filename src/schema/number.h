/*
 * Numbers as callers write them. The grammar is JSON's with an optional sign in front, in every
 * format: 7.7, -1e3, +0.00001. Everything here is decimal arithmetic on the text: a number is never
 * turned into a binary fraction on its way to a column that is exact.
 */
#ifndef CLIENTELE_SCHEMA_NUMBER_H
#define CLIENTELE_SCHEMA_NUMBER_H

#include "base/arena.h"
#include "base/str.h"

/* DECIMAL(19,4): digits before and after the point. */
#define NUMBER_WHOLE_DIGITS 15
#define NUMBER_PLACES 4

/* Places of a comparison's literal, which is not stored. */
#define NUMBER_PLACES_COMPARED 15

/* Whether the text is a number. No blanks around it. */
bool number_is_valid(struct str text);

/*
 * The shortest text of a number in the arena, rounded half to even to NUMBER_PLACES. Returns false
 * when it is no number, is too large for the column, or memory is out.
 */
bool number_round(struct arena *arena, struct str text, struct str *decimal);

/*
 * The same for a literal that stored numbers are compared with: it keeps NUMBER_PLACES, and beyond
 * them as many digits as a double holds for sure (15 in all), so that what a program has computed
 * (0.1 + 0.2 = 0.30000000000000004) equals what it means.
 */
bool number_round_literal(struct arena *arena, struct str text, struct str *decimal);

/* A whole number, also as 1e3 or 5.0. False when it is none or needs more than 64 bits. */
bool number_to_int64(struct str text, int64_t *number);

#endif
