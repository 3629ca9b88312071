/*
 * The list of database servers: which to try next, and which to leave alone for a while. No
 * network.
 */
#ifndef CLIENTELE_DB_HOSTS_H
#define CLIENTELE_DB_HOSTS_H

#include "base/settings.h"
#include "base/str.h"

#define HOSTS_MAX 16
#define HOSTS_REST INT64_C(5000000) /* how long a bad host is left alone, microseconds */

/* One server: by TCP (name and port), or by a unix socket. */
struct host {
	char name[256];   /* empty for a socket */
	char socket[108]; /* empty for TCP */
	unsigned port;
	int64_t bad_until; /* monotonic microseconds */
};

struct hosts {
	struct host list[HOSTS_MAX];
	unsigned count;
	unsigned next; /* where the next search begins */
};

/*
 * Reads "host[:port],[v6]:port,/path/of/socket,…"; an empty list means the socket alone. Returns
 * false, with the hosts read so far, when an entry is not of that form or there are too many.
 * `start` spreads the processes over the servers.
 */
bool hosts_read(struct hosts *hosts, const struct settings *settings, unsigned start);

/*
 * The next host to try, in turn, that is not resting; `*tried` has a bit for each host already
 * given. When all rest, the one that has rested longest is given, once. NULL when there is none
 * left.
 */
struct host *hosts_next(struct hosts *hosts, int64_t now, uint32_t *tried);

/* True for localhost, 127.0.0.0/8 and ::1, without brackets. Names are not looked up. */
bool host_name_is_local(const char *name);

/* True for a server of this machine: a socket, or a local name. */
bool host_is_local(const struct host *host);

#define HOST_TEXT 270 /* bytes of host_print() at most */

/* Writes a host as database_hosts names it: its socket, or name and port. */
void host_print(const struct host *host, char *out, size_t size);

/* Whether a connection to it must be encrypted, and the server's certificate be good. */
bool host_wants_tls(const struct host *host, const struct settings *settings);

/* Puts a host aside for HOSTS_REST. */
void hosts_set_bad(struct host *host, int64_t now);

#endif
