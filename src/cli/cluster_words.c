#include "cli/cluster_words.h"

#include "schema/resource.h"

#define GRASTATE "/grastate.dat"

static const struct {
	const char *word, *sentence; /* %n: nodes that serve, %m: all */
} verdicts[CLUSTER_VERDICT__MAX] = {
	[CLUSTER_HEALTHY] = { "healthy", "The cluster is healthy: %n of %m nodes serve." },
	[CLUSTER_READ_ONLY] = { "readOnly",
	    "The cluster is complete, but a node is read-only: %n of %m nodes take changes." },
	[CLUSTER_UNSYNCED] = { "unsynced",
	    "The cluster is complete, but a state transfer is under way: %n of %m nodes serve." },
	[CLUSTER_DEGRADED] = { "degraded",
	    "The cluster has a primary component without some of its nodes: %n of %m nodes "
	    "serve." },
	[CLUSTER_NO_PRIMARY] = { "noPrimary",
	    "There is no primary component: nodes answer, but none of %m serves." },
	[CLUSTER_DOWN] = { "down", "None of %m nodes can be asked." },
	[CLUSTER_SPLIT] = { "split",
	    "Split brain: there are two primary components, which take changes independently." },
	[CLUSTER_STRANGER] = { "stranger",
	    "A server on the list is not a node of the cluster: what it stores is nowhere else." },
	[CLUSTER_NONE] = { "none", "This is not a cluster: no server replicates by Galera." },
};

static const struct {
	const char *word, *text;
} notes[CLUSTER_NOTE__MAX] = {
	[CLUSTER_NOTE_LOCKED] = { "locked",
	    "A server is there but refuses the program's login, so its state is not known. It may "
	    "serve others: correct that first (database_user, certificates, max_connections)." },
	[CLUSTER_NOTE_SILENT] = { "silent",
	    "No answer. The machine may be down, or it may live behind a broken network and serve "
	    "others: look there first, and restore the network if you can." },
	[CLUSTER_NOTE_ALONE] = { "alone",
	    "Runs, but has lost the others and serves nobody. Where the others run too, restore "
	    "the network between the machines: once the nodes see each other again they go on by "
	    "themselves, and nothing below is needed." },
	[CLUSTER_NOTE_TRANSFER] = { "transfer",
	    "A state transfer is under way. The donor is slow meanwhile, and the joining node does "
	    "not serve until it has everything. Wait; it ends by itself." },
	[CLUSTER_NOTE_FETCHES] = { "fetches",
	    "A node that starts fetches what it lacks: only the missing changes (IST) if another "
	    "node still has them in its gcache, otherwise a copy of everything (SST). The node "
	    "that gives it is the donor, and slow for a while." },
	[CLUSTER_NOTE_APPLYING] = { "applying",
	    "Still applies changes that it had received. Wait until its queue is empty, then run "
	    "this command again." },
	[CLUSTER_NOTE_POSITION] = { "position",
	    "The position is not known, and any of these nodes may be the newest. Find it with the "
	    "commands below, and pass what galera_recovery prints after "
	    "--wsrep_start_position=. For a node whose data is lost for good, give --lost HOST "
	    "instead." },
	[CLUSTER_NOTE_NOTHING] = { "nothing",
	    "No node has a state that can be used: restore a backup (clientele restore)." },
	[CLUSTER_NOTE_HISTORIES] = { "histories",
	    "The positions belong to different histories (UUIDs), or to another one than the pool "
	    "has seen: nothing is chosen. Find out which node has the registry's data, and name it "
	    "with --keep HOST; the others will get a copy of its state." },
	[CLUSTER_NOTE_NEWEST] = { "newest", "Has the newest state: the cluster goes on from it." },
	[CLUSTER_NOTE_LAST] = { "last",
	    "Was stopped last and in order (safe_to_bootstrap: 1), so that it has everything." },
	[CLUSTER_NOTE_NOT_LAST] = { "notLast",
	    "Its grastate.dat says safe_to_bootstrap: 1, which the other positions contradict. The "
	    "file is not relied on." },
	[CLUSTER_NOTE_LOSS] = { "loss",
	    "The pool has seen a newer state than this, the newest that is left: %l changes are "
	    "lost if you go on. Look for a node that has them first. The pools refuse this state "
	    "until "
	    "it is accepted." },
	[CLUSTER_NOTE_OTHER] = { "other",
	    "Its history is another one than the pool has seen. The pools refuse it until it is "
	    "accepted: only if it is the registry's data." },
	[CLUSTER_NOTE_ISOLATE] = { "isolate",
	    "Must be stopped for certain before the next step, or be switched off. Otherwise two "
	    "components may take changes independently, and one of them must be given up." },
	[CLUSTER_NOTE_DISCARDED] = { "discarded",
	    "Its own state is given up: it gets a copy of the others' state. Copy its data "
	    "directory first if you want to look for rows that only this node has." },
	[CLUSTER_NOTE_RESTORES] = { "restores",
	    "pc.recovery is on here: after a crash, nodes may make a primary component of an old "
	    "state by themselves. Set pc.recovery=FALSE in wsrep_provider_options." },
	[CLUSTER_NOTE_SPLIT] = { "split",
	    "Both components have changes that the other one lacks. Stop the pools of one of them, "
	    "decide which to keep, and name one of its nodes with --keep HOST; changes of the "
	    "other component are given up." },
	[CLUSTER_NOTE_STRANGER] = { "stranger",
	    "Runs without Galera (wsrep_on is off). Leave it out of database_hosts, or correct its "
	    "configuration; its own changes are not in the cluster." },
	[CLUSTER_NOTE_READ_ONLY] = { "readOnly",
	    "read_only is on. If nobody wants it so, switch it off." },
};

