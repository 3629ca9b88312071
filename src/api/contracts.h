/*
 * All contracts, in the order in which paths are tried. The first one lends its error shape to
 * paths that belong to none.
 */
#ifndef CLIENTELE_API_CONTRACTS_H
#define CLIENTELE_API_CONTRACTS_H

#include "op/contract.h"

extern const struct contract discovery_contract;
extern const struct contract credentials_contract;
extern const struct contract delegates_contract;
extern const struct contract hosting_contract;
extern const struct contract licensing_contract;
extern const struct contract activation_contract; /* what programs call, below /v1/license */
extern const struct contract oauth_contract;
extern const struct contract operational_contract; /* /healthz, /readyz, /metrics */

/* The table of all of them; `*count` is set. */
const struct contract *const *contracts_all(unsigned *count);

/* The family that shows a resource first; NULL when none does. */
const struct family *contracts_family(const struct resource *resource);

/* The routes of all families, numbered from 1 on in the order of the tables. */
unsigned contracts_route_number(const struct contract *contract, const struct route *route);

/* Route number `number`, NULL when there is none. */
const struct route *contracts_route(unsigned number);

#endif
