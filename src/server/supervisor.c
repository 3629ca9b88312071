#define _GNU_SOURCE 1
#include "server/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/shared_file.h"
#include "base/timestamp.h"
#include "base/zone.h"
#include "db/history.h"
#include "server/config_rule.h"
#include "server/drain.h"
#include "server/identity.h"
#include "server/listener.h"
#include "server/mailer_process.h"
#include "server/notify.h"
#include "server/pid_file.h"
#include "server/pool.h"
#include "server/prober.h"
#include "server/worker.h"

/* How often deadlines are looked at while something is under way, and at least. */
#define TICK (MICROSECONDS_PER_SECOND / 4)
#define TICK_MOST (2 * MICROSECONDS_PER_SECOND)
#define TICK_UNTIL_READY (MICROSECONDS_PER_SECOND / 100)
/* Of request_deadline, by which a worker may outlive it. */
#define TICKS_PER_DEADLINE 8
#define ERROR_MEMORY ((size_t)64 * 1024)

/* Set by the handler of SIGBUS: a file was cut, and must be made anew. */
static volatile sig_atomic_t files_refilled;

struct supervisor {
	struct config config;
	int argc;
	char *const *argv;
	struct listener listener;
	struct pool pool;
	struct mailer_process mailer;
	struct probers probers;
	int64_t next_prober; /* when the probers want to be looked at; 0 = when one is needed */
	struct pid_file pid_file;
	int64_t start_time; /* real-time microseconds */
	sigset_t signals;   /* handled by the loop, one after the other */
	bool announced;     /* the service manager knows that we are ready */
};

static int make_directory(
    const char *path, mode_t mode, const struct identity *identity, struct error *error)
{
	int fd;

	if (mkdir(path, mode) != 0)
		return errno == EEXIST ? 0
				       : error_set_detail(error, ERROR_UNAVAILABLE, "make %s: %s",
					     path, strerror(errno));
	if (geteuid() != 0)
		return 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, identity->uid, identity->gid) != 0)
		error_set_detail(
		    error, ERROR_UNAVAILABLE, "change owner of %s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return error->code == ERROR_NONE ? 0 : -1;
}

static int make_directories(
    const struct settings *settings, const struct identity *identity, struct error *error)
{
	/* open_history() tells when it is not there. */
	if (make_directory(settings->state_directory, 0750, identity, error) != 0)
		error_clear(error);
	return make_directory(settings->runtime_directory, 0755, identity, error);
}

static int open_log(const struct settings *settings)
{
	return log_open(settings->log_target, (enum log_format)settings->log_format,
	    (enum log_level)settings->log_level);
}

static int fail_file(const char *what, const char *directory, struct error *error)
{
	return error_set_detail(
	    error, ERROR_UNAVAILABLE, "%s in %s: %s", what, directory, strerror(errno));
}

static int open_files(struct pool *pool, const char *directory, struct error *error)
{
	/* First: of two pools with one directory, the second shall touch nothing. */
	pool->shared = shared_new(directory, error);
	if (pool->shared == NULL)
		return -1;
	pool->epoch = epoch_open(directory);
	if (pool->epoch == NULL)
		return fail_file("counter file", directory, error);
	pool->guard = guard_open(directory);
	if (pool->guard == NULL)
		return fail_file("throttling files", directory, error);
	return 0;
}

/*
 * A single server needs no mark, and a pool that answers is worth more than one that only could
 * notice old data after its next start: it goes on, and says so.
 */
static void open_history(const char *directory)
{
	enum history_file found = history_open(directory);

	if (found == HISTORY_UNKEPT)
		log_event(LOG_LEVEL_ERROR, "cluster history not kept over restarts",
		    LOG_TEXT("directory", directory), LOG_TEXT("reason", strerror(errno)));
	else if (found == HISTORY_DAMAGED)
		log_event(LOG_LEVEL_ERROR, "recorded cluster history damaged; it starts again",
		    LOG_TEXT("directory", directory));
}

