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

#define TOO_LONG "the line is longer than 1 MiB"

static void take_line(struct reader *reader, struct str line)
{
	bool begins = !reader->open;

	reader->line++;
	if (begins)
		reader->start = reader->line;
	reader->ended = false;
	reader->pending += line.length;
	if (line.length > CSV_FILE_RECORD_MAX) {
		refuse_record(reader, TOO_LONG);
		return;
	}
	if (csv_parse(&reader->parser, line.data, line.length, on_field, on_record, reader) !=
	    line.length) {
		if (csv_error(&reader->parser) == CSV_EPARSE)
			refuse_record(reader, "unexpected quotation mark");
		else
			reader->status = -1;
		return;
	}
	reader->open = !reader->ended && !(begins && str_trim(line).length == 0);
	if (!reader->open)
		reader->pending = 0;
	else if (reader->pending > CSV_FILE_RECORD_MAX)
		refuse_record(reader, TOO_LONG "; a closing quotation mark may be missing");
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

/* One line with its end. Of one that is longer than a record may be, only so much is kept. */
static bool read_line(FILE *stream, struct buf *line)
{
	int byte;

	buf_reset(line, CSV_FILE_RECORD_MAX);
	while ((byte = getc_unlocked(stream)) != EOF) {
		if (line->length <= CSV_FILE_RECORD_MAX)
			buf_append_char(line, (char)byte);
		if (byte == '\n')
			break;
	}
	return line->length > 0 && !line->failed;
}

int csv_file_read(
    FILE *stream, int (*take)(void *context, const struct csv_file_record *record), void *context)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	struct buf line = { 0 };
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
	while (reader->status == 0 && read_line(stream, &line)) {
		struct str text = buf_str(&line);

		/* Spreadsheets put a byte order mark before UTF-8. */
		if (reader->line == 0 && str_starts_with(text, STR("\xef\xbb\xbf")))
			text = str_slice(text, 3, text.length);
		take_line(reader, text);
	}
	if (reader->status == 0 && (ferror(stream) || line.failed))
		reader->status = -1;
	if (reader->status == 0)
		finish(reader);
	status = reader->status;
	csv_free(&reader->parser);
	buf_free(&reader->text);
	free(reader);
	buf_free(&line);
	return status;
}
