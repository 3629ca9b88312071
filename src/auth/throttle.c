#include "auth/throttle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/digest.h"
#include "base/shared_file.h"

#define SETS 4096 /* power of two */
#define WAYS 8
#define SPARE_PER_SECOND 5

/* When a window began or a refusal ends (seconds since boot), and the failures of the window. */
#define STATE(seconds, failures) ((uint64_t)(seconds) << 16 | (uint64_t)(failures))
#define STATE_SECONDS(state) ((int64_t)((state) >> 16))
#define STATE_FAILURES(state) ((int64_t)((state)&0xFFFF))
#define REFUSED 0xFFFF /* in place of the failures: refused until `seconds` */

/* What a counter is of, as it is hashed, and as the command line shows it. */
struct label {
	uint8_t scope, address_length, owner_kind, unused[5];
	uint8_t address[16];
	uint8_t owner[16];
};

struct slot {
	_Atomic uint64_t name; /* keyed hash of the label; 0 = free */
	_Atomic uint64_t state;
	_Atomic uint64_t spare; /* STATE of the looks had in this second */
	struct label label;     /* counts where its hash is `name`: it is written after it */
};

struct throttle_memory {
	struct shared_file_header header;
	struct slot slots[SETS][WAYS];
};

static const struct shared_file throttle_file = {
	.name = "clientele.throttle",
	.layout = 3,
	.size = sizeof(struct throttle_memory),
};

struct throttle {
	struct throttle_memory *memory;
	int64_t failures, window;
};

struct throttle_owner throttle_user(const struct uuid *id)
{
	return (struct throttle_owner){ THROTTLE_USER, *id };
}

struct throttle_owner throttle_client(const struct uuid *id)
{
	return (struct throttle_owner){ THROTTLE_CLIENT, *id };
}

struct throttle_owner throttle_delegate(const struct uuid *user)
{
	return (struct throttle_owner){ THROTTLE_DELEGATE, *user };
}

struct throttle_owner throttle_key(int64_t number)
{
	struct throttle_owner owner = { .kind = THROTTLE_KEY };

	for (unsigned i = 0; i < 8; i++)
		owner.id.bytes[15 - i] = (uint8_t)((uint64_t)number >> (8 * i));
	return owner;
}

int64_t throttle_key_number(const struct throttle_owner *owner)
{
	uint64_t number = 0;

	for (unsigned i = 8; i < 16; i++)
		number = number << 8 | owner->id.bytes[i];
	return (int64_t)number;
}

const char *throttle_owner_word(enum throttle_owner_kind kind)
{
	static const char *const words[THROTTLE_OWNER__MAX] = {
		[THROTTLE_NOBODY] = "",
		[THROTTLE_USER] = "user",
		[THROTTLE_CLIENT] = "client",
		[THROTTLE_KEY] = "key",
		[THROTTLE_DELEGATE] = "delegate",
	};

	return words[kind];
}

struct throttle_address throttle_address(struct str text)
{
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	struct throttle_address address = { .length = 4 };
	uint8_t bytes[DIGEST_LENGTH];
	char copy[INET6_ADDRSTRLEN];

	if (text.length < sizeof(copy)) {
		if (text.length > 0)
			memcpy(copy, text.data, text.length);
		copy[text.length] = '\0';
		if (inet_pton(AF_INET, copy, address.bytes) == 1)
			return address;
		if (inet_pton(AF_INET6, copy, bytes) == 1) {
			bool v4 = memcmp(bytes, mapped, sizeof(mapped)) == 0;

			address.length = v4 ? 4 : 8;
			memcpy(address.bytes, v4 ? bytes + 12 : bytes, address.length);
			return address;
		}
	}
	/* A caller through a unix socket, or none that the web server tells. */
	digest_text(text, bytes);
	address.length = sizeof(address.bytes);
	memcpy(address.bytes, bytes, sizeof(address.bytes));
	return address;
}

void throttle_address_print(const struct throttle_address *address, struct buf *out)
{
	uint8_t bytes[16] = { 0 };
	char text[INET6_ADDRSTRLEN];

	if (address->length == 4) {
		if (inet_ntop(AF_INET, address->bytes, text, sizeof(text)) != NULL)
			buf_append_text(out, text);
	} else if (address->length == 8) {
		memcpy(bytes, address->bytes, 8);
		if (inet_ntop(AF_INET6, bytes, text, sizeof(text)) != NULL)
			buf_printf(out, "%s/64", text);
	} else if (address->length > 0) {
		buf_append_text(out, "local");
	}
}

/* Seconds since boot, those asleep included: they agree in all processes and never go back. */
static int64_t seconds_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

struct throttle *throttle_open(const char *directory)
{
	struct throttle *throttle = calloc(1, sizeof(*throttle));
	int saved;

	if (throttle == NULL)
		return NULL;
	throttle->memory = shared_file_map(&throttle_file, directory);
	if (throttle->memory != NULL)
		return throttle;
	saved = errno;
	throttle_close(throttle);
	errno = saved;
	return NULL;
}

void throttle_close(struct throttle *throttle)
{
	if (throttle == NULL)
		return;
	shared_file_unmap(throttle->memory);
	free(throttle);
}

