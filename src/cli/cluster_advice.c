#include "cli/cluster_advice.h"

#include "cli/cluster_decision.h"

static void note(struct decision *decision, enum cluster_note kind, uint32_t nodes)
{
	decision->advice->notes[kind] |= nodes;
}

static void step(struct decision *decision, enum cluster_action action, unsigned node)
{
	struct cluster_advice *advice = decision->advice;

	advice->steps[advice->step_count++] = (struct cluster_step){ action, node };
}

static void step_each(struct decision *decision, enum cluster_action action, uint32_t nodes)
{
	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((nodes & BIT(i)) != 0)
			step(decision, action, i);
	}
}

/* Whether a node has what a component that stands at `reference` lacks: it cannot join with it. */
static bool is_apart(const struct decision *decision, unsigned number, unsigned reference)
{
	const struct galera_position *own = &node_of(decision, number)->position;
	const struct galera_position *common = &node_of(decision, reference)->position;

	if ((decision->cluster->lost & BIT(number)) != 0)
		return true;
	if (!own->known || uuid_is_zero(&own->uuid))
		return false;
	return !uuid_equal(&own->uuid, &common->uuid) || own->seqno > common->seqno;
}

/* Starts nodes, with a copy of the component's state where their own does not fit. */
static void bring_back(struct decision *decision, uint32_t nodes, unsigned reference)
{
	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((nodes & BIT(i)) == 0)
			continue;
		if (is_apart(decision, i, reference)) {
			note(decision, CLUSTER_NOTE_DISCARDED, BIT(i));
			if ((decision->answering & BIT(i)) != 0)
				step(decision, CLUSTER_STOP, i);
			step(decision, CLUSTER_DISCARD, i);
		}
		step(decision, CLUSTER_START, i);
	}
	note(decision, CLUSTER_NOTE_FETCHES, nodes);
}

/* Whether the pools have seen something that a component with this node's state lacks: they refuse
 * it then. */
static bool goes_back(struct decision *decision, unsigned newest)
{
	const struct galera_position *mark = &decision->cluster->mark;
	const struct galera_position *own = &node_of(decision, newest)->position;

	if (!mark->known || (uuid_equal(&mark->uuid, &own->uuid) && mark->seqno <= own->seqno))
		return false;
	if (uuid_equal(&mark->uuid, &own->uuid)) {
		note(decision, CLUSTER_NOTE_LOSS, BIT(newest));
		decision->advice->loss = mark->seqno - own->seqno;
	} else {
		note(decision, CLUSTER_NOTE_OTHER, BIT(newest));
	}
	return true;
}

/* The last steps: a component with this node's state goes on. */
static void end_decision(struct decision *decision, unsigned newest)
{
	if (goes_back(decision, newest))
		step(decision, CLUSTER_ACCEPT, CLUSTER_ANYWHERE);
	step(decision, CLUSTER_LOOK, CLUSTER_ANYWHERE);
}

/* Nodes without a component that would not come back by themselves once they see one. */
static uint32_t alone_and_apart(const struct decision *decision, unsigned reference)
{
	uint32_t alone = decision->answering & ~decision->advice->members, apart = 0;

	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((alone & BIT(i)) != 0 && is_apart(decision, i, reference))
			apart |= BIT(i);
	}
	return apart;
}

/* A node that receives a whole state does not listen yet, but is counted as a member. */
static bool are_joining(const struct decision *decision, uint32_t nodes)
{
	return decision->donors != 0 && nodes != 0 &&
	       decision->largest >= count_of(decision->advice->members) + count_of(nodes);
}

static void complete(struct decision *decision)
{
	struct cluster_advice *advice = decision->advice;
	unsigned reference = first_of(decision_newest_of(decision, advice->members));
	uint32_t alone = decision->answering & ~advice->members;
	uint32_t apart = alone_and_apart(decision, reference);

	note(decision, CLUSTER_NOTE_LOCKED, decision->locked);
	note(decision, CLUSTER_NOTE_SILENT, decision->silent);
	note(decision, CLUSTER_NOTE_ALONE, alone & ~apart);
	note(decision, CLUSTER_NOTE_TRANSFER, decision->busy);
	if (are_joining(decision, decision->stopped))
		note(decision, CLUSTER_NOTE_TRANSFER, decision->stopped);
	else
		bring_back(decision, decision->stopped | decision->silent | apart, reference);
	end_decision(decision, reference);
}

