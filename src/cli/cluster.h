/*
 * What the commands of clusters share.
 */
#ifndef CLIENTELE_CLI_CLUSTER_H
#define CLIENTELE_CLI_CLUSTER_H

#include "cli/cluster_advice.h"
#include "cli/command.h"
#include "codec/writer.h"

/*
 * Asks the hosts of database_hosts, all at once, and judges what they say; those that are waited
 * for are named to people. False after saying what is wrong with the list.
 */
bool cluster_take(struct session *session, struct cluster *cluster, struct cluster_advice *advice);

/*
 * Prints nodes and verdict: for people a table and a sentence, else as members of the object that
 * is open in `writer`. Returns COMMAND_OK, or what went wrong with the output.
 */
enum command_status cluster_print(struct session *session, const struct cluster *cluster,
    const struct cluster_advice *advice, struct writer *writer);

/* The command: makes what the nodes show the history of this machine. */
enum command_status cluster_accept(struct session *session);
/* The command `cluster recover`. */
extern const struct command_flag cluster_recover_flags[];
enum command_status cluster_recover(struct session *session);

#endif
