#include "server/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/families.h"
#include "base/shared_file.h"
#include "http/route.h"
/* In angle brackets: this folder has a config.h of its own. */
#include <config.h>

#define SHARED_FILE_NAME "clientele.status"

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

static int fail(struct error *error, const char *directory)
{
	return error_set_detail(
	    error, ERROR_UNAVAILABLE, "%s in %s: %s", SHARED_FILE_NAME, directory, strerror(errno));
}

struct shared *shared_new(const char *directory, struct error *error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct shared *shared = shared_file_map(directory, SHARED_FILE_NAME, sizeof(*shared));
	/* Stays open: the lock is gone as soon as the process closes the file anywhere. */
	int fd =
	    shared != NULL ? shared_file_open(directory, SHARED_FILE_NAME, sizeof(*shared)) : -1;

	if (fd < 0) {
		fail(error, directory);
	} else if (fcntl(fd, F_SETLK, &lock) == 0) {
		memset(shared, 0, sizeof(*shared));
		snprintf(shared->version, sizeof(shared->version), "%s", PACKAGE_VERSION);
		shared->size = sizeof(*shared);
		return shared;
	} else {
		error_set_detail(error, ERROR_UNAVAILABLE,
		    "another pool uses the runtime directory %s", directory);
		(void)close(fd);
	}
	shared_free(shared);
	return NULL;
}

/* Process that holds the lock; 0 = nobody does. */
static int64_t lock_holder(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}

static const struct shared *look(
    const char *directory, int fd, int64_t *supervisor, struct error *error)
{
	const struct shared *shared;
	void *memory;

	*supervisor = lock_holder(fd);
	if (*supervisor == 0) {
		error_set_detail(error, ERROR_UNAVAILABLE, "no pool runs with %s", directory);
		return NULL;
	}
	memory = mmap(NULL, sizeof(*shared), PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		fail(error, directory);
		return NULL;
	}
	shared = memory;
	if (shared->size == sizeof(*shared) &&
	    strncmp(shared->version, PACKAGE_VERSION, sizeof(shared->version)) == 0)
		return shared;
	error_set_detail(error, ERROR_UNAVAILABLE,
	    "the pool that runs has version %.*s, this program %s; restart it",
	    (int)sizeof(shared->version), shared->version, PACKAGE_VERSION);
	(void)munmap(memory, sizeof(*shared));
	return NULL;
}

const struct shared *shared_look(const char *directory, int64_t *supervisor, struct error *error)
{
	const struct shared *shared;
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, SHARED_FILE_NAME);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		error_set_detail(error, ERROR_UNAVAILABLE, "no pool runs with %s", directory);
	else if (fd < 0)
		fail(error, directory);
	if (fd < 0)
		return NULL;
	shared = look(directory, fd, supervisor, error);
	(void)close(fd);
	return shared;
}

void shared_name_routes(struct shared *shared)
{
	const struct route *route;

	for (unsigned i = 1; i < SHARED_ROUTES && (route = families_route(i)) != NULL; i++)
		snprintf(shared->routes[i].name, SHARED_ROUTE_NAME, "%s %s",
		    request_method_name(route->method), route->path);
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

static void count_route(
    struct shared_route *route, const struct exchange_outcome *outcome, uint64_t microseconds)
{
	uint64_t longest = atomic_load_explicit(&route->longest, memory_order_relaxed);

	add(&route->requests, 1);
	add(&route->microseconds, microseconds);
	if (outcome->status >= 500)
		add(&route->failures, 1);
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
	add(&shared->requests[classify_method(outcome->method)][status_class]
			     [family_number(outcome->family)],
	    1);
	while (bucket < SHARED_BUCKETS - 1 && microseconds > shared_bucket_bounds[bucket])
		bucket++;
	add(&shared->latency[bucket], 1);
	if (microseconds < 0)
		microseconds = 0;
	add(&shared->latency_sum, (uint64_t)microseconds);
	if (outcome->route_number < SHARED_ROUTES)
		count_route(
		    &shared->routes[outcome->route_number], outcome, (uint64_t)microseconds);
	add(&shared->queries, outcome->queries);
	add(&shared->password_hashes, outcome->hashes);
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
