#include "auth/epoch.h"

#include <stdatomic.h>

#include "base/shared_file.h"
#include "base/timestamp.h"

#define WRITING UINT64_MAX
#define WORDS 3 /* a mark's kind and subject */

#define ORIGIN_SETS 512 /* power of two */
#define ORIGIN_WAYS 8

/* One mark; `number` is its place among all plus one, WRITING while words are being put. */
struct place {
	_Atomic uint64_t number;
	_Atomic uint64_t words[WORDS];
};

/* Up to where somebody's marks were read. `check` fits only the two that were noted together. */
struct seen {
	_Atomic int64_t origin; /* 0 = free */
	_Atomic int64_t number;
	_Atomic int64_t tick;
	_Atomic uint64_t check;
};

struct epoch {
	struct shared_file_header header;
	_Atomic uint64_t value;
	_Atomic uint64_t told;     /* last database counter plus one; 0 = none yet */
	_Atomic int64_t last_poll; /* monotonic microseconds */
	_Atomic uint64_t marks;    /* that have come, or are being written */
	struct place places[EPOCH_MARKS];
	struct seen seen[ORIGIN_SETS][ORIGIN_WAYS];
};

static const struct shared_file epoch_file = {
	.name = "clientele.epoch",
	.layout = 2,
	.size = sizeof(struct epoch),
};

struct epoch *epoch_open(const char *directory)
{
	return shared_file_map(&epoch_file, directory);
}

void epoch_close(struct epoch *epoch)
{
	shared_file_unmap(epoch);
}

uint64_t epoch_value(const struct epoch *epoch)
{
	return atomic_load(&epoch->value);
}

uint64_t epoch_mark_count(const struct epoch *epoch)
{
	return atomic_load(&epoch->marks);
}

void epoch_advance(struct epoch *epoch)
{
	atomic_fetch_add(&epoch->value, 1);
}

/* --- marks --- */

struct mark mark_of_key(int64_t key)
{
	struct mark mark = { .kind = MARK_KEY };

	/* As others write it, too, whatever their order of bytes. */
	for (unsigned i = 0; i < sizeof(key); i++)
		mark.subject.bytes[15 - i] = (uint8_t)((uint64_t)key >> 8 * i);
	return mark;
}

struct mark mark_of_hosting(struct str account)
{
	struct mark mark = { .kind = MARK_HOSTING };

	account = str_cut(account, sizeof(mark.subject.bytes));
	memcpy(mark.subject.bytes, account.data, account.length);
	return mark;
}

bool mark_equal(const struct mark *a, const struct mark *b)
{
	return a->kind == b->kind && uuid_equal(&a->subject, &b->subject);
}

/*
 * The place is taken before its words are written, and has its number after them. A writer that was
 * overtaken by a whole round of others, or finds one of those at work, cannot leave its mark: all
 * credentials go.
 */
void epoch_mark(struct epoch *epoch, const struct mark *mark)
{
	uint64_t number = atomic_fetch_add(&epoch->marks, 1);
	struct place *place = &epoch->places[number % EPOCH_MARKS];
	uint64_t words[WORDS] = { mark->kind }, before = atomic_load(&place->number);

	if (before > number || !atomic_compare_exchange_strong(&place->number, &before, WRITING)) {
		epoch_advance(epoch);
		return;
	}
	memcpy(&words[1], mark->subject.bytes, sizeof(mark->subject.bytes));
	for (unsigned i = 0; i < WORDS; i++)
		atomic_store(&place->words[i], words[i]);
	atomic_store(&place->number, number + 1);
}

/* False when the mark of that place is not there (yet), or not any more. */
static bool read_mark(const struct epoch *epoch, uint64_t number, struct mark *mark)
{
	const struct place *place = &epoch->places[number % EPOCH_MARKS];
	uint64_t words[WORDS];

	if (atomic_load(&place->number) != number + 1)
		return false;
	for (unsigned i = 0; i < WORDS; i++)
		words[i] = atomic_load(&place->words[i]);
	mark->kind = (enum mark_kind)words[0];
	memcpy(mark->subject.bytes, &words[1], sizeof(mark->subject.bytes));
	return atomic_load(&place->number) == number + 1;
}

