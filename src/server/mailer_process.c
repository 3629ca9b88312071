#include "server/mailer_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/timestamp.h"
#include "server/drain.h"
#include "server/mailer.h"

#define BACK_OFF_FIRST (MICROSECONDS_PER_SECOND / 2)
#define BACK_OFF_MOST (60 * MICROSECONDS_PER_SECOND)
/* One that has lived so long has not failed at its start. */
#define SETTLED (30 * MICROSECONDS_PER_SECOND)

static int64_t back_off(unsigned failures)
{
	int64_t delay = BACK_OFF_FIRST;

	while (--failures > 0 && delay < BACK_OFF_MOST)
		delay *= 2;
	return delay < BACK_OFF_MOST ? delay : BACK_OFF_MOST;
}

static void start(struct mailer_process *process, const struct settings *settings,
    struct shared *shared, int listener, int64_t now)
{
	pid_t supervisor = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		/* Held open it would keep the socket alive after the supervisor. */
		(void)close(listener);
		exit(mailer_run(settings, shared, supervisor));
	}
	if (pid < 0) {
		log_event(LOG_LEVEL_ERROR, "fork failed", LOG_TEXT("reason", strerror(errno)));
		process->next_start = now + BACK_OFF_FIRST;
		return;
	}
	process->pid = pid;
	process->started = now;
	process->drain = drain_time(DRAIN_MAILER, settings);
	process->leave_until = 0;
}

void mailer_process_keep(struct mailer_process *process, const struct settings *settings,
    struct shared *shared, int listener, int64_t now)
{
	if (process->pid == 0) {
		if (!process->stopping && settings->mail_server[0] != '\0' &&
		    now >= process->next_start)
			start(process, settings, shared, listener, now);
	} else if (process->leave_until != 0 && now > process->leave_until) {
		log_event(LOG_LEVEL_ERROR, "mailer did not stop in time",
		    LOG_INT("mailer", process->pid));
		(void)kill(process->pid, SIGKILL);
	}
}

bool mailer_process_bury(struct mailer_process *process, pid_t pid, int status, int64_t now)
{
	bool planned = process->leave_until != 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (process->pid == 0 || pid != process->pid)
		return false;
	if (planned || now - process->started > SETTLED)
		process->failures = 0;
	if (!planned) {
		process->failures++;
		process->next_start = now + back_off(process->failures);
		log_event(LOG_LEVEL_ERROR, "mailer left", LOG_INT("mailer", pid),
		    LOG_TEXT("by", WIFSIGNALED(status) ? "signal" : "exit"),
		    LOG_INT("code", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)),
		    LOG_INT("milliseconds", back_off(process->failures) / 1000));
	}
	process->pid = 0;
	return true;
}

static void leave(struct mailer_process *process, const struct settings *settings, int64_t now)
{
	int64_t drain = drain_time(DRAIN_MAILER, settings);

	if (process->pid == 0)
		return;
	process->leave_until = now + (drain > process->drain ? drain : process->drain);
	mailer_process_signal(process, SIGTERM);
}

void mailer_process_renew(
    struct mailer_process *process, const struct settings *settings, int64_t now)
{
	process->failures = 0;
	process->next_start = 0;
	leave(process, settings, now);
}

void mailer_process_stop(
    struct mailer_process *process, const struct settings *settings, int64_t now)
{
	process->stopping = true;
	leave(process, settings, now);
}

void mailer_process_signal(const struct mailer_process *process, int number)
{
	if (process->pid != 0)
		(void)kill(process->pid, number);
}