void throttle_configure(struct throttle *throttle, int64_t failures, int64_t window)
{
	throttle->failures = failures;
	throttle->window = window;
}

/* Only what belongs to the scope: what else a caller has filled in makes no counter of its own. */
static struct label label_of(const struct throttle_counter *counter)
{
	struct label label = { .scope = (uint8_t)counter->scope };

	if (counter->scope != THROTTLE_BY_OWNER) {
		label.address_length = counter->address.length;
		memcpy(label.address, counter->address.bytes, counter->address.length);
	}
	if (counter->scope == THROTTLE_BY_OWNER || counter->scope == THROTTLE_BY_BOTH) {
		label.owner_kind = (uint8_t)counter->owner.kind;
		memcpy(label.owner, counter->owner.id.bytes, sizeof(label.owner));
	}
	return label;
}

static uint64_t hash_label(const struct throttle *throttle, const struct label *label)
{
	uint8_t text[SHARED_FILE_KEY + sizeof(*label)], out[DIGEST_LENGTH];
	uint64_t hash;

	memcpy(text, throttle->memory->header.key, SHARED_FILE_KEY);
	memcpy(text + SHARED_FILE_KEY, label, sizeof(*label));
	digest_text((struct str){ (const char *)text, sizeof(text) }, out);
	memcpy(&hash, out, sizeof(hash));
	return hash != 0 ? hash : 1;
}

static struct slot *find_named_slot(const struct throttle *throttle, uint64_t name)
{
	struct slot *set = throttle->memory->slots[name & (SETS - 1)];

	for (unsigned i = 0; i < WAYS; i++) {
		if (atomic_load(&set[i].name) == name)
			return &set[i];
	}
	return NULL;
}

static struct slot *find_counter(
    const struct throttle *throttle, const struct throttle_counter *counter)
{
	struct label label = label_of(counter);

	return throttle->failures > 0 ? find_named_slot(throttle, hash_label(throttle, &label))
				      : NULL;
}

/* How little is lost when the slot is taken for another name: the smallest goes first. */
static int64_t worth(const struct throttle *throttle, const struct slot *slot, int64_t now)
{
	uint64_t state = atomic_load(&slot->state);
	int64_t seconds = STATE_SECONDS(state);

	if (atomic_load(&slot->name) == 0)
		return -1;
	if (STATE_FAILURES(state) == REFUSED)
		return seconds <= now ? 0 : INT64_MAX / 2 + seconds;
	return seconds + throttle->window <= now ? 0 : seconds;
}

/* A slot of the name's own. Where all are in use, workers that race for one may count a failure
 * less, never another's. */
static struct slot *find_or_take(
    const struct throttle *throttle, const struct throttle_counter *counter, int64_t now)
{
	struct label label = label_of(counter);
	uint64_t name = hash_label(throttle, &label), before;
	struct slot *set = throttle->memory->slots[name & (SETS - 1)];
	struct slot *slot = find_named_slot(throttle, name);
	bool ended;

	if (slot != NULL)
		return slot;
	slot = set;
	for (unsigned i = 1; i < WAYS; i++) {
		if (worth(throttle, &set[i], now) < worth(throttle, slot, now))
			slot = &set[i];
	}
	/* What is free or has ended begins anew when it is counted; emptied here, it could lose the
	 * count of a worker that has found the slot meanwhile. */
	ended = worth(throttle, slot, now) <= 0;
	before = atomic_load(&slot->name);
	if (atomic_compare_exchange_strong(&slot->name, &before, name)) {
		slot->label = label;
		if (!ended)
			atomic_store(&slot->state, STATE(now, 0));
	}
	return atomic_load(&slot->name) == name ? slot : NULL;
}

static int64_t refused_for(const struct slot *slot, int64_t now)
{
	uint64_t state = atomic_load(&slot->state);

	if (STATE_FAILURES(state) != REFUSED || STATE_SECONDS(state) <= now)
		return 0;
	return STATE_SECONDS(state) - now;
}

int64_t throttle_wait(const struct throttle *throttle, const struct throttle_counter *counter)
{
	const struct slot *slot = find_counter(throttle, counter);

	return slot != NULL ? refused_for(slot, seconds_now()) : 0;
}

int throttle_refuse(enum throttle_scope scope, int64_t seconds, struct error *error)
{
	static const char *const whose[THROTTLE_SCOPE__MAX] = {
		[THROTTLE_BY_LOOKUP] = "keys or tokens from this address",
		[THROTTLE_BY_ADDRESS] = "passwords or secrets from this address",
		[THROTTLE_BY_OWNER] = "passwords or secrets for this account",
		[THROTTLE_BY_BOTH] = "passwords or secrets for this account from this address",
	};

	error_clear(error); /* of what was wrong with the last one */
	return error_set_wait(error, ERROR_TOO_MANY, seconds,
	    seconds == 1 ? "Too many failed %s; try again in %lld second."
			 : "Too many failed %s; try again in %lld seconds.",
	    whose[scope], (long long)seconds);
}

