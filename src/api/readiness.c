/*
 * Whether the database fits this program, and what other nodes have done.
 */
#include "api/contracts.h"
#include "api/service_state.h"
#include "auth/sealing.h"
#include "record/fetch.h"
#include "record/key_ring.h"
#include "record/subscription.h"

/* A worker may ask just before its turn and then not before its next idle moment: twice this is
 * the longest that a revocation on another node goes unseen. */
#define POLL_INTERVAL (MICROSECONDS_PER_SECOND / 2)

/* So that a misspelt column stops a worker and not a customer. */
static int try_resources(struct service *service, const struct resource *const *resources,
    unsigned count, struct error *error)
{
	for (unsigned i = 0; i < count; i++) {
		if (resources[i]->table != NULL &&
		    record_try(service->database, service->arena, resources[i], error) != 0)
			return -1;
	}
	return 0;
}

static int try_all(struct service *service, struct error *error)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		const struct family *family = &contracts[i]->family;

		if (try_resources(service, family->resources, family->resource_count, error) != 0 ||
		    try_resources(service, family->views, family->view_count, error) != 0)
			return -1;
	}
	return 0;
}

int readiness_prepare(struct service *service, struct error *error)
{
	int version;

	if (service->prepared)
		return 0;
	if (database_ready(service->database, error) != 0)
		return -1;
	if (database_check_schema(service->database, &version, error) != 0)
		return -1;
	if (try_all(service, error) != 0 && error->code == ERROR_INTERNAL)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "the schema has version %d, but does not fit this program: %s", version,
		    error->detail != NULL ? error->detail : "out of memory");
	if (error->code != ERROR_NONE)
		return -1;
	if (sealing_fits(service->database, service->settings, service->arena, error) != 0)
		return -1;
	service->prepared = true;
	service->complained = false;
	database_count_reset(service->database);
	return 0;
}

int readiness_follow_nodes(struct service *service, struct error *error)
{
	if (!database_connected(service->database) ||
	    !epoch_claim_poll(service->epoch, timestamp_monotonic(), POLL_INTERVAL))
		return 0;
	if (revocation_follow(service->epoch, service->database, service->arena, error) != 0)
		return -1;
	return database_follow_history(service->database, error);
}

/* A worker that was quiet may have seen no revocation for seconds. */
int readiness_ensure(struct service *service, struct error *error)
{
	if (readiness_prepare(service, error) != 0)
		return -1;
	if (readiness_follow_nodes(service, error) != 0)
		error_clear(error); /* the request will meet it, if it needs the database */
	if (subscriptions_refresh(
		service->subscriptions, service->database, service->arena, error) != 0)
		error_clear(error); /* so will a change */
	if (key_ring_refresh(service->key_ring, service->database, service->arena, error) != 0)
		error_clear(error);
	database_count_reset(service->database);
	return 0;
}
