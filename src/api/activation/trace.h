/*
 * Traces: what programs did with a license whose use is recorded. They are written off the
 * request's path (record/later.h).
 */
#ifndef CLIENTELE_API_ACTIVATION_TRACE_H
#define CLIENTELE_API_ACTIVATION_TRACE_H

#include "api/activation/call.h"
#include "api/activation/reason.h"

/* Leaves a trace of a call and how it ended. 0, or -1 when memory runs out. */
int trace_call(struct context *context, const struct call *call, enum reason reason,
    struct error *error) MUST_CHECK;

#endif
