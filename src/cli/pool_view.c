#include "cli/pool_view.h"

#include <stdio.h>

#include "base/timestamp.h"
#include "schema/resource.h"

static uint64_t load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void look_at_workers(struct pool_view *view)
{
	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		const struct shared_slot *slot = &view->shared->slots[i];
		struct shared_work work = shared_slot_work(slot);

		view->workers[work.state]++;
		if (work.started != 0 && view->taken - work.started > view->longest)
			view->longest = view->taken - work.started;
	}
}

static void look_at_hosts(struct pool_view *view)
{
	for (unsigned i = 0; i < HOST_BOARD_MAX && view->host_count < HOSTS_MAX; i++) {
		const struct host_entry *entry = &view->shared->hosts.entries[i];
		struct host_view *host = &view->hosts[view->host_count];

		if (!atomic_load(&entry->listed))
			continue;
		*host = (struct host_view){
			.verdict = host_entry_verdict(entry),
			.connecting = atomic_load(&entry->connecting),
			.connections = shared_connections(view->shared, i),
			.failures = load(&entry->failures),
		};
		snprintf(host->name, sizeof(host->name), "%s", entry->name);
		view->host_count++;
	}
}

bool pool_view_all_silent(const struct pool_view *view)
{
	for (unsigned i = 0; i < view->host_count; i++) {
		const struct host_verdict *verdict = &view->hosts[i].verdict;

		if (verdict->state != HOST_BAD || verdict->why != HOST_WHY_SILENT)
			return false;
	}
	return view->host_count > 0;
}

int64_t host_view_seconds(const struct pool_view *view, const struct host_view *host)
{
	int64_t passed = view->taken - host->verdict.since;

	return passed > 0 ? passed / MICROSECONDS_PER_SECOND : 0;
}

static void print_host(const struct pool_view *view, const struct host_view *host, struct buf *out)
{
	if (host->verdict.state == HOST_BAD)
		buf_printf(out, "%s bad for %lld s: %s", host->name,
		    (long long)host_view_seconds(view, host), host_why_text(host->verdict.why));
	else
		buf_printf(out, "%s %s", host->name,
		    host->verdict.state == HOST_GOOD ? "good" : "not tried yet");
	if (host->connections > 0)
		buf_printf(
		    out, ", %u connection%s", host->connections, host->connections == 1 ? "" : "s");
	if (host->connecting)
		buf_append_text(out, ", connecting");
}

void pool_view_print_hosts(const struct pool_view *view, struct buf *out)
{
	for (unsigned i = 0; i < view->host_count; i++) {
		buf_append_text(out, i == 0 ? "Hosts     " : "          ");
		print_host(view, &view->hosts[i], out);
		buf_append_char(out, '\n');
	}
}

void pool_view_print_children(const struct pool_view *view, struct buf *out)
{
	for (unsigned i = 0; i < CHILD__MAX; i++) {
		const struct shared_child *child = &view->shared->children[i];
		uint64_t failed = 0;

		for (unsigned r = LEAVE_PLANNED + 1; r < LEAVE_REASON__MAX; r++)
			failed += load(&child->restarts[r]);
		buf_printf(out,
		    "%-9s %s %lld of %lld, %lld leaving, replaced %llu (%llu failed), up to %lld s "
		    "to stop\n",
		    i == 0 ? "Processes" : "", child_kinds[i].name,
		    (long long)atomic_load(&child->running), (long long)atomic_load(&child->wanted),
		    (long long)atomic_load(&child->leaving),
		    (unsigned long long)(failed + load(&child->restarts[LEAVE_PLANNED])),
		    (unsigned long long)failed,
		    (long long)(atomic_load(&child->drain) / MICROSECONDS_PER_SECOND));
	}
}

static void look_at_requests(struct pool_view *view)
{
	const struct shared *shared = view->shared;

	for (unsigned m = 0; m < METHOD_CLASS__MAX; m++) {
		for (unsigned s = 0; s < SHARED_STATUS_CLASSES; s++) {
			for (unsigned f = 0; f < SHARED_FAMILIES; f++)
				view->by_status[s] += load(&shared->requests[m][s][f]);
		}
	}
	for (unsigned i = 0; i < SHARED_BUCKETS; i++) {
		view->latency[i] = load(&shared->latency[i]);
		view->requests += view->latency[i];
	}
	view->microseconds = load(&shared->latency_sum);
	for (unsigned i = 0; i < SHARED_ROUTES; i++) {
		const struct shared_route *route = &shared->routes[i];

		view->routes[i] = (struct route_view){ load(&route->requests),
			load(&route->failures), load(&route->microseconds), load(&route->longest) };
	}
}

