/*
 * Opening a connection: host after host, session set up, a real table probed.
 */
#ifndef CLIENTELE_DB_CONNECTION_H
#define CLIENTELE_DB_CONNECTION_H

#include "base/error.h"
#include "db/hosts.h"

struct st_mysql; /* MYSQL and MYSQL_RES; their header stays in the .c files */
struct st_mysql_res;

/* What the server or the library said last. */
struct failure {
	unsigned number; /* 0 = nothing failed */
	char sqlstate[6];
	char message[512];
};

/* Numbers of the client library for faults that are found here. */
#define FAILURE_NO_MEMORY 2008
#define FAILURE_PACKET_TOO_LARGE 2020
#define FAILURE_HISTORY 2048 /* the server shows another history: nothing was sent */
#define FAILURE_DONOR 2050   /* a wait for locks, of a server that gives its state away */
#define FAILURE_WRONG_PARAMETERS 2034
#define FAILURE_WRONG_COLUMNS 2036

/* Fills a failure of one's own. Always returns -1. */
int failure_set(struct failure *failure, unsigned number, const char *message);

enum connection_use {
	CONNECTION_SERVE,      /* short statements: strict timeouts */
	CONNECTION_PROBE,      /* the same, with little time for each answer */
	CONNECTION_MIGRATE,    /* several statements per call, no time limit but for locks */
	CONNECTION_ADMINISTER, /* as migrating, but to the server: there may be no database yet */
	/* to the server, for SHOW alone: a node outside of its cluster's primary component answers
	 * nothing else. Each step takes as long as connecting may. */
	CONNECTION_OBSERVE,
};

/* Who connects for that use: the user that may change the schema, where there is one. */
struct connection_account {
	const char *user, *password;
};

struct connection_account connection_account(
    const struct settings *settings, enum connection_use use);

struct connection {
	struct st_mysql *handle;
	struct host *host;
	bool schema_missing; /* the probed table does not exist (yet) */
	bool in_cluster;     /* it is compared with what was seen before; see db/position.h */
	uint64_t news;       /* of the comparison */
	size_t packet_max;   /* bytes of the longest packet that the server takes */
	int64_t opened;      /* monotonic microseconds */
};

/*
 * Connects to the next usable host of the list; hosts that refuse, do not answer, or cannot read a
 * table are put aside and the next is tried, as are those of a cluster whose history went back
 * (db/history.h). Returns 0, or -1 with `failure` filled by the last host, or by what shut all of
 * them out. Close with connection_close().
 */
int connection_open(const struct settings *settings, struct hosts *hosts, enum connection_use use,
    struct connection *connection, struct failure *failure) MUST_CHECK;

/* The same to this host, and no word about it to anybody. */
int connection_open_host(const struct settings *settings, struct host *host,
    enum connection_use use, struct connection *connection, struct failure *failure) MUST_CHECK;

/* From now on `tell` is called with the host before each connect, and with NULL after it; not for
 * CONNECTION_OBSERVE. */
void connection_announce(void (*tell)(const struct host *host));

void connection_close(struct connection *connection);

/* Reads the probed table. Returns 0 (see schema_missing), or -1 with `failure` filled. */
int connection_probe(struct connection *connection, struct failure *failure) MUST_CHECK;

/*
 * Runs one statement without parameters. Returns 0 with its rows, to be freed, or NULL where it has
 * none; or -1 with `failure` filled.
 */
int connection_query(struct connection *connection, struct str sql, struct st_mysql_res **rows,
    struct failure *failure) MUST_CHECK;

/* Runs statements without parameters and drops their rows. Returns 0, or -1 with `failure` filled.
 */
int connection_run(
    struct connection *connection, const char *sql, struct failure *failure) MUST_CHECK;

/*
 * Asks the server whether the session is in a transaction. Returns 0 with *open set, or -1 with
 * `failure` filled.
 */
int connection_in_transaction(
    struct connection *connection, bool *open, struct failure *failure) MUST_CHECK;

/* Name of the cipher that encrypts the connection; NULL when it is in the clear. */
const char *connection_cipher(const struct connection *connection);

/*
 * True when the server has closed an idle connection, or said something unasked; costs one poll, no
 * network traffic.
 */
bool connection_is_stale(const struct connection *connection);

#endif