/* --- without a primary component --- */

/* Nodes whose history counts: all of one, or those that people name. 0 after saying that there are
 * several. */
static uint32_t choose_history(struct decision *decision)
{
	uint32_t nodes = decision_with_position(decision), chosen;
	const struct galera_position *mark = &decision->cluster->mark;
	bool kept = (decision->cluster->keep & nodes) != 0;

	if (nodes == 0)
		return 0;
	chosen = decision_of_one_history(decision, kept ? decision->cluster->keep & nodes : nodes);
	if (!kept && mark->known)
		kept = chosen == nodes &&
		       uuid_equal(&mark->uuid, &node_of(decision, first_of(nodes))->position.uuid);
	else if (!kept)
		kept = chosen == nodes;
	if (!kept) {
		note(decision, CLUSTER_NOTE_HISTORIES, nodes);
		return 0;
	}
	/* decision_of_one_history() looks at the nodes given; with one named, at all others, too.
	 */
	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((nodes & BIT(i)) != 0 &&
		    uuid_equal(&node_of(decision, i)->position.uuid,
			&node_of(decision, first_of(chosen))->position.uuid))
			chosen |= BIT(i);
	}
	return chosen;
}

/* The newest lives: it becomes a component with those that it sees. */
static void bootstrap(struct decision *decision, unsigned newest)
{
	uint32_t others = decision->advice->known & ~BIT(newest);
	uint32_t absent = others & ~decision->answering;

	note(decision, CLUSTER_NOTE_ISOLATE, absent);
	step_each(decision, CLUSTER_STOP, absent);
	step(decision, CLUSTER_BOOTSTRAP, newest);
	bring_back(decision, absent | alone_and_apart(decision, newest), newest);
}

/* The newest is stopped: it makes the component anew, and the others join it. */
static void begin_anew(struct decision *decision, unsigned newest)
{
	uint32_t others = decision->advice->known & ~BIT(newest);

	note(decision, CLUSTER_NOTE_ISOLATE, others);
	step_each(decision, CLUSTER_STOP, others);
	step(decision, CLUSTER_STOP, newest);
	if ((decision->cluster->last & BIT(newest)) == 0)
		step(decision, CLUSTER_ALLOW_BOOTSTRAP, newest);
	step(decision, CLUSTER_NEW, newest);
	decision->answering = 0; /* they have just been stopped */
	bring_back(decision, others, newest);
}

static void restore_from(struct decision *decision, uint32_t candidates)
{
	uint32_t newest = decision_newest_of(decision, candidates);
	uint32_t living = newest & decision->answering;
	unsigned chosen = first_of(living != 0 ? living : newest);

	decision->advice->newest = newest;
	note(decision, CLUSTER_NOTE_NEWEST, BIT(chosen));
	if (living != 0)
		bootstrap(decision, chosen);
	else
		begin_anew(decision, chosen);
	end_decision(decision, chosen);
}

static void ask_for_positions(struct decision *decision, uint32_t missing)
{
	note(decision, CLUSTER_NOTE_POSITION, missing);
	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((missing & BIT(i)) == 0)
			continue;
		step(decision, CLUSTER_STOP, i);
		step(decision, CLUSTER_FIND_POSITION, i);
	}
	step(decision, CLUSTER_ASK_AGAIN, CLUSTER_ANYWHERE);
}

/* The node that was stopped last has everything, whatever is not known of the others: unless what
 * is known says otherwise. */
static uint32_t stopped_last(struct decision *decision)
{
	const struct cluster *cluster = decision->cluster;
	uint32_t nodes = decision_with_position(decision), last = cluster->last & nodes;

	if (last == 0 || decision->answering != 0)
		return 0;
	if (count_of(last) == 1 && decision_of_one_history(decision, nodes) == nodes &&
	    (decision_newest_of(decision, nodes) & last) != 0) {
		note(decision, CLUSTER_NOTE_LAST, last);
		return last;
	}
	note(decision, CLUSTER_NOTE_NOT_LAST, last);
	return 0;
}

