#define _GNU_SOURCE 1
#include "server/worker.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/service.h"
#include "base/counter.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "db/timing.h"
#include "server/fastcgi.h"
#include "server/metrics.h"

#define IDLE_INTERVAL (MICROSECONDS_PER_SECOND / 2)
/* The same for one that has had no request meanwhile, and misses nothing. */
#define QUIET_INTERVAL (2 * MICROSECONDS_PER_SECOND)
/* How soon one that waits for a database host looks again: it shall be ready before its first
 * request is there. */
#define WAIT_INTERVAL (MICROSECONDS_PER_SECOND / 50)
/* How often signals are looked for while requests queue up. */
#define SIGNAL_INTERVAL (MICROSECONDS_PER_SECOND / 50)
/* Memory of the response buffer that is kept between requests. */
#define RESPONSE_KEPT ((size_t)64 * 1024)
#define ERROR_MEMORY ((size_t)64 * 1024)
/* Memory that is free and yet not the system's: small requests need no more. */
#define FREE_KEPT ((size_t)1024 * 1024)

/* The sanitizers reserve terabytes of address space for themselves. */
#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif
#ifndef ADDRESS_SANITIZER
#define ADDRESS_SANITIZER 0
#endif

static volatile sig_atomic_t stop_wanted;
static volatile sig_atomic_t reopen_wanted;

struct worker {
	const struct child_context *context;
	struct shared_slot *slot;
	struct fastcgi *fastcgi;
	struct service *service;
	struct arena *arena; /* of errors */
	struct buf response;
	sigset_t waiting_mask;
	bool draining;
	int64_t in_hand; /* start of the request in hand; 0 = none is */
	int64_t now;     /* monotonic, after the last thing that took time */
	int64_t next_idle;
	int64_t next_signals;
	int64_t served, served_before; /* when it was idle last */
	int64_t most;                  /* requests before it leaves; 0 = no end */
};

static void on_signal(int number)
{
	if (number == SIGUSR1)
		reopen_wanted = 1;
	else
		stop_wanted = 1;
}

/* Signals of the supervisor are blocked but while the worker waits, so that no request sees them.
 */
static void set_signals(struct worker *worker)
{
	struct sigaction ours = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t blocked;

	(void)sigaction(SIGTERM, &ours, NULL);
	(void)sigaction(SIGUSR1, &ours, NULL);
	/* A terminal sends these to all; the supervisor decides. */
	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigaction(SIGCHLD, &usual, NULL);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigaddset(&blocked, SIGUSR1);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
	(void)sigemptyset(&worker->waiting_mask);
}

