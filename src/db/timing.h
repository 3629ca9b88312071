/*
 * Where the time of a request goes in the database: all of it, and the slowest statements by their
 * fingerprint, for the log of slow requests.
 */
#ifndef CLIENTELE_DB_TIMING_H
#define CLIENTELE_DB_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMING_KEPT 8
#define TIMING_SLOWEST 3
#define TIMING_SQL 4096
#define TIMING_TEXT 1024

/* A statement as it was run; nobody reads most of them, so fingerprints are made at the end. */
struct timing_run {
	char sql[TIMING_SQL]; /* cut where it is longer */
	size_t length;
	int64_t microseconds; /* of all runs */
	int64_t runs;
};

struct timing {
	int64_t microseconds; /* of all statements */
	unsigned count;
	struct timing_run kept[TIMING_KEPT];
};

struct timing_statement {
	char sql[TIMING_TEXT]; /* its fingerprint */
	int64_t microseconds;  /* of all runs */
	int64_t runs;
};

/* Forgets everything. */
void timing_reset(struct timing *timing);

/* Adds one run. Those are kept that are slowest, which is sure for those that stay among them from
 * their first run on. */
void timing_add(struct timing *timing, const char *sql, int64_t microseconds);

/* The slowest by their fingerprints, the slowest first. Returns how many there are. */
unsigned timing_slowest(
    const struct timing *timing, struct timing_statement slowest[TIMING_SLOWEST]);

/*
 * Writes the fingerprint of a statement into `out` (`size` bytes, terminated, cut where it is
 * longer): values are bound and so not in it, and lists of any length look alike.
 */
void timing_fingerprint(const char *sql, char *out, size_t size);

#endif
