#include "record/audit.h"
#include "record/key_ring.h"
#include "record/row_count.h"
#include "record/subscription.h"

struct transaction {
	struct context *context;
	int (*work)(struct context *context, void *data, struct error *error);
	void *data;
	struct context before; /* as it was when the transaction began */
	struct arena_mark mark;
};

static int run_work(void *data, struct error *error)
{
	struct transaction *transaction = data;
	struct context *context = transaction->context;
	const struct revocations revocations = context->revocations;

	*context = transaction->before;
	arena_go_back(context->arena, &transaction->mark);
	/* An attempt whose end is unknown may have been carried out. */
	context->revocations = revocations;
	revocation_begin(&context->revocations);
	revocation_hold(&context->revocations);
	if (transaction->work(context, transaction->data, error) != 0 ||
	    audit_write(context, error) != 0 ||
	    revocation_write(&context->revocations, context->database, error) != 0)
		return -1;
	return row_count_write(context, error);
}

static int run_transaction(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    int (*run)(struct database *database, int (*work)(void *data, struct error *error), void *data,
	struct error *error),
    struct error *error)
{
	struct transaction transaction = { .context = context, .work = work, .data = data };
	int result;

	if (context->in_transaction)
		return work(context, data, error);
	if (context->subscriptions != NULL && subscriptions_refresh(context->subscriptions,
						  context->database, context->arena, error) != 0)
		return -1;
	if (context->key_ring != NULL &&
	    key_ring_refresh(context->key_ring, context->database, context->arena, error) != 0)
		return -1;
	context->in_transaction = true;
	transaction.before = *context;
	transaction.mark = arena_mark(context->arena);
	result = run(context->database, run_work, &transaction, error);
	context->in_transaction = context->confirmed = false;
	context->counts.count = 0;
	context->held = (struct audit_held){ 0 };
	return result;
}

int record_transaction(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error)
{
	return run_transaction(context, work, data, database_transaction, error);
}

int record_transaction_once(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error)
{
	return run_transaction(context, work, data, database_transaction_once, error);
}

/* Work that is undone. */
struct trial {
	int (*work)(struct context *context, void *data, struct error *error);
	void *data;
	bool finished;
};

static int run_trial(struct context *context, void *data, struct error *error)
{
	struct trial *trial = data;

	trial->finished = false;
	if (trial->work(context, trial->data, error) != 0)
		return -1;
	trial->finished = true;
	/* Any error rolls back. */
	return error_set(error, ERROR_STALE, "A trial stores nothing.");
}

int record_trial(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error)
{
	const struct revocations revocations = context->revocations;
	struct trial trial = { .work = work, .data = data };

	if (context->in_transaction)
		return error_set_detail(
		    error, ERROR_INTERNAL, "a trial within another transaction");
	if (record_transaction(context, run_trial, &trial, error) == 0 || !trial.finished ||
	    error->code != ERROR_STALE)
		return -1;
	error_clear(error);
	context->revocations = revocations;
	return 0;
}

int record_snapshot(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error)
{
	return run_transaction(context, work, data, database_snapshot, error);
}

/* An attempt's work, as the database calls it. */
struct attempt {
	struct context *context;
	int (*work)(struct context *context, void *data, struct error *error);
	void *data;
};

static int run_attempt(void *data, struct error *error)
{
	const struct attempt *attempt = data;

	return attempt->work(attempt->context, attempt->data, error);
}

int record_attempt(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error)
{
	struct attempt attempt = { .context = context, .work = work, .data = data };
	const struct context before = *context;
	const struct arena_mark mark = arena_mark(context->arena);

	if (database_attempt(context->database, run_attempt, &attempt, error) == 0)
		return 0;
	/* What was revoked in a transaction that is gone may be all the same: see run_work(). */
	if (!database_transaction_stands(context->database))
		return -1;
	*context = before;
	error_outlive(context->arena, &mark, &error, 1);
	return -1;
}

bool record_may_go_on(const struct context *context, const struct error *error)
{
	return database_transaction_stands(context->database) && error_is_refusal(error->code);
}

const char *actor_sort(const struct actor *actor)
{
	switch (actor->kind) {
	case ACTOR_OPERATOR:
		return "command";
	case ACTOR_PROCESS:
		return "process";
	case ACTOR_CALLER:
		break;
	}
	if (actor->principal != NULL && actor->principal->hosting[0] != '\0')
		return "account";
	if (actor->principal != NULL || !uuid_is_zero(&actor->user))
		return "user";
	return uuid_is_zero(&actor->client) ? "anonymous" : "client";
}

struct authority record_authority(const struct context *context, int64_t rate_limit)
{
	return context->actor.kind != ACTOR_CALLER
		   ? grant_of_user(UINT32_MAX)
		   : grant_of_caller(context->actor.principal, rate_limit);
}

int record_confirm_actor(struct context *context, struct error *error)
{
	if (context->actor.kind != ACTOR_CALLER || context->confirmed)
		return 0;
	if (context->actor.principal == NULL)
		return error_set_detail(error, ERROR_UNAUTHENTICATED, "nobody knows the caller");
	if (grant_confirm_caller(
		context->database, context->arena, context->actor.principal, error) != 0)
		return -1;
	context->confirmed = context->in_transaction;
	return 0;
}

int record_revoke(struct context *context, struct mark mark, struct error *error)
{
	return revocation_mark(&context->revocations, context->database, mark, error);
}
