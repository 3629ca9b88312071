/*
 * What all calls of programs begin and end with.
 */
#ifndef CLIENTELE_API_ACTIVATION_PROGRAM_H
#define CLIENTELE_API_ACTIVATION_PROGRAM_H

#include "api/activation/call.h"
#include "api/activation/reason.h"
#include "auth/attempt.h"

/* A call under way. */
struct program {
	struct call call;
	const struct row *body; /* as it came; NULL = the route has none */
	struct attempt attempt;
	enum reason reason;
};

/*
 * Reads and checks the request. Errors as operation_read_row(); ERROR_TOO_MANY where too many keys
 * were guessed.
 */
int program_begin(struct operation *operation, struct program *program, enum call_kind kind,
    struct error *error) MUST_CHECK;

/*
 * The same of a request that comes otherwise than as the body: a row of
 * activation_request_resource, which gets the key of the header where it has none.
 */
int program_begin_with(struct operation *operation, struct program *program, enum call_kind kind,
    struct row *request, struct error *error) MUST_CHECK;

/*
 * Finds the license, and the seat where there is one, and judges the call: program.reason. A
 * license that is not there is an error, and a guess of its key.
 */
int program_find_license(
    struct operation *operation, struct program *program, struct error *error) MUST_CHECK;

/*
 * Refuses the call for program.reason, which is no error of its own. What a refusal changes (a
 * trace, a state, an event) is stored. Returns -1.
 */
int program_refuse(
    struct operation *operation, struct program *program, struct error *error) MUST_CHECK;

/*
 * Does all of that around `work`, which is done in a transaction where nothing speaks against the
 * call, has the program as its data, and leaves the reason in it where it refuses after all.
 */
int program_run(struct operation *operation, struct program *program,
    int (*work)(struct operation *operation, void *data, struct error *error),
    struct error *error) MUST_CHECK;

/*
 * Takes a seat for a call that was found to be valid, with the terms that begin by the first one.
 * *call becomes a copy of it with seat and license as they are then, since the transaction may run
 * again. -1 with *reason for a refusal. Must run in a transaction. Errors as record_insert().
 */
int program_take(struct context *context, const struct call *found, struct call *call,
    enum reason *reason, struct error *error) MUST_CHECK;

#endif
