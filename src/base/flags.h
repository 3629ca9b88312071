/*
 * Enumerations of flags: no two of one enumeration may share a bit. Each enumeration has beside it
 * a list of all its flags, joined by an operator that the list is given:
 *
 *	#define PLACE_FLAGS(op) (PLACE_LEFT op PLACE_RIGHT)
 *	ASSERT_FLAGS_DISTINCT(PLACE_FLAGS);
 *
 * scripts/check-flags finds a flag that its list leaves out.
 */
#ifndef CLIENTELE_BASE_FLAGS_H
#define CLIENTELE_BASE_FLAGS_H

/* Does not compile when two flags share a bit: their sum is then another number than their union.
 */
#define ASSERT_FLAGS_DISTINCT(list) \
	_Static_assert(list(|) == list(+), "two flags of one enumeration share a bit")

#endif
