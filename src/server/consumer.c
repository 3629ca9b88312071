#define _GNU_SOURCE 1
#include "server/consumer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/host_name.h"
#include "base/log.h"
#include "codec/writer.h"
#include "db/host_board.h"
#include "queue/admin.h"
#include "record/audit.h"
#include "server/worker.h"

/* How often an empty queue is looked at. */
#define POLL MICROSECONDS_PER_SECOND
/* How long the database is left alone after a failure. */
#define REST (2 * MICROSECONDS_PER_SECOND)
/* How often items are counted, and the kind tidies up. */
#define COUNT_INTERVAL (10 * MICROSECONDS_PER_SECOND)
#define TIDY_INTERVAL (60 * MICROSECONDS_PER_SECOND)
#define ARENA_BLOCK ((size_t)64 * 1024)
#define ARENA_MOST ((size_t)256 * 1024 * 1024)

static void handle_signal(struct consumer *consumer, int number)
{
	if (number == SIGTERM)
		consumer->stopping = true;
	else if (number == SIGUSR1 && log_reopen() != 0)
		log_event(LOG_LEVEL_ERROR, "log not reopened", LOG_TEXT("reason", strerror(errno)));
}

/* Sleeps unless there is a signal. */
static void rest(struct consumer *consumer, int64_t microseconds)
{
	const struct timespec time = { (time_t)(microseconds / MICROSECONDS_PER_SECOND),
		(long)(microseconds % MICROSECONDS_PER_SECOND) * 1000 };
	int number = sigtimedwait(&consumer->signals, NULL, &time);

	if (number > 0)
		handle_signal(consumer, number);
}

static void set_signals(struct consumer *consumer)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction usual = { .sa_handler = SIG_DFL };

	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGCHLD, &usual, NULL);
	(void)sigemptyset(&consumer->signals);
	(void)sigaddset(&consumer->signals, SIGTERM);
	(void)sigaddset(&consumer->signals, SIGUSR1);
	(void)sigprocmask(SIG_SETMASK, &consumer->signals, NULL);
}

/* What waits and what was given up, by whichever machine. Only told: an error is met elsewhere. */
static void count_items(struct consumer *consumer)
{
	int64_t now = timestamp_monotonic();
	int64_t waiting, dead;
	struct error error;

	if (now < consumer->next_count)
		return;
	consumer->next_count = now + COUNT_INTERVAL;
	error_init(&error, consumer->arena);
	if (queue_count(consumer->database, consumer->arena, consumer->kind, QUEUE_WAITING,
		&waiting, &error) != 0 ||
	    queue_count(consumer->database, consumer->arena, consumer->kind, QUEUE_DEAD, &dead,
		&error) != 0)
		return;
	atomic_store(&consumer->counters->waiting, (uint64_t)waiting);
	atomic_store(&consumer->counters->dead, (uint64_t)dead);
}

static void note_database(struct consumer *consumer, const struct error *error)
{
	if (!consumer->database_away)
		log_event(LOG_LEVEL_ERROR, consumer->what->waits_event,
		    LOG_TEXT("detail", error->detail != NULL ? error->detail : error->message));
	consumer->database_away = true;
}

static void report(struct consumer *consumer, const struct queue_verdict *verdict)
{
	const struct queue_kind *kind = consumer->kind;
	const struct queue_item *item = verdict->item;

	counter_add(&consumer->counters->ended[verdict->state], 1);
	consumer->next_count = 0;
	if (verdict->state == QUEUE_DONE)
		log_event(LOG_LEVEL_INFO, consumer->what->done_event, LOG_INT(kind->name, item->id),
		    LOG_INT("attempts", item->attempt));
	else
		log_event(verdict->state == QUEUE_DEAD ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		    consumer->what->undone_event, LOG_INT(kind->name, item->id),
		    LOG_INT("attempts", item->attempt),
		    LOG_TEXT("status", kind->words[verdict->state]),
		    LOG_TEXT("reason", verdict->reason));
}

/* A verdict on its way into the database. */
struct conclusion {
	struct consumer *consumer;
	struct queue_verdict verdict;
};

struct context consumer_context(struct consumer *consumer)
{
	return (struct context){ .arena = consumer->arena,
		.settings = consumer->settings,
		.database = consumer->database,
		.actor = { .kind = ACTOR_PROCESS,
		    .name = str_from(consumer->what->name),
		    .address = host_name_own(consumer->arena) },
		.sight = sight_of_everything() };
}

/* What was given up is done no more, until somebody replays it. */
static int audit_dead_letter(
    struct consumer *consumer, const struct queue_verdict *verdict, struct error *error)
{
	struct context context = consumer_context(consumer);
	const struct queue_item *item = verdict->item;
	struct buf detail = { 0 };
	struct writer writer;
	int result;

	writer_init(&writer, MEDIA_JSON, NULL, &detail);
	writer_object_begin(&writer, NULL);
	writer_integer(&writer, "attempts", item->attempt);
	writer_text(&writer, "reason", str_from(verdict->reason));
	writer_object_end(&writer);
	const struct audit_event event = { .action = AUDIT_INSERT,
		.what = arena_printf(context.arena, "dead letter of %s", consumer->kind->name),
		.key = str_from(arena_printf(context.arena, "%lld", (long long)item->id)),
		.detail = buf_str(&detail) };

