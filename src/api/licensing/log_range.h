/*
 * The time that a request about the log is for.
 */
#ifndef CLIENTELE_API_LICENSING_LOG_RANGE_H
#define CLIENTELE_API_LICENSING_LOG_RANGE_H

#include "op/operation.h"

/* Range of time that a request names; an absent end is open. */
struct log_range {
	int64_t start, end;
	bool has_start, has_end;
};

/* Reads the parameters startDate and endDate. 0, or -1 with a fault. */
int log_range_read(
    struct operation *operation, struct log_range *range, struct error *error) MUST_CHECK;

/* Adds the condition that entries are of that time. */
void log_range_where(struct sql *sql, const struct log_range *range);

#endif
