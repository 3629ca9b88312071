#include "server/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/timestamp.h"
#include "server/drain.h"

#define WORKERS_LEAST 4
#define WORKERS_PER_PROCESSOR 2
/* A worker that dies sooner than this after its start has failed. */
#define EARLY_DEATH MICROSECONDS_PER_SECOND
#define BACK_OFF_FIRST (MICROSECONDS_PER_SECOND / 10)
#define BACK_OFF_MOST (10 * MICROSECONDS_PER_SECOND)
/* How long a whole new generation is waited for before a part of it must do. */
#define RENEWAL_WAIT (5 * MICROSECONDS_PER_SECOND)

unsigned pool_size(const struct settings *settings)
{
	static long processors; /* looked up once: that opens a file each time */

	if (settings->workers > 0)
		return (unsigned)settings->workers;
	if (processors == 0)
		processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (processors * WORKERS_PER_PROCESSOR < WORKERS_LEAST)
		return WORKERS_LEAST;
	return (unsigned)processors * WORKERS_PER_PROCESSOR;
}

static int64_t back_off(unsigned failures)
{
	int64_t delay = BACK_OFF_FIRST;

	while (--failures > 0 && delay < BACK_OFF_MOST)
		delay *= 2;
	return delay < BACK_OFF_MOST ? delay : BACK_OFF_MOST;
}

static void clear_slot(struct pool *pool, unsigned number)
{
	struct shared_slot *slot = &pool->shared->slots[number];

	pool->workers[number] = (struct pool_worker){ 0 };
	shared_slot_set(slot, WORKER_NONE, 0);
	atomic_store(&slot->pid, 0);
	atomic_store(&slot->served, 0);
	atomic_store(&slot->host.entry, 0);
	atomic_store(&slot->host.connecting, false);
	gate_forget(pool->guard->gate, number);
}

static void run_worker(const struct pool *pool, unsigned number, pid_t supervisor)
{
	struct worker_context context = {
		.settings = pool->settings,
		.shared = pool->shared,
		.slot = &pool->shared->slots[number],
		.epoch = pool->epoch,
		.guard = pool->guard,
		.listener = pool->listener,
		.supervisor = supervisor,
		.number = number,
	};

	exit((int)worker_run(&context));
}

static int start_worker(struct pool *pool, int64_t now)
{
	pid_t supervisor = getpid();
	unsigned number = 0;
	pid_t pid;

	while (number < SHARED_SLOTS && pool->workers[number].pid != 0)
		number++;
	if (number == SHARED_SLOTS)
		return -1; /* several reloads at once: when old ones have left */
	clear_slot(pool, number);
	shared_slot_set(&pool->shared->slots[number], WORKER_STARTING, 0);
	pid = fork();
	if (pid == 0)
		run_worker(pool, number, supervisor);
	if (pid < 0) {
		log_event(LOG_LEVEL_ERROR, "fork failed", LOG_TEXT("reason", strerror(errno)));
		clear_slot(pool, number);
		return -1;
	}
	atomic_store(&pool->shared->slots[number].pid, pid);
	pool->workers[number] =
	    (struct pool_worker){ .pid = pid, .generation = pool->generation, .started = now };
	log_event(LOG_LEVEL_DEBUG, "worker started", LOG_INT("worker", pid));
	return 0;
}

static void note_failure(struct pool *pool, int64_t now)
{
	int64_t delay;

	/* Several that die together are one failure. */
	pool->last_failure = now;
	if (now < pool->next_start)
		return;
	pool->failures++;
	delay = back_off(pool->failures);
	pool->next_start = now + delay;
	log_event(LOG_LEVEL_WARNING, "workers restart later", LOG_INT("milliseconds", delay / 1000),
	    LOG_INT("failures", pool->failures));
}

/* Workers of the current generation that have not been told to leave. */
static unsigned current(const struct pool *pool, bool serving)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		const struct pool_worker *worker = &pool->workers[i];

		if (worker->pid == 0 || worker->generation != pool->generation ||
		    worker->drain_until != 0)
			continue;
		if (!serving || shared_slot_work(&pool->shared->slots[i]).state > WORKER_STARTING)
			count++;
	}
	return count;
}

unsigned pool_serving(const struct pool *pool)
{
	return current(pool, true);
}

unsigned pool_alive(const struct pool *pool)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SHARED_SLOTS; i++)
		count += pool->workers[i].pid != 0;
	return count;
}

bool pool_settled(const struct pool *pool)
{
	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		const struct pool_worker *worker = &pool->workers[i];

		if (worker->pid != 0 &&
		    (worker->drain_until != 0 || worker->generation != pool->generation))
			return false;
	}
	return !pool->stopping && current(pool, true) >= pool_size(pool->settings);
}

