/*
 * The word that somebody may have meant: the nearest of those that there are.
 */
#ifndef CLIENTELE_BASE_NEAREST_H
#define CLIENTELE_BASE_NEAREST_H

#include "base/str.h"

#define NEAREST_WORD_MAX 64 /* bytes; no longer word is compared */

/* Begin with only `word` set, and offer each candidate. */
struct nearest {
	struct str word;
	struct str best;   /* data == NULL = none so far */
	unsigned distance; /* of `best` */
};

/*
 * Takes the candidate when it is nearer than those before: by nearest_distance(), but where one
 * word begins with the other the distance is 1 at most. Text is not copied.
 */
void nearest_offer(struct nearest *nearest, struct str candidate);

/* Whether the best one was meant, as far as one can tell: at most a third of its letters differ. */
bool nearest_is_likely(const struct nearest *nearest);

/*
 * How many letters must be put in, left out, replaced, or swapped with their neighbour to get from
 * one word to the other; ASCII letters folded. UINT_MAX when one is longer than NEAREST_WORD_MAX.
 */
unsigned nearest_distance(struct str a, struct str b);

#endif
