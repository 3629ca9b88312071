#include "db/host_board.h"

#include <mysqld_error.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "base/uuid.h"
#include "db/connection.h"

/* For the first attempt of the prober, after a start too. */
#define PENDING MICROSECONDS_PER_SECOND
/* A cluster that loses a node stands still for some seconds, and then goes on with the others. */
#define PENDING_CLUSTER (3 * MICROSECONDS_PER_SECOND)
#define MOVE_PAUSE MICROSECONDS_PER_SECOND /* and as much again, at random */

#define STATE_BITS 2
#define WHY_BITS 4
#define TRIED_SHIFT (STATE_BITS + WHY_BITS)
#define SINCE_SHIFT (TRIED_SHIFT + 1)
_Static_assert(HOST_STATE__MAX <= 1 << STATE_BITS, "a state has its bits");
_Static_assert(HOST_WHY__MAX <= 1 << WHY_BITS, "a reason has its bits");

static const struct {
	const char *text;
	bool ends_connections;
} reasons[HOST_WHY__MAX] = {
	[HOST_WHY_NONE] = { "no reason", false },
	[HOST_WHY_SILENT] = { "no answer", true },
	[HOST_WHY_REFUSED] = { "refused", false },
	[HOST_WHY_UNKNOWN] = { "unknown name", false },
	[HOST_WHY_ACCESS] = { "access denied", false },
	[HOST_WHY_FULL] = { "too many connections", false },
	[HOST_WHY_TLS] = { "TLS error", false },
	[HOST_WHY_VERSION] = { "unsupported version", false },
	[HOST_WHY_CLUSTER] = { "not in its cluster", true },
	[HOST_WHY_READ_ONLY] = { "read-only", true },
	[HOST_WHY_DONOR] = { "blocked by a state transfer", true },
	[HOST_WHY_STOPPING] = { "shutting down", true },
	[HOST_WHY_HISTORY] = { "another history", true },
	[HOST_WHY_OTHER] = { "error", false },
};

/* Of the library's numbers for a connection: see errmsg.h, which has them as macros of one name. */
#define CANNOT_CONNECT 2002
#define CANNOT_CONNECT_HOST 2003
#define UNKNOWN_HOST 2005
#define WRONG_VERSION 2007
#define TLS_ERROR 2026

/* What says something of the host, in ascending order. */
static const struct {
	unsigned number;
	enum host_why why;
} numbers[] = {
	{ ER_CON_COUNT_ERROR, HOST_WHY_FULL },
	{ ER_DBACCESS_DENIED_ERROR, HOST_WHY_ACCESS },
	{ ER_ACCESS_DENIED_ERROR, HOST_WHY_ACCESS },
	{ ER_UNKNOWN_COM_ERROR, HOST_WHY_CLUSTER },
	{ ER_BAD_DB_ERROR, HOST_WHY_ACCESS },
	{ ER_SERVER_SHUTDOWN, HOST_WHY_STOPPING },
	{ ER_NORMAL_SHUTDOWN, HOST_WHY_STOPPING },
	{ ER_SHUTDOWN_COMPLETE, HOST_WHY_STOPPING },
	{ ER_HOST_IS_BLOCKED, HOST_WHY_ACCESS },
	{ ER_HOST_NOT_PRIVILEGED, HOST_WHY_ACCESS },
	{ ER_CANT_CREATE_THREAD, HOST_WHY_FULL },
	{ ER_TOO_MANY_USER_CONNECTIONS, HOST_WHY_FULL },
	{ ER_USER_LIMIT_REACHED, HOST_WHY_FULL },
	{ ER_OPTION_PREVENTS_STATEMENT, HOST_WHY_READ_ONLY },
	{ ER_ACCESS_DENIED_NO_PASSWORD_ERROR, HOST_WHY_ACCESS },
	{ ER_READ_ONLY_MODE, HOST_WHY_READ_ONLY },
	{ CANNOT_CONNECT, HOST_WHY_REFUSED },
	{ CANNOT_CONNECT_HOST, HOST_WHY_REFUSED },
	{ UNKNOWN_HOST, HOST_WHY_UNKNOWN },
	{ WRONG_VERSION, HOST_WHY_VERSION },
	{ TLS_ERROR, HOST_WHY_TLS },
	{ FAILURE_HISTORY, HOST_WHY_HISTORY },
	{ FAILURE_DONOR, HOST_WHY_DONOR },
};

static enum host_why find_why(unsigned number)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].number == number)
			return numbers[i].why;
	}
	return HOST_WHY_NONE;
}

enum host_why host_why_of_loss(unsigned number, bool silent)
{
	enum host_why why = find_why(number);

	return why == HOST_WHY_NONE && silent ? HOST_WHY_SILENT : why;
}

enum host_why host_why_of_connect(unsigned number, bool silent)
{
	enum host_why why = find_why(number);

	if (silent && (why == HOST_WHY_NONE || why == HOST_WHY_REFUSED))
		return HOST_WHY_SILENT;
	return why != HOST_WHY_NONE ? why : HOST_WHY_OTHER;
}

bool host_why_ends_connections(enum host_why why)
{
	return reasons[why].ends_connections;
}

const char *host_why_text(enum host_why why)
{
	return reasons[why].text;
}

