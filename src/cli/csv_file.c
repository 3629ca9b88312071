#include "cli/csv_file.h"

#include <csv.h>
#include <stdlib.h>

#include "base/buf.h"

/* Strict: a stray quotation mark is a fault, and so is one that is never closed. */
#define OPTIONS (CSV_STRICT | CSV_STRICT_FINI)

struct reader {
	struct csv_parser parser;
	int (*take)(void *context, const struct csv_file_record *record);
	void *context;
	int status;
	unsigned line;   /* being read */
	unsigned start;  /* of the record being read */
	bool open;       /* a record has begun and not ended */
	bool ended;      /* one ended in this line */
	size_t pending;  /* bytes of the open record */
	struct buf text; /* all its fields */
	size_t ends[CSV_FILE_FIELDS_MAX];
	unsigned count;
	bool too_many;
};

static void forget_record(struct reader *reader)
{
	buf_reset(&reader->text, CSV_FILE_RECORD_MAX);
	reader->count = 0;
	reader->too_many = false;
	reader->open = false;
	reader->pending = 0;
}

static void hand_over(struct reader *reader, const char *fault)
{
	struct str fields[CSV_FILE_FIELDS_MAX];
	struct csv_file_record record = { .line = reader->start, .fields = fields, .fault = fault };
	size_t start = 0;

	for (unsigned i = 0; fault == NULL && i < reader->count; i++) {
		fields[i] = (struct str){ reader->text.data + start, reader->ends[i] - start };
		start = reader->ends[i];
	}
	record.count = fault == NULL ? reader->count : 0;
	if (reader->status == 0 && reader->text.failed)
		reader->status = -1;
	if (reader->status == 0)
		reader->status = reader->take(reader->context, &record);
	forget_record(reader);
}

static void on_field(void *data, size_t length, void *context)
{
	struct reader *reader = context;

	if (reader->count == CSV_FILE_FIELDS_MAX) {
		reader->too_many = true;
		return;
	}
	buf_append(&reader->text, data != NULL ? data : "", length);
	reader->ends[reader->count++] = reader->text.length;
}

static void on_record(int end, void *context)
{
	struct reader *reader = context;

	(void)end;
	reader->ended = true;
	hand_over(reader, reader->too_many ? "the line has more than 512 fields" : NULL);
}

static bool begin_parser(struct reader *reader)
{
	return csv_init(&reader->parser, OPTIONS) == 0;
}

/* Drops what has been read of a record, and its parser's state with it. */
static void refuse_record(struct reader *reader, const char *fault)
{
	hand_over(reader, fault);
	csv_free(&reader->parser);
	if (!begin_parser(reader) && reader->status == 0)
		reader->status = -1;
}

static bool is_blank(const char *text, size_t length)
{
	return str_trim((struct str){ text, length }).length == 0;
}

static void take_line(struct reader *reader, const char *text, size_t length)
{
	bool begins = !reader->open;

	reader->line++;
	if (begins)
		reader->start = reader->line;
	reader->ended = false;
	reader->pending += length;
	if (csv_parse(&reader->parser, text, length, on_field, on_record, reader) != length) {
		if (csv_error(&reader->parser) == CSV_EPARSE)
			refuse_record(reader, "unexpected quotation mark");
		else
			reader->status = -1;
		return;
	}
	reader->open = !reader->ended && !(begins && is_blank(text, length));
	if (!reader->open)
		reader->pending = 0;
	else if (reader->pending > CSV_FILE_RECORD_MAX)
		refuse_record(reader,
		    "the line is longer than 1 MiB; a closing quotation mark may be missing");
}

static void finish(struct reader *reader)
{
	if (csv_fini(&reader->parser, on_field, on_record, reader) == 0)
		return;
	if (csv_error(&reader->parser) == CSV_EPARSE)
		hand_over(reader, "a closing quotation mark is missing");
	else
		reader->status = -1;
}

int csv_file_read(
    FILE *stream, int (*take)(void *context, const struct csv_file_record *record), void *context)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	int status;

	if (reader == NULL)
		return -1;
	reader->take = take;
	reader->context = context;
	if (!buf_reserve(&reader->text, 4096) || !begin_parser(reader)) {
		buf_free(&reader->text);
		free(reader);
		return -1;
	}
	while (reader->status == 0 && (length = getline(&line, &capacity, stream)) > 0) {
		/* Spreadsheets put a byte order mark before UTF-8. */
		size_t skip =
		    reader->line == 0 && length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0 ? 3
											     : 0;

		take_line(reader, line + skip, (size_t)length - skip);
	}
	if (reader->status == 0 && ferror(stream))
		reader->status = -1;
	if (reader->status == 0)
		finish(reader);
	status = reader->status;
	csv_free(&reader->parser);
	buf_free(&reader->text);
	free(reader);
	free(line);
	return status;
}
