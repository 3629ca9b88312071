#define _GNU_SOURCE 1
#include "server/mailer.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "codec/writer.h"
#include "db/database.h"
#include "record/audit.h"
#include "record/row_count.h"
#include "server/mail_delivery.h"
#include "server/shared.h"
#include "server/worker.h"

/* How often an empty outbox is looked at. */
#define POLL MICROSECONDS_PER_SECOND
/* How long the database is left alone after a failure. */
#define REST (2 * MICROSECONDS_PER_SECOND)
/* Above the longest mail_timeout, with room for clocks that differ and for a slow database. */
#define LEASE (10 * 60 * MICROSECONDS_PER_SECOND)
/* How often the outbox is counted. */
#define COUNT_INTERVAL (10 * MICROSECONDS_PER_SECOND)
#define ARENA_BLOCK ((size_t)64 * 1024)
#define ARENA_MOST ((size_t)256 * 1024 * 1024)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct mailer {
	const struct settings *settings;
	struct shared *shared; /* for what the metrics say */
	int64_t next_count;
	struct database *database;
	struct mail_connection *connection;
	struct arena *arena;
	sigset_t signals;
	bool stopping;
	bool database_away; /* said so already */
};

/* One row of the outbox while it is ours. */
struct attempt {
	int64_t id;
	int64_t number; /* 1 = the first */
	int64_t lease_end;
	struct mail_delivery delivery;
	enum mail_result result;
	char reason[MAIL_REASON_MAX];
};

int64_t mailer_delay(const struct settings *settings, int64_t attempts)
{
	int64_t most = settings->mail_delay_most * MICROSECONDS_PER_SECOND;
	int64_t delay = settings->mail_delay * MICROSECONDS_PER_SECOND;

	while (--attempts > 0 && delay < most)
		delay *= 2;
	return delay < most ? delay : most;
}

static void handle_signal(struct mailer *mailer, int number)
{
	if (number == SIGTERM)
		mailer->stopping = true;
	else if (number == SIGUSR1 && log_reopen() != 0)
		log_event(LOG_LEVEL_ERROR, "log not reopened", LOG_TEXT("reason", strerror(errno)));
}

/* Sleeps unless there is a signal. */
static void rest(struct mailer *mailer, int64_t microseconds)
{
	const struct timespec time = { (time_t)(microseconds / MICROSECONDS_PER_SECOND),
		(long)(microseconds % MICROSECONDS_PER_SECOND) * 1000 };
	int number = sigtimedwait(&mailer->signals, NULL, &time);

	if (number > 0)
		handle_signal(mailer, number);
}

static void set_signals(struct mailer *mailer)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction usual = { .sa_handler = SIG_DFL };

	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGCHLD, &usual, NULL);
	(void)sigemptyset(&mailer->signals);
	(void)sigaddset(&mailer->signals, SIGTERM);
	(void)sigaddset(&mailer->signals, SIGUSR1);
	(void)sigprocmask(SIG_SETMASK, &mailer->signals, NULL);
}

/* Returns 1 with a row that is due, 0 when there is none, -1 on an error. */
static int find_due(
    struct mailer *mailer, struct attempt *attempt, int64_t *due, int64_t now, struct error *error)
{
	static const char sql[] =
	    "SELECT id, attempts, next_attempt_at FROM mail_outbox WHERE status = 'queued' AND "
	    "next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT 1";
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_INTEGER, BIND_TIME };
	const struct bind moment = BIND_MOMENT(now);
	struct result result;

	if (database_select(mailer->database, mailer->arena, sql, &moment, 1, columns,
		COUNT(columns), &result, error) != 0)
		return -1;
	if (result.count == 0)
		return 0;
	attempt->id = result.rows[0][0].integer;
	attempt->number = result.rows[0][1].integer + 1;
	*due = result.rows[0][2].integer;
	return 1;
}

