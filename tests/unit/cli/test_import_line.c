#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/delegates/delegates.h"
#include "cli/import_line.h"

#define FIELDS_MAX 8

static const struct import_kind persons = {
	.record = &delegate_person_record,
	.key = "clientId",
	.others = "userDefinedFields",
	.others_name_most = 255,
	.others_text_most = 40,
};

/* Without other columns. */
static const struct import_kind strict = { .record = &delegate_person_record, .key = "clientId" };

static struct value *value_of(const struct import_line *line, const char *member)
{
	return &line->row->values[resource_field(&delegate_person_resource, member)];
}

/* Splits "a|b" into a record; "\xff" and all else stays as it is. */
static struct csv_file_record record_of(const char *text, struct str fields[FIELDS_MAX])
{
	struct csv_file_record record = { .line = 7, .fields = fields };
	struct str rest = str_from(text);

	while (record.count < FIELDS_MAX && str_next(&rest, '|', &fields[record.count]))
		record.count++;
	return record;
}

static void test_header(void **state)
{
	static const struct {
		const char *text, *reason;
		const struct import_kind *kind;
	} rows[] = {
		{ "clientId", NULL, &persons },
		{ "CLIENTID|ClientCode| firstname "
		  "|lastName|birthDate|phoneNumber|Language|language",
		    NULL, &persons },
		{ "clientCode|firstName", "the column clientId is missing", &persons },
		{ "clientId||x", "column 2 has no name", &persons },
		{ "clientId|clientid", "the column clientid appears twice", &persons },
		{ "clientId|a|a", "the column a appears twice", &persons },
		{ "clientId|\xff", "the name of column 2 is not valid UTF-8", &persons },
		{ "clientId|phoneNumber", NULL, &strict },
		{ "clientId|language", "there is no column language", &strict },
		/* Members that no cell can hold, and hidden ones, are none. */
		{ "clientId|userDefinedFields", "there is no column userDefinedFields", &strict },
		{ "clientId|updatedAt", "there is no column updatedAt", &strict },
	};
	struct arena *arena = arena_new(65536, 1 << 20);
	struct import_header *header = malloc(sizeof(*header));

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct str fields[FIELDS_MAX];
		struct csv_file_record record = record_of(rows[i].text, fields);
		const char *reason = import_read_header(arena, rows[i].kind, &record, header);

		if (rows[i].reason == NULL)
			assert_null(reason);
		else
			assert_string_equal(reason, rows[i].reason);
	}
	free(header);
	arena_free(arena);
}

/* All faults as "column reason;". */
static const char *describe_faults(const struct import_line *line)
{
	static char text[1000];
	size_t length = 0;

	text[0] = '\0';
	assert_int_equal(line->refused, line->faults != NULL);
	for (const struct import_fault *f = line->faults; f != NULL; f = f->next)
		length += (size_t)snprintf(
		    text + length, sizeof(text) - length, "%s %s;", f->column, f->reason);
	return text;
}

/* The same, or the user-defined fields when there is none. */
static const char *describe(const struct import_line *line)
{
	static char text[1000];

	if (line->faults != NULL)
		return describe_faults(line);
	snprintf(text, sizeof(text), STR_FORMAT,
	    STR_ARGUMENTS(value_of(line, "userDefinedFields")->text));
	return text;
}

