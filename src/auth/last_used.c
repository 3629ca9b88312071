#include "auth/last_used.h"

#include <stdlib.h>

#define SLOTS 1024 /* power of two */
#define PROBES 8
#define INTERVAL (LAST_USED_INTERVAL * MICROSECONDS_PER_SECOND)

enum kind {
	KIND_KEY,
	KIND_CLIENT,
	KIND_SECRET,
	KIND_SESSION,
	KIND_REGISTRATION,
	KIND_CERTIFICATE,
	KIND__MAX
};

/* Whose use it is. */
struct name {
	enum kind kind;
	struct uuid uuid;
	int64_t number;
};

struct slot {
	struct name name;
	int64_t used;  /* moment of the last use that is to be written */
	int64_t count; /* uses that are to be written */
	int64_t next;  /* monotonic: not written before; 0 = free */
};

struct last_used {
	struct slot slots[SLOTS];
	unsigned cursor; /* where the next write begins to look */
};

/* An older use that is written later does not count as the last one. */
#define SET_USED(column, count)                                                                \
	"SET " column " = GREATEST(COALESCE(" column ", '0001-01-01'), ?), " count " = " count \
	" + ? "

static const char *const statements[KIND__MAX] = {
	[KIND_KEY] = "UPDATE api_key " SET_USED("last_used_at", "use_count") "WHERE id = ?",
	[KIND_CLIENT] = "UPDATE api_client " SET_USED("last_used_at", "use_count") "WHERE id = ?",
	[KIND_SECRET] = "UPDATE api_client_secret " SET_USED(
	    "last_used_at", "use_count") "WHERE client_id = ? AND number = ?",
	[KIND_SESSION] =
	    "UPDATE oauth_session " SET_USED("last_used_at", "use_count") "WHERE id = ?",
	[KIND_REGISTRATION] = "UPDATE api_client " SET_USED(
	    "registration_used_at", "registration_use_count") "WHERE id = ?",
	[KIND_CERTIFICATE] =
	    "UPDATE client_certificate " SET_USED("last_used_at", "use_count") "WHERE id = ?",
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
		if (slot->count == 0 && (found == NULL || slot->next < found->next))
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
	if (slot->next == 0 || !same_name(&slot->name, &name))
		*slot = (struct slot){ .name = name, .next = now };
	slot->used = timestamp_now();
	slot->count++;
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

void last_used_note_registration(struct last_used *uses, const struct uuid *client)
{
	note(uses, (struct name){ .kind = KIND_REGISTRATION, .uuid = *client });
}

void last_used_note_certificate(struct last_used *uses, const struct uuid *certificate)
{
	note(uses, (struct name){ .kind = KIND_CERTIFICATE, .uuid = *certificate });
}

static int write_slot(const struct slot *slot, struct database *database, struct error *error)
{
	const struct name *name = &slot->name;
	struct bind binds[4];
	unsigned count = 0;
	struct outcome outcome;

	binds[count++] = BIND_MOMENT(slot->used);
	binds[count++] = BIND_INT(slot->count);
	binds[count++] = name->kind == KIND_KEY ? BIND_INT(name->number) : BIND_ID(name->uuid);
	if (name->kind == KIND_SECRET)
		binds[count++] = BIND_INT(name->number);
	return database_execute(database, statements[name->kind], binds, count, &outcome, error);
}

static int write_due(struct last_used *uses, struct database *database, int64_t until,
    unsigned most, struct error *error)
{
	unsigned written = 0;

	if (!database_connected(database))
		return 0;
	for (unsigned i = 0; i < SLOTS && written < most; i++) {
		struct slot *slot = &uses->slots[uses->cursor];

		if (slot->count != 0 && slot->next <= until) {
			if (write_slot(slot, database, error) != 0)
				return -1;
			slot->count = 0;
			slot->next = timestamp_monotonic() + INTERVAL;
			written++;
		}
		uses->cursor = (uses->cursor + 1) & (SLOTS - 1);
	}
	return 0;
}

int last_used_write(struct last_used *uses, struct database *database, struct error *error)
{
	return write_due(uses, database, timestamp_monotonic(), LAST_USED_BATCH, error);
}

int last_used_flush(struct last_used *uses, struct database *database, struct error *error)
{
	return write_due(uses, database, INT64_MAX, SLOTS, error);
}
