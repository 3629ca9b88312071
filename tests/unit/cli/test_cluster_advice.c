#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/cluster_words.h"
#include "schema/resource.h"

/*
 * A node in a few signs: how it is, its position, and signs that say more.
 *
 *	P primary, N not in the primary component, D donor, J joining, R read-only,
 *	X stopped, ? silent, L refuses the login, W without Galera
 *	/ another history, 0/ none at all, @ in a second component, q changes in its queue, r
 *pc.recovery, ^ stopped last, - lost, + kept, = the server before by another name, * its component
 *has one more
 */
static void read_node(struct cluster *cluster, const char *text)
{
	unsigned number = cluster->count++;
	struct galera_node *node = &cluster->nodes[number];
	char *rest;

	snprintf(node->host, sizeof(node->host), "db%u", number + 1);
	node->reach = text[0] == 'X'   ? GALERA_STOPPED
		      : text[0] == '?' ? GALERA_SILENT
		      : text[0] == 'L' ? GALERA_LOCKED
				       : GALERA_ANSWERS;
	node->replicates = strchr("PNDJR", text[0]) != NULL;
	node->primary = strchr("PDJR", text[0]) != NULL;
	node->ready = strchr("PDR", text[0]) != NULL;
	node->read_only = text[0] == 'R';
	strcpy(node->state, text[0] == 'D'   ? "Donor/Desynced"
			    : text[0] == 'J' ? "Joining"
			    : text[0] == 'N' ? "Initialized"
					     : "Synced");
	node->position.seqno = strtoll(text + 1, &rest, 10);
	node->position.known = rest > text + 1;
	node->position.uuid.bytes[0] = node->position.seqno == 0 ? 0 : 1;
	if (strchr(rest, '/') != NULL)
		node->position.uuid.bytes[0] = node->position.seqno == 0 ? 0 : 2;
	strcpy(node->view, strchr(rest, '@') != NULL ? "8" : "7");
	snprintf(node->member, sizeof(node->member), "%u",
	    strchr(rest, '=') != NULL ? number - 1 : number);
	node->queue = strchr(rest, 'q') != NULL;
	node->restores = strchr(rest, 'r') != NULL;
	node->size = strchr(rest, '*') != NULL;
	cluster->last |= strchr(rest, '^') != NULL ? UINT32_C(1) << number : 0;
	cluster->lost |= strchr(rest, '-') != NULL ? UINT32_C(1) << number : 0;
	cluster->keep |= strchr(rest, '+') != NULL ? UINT32_C(1) << number : 0;
}

/* Members of each component, and places in it. */
static void count_members(struct cluster *cluster)
{
	for (unsigned i = 0; i < cluster->count; i++) {
		struct galera_node *node = &cluster->nodes[i];

		for (unsigned j = 0; j < cluster->count; j++) {
			const struct galera_node *other = &cluster->nodes[j];
			bool together =
			    node->primary && other->primary && strcmp(node->view, other->view) == 0;

			node->size += together;
			node->index +=
			    together && j < i && strcmp(node->member, other->member) != 0;
		}
	}
}

static struct cluster read_cluster(const char *text)
{
	struct cluster cluster = { 0 };
	struct str rest = str_from(text), part;

	while (str_next(&rest, ' ', &part)) {
		char node[16] = { 0 };

		memcpy(node, part.data, part.length);
		read_node(&cluster, node);
	}
	count_members(&cluster);
	return cluster;
}

static char *describe_advice(const struct cluster_advice *advice)
{
	static char text[2048];
	struct buf out = { 0 };

	buf_append_text(&out, cluster_verdict_word(advice->verdict));
	buf_append_char(&out, ':');
	for (unsigned i = 0; i < CLUSTER_NOTE__MAX; i++) {
		if (advice->notes[i] == 0)
			continue;
		buf_printf(&out, " %s", cluster_note_word(i));
		for (unsigned n = 0; n < HOSTS_MAX; n++) {
			if ((advice->notes[i] & UINT32_C(1) << n) != 0)
				buf_printf(&out, "%u", n + 1);
		}
	}
	buf_append_text(&out, " |");
	for (unsigned i = 0; i < advice->step_count; i++) {
		buf_printf(&out, " %s", cluster_action_word(advice->steps[i].action));
		if (advice->steps[i].node != CLUSTER_ANYWHERE)
			buf_printf(&out, "%u", advice->steps[i].node + 1);
	}
	snprintf(text, sizeof(text), "%s", out.data);
	buf_free(&out);
	return text;
}

