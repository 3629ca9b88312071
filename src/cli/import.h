/*
 * Imports: a CSV file whose lines become rows of a resource, new ones or changed ones.
 */
#ifndef CLIENTELE_CLI_IMPORT_H
#define CLIENTELE_CLI_IMPORT_H

#include "cli/records.h"

/*
 * One import. The first line of its file names members of the resource as JSON does, in any case
 * and order: those that callers may send, and the one that names the row. What the file does not
 * name keeps its value, or has its default in a new row; an empty cell is null.
 */
struct import_kind {
	const struct record *record;
	const char *key; /* member that names the row; every file has its column */
	/*
	 * Member, a map of texts, that takes the columns of other names, and how long these and
	 * their texts may be. NULL = there are no others.
	 */
	const char *others;
	size_t others_name_most, others_text_most;
};

/*
 * Runs the import of the file that the first operand names, with --dry-run and --json. A line that
 * is refused is reported with line, column and reason, and keeps no other one out. Texts that only
 * one row may have may go round among the rows of a file.
 */
enum command_status import_run(struct session *session, const struct import_kind *kind);

#endif
