/*
 * Who may do what: one table of roles, areas and permission bits.
 */
#ifndef CLIENTELE_AUTH_ROLE_H
#define CLIENTELE_AUTH_ROLE_H

#include "base/flags.h"
#include "base/uuid.h"

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

/* What routes are about. */
enum area {
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

/* Name of an area for the command line and documentation. */
const char *role_area_name(enum area area);

/* Union of what a set of roles (bit i = role i) may do in an area. */
uint8_t role_permissions(uint32_t roles, enum area area);

#endif
