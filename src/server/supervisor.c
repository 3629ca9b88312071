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
#include "base/timestamp.h"
#include "server/config_rule.h"
#include "server/identity.h"
#include "server/listener.h"
#include "server/mailer_process.h"
#include "server/notify.h"
#include "server/pool.h"
#include "server/worker.h"

/* How often deadlines are looked at. */
#define TICK (MICROSECONDS_PER_SECOND / 4)
#define ERROR_MEMORY ((size_t)64 * 1024)

struct supervisor {
	struct config config;
	int argc;
	char *const *argv;
	struct listener listener;
	struct pool pool;
	struct mailer_process mailer;
	sigset_t signals; /* handled by the loop, one after the other */
	bool announced;   /* the service manager knows that we are ready */
};

static int make_directory(const char *path, uid_t owner, gid_t group, struct error *error)
{
	if (mkdir(path, 0755) == 0) {
		if (geteuid() == 0 && chown(path, owner, group) != 0)
			return error_set_detail(error, ERROR_UNAVAILABLE, "change owner of %s: %s",
			    path, strerror(errno));
	} else if (errno != EEXIST) {
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "make %s: %s", path, strerror(errno));
	}
	return 0;
}

static int write_pid_file(const char *path, struct error *error)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	int fd;
	ssize_t written;

	if (path[0] == '\0')
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	written = fd >= 0 ? write(fd, text, (size_t)length) : -1;
	if (fd >= 0)
		(void)close(fd);
	if (written != length)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "write %s: %s", path, strerror(errno));
	return 0;
}

static int open_log(const struct settings *settings)
{
	return log_open(settings->log_target, (enum log_format)settings->log_format,
	    (enum log_level)settings->log_level);
}

static int start(struct supervisor *supervisor, struct error *error)
{
	const struct settings *settings = &supervisor->config.settings;
	struct pool *pool = &supervisor->pool;
	struct identity identity;

	if (identity_find(settings, &identity, error) != 0 ||
	    make_directory(settings->runtime_directory, identity.uid, identity.gid, error) != 0 ||
	    listener_open(&supervisor->listener, settings, error) != 0 ||
	    write_pid_file(settings->pid_file, error) != 0 || identity_take(&identity, error) != 0)
		return -1;
	if (open_log(settings) != 0)
		return error_set_detail(error, ERROR_UNAVAILABLE, "open log %s: %s",
		    settings->log_target, strerror(errno));
	worker_forbid_dumps(settings);
	pool->epoch = epoch_open(settings->runtime_directory);
	if (pool->epoch == NULL)
		return error_set_detail(error, ERROR_UNAVAILABLE, "counter file in %s: %s",
		    settings->runtime_directory, strerror(errno));
	pool->guard = guard_open(settings->runtime_directory);
	if (pool->guard == NULL)
		return error_set_detail(error, ERROR_UNAVAILABLE, "throttling files in %s: %s",
		    settings->runtime_directory, strerror(errno));
	pool->shared = shared_new(settings->runtime_directory, error);
	if (pool->shared == NULL)
		return -1;
	shared_name_routes(pool->shared);
	listener_path(&supervisor->listener, pool->shared->socket, sizeof(pool->shared->socket));
	atomic_store(&pool->shared->start_time, timestamp_now());
	atomic_store(&pool->shared->workers_configured, (int64_t)pool_size(settings));
	pool->settings = settings;
	pool->listener = supervisor->listener.fd;
	return 0;
}

static void finish(struct supervisor *supervisor)
{
	listener_unlink(&supervisor->listener);
	listener_close(&supervisor->listener);
	if (supervisor->config.settings.pid_file[0] != '\0')
		(void)unlink(supervisor->config.settings.pid_file);
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
		(void)timestamp_set_zone(supervisor->config.settings.time_zone);
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
	notify_stopping();
	log_event(LOG_LEVEL_INFO, "stopping", LOG_INT("workers", pool_alive(&supervisor->pool)));
	/* Nobody can connect from here on, so workers can empty the backlog; else it waits for the
	 * next server. */
	if (!supervisor->listener.inherited) {
		listener_unlink(&supervisor->listener);
		atomic_store(&supervisor->pool.shared->empty_backlog, true);
	}
	pool_stop(&supervisor->pool, now);
	mailer_process_stop(&supervisor->mailer, supervisor->pool.settings, now);
}

/* Collects the children that have ended. */
static void reap(struct supervisor *supervisor, int64_t now)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!mailer_process_bury(&supervisor->mailer, pid, status, now))
			(void)pool_bury(&supervisor->pool, pid, status, now);
	}
}

static void handle_signal(struct supervisor *supervisor, int number, int64_t now)
{
	switch (number) {
	case SIGCHLD:
		reap(supervisor, now);
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

static void loop(struct supervisor *supervisor)
{
	static const struct timespec tick = { 0, (long)TICK * 1000 };
	struct pool *pool = &supervisor->pool;

	while (!pool->stopping || pool_alive(pool) > 0 || supervisor->mailer.pid != 0) {
		int64_t now = timestamp_monotonic();
		struct timespec wait = tick;
		int number;

		pool_start_missing(pool, now);
		pool_retire_old(pool, now);
		pool_enforce_deadlines(pool, now);
		mailer_process_keep(&supervisor->mailer, pool->settings, pool->listener, now);
		announce(supervisor);
		if (now < pool->next_start && pool->next_start - now < TICK)
			wait.tv_nsec = (long)(pool->next_start - now) * 1000;
		else if (!supervisor->announced)
			wait.tv_nsec = 10 * 1000 * 1000;
		number = sigtimedwait(&supervisor->signals, NULL, &wait);
		if (number > 0)
			handle_signal(supervisor, number, timestamp_monotonic());
	}
}

static void block_signals(struct supervisor *supervisor)
{
	static const int numbers[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1 };
	struct sigaction usual = { .sa_handler = SIG_DFL };

	(void)sigemptyset(&supervisor->signals);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		(void)sigaddset(&supervisor->signals, numbers[i]);
		/* An ignored signal (nohup) would never come. */
		(void)sigaction(numbers[i], &usual, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &supervisor->signals, NULL);
}

int supervisor_run(struct config *config, int argc, char *const *argv)
{
	/* Static: workers inherit it, and a leak checker should see what it points to. */
	static struct supervisor supervisor;
	struct arena *arena = arena_new(ERROR_MEMORY, ERROR_MEMORY);
	struct error error;
	int result = EXIT_FAILURE;

	supervisor = (struct supervisor){ .config = *config, .argc = argc, .argv = argv };
	supervisor.listener.fd = -1;
	error_init(&error, arena);
	block_signals(&supervisor);
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
