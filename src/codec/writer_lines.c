/*
 * JSON Lines: each row of the list as an object on a line of its own. A line without its end is one
 * that broke off.
 */
#include "codec/writer_scope.h"

static void begin_rows(struct writer *writer, const struct row *columns)
{
	(void)columns;
	writer_scope_push(writer, (struct writer_scope){ .is_array = true, .separator = "\n" });
}

static void end_rows(struct writer *writer)
{
	if (!writer_scope(writer)->is_empty)
		buf_append_char(writer->out, '\n');
	writer->depth--;
}

const struct writer_format writer_format_json_lines = {
	.name = "jsonl",
	.letter = 'l',
	.rows_only = true,
	WRITER_JSON_FUNCTIONS,
	.begin_rows = begin_rows,
	.end_rows = end_rows,
};
