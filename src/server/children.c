#include "server/children.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/timestamp.h"
#include "server/handover.h"

/* How long a whole new generation is waited for before a part of it must do. */
#define RENEWAL_WAIT (5 * MICROSECONDS_PER_SECOND)

/* A group with its kind, and what its hooks are given. */
struct view {
	struct children *children;
	struct child_group *group;
	const struct child_kind *kind;
	struct shared_child *counters;
};

static struct view view_of(struct children *children, unsigned number)
{
	return (struct view){
		.children = children,
		.group = &children->groups[number],
		.kind = &child_kinds[number],
		.counters = &children->context.shared->children[number],
	};
}

/* The context of the process in that slot. */
static struct child_context context_of(const struct view *view, unsigned slot)
{
	struct child_context context = view->children->context;

	context.number = slot;
	context.post = view->group->list[slot].post;
	return context;
}

static bool is_wanted(const struct view *view, unsigned post)
{
	return view->kind->wanted(&view->children->context, post);
}

static bool serves(const struct view *view, unsigned slot)
{
	struct child_context context = context_of(view, slot);

	return view->kind->serves == NULL || view->kind->serves(&context);
}

/* Whether no other one may take its post. */
static bool holds_post(const struct view *view, const struct child *child)
{
	if (child->pid == 0)
		return false;
	return view->kind->renewal != RENEW_BESIDE ||
	       (child->generation == view->children->generation && child->leave_until == 0);
}

static int64_t back_off(const struct child_kind *kind, unsigned failures)
{
	int64_t delay = kind->delay_first;

	while (--failures > 0 && delay < kind->delay_most)
		delay *= 2;
	return delay < kind->delay_most ? delay : kind->delay_most;
}

static void clear_slot(const struct view *view, unsigned slot)
{
	struct child_context context = context_of(view, slot);

	view->group->list[slot] = (struct child){ 0 };
	if (view->kind->clear != NULL)
		view->kind->clear(&context);
}

static void run(const struct view *view, const struct child_context *context)
{
	if (!view->kind->keeps_listener) {
		(void)close(context->listener);
		handover_close(context->handover);
	}
	exit(view->kind->run(context));
}

static bool start(const struct view *view, unsigned post, int64_t now)
{
	struct child_context context = view->children->context;
	pid_t pid;

	context.post = post;
	context.number = 0;
	while (context.number < CHILD_SLOTS && view->group->list[context.number].pid != 0)
		context.number++;
	if (context.number == CHILD_SLOTS)
		return false; /* several reloads at once: when old ones have left */
	clear_slot(view, context.number);
	context.supervisor = getpid();
	if (view->kind->begin != NULL)
		view->kind->begin(&context, 0);
	pid = fork();
	if (pid == 0)
		run(view, &context);
	if (pid < 0) {
		log_event(LOG_LEVEL_ERROR, "fork failed", LOG_TEXT("reason", strerror(errno)));
		clear_slot(view, context.number);
		return false;
	}
	if (view->kind->begin != NULL)
		view->kind->begin(&context, pid);
	view->group->list[context.number] = (struct child){
		.pid = pid,
		.post = post,
		.generation = view->children->generation,
		.started = now,
		.drain = child_drain(view->kind, context.settings),
	};
	if (view->kind->started_event != NULL)
		log_event(
		    LOG_LEVEL_DEBUG, view->kind->started_event, LOG_INT(view->kind->name, pid));
	return true;
}

/* Returns when one is missing that may not be started yet; 0 = none is. */
static int64_t start_missing(const struct view *view, int64_t now)
{
	struct child_group *group = view->group;
	bool held[CHILD_SLOTS] = { false };
	int64_t soonest = 0;

	if (view->children->stopping || now < group->next_start)
		return group->next_start;
	if (group->failures > 0 &&
	    now - group->last_failure > back_off(view->kind, group->failures) + view->kind->early)
		group->failures = 0;
	for (unsigned i = 0; i < CHILD_SLOTS; i++)
		held[group->list[i].post] |= holds_post(view, &group->list[i]);
	for (unsigned post = 0; post < view->kind->posts; post++) {
		if (held[post] || !is_wanted(view, post))
			continue;
		if (now >= group->next_at_post[post]) {
			group->next_at_post[post] = now + view->kind->pause;
			if (start(view, post, now))
				continue;
			group->next_start = now + view->kind->delay_first;
			return group->next_start;
		}
		if (soonest == 0 || group->next_at_post[post] < soonest)
			soonest = group->next_at_post[post];
	}
	return soonest;
}