/* What the scoreboard says of the pool as a whole. */
static void describe(struct supervisor *supervisor)
{
	struct shared *shared = supervisor->pool.shared;

	shared_describe(shared);
	listener_path(&supervisor->listener, shared->socket, sizeof(shared->socket));
	atomic_store(&shared->start_time, supervisor->start_time);
	atomic_store(&shared->workers_configured, (int64_t)pool_size(&supervisor->config.settings));
	probers_list(shared, &supervisor->config.settings, timestamp_monotonic());
}

static int start(struct supervisor *supervisor, struct error *error)
{
	const struct settings *settings = &supervisor->config.settings;
	struct identity identity;

	if (identity_find(settings, &identity, error) != 0 ||
	    make_directories(settings, &identity, error) != 0 ||
	    listener_open(&supervisor->listener, settings, error) != 0 ||
	    pid_file_take(&supervisor->pid_file, settings->pid_file, error) != 0 ||
	    identity_take(&identity, error) != 0)
		return -1;
	if (open_log(settings) != 0)
		return error_set_detail(error, ERROR_UNAVAILABLE, "open log %s: %s",
		    settings->log_target, strerror(errno));
	worker_forbid_dumps(settings);
	open_history(settings->state_directory);
	if (open_files(&supervisor->pool, settings->runtime_directory, error) != 0)
		return -1;
	describe(supervisor);
	supervisor->pool.settings = settings;
	supervisor->pool.listener = supervisor->listener.fd;
	return 0;
}

static void finish(struct supervisor *supervisor)
{
	listener_unlink(&supervisor->listener);
	listener_close(&supervisor->listener);
	pid_file_drop(&supervisor->pid_file);
	epoch_close(supervisor->pool.epoch);
	guard_close(supervisor->pool.guard);
	shared_free(supervisor->pool.shared);
	config_free(&supervisor->config);
}

static void log_warning(void *context, const char *option, const char *text)
{
	(void)context;
	log_event(LOG_LEVEL_WARNING, "configuration", LOG_TEXT("option", option),
	    LOG_TEXT("warning", text));
}

static void announce(struct supervisor *supervisor)
{
	char status[64];
	unsigned serving = pool_serving(&supervisor->pool);

	if (supervisor->announced || serving == 0)
		return;
	snprintf(status, sizeof(status), "%u workers serve", serving);
	notify_ready(status);
	log_event(LOG_LEVEL_INFO, "ready", LOG_INT("workers", serving),
	    LOG_INT("generation", supervisor->pool.generation));
	config_rule_warnings(
	    &supervisor->config.settings, &(const struct config_listener){ log_warning, NULL });
	supervisor->announced = true;
}

static void log_faults(struct str faults)
{
	struct str line;

	while (faults.length > 0 && str_next(&faults, '\n', &line))
		log_event(LOG_LEVEL_ERROR, "configuration refused", LOG_STR("fault", line));
}

static void take_over(struct supervisor *supervisor, struct config *fresh)
{
	struct pool *pool = &supervisor->pool;

	config_free(&supervisor->config);
	supervisor->config = *fresh;
	pool->settings = &supervisor->config.settings;
	if (open_log(pool->settings) != 0)
		log_event(LOG_LEVEL_ERROR, "log not opened",
		    LOG_TEXT("target", pool->settings->log_target),
		    LOG_TEXT("reason", strerror(errno)));
	atomic_store(&pool->shared->workers_configured, (int64_t)pool_size(pool->settings));
	atomic_fetch_add(&pool->shared->reloads, 1);
	probers_list(pool->shared, pool->settings, timestamp_monotonic());
	probers_renew(&supervisor->probers);
	pool_renew(pool);
	mailer_process_renew(&supervisor->mailer, pool->settings, timestamp_monotonic());
}