static const struct {
	const char *word, *command, *doc; /* %d: data directory */
} actions[CLUSTER_ACTION__MAX] = {
	[CLUSTER_STOP] = { "stop", "systemctl stop mariadb", "Make sure that it is stopped." },
	[CLUSTER_FIND_POSITION] = { "findPosition", "galera_recovery",
	    "Find its position, as root." },
	[CLUSTER_ASK_AGAIN] = { "askAgain", "clientele cluster recover",
	    "Ask again, with the positions." },
	[CLUSTER_BOOTSTRAP] = { "bootstrap",
	    "mariadb -e \"SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'\"",
	    "Make it the primary component, as root." },
	[CLUSTER_ALLOW_BOOTSTRAP] = { "allowBootstrap",
	    "sed -i 's/^safe_to_bootstrap: 0/safe_to_bootstrap: 1/' %d" GRASTATE,
	    "Allow that the cluster begins with it." },
	[CLUSTER_NEW] = { "new", "galera_new_cluster", "Begin the cluster with it." },
	[CLUSTER_DISCARD] = { "discard", "rm -f %d" GRASTATE,
	    "Give up its state: it will get a copy of everything." },
	[CLUSTER_START] = { "start", "systemctl start mariadb", "Start it; it joins the others." },
	[CLUSTER_MAKE_WRITABLE] = { "makeWritable", "mariadb -e \"SET GLOBAL read_only = OFF\"",
	    "Let it take changes, as root." },
	[CLUSTER_ACCEPT] = { "accept", "clientele cluster accept",
	    "Go on with this history; on each machine with a pool, and for each site." },
	[CLUSTER_LOOK] = { "look", "clientele cluster status",
	    "Check that the cluster is complete." },
};

static const char *const reaches[GALERA_REACH__MAX] = {
	[GALERA_ANSWERS] = "answers",
	[GALERA_STOPPED] = "stopped",
	[GALERA_SILENT] = "silent",
	[GALERA_LOCKED] = "locked",
};

/* A letter of a text, and what stands for it. */
struct place {
	char letter;
	const char *text;
};

static void fill_in(const char *text, const struct place *places, unsigned count, struct buf *out)
{
	for (; *text != '\0'; text++) {
		const char *filling = NULL;

		for (unsigned i = 0; *text == '%' && i < count; i++)
			filling = text[1] == places[i].letter ? places[i].text : filling;
		if (filling == NULL) {
			buf_append_char(out, *text);
		} else {
			buf_append_text(out, filling);
			text++;
		}
	}
}

static const char *print_number(int64_t number, struct buf *memory)
{
	buf_append_int64(memory, number);
	return memory->data != NULL ? memory->data : "";
}

void cluster_print_verdict(const struct cluster_advice *advice, struct buf *out)
{
	struct buf serving = { 0 }, expected = { 0 };
	const struct place places[] = {
		{ 'n', print_number(advice->serving, &serving) },
		{ 'm', print_number(advice->expected, &expected) },
	};

	fill_in(verdicts[advice->verdict].sentence, places, COUNT_OF(places), out);
	buf_free(&serving);
	buf_free(&expected);
}

void cluster_print_note(
    const struct cluster_advice *advice, enum cluster_note note, struct buf *out)
{
	struct buf loss = { 0 };
	const struct place places[] = { { 'l', print_number(advice->loss, &loss) } };

	fill_in(notes[note].text, places, COUNT_OF(places), out);
	buf_free(&loss);
}

static void print_missing(
    const struct cluster *cluster, const struct cluster_advice *advice, struct buf *out)
{
	for (unsigned i = 0; i < cluster->count; i++) {
		if ((advice->notes[CLUSTER_NOTE_POSITION] & UINT32_C(1) << i) != 0)
			buf_printf(out, " --position %s=UUID:SEQNO", cluster->nodes[i].host);
	}
}

void cluster_print_command(const struct cluster *cluster, const struct cluster_advice *advice,
    const struct cluster_step *step, const char *directory, const char *given, struct buf *out)
{
	const struct place places[] = { { 'd',
	    directory != NULL ? directory : CLUSTER_DIRECTORY } };

	fill_in(actions[step->action].command, places, COUNT_OF(places), out);
	if (step->action != CLUSTER_ASK_AGAIN)
		return;
	buf_append_text(out, given);
	print_missing(cluster, advice, out);
}

void cluster_print_hosts(const struct cluster *cluster, uint32_t nodes, struct buf *out)
{
	bool first = true;

	for (unsigned i = 0; i < cluster->count; i++) {
		if ((nodes & UINT32_C(1) << i) == 0)
			continue;
		buf_printf(out, "%s%s", first ? "" : ", ", cluster->nodes[i].host);
		first = false;
	}
}

const char *cluster_verdict_word(enum cluster_verdict verdict)
{
	return verdicts[verdict].word;
}

const char *cluster_note_word(enum cluster_note note)
{
	return notes[note].word;
}

const char *cluster_action_word(enum cluster_action action)
{
	return actions[action].word;
}

const char *cluster_action_doc(enum cluster_action action)
{
	return actions[action].doc;
}

const char *cluster_reach_word(enum galera_reach reach)
{
	return reaches[reach];
}
