/*
 * A person of the delegates family as a line of a CSV file gives it: columns, rules, faults.
 */
#ifndef CLIENTELE_CLI_PERSON_H
#define CLIENTELE_CLI_PERSON_H

#include "cli/csv_file.h"
#include "db/database.h"

enum person_column {
	PERSON_ID,
	PERSON_CODE,
	PERSON_FIRST_NAME,
	PERSON_LAST_NAME,
	PERSON_BIRTH_DATE,
	PERSON_PHONE_NUMBER,
	PERSON__MAX
};

/* Column of the table delegate_client, and the name for the CSV header. */
const char *person_sql_name(enum person_column column);
const char *person_csv_name(enum person_column column);

/* What the header line says: which field of a line is what. */
struct person_header {
	unsigned count;
	int columns[CSV_FILE_FIELDS_MAX];      /* enum person_column, or -1: user-defined */
	struct str names[CSV_FILE_FIELDS_MAX]; /* as written, in the arena */
	bool present[PERSON__MAX];
	bool user_defined; /* there is at least one such column */
};

/* Why a line is refused, one column at a time. */
struct person_fault {
	const char *column; /* "" for the whole line */
	const char *reason; /* a clause */
	struct person_fault *next;
};

struct person {
	unsigned line;
	struct bind values[PERSON__MAX];
	struct str user_defined; /* JSON object, null where the file has nothing */
	struct person_fault *faults, *last_fault;
	bool added;       /* filled by the import: new, not changed */
	bool added_fault; /* the fault was found while storing */
	bool code_taken;  /* another person has the code, as far as the file was read */
	bool superseded;  /* it waited for its code, and a later line is of the same person */
};

/* Reads the header line. NULL when it is right, else the reason why not (in the arena). */
const char *person_read_header(
    struct arena *arena, const struct csv_file_record *record, struct person_header *header);

/* Reads a line; everything is copied into the arena. All its faults are collected. */
void person_read(struct arena *arena, const struct person_header *header,
    const struct csv_file_record *record, struct person *person);

void person_add_fault(
    struct arena *arena, struct person *person, const char *column, const char *reason);

#endif
