/*
 * All families, in the order in which paths are tried. The first one lends its error shape to paths
 * that belong to none.
 */
#ifndef CLIENTELE_API_FAMILIES_H
#define CLIENTELE_API_FAMILIES_H

#include "schema/family.h"

extern const struct family discovery_family;
extern const struct family credentials_family;
extern const struct family delegates_family;
extern const struct family hosting_family;
extern const struct family licensing_family;
extern const struct family oauth_family;
extern const struct family operational_family; /* /healthz, /readyz, /metrics */

/* The table of all of them; `*count` is set. */
const struct family *const *families_table(unsigned *count);

/* The routes of all families, numbered from 1 on in the order of the tables. */
unsigned families_route_number(const struct family *family, const struct route *route);

/* Route number `number`, NULL when there is none. */
const struct route *families_route(unsigned number);

#endif
