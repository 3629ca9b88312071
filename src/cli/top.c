/*
 * A live view of the pool on a terminal, or plain pictures of it one after the other.
 */
#include <curses.h>

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "cli/pool_view.h"
#include "db/history.h"

#define INTERVAL_FALLBACK 2
#define INTERVAL_MOST 3600
#define PLAIN_ROUTES 10
#define MILLISECONDS 1000.0

static volatile sig_atomic_t stop_wanted;

struct top {
	struct session *session;
	struct pool_view views[2]; /* this one and the one before */
	unsigned current;
	bool seen[2]; /* whether there was a pool */
	enum pool_order order;
	int64_t interval; /* seconds */
};

static const struct {
	int key;
	enum pool_order order;
	const char *word;
} orders[] = {
	{ 'm', POOL_ORDER_MEAN, "slowest" },
	{ 'c', POOL_ORDER_REQUESTS, "most called" },
	{ 'f', POOL_ORDER_FAILURES, "most failures" },
};

static void take_signal(int number)
{
	(void)number;
	stop_wanted = 1;
}

/* The view before, if it is one of the same pool. */
static const struct pool_view *view_before(const struct top *top)
{
	const struct pool_view *view = &top->views[top->current],
			       *before = &top->views[1 - top->current];

	return top->seen[1 - top->current] && before->seen.supervisor == view->seen.supervisor &&
		       before->requests <= view->requests
		   ? before
		   : NULL;
}

static void take_view(struct top *top)
{
	struct session *session = top->session;
	struct history_view history;

	top->current = 1 - top->current;
	if (top->seen[top->current])
		pool_view_drop(&top->views[top->current]);
	arena_reset(session->arena);
	error_init(&session->error, session->arena);
	top->seen[top->current] = pool_view_take(session, &top->views[top->current]);
	/* From here on history_refused() tells. */
	(void)history_look(session->settings->state_directory, &history);
}

/* Since the view before; since the pool's start in the first one. */
static double seconds_between(const struct pool_view *view, const struct pool_view *before)
{
	int64_t passed = before != NULL ? view->taken - before->taken
					: timestamp_now() - view->shared->start_time;

	return passed > 0 ? (double)passed / (double)MICROSECONDS_PER_SECOND : 1;
}

static void print_head(
    struct buf *out, const struct pool_view *view, const struct pool_view *before)
{
	double seconds = seconds_between(view, before);
	uint64_t requests = view->requests - (before != NULL ? before->requests : 0);
	uint64_t time = view->microseconds - (before != NULL ? before->microseconds : 0);
	uint64_t failures = view->by_status[4] - (before != NULL ? before->by_status[4] : 0);

	buf_printf(out, "clientele %s, process %lld\n", view->shared->version,
	    (long long)view->seen.supervisor);
	buf_printf(out,
	    "Workers   %u idle, %u busy, %u connecting, %u starting, %u leaving; oldest request "
	    "%.1f ms\n",
	    view->workers[WORKER_IDLE], view->workers[WORKER_BUSY],
	    view->workers[WORKER_CONNECTING], view->workers[WORKER_STARTING],
	    view->workers[WORKER_DRAINING] + view->workers[WORKER_DRAINING_BUSY],
	    (double)view->longest / MILLISECONDS);
	if (view->queue_known)
		buf_printf(out, "Queue     %u of %u\n", view->queue.waiting, view->queue.most);
	buf_printf(out, "Requests  %.1f/s, mean %.2f ms, failed %.1f/s\n",
	    (double)requests / seconds,
	    requests > 0 ? (double)time / (double)requests / MILLISECONDS : 0.0,
	    (double)failures / seconds);
	if (history_refused())
		buf_printf(out, "Database  refused, since its history went back: see clientele "
				"cluster status\n");
}

static void print_routes(struct buf *out, const struct pool_view *view,
    const struct pool_view *before, enum pool_order order, unsigned most)
{
	unsigned numbers[SHARED_ROUTES];
	unsigned count = pool_view_order(view, before, order, numbers, most);
	double seconds = seconds_between(view, before);

	buf_printf(out, "\n%10s %10s %10s  ROUTE\n", "CALLS/S", "MEAN MS", "FAILED/S");
	for (unsigned i = 0; i < count; i++) {
		struct route_view counted = pool_view_route(view, before, numbers[i]);

		buf_printf(out, "%10.1f %10.2f %10.1f  %s\n", (double)counted.requests / seconds,
		    (double)counted.microseconds / (double)counted.requests / MILLISECONDS,
		    (double)counted.failures / seconds, view->shared->routes[numbers[i]].name);
	}
}

