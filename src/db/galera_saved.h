/*
 * Positions of nodes that do not run: what grastate.dat and galera_recovery tell. No network.
 */
#ifndef CLIENTELE_DB_GALERA_SAVED_H
#define CLIENTELE_DB_GALERA_SAVED_H

#include "db/galera.h"

#define GALERA_SAVED_FILE "grastate.dat"
#define GALERA_SAVED_BYTES 4096 /* of the file, at most */

/* Reads "UUID:SEQNO", and what galera_recovery may add after a comma or a blank. */
bool galera_saved_position(struct str text, struct galera_position *position);

/*
 * Reads the text of grastate.dat. A node that was killed leaves no position there: *position is not
 * known then. *last is set for one that was stopped in order, as the last of its cluster. Returns
 * false where it is no such file.
 */
bool galera_saved_read(struct str text, struct galera_position *position, bool *last);

#endif
