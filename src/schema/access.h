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
	ACCESS_KEY, /* an API key or access token that may do it in the route's area */
	/* One that may read something: the handler answers what is seen. */
	ACCESS_SIGHT,
	ACCESS_PUBLIC, /* anybody; no credential is looked at */
	/* Whoever knows the identifier of a group; a key besides where discovery_auth says so. */
	ACCESS_GROUP,
	ACCESS_CLIENT,        /* an API client by its secret, which the handler checks */
	ACCESS_KEY_OR_CLIENT, /* as ACCESS_KEY; without any key or token as ACCESS_CLIENT */
	ACCESS_REGISTRATION,  /* a token of RFC 7591 or 7592, which the handler checks */
	/* Whoever has a license's own key, which the handler checks; a key as client_auth says. */
	ACCESS_USER_KEY,
	/* Whoever has signed in with a browser, by the cookie alone, whatever the roles: it is
	 * about that session and its user. */
	ACCESS_SESSION,
	ACCESS_OPERATOR, /* addresses of the option operator_networks; no credential */
	/* A hosting account's own key, which is a credential nowhere else, for its own rows alone.
	 */
	ACCESS_ACCOUNT,
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

/*
 * Areas: identifier, name, title, what is done to members of a body that are not known, and what
 * belongs there. They are skipped as callers of old programs expect; where a body decides who may
 * do what, a misspelt bound would be no bound: there they are faults.
 */
/* clang-format off */
#define AREAS(row) \
	row(DISCOVERY, "discovery", "Discovery", SKIPPED)  /* hello and group synchronisation */ \
	/* API clients, keys, users, roles, settings */ \
	row(CREDENTIALS, "credentials", "Users and keys", FAULTS) \
	row(DELEGATES, "delegates", "Delegate groups", SKIPPED) \
	row(HOSTING, "hosting", "Hosting accounts", SKIPPED) \
	row(LICENSES, "licenses", "Licenses", SKIPPED)     /* licenses, tokens, traces, templates */ \
	row(PRODUCTS, "products", "Products", SKIPPED)     /* products, releases, assemblies, reports */ \
	row(RESOURCES, "resources", "Resources", SKIPPED) \
	row(CUSTOMERS, "customers", "Customers", SKIPPED)  /* customers, contacts */ \
	row(ORDERS, "orders", "Orders", SKIPPED) \
	row(LOG, "log", "Logs", SKIPPED) \
	row(OWN, "own", "Own rows", SKIPPED)               /* a customer's own record, orders and licenses */ \
	/* activate, validate, heartbeat, release, report */ \
	row(ACTIVATION, "activation", "Activation", SKIPPED) \
	row(MAIL, "mail", "Mail", SKIPPED)                 /* mail with a stored text */ \
	row(FREE_MAIL, "freeMail", "Mail", SKIPPED)        /* mail with a text of the caller's own */ \
	row(AUDIT, "audit", "Logs", SKIPPED)               /* the audit log, for administrators alone */ \
	row(WEBHOOKS, "webhooks", "Webhooks", FAULTS)      /* who is told of changes */ \
	/* what licenses are signed with */ \
	row(SIGNING_KEYS, "signingKeys", "Signing keys", FAULTS) \
	/* accounts that users belong to, and users as their managers see them */ \
	row(ACCOUNTS, "accounts", "Accounts", FAULTS) \
	/* the groups that a user is a delegate of, with their delegates and clients */ \
	row(OWN_GROUPS, "ownGroups", "Own groups", SKIPPED)

#define AREA_ENUMERATOR(id, name, title, unknown) AREA_##id,
enum area {
	AREA_NONE, /* forgotten: no role may do anything there */
	AREAS(AREA_ENUMERATOR)
	AREA__MAX
};
/* clang-format on */

/*
 * Whose own rows a resource may have, which then sees no others: identifier, the area whose
 * permissions say what may be done to them (AREA_NONE = the credential alone says it, which is for
 * routes of ACCESS_ACCOUNT), who that is, and what the rows are called. What they
 * are found by, auth/principal.h says.
 */
/* clang-format off */
#define OWNER_KINDS(row) \
	row(CUSTOMER, AREA_OWN, "customer", "a customer's own rows") \
	row(DELEGATE, AREA_OWN_GROUPS, "delegate", "a delegate's own groups") \
	row(HOSTING, AREA_NONE, "account", "an account's own rows")

#define OWNER_ENUMERATOR(id, area, name, rows) OWNER_##id,
enum owner {
	OWNER_NOBODY,
	OWNER_KINDS(OWNER_ENUMERATOR)
	OWNER__MAX
};
/* clang-format on */

/* AREA_NONE for OWNER_NOBODY. */
enum area owner_area(enum owner owner);

/* "customer", and "a customer's own rows"; NULL for OWNER_NOBODY. */
const char *owner_name(enum owner owner);
const char *owner_rows(enum owner owner);

/* Who may call it, in a word or two: "user key". */
const char *access_name(enum access access);

/* Name of one permission: "read". NULL for none, and for several. */
const char *permission_name(enum permission permission);

/* Name of an area for the command line and documentation; NULL for AREA_NONE. */
const char *area_name(enum area area);

/* The same for people who read documentation: "Signing keys". */
const char *area_title(enum area area);

/* Whether members of a body that are not known are skipped; else they are faults. */
bool area_skips_unknown(enum area area);

#endif