void worker_forbid_dumps(const struct settings *settings)
{
	struct rlimit none = { 0, 0 };

	if (settings->core_dumps)
		return;
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void worker_set_limits(const struct settings *settings)
{
	struct rlimit limit = { .rlim_cur = (rlim_t)settings->worker_memory,
		.rlim_max = (rlim_t)settings->worker_memory };

	if (settings->worker_memory > 0 && !ADDRESS_SANITIZER && setrlimit(RLIMIT_AS, &limit) != 0)
		log_event(LOG_LEVEL_WARNING, "worker_memory not set",
		    LOG_TEXT("reason", strerror(errno)));
	worker_forbid_dumps(settings);
}

/* Up to an eighth fewer than asked for, so that workers of one age do not leave together. */
static int64_t most_requests(const struct child_context *context)
{
	int64_t most = context->settings->max_requests;

	if (most < 8)
		return most;
	return most - (context->number * INT64_C(2654435761) + getpid()) % (most / 8);
}

static void set_state(const struct worker *worker)
{
	bool busy = worker->in_hand != 0;
	enum worker_state state;

	if (worker->draining)
		state = busy ? WORKER_DRAINING_BUSY : WORKER_DRAINING;
	else
		state = busy ? WORKER_BUSY : WORKER_IDLE;
	shared_slot_set(worker->slot, state, worker->in_hand);
}

/* Whether others serve on, or will. */
static bool has_others(const struct child_context *context)
{
	return !atomic_load_explicit(&context->shared->stopping, memory_order_relaxed) &&
	       getppid() == context->supervisor;
}

static void drain(struct worker *worker)
{
	bool empty_backlog =
	    atomic_load_explicit(&worker->context->shared->empty_backlog, memory_order_relaxed);

	if (worker->draining)
		return;
	worker->draining = true;
	if (!has_others(worker->context))
		fastcgi_share(worker->fastcgi, NULL);
	fastcgi_drain(worker->fastcgi, stop_wanted && empty_backlog);
	set_state(worker);
}

static enum log_level request_level(int status)
{
	if (status >= 500)
		return LOG_LEVEL_ERROR;
	if (status == 401 || status == 403 || status == 429)
		return LOG_LEVEL_WARNING;
	return LOG_LEVEL_INFO;
}

static void log_request(
    const struct exchange_outcome *outcome, int64_t microseconds, size_t bytes, bool sent)
{
	const struct log_field *always[] = {
		LOG_TEXT("id", outcome->request_id),
		LOG_TEXT("method", outcome->method),
		LOG_TEXT("route", outcome->route),
		LOG_TEXT("family", outcome->family),
		LOG_INT("status", outcome->status),
		LOG_INT("microseconds", microseconds),
		LOG_INT("queries", outcome->queries),
		LOG_INT("hashes", outcome->hashes),
		LOG_INT("bytes", (int64_t)bytes),
	};
	const struct log_field *error = LOG_TEXT("error", outcome->error_word);
	const struct log_field *detail = LOG_TEXT("detail", outcome->detail);
	const struct log_field *heavy = LOG_TEXT("heavy", "yes");
	const struct log_field *lost = LOG_TEXT("sent", "no");
	const struct log_field *fields[sizeof(always) / sizeof(always[0]) + 5];
	unsigned count = sizeof(always) / sizeof(always[0]);

	memcpy(fields, always, sizeof(always));
	if (outcome->error_word != NULL)
		fields[count++] = error;
	if (outcome->detail != NULL)
		fields[count++] = detail;
	if (outcome->heavy)
		fields[count++] = heavy;
	if (!sent)
		fields[count++] = lost;
	fields[count] = NULL;
	log_write(request_level(outcome->status), "request", fields);
}

/* Told to the operator beside the line of the request: where its time went. */
static void log_slow(
    const struct worker *worker, const struct exchange_outcome *outcome, int64_t microseconds)
{
	int64_t limit = worker->context->settings->slow_request_milliseconds * 1000;
	const struct timing *timing = outcome->timing;
	struct timing_statement slowest[TIMING_SLOWEST];
	unsigned count;

	if (limit == 0 || microseconds < limit || timing == NULL)
		return;
	log_event(LOG_LEVEL_WARNING, "slow request", LOG_TEXT("id", outcome->request_id),
	    LOG_TEXT("route", outcome->route), LOG_INT("microseconds", microseconds),
	    LOG_INT("database_microseconds", timing->microseconds));
	count = timing_slowest(timing, slowest);
	for (unsigned i = 0; i < count; i++)
		log_event(LOG_LEVEL_WARNING, "slow statement", LOG_TEXT("id", outcome->request_id),
		    LOG_INT("microseconds", slowest[i].microseconds),
		    LOG_INT("runs", slowest[i].runs), LOG_TEXT("sql", slowest[i].sql));
}

/* False when the web server did not get the whole of it. */
static bool send_response(struct worker *worker, const struct exchange_outcome *outcome)
{
	if (!outcome->broken)
		return fastcgi_respond(worker->fastcgi, buf_str(&worker->response));
	fastcgi_break_off(worker->fastcgi);
	return false;
}

static void serve(struct worker *worker, const struct exchange_input *input)
{
	struct shared *shared = worker->context->shared;
	struct shared_slot *slot = worker->slot;
	struct exchange_outcome outcome = { 0 };
	int64_t started = fastcgi_started(worker->fastcgi);
	size_t bytes;
	bool sent;

	worker->in_hand = started;
	set_state(worker);
	service_handle(worker->service, input, &worker->response, &outcome);
	worker->served++;
	if (worker->most > 0 && worker->served >= worker->most)
		drain(worker);
	sent = send_response(worker, &outcome);
	worker->in_hand = 0;
	set_state(worker);
	worker->now = timestamp_monotonic();
	counter_add(&slot->served, 1);
	bytes = outcome.sent_before + worker->response.length;
	shared_count_request(shared, &outcome, worker->now - started, bytes);
	if (!sent)
		counter_add(&shared->responses_lost, 1);
	log_request(&outcome, worker->now - started, bytes, sent);
	log_slow(worker, &outcome, worker->now - started);
	buf_reset(&worker->response, RESPONSE_KEPT);
}

/* Lets pending signals in: the wait does so only when there is nothing to do. */
static void look_for_signals(struct worker *worker)
{
	sigset_t blocked;

	if (worker->now < worker->next_signals)
		return;
	worker->next_signals = worker->now + SIGNAL_INTERVAL;
	(void)sigprocmask(SIG_SETMASK, &worker->waiting_mask, &blocked);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/*
 * What a large request has freed. The C library keeps it for the next one, the more the larger it
 * was; here there are many workers, and few such requests.
 */
static void give_memory_back(void)
{
	if (mallinfo2().fordblks > FREE_KEPT)
		(void)malloc_trim(FREE_KEPT / 2);
}

static void idle(struct worker *worker)
{
	bool quiet = worker->served == worker->served_before;
	struct error error;

	if (worker->now < worker->next_idle)
		return;
	if (service_waits(worker->service)) {
		worker->next_idle = worker->now + WAIT_INTERVAL;
		return;
	}
	arena_reset(worker->arena);
	error_init(&error, worker->arena);
	fastcgi_step_back(worker->fastcgi);
	if (!service_idle(worker->service, &error))
		quiet = false;
	give_memory_back();
	worker->served_before = worker->served;
	worker->now = timestamp_monotonic();
	worker->next_idle = worker->now + (quiet ? QUIET_INTERVAL : IDLE_INTERVAL);
}

static enum worker_exit loop(struct worker *worker)
{
	struct exchange_input input = { 0 };

	worker->now = timestamp_monotonic();
	while (!fastcgi_drained(worker->fastcgi)) {
		look_for_signals(worker);
		if (reopen_wanted) {
			reopen_wanted = 0;
			if (log_reopen() != 0)
				log_event(LOG_LEVEL_ERROR, "log not reopened",
				    LOG_TEXT("reason", strerror(errno)));
		}
		if (stop_wanted)
			drain(worker);
		idle(worker);
		switch (fastcgi_wait(worker->fastcgi, &worker->waiting_mask,
		    (int)((worker->next_idle - worker->now) / 1000 + 1), &input)) {
		case FASTCGI_REQUEST:
			serve(worker, &input);
			break;
		case FASTCGI_REFUSED:
			counter_add(&worker->context->shared->connections_refused, 1);
			worker->now = timestamp_monotonic();
			break;
		case FASTCGI_LOST:
			counter_add(&worker->context->shared->responses_lost, 1);
			worker->now = timestamp_monotonic();
			break;
		case FASTCGI_NOTHING:
			worker->now = timestamp_monotonic();
			break;
		}
	}
	return WORKER_EXIT_DONE;
}

int worker_run(const struct child_context *context)
{
	const struct settings *settings = context->settings;
	const struct host_seat seat = { .board = &context->shared->hosts,
		.use = &worker_slot(context)->host,
		.number = context->number };
	struct probe probe = {
		.metrics = metrics_print, .pool = metrics_pool, .context = context->shared
	};
	struct worker worker = {
		.context = context, .slot = worker_slot(context), .most = most_requests(context)
	};
	enum worker_exit result = WORKER_EXIT_FAULT;

	/* Should the supervisor be killed, its workers finish what they have and leave. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != context->supervisor)
		return WORKER_EXIT_DONE;
	worker_set_limits(settings);
	worker.fastcgi = fastcgi_new(context->listener, settings->read_timeout,
	    settings->send_timeout, (size_t)limits_of_list(&settings->limits).body_bytes);
	if (worker.fastcgi != NULL) {
		fastcgi_show_progress(worker.fastcgi, &worker.slot->progress);
		fastcgi_share(worker.fastcgi, context->handover);
	}
	set_signals(&worker);
	worker.arena = arena_new(ERROR_MEMORY, ERROR_MEMORY);
	guard_configure(context->guard, settings, worker_count(settings));
	gate_attach(context->guard->gate, context->number);
	worker.service = service_new(settings, context->epoch, context->guard, &seat, &probe);
	if (worker.fastcgi != NULL && worker.arena != NULL && worker.service != NULL) {
		set_state(&worker);
		result = loop(&worker);
	} else {
		log_event(
		    LOG_LEVEL_ERROR, "worker not started", LOG_TEXT("reason", "out of memory"));
	}
	service_free(worker.service);
	arena_free(worker.arena);
	fastcgi_free(worker.fastcgi);
	buf_free(&worker.response);
	return (int)result;
}