static void describe(const struct top *top, unsigned routes, struct buf *out)
{
	const struct pool_view *view = &top->views[top->current], *before = view_before(top);

	if (!top->seen[top->current]) {
		buf_printf(out, "No pool was found: %s\n", top->session->error.detail);
		return;
	}
	print_head(out, view, before);
	pool_view_print_children(view, out);
	pool_view_print_hosts(view, out);
	print_routes(out, view, before, top->order, routes);
}

static void draw(const struct top *top)
{
	struct buf text = { 0 };
	struct str rest, line;
	int row = 0, head = 8 + CHILD__MAX + (int)top->views[top->current].host_count;

	describe(top, LINES > head ? (unsigned)(LINES - head) : 1, &text);
	rest = buf_str(&text);
	erase();
	while (rest.length > 0 && row < LINES - 1 && str_next(&rest, '\n', &line))
		(void)mvaddnstr(
		    row++, 0, line.data, line.length < (size_t)COLS ? (int)line.length : COLS);
	(void)mvprintw(LINES - 1, 0,
	    "every %lld s, by %s   q quit  m slowest  c most called  f failures",
	    (long long)top->interval, orders[top->order].word);
	(void)refresh();
	buf_free(&text);
}

/* Waits for a key until the next view is due. False when it is time to leave. */
static bool wait_for_key(struct top *top)
{
	int64_t due = timestamp_monotonic() + top->interval * MICROSECONDS_PER_SECOND;

	while (stop_wanted == 0) {
		int64_t left = due - timestamp_monotonic();
		int key;

		if (left <= 0)
			return true;
		timeout((int)(left / 1000 + 1));
		key = getch();
		if (key == 'q' || key == 'Q')
			return false;
		for (unsigned i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
			if (key == orders[i].key)
				top->order = orders[i].order;
		}
		if (key != ERR)
			draw(top);
	}
	return false;
}

static enum command_status run_screen(struct top *top)
{
	const struct sigaction action = { .sa_handler = take_signal };
	SCREEN *screen = newterm(NULL, top->session->out, stdin);

	if (screen == NULL)
		return session_fail(top->session,
		    "The terminal type (TERM) is unknown; --count prints without a terminal.");
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	(void)cbreak();
	(void)noecho();
	(void)curs_set(0);
	(void)keypad(stdscr, TRUE);
	do {
		take_view(top);
		draw(top);
	} while (wait_for_key(top));
	(void)endwin();
	delscreen(screen);
	return COMMAND_OK;
}

static enum command_status run_plain(struct top *top, int64_t count)
{
	const struct timespec pause = { .tv_sec = (time_t)top->interval };

	for (int64_t i = 0; i < count; i++) {
		struct buf text = { 0 };

		if (i > 0) {
			nanosleep(&pause, NULL);
			fputc('\n', top->session->out);
		}
		take_view(top);
		describe(top, PLAIN_ROUTES, &text);
		fwrite(text.data != NULL ? text.data : "", 1, text.length, top->session->out);
		buf_free(&text);
		fflush(top->session->out);
	}
	return top->seen[top->current] ? COMMAND_OK : COMMAND_FAILED;
}

static enum command_status top_command(struct session *session)
{
	struct top *top = calloc(1, sizeof(*top));
	enum command_status status = COMMAND_FAILED;
	int64_t count;

	if (top == NULL)
		return session_fail(session, "Out of memory.");
	top->session = session;
	if (session_take_number(session, "interval", 1, INTERVAL_FALLBACK, &top->interval) &&
	    session_take_number(session, "count", 1, 0, &count)) {
		if (top->interval > INTERVAL_MOST)
			top->interval = INTERVAL_MOST;
		if (count > 0 || !isatty(STDIN_FILENO) || !isatty(fileno(session->out)))
			status = run_plain(top, count > 0 ? count : 1);
		else
			status = run_screen(top);
	}
	for (unsigned i = 0; i < 2; i++) {
		if (top->seen[i])
			pool_view_drop(&top->views[i]);
	}
	free(top);
	return status;
}

static const struct command_flag flags[] = {
	{ "interval", "SECONDS", "Refresh interval; default: 2." },
	{ "count", "NUMBER",
	    "Print this many views one after the other instead of using the full screen." },
	{ 0 },
};

const struct command top_commands[] = {
	{ .words = "top",
	    .arguments = "",
	    .flags = flags,
	    .doc = "Watch the pool: workers, queue, rates and current routes.",
	    .run = top_command },
	{ 0 },
};
