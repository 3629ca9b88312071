/*
 * How the pool and its database are, at one moment.
 */
#include "base/timestamp.h"
#include "cli/pool_view.h"
#include "cli/print.h"
#include "db/migrate.h"
#include "schema/resource.h"

#define ROUTES_FALLBACK 5
#define MILLISECONDS 1000.0

static const char *const worker_words[WORKER_STATE__MAX] = {
	[WORKER_STARTING] = "starting",
	[WORKER_IDLE] = "idle",
	[WORKER_BUSY] = "busy",
	[WORKER_DRAINING] = "leaving",
	[WORKER_DRAINING_BUSY] = "leavingBusy",
	[WORKER_CONNECTING] = "connecting",
};

static const char *const leave_words[LEAVE_REASON__MAX] = {
	[LEAVE_PLANNED] = "planned",
	[LEAVE_EXIT] = "exit",
	[LEAVE_SIGNAL] = "signal",
	[LEAVE_DEADLINE] = "deadline",
};

static const struct {
	double share;
	const char *word;
} quantiles[] = { { 0.5, "median" }, { 0.9, "p90" }, { 0.99, "p99" } };

struct status {
	struct session *session;
	struct pool_view pool;
	bool runs;
	const char *why_not; /* it does not run */
	struct database_view database;
	unsigned slowest[SHARED_ROUTES];
	unsigned slowest_count;
};

static bool is_healthy(const struct status *status)
{
	return status->runs && pool_view_serving(&status->pool) > 0 && status->database.usable &&
	       status->database.schema >= SCHEMA_VERSION;
}

static int64_t uptime(const struct pool_view *pool)
{
	int64_t seconds = (timestamp_now() - pool->shared->start_time) / MICROSECONDS_PER_SECOND;

	return seconds > 0 ? seconds : 0;
}

/* "3 d 4 h", "12 min 5 s" */
static const char *duration(struct arena *arena, int64_t seconds)
{
	if (seconds >= 86400)
		return arena_printf(arena, "%lld d %lld h", (long long)(seconds / 86400),
		    (long long)(seconds % 86400 / 3600));
	if (seconds >= 3600)
		return arena_printf(arena, "%lld h %lld min", (long long)(seconds / 3600),
		    (long long)(seconds % 3600 / 60));
	return arena_printf(
	    arena, "%lld min %lld s", (long long)(seconds / 60), (long long)(seconds % 60));
}

static void print_pool(const struct status *status)
{
	const struct pool_view *pool = &status->pool;
	const unsigned *workers = pool->workers;
	FILE *out = status->session->out;

	fprintf(out, "Pool      clientele %s, process %lld, for %s\n", pool->shared->version,
	    (long long)pool->seen.supervisor, duration(status->session->arena, uptime(pool)));
	fprintf(out,
	    "Workers   %u of %lld: %u idle, %u busy, %u connecting, %u starting; %u leaving\n",
	    pool_view_serving(pool),
	    (long long)atomic_load(&pool->shared->children[CHILD_WORKER].wanted),
	    workers[WORKER_IDLE], workers[WORKER_BUSY], workers[WORKER_CONNECTING],
	    workers[WORKER_STARTING], workers[WORKER_DRAINING] + workers[WORKER_DRAINING_BUSY]);
	if (pool->longest > 0)
		fprintf(out, "          oldest request in progress: %.1f ms\n",
		    (double)pool->longest / MILLISECONDS);
	if (pool->queue_known)
		fprintf(out, "Queue     %u of %u connections waiting at %s\n", pool->queue.waiting,
		    pool->queue.most, pool->shared->socket);
	fputs("Replaced ", out);
	for (unsigned i = 0; i < LEAVE_REASON__MAX; i++)
		fprintf(out, " %s %llu%s", leave_words[i],
		    (unsigned long long)atomic_load(
			&pool->shared->children[CHILD_WORKER].restarts[i]),
		    i + 1 < LEAVE_REASON__MAX ? "," : "");
	fprintf(out, "; %llu reloads, %llu refused\n",
	    (unsigned long long)atomic_load(&pool->shared->reloads),
	    (unsigned long long)atomic_load(&pool->shared->reloads_failed));
}