static void note_failure(const struct view *view, int64_t now)
{
	struct child_group *group = view->group;
	int64_t delay;

	/* Several that die together are one failure. */
	group->last_failure = now;
	if (now < group->next_start)
		return;
	group->failures++;
	delay = back_off(view->kind, group->failures);
	group->next_start = now + delay;
	if (view->kind->later_event != NULL)
		log_event(LOG_LEVEL_WARNING, view->kind->later_event,
		    LOG_INT("milliseconds", delay / 1000), LOG_INT("failures", group->failures));
}

static void log_leave(
    const struct view *view, unsigned slot, int status, enum leave_reason reason, int64_t now)
{
	const struct child_kind *kind = view->kind;
	const struct child *child = &view->group->list[slot];
	struct child_context context = context_of(view, slot);
	bool by_signal = WIFSIGNALED(status);
	const struct log_field *fields[] = {
		LOG_INT(kind->name, child->pid),
		LOG_TEXT("by", by_signal ? "signal" : "exit"),
		LOG_INT("code", by_signal ? WTERMSIG(status) : WEXITSTATUS(status)),
		LOG_INT("seconds", (now - child->started) / MICROSECONDS_PER_SECOND),
		LOG_INT(kind->done_name, kind->done != NULL ? (int64_t)kind->done(&context) : 0),
		NULL,
	};

	if (kind->done == NULL)
		fields[4] = NULL;
	if (kind->left_event != NULL)
		log_write(reason == LEAVE_PLANNED ? kind->left_level : LOG_LEVEL_ERROR,
		    kind->left_event, fields);
}

static enum leave_reason judge(const struct child_kind *kind, const struct child *child, int status)
{
	if (child->killed)
		return LEAVE_DEADLINE;
	if (kind->renewal == RENEW_AT_ONCE && child->leave_until != 0)
		return LEAVE_PLANNED;
	if (WIFSIGNALED(status))
		return LEAVE_SIGNAL;
	return WEXITSTATUS(status) == 0 ? LEAVE_PLANNED : LEAVE_EXIT;
}

static void bury(const struct view *view, unsigned slot, int status, int64_t now)
{
	const struct child *child = &view->group->list[slot];
	enum leave_reason reason = judge(view->kind, child, status);
	int64_t next = now + view->kind->pause;

	counter_add(&view->counters->restarts[reason], 1);
	log_leave(view, slot, status, reason, now);
	if (!view->children->stopping && reason != LEAVE_PLANNED &&
	    now - child->started < view->kind->early)
		note_failure(view, now);
	view->group->next_at_post[child->post] = next;
	clear_slot(view, slot);
}

void children_bury(struct children *children, pid_t pid, int status, int64_t now)
{
	for (unsigned number = 0; number < CHILD__MAX; number++) {
		struct view view = view_of(children, number);

		for (unsigned i = 0; i < CHILD_SLOTS; i++) {
			if (view.group->list[i].pid == pid)
				bury(&view, i, status, now);
		}
	}
}

static void kill_child(const struct view *view, struct child *child, const char *event, int64_t age)
{
	log_event(LOG_LEVEL_ERROR, event, LOG_INT(view->kind->name, child->pid),
	    LOG_INT("seconds", age / MICROSECONDS_PER_SECOND));
	child->killed = true;
	(void)kill(child->pid, SIGKILL);
}

/* Kills those whose work or draining has taken too long. */
static void enforce_deadlines(const struct view *view, int64_t now)
{
	for (unsigned i = 0; i < CHILD_SLOTS; i++) {
		struct child *child = &view->group->list[i];
		struct child_context context = context_of(view, i);
		int64_t since;

		if (child->pid == 0 || child->killed)
			continue;
		since = view->kind->overdue != NULL ? view->kind->overdue(&context, now) : 0;
		if (since != 0)
			kill_child(view, child, view->kind->overdue_event, now - since);
		else if (view->kind->stuck_event != NULL && child->leave_until != 0 &&
			 now > child->leave_until)
			kill_child(view, child, view->kind->stuck_event, now - child->started);
	}
}

static void dismiss(const struct view *view, struct child *child, int64_t now)
{
	int64_t drain = child_drain(view->kind, view->children->context.settings);

	child->leave_until = now + (drain > child->drain ? drain : child->drain);
	(void)kill(child->pid, view->kind->renewal == RENEW_AT_ONCE ? SIGKILL : SIGTERM);
}

static void dismiss_all(const struct view *view, int64_t now)
{
	for (unsigned i = 0; i < CHILD_SLOTS; i++) {
		if (view->group->list[i].pid != 0)
			dismiss(view, &view->group->list[i], now);
	}
}

/* How many there shall be. */
static unsigned count_wanted(const struct view *view)
{
	unsigned count = 0;

	for (unsigned post = 0; post < view->kind->posts; post++)
		count += is_wanted(view, post);
	return count;
}

