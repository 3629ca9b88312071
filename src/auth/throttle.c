#include "auth/throttle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/shared_file.h"
#include "base/uuid.h"

#define THROTTLE_FILE_NAME "clientele.throttle"
#define LAYOUT UINT64_C(0x0001746f72687401) /* changes with the layout below */
#define SETS 4096                           /* power of two */
#define WAYS 8
#define KEY_LENGTH 32
#define BOOT_ID_LENGTH 36
#define NAME_LONGEST 512

/* When a window began or a refusal ends (seconds since boot), and the failures of the window. */
#define STATE(seconds, failures) ((uint64_t)(seconds) << 16 | (uint64_t)(failures))
#define STATE_SECONDS(state) ((int64_t)((state) >> 16))
#define STATE_FAILURES(state) ((int64_t)((state)&0xFFFF))
#define REFUSED 0xFFFF /* in place of the failures: refused until `seconds` */

struct slot {
	_Atomic uint64_t name; /* keyed hash; 0 = free */
	_Atomic uint64_t state;
};

struct throttle_memory {
	uint64_t layout;
	char boot_id[BOOT_ID_LENGTH];
	uint8_t key[KEY_LENGTH];
	struct slot slots[SETS][WAYS];
};

struct throttle {
	struct throttle_memory *memory;
	int64_t failures, window;
};

/* Seconds since boot, those asleep included: they agree in all processes and never go back. */
static int64_t seconds_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

static void read_boot_id(char boot_id[BOOT_ID_LENGTH])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	memset(boot_id, 0, BOOT_ID_LENGTH);
	if (file == NULL)
		return;
	if (fread(boot_id, 1, BOOT_ID_LENGTH, file) != BOOT_ID_LENGTH)
		memset(boot_id, 0, BOOT_ID_LENGTH);
	(void)fclose(file);
}

/* Empties what another layout or an earlier boot has left. The lock ends with the descriptor. */
static int begin(const char *directory, struct throttle_memory *memory)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char boot_id[BOOT_ID_LENGTH];
	int fd = shared_file_open(directory, THROTTLE_FILE_NAME, sizeof(*memory));

	if (fd < 0)
		return -1;
	while (fcntl(fd, F_SETLKW, &lock) != 0 && errno == EINTR)
		;
	read_boot_id(boot_id);
	if (memory->layout != LAYOUT || memcmp(memory->boot_id, boot_id, BOOT_ID_LENGTH) != 0) {
		memset(memory, 0, sizeof(*memory));
		memcpy(memory->boot_id, boot_id, BOOT_ID_LENGTH);
		random_bytes(memory->key, KEY_LENGTH);
		memory->layout = LAYOUT;
	}
	return close(fd);
}

struct throttle *throttle_open(const char *directory)
{
	struct throttle *throttle = calloc(1, sizeof(*throttle));
	int saved;

	if (throttle == NULL)
		return NULL;
	throttle->memory =
	    shared_file_map(directory, THROTTLE_FILE_NAME, sizeof(*throttle->memory));
	if (throttle->memory != NULL && begin(directory, throttle->memory) == 0)
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
	shared_file_unmap(throttle->memory, sizeof(*throttle->memory));
	free(throttle);
}

void throttle_configure(struct throttle *throttle, int64_t failures, int64_t window)
{
	throttle->failures = failures;
	throttle->window = window;
}

/*
 * Writes what an address is counted by: four bytes, or the first eight of an IPv6 address. Of a
 * text that is no address (a unix socket's caller), the text. Returns the length.
 */
static size_t reduce_address(struct str name, uint8_t out[NAME_LONGEST])
{
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	char text[INET6_ADDRSTRLEN];
	uint8_t address[16];

	if (name.length < sizeof(text)) {
		memcpy(text, name.data, name.length);
		text[name.length] = '\0';
		if (inet_pton(AF_INET, text, out) == 1)
			return 4;
		if (inet_pton(AF_INET6, text, address) == 1) {
			bool v4 = memcmp(address, mapped, sizeof(mapped)) == 0;

			memcpy(out, v4 ? address + 12 : address, v4 ? 4 : 8);
			return v4 ? 4 : 8;
		}
	}
	name = str_slice(name, 0, NAME_LONGEST);
	memcpy(out, name.data, name.length);
	return name.length;
}