static void print_children(const struct status *status)
{
	struct buf text = { 0 };

	pool_view_print_children(&status->pool, &text);
	fwrite(text.data != NULL ? text.data : "", 1, text.length, status->session->out);
	buf_free(&text);
}

static void print_requests(const struct status *status)
{
	const struct pool_view *pool = &status->pool;
	FILE *out = status->session->out;

	fprintf(out,
	    "Requests  %llu: %llu succeeded, %llu client errors (4xx), %llu server errors (5xx)\n",
	    (unsigned long long)pool->requests,
	    (unsigned long long)(pool->by_status[1] + pool->by_status[2]),
	    (unsigned long long)pool->by_status[3], (unsigned long long)pool->by_status[4]);
	if (pool->requests == 0)
		return;
	fprintf(out, "          mean %.2f ms",
	    (double)pool->microseconds / (double)pool->requests / MILLISECONDS);
	for (unsigned i = 0; i < COUNT_OF(quantiles); i++) {
		int64_t bound = pool_view_quantile(pool, quantiles[i].share);

		fprintf(out, ", %s %s %g ms", quantiles[i].word, bound < 0 ? "above" : "below",
		    (double)(bound < 0 ? shared_bucket_bounds[SHARED_BUCKETS - 2] : bound) /
			MILLISECONDS);
	}
	fputc('\n', out);
}

static void print_database(const struct status *status)
{
	const struct database_view *database = &status->database;
	FILE *out = status->session->out;

	if (!database->usable) {
		fprintf(out, "Database  cannot be used: %s\n", database->detail);
		return;
	}
	fprintf(out,
	    "Database  " STR_FORMAT ", schema %lld%s, %lld of %lld connections, ping %.2f ms\n",
	    STR_ARGUMENTS(database->version), (long long)database->schema,
	    database->schema < SCHEMA_VERSION ? " (too old; run 'clientele migrate')" : "",
	    (long long)database->connections, (long long)database->most_connections,
	    (double)database->ping / MILLISECONDS);
}

static void print_hosts(const struct status *status)
{
	struct buf text = { 0 };

	pool_view_print_hosts(&status->pool, &text);
	fwrite(text.data != NULL ? text.data : "", 1, text.length, status->session->out);
	buf_free(&text);
}

static void print_routes(const struct status *status)
{
	FILE *out = status->session->out;

	if (status->slowest_count == 0)
		return;
	fprintf(out, "\n%10s %8s %10s %10s  %s\n", "REQUESTS", "FAILED", "MEAN MS", "MOST MS",
	    "SLOWEST ROUTES");
	for (unsigned i = 0; i < status->slowest_count; i++) {
		struct route_view view = pool_view_route(&status->pool, NULL, status->slowest[i]);

		fprintf(out, "%10llu %8llu %10.2f %10.2f  %s\n", (unsigned long long)view.requests,
		    (unsigned long long)view.failures,
		    (double)view.microseconds / (double)view.requests / MILLISECONDS,
		    (double)view.longest / MILLISECONDS,
		    status->pool.shared->routes[status->slowest[i]].name);
	}
}

static void describe_workers(struct writer *writer, const struct pool_view *pool)
{
	writer_object_begin(writer, "workers");
	writer_integer(
	    writer, "configured", atomic_load(&pool->shared->children[CHILD_WORKER].wanted));
	for (unsigned i = WORKER_STARTING; i < WORKER_STATE__MAX; i++)
		writer_integer(writer, worker_words[i], pool->workers[i]);
	writer_integer(writer, "oldestRequestMicroseconds", pool->longest);
	writer_object_end(writer);
}

static void describe_host(
    struct writer *writer, const struct pool_view *pool, const struct host_view *host)
{
	static const char *const states[HOST_STATE__MAX] = {
		[HOST_UNPROVEN] = "notTried",
		[HOST_GOOD] = "good",
		[HOST_BAD] = "bad",
	};

