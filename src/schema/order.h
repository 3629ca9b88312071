/*
 * What lists are ordered by when nobody asks for an order.
 */
#ifndef CLIENTELE_SCHEMA_ORDER_H
#define CLIENTELE_SCHEMA_ORDER_H

#include "schema/resource.h"

#define ORDER_FIELDS_MAX 12

struct order_field {
	unsigned number; /* of the resource's field */
	bool descending;
};

struct field_order {
	struct order_field fields[ORDER_FIELDS_MAX];
	unsigned count;
};

/* True when no two rows are alike in all fields of the mask. */
bool order_is_total(const struct resource *resource, uint64_t mask);

/*
 * The resource's own order among rows that are alike in the fields of `same` (0 = among all), with
 * the key at its end, in the direction of what stands before it. It ends where no two rows are
 * alike: what would follow changes nothing, and keeps the database from reading along a unique
 * index.
 */
void order_own(const struct resource *resource, uint64_t same, struct field_order *order);

#endif
