/*
 * Which hosts people mean, and what the data directories of this machine tell of theirs.
 */
#ifndef CLIENTELE_CLI_CLUSTER_PLACE_H
#define CLIENTELE_CLI_CLUSTER_PLACE_H

#include "cli/cluster.h"
#include "db/hosts.h"

/* What is said of each host of the list, on the command line or by a file. */
struct cluster_place {
	const char *directory;        /* its data directory; NULL = not on this machine */
	struct galera_position told;  /* --position */
	struct galera_position saved; /* in grastate.dat */
	bool last;                    /* the same: it was stopped last */
	const char *path, *fault;     /* of that file, and why it tells nothing; else NULL */
};

struct cluster_places {
	struct hosts hosts;
	struct cluster_place list[HOSTS_MAX];
	uint32_t lost, keep;
	char given[2048]; /* the flags, as they are given again */
};

/*
 * Reads flags and files, as whoever runs the command. Returns COMMAND_OK, or what it has said.
 */
enum command_status cluster_places_take(struct session *session, struct cluster_places *places);

/* Adds it to what the nodes say; one that answers knows its own position. */
void cluster_places_apply(
    struct session *session, const struct cluster_places *places, struct cluster *cluster);

#endif