/* Nodes whose position is not their last one yet. */
static uint32_t that_apply(const struct decision *decision)
{
	uint32_t nodes = 0;

	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((decision->answering & ~decision->cluster->lost & BIT(i)) != 0 &&
		    node_of(decision, i)->queue > 0)
			nodes |= BIT(i);
	}
	return nodes;
}

static uint32_t that_restore(const struct decision *decision)
{
	uint32_t nodes = 0;

	for (unsigned i = 0; i < decision->cluster->count; i++) {
		if ((decision->answering & BIT(i)) != 0 && node_of(decision, i)->restores)
			nodes |= BIT(i);
	}
	return nodes;
}

static void restore(struct decision *decision)
{
	uint32_t known = decision_with_position(decision),
		 missing = decision_without_position(decision);
	uint32_t last, candidates;

	note(decision, CLUSTER_NOTE_SILENT, decision->silent);
	note(decision, CLUSTER_NOTE_ALONE, decision->answering);
	note(decision, CLUSTER_NOTE_RESTORES, that_restore(decision));
	note(decision, CLUSTER_NOTE_LOCKED, decision->locked);
	if (decision->locked != 0)
		return; /* they may serve others */
	note(decision, CLUSTER_NOTE_APPLYING, that_apply(decision));
	if (that_apply(decision) != 0) {
		step(decision, CLUSTER_ASK_AGAIN, CLUSTER_ANYWHERE);
		return;
	}
	last = stopped_last(decision);
	if (last == 0 && missing != 0) {
		ask_for_positions(decision, missing);
		return;
	}
	candidates = choose_history(decision);
	if (candidates != 0)
		restore_from(decision, candidates);
	else if (known == 0)
		note(decision, CLUSTER_NOTE_NOTHING, decision->advice->known);
}

/* --- two components --- */

static void end_split(struct decision *decision)
{
	struct cluster_advice *advice = decision->advice;
	uint32_t kept = 0, others;

	for (unsigned c = 0; c < advice->component_count; c++) {
		if ((advice->components[c] & decision->cluster->keep) != 0)
			kept |= advice->components[c];
	}
	note(decision, CLUSTER_NOTE_SPLIT, advice->members);
	if (kept == 0 || kept == advice->members)
		return;
	others = advice->members & ~kept;
	step_each(decision, CLUSTER_STOP, others);
	step_each(decision, CLUSTER_DISCARD, others);
	step_each(decision, CLUSTER_START, others);
	note(decision, CLUSTER_NOTE_DISCARDED, others);
	end_decision(decision, first_of(decision_newest_of(decision, kept)));
}

void cluster_advise(const struct cluster *cluster, struct cluster_advice *advice)
{
	struct decision decision = { .cluster = cluster, .advice = advice };

	*advice = (struct cluster_advice){ 0 };
	decision_sort_nodes(&decision);
	advice->verdict = decision_judge(&decision);
	decision_find_newest(&decision);
	switch (advice->verdict) {
	case CLUSTER_DEGRADED:
	case CLUSTER_UNSYNCED:
		complete(&decision);
		break;
	case CLUSTER_NO_PRIMARY:
	case CLUSTER_DOWN:
		restore(&decision);
		break;
	case CLUSTER_SPLIT:
		end_split(&decision);
		break;
	case CLUSTER_READ_ONLY:
		note(&decision, CLUSTER_NOTE_READ_ONLY, decision.read_only);
		step_each(&decision, CLUSTER_MAKE_WRITABLE, decision.read_only);
		end_decision(&decision, first_of(decision_newest_of(&decision, advice->members)));
		break;
	case CLUSTER_HEALTHY:
		if (goes_back(&decision, first_of(decision_newest_of(&decision, advice->members))))
			end_decision(
			    &decision, first_of(decision_newest_of(&decision, advice->members)));
		break;
	case CLUSTER_STRANGER:
	case CLUSTER_NONE:
		/* One server alone is a whole installation; several must be one cluster. */
		if (advice->expected > 1)
			note(&decision, CLUSTER_NOTE_STRANGER, decision.strangers);
		break;
	default:
		break;
	}
}