static void reload(struct supervisor *supervisor)
{
	struct config fresh;
	struct buf text = { 0 };
	int kept = 0;

	notify_reloading();
	supervisor->announced = false;
	if (config_load(&fresh, supervisor->argc, supervisor->argv, CONFIG_SERVES, &text) != 0 ||
	    (kept = config_keep(&fresh, &supervisor->config, &text)) < 0) {
		log_faults(buf_str(&text));
		config_free(&fresh);
		(void)zone_set(supervisor->config.settings.time_zone);
		atomic_fetch_add(&supervisor->pool.shared->reloads_failed, 1);
	} else {
		if (kept > 0)
			log_event(LOG_LEVEL_WARNING, "options need a restart",
			    LOG_STR("options", buf_str(&text)));
		take_over(supervisor, &fresh);
	}
	buf_free(&text);
}

static void stop(struct supervisor *supervisor, int64_t now)
{
	if (supervisor->pool.stopping)
		return;
	notify_stopping(drain_time(
	    supervisor->mailer.pid != 0 ? DRAIN_MAILER : DRAIN_WORKER, supervisor->pool.settings));
	log_event(LOG_LEVEL_INFO, "stopping", LOG_INT("workers", pool_alive(&supervisor->pool)));
	/* Nobody can connect from here on, so workers can empty the backlog; else it waits for the
	 * next server. */
	if (!supervisor->listener.inherited) {
		listener_unlink(&supervisor->listener);
		atomic_store(&supervisor->pool.shared->empty_backlog, true);
	}
	probers_stop(&supervisor->probers);
	pool_stop(&supervisor->pool, now);
	mailer_process_stop(&supervisor->mailer, supervisor->pool.settings, now);
}

/*
 * Looks whether somebody has cut or overwritten the files that all share, which ends each process
 * that touches them. What was made anew is empty, so all workers begin anew, too.
 */
static void mend_files(struct supervisor *supervisor)
{
	const char *name = "";
	int count;

	files_refilled = 0;
	count = shared_file_mend(&name);
	if (count < 0) {
		log_event(LOG_LEVEL_ERROR, "shared file lost", LOG_TEXT("file", name),
		    LOG_TEXT("reason", strerror(errno)));
		exit(EXIT_FAILURE);
	}
	if (count == 0)
		return;
	log_event(LOG_LEVEL_ERROR, "damaged shared files recreated",
	    LOG_TEXT("directory", supervisor->config.settings.runtime_directory));
	/* It tells where the one that outlives boots was among them. */
	open_history(supervisor->config.settings.state_directory);
	describe(supervisor);
	pool_renew(&supervisor->pool);
}

/* Collects the children that have ended. */
static void reap(struct supervisor *supervisor, int64_t now)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)
			mend_files(supervisor);
		if (!mailer_process_bury(&supervisor->mailer, pid, status, now) &&
		    !probers_bury(&supervisor->probers, pid, now))
			(void)pool_bury(&supervisor->pool, pid, status, now);
	}
}

static void handle_signal(struct supervisor *supervisor, int number, int64_t now)
{
	switch (number) {
	case SIGCHLD:
		reap(supervisor, now);
		break;
	case SIGUSR2: /* of a worker: a database host became bad, and the loop looks for it */
		break;
	case SIGHUP:
		if (!supervisor->pool.stopping)
			reload(supervisor);
		break;
	case SIGUSR1:
		if (log_reopen() != 0)
			log_event(LOG_LEVEL_ERROR, "log not reopened",
			    LOG_TEXT("reason", strerror(errno)));
		pool_signal(&supervisor->pool, SIGUSR1);
		mailer_process_signal(&supervisor->mailer, SIGUSR1);
		break;
	default:
		stop(supervisor, now);
		break;
	}
}

/* The sooner of two moments; 0 = never. */
static int64_t sooner(int64_t wait, int64_t moment, int64_t now)
{
	if (moment <= now || moment - now >= wait)
		return wait;
	return moment - now;
}