/* Returns 1 when the row is ours now, 0 when somebody was faster, -1 on an error. */
static int take_lease(
    struct mailer *mailer, struct attempt *attempt, int64_t due, int64_t now, struct error *error)
{
	static const char sql[] =
	    "UPDATE mail_outbox SET next_attempt_at = ?, attempts = attempts + 1 WHERE id = ? AND "
	    "status = 'queued' AND next_attempt_at = ?";
	const struct bind values[] = { BIND_MOMENT(now + LEASE), BIND_INT(attempt->id),
		BIND_MOMENT(due) };
	struct outcome outcome;

	if (database_execute(mailer->database, sql, values, COUNT(values), &outcome, error) != 0)
		return -1;
	attempt->lease_end = now + LEASE;
	return outcome.affected == 1;
}

static int read_delivery(struct mailer *mailer, struct attempt *attempt, struct error *error)
{
	static const char sql[] =
	    "SELECT o.email, m.id, m.sender_name, m.reply_to, m.recipients, m.subject, m.body, "
	    "m.is_html, m.attachments, m.created_at FROM mail_outbox o JOIN mail_message m ON "
	    "m.id = o.message_id WHERE o.id = ?";
	static const enum bind_kind columns[] = { BIND_TEXT, BIND_UUID, BIND_TEXT, BIND_TEXT,
		BIND_TEXT, BIND_TEXT, BIND_TEXT, BIND_INTEGER, BIND_TEXT, BIND_TIME };
	const struct bind id = BIND_INT(attempt->id);
	struct result result;
	const struct bind *row;

	if (database_select(mailer->database, mailer->arena, sql, &id, 1, columns, COUNT(columns),
		&result, error) != 0)
		return -1;
	if (result.count == 0)
		return error_set_detail(
		    error, ERROR_INTERNAL, "a message of the outbox is missing");
	row = result.rows[0];
	attempt->delivery = (struct mail_delivery){
		.email = row[0].text,
		.message_id = row[1].uuid,
		.sender_name = row[2].null ? STR("") : row[2].text,
		.reply_to = row[3].null ? STR("") : row[3].text,
		.recipients = row[4].text,
		.subject = row[5].text,
		.body = row[6].text,
		.is_html = row[7].integer != 0,
		.attachments = row[8].text,
		.created_at = row[9].integer,
	};
	return 0;
}

/* What becomes of the row. */
struct verdict {
	struct mailer *mailer;
	const struct attempt *attempt;
	const char *status;
	int64_t now;
};

/* The rest of the entry, which the caller frees. */
static struct buf describe_attempt(const struct attempt *attempt)
{
	char key[24];
	struct buf properties = { 0 };
	struct writer writer;

	snprintf(key, sizeof(key), "%lld", (long long)attempt->id);
	writer_init(&writer, MEDIA_JSON, NULL, &properties);
	writer_object_begin(&writer, NULL);
	writer_text(&writer, "action", STR("mail"));
	writer_text(&writer, "key", str_from(key));
	writer_integer(&writer, "attempts", attempt->number);
	writer_object_end(&writer);
	return properties;
}

static int log_failure(const struct verdict *verdict, struct error *error)
{
	static const char sql[] =
	    /* No area: a mail may tell of anything. */
	    "INSERT INTO log_entry (message, message_template, level, time_stamp, exception, "
	    "properties) VALUES (?, 'The mail {Id} was not delivered.', 'Error', ?, ?, ?)";
	struct arena *arena = verdict->mailer->arena;
	const struct attempt *attempt = verdict->attempt;
	struct buf properties = describe_attempt(attempt);
	const struct bind values[] = {
		BIND_STR(str_from(arena_printf(
		    arena, "The mail %lld was not delivered.", (long long)attempt->id))),
		BIND_MOMENT(verdict->now),
		BIND_STR(str_from(attempt->reason)),
		BIND_STR(buf_str(&properties)),
	};
	struct outcome outcome;
	int result = database_execute(
	    verdict->mailer->database, sql, values, COUNT(values), &outcome, error);

	buf_free(&properties);
	return result == 0 ? row_count_add(verdict->mailer->database, AUDIT_TABLE, 1, error) : -1;
}