static uint64_t pack(struct host_verdict verdict)
{
	return (uint64_t)verdict.since << SINCE_SHIFT | (uint64_t)verdict.tried << TRIED_SHIFT |
	       (uint64_t)verdict.why << STATE_BITS | (uint64_t)verdict.state;
}

/* Bits that somebody has overwritten must not be a reason without a text. */
static struct host_verdict unpack(uint64_t word)
{
	struct host_verdict verdict = {
		.state = (enum host_state)(word & ((1 << STATE_BITS) - 1)),
		.why = (enum host_why)(word >> STATE_BITS & ((1 << WHY_BITS) - 1)),
		.tried = (word >> TRIED_SHIFT & 1) != 0,
		.since = (int64_t)(word >> SINCE_SHIFT),
	};

	if (verdict.state >= HOST_STATE__MAX || verdict.why >= HOST_WHY__MAX)
		return (struct host_verdict){ 0 };
	return verdict;
}

struct host_verdict host_entry_verdict(const struct host_entry *entry)
{
	return unpack(atomic_load(&entry->verdict));
}

struct host_entry *host_board_find(const struct host_board *board, const char *name)
{
	for (unsigned i = 0; i < HOST_BOARD_MAX; i++) {
		if (strncmp(board->entries[i].name, name, HOST_TEXT) == 0)
			return (struct host_entry *)(uintptr_t)&board->entries[i];
	}
	return NULL;
}

/* A free entry, or the one that nobody has named for the longest time. */
static struct host_entry *take_entry(struct host_board *board)
{
	struct host_entry *taken = NULL;

	for (unsigned i = 0; i < HOST_BOARD_MAX; i++) {
		struct host_entry *entry = &board->entries[i];

		if (atomic_load(&entry->listed))
			continue;
		if (entry->name[0] == '\0')
			return entry;
		if (taken == NULL ||
		    host_entry_verdict(entry).since < host_entry_verdict(taken).since)
			taken = entry;
	}
	return taken;
}

static void enter(struct host_board *board, const char *name, int64_t now)
{
	struct host_entry *entry = host_board_find(board, name);

	if (entry == NULL) {
		/* There are twice as many as a list may have. */
		entry = take_entry(board);
		atomic_store(&entry->failures, 0);
		snprintf(entry->name, sizeof(entry->name), "%s", name);
		atomic_store(&entry->verdict,
		    pack((struct host_verdict){ .state = HOST_UNPROVEN, .since = now }));
	}
	atomic_store(&entry->listed, true);
}

void host_board_list(
    struct host_board *board, const struct hosts *hosts, pid_t watcher, int64_t now)
{
	char name[HOST_TEXT];

	atomic_store(&board->watcher, watcher);
	for (unsigned i = 0; i < HOST_BOARD_MAX; i++)
		atomic_store(&board->entries[i].listed, false);
	for (unsigned i = 0; i < hosts->count; i++) {
		host_print(&hosts->list[i], name, sizeof(name));
		enter(board, name, now);
	}
}

int64_t host_entry_pending(const struct host_entry *entry)
{
	struct host_verdict verdict = host_entry_verdict(entry);

	if (verdict.state == HOST_GOOD || verdict.tried)
		return 0;
	return verdict.since + (verdict.why == HOST_WHY_CLUSTER ? PENDING_CLUSTER : PENDING);
}

bool host_entry_praise(struct host_entry *entry, int64_t now)
{
	const struct host_verdict good = { .state = HOST_GOOD, .since = now };
	uint64_t word = atomic_load(&entry->verdict);

	do {
		if (unpack(word).state == HOST_GOOD)
			return false;
	} while (!atomic_compare_exchange_weak(&entry->verdict, &word, pack(good)));
	return true;
}

/* The supervisor may sleep for seconds. A process that it has left alone must not signal others. */
static void wake_watcher(const struct host_board *board)
{
	pid_t watcher = (pid_t)atomic_load(&board->watcher);

	if (watcher > 0 && getppid() == watcher)
		(void)kill(watcher, SIGUSR2);
}

bool host_board_blame(struct host_board *board, struct host_entry *entry, enum host_why why,
    bool tried, int64_t opened, int64_t now)
{
	uint64_t word = atomic_load(&entry->verdict);
	struct host_verdict before, bad;

	do {
		before = unpack(word);
		if (before.state == HOST_GOOD && opened < before.since)
			return false;
		bad = (struct host_verdict){ HOST_BAD, why, tried, now };
		if (before.state == HOST_BAD) {
			bad.tried |= before.tried;
			bad.since = before.since;
		}
	} while (!atomic_compare_exchange_weak(&entry->verdict, &word, pack(bad)));
	if (before.state == HOST_BAD)
		return false;
	atomic_fetch_add(&entry->failures, 1);
	wake_watcher(board);
	return true;
}

bool host_board_claim_move(struct host_board *board, int64_t now)
{
	int64_t next = atomic_load(&board->next_move);
	uint32_t number;

	if (now < next)
		return false;
	random_bytes(&number, sizeof(number));
	return atomic_compare_exchange_strong(
	    &board->next_move, &next, now + MOVE_PAUSE + number % MOVE_PAUSE);
}
