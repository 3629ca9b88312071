/*
 * When credentials were used last, and how often: noted in a worker's memory while it
 * authenticates, written to the database afterwards, off the request's path. Exact to a minute: a
 * worker writes each credential once a minute at most, and the rest costs no query. What a worker
 * that is killed had not written yet is lost.
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
void last_used_note_certificate(struct last_used *uses, const struct uuid *certificate);

/* The same of the token that manages a client's registration. */
void last_used_note_registration(struct last_used *uses, const struct uuid *client);

/*
 * Writes what is due, at most LAST_USED_BATCH of it, one statement each. A statement that fails is
 * tried again with the next call and is nobody's error: `error` tells of it for the log. Returns 0,
 * or -1.
 */
int last_used_write(struct last_used *uses, struct database *database, struct error *error);

/* Writes all that there is, for a worker that leaves. Returns 0, or -1 at the first fault. */
int last_used_flush(struct last_used *uses, struct database *database, struct error *error);

#define LAST_USED_BATCH 16
#define LAST_USED_INTERVAL 60 /* seconds between two writes of one credential */

#endif
