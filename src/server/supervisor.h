/*
 * The process that owns the listening socket and the workers. It never reads a request.
 */
#ifndef CLIENTELE_SERVER_SUPERVISOR_H
#define CLIENTELE_SERVER_SUPERVISOR_H

#include "server/config.h"

/*
 * Runs the pool until SIGTERM or SIGINT; returns the exit status. SIGHUP reads the configuration
 * again, from `argv` too; SIGUSR1 reopens the logs of all processes. Takes over `config`.
 */
int supervisor_run(struct config *config, int argc, char *const *argv);

#endif
