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

#include "base/counter.h"
#include "base/log.h"
#include "base/shared_file.h"
#include "base/timestamp.h"
#include "base/zone.h"
#include "db/history.h"
#include "server/children.h"
#include "server/config_rule.h"
#include "server/handover.h"
#include "server/identity.h"
#include "server/listener.h"
#include "server/notify.h"
#include "server/pid_file.h"
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
	struct handover handover;
	struct children children;
	int64_t next_child; /* when they want to be looked at; 0 = when something happens */
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

static int open_files(struct child_context *pool, const char *directory, struct error *error)
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
static void publish_pool(struct supervisor *supervisor)
{
	struct shared *shared = supervisor->children.context.shared;

	shared_describe(shared);
	listener_path(&supervisor->listener, shared->socket, sizeof(shared->socket));
	atomic_store(&shared->start_time, supervisor->start_time);
	prober_list(shared, &supervisor->config.settings, timestamp_monotonic());
}

static int start_pool(struct supervisor *supervisor, struct error *error)
{
	const struct settings *settings = &supervisor->config.settings;
	struct identity identity;

	if (identity_find(settings, &identity, error) != 0 ||
	    make_directories(settings, &identity, error) != 0 ||
	    listener_open(&supervisor->listener, settings, error) != 0 ||
	    handover_open(&supervisor->handover, error) != 0 ||
	    pid_file_take(&supervisor->pid_file, settings->pid_file, error) != 0 ||
	    identity_take(&identity, error) != 0)
		return -1;
	if (open_log(settings) != 0)
		return error_set_detail(error, ERROR_UNAVAILABLE, "open log %s: %s",
		    settings->log_target, strerror(errno));
	worker_forbid_dumps(settings);
	open_history(settings->state_directory);
	if (open_files(&supervisor->children.context, settings->runtime_directory, error) != 0)
		return -1;
	publish_pool(supervisor);
	supervisor->children.context.settings = settings;
	supervisor->children.context.listener = supervisor->listener.fd;
	supervisor->children.context.handover = &supervisor->handover;
	return 0;
}

static void finish(struct supervisor *supervisor)
{
	listener_unlink(&supervisor->listener);
	listener_close(&supervisor->listener);
	handover_close(&supervisor->handover);
	pid_file_drop(&supervisor->pid_file);
	epoch_close(supervisor->children.context.epoch);
	guard_close(supervisor->children.context.guard);
	shared_free(supervisor->children.context.shared);
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
	unsigned serving = children_serving(&supervisor->children);

	if (supervisor->announced || serving == 0)
		return;
	snprintf(status, sizeof(status), "%u workers serve", serving);
	notify_ready(status);
	log_event(LOG_LEVEL_INFO, "ready", LOG_INT("workers", serving),
	    LOG_INT("generation", supervisor->children.generation));
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
	struct child_context *context = &supervisor->children.context;
	int64_t now = timestamp_monotonic();

	config_free(&supervisor->config);
	supervisor->config = *fresh;
	context->settings = &supervisor->config.settings;
	if (open_log(context->settings) != 0)
		log_event(LOG_LEVEL_ERROR, "log not opened",
		    LOG_TEXT("target", context->settings->log_target),
		    LOG_TEXT("reason", strerror(errno)));
	counter_add(&context->shared->reloads, 1);
	prober_list(context->shared, context->settings, now);
	children_renew(&supervisor->children, now);
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
		counter_add(&supervisor->children.context.shared->reloads_failed, 1);
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
	struct children *children = &supervisor->children;

	if (children->stopping)
		return;
	notify_stopping(children_drain(children));
	log_event(LOG_LEVEL_INFO, "stopping", LOG_INT("processes", children_alive(children)));
	atomic_store(&children->context.shared->stopping, true);
	/* Nobody can connect from here on, so workers can empty the backlog; else it waits for the
	 * next server. */
	if (!supervisor->listener.inherited) {
		listener_unlink(&supervisor->listener);
		atomic_store(&children->context.shared->empty_backlog, true);
	}
	children_stop(children, now);
}

/*
 * Looks whether somebody has cut or overwritten the files that all share, which ends each process
 * that touches them. What was made anew is empty, so all processes begin anew, too.
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
	publish_pool(supervisor);
	children_renew(&supervisor->children, timestamp_monotonic());
}

/* Collects the children that have ended. */
static void reap(struct supervisor *supervisor, int64_t now)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)
			mend_files(supervisor);
		children_bury(&supervisor->children, pid, status, now);
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
		if (!supervisor->children.stopping)
			reload(supervisor);
		break;
	case SIGUSR1:
		if (log_reopen() != 0)
			log_event(LOG_LEVEL_ERROR, "log not reopened",
			    LOG_TEXT("reason", strerror(errno)));
		children_signal(&supervisor->children, SIGUSR1);
		break;
	default:
		stop(supervisor, now);
		break;
	}
}

/* For how long nothing needs the supervisor, unless a signal comes. */
static int64_t next_tick(struct supervisor *supervisor, int64_t now)
{
	int64_t wait = supervisor->config.settings.request_deadline * MICROSECONDS_PER_SECOND /
		       TICKS_PER_DEADLINE;
	int64_t next = supervisor->next_child - now;

	if (!supervisor->announced && next <= 0)
		return TICK_UNTIL_READY;
	if (!children_settled(&supervisor->children) || (wait != 0 && wait < TICK))
		wait = TICK;
	else if (wait == 0 || wait > TICK_MOST)
		wait = TICK_MOST;
	return next > 0 && next < wait ? next : wait;
}

static void loop(struct supervisor *supervisor)
{
	struct children *children = &supervisor->children;

	while (!children->stopping || children_alive(children) > 0) {
		int64_t now = timestamp_monotonic();
		struct timespec wait;
		int64_t tick;
		int number;

		if (shared_file_damaged() || files_refilled)
			mend_files(supervisor);
		supervisor->next_child = children_keep(children, now);
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
	supervisor.handover = (struct handover){ -1, -1 };
	error_init(&error, arena);
	block_signals(&supervisor);
	(void)sigaction(SIGBUS, &(struct sigaction){ .sa_handler = on_bus_error }, NULL);
	if (arena != NULL && start_pool(&supervisor, &error) == 0) {
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
