#include "auth/last_used.h"

#include <stdlib.h>

#define SLOTS 1024 /* power of two */
#define PROBES 8
#define INTERVAL (LAST_USED_INTERVAL * MICROSECONDS_PER_SECOND)

enum kind { KIND_KEY, KIND_CLIENT, KIND_SECRET, KIND_SESSION, KIND__MAX };

/* Whose use it is. */
struct name {
	enum kind kind;
	struct uuid uuid;
	int64_t number;
};

struct slot {
	struct name name;
	int64_t used; /* moment of the use that is to be written; 0 = none */
	int64_t next; /* monotonic: earlier uses are not noted; 0 = free */
};

struct last_used {
	struct slot slots[SLOTS];
	unsigned cursor; /* where the next write begins to look */
};

/*
 * None of them changes a row that another worker or node has changed in the same minute, so that
 * a cluster has no conflict of it.
 */
static const char *const statements[KIND__MAX] = {
	[KIND_KEY] = "UPDATE api_key SET last_used_at = ? "
		     "WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)",
	[KIND_CLIENT] = "UPDATE api_client SET last_used_at = ? "
			"WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)",
	[KIND_SECRET] = "UPDATE api_client_secret SET last_used_at = ? "
			"WHERE client_id = ? AND number = ? "
			"AND (last_used_at IS NULL OR last_used_at <= ?)",
	[KIND_SESSION] = "UPDATE oauth_session SET last_used_at = ? "
			 "WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)",
};

struct last_used *last_used_new(void)
{
	return calloc(1, sizeof(struct last_used));
}

void last_used_free(struct last_used *uses)
{
	free(uses);
}

static bool same_name(const struct name *a, const struct name *b)
{
	return a->kind == b->kind && a->number == b->number && uuid_equal(&a->uuid, &b->uuid);
}

/* Spreads numbers that follow each other, and the bytes of identifiers, which are random. */
static size_t first_slot(const struct name *name)
{
	uint64_t bytes;

	memcpy(&bytes, name->uuid.bytes, sizeof(bytes));
	bytes ^= ((uint64_t)name->number * KIND__MAX + (uint64_t)name->kind) *
		 UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(bytes >> 32) & (SLOTS - 1);
}

/* The name's slot, else a free one, else one that has nothing to be written; NULL if none. */
static struct slot *find_slot(struct last_used *uses, const struct name *name)
{
	struct slot *found = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct slot *slot = &uses->slots[(first_slot(name) + i) & (SLOTS - 1)];

		if (slot->next != 0 && same_name(&slot->name, name))
			return slot;
		if (slot->used == 0 && (found == NULL || slot->next < found->next))
			found = slot;
	}
	return found;
}

static void note(struct last_used *uses, struct name name)
{
	struct slot *slot = find_slot(uses, &name);
	int64_t now = timestamp_monotonic();

	if (slot == NULL)
		return;
	if (slot->next != 0 && same_name(&slot->name, &name) && now < slot->next)
		return;
	*slot = (struct slot){ .name = name, .used = timestamp_now(), .next = now + INTERVAL };
}

void last_used_note_key(struct last_used *uses, int64_t key_id)
{
	note(uses, (struct name){ .kind = KIND_KEY, .number = key_id });
}

void last_used_note_client(struct last_used *uses, const struct uuid *client)
{
	note(uses, (struct name){ .kind = KIND_CLIENT, .uuid = *client });
}

void last_used_note_secret(struct last_used *uses, const struct uuid *client, int64_t number)
{
	note(uses, (struct name){ .kind = KIND_SECRET, .uuid = *client, .number = number });
}

void last_used_note_session(struct last_used *uses, const struct uuid *session)
{
	note(uses, (struct name){ .kind = KIND_SESSION, .uuid = *session });
}

static int write_slot(const struct slot *slot, struct database *database, struct error *error)
{
	const struct name *name = &slot->name;
	struct bind binds[4];
	unsigned count = 0;
	struct outcome outcome;

	binds[count++] = BIND_MOMENT(slot->used);
	binds[count++] = name->kind == KIND_KEY ? BIND_INT(name->number) : BIND_ID(name->uuid);
	if (name->kind == KIND_SECRET)
		binds[count++] = BIND_INT(name->number);
	binds[count++] = BIND_MOMENT(slot->used - INTERVAL);
	return database_execute(database, statements[name->kind], binds, count, &outcome, error);
}

int last_used_write(struct last_used *uses, struct database *database, struct error *error)
{
	unsigned written = 0;

	if (!database_connected(database))
		return 0;
	for (unsigned i = 0; i < SLOTS && written < LAST_USED_BATCH; i++) {
		struct slot *slot = &uses->slots[uses->cursor];

		if (slot->used != 0) {
			if (write_slot(slot, database, error) != 0)
				return -1;
			slot->used = 0;
			written++;
		}
		uses->cursor = (uses->cursor + 1) & (SLOTS - 1);
	}
	return 0;
}
