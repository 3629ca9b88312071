#include <mysql.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/timestamp.h"
#include "base/uuid.h"
#include "db/connection.h"
#include "db/fault.h"
#include "db/migrate_lease.h"

#define WAIT (60 * MICROSECONDS_PER_SECOND)
#define PAUSE 200000000 /* nanoseconds */
#define RENEWALS 4      /* within the time of a lease */
#define TOKEN_LENGTH 16

/* A holder is a server and a token of the run. Programs before wrote the server only. */
#define THIS_SERVER "CONCAT(@@hostname, ':', @@port, ':', @@socket)"
#define TAKE                                                                                      \
	"UPDATE schema_lease SET holder = CONCAT(" THIS_SERVER ", '#%s'), expires_at = "          \
	"UTC_TIMESTAMP(6) + INTERVAL %lld SECOND WHERE id = 1 AND (SUBSTRING_INDEX(holder, '#', " \
	"1) = " THIS_SERVER " OR expires_at <= UTC_TIMESTAMP(6))"
#define RENEW                                                                           \
	"UPDATE schema_lease SET expires_at = UTC_TIMESTAMP(6) + INTERVAL %lld SECOND " \
	"WHERE id = 1 AND SUBSTRING_INDEX(holder, '#', -1) = '%s'"
#define GIVE_BACK                                                \
	"UPDATE schema_lease SET expires_at = UTC_TIMESTAMP(6) " \
	"WHERE id = 1 AND SUBSTRING_INDEX(holder, '#', -1) = '%s'"

struct migrate_lease {
	struct connection connection; /* of the thread, while that runs */
	char token[TOKEN_LENGTH + 1];
	long long seconds;
	unsigned long worker;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool ending; /* under the mutex */
	atomic_bool lost;
};

/* Sends one of the statements above. Returns the rows that it found, -1 with `failure` filled. */
static int64_t update(struct migrate_lease *lease, const char *sql, struct failure *failure)
{
	if (connection_run(&lease->connection, sql, failure) < 0)
		return -1;
	return (int64_t)mysql_affected_rows(lease->connection.handle);
}

static int64_t renew(struct migrate_lease *lease, struct failure *failure)
{
	char sql[512];

	snprintf(sql, sizeof(sql), RENEW, lease->seconds, lease->token);
	return update(lease, sql, failure);
}

/* Somebody else changes the schema by now: what runs here must not go on beside it. */
static void lose(struct migrate_lease *lease)
{
	struct failure failure;
	char sql[64];

	atomic_store(&lease->lost, true);
	snprintf(sql, sizeof(sql), "KILL QUERY %lu", lease->worker);
	if (connection_run(&lease->connection, sql, &failure) < 0)
		return; /* the statement has ended, or the server has */
}

/* False when the end has come instead. */
static bool sleep_until_renewal(struct migrate_lease *lease)
{
	int64_t wait = lease->seconds * MICROSECONDS_PER_SECOND / RENEWALS;
	struct timespec until;
	int result = 0;
	bool ending;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(wait / MICROSECONDS_PER_SECOND);
	until.tv_nsec += (long)(wait % MICROSECONDS_PER_SECOND) * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_mutex_lock(&lease->mutex);
	while (!lease->ending && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&lease->wake, &lease->mutex, &until);
	ending = lease->ending;
	(void)pthread_mutex_unlock(&lease->mutex);
	return !ending;
}

/* A renewal that fails for another reason than a new holder is tried again: nobody can take the
 * lease before its end, and then this finds it out. */
static void *keep(void *context)
{
	struct migrate_lease *lease = context;
	struct failure failure;

	(void)mysql_thread_init();
	while (sleep_until_renewal(lease)) {
		if (renew(lease, &failure) == 0) {
			lose(lease);
			break;
		}
	}
	mysql_thread_end();
	return NULL;
}

static int start_renewal(struct migrate_lease *lease, struct error *error)
{
	pthread_condattr_t attributes;
	int result = pthread_condattr_init(&attributes);

	if (result == 0)
		result = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	if (result == 0)
		result = pthread_cond_init(&lease->wake, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	if (result == 0)
		result = pthread_mutex_init(&lease->mutex, NULL);
	if (result == 0)
		result = pthread_create(&lease->thread, NULL, keep, lease);
	return result == 0 ? 0
			   : error_set_detail(error, ERROR_INTERNAL,
				 "renewing the migration's lease: %s", strerror(result));
}

static int fail_lease(const struct failure *failure, struct error *error)
{
	const char *cause;

	fault_report(failure->number, failure->sqlstate, failure->message, error);
	cause = error->detail;
	return error_set_detail(error, error->code, "taking the migration's lease: %s", cause);
}

static int acquire_lease(struct migrate_lease *lease, struct error *error)
{
	int64_t deadline = timestamp_monotonic() + WAIT, taken;
	struct timespec pause = { .tv_nsec = PAUSE };
	struct failure failure;
	char sql[640];

	snprintf(sql, sizeof(sql), TAKE, lease->token, lease->seconds);
	/* Of two servers that take it at once, the cluster refuses one: it waits, too. */
	while ((taken = update(lease, sql, &failure)) <= 0) {
		if (taken < 0 && fault_info(failure.number)->fault != DATABASE_FAULT_RETRY)
			return fail_lease(&failure, error);
		if (timestamp_monotonic() > deadline)
			return error_set_detail(error, ERROR_UNAVAILABLE,
			    "another server of the cluster is migrating this database, or died "
			    "recently while doing so; try again later");
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static int open_connection(
    struct migrate_lease *lease, const struct settings *settings, struct error *error)
{
	struct failure failure;
	struct hosts hosts;

	if (!hosts_read(&hosts, settings, 0))
		return error_set_detail(error, ERROR_UNAVAILABLE, "database_hosts cannot be read");
	if (connection_open(settings, &hosts, CONNECTION_MIGRATE, &lease->connection, &failure) < 0)
		return fail_lease(&failure, error);
	return 0;
}

struct migrate_lease *migrate_lease_take(
    const struct settings *settings, unsigned long worker, int64_t seconds, struct error *error)
{
	struct migrate_lease *lease = calloc(1, sizeof(*lease));

	if (lease == NULL) {
		error_set_detail(error, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	lease->seconds = seconds;
	lease->worker = worker;
	random_text(lease->token, TOKEN_LENGTH, RANDOM_HEX_LOWER);
	if (open_connection(lease, settings, error) == 0 && acquire_lease(lease, error) == 0 &&
	    start_renewal(lease, error) == 0)
		return lease;
	connection_close(&lease->connection);
	free(lease);
	return NULL;
}

int migrate_lease_check(struct migrate_lease *lease, struct error *error)
{
	if (!atomic_load(&lease->lost))
		return 0;
	error_clear(error);
	return error_set_detail(error, ERROR_UNAVAILABLE,
	    "another server has taken over this migration because the lease was not renewed in "
	    "time");
}

void migrate_lease_give_back(struct migrate_lease *lease)
{
	struct failure failure;
	char sql[512];

	(void)pthread_mutex_lock(&lease->mutex);
	lease->ending = true;
	(void)pthread_cond_signal(&lease->wake);
	(void)pthread_mutex_unlock(&lease->mutex);
	(void)pthread_join(lease->thread, NULL);
	/* One that cannot be given back runs out, or is taken over by the next run here. */
	snprintf(sql, sizeof(sql), GIVE_BACK, lease->token);
	(void)update(lease, sql, &failure);
	connection_close(&lease->connection);
	(void)pthread_cond_destroy(&lease->wake);
	(void)pthread_mutex_destroy(&lease->mutex);
	free(lease);
}