struct epoch_stamp epoch_stamp(const struct epoch *epoch)
{
	struct epoch_stamp stamp = {
		.value = atomic_load(&epoch->value),
		.marks = atomic_load(&epoch->marks),
	};

	memcpy(&stamp.content, epoch->header.key, sizeof(stamp.content));
	return stamp;
}

bool epoch_unchanged(const struct epoch *epoch, const struct epoch_stamp *stamp)
{
	const struct epoch_stamp now = epoch_stamp(epoch);

	return stamp->content == now.content && stamp->value == now.value &&
	       stamp->marks == now.marks;
}

static bool concerns(const struct mark *mark, const struct mark *subjects, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (mark_equal(mark, &subjects[i]))
			return true;
	}
	return false;
}

bool epoch_holds(const struct epoch *epoch, struct epoch_stamp *stamp, const struct mark *subjects,
    unsigned count)
{
	const struct epoch_stamp now = epoch_stamp(epoch);
	struct mark mark;

	if (stamp->content != now.content || stamp->value != now.value ||
	    now.marks - stamp->marks > EPOCH_MARKS)
		return false;
	for (uint64_t number = stamp->marks; number != now.marks; number++) {
		if (!read_mark(epoch, number, &mark) || concerns(&mark, subjects, count))
			return false;
	}
	*stamp = now;
	return true;
}

/* --- the database --- */

bool epoch_watch_holds(struct epoch_watch *watch, const struct mark *subjects, unsigned count)
{
	if (watch->read_at == 0)
		return false;
	if (watch->epoch == NULL)
		return timestamp_monotonic() - watch->read_at < MICROSECONDS_PER_SECOND;
	return epoch_holds(watch->epoch, &watch->stamp, subjects, count);
}

void epoch_watch_begin(struct epoch_watch *watch)
{
	watch->read_at = 0;
	if (watch->epoch != NULL)
		watch->stamp = epoch_stamp(watch->epoch);
}

void epoch_watch_end(struct epoch_watch *watch)
{
	watch->read_at = timestamp_monotonic();
}

bool epoch_claim_poll(struct epoch *epoch, int64_t now, int64_t interval)
{
	int64_t last = atomic_load(&epoch->last_poll);

	/*
	 * Others may have read the clock a little later. A time far ahead was left by an earlier
	 * boot: the clock starts again with the machine.
	 */
	if (last != 0 && now - last < interval && last - now < interval)
		return false;
	return atomic_compare_exchange_strong(&epoch->last_poll, &last, now);
}

bool epoch_follow(struct epoch *epoch, uint64_t database_counter)
{
	uint64_t before = atomic_exchange(&epoch->told, database_counter + 1);

	if (before != database_counter + 1)
		epoch_advance(epoch);
	return before == 0;
}

/* Two processes may write one entry at once; what they leave mixed fits no check. */
static uint64_t check_of(int64_t origin, int64_t number)
{
	uint64_t mixed = (uint64_t)origin * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)number;

	mixed = (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return mixed ^ mixed >> 32;
}

int64_t epoch_seen(const struct epoch *epoch, int64_t origin)
{
	const struct seen *set = epoch->seen[(uint64_t)origin & (ORIGIN_SETS - 1)];

	for (unsigned i = 0; i < ORIGIN_WAYS; i++) {
		int64_t number = atomic_load(&set[i].number);

		if (atomic_load(&set[i].origin) == origin &&
		    atomic_load(&set[i].check) == check_of(origin, number))
			return number;
	}
	return 0;
}

/* Takes the origin's entry, else the one that was noted longest ago. */
void epoch_note_seen(struct epoch *epoch, int64_t origin, int64_t number, int64_t tick)
{
	struct seen *set = epoch->seen[(uint64_t)origin & (ORIGIN_SETS - 1)], *chosen = set;

	for (unsigned i = 0; i < ORIGIN_WAYS; i++) {
		if (atomic_load(&set[i].origin) == origin) {
			chosen = &set[i];
			break;
		}
		if (atomic_load(&set[i].tick) < atomic_load(&chosen->tick))
			chosen = &set[i];
	}
	atomic_store(&chosen->origin, origin);
	atomic_store(&chosen->number, number);
	atomic_store(&chosen->check, check_of(origin, number));
	atomic_store(&chosen->tick, tick);
}
