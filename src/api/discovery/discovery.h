/*
 * Resources and operations of the discovery family.
 */
#ifndef CLIENTELE_API_DISCOVERY_DISCOVERY_H
#define CLIENTELE_API_DISCOVERY_DISCOVERY_H

#include "op/operation.h"

extern const struct resource discovery_group_resource;
extern const struct resource discovery_client_resource;
extern const struct resource discovery_association_resource;
extern const struct resource discovery_hello_resource;    /* body of a hello */
extern const struct resource discovery_item_resource;     /* item of the synchronisation's body */
extern const struct resource discovery_response_resource; /* answer to both */

/* Rules of what only the administrator makes. */
extern const struct record discovery_association_record;

/* Members of discovery_association_resource. */
enum discovery_association {
	DISCOVERY_ASSOCIATION_ID,
	DISCOVERY_ASSOCIATION_CLIENT,
	DISCOVERY_ASSOCIATION_ASSOCIATED,
	DISCOVERY_ASSOCIATION__MAX
};

/* Members of discovery_client_resource. */
enum discovery_client {
	DISCOVERY_CLIENT_ID,
	DISCOVERY_CLIENT_CODE,
	DISCOVERY_CLIENT_TOKEN,
	DISCOVERY_CLIENT_ADDED_AT,
	DISCOVERY_CLIENT_UPDATED_AT,
	DISCOVERY_CLIENT_APP_NAME,
	DISCOVERY_CLIENT_APP_VERSION,
	DISCOVERY_CLIENT_GROUP_ID,
	DISCOVERY_CLIENT_GROUP,
	DISCOVERY_CLIENT_IP_ADDRESS,
	DISCOVERY_CLIENT_PORT,
	DISCOVERY_CLIENT__MAX
};

/* Members of discovery_item_resource that code addresses. */
enum discovery_item {
	ITEM_ID,
	ITEM_CLIENT_CODE,
	ITEM_TOKEN,
	ITEM_APP_NAME,
	ITEM_APP_VERSION,
	ITEM_GROUP_ID,
	ITEM_GROUP,
	ITEM_IP_ADDRESS,
	ITEM_PORT,
	ITEM__MAX
};

/* Length of the tokens made for clients, in characters. */
#define DISCOVERY_TOKEN_LENGTH 32

/*
 * POST /api/ClientHello: stores who the caller is and where it can be reached; answers with all
 * clients of its group, the group, and the caller's associations.
 */
int discovery_hello(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * POST /api/ClientAddOrUpdateOrRemoveClients: the body is the full set of one group; clients are
 * added, updated and removed until the group is that set. Answers as a hello, with the associations
 * of all.
 */
int discovery_synchronise(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * Reads what callers learn of a group into a row of discovery_response_resource, for
 * operation_answer_row() after the commit: `caller` is the code of the client whose associations
 * are shown, empty for those of all. ERROR_NOT_FOUND where there is no such group; errors as
 * record_follow().
 */
int discovery_fetch(struct operation *operation, const struct uuid *group, struct str caller,
    struct row **answer, struct error *error) MUST_CHECK;

/* Keys that name the clients of a group; NULL when the arena is exhausted. */
struct row *discovery_clients_of(struct arena *arena, const struct uuid *group);

/* The clients in such a row. */
const struct row_list *discovery_clients(const struct row *answer);

/* ERROR_INVALID for the member at `path` when a group of `count` clients is too large. */
int discovery_check_size(const struct operation *operation, const char *path, unsigned count,
    struct error *error) MUST_CHECK;

#endif
