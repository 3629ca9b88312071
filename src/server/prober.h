/*
 * Processes that try database hosts which are not known to be good, so that no worker has to: one
 * for each such host, from the moment that the board says so until the host serves. They hold no
 * data.
 */
#ifndef CLIENTELE_SERVER_PROBER_H
#define CLIENTELE_SERVER_PROBER_H

#include "server/child.h"
#include "server/shared.h"

/* Enters the hosts of the settings on the board. */
void prober_list(struct shared *shared, const struct settings *settings, int64_t now);

/* For the table of child processes; a post is the number of a host on the board. */
bool prober_wanted(const struct child_context *context, unsigned post);
int prober_run(const struct child_context *context);

#endif
