/*
 * Keys that sign licenses: what a process knows of them, so that signing costs no statement and no
 * key is read twice.
 */
#ifndef CLIENTELE_RECORD_KEY_RING_H
#define CLIENTELE_RECORD_KEY_RING_H

#include "auth/epoch.h"
#include "db/database.h"
#include "document/key.h"

#define SIGNING_KEY_TABLE "signing_key"

struct key_ring;

/* One key, by its number in the table. */
struct ring_key {
	int64_t id;
	int64_t successor; /* 0 = none */
	bool is_active, is_default, is_legacy;
	struct str sealed;       /* its private half as it is stored */
	struct signing_key *key; /* set by who has opened it; the ring frees it. NULL = not yet */
};

/*
 * `epoch` tells when they have changed, and must outlive it; without one (NULL) they are looked at
 * again every second. NULL without memory.
 */
struct key_ring *key_ring_new(const struct epoch *epoch);
void key_ring_free(struct key_ring *ring);

/*
 * Reads them anew where something may have changed. Not to be called within a transaction, which
 * may see what was before the change. Errors as database_select().
 */
int key_ring_refresh(struct key_ring *ring, struct database *database, struct arena *arena,
    struct error *error) MUST_CHECK;

/*
 * Reads them within a transaction that has changed some: what is known then is known until that
 * ends. Errors as database_select().
 */
int key_ring_reread(struct key_ring *ring, struct database *database, struct arena *arena,
    struct error *error) MUST_CHECK;

/* The key of that number, or with 0 the default one; NULL when it is not known. */
struct ring_key *key_ring_find(struct key_ring *ring, int64_t id);

/* What a change of a key is marked by. */
struct mark key_ring_mark(void);

#endif
