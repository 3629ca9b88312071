/*
 * Numbers that the operational endpoints print; the server fills them from its shared memory.
 */
#ifndef CLIENTELE_OP_PROBE_H
#define CLIENTELE_OP_PROBE_H

#include "base/buf.h"

/* The state of the pool. */
struct probe_pool {
	int64_t workers, workers_wanted;
	int64_t busy;               /* workers with a request in hand */
	int64_t requests, failures; /* since the start; failures: 5xx */
	int64_t refused;            /* connections closed without a complete request */
	int64_t database_errors;
	int64_t started; /* moment */
};

struct probe {
	/* Appends the body of /metrics in Prometheus text format. */
	void (*metrics)(void *context, struct buf *out);
	void (*pool)(void *context, struct probe_pool *pool);
	void *context;
};

#endif
