/*
 * Numbers of all licenses and tokens: exact, unless the tables are large (option list_heavy_rows).
 * Then they are kept for a while, and one of those who ask counts them anew.
 */
#ifndef CLIENTELE_API_LICENSING_KEPT_H
#define CLIENTELE_API_LICENSING_KEPT_H

#include "op/operation.h"

/* `data` is the caller's of kept_fill(): what the numbers are put into. */
struct kept_kind {
	int number; /* of its row in license_tally, which says when they were counted */
	/* Microseconds: older ones are in no answer, and somebody counts anew well before. */
	int64_t age_good, age_most;
	const char *columns; /* of that row; NULL = none are of use */
	unsigned column_count;
	/* Counts them. */
	int (*count)(struct context *context, void *data, struct error *error);
	/* Takes those that are kept; `columns` are those of the row. */
	int (*take)(
	    struct context *context, const struct bind *columns, void *data, struct error *error);
	/* Keeps what was counted at that moment; in a transaction that has locked the row. */
	int (*keep)(struct context *context, const void *data, int64_t now, struct error *error);
};

/* Errors as database_select(); ERROR_BUSY where too many count already. */
int kept_fill(struct context *context, const struct kept_kind *kind, void *data,
    struct error *error) MUST_CHECK;

/* Seats that are taken now: tokens that have not expired. */
struct seat_counts {
	int64_t all, activation, floating;
};

/* Those that GET /v1/info tells (info.c). Errors as kept_fill(). */
int info_count(struct context *context, struct seat_counts *counts, struct error *error) MUST_CHECK;

/*
 * The same, and notes the most of each day (statistics_seats.c). A database that stores nothing now
 * notes nothing, which is no error.
 */
int seats_keep(struct context *context, struct seat_counts *counts, struct error *error) MUST_CHECK;

#endif
