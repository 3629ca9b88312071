#include <unistd.h>

#include "base/timestamp.h"
#include "server/worker.h"

#define WORKERS_LEAST 4
#define WORKERS_PER_PROCESSOR 2

unsigned worker_count(const struct settings *settings)
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

bool worker_wanted(const struct child_context *context, unsigned post)
{
	return post < worker_count(context->settings);
}

struct shared_slot *worker_slot(const struct child_context *context)
{
	return &context->shared->slots[context->number];
}

void worker_clear(const struct child_context *context)
{
	struct shared_slot *slot = worker_slot(context);

	shared_slot_set(slot, WORKER_NONE, 0);
	atomic_store(&slot->pid, 0);
	atomic_store(&slot->served, 0);
	atomic_store(&slot->host.entry, 0);
	atomic_store(&slot->host.connecting, false);
	gate_forget(context->guard->gate, context->number);
}

void worker_begin(const struct child_context *context, pid_t pid)
{
	if (pid == 0)
		shared_slot_set(worker_slot(context), WORKER_STARTING, 0);
	else
		atomic_store(&worker_slot(context)->pid, pid);
}

bool worker_serves(const struct child_context *context)
{
	return shared_slot_work(worker_slot(context)).state > WORKER_STARTING;
}

int64_t worker_overdue(const struct child_context *context, int64_t now)
{
	int64_t deadline = context->settings->request_deadline * MICROSECONDS_PER_SECOND;
	const struct shared_slot *slot = worker_slot(context);
	int64_t started = shared_slot_work(slot).started;
	int64_t progress = atomic_load_explicit(&slot->progress, memory_order_relaxed);

	if (progress < started)
		progress = started;
	return deadline > 0 && started != 0 && now - progress > deadline ? started : 0;
}

uint64_t worker_served(const struct child_context *context)
{
	return atomic_load(&worker_slot(context)->served);
}