bool pool_view_take(struct session *session, struct pool_view *view)
{
	*view = (struct pool_view){ .taken = timestamp_monotonic() };
	if (!shared_look(session->settings->runtime_directory, &view->seen, &session->error))
		return false;
	view->shared = view->seen.shared;
	look_at_workers(view);
	look_at_hosts(view);
	look_at_requests(view);
	view->queue_known = view->shared->socket[0] != '\0' &&
			    socket_queue_read(view->shared->socket, &view->queue);
	return true;
}

void pool_view_drop(struct pool_view *view)
{
	shared_view_drop(&view->seen);
	view->shared = NULL;
}

unsigned pool_view_serving(const struct pool_view *view)
{
	return view->workers[WORKER_STARTING] + view->workers[WORKER_IDLE] +
	       view->workers[WORKER_BUSY] + view->workers[WORKER_CONNECTING];
}

int64_t pool_view_quantile(const struct pool_view *view, double share)
{
	uint64_t below = 0;

	if (view->requests == 0)
		return 0;
	for (unsigned i = 0; i < SHARED_BUCKETS - 1; i++) {
		below += view->latency[i];
		if ((double)below >= share * (double)view->requests)
			return shared_bucket_bounds[i];
	}
	return -1;
}

struct route_view pool_view_route(
    const struct pool_view *view, const struct pool_view *before, unsigned number)
{
	struct route_view route = view->routes[number];

	if (before != NULL) {
		route.requests -= before->routes[number].requests;
		route.failures -= before->routes[number].failures;
		route.microseconds -= before->routes[number].microseconds;
	}
	return route;
}

static double rank(const struct route_view *route, enum pool_order order)
{
	switch (order) {
	case POOL_ORDER_MEAN:
		return (double)route->microseconds / (double)route->requests;
	case POOL_ORDER_FAILURES:
		return (double)route->failures;
	default:
		return (double)route->requests;
	}
}

unsigned pool_view_order(const struct pool_view *view, const struct pool_view *before,
    enum pool_order order, unsigned *numbers, unsigned most)
{
	unsigned count = 0;

	for (unsigned n = 1; n < SHARED_ROUTES; n++) {
		struct route_view route = pool_view_route(view, before, n);
		unsigned place = count;

		if (route.requests == 0)
			continue;
		while (place > 0) {
			struct route_view other = pool_view_route(view, before, numbers[place - 1]);

			if (rank(&other, order) >= rank(&route, order))
				break;
			if (place < most)
				numbers[place] = numbers[place - 1];
			place--;
		}
		if (place < most)
			numbers[place] = n;
		if (count < most)
			count++;
	}
	return count;
}

void database_view_take(struct session *session, struct database_view *view)
{
	static const char sql[] =
	    "SELECT VERSION(), @@max_connections, (SELECT CAST(VARIABLE_VALUE AS SIGNED) FROM "
	    "information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Threads_connected'), "
	    "@@max_prepared_stmt_count, (SELECT CAST(VARIABLE_VALUE AS SIGNED) FROM "
	    "information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Prepared_stmt_count'), "
	    "SUBSTRING_INDEX(@@tmpdir, ':', 1)";
	static const enum bind_kind kinds[] = { BIND_TEXT, BIND_INTEGER, BIND_INTEGER, BIND_INTEGER,
		BIND_INTEGER, BIND_TEXT };
	struct result result;
	int64_t begun;

	*view = (struct database_view){ 0 };
	if (database_ready(session->database, &session->error) == 0) {
		begun = timestamp_monotonic();
		view->schema = database_schema_version(session->database, &session->error);
		view->ping = timestamp_monotonic() - begun;
		view->usable = view->schema >= 0 &&
			       database_select(session->database, session->arena, sql, NULL, 0,
				   kinds, COUNT_OF(kinds), &result, &session->error) == 0;
	}
	if (!view->usable) {
		view->detail = session->error.detail != NULL ? session->error.detail : "";
		return;
	}
	view->version = result.rows[0][0].text;
	view->most_connections = result.rows[0][1].integer;
	view->connections = result.rows[0][2].integer;
	view->most_statements = result.rows[0][3].integer;
	view->statements = result.rows[0][4].integer;
	view->temporary = result.rows[0][5].text;
}
