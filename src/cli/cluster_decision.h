/*
 * What the nodes of a cluster amount to, taken together: who answers, who belongs together, and
 * whose state is the newest. cli/cluster_advice makes steps of it.
 */
#ifndef CLIENTELE_CLI_CLUSTER_DECISION_H
#define CLIENTELE_CLI_CLUSTER_DECISION_H

#include "cli/cluster_advice.h"

#define BIT(node) (UINT32_C(1) << (node))

/* Everything that is decided on the way, for one cluster. */
struct decision {
	const struct cluster *cluster;
	struct cluster_advice *advice;
	uint32_t answering, strangers, stopped, silent, locked, busy, donors, read_only;
	int64_t largest; /* members that the largest primary component has */
};

static inline unsigned count_of(uint32_t nodes)
{
	return (unsigned)__builtin_popcount(nodes);
}

static inline unsigned first_of(uint32_t nodes)
{
	return (unsigned)__builtin_ctz(nodes);
}

static inline const struct galera_node *node_of(const struct decision *decision, unsigned number)
{
	return &decision->cluster->nodes[number];
}

/* Sorts the nodes by what they say, into the sets of the decision and the advice. */
void decision_sort_nodes(struct decision *decision);

/* What the cluster is like, once its nodes are sorted. */
enum cluster_verdict decision_judge(const struct decision *decision);

/*
 * Sets the newest nodes of the advice: none where there are several histories, or where one that is
 * not known may be newer.
 */
void decision_find_newest(struct decision *decision);

/* Nodes whose position is known and of use. */
uint32_t decision_with_position(const struct decision *decision);

/* Nodes that may be the newest, for all that is known. */
uint32_t decision_without_position(const struct decision *decision);

/* Those of `nodes` whose history is that of the first of them; there must be one. */
uint32_t decision_of_one_history(const struct decision *decision, uint32_t nodes);

/* The newest of nodes of one history. */
uint32_t decision_newest_of(const struct decision *decision, uint32_t nodes);

#endif
