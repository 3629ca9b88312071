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

#endif
