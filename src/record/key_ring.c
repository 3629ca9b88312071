#include "record/key_ring.h"

#include <stdlib.h>

#define BLOCK ((size_t)4096)
#define MEMORY ((size_t)64 * 1024 * 1024)

struct key_ring {
	struct epoch_watch watch;
	struct arena *arena;
	struct ring_key *keys; /* by number */
	unsigned count;
};

struct mark key_ring_mark(void)
{
	/* One name for all of them: a mark that names nothing ends every credential. */
	return (struct mark){ .kind = MARK_SIGNING_KEY, .subject.bytes = { [15] = 1 } };
}

struct key_ring *key_ring_new(const struct epoch *epoch)
{
	struct key_ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL)
		return NULL;
	ring->watch.epoch = epoch;
	ring->arena = arena_new(BLOCK, MEMORY);
	if (ring->arena != NULL)
		return ring;
	free(ring);
	return NULL;
}

static void forget(struct key_ring *ring)
{
	for (unsigned i = 0; i < ring->count; i++)
		signing_key_free(ring->keys[i].key);
	ring->count = 0;
	ring->watch.read_at = 0;
	arena_reset(ring->arena);
}

void key_ring_free(struct key_ring *ring)
{
	if (ring == NULL)
		return;
	forget(ring);
	arena_free(ring->arena);
	free(ring);
}

enum column {
	COLUMN_ID,
	COLUMN_SUCCESSOR,
	COLUMN_ACTIVE,
	COLUMN_DEFAULT,
	COLUMN_LEGACY,
	COLUMN_PRIVATE,
	COLUMN__MAX
};

static int select_all(
    struct database *database, struct arena *arena, struct result *result, struct error *error)
{
	static const enum bind_kind columns[COLUMN__MAX] = {
		[COLUMN_ID] = BIND_INTEGER,
		[COLUMN_SUCCESSOR] = BIND_INTEGER,
		[COLUMN_ACTIVE] = BIND_INTEGER,
		[COLUMN_DEFAULT] = BIND_INTEGER,
		[COLUMN_LEGACY] = BIND_INTEGER,
		[COLUMN_PRIVATE] = BIND_BINARY,
	};

	return database_select(database, arena,
	    "SELECT id, COALESCE(successor_id, 0), state = 'active', is_default, legacy, "
	    "private_key FROM " SIGNING_KEY_TABLE " ORDER BY id",
	    NULL, 0, columns, COLUMN__MAX, result, error);
}

static int read_all(
    struct key_ring *ring, struct database *database, struct arena *arena, struct error *error)
{
	struct result result;

	if (select_all(database, arena, &result, error) != 0)
		return -1;
	forget(ring);
	ring->keys = arena_alloc_array(ring->arena, result.count, sizeof(ring->keys[0]));
	for (unsigned i = 0; i < result.count && !arena_exhausted(ring->arena); i++) {
		const struct bind *row = result.rows[i];

		ring->keys[i] = (struct ring_key){ .id = row[COLUMN_ID].integer,
			.successor = row[COLUMN_SUCCESSOR].integer,
			.is_active = row[COLUMN_ACTIVE].integer != 0,
			.is_default = row[COLUMN_DEFAULT].integer != 0,
			.is_legacy = row[COLUMN_LEGACY].integer != 0 };
		if (!row[COLUMN_PRIVATE].null)
			ring->keys[i].sealed = arena_str(ring->arena, row[COLUMN_PRIVATE].text);
	}
	if (arena_exhausted(ring->arena))
		return error_out_of_memory(error);
	ring->count = result.count;
	return 0;
}

int key_ring_refresh(
    struct key_ring *ring, struct database *database, struct arena *arena, struct error *error)
{
	const struct mark mark = key_ring_mark();

	if (epoch_watch_holds(&ring->watch, &mark, 1))
		return 0;
	epoch_watch_begin(&ring->watch);
	if (read_all(ring, database, arena, error) != 0)
		return -1;
	epoch_watch_end(&ring->watch);
	return 0;
}

int key_ring_reread(
    struct key_ring *ring, struct database *database, struct arena *arena, struct error *error)
{
	return read_all(ring, database, arena, error);
}

struct ring_key *key_ring_find(struct key_ring *ring, int64_t id)
{
	for (unsigned i = 0; i < ring->count; i++) {
		if (id != 0 ? ring->keys[i].id == id : ring->keys[i].is_default)
			return &ring->keys[i];
	}
	return NULL;
}
