/*
 * Lines of an import as rows: the header's names are members, the cells are their values by the
 * rules of the resource, faults are those of cells.
 */
#ifndef CLIENTELE_CLI_IMPORT_LINE_H
#define CLIENTELE_CLI_IMPORT_LINE_H

#include "cli/csv_file.h"
#include "cli/import.h"

/* What the header line says: which field of a line is what. */
struct import_header {
	const struct import_kind *kind;
	unsigned count;
	int members[CSV_FILE_FIELDS_MAX];      /* of the resource, or -1: one of the others */
	struct str names[CSV_FILE_FIELDS_MAX]; /* as written, in the arena */
	uint64_t present;                      /* mask of those members */
	bool others;                           /* there is at least one such column */
};

/* Why a line is refused, one column at a time. */
struct import_fault {
	const char *column; /* "" for the whole line */
	const char *reason; /* a clause */
	struct import_fault *next;
};

struct import_line {
	unsigned line;   /* number in the file */
	struct str key;  /* text of the key's value, which tells rows apart */
	struct row *row; /* with its key; NULL where the line cannot be read */
	struct import_fault *faults, *last_fault;
	bool refused;    /* for good, by its faults */
	bool superseded; /* it waits, and a later line is of the same row */
	/* Of the latest attempt to store it: */
	bool added; /* new, not changed */
	bool taken; /* a text is another row's, as far as the file was read */
};

/* Reads the header line. NULL when it is right, else the reason why not (in the arena). */
const char *import_read_header(struct arena *arena, const struct import_kind *kind,
    const struct csv_file_record *record, struct import_header *header);

/* Reads a line; everything is copied into the arena. All its faults are collected. */
void import_read_line(struct arena *arena, const struct import_header *header,
    const struct csv_file_record *record, struct import_line *line);

/* Notes what an error says of the line's row, in the words of the header. */
void import_add_error(struct arena *arena, const struct import_header *header,
    struct import_line *line, const struct error *error);

#endif
