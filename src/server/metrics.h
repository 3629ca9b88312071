/*
 * The numbers of the pool in the text format of Prometheus (0.0.4).
 */
#ifndef CLIENTELE_SERVER_METRICS_H
#define CLIENTELE_SERVER_METRICS_H

#include "base/buf.h"

/* Appends all metrics; `shared` is a struct shared. Fits probe.metrics. */
void metrics_print(void *shared, struct buf *out);

#endif
