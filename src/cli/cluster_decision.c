#include "cli/cluster_decision.h"

static bool says_state(const struct galera_node *node, const char *state)
{
	return str_equal(str_from(node->state), str_from(state));
}

static bool is_donor(const struct galera_node *node)
{
	return says_state(node, "Donor/Desynced");
}

/* Two entries of the list may be one server, by name and by address. */
static bool is_again(const struct decision *decision, unsigned number)
{
	const struct galera_node *node = node_of(decision, number);

	if (node->reach != GALERA_ANSWERS || node->member[0] == '\0')
		return false;
	for (unsigned i = 0; i < number; i++) {
		if (node_of(decision, i)->reach == GALERA_ANSWERS &&
		    str_equal(str_from(node->member), str_from(node_of(decision, i)->member)))
			return true;
	}
	return false;
}

/*
 * Whether both may be members of one component. Where two halves of a cluster were made primary,
 * they may count their changes and members alike: one place in them is taken twice then.
 */
static bool are_together(const struct galera_node *a, const struct galera_node *b)
{
	return a->position.known && b->position.known &&
	       uuid_equal(&a->position.uuid, &b->position.uuid) && a->size == b->size &&
	       a->index != b->index && str_equal(str_from(a->view), str_from(b->view)) &&
	       str_equal(str_from(a->peers), str_from(b->peers));
}

static void join_component(struct decision *decision, unsigned number)
{
	struct cluster_advice *advice = decision->advice;

	for (unsigned c = 0; c < advice->component_count; c++) {
		bool together = true;

		for (unsigned i = 0; i < number; i++) {
			if ((advice->components[c] & BIT(i)) != 0)
				together = together && are_together(node_of(decision, i),
							   node_of(decision, number));
		}
		if (together) {
			advice->components[c] |= BIT(number);
			return;
		}
	}
	advice->components[advice->component_count++] = BIT(number);
}

static void sort_answering(struct decision *decision, unsigned number)
{
	const struct galera_node *node = node_of(decision, number);

	decision->answering |= BIT(number);
	if (!node->replicates) {
		decision->strangers |= BIT(number);
		return;
	}
	if (!node->primary)
		return;
	decision->advice->members |= BIT(number);
	if (node->size > decision->largest)
		decision->largest = node->size;
	if (is_donor(node))
		decision->donors |= BIT(number);
	if (!says_state(node, "Synced"))
		decision->busy |= BIT(number);
	else if (node->read_only)
		decision->read_only |= BIT(number);
	if (node->ready && !node->read_only)
		decision->advice->serving++;
	join_component(decision, number);
}

void decision_sort_nodes(struct decision *decision)
{
	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if (is_again(decision, i))
			continue;
		decision->advice->known |= BIT(i);
		switch (node_of(decision, i)->reach) {
		case GALERA_ANSWERS:
			sort_answering(decision, i);
			break;
		case GALERA_STOPPED:
			decision->stopped |= BIT(i);
			break;
		case GALERA_SILENT:
			decision->silent |= BIT(i);
			break;
		default:
			decision->locked |= BIT(i);
			break;
		}
	}
	decision->advice->expected = count_of(decision->advice->known);
}

enum cluster_verdict decision_judge(const struct decision *decision)
{
	const struct cluster_advice *advice = decision->advice;

	if (decision->strangers != 0)
		return decision->strangers == decision->answering ? CLUSTER_NONE : CLUSTER_STRANGER;
	if (advice->component_count > 1)
		return CLUSTER_SPLIT;
	if (decision->answering == 0)
		return CLUSTER_DOWN;
	if (advice->members == 0)
		return CLUSTER_NO_PRIMARY;
	if (advice->members != advice->known)
		return CLUSTER_DEGRADED;
	if (decision->busy != 0)
		return CLUSTER_UNSYNCED;
	return decision->read_only != 0 ? CLUSTER_READ_ONLY : CLUSTER_HEALTHY;
}

static bool is_of_use(const struct decision *decision, unsigned number)
{
	const struct galera_position *position = &node_of(decision, number)->position;

	return (decision->advice->known & BIT(number)) != 0 && position->known &&
	       !uuid_is_zero(&position->uuid) && (decision->cluster->lost & BIT(number)) == 0;
}

uint32_t decision_of_one_history(const struct decision *decision, uint32_t nodes)
{
	const struct uuid *uuid = &node_of(decision, first_of(nodes))->position.uuid;
	uint32_t same = 0;

	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((nodes & BIT(i)) != 0 && uuid_equal(&node_of(decision, i)->position.uuid, uuid))
			same |= BIT(i);
	}
	return same;
}

uint32_t decision_with_position(const struct decision *decision)
{
	uint32_t nodes = 0;

	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if (is_of_use(decision, i))
			nodes |= BIT(i);
	}
	return nodes;
}

uint32_t decision_newest_of(const struct decision *decision, uint32_t nodes)
{
	uint32_t newest = 0;
	int64_t most = -1;

	for (unsigned i = 0; i < decision->cluster->count; i++) {
		int64_t seqno = node_of(decision, i)->position.seqno;

		if ((nodes & BIT(i)) == 0 || seqno < most)
			continue;
		newest = seqno > most ? BIT(i) : newest | BIT(i);
		most = seqno;
	}
	return newest;
}

uint32_t decision_without_position(const struct decision *decision)
{
	uint32_t nodes = 0;

	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((decision->advice->known & ~decision->cluster->lost & BIT(i)) != 0 &&
		    !node_of(decision, i)->position.known)
			nodes |= BIT(i);
	}
	return nodes;
}

/* A node that does not run is older than a primary component. */
void decision_find_newest(struct decision *decision)
{
	uint32_t nodes = decision_with_position(decision);

	if (decision->advice->members == 0 && decision_without_position(decision) != 0)
		return;
	if (nodes != 0 && decision_of_one_history(decision, nodes) == nodes)
		decision->advice->newest = decision_newest_of(decision, nodes);
}