static const struct {
	const char *nodes, *advice;
	int64_t mark; /* what a pool has seen; negative = in another history; 0 = not known */
} rows[] = {
	/* whole */
	{ "P9 P9 P9", "healthy: |", 0 },
	{ "P9 P9 P9=", "healthy: |", 0 },
	{ "P9* P9*", "healthy: |", 0 }, /* with an arbitrator */
	{ "P9 P9", "healthy: |", 9 },
	{ "P9 P8", "healthy: loss1 | accept look", 12 },
	{ "P9 P9", "healthy: other1 | accept look", -9 },
	{ "P9 X", "degraded: fetches2 loss1 | start2 accept look", 12 },
	{ "P9+ P8@", "split: loss1 discarded2 split12 | stop2 discard2 start2 accept look", 12 },
	{ "X9+ X8",
	    "down: fetches2 newest1 other1 isolate2 | stop2 stop1 allowBootstrap1 new1 start2 "
	    "accept "
	    "look",
	    -9 },
	{ "P9 D9 P9", "unsynced: transfer2 | look", 0 },
	{ "P9 D9 J5", "unsynced: transfer23 | look", 0 },
	{ "P9 R9 P9", "readOnly: readOnly2 | makeWritable2 look", 0 },
	/* some are missing */
	{ "P9 P9 X", "degraded: fetches3 | start3 look", 0 },
	{ "P9 X X", "degraded: fetches23 | start2 start3 look", 0 },
	{ "P9 P9 X8", "degraded: fetches3 | start3 look", 0 },
	{ "P9 P9 X10", "degraded: fetches3 discarded3 | discard3 start3 look", 0 },
	{ "P9 P9 X8/", "degraded: fetches3 discarded3 | discard3 start3 look", 0 },
	{ "P9 P9 X0/", "degraded: fetches3 | start3 look", 0 },
	{ "P9 P9 X-", "degraded: fetches3 discarded3 | discard3 start3 look", 0 },
	{ "P9 P9 ?", "degraded: silent3 fetches3 | start3 look", 0 },
	{ "P9 P9 L", "degraded: locked3 | look", 0 },
	{ "P9 P9 N8", "degraded: alone3 | look", 0 },
	{ "P9 P9 N10", "degraded: fetches3 discarded3 | stop3 discard3 start3 look", 0 },
	{ "P9* D9* X", "degraded: transfer23 | look", 0 }, /* a whole state on its way */
	{ "P9 D9 X", "degraded: transfer2 fetches3 | start3 look", 0 },
	/* none serves, some live */
	{ "N9 X X",
	    "noPrimary: alone1 position23 | stop2 findPosition2 stop3 findPosition3 askAgain", 0 },
	{ "N9 X9 X8",
	    "noPrimary: alone1 fetches23 newest1 isolate23 | stop2 stop3 bootstrap1 start2 start3 "
	    "look",
	    0 },
	{ "N5 X9 X8",
	    "noPrimary: alone1 fetches13 newest2 isolate13 | stop1 stop3 stop2 allowBootstrap2 "
	    "new2 "
	    "start1 start3 look",
	    0 },
	{ "N9 X X-", "noPrimary: alone1 position2 | stop2 findPosition2 askAgain", 0 },
	{ "N9 X9 X-",
	    "noPrimary: alone1 fetches23 newest1 isolate23 discarded3 | stop2 stop3 bootstrap1 "
	    "start2 discard3 start3 look",
	    0 },
	{ "N5 X9- X-",
	    "noPrimary: alone1 fetches23 newest1 isolate23 discarded23 | stop2 stop3 bootstrap1 "
	    "discard2 start2 discard3 start3 look",
	    0 },
	{ "N5 X5 X4",
	    "noPrimary: alone1 fetches23 newest1 loss1 isolate23 | stop2 stop3 bootstrap1 start2 "
	    "start3 accept look",
	    9 },
	{ "N9 N9 N8", "noPrimary: alone123 newest1 | bootstrap1 look", 0 },
	{ "N9q N7", "noPrimary: alone12 applying1 | askAgain", 0 },
	{ "N9q- N7",
	    "noPrimary: alone12 fetches1 newest2 discarded1 | bootstrap2 stop1 discard1 start1 "
	    "look",
	    0 },
	{ "N9r X5",
	    "noPrimary: alone1 fetches2 newest1 isolate2 restores1 | stop2 bootstrap1 start2 look",
	    0 },
	{ "N9 ?", "noPrimary: silent2 alone1 position2 | stop2 findPosition2 askAgain", 0 },
	{ "N9 L", "noPrimary: locked2 alone1 |", 0 },
	{ "N9 N9/", "noPrimary: alone12 histories12 |", 0 },
	{ "N9 N9/+",
	    "noPrimary: alone12 fetches1 newest2 discarded1 | bootstrap2 stop1 discard1 start1 "
	    "look",
	    0 },
	{ "N9 X8", "noPrimary: alone1 histories12 |", -9 },
	/* none lives */
	{ "X X X",
	    "down: position123 | stop1 findPosition1 stop2 findPosition2 stop3 findPosition3 "
	    "askAgain",
	    0 },
	{ "X7 X9 X", "down: position3 | stop3 findPosition3 askAgain", 0 },
	{ "X7 X9 X8",
	    "down: fetches13 newest2 isolate13 | stop1 stop3 stop2 allowBootstrap2 new2 start1 "
	    "start3 look",
	    0 },
	{ "X9 X9 X9",
	    "down: fetches23 newest1 isolate23 | stop2 stop3 stop1 allowBootstrap1 new1 start2 "
	    "start3 look",
	    0 },
	{ "X7 X9 X0/",
	    "down: fetches13 newest2 isolate13 | stop1 stop3 stop2 allowBootstrap2 new2 start1 "
	    "start3 look",
	    0 },
	{ "X7 X9 X12/", "down: histories123 |", 0 },
	{ "X7 X9 X12/+",
	    "down: fetches12 newest3 isolate12 discarded12 | stop1 stop2 stop3 allowBootstrap3 "
	    "new3 "
	    "discard1 start1 discard2 start2 look",
	    0 },
	{ "X7+ X9 X12/",
	    "down: fetches13 newest2 isolate13 discarded3 | stop1 stop3 stop2 allowBootstrap2 new2 "
	    "start1 discard3 start3 look",
	    0 },
	{ "X X X9^",
	    "down: fetches12 newest3 last3 isolate12 | stop1 stop2 stop3 new3 start1 start2 look",
	    0 },
	{ "X X10 X9^", "down: position1 notLast3 | stop1 findPosition1 askAgain", 0 },
	{ "X8 X10 X9^",
	    "down: fetches13 newest2 notLast3 isolate13 | stop1 stop3 stop2 allowBootstrap2 new2 "
	    "start1 start3 look",
	    0 },
	{ "X X9^ X9^", "down: position1 notLast23 | stop1 findPosition1 askAgain", 0 },
	{ "? ?", "down: silent12 position12 | stop1 findPosition1 stop2 findPosition2 askAgain",
	    0 },
	{ "L L", "down: locked12 |", 0 },
	{ "X0/ X0/", "down: nothing12 |", 0 },
	{ "X- X-", "down: nothing12 |", 0 },
	/* two serve */
	{ "P9 P9 P8@", "split: split123 |", 0 },
	{ "P9 P9 P8@+",
	    "split: discarded12 split123 | stop1 stop2 discard1 discard2 start1 start2 look", 0 },
	{ "P9+ P9 P8@", "split: discarded3 split123 | stop3 discard3 start3 look", 0 },
	{ "P9+ P9 P8@+", "split: split123 |", 0 },
	/* no nodes */
	{ "W", "none: |", 0 },
	{ "W W", "none: stranger12 |", 0 },
	{ "W X", "none: stranger1 |", 0 },
	{ "P9 W P9", "stranger: stranger2 |", 0 },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct cluster cluster = read_cluster(rows[i].nodes);
		struct cluster_advice advice;

		cluster.mark = (struct galera_position){ .known = rows[i].mark != 0,
			.seqno = rows[i].mark < 0 ? -rows[i].mark : rows[i].mark };
		cluster.mark.uuid.bytes[0] = rows[i].mark < 0 ? 3 : 1;
		cluster_advise(&cluster, &advice);
		if (strcmp(describe_advice(&advice), rows[i].advice) != 0)
			print_message("%s\n", rows[i].nodes);
		assert_string_equal(describe_advice(&advice), rows[i].advice);
	}
}

