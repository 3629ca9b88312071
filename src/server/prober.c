#include "server/prober.h"

#include <errno.h>
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
/* Between two processes for one host. */
#define START_PAUSE (MICROSECONDS_PER_SECOND / 10)

void probers_list(struct shared *shared, const struct settings *settings, int64_t now)
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
static void tell(const struct host_entry *entry, const char *detail, unsigned *told)
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
		tell(host->entry, failure.message, told);
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

static int run(
    const struct settings *settings, struct shared *shared, unsigned number, pid_t supervisor)
{
	const struct host_seat seat = { .board = &shared->hosts };
	struct host_entry *entry = &shared->hosts.entries[number];
	int64_t pause = PAUSE_FIRST;
	unsigned told = 0;
	struct hosts hosts;
	struct host *host;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)prctl(PR_SET_NAME, PROCESS_NAME, 0, 0, 0);
	if (getppid() != supervisor)
		return EXIT_SUCCESS;
	worker_set_limits(settings);
	(void)hosts_read(&hosts, settings, 0);
	hosts_join(&hosts, &seat);
	host = find_host(&hosts, entry);
	while (host != NULL && host_entry_verdict(entry).state != HOST_GOOD &&
	       !attempt(settings, &hosts, host, &told)) {
		const struct timespec wait = { .tv_nsec = 1000 * (long)pause };

		nanosleep(&wait, NULL);
		pause = 2 * pause < PAUSE_MOST ? 2 * pause : PAUSE_MOST;
	}
	return EXIT_SUCCESS;
}

static pid_t start(
    const struct settings *settings, struct shared *shared, unsigned number, int listener)
{
	pid_t supervisor = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		/* Held open it would keep the socket alive after the supervisor. */
		(void)close(listener);
		exit(run(settings, shared, number, supervisor));
	}
	if (pid < 0)
		log_event(LOG_LEVEL_ERROR, "fork failed", LOG_TEXT("reason", strerror(errno)));
	return pid > 0 ? pid : 0;
}

int64_t probers_keep(struct probers *probers, const struct settings *settings,
    struct shared *shared, int listener, int64_t now)
{
	int64_t soonest = 0;

	for (unsigned i = 0; !probers->stopping && i < HOST_BOARD_MAX; i++) {
		const struct host_entry *entry = &shared->hosts.entries[i];

		if (probers->list[i].pid != 0 || !atomic_load(&entry->listed) ||
		    host_entry_verdict(entry).state == HOST_GOOD)
			continue;
		if (now >= probers->list[i].next_start) {
			probers->list[i].next_start = now + START_PAUSE;
			probers->list[i].pid = start(settings, shared, i, listener);
		} else if (soonest == 0 || probers->list[i].next_start < soonest) {
			soonest = probers->list[i].next_start;
		}
	}
	return soonest;
}

bool probers_bury(struct probers *probers, pid_t pid, int64_t now)
{
	for (unsigned i = 0; i < HOST_BOARD_MAX; i++) {
		if (probers->list[i].pid != pid)
			continue;
		probers->list[i].pid = 0;
		probers->list[i].next_start = now + START_PAUSE;
		return true;
	}
	return false;
}

void probers_renew(struct probers *probers)
{
	for (unsigned i = 0; i < HOST_BOARD_MAX; i++) {
		if (probers->list[i].pid != 0)
			(void)kill(probers->list[i].pid, SIGKILL);
	}
}

void probers_stop(struct probers *probers)
{
	probers->stopping = true;
	probers_renew(probers);
}
