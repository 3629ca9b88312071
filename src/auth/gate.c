#include "auth/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "auth/gate_state.h"
#include "base/counter.h"
#include "base/timestamp.h"

#define POLL_NANOSECONDS 3000000
#define RETRY_SECONDS 1
#define LOCK_SECONDS 1
#define LAST_WORKER_PATIENCE (MICROSECONDS_PER_SECOND / 10)
/* For so long after a long list, the next ones of its caller are heavy. */
#define MARK_LIFETIME (60 * MICROSECONDS_PER_SECOND)
/* Of what is quick, a caller may always have so many at once. */
#define QUICK_LEAST 2
/* Below it, a pool has no worker to spare. */
#define WORKERS_WITH_RESERVE 3

static const struct shared_file gate_file = {
	.name = "clientele.gate",
	.layout = 1,
	.size = sizeof(struct gate_memory),
};

const struct gate_kind_info gate_kinds[GATE__MAX] = {
	[GATE_HASH] = { .name = "hash", .plural = "password checks", .shared_out = true },
	[GATE_LIST] = { .name = "list", .plural = "long lists", .shared_out = true },
	[GATE_BULK] = { .name = "bulk", .plural = "bulk inserts", .shared_out = true },
	[GATE_MAIL] = { .name = "mail", .plural = "submissions of mail" },
	[GATE_SESSION] = { .name = "session", .plural = "logins" },
};

struct gate *gate_open(void)
{
	struct gate *gate = calloc(1, sizeof(*gate));
	pthread_mutexattr_t attributes;
	int result;

	if (gate == NULL)
		return NULL;
	gate->memory = shared_file_map(&gate_file, NULL);
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
	for (unsigned i = 0; i < GATE_PLACES; i++)
		gate->memory->places[i].waiting = PLACE_NOTHING;
	return gate;
}

