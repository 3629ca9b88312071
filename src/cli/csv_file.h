/*
 * CSV files (RFC 4180, quotes, line breaks in quotes), record by record with line numbers.
 */
#ifndef CLIENTELE_CLI_CSV_FILE_H
#define CLIENTELE_CLI_CSV_FILE_H

#include <stdio.h>

#include "base/str.h"

#define CSV_FILE_FIELDS_MAX 512
#define CSV_FILE_RECORD_MAX ((size_t)1024 * 1024)

struct csv_file_record {
	unsigned line;            /* on which it begins, from 1 */
	const struct str *fields; /* valid during the call only */
	unsigned count;
	const char *fault; /* why it cannot be read, a clause; NULL when it can */
};

/*
 * Reads `stream` to its end and hands over each record; blank lines are none. A faulty record is
 * handed over with its fault, and reading goes on with the next line. `take` returns 0 to go on.
 * Returns 0, what `take` returned, or -1 when reading failed or memory ran out.
 */
int csv_file_read(
    FILE *stream, int (*take)(void *context, const struct csv_file_record *record), void *context);

#endif