static int store_verdict(void *context, struct error *error)
{
	static const char sql[] =
	    "UPDATE mail_outbox SET status = ?, next_attempt_at = ?, last_error = ?, sent_at = ? "
	    "WHERE id = ? AND status = 'queued'";
	const struct verdict *verdict = context;
	const struct attempt *attempt = verdict->attempt;
	bool sent = attempt->result == MAIL_SENT;
	struct bind values[] = {
		BIND_STR(str_from(verdict->status)),
		BIND_MOMENT(verdict->now +
			    (sent ? 0 : mailer_delay(verdict->mailer->settings, attempt->number))),
		BIND_STR(str_from(attempt->reason)),
		BIND_MOMENT(verdict->now),
		BIND_INT(attempt->id),
	};
	struct outcome outcome;

	values[2].null = sent;
	values[3].null = !sent;
	if (database_execute(
		verdict->mailer->database, sql, values, COUNT(values), &outcome, error) != 0)
		return -1;
	return strcmp(verdict->status, "failed") == 0 ? log_failure(verdict, error) : 0;
}

static void count_result(const struct verdict *verdict)
{
	struct shared *shared = verdict->mailer->shared;

	if (verdict->attempt->result == MAIL_SENT)
		atomic_fetch_add(&shared->mail_sent, 1);
	else if (strcmp(verdict->status, "failed") == 0)
		atomic_fetch_add(&shared->mail_failed, 1);
	else
		atomic_fetch_add(&shared->mail_postponed, 1);
	verdict->mailer->next_count = 0;
}

/* What waits and what was given up, by whichever machine. Only told: an error is met elsewhere. */
static void count_outbox(struct mailer *mailer)
{
	static const char sql[] =
	    "SELECT (SELECT COUNT(*) FROM mail_outbox WHERE status = 'queued'), "
	    "(SELECT COUNT(*) FROM mail_outbox WHERE status = 'failed')";
	static const enum bind_kind columns[] = { BIND_INTEGER, BIND_INTEGER };
	int64_t now = timestamp_monotonic();
	struct result result;
	struct error error;

	if (now < mailer->next_count)
		return;
	mailer->next_count = now + COUNT_INTERVAL;
	error_init(&error, mailer->arena);
	if (database_select(mailer->database, mailer->arena, sql, NULL, 0, columns, COUNT(columns),
		&result, &error) != 0)
		return;
	atomic_store(&mailer->shared->mail_queued, (uint64_t)result.rows[0][0].integer);
	atomic_store(&mailer->shared->mail_dead, (uint64_t)result.rows[0][1].integer);
}

static void report_delivery(const struct verdict *verdict)
{
	const struct attempt *attempt = verdict->attempt;

	count_result(verdict);
	if (attempt->result == MAIL_SENT)
		log_event(LOG_LEVEL_INFO, "mail sent", LOG_INT("mail", attempt->id),
		    LOG_INT("attempts", attempt->number));
	else
		log_event(
		    strcmp(verdict->status, "failed") == 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		    "mail not sent", LOG_INT("mail", attempt->id),
		    LOG_INT("attempts", attempt->number), LOG_TEXT("status", verdict->status),
		    LOG_TEXT("reason", attempt->reason));
}

static void note_database(struct mailer *mailer, const struct error *error)
{
	if (!mailer->database_away)
		log_event(LOG_LEVEL_ERROR, "mail waits for the database",
		    LOG_TEXT("detail", error->detail != NULL ? error->detail : error->message));
	mailer->database_away = true;
}

/*
 * A mail that is sent must never be sent again: the verdict is stored as soon as the database is
 * back, for as long as nobody else can take the row.
 */
