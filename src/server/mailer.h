/*
 * The mailer: a process beside the workers that sends what waits in the outbox, so that no request
 * ever waits for a mail server.
 *
 * Several machines may share one outbox. Who sends a mail first moves its next attempt on; the
 * others then do not see it, and should the sender die it falls due again.
 */
#ifndef CLIENTELE_SERVER_MAILER_H
#define CLIENTELE_SERVER_MAILER_H

#include "base/settings.h"
#include "server/child.h"

/* Runs in the new process until SIGTERM; its result is the exit status. */
int mailer_run(const struct child_context *context);

/* How long to wait after `attempts` (>= 1) attempts that failed, in microseconds. */
int64_t mailer_delay(const struct settings *settings, int64_t attempts);

#endif
