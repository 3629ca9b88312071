/*
 * What the command line knows of database hosts: those that the machine's pool finds bad are left
 * for last, and people are told what is waited for.
 */
#ifndef CLIENTELE_CLI_HOST_WAIT_H
#define CLIENTELE_CLI_HOST_WAIT_H

#include "cli/session.h"

/* From here on, for all connections of this process; before the first list of hosts is read. */
void host_wait_begin(struct session *session);
void host_wait_end(void);

#endif