	writer_object_begin(writer, NULL);
	print_add_text(writer, "host", host->name);
	print_add_text(writer, "state", states[host->verdict.state]);
	if (host->verdict.state == HOST_BAD)
		print_add_text(writer, "reason", host_why_text(host->verdict.why));
	writer_integer(writer, "seconds", host_view_seconds(pool, host));
	writer_integer(writer, "connections", host->connections);
	writer_boolean(writer, "connecting", host->connecting);
	writer_integer(writer, "failures", (int64_t)host->failures);
	writer_object_end(writer);
}

static void describe_hosts(struct writer *writer, const struct pool_view *pool)
{
	writer_array_begin(writer, "databaseHosts", "host");
	for (unsigned i = 0; i < pool->host_count; i++)
		describe_host(writer, pool, &pool->hosts[i]);
	writer_array_end(writer);
}

static void describe_queue(struct writer *writer, const struct pool_view *pool)
{
	if (!pool->queue_known) {
		writer_null(writer, "queue");
		return;
	}
	writer_object_begin(writer, "queue");
	print_add_text(writer, "socket", pool->shared->socket);
	writer_integer(writer, "waiting", pool->queue.waiting);
	writer_integer(writer, "most", pool->queue.most);
	writer_object_end(writer);
}

static void describe_requests(struct writer *writer, const struct pool_view *pool)
{
	static const char *const names[SHARED_STATUS_CLASSES] = { "1xx", "2xx", "3xx", "4xx",
		"5xx" };

	writer_object_begin(writer, "requests");
	writer_integer(writer, "total", (int64_t)pool->requests);
	for (unsigned i = 0; i < SHARED_STATUS_CLASSES; i++)
		writer_integer(writer, names[i], (int64_t)pool->by_status[i]);
	writer_integer(writer, "microseconds", (int64_t)pool->microseconds);
	for (unsigned i = 0; i < COUNT_OF(quantiles); i++) {
		int64_t bound = pool_view_quantile(pool, quantiles[i].share);

		if (bound >= 0)
			writer_integer(writer, quantiles[i].word, bound);
		else
			writer_null(writer, quantiles[i].word);
	}
	writer_object_end(writer);
}

static void describe_routes(struct writer *writer, const struct status *status)
{
	writer_array_begin(writer, "slowestRoutes", "route");
	for (unsigned i = 0; i < status->slowest_count; i++) {
		struct route_view view = pool_view_route(&status->pool, NULL, status->slowest[i]);
		const char *name = status->pool.shared->routes[status->slowest[i]].name;

		writer_object_begin(writer, NULL);
		print_add_text(writer, "route", name);
		writer_integer(writer, "requests", (int64_t)view.requests);
		writer_integer(writer, "failures", (int64_t)view.failures);
		writer_integer(writer, "microseconds", (int64_t)view.microseconds);
		writer_integer(writer, "longestMicroseconds", (int64_t)view.longest);
		writer_object_end(writer);
	}
	writer_array_end(writer);
}

static void describe_replaced(struct writer *writer, const struct shared_child *child)
{
	writer_object_begin(writer, "replaced");
	for (unsigned i = 0; i < LEAVE_REASON__MAX; i++)
		writer_integer(writer, leave_words[i], (int64_t)atomic_load(&child->restarts[i]));
	writer_object_end(writer);
}

static void describe_child(
    struct writer *writer, const struct child_kind *kind, const struct shared_child *child)
{
	writer_object_begin(writer, NULL);
	print_add_text(writer, "kind", kind->name);
	writer_integer(writer, "running", atomic_load(&child->running));
	writer_integer(writer, "wanted", atomic_load(&child->wanted));
	writer_integer(writer, "leaving", atomic_load(&child->leaving));
	writer_integer(
	    writer, "drainSeconds", atomic_load(&child->drain) / MICROSECONDS_PER_SECOND);
	describe_replaced(writer, child);
	writer_object_end(writer);
}

static void describe_children(struct writer *writer, const struct shared *shared)
{
	writer_array_begin(writer, "processes", "process");
	for (unsigned i = 0; i < CHILD__MAX; i++)
		describe_child(writer, &child_kinds[i], &shared->children[i]);
	writer_array_end(writer);
}

