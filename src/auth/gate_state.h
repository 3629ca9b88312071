/*
 * The inside of the gate, for the sources that make it up.
 */
#ifndef CLIENTELE_AUTH_GATE_STATE_H
#define CLIENTELE_AUTH_GATE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/gate.h"
#include "auth/place.h"
#include "base/shared_file.h"

#define GATE_PLACES 1024 /* as the pool has slots */
#define GATE_MARKS 256   /* power of two */

/* A caller whose lists take long. */
struct gate_mark {
	uint64_t caller;
	int64_t until;
};

struct gate_memory {
	struct shared_file_header header;
	pthread_mutex_t mutex; /* of all but the counters */
	uint64_t last_ticket;
	unsigned highest; /* places beyond it have never been used */
	struct gate_mark marks[GATE_MARKS];
	struct place places[GATE_PLACES];
	_Atomic uint64_t waits[GATE__MAX], waited[GATE__MAX], refusals[GATE__MAX];
	_Atomic uint64_t events[GATE_EVENT__MAX];
	_Atomic uint64_t sign_ins[GATE_SIGN_IN_WAY__MAX][GATE_SIGN_IN_RESULT__MAX];
};

struct gate {
	struct gate_memory *memory;
	struct gate_limits limits;
	struct place *place; /* of this process; NULL = nothing is limited */
	bool heavy;          /* the request in hand */
	uint64_t caller, address;
};

/* What is scarce. */
struct gate_kind_info {
	const char *name;
	const char *plural;
	bool shared_out; /* a caller's share bounds what waits, too */
};

extern const struct gate_kind_info gate_kinds[GATE__MAX];

#endif
