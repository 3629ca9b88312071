/*
 * What the nodes of a cluster, taken together, amount to, and how to bring it back: decided from
 * their states alone, without network and without printing.
 */
#ifndef CLIENTELE_CLI_CLUSTER_ADVICE_H
#define CLIENTELE_CLI_CLUSTER_ADVICE_H

#include "db/galera.h"

enum cluster_verdict {
	CLUSTER_HEALTHY,
	CLUSTER_READ_ONLY,  /* whole, but a node takes no changes */
	CLUSTER_UNSYNCED,   /* whole, but a node gives or fetches its state */
	CLUSTER_DEGRADED,   /* a primary component without some nodes */
	CLUSTER_NO_PRIMARY, /* nodes answer, none of them serves */
	CLUSTER_DOWN,       /* no node can be asked */
	CLUSTER_SPLIT,      /* two components serve, each by itself */
	CLUSTER_STRANGER,   /* a server of its own stands among the nodes */
	CLUSTER_NONE,       /* no server is a node of a cluster */
	CLUSTER_VERDICT__MAX
};

/* What one does on a machine. */
enum cluster_action {
	CLUSTER_STOP,
	CLUSTER_FIND_POSITION,
	CLUSTER_ASK_AGAIN, /* the command itself, on any machine, with the positions found */
	CLUSTER_BOOTSTRAP,
	CLUSTER_ALLOW_BOOTSTRAP,
	CLUSTER_NEW,
	CLUSTER_DISCARD, /* the node then fetches a copy of everything */
	CLUSTER_START,
	CLUSTER_MAKE_WRITABLE,
	CLUSTER_ACCEPT, /* on each machine with a pool that has seen another history */
	CLUSTER_LOOK,   /* on any machine: is it whole? */
	CLUSTER_ACTION__MAX
};

/* What must be known besides, with the nodes that it is about. */
enum cluster_note {
	CLUSTER_NOTE_LOCKED,
	CLUSTER_NOTE_SILENT,
	CLUSTER_NOTE_ALONE,     /* lives, and has lost the others */
	CLUSTER_NOTE_TRANSFER,  /* gives or fetches its state just now */
	CLUSTER_NOTE_FETCHES,   /* will fetch what it lacks when it starts */
	CLUSTER_NOTE_APPLYING,  /* has changes in its queue that count for its position */
	CLUSTER_NOTE_POSITION,  /* position is missing */
	CLUSTER_NOTE_NOTHING,   /* has no state to begin with, nor have the others */
	CLUSTER_NOTE_HISTORIES, /* positions of several histories: nothing is chosen */
	CLUSTER_NOTE_NEWEST,    /* the one that was chosen */
	CLUSTER_NOTE_LAST,      /* the one that was stopped last */
	CLUSTER_NOTE_NOT_LAST,  /* was stopped last by its file, yet another is newer */
	CLUSTER_NOTE_LOSS,      /* what the pool has seen is newer than what is left */
	CLUSTER_NOTE_OTHER,     /* its history is another one than the pool has seen */
	CLUSTER_NOTE_ISOLATE,   /* must be stopped for certain before another begins */
	CLUSTER_NOTE_DISCARDED, /* its own changes are given up */
	CLUSTER_NOTE_RESTORES,  /* pc.recovery is on */
	CLUSTER_NOTE_SPLIT,
	CLUSTER_NOTE_STRANGER,
	CLUSTER_NOTE_READ_ONLY,
	CLUSTER_NOTE__MAX
};

#define CLUSTER_ANYWHERE HOSTS_MAX /* in place of a node: on any machine */
#define CLUSTER_STEPS (5 * HOSTS_MAX)

struct cluster {
	struct galera_node nodes[HOSTS_MAX];
	unsigned count;
	/* What people say: nodes that are lost or not to be used, and the one whose history is kept
	 * where there are several. Bits, one for each node. */
	uint32_t lost, keep;
	/* Nodes whose grastate.dat says that they were stopped last. */
	uint32_t last;
	/* Newest position that a pool has seen, where it is known. */
	struct galera_position mark;
};

struct cluster_step {
	enum cluster_action action;
	unsigned node; /* or CLUSTER_ANYWHERE */
};

struct cluster_advice {
	enum cluster_verdict verdict;
	unsigned serving, expected; /* nodes, of those on the list */
	uint32_t known;             /* each node once, where the list names one twice */
	uint32_t members;           /* in a primary component */
	uint32_t newest;            /* nodes with the newest position, of those that are known */
	uint32_t components[HOSTS_MAX];
	unsigned component_count;
	uint32_t notes[CLUSTER_NOTE__MAX]; /* nodes; 0 = the note is not needed */
	int64_t loss;                      /* changes, with CLUSTER_NOTE_LOSS */
	struct cluster_step steps[CLUSTER_STEPS];
	unsigned step_count;
};

/* Judges the cluster, and says what to do. */
void cluster_advise(const struct cluster *cluster, struct cluster_advice *advice);

#endif
