/*
 * Verdicts, notes and commands of cluster_advise() in words.
 */
#ifndef CLIENTELE_CLI_CLUSTER_WORDS_H
#define CLIENTELE_CLI_CLUSTER_WORDS_H

#include "base/buf.h"
#include "cli/cluster_advice.h"

/* Where Debian's package has it; the commands name it unless another is given. */
#define CLUSTER_DIRECTORY "/var/lib/mysql"

/* The verdict in a sentence, and its word in JSON. */
void cluster_print_verdict(const struct cluster_advice *advice, struct buf *out);
const char *cluster_verdict_word(enum cluster_verdict verdict);

/* The note in sentences, without the nodes that it is about; and its word in JSON. */
void cluster_print_note(
    const struct cluster_advice *advice, enum cluster_note note, struct buf *out);
const char *cluster_note_word(enum cluster_note note);

/*
 * The command of a step, and its word in JSON. `directory` is the data directory of its node, NULL
 * for CLUSTER_DIRECTORY; `given` is what the command of CLUSTER_ASK_AGAIN must be given again.
 */
void cluster_print_command(const struct cluster *cluster, const struct cluster_advice *advice,
    const struct cluster_step *step, const char *directory, const char *given, struct buf *out);
const char *cluster_action_word(enum cluster_action action);

/* What a step is for. */
const char *cluster_action_doc(enum cluster_action action);

/* Hosts of a set of nodes, with commas between. */
void cluster_print_hosts(const struct cluster *cluster, uint32_t nodes, struct buf *out);

const char *cluster_reach_word(enum galera_reach reach);

#endif