/* For how long nothing needs the supervisor, unless a signal comes. */
static int64_t next_tick(const struct supervisor *supervisor, int64_t now)
{
	const struct pool *pool = &supervisor->pool;
	int64_t wait =
	    pool->settings->request_deadline * MICROSECONDS_PER_SECOND / TICKS_PER_DEADLINE;

	if (!supervisor->announced && now >= pool->next_start)
		return TICK_UNTIL_READY;
	if (!pool_settled(pool) || supervisor->mailer.leave_until != 0 ||
	    (wait != 0 && wait < TICK))
		wait = TICK;
	else if (wait == 0 || wait > TICK_MOST)
		wait = TICK_MOST;
	wait = sooner(wait, supervisor->next_prober, now);
	return sooner(sooner(wait, pool->next_start, now), supervisor->mailer.next_start, now);
}

static void loop(struct supervisor *supervisor)
{
	struct pool *pool = &supervisor->pool;

	while (!pool->stopping || pool_alive(pool) > 0 || supervisor->mailer.pid != 0) {
		int64_t now = timestamp_monotonic();
		struct timespec wait;
		int64_t tick;
		int number;

		if (shared_file_damaged() || files_refilled)
			mend_files(supervisor);
		/* First: the workers wait for their word. */
		supervisor->next_prober = probers_keep(
		    &supervisor->probers, pool->settings, pool->shared, pool->listener, now);
		pool_start_missing(pool, now);
		pool_retire_old(pool, now);
		pool_enforce_deadlines(pool, now);
		mailer_process_keep(
		    &supervisor->mailer, pool->settings, pool->shared, pool->listener, now);
		announce(supervisor);
		tick = next_tick(supervisor, now);
		wait.tv_sec = (time_t)(tick / MICROSECONDS_PER_SECOND);
		wait.tv_nsec = (long)(tick % MICROSECONDS_PER_SECOND) * 1000;
		number = sigtimedwait(&supervisor->signals, NULL, &wait);
		if (number > 0)
			handle_signal(supervisor, number, timestamp_monotonic());
	}
}

static void block_signals(struct supervisor *supervisor)
{
	static const int numbers[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2 };
	struct sigaction usual = { .sa_handler = SIG_DFL };

	(void)sigemptyset(&supervisor->signals);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		(void)sigaddset(&supervisor->signals, numbers[i]);
		/* An ignored signal (nohup) would never come. */
		(void)sigaction(numbers[i], &usual, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &supervisor->signals, NULL);
}

/*
 * The supervisor itself has met a file that was cut: it goes on where it was, and the loop does the
 * rest. A handler may not log; where nothing was cut, the signal comes again and ends the process.
 */
static void on_bus_error(int number)
{
	static const char lost[] = "clienteled: a shared file cannot be restored (bus error)\n";
	int saved = errno;

	if (shared_file_refill() > 0) {
		files_refilled = true;
	} else {
		(void)!write(STDERR_FILENO, lost, sizeof(lost) - 1);
		(void)signal(number, SIG_DFL);
	}
	errno = saved;
}

int supervisor_run(struct config *config, int argc, char *const *argv)
{
	/* Static: workers inherit it, and a leak checker should see what it points to. */
	static struct supervisor supervisor;
	struct arena *arena = arena_new(ERROR_MEMORY, ERROR_MEMORY);
	struct error error;
	int result = EXIT_FAILURE;

	supervisor = (struct supervisor){
		.config = *config, .argc = argc, .argv = argv, .start_time = timestamp_now()
	};
	supervisor.listener.fd = -1;
	error_init(&error, arena);
	block_signals(&supervisor);
	(void)sigaction(SIGBUS, &(struct sigaction){ .sa_handler = on_bus_error }, NULL);
	if (arena != NULL && start(&supervisor, &error) == 0) {
		loop(&supervisor);
		log_event(LOG_LEVEL_INFO, "stopped");
		result = EXIT_SUCCESS;
	} else {
		log_event(LOG_LEVEL_ERROR, "not started",
		    LOG_TEXT("reason", error.detail != NULL ? error.detail : "out of memory"));
	}
	finish(&supervisor);
	arena_free(arena);
	return result;
}
