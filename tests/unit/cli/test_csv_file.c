#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cli/csv_file.h"
#include "schema/resource.h"

/* Writes records as text: "1:a|b;" and "3!reason;". */
static int describe_record(void *context, const struct csv_file_record *record)
{
	struct buf *out = context;

	buf_printf(out, "%u", record->line);
	if (record->fault != NULL)
		buf_printf(out, "!%.*s", (int)strcspn(record->fault, ";"), record->fault);
	for (unsigned i = 0; i < record->count; i++) {
		buf_append_char(out, i == 0 ? ':' : '|');
		buf_append_str(out, record->fields[i]);
	}
	buf_append_char(out, ';');
	return 0;
}

static void check_records(const char *text, size_t length, const char *expected)
{
	char empty[] = "";
	union {
		const char *ours;
		void *theirs;
	} memory = { .ours = text };
	FILE *stream = length > 0 ? fmemopen(memory.theirs, length, "r") : fmemopen(empty, 1, "r");
	struct buf out = { 0 };

	if (length == 0)
		(void)fgetc(stream);
	assert_int_equal(csv_file_read(stream, describe_record, &out), 0);
	assert_string_equal(out.data != NULL ? out.data : "", expected);
	buf_free(&out);
	fclose(stream);
}

static void test_records(void **state)
{
	static const struct {
		const char *text, *records;
	} rows[] = {
		{ "", "" },
		{ "a", "1:a;" },
		{ "a,b\n", "1:a|b;" },
		{ "a,b\r\nc,d\r\n", "1:a|b;2:c|d;" },
		{ "a,\n,b\n,\n", "1:a|;2:|b;3:|;" },
		{ "\n\na\n  \n\t\r\nb\n", "3:a;6:b;" },
		{ "\xef\xbb\xbf"
		  "a\nb",
		    "1:a;2:b;" },
		{ "\"a,\"\"b\"\"\",c\n", "1:a,\"b\"|c;" },
		{ "\"a\nb\n\nc\",d\ne,f\n", "1:a\nb\n\nc|d;5:e|f;" },
		{ "\" a \",  b  \n", "1: a |b;" },
		{ "\"\"\n", "1:;" },
		{ "a\"b,c\nd\n", "1!unexpected quotation mark;2:d;" },
		{ "\"a\"b,c\nd\n", "1!unexpected quotation mark;2:d;" },
		{ "x\n\"a\nb", "1:x;2!a closing quotation mark is missing;" },
		{ "\xc3\xa9,\xff\n", "1:\xc3\xa9|\xff;" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_records(rows[i].text, strlen(rows[i].text), rows[i].records);
	check_records("a\0b,c\n", 6, "1:a");
}

static void test_bounds(void **state)
{
	struct buf text = { 0 }, expected = { 0 };

	(void)state;
	for (int i = 0; i < CSV_FILE_FIELDS_MAX; i++)
		buf_append_text(&text, i == 0 ? "f" : ",f");
	buf_append_text(&text, ",one more\nx\n");
	check_records(text.data, text.length, "1!the line has more than 512 fields;2:x;");

	/* A quotation that is never closed must not swallow the memory with the file. */
	buf_reset(&text, 0);
	buf_append_text(&text, "x\n\"");
	for (int i = 0; i < 30000; i++)
		buf_append_text(&text, "a line of forty characters, more or less\n");
	buf_append_text(&text, "y,z\n");
	check_records(text.data, (size_t)(strstr(text.data, "a line") - text.data),
	    "1:x;2!a closing quotation mark is missing;");
	{
		FILE *stream = fmemopen(text.data, text.length, "r");

		assert_int_equal(csv_file_read(stream, describe_record, &expected), 0);
		fclose(stream);
	}
	assert_non_null(strstr(expected.data, "1:x;2!the line is longer than 1 MiB;"));
	assert_true(str_ends_with(buf_str(&expected), STR(":y|z;")));
	buf_free(&text);
	buf_free(&expected);
}

/* Not even one line does. */
static void test_long_line(void **state)
{
	size_t longest = CSV_FILE_RECORD_MAX;
	size_t length = 2 * longest + 6;
	char *text = malloc(length);
	struct buf out = { 0 };
	FILE *stream;

	(void)state;
	assert_non_null(text);
	/* One that just fits, a quotation whose second line is too long, and a short one. */
	memset(text, 'a', length);
	text[longest - 1] = '\n';
	memcpy(text + longest, "\"\n", 2);
	text[2 * longest + 3] = '\n';
	memcpy(text + 2 * longest + 4, "b\n", 2);
	stream = fmemopen(text, length, "r");
	assert_int_equal(csv_file_read(stream, describe_record, &out), 0);
	fclose(stream);
	assert_int_equal(
	    out.length, 2 + longest - 1 + 1 + strlen("2!the line is longer than 1 MiB;4:b;"));
	assert_true(str_ends_with(buf_str(&out), STR("a;2!the line is longer than 1 MiB;4:b;")));
	buf_free(&out);
	free(text);
}

static int refuse_second(void *context, const struct csv_file_record *record)
{
	unsigned *count = context;

	(void)record;
	return ++*count == 2 ? 7 : 0;
}

static void test_taker_stops(void **state)
{
	char text[] = "a\nb\nc\n";
	FILE *stream = fmemopen(text, sizeof(text) - 1, "r");
	unsigned count = 0;

	(void)state;
	assert_int_equal(csv_file_read(stream, refuse_second, &count), 7);
	assert_int_equal(count, 2);
	fclose(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_taker_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
