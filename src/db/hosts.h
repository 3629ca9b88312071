/*
 * The list of database servers: which to try next, and which to leave alone. A process of a pool
 * goes by the board that it shares with the others (db/host_board); any other has only what it has
 * seen itself. No network.
 */
#ifndef CLIENTELE_DB_HOSTS_H
#define CLIENTELE_DB_HOSTS_H

#include "base/settings.h"
#include "base/str.h"

#define HOSTS_MAX 16
#define HOSTS_REST INT64_C(5000000) /* how long a bad host is left alone, microseconds */
#define HOST_TEXT 270               /* bytes of host_print() at most */

struct host_board;
struct host_entry;
struct host_seat;

/* One server: by TCP (name and port), or by a unix socket. */
struct host {
	char name[256];   /* empty for a socket */
	char socket[108]; /* empty for TCP */
	unsigned port;
	int64_t bad_until;        /* monotonic microseconds; counts where there is no entry */
	struct host_entry *entry; /* on the board; NULL = none */
};

struct hosts {
	struct host list[HOSTS_MAX];
	unsigned count;
	unsigned next;            /* where the next search begins */
	struct host_board *board; /* NULL = none */
	unsigned number;          /* on it: the search begins at the host of this worker */
};

/*
 * Reads "host[:port],[v6]:port,/path/of/socket,…"; an empty list means the socket alone. Returns
 * false, with the hosts read so far, when an entry is not of that form or there are too many.
 * `start` spreads the processes over the servers.
 */
bool hosts_read(struct hosts *hosts, const struct settings *settings, unsigned start);

/*
 * For the command line: hosts_read() puts aside from now on what this board calls bad, unless that
 * is all there is. NULL = there is none. It must outlive all lists.
 */
void hosts_ask(const struct host_board *board);

/*
 * Takes part in a pool's board. Hosts are then tried in the worker's own order: first the one that
 * it prefers, then others, so that the workers of a lost host go to all that are left.
 */
void hosts_join(struct hosts *hosts, const struct host_seat *seat);

/* The host that the worker prefers; NULL without a board, or where there is only one. */
struct host *hosts_preferred(struct hosts *hosts);

/*
 * The next host to try, in turn, that is not resting; `*tried` has a bit for each host already
 * given. When all rest, the one that has rested longest is given, once. Of a board only those are
 * given that are good. NULL when there is none left.
 */
struct host *hosts_next(struct hosts *hosts, int64_t now, uint32_t *tried);

/* Whether there is another one to use now. */
bool hosts_have_other(const struct hosts *hosts, const struct host *host, int64_t now);

/*
 * Until when it is worth to wait for a verdict of the board before hosts_next() is asked: a moment
 * that has passed, or 0, when it is not.
 */
int64_t hosts_wait_until(struct hosts *hosts);

/* True for localhost, 127.0.0.0/8 and ::1, without brackets. Names are not looked up. */
bool host_name_is_local(const char *name);

/* True for a server of this machine: a socket, or a local name. */
bool host_is_local(const struct host *host);

/* Writes a host as database_hosts names it: its socket, or name and port. */
void host_print(const struct host *host, char *out, size_t size);

/* Whether a connection to it must be encrypted, and the server's certificate be good. */
bool host_wants_tls(const struct host *host, const struct settings *settings);

/* Puts a host aside for HOSTS_REST. */
void hosts_set_bad(struct host *host, int64_t now);

/* Puts a host aside, here or for all of the pool, after a connect that began at `begun` has failed
 * with the error of that number. */
void hosts_blame_connect(
    struct hosts *hosts, struct host *host, unsigned number, int64_t begun, int64_t now);

/* The same for a connection, made at `opened`, that was lost by what it was asked at `asked`. */
void hosts_blame_loss(struct hosts *hosts, struct host *host, unsigned number, int64_t asked,
    int64_t opened, int64_t now);

/* Whether the pool knows that connections to the host, made at `opened`, are of no use. */
bool host_is_given_up(const struct host *host, int64_t opened);

/* Writes for people which hosts the board calls bad and why, if it does. */
void hosts_explain(const struct hosts *hosts, char *text, size_t size);

/* How long a connect to one host may take, in seconds: less where there is another one to try. */
unsigned hosts_connect_timeout(const struct settings *settings);

#endif
