/*
 * Words of the tables for who may do what: what routes and resources are about, what is done to
 * them, and who may call at all. Which role may do what in which area stands in auth/role.c.
 */
#ifndef CLIENTELE_SCHEMA_ACCESS_H
#define CLIENTELE_SCHEMA_ACCESS_H

#include "base/flags.h"

#define PERMISSION_FLAGS(op) \
	(PERMISSION_READ op PERMISSION_UPDATE op PERMISSION_DELETE op PERMISSION_CREATE)

enum permission {
	PERMISSION_READ = 1u << 0,
	PERMISSION_UPDATE = 1u << 1,
	PERMISSION_DELETE = 1u << 2,
	PERMISSION_CREATE = 1u << 3,
	PERMISSION_ALL = PERMISSION_FLAGS(|),
};

ASSERT_FLAGS_DISTINCT(PERMISSION_FLAGS);

enum area {
	AREA_NONE,        /* forgotten: no role may do anything there */
	AREA_DISCOVERY,   /* hello and group synchronisation */
	AREA_CREDENTIALS, /* API clients, keys, users, roles, settings */
	AREA_DELEGATES,
	AREA_HOSTING,
	AREA_LICENSES, /* licences, tokens, traces, templates */
	AREA_PRODUCTS, /* products, releases, assemblies, reports */
	AREA_RESOURCES,
	AREA_CUSTOMERS, /* customers, contacts */
	AREA_ORDERS,
	AREA_LOG,
	AREA_OWN,        /* a customer's own record, orders and licences */
	AREA_ACTIVATION, /* activate, validate, heartbeat, release, report */
	AREA__MAX
};

#endif