/* Those that hold their posts and serve by now. */
static unsigned count_serving(const struct view *view)
{
	unsigned count = 0;

	for (unsigned i = 0; i < CHILD_SLOTS; i++)
		count += holds_post(view, &view->group->list[i]) && serves(view, i);
	return count;
}

/* Tells those of older generations to leave once all of this one serve, or some do after a while.
 */
static void retire_old(const struct view *view, int64_t now)
{
	unsigned generation = view->children->generation, serving = count_serving(view);
	int64_t newest = 0;

	if (view->kind->renewal != RENEW_BESIDE || serving == 0)
		return;
	for (unsigned i = 0; i < CHILD_SLOTS; i++) {
		const struct child *child = &view->group->list[i];

		if (child->pid != 0 && child->generation == generation && child->started > newest)
			newest = child->started;
	}
	if (serving < count_wanted(view) && now - newest < RENEWAL_WAIT)
		return;
	for (unsigned i = 0; i < CHILD_SLOTS; i++) {
		struct child *child = &view->group->list[i];

		if (child->pid != 0 && child->generation != generation && child->leave_until == 0)
			dismiss(view, child, now);
	}
}

/* What status and metrics say. */
static void tell(const struct view *view)
{
	int64_t running = 0, leaving = 0;

	for (unsigned i = 0; i < CHILD_SLOTS; i++) {
		running += view->group->list[i].pid != 0;
		leaving += view->group->list[i].leave_until != 0;
	}
	atomic_store(&view->counters->running, running);
	atomic_store(&view->counters->leaving, leaving);
	atomic_store(&view->counters->wanted, count_wanted(view));
	atomic_store(
	    &view->counters->drain, child_drain(view->kind, view->children->context.settings));
}

int64_t children_keep(struct children *children, int64_t now)
{
	int64_t soonest = 0;

	for (unsigned number = 0; number < CHILD__MAX; number++) {
		struct view view = view_of(children, number);
		int64_t next = start_missing(&view, now);

		retire_old(&view, now);
		enforce_deadlines(&view, now);
		tell(&view);
		if (next > now && (soonest == 0 || next < soonest))
			soonest = next;
	}
	return soonest;
}

void children_renew(struct children *children, int64_t now)
{
	children->generation++;
	for (unsigned number = 0; number < CHILD__MAX; number++) {
		struct view view = view_of(children, number);

		view.group->failures = 0;
		view.group->next_start = 0;
		if (view.kind->renewal != RENEW_BESIDE)
			dismiss_all(&view, now);
	}
}

void children_stop(struct children *children, int64_t now)
{
	children->stopping = true;
	for (unsigned number = 0; number < CHILD__MAX; number++) {
		struct view view = view_of(children, number);

		dismiss_all(&view, now);
	}
}

void children_signal(const struct children *children, int number)
{
	for (unsigned k = 0; k < CHILD__MAX; k++) {
		for (unsigned i = 0; i < CHILD_SLOTS; i++) {
			const struct child *child = &children->groups[k].list[i];

			if (child->pid != 0 && child_kinds[k].renewal != RENEW_AT_ONCE)
				(void)kill(child->pid, number);
		}
	}
}

unsigned children_alive(const struct children *children)
{
	unsigned count = 0;

	for (unsigned number = 0; number < CHILD__MAX; number++) {
		for (unsigned i = 0; i < CHILD_SLOTS; i++)
			count += children->groups[number].list[i].pid != 0;
	}
	return count;
}

unsigned children_serving(struct children *children)
{
	unsigned count = 0;

	for (unsigned number = 0; number < CHILD__MAX; number++) {
		const struct view view = view_of(children, number);

		count += view.kind->serves != NULL ? count_serving(&view) : 0;
	}
	return count;
}

static bool is_settled(const struct view *view)
{
	unsigned generation = view->children->generation;

	for (unsigned i = 0; i < CHILD_SLOTS; i++) {
		const struct child *child = &view->group->list[i];

		if (child->pid != 0 &&
		    (child->leave_until != 0 ||
			(view->kind->renewal == RENEW_BESIDE && child->generation != generation)))
			return false;
	}
	return view->kind->serves == NULL || count_serving(view) >= count_wanted(view);
}

bool children_settled(struct children *children)
{
	for (unsigned number = 0; number < CHILD__MAX; number++) {
		const struct view view = view_of(children, number);

		if (!is_settled(&view))
			return false;
	}
	return !children->stopping;
}

int64_t children_drain(const struct children *children)
{
	int64_t longest = 0;

	for (unsigned number = 0; number < CHILD__MAX; number++) {
		for (unsigned i = 0; i < CHILD_SLOTS; i++) {
			const struct child *child = &children->groups[number].list[i];

			if (child->pid != 0 && child->drain > longest)
				longest = child->drain;
		}
	}
	return longest;
}
