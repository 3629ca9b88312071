#include "schema/order.h"

/* True when every row has a value there, and the mask has the field. */
static bool has_value(const struct resource *resource, uint64_t mask, const char *member)
{
	int number = resource_field(resource, member);

	return number >= 0 && (mask & FIELD_BIT(number)) &&
	       (resource->fields[number].flags & (FIELD_KEY | FIELD_REQUIRED | FIELD_NOT_NULL));
}

static bool has_keys(const struct resource *resource, uint64_t mask)
{
	bool found = false;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (!(resource->fields[i].flags & FIELD_KEY))
			continue;
		if (!(mask & FIELD_BIT(i)))
			return false;
		found = true;
	}
	return found;
}

bool order_is_total(const struct resource *resource, uint64_t mask)
{
	for (unsigned i = 0; i < resource->unique_count; i++) {
		const struct unique_key *unique = &resource->uniques[i];

		if ((unique->alone ||
			(unique->within != NULL && has_value(resource, mask, unique->within))) &&
		    has_value(resource, mask, unique->member))
			return true;
	}
	return has_keys(resource, mask);
}

static void append_field(struct field_order *order, unsigned number, bool descending)
{
	if (order->count < ORDER_FIELDS_MAX)
		order->fields[order->count++] = (struct order_field){ number, descending };
}

static void append_keys(const struct resource *resource, uint64_t mask, struct field_order *order)
{
	bool descending = order->count > 0 && order->fields[order->count - 1].descending;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if ((resource->fields[i].flags & FIELD_KEY) && !(mask & FIELD_BIT(i)))
			append_field(order, i, descending);
	}
}

void order_own(const struct resource *resource, uint64_t same, struct field_order *order)
{
	order->count = 0;
	for (const struct order *next = resource->order_by; next != NULL && next->member != NULL;
	     next++) {
		unsigned number = resource_member(resource, next->member);

		if (order_is_total(resource, same))
			return;
		if (same & FIELD_BIT(number))
			continue;
		append_field(order, number, next->descending);
		same |= FIELD_BIT(number);
	}
	if (!order_is_total(resource, same))
		append_keys(resource, same, order);
}