int throttle_check(
    struct throttle *throttle, const struct throttle_counter *counter, struct error *error)
{
	int64_t seconds = throttle_wait(throttle, counter);

	return seconds == 0 ? 0 : throttle_refuse(counter->scope, seconds, error);
}

/* What one more failure makes of a state. */
static uint64_t count_one(const struct throttle *throttle, uint64_t state, int64_t now)
{
	int64_t failures = STATE_FAILURES(state), begun = STATE_SECONDS(state);

	if (failures == REFUSED && begun > now)
		return state;
	if (failures == REFUSED || failures == 0 || begun + throttle->window <= now) {
		failures = 0;
		begun = now;
	}
	failures++;
	if (failures >= throttle->failures)
		return STATE(now + throttle->window, REFUSED);
	return STATE(begun, failures);
}

bool throttle_fail(struct throttle *throttle, const struct throttle_counter *counter)
{
	int64_t now = seconds_now();
	struct slot *slot;
	uint64_t before, after;

	if (throttle->failures == 0)
		return false;
	slot = find_or_take(throttle, counter, now);
	if (slot == NULL)
		return false;
	before = atomic_load(&slot->state);
	do {
		after = count_one(throttle, before, now);
	} while (!atomic_compare_exchange_weak(&slot->state, &before, after));
	return after != before && STATE_FAILURES(after) == REFUSED;
}

void throttle_clear(struct throttle *throttle, const struct throttle_counter *counter)
{
	struct slot *slot = find_counter(throttle, counter);
	uint64_t before;

	if (slot == NULL)
		return;
	before = atomic_load(&slot->state);
	while (
	    STATE_FAILURES(before) != REFUSED && STATE_FAILURES(before) != 0 &&
	    !atomic_compare_exchange_weak(&slot->state, &before, STATE(STATE_SECONDS(before), 0)))
		;
}

bool throttle_spare(struct throttle *throttle, const struct throttle_counter *counter)
{
	struct slot *slot = find_counter(throttle, counter);
	int64_t now = seconds_now(), had;
	uint64_t before;

	if (slot == NULL)
		return true;
	before = atomic_load(&slot->spare);
	do {
		had = STATE_SECONDS(before) == now ? STATE_FAILURES(before) : 0;
		if (had == SPARE_PER_SECOND)
			return false;
	} while (!atomic_compare_exchange_weak(&slot->spare, &before, STATE(now, had + 1)));
	return true;
}

/* False where there is none, or somebody is just taking the slot. */
static bool read_slot(const struct throttle *throttle, const struct slot *slot, int64_t now,
    struct throttle_entry *entry)
{
	uint64_t name = atomic_load(&slot->name), state = atomic_load(&slot->state);
	struct label label = slot->label;

	if (name == 0 || label.scope >= THROTTLE_SCOPE__MAX ||
	    label.owner_kind >= THROTTLE_OWNER__MAX || label.address_length > 16 ||
	    hash_label(throttle, &label) != name)
		return false;
	*entry = (struct throttle_entry){
		.counter = { .scope = (enum throttle_scope)label.scope,
		    .address.length = label.address_length,
		    .owner.kind = (enum throttle_owner_kind)label.owner_kind },
		.refused = STATE_FAILURES(state) == REFUSED,
		.seconds = STATE_SECONDS(state) - now,
	};
	memcpy(entry->counter.address.bytes, label.address, sizeof(label.address));
	memcpy(entry->counter.owner.id.bytes, label.owner, sizeof(label.owner));
	if (!entry->refused) {
		entry->failures = STATE_FAILURES(state);
		entry->seconds += throttle->window;
	}
	return entry->seconds > 0 && (entry->refused || entry->failures > 0);
}

void throttle_list(const struct throttle *throttle,
    void (*see)(void *context, const struct throttle_entry *entry), void *context)
{
	int64_t now = seconds_now();
	struct throttle_entry entry;

	for (unsigned i = 0; i < SETS * WAYS; i++) {
		if (read_slot(throttle, &throttle->memory->slots[i / WAYS][i % WAYS], now, &entry))
			see(context, &entry);
	}
}

static bool is_of(const struct throttle_counter *counter, const struct throttle_address *address,
    const struct throttle_owner *owner)
{
	if (address->length > 0 &&
	    (counter->address.length != address->length ||
		memcmp(counter->address.bytes, address->bytes, address->length) != 0))
		return false;
	return owner->kind == THROTTLE_NOBODY ||
	       (counter->owner.kind == owner->kind && uuid_equal(&counter->owner.id, &owner->id));
}

unsigned throttle_forget(struct throttle *throttle, const struct throttle_address *address,
    const struct throttle_owner *owner)
{
	int64_t now = seconds_now();
	struct throttle_entry entry;
	unsigned count = 0;

	for (unsigned i = 0; i < SETS * WAYS; i++) {
		struct slot *slot = &throttle->memory->slots[i / WAYS][i % WAYS];

		if (!read_slot(throttle, slot, now, &entry) ||
		    !is_of(&entry.counter, address, owner))
			continue;
		atomic_store(&slot->state, STATE(now, 0));
		count++;
	}
	return count;
}