	result = detail.failed || event.what == NULL || arena_exhausted(context.arena)
		     ? error_out_of_memory(error)
		     : audit_record_event(&context, &event, error);
	buf_free(&detail);
	return result;
}

static int store_verdict(void *context, struct error *error)
{
	const struct conclusion *conclusion = context;
	struct consumer *consumer = conclusion->consumer;
	const struct queue_verdict *verdict = &conclusion->verdict;

	if (queue_settle(consumer->database, verdict, error) != 0)
		return -1;
	if (verdict->state != QUEUE_DONE && queue_pause(consumer->database, verdict, error) != 0)
		return -1;
	if (verdict->state != QUEUE_DEAD)
		return 0;
	if (audit_dead_letter(consumer, verdict, error) != 0)
		return -1;
	return consumer->what->bury != NULL ? consumer->what->bury(consumer, verdict, error) : 0;
}

static int64_t longest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * What is done must never be done again: the verdict is stored as soon as the database is back, for
 * as long as nobody else can take the item.
 */
static void conclude(
    struct consumer *consumer, const struct queue_item *item, const struct consumer_result *result)
{
	struct conclusion conclusion = { .consumer = consumer,
		.verdict = { .kind = consumer->kind,
		    .item = item,
		    .state = result->state,
		    .reason = result->reason } };
	struct queue_verdict *verdict = &conclusion.verdict;
	struct error error;

	if (result->state == QUEUE_WAITING &&
	    item->attempt >= queue_most_attempts(consumer->kind, consumer->settings))
		verdict->state = QUEUE_DEAD;
	for (;;) {
		error_init(&error, consumer->arena);
		verdict->now = timestamp_now();
		verdict->due = verdict->now + longest(queue_delay(consumer->kind,
							  consumer->settings, item->attempt),
						  result->wait * MICROSECONDS_PER_SECOND);
		if (database_transaction(consumer->database, store_verdict, &conclusion, &error) ==
		    0)
			break;
		note_database(consumer, &error);
		rest(consumer, REST);
		if (timestamp_now() > item->lease_end)
			break;
	}
	report(consumer, verdict);
}

/* These attempts have ended the process, or lost the database. */
static void give_up(struct consumer *consumer, struct queue_item *item)
{
	struct consumer_result result = { .state = QUEUE_DEAD };

	item->attempt--;
	snprintf(result.reason, sizeof(result.reason),
	    "It was tried %lld times, and the last attempt did not finish.",
	    (long long)item->attempt);
	conclude(consumer, item, &result);
}

/* Does one item. Returns 1, 0 when none is due, -1 on an error of the database. */
static int do_next(struct consumer *consumer, struct error *error)
{
	struct consumer_result result = { .state = QUEUE_WAITING };
	struct queue_item item;
	int found = queue_claim(
	    consumer->database, consumer->arena, consumer->kind, consumer->settings, &item, error);

	if (found <= 0)
		return found;
	if (item.spent) {
		give_up(consumer, &item);
		return 1;
	}
	if (consumer->what->deliver(consumer, &item, &result, error) != 0)
		return -1;
	conclude(consumer, &item, &result);
	return 1;
}

static int tidy(struct consumer *consumer, struct error *error)
{
	int64_t now = timestamp_monotonic();

	if (consumer->what->tidy == NULL || now < consumer->next_tidy)
		return 0;
	if (consumer->what->tidy(consumer, error) != 0)
		return -1;
	consumer->next_tidy = now + TIDY_INTERVAL;
	return 0;
}

static void step(struct consumer *consumer)
{
	struct error error;
	int done;

	arena_reset(consumer->arena);
	error_init(&error, consumer->arena);
	done = tidy(consumer, &error);
	if (done == 0)
		done = do_next(consumer, &error);
	if (done < 0)
		note_database(consumer, &error);
	else
		consumer->database_away = false;
	if (done > 0) {
		rest(consumer, 0);
		return;
	}
	if (consumer->what->rest != NULL)
		consumer->what->rest(consumer);
	if (done == 0)
		count_items(consumer);
	rest(consumer, done < 0 ? REST : POLL);
}

static bool open_all(struct consumer *consumer)
{
	consumer->arena = arena_new(ARENA_BLOCK, ARENA_MOST);
	consumer->database = database_new(consumer->settings);
	if (consumer->arena == NULL || consumer->database == NULL)
		return false;
	database_take_seat(
	    consumer->database, &(const struct host_seat){ .board = &consumer->shared->hosts });
	return consumer->what->open(consumer);
}

int consumer_run(const struct consumer_kind *what, const struct child_context *context)
{
	struct consumer consumer = {
		.what = what,
		.kind = &queue_kinds[what->queue],
		.settings = context->settings,
		.shared = context->shared,
		.epoch = context->epoch,
		.counters = &context->shared->queues[what->queue],
	};
	bool opened;

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	(void)prctl(PR_SET_NAME, what->process_name, 0, 0, 0);
	if (getppid() != context->supervisor)
		return EXIT_SUCCESS;
	worker_set_limits(context->settings);
	set_signals(&consumer);
	opened = open_all(&consumer);
	if (!opened)
		log_event(LOG_LEVEL_ERROR, what->failed_event, LOG_TEXT("reason", "out of memory"));
	while (opened && !consumer.stopping)
		step(&consumer);
	what->close(&consumer);
	database_free(consumer.database);
	arena_free(consumer.arena);
	return opened ? EXIT_SUCCESS : EXIT_FAILURE;
}
