#include "server/shared.h"

#include <stddef.h>
#include <sys/mman.h>

const int64_t shared_bucket_bounds[SHARED_BUCKETS - 1] = {
	500,
	1000,
	2500,
	5000,
	10000,
	25000,
	50000,
	100000,
	250000,
	500000,
	1000000,
	2500000,
	10000000,
};

const char *const shared_family_names[SHARED_FAMILIES] = {
	"discovery",
	"credentials",
	"delegates",
	"hosting",
	"licensing",
	"oauth",
	"other",
};

struct shared *shared_new(void)
{
	void *memory = mmap(
	    NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory != MAP_FAILED ? memory : NULL;
}

void shared_free(struct shared *shared)
{
	if (shared != NULL)
		(void)munmap(shared, sizeof(*shared));
}

static void add(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

static enum method_class classify_method(const char *method)
{
	static const struct {
		const char *method;
		enum method_class class;
	} classes[] = {
		{ "GET", METHOD_CLASS_READ },
		{ "POST", METHOD_CLASS_WRITE },
		{ "PUT", METHOD_CLASS_WRITE },
		{ "HEAD", METHOD_CLASS_READ },
		{ "PATCH", METHOD_CLASS_WRITE },
		{ "DELETE", METHOD_CLASS_WRITE },
	};

	for (unsigned i = 0; method != NULL && i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strcmp(method, classes[i].method) == 0)
			return classes[i].class;
	}
	return METHOD_CLASS_OTHER;
}

static unsigned family_number(const char *name)
{
	unsigned i = 0;

	while (name != NULL && i < SHARED_FAMILIES - 1) {
		if (strcmp(name, shared_family_names[i]) == 0)
			return i;
		i++;
	}
	return SHARED_FAMILIES - 1;
}

void shared_count_request(struct shared *shared, const struct exchange_outcome *outcome,
    int64_t microseconds, uint64_t bytes)
{
	int status_class = outcome->status / 100 - 1;
	unsigned bucket = 0;

	if (status_class < 0 || status_class >= SHARED_STATUS_CLASSES)
		status_class = SHARED_STATUS_CLASSES - 1;
	add(&shared->requests[classify_method(outcome->method)][status_class]
			     [family_number(outcome->family)],
	    1);
	while (bucket < SHARED_BUCKETS - 1 && microseconds > shared_bucket_bounds[bucket])
		bucket++;
	add(&shared->latency[bucket], 1);
	add(&shared->latency_sum, microseconds > 0 ? (uint64_t)microseconds : 0);
	add(&shared->queries, outcome->queries);
	add(&shared->response_bytes, bytes);
	if (outcome->database_error)
		add(&shared->database_errors, 1);
}

unsigned shared_workers(const struct shared *shared, enum worker_state state)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SHARED_SLOTS; i++) {
		if (atomic_load_explicit(&shared->slots[i].state, memory_order_relaxed) ==
		    (int)state)
			count++;
	}
	return count;
}
