/*
 * The whole program as one call per request: routes, credentials, limits, rules, database, answers.
 * The server calls it from its workers; the black box begins here.
 */
#ifndef CLIENTELE_API_SERVICE_H
#define CLIENTELE_API_SERVICE_H

#include "auth/epoch.h"
#include "auth/guard.h"
#include "base/error.h"
#include "base/settings.h"
#include "http/exchange.h"
#include "op/probe.h"

struct service;
struct host_seat;

/*
 * Makes what a worker keeps between requests: connection, statements, caches, arena. `epoch` is the
 * revocation counter shared by all processes, `guard` (configured) what they know together about
 * callers, `seat` the worker's part in what they know of database hosts (NULL = none). Does not
 * need the database to be up. NULL when there is no memory. All arguments must outlive it.
 */
struct service *service_new(const struct settings *settings, struct epoch *epoch,
    struct guard *guard, const struct host_seat *seat, const struct probe *probe);
void service_free(struct service *service);

/*
 * Answers one request: appends a CGI response ("Status: 200 OK\r\n…\r\n\r\nbody") to `out`. Always
 * answers; faults become error bodies.
 */
void service_handle(struct service *service, const struct exchange_input *input, struct buf *out,
    struct exchange_outcome *outcome);

/*
 * Whether another process will say at any moment which database host serves: service_idle() would
 * wait for that, as a request does.
 */
bool service_waits(struct service *service);

/*
 * What a worker does between requests, about twice a second and never on a request's path: sees
 * whether another node has revoked something, and prepares the default statements once the database
 * is there. A database that is away, or whose tables are not those of the program, is logged once:
 * requests answer 503 until it is mended. `error` is only room for what is on the way. Returns
 * whether all is well, so that a worker without requests may do it less often: each request looks
 * for revocations by itself where nobody has of late.
 */
bool service_idle(struct service *service, struct error *error);

#endif