void pool_start_missing(struct pool *pool, int64_t now)
{
	unsigned wanted = pool_size(pool->settings);
	unsigned present = current(pool, false);

	if (pool->stopping || now < pool->next_start)
		return;
	if (pool->failures > 0 && now - pool->last_failure > back_off(pool->failures) + EARLY_DEATH)
		pool->failures = 0;
	for (; present < wanted; present++) {
		if (start_worker(pool, now) != 0) {
			pool->next_start = now + BACK_OFF_FIRST;
			break;
		}
	}
}

static void log_leave(
    const struct pool *pool, unsigned number, int status, enum leave_reason reason, int64_t now)
{
	const struct pool_worker *worker = &pool->workers[number];
	enum log_level level = reason == LEAVE_PLANNED ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR;

	log_event(level, "worker left", LOG_INT("worker", worker->pid),
	    LOG_TEXT("by", WIFSIGNALED(status) ? "signal" : "exit"),
	    LOG_INT("code", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)),
	    LOG_INT("requests", (int64_t)atomic_load(&pool->shared->slots[number].served)),
	    LOG_INT("seconds", (now - worker->started) / MICROSECONDS_PER_SECOND));
}

static void bury(struct pool *pool, unsigned number, int status, int64_t now)
{
	const struct pool_worker *worker = &pool->workers[number];
	enum leave_reason reason = LEAVE_PLANNED;
	bool early = now - worker->started < EARLY_DEATH;

	if (worker->killed)
		reason = LEAVE_DEADLINE;
	else if (WIFSIGNALED(status))
		reason = LEAVE_SIGNAL;
	else if (WEXITSTATUS(status) != WORKER_EXIT_DONE)
		reason = LEAVE_EXIT;
	atomic_fetch_add(&pool->shared->restarts[reason], 1);
	log_leave(pool, number, status, reason, now);
	if (!pool->stopping && reason != LEAVE_PLANNED && early)
		note_failure(pool, now);
	clear_slot(pool, number);
}

bool pool_bury(struct pool *pool, pid_t pid, int status, int64_t now)
{
	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		if (pool->workers[i].pid == pid) {
			bury(pool, i, status, now);
			return true;
		}
	}
	return false;
}

static void kill_worker(struct pool *pool, unsigned number, const char *event, int64_t age)
{
	struct pool_worker *worker = &pool->workers[number];

	log_event(LOG_LEVEL_ERROR, event, LOG_INT("worker", worker->pid),
	    LOG_INT("seconds", age / MICROSECONDS_PER_SECOND));
	worker->killed = true;
	(void)kill(worker->pid, SIGKILL);
}

void pool_enforce_deadlines(struct pool *pool, int64_t now)
{
	int64_t deadline = pool->settings->request_deadline * MICROSECONDS_PER_SECOND;

	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		const struct pool_worker *worker = &pool->workers[i];
		struct shared_work work = shared_slot_work(&pool->shared->slots[i]);

		if (worker->pid == 0 || worker->killed)
			continue;
		if (deadline > 0 && work.started != 0 && now - work.started > deadline)
			kill_worker(pool, i, "request over its deadline", now - work.started);
		else if (worker->drain_until != 0 && now > worker->drain_until)
			kill_worker(pool, i, "worker did not stop in time", now - worker->started);
	}
}

static void retire(struct pool *pool, struct pool_worker *worker, int64_t now)
{
	worker->drain_until = now + drain_time(DRAIN_WORKER, pool->settings);
	(void)kill(worker->pid, SIGTERM);
}

void pool_renew(struct pool *pool)
{
	pool->generation++;
	pool->failures = 0;
	pool->next_start = 0;
}

void pool_retire_old(struct pool *pool, int64_t now)
{
	unsigned serving = pool_serving(pool);
	int64_t newest = 0;

	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		if (pool->workers[i].pid != 0 && pool->workers[i].generation == pool->generation &&
		    pool->workers[i].started > newest)
			newest = pool->workers[i].started;
	}
	if (serving == 0 || (serving < pool_size(pool->settings) && now - newest < RENEWAL_WAIT))
		return;
	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		struct pool_worker *worker = &pool->workers[i];

		if (worker->pid != 0 && worker->generation != pool->generation &&
		    worker->drain_until == 0)
			retire(pool, worker, now);
	}
}

void pool_stop(struct pool *pool, int64_t now)
{
	pool->stopping = true;
	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		if (pool->workers[i].pid != 0)
			retire(pool, &pool->workers[i], now);
	}
}

void pool_signal(const struct pool *pool, int number)
{
	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		if (pool->workers[i].pid != 0)
			(void)kill(pool->workers[i].pid, number);
	}
}
