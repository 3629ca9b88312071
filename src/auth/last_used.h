/*
 * When credentials were used last: noted in a worker's memory while it authenticates, written to
 * the database afterwards, off the request's path. Exact to a minute: among all workers and nodes
 * at most one of a minute's uses is written, and the rest costs no query.
 */
#ifndef CLIENTELE_AUTH_LAST_USED_H
#define CLIENTELE_AUTH_LAST_USED_H

#include "db/database.h"

struct last_used;

/* What one worker has noted: a fixed number of credentials. NULL when there is no memory. */
struct last_used *last_used_new(void);
void last_used_free(struct last_used *uses);

/*
 * Each notes that a credential was used now. With too many of them between two writes, uses are
 * forgotten. `number` is that of the client's secret.
 */
void last_used_note_key(struct last_used *uses, int64_t key_id);
void last_used_note_client(struct last_used *uses, const struct uuid *client);
void last_used_note_secret(struct last_used *uses, const struct uuid *client, int64_t number);
void last_used_note_session(struct last_used *uses, const struct uuid *session);

/*
 * Writes what is due, at most LAST_USED_BATCH of it, one statement each. A statement that fails is
 * tried again with the next call and is nobody's error: `error` tells of it for the log. Returns 0,
 * or -1.
 */
int last_used_write(struct last_used *uses, struct database *database, struct error *error);

#define LAST_USED_BATCH 16
#define LAST_USED_INTERVAL 60 /* seconds between two writes of one credential */

#endif
