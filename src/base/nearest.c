#include "base/nearest.h"

#include <limits.h>

#define BEGINNING_LEAST 3

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment, of which three rows are enough. */
unsigned nearest_distance(struct str a, struct str b)
{
	unsigned rows[3][NEAREST_WORD_MAX + 1];

	if (a.length > NEAREST_WORD_MAX || b.length > NEAREST_WORD_MAX)
		return UINT_MAX;
	for (unsigned j = 0; j <= b.length; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3],
			 *before = rows[(i + 1) % 3];
		char here = str_lower(a.data[i - 1]);

		row[0] = i;
		for (unsigned j = 1; j <= b.length; j++) {
			char there = str_lower(b.data[j - 1]);

			row[j] =
			    least(least(above[j], row[j - 1]) + 1, above[j - 1] + (here != there));
			if (i > 1 && j > 1 && here == str_lower(b.data[j - 2]) &&
			    there == str_lower(a.data[i - 2]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[a.length % 3][b.length];
}

/* A word that was cut short, or that goes on, is nearly the same. */
static bool begins_alike(struct str a, struct str b)
{
	return least((unsigned)a.length, (unsigned)b.length) >= BEGINNING_LEAST &&
	       (str_starts_with_ignore_case(a, b) || str_starts_with_ignore_case(b, a));
}

void nearest_offer(struct nearest *nearest, struct str candidate)
{
	unsigned distance = nearest_distance(nearest->word, candidate);

	if (distance != UINT_MAX && begins_alike(nearest->word, candidate))
		distance = least(distance, 1);
	if (distance == UINT_MAX || (nearest->best.data != NULL && distance >= nearest->distance))
		return;
	nearest->best = candidate;
	nearest->distance = distance;
}

bool nearest_is_likely(const struct nearest *nearest)
{
	return nearest->best.data != NULL &&
	       nearest->distance <= (unsigned)(nearest->best.length + 2) / 3;
}
