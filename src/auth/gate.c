#include "auth/gate.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/shared_file.h"
#include "base/timestamp.h"

#define GATE_NAME "clientele.gate"
#define PLACES 1024 /* as the pool has slots */
#define MARKS 256   /* power of two */
#define POLL_NANOSECONDS 3000000
#define RETRY_SECONDS 1
#define LOCK_SECONDS 1
/* What takes so long is heavy, whatever it is; and for so long the next lists of its caller are. */
#define LONG MICROSECONDS_PER_SECOND
#define MARK_LIFETIME (60 * MICROSECONDS_PER_SECOND)
/* Below it, a pool has no worker to spare. */
#define WORKERS_WITH_RESERVE 3

#define NOTHING GATE__MAX

/* What one worker has entered or waits for. */
struct place {
	_Alignas(64) uint64_t caller, address; /* hashes; 0 = nobody */
	uint64_t ticket;                       /* order of those who wait */
	int64_t since;                         /* of what is held or waited for; monotonic */
	uint32_t held;                         /* bit per kind */
	uint8_t waiting;                       /* kind, or NOTHING */
	bool attached, heavy_list, put_out;
};

/* A caller whose lists take long. */
struct mark {
	uint64_t caller;
	int64_t until;
};

struct gate_memory {
	pthread_mutex_t mutex; /* of all but the counters */
	uint64_t last_ticket;
	unsigned highest; /* places beyond it have never been used */
	struct mark marks[MARKS];
	struct place places[PLACES];
	_Atomic uint64_t waits[GATE__MAX], waited[GATE__MAX], refusals[GATE__MAX];
	_Atomic uint64_t events[GATE_EVENT__MAX];
};

struct gate {
	struct gate_memory *memory;
	struct gate_limits limits;
	struct place *place; /* of this process; NULL = nothing is limited */
	uint64_t caller, address;
};

static const struct {
	const char *name;
	const char *busy;
	bool shared_out; /* a caller's share bounds what waits, too */
} kinds[GATE__MAX] = {
	[GATE_HASH] = { "hash", "Too many passwords are being checked at the moment", true },
	[GATE_LIST] = { "list", "Too many long lists are being made at the moment", true },
	[GATE_MAIL] = { "mail", "Too much mail is being submitted at the moment", false },
	[GATE_SESSION] = { "session", "Too many sessions are being made at the moment", false },
};

static const char *const event_names[GATE_EVENT__MAX] = {
	[GATE_EVENT_THROTTLED] = "throttle",
	[GATE_EVENT_RATE] = "rate",
	[GATE_EVENT_NONCES_FULL] = "nonces",
	[GATE_EVENT_REPEATED] = "idempotency",
	[GATE_EVENT_LIST_TIMEOUT] = "list_timeout",
};

struct gate *gate_open(void)
{
	struct gate *gate = calloc(1, sizeof(*gate));
	pthread_mutexattr_t attributes;
	int result;

	if (gate == NULL)
		return NULL;
	gate->memory = shared_file_map(NULL, GATE_NAME, sizeof(*gate->memory));
	if (gate->memory == NULL) {
		free(gate);
		return NULL;
	}
	result = pthread_mutexattr_init(&attributes);
	if (result == 0)
		result = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	if (result == 0)
		result = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	if (result == 0)
		result = pthread_mutex_init(&gate->memory->mutex, &attributes);
	(void)pthread_mutexattr_destroy(&attributes);
	if (result != 0) {
		gate_close(gate);
		errno = result;
		return NULL;
	}
	for (unsigned i = 0; i < PLACES; i++)
		gate->memory->places[i].waiting = NOTHING;
	return gate;
}

/* The mutex stays as it is: other processes may still use it. */
void gate_close(struct gate *gate)
{
	if (gate == NULL)
		return;
	shared_file_unmap(gate->memory, sizeof(*gate->memory));
	free(gate);
}

void gate_configure(struct gate *gate, const struct gate_limits *limits)
{
	gate->limits = *limits;
}

/* What a process that died in between was changing is its own place, which is forgotten. */
static void lock(struct gate *gate)
{
	if (pthread_mutex_lock(&gate->memory->mutex) == EOWNERDEAD)
		(void)pthread_mutex_consistent(&gate->memory->mutex);
}

