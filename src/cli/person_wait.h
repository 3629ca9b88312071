/*
 * Lines of an import that want a code which another person still has: they wait for the end of the
 * file, because that person may leave the code in a later line.
 */
#ifndef CLIENTELE_CLI_PERSON_WAIT_H
#define CLIENTELE_CLI_PERSON_WAIT_H

#include "cli/person.h"

struct person_wait {
	struct arena *arena; /* of the copies, and of their faults */
	struct person **persons;
	unsigned count, capacity;
	uint32_t *places; /* hash table by clientId: number of the latest line + 1, 0 = free */
	uint32_t place_count;
};

/* Returns false when there is no memory. Release with person_wait_end(), in either case. */
bool person_wait_begin(struct person_wait *wait);
void person_wait_end(struct person_wait *wait);

/* Copies a line. One of the same person that waits already is superseded. False without memory. */
bool person_wait_add(struct person_wait *wait, const struct person *person);

/* A later line of the person has been stored: one that waits is superseded. */
void person_wait_drop(struct person_wait *wait, const struct person *person);

#endif
