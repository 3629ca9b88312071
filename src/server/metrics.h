/*
 * The numbers of the pool in the text format of Prometheus (0.0.4).
 */
#ifndef CLIENTELE_SERVER_METRICS_H
#define CLIENTELE_SERVER_METRICS_H

#include "op/probe.h"

/* Appends all metrics; `shared` is a struct shared. Fits probe.metrics. */
void metrics_print(void *shared, struct buf *out);

/* The state of the pool in short; `shared` as above. Fits probe.pool. */
void metrics_pool(void *shared, struct probe_pool *pool);

#endif
