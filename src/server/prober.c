#include "server/prober.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/timestamp.h"
#include "db/position.h"
#include "server/worker.h"

/* Between two attempts: longer each time, but a host that is back shall serve well within a second.
 */
#define PAUSE_FIRST (MICROSECONDS_PER_SECOND / 50)
#define PAUSE_MOST (MICROSECONDS_PER_SECOND / 4)
/* As process lists show it. */
#define PROCESS_NAME "clientele-probe"

void prober_list(struct shared *shared, const struct settings *settings, int64_t now)
{
	struct hosts hosts;

	(void)hosts_read(&hosts, settings, 0);
	host_board_list(&shared->hosts, &hosts, getpid(), now);
}

static struct host *find_host(struct hosts *hosts, const struct host_entry *entry)
{
	for (unsigned i = 0; i < hosts->count; i++) {
		if (hosts->list[i].entry == entry)
			return &hosts->list[i];
	}
	return NULL;
}

static void praise(struct host_entry *entry)
{
	int64_t now = timestamp_monotonic();
	struct host_verdict before = host_entry_verdict(entry);

	if (host_entry_praise(entry, now) && before.state == HOST_BAD)
		log_event(LOG_LEVEL_INFO, "database host is good again",
		    LOG_TEXT("host", entry->name),
		    LOG_INT("milliseconds", (now - before.since) / 1000));
}

/*
 * Who looks after the host learns what keeps it away, also when that has become another thing than
 * what it was lost by. Each reason once: a host may be away for days.
 */
static void tell_reason(const struct host_entry *entry, const char *detail, unsigned *told)
{
	enum host_why why = host_entry_verdict(entry).why;

	if ((*told & 1U << why) != 0)
		return;
	*told |= 1U << why;
	log_event(LOG_LEVEL_WARNING, "database host does not serve", LOG_TEXT("host", entry->name),
	    LOG_TEXT("reason", host_why_text(why)), LOG_TEXT("detail", detail));
}

/* It may take connections, and shut out changes. */
static bool is_still_blocked(const struct hosts *hosts, struct connection *connection)
{
	return host_entry_verdict(connection->host->entry).why == HOST_WHY_DONOR &&
	       hosts_have_other(hosts, connection->host, timestamp_monotonic()) &&
	       position_is_donor(connection);
}

/* As a worker connects: whoever passes serves. `*told` has a bit for each reason in the log. */
static bool attempt(
    const struct settings *settings, struct hosts *hosts, struct host *host, unsigned *told)
{
	int64_t begun = timestamp_monotonic();
	struct connection connection;
	struct failure failure;
	int result;

	atomic_store(&host->entry->connecting, true);
	result = connection_open_host(settings, host, CONNECTION_PROBE, &connection, &failure);
	atomic_store(&host->entry->connecting, false);
	if (result != 0) {
		hosts_blame_connect(hosts, host, failure.number, begun, timestamp_monotonic());
		tell_reason(host->entry, failure.message, told);
		return false;
	}
	if (is_still_blocked(hosts, &connection)) {
		connection_close(&connection);
		return false;
	}
	connection_close(&connection);
	praise(host->entry);
	return true;
}

bool prober_wanted(const struct child_context *context, unsigned post)
{
	const struct host_entry *entry = &context->shared->hosts.entries[post];

	return atomic_load(&entry->listed) && host_entry_verdict(entry).state != HOST_GOOD;
}

int prober_run(const struct child_context *context)
{
	const struct host_seat seat = { .board = &context->shared->hosts };
	struct host_entry *entry = &context->shared->hosts.entries[context->post];
	int64_t pause = PAUSE_FIRST;
	unsigned told = 0;
	struct hosts hosts;
	struct host *host;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)prctl(PR_SET_NAME, PROCESS_NAME, 0, 0, 0);
	if (getppid() != context->supervisor)
		return EXIT_SUCCESS;
	worker_set_limits(context->settings);
	(void)hosts_read(&hosts, context->settings, 0);
	hosts_join(&hosts, &seat);
	host = find_host(&hosts, entry);
	while (host != NULL && host_entry_verdict(entry).state != HOST_GOOD &&
	       !attempt(context->settings, &hosts, host, &told)) {
		const struct timespec wait = { .tv_nsec = 1000 * (long)pause };

		nanosleep(&wait, NULL);
		pause = 2 * pause < PAUSE_MOST ? 2 * pause : PAUSE_MOST;
	}
	return EXIT_SUCCESS;
}
