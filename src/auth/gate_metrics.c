/*
 * What the gate has done, for the metrics.
 */
#include <inttypes.h>

#include "auth/gate_state.h"

static const char *const event_names[GATE_EVENT__MAX] = {
	[GATE_EVENT_THROTTLED] = "throttle",
	[GATE_EVENT_RATE] = "rate",
	[GATE_EVENT_NONCES_FULL] = "nonces",
	[GATE_EVENT_REPEATED] = "idempotency",
	[GATE_EVENT_MEMORY] = "memory",
	[GATE_EVENT_KEY_FILE] = "key_file",
	[GATE_EVENT_LIST_TIMEOUT] = "list_timeout",
	[GATE_EVENT_HEAVY] = "heavy",
};

static void print_head(struct buf *out, const char *name, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void gate_print_metrics(const struct gate *gate, struct buf *out)
{
	const struct gate_memory *memory = gate->memory;

	print_head(out, "clientele_gate_waits_total",
	    "Requests that had to wait for a limited resource, by resource.");
	for (unsigned i = 0; i < GATE__MAX; i++)
		buf_printf(out, "clientele_gate_waits_total{gate=\"%s\"} %" PRIu64 "\n",
		    gate_kinds[i].name, read_counter(&memory->waits[i]));
	print_head(out, "clientele_gate_wait_seconds_total",
	    "Total time that requests waited for a limited resource, by resource.");
	for (unsigned i = 0; i < GATE__MAX; i++)
		buf_printf(out, "clientele_gate_wait_seconds_total{gate=\"%s\"} %.6f\n",
		    gate_kinds[i].name, (double)read_counter(&memory->waited[i]) / 1e6);
	print_head(out, "clientele_refusals_total",
	    "Requests refused with 429 or 503 because a limited resource was exhausted, by "
	    "resource.");
	for (unsigned i = 0; i < GATE__MAX; i++)
		buf_printf(out, "clientele_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
		    gate_kinds[i].name, read_counter(&memory->refusals[i]));
	for (unsigned i = 0; i < GATE_EVENT__MAX; i++)
		buf_printf(out, "clientele_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
		    event_names[i], read_counter(&memory->events[i]));
}
