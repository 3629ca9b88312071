/*
 * What the parts of the service share: what a worker keeps between requests.
 */
#ifndef CLIENTELE_API_SERVICE_STATE_H
#define CLIENTELE_API_SERVICE_STATE_H

#include "api/admission.h"
#include "api/service.h"
#include "op/operation.h"
#include "op/router.h"

/* Bytes of a body that keep their memory for the next one. */
#define BODY_KEEP ((size_t)128 * 1024)

struct service {
	const struct settings *settings;
	const struct probe *probe;
	struct epoch *epoch;
	struct guard *guard;
	struct arena *arena;
	struct database *database;
	struct admission *admission;
	struct router *router;
	struct last_used *uses;
	struct subscriptions *subscriptions;
	struct key_ring *key_ring;
	struct later *later;
	struct response response;
	struct buf body;
	bool prepared;             /* the schema was found to fit, all tables of it */
	bool complained;           /* why they were not stands in the log */
	int64_t next_schema_check; /* monotonic; a migration may have shut this program out */
};

/* --- pipeline.c --- */

/* Gives back what the request before took, all but what ordinary ones need. */
void service_forget_request(struct service *service);

/* --- service.c --- */

/* Writes what is stored after the answers; false where it could not. */
bool service_write_later(struct service *service);

/* --- readiness.c --- */

/*
 * Makes sure, once per worker, that the database has the schema that the tables are written for: a
 * request must not find out by a statement that fails. ERROR_UNAVAILABLE when it has not.
 */
int readiness_prepare(struct service *service, struct error *error) MUST_CHECK;

/*
 * Reads what other nodes have revoked, and how far their history has come; one worker of the
 * machine looks, twice a second while there are requests. It is no query of a request.
 */
int readiness_follow_nodes(struct service *service, struct error *error) MUST_CHECK;

/* Both, before a request that needs the database. */
int readiness_ensure(struct service *service, struct error *error) MUST_CHECK;

/* --- report.c --- */

/* Tells the server what came of a request; `computed` is how many hashes there were before it. */
void report_outcome(const struct operation *operation, uint64_t computed, const struct error *error,
    struct exchange_outcome *outcome);

#endif
