#include "server/metrics.h"

#include <inttypes.h>
#include <stddef.h>

#include "db/history.h"
#include "server/shared.h"

#define MICROSECONDS 1e6

enum metric_unit { UNIT_PLAIN, UNIT_SECONDS };

/* Numbers that stand alone. */
struct metric {
	const char *name;
	const char *type;
	const char *help;
	size_t offset;         /* in its structure, of an _Atomic uint64_t or int64_t */
	enum metric_unit unit; /* UNIT_SECONDS: kept in microseconds */
};

#define METRIC(member) .offset = offsetof(struct shared, member)

static const struct metric metrics[] = {
	{ "clientele_connections_refused_total", "counter",
	    "FastCGI connections closed without a complete request.", METRIC(connections_refused) },
	{ "clientele_database_errors_total", "counter",
	    "Requests that failed because of the database.", METRIC(database_errors) },
	{ "clientele_mail_failed", "gauge", "Mail deliveries that have failed for good.",
	    METRIC(queues[QUEUE_MAIL].dead) },
	{ "clientele_mail_failed_total", "counter", "Mail deliveries that this pool has given up.",
	    METRIC(queues[QUEUE_MAIL].ended[QUEUE_DEAD]) },
	{ "clientele_mail_postponed_total", "counter",
	    "Attempts at a mail delivery that will be retried.",
	    METRIC(queues[QUEUE_MAIL].ended[QUEUE_WAITING]) },
	{ "clientele_mail_queued", "gauge", "Mail deliveries that are waiting.",
	    METRIC(queues[QUEUE_MAIL].waiting) },
	{ "clientele_mail_sent_total", "counter", "Mail deliveries accepted by the mail server.",
	    METRIC(queues[QUEUE_MAIL].ended[QUEUE_DONE]) },
	{ "clientele_password_hashes_total", "counter",
	    "Passwords and chosen secrets hashed by requests.", METRIC(password_hashes) },
	{ "clientele_queries_total", "counter", "SQL statements sent.", METRIC(queries) },
	{ "clientele_reloads_total", "counter", "Successful reloads of the configuration.",
	    METRIC(reloads) },
	{ "clientele_reloads_failed_total", "counter",
	    "Reloads that failed because of an invalid configuration.", METRIC(reloads_failed) },
	{ "clientele_response_bytes_total", "counter", "Bytes sent in answers.",
	    METRIC(response_bytes) },
	{ "clientele_responses_lost_total", "counter",
	    "Answers that the web server no longer accepted.", METRIC(responses_lost) },
	{ "clientele_start_time_seconds", "gauge", "Start time of the pool, in seconds since 1970.",
	    METRIC(start_time), UNIT_SECONDS },
	{ "clientele_unprepared_statements_total", "counter",
	    "SQL statements run unprepared because the database accepts no more prepared ones.",
	    METRIC(unprepared) },
	{ "clientele_workers_configured", "gauge", "Configured number of worker processes.",
	    METRIC(children[CHILD_WORKER].wanted) },
};

#define ROUTE_METRIC(member) .offset = offsetof(struct shared_route, member)

/* Numbers of each route. */
static const struct metric route_metrics[] = {
	{ "clientele_route_requests_total", "counter", "Requests answered, by route.",
	    ROUTE_METRIC(requests) },
	{ "clientele_route_failures_total", "counter", "Requests answered with 5xx, by route.",
	    ROUTE_METRIC(failures) },
	{ "clientele_route_duration_seconds_total", "counter", "Total time of requests, by route.",
	    ROUTE_METRIC(microseconds), UNIT_SECONDS },
};

static void print_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The value of a metric that is kept in `structure`, and the end of its line. */
static void print_value(struct buf *out, const void *structure, const struct metric *metric)
{
	const void *place = (const char *)structure + metric->offset;
	uint64_t value =
	    atomic_load_explicit((const _Atomic uint64_t *)place, memory_order_relaxed);

	if (metric->unit == UNIT_SECONDS)
		buf_printf(out, " %.6f\n", (double)value / MICROSECONDS);
	else
		buf_printf(out, " %" PRIu64 "\n", value);
}