static void conclude(struct mailer *mailer, const struct attempt *attempt)
{
	struct verdict verdict = { .mailer = mailer, .attempt = attempt, .status = "queued" };
	struct error error;

	if (attempt->result == MAIL_SENT)
		verdict.status = "sent";
	else if (attempt->result == MAIL_REFUSED ||
		 attempt->number > mailer->settings->mail_retries)
		verdict.status = "failed";
	for (;;) {
		error_init(&error, mailer->arena);
		verdict.now = timestamp_now();
		if (database_transaction(mailer->database, store_verdict, &verdict, &error) == 0)
			break;
		note_database(mailer, &error);
		rest(mailer, REST);
		if (timestamp_now() > attempt->lease_end)
			break;
	}
	report_delivery(&verdict);
}

static void drop_connection(struct mailer *mailer)
{
	mail_connection_free(mailer->connection);
	mailer->connection = NULL;
}

/* Sends one mail. Returns 1, 0 when none is due, -1 on an error of the database. */
static int send_next(struct mailer *mailer, struct error *error)
{
	struct attempt attempt = { 0 };
	int64_t now = timestamp_now();
	int64_t due;
	int found = find_due(mailer, &attempt, &due, now, error);

	if (found <= 0)
		return found;
	found = take_lease(mailer, &attempt, due, now, error);
	if (found < 0)
		return -1;
	if (found == 0)
		return 1;
	/* Each attempt counts when it begins: these have ended the process, or lost the database.
	 */
	if (attempt.number > mailer->settings->mail_retries + 1) {
		attempt.result = MAIL_REFUSED;
		snprintf(attempt.reason, sizeof(attempt.reason),
		    "It was tried %lld times, and the last attempt did not finish.",
		    (long long)attempt.number - 1);
		attempt.number--;
		conclude(mailer, &attempt);
		return 1;
	}
	if (read_delivery(mailer, &attempt, error) != 0)
		return -1;
	if (mailer->connection == NULL)
		mailer->connection = mail_connection_new(mailer->settings);
	if (mailer->connection == NULL)
		return error_set_detail(error, ERROR_UNAVAILABLE, "out of memory");
	attempt.result =
	    mail_deliver(mailer->connection, mailer->arena, &attempt.delivery, attempt.reason);
	/* Half a mail may lie on the connection. */
	if (attempt.result != MAIL_SENT)
		drop_connection(mailer);
	conclude(mailer, &attempt);
	return 1;
}

static void step(struct mailer *mailer)
{
	struct error error;
	int sent;

	arena_reset(mailer->arena);
	error_init(&error, mailer->arena);
	sent = send_next(mailer, &error);
	if (sent < 0)
		note_database(mailer, &error);
	else
		mailer->database_away = false;
	if (sent > 0) {
		rest(mailer, 0);
		return;
	}
	/* No mail server likes a connection that is only held. */
	drop_connection(mailer);
	if (sent == 0)
		count_outbox(mailer);
	rest(mailer, sent < 0 ? REST : POLL);
}

int mailer_run(const struct child_context *context)
{
	const struct settings *settings = context->settings;
	struct shared *shared = context->shared;
	struct mailer mailer = { .settings = settings, .shared = shared };
	int status = EXIT_FAILURE;

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != context->supervisor)
		return EXIT_SUCCESS;
	worker_set_limits(settings);
	set_signals(&mailer);
	mailer.arena = arena_new(ARENA_BLOCK, ARENA_MOST);
	mailer.database = database_new(settings);
	if (mailer.database != NULL)
		database_take_seat(
		    mailer.database, &(const struct host_seat){ .board = &shared->hosts });
	if (mailer.arena != NULL && mailer.database != NULL &&
	    curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
		log_event(
		    LOG_LEVEL_INFO, "mailer started", LOG_TEXT("server", settings->mail_server));
		while (!mailer.stopping)
			step(&mailer);
		status = EXIT_SUCCESS;
	} else {
		log_event(
		    LOG_LEVEL_ERROR, "mailer not started", LOG_TEXT("reason", "out of memory"));
	}
	mail_connection_free(mailer.connection);
	curl_global_cleanup();
	database_free(mailer.database);
	arena_free(mailer.arena);
	return status;
}
