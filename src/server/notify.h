/*
 * Tells the service manager how it goes (the protocol of sd_notify(3), without libsystemd).
 */
#ifndef CLIENTELE_SERVER_NOTIFY_H
#define CLIENTELE_SERVER_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* True when a service manager listens. */
bool notify_wanted(void);

/*
 * Each sends one datagram to NOTIFY_SOCKET (a path, or an abstract name with '@'); without that
 * variable, or when the manager is gone, nothing happens. `status` is one line for people.
 * Stopping takes so long at most, which is told too: the manager waits for it.
 */
void notify_ready(const char *status);
void notify_reloading(void);
void notify_stopping(int64_t microseconds);
void notify_status(const char *status);

#endif
