#include "schema/access.h"

/* What is not named here decides who may do what, or is forgotten. */
static const bool skips_unknown[AREA__MAX] = {
	[AREA_DISCOVERY] = true,
	[AREA_DELEGATES] = true,
	[AREA_HOSTING] = true,
	[AREA_LICENSES] = true,
	[AREA_PRODUCTS] = true,
	[AREA_RESOURCES] = true,
	[AREA_CUSTOMERS] = true,
	[AREA_ORDERS] = true,
	[AREA_LOG] = true,
	[AREA_OWN] = true,
	[AREA_ACTIVATION] = true,
	[AREA_MAIL] = true,
	[AREA_FREE_MAIL] = true,
};

bool area_skips_unknown(enum area area)
{
	return skips_unknown[area];
}
