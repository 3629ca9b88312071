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

static const char *const way_names[GATE_SIGN_IN_WAY__MAX] = {
	[GATE_SIGN_IN_PASSWORD] = "password",
	[GATE_SIGN_IN_LINK] = "link",
	[GATE_SIGN_IN_KEY] = "api_key",
};

static const char *const result_names[GATE_SIGN_IN_RESULT__MAX] = {
	[GATE_SIGN_IN_OPENED] = "opened",
	[GATE_SIGN_IN_WRONG] = "wrong",
	[GATE_SIGN_IN_CODE] = "code",
	[GATE_SIGN_IN_THROTTLED] = "throttled",
	[GATE_SIGN_IN_FAILED] = "failed",
};

static void print_head(struct buf *out, const char *name, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void print_sign_ins(const struct gate_memory *memory, struct buf *out)
{
	print_head(out, "clientele_sign_ins_total",
	    "Sign-ins with a browser, by what was shown and what became of them.");
	for (unsigned w = 0; w < GATE_SIGN_IN_WAY__MAX; w++) {
		for (unsigned r = 0; r < GATE_SIGN_IN_RESULT__MAX; r++)
			buf_printf(out,
			    "clientele_sign_ins_total{way=\"%s\",result=\"%s\"} %" PRIu64 "\n",
			    way_names[w], result_names[r], read_counter(&memory->sign_ins[w][r]));
	}
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
	print_sign_ins(memory, out);
}
