#include "db/history.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/shared_file.h"
#include "base/timestamp.h"

#define OTHERS_MAX 4 /* histories of other names that the log has told of */

/*
 * All of it in one sector of a disk, so that no power cut leaves half of it. Changed under the lock
 * only; `news` and `latched` are read without.
 */
struct history {
	struct shared_file_header header;
	_Atomic uint64_t news;
	uint32_t begun; /* 0 = made just now */
	_Atomic uint32_t latched;
	struct galera_position mark, refused;
	int64_t since;
	struct uuid others[OTHERS_MAX];
	uint32_t other_count; /* ever; the oldest gives way */
	char host[128];
};

_Static_assert(sizeof(struct history) <= 512, "the file stays within a sector");

static const struct shared_file history_file = {
	.name = "clientele.history",
	.layout = 1,
	.size = sizeof(struct history),
	.lasting = true,
};

static struct {
	struct history *memory;
	char directory[PATH_MAX];
} open_file;

void history_print(const struct galera_position *position, char text[HISTORY_POSITION_TEXT])
{
	char state[UUID_TEXT_LENGTH];

	uuid_print(&position->uuid, state);
	snprintf(
	    text, HISTORY_POSITION_TEXT, "%.*s:%" PRId64, UUID_TEXT_LENGTH, state, position->seqno);
}

static bool is_there(const char *directory)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%s", directory, history_file.name);
	return lstat(path, &status) == 0;
}

static void keep(struct history *history, const char *directory)
{
	shared_file_unmap(open_file.memory);
	open_file.memory = history;
	snprintf(open_file.directory, sizeof(open_file.directory), "%s", directory);
}

/* Returns whether it was made just now; its place on the disk is safe from then on. */
static bool begin_history(struct history *history)
{
	bool is_new;

	shared_file_lock(history);
	is_new = history->begun == 0;
	if (is_new) {
		history->begun = 1;
		atomic_store(&history->news, 1);
		shared_file_flush(history, true);
	}
	shared_file_unlock(history);
	return is_new;
}

enum history_file history_open(const char *directory)
{
	bool there = is_there(directory);
	struct history *history = shared_file_map(&history_file, directory);
	int reason = errno;
	bool kept = history != NULL;

	if (!kept)
		history = shared_file_map(&history_file, NULL);
	if (history == NULL)
		return HISTORY_UNKEPT;
	keep(history, directory);
	if (begin_history(history) && kept)
		return there ? HISTORY_DAMAGED : HISTORY_NEW;
	errno = reason;
	return kept ? HISTORY_FOUND : HISTORY_UNKEPT;
}

/* The open file; NULL with errno set. */
static struct history *take_history(const char *directory)
{
	if (open_file.memory != NULL && strcmp(open_file.directory, directory) == 0)
		return open_file.memory;
	/* Without the directory no pool has ever run here: there is no mark to go by. */
	if (history_open(directory) != HISTORY_UNKEPT || errno == ENOENT)
		return open_file.memory;
	keep(NULL, "");
	return NULL;
}

uint64_t history_news(void)
{
	return open_file.memory != NULL
		   ? atomic_load_explicit(&open_file.memory->news, memory_order_acquire)
		   : 0;
}

bool history_refused(void)
{
	return open_file.memory != NULL &&
	       atomic_load_explicit(&open_file.memory->latched, memory_order_relaxed) != 0;
}

void history_doubt(void)
{
	if (open_file.memory != NULL)
		atomic_fetch_add(&open_file.memory->news, 1);
}

static void copy(const struct history *history, struct history_view *view)
{
	*view = (struct history_view){
		.mark = history->mark,
		.latched = history->latched != 0,
		.refused = history->refused,
		.since = history->since,
	};
	snprintf(
	    view->host, sizeof(view->host), "%.*s", (int)sizeof(history->host) - 1, history->host);
}

int history_look(const char *directory, struct history_view *view)
{
	struct history *history = take_history(directory);

	*view = (struct history_view){ 0 };
	if (history == NULL)
		return -1;
	shared_file_lock(history);
	copy(history, view);
	shared_file_unlock(history);
	return 0;
}

static void log_refused(
    const struct galera_position *mark, const struct galera_position *position, const char *host)
{
	char seen[HISTORY_POSITION_TEXT], there[HISTORY_POSITION_TEXT];

	history_print(mark, seen);
	history_print(position, there);
	log_event(LOG_LEVEL_ERROR, "history of the database is not the one seen before",
	    LOG_TEXT("host", host), LOG_TEXT("position", there), LOG_TEXT("seen", seen),
	    LOG_TEXT("remedy", "clientele cluster status, then clientele cluster accept"));
}

/* Another name: it will never be taken for the one that was seen. */
static void refuse_other(
    struct history *history, const struct galera_position *position, const char *host)
{
	for (unsigned i = 0; i < OTHERS_MAX; i++) {
		if (uuid_equal(&history->others[i], &position->uuid))
			return;
	}
	history->others[history->other_count++ % OTHERS_MAX] = position->uuid;
	log_refused(&history->mark, position, host);
}

static void latch(struct history *history, const struct galera_position *position, const char *host)
{
	history->refused = *position;
	history->since = timestamp_now();
	snprintf(history->host, sizeof(history->host), "%s", host);
	history->latched = 1;
	/* Everybody is told at once, also those who stand well. */
	atomic_fetch_add(&history->news, 1);
	shared_file_flush(history, true);
	log_refused(&history->mark, position, host);
}

static enum history_verdict judge(struct history *history, const struct galera_position *position,
    const char *host, const struct galera_position *before)
{
	if (history->latched)
		return HISTORY_REFUSED;
	if (!history->mark.known) {
		history->mark = *position;
		shared_file_flush(history, false);
		return HISTORY_FITS;
	}
	if (!uuid_equal(&history->mark.uuid, &position->uuid)) {
		refuse_other(history, position, host);
		return HISTORY_REFUSED;
	}
	if (position->seqno < history->mark.seqno) {
		if (before == NULL)
			return HISTORY_BEHIND;
		if (position->seqno >= before->seqno)
			return HISTORY_FITS;
		latch(history, position, host);
		return HISTORY_REFUSED;
	}
	if (position->seqno > history->mark.seqno) {
		history->mark.seqno = position->seqno;
		shared_file_flush(history, false);
	}
	return HISTORY_FITS;
}

enum history_verdict history_judge(const char *directory, const struct galera_position *position,
    const char *host, const struct galera_position *before, struct history_view *view)
{
	struct history *history = take_history(directory);
	enum history_verdict verdict;

	/* `before` may be a part of the view. */
	if (history == NULL) {
		*view = (struct history_view){ 0 };
		return HISTORY_UNREADABLE;
	}
	shared_file_lock(history);
	verdict = judge(history, position, host, before);
	copy(history, view);
	shared_file_unlock(history);
	return verdict;
}

int history_accept(const char *directory, const struct galera_position *position)
{
	struct history *history = take_history(directory);

	if (history == NULL)
		return -1;
	shared_file_lock(history);
	history->mark = *position;
	history->latched = 0;
	history->refused = (struct galera_position){ 0 };
	history->since = 0;
	history->host[0] = '\0';
	memset(history->others, 0, sizeof(history->others));
	history->other_count = 0;
	atomic_fetch_add(&history->news, 1);
	shared_file_flush(history, true);
	shared_file_unlock(history);
	return 0;
}