/* The supervisor waits for no worker: one that is stopped inside loses its place all the same. */
static bool lock_bounded(struct gate *gate)
{
	struct timespec end;
	int result;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += LOCK_SECONDS;
	result = pthread_mutex_timedlock(&gate->memory->mutex, &end);
	if (result == EOWNERDEAD)
		(void)pthread_mutex_consistent(&gate->memory->mutex);
	return result == 0 || result == EOWNERDEAD;
}

static void unlock(struct gate *gate)
{
	(void)pthread_mutex_unlock(&gate->memory->mutex);
}

static void empty(struct place *place)
{
	place->held = 0;
	place->waiting = NOTHING;
	place->heavy_list = place->put_out = false;
}

void gate_attach(struct gate *gate, unsigned number)
{
	if (number >= PLACES)
		return;
	lock(gate);
	gate->place = &gate->memory->places[number];
	empty(gate->place);
	gate->place->attached = true;
	if (number >= gate->memory->highest)
		gate->memory->highest = number + 1;
	unlock(gate);
}

void gate_forget(struct gate *gate, unsigned number)
{
	bool locked;

	if (number >= PLACES)
		return;
	locked = lock_bounded(gate);
	empty(&gate->memory->places[number]);
	gate->memory->places[number].attached = false;
	if (locked)
		unlock(gate);
}

/* FNV-1a: who would meet another's only shares a share with it. */
static uint64_t hash_bytes(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash != 0 ? hash : 1;
}

void gate_begin(struct gate *gate, struct str address)
{
	gate->caller = 0;
	gate->address = address.length > 0 ? hash_bytes(address.data, address.length) : 0;
}

void gate_set_caller(struct gate *gate, const void *identity, size_t length)
{
	gate->caller = hash_bytes(identity, length);
}

/* Who is known by more than an address is told from others who come from there. */
static bool same_caller(const struct place *a, const struct place *b)
{
	if (a->caller != 0 && b->caller != 0)
		return a->caller == b->caller;
	return a->address != 0 && a->address == b->address;
}

static bool holds(const struct place *place, enum gate_kind kind)
{
	return (place->held >> kind & 1) != 0;
}

static bool is_in(const struct place *place, enum gate_kind kind)
{
	return holds(place, kind) || place->waiting == kind;
}

/* Whether the worker is taken by heavy work, or waits for it. */
static bool is_taken(const struct place *place, int64_t now)
{
	if (!place->attached || (place->held == 0 && place->waiting == NOTHING))
		return false;
	return is_in(place, GATE_HASH) || (is_in(place, GATE_LIST) && place->heavy_list) ||
	       now - place->since >= LONG;
}

/* Lists that are light and short do not count: they come and go as other requests do. */
static bool counts(const struct place *place, enum gate_kind kind, int64_t now)
{
	return place->attached && holds(place, kind) && (kind != GATE_LIST || is_taken(place, now));
}

/* Numbers at this moment, this worker's own place left out. */
struct census {
	unsigned taken;  /* by heavy work of anybody */
	unsigned shared; /* of those, by this caller or from this address, for or in this kind */
	unsigned holding, holding_same; /* of this kind */
};

static struct census take_census(const struct gate *gate, enum gate_kind kind, int64_t now)
{
	const struct gate_memory *memory = gate->memory;
	struct census census = { 0 };

	for (unsigned i = 0; i < memory->highest; i++) {
		const struct place *place = &memory->places[i];
		bool same, taken, in;

		if (place == gate->place)
			continue;
		same = same_caller(place, gate->place);
		taken = is_taken(place, now);
		in = counts(place, kind, now);
		census.taken += taken;
		census.shared += taken && same && is_in(place, kind);
		census.holding += in;
		census.holding_same += in && same;
	}
	return census;
}

/* Workers that heavy work may take. */
static unsigned most_taken(const struct gate *gate)
{
	unsigned workers = gate->limits.workers;

	return workers >= WORKERS_WITH_RESERVE ? workers - 1 : workers;
}

static unsigned most_holding(const struct gate *gate, enum gate_kind kind)
{
	switch (kind) {
	case GATE_HASH:
		return gate->limits.hashes;
	case GATE_MAIL:
	case GATE_SESSION:
		return gate->limits.share;
	default:
		return most_taken(gate);
	}
}

