#include "cli/queue_view.h"

#include "cli/records.h"

#define LIST_FALLBACK 100

static const char *word(const struct queue_view *view, enum queue_state state)
{
	return view->words != NULL ? view->words[state] : queue_state_name(state);
}

/* Reads the flag that names a state. False after saying which there are. */
static bool take_state(
    struct session *session, const struct queue_view *view, enum queue_state *state)
{
	const char *given = session_flag(session, view->state_flag);

	*state = QUEUE_DEAD;
	if (given == NULL)
		return true;
	for (unsigned i = 0; i < QUEUE_STATE__MAX; i++) {
		*state = (enum queue_state)i;
		if (strcmp(given, word(view, *state)) == 0)
			return true;
	}
	(void)session_fail(session, "--%s must be %s, %s or %s.", view->state_flag,
	    word(view, QUEUE_DEAD), word(view, QUEUE_WAITING), word(view, QUEUE_DONE));
	return false;
}

/* The kinds that the command is about. */
struct chosen {
	const struct queue_kind *kinds;
	unsigned count;
};

static bool choose(struct session *session, const struct queue_view *view, struct chosen *chosen)
{
	const char *given = session_flag(session, "kind");

	*chosen = (struct chosen){ queue_kinds, QUEUE_KIND__MAX };
	if (view->kind != NULL)
		*chosen = (struct chosen){ view->kind, 1 };
	if (view->kind != NULL || given == NULL)
		return true;
	for (unsigned i = 0; i < QUEUE_KIND__MAX; i++) {
		*chosen = (struct chosen){ &queue_kinds[i], 1 };
		if (strcmp(given, queue_kinds[i].name) == 0)
			return true;
	}
	(void)session_fail(session, "The queue has no kind \"%s\".", given);
	return false;
}

/* Puts the columns where the view has them, the state in its words. */
static struct bind *arrange(struct session *session, const struct queue_view *view,
    const struct bind *item, enum queue_state state)
{
	struct bind *row = arena_alloc_array(session->arena, view->column_count, sizeof(*row));

	for (unsigned i = 0; row != NULL && i < view->column_count; i++)
		row[i] = view->sources[i] == QUEUE_COLUMN_STATE
			     ? BIND_STR(str_from(word(view, state)))
			     : item[view->sources[i]];
	return row;
}

/* Appends the items of one kind to the rows. Returns 0, or -1 with session->error set. */
static int append_kind(struct session *session, const struct queue_view *view,
    const struct queue_kind *kind, enum queue_state state, int64_t most, struct result *all)
{
	struct result found;
	struct bind **rows;

	if (queue_list(
		session->database, session->arena, kind, state, most, &found, &session->error) != 0)
		return -1;
	rows =
	    arena_alloc_array(session->arena, all->count + found.count + 1, sizeof(struct bind *));
	if (rows == NULL)
		return error_out_of_memory(&session->error);
	for (unsigned i = 0; i < all->count; i++)
		rows[i] = all->rows[i];
	for (unsigned i = 0; i < found.count; i++) {
		rows[all->count + i] = arrange(session, view, found.rows[i], state);
		if (rows[all->count + i] == NULL)
			return error_out_of_memory(&session->error);
	}
	*all = (struct result){ .rows = rows, .count = all->count + found.count };
	return 0;
}

enum command_status queue_view_list(struct session *session, const struct queue_view *view)
{
	struct result all = { 0 };
	struct chosen chosen;
	enum queue_state state;
	int64_t most;

	if (!take_state(session, view, &state) || !choose(session, view, &chosen) ||
	    !session_take_number(session, "limit", 1, LIST_FALLBACK, &most))
		return COMMAND_FAILED;
	for (unsigned i = 0; i < chosen.count && most > all.count; i++) {
		if (append_kind(session, view, &chosen.kinds[i], state, most - all.count, &all) !=
		    0)
			return session_error(session);
	}
	return print_rows(session, view->columns, view->column_count, &all);
}

const struct queue_change queue_change_replay = { queue_replay, AUDIT_UPDATE,
	"will be tried again" };
const struct queue_change queue_change_discard = { queue_discard, AUDIT_DELETE, "deleted" };

/* One portion in its transaction. */
struct portion {
	const struct queue_change *change;
	const struct queue_kind *kind;
	const int64_t *id; /* NULL = the first ones */
	int64_t count;
};

static int change_portion(struct context *context, void *data, struct error *error)
{
	struct portion *portion = data;
	struct arena *arena = context->arena;

	if (portion->change->change(
		context->database, portion->kind, portion->id, &portion->count, error) != 0)
		return -1;
	if (portion->count == 0)
		return 0;
	return audit_record_event(context,
	    &(const struct audit_event){ .action = portion->change->action,
		.what = arena_printf(arena, "dead letter of %s", portion->kind->name),
		.key = portion->id != NULL
			   ? str_from(arena_printf(arena, "%lld", (long long)*portion->id))
			   : STR(""),
		.count = portion->count },
	    error);
}

/* All of them, or the one with that number, of whichever kind it is. */
static int change_kinds(struct session *session, const struct chosen *chosen,
    const struct queue_change *change, const int64_t *id, int64_t *count)
{
	for (unsigned i = 0; i < chosen->count; i++) {
		struct portion portion = { change, &chosen->kinds[i], id, 0 };

		do {
			if (records_transaction(session, change_portion, &portion) != 0)
				return -1;
			*count += portion.count;
		} while (portion.count == QUEUE_PORTION);
	}
	return 0;
}

static enum command_status change_one(struct session *session, const struct queue_view *view,
    const struct chosen *chosen, const struct queue_change *change, const char *operand,
    int64_t *count)
{
	int64_t before = *count, id;

	if (!str_to_int64(str_from(operand), &id))
		return session_fail(
		    session, "\"%s\" is not the number of %s.", operand, view->an_item);
	if (change_kinds(session, chosen, change, &id, count) != 0)
		return session_error(session);
	return *count > before ? COMMAND_OK
			       : session_fail(session, "No %s with the number %s has failed.",
				     view->item, operand);
}

enum command_status queue_view_change(
    struct session *session, const struct queue_view *view, const struct queue_change *change)
{
	bool all = session_flag(session, "all") != NULL;
	struct chosen chosen;
	int64_t count = 0;

	if (all == (session->operand_count > 0))
		return session_fail(session, "Give the numbers of the %s, or --all.", view->items);
	if (!choose(session, view, &chosen))
		return COMMAND_FAILED;
	if (all && change_kinds(session, &chosen, change, NULL, &count) != 0)
		return session_error(session);
	for (unsigned i = 0; i < session->operand_count; i++) {
		if (change_one(session, view, &chosen, change, session->operands[i], &count) !=
		    COMMAND_OK)
			return COMMAND_FAILED;
	}
	session_note(session, "%lld %s %s.", (long long)count,
	    count == 1 ? view->item : view->items, change->said);
	return COMMAND_OK;
}
