/*
 * Numbers that the operational endpoints print; the server fills them from its shared memory.
 */
#ifndef CLIENTELE_OP_PROBE_H
#define CLIENTELE_OP_PROBE_H

#include "base/buf.h"

struct probe {
	/* Appends the body of /metrics in Prometheus text format. */
	void (*metrics)(void *context, struct buf *out);
	void *context;
};

#endif