static unsigned most_holding_same(const struct gate *gate, enum gate_kind kind)
{
	return kind == GATE_LIST ? gate->limits.share : 1;
}

static bool is_queued(const struct place *place)
{
	return place->attached && place->waiting != NOTHING && !place->put_out;
}

static unsigned count_same(const struct gate *gate, const struct place *of, int64_t now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < gate->memory->highest; i++) {
		const struct place *place = &gate->memory->places[i];

		count += is_taken(place, now) && same_caller(place, of);
	}
	return count;
}

/*
 * All workers are taken: one that waits, of the caller who has most, gives way to this caller when
 * that one has at least two more. The newest, who has waited least. False when there is none.
 */
static bool put_out_another(struct gate *gate, int64_t now)
{
	struct place *chosen = NULL;
	unsigned most = count_same(gate, gate->place, now) + 1;

	for (unsigned i = 0; i < gate->memory->highest; i++) {
		struct place *place = &gate->memory->places[i];
		unsigned count;

		if (!is_queued(place))
			continue;
		count = count_same(gate, place, now);
		if (count > most ||
		    (chosen != NULL && count == most && place->ticket > chosen->ticket)) {
			chosen = place;
			most = count;
		}
	}
	if (chosen == NULL)
		return false;
	chosen->put_out = true;
	return true;
}

/* Nobody who came before, and could enter by its own limits, stands before this worker. */
static bool is_first(const struct gate *gate, enum gate_kind kind, int64_t now)
{
	const struct gate_memory *memory = gate->memory;

	for (unsigned i = 0; i < memory->highest; i++) {
		const struct place *place = &memory->places[i];
		unsigned same = 0;

		if (place == gate->place || !is_queued(place) || place->waiting != kind ||
		    place->ticket > gate->place->ticket)
			continue;
		for (unsigned j = 0; j < memory->highest; j++)
			same += counts(&memory->places[j], kind, now) &&
				same_caller(&memory->places[j], place);
		if (same < most_holding_same(gate, kind))
			return false;
	}
	return true;
}

static bool may_hold(const struct gate *gate, enum gate_kind kind, int64_t now)
{
	struct census census = take_census(gate, kind, now);

	return census.holding < most_holding(gate, kind) &&
	       census.holding_same < most_holding_same(gate, kind) && is_first(gate, kind, now);
}

static void hold(struct place *place, enum gate_kind kind, int64_t now)
{
	if (place->held == 0)
		place->since = now;
	place->held |= 1u << kind;
}

