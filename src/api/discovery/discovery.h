/*
 * Resources and operations of the discovery family.
 */
#ifndef CLIENTELE_API_DISCOVERY_DISCOVERY_H
#define CLIENTELE_API_DISCOVERY_DISCOVERY_H

#include "api/discovery/presence.h"
#include "op/operation.h"

extern const struct resource discovery_group_resource;
extern const struct resource discovery_client_resource;
extern const struct resource discovery_association_resource;
extern const struct resource discovery_hello_resource;     /* body of a hello */
extern const struct resource discovery_heartbeat_resource; /* body of a heartbeat */
extern const struct resource discovery_item_resource;      /* item of the synchronisation's body */
extern const struct resource discovery_removed_resource;   /* a client that has left */
extern const struct resource discovery_response_resource;  /* answer to all of them */

/* Rules of what only the administrator makes, and of clients that leave. */
extern const struct record discovery_association_record;
extern const struct record discovery_client_record;
/* Of clients that another service knew: with their identifiers, tokens and times. */
extern const struct record discovery_moved_client_record;

/* Other events of discovery_client_resource than that a client is there, changed or deleted. */
#define DISCOVERY_HAPPENING_GONE "gone"
#define DISCOVERY_HAPPENING_RETURNED "returned"
#define DISCOVERY_HAPPENING_OUT_OF_SERVICE "out_of_service"
#define DISCOVERY_HAPPENING_IN_SERVICE "in_service"

/* Members of discovery_group_resource. */
enum discovery_group { DISCOVERY_GROUP_ID, DISCOVERY_GROUP_NAME, DISCOVERY_GROUP__MAX };

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
	DISCOVERY_CLIENT_STATE, /* the following where somebody asks for details */
	DISCOVERY_CLIENT_EXPIRES_AT,
	DISCOVERY_CLIENT_STATUS,
	DISCOVERY_CLIENT_NOTE,
	DISCOVERY_CLIENT_OUT_OF_SERVICE,
	DISCOVERY_CLIENT_VERSION, /* hidden */
	DISCOVERY_CLIENT_GONE_AT,
	DISCOVERY_CLIENT__MAX
};

/* Members of discovery_hello_resource. */
enum discovery_hello {
	HELLO_CLIENT_CODE,
	HELLO_GROUP_ID,
	HELLO_APP_NAME,
	HELLO_APP_VERSION,
	HELLO_IP_ADDRESS,
	HELLO_PORT,
	HELLO_STATUS,
	HELLO_NOTE,
	HELLO__MAX
};

/* Members of discovery_heartbeat_resource. */
enum discovery_heartbeat { HEARTBEAT_STATUS, HEARTBEAT_NOTE, HEARTBEAT__MAX };

/* Members of discovery_removed_resource. */
enum discovery_removed {
	DISCOVERY_REMOVED_GROUP_ID,
	DISCOVERY_REMOVED_VERSION,
	DISCOVERY_REMOVED_ID,
	DISCOVERY_REMOVED_CODE,
	DISCOVERY_REMOVED__MAX
};

/* Members of discovery_response_resource, in the order of its table. */
enum discovery_response {
	RESPONSE_CLIENTS,
	RESPONSE_GROUPS,
	RESPONSE_ASSOCIATIONS,
	RESPONSE_VERSION, /* the following where somebody asks for details */
	RESPONSE_COMPLETE,
	RESPONSE_INTERVAL,
	RESPONSE_REMOVED,
	RESPONSE_GROUP_ID, /* hidden: whose rows the lists hold */
	RESPONSE_CALLER_ID,
	RESPONSE__MAX
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

/* Shortest token that names a client in a path: a shorter one could be guessed. */
#define DISCOVERY_TOKEN_LEAST 16

/*
 * POST /api/ClientHello: stores who the caller is and where it can be reached; answers with all
 * clients of its group, the group, and the caller's associations, or with what has changed since
 * the version that the caller knows.
 */
int discovery_hello(struct operation *operation, struct error *error) MUST_CHECK;

/* PUT /api/ClientHello/{token}: a hello of a client that says of itself what it has said before. */
int discovery_heartbeat(struct operation *operation, struct error *error) MUST_CHECK;

/* DELETE /api/ClientHello/{token}: a client leaves its group. */
int discovery_leave(struct operation *operation, struct error *error) MUST_CHECK;

/* Stores a hello (a row of discovery_hello_resource) and answers it; `known`: of no new client. */
int discovery_greet(struct operation *operation, const struct row *hello, bool known,
    struct error *error) MUST_CHECK;

/*
 * POST /api/ClientAddOrUpdateOrRemoveClients: the body is the full set of one group; clients are
 * added, updated and removed until the group is that set. Answers as a hello, with the associations
 * of all.
 */
int discovery_synchronise(struct operation *operation, struct error *error) MUST_CHECK;

/* What a caller is to learn of a group. */
struct discovery_view {
	const struct presence *presence; /* read before anything else of the group */
	const struct uuid *caller;       /* client whose associations are shown; NULL = of all */
	bool details;                    /* members that the reference has not */
	bool changes;                    /* only what has changed since a version */
	int64_t since;
};

/*
 * Reads it into a row of discovery_response_resource, for operation_answer_row() after the commit,
 * which shows times in the zone of the group from then on. Errors as record_follow().
 */
int discovery_fetch(struct operation *operation, const struct discovery_view *view,
    struct row **answer, struct error *error) MUST_CHECK;

/* Keys that name the clients of a group; NULL when the arena is exhausted. */
struct row *discovery_clients_of(struct arena *arena, const struct uuid *group);

/* Members of a client with details, its group left out. */
uint64_t discovery_client_details(void);

/* The clients in such an answer. */
const struct row_list *discovery_clients(const struct row *answer);

/* ERROR_INVALID for the member at `path` when a group of `count` clients is too large. */
int discovery_check_size(const struct operation *operation, const char *path, int64_t count,
    struct error *error) MUST_CHECK;

#endif