/* Null where it does not run; it may run and not let itself be looked into. */
static void describe_pool(struct writer *writer, const struct status *status)
{
	const struct pool_view *pool = &status->pool;

	if (!status->runs && !pool->seen.runs) {
		writer_null(writer, "pool");
		return;
	}
	writer_object_begin(writer, "pool");
	if (status->runs) {
		print_add_text(writer, "version", pool->shared->version);
		writer_integer(writer, "process", pool->seen.supervisor);
		writer_integer(writer, "uptimeSeconds", uptime(pool));
		describe_workers(writer, pool);
		describe_queue(writer, pool);
		describe_hosts(writer, pool);
		describe_replaced(writer, &pool->shared->children[CHILD_WORKER]);
		describe_children(writer, pool->shared);
		describe_requests(writer, pool);
		describe_routes(writer, status);
	} else {
		if (pool->seen.supervisor != 0)
			writer_integer(writer, "process", pool->seen.supervisor);
		print_add_text(writer, "detail", status->why_not);
	}
	writer_object_end(writer);
}

static void describe_database(struct writer *writer, const struct database_view *database)
{
	writer_object_begin(writer, "database");
	writer_boolean(writer, "usable", database->usable);
	if (database->usable) {
		writer_text(writer, "version", database->version);
		writer_integer(writer, "schema", database->schema);
		writer_integer(writer, "schemaNeeded", SCHEMA_VERSION);
		writer_integer(writer, "connections", database->connections);
		writer_integer(writer, "mostConnections", database->most_connections);
		writer_integer(writer, "pingMicroseconds", database->ping);
	} else {
		print_add_text(writer, "detail", database->detail);
	}
	writer_object_end(writer);
}

static enum command_status describe_all(const struct status *status)
{
	struct print_json json;

	print_json_begin(&json);
	writer_object_begin(&json.writer, NULL);
	writer_boolean(&json.writer, "healthy", is_healthy(status));
	describe_pool(&json.writer, status);
	describe_database(&json.writer, &status->database);
	writer_object_end(&json.writer);
	return print_json_end(status->session, &json);
}

static void print_text(const struct status *status)
{
	if (status->runs) {
		print_pool(status);
		print_children(status);
		print_requests(status);
	} else {
		fprintf(status->session->out, "Pool      %s: %s\n",
		    status->pool.seen.runs ? "runs" : "not seen", status->why_not);
	}
	print_database(status);
	if (status->runs) {
		print_hosts(status);
		print_routes(status);
	}
}

static enum command_status status_command(struct session *session)
{
	struct status *status = arena_alloc(session->arena, sizeof(*status));
	int64_t routes;

	if (status == NULL)
		return session_fail(session, "Out of memory.");
	if (!session_take_number(session, "routes", 0, ROUTES_FALLBACK, &routes))
		return COMMAND_FAILED;
	*status = (struct status){ .session = session };
	status->runs = pool_view_take(session, &status->pool);
	status->why_not = session->error.detail;
	error_clear(&session->error);
	if (status->runs && pool_view_all_silent(&status->pool))
		status->database.detail = "no host answers";
	else
		database_view_take(session, &status->database);
	if (status->runs)
		status->slowest_count = pool_view_order(&status->pool, NULL, POOL_ORDER_MEAN,
		    status->slowest, routes < SHARED_ROUTES ? (unsigned)routes : SHARED_ROUTES);
	if (!session->json)
		print_text(status);
	else if (describe_all(status) != COMMAND_OK)
		return COMMAND_FAILED;
	return is_healthy(status) ? COMMAND_OK : COMMAND_FAILED;
}

static const struct command_flag flags[] = {
	{ "routes", "NUMBER", "Number of slowest routes to show; default: 5." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command status_commands[] = {
	{ .words = "status",
	    .arguments = "",
	    .flags = flags,
	    .doc = "Show workers, queue, requests, slowest routes, database and its hosts; fails "
		   "if anything "
		   "is wrong.",
	    .run = status_command },
	{ 0 },
};
