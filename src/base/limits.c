#include "base/limits.h"

/* A client as it is answered: 14 values, and attributes that say null; a few hundred bytes, more in
 * XML and with long names. */
#define ITEM_VALUES 24
#define ITEM_BYTES 2048

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

struct limits limits_of_list(const struct limits *limits)
{
	struct limits grown = *limits;

	grown.body_values = larger(limits->body_values, limits->group_clients * ITEM_VALUES);
	grown.body_bytes = larger(limits->body_bytes, limits->group_clients * ITEM_BYTES);
	return grown;
}
