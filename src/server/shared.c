#define _GNU_SOURCE 1
#include "server/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/contracts.h"
#include "base/counter.h"
#include "base/own_file.h"
#include "op/route.h"
/* In angle brackets: this folder has a config.h of its own. */
#include <config.h>

#define STATE_BITS 3
_Static_assert(WORKER_STATE__MAX <= 1 << STATE_BITS, "a state has its bits");

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

static const struct shared_file status_file = {
	.name = "clientele.status",
	.layout = 5,
	.size = sizeof(struct shared),
	.exclusive = true,
};

static int fail_status_file(struct error *error, const char *directory)
{
	return error_set_detail(
	    error, ERROR_UNAVAILABLE, "%s in %s: %s", status_file.name, directory, strerror(errno));
}

/*
 * The file may be removed while the pool runs. A lock of the directory tells of the pool all the
 * same, for as long as one of its processes lives: they inherit the descriptor.
 */
static void lock_directory(const char *directory)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int fd;

	if (directory == NULL) /* memory without a name, which nobody else finds either */
		return;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) != 0)
		(void)close(fd);
}

static bool is_directory_locked(const char *directory)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool locked = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

	if (fd >= 0)
		(void)close(fd);
	return locked;
}

void shared_describe(struct shared *shared)
{
	const struct route *route;

	snprintf(shared->version, sizeof(shared->version), "%s", PACKAGE_VERSION);
	for (unsigned i = 1; i < SHARED_ROUTES && (route = contracts_route(i)) != NULL; i++)
		snprintf(shared->routes[i].name, SHARED_ROUTE_NAME, "%s %s",
		    request_method_name(route->method), route->path);
}

struct shared *shared_new(const char *directory, struct error *error)
{
	struct shared *shared = shared_file_map(&status_file, directory);

	if (shared == NULL) {
		if (errno == EBUSY)
			error_set_detail(error, ERROR_UNAVAILABLE,
			    "another pool uses the runtime directory %s", directory);
		else
			fail_status_file(error, directory);
		return NULL;
	}
	/* What a pool of this boot has counted. */
	memset(
	    (char *)shared + sizeof(shared->header), 0, sizeof(*shared) - sizeof(shared->header));
	shared_describe(shared);
	lock_directory(directory);
	return shared;
}

void shared_free(struct shared *shared)
{
	shared_file_unmap(shared);
}

/* Process that holds the lock; 0 = nobody does. */
static int64_t lock_holder(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}

static bool is_readable(const struct shared *shared)
{
	return shared_file_is(&status_file, &shared->header) &&
	       strncmp(shared->version, PACKAGE_VERSION, sizeof(shared->version)) == 0;
}

static int look(const char *directory, int fd, struct shared_view *view, struct error *error)
{
	struct stat status;
	void *memory;

	view->supervisor = lock_holder(fd);
	if (view->supervisor == 0)
		return 0;
	view->runs = true;
	if (fstat(fd, &status) != 0)
		return fail_status_file(error, directory);
	if (status.st_size == (off_t)sizeof(struct shared)) {
		memory = mmap(NULL, sizeof(struct shared), PROT_READ, MAP_SHARED, fd, 0);
		if (memory == MAP_FAILED)
			return fail_status_file(error, directory);
		if (is_readable(memory)) {
			view->shared = memory;
			return 0;
		}
		(void)munmap(memory, sizeof(struct shared));
	}
	return error_set_detail(error, ERROR_UNAVAILABLE,
	    "the pool running with %s has another version than this program, " PACKAGE_VERSION
	    "; restart it",
	    directory);
}

bool shared_look(const char *directory, struct shared_view *view, struct error *error)
{
	char path[PATH_MAX];
	int fd, result;

	*view = (struct shared_view){ 0 };
	snprintf(path, sizeof(path), "%s/%s", directory, status_file.name);
	fd = own_file_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	result = fd >= 0           ? look(directory, fd, view, error)
		 : errno == ENOENT ? 0
				   : fail_status_file(error, directory);
	if (fd >= 0)
		(void)close(fd);
	if (result != 0 || view->shared != NULL)
		return view->shared != NULL;
	view->runs = is_directory_locked(directory);
	if (view->runs)
		error_set_detail(error, ERROR_UNAVAILABLE,
		    "a pool is running with %s, but its file %s is missing; restart the pool",
		    directory, status_file.name);
	else
		error_set_detail(error, ERROR_UNAVAILABLE, "no pool is running with %s", directory);
	return false;
}