static size_t reduce_user(struct str name, uint8_t out[NAME_LONGEST])
{
	name = str_slice(name, 0, NAME_LONGEST);
	for (size_t i = 0; i < name.length; i++) {
		uint8_t byte = (uint8_t)name.data[i];

		out[i] = byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
	}
	return name.length;
}

static uint64_t hash_name(const struct throttle *throttle, enum throttle_kind kind, struct str name)
{
	uint8_t text[KEY_LENGTH + 1 + NAME_LONGEST], digest[EVP_MAX_MD_SIZE];
	uint8_t *rest = text + KEY_LENGTH + 1;
	size_t length;
	uint64_t hash;

	memcpy(text, throttle->memory->key, KEY_LENGTH);
	text[KEY_LENGTH] = (uint8_t)kind;
	if (name.length == 0)
		length = 0;
	else if (kind == THROTTLE_ADDRESS)
		length = reduce_address(name, rest);
	else
		length = reduce_user(name, rest);
	if (EVP_Digest(text, KEY_LENGTH + 1 + length, digest, NULL, EVP_sha256(), NULL) != 1)
		abort();
	memcpy(&hash, digest, sizeof(hash));
	return hash != 0 ? hash : 1;
}

static struct slot *set_of(const struct throttle *throttle, uint64_t name)
{
	return throttle->memory->slots[name & (SETS - 1)];
}

static struct slot *find(const struct throttle *throttle, uint64_t name)
{
	struct slot *set = set_of(throttle, name);

	for (unsigned i = 0; i < WAYS; i++) {
		if (atomic_load(&set[i].name) == name)
			return &set[i];
	}
	return NULL;
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
static struct slot *find_or_take(const struct throttle *throttle, uint64_t name, int64_t now)
{
	struct slot *set = set_of(throttle, name), *slot = find(throttle, name);
	uint64_t before;
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
	if (atomic_compare_exchange_strong(&slot->name, &before, name) && !ended)
		atomic_store(&slot->state, STATE(now, 0));
	return atomic_load(&slot->name) == name ? slot : NULL;
}

int throttle_check(
    struct throttle *throttle, enum throttle_kind kind, struct str name, struct error *error)
{
	static const char *const who[THROTTLE_KIND__MAX] = {
		[THROTTLE_ADDRESS] = "from this address",
		[THROTTLE_USER] = "for this user",
	};
	const struct slot *slot;
	int64_t now = seconds_now();
	uint64_t state;

	if (throttle->failures == 0)
		return 0;
	slot = find(throttle, hash_name(throttle, kind, name));
	if (slot == NULL)
		return 0;
	state = atomic_load(&slot->state);
	if (STATE_FAILURES(state) != REFUSED || STATE_SECONDS(state) <= now)
		return 0;
	return error_set_wait(error, ERROR_TOO_MANY, STATE_SECONDS(state) - now,
	    "There were too many failed credentials %s; try again later.", who[kind]);
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

bool throttle_fail(struct throttle *throttle, enum throttle_kind kind, struct str name)
{
	int64_t now = seconds_now();
	struct slot *slot;
	uint64_t before, after;

	if (throttle->failures == 0)
		return false;
	slot = find_or_take(throttle, hash_name(throttle, kind, name), now);
	if (slot == NULL)
		return false;
	before = atomic_load(&slot->state);
	do {
		after = count_one(throttle, before, now);
	} while (!atomic_compare_exchange_weak(&slot->state, &before, after));
	return after != before && STATE_FAILURES(after) == REFUSED;
}

void throttle_clear(struct throttle *throttle, enum throttle_kind kind, struct str name)
{
	struct slot *slot;
	uint64_t before;

	if (throttle->failures == 0)
		return;
	slot = find(throttle, hash_name(throttle, kind, name));
	if (slot == NULL)
		return;
	before = atomic_load(&slot->state);
	while (
	    STATE_FAILURES(before) != REFUSED && STATE_FAILURES(before) != 0 &&
	    !atomic_compare_exchange_weak(&slot->state, &before, STATE(STATE_SECONDS(before), 0)))
		;
}