/* Two halves that count alike: a place in the component is taken twice. */
static void test_equal_halves(void **state)
{
	struct cluster cluster = read_cluster("P9 P9");
	struct cluster_advice advice;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		cluster.nodes[i].size = 1;
		cluster.nodes[i].index = 0;
	}
	cluster_advise(&cluster, &advice);
	assert_int_equal(advice.verdict, CLUSTER_SPLIT);
	assert_int_equal(advice.component_count, 2);
}

/* None is called the newest while another one may be. */
static void test_newest(void **state)
{
	static const struct {
		const char *nodes;
		uint32_t newest;
	} newest[] = {
		{ "P9 P9 P8", 3 },
		{ "P9 P8 X", 1 },
		{ "P9 N8", 1 },
		{ "N9 X", 0 },
		{ "N9 X-", 1 },
		{ "N9 X9 X8", 3 },
		{ "X7 X9 X", 0 },
		{ "P9 P9/@", 0 },
		{ "W W", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(newest); i++) {
		struct cluster cluster = read_cluster(newest[i].nodes);
		struct cluster_advice advice;

		cluster_advise(&cluster, &advice);
		assert_int_equal(advice.newest, newest[i].newest);
	}
}

/* Nothing chosen without people's word leaves out a node that may be newer. */
static void test_newest_is_chosen(void **state)
{
	static const char signs[] = "NX";

	(void)state;
	for (unsigned turn = 0; turn < 6 * 6 * 6 * 8; turn++) {
		char text[64];
		unsigned a = turn % 6 + 1, b = turn / 6 % 6 + 1, c = turn / 36 % 6 + 1,
			 s = turn / 216;
		int64_t most = a > b ? a > c ? a : c : b > c ? b : c;
		struct cluster cluster;
		struct cluster_advice advice;

		snprintf(text, sizeof(text), "%c%u %c%u %c%u", signs[s & 1], a, signs[s >> 1 & 1],
		    b, signs[s >> 2], c);
		cluster = read_cluster(text);
		cluster_advise(&cluster, &advice);
		for (unsigned i = 0; i < advice.step_count; i++) {
			const struct cluster_step *step = &advice.steps[i];

			if (step->action == CLUSTER_BOOTSTRAP || step->action == CLUSTER_NEW)
				assert_int_equal(cluster.nodes[step->node].position.seqno, most);
			assert_int_not_equal(step->action, CLUSTER_DISCARD);
		}
		assert_true(advice.step_count > 0);
	}
}

static void check_text(const char *text)
{
	assert_non_null(text);
	assert_true(strlen(text) > 0);
}

static void test_words(void **state)
{
	struct cluster cluster = read_cluster("P9 X7");
	struct cluster_advice advice = { .loss = 680, .serving = 1, .expected = 2 };
	struct buf out = { 0 };

	(void)state;
	for (unsigned i = 0; i < CLUSTER_VERDICT__MAX; i++)
		check_text(cluster_verdict_word(i));
	for (unsigned i = 0; i < CLUSTER_ACTION__MAX; i++) {
		check_text(cluster_action_word(i));
		check_text(cluster_action_doc(i));
	}
	for (unsigned i = 0; i < GALERA_REACH__MAX; i++)
		check_text(cluster_reach_word(i));
	for (unsigned i = 0; i < CLUSTER_NOTE__MAX; i++) {
		check_text(cluster_note_word(i));
		cluster_print_note(&advice, i, &out);
	}
	assert_non_null(strstr(out.data, " 680 changes are lost"));
	assert_null(strchr(out.data, '%'));
	buf_reset(&out, 0);
	advice.verdict = CLUSTER_DEGRADED;
	cluster_print_verdict(&advice, &out);
	assert_non_null(strstr(out.data, "1 of 2 nodes"));
	buf_reset(&out, 0);
	advice.notes[CLUSTER_NOTE_POSITION] = 3;
	cluster_print_command(&cluster, &advice,
	    &(struct cluster_step){ CLUSTER_ASK_AGAIN, CLUSTER_ANYWHERE }, NULL, " --lost db3",
	    &out);
	assert_string_equal(out.data,
	    "clientele cluster recover --lost db3 --position db1=UUID:SEQNO --position "
	    "db2=UUID:SEQNO");
	buf_reset(&out, 0);
	cluster_print_command(
	    &cluster, &advice, &(struct cluster_step){ CLUSTER_DISCARD, 1 }, "/srv/db", "", &out);
	assert_string_equal(out.data, "rm -f /srv/db/grastate.dat");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_equal_halves),
		cmocka_unit_test(test_newest),
		cmocka_unit_test(test_newest_is_chosen),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