static void print_plain(struct buf *out, const struct shared *shared, const struct metric *metric)
{
	print_head(out, metric->name, metric->type, metric->help);
	buf_append_text(out, metric->name);
	print_value(out, shared, metric);
}

#define CHILD_METRIC(member) .offset = offsetof(struct shared_child, member)

/* Numbers of each kind of child processes. */
static const struct metric child_metrics[] = {
	{ "clientele_processes", "gauge", "Child processes of the pool, by kind.",
	    CHILD_METRIC(running) },
	{ "clientele_processes_wanted", "gauge", "Child processes that there should be, by kind.",
	    CHILD_METRIC(wanted) },
	{ "clientele_processes_leaving", "gauge",
	    "Child processes that were told to stop, by kind.", CHILD_METRIC(leaving) },
	{ "clientele_process_drain_seconds", "gauge",
	    "How long a child process may take to stop, by kind.", CHILD_METRIC(drain),
	    UNIT_SECONDS },
};

#define QUEUE_METRIC(label, member)                          \
	{                                                    \
		label, offsetof(struct shared_queue, member) \
	}

/* Numbers of each kind of the queue, by what a label says. */
static const struct queue_metric {
	const char *name, *type, *help, *label;
	struct {
		const char *value;
		size_t offset; /* in struct shared_queue */
	} members[QUEUE_STATE__MAX];
} queue_metrics[] = {
	{ "clientele_queue_items", "gauge", "Items of the queue, by kind and state.", "state",
	    { QUEUE_METRIC("waiting", waiting), QUEUE_METRIC("dead", dead) } },
	{ "clientele_queue_attempts_total", "counter",
	    "Attempts at items of the queue, by kind and what became of the item.", "state",
	    { QUEUE_METRIC("waiting", ended[QUEUE_WAITING]),
		QUEUE_METRIC("done", ended[QUEUE_DONE]),
		QUEUE_METRIC("dead", ended[QUEUE_DEAD]) } },
};

/* Routes that nobody has called are left out: of two hundred, a site uses some dozen. */
static void print_routes(struct buf *out, const struct shared *shared, const struct metric *metric)
{
	print_head(out, metric->name, metric->type, metric->help);
	for (unsigned i = 0; i < SHARED_ROUTES; i++) {
		const struct shared_route *route = &shared->routes[i];

		if (route->name[0] == '\0' ||
		    atomic_load_explicit(&route->requests, memory_order_relaxed) == 0)
			continue;
		buf_printf(out, "%s{route=\"%s\"}", metric->name, route->name);
		print_value(out, route, metric);
	}
}

/* Combinations that have not occurred are left out: most never do. */
static void print_requests(struct buf *out, const struct shared *shared)
{
	static const char *const methods[METHOD_CLASS__MAX] = {
		[METHOD_CLASS_READ] = "read",
		[METHOD_CLASS_WRITE] = "write",
		[METHOD_CLASS_OTHER] = "other",
	};

	print_head(out, "clientele_requests_total", "counter", "Requests answered.");
	for (unsigned m = 0; m < METHOD_CLASS__MAX; m++) {
		for (unsigned s = 0; s < SHARED_STATUS_CLASSES; s++) {
			for (unsigned f = 0; f < SHARED_FAMILIES; f++) {
				uint64_t value = atomic_load_explicit(
				    &shared->requests[m][s][f], memory_order_relaxed);

				if (value > 0)
					buf_printf(out,
					    "clientele_requests_total{method=\"%s\",status=\"%"
					    "uxx\","
					    "family=\"%s\"} %" PRIu64 "\n",
					    methods[m], s + 1, shared_family_name(f), value);
			}
		}
	}
}

