/*
 * What the nodes of a Galera cluster say of themselves. Each is asked alone and side by side, by
 * the user of the pool and with SHOW only: it needs no privilege, and a node outside of the primary
 * component answers nothing else.
 */
#ifndef CLIENTELE_DB_GALERA_H
#define CLIENTELE_DB_GALERA_H

#include "base/settings.h"
#include "base/uuid.h"
#include "db/hosts.h"

enum galera_reach {
	GALERA_ANSWERS,
	GALERA_STOPPED, /* nothing listens there: no server runs, or it fetches its state */
	GALERA_SILENT,  /* no answer in time: the machine, or the way to it, may be down */
	GALERA_LOCKED,  /* a server is there, and refuses us */
	GALERA_REACH__MAX
};

/* A point in the history of a cluster: which history, and how many changes of it are there. */
struct galera_position {
	bool known;
	struct uuid uuid; /* all zeros: no state at all */
	int64_t seqno;
};

struct galera_node {
	char host[HOST_TEXT]; /* as host_print() writes it */
	enum galera_reach reach;
	char detail[512]; /* why it does not answer */
	/* The rest is set of one that answers, but for its position. */
	bool replicates; /* it is a node of a cluster */
	bool primary;    /* in the primary component */
	bool ready;      /* takes statements */
	char name[128];
	char state[64];   /* Synced, Donor/Desynced, Joining … */
	char member[64];  /* its identifier in the group, another one after each start */
	char view[64];    /* number of the component's last change of members */
	char peers[1024]; /* addresses of the component's members */
	int64_t size;     /* members of its component */
	int64_t index;    /* among them, from 0 on */
	int64_t queue;    /* received, and not yet applied */
	bool read_only;
	bool restores; /* pc.recovery: may make a primary component of an old one by itself */
	struct galera_position position;
};

/* Called by galera_observe(), once, for a host that has not answered within a second. */
typedef void galera_waiting(void *context, const char *host);

/*
 * Asks all hosts of the list at once; `nodes` gets an entry for each, in their order. Connecting
 * takes at most database_connect_timeout, and so does each answer.
 */
void galera_observe(const struct settings *settings, struct hosts *hosts, struct galera_node *nodes,
    galera_waiting *waiting, void *context);

/* Takes over a variable or a figure of SHOW, where it is one that counts here. */
void galera_take(struct galera_node *node, const char *name, const char *value);

/* What a connection that failed says of its server; over the network, the caller must see whether
 * the machine refuses. */
enum galera_reach galera_reach_of(unsigned number, const char *message);

#endif