void shared_view_drop(struct shared_view *view)
{
	if (view->shared != NULL)
		(void)munmap((void *)(uintptr_t)view->shared, sizeof(*view->shared));
	view->shared = NULL;
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

const char *shared_family_name(unsigned number)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	if (number >= SHARED_FAMILIES - 1 || number >= count ||
	    contracts[number]->family.without_database)
		return "other";
	return contracts[number]->family.name;
}

static unsigned family_number(const char *name)
{
	unsigned i = 0;

	while (name != NULL && i < SHARED_FAMILIES - 1) {
		if (strcmp(name, shared_family_name(i)) == 0)
			return i;
		i++;
	}
	return SHARED_FAMILIES - 1;
}

static void count_route(
    struct shared_route *route, const struct exchange_outcome *outcome, uint64_t microseconds)
{
	uint64_t longest = atomic_load_explicit(&route->longest, memory_order_relaxed);

	counter_add(&route->requests, 1);
	counter_add(&route->microseconds, microseconds);
	if (outcome->status >= 500)
		counter_add(&route->failures, 1);
	while (microseconds > longest &&
	       !atomic_compare_exchange_weak_explicit(&route->longest, &longest, microseconds,
		   memory_order_relaxed, memory_order_relaxed))
		;
}

void shared_count_request(struct shared *shared, const struct exchange_outcome *outcome,
    int64_t microseconds, uint64_t bytes)
{
	int status_class = outcome->status / 100 - 1;
	unsigned bucket = 0;

	if (status_class < 0 || status_class >= SHARED_STATUS_CLASSES)
		status_class = SHARED_STATUS_CLASSES - 1;
	counter_add(&shared->requests[classify_method(outcome->method)][status_class]
				     [family_number(outcome->family)],
	    1);
	while (bucket < SHARED_BUCKETS - 1 && microseconds > shared_bucket_bounds[bucket])
		bucket++;
	counter_add(&shared->latency[bucket], 1);
	if (microseconds < 0)
		microseconds = 0;
	counter_add(&shared->latency_sum, (uint64_t)microseconds);
	if (outcome->route_number < SHARED_ROUTES)
		count_route(
		    &shared->routes[outcome->route_number], outcome, (uint64_t)microseconds);
	counter_add(&shared->queries, outcome->queries);
	counter_add(&shared->unprepared, outcome->unprepared);
	counter_add(&shared->password_hashes, outcome->hashes);
	counter_add(&shared->response_bytes, bytes);
	if (outcome->database_error)
		counter_add(&shared->database_errors, 1);
}

void shared_slot_set(struct shared_slot *slot, enum worker_state state, int64_t started)
{
	atomic_store_explicit(
	    &slot->work, (uint64_t)started << STATE_BITS | (uint64_t)state, memory_order_relaxed);
}

struct shared_work shared_slot_work(const struct shared_slot *slot)
{
	uint64_t work = atomic_load_explicit(&slot->work, memory_order_relaxed);
	uint64_t state = work & ((1 << STATE_BITS) - 1);

	if (state >= WORKER_STATE__MAX)
		return (struct shared_work){ 0 };
	if ((state == WORKER_IDLE || state == WORKER_BUSY) &&
	    atomic_load_explicit(&slot->host.connecting, memory_order_relaxed))
		state = WORKER_CONNECTING;
	return (struct shared_work){ (enum worker_state)state, (int64_t)(work >> STATE_BITS) };
}

unsigned shared_connections(const struct shared *shared, unsigned entry)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SHARED_SLOTS; i++)
		count += atomic_load_explicit(&shared->slots[i].host.entry, memory_order_relaxed) ==
			 entry + 1;
	return count;
}

unsigned shared_workers(const struct shared *shared, enum worker_state state)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SHARED_SLOTS; i++)
		count += shared_slot_work(&shared->slots[i]).state == state;
	return count;
}
