#include "api/contracts.h"
#include "api/service_state.h"

void report_outcome(const struct operation *operation, uint64_t computed, const struct error *error,
    struct exchange_outcome *outcome)
{
	bool database = error->code == ERROR_UNAVAILABLE || error->code == ERROR_OUTCOME_UNKNOWN;

	*outcome = (struct exchange_outcome){
		.status = operation->response->status,
		.method = request_method_name(operation->request->method),
		.route = operation->route != NULL ? operation->route->path : "-",
		.route_number = operation->route != NULL
				    ? contracts_route_number(operation->contract, operation->route)
				    : 0,
		.family = operation->contract->family.name,
		.request_id = operation->request->id,
		.error_word = error->code == ERROR_NONE ? NULL
			      : error->word != NULL     ? error->word
							: error_code_word(error->code),
		.detail = error->detail,
		.queries = database_count(operation->context.database),
		.unprepared = database_unprepared(operation->context.database),
		.hashes = (unsigned)(password_computed() - computed),
		.timing = database_timing(operation->context.database),
		.database_error = database && (error->cause == ERROR_CAUSE_CODE ||
						  error->cause == ERROR_CAUSE_HISTORY),
		.heavy = gate_is_heavy(operation->context.guard->gate),
		.sent_before = operation->response->sent,
		.broken = operation->response->broken,
	};
}
