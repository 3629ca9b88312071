/*
 * Who may do what: one table of roles, areas and permission bits.
 */
#ifndef CLIENTELE_AUTH_ROLE_H
#define CLIENTELE_AUTH_ROLE_H

#include "base/arena.h"
#include "base/uuid.h"
#include "schema/access.h"

struct role {
	const char *name;
	const char *id; /* GUID, the same on every installation */
	const char *doc;
	uint8_t permissions[AREA__MAX]; /* enum permission bits */
};

/* All roles, in the order of their bits in a mask; `*count` is set. */
const struct role *role_table(unsigned *count);

/* Number of the role called `name` (ASCII letters folded), or -1. */
int role_find(struct str name);

/* The bit of the role with that identifier in a mask; 0 when there is none. */
uint32_t role_bit(const struct uuid *id);

/*
 * The names of a set of roles (bit i = role i) as a JSON list, in the arena. data == NULL when it
 * is exhausted.
 */
struct str role_names(struct arena *arena, uint32_t set);

/* Union of what a set of roles (bit i = role i) may do in an area. */
uint8_t role_permissions(uint32_t roles, enum area area);

#endif
