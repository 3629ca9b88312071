/*
 * The supervisor's hold on the mailer: started where a mail server is configured, started again
 * when it dies, renewed by a reload, made to leave.
 */
#ifndef CLIENTELE_SERVER_MAILER_PROCESS_H
#define CLIENTELE_SERVER_MAILER_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/settings.h"
#include "server/shared.h"

struct mailer_process {
	pid_t pid;           /* 0 = none runs */
	int64_t started;     /* monotonic microseconds, as all below */
	int64_t drain;       /* what the settings that it has give it; a reload may shorten it */
	int64_t leave_until; /* killed then; 0 = not told to leave */
	int64_t next_start;  /* not before */
	unsigned failures;   /* in a row */
	bool stopping;       /* no other will be started */
};

/*
 * Starts the mailer where one is wanted and none runs, and kills one that was told to leave and
 * does not. In the new process it does not return; it counts in `shared`, and `listener` is closed
 * there.
 */
void mailer_process_keep(struct mailer_process *process, const struct settings *settings,
    struct shared *shared, int listener, int64_t now);

/* Takes note of a process that has ended; false when it was not the mailer. */
bool mailer_process_bury(struct mailer_process *process, pid_t pid, int status, int64_t now);

/* Tells it to leave when its mail is sent, after which the next one is started with new settings.
 */
void mailer_process_renew(
    struct mailer_process *process, const struct settings *settings, int64_t now);

/* The same for good. */
void mailer_process_stop(
    struct mailer_process *process, const struct settings *settings, int64_t now);

/* Sends a signal to it. */
void mailer_process_signal(const struct mailer_process *process, int number);

#endif
