/*
 * What a running pool and its database are doing, for the commands that show it.
 */
#ifndef CLIENTELE_CLI_POOL_VIEW_H
#define CLIENTELE_CLI_POOL_VIEW_H

#include "cli/session.h"
#include "cli/socket_queue.h"
#include "server/shared.h"

/* Sums of the counters at one moment. Times are microseconds. */
struct pool_view {
	struct shared_view seen;
	const struct shared *shared; /* of `seen` */
	int64_t taken;               /* when, monotonic */
	unsigned workers[WORKER_STATE__MAX];
	int64_t longest; /* how long the oldest request in hand takes */
	struct socket_queue queue;
	bool queue_known;
	struct host_view {
		char name[HOST_TEXT];
		struct host_verdict verdict;
		bool connecting; /* somebody tries it just now */
		unsigned connections;
		uint64_t failures;
	} hosts[HOSTS_MAX]; /* of the database */
	unsigned host_count;
	uint64_t requests, microseconds;
	uint64_t by_status[SHARED_STATUS_CLASSES]; /* 1xx … 5xx */
	uint64_t latency[SHARED_BUCKETS];
	struct route_view {
		uint64_t requests, failures, microseconds, longest;
	} routes[SHARED_ROUTES];
};

struct database_view {
	bool usable;
	const char *detail; /* why not */
	struct str version;
	int64_t schema;
	int64_t connections, most_connections;
	int64_t statements, most_statements; /* prepared, of all clients of the server */
	int64_t ping;                        /* microseconds */
	struct str temporary; /* folder of its temporary files, the first one, on its machine */
};

/*
 * Takes a view. False with session->error filled when no pool runs, or (view->seen.runs) when it
 * cannot be looked into. `*view` is kept by the caller.
 */
bool pool_view_take(struct session *session, struct pool_view *view);

/* Gives back what a view holds of the pool; its sums stay. */
void pool_view_drop(struct pool_view *view);

/* Whether the pool finds all database hosts silent: whoever connects would only wait. */
bool pool_view_all_silent(const struct pool_view *view);

/* How long a host is what it is, in seconds. */
int64_t host_view_seconds(const struct pool_view *view, const struct host_view *host);

/*
 * Appends a line for each database host: "db1 good, 6 connections", "db2 bad for 12 s: no answer,
 * connecting".
 */
void pool_view_print_hosts(const struct pool_view *view, struct buf *out);

/*
 * Appends a line for each kind of child processes: "mailer 1 of 1, 0 leaving, replaced 2 (1
 * failed), up to 65 s to stop".
 */
void pool_view_print_children(const struct pool_view *view, struct buf *out);

/* Workers that take or will take requests. */
unsigned pool_view_serving(const struct pool_view *view);

/* The bound (microseconds) below which that share of the requests stayed; 0 without requests, -1
 * above all bounds. */
int64_t pool_view_quantile(const struct pool_view *view, double share);

/* Connects, and asks. */
void database_view_take(struct session *session, struct database_view *view);

/* By what routes are put in order, the greatest first. */
enum pool_order { POOL_ORDER_MEAN, POOL_ORDER_REQUESTS, POOL_ORDER_FAILURES };

/*
 * Numbers of the routes with requests since `before` (NULL = ever), in order. Returns how many of
 * the at most `most` were written to `numbers`.
 */
unsigned pool_view_order(const struct pool_view *view, const struct pool_view *before,
    enum pool_order order, unsigned *numbers, unsigned most);

/* What was counted of a route since `before` (NULL = ever). */
struct route_view pool_view_route(
    const struct pool_view *view, const struct pool_view *before, unsigned number);

#endif
