#include "api/contracts.h"
#include "api/service_state.h"

#include <stdlib.h>

#include "base/log.h"
#include "record/key_ring.h"
#include "record/later.h"
#include "record/subscription.h"

#define SCHEMA_INTERVAL (5 * MICROSECONDS_PER_SECOND)
#define ARENA_BLOCK (64 * 1024)

struct service *service_new(const struct settings *settings, struct epoch *epoch,
    struct guard *guard, const struct host_seat *seat, const struct probe *probe)
{
	struct service *service = calloc(1, sizeof(*service));
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	if (service == NULL)
		return NULL;
	service->settings = settings;
	service->probe = probe;
	service->epoch = epoch;
	service->guard = guard;
	service->arena = arena_new(ARENA_BLOCK, (size_t)settings->limits.request_memory);
	service->database = database_new(settings);
	service->admission = admission_new(settings, epoch, guard);
	service->router = router_new(contracts, count);
	service->uses = last_used_new();
	service->subscriptions = subscriptions_new(epoch);
	service->key_ring = key_ring_new(epoch);
	service->later = later_new();
	if (service->arena == NULL || service->database == NULL || service->admission == NULL ||
	    service->router == NULL || service->uses == NULL || service->subscriptions == NULL ||
	    service->key_ring == NULL || service->later == NULL) {
		service_free(service);
		return NULL;
	}
	if (seat != NULL)
		database_take_seat(service->database, seat);
	return service;
}

/* What was counted since the last idle moment. */
static void flush_uses(struct service *service)
{
	struct error error;

	if (service->arena == NULL || service->database == NULL || service->uses == NULL)
		return;
	error_init(&error, service->arena);
	if (last_used_flush(service->uses, service->database, &error) != 0)
		log_event(LOG_LEVEL_WARNING, "last use of credentials not written",
		    LOG_TEXT("detail", error.detail != NULL ? error.detail : ""));
}

/* Where the database is away, they stay for the next time. */
bool service_write_later(struct service *service)
{
	struct context context = { .arena = service->arena,
		.settings = service->settings,
		.database = service->database,
		.guard = service->guard,
		.actor = { .kind = ACTOR_PROCESS } };
	struct error error;

	error_init(&error, service->arena);
	if (!database_connected(service->database) ||
	    later_write(service->later, &context, &error) == 0)
		return true;
	log_event(LOG_LEVEL_WARNING, "traces not written",
	    LOG_TEXT("detail", error.detail != NULL ? error.detail : ""));
	return false;
}

void service_free(struct service *service)
{
	if (service == NULL)
		return;
	flush_uses(service);
	if (service->arena != NULL && service->database != NULL && service->later != NULL)
		(void)service_write_later(service);
	later_free(service->later);
	admission_free(service->admission);
	router_free(service->router);
	last_used_free(service->uses);
	subscriptions_free(service->subscriptions);
	key_ring_free(service->key_ring);
	database_free(service->database);
	arena_free(service->arena);
	response_free(&service->response);
	buf_free(&service->body);
	free(service);
}

/* Tells the operator once why requests will fail; each of them tries again. */
static void complain(struct service *service, const struct error *error)
{
	if (!service->complained)
		log_event(LOG_LEVEL_ERROR, "database not usable",
		    LOG_TEXT("detail", error->detail != NULL ? error->detail : ""));
	service->complained = true;
}

/* Sees a migration that is not for this program any more: from then on requests are refused. */
static void follow_schema(struct service *service, struct error *error)
{
	int64_t now = timestamp_monotonic();
	int version;

	if (!service->prepared || now < service->next_schema_check)
		return;
	service->next_schema_check = now + SCHEMA_INTERVAL;
	if (database_check_schema(service->database, &version, error) == 0 || version < 0) {
		error_clear(error);
		return;
	}
	service->prepared = false;
	complain(service, error);
	error_clear(error);
}

bool service_waits(struct service *service)
{
	return database_waits(service->database);
}

bool service_idle(struct service *service, struct error *error)
{
	bool well = true;

	service_forget_request(service);
	follow_schema(service, error);
	if (readiness_prepare(service, error) != 0) {
		complain(service, error);
		well = false;
	}
	error_clear(error);
	if (readiness_follow_nodes(service, error) != 0) {
		error_clear(error);
		well = false;
	}
	if (known_load(service->guard->known, service->database, service->arena, error) != 0)
		error_clear(error);
	if (last_used_write(service->uses, service->database, error) != 0) {
		log_event(LOG_LEVEL_WARNING, "last use of credentials not written",
		    LOG_TEXT("detail", error->detail != NULL ? error->detail : ""));
		error_clear(error);
		well = false;
	}
	well = service_write_later(service) && well;
	if (well)
		database_go_home(service->database);
	return well;
}