static void test_read(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "1|C|F|2000-02-29|en|x", "{\"Language\":\"en\",\"Note\":\"x\"}" },
		{ "2147483647||||\xc3\xa9|", "{\"Language\":\"\xc3\xa9\",\"Note\":null}" },
		{ "1||||say \"hi\"|a\\b\n",
		    "{\"Language\":\"say \\\"hi\\\"\",\"Note\":\"a\\\\b\"}" },
		{ "1||||x|a123456789b123456789c123456789d123456789e",
		    "Note is longer than 40 characters (41);" },
		{ "1||a\x01|||", "firstName contains a character that cannot be stored (U+0000 to "
				 "U+001F without tab and line ends, U+FFFE, U+FFFF);" },
		{ "1", " the line has 1 fields, but the header has 6;" },
		{ "0|||||x", "ClientId must be an integer from 1 to 2147483647;" },
		{ "2147483648|||||x", "ClientId must be an integer from 1 to 2147483647;" },
		{ "1.0|||||x", "ClientId must be an integer from 1 to 2147483647;" },
		{ "|||2001-02-29||x",
		    "ClientId is required;birthDate must be a date such as 2026-01-31;" },
		{ "1||\xff||\xfe|x", "firstName is not valid UTF-8;Language is not valid UTF-8;" },
		{ "1|a123456789b123456789c123456789d123456789e123456789f123456789g123||||x",
		    "{\"Language\":null,\"Note\":\"x\"}" },
		{ "1|a123456789b123456789c123456789d123456789e123456789f123456789g1234||||x",
		    "clientCode must be text of at most 64 characters;" },
	};
	struct arena *arena = arena_new(65536, 1 << 20);
	struct import_header *header = malloc(sizeof(*header));
	struct str fields[FIELDS_MAX];
	struct csv_file_record names =
	    record_of("ClientId|clientCode|firstName|birthDate|Language|Note", fields);
	struct import_line line;

	(void)state;
	assert_null(import_read_header(arena, &persons, &names, header));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct csv_file_record record = record_of(rows[i].text, fields);

		import_read_line(arena, header, &record, &line);
		assert_string_equal(describe(&line), rows[i].expected);
		assert_int_equal(line.line, 7);
	}
	import_read_line(arena, header,
	    &(const struct csv_file_record){ .line = 3, .fault = "it is broken" }, &line);
	assert_string_equal(describe(&line), " it is broken;");
	free(header);
	arena_free(arena);
}

static void test_values(void **state)
{
	struct arena *arena = arena_new(65536, 1 << 20);
	struct import_header *header = malloc(sizeof(*header));
	struct str fields[FIELDS_MAX];
	struct csv_file_record names =
	    record_of("clientId|clientCode|firstName|lastName|birthDate|phoneNumber", fields);
	struct csv_file_record record;
	struct import_line line;

	(void)state;
	assert_null(import_read_header(arena, &persons, &names, header));
	assert_false(header->others);
	record = record_of("12| C1 |Ann||1970-01-02|", fields);
	import_read_line(arena, header, &record, &line);
	assert_null(line.faults);
	assert_true(str_equal(line.key, STR("12")));
	assert_int_equal(value_of(&line, "clientId")->integer, 12);
	assert_true(str_equal(value_of(&line, "clientCode")->text, STR("C1")));
	assert_true(str_equal(value_of(&line, "firstName")->text, STR("Ann")));
	assert_true(value_of(&line, "lastName")->null);
	assert_int_equal(value_of(&line, "birthDate")->integer, 86400 * MICROSECONDS_PER_SECOND);
	assert_true(value_of(&line, "phoneNumber")->null);
	/* What the file does not have stays as it is. */
	assert_false(row_has(
	    line.row, (unsigned)resource_field(&delegate_person_resource, "userDefinedFields")));
	free(header);
	arena_free(arena);
}

/* Any resource: numbers, words, and what must not be empty, by its own rows. */
static void test_groups(void **state)
{
	static const struct import_kind groups = { .record = &delegate_group_record, .key = "id" };
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "7|North|1|3", "" },
		{ "7|North|Facility|", "" },
		{ "7||0|", "name is required;" },
		{ "x|North|2|1.5", "id must be an integer from -2147483648 to 2147483647;tenantId "
				   "must be an integer from -2147483648 to 2147483647;groupType "
				   "must be Family or Facility;" },
	};
	struct arena *arena = arena_new(65536, 1 << 20);
	struct import_header *header = malloc(sizeof(*header));
	struct str fields[FIELDS_MAX];
	struct csv_file_record record = record_of("id|name|groupType|tenantId", fields);
	struct import_line line;

	(void)state;
	assert_null(import_read_header(arena, &groups, &record, header));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		record = record_of(rows[i].text, fields);
		import_read_line(arena, header, &record, &line);
		assert_string_equal(describe_faults(&line), rows[i].expected);
	}
	free(header);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
