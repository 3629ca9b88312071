/*
 * Counters in memory that processes share. Each is a number of its own: nobody concludes from one
 * what another has.
 */
#ifndef CLIENTELE_BASE_COUNTER_H
#define CLIENTELE_BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

static inline void counter_add(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

#endif
