/*
 * Words of the tables for who may do what: what routes and resources are about, what is done to
 * them, and who may call at all. Which role may do what in which area stands in auth/role.c.
 */
#ifndef CLIENTELE_SCHEMA_ACCESS_H
#define CLIENTELE_SCHEMA_ACCESS_H

#include <stdbool.h>

#include "base/flags.h"

/*
 * Who may call a route. A route that says nothing wants a key: api/admission.c lets nobody else in,
 * and a handler has a caller (operation.context.actor.principal) unless its route's row says
 * otherwise.
 */
enum access {
	ACCESS_KEY,    /* an API key or access token that may do it in the route's area */
	ACCESS_PUBLIC, /* anybody; no credential is looked at */
	/* Whoever knows the identifier of a group; a key besides where discovery_auth says so. */
	ACCESS_GROUP,
	ACCESS_CLIENT,        /* an API client by its secret, which the handler checks */
	ACCESS_KEY_OR_CLIENT, /* as ACCESS_KEY; without any key or token as ACCESS_CLIENT */
	ACCESS_REGISTRATION,  /* a token of RFC 7591 or 7592, which the handler checks */
	ACCESS_OPERATOR,      /* addresses of the option operator_networks; no credential */
	ACCESS__MAX
};

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
	AREA_LICENSES, /* licenses, tokens, traces, templates */
	AREA_PRODUCTS, /* products, releases, assemblies, reports */
	AREA_RESOURCES,
	AREA_CUSTOMERS, /* customers, contacts */
	AREA_ORDERS,
	AREA_LOG,
	AREA_OWN,        /* a customer's own record, orders and licenses */
	AREA_ACTIVATION, /* activate, validate, heartbeat, release, report */
	AREA_MAIL,       /* mail with a stored text */
	AREA_FREE_MAIL,  /* mail with a text of the caller's own */
	AREA__MAX
};

/*
 * Whether members of a body that are not known are skipped, as callers of old programs expect.
 * Where a body decides who may do what, a misspelt bound would be no bound: there they are faults.
 */
bool area_skips_unknown(enum area area);

#endif