static void print_latency(struct buf *out, const struct shared *shared)
{
	uint64_t count = 0;

	print_head(out, "clientele_request_duration_seconds", "histogram",
	    "Time from the arrival of a request to the end of its answer.");
	for (unsigned i = 0; i < SHARED_BUCKETS; i++) {
		count += atomic_load_explicit(&shared->latency[i], memory_order_relaxed);
		buf_append_text(out, "clientele_request_duration_seconds_bucket{le=\"");
		if (i < SHARED_BUCKETS - 1)
			buf_printf(out, "%g", (double)shared_bucket_bounds[i] / MICROSECONDS);
		else
			buf_append_text(out, "+Inf");
		buf_printf(out, "\"} %" PRIu64 "\n", count);
	}
	buf_printf(out,
	    "clientele_request_duration_seconds_sum %.6f\n"
	    "clientele_request_duration_seconds_count %" PRIu64 "\n",
	    (double)atomic_load_explicit(&shared->latency_sum, memory_order_relaxed) / MICROSECONDS,
	    count);
}

static void print_workers(struct buf *out, const struct shared *shared)
{
	const struct {
		const char *name;
		unsigned count;
	} states[] = {
		{ "starting", shared_workers(shared, WORKER_STARTING) },
		{ "idle", shared_workers(shared, WORKER_IDLE) },
		{ "busy", shared_workers(shared, WORKER_BUSY) },
		{ "connecting", shared_workers(shared, WORKER_CONNECTING) },
		{ "draining", shared_workers(shared, WORKER_DRAINING) +
				  shared_workers(shared, WORKER_DRAINING_BUSY) },
	};

	print_head(out, "clientele_workers", "gauge", "Worker processes by state.");
	for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		buf_printf(
		    out, "clientele_workers{state=\"%s\"} %u\n", states[i].name, states[i].count);
}

/* A host's number by the name of a metric. */
static uint64_t host_number(const struct shared *shared, unsigned entry, unsigned metric)
{
	const struct host_entry *host = &shared->hosts.entries[entry];

	switch (metric) {
	case 0:
		return host_entry_verdict(host).state == HOST_GOOD;
	case 1:
		return shared_connections(shared, entry);
	default:
		return atomic_load_explicit(&host->failures, memory_order_relaxed);
	}
}

static void print_hosts(struct buf *out, const struct shared *shared)
{
	static const struct {
		const char *name, *type, *help;
	} host_metrics[] = {
		{ "clientele_database_host_up", "gauge",
		    "Whether the database host serves, 1 or 0." },
		{ "clientele_database_host_connections", "gauge",
		    "Workers connected to the database host." },
		{ "clientele_database_host_failures_total", "counter",
		    "How often the database host became bad." },
	};

	for (unsigned m = 0; m < sizeof(host_metrics) / sizeof(host_metrics[0]); m++) {
		print_head(out, host_metrics[m].name, host_metrics[m].type, host_metrics[m].help);
		for (unsigned i = 0; i < HOST_BOARD_MAX; i++) {
			if (atomic_load(&shared->hosts.entries[i].listed))
				buf_printf(out, "%s{host=\"%s\"} %" PRIu64 "\n",
				    host_metrics[m].name, shared->hosts.entries[i].name,
				    host_number(shared, i, m));
		}
	}
}

static const char *const reasons[LEAVE_REASON__MAX] = {
	[LEAVE_PLANNED] = "planned",
	[LEAVE_EXIT] = "exit",
	[LEAVE_SIGNAL] = "signal",
	[LEAVE_DEADLINE] = "deadline",
};

static void print_children(
    struct buf *out, const struct shared *shared, const struct metric *metric)
{
	print_head(out, metric->name, metric->type, metric->help);
	for (unsigned i = 0; i < CHILD__MAX; i++) {
		buf_printf(out, "%s{kind=\"%s\"}", metric->name, child_kinds[i].name);
		print_value(out, &shared->children[i], metric);
	}
}

static void print_child_restarts(struct buf *out, const struct shared *shared)
{
	print_head(out, "clientele_process_restarts_total", "counter",
	    "Child processes replaced, by kind and reason.");
	for (unsigned i = 0; i < CHILD__MAX; i++) {
		for (unsigned r = 0; r < LEAVE_REASON__MAX; r++)
			buf_printf(out,
			    "clientele_process_restarts_total{kind=\"%s\",reason=\"%s\"} %" PRIu64
			    "\n",
			    child_kinds[i].name, reasons[r],
			    atomic_load_explicit(
				&shared->children[i].restarts[r], memory_order_relaxed));
	}
}