static void add(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

static int refuse(struct gate *gate, enum gate_kind kind, struct error *error)
{
	add(&gate->memory->refusals[kind], 1);
	return error_set_wait(
	    error, ERROR_BUSY, RETRY_SECONDS, "%s; try again in a second.", kinds[kind].busy);
}

/* Stands in the queue until it is this worker's turn. True when it holds. Locked. */
static bool stand_in_queue(struct gate *gate, enum gate_kind kind)
{
	static const struct timespec pause = { 0, POLL_NANOSECONDS };
	int64_t begun = timestamp_monotonic(), now = begun;
	int64_t end = begun + gate->limits.wait_milliseconds * 1000;
	bool turn;

	gate->place->waiting = (uint8_t)kind;
	if (gate->place->held == 0)
		gate->place->since = now;
	gate->place->ticket = ++gate->memory->last_ticket;
	while (!(turn = may_hold(gate, kind, now)) && now < end && !gate->place->put_out) {
		unlock(gate);
		(void)nanosleep(&pause, NULL);
		lock(gate);
		now = timestamp_monotonic();
	}
	if (turn)
		hold(gate->place, kind, now);
	gate->place->waiting = NOTHING;
	gate->place->put_out = false;
	if (now > begun) {
		add(&gate->memory->waits[kind], 1);
		add(&gate->memory->waited[kind], (uint64_t)(now - begun));
	}
	return turn;
}

/* Locked. */
static bool enter(struct gate *gate, enum gate_kind kind, int64_t now)
{
	struct place *place = gate->place;
	struct census census;
	bool entered = false;

	place->caller = gate->caller;
	place->address = gate->address;
	census = take_census(gate, kind, now);
	if ((!kinds[kind].shared_out || census.shared < gate->limits.share) &&
	    (place->held != 0 || census.taken < most_taken(gate) || put_out_another(gate, now)))
		entered = stand_in_queue(gate, kind);
	return entered;
}

int gate_enter(struct gate *gate, enum gate_kind kind, struct error *error)
{
	bool entered;

	if (gate->place == NULL || holds(gate->place, kind))
		return 0;
	lock(gate);
	entered = enter(gate, kind, timestamp_monotonic());
	unlock(gate);
	return entered ? 0 : refuse(gate, kind, error);
}

static uint64_t who(const struct gate *gate)
{
	return gate->caller != 0 ? gate->caller : gate->address;
}

static struct mark *find_mark(const struct gate *gate)
{
	return &gate->memory->marks[(who(gate) ^ who(gate) >> 32) & (MARKS - 1)];
}

static bool is_marked(const struct gate *gate, int64_t now)
{
	const struct mark *mark = find_mark(gate);

	return mark->until > now && mark->caller == who(gate);
}

/* Nobody waits for a list that is light. */
static bool enter_light_list(struct gate *gate, int64_t now)
{
	struct census census;

	gate->place->caller = gate->caller;
	gate->place->address = gate->address;
	census = take_census(gate, GATE_LIST, now);
	if (census.taken >= most_taken(gate) || census.holding_same >= gate->limits.share)
		return false;
	hold(gate->place, GATE_LIST, now);
	return true;
}

int gate_enter_list(struct gate *gate, bool heavy, struct error *error)
{
	int64_t now = timestamp_monotonic();
	struct place *place = gate->place;
	bool entered;

	if (place == NULL || holds(place, GATE_LIST))
		return 0;
	lock(gate);
	place->heavy_list = heavy || is_marked(gate, now);
	entered = place->heavy_list ? enter(gate, GATE_LIST, now) : enter_light_list(gate, now);
	unlock(gate);
	return entered ? 0 : refuse(gate, GATE_LIST, error);
}

void gate_leave(struct gate *gate, enum gate_kind kind)
{
	struct place *place = gate->place;
	int64_t now;

	if (place == NULL || !holds(place, kind))
		return;
	now = timestamp_monotonic();
	lock(gate);
	place->held &= ~(1u << kind);
	if (kind == GATE_LIST && now - place->since >= LONG)
		*find_mark(gate) = (struct mark){ who(gate), now + MARK_LIFETIME };
	unlock(gate);
}

void gate_end(struct gate *gate)
{
	for (unsigned kind = 0; kind < GATE__MAX; kind++)
		gate_leave(gate, (enum gate_kind)kind);
}

void gate_count(struct gate *gate, enum gate_event event)
{
	add(&gate->memory->events[event], 1);
}

static void print_head(struct buf *out, const char *name, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void gate_print_metrics(const struct gate *gate, struct buf *out)
{
	const struct gate_memory *memory = gate->memory;

	print_head(out, "clientele_gate_waits_total",
	    "Requests that have waited for something scarce, by what.");
	for (unsigned i = 0; i < GATE__MAX; i++)
		buf_printf(out, "clientele_gate_waits_total{gate=\"%s\"} %" PRIu64 "\n",
		    kinds[i].name, read_counter(&memory->waits[i]));
	print_head(out, "clientele_gate_wait_seconds_total", "Time that they have waited.");
	for (unsigned i = 0; i < GATE__MAX; i++)
		buf_printf(out, "clientele_gate_wait_seconds_total{gate=\"%s\"} %.6f\n",
		    kinds[i].name, (double)read_counter(&memory->waited[i]) / 1e6);
	print_head(out, "clientele_refusals_total",
	    "Requests refused with 429 or 503 because something was scarce, by what.");
	for (unsigned i = 0; i < GATE__MAX; i++)
		buf_printf(out, "clientele_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
		    kinds[i].name, read_counter(&memory->refusals[i]));
	for (unsigned i = 0; i < GATE_EVENT__MAX; i++)
		buf_printf(out, "clientele_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
		    event_names[i], read_counter(&memory->events[i]));
}