/* The mutex stays as it is: other processes may still use it. */
void gate_close(struct gate *gate)
{
	if (gate == NULL)
		return;
	shared_file_unmap(gate->memory);
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

void gate_attach(struct gate *gate, unsigned number)
{
	if (number >= GATE_PLACES)
		return;
	lock(gate);
	gate->place = &gate->memory->places[number];
	place_empty(gate->place);
	gate->place->attached = true;
	if (number >= gate->memory->highest)
		gate->memory->highest = number + 1;
	unlock(gate);
}

void gate_forget(struct gate *gate, unsigned number)
{
	bool locked;

	if (number >= GATE_PLACES)
		return;
	locked = lock_bounded(gate);
	place_empty(&gate->memory->places[number]);
	gate->memory->places[number].attached = false;
	if (locked)
		unlock(gate);
}

void gate_begin(struct gate *gate, struct str address)
{
	gate->caller = 0;
	gate->heavy = false;
	gate->address = address.length > 0 ? place_hash_caller(address.data, address.length) : 0;
}

void gate_set_caller(struct gate *gate, const void *identity, size_t length)
{
	gate->caller = place_hash_caller(identity, length);
}

/* Numbers at this moment, this worker's own place left out. */
struct census {
	unsigned taken;  /* by what is scarce, of anybody */
	unsigned stuck;  /* of those, by what may go on for long: not by hashes */
	unsigned heavy;  /* of those, by requests that have come as heavy ones */
	unsigned shared; /* of those taken, by this caller or from this address, for this kind */
	unsigned holding, holding_same; /* of this kind, or of all heavy ones */
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
		same = place_same_caller(place, gate->place);
		taken = place_is_taken(place, now);
		in = place_counts(place, kind, now);
		census.taken += taken;
		census.stuck += taken && !place_is_in(place, GATE_HASH);
		census.heavy += place_came_heavy(place);
		census.shared += taken && same && place_is_in(place, kind);
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
	if (kind == GATE_HASH)
		return gate->limits.hashes;
	return place_is_heavy_kind(kind) ? gate->limits.heavy : most_taken(gate);
}

static unsigned most_holding_same(const struct gate *gate, enum gate_kind kind)
{
	if (kind == GATE_HASH)
		return 1;
	if (place_is_heavy_kind(kind))
		return gate->limits.heavy_share;
	if (!gate_kinds[kind].shared_out && gate->limits.share < QUICK_LEAST)
		return QUICK_LEAST;
	return gate->limits.share;
}

/*
 * All workers are taken, or all that may be by heavy requests: one that waits (for something
 * heavy), of the caller who has most, gives way to this caller when that one has at least two more.
 * The newest, who has waited least. False when there is none.
 */
static bool put_out_another(struct gate *gate, bool heavy, int64_t now)
{
	struct gate_memory *memory = gate->memory;
	struct place *chosen = NULL;
	unsigned most = place_count_same(memory->places, memory->highest, gate->place, now) + 1;

	for (unsigned i = 0; i < memory->highest; i++) {
		struct place *place = &memory->places[i];
		unsigned count;

		if (!place_is_queued(place) ||
		    (heavy && !place_is_heavy_kind((enum gate_kind)place->waiting)))
			continue;
		count = place_count_same(memory->places, memory->highest, place, now);
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

/* Whether they stand in one queue. */
static bool queue_together(enum gate_kind a, enum gate_kind b)
{
	return a == b || (place_is_heavy_kind(a) && place_is_heavy_kind(b));
}

/* Nobody who came before, and could enter by its own limits, stands before this worker. */
static bool is_first(const struct gate *gate, enum gate_kind kind, int64_t now)
{
	const struct gate_memory *memory = gate->memory;

	for (unsigned i = 0; i < memory->highest; i++) {
		const struct place *place = &memory->places[i];
		unsigned same = 0;

		if (place == gate->place || !place_is_queued(place) ||
		    !queue_together((enum gate_kind)place->waiting, kind) ||
		    place->ticket > gate->place->ticket)
			continue;
		for (unsigned j = 0; j < memory->highest; j++)
			same += place_counts(&memory->places[j], kind, now) &&
				place_same_caller(&memory->places[j], place);
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

/* What came of trying to enter. */
enum verdict {
	VERDICT_IN,
	VERDICT_SHARE, /* the caller has what it may have */
	VERDICT_HEAVY, /* there are as many heavy requests as may be */
	VERDICT_BUSY,  /* others have it all, or it did not come to this caller's turn */
};

static int refuse_heavy(struct gate *gate, struct error *error)
{
	gate_count(gate, GATE_EVENT_HEAVY);
	error->word = "TOO_MANY_HEAVY_REQUESTS";
	return error_set_wait(error, ERROR_BUSY, RETRY_SECONDS,
	    "Too many long lists and bulk inserts are in progress; try again in a second.");
}

static int answer_verdict(
    struct gate *gate, enum gate_kind kind, enum verdict verdict, struct error *error)
{
	if (verdict == VERDICT_IN)
		return 0;
	if (verdict == VERDICT_HEAVY)
		return refuse_heavy(gate, error);
	counter_add(&gate->memory->refusals[kind], 1);
	return error_set_wait(error, ERROR_BUSY, RETRY_SECONDS,
	    verdict == VERDICT_SHARE
		? "You have reached the limit of %s in progress per caller; try again in a second."
		: "Too many %s are in progress; try again in a second.",
	    gate_kinds[kind].plural);
}

/*
 * For what is quick, a worker beside whom all others stand inside does not stay away from everybody
 * else for long. What is slow was let in only where a worker is left.
 */
static int64_t patience(const struct gate *gate, enum gate_kind kind)
{
	const struct gate_memory *memory = gate->memory;
	int64_t most = gate->limits.wait_milliseconds * 1000;

	if (gate_kinds[kind].shared_out || most <= LAST_WORKER_PATIENCE ||
	    place_count_others(memory->places, memory->highest, gate->place) < most_taken(gate))
		return most;
	return LAST_WORKER_PATIENCE;
}

/* Stands in the queue until it is this worker's turn. True when it holds. Locked. */
static bool stand_in_queue(struct gate *gate, enum gate_kind kind)
{
	static const struct timespec pause = { 0, POLL_NANOSECONDS };
	int64_t begun = timestamp_monotonic(), now = begun;
	bool turn;

	gate->place->waiting = (uint8_t)kind;
	if (gate->place->held == 0)
		gate->place->since = now;
	gate->place->ticket = ++gate->memory->last_ticket;
	while (!(turn = may_hold(gate, kind, now)) && now - begun < patience(gate, kind) &&
	       !gate->place->put_out) {
		unlock(gate);
		(void)nanosleep(&pause, NULL);
		lock(gate);
		now = timestamp_monotonic();
	}
	if (turn)
		place_hold(gate->place, kind, now);
	gate->place->waiting = PLACE_NOTHING;
	gate->place->put_out = false;
	if (now > begun) {
		counter_add(&gate->memory->waits[kind], 1);
		counter_add(&gate->memory->waited[kind], (uint64_t)(now - begun));
	}
	return turn;
}

/* A list that enters here is heavy. Locked. */
static enum verdict enter(struct gate *gate, enum gate_kind kind, int64_t now)
{
	struct place *place = gate->place;
	bool heavy = place_is_heavy_kind(kind), full, crowded;
	struct census census;

	gate->heavy |= heavy;
	place->caller = gate->caller;
	place->address = gate->address;
	census = take_census(gate, kind, now);
	if (gate_kinds[kind].shared_out && census.shared >= gate->limits.share)
		return VERDICT_SHARE;
	/* What is quick goes on beside hashes, which are short. */
	crowded = place->held == 0 &&
		  (gate_kinds[kind].shared_out ? census.taken : census.stuck) >= most_taken(gate);
	full = heavy && census.heavy >= gate->limits.heavy;
	if ((full || crowded) && !put_out_another(gate, full, now))
		return full ? VERDICT_HEAVY : VERDICT_BUSY;
	return stand_in_queue(gate, kind) ? VERDICT_IN : VERDICT_BUSY;
}

int gate_enter(struct gate *gate, enum gate_kind kind, struct error *error)
{
	enum verdict verdict;

	if (gate == NULL || gate->place == NULL || place_holds(gate->place, kind))
		return 0;
	lock(gate);
	verdict = enter(gate, kind, timestamp_monotonic());
	unlock(gate);
	return answer_verdict(gate, kind, verdict, error);
}

static uint64_t who(const struct gate *gate)
{
	return gate->caller != 0 ? gate->caller : gate->address;
}

static struct gate_mark *find_mark(const struct gate *gate)
{
	return &gate->memory->marks[(who(gate) ^ who(gate) >> 32) & (GATE_MARKS - 1)];
}

static bool is_marked(const struct gate *gate, int64_t now)
{
	const struct gate_mark *mark = find_mark(gate);

	return mark->until > now && mark->caller == who(gate);
}

/* Nobody waits for a list that is light. */
static enum verdict enter_light_list(struct gate *gate, int64_t now)
{
	struct census census;

	gate->place->caller = gate->caller;
	gate->place->address = gate->address;
	census = take_census(gate, GATE_LIST, now);
	if (census.holding_same >= gate->limits.share)
		return VERDICT_SHARE;
	if (census.stuck >= most_taken(gate))
		return VERDICT_BUSY;
	place_hold(gate->place, GATE_LIST, now);
	return VERDICT_IN;
}

int gate_enter_list(struct gate *gate, enum gate_weight weight, struct error *error)
{
	struct place *place = gate != NULL ? gate->place : NULL;
	int64_t now = timestamp_monotonic();
	enum verdict verdict;

	if (place == NULL || (place_holds(place, GATE_LIST) &&
				 (place->weight == GATE_HEAVY || weight != GATE_HEAVY)))
		return 0;
	lock(gate);
	place->held &= ~(1u << GATE_LIST);
	if (weight == GATE_UNKNOWN && is_marked(gate, now))
		weight = GATE_HEAVY;
	place->weight = (uint8_t)weight;
	verdict = weight == GATE_HEAVY ? enter(gate, GATE_LIST, now) : enter_light_list(gate, now);
	unlock(gate);
	return answer_verdict(gate, GATE_LIST, verdict, error);
}

void gate_leave(struct gate *gate, enum gate_kind kind)
{
	struct place *place = gate != NULL ? gate->place : NULL;
	int64_t now;

	if (place == NULL || !place_holds(place, kind))
		return;
	now = timestamp_monotonic();
	lock(gate);
	place->held &= ~(1u << kind);
	if (kind == GATE_LIST && place->weight != GATE_LIGHT && now - place->since >= PLACE_LONG)
		*find_mark(gate) = (struct gate_mark){ who(gate), now + MARK_LIFETIME };
	unlock(gate);
}

bool gate_is_heavy(const struct gate *gate)
{
	return gate != NULL && gate->heavy;
}

void gate_end(struct gate *gate)
{
	for (unsigned kind = 0; kind < GATE__MAX; kind++)
		gate_leave(gate, (enum gate_kind)kind);
}

void gate_count(struct gate *gate, enum gate_event event)
{
	if (gate != NULL)
		counter_add(&gate->memory->events[event], 1);
}

void gate_count_sign_in(
    struct gate *gate, enum gate_sign_in_way way, enum gate_sign_in_result result)
{
	if (gate != NULL)
		counter_add(&gate->memory->sign_ins[way][result], 1);
}