static void print_queue(
    struct buf *out, const struct shared *shared, const struct queue_metric *metric)
{
	print_head(out, metric->name, metric->type, metric->help);
	for (unsigned i = 0; i < QUEUE_KIND__MAX; i++) {
		for (unsigned m = 0; m < QUEUE_STATE__MAX && metric->members[m].value != NULL;
		     m++) {
			const struct metric member = { .offset = metric->members[m].offset };

			buf_printf(out, "%s{kind=\"%s\",%s=\"%s\"}", metric->name,
			    queue_kinds[i].name, metric->label, metric->members[m].value);
			print_value(out, &shared->queues[i], &member);
		}
	}
}

static void print_restarts(struct buf *out, const struct shared *shared)
{

	print_head(
	    out, "clientele_worker_restarts_total", "counter", "Workers replaced, by reason.");
	for (unsigned i = 0; i < LEAVE_REASON__MAX; i++)
		buf_printf(out, "clientele_worker_restarts_total{reason=\"%s\"} %" PRIu64 "\n",
		    reasons[i],
		    atomic_load_explicit(
			&shared->children[CHILD_WORKER].restarts[i], memory_order_relaxed));
}

/* Written by hand: it is no number of the pool's, but of the machine's. */
static void print_history(struct buf *out)
{
	print_head(out, "clientele_database_history_refused", "gauge",
	    "1 where the history of a cluster went back, and is not used until it is accepted.");
	buf_printf(out, "clientele_database_history_refused %d\n", history_refused());
}

void metrics_print(void *shared, struct buf *out)
{
	for (unsigned i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_plain(out, shared, &metrics[i]);
	print_requests(out, shared);
	print_latency(out, shared);
	for (unsigned i = 0; i < sizeof(route_metrics) / sizeof(route_metrics[0]); i++)
		print_routes(out, shared, &route_metrics[i]);
	print_workers(out, shared);
	print_hosts(out, shared);
	print_restarts(out, shared);
	for (unsigned i = 0; i < sizeof(child_metrics) / sizeof(child_metrics[0]); i++)
		print_children(out, shared, &child_metrics[i]);
	print_child_restarts(out, shared);
	for (unsigned i = 0; i < sizeof(queue_metrics) / sizeof(queue_metrics[0]); i++)
		print_queue(out, shared, &queue_metrics[i]);
	print_history(out);
}

/* Requests that were answered with one class of status, or with any: SHARED_STATUS_CLASSES. */
static int64_t sum_requests(const struct shared *shared, unsigned class)
{
	uint64_t sum = 0;

	for (unsigned m = 0; m < METHOD_CLASS__MAX; m++) {
		for (unsigned s = 0; s < SHARED_STATUS_CLASSES; s++) {
			for (unsigned f = 0; f < SHARED_FAMILIES; f++) {
				if (class == SHARED_STATUS_CLASSES || class == s)
					sum += atomic_load_explicit(
					    &shared->requests[m][s][f], memory_order_relaxed);
			}
		}
	}
	return (int64_t)sum;
}

void metrics_pool(void *context, struct probe_pool *pool)
{
	const struct shared *shared = context;
	const struct shared_child *workers = &shared->children[CHILD_WORKER];

	*pool = (struct probe_pool){
		.workers = workers->running,
		.workers_wanted = workers->wanted,
		.busy = shared_workers(shared, WORKER_BUSY) +
			shared_workers(shared, WORKER_DRAINING_BUSY) +
			shared_workers(shared, WORKER_CONNECTING),
		.requests = sum_requests(shared, SHARED_STATUS_CLASSES),
		.failures = sum_requests(shared, SHARED_STATUS_CLASSES - 1),
		.refused = (int64_t)shared->connections_refused,
		.database_errors = (int64_t)shared->database_errors,
		.started = shared->start_time,
	};
}
