#include "record/context.h"

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
	return transaction->work(context, transaction->data, error);
}

static int run_transaction(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data, bool once,
    struct error *error)
{
	struct transaction transaction = { .context = context, .work = work, .data = data };
	int result;

	if (context->in_transaction)
		return work(context, data, error);
	context->in_transaction = true;
	transaction.before = *context;
	transaction.mark = arena_mark(context->arena);
	result = (once ? database_transaction_once : database_transaction)(
	    context->database, run_work, &transaction, error);
	context->in_transaction = false;
	return result;
}

int record_transaction(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error)
{
	return run_transaction(context, work, data, false, error);
}

int record_transaction_once(struct context *context,
    int (*work)(struct context *context, void *data, struct error *error), void *data,
    struct error *error)
{
	return run_transaction(context, work, data, true, error);
}

struct authority record_authority(const struct context *context, int64_t rate_limit)
{
	return context->actor.kind == ACTOR_OPERATOR
		   ? grant_of_user(UINT32_MAX)
		   : grant_of_caller(context->actor.principal, rate_limit);
}

int record_confirm_actor(struct context *context, struct error *error)
{
	if (context->actor.kind == ACTOR_OPERATOR)
		return 0;
	if (context->actor.principal == NULL)
		return error_set_detail(error, ERROR_UNAUTHENTICATED, "nobody knows the caller");
	return grant_confirm_caller(
	    context->database, context->arena, context->actor.principal, error);
}

int record_revoke(struct context *context, struct mark mark, struct error *error)
{
	return revocation_mark(&context->revocations, context->database, mark, error);
}
